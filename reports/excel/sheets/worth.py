"""Value of the devices by month, backwards: rent, quasi-rent, value in use, whether they run on, value in exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reports.excel.plan import drivers as drive
from reports.excel.plan import levers
from reports.excel.plan.layout import (
    COUNTER,
    COUNTER_ROW,
    FIRST,
    FIRST_ROW,
    OPENING,
    TOTAL,
    Context,
    band,
    line,
    timeline_head,
)
from reports.excel.plan.library import shelve
from reports.excel.plan.outline import WORTH
from reports.excel.plan.sides import SHOWN
from reports.excel.plan.supplies import EFFICIENCY, LEGACY, SERVING, SHADOW, by_age
from reports.excel.sheets.market import rents_of
from reports.excel.sheets.plans import ages_of, term
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet

HAIRCUT = "market.resale_haircut_share"
MONTHS_PRINTED = 12
FULL, GROSS, QUASI, USE, EXCHANGE = "full", "gross", "quasi", "use", "exchange"
TITLES = {
    FULL: ("Rent of a device that has work, where others of its kind have none", "USD a month"),
    GROSS: ("Rent of a device", "USD a month"),
    QUASI: ("Quasi-rent of a device: rent less running cost", "USD a month"),
    USE: ("Value in use of a device; column E: month in which it retires", "USD"),
    EXCHANGE: ("Value in exchange of a device", "USD"),
}


def build_worth(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(WORTH)
    timeline_head(context, sheet, "USD a device, or per USD of cost")
    row = _charges(context, sheet, FIRST_ROW)
    blocks = {}
    for measure in TITLES:
        cohorts = [cohort for cohort in context.order if measure != FULL or strands(context, cohort)]
        if cohorts:
            blocks[measure] = row + 2
            row += len(cohorts) + 2
    for measure, first in blocks.items():
        band(context, sheet, first - 2, f"Cohorts: {TITLES[measure][0]}")
    for cohort in context.order:
        for measure, first in blocks.items():
            _place(context, measure, cohort, first - 1)
    for place, cohort in enumerate(context.order):
        for measure in blocks:
            _write(context, sheet, measure, (place, cohort))
    _spans(context, blocks)
    # All months of all cohorts would fill more paper than the rest of the workbook.
    sheet.breaks([blocks[USE] - 2])
    last = FIRST + min(MONTHS_PRINTED, context.months) - 1
    sheet.print_on((0, 0, blocks[EXCHANGE] + len(context.order) - 2, last), (1, 0), paper="large")


def strands(context: Context, cohort: int) -> bool:
    """Whether new models may leave some of the devices of a cohort without work in some scenario."""
    return bool(by_age(context, SERVING, context.chain.part_of(cohort)))


def _charges(context: Context, sheet: Sheet, row: int) -> int:
    """What the places of devices would earn with challengers in them."""
    found = [series for series in context.supplies if series.key.startswith(SHADOW.partition(" ")[0])]
    if not found:
        return row
    band(context, sheet, row, "Given by the program: what scarce places would earn with challengers in them")
    row += 1
    for series in found:
        row = shelve(context, sheet, row, OPENING, series)
    return row + 1


def _place(context: Context, measure: str, cohort: int, first: int) -> None:
    """Give a cohort its row in a block."""
    members = [each for each in context.order if measure != FULL or strands(context, each)]
    if cohort in members:
        context.place(f"{measure} {cohort}", WORTH, first + members.index(cohort))


def _spans(context: Context, blocks: dict[str, int]) -> None:
    """Rows of all cohorts, and of those of a group, in each block; templates for a column."""
    for measure, first in blocks.items():
        if measure != FULL:
            context.span_cohorts(measure, WORTH, first)
    use = blocks[USE] - 1
    retired = area((use, TOTAL), (use + len(context.order) - 1, TOTAL))
    context.spans["retirement"] = on(WORTH, retired)
    context.spans["use block"] = on(WORTH, area((use, OPENING), (use + len(context.order) - 1, context.last)))
    context.spans["use months"] = on(WORTH, area((COUNTER_ROW, OPENING), (COUNTER_ROW, context.last)))


def _write(context: Context, sheet: Sheet, measure: str, member: tuple[int, int]) -> None:
    """One row of one cohort."""
    _, cohort = member
    key = f"{measure} {cohort}"
    if key not in context.places:
        return
    _, row, _ = context.places[key]
    line(sheet, row, context.report.cohorts[cohort], TITLES[measure][1], measure)
    template, values = FORMULAS[measure](context, cohort)
    sheet.series(row, OPENING, template, values, ("calc", "number"))
    if measure == USE:
        _retirement(context, sheet, row, cohort)


def _retirement(context: Context, sheet: Sheet, row: int, cohort: int) -> None:
    """When the cohort leaves: the first month in service in which another one is worth no more than its scrap."""
    entered, last, scrap, start, past = (
        _device(context, cohort, key) for key in ("in service", "last", "scrap", "start", "past")
    )
    worth = f"{cell(row, OPENING)}:{cell(row, context.last)}"
    months = area((COUNTER_ROW, OPENING), (COUNTER_ROW, context.last))
    runs = f"({months}<{entered})+({worth}>{scrap})*({months}<{last})"
    first = f"SUMPRODUCT(MIN({months}+in_never*({runs})))"
    sheet.formula(row, TOTAL, f"={start}*{first}+{past}", context.chain.retirement(cohort), "calc", "due")
    context.place(f"cohort {cohort} retirement", WORTH, row, TOTAL)


def _device(context: Context, cohort: int, key: str) -> str:
    return context.refer(f"device {cohort} {key}")


def _age(context: Context, cohort: int) -> str:
    age = f"{COUNTER}-{_device(context, cohort, 'in service')}"
    return age if context.chain.in_service(cohort) <= 0 else f"MAX({age},0)"


def _serves(context: Context, cohort: int) -> str:
    """Factor that is nil before service; nothing for devices that are in service at the as-of date."""
    if context.chain.in_service(cohort) <= 0:
        return ""
    return f"({COUNTER}>={_device(context, cohort, 'in service')})*"


def _table(context: Context, cohort: int, key: str) -> str:
    """Age table of a cohort read at its age in the month; empty where it is idle."""
    found = by_age(context, key, context.chain.part_of(cohort))
    if not found:
        return ""
    return f"INDEX({ages_of(context, found)},MIN({_age(context, cohort)}+1,in_ages))"


def _best(context: Context, cohort: int) -> str:
    """Rent of a device in the best segment open to it."""
    coefficients = [
        _device(context, cohort, f"coefficient {segment}") for segment in range(len(context.report.segments))
    ]
    terms = [f"{one}*{rent}" for one, rent in zip(coefficients, rents_of(context, "earned"), strict=True)]
    best = terms[0] if len(terms) == 1 else f"MAX({','.join(terms)})"
    efficiency = _table(context, cohort, EFFICIENCY)
    return f"{best}*{efficiency}" if efficiency else best


def _row(context: Context, measure: str, cohort: int, column: str = "{c}") -> str:
    return f"{column}{context.places[f'{measure} {cohort}'][1] + 1}"


Made = tuple[str, Iterable[float]]


def _full(context: Context, cohort: int) -> Made:
    return f"={_best(context, cohort)}", context.chain.workings.full[:, cohort]


def _parted(context: Context, cohort: int) -> tuple[str, str, str, str]:
    """Rent of a device that has work, shares that have any and that are in old work, and what old work earns."""
    serving, legacy = (_table(context, cohort, key) for key in (SERVING, LEGACY))
    return _row(context, FULL, cohort), serving, legacy or "0", levers.shown(context, "legacy rent")


def _gross(context: Context, cohort: int) -> Made:
    """Rent of the average device, those without work or in old work among them."""
    values = context.chain.workings.gross[:, cohort]
    if not strands(context, cohort):
        return f"={_best(context, cohort)}", values
    full, serving, legacy, rent = _parted(context, cohort)
    cost = _device(context, cohort, "running")
    return f"={full}*({serving}+{legacy}*{rent}*({rent}*{full}>{cost}))", values


def _quasi(context: Context, cohort: int) -> Made:
    cost, values = _device(context, cohort, "running"), context.chain.workings.quasi_rent[:, cohort]
    if not strands(context, cohort):
        return f"={_row(context, GROSS, cohort)}-{cost}", values
    full, serving, legacy, rent = _parted(context, cohort)
    return f"=({full}-{cost})*{serving}+{legacy}*MAX({rent}*{full}-{cost},0)", values


def _use(context: Context, cohort: int) -> Made:
    """The better of scrap and another month, as long as the device may run."""
    names = ("last", "scrap", "scheduled")
    last, scrap, scheduled = (_device(context, cohort, name) for name in names)
    profile = context.chain.part_of(cohort) if context.chain.failures_differ else 0
    block = drive.hazard_block(profile)
    lost = f"INDEX({context.spans[f'{block} live']},MATCH({_age(context, cohort)},{context.spans[f'{block} start']}))"
    charge = _charge(context, cohort)
    month = f"{_row(context, QUASI, cohort)}{charge}+(1-{lost})*{_row(context, USE, cohort, '{n}')}"
    carry = f"{term(context, 'discount', SHOWN)}*({month})"
    sold = context.chain.sale(cohort)
    gone = f"IF({COUNTER}>={scheduled},{_device(context, cohort, 'sale')},{scrap})" if sold else scrap
    template = f"={_serves(context, cohort)}IF({COUNTER}>={last},{gone},MAX({scrap},{carry}))"
    return template, context.chain.device_path("unit_value_in_use", cohort)


def _charge(context: Context, cohort: int) -> str:
    """What its place would earn with a challenger, as the rest of a sum; empty where no place is scarce."""
    key = SHADOW.format(context.chain.site_of(cohort))
    if key not in context.places or not levers.has(context, f"taken {cohort}"):
        return ""
    taken, waits = (levers.shown(context, f"{what} {cohort}") for what in ("taken", "waits"))
    return f"-{context.row(key).partition('!')[2]}*{taken}*({COUNTER}<{waits})"


def _exchange(context: Context, cohort: int) -> Made:
    """Value in use, no more than the same service costs new, less what a closed market takes."""
    scrap, cap = (_device(context, cohort, name) for name in ("scrap", "cap"))
    own = [_device(context, cohort, f"own {segment}") for segment in range(len(context.report.segments))]
    terms = [f"MIN(1,{now}/{each})" for now, each in zip(rents_of(context, "replacement"), own, strict=True)]
    ratio = terms[0] if len(terms) == 1 else f"MAX({','.join(terms)})"
    if strands(context, cohort):
        legacy = _table(context, cohort, LEGACY)
        old = f"+{legacy}*{levers.shown(context, 'legacy rent')}" if legacy else ""
        ratio = f"{ratio}*({_table(context, cohort, SERVING)}{old})"
    open_market = f"MIN({_row(context, USE, cohort)},{cap}*{ratio})*(1-{levers.shown(context, HAIRCUT)})"
    worth = f"MAX({scrap},{open_market})"
    if context.chain.sale(cohort):
        worth = f"IF({COUNTER}={_device(context, cohort, 'scheduled')},{_device(context, cohort, 'sale')},{worth})"
    return f"={_serves(context, cohort)}{worth}", context.chain.device_path("unit_value_in_exchange", cohort)


FORMULAS: dict[str, Callable[[Context, int], Made]] = {
    FULL: _full,
    GROSS: _gross,
    QUASI: _quasi,
    USE: _use,
    EXCHANGE: _exchange,
}
