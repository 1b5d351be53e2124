"""Books and economic value at quarter ends, for the picture: history from the program, the rest live."""

from __future__ import annotations

from reports.excel.plan import formulas
from reports.excel.plan.layout import (
    DATE_ROW,
    NOTE,
    OPENING,
    UNIT,
    Context,
    band,
    head,
    headings,
    line,
)
from reports.excel.plan.outline import BOOKS, QUARTERS
from reports.excel.writing.address import area, on
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from valuation.analysis.readings import in_millions
from valuation.timeline import FloatArray

FIRST_QUARTER = 4
HEADING, FIRST_ROW = 3, 5
WIDTHS = (1.5, 50, 17, 20)
Stock = tuple[str, str, str, FloatArray]


def build_quarters(context: Context) -> None:
    """Write the sheet."""
    sheet, bounds = context.sheet(QUARTERS), quarter_bounds(context)
    sheet.widths([*WIDTHS, *[11] * len(bounds)])
    head(context, sheet, "USD million", state=UNIT)
    headings(sheet, HEADING, ("Quarter end", "Unit", "Measure"))
    for offset, bound in enumerate(bounds):
        sheet.number(HEADING, FIRST_QUARTER + offset, context.report.bound_dates[bound], "heading", "month")
    last = FIRST_QUARTER + len(bounds) - 1
    band(context, sheet, FIRST_ROW - 1, "Shown: engine values before the as-of date, live from it on", last)
    found = stocks(context)
    block = FIRST_ROW + len(found) + 1
    for offset, stock in enumerate(found):
        pasts = histories(context, past(context, stock, bounds))
        _shown(context, sheet, (FIRST_ROW + offset, block, len(pasts)), stock, bounds)
        block = _history(context, sheet, block, (stock, pasts), bounds)
    sheet.freeze(HEADING + 1, FIRST_QUARTER)
    # What the program gives by scenario stands below, not printed.
    sheet.print_on((0, 0, FIRST_ROW + len(found) - 1, last), (3, 0), paper="large")
    sheet.repeat((0, HEADING), (0, NOTE))
    context.places["quarters"] = (QUARTERS, HEADING, last)


def quarter_bounds(context: Context) -> list[int]:
    """Bounds of the quarter ends from the first published one to the last month in which anything stands."""
    report = context.report
    ends = report.results.inputs.timeline.is_quarter_end
    return [
        bound
        for bound in range(report.results.published_from, len(report.bound_dates))
        if ends[bound] and bound <= context.last_bound
    ]


def stocks(context: Context) -> list[Stock]:
    """What is drawn: key of the live row, key of the row here, title, values at the bounds."""
    report = context.report
    found: list[Stock] = [
        (f"carrying {ledger}", f"quarter {ledger}", report.ledger_title(ledger), array)
        for ledger, array in report.summary.totals.carrying_amount.items()
    ]
    found.append(("economic value", "quarter value", "Economic value", report.summary.totals.economic_value))
    return found


def past(context: Context, stock: Stock, bounds: list[int]) -> list[list[float]]:
    """Values of a stock at the bounds before the as-of date, one list a scenario."""
    values = [in_millions(at_case(stock[3], case)) for case in context.cases]
    return [[each[bound] for bound in bounds if bound < context.as_of] for each in values]


def histories(context: Context, found: list[list[float]]) -> list[tuple[str, list[float]]]:
    """Histories with the name of their scenario; one for all where they share it."""
    if all(each == found[0] for each in found):
        return [("all scenarios", found[0])]
    return [(scenario.name, each) for scenario, each in zip(context.report.scenarios, found, strict=True)]


def _shown(context: Context, sheet: Sheet, rows: tuple[int, int, int], stock: Stock, bounds: list[int]) -> None:
    (row, block, count), (months, key, title, array) = rows, stock
    line(sheet, row, title, "USD million", "shown, live")
    source, at, _ = context.places[months]
    values = on(source, area((at, OPENING), (at, context.last)))
    dates = on(BOOKS, area((DATE_ROW, OPENING), (DATE_ROW, context.last)))
    live = f"SUMIFS({values},{dates},{{c}}${HEADING + 1})/in_unit"
    before = formulas.pick(block + 2, block + 1 + count)[1:] if count > 1 else f"{{c}}{block + 2}"
    template = f"={before}+{live}"
    shown = in_millions(at_case(array, context.shown))
    sheet.series(row, FIRST_QUARTER, template, [shown[bound] for bound in bounds], ("total", "million"))
    context.place(key, QUARTERS, row, FIRST_QUARTER)


def _history(
    context: Context,
    sheet: Sheet,
    row: int,
    history: tuple[Stock, list[tuple[str, list[float]]]],
    bounds: list[int],
) -> int:
    """Values before the as-of date, none after it, where scenarios differ one row each; returns the next free row."""
    stock, pasts = history
    band(context, sheet, row, f"{stock[2]}: before the as-of date (engine)", FIRST_QUARTER + len(bounds) - 1)
    for at, (name, values) in enumerate(pasts, start=row + 1):
        line(sheet, at, name, "USD million", "engine")
        sheet.numbers(at, FIRST_QUARTER, values, "engine", "million")
    return row + 1 + len(pasts)
