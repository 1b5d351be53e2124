"""What the devices of every cohort are: what they earn, cost to run and bring when scrapped, and how long at most."""

from __future__ import annotations

from collections.abc import Callable

from reports.excel.plan import levers
from reports.excel.plan.chain import NOBODY
from reports.excel.plan.layout import LABEL, STATE_WIDTH, Context, explain, head, headings
from reports.excel.plan.outline import DEVICES
from reports.excel.plan.sides import BASE, SHOWN, Side, sides
from reports.excel.sheets.parts import COST_YEARS, LEFT, RENT_YEARS
from reports.excel.sheets.plans import term
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet
from valuation.timeline import NEVER

HEADING_ROW, FIRST_ROW = 4, 5
(PART, IN_SERVICE, COST, RUNNING, SCRAP, PLAN, SCHEDULED, LEAVES, LAST, START, PAST, CAP, BOUGHT, SALE) = range(2, 16)
HEADINGS = (
    "Cohort", "Part, or what stands for it", "In service, month", "Cost, USD",
    "Running cost a month, USD or % of cost", "Scrap, USD",
    "Rent a month planned at purchase, % of cost", "Sold by schedule, month", "Gives way, month",
    "Last one at most, month",
    "In service at the as-of date or later (1 = yes)", "Retired before the as-of date, month", "Cost and premium, USD",
    "Bought, month", "Proceeds of the sale, USD",
)  # fmt: skip
FIRST_SEGMENT = SALE + 1
PER_SEGMENT = ("USD a month per USD/h of rent", "own cost of a unit, USD")
PHYSICAL, PREMIUM = "terms.physical_life_months", "terms.delivery_premium_share"


def build_devices(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(DEVICES)
    segments = context.report.segments
    last = FIRST_SEGMENT + len(PER_SEGMENT) * len(segments) - 1
    sheet.widths((1.5, 32, 14, *[13] * (PLAN - PART - 1), STATE_WIDTH, STATE_WIDTH, *[13] * (last - SCHEDULED)))
    head(context, sheet, "months from the as-of date; USD a device, or per USD of cost", state=PLAN, apart=PART)
    explain(sheet, PART)
    headings(sheet, HEADING_ROW, HEADINGS)
    for segment, name in enumerate(segments):
        headings(sheet, HEADING_ROW, [f"{name}: {text}" for text in PER_SEGMENT], _column(segment, 0))
    sheet.height(HEADING_ROW, 56)
    for place, cohort in enumerate(context.order):
        _cohort(context, sheet, FIRST_ROW + place, cohort)
    end = FIRST_ROW + len(context.order) - 1
    listed = {"in service": IN_SERVICE, "cost": COST, "bought": BOUGHT, "scrap": SCRAP, "scheduled": SCHEDULED}
    for key, column in listed.items():
        context.spans[f"devices {key}"] = on(DEVICES, area((FIRST_ROW, column), (end, column)))
    sheet.freeze(FIRST_ROW, PART)
    sheet.print_on((0, 0, end, last), (2, 0))
    sheet.repeat((HEADING_ROW, HEADING_ROW), (0, LABEL))


def _column(segment: int, offset: int) -> int:
    return FIRST_SEGMENT + segment * len(PER_SEGMENT) + offset


def _cohort(context: Context, sheet: Sheet, row: int, cohort: int) -> None:
    """Constants of one cohort."""
    fleet, part = context.report.results.inputs.fleet, context.chain.part_of(cohort)
    sheet.text(row, LABEL, context.report.cohorts[cohort], "label_bold")
    sheet.text(row, PART, context.report.generations[part])
    values = context.chain.device_values(cohort)
    write = _writer(sheet, row, values)
    write(IN_SERVICE, "in service", f"={context.refer(f'cohort {cohort} in service')}", "count")
    write(COST, "cost", f"={context.refer(f'cohort {cohort} cost')}", "number")
    if fleet.calibrated[cohort]:
        _planned(context, sheet, row, cohort, write)
    else:
        _, shown = sides(context)
        write(RUNNING, "running", f"={_running(context, cohort, shown)}", "number")
    removal = _removal(context, cohort)
    write(SCRAP, "scrap", f"={levers.shown(context, 'terms.scrap_share_of_cost')}*{_at(row, COST)}{removal}", "number")
    _leaving(context, sheet, row, cohort, write)
    write(CAP, "cap", f"={_at(row, COST)}*(1+{levers.shown(context, PREMIUM)})", "number")
    sheet.number(row, BOUGHT, int(fleet.purchase[cohort]) - context.as_of, "engine", "count")
    if context.chain.sale(cohort):
        sheet.number(row, SALE, values["sale"], "engine", "number")
    for segment in range(len(context.report.segments)):
        _segment(context, sheet, row, (cohort, segment), bool(fleet.calibrated[cohort]))
    _remember(context, row, cohort)


Write = Callable[[int, str, str, str], None]


def _writer(sheet: Sheet, row: int, values: dict[str, float]) -> Write:
    def write(column: int, key: str, formula: str, kind: str) -> None:
        sheet.formula(row, column, formula, values[key], "cross", kind)

    return write


def _running(context: Context, cohort: int, side: Side) -> str:
    """Running cost of the part that a cohort is, or that stands for it, on its site."""
    part, site = context.chain.part_of(cohort), context.chain.site_of(cohort)
    if context.chain.plain(site, part):
        return context.refer(f"part {part} running {side.name}")
    return side.read(context, f"running {site} {part}")


def _planned(context: Context, sheet: Sheet, row: int, cohort: int, write: Write) -> None:
    """Rent and running cost per USD that a plan made at purchase holds; only a dearer running cost moves it."""
    part, upkeep = context.chain.part_of(cohort), context.refer(f"upkeep {cohort}")
    then, now = (
        f"({_running(context, cohort, side)}/{context.refer(f'part {part} cost {side.name}')})"
        for side in sides(context)
    )
    write(RUNNING, "running", f"={upkeep}*{now}/{then}", "share")
    if context.chain.default_plan:
        _, at, _ = context.places[f"part {part} cost {BASE}"]
        years, rents, left = (f"Silicon!{cell(at, column, fixed=True)}" for column in (COST_YEARS, RENT_YEARS, LEFT))
        whole = f"{term(context, 'discount', BASE)}^{term(context, 'planning_life', BASE)}"
        outlay = f"1-{whole}*{left}*{term(context, 'scrap', BASE)}+{years}*{upkeep}"
        write(PLAN, "plan", f"=({outlay})/{rents}", "share")
    else:
        sheet.number(row, PLAN, context.chain.device_values(cohort)["plan"], "engine", "share")


def _removal(context: Context, cohort: int) -> str:
    """What taking a device out costs, as the end of a formula; empty where it costs nothing."""
    part, site = context.chain.part_of(cohort), context.chain.site_of(cohort)
    key = f"removal {site} {part}"
    if not levers.has(context, key):
        return ""
    share = f"/{context.refer(f'part {part} cost {SHOWN}')}" if context.chain.calibrated(cohort) else ""
    return f"-{levers.shown(context, key)}{share}"


def _leaving(context: Context, sheet: Sheet, row: int, cohort: int, write: Write) -> None:
    """The last month at most: by schedule, by age, before challengers, or at the horizon."""
    fleet = context.report.results.inputs.fleet
    scheduled = int(fleet.scheduled_retirement[cohort])
    sheet.number(row, SCHEDULED, scheduled - context.as_of if scheduled < NEVER else NEVER, "engine", "due")
    if levers.has(context, f"leaves {cohort}"):
        write(LEAVES, "leaves", f"={levers.shown(context, f'leaves {cohort}')}", "due")
    else:
        sheet.number(row, LEAVES, NEVER, "engine", "due")
    aged = f"{_at(row, IN_SERVICE)}+{levers.shown(context, PHYSICAL)}"
    first = f"MIN({_at(row, SCHEDULED)},{aged})"
    write(LAST, "last", f"=MIN({first},{_at(row, LEAVES)},in_horizon)", "count")
    write(START, "start", f"=IF({first}<0,0,1)", "count")
    write(PAST, "past", f"=IF({_at(row, START)}=0,{first},0)", "count")


def _segment(context: Context, sheet: Sheet, row: int, where: tuple[int, int], calibrated: bool) -> None:
    """Rent of a new device per USD of market rent, and what a unit of its service costs."""
    cohort, segment = where
    part, found = context.chain.part_of(cohort), context.chain.workings
    serves, reaches = (levers.shown(context, f"{what} {part} {segment}") for what in ("serves", "available"))
    if calibrated:
        entry, usual = context.refer(f"entry {cohort} {segment}"), levers.base(context, f"available {part} {segment}")
        earns = f"{_at(row, PLAN)}/{entry}*{reaches}/{usual}"
        later = f"INDEX({context.bounds_of(f'market replacement {segment}')},{_at(row, IN_SERVICE)}+1)"
        unit = later if context.chain.in_service(cohort) > 0 else context.refer(f"unit {cohort} {segment}")
    else:
        earns = f"{term(context, 'hours', SHOWN)}*{context.refer(f'part {part} service {SHOWN}')}*{reaches}"
        unit = context.refer(f"part {part} unit {segment} {SHOWN}")
    coefficient, own = (_column(segment, offset) for offset in (0, 1))
    value = float(found.coefficient[cohort, segment])
    sheet.formula(row, coefficient, f"=IF({serves}=1,{earns},0)", value, "cross", "factor")
    cost = float(found.own_cost[cohort, segment])
    known = cost if cost < NOBODY else NOBODY * NOBODY
    sheet.formula(row, own, f"=IF({serves}=1,{unit},in_nobody*in_nobody)", known, "cross", "open")


def _remember(context: Context, row: int, cohort: int) -> None:
    columns = {
        "running": RUNNING, "scrap": SCRAP, "in service": IN_SERVICE, "last": LAST, "start": START, "past": PAST,
        "cap": CAP, "scheduled": SCHEDULED, "sale": SALE,
    }  # fmt: skip
    for key, column in columns.items():
        context.place(f"device {cohort} {key}", DEVICES, row, column)
    for segment in range(len(context.report.segments)):
        for offset, key in enumerate(("coefficient", "own")):
            context.place(f"device {cohort} {key} {segment}", DEVICES, row, _column(segment, offset))


def _at(row: int, column: int) -> str:
    return f"${cell(row, column)}"
