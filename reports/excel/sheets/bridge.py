"""The walk from the books to the value at the as-of date: parts as the program shared them, the shown one picked."""

from __future__ import annotations

from reports.excel.plan.layout import LABEL, Context, fit_height, head, headings, section
from reports.excel.plan.outline import BRIDGE
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from reports.record.waterfalls import bar_label, in_words
from valuation.analysis.attribution import ACCOUNTING
from valuation.analysis.bars import CARRYING, GROUP, PART, TOTAL, VALUE, Bar, Walk, walk
from valuation.analysis.readings import in_millions

STEP, LEVEL, SHOWN, START, END, HELPERS = 1, 2, 3, 4, 5, 6
CASE = HELPERS + 5
WIDTHS = (1.5, 58, 12, 15, 15, 15, *[13] * 4, 2)
TITLES = ("Step", "Level", "Shown", "Bar from", "Bar to", "blank above", "bar above", "blank below", "bar below")
FIRST_ROW = 4
PER_PAGE = 2  # sets of books on a printed page
WORDS = {TOTAL: "amount", GROUP: "group", PART: "part"}


def build_bridge(context: Context) -> None:
    """Write the sheet."""
    sheet, count = context.sheet(BRIDGE), len(context.cases)
    sheet.widths([*WIDTHS, *[13] * count])
    head(context, sheet, "USD million at the as-of date", state=START)
    text = (
        f"Parts lead from the books to the value: a positive part lowers it. {in_words(context.report).capitalize()}."
    )
    sheet.text(2, LABEL, text, "paragraph_line")
    row, starts = FIRST_ROW, []
    for ledger in context.ledgers_of_the_run:
        starts.append(row)
        row = _ledger(context, sheet, row, ledger)
    sheet.freeze(FIRST_ROW, LEVEL)
    sheet.print_on((0, 0, row - 1, END), (1, 0), landscape=False)
    sheet.breaks(starts[PER_PAGE::PER_PAGE])


def steps(context: Context, ledger: str) -> list[Bar]:
    """Bars of a ledger: first the walk from the books to the value, then the single parts that any scenario fills."""
    found = context.origin.bars[ledger]
    walked = [bar for bar in found if _walks(bar)]
    parts = [bar for bar in found if bar.level == PART and bar.part != ACCOUNTING and bool(bar.fleet.any())]
    return [*walked, *parts, *(bar for bar in found if bar.level == TOTAL and not _walks(bar))]


def _walks(bar: Bar) -> bool:
    """Whether a bar is a step of the walk."""
    return bar.level == GROUP or bar.part in (CARRYING, VALUE)


def _ledger(context: Context, sheet: Sheet, row: int, ledger: str) -> int:
    """Steps of one set of books; returns the next free row."""
    count, bars = len(context.cases), steps(context, ledger)
    section(sheet, row, context.report.ledger_title(ledger), (LABEL, CASE + count - 1))
    headings(sheet, row + 1, TITLES)
    headings(sheet, row + 1, [scenario.name for scenario in context.report.scenarios], CASE)
    sheet.height(row + 1, 28)
    walked = [offset for offset, bar in enumerate(bars) if _walks(bar)]
    way = walk(
        [in_millions(bars[offset].fleet) for offset in walked], [bars[offset].level == TOTAL for offset in walked]
    )
    first = row + 2
    for offset, bar in enumerate(bars):
        _step(context, sheet, first + offset, bar)
        if offset in walked:
            at = walked.index(offset)
            before = None if bar.level == TOTAL else first + walked[at - 1]
            _place(context, sheet, (first + offset, before), (way, at))
    for key, offset in (("first", walked[0]), ("last", walked[-1])):
        context.place(f"bridge {key} {ledger}", BRIDGE, first + offset, SHOWN)
    context.walks[ledger] = [first + offset for offset in walked]
    _closes(context, sheet, first, bars, ledger)
    return first + len(bars) + 2


def _step(context: Context, sheet: Sheet, row: int, bar: Bar) -> None:
    """Label, level, the amount shown and the amounts of the scenarios."""
    role = "label_bold" if bar.level == TOTAL else "paragraph"
    label = f"of which {bar_label(bar.part)}" if bar.level == PART else bar_label(bar.part)
    sheet.text(row, STEP, label, role)
    fit_height(sheet, row, [(label, WIDTHS[STEP])])
    sheet.text(row, LEVEL, WORDS[bar.level], "unit")
    amounts = [float(in_millions(at_case(bar.fleet, case))) for case in context.cases]
    sheet.numbers(row, CASE, amounts, "engine", "million")
    picked = f"=INDEX({cell(row, CASE)}:{cell(row, CASE + len(amounts) - 1)},sc_number)"
    style = "total" if bar.level == TOTAL else "calc"
    sheet.formula(row, SHOWN, picked, amounts[context.shown], style, "million")


def _place(context: Context, sheet: Sheet, rows: tuple[int, int | None], where: tuple[Walk, int]) -> None:
    """Where a bar of the picture begins and ends, above and below zero; one that follows no other stands on zero."""
    (row, before), (way, at) = rows, where
    start, end = (float(at_case(each[at], context.shown)) for each in (way.start, way.end))
    if before is None:
        sheet.number(row, START, 0, "calc", "million")
        spelled = f"={cell(row, SHOWN)}"
    else:
        sheet.formula(row, START, f"={cell(before, END)}", start, "calc", "million")
        spelled = f"={cell(row, START)}-{cell(row, SHOWN)}"
    sheet.formula(row, END, spelled, end, "calc", "million")
    low, high = f"MIN({cell(row, START)},{cell(row, END)})", f"MAX({cell(row, START)},{cell(row, END)})"
    helpers = (
        f"=MAX(0,{low})",
        f"=MAX(0,{high})-{cell(row, HELPERS)}",
        f"=MIN(0,{high})",
        f"=MIN(0,{low})-{cell(row, HELPERS + 2)}",
    )
    for column, (formula, values) in enumerate(zip(helpers, way.stacked, strict=True), start=HELPERS):
        sheet.formula(row, column, formula, float(at_case(values[at], context.shown)), "calc", "million")


def _closes(context: Context, sheet: Sheet, first: int, bars: list[Bar], ledger: str) -> None:
    """What is left when all groups are taken from the books and the value is reached: nothing."""
    row = first + len(bars)
    sheet.text(row, STEP, "left over (nothing)", "unit")
    groups = [cell(first + offset, SHOWN) for offset, bar in enumerate(bars) if bar.level == GROUP]
    books, value = context.places[f"bridge first {ledger}"][1], context.places[f"bridge last {ledger}"][1]
    formula = f"={cell(books, SHOWN)}-{'-'.join(groups)}-{cell(value, SHOWN)}"
    sheet.formula(row, SHOWN, formula, 0.0, "calc", "residual")
    sheet.dash_nothing((row, SHOWN, row, SHOWN))
    context.place(f"bridge check {ledger}", BRIDGE, row, SHOWN)
