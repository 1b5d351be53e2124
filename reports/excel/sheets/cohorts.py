"""The register of purchases: fixed facts, what differs by scenario, and the row shown."""

from __future__ import annotations

from typing import NamedTuple

from reports.excel.plan.layout import LABEL, Context, by_scenario, head, headings, month_of, varies
from reports.excel.plan.outline import COHORTS
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from valuation.timeline import FloatArray

HEADING_ROW, FIRST_ROW = 5, 6
FACTS = ("Cohort", "Asset class", "Generation", "Bought", "In service", "In service, months from the as-of date")
SHOWN = 7
IN_DOLLARS = "Generation 'reference': known in dollars, not in parts; a unit of it is one USD of cost."
WIDTHS = (1.5, 26, 18, 20, 11, 11, 13)


class Quantity(NamedTuple):
    """Something known of every cohort, one list of scenarios each."""

    key: str
    title: str
    kind: str
    rows: list[list[float]]


def build_cohorts(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(COHORTS)
    found = quantities(context)
    head(context, sheet, "USD unless stated", state=SHOWN)
    sheet.text(
        3,
        LABEL,
        "Left: facts. Middle: the scenario shown, picked live. Right, not printed: engine values by scenario; one "
        "column where all scenarios agree.",
        "paragraph_line",
    )
    if context.report.results.inputs.fleet.calibrated.any():
        sheet.text(4, LABEL, IN_DOLLARS, "paragraph_line")
    headings(sheet, HEADING_ROW, FACTS)
    sheet.height(HEADING_ROW, 54)
    _facts(context, sheet)
    start = SHOWN + len(found) + 1
    for offset, quantity in enumerate(found):
        start = _quantity(context, sheet, quantity, SHOWN + offset, start)
    sheet.widths([*WIDTHS, *[19] * len(found), 2, *[16] * (start - SHOWN - len(found) - 1)])
    sheet.freeze(FIRST_ROW, 2)
    sheet.print_on((0, 0, FIRST_ROW + len(context.order) - 1, SHOWN + len(found) - 1), (1, 0))
    sheet.repeat((HEADING_ROW, HEADING_ROW))


def quantities(context: Context) -> list[Quantity]:
    """What the live ledgers need of every cohort, in the order of the sheets."""
    report = context.report
    inputs, economic = report.results.inputs, report.results.economic

    def rows(array: FloatArray) -> list[list[float]]:
        return [by_scenario(array[cohort], context.cases) for cohort in context.order]

    found = [] if context.chain.is_live else [_retirement(context)]
    found += [
        Quantity("units", "Units bought", "units", rows(inputs.fleet.units)),
        Quantity("cost", "Cost per unit", "number", rows(inputs.fleet.cost)),
        Quantity("opening units", "Units in service at the as-of date", "units", rows(economic.units[context.as_of])),
    ]
    for ledger in report.results.ledgers:
        title = f"Carrying amount at the as-of date, {report.ledger_title(ledger.name)}"
        carrying = rows(ledger.carrying_amount[context.as_of])
        found.append(Quantity(f"opening {ledger.name}", title, "usd", carrying))
    return found


def _retirement(context: Context) -> Quantity:
    """Retirement as the program found it."""
    found = context.report.results.economic.retirement
    rows = [
        [float(counter(context, int(at_case(found[cohort], case)))) for case in context.cases]
        for cohort in context.order
    ]
    return Quantity("retirement", "Last month in the stock, months from the as-of date", "count", rows)


def counter(context: Context, bound: int) -> int:
    """Months from the as-of date to a bound, held at one month beyond the horizon."""
    return min(bound, context.as_of + context.months + 1) - context.as_of


def _facts(context: Context, sheet: Sheet) -> None:
    report = context.report
    fleet = report.results.inputs.fleet
    for offset, cohort in enumerate(context.order):
        row = FIRST_ROW + offset
        asset_class, generation = report.groups[int(fleet.group[cohort])]
        sheet.text(row, 1, report.cohorts[cohort], "label_bold")
        sheet.text(row, 2, asset_class)
        sheet.text(row, 3, generation)
        sheet.number(row, 4, month_of(context, int(fleet.purchase[cohort])), "engine", "month")
        sheet.number(row, 5, month_of(context, int(fleet.in_service[cohort])), "engine", "month")
        sheet.number(row, 6, int(fleet.in_service[cohort]) - context.as_of, "engine", "count")
        context.place(f"cohort {cohort} in service", COHORTS, row, 6)


def _quantity(context: Context, sheet: Sheet, quantity: Quantity, shown: int, start: int) -> int:
    """Shown column and engine columns of one quantity; returns the next free column."""
    width = len(context.cases) if any(varies(values) for values in quantity.rows) else 1
    sheet.text(HEADING_ROW, shown, f"{quantity.title} (shown)", "heading")
    for case in range(width):
        name = context.report.scenarios[case].name if width > 1 else "all scenarios"
        sheet.text(HEADING_ROW, start + case, f"{quantity.title}: {name}", "heading")
    for offset, (cohort, values) in enumerate(zip(context.order, quantity.rows, strict=True)):
        row = FIRST_ROW + offset
        sheet.numbers(row, start, values[:width], "engine", quantity.kind)
        picked = f"=INDEX({cell(row, start)}:{cell(row, start + width - 1)},sc_number)"
        formula = picked if width > 1 else f"={cell(row, start)}"
        sheet.formula(row, shown, formula, values[context.shown], "calc", quantity.kind)
        context.place(f"cohort {cohort} {quantity.key}", COHORTS, row, shown)
    return start + width
