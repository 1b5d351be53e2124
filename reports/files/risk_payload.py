"""The risk block of the results: every statistic of every scenario, each with its standard error and interval."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from reports.record.risk import (
    AGAINST_BASE,
    IMPAIRED,
    IMPAIRED_BY,
    PEAK_AT,
    RETIREMENT,
    Cell,
    RiskReport,
    Row,
    Statistic,
)
from valuation.paths.risk_summary import CARRYING, HIDDEN, RENT, VALUE, RiskSummary
from valuation.statistics.intervals import LEVEL

Number = float | None
HOW_READ = "how percentiles of the figures, and of those by year, were read: exact, or histogram (bins)"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Estimated(_Part):
    """A figure and how well the paths determine it; null for a time that never comes, or for what they do not tell."""

    value: Number
    standard_error: Number
    low: Number = Field(description="lower end of the interval")
    high: Number = Field(description="upper end of the interval")
    paths: int = Field(description="paths behind it")
    bin_error: Number = Field(description="largest distance that bins may have moved it by; 0 where it is exact")


Statistics = dict[str, Estimated]
"""By name: exists (share of paths that have the outcome), mean (of those), p5 to p95, and of losses value_at_risk_95
and tail_mean_95, the mean of the worst 5 %."""
ByAbout = dict[str, Statistics]


class OnCondition(_Part):
    """Outcomes on the paths on which something happens."""

    share: Estimated
    figures: dict[str, Statistics]


class JointCell(_Part):
    """Share of the paths with a peak write-down and a mean slip of landings between two ends; null where open."""

    write_down_from: Number = Field(description="share of the carrying amount at the as-of date")
    write_down_below: Number
    slip_from_months: Number
    slip_below_months: Number
    share: Estimated


class ScenarioRisk(_Part):
    """Statistics of one scenario; months count from the as-of date, days are fiscal year-ends after it."""

    figures: dict[str, Statistics]
    retirement_months: ByAbout = Field(description="until the last devices of a generation retire")
    value_in_exchange_usd: ByAbout
    carrying_amount_usd: ByAbout
    rent_usd_per_unit_hour: ByAbout = Field(description="earned on a usual paid hour in the first segment")
    hidden_depreciation_usd: ByAbout = Field(description="by fiscal year, the first from the as-of date on")
    peak_write_down_at: Statistics = Field(description="share of paths whose largest write-down is on that day")
    impaired_at: Statistics = Field(description="share of paths whose books stand above the recoverable amount")
    impaired_by: Statistics = Field(description="the same, on that day or one before")
    conditions: dict[str, OnCondition]
    joint: list[JointCell] = Field(description="peak write-down against the mean slip of the parts still to land")
    against_base: dict[str, ByAbout] = Field(description="differences on the same draws, their errors paired")


class Target(_Part):
    """The error that was asked for."""

    statistic: str
    half_width: float
    reached: bool


class Risk(_Part):
    """A run on random paths."""

    digest: str = Field(description="fingerprint of the inputs and of what is random in them")
    seed: int
    sampler: str
    precision: str = Field(description="of rents and what is expected of them; books, cash and statistics are double")
    paths: int
    replicates: int = Field(description="independent ones; errors come from them where there are several")
    level: float = Field(description="coverage of the intervals")
    ledger: str = Field(description="books whose write-downs are measured")
    read: dict[str, str] = Field(description=HOW_READ)
    correlation_repair: float = Field(
        description="largest change made to correlations that contradict one another; 0 where none do"
    )
    target: Target | None
    scenarios: dict[str, ScenarioRisk]


def risk_block(found: RiskReport) -> Risk:
    """The risk block of a run.

    Parameters
    ----------
    found : RiskReport
        The run.
    """
    run, asked = found.run, found.run.sampling
    reached = run.reached
    target = None
    if asked.target_error is not None and reached is not None:
        target = Target(statistic=asked.target, half_width=asked.target_error, reached=reached)
    return Risk(
        digest=run.digest,
        seed=asked.seed,
        sampler=asked.sampler,
        precision=asked.precision,
        paths=run.paths,
        replicates=asked.replicates,
        level=LEVEL,
        ledger=found.ledger,
        read=found.methods,
        correlation_repair=run.repaired,
        target=target,
        scenarios={
            name: _scenario(found, name, summary)
            for name, summary in zip(found.names, found.run.summaries, strict=True)
        },
    )


def _scenario(found: RiskReport, name: str, summary: RiskSummary) -> ScenarioRisk:
    rows = [row for row in found.rows if row.scenario == name]
    plain = [row for row in rows if not row.condition]
    by_year = {
        figure: _by_about(row for row in plain if row.figure == figure) for figure in (VALUE, CARRYING, RENT, HIDDEN)
    }
    return ScenarioRisk(
        figures=_by_figure(row for row in plain if not row.about and row.figure not in summary.conditions),
        retirement_months=_by_about(row for row in plain if row.figure == RETIREMENT),
        **by_year,
        peak_write_down_at=_shares(plain, PEAK_AT),
        impaired_at=_shares(plain, IMPAIRED),
        impaired_by=_shares(plain, IMPAIRED_BY),
        conditions={condition: _condition(rows, condition) for condition in summary.conditions},
        joint=[_cell(cell) for cell in found.cells if cell.scenario == name],
        against_base={
            figure: _by_about(row for row in rows if row.condition == AGAINST_BASE and row.figure == figure)
            for figure in dict.fromkeys(row.figure for row in rows if row.condition == AGAINST_BASE)
        },
    )


def _condition(rows: list[Row], condition: str) -> OnCondition:
    (share,) = (row.statistic for row in rows if row.figure == condition and not row.condition)
    return OnCondition(share=estimated(share), figures=_by_figure(row for row in rows if row.condition == condition))


def _by_figure(rows: Iterable[Row]) -> dict[str, Statistics]:
    found: dict[str, Statistics] = {}
    for row in rows:
        found.setdefault(row.figure, {})[row.statistic.name] = estimated(row.statistic)
    return found


def _by_about(rows: Iterable[Row]) -> ByAbout:
    found: ByAbout = {}
    for row in rows:
        found.setdefault(row.about, {})[row.statistic.name] = estimated(row.statistic)
    return found


def _shares(rows: Iterable[Row], figure: str) -> Statistics:
    return {row.about: estimated(row.statistic) for row in rows if row.figure == figure}


def _cell(cell: Cell) -> JointCell:
    return JointCell(
        write_down_from=cell.write_down[0],
        write_down_below=cell.write_down[1],
        slip_from_months=cell.slip[0],
        slip_below_months=cell.slip[1],
        share=estimated(cell.share),
    )


def estimated(found: Statistic) -> Estimated:
    """A statistic, null where it is not finite."""
    return Estimated(
        value=_number(found.value),
        standard_error=_number(found.standard_error),
        low=_number(found.low),
        high=_number(found.high),
        paths=found.paths,
        bin_error=_number(found.bin_error),
    )


def _number(value: float) -> Number:
    return value if math.isfinite(value) else None
