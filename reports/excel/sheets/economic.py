"""Economic value and its movements by month: every scenario as the program found it, the one shown picked live."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reports.excel.plan import formulas
from reports.excel.plan.layout import FIRST, FIRST_ROW, OPENING, Context, band, line, print_series, timeline_head
from reports.excel.plan.outline import ECONOMIC
from reports.excel.writing.writer import Sheet
from valuation.analysis.readings import tells_rents
from valuation.analysis.summary import by_fleet, by_group
from valuation.results import Results
from valuation.timeline import FloatArray


class Measure(NamedTuple):
    """A row of figures by month: stocks have a value at the as-of date, flows have none."""

    key: str
    title: str
    unit: str
    kind: str
    stock: bool
    read: Callable[[Results], FloatArray]


RENT = "rent"
MEASURES = (
    Measure(
        "economic value",
        "Economic value (value in exchange)",
        "USD",
        "usd",
        True,
        lambda r: by_fleet(r.economic.value_in_exchange, r),
    ),
    Measure("value in use", "Value in use", "USD", "usd", True, lambda r: by_fleet(r.economic.value_in_use, r)),
    Measure(
        "economic depreciation",
        "Economic depreciation",
        "USD",
        "usd",
        False,
        lambda r: by_fleet(r.economic.economic_depreciation, r),
    ),
    Measure(
        "purchase surplus",
        "Purchase surplus (value in use less cost, on entry)",
        "USD",
        "usd",
        False,
        lambda r: by_fleet(r.economic.purchase_surplus, r),
    ),
    Measure(
        "exchange discount",
        "Exchange discount (value in use less in exchange, on entry)",
        "USD",
        "usd",
        False,
        lambda r: by_fleet(r.economic.exchange_discount, r),
    ),
    Measure(
        "proceeds",
        "Proceeds of retired devices",
        "USD",
        "usd",
        False,
        lambda r: by_fleet(r.economic.proceeds, r),
    ),
    Measure(RENT, "Market rent of a unit-hour", "USD/h", "number", True, lambda r: r.market.rent[:, 0]),
)


def build_economic(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(ECONOMIC)
    timeline_head(context, sheet, "USD")
    row = FIRST_ROW
    for measure in MEASURES:
        if measure.key == RENT and not tells_rents(context.report.results):
            continue
        row = _block(context, sheet, row, measure)
    row = _groups(context, sheet, row)
    print_series(context, sheet, row - 1)


def _block(context: Context, sheet: Sheet, row: int, measure: Measure) -> int:
    """The row shown, then one row a scenario; returns the next free row."""
    array = measure.read(context.report.results)
    start = OPENING if measure.stock else FIRST
    count = len(context.cases)
    band(context, sheet, row, measure.title)
    line(sheet, row + 1, f"{measure.title.partition(' (')[0]}, shown", measure.unit, "shown, live")
    shown = _values(context, array, context.shown, stock=measure.stock)
    sheet.series(row + 1, start, formulas.pick(row + 3, row + 2 + count), shown, ("total", measure.kind))
    context.place(measure.key, ECONOMIC, row + 1)
    for case, scenario in enumerate(context.report.scenarios):
        at = row + 2 + case
        line(sheet, at, scenario.name, measure.unit, "engine")
        sheet.numbers(at, start, _values(context, array, case, stock=measure.stock), "engine", measure.kind)
    return row + 3 + count


def _values(context: Context, array: FloatArray, case: int, *, stock: bool) -> list[float]:
    found = [float(value) for value in context.ahead(array, case)]
    return found if stock else found[: context.months]


def _groups(context: Context, sheet: Sheet, row: int) -> int:
    """Economic value by reporting group in the base."""
    report = context.report
    values = by_group(report.results.economic.value_in_exchange, report.results)
    band(context, sheet, row, f"Economic value by generation, {report.scenarios[0].name} (engine)")
    for at, group in enumerate(report.shown_groups, start=row + 1):
        line(sheet, at, report.group_name(group), "USD", "engine")
        sheet.numbers(at, OPENING, context.ahead(values, 0)[:, group], "engine", "usd")
    return row + 1 + len(report.shown_groups)
