"""What the market was when dollars were spent: volumes, entry rents and costs on the dates of the purchases."""

from __future__ import annotations

from collections.abc import Sequence

from reports.excel.plan.layout import LABEL, STATE_WIDTH, UNIT, Context, explain, head, headings, line, open_to, section
from reports.excel.plan.outline import PURCHASES
from reports.excel.plan.sides import BASE, SHOWN, sides
from reports.excel.sheets.landings import label_of_landing, ramp
from reports.excel.sheets.plans import term
from reports.excel.writing.address import area, cell
from reports.excel.writing.writer import Sheet

FIRST_DATE = 4
HEADING_ROW, MONTH_ROW, START = 4, 5, 7
WIDTHS = (1.5, 50, STATE_WIDTH, STATE_WIDTH)
NOW, SEEN = "now", "seen"


def build_purchases(context: Context) -> None:
    """Write the sheet."""
    sheet, dates = context.sheet(PURCHASES), dates_of(context)
    sheet.widths([*WIDTHS, *[14] * len(dates)])
    head(context, sheet, "measured on the ladder of the base", state=UNIT)
    explain(sheet)
    headings(sheet, HEADING_ROW, ("Item", "Unit", "Measure"))
    line(sheet, MONTH_ROW, "Months from the as-of date", "months", "live")
    for offset, key in enumerate(dates):
        _date(context, sheet, FIRST_DATE + offset, key)
    row = _volumes(context, sheet, dates)
    for segment in range(len(context.report.segments)):
        row = _segment(context, sheet, row, segment, dates)
    row = _upkeep(context, sheet, row, dates)
    sheet.freeze(START, FIRST_DATE)
    sheet.print_on((0, 0, row, FIRST_DATE + len(dates) - 1), (2, 0), paper="large")
    sheet.repeat((0, MONTH_ROW), (0, FIRST_DATE - 1))


def dates_of(context: Context) -> list[str]:
    """Keys of the dates: the as-of date, the first observed rent, and the service of every cohort known in dollars."""
    calibrated = context.report.results.inputs.fleet.calibrated
    return [NOW, SEEN, *(str(cohort) for cohort in context.order if calibrated[cohort])]


def _index(context: Context, key: str) -> int:
    """Row of the workings that belongs to a date."""
    found = context.chain.workings.base_share
    return {NOW: len(found) - 2, SEEN: len(found) - 1}.get(key, int(key) if key.isdigit() else 0)


def _date(context: Context, sheet: Sheet, column: int, key: str) -> None:
    titles = {NOW: "As-of date", SEEN: "First observed rent"}
    title = titles.get(key) or context.report.cohorts[int(key)]
    sheet.text(HEADING_ROW, column, title, "heading")
    sheet.height(HEADING_ROW, 42)
    if key in titles:
        month = 0 if key == NOW else context.chain.first_seen
        sheet.number(MONTH_ROW, column, month, "engine", "count")
    else:
        source = context.refer(f"cohort {key} in service")
        month = context.chain.in_service(int(key))
        sheet.formula(MONTH_ROW, column, f"={source}", month, "cross", "count")


def _volumes(context: Context, sheet: Sheet, dates: Sequence[str]) -> int:
    """Volume of every landing of the base on every date."""
    base, _ = sides(context)
    count = len(base.rows.order)
    section(sheet, START - 1, "Volume reached by each landing of the base", (LABEL, FIRST_DATE + len(dates) - 1))
    planned = context.places[f"planned {BASE}"]
    for order in range(count):
        line(sheet, START + order, "", "share", "volume")
        label_of_landing(context, sheet, START + order, order, base)
        due = f"Landings!{cell(planned[1] + order, planned[2], fixed=True)}"
        for offset, key in enumerate(dates):
            month = cell(MONTH_ROW, FIRST_DATE + offset)
            formula = ramp(context, f"MAX({month}-{due},0)", BASE)
            value = context.chain.workings.base_share[_index(context, key), order]
            sheet.formula(START + order, FIRST_DATE + offset, formula, value, "calc", "share")
    return START + count + 1


def _column(context: Context, offset: int) -> str:
    count = len(context.chain.workings.base_ladder.order)
    return area((START, FIRST_DATE + offset), (START + count - 1, FIRST_DATE + offset))


def _segment(context: Context, sheet: Sheet, row: int, segment: int, dates: Sequence[str]) -> int:
    """Entry rent, entry rent behind the plan, and cost of a unit of service, on every date.

    What a unit costs after the as-of date hangs on the scenario shown and stands in its market.
    """
    found, title = context.chain.workings, context.report.segments[segment]
    steps, falls = context.spans[f"rent step {segment} {BASE}"], context.spans[f"cost step {segment} {SHOWN}"]
    first, cost = context.refer(f"first rent {segment} {BASE}"), context.refer(f"first cost {segment} {SHOWN}")
    line(sheet, row, f"Entry rent of the market, {title}", "USD/h", "live")
    line(sheet, row + 1, f"Entry rent behind the plan, {title}", "USD/h", "live")
    line(sheet, row + 2, f"A unit of service bought new, {title}", "USD", "live")
    seen = cell(row, FIRST_DATE + 1, fixed=True)
    first_seen = cell(MONTH_ROW, FIRST_DATE + 1, fixed=True)
    for offset, key in enumerate(dates):
        at, volume = _index(context, key), _column(context, offset)
        column, month = FIRST_DATE + offset, cell(MONTH_ROW, FIRST_DATE + offset)
        entry = open_to(found.date_entry[at, segment])
        sheet.formula(row, column, f"={first}*EXP(-SUMPRODUCT({steps},{volume}))", entry, "calc", "open")
        raised = f"{seen}*EXP({term(context, 'decline', BASE)}*({first_seen}-{month}))"
        plan = found.plan_entry[int(key), segment] if key.isdigit() else found.date_entry[at, segment]
        formula = f"=IF({month}<{first_seen},{raised},{cell(row, column)})"
        sheet.formula(row + 1, column, formula, open_to(plan), "calc", "open")
        context.place(f"entry {key} {segment}", PURCHASES, row + 1, column)
        if key.isdigit() and context.chain.in_service(int(key)) > 0:
            continue
        unit = open_to(found.date_replacement[at, segment])
        sheet.formula(row + 2, column, f"={cost}*EXP(-SUMPRODUCT({falls},{volume}))", unit, "calc", "open")
        context.place(f"unit {key} {segment}", PURCHASES, row + 2, column)
    return row + 4


def _upkeep(context: Context, sheet: Sheet, row: int, dates: Sequence[str]) -> int:
    """Running cost over cost of what was then bought."""
    line(sheet, row, "Running cost a month over cost", "share", "live")
    steps, first = context.spans[f"upkeep step {BASE}"], context.refer(f"first upkeep {BASE}")
    for offset, key in enumerate(dates):
        value = context.chain.workings.date_upkeep[_index(context, key)]
        formula = f"={first}+SUMPRODUCT({steps},{_column(context, offset)})"
        sheet.formula(row, FIRST_DATE + offset, formula, value, "calc", "share")
        context.place(f"upkeep {key}", PURCHASES, row, FIRST_DATE + offset)
    return row + 1
