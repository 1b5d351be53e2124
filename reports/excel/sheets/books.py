"""The ledgers, live from the as-of date on: corkscrews by ledger and group above, cohorts below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reports.excel.plan import drivers as drive
from reports.excel.plan import formulas
from reports.excel.plan.layout import (
    CONSTANT,
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
from reports.excel.plan.outline import BOOKS
from reports.excel.writing.address import area, cell, column_letter, on
from reports.excel.writing.writer import Sheet
from reports.record.report import CHOSEN, at_case
from valuation.analysis.summary import by_fleet
from valuation.books.ledgers import Ledger
from valuation.books.policies import LedgerInputs
from valuation.timeline import NEVER

MEASURES = ("opening", "additions", "depreciation", "disposals", "closing")
CHECK = "check"
CORKSCREW = len(MEASURES) + 1
FLEET_BLOCKS = ("leaving", "units")
USD = ("calc", "usd")


@dataclass
class Plan:
    """Rows of the sheet, counted from 1 as formulas do.

    Attributes
    ----------
    fleet, groups : dict of int
        First row of the corkscrew of a ledger, and of the corkscrews of its groups.
    blocks : dict of int
        First row of the cohorts in a block.
    life : dict of int
        First row of the lives of a ledger.
    bands : dict of str
        Heading of a line, by row.
    last : int
        Last row used.
    """

    fleet: dict[str, int]
    groups: dict[str, int]
    blocks: dict[str, int]
    life: dict[str, int]
    bands: dict[int, str]
    last: int


def plan(context: Context) -> Plan:
    """Give every block its rows."""
    report, made = context.report, Plan({}, {}, {}, {}, {}, FIRST_ROW)
    count = len(context.order)

    def take(rows: int, heading: str) -> int:
        made.bands[made.last + 1] = heading
        start = made.last + 2
        made.last = start + rows
        return start

    for ledger in report.results.inputs.ledgers:
        title = report.ledger_title(ledger.name)
        made.fleet[ledger.name] = take(CORKSCREW, f"{title}: fleet")
        made.groups[ledger.name] = take(CORKSCREW * len(report.shown_groups), f"{title}: by generation")
    made.blocks["leaving"] = take(
        count, "Cohorts: share of units leaving in the month (failures; 1 when not running); constant: last month held"
    )
    made.blocks["units"] = take(
        count,
        "Cohorts: units in the stock at the month end; column E: month of service; constant: units bought",
    )
    for ledger in report.results.inputs.ledgers:
        title = report.ledger_title(ledger.name)
        made.life[ledger.name] = take(ledger.life.shape[1], f"{title}: book life in force")
        if not compact(context, ledger):
            heading = f"{title}: depreciation of the month; constant: salvage share of cost"
            made.blocks[f"charge {ledger.name}"] = take(count, heading)
        heading = f"{title}: carrying amount at the month end; column E: salvage share; constant: cost per unit"
        made.blocks[f"closing {ledger.name}"] = take(count, heading)
    return made


def compact(context: Context, ledger: LedgerInputs) -> bool:
    """Whether the depreciation of single cohorts has no rows: in large workbooks, where all share one life."""
    return ledger.name == CHOSEN or (context.compact and ledger.life.shape[1] == 1)


def build_books(context: Context) -> None:
    """Write the sheet."""
    sheet, made = context.sheet(BOOKS), plan(context)
    timeline_head(context, sheet, "USD")
    for row, text in made.bands.items():
        band(context, sheet, row - 1, text)
    for ledger, inputs in zip(context.report.results.ledgers, context.report.results.inputs.ledgers, strict=True):
        _fleet_corkscrew(context, sheet, made, ledger)
        for group in context.report.shown_groups:
            _group_corkscrew(context, sheet, made, inputs, group)
    for place, cohort in enumerate(context.order):
        _cohort(context, sheet, made, place, cohort)
    for ledger, inputs in zip(context.report.results.ledgers, context.report.results.inputs.ledgers, strict=True):
        _lives(context, sheet, made, inputs)
        for place, cohort in enumerate(context.order):
            _cohort_ledger(context, sheet, made, (ledger, inputs), (place, cohort))
    _remember(context, made)
    # The months of the single cohorts are for the screen: on paper they would fill four fifths of the workbook.
    print_series(context, sheet, made.blocks["leaving"] - 3)


def _remember(context: Context, made: Plan) -> None:
    """Rows of the units in the stock, of all cohorts and by group: templates for a column."""
    first = made.blocks["units"]
    context.span_cohorts("units", BOOKS, first)
    last = first + len(context.order) - 1
    context.spans["units bought"] = on(BOOKS, area((first - 1, CONSTANT), (last - 1, CONSTANT)))


def _fleet_corkscrew(context: Context, sheet: Sheet, made: Plan, ledger: Ledger) -> None:
    results = context.report.results
    first, block = made.fleet[ledger.name], made.groups[ledger.name]
    last = block + CORKSCREW * len(context.report.shown_groups) - 1
    carrying = context.ahead(by_fleet(ledger.carrying_amount, results))
    values = {
        "opening": carrying[:-1],
        "additions": context.ahead(by_fleet(ledger.additions, results)),
        "depreciation": context.ahead(by_fleet(ledger.depreciation, results)),
        "disposals": context.ahead(by_fleet(ledger.disposals, results)),
        "closing": carrying[1:],
    }
    for offset, measure in enumerate(MEASURES):
        row = first + offset
        line(sheet, row - 1, f"Fleet: {measure}", "USD", measure)
        total = measure == "closing"
        template = formulas.corkscrew(first) if total else formulas.sum_of_measure(block, last, row)
        sheet.series(row - 1, FIRST, template, values[measure], ("total", "usd") if total else USD)
        context.place(f"{measure} {ledger.name}", BOOKS, row - 1)
    opening = formulas.sum_of_measure(block, last, first + 4).format(c="G")
    sheet.formula(first + 3, OPENING, opening, carrying[0], "total", "usd")
    _check_row(context, sheet, first + 5, formulas.sum_of_measure(block, last, first + 4), ledger.name)


def _group_corkscrew(context: Context, sheet: Sheet, made: Plan, ledger: LedgerInputs, group: int) -> None:
    report = context.report
    first = made.groups[ledger.name] + CORKSCREW * report.shown_groups.index(group)
    position = report.ledgers.index(ledger.name)
    blocks = _group_blocks(context, made, ledger.name, group)
    templates = (
        f"={{p}}{first + 4}",
        formulas.group_additions(blocks),
        *_charged(context, made, ledger, blocks),
        formulas.corkscrew(first),
    )
    summary = report.summary.ledgers[position]
    for offset, (measure, template) in enumerate(zip(MEASURES, templates, strict=True)):
        values = context.ahead(getattr(summary, measure))[:, group]
        line(sheet, first + offset - 1, f"{report.group_name(group)}: {measure}", "USD", measure)
        sheet.series(first + offset - 1, FIRST, template, values, ("total", "usd") if offset == 4 else USD)
    closing = f"=SUM({formulas.span(blocks['closing'])})"
    opening = context.ahead(summary.opening)[0, group]
    sheet.formula(first + 3, OPENING, closing.format(c="G"), opening, "total", "usd")
    _check_row(context, sheet, first + 5, closing, f"{ledger.name} {group}")


def _charged(context: Context, made: Plan, ledger: LedgerInputs, blocks: dict[str, tuple[int, int]]) -> tuple[str, str]:
    """Formulas of depreciation and disposals of a group."""
    write_off = ledger.write_off_failures
    if compact(context, ledger):
        charged = formulas.charges(blocks, made.life[ledger.name], write_off=write_off)
        total = "SUMPRODUCT"
    else:
        charged, total = formulas.span(blocks["charge"]), "SUM"
    return f"={total}({charged})", formulas.group_disposals(blocks, charged, write_off=write_off)


def _check_row(context: Context, sheet: Sheet, row: int, rebuilt: str, key: str) -> None:
    """Closing less the same built up otherwise; its total is what the sheet of checks reads."""
    line(sheet, row - 1, "closing less the sum of its parts", "USD", CHECK)
    template = f"={{c}}{row - 1}-{rebuilt.removeprefix('=')}"
    sheet.series(row - 1, FIRST, template, [0.0] * context.months, ("calc", "rest"))
    total = formulas.largest(cell(row - 1, FIRST), cell(row - 1, context.last))
    sheet.formula(row - 1, TOTAL, total, 0.0, "calc", "rest")
    context.place(f"check {key}", BOOKS, row - 1, TOTAL)


def _group_blocks(context: Context, made: Plan, ledger: str, group: int) -> dict[str, tuple[int, int]]:
    """First and last row of a group in the blocks that its corkscrew reads."""
    places = context.members(group)
    names = {name: name for name in FLEET_BLOCKS} | {name: f"{name} {ledger}" for name in ("charge", "closing")}
    kept = {name: made.blocks[block] for name, block in names.items() if block in made.blocks}
    return {name: (top + places[0], top + places[-1]) for name, top in kept.items()}


def _cohort(context: Context, sheet: Sheet, made: Plan, place: int, cohort: int) -> None:
    """Age, share leaving and units of one cohort."""
    inputs = context.report.results.inputs
    rows = {name: made.blocks[name] + place for name in FLEET_BLOCKS}
    for name, unit in (("leaving", "share"), ("units", "units")):
        line(sheet, rows[name] - 1, context.report.cohorts[cohort], unit, name)
    _constant(context, sheet, rows["leaving"], f"cohort {cohort} retirement", _value_of(context, cohort, "retirement"))
    _constant(context, sheet, rows["units"], f"cohort {cohort} units", _value_of(context, cohort, "units"))
    entry = f"={context.refer(f'cohort {cohort} in service')}"
    value = _constant_value(context, cohort, "in service")
    sheet.formula(rows["units"] - 1, TOTAL, entry, value, "cross", "count")
    profile = int(inputs.fleet.generation[cohort]) if inputs.silicon.failure_hazard.shape[1] > 1 else 0
    block = drive.hazard_block(profile)
    tables, standing = (context.spans[f"{block} live"], context.spans[f"{block} start"]), value <= 0
    hazard = formulas.leaving(rows["leaving"], rows["units"], tables, standing=standing)
    ages = [max(context.as_of + month - int(inputs.fleet.in_service[cohort]), -1) for month in range(context.months)]
    sheet.series(rows["leaving"] - 1, FIRST, hazard, _leaving(context, cohort, ages, profile), ("calc", "share"))
    units = at_case(context.report.results.economic.units[:, cohort], context.shown)[context.as_of :]
    opening = f"={context.refer(f'cohort {cohort} opening units')}"
    sheet.formula(rows["units"] - 1, OPENING, opening, units[0], "cross", "units")
    template = formulas.units(rows["units"], rows["leaving"], standing=standing)
    sheet.series(rows["units"] - 1, FIRST, template, units[1:], ("calc", "units"))


def _value_of(context: Context, cohort: int, key: str) -> tuple[float, str]:
    """A constant of a cohort and its kind."""
    return _constant_value(context, cohort, key), "count" if key == "retirement" else "units"


def _leaving(context: Context, cohort: int, ages: list[int], profile: int) -> list[float]:
    """Engine's share of units leaving in every month after the as-of date."""
    results = context.report.results
    retirement = int(at_case(results.economic.retirement[cohort], context.shown))
    hazard = at_case(results.inputs.silicon.failure_hazard[:, profile], context.shown)
    return [
        float(hazard[min(age, len(hazard) - 1)]) if age >= 0 and context.as_of + month < retirement else 1.0
        for month, age in enumerate(ages)
    ]


def _constant_value(context: Context, cohort: int, key: str) -> float:
    results = context.report.results
    if key == "in service":
        return int(results.inputs.fleet.in_service[cohort]) - context.as_of
    if key == "retirement":
        bound = int(at_case(results.economic.retirement[cohort], context.shown))
        return min(bound, NEVER, context.as_of + context.months + 1) - context.as_of
    array = results.inputs.fleet.units if key == "units" else results.inputs.fleet.cost
    return float(at_case(array[cohort], context.shown))


def _constant(context: Context, sheet: Sheet, row: int, key: str, value: tuple[Any, str]) -> None:
    sheet.formula(row - 1, CONSTANT, f"={context.refer(key)}", value[0], "cross", value[1])


def _lives(context: Context, sheet: Sheet, made: Plan, ledger: LedgerInputs) -> None:
    """Book life in force, by month."""
    for row in range(ledger.life.shape[1]):
        block, at = drive.life_block(ledger.name, row), made.life[ledger.name] + row
        line(sheet, at - 1, f"{context.report.ledger_title(ledger.name)}: life in force", "months", "life")
        template = formulas.life(context.spans[f"{block} live"], context.spans[f"{block} start"])
        values = at_case(ledger.life[:, row], context.shown)[context.as_of :]
        sheet.series(at - 1, FIRST, template, values, ("cross", "months"))


def _cohort_ledger(
    context: Context, sheet: Sheet, made: Plan, books: tuple[Ledger, LedgerInputs], member: tuple[int, int]
) -> None:
    """Depreciation and carrying amount of one cohort in one ledger."""
    (ledger, inputs), (place, cohort) = books, member
    rows = {name: made.blocks[name] + place for name in FLEET_BLOCKS}
    rows["life"] = made.life[ledger.name] + (cohort if inputs.life.shape[1] > 1 else 0)
    rows |= {
        name: made.blocks[f"{name} {ledger.name}"] + place
        for name in ("charge", "closing")
        if f"{name} {ledger.name}" in made.blocks
    }
    salvage_row = cohort if inputs.salvage_share.shape[0] > 1 else 0
    share = float(at_case(inputs.salvage_share[salvage_row], context.shown))
    salvage = context.spans[f"{drive.salvage_key(ledger.name, salvage_row)} live"].partition(":")[0]
    cost = (_constant_value(context, cohort, "cost"), "number")
    _constant(context, sheet, rows["closing"], f"cohort {cohort} cost", cost)
    carrying = at_case(ledger.carrying_amount[:, cohort], context.shown)[context.as_of :]
    opening = f"={context.refer(f'cohort {cohort} opening {ledger.name}')}"
    if ledger.name == CHOSEN:
        opening = _chosen_opening(context, rows)
    sheet.formula(rows["closing"] - 1, OPENING, opening, carrying[0], "cross", "usd")
    standing, title = _constant_value(context, cohort, "in service") <= 0, context.report.cohorts[cohort]
    treated = {"write_off": inputs.write_off_failures, "standing": standing}
    line(sheet, rows["closing"] - 1, title, "USD", f"closing, {ledger.name}"[:24])
    if "charge" in rows:
        line(sheet, rows["charge"] - 1, title, "USD", f"charge, {ledger.name}"[:24])
        sheet.formula(rows["charge"] - 1, CONSTANT, f"={salvage}", share, "cross", "percent")
        charges = at_case(ledger.depreciation[:, cohort], context.shown)[context.as_of :]
        sheet.series(rows["charge"] - 1, FIRST, f"={formulas.charged(rows, **treated)}", charges, USD)
    else:
        sheet.formula(rows["closing"] - 1, TOTAL, f"={salvage}", share, "cross", "percent")
    if ledger.name == CHOSEN:
        template = formulas.one_life(rows, f"{{c}}${rows['life']}")
    else:
        template = formulas.closing(rows, **treated)
    sheet.series(rows["closing"] - 1, FIRST, template, carrying[1:], USD)


def _chosen_opening(context: Context, rows: dict[str, int]) -> str:
    """What a straight line over the life chosen leaves of the units in service at the as-of date."""
    # Of what is not yet in service there are no units, so its age below zero does no harm.
    life = context.spans[f"{drive.life_block(CHOSEN, 0)} live"].partition(":")[0]
    return formulas.one_life(rows, life).format(c=column_letter(OPENING))
