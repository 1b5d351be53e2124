"""An entrant's plan by month of age: who is left, what a USD is worth, what devices still serve."""

from __future__ import annotations

from reports.excel.plan import drivers as drive
from reports.excel.plan.layout import (
    CONSTANT,
    FIRST,
    HEADING_ROW,
    LABEL,
    MONTH_WIDTH,
    MONTHS_PER_PAGE,
    NOTE,
    SERIES_WIDTHS,
    TITLE_ROW,
    TOTAL,
    UNIT,
    Context,
    band,
    explain,
    head,
    line,
)
from reports.excel.plan.library import IN_BASE, shelve
from reports.excel.plan.outline import PLAN
from reports.excel.plan.sides import BASE, Side, sides
from reports.excel.plan.supplies import EFFICIENCY, LEGACY, SERVING, by_age
from reports.excel.writing.address import area, on
from reports.excel.writing.writer import Sheet

AGE_ROW = 4
START = HEADING_ROW + 1
BY_AGE = tuple(key.partition(" ")[0] for key in (EFFICIENCY, SERVING, LEGACY))
WEIGHT, SURVIVORS = "{} weight {}", "{} survivors {}"


TERMS = (
    ("discount", "terms.required_return_annual", "=(1+{0})^(-1/12)", "Discount factor of a month", "factor"),
    ("planning_life", "terms.planning_life_months", "={0}", "Planned life", "months"),
    ("decline", "terms.planning_decline_log_per_year", "={0}/12", "Planned decline of rents", "log per month"),
    ("scrap", "terms.scrap_share_of_cost", "={0}", "Scrap", "share of cost"),
    ("hours", "market.paid_share", "={0}*in_hours_per_month", "Paid hours in a month", "hours"),
    ("midpoint", "market.ramp_midpoint_months", "={0}", "Midpoint of the volume ramp", "months"),
    ("width", "market.ramp_width_months", "={0}", "Width of the volume ramp", "months"),
    (
        "rent_now",
        "market.contract_to_list_ratio",
        "={0}*in_history_list_index_usd_per_hour",
        "Observed rent at the as-of date",
        "USD/h",
    ),
    ("ramp_start", "", "=1/(1+EXP({midpoint}/{width}))", "Level of the ramp at landing", "share"),
)
"""Terms: name, lever, formula, what it is, unit."""
TERM_KINDS = {"factor": "factor", "log per month": "factor", "USD/h": "factor", "share": "share", "hours": "number"}


def build_plans(context: Context) -> None:
    """Write the sheet."""
    sheet, count = context.sheet(PLAN), context.chain.ages
    head(context, sheet, "months of age to the right")
    explain(sheet)
    sheet.widths([*SERIES_WIDTHS, *[MONTH_WIDTH] * (count + 1)])
    sheet.text(AGE_ROW, LABEL, "Age in months", "label_bold")
    sheet.numbers(AGE_ROW, FIRST, range(count + 1), "head", "count")
    for column, text in enumerate(("Item", "Unit", "Measure", "Base", "Shown", ""), start=LABEL):
        sheet.text(HEADING_ROW, column, text, "heading" if column > NOTE else "heading_left")
    for column in range(FIRST, FIRST + count + 1):
        sheet.text(HEADING_ROW, column, "", "heading")
    row = _shelves(context, sheet, _terms(context, sheet, START))
    for side in sides(context):
        profiles = side.plan.survivors.shape[1]
        for profile in range(profiles):
            if profile in context.chain.priced or profiles == 1:
                row = _profile(context, sheet, row, side, profile)
    sheet.freeze(START, FIRST)
    sheet.repeat((TITLE_ROW, HEADING_ROW), (0, UNIT))
    sheet.print_on((0, 0, row, FIRST + count), (-(-count // MONTHS_PER_PAGE), 0), paper="large")


def _terms(context: Context, sheet: Sheet, row: int) -> int:
    """Terms that follow from the levers, in the base (column of totals) and as shown (column of constants)."""
    band(
        context,
        sheet,
        row,
        "Terms",
        FIRST + context.chain.ages,
    )
    for offset, (name, key, formula, label, unit) in enumerate(TERMS, start=1):
        line(sheet, row + offset, label, unit, "live")
        for column, side in zip((TOTAL, CONSTANT), sides(context), strict=True):
            value = getattr(side.terms, name)
            known = {each: term(context, each, side.name) for each, *_ in TERMS[: offset - 1]}
            spelled = formula.format(side.read(context, key) if key else "", **known)
            sheet.formula(row + offset, column, spelled, value, "cross", TERM_KINDS.get(unit, "plain"))
            context.place(f"term {name} {side.name}", PLAN, row + offset, column)
    return row + len(TERMS) + 2


def _shelves(context: Context, sheet: Sheet, row: int) -> int:
    """Tables by age that the program gives."""
    found = [series for series in context.supplies if series.key.startswith(BY_AGE)]
    if found:
        band(context, sheet, row, "Given by the program", FIRST + context.chain.ages)
        row += 1
    for series in found:
        row = shelve(context, sheet, row, FIRST, series)
    return row + 1


def _profile(context: Context, sheet: Sheet, row: int, side: Side, profile: int) -> int:
    """Failures, survivors and weights of the parts that fail alike, in the base or as shown."""
    named = context.report.generations[profile] if side.plan.survivors.shape[1] > 1 else "all parts"
    titled, live = ("base", "base") if side.name == BASE else ("scenario shown", "live")
    band(context, sheet, row, f"{named}, {titled}", FIRST + context.chain.ages)
    block = drive.hazard_block(profile)
    numbers, starts = context.spans[f"{block} {live}"], context.spans[f"{block} start"]
    left, weight = side.plan.survivors[:, profile], side.plan.weight[:, profile]
    line(sheet, row + 1, "Survivors", "share", "at that age")
    lost = f"INDEX({numbers},MATCH({{p}}${AGE_ROW + 1},{starts}))"
    sheet.number(row + 1, FIRST, 1, "calc", "share")
    sheet.series(row + 1, FIRST + 1, f"={{p}}{row + 2}*(1-{lost})", left[1:], ("calc", "share"))
    line(sheet, row + 2, "Worth of a USD at the month end", "USD", "live")
    life, factor = (term(context, key, side.name) for key in ("planning_life", "discount"))
    worth = f"=({{c}}${AGE_ROW + 1}<{life})*{factor}^({{c}}${AGE_ROW + 1}+1)*{{c}}{row + 2}"
    sheet.series(row + 2, FIRST, worth, weight, ("calc", "factor"))
    context.place(SURVIVORS.format(side.name, profile), PLAN, row + 1, FIRST)
    context.place(WEIGHT.format(side.name, profile), PLAN, row + 2, FIRST)
    return row + 4


def term(context: Context, name: str, side: str) -> str:
    """Address of a term in the base or as shown."""
    return context.refer(f"term {name} {side}")


def ages_of(context: Context, key: str) -> str:
    """Fixed address of a row by age."""
    sheet, row, column = context.places[key]
    return on(sheet, area((row, column), (row, column + context.chain.ages - 1)))


def sums(context: Context, part: int, side: str) -> tuple[str, str, str]:
    """Formulas of what an entrant's plan adds up for a part: years of cost, years of rent, share left at its end."""
    profile = part if WEIGHT.format(side, part) in context.places and context.chain.failures_differ else 0
    weight = ages_of(context, WEIGHT.format(side, profile))
    serving = _table(context, SERVING, part, side)
    efficiency = _table(context, EFFICIENCY, part, side)
    ages = on(PLAN, area((AGE_ROW, FIRST), (AGE_ROW, FIRST + context.chain.ages - 1)))
    fall = f"EXP(-{term(context, 'decline', side)}*{ages})"
    cost = ",".join(text for text in (weight, serving) if text)
    rent = ",".join(text for text in (weight, serving, efficiency, fall) if text)
    sheet, row, column = context.places[SURVIVORS.format(side, profile)]
    left = on(sheet, area((row, column), (row, column + context.chain.ages)))
    end = f"=INDEX({left},{term(context, 'planning_life', side)}+1)"
    return f"=SUMPRODUCT({cost})", f"=SUMPRODUCT({rent})", end


def _table(context: Context, key: str, part: int, side: str) -> str:
    """Address of an age table of a part; empty where it is idle."""
    found = by_age(context, key, part)
    if not found:
        return ""
    return ages_of(context, IN_BASE.format(found) if side == BASE else found)
