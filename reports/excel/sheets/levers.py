"""What formulas of values and rents use: assumptions under the scenario shown, and what the program adds to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assumptions.answers.live import LiveInput
from reports.excel.plan.drivers import input_name
from reports.excel.plan.layout import LABEL, Context, by_scenario, fit_height, head, headings, section
from reports.excel.plan.levers import BASE_KEY, SHOWN_KEY
from reports.excel.plan.library import numbers_of
from reports.excel.plan.outline import DRIVERS
from reports.excel.plan.series import kind_of
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from valuation.inputs import STRUCTURAL
from valuation.timeline import NEVER, FloatArray

KEY, UNIT, BASE, SHOWN, CASE = 2, 3, 4, 5, 7
HEADING_ROW = 5
WIDTHS = (1.5, 56, 44, 24, 18, 18, 2)
COLUMN = 13
HEADINGS = ("Assumption", "Key", "Unit", "Base", "Shown (live)")
ANY_NUMBER = {
    "validate": "decimal",
    "criteria": "between",
    "minimum": -1e15,
    "maximum": 1e15,
    "error_title": "No number",
    "error_message": "A factor or an amount is a number.",
}
GIVEN_RENTS, GIVEN_PLACES = "given rents", "given places"


@dataclass(frozen=True)
class Extra:
    """A number that the program gives, one a scenario."""

    key: str
    label: str
    unit: str
    values: tuple[float, ...]


def build_levers(context: Context) -> None:
    """Write the sheet."""
    sheet, count = context.sheet(DRIVERS), len(context.cases)
    sheet.widths([*WIDTHS, *[COLUMN] * (3 * count + 2)])
    head(context, sheet, "units as stated", state=BASE)
    text = (
        "Assumptions that formulas follow: in the base, and under the scenario shown. A scenario takes the base "
        "times a factor, plus an amount; what it sets outright has a factor of 0. "
        "Below: what the program adds, by scenario."
    )
    sheet.text(3, LABEL, text, "paragraph_line")
    headings(sheet, HEADING_ROW, HEADINGS)
    _case_headings(context, sheet)
    sheet.height(HEADING_ROW, 42)
    row = HEADING_ROW + 1
    for lever in context.report.live_inputs:
        _lever(context, sheet, row, lever)
        row += 1
    section(sheet, row + 1, "Given by the program, by scenario (not live)", (LABEL, CASE + count - 1))
    row += 2
    for extra in extras(context):
        _extra(context, sheet, row, extra)
        row += 1
    sheet.freeze(HEADING_ROW + 1, KEY)
    sheet.print_on((0, 0, row - 1, SHOWN), (1, 0))
    sheet.repeat((HEADING_ROW, HEADING_ROW))


def _case_headings(context: Context, sheet: Sheet) -> None:
    count = len(context.cases)
    for block, text in enumerate(("", "factor: ", "amount: ")):
        for case, scenario in enumerate(context.report.scenarios):
            sheet.text(HEADING_ROW, CASE + block * (count + 1) + case, text + scenario.name, "heading")


def _lever(context: Context, sheet: Sheet, row: int, lever: LiveInput) -> None:
    """One assumption: base linked to the inputs, scenarios from it, the one shown picked."""
    unit = "months from the as-of date" if lever.is_month else lever.unit
    _labels(sheet, row, lever.label, lever.key, unit)
    name = input_name(lever.key)
    kind = "count" if lever.is_month else "plain"
    base = _month(name) if lever.is_month else f"={name}"
    sheet.formula(row, BASE, base, lever.base, "cross", kind)
    context.place(BASE_KEY.format(lever.key), DRIVERS, row, BASE)
    context.place(SHOWN_KEY.format(lever.key), DRIVERS, row, SHOWN)
    if not lever.changes:
        sheet.formula(row, SHOWN, f"={cell(row, BASE)}", lever.base, "calc", kind)
        return
    step = len(context.cases) + 1
    for case, value in enumerate(lever.values):
        at = CASE + case
        formula = f"={cell(row, BASE)[0]}{row + 1}*{cell(row, at + step)}+{cell(row, at + 2 * step)}"
        sheet.formula(row, at, f"=${formula[1:]}", value, "calc", kind)
        for column, number in ((at + step, lever.factors[case]), (at + 2 * step, lever.addends[case])):
            sheet.number(row, column, number, "input", "plain")
            sheet.validate(row, column, ANY_NUMBER)
    picked = f"=INDEX({cell(row, CASE)}:{cell(row, CASE + step - 2)},sc_number)"
    sheet.formula(row, SHOWN, picked, lever.values[context.shown], "calc", kind)


def _month(name: str) -> str:
    """Months from the as-of date to a month typed as YYYY-MM."""
    day = f'DATEVALUE({name}&"-01")'
    return f"=12*(YEAR({day})-YEAR(in_as_of))+MONTH({day})-MONTH(in_as_of)"


def _labels(sheet: Sheet, row: int, label: str, key: str, unit: str) -> None:
    sheet.text(row, LABEL, label, "paragraph")
    sheet.text(row, KEY, key, "unit_wrap")
    sheet.text(row, UNIT, unit, "unit_wrap")
    fit_height(sheet, row, [(label, WIDTHS[LABEL]), (key, WIDTHS[KEY]), (unit, WIDTHS[UNIT])])


def _extra(context: Context, sheet: Sheet, row: int, extra: Extra) -> None:
    _labels(sheet, row, extra.label, "given by the program", extra.unit)
    context.place(BASE_KEY.format(extra.key), DRIVERS, row, BASE)
    context.place(SHOWN_KEY.format(extra.key), DRIVERS, row, SHOWN)
    kind = kind_of(extra.unit)
    sheet.number(row, BASE, extra.values[0], "engine", kind)
    shown = extra.values[context.shown]
    if all(value == extra.values[0] for value in extra.values):
        sheet.formula(row, SHOWN, f"={cell(row, BASE)}", shown, "calc", kind)
        return
    sheet.numbers(row, CASE, extra.values, "engine", kind)
    picked = f"=INDEX({cell(row, CASE)}:{cell(row, CASE + len(extra.values) - 1)},sc_number)"
    sheet.formula(row, SHOWN, picked, shown, "calc", kind)


def extras(context: Context) -> list[Extra]:
    """Numbers that formulas of rents and values take from the program."""
    report, cases = context.report, context.cases
    inputs = report.results.inputs
    modes = tuple(float(at_case(inputs.path.mode, case) == STRUCTURAL) for case in cases)
    found = [
        Extra("structural", "Rents follow landings and scarcity (1), or a curve (0)", "flag", modes),
        _numbers(context, "drift", "Decline of rents beside landings", "log per month", inputs.path.drift),
    ]
    if inputs.silicon.stranding.strands:
        rent = inputs.silicon.legacy_rent
        found.append(_numbers(context, "legacy rent", "Rent of devices that serve old models", "share", rent))
    for part in context.chain.priced:
        found += _part(context, part)
    return [*found, *_running(context), *_leaving(context), *_picks(context), *_given(context)]


def _given(context: Context) -> list[Extra]:
    """In which scenarios the program gives what has no formula, so that some changes need a run."""
    chain = context.chain
    strand = tuple(float(any(chain.strands(part, case) for part in chain.priced)) for case in context.cases)
    scarce = tuple(float(chain.has_scarce_places(case)) for case in context.cases)
    found = (
        Extra(GIVEN_RENTS, "Entry rents of parts that strand are given by the program (1 = yes)", "flag", strand),
        Extra(GIVEN_PLACES, "The worth of scarce places is given by the program (1 = yes)", "flag", scarce),
    )
    return [extra for extra in found if any(extra.values)]


def _numbers(context: Context, key: str, label: str, unit: str, array: FloatArray) -> Extra:
    return Extra(key, label, unit, tuple(by_scenario(array, context.cases)))


def _part(context: Context, part: int) -> list[Extra]:
    """What a part serves, what of it reaches renters, and what its repairs cost."""
    silicon, name = context.report.results.inputs.silicon, context.report.generations[part]
    found = []
    for segment, title in enumerate(context.report.segments):
        serves = tuple(float(at_case(silicon.service[part, segment], case) > 0.0) for case in context.cases)
        label = f"{name} serves {title} (1 = yes)"
        found.append(Extra(f"serves {part} {segment}", label, "flag", serves))
        label = f"{name}: share of its service that reaches renters, {title}"
        reaches = tuple(availability(context, part, segment, case) for case in context.cases)
        found.append(Extra(f"available {part} {segment}", label, "share", reaches))
        if silicon.legacy.any():
            label = f"{name}: entry rent where devices are stranded, {title} (0: by formula)"
            found.append(Extra(f"stranded {part} {segment}", label, "USD/h", _stranded(context, part, segment)))
    label = f"{name}: repairs a year"
    return [*found, Extra(f"repairs {part}", label, "share of cost", context.report.repairs[name])]


def _stranded(context: Context, part: int, segment: int) -> tuple[float, ...]:
    """Entry rents that no closed formula gives, because part of the devices serve old models; nil elsewhere."""
    rents = context.report.results.market.generation_entry_rent[part, segment]
    return tuple(
        float(at_case(rents, case))
        if context.chain.strands(part, case) and math.isfinite(at_case(rents, case))
        else 0.0
        for case in context.cases
    )


def _running(context: Context) -> list[Extra]:
    """Running cost of parts on sites that differ from what the market plans with, and removal where it costs."""
    inputs, report = context.report.results.inputs, context.report
    if inputs.sites is None:
        return []
    found = []
    for site, part in context.chain.places_of_parts:
        title = f"{report.generations[part]} on site {inputs.sites.names[site]}"
        if not context.chain.plain(site, part):
            label, cost = f"{title}: running cost of a device", inputs.sites.operating_cost[site, part]
            found.append(_numbers(context, f"running {site} {part}", label, "USD a month", cost))
        if inputs.sites.removal_cost[site, part].any():
            label, cost = f"{title}: taking a device out", inputs.sites.removal_cost[site, part]
            found.append(_numbers(context, f"removal {site} {part}", label, "USD", cost))
    return found


def _leaving(context: Context) -> list[Extra]:
    """What devices take of scarce places, until when they pay for them, and when they give way."""
    placement, as_of = context.report.results.placement, context.as_of
    if placement is None:
        return []
    found = []
    for cohort in context.order:
        if not placement.shadow[:, context.chain.site_of(cohort)].any():
            continue
        label = context.report.cohorts[cohort]
        taken = f"{label}: what a device takes of what is short"
        found.append(_numbers(context, f"taken {cohort}", taken, "kW or racks", placement.taken[cohort]))
        for key, what, months in (
            ("waits", "pays for its place until", placement.waits[cohort]),
            ("leaves", "gives way to a challenger", placement.leaves[cohort]),
        ):
            told = tuple(_month_of(int(at_case(months, case)), as_of) for case in context.cases)
            found.append(Extra(f"{key} {cohort}", f"{label}: {what}", "months from the as-of date", told))
    return found


def _month_of(bound: int, as_of: int) -> float:
    """Months from the as-of date to a bound; never stays never."""
    return float(bound - as_of if bound < NEVER else NEVER)


def _picks(context: Context) -> list[Extra]:
    """Which of the series of the program each scenario uses."""
    found = []
    for series in context.supplies:
        numbers = numbers_of(context, series)
        if numbers:
            values = tuple(float(number) for number in numbers)
            found.append(Extra(f"pick {series.key}", f"{series.label}: number of the series", "number", values))
    return found


def availability(context: Context, part: int, segment: int, case: int) -> float:
    """Share of the service of a part that reaches renters of a segment."""
    table = context.report.results.inputs.silicon.availability
    row = table[part if len(table) > 1 else 0]
    return float(at_case(row[segment if len(row) > 1 else 0], case))
