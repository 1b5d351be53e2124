"""Books less value by month, and the depreciation that the books do not show."""

from __future__ import annotations

from reports.excel.plan import formulas
from reports.excel.plan.layout import (
    FIRST,
    FIRST_ROW,
    OPENING,
    TOTAL,
    Context,
    band,
    line,
    print_series,
    timeline_head,
)
from reports.excel.plan.outline import GAP
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from valuation.analysis.summary import by_fleet

NEGATIVE = {"type": "cell", "criteria": "<", "value": 0}


def build_gap(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(GAP)
    timeline_head(context, sheet, "USD")
    row = FIRST_ROW
    for position, ledger in enumerate(context.report.ledgers):
        row = _gap(context, sheet, row, position)
        row = _hidden(context, sheet, row, ledger)
    print_series(context, sheet, row - 1)


def _gap(context: Context, sheet: Sheet, row: int, position: int) -> int:
    """Carrying amount, value and their difference."""
    report, ledger = context.report, context.report.ledgers[position]
    title, totals = report.ledger_title(ledger), report.summary.totals
    band(context, sheet, row, f"{title}: gap (positive: books stand above value; negative: value stands above books)")
    carrying = context.ahead(totals.carrying_amount[ledger])
    value = context.ahead(by_fleet(report.results.economic.value_in_exchange, report.results))
    gap = context.ahead(by_fleet(report.results.gaps[position].gap, report.results))
    line(sheet, row + 1, "Carrying amount", "USD", "Books, live")
    line(sheet, row + 2, "Economic value", "USD", "Economic, shown")
    line(sheet, row + 3, "Gap", "USD", "gap")
    for at, key, values in ((row + 1, f"closing {ledger}", carrying), (row + 2, "economic value", value)):
        sheet.series(at, OPENING, f"={context.row(key)}", values, ("cross", "usd"))
    sheet.series(row + 3, OPENING, f"={{c}}{row + 2}-{{c}}{row + 3}", gap, ("total", "usd"))
    sheet.colour_when((row + 3, OPENING, row + 3, context.last), NEGATIVE, "negative")
    context.place(f"carrying {ledger}", GAP, row + 1)
    context.place(f"gap {ledger}", GAP, row + 3)
    return row + 5


def _hidden(context: Context, sheet: Sheet, row: int, ledger: str) -> int:
    """Economic depreciation less what the books charge, loss on disposal included."""
    report = context.report
    position = report.ledgers.index(ledger)
    band(context, sheet, row, f"{report.ledger_title(ledger)}: hidden depreciation")
    books = report.results.ledgers[position]
    economic = report.results.economic
    gone = f"={context.row(f'disposals {ledger}')}-{context.row('proceeds')}"
    parts = (
        ("Economic depreciation", f"={context.row('economic depreciation')}", economic.economic_depreciation),
        ("less depreciation", f"={context.row(f'depreciation {ledger}')}", books.depreciation),
        ("less written off, net of proceeds", gone, report.results.gaps[position].written_off),
    )
    for offset, (label, template, array) in enumerate(parts, start=1):
        line(sheet, row + offset, label, "USD", "live")
        values = context.ahead(by_fleet(array, report.results))
        sheet.series(row + offset, FIRST, template, values, ("cross", "usd"))
    context.place(f"written off {ledger}", GAP, row + len(parts))
    at = row + 4
    line(sheet, at, "Hidden depreciation", "USD", "hidden")
    hidden = context.ahead(by_fleet(report.results.gaps[position].hidden_depreciation, report.results))
    template = f"={{c}}{at - 2}-{{c}}{at - 1}-{{c}}{at}"
    sheet.series(at, FIRST, template, hidden, ("total", "usd"))
    sheet.colour_when((at, FIRST, at, context.last), NEGATIVE, "negative")
    context.place(f"hidden {ledger}", GAP, at)
    _identity(context, sheet, at + 1, ledger)
    return at + 3


def _identity(context: Context, sheet: Sheet, row: int, ledger: str) -> None:
    """Hidden depreciation is the fall of the gap's change and the surplus: zero in every month."""
    gap = context.places[f"gap {ledger}"][1] + 1
    surplus, discount = context.row("purchase surplus"), context.row("exchange discount")
    line(sheet, row, "hidden less change of gap and net surplus", "USD", "check")
    template = f"={{c}}{row}-({{c}}{gap}-{{p}}{gap})-{surplus}+{discount}"
    sheet.series(row, FIRST, template, [0.0] * context.months, ("calc", "rest"))
    total = formulas.largest(cell(row, FIRST), cell(row, context.last))
    sheet.formula(row, TOTAL, total, 0.0, "calc", "rest")
    context.place(f"identity {ledger}", GAP, row, TOTAL)
