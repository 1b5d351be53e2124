"""The ladder of landings, in the base and as shown: what is known or expected, its order, and what each step does."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.excel.plan import levers
from reports.excel.plan.chain import NOBODY
from reports.excel.plan.layout import LABEL, STATE_WIDTH, Context, explain, head, headings, open_to, section
from reports.excel.plan.outline import LANDINGS
from reports.excel.plan.sides import Side, sides
from reports.excel.sheets.plans import term
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet
from valuation.analysis.steps import LadderRows
from valuation.timeline import NEVER

NUMBER, NAME, KNOWN, PLANNED, SLIP, EXPECTED, PRICED, RANK = range(1, 9)
PRICE = "At its own price, or never (1 = yes)"
LISTED = ("Number", "Landing", "Known (1 = yes)", "Planned, month", "Slip, months", "Expected, month", PRICE, "Order")
FIRST_SEGMENT = RANK + 1
LIST_BLOCK = ("entry rent, USD/h", "cost of a unit, USD")
ORDERED = ("Order", "Landing", "Number", "Planned, month", "Slip, months", PRICE)
POSITION, DATED, SLIPPED, TAGGED = 3, 4, 5, 6
FIRST_STEP = TAGGED + 1
STEP_BLOCK = (
    "entry rent if taken, USD/h", "best entry rent, USD/h", "fall of entry rent, log",
    "cost of a unit if taken, USD", "cost of a unit of the best, USD", "fall of cost, log",
    "first entry rent, USD/h", "first cost, USD",
)  # fmt: skip
UPKEEP = "running cost a month, share of cost"
TAKEN, RENT, RENT_STEP, COST_TAKEN, COST, COST_STEP, FIRST_RENT, FIRST_COST = range(8)
CADENCE, STEP, DELAY = "market.generic_cadence_months", "market.generic_step_log", "market.landing_delay_months"


def build_landings(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(LANDINGS)
    segments = len(context.report.segments)
    width = FIRST_STEP + segments * len(STEP_BLOCK)
    sheet.widths((1.5, 9, 40, 10, 12, 10, STATE_WIDTH, STATE_WIDTH, 10, *[13] * width))
    head(context, sheet, "months from the as-of date", state=EXPECTED, apart=KNOWN)
    explain(sheet, KNOWN)
    row = 4
    for side in sides(context):
        if row > 4:
            sheet.breaks([row])
        row = _list(context, sheet, row, side)
        row = _ladder(context, sheet, row + 1, side)
    sheet.freeze(4, KNOWN)
    sheet.print_on((0, 0, row - 1, width), (2, 0), paper="large")
    sheet.repeat(columns=(0, NAME))


def _list(context: Context, sheet: Sheet, row: int, side: Side) -> int:
    """What is known or expected at the as-of date; returns the next free row."""
    count = len(side.rows.order)
    last = FIRST_SEGMENT + len(LIST_BLOCK) * len(context.report.segments)
    section(sheet, row, f"Landings listed, {side.title}", (LABEL, last))
    headings(sheet, row + 1, LISTED)
    for segment, name in enumerate(context.report.segments):
        headings(sheet, row + 1, [f"{name}: {text}" for text in LIST_BLOCK], FIRST_SEGMENT + 2 * segment)
    headings(sheet, row + 1, [UPKEEP], last)
    sheet.height(row + 1, 42)
    first = row + 2
    expected = area((first, EXPECTED), (first + count - 1, EXPECTED))
    numbers = area((first, NUMBER), (first + count - 1, NUMBER))
    for listed in range(count):
        at = first + listed
        named = listed < len(context.report.generations)
        _entry(context, sheet, (at, first), listed, side)
        before = f"({expected}<{cell(at, EXPECTED)})+({expected}={cell(at, EXPECTED)})*({numbers}<{cell(at, NUMBER)})"
        order = [int(each) for each in side.rows.order].index(listed)
        sheet.formula(at, RANK, f"=1+SUMPRODUCT({before})", order + 1, "calc", "count")
        if named:
            _quantities(context, sheet, at, listed, side)
    context.spans[f"list {side.name}"] = str(first)
    context.place(f"last landing {side.name}", LANDINGS, first + count - 1, EXPECTED)
    return first + count


def _entry(context: Context, sheet: Sheet, rows: tuple[int, int], listed: int, side: Side) -> None:
    """Dates of one landing; unnamed ones follow the last named one at the cadence."""
    (row, first), parts = rows, len(context.report.generations)
    at = [int(each) for each in side.rows.order].index(listed)
    planned, slip = float(side.rows.landing[at]), float(side.rows.delay[at])
    known = math.isfinite(planned)
    sheet.number(row, NUMBER, listed + 1, "engine", "count")
    sheet.number(row, KNOWN, int(known), "engine", "count")
    if listed < parts:
        name = context.report.generations[listed]
        sheet.text(row, NAME, name, "label_in")
        has_price = listed in context.chain.priced or not known
        own, later = (f"{get(context, f'silicon.{name}.landing')}" for get in (levers.base, side.read))
        slips, slipped = (f"({own}>0)*{get(context, DELAY)}" for get in (levers.base, side.read))
        due = f"({own}+{slips})"
        formula = f"=IF({cell(row, KNOWN)}=1,{due},in_never)"
        sheet.formula(row, PLANNED, formula, planned if known else NEVER, "cross", "dated")
        late = f"={cell(row, KNOWN)}*({later}+{slipped}-{due})"
        sheet.formula(row, SLIP, late, slip if known else 0.0, "cross", "dated")
    else:
        sheet.text(row, NAME, f"unnamed {listed + 1 - parts}", "unit")
        has_price = False
        cadence = side.read(context, CADENCE)
        if listed == parts:
            named = f"({cell(first, KNOWN, fixed=True)}:{cell(first + parts - 1, KNOWN, fixed=True)}=1)"
            dates = f"{cell(first, EXPECTED, fixed=True)}:{cell(first + parts - 1, EXPECTED, fixed=True)}"
            # Shifted up, so that what is not known counts as nothing.
            latest = f"SUMPRODUCT(MAX({named}*({dates}+in_never)))-in_never"
            formula = f"=MAX(MAX({latest},-{cadence})+{cadence},1)"
        else:
            formula = f"={cell(row - 1, PLANNED)}+{cadence}"
        sheet.formula(row, PLANNED, formula, planned, "cross", "dated")
        sheet.number(row, SLIP, 0, "engine", "dated")
    expected = (planned + slip) if known else NEVER
    sheet.formula(row, EXPECTED, f"={cell(row, PLANNED)}+{cell(row, SLIP)}", expected, "calc", "dated")
    sheet.number(row, PRICED, int(has_price), "engine", "count")


def _quantities(context: Context, sheet: Sheet, row: int, part: int, side: Side) -> None:
    """Entry rent and cost of a unit of a named part, and its running cost over its cost."""
    at = [int(each) for each in side.rows.order].index(part)
    known = math.isfinite(side.rows.landing[at])
    for segment in range(len(context.report.segments)):
        column = FIRST_SEGMENT + 2 * segment
        if part in context.chain.priced:
            rent, unit = (context.refer(f"part {part} {what} {segment} {side.name}") for what in ("entry", "unit"))
            rent = f"=IF({cell(row, KNOWN)}=1,{rent},in_nobody)"
            value = open_to(side.rows.listed_rent[at, segment]) if known else NOBODY
            sheet.formula(row, column, rent, value, "cross", "open")
            sheet.formula(row, column + 1, f"={unit}", side.rows.listed_cost[at, segment], "cross", "open")
        elif not known:
            sheet.formula(row, column, "=in_nobody", NOBODY, "cross", "open")
    if part in context.chain.priced:
        running, cost = (context.refer(f"part {part} {what} {side.name}") for what in ("running", "cost"))
        last = FIRST_SEGMENT + len(LIST_BLOCK) * len(context.report.segments)
        sheet.formula(row, last, f"={running}/{cost}", side.rows.listed_upkeep[at, 0], "cross", "share")


def _ladder(context: Context, sheet: Sheet, row: int, side: Side) -> int:
    """The landings in their order, the best part so far carried down."""
    segments, count = len(context.report.segments), len(side.rows.order)
    last = FIRST_STEP + segments * len(STEP_BLOCK)
    section(sheet, row, f"Landings in order, {side.title}", (LABEL, last + 2))
    sheet.text(row, KNOWN, "The best part so far is carried down", "section")
    headings(sheet, row + 1, ORDERED)
    for segment, name in enumerate(context.report.segments):
        headings(sheet, row + 1, [f"{name}: {text}" for text in STEP_BLOCK], FIRST_STEP + segment * len(STEP_BLOCK))
    headings(sheet, row + 1, [UPKEEP, "its change", "first"], last)
    sheet.height(row + 1, 42)
    start = row + 2
    _start(sheet, start, segments, last)
    for order in range(count):
        _ordered(context, sheet, start + 1 + order, order, side)
        for segment in range(segments):
            _steps(context, sheet, start + 1 + order, (order, segment), side)
        _upkeep(context, sheet, (start + 1 + order, last), order, side)
    _remember(context, side, start + 1, count)
    return start + 2 + count


def _start(sheet: Sheet, row: int, segments: int, last: int) -> None:
    """What stands before the first landing: nobody can enter."""
    sheet.text(row, NAME, "before all", "unit")
    for segment in range(segments):
        for offset in range(len(STEP_BLOCK)):
            column = FIRST_STEP + segment * len(STEP_BLOCK) + offset
            if offset in (RENT_STEP, COST_STEP):
                sheet.number(row, column, 0, "calc", "number")
            else:
                sheet.formula(row, column, "=in_nobody", open_to(math.inf), "calc", "open")
    for column in range(last, last + 3):
        sheet.number(row, column, 0, "calc", "share")


def _ordered(context: Context, sheet: Sheet, row: int, order: int, side: Side) -> None:
    """Which landing comes in this place, and when."""
    listed = int(side.rows.order[order])
    first, parts = int(context.spans[f"list {side.name}"]), len(context.report.generations)
    end = first + len(side.rows.order) - 1
    known = math.isfinite(side.rows.landing[order])
    named = listed < parts
    columns: tuple[tuple[int, int, float | str, str], ...] = (
        (NAME, NAME, context.report.generations[listed] if named else f"unnamed {listed + 1 - parts}", "text"),
        (DATED, PLANNED, float(side.rows.landing[order]) if known else NEVER, "dated"),
        (SLIPPED, SLIP, float(side.rows.delay[order]) if known else 0.0, "dated"),
        (TAGGED, PRICED, int(listed in context.chain.priced or not known), "count"),
    )
    sheet.number(row, NUMBER, order + 1, "engine", "count")
    ranks = area((first, RANK), (end, RANK))
    sheet.formula(row, POSITION, f"=MATCH({cell(row, NUMBER)},{ranks},0)", listed + 1, "calc", "count")
    for column, source, value, kind in columns:
        picked = f"=INDEX({area((first, source), (end, source))},${cell(row, POSITION)})"
        role = "calc_left" if column == NAME else "calc"
        sheet.formula(row, column, picked, value, role, kind)


def _steps(context: Context, sheet: Sheet, row: int, where: tuple[int, int], side: Side) -> None:
    """Best entry rent and what a unit of that part costs, each against the row above."""
    order, segment = where
    found, at = side.rows, [FIRST_STEP + segment * len(STEP_BLOCK) + offset for offset in range(len(STEP_BLOCK))]
    first = int(context.spans[f"list {side.name}"])
    end, column = first + len(found.order) - 1, FIRST_SEGMENT + 2 * segment
    position, tagged = f"${cell(row, POSITION)}", f"${cell(row, TAGGED)}"
    generic = side.read(context, STEP)
    rent, unit = (f"INDEX({area((first, one), (end, one))},{position})" for one in (column, column + 1))
    above = [cell(row - 1, one) for one in at]
    here = [cell(row, one) for one in at]
    open_above = f"({above[RENT]}<in_nobody)"
    formulas = (
        f"=IF({tagged}=1,{rent},{above[RENT]}*EXP(-{generic}*{open_above}))",
        f"=MIN({above[RENT]},{here[TAKEN]})",
        f"=IF({above[RENT]}<in_nobody,LN({above[RENT]}/{here[RENT]}),0)",
        f"=IF({tagged}=1,{unit},{above[COST]}*EXP(-{generic}*{open_above}))",
        f"=IF({here[TAKEN]}<{above[RENT]},{here[COST_TAKEN]},{above[COST]})",
        f"=IF({above[RENT]}<in_nobody,LN({above[COST]}/{here[COST]}),0)",
        f"=IF({above[RENT]}<in_nobody,{above[FIRST_RENT]},{here[RENT]})",
        f"=IF({above[RENT]}<in_nobody,{above[FIRST_COST]},{here[COST]})",
    )
    values = _values(context, found, order, segment)
    for offset, (one, formula, value) in enumerate(zip(at, formulas, values, strict=True)):
        kind = "number" if offset in (RENT_STEP, COST_STEP) else "open"
        sheet.formula(row, one, formula, value, "calc", kind)


def _values(context: Context, found: LadderRows, order: int, segment: int) -> Sequence[float]:
    """Figures of the program for one row of the ladder."""
    listed = int(found.order[order])
    tagged = listed in context.chain.priced or not math.isfinite(found.landing[order])
    rent, cost = (float(open_to(array[order, segment])) for array in (found.rent, found.cost))
    started = math.isfinite(found.rent[order, segment])
    taken, cost_taken = (rent, cost) if not tagged else _of_part(context, found, order, segment)
    first = (found.first_rent, found.first_cost)
    began = [float(array[segment]) if started else NOBODY for array in first]
    steps = (found.rent_step[order, segment], found.cost_step[order, segment])
    return (taken, rent, float(steps[0]), cost_taken, cost, float(steps[1]), *began)


def _of_part(context: Context, found: LadderRows, order: int, segment: int) -> tuple[float, float]:
    """Entry rent and cost of a unit of the part in a place; nobody's where it is not known."""
    if not math.isfinite(found.landing[order]):
        priced = int(found.order[order]) in context.chain.priced
        return NOBODY, float(found.listed_cost[order, segment]) if priced else 0.0
    return float(open_to(found.listed_rent[order, segment])), float(found.listed_cost[order, segment])


def _upkeep(context: Context, sheet: Sheet, where: tuple[int, int], order: int, side: Side) -> None:
    """Running cost over cost of the best part of the first segment, its change, and that of the first part."""
    (row, last), found = where, side.rows
    first = int(context.spans[f"list {side.name}"])
    source = FIRST_SEGMENT + len(LIST_BLOCK) * len(context.report.segments)
    listed = f"INDEX({area((first, source), (first + len(found.order) - 1, source))},${cell(row, POSITION)})"
    above, here = cell(row - 1, FIRST_STEP + RENT), cell(row, FIRST_STEP + TAKEN)
    takes = f"${cell(row, TAGGED)}*({here}<{above})"
    upkeep = float(found.upkeep[order, 0])
    sheet.formula(row, last, f"=IF({takes}=1,{listed},{cell(row - 1, last)})", upkeep, "calc", "share")
    change = f"=IF({above}<in_nobody,{cell(row, last)}-{cell(row - 1, last)},0)"
    sheet.formula(row, last + 1, change, float(found.upkeep_step[order, 0]), "calc", "share")
    began = f"=IF({above}<in_nobody,{cell(row - 1, last + 2)},{cell(row, last)})"
    started = math.isfinite(found.rent[order, 0])
    sheet.formula(row, last + 2, began, float(found.first_upkeep[0]) if started else 0.0, "calc", "share")


def _remember(context: Context, side: Side, first: int, count: int) -> None:
    """Ranges that other sheets read."""
    end, last = first + count - 1, FIRST_STEP + len(context.report.segments) * len(STEP_BLOCK)
    columns = {"planned": DATED, "slip": SLIPPED, "upkeep step": last + 1}
    for segment in range(len(context.report.segments)):
        at = FIRST_STEP + segment * len(STEP_BLOCK)
        columns |= {f"rent step {segment}": at + RENT_STEP, f"cost step {segment}": at + COST_STEP}
        for key, offset in (("first rent", FIRST_RENT), ("first cost", FIRST_COST)):
            context.place(f"{key} {segment} {side.name}", LANDINGS, end, at + offset)
    context.place(f"first upkeep {side.name}", LANDINGS, end, last + 2)
    for key, column in columns.items():
        context.spans[f"{key} {side.name}"] = on(LANDINGS, area((first, column), (end, column)))
        context.place(f"{key} {side.name}", LANDINGS, first, column)


def label_of_landing(context: Context, sheet: Sheet, row: int, order: int, side: Side) -> None:
    """Name of the landing in a place of the ladder, live: the order may change with the inputs."""
    _, first, _ = context.places[f"planned {side.name}"]
    listed, names = int(side.rows.order[order]), context.report.generations
    name = names[listed] if listed < len(names) else f"unnamed {listed + 1 - len(names)}"
    sheet.formula(row, LABEL, f"={on(LANDINGS, cell(first + order, NAME, fixed=True))}", name, "cross_left", "text")


def share_of_volume(context: Context, month: str, dates: tuple[str, str], side: str) -> str:
    """Formula of the volume that a landing has reached in a month: a ramp from its landing on, shifted by its slip."""
    planned, slip = dates
    return ramp(context, f"MAX(MAX(0,{month}-MAX({slip},-{month}))-{planned},0)", side)


def ramp(context: Context, since: str, side: str) -> str:
    """Formula of the volume reached so many months after a landing."""
    midpoint, width, start = (term(context, name, side) for name in ("midpoint", "width", "ramp_start"))
    return f"=(1/(1+EXP(({midpoint}-{since})/{width}))-{start})/(1-{start})"
