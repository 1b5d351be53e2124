"""One risk run as the exits see it: its statistics one by one, and the words that go with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assumptions import RiskRun
from reports.record.report import Report
from valuation.paths.risk_figures import PERCENTILES as SHARES
from valuation.paths.risk_figures import TAIL, Distribution
from valuation.paths.risk_summary import HIDDEN, VALUE, RiskSummary
from valuation.statistics.intervals import Estimate
from valuation.statistics.streaming import EXACT, Streamed

EXISTS, MEAN, SHARE = "exists", "mean", "share"
VALUE_AT_RISK, TAIL_MEAN = (f"{name}_{TAIL:.0%}".rstrip("%") for name in ("value_at_risk", "tail_mean"))
PERCENTILES = tuple(f"p{share:.0%}".rstrip("%") for share in SHARES)
RETIREMENT = "retirement_months"
PEAK_AT, IMPAIRED, IMPAIRED_BY = "peak_write_down_at", "impaired_at", "impaired_by"
AGAINST_BASE = "against_base"


@dataclass(frozen=True)
class Statistic:
    """One statistic with its error.

    Attributes
    ----------
    name : str
        Which.
    value, standard_error, low, high : float
        It, its standard error and the ends of its interval; infinite for never, NaN for unknown.
    paths : int
        Paths behind it.
    method : str
        ``exact``, or ``histogram`` where it was read off bins.
    bin_error : float
        Largest distance that bins may have moved it by.
    """

    name: str
    value: float
    standard_error: float
    low: float
    high: float
    paths: int
    method: str = EXACT
    bin_error: float = 0.0


@dataclass(frozen=True)
class Row:
    """A statistic and what it is one of.

    Attributes
    ----------
    scenario, figure : str
        Scenario and outcome.
    about : str
        Generation, month end, fiscal year, or nothing.
    condition : str
        What is given; the difference to the base counts as one. Empty for all paths.
    statistic : Statistic
        The figure.
    """

    scenario: str
    figure: str
    about: str
    condition: str
    statistic: Statistic


@dataclass(frozen=True)
class Cell:
    """Share of the paths in one cell of the joint table.

    Attributes
    ----------
    scenario : str
        Scenario.
    write_down, slip : tuple of (float or None)
        Ends of the cell, None where it is open: a share of the carrying amount at the as-of date, and months.
    share : Statistic
        Of all paths.
    """

    scenario: str
    write_down: tuple[float | None, float | None]
    slip: tuple[float | None, float | None]
    share: Statistic


@dataclass(frozen=True)
class RiskReport:
    """Everything the exits print of a risk run.

    Attributes
    ----------
    report : Report
        The same run without chance.
    run : RiskRun
        The paths.
    """

    report: Report
    run: RiskRun

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, the base first."""
        return tuple(scenario.name for scenario in self.report.scenarios)

    @property
    def ledger(self) -> str:
        """Books whose write-downs are measured."""
        assert self.run.sampling.ledger is not None  # named by the run
        return self.run.sampling.ledger

    @property
    def methods(self) -> dict[str, str]:
        """Ways in which percentiles were read, alike in all scenarios."""
        return self.run.summaries[0].methods()

    def stock_dates(self, found: RiskSummary) -> tuple[str, ...]:
        """Days of the stocks of a scenario: the as-of date and the fiscal year-ends after it."""
        return tuple(self.report.bound_dates[bound].isoformat() for bound in found.bounds.tolist())

    def flow_years(self, found: RiskSummary) -> tuple[str, ...]:
        """Fiscal years that end with these days; the first is counted from the as-of date on."""
        years = self.report.results.inputs.timeline.fiscal_year_of_bound
        return tuple(str(year) for year in years[found.bounds[1:]].tolist())

    def periods(self, found: RiskSummary, figure: str) -> tuple[str, ...]:
        """Days or fiscal years of a figure by year."""
        return self.flow_years(found) if figure == HIDDEN else self.stock_dates(found)

    def days_shown(self, found: RiskSummary) -> list[date]:
        """Days of the stocks up to the first after which hardly any path has anything left."""
        highest = found.by_year[VALUE].percentiles.estimate.value[-1].tolist()
        worth = [place for place, value in enumerate(highest) if value > 0.0]
        shown = max(worth, default=0) + 2  # the last one with anything, and the one after it
        return [self.report.bound_dates[bound] for bound in found.bounds.tolist()[:shown]]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every statistic but those of the joint table."""
        return tuple(
            row for name, found in zip(self.names, self.run.summaries, strict=True) for row in self._of(name, found)
        )

    def _of(self, name: str, found: RiskSummary) -> Iterator[Row]:
        yield from self._of_all_paths(name, found)
        for condition, met in found.conditions.items():
            yield Row(name, condition, "", "", one(SHARE, met.share))
            for figure, spread in met.figures.items():
                yield from _rows((name, figure, "", condition), spread)
        for figure, spread in found.against_base.items():
            periods = self.periods(found, figure) if figure == HIDDEN else ("",)
            for place, period in enumerate(periods):
                yield from _rows((name, figure, period, AGAINST_BASE), spread, place if period else None)

    def _of_all_paths(self, name: str, found: RiskSummary) -> Iterator[Row]:
        for figure, spread in found.figures.items():
            yield from _rows((name, figure, "", ""), spread)
        for group, spread in found.retirement.items():
            yield from _rows((name, RETIREMENT, self.report.group_name(group), ""), spread)
        for figure, spread in found.by_year.items():
            for place, period in enumerate(self.periods(found, figure)):
                yield from _rows((name, figure, period, ""), spread, place)
        for figure, shares in ((PEAK_AT, found.peak_at), (IMPAIRED, found.impaired), (IMPAIRED_BY, found.impaired_by)):
            for place, period in enumerate(self.stock_dates(found)):
                yield Row(name, figure, period, "", one(SHARE, shares.at(place)))

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Joint tables of peak write-down and landing."""
        return tuple(
            cell for name, found in zip(self.names, self.run.summaries, strict=True) for cell in _cells(name, found)
        )


def statistics(spread: Distribution, place: int | None = None) -> tuple[Statistic, ...]:
    """Statistics of an outcome, of one year where it is one by year.

    Parameters
    ----------
    spread : Distribution
        Of the outcome.
    place : int, optional
        Which year.
    """
    found = [one(EXISTS, _at(spread.exists, place)), _read(MEAN, spread.mean, place)]
    for number, name in enumerate(PERCENTILES):
        part = spread.percentiles
        single = Streamed(part.estimate.at(number), part.method, part.error[number])
        found.append(_read(name, single, place))
    if spread.value_at_risk is not None and spread.tail_mean is not None:
        found.append(_read(VALUE_AT_RISK, spread.value_at_risk, place))
        found.append(_read(TAIL_MEAN, spread.tail_mean, place))
    return tuple(found)


def one(name: str, found: Estimate, method: str = EXACT, bin_error: float = 0.0) -> Statistic:
    """A single estimate."""
    value, error, low, high = (float(part) for part in found.parts())
    return Statistic(name, value, error, low, high, found.paths, method, bin_error)


def _read(name: str, found: Streamed, place: int | None) -> Statistic:
    error = found.error if place is None else found.error[place]
    return one(name, _at(found.estimate, place), found.method, float(error))


def _at(found: Estimate, place: int | None) -> Estimate:
    return found if place is None else found.at(place)


def _rows(about: tuple[str, str, str, str], spread: Distribution, place: int | None = None) -> Iterator[Row]:
    for each in statistics(spread, place):
        yield Row(*about, each)


def _cells(name: str, found: RiskSummary) -> Iterator[Cell]:
    if found.joint is None:
        return
    heights, widths = (_bins(edges.tolist()) for edges in (found.joint.write_down_edges, found.joint.slip_edges))
    for row, height in enumerate(heights):
        for column, width in enumerate(widths):
            yield Cell(name, height, width, one(SHARE, found.joint.shares.at(row).at(column)))


def _bins(edges: list[float]) -> list[tuple[float | None, float | None]]:
    return list(zip([None, *edges], [*edges, None], strict=True))
