"""The fleet at value by month, live: stocks by generation, movements, and the cash behind them."""

from __future__ import annotations

from typing import NamedTuple

from reports.excel.plan.layout import (
    COUNTER,
    FIRST,
    FIRST_ROW,
    OPENING,
    Context,
    band,
    line,
    print_series,
    timeline_head,
)
from reports.excel.plan.outline import CASH, ECONOMIC
from reports.excel.plan.sides import SHOWN
from reports.excel.sheets.plans import term
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from valuation.analysis.summary import by_fleet, by_group
from valuation.timeline import FloatArray

HERE, BEFORE = "{c}", "{p}"


class Flow(NamedTuple):
    """A movement of the fleet: key, label, formula and the program's figures."""

    key: str
    title: str
    template: str
    values: FloatArray


def build_live_economic(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(ECONOMIC)
    timeline_head(context, sheet, "USD")
    row = _groups(context, sheet, FIRST_ROW)
    row = _stocks(context, sheet, row + 1)
    row = _flows(context, sheet, row + 1)
    print_series(context, sheet, row - 1)


def build_cash(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(CASH)
    timeline_head(context, sheet, "USD")
    row = _cash(context, sheet, FIRST_ROW)
    print_series(context, sheet, row - 1)


def _block(context: Context, key: str, column: str = HERE) -> str:
    return context.spans[key].format(x=column)


def _groups(context: Context, sheet: Sheet, row: int) -> int:
    """Value in exchange by generation."""
    report = context.report
    values = by_group(report.results.economic.value_in_exchange, report.results)
    band(context, sheet, row, "Economic value (in exchange) by generation")
    for at, group in enumerate(report.shown_groups, start=row + 1):
        line(sheet, at, report.group_name(group), "USD", "live")
        template = f"=SUMPRODUCT({_block(context, f'units {group}')},{_block(context, f'exchange {group}')})"
        sheet.series(at, OPENING, template, context.ahead(values)[:, group], ("cross", "usd"))
    context.spans["group values"] = f"{HERE}{row + 2}:{HERE}{row + 1 + len(report.shown_groups)}"
    return row + 1 + len(report.shown_groups)


def _stocks(context: Context, sheet: Sheet, row: int) -> int:
    """Fleet in exchange and in use."""
    results = context.report.results
    band(context, sheet, row, "Fleet at the month end")
    line(sheet, row + 1, "Economic value (value in exchange)", "USD", "live")
    exchange = context.ahead(by_fleet(results.economic.value_in_exchange, results))
    sheet.series(row + 1, OPENING, f"=SUM({context.spans['group values']})", exchange, ("total", "usd"))
    line(sheet, row + 2, "Value in use", "USD", "live")
    use = context.ahead(by_fleet(results.economic.value_in_use, results))
    template = f"=SUMPRODUCT({_block(context, 'units all')},{_block(context, 'use all')})"
    sheet.series(row + 2, OPENING, template, use, ("cross", "usd"))
    context.place("economic value", ECONOMIC, row + 1)
    context.place("value in use", ECONOMIC, row + 2)
    return row + 3


def _flows(context: Context, sheet: Sheet, row: int) -> int:
    """Movements of the month."""
    band(context, sheet, row, "Fleet in the month")
    value = context.places["economic value"][1] + 1
    found = flows(context)
    rows = {flow.key: row + 2 + offset for offset, flow in enumerate(found)}
    for offset, flow in enumerate(found, start=1):
        line(sheet, row + offset, flow.title, "USD", "live")
        sheet.series(row + offset, FIRST, flow.template, flow.values, ("cross", "usd"))
        context.place(flow.key, ECONOMIC, row + offset)
    at = row + 1 + len(found)
    line(sheet, at, "Economic depreciation", "USD", "live")
    moved = f"{{c}}{rows['additions at value']}-{{c}}{rows['proceeds']}"
    results = context.report.results
    fallen = context.ahead(by_fleet(results.economic.economic_depreciation, results))
    sheet.series(at, FIRST, f"={{p}}{value}-{{c}}{value}+{moved}", fallen, ("total", "usd"))
    context.place("economic depreciation", ECONOMIC, at)
    return at + 1


def flows(context: Context) -> tuple[Flow, ...]:
    """Movements: what enters at value, what leaves, what is earned."""
    results = context.report.results
    found = results.economic

    def ahead(array: FloatArray) -> FloatArray:
        return context.ahead(by_fleet(array, results))

    enters = f"({context.spans['devices in service']}={COUNTER})*{_block(context, 'units all')}"
    use, exchange = (_block(context, f"{what} all") for what in ("use", "exchange"))
    before = {what: _block(context, f"{what} all", BEFORE) for what in ("units", "gross", "quasi", "exchange")}
    leaves = f"({context.spans['retirement']}={COUNTER}-1)*{before['units']}"
    running = f"({context.spans['retirement']}>={COUNTER})*{before['units']}"
    return (
        Flow("additions at value", "Additions at value", f"=SUMPRODUCT({enters}*{exchange})", ahead(found.additions)),
        Flow(
            "purchase surplus",
            "Purchase surplus (value in use less cost, on entry)",
            f"=SUMPRODUCT({enters}*({use}-{context.spans['devices cost']}))",
            ahead(found.purchase_surplus),
        ),
        Flow(
            "exchange discount",
            "Exchange discount (value in use less in exchange, on entry)",
            f"=SUMPRODUCT({enters}*({use}-{exchange}))",
            ahead(found.exchange_discount),
        ),
        Flow(
            "proceeds",
            "Proceeds of retired devices",
            f"=SUMPRODUCT({leaves}*{before['exchange']})",
            ahead(found.proceeds),
        ),
        Flow("gross rent", "Rent", f"=SUMPRODUCT({running}*{before['gross']})", ahead(found.gross_rent)),
        Flow(
            "quasi-rent",
            "Quasi-rent: rent less running cost",
            f"=SUMPRODUCT({running}*{before['quasi']})",
            ahead(found.quasi_rent),
        ),
    )


def _cash(context: Context, sheet: Sheet, row: int) -> int:
    """Cash at the month ends, owned devices entering at value; its worth today."""
    cash, report = context.report.results.cash, context.report
    band(context, sheet, row, "Cash at the month end; at the as-of date what is owned enters at its value in exchange")
    bought = f"({context.spans['devices bought']}={COUNTER})*{context.spans['units bought']}"
    paid = f"{bought}*{context.spans['devices cost']}"
    waiting = f"({context.spans['devices bought']}<=0)*({context.spans['devices in service']}>0)"
    standing = f"SUMPRODUCT({waiting}*{context.spans['units bought']}*{context.spans['devices cost']})"
    lines = (
        ("Rent", f"={context.row('gross rent')}", cash.gross_rent, 1),
        ("less running cost", f"={context.row('gross rent')}-{context.row('quasi-rent')}", cash.operating_cost, 1),
        ("Proceeds of retired devices", f"={context.row('proceeds').replace('{c}', '{n}')}", cash.proceeds, 0),
        ("less purchases", f"=SUMPRODUCT({paid})", cash.capital_expenditure, 1),
    )
    for offset, (title, template, array, first) in enumerate(lines, start=1):
        line(sheet, row + offset, title, "USD", "live")
        values = context.ahead(array)[first:]
        sheet.series(row + offset, OPENING + first, template, values, ("cross", "usd"))
    line(sheet, row + 5, "less owned at value, and paid for but not yet in service", "USD", "live")
    owned = f"={context.row('economic value')}+{standing}"
    sheet.series(row + 5, OPENING, owned, [context.chain.entering], ("cross", "usd"))
    line(sheet, row + 6, "Net cash flow", "USD", "live")
    net = f"={{c}}{row + 2}+{{c}}{row + 4}-{{c}}{row + 3}-{{c}}{row + 5}-{{c}}{row + 6}"
    sheet.series(row + 6, OPENING, net, context.chain.workings.flows, ("total", "usd"))
    line(sheet, row + 7, "Discount factor", "factor", "live")
    factor = f"={term(context, 'discount', SHOWN)}^{COUNTER}"
    sheet.series(row + 7, OPENING, factor, context.chain.workings.factors, ("calc", "factor"))
    line(sheet, row + 8, "Worth at the as-of date", "USD", "live")
    sheet.series(row + 8, OPENING, f"={{c}}{row + 7}*{{c}}{row + 8}", context.chain.workings.present, ("calc", "usd"))
    npv = f"=SUM({cell(row + 8, OPENING)}:{cell(row + 8, context.last)})"
    value = float(at_case(report.results.returns.npv, context.shown))
    line(sheet, row + 9, "Net present value", "USD", "total in column E")
    sheet.formula(row + 9, OPENING - 2, npv, value, "total", "usd")
    context.place("npv", CASH, row + 9, OPENING - 2)
    context.book.name_cell("out_npv_usd", CASH, row + 9, OPENING - 2)
    return row + 11
