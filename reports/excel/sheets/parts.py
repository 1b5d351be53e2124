"""The parts: what each costs, draws and serves, and the rent at which a new one pays; in the base and as shown."""

from __future__ import annotations

from reports.excel.plan import levers
from reports.excel.plan.layout import LABEL, STATE_WIDTH, Context, explain, head, headings, open_to, section
from reports.excel.plan.outline import SILICON
from reports.excel.plan.sides import Side, sides
from reports.excel.sheets.levers import availability
from reports.excel.sheets.plans import sums, term
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case

COST, POWER, SERVICE, REPAIRS, RUNNING, COST_YEARS, RENT_YEARS, LEFT, OUTLAY = range(2, 11)
FIRST_SEGMENT = OUTLAY + 1
PER_SEGMENT = (
    "serves (1 = yes)", "share that reaches renters", "entry rent by plan, USD/h", "entry rent, USD/h",
    "cost of a unit, USD",
)  # fmt: skip
HEADINGS = (
    "Part", "Cost, USD", "Power, kW", "Units of service", "Repairs a year, share of cost", "Running cost, USD a month",
    "Plan: sum of months of cost", "Plan: sum of months of rent", "Share left at the end of the plan",
    "Cost less worth of scrap, USD",
)  # fmt: skip
KW = (
    "operations.facility_rent_usd_per_it_kw_month",
    "operations.mean_load_of_it_kw",
    "operations.pue",
    "operations.electricity_price_usd_per_kwh",
)
MAINTENANCE = "operations.maintenance_share_of_cost_per_year"


def build_parts(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(SILICON)
    width = len(PER_SEGMENT) * len(context.report.segments)
    sheet.widths((1.5, 30, *[14] * (REPAIRS - COST), *[STATE_WIDTH] * 2, *[14] * (OUTLAY - RUNNING), *[13] * width))
    head(context, sheet, "USD as of today, at every date", state=REPAIRS, apart=COST)
    explain(sheet, COST)
    row = 4
    for side in sides(context):
        section(sheet, row, side.title.capitalize(), (LABEL, FIRST_SEGMENT + width - 1))
        headings(sheet, row + 1, HEADINGS)
        for segment, name in enumerate(context.report.segments):
            headings(sheet, row + 1, [f"{name}: {text}" for text in PER_SEGMENT], _column(segment, 0))
        sheet.height(row + 1, 56)
        for offset, part in enumerate(context.chain.priced):
            _part(context, sheet, row + 2 + offset, part, side)
        row = row + 3 + len(context.chain.priced)
    sheet.freeze(4, COST)
    sheet.print_on((0, 0, row - 1, FIRST_SEGMENT + width - 1), (2, 0))
    sheet.repeat(columns=(0, LABEL))


def _column(segment: int, offset: int) -> int:
    return FIRST_SEGMENT + segment * len(PER_SEGMENT) + offset


def _part(context: Context, sheet: Sheet, row: int, part: int, side: Side) -> None:
    """Cost, running cost and plan of one part."""
    silicon, name = context.report.results.inputs.silicon, context.report.generations[part]
    sheet.text(row, LABEL, name, "label_bold")
    values = context.chain.part_values(part, side.case)
    for column, (field, value) in enumerate(values.items(), start=COST):
        key = f"repairs {part}" if field == "repairs" else f"silicon.{name}.{field}"
        sheet.formula(row, column, f"={side.read(context, key)}", value, "cross", "plain")
    rent, load, pue, price = (side.read(context, key) for key in KW)
    energy = f"{load}*{pue}*{price}*in_hours_per_month"
    upkeep = f"{_at(row, COST)}*({side.read(context, MAINTENANCE)}+{_at(row, REPAIRS)})/12"
    running = float(at_case(silicon.operating_cost[part], side.case))
    sheet.formula(row, RUNNING, f"={_at(row, POWER)}*({rent}+{energy})+{upkeep}", running, "calc", "number")
    found = (side.plan.cost_years, side.plan.rent_years, side.plan.left)
    for column, formula, array in zip(
        (COST_YEARS, RENT_YEARS, LEFT), sums(context, part, side.name), found, strict=True
    ):
        sheet.formula(row, column, formula, array[part], "cross", "factor")
    whole = f"{term(context, 'discount', side.name)}^{term(context, 'planning_life', side.name)}"
    scrap = f"{whole}*{_at(row, LEFT)}*{term(context, 'scrap', side.name)}"
    sheet.formula(row, OUTLAY, f"={_at(row, COST)}*(1-{scrap})", side.plan.outlay[part], "calc", "number")
    for field, column in (("cost", COST), ("running", RUNNING), ("service", SERVICE)):
        context.place(f"part {part} {field} {side.name}", SILICON, row, column)
    for segment in range(len(context.report.segments)):
        _segment(context, sheet, row, (part, segment), side)


def _segment(context: Context, sheet: Sheet, row: int, where: tuple[int, int], side: Side) -> None:
    """What a part serves in a segment, its entry rent and what a unit of its service costs."""
    part, segment = where
    silicon = context.report.results.inputs.silicon
    columns = [_column(segment, offset) for offset in range(len(PER_SEGMENT))]
    serves, reaches, planned, entry, unit = columns
    works = bool(at_case(silicon.service[part, segment], side.case) > 0.0)
    available = availability(context, part, segment, side.case)
    sheet.formula(row, serves, f"={side.read(context, f'serves {part} {segment}')}", int(works), "cross", "count")
    sheet.formula(row, reaches, f"={side.read(context, f'available {part} {segment}')}", available, "cross", "plain")
    rent = float(side.plan.entry_rent[part, segment])
    earned = f"({_at(row, RENT_YEARS)}*{term(context, 'hours', side.name)}*{_at(row, SERVICE)}*{_at(row, reaches)})"
    outlay = f"({_at(row, OUTLAY)}+{_at(row, COST_YEARS)}*{_at(row, RUNNING)})"
    formula = f"=IF({_at(row, serves)}=1,{outlay}/{earned},in_nobody)"
    sheet.formula(row, planned, formula, open_to(side.plan.closed_rent[part, segment]), "calc", "open")
    key = f"stranded {part} {segment}"
    if levers.has(context, key):
        given = side.read(context, key)
        formula = f"=IF({given}>0,{given},{_at(row, planned)})"
    else:
        formula = f"={_at(row, planned)}"
    sheet.formula(row, entry, formula, open_to(rent), "calc", "open")
    cost = f"={_at(row, COST)}/IF({_at(row, serves)}=1,{_at(row, SERVICE)}*{_at(row, reaches)},1)"
    sheet.formula(row, unit, cost, side.plan.unit_cost[part, segment], "calc", "open")
    context.place(f"part {part} entry {segment} {side.name}", SILICON, row, entry)
    context.place(f"part {part} unit {segment} {side.name}", SILICON, row, unit)


def _at(row: int, column: int) -> str:
    return f"${cell(row, column)}"
