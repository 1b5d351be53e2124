"""Rents by month from the as-of date on: volumes of the landings, what moves rents, and what service costs new."""

from __future__ import annotations

from collections.abc import Iterable

from reports.excel.plan import levers
from reports.excel.plan.layout import (
    CONSTANT,
    COUNTER,
    FIRST_ROW,
    OPENING,
    Context,
    band,
    line,
    open_to,
    print_series,
    timeline_head,
)
from reports.excel.plan.library import shelve
from reports.excel.plan.outline import MARKET
from reports.excel.plan.sides import BASE, SHOWN, sides
from reports.excel.plan.supplies import OTHERS, SOLD
from reports.excel.sheets.landings import label_of_landing, share_of_volume
from reports.excel.sheets.plans import term
from reports.excel.writing.address import area, cell
from reports.excel.writing.writer import Sheet

HALF_LIFE, TARGET, PASS = (
    "market.reversion_half_life_months",
    "market.scarcity_target_log",
    "market.pass_through",
)

ROWS = 9  # of a segment: heading, scarcity, six lines, a blank one

Row = tuple[str, str, str, Iterable[float], str]
"""Label, unit, formula, the program's figures, number format."""


def build_market(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(MARKET)
    timeline_head(context, sheet, "USD per unit-hour unless stated")
    below = FIRST_ROW + ROWS * len(context.report.segments)
    _supplies(context, sheet, _volumes(context, sheet, below) + 1)
    for segment in range(len(context.report.segments)):
        _segment(context, sheet, FIRST_ROW + ROWS * segment, segment)
    # What rents are made of is for the screen: on paper it would double the pages.
    print_series(context, sheet, below - 2)


def _volumes(context: Context, sheet: Sheet, row: int) -> int:
    """Share of its volume that each landing has reached."""
    band(context, sheet, row, "Volume reached by each landing, in their order")
    _, shown = sides(context)
    count = len(shown.rows.order)
    planned, slip = (context.places[f"{what} {SHOWN}"] for what in ("planned", "slip"))
    for order in range(count):
        at = row + 1 + order
        line(sheet, at, "", "share", "volume")
        label_of_landing(context, sheet, at, order, shown)
        dates = [f"Landings!{_fixed(where, order)}" for where in (planned, slip)]
        template = share_of_volume(context, COUNTER, (dates[0], dates[1]), SHOWN)
        sheet.series(at, OPENING, template, context.chain.workings.share[:, order], ("calc", "share"))
    context.spans["volume rows"] = f"{{c}}${row + 2}:{{c}}${row + 1 + count}"
    context.spans["volume now"] = area((row + 1, OPENING), (row + count, OPENING))
    return row + 1 + count


def _fixed(where: tuple[str, int, int], order: int) -> str:
    _, row, column = where
    return cell(row + order, column, fixed=True)


def _supplies(context: Context, sheet: Sheet, row: int) -> None:
    """Series by month that the program gives."""
    band(context, sheet, row, "Given by the program: what else moves rents, and hours sold")
    row += 1
    for series in context.supplies:
        if series.key.startswith((OTHERS.partition(" ")[0], SOLD)):
            row = shelve(context, sheet, row, OPENING, series)


def _segment(context: Context, sheet: Sheet, row: int, segment: int) -> None:
    """Rent, entry rent and replacement cost of one segment."""
    band(context, sheet, row, f"Segment {context.report.segments[segment]}")
    _scarcity(context, sheet, row + 1, segment)
    for offset, (label, unit, template, values, kind) in enumerate(_rows(context, row, segment), start=2):
        line(sheet, row + offset, label, unit, "live")
        sheet.series(row + offset, OPENING, template, values, ("calc", kind))
    for key, offset in (("rent", 4), ("earned", 5), ("entry", 6), ("replacement", 7)):
        context.place(f"market {key} {segment}", MARKET, row + offset)


def _rows(context: Context, row: int, segment: int) -> list[Row]:
    """What moves the rent of a segment, the rent, and what entry and service cost."""
    found = context.chain.workings
    first_rent, first_cost = (context.refer(f"first {what} {segment} {SHOWN}") for what in ("rent", "cost"))
    steps, falls = (context.spans[f"{what} step {segment} {SHOWN}"] for what in ("rent", "cost"))
    volumes, now = context.spans["volume rows"], context.spans["volume now"]
    half_life, target, reaches = (levers.shown(context, key) for key in (HALF_LIFE, TARGET, PASS))
    follows, drift = (levers.shown(context, key) for key in ("structural", "drift"))
    others, sold = (context.places[key][1] + 1 for key in (OTHERS.format(segment), SOLD))
    scarce = cell(row + 1, CONSTANT, fixed=True)
    landed = f"=-{reaches}*SUMPRODUCT({steps},{volumes}-{now})"
    fading = f"=-({scarce}-{target})*(1-2^(-{COUNTER}/{half_life}))"
    moved = f"{follows}*({{c}}{row + 3}+{{c}}{row + 4}-{drift}*{COUNTER})+{{c}}{others}"
    rent = f"={term(context, 'rent_now', SHOWN)}*EXP({moved})"
    entry = f"={first_rent}*EXP(-SUMPRODUCT({steps},{volumes}))"
    unit = f"={first_cost}*EXP(-SUMPRODUCT({falls},{volumes}))"
    entries = [open_to(value) for value in found.entry_rent[:, segment]]
    units = [open_to(value) for value in found.replacement_cost[:, segment]]
    earned = f"={{c}}{row + 5}*{{c}}{sold}"
    return [
        (
            "Rents by landings, change since the as-of date",
            "log",
            landed,
            context.chain.change("landings", segment),
            "factor",
        ),
        ("Rents by scarcity fading, likewise", "log", fading, context.chain.change("scarcity", segment), "factor"),
        ("Rent of a unit-hour", "USD/h", rent, found.rent[:, segment], "number"),
        ("Rent earned, hours unsold allowed for", "USD/h", earned, found.earned[:, segment], "number"),
        ("Entry rent of the market", "USD/h", entry, entries, "open"),
        ("A unit of service bought new", "USD", unit, units, "open"),
    ]


def _scarcity(context: Context, sheet: Sheet, row: int, segment: int) -> None:
    """Log of the rent over the entry rent of the base at the as-of date."""
    line(sheet, row, "Scarcity at the as-of date, measured in the base", "log", "live")
    entry = context.refer(f"entry now {segment}")
    formula = f"=IF({entry}<in_nobody,LN({term(context, 'rent_now', BASE)}/{entry}),0)"
    sheet.formula(row, CONSTANT, formula, context.chain.scarcity(segment), "cross", "factor")


def rents_of(context: Context, key: str) -> list[str]:
    """Templates for the same month of a row of every segment."""
    return [context.row(f"market {key} {segment}") for segment in range(len(context.report.segments))]
