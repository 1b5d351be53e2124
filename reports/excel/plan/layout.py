"""Where things stand: the plan of columns, the heads of the sheets, and the register of cells others refer to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from reports.excel.plan.chain import NOBODY, Chain
from reports.excel.plan.outline import BY_NAME, EXPLAINED, OF_THE_CHAIN, OF_THE_RISK_RUN
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet, Workbook
from reports.record.report import Report, at_case, month_end
from valuation.timeline import FloatArray

if TYPE_CHECKING:
    from reports.excel.plan.drawn import Drawn, RiskPages
    from reports.excel.plan.series import Series

MARGIN, LABEL, UNIT, NOTE, TOTAL, CONSTANT, OPENING, FIRST = range(8)
TITLE_ROW, STATE_ROW, YEAR_ROW, DATE_ROW, COUNTER_ROW, HEADING_ROW, FIRST_ROW = range(7)
SERIES_WIDTHS = (1.5, 48, 14, 18, 18, 16, 17)
STATE_WIDTH = 18  # of the columns that hold the master check and the stale flag
MONTH_WIDTH = 15.5
MONTHS_PER_PAGE = 16
CHARACTERS_A_UNIT = 1.25  # of width, at the size of text; notes are smaller and hold more
POINTS_A_LINE = 13.0
NOT_PUBLISHED = "n/a"
COMPACT_FROM = 60_000
ALL_PASS, AS_EXPORTED = "all checks pass", "inputs as exported"
COUNTER, YEAR, DATE = f"{{c}}${COUNTER_ROW + 1}", f"{{c}}${YEAR_ROW + 1}", f"{{c}}${DATE_ROW + 1}"


@dataclass
class Context:
    """What every sheet builder works with.

    Attributes
    ----------
    book : Workbook
        The workbook being written.
    report : Report
        The run.
    shown : int
        Scenario that the stored results belong to.
    order : tuple of int
        Cohorts in the order of the sheets, those of a reporting group together.
    origin : Report
        The run with all its sets of books, and no other.
    places : dict
        Sheet, row and column of cells that other sheets refer to, by key.
    spans : dict
        Fixed addresses of ranges that other sheets refer to, by key.
    supplies : list of Series
        What formulas of rents and values take from the program by month or by age.
    walks : dict of list
        Rows of the bars of the walk from the books to the value, by ledger.
    drawn : Drawn or None
        What was drawn at random; None without a risk run.
    pages : RiskPages or None
        The risk run; None also where only the other sheets of its workbook are laid out.
    """

    book: Workbook
    report: Report
    shown: int
    order: tuple[int, ...]
    origin: Report
    places: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    spans: dict[str, str] = field(default_factory=dict)
    supplies: list[Series] = field(default_factory=list)
    walks: dict[str, list[int]] = field(default_factory=dict)
    drawn: Drawn | None = None
    pages: RiskPages | None = None

    @property
    def risk_pages(self) -> RiskPages:
        """The risk run, on the sheets that there are with one only."""
        assert self.pages is not None  # or these sheets are not built
        return self.pages

    @property
    def as_of(self) -> int:
        """As-of bound."""
        return self.report.results.inputs.timeline.as_of

    @property
    def months(self) -> int:
        """Months after the as-of date."""
        return self.report.results.inputs.timeline.forecast_periods

    @property
    def last(self) -> int:
        """Column of the last month."""
        return FIRST + self.months - 1

    @cached_property
    def last_bound(self) -> int:
        """A year after the last bound with a device in the stock in any scenario, or the end of the grid."""
        units = self.report.results.economic.units
        used = [bound for bound in range(len(units)) if units[bound].any()]
        return min(max(used, default=0) + 12, len(units) - 1)

    @property
    def scenario(self) -> str:
        """Name of the scenario shown."""
        return self.report.scenarios[self.shown].name

    @property
    def cases(self) -> range:
        """Scenarios."""
        return range(len(self.report.scenarios))

    @property
    def ledgers_of_the_run(self) -> list[str]:
        """Sets of books that the run kept; the workbook adds one whose life its user chooses."""
        return [ledger for ledger in self.report.ledgers if ledger in self.origin.ledgers]

    @cached_property
    def compact(self) -> bool:
        """Whether single cohorts would fill so much that depreciation is kept by group only."""
        return self.of_cohorts > COMPACT_FROM

    @property
    def of_cohorts(self) -> int:
        """Formulas of single cohorts in full: leaving, units, two rows a ledger, and four of values where they live."""
        rows = 2 + 2 * len(self.report.ledgers) + (4 if self.chain.is_live else 0)
        return len(self.order) * self.months * rows

    @cached_property
    def chain(self) -> Chain:
        """What the live chain of values shows of the program's own steps."""
        return Chain(self.report, self.shown)

    def has_sheet(self, name: str) -> bool:
        """Whether the workbook has a sheet of the outline."""
        if name in OF_THE_RISK_RUN:
            return self.drawn is not None
        return self.chain.is_live or name not in OF_THE_CHAIN

    def sheet(self, name: str) -> Sheet:
        """New sheet of the outline."""
        return self.book.add_sheet(name, BY_NAME[name].kind)

    def ahead(self, array: FloatArray, case: int | None = None) -> FloatArray:
        """Entries of an array (T or T+1, ..., n) from the as-of date on, in one scenario."""
        found: FloatArray = at_case(array, self.shown if case is None else case)[self.as_of :]
        return found

    def place(self, key: str, sheet: str, row: int, column: int = OPENING) -> None:
        """Remember where a cell or a row stands."""
        self.places[key] = (sheet, row, column)

    def members(self, group: int) -> range:
        """Places of the cohorts of a group, which stand together."""
        groups = [int(self.report.results.inputs.fleet.group[cohort]) for cohort in self.order]
        first = groups.index(group)
        return range(first, first + groups.count(group))

    def span_cohorts(self, key: str, sheet: str, first: int) -> None:
        """Remember a block of cohorts, all and by group, as templates for a column; its first row counts from 1."""
        blocks = {"all": range(len(self.order))} | {
            str(group): self.members(group) for group in self.report.shown_groups
        }
        for name, places in blocks.items():
            self.spans[f"{key} {name}"] = f"{sheet}!{{x}}{first + places[0]}:{{x}}{first + places[-1]}"

    def refer(self, key: str) -> str:
        """Fixed address of a remembered cell, with its sheet."""
        sheet, row, column = self.places[key]
        return on(sheet, cell(row, column, fixed=True))

    def row(self, key: str) -> str:
        """Template for the same column of a remembered row on another sheet."""
        sheet, row, _ = self.places[key]
        return on(sheet, f"{{c}}{row + 1}")

    def months_of(self, key: str) -> str:
        """Fixed address of the months of a remembered row."""
        sheet, row, _ = self.places[key]
        return on(sheet, area((row, FIRST), (row, self.last)))

    def bounds_of(self, key: str) -> str:
        """Fixed address of a remembered row from the as-of date on."""
        sheet, row, _ = self.places[key]
        return on(sheet, area((row, OPENING), (row, self.last)))

    def head_of(self, sheet: str, row: int) -> str:
        """Fixed address of the months of a head row."""
        return on(sheet, area((row, FIRST), (row, self.last)))


def head(context: Context, sheet: Sheet, unit: str, *, state: int = NOTE, apart: int | None = None) -> None:
    """Title, scenario shown, unit, master check and stale flag of a sheet.

    Parameters
    ----------
    context : Context
        The workbook.
    sheet : Sheet
        Sheet to head.
    unit : str
        Unit of the amounts on it; empty where there are none.
    state : int
        Column of the master check; the stale flag stands to its right.
    apart : int, optional
        Column of the unit, where the columns before it are repeated in print and would cut it.
    """
    sheet.text(TITLE_ROW, LABEL, BY_NAME[sheet.name].title, "title")
    sheet.height(TITLE_ROW, 24)
    more = f" | {unit}" if unit and apart is None else ""
    formula = f'="Scenario shown: "&sc_name&"{more}"' if more else '="Scenario shown: "&sc_name'
    sheet.formula(STATE_ROW, LABEL, formula, f"Scenario shown: {context.scenario}{more}", "label_bold", "text")
    if apart is not None:
        sheet.text(STATE_ROW, apart, unit, "label_bold")
    state_cells(sheet, STATE_ROW, state)


def explain(sheet: Sheet, column: int = LABEL) -> None:
    """One sentence under the head: what the sheet holds and how it is used."""
    sheet.text(STATE_ROW + 1, column, EXPLAINED[sheet.name], "paragraph_line")


def state_cells(sheet: Sheet, row: int, column: int) -> None:
    """Master check and stale flag, coloured by what they say."""
    sheet.formula(row, column, "=chk_master", ALL_PASS, "state", "text")
    sheet.formula(row, column + 1, "=chk_stale", AS_EXPORTED, "state", "text")
    first, second = (row, column, row, column), (row, column + 1, row, column + 1)
    sheet.colour_when(first, {"type": "text", "criteria": "containing", "value": "FAIL"}, "fail")
    sheet.colour_when(first, {"type": "text", "criteria": "not containing", "value": "FAIL"}, "pass")
    sheet.colour_when(second, {"type": "text", "criteria": "containing", "value": "changed"}, "stale")


def timeline_head(context: Context, sheet: Sheet, unit: str) -> None:
    """Head of a sheet with months: state, fiscal year, month end, counter, headings, panes and print set-up."""
    report, timeline = context.report, context.report.results.inputs.timeline
    head(context, sheet, unit)
    sheet.widths([*SERIES_WIDTHS, *[MONTH_WIDTH] * context.months])
    for row, text in ((YEAR_ROW, "Fiscal year"), (DATE_ROW, "Month end"), (COUNTER_ROW, "Months from the as-of date")):
        sheet.text(row, LABEL, text, "label_bold")
    years = [int(year) for year in timeline.fiscal_year_of_bound[context.as_of :]]
    dates = report.bound_dates[context.as_of :]
    year = f"=YEAR({DATE})+(MONTH({DATE})>in_fiscal_year_end)"
    sheet.series(YEAR_ROW, OPENING, year, years, ("head", "year"))
    sheet.formula(DATE_ROW, OPENING, "=in_as_of", dates[0], "head", "month")
    sheet.series(DATE_ROW, FIRST, f"=EOMONTH({{p}}${DATE_ROW + 1},1)", dates[1:], ("head", "month"))
    sheet.number(COUNTER_ROW, OPENING, 0, "head", "count")
    sheet.series(COUNTER_ROW, FIRST, f"={{p}}${COUNTER_ROW + 1}+1", range(1, context.months + 1), ("head", "count"))
    headings = ("", "Item", "Unit", "Measure", "Total or check", "Constant", "At the as-of date")
    for column, text in enumerate(headings[1:], start=1):
        sheet.text(HEADING_ROW, column, text, "heading" if column > NOTE else "heading_left")
    for column in range(FIRST, context.last + 1):
        sheet.text(HEADING_ROW, column, "", "heading")
    sheet.freeze(FIRST_ROW, FIRST)
    if sheet.name in EXPLAINED:
        sheet.text(TITLE_ROW, NOTE, EXPLAINED[sheet.name], "paragraph_line")
    sheet.repeat((TITLE_ROW, HEADING_ROW), (MARGIN, UNIT))


def print_series(context: Context, sheet: Sheet, last_row: int) -> None:
    """Print set-up of a sheet with months: so many to a page, heads on every one, as far as anything stands."""
    months = max(context.last_bound - context.as_of, 1)
    across = -(-months // MONTHS_PER_PAGE)
    sheet.print_on((0, 0, last_row, FIRST + months - 1), (across, 0), paper="large")


def band(context: Context, sheet: Sheet, row: int, text: str, last: int | None = None) -> None:
    """Coloured line with a heading across a sheet."""
    for column in range(LABEL, (context.last if last is None else last) + 1):
        sheet.text(row, column, text if column == LABEL else "", "band")


def line(sheet: Sheet, row: int, label: str, unit: str, note: str = "") -> None:
    """Label, unit and measure of a row of a sheet with months."""
    sheet.text(row, LABEL, label)
    sheet.text(row, UNIT, unit, "unit")
    if note:
        sheet.text(row, NOTE, note, "unit")


def section(sheet: Sheet, row: int, text: str, columns: tuple[int, int]) -> None:
    """Heading of a table, on a coloured line over its columns."""
    for column in range(columns[0], columns[1] + 1):
        sheet.text(row, column, text if column == columns[0] else "", "section")


def lines_of(text: str, width: float) -> int:
    """Lines that a text needs in a cell of a width."""
    return max(1, -(-len(text) // int(width * CHARACTERS_A_UNIT)))


def fit_height(sheet: Sheet, row: int, cells: Sequence[tuple[str, float]]) -> None:
    """Make a row high enough for its texts, each given with the width of its cell."""
    lines = max(lines_of(text, width) for text, width in cells)
    if lines > 1:
        sheet.height(row, POINTS_A_LINE * lines + 1)


def headings(sheet: Sheet, row: int, texts: Sequence[str], column: int = LABEL) -> None:
    """Column headings of a table."""
    for offset, text in enumerate(texts):
        sheet.text(row, column + offset, text, "heading")


def by_scenario(array: FloatArray, cases: range) -> list[float]:
    """Values of an array (n,) for every scenario, one number each."""
    return [float(at_case(array, case)) for case in cases]


def varies(values: Sequence[float]) -> bool:
    """Whether a value differs between scenarios."""
    return any(value != values[0] for value in values)


def month_of(context: Context, bound: int) -> date:
    """Last day of the month of a bound, which may lie outside the grid."""
    return month_end(str(context.report.results.inputs.timeline.first_bound.astype("datetime64[M]") + bound))


def open_to(value: float) -> float:
    """A rent or a cost; the number that stands for nobody's where nobody can enter."""
    return float(value) if math.isfinite(value) else NOBODY
