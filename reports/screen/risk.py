"""What a terminal shows of a risk run: outcomes with their errors, by year, by generation, and on conditions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assumptions.risk.drawn import REPAIRED
from reports.record import risk_words as words
from reports.record.display import EXACT as CENTS
from reports.record.display import MISSING, Scale, rate, scale
from reports.record.report import at_case
from reports.record.risk import MEAN, PERCENTILES, TAIL_MEAN, RiskReport, Statistic, one, statistics
from reports.record.risk_words import CONDITIONS, NEVER, SAMPLERS, between, how_read, outcome_of_target
from reports.screen.console import screen
from reports.screen.tables import titled
from valuation.paths.risk_figures import Distribution
from valuation.paths.risk_summary import (
    CARRYING,
    HIDDEN,
    IRR,
    NPV,
    PEAK,
    PEAK_MONTHS,
    RENT,
    T50,
    T90,
    T100,
    VALUE,
)
from valuation.precision import DOUBLE
from valuation.statistics.intervals import Estimate

SHOWN_YEARS = 8
"""Fiscal year-ends on the screen; the files have all of them."""
NEVER_OR_NONE = "never\nor none"
HEADINGS = {"p5": "5 %", "p25": "25 %", "p50": "median", "p75": "75 %", "p95": "95 %", MEAN: "mean"}
TAIL_HEADING = "worst 5 %\nmean loss"
MONTH_ROWS = {
    PEAK_MONTHS: "its date",
    T50: "half of cost lost by",
    T90: "nine tenths lost by",
    T100: "all of it by",
}
MEANING = (
    "Worst 5 %: the mean loss on the worst twentieth of the paths (CVaR 95); a loss below zero is a gain. "
    f"{words.LOST} Never: not before the end of the horizon."
)

THOUSANDS, FROM_THOUSANDS = Scale("USD k", 3, 1), 1e5
FINE = Scale("USD", 0, 4)
LABEL = 14
"""Least width of the first column."""

Spell = Callable[[float], str]


def print_risk(found: RiskReport, stream: TextIO) -> None:
    """Print a risk run.

    Parameters
    ----------
    found : RiskReport
        The run.
    stream : TextIO
        Where to.
    """
    report, console = found.report, screen(stream)
    console.print(Text(report.title, style="bold"))
    told = f"as of {report.as_of.isoformat()}, {report.currency}, inputs and what is random {found.run.digest[:12]}"
    console.print(Text(told, "dim"))
    for line in how(found):
        console.print(Text(line))
    shown = [against_base(found)]
    for case in range(len(found.names)):
        shown += [
            outcomes(found, case),
            years(found, case),
            hidden(found, case),
            retirement(found, case),
            conditions(found, case),
            joint(found, case),
        ]
    for table in shown:
        if table is not None:
            console.print(Padding(table, (1, 0, 0, 0)))
    console.print(Padding(Text(MEANING), (1, 0, 0, 0)))
    console.print(Text(words.WHY_NOT_THE_SAME))


def how(found: RiskReport) -> list[str]:
    """How the paths were drawn, where errors come from, and whether the run stopped early."""
    run, asked = found.run, found.run.sampling
    if asked.replicates > 1:
        drawn = f"{run.paths:,} paths: {SAMPLERS[asked.sampler]}, {asked.replicates} times {run.paths_each:,}"
        errors = f"from what the {asked.replicates} differ by"
    else:
        drawn, errors = f"{run.paths:,} {SAMPLERS[asked.sampler]}", "from what the paths differ by"
    lines = [
        f"{drawn}, seed {asked.seed}. Percentiles {how_read(found)}.",
        f"± is the standard error, {errors}; 95 % intervals are in the files.",
        f"Books: {found.report.ledger_title(found.ledger)}.",
    ]
    if asked.precision != DOUBLE:
        lines.append(f"Rents and what is expected of them are in {asked.precision} precision.")
    if run.reached is not None:
        lines.append(f"Asked for {outcome_of_target(run)}.")
    if run.repaired:
        lines.append(REPAIRED.format(run.repaired))
    return lines


def outcomes(found: RiskReport, case: int) -> Table:
    """What the paths of a scenario come to: one number a path."""
    figures, returns = found.run.summaries[case].figures, found.report.results.returns
    unit = _scale(figures[name] for name in (NPV, PEAK))
    table = titled(f"What the paths come to ({found.names[case]})", gap=1)
    table.add_column("", min_width=LABEL)
    _columns(table, "without\nchance", *(HEADINGS[name] for name in (MEAN, *PERCENTILES)), TAIL_HEADING, NEVER_OR_NONE)
    sure = unit.signed(float(at_case(returns.npv, case)))
    _spread(table, f"NPV, {unit.name}", figures[NPV], unit.signed, unit.amount, before=sure)
    sure = rate(float(at_case(returns.irr, case)))
    _spread(table, "IRR a year", figures[IRR], rate, rate, before=sure, last=_missing(figures[IRR]))
    _spread(table, f"largest write-\ndown, {unit.name}", figures[PEAK], unit.amount, unit.amount)
    for name, label in MONTH_ROWS.items():
        _spread(table, label, figures[name], _month(found), _months, last=_missing(figures[name]))
    table.caption = f"{words.WRITE_DOWNS} ± of dates in months."
    return table


def years(found: RiskReport, case: int) -> Table:
    """Value against the books at the year-ends, rents, and the chance of impairment."""
    summary = found.run.summaries[case]
    by_year, days = summary.by_year, found.stock_dates(summary)[:SHOWN_YEARS]
    unit, hourly = _scale([by_year[VALUE], by_year[CARRYING]]), _rents(by_year[RENT])
    table = titled(f"Value in exchange against the books ({found.names[case]}, {unit.name}; rents in USD/h)", gap=1)
    table.add_column("", min_width=LABEL)
    short = ("5 %", "median", "95 %")
    _columns(table, *(f"value\n{each}" for each in short), "books\nmean", *(f"rent\n{each}" for each in short))
    _columns(table, "impaired\nthen", "by\nthen")
    for row, day in enumerate(days):
        value, rent = (_chosen(by_year[name], row, ("p5", "p50", "p95")) for name in (VALUE, RENT))
        (books,) = _chosen(by_year[CARRYING], row, (MEAN,))
        table.add_row(
            day,
            *(_cell(each, unit.amount, unit.amount) for each in (*value, books)),
            *(_cell(each, hourly.amount, hourly.amount) for each in rent),
            *(_share(part, row) for part in (summary.impaired, summary.impaired_by)),
        )
    table.caption = words.IMPAIRED
    return table


def hidden(found: RiskReport, case: int) -> Table:
    """Hidden depreciation by fiscal year."""
    summary = found.run.summaries[case]
    spread, listed = summary.by_year[HIDDEN], found.flow_years(summary)[:SHOWN_YEARS]
    unit = _scale([spread])
    table = titled(f"Hidden depreciation by fiscal year ({found.names[case]}, {unit.name})", gap=1)
    table.add_column("", min_width=LABEL)
    _columns(table, *(HEADINGS[name] for name in (MEAN, *PERCENTILES)), TAIL_HEADING)
    for row, year in enumerate(listed):
        chosen = _chosen(spread, row, (MEAN, *PERCENTILES, TAIL_MEAN))
        table.add_row(f"FY{year}", *(_cell(each, unit.signed, unit.amount) for each in chosen))
    table.caption = words.HIDDEN_BY_YEAR
    return table


def retirement(found: RiskReport, case: int) -> Table | None:
    """Month in which the last devices of each generation retire."""
    summary = found.run.summaries[case]
    if not summary.retirement:
        return None
    table = titled(f"The last devices retire ({found.names[case]})", gap=1)
    table.add_column("", min_width=LABEL)
    _columns(table, *(HEADINGS[name] for name in (MEAN, *PERCENTILES)), NEVER)
    for group, spread in summary.retirement.items():
        name = found.report.group_name(group)
        _spread(table, name, spread, _month(found), _months, last=_missing(spread), tail=False)
    table.caption = f"± in months. {words.RETIREMENT}"
    return table


def conditions(found: RiskReport, case: int) -> Table | None:
    """Outcomes of all paths, and of those on which something happens."""
    summary = found.run.summaries[case]
    if not summary.conditions:
        return None
    unit = _scale(summary.figures[name] for name in (NPV, PEAK))
    table = titled(f"Given that it happens ({found.names[case]}, {unit.name})", gap=1)
    table.add_column("", min_width=LABEL)
    _columns(table, "share of\npaths", "NPV\nmean", "NPV\n5 %", "NPV\nmedian", "largest\nwrite-down,\nmean")
    _columns(table, "half lost\nmedian", "nine tenths\nlost\nmedian")
    listed = {"all paths": (Text("100.0%"), summary.figures)}
    for name, met in summary.conditions.items():
        listed[CONDITIONS[name]] = _estimate_share(met.share), met.figures
    for label, (share, figures) in listed.items():
        npv = _chosen(figures[NPV], None, (MEAN, "p5", "p50"))
        lost = [_chosen(figures[name], None, ("p50",))[0] for name in (T50, T90)]
        table.add_row(
            label,
            share,
            *(_cell(each, unit.signed, unit.amount) for each in npv),
            _cell(_chosen(figures[PEAK], None, (MEAN,))[0], unit.amount, unit.amount),
            *(_cell(each, _month(found), _months) for each in lost),
        )
    table.caption = words.GIVEN
    return table


def joint(found: RiskReport, case: int) -> Table | None:
    """Share of the paths by largest write-down and by how early or late parts land."""
    cells = [cell for cell in found.cells if cell.scenario == found.names[case]]
    if not cells:
        return None
    slips = list(dict.fromkeys(cell.slip for cell in cells))
    table = titled(f"Largest write-down against landings ({found.names[case]}, share of the paths)", gap=1)
    table.add_column("write-down, share of\nthe books as of today")
    _columns(table, *(between(low, high, _whole, "months") for low, high in slips))
    for height in dict.fromkeys(cell.write_down for cell in cells):
        row = [cell.share for cell in cells if cell.write_down == height]
        table.add_row(between(*height, _percent, ""), *(_cell(each, rate, rate) for each in row))
    table.caption = words.SLIPS
    return table


def against_base(found: RiskReport) -> Table | None:
    """Differences of the scenarios to the base on the same draws; none where there is the base alone."""
    if len(found.names) == 1:
        return None
    spreads = [summary.against_base for summary in found.run.summaries[1:]]
    unit = _scale(spread[name] for spread in spreads for name in (NPV, PEAK))
    table = titled(f"What a scenario changes, path by path on the same draws ({unit.name})", gap=1)
    table.add_column("scenario", overflow="fold")
    _columns(table, *(f"NPV\n{each}" for each in ("mean", "5 %", "median", "95 %")))
    _columns(table, *(f"largest\nwrite-down\n{each}" for each in ("mean", "5 %", "95 %")))
    for name, spread in zip(found.names[1:], spreads, strict=True):
        listed = (
            *_chosen(spread[NPV], None, (MEAN, "p5", "p50", "p95")),
            *_chosen(spread[PEAK], None, (MEAN, "p5", "p95")),
        )
        table.add_row(name.replace("+", " + "), *(_cell(each, unit.signed, unit.amount) for each in listed))
    return table


def _spread(
    table: Table,
    label: str,
    found: Distribution,
    spell: Spell,
    error: Spell,
    *,
    before: str | None = None,
    last: Text | None = None,
    tail: bool = True,
) -> None:
    """One outcome as a row: every statistic over its standard error."""
    listed = {each.name: each for each in statistics(found)}
    cells = [_cell(listed[name], spell, error) for name in (MEAN, *PERCENTILES)]
    if tail:
        worst = _cell(listed[TAIL_MEAN], error, error) if TAIL_MEAN in listed else Text()
        cells = [Text(before or MISSING), *cells, worst]
    table.add_row(label, *cells, last or Text())


def _chosen(found: Distribution, place: int | None, names: Sequence[str]) -> list[Statistic]:
    listed = {each.name: each for each in statistics(found, place)}
    return [listed[name] for name in names]


def _cell(found: Statistic, spell: Spell, error: Spell) -> Text:
    """A figure over its standard error."""
    if found.value == math.inf:
        return Text(NEVER)
    value = MISSING if math.isnan(found.value) else spell(found.value)
    doubt = f"±{error(found.standard_error)}" if math.isfinite(found.standard_error) else MISSING
    return Text.assemble(value, "\n", (doubt, "dim"))


def _share(found: Estimate, row: int) -> Text:
    return _estimate_share(found.at(row))


def _estimate_share(found: Estimate) -> Text:
    return _cell(one("", found), rate, rate)


def _missing(found: Distribution) -> Text:
    """Share of paths without the outcome, over its error."""
    return _estimate_share(found.missing)


def _month(found: RiskReport) -> Spell:
    """Months from the as-of date as a month of the calendar."""
    dates, as_of = found.report.bound_dates, found.report.results.inputs.timeline.as_of

    def spelt(months: float) -> str:
        return dates[as_of + int(f"{months:.0f}")].strftime("%Y-%m")

    return spelt


def _months(length: float) -> str:
    return f"{length:.1f}"


def _whole(number: float) -> str:
    return f"{number:.0f}"


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _scale(spreads: Iterable[Distribution]) -> Scale:
    """Unit in which the figures of some outcomes are short."""
    largest = _largest(spreads)
    found = scale([largest])
    return THOUSANDS if found.shift == 0 and largest >= FROM_THOUSANDS else found


def _rents(found: Distribution) -> Scale:
    """Unit of rents: with more decimals where all are cents."""
    return FINE if _largest([found]) < 1.0 else CENTS


def _largest(spreads: Iterable[Distribution]) -> float:
    parts = [part for spread in spreads for part in (spread.mean, spread.percentiles)]
    values = (value for part in parts for value in part.estimate.value.ravel().tolist())
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)


def _columns(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
