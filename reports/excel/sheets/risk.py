"""The sheet of a risk run: what random paths come to by scenario, every figure with its error, and pictures of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assumptions.risk.drawn import REPAIRED
from reports.excel.plan.layout import LABEL, Context, head, headings, section
from reports.excel.plan.outline import RISK
from reports.excel.sheets.risk_pictures import CHART_ROWS, draw_scenario
from reports.excel.sheets.risk_rows import (
    FIRST,
    FLAG_ROW,
    MEASURE,
    MONTHS,
    RATE,
    ROWS,
    SHARE,
    Figure,
    Measure,
    flag,
    money,
    paragraph,
    watch,
    write_figures,
)
from reports.excel.writing.writer import Sheet
from reports.record import risk_words as words
from reports.record.report import at_case
from reports.record.risk import (
    EXISTS,
    MEAN,
    PERCENTILES,
    TAIL_MEAN,
    VALUE_AT_RISK,
    RiskReport,
    Statistic,
    one,
    statistics,
)
from reports.record.risk_words import CONDITIONS, SAMPLERS, between, how_read, outcome_of_target
from valuation.paths.risk_figures import Distribution
from valuation.paths.risk_summary import (
    CARRYING,
    HIDDEN,
    IRR,
    NPV,
    PEAK,
    PEAK_MONTHS,
    T50,
    T90,
    T100,
    VALUE,
    RiskSummary,
)
from valuation.statistics.intervals import LEVEL

COLUMNS = 10
LAST = FIRST + COLUMNS - 1
WIDTHS = (1.5, 36, 24, 18, *[13] * (COLUMNS - 1), 3)
TEXT_WIDTH = 200
WORKINGS = LAST + 2
PAGE_ROWS = 98  # on a printed page
PERCENT_HEADINGS = ("5 %", "25 %", "median", "75 %", "95 %")
SPREAD = ("mean", *PERCENT_HEADINGS)
LOSSES = ("value at risk 95 % (loss)", "worst 5 %: mean loss")
MONTH_LABELS = {
    PEAK_MONTHS: "Month of the largest write-down",
    T50: "Half of cost is lost",
    T90: "Nine tenths of cost are lost",
    T100: "All of cost is lost",
}
WHAT_FIGURES = (
    "Without chance: the figure of the other sheets. Percentiles: 5 % of the paths lie below the first, 5 % above the "
    "last. A loss below zero is a gain. Never: not before the end of the horizon. "
    f"{words.LOST} {words.WRITE_DOWNS} {words.WHY_NOT_THE_SAME}"
)
WHAT_YEARS = (
    f"{words.IMPAIRED} Years after which hardly any path has anything left are in tables/risk.csv, with rents by year."
)
WHAT_JOINT = f"{words.SLIPS} Rows: largest write-down as a share of the books at the as-of date."
WHAT_AGAINST = "Each path under the scenario less the same path in the base: the draws are the same, so is their luck."


class Block(NamedTuple):
    """A table: its heading, the headings of its columns, its rows, and what must be known to read it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[tuple[str, str], Sequence[Figure]]]
    note: str


def build_risk(context: Context) -> None:
    """Write the sheet."""
    sheet, pages = context.sheet(RISK), context.risk_pages
    sheet.widths(WIDTHS)
    sheet.widths([14] * 8, WORKINGS)
    head(context, sheet, "USD million; every scenario of the run stands below", state=MEASURE, apart=FIRST + 2)
    row, works = _facts(sheet, FLAG_ROW + 2, pages.found), FLAG_ROW + 2
    paper = _Paper()
    for case in range(len(pages.found.names)):
        if case:
            paper.turn(row)
        row, works = _scenario(context, sheet, (row, works), (case, paper))
    marks = watch(context, sheet, works, WORKINGS)
    flag(context, sheet, marks)
    context.spans["numbers changed"] = marks
    sheet.freeze(FLAG_ROW + 1, MEASURE)
    sheet.print_on((0, 0, row - 1, LAST), (1, 0), landscape=False, paper="large")
    sheet.breaks(paper.breaks)


def _facts(sheet: Sheet, row: int, found: RiskReport) -> int:
    """How the paths were drawn; returns the next free row."""
    section(sheet, row, "How the paths were drawn, and how far off the figures may be", (LABEL, LAST))
    for offset, (label, text) in enumerate(facts(found), start=1):
        sheet.text(row + offset, LABEL, label, "label_bold")
        sheet.merged(row + offset, (MEASURE, LAST), text)
    return row + offset + 2


def facts(found: RiskReport) -> Iterator[tuple[str, str]]:
    """Facts of a risk run, each with its name.

    Parameters
    ----------
    found : RiskReport
        The run.
    """
    run, asked = found.run, found.run.sampling
    several = asked.replicates > 1
    yield "Paths of each scenario", f"{run.paths:,}, the same draws in all scenarios"
    yield "Sampler", f"{SAMPLERS[asked.sampler]} ({asked.sampler})"
    yield "Seed", str(asked.seed)
    yield "Precision", f"{asked.precision}; books, cash and statistics double"
    apart = "paths differ by" if not several else f"{asked.replicates} replicates differ by"
    yield (
        "Independent scramblings",
        f"{asked.replicates}, each of {run.paths_each:,} paths" if several else "none: paths are independent",
    )
    yield "Standard errors", f"from what the {apart}; the intervals hold {LEVEL:.0%}, and more paths narrow them"
    yield "Percentiles", how_read(found)
    yield "Books", found.report.ledger_title(found.ledger)
    yield "Inputs and what is random", f"fingerprint {run.digest}"
    if run.reached is not None:
        yield "Error asked for", outcome_of_target(run)
    if run.repaired:
        yield "Correlations", REPAIRED.format(run.repaired)
    yield "Source", "obsolesce simulate; all figures also in results.json, tables/risk.csv and tables/risk_joint.csv"


@dataclass
class _Paper:
    """Where printed pages begin, so that no table is cut that fits on one."""

    breaks: list[int] = field(default_factory=list)
    top: int = 0

    def turn(self, row: int) -> None:
        """Begin a page at a row."""
        self.breaks.append(row)
        self.top = row

    def place(self, row: int, last: int) -> None:
        """Begin a page at a row if what stands from there to another one does not fit on this one."""
        if last > self.top + PAGE_ROWS:
            self.turn(row)


def _scenario(context: Context, sheet: Sheet, rows: tuple[int, int], which: tuple[int, _Paper]) -> tuple[int, int]:
    """All of one scenario; returns the next free rows, of the sheet and of the workings."""
    (case, paper), found = which, context.risk_pages.found
    summary, title = found.run.summaries[case], found.report.scenarios[case].title
    row, works = rows
    sheet.text(row, LABEL, f"Scenario {found.names[case]}: {title}", "title")
    sheet.height(row, 24)
    row = _block(sheet, row + 1, outcomes(found, case))
    picture, row = row, row + CHART_ROWS + 1
    first, table = row + 2, by_year(found, summary)
    paper.place(row, first + ROWS * len(table.rows) + 2)
    row = _block(sheet, row, table)
    works = draw_scenario(context, sheet, (picture, first), (max(works, picture), WORKINGS), (found, case))
    others = [hidden(found, summary), retirement(found, summary), conditions(found, summary), joint(found, case)]
    for block in (*others, against_base(found, summary)):
        paper.place(row, row + ROWS * (1 + len(block.rows)))
        row = _block(sheet, row, block)
    return row, works


def _block(sheet: Sheet, row: int, block: Block) -> int:
    """A table; returns the next free row. A table without rows is left out."""
    if not block.rows:
        return row
    section(sheet, row, block.title, (LABEL, LAST))
    headings(sheet, row + 1, ["Figure", "Unit", *block.columns])
    for column in range(FIRST + len(block.columns), LAST + 1):
        sheet.text(row + 1, column, "", "heading")
    sheet.height(row + 1, 42)
    row += 2
    for label, figures in block.rows:
        row = write_figures(sheet, row, label, figures)
    return paragraph(sheet, row, (LABEL, LAST), block.note, TEXT_WIDTH) + 1


def spread(found: Distribution, names: Sequence[str], measure: Measure, place: int | None = None) -> list[Figure]:
    """Some statistics of an outcome.

    Parameters
    ----------
    found : Distribution
        The outcome.
    names : sequence of str
        Which; one that it does not have leaves its cells empty.
    measure : Measure
        Its unit; shares have their own.
    place : int, optional
        Which year.
    """
    listed = {each.name: each for each in statistics(found, place)}
    return [(listed.get(name), SHARE if name == EXISTS else measure) for name in names]


def outcomes(found: RiskReport, case: int) -> Block:
    """What the paths of a scenario come to: one number a path."""
    figures, returns, amount = found.run.summaries[case].figures, found.report.results.returns, money(found)
    names = (MEAN, *PERCENTILES, VALUE_AT_RISK, TAIL_MEAN, EXISTS)
    plain = (
        ("NPV", NPV, amount, float(at_case(returns.npv, case))),
        ("Internal rate of return", IRR, RATE, float(at_case(returns.irr, case))),
        ("Largest write-down", PEAK, amount, None),
        *((label, name, MONTHS, None) for name, label in MONTH_LABELS.items()),
    )
    rows = [
        ((label, measure.unit), [(sure, measure), *spread(figures[name], names, measure)])
        for label, name, measure, sure in plain
    ]
    columns = ("without chance", *SPREAD, *LOSSES, "paths that have it")
    return Block("What the paths come to", columns, rows, WHAT_FIGURES)


def by_year(found: RiskReport, summary: RiskSummary) -> Block:
    """Value against the books at the year-ends, and the chance of impairment."""
    amount, rows = money(found), []
    for place, day in enumerate(found.days_shown(summary)):
        value = spread(summary.by_year[VALUE], (MEAN, *PERCENTILES), amount, place)
        books = spread(summary.by_year[CARRYING], (MEAN,), amount, place)
        parts = (summary.impaired, summary.impaired_by, summary.peak_at)
        shares = [(one("", part.at(place)), SHARE) for part in parts]
        rows.append(((day.isoformat(), "USD million; shares"), [*value, *books, *shares]))
    columns = ("value: mean", *(f"value: {each}" for each in PERCENT_HEADINGS), "books: mean")
    more = ("books impaired then", "impaired by then", "largest write-down then")
    title = f"Value in exchange against the books ({found.report.ledger_title(found.ledger)}), and chance of impairment"
    return Block(title, (*columns, *more), rows, WHAT_YEARS)


def hidden(found: RiskReport, summary: RiskSummary) -> Block:
    """Hidden depreciation by fiscal year."""
    amount, rows = money(found), []
    for place, year in enumerate(found.flow_years(summary)[: len(found.days_shown(summary)) - 1]):
        names = (MEAN, *PERCENTILES, VALUE_AT_RISK, TAIL_MEAN)
        rows.append(((f"FY{year}", amount.unit), spread(summary.by_year[HIDDEN], names, amount, place)))
    return Block("Hidden depreciation by fiscal year", (*SPREAD, *LOSSES), rows, words.HIDDEN_BY_YEAR)


def retirement(found: RiskReport, summary: RiskSummary) -> Block:
    """Months until the last devices of each generation retire."""
    names = (MEAN, *PERCENTILES, EXISTS)
    rows = [
        ((found.report.group_name(group), MONTHS.unit), spread(each, names, MONTHS))
        for group, each in summary.retirement.items()
    ]
    columns = (*SPREAD, "paths on which they do")
    return Block("The last devices of each generation retire", columns, rows, words.RETIREMENT)


def conditions(found: RiskReport, summary: RiskSummary) -> Block:
    """Outcomes of the paths on which something happens, beside those of all paths."""
    amount, rows = money(found), []
    listed: list[tuple[str, Statistic | float, dict[str, Distribution]]] = [("All paths", 1.0, summary.figures)]
    for name, met in summary.conditions.items():
        said = CONDITIONS[name].replace("\n", " ")
        listed.append((said[0].upper() + said[1:], one("", met.share), met.figures))
    for label, share, figures in listed:
        parts = [
            *spread(figures[NPV], (MEAN, "p5", "p50", "p95"), amount),
            *spread(figures[PEAK], (MEAN, "p95"), amount),
            *(part for name in (T50, T90) for part in spread(figures[name], ("p50",), MONTHS)),
        ]
        rows.append(((label, "USD million; months"), [(share, SHARE), *parts]))
    columns = ("share of paths", *(f"NPV: {each}" for each in ("mean", "5 %", "median", "95 %")))
    more = ("write-down: mean", "write-down: 95 %", "half lost: median", "nine tenths lost: median")
    return Block("Given that it happens", (*columns, *more), rows if summary.conditions else [], words.GIVEN)


def joint(found: RiskReport, case: int) -> Block:
    """Share of the paths by largest write-down and by how early or late parts land."""
    cells = [cell for cell in found.cells if cell.scenario == found.names[case]]
    slips = [between(*slip, "{:g}".format, "months") for slip in dict.fromkeys(cell.slip for cell in cells)]
    rows = [
        (
            (between(*height, "{:.0%}".format, "of the books"), SHARE.unit),
            [(cell.share, SHARE) for cell in cells if cell.write_down == height],
        )
        for height in dict.fromkeys(cell.write_down for cell in cells)
    ]
    return Block("Largest write-down against landings: share of the paths", slips, rows, WHAT_JOINT)


def against_base(found: RiskReport, summary: RiskSummary) -> Block:
    """Differences of a scenario to the base on the same draws; no rows for the base."""
    amount, names = money(found), (MEAN, *PERCENTILES)
    labels = (("NPV, less that of the base", NPV), ("Largest write-down, less that of the base", PEAK))
    listed = [(label, summary.against_base[name]) for label, name in labels if name in summary.against_base]
    rows = [((label, amount.unit), spread(each, names, amount)) for label, each in listed]
    return Block("What the scenario changes, path by path", SPREAD, rows, WHAT_AGAINST)
