"""What must hold, live, with tolerance and outcome; the master check and the stale flag that every sheet shows."""

from __future__ import annotations

from typing import NamedTuple

from reports.excel.plan import levers
from reports.excel.plan.layout import (
    ALL_PASS,
    AS_EXPORTED,
    COUNTER_ROW,
    DATE_ROW,
    LABEL,
    OPENING,
    Context,
    head,
    headings,
)
from reports.excel.plan.outline import (
    BOOKS,
    BRIDGE,
    CASH,
    CHECKS,
    ECONOMIC,
    GAP,
    LANDINGS,
    MARKET,
    QUARTERS,
    WORTH,
    YEARS,
)
from reports.excel.plan.sides import SHOWN, sides
from reports.excel.sheets.inputs import ROOMY, UNSTRANDED
from reports.excel.sheets.levers import GIVEN_PLACES, GIVEN_RENTS
from reports.excel.sheets.plans import term
from reports.excel.sheets.years import year_cell
from reports.excel.writing.address import area, cell, column_letter
from reports.excel.writing.writer import Sheet

NAME, WHERE, VALUE, TOLERANCE, OUTCOME = range(1, 6)
WIDTHS = (1.5, 80, 16, 18, 20, 12)
FIRST_ROW = 8
PASS, FAIL = "pass", "FAIL"
UNCHANGED = "(chk_changed_live+chk_changed_engine=0)"
RENT_TOLERANCE = "1e-9"


class Line(NamedTuple):
    """One check: a live formula whose absolute value must stay within a tolerance."""

    name: str
    where: str
    formula: str
    tolerance: str = "=in_tolerance"


def build_checks(context: Context) -> None:
    """Write the sheet."""
    sheet, lines = context.sheet(CHECKS), live_checks(context)
    sheet.widths(WIDTHS)
    head(context, sheet, "USD unless stated", state=VALUE)
    headings(sheet, FIRST_ROW - 1, ("What must hold", "Sheet", "Value", "Tolerance", "Outcome"))
    for offset, line in enumerate(lines):
        _line(sheet, FIRST_ROW + offset, line, context.report.checks[0].tolerance)
    row = FIRST_ROW + len(lines)
    for check in context.report.checks:
        sheet.text(row, NAME, f"Engine: {_titled(context, check.name)}", "paragraph")
        sheet.text(row, WHERE, "engine", "unit")
        sheet.number(row, VALUE, check.residual, "engine", "residual")
        sheet.number(row, TOLERANCE, check.tolerance, "engine", "residual")
        _outcome(sheet, row, PASS if check.passed else FAIL)
        row += 1
    failed = [check for check in context.report.checks if not check.passed]
    _master(context, sheet, row - 1, len(failed))
    sheet.dash_nothing((FIRST_ROW, VALUE, row - 1, TOLERANCE))
    sheet.freeze(FIRST_ROW, NAME + 1)
    sheet.print_on((0, 0, row - 1, OUTCOME), (1, 0))
    sheet.repeat((FIRST_ROW - 1, FIRST_ROW - 1))


def _titled(context: Context, name: str) -> str:
    """Name of a check of the program, a set of books by its title."""
    ledger, colon, rest = name.partition(": ")
    return f"{context.report.ledger_title(ledger)}: {rest}" if colon and ledger in context.report.ledgers else name


def _line(sheet: Sheet, row: int, line: Line, tolerance: float) -> None:
    sheet.text(row, NAME, line.name, "paragraph")
    sheet.text(row, WHERE, line.where, "unit")
    sheet.formula(row, VALUE, line.formula, 0, "cross", "residual")
    if line.tolerance.startswith("="):
        sheet.formula(row, TOLERANCE, line.tolerance, tolerance, "cross", "residual")
    else:
        sheet.number(row, TOLERANCE, float(line.tolerance), "engine", "residual")
    _outcome(sheet, row, PASS)


def _outcome(sheet: Sheet, row: int, result: str) -> None:
    value, tolerance = cell(row, VALUE), cell(row, TOLERANCE)
    formula = f'=IF(ISERROR({value}),"{FAIL}",IF(ABS({value})<={tolerance},"{PASS}","{FAIL}"))'
    sheet.formula(row, OUTCOME, formula, result, "state", "text")


def _master(context: Context, sheet: Sheet, last: int, failed: int) -> None:
    """Count of failures, the master check in words, and the stale flag."""
    outcomes = area((FIRST_ROW, OUTCOME), (last, OUTCOME))
    spot = (FIRST_ROW, OUTCOME, last, OUTCOME)
    sheet.colour_when(spot, {"type": "text", "criteria": "containing", "value": FAIL}, "fail")
    sheet.colour_when(spot, {"type": "text", "criteria": "containing", "value": PASS}, "pass")
    sheet.colour_when((3, VALUE, 3, VALUE), {"type": "text", "criteria": "containing", "value": FAIL}, "fail")
    sheet.colour_when((3, VALUE, 3, VALUE), {"type": "text", "criteria": "containing", "value": ALL_PASS}, "pass")
    sheet.text(3, LABEL, "Master check", "label_bold")
    count = f'COUNTIF({outcomes},"{FAIL}")'
    words = f"{failed} checks FAIL" if failed else ALL_PASS
    sheet.formula(3, VALUE, f'=IF({count}=0,"{ALL_PASS}",{count}&" checks FAIL")', words, "state", "text")
    sheet.text(4, LABEL, "Inputs changed since the run: those that the workbook follows", "label")
    sheet.text(5, LABEL, "Inputs changed since the run: those that need a new run", "label")
    changed, effect = context.spans["changed"], context.spans["effect"]
    live = f'=SUMIFS({changed},{effect},"live*")'
    given = [
        f'{levers.shown(context, key)}*SUMIFS({changed},{effect},"*{words}*")'
        for key, words in ((GIVEN_RENTS, UNSTRANDED), (GIVEN_PLACES, ROOMY))
        if context.chain.is_live and levers.has(context, key)
    ]
    # What moves the rents of parts that strand moves the worth of places too: the larger count holds.
    live += f"-MAX({','.join(given)})" if given else ""
    sheet.formula(4, VALUE, live, 0, "cross", "count")
    sheet.formula(5, VALUE, f"=SUM({changed})-{cell(4, VALUE)}", 0, "cross", "count")
    words = (
        f'=IF({cell(5, VALUE)}>0,{cell(5, VALUE)}&" changed: run again",'
        f'IF({cell(4, VALUE)}>0,{cell(4, VALUE)}&" changed: live","{AS_EXPORTED}"))'
    )
    sheet.formula(5, TOLERANCE, words, AS_EXPORTED, "state", "text")
    context.book.name_cell("chk_master", CHECKS, 3, VALUE)
    context.book.name_cell("chk_changed_live", CHECKS, 4, VALUE)
    context.book.name_cell("chk_changed_engine", CHECKS, 5, VALUE)
    context.book.name_cell("chk_stale", CHECKS, 5, TOLERANCE)


def live_checks(context: Context) -> list[Line]:
    """Every live check of the workbook."""
    report = context.report
    found = [
        Line("A scenario of the list is chosen (0 = yes)", "Scenarios", "=IF(ISNUMBER(sc_number),0,1)", "0"),
        Line("Inputs outside their range", "Inputs", f"=SUM({context.spans['outside']})", "0"),
        _timeline(context),
    ]
    for ledger in report.ledgers:
        found += _ledger_checks(context, ledger)
    found += [_never_negative(context), *_headlines(context), _no_errors(context)]
    return found + (_chain_checks(context) if context.chain.is_live else [])


def _chain_checks(context: Context) -> list[Line]:
    """Checks of the chain from rents to values: against the run, the observed rents, scrap and the horizon."""
    found = []
    figures = (
        ("Economic value", "economic value", ECONOMIC),
        ("Value in use", "value in use", ECONOMIC),
        ("NPV", "npv", CASH),
    )
    for title, key, sheet in figures:
        run = f"INDEX({context.spans[f'engine {title}']},sc_number)*in_unit"
        formula = f"={UNCHANGED}*({context.refer(key)}-{run})"
        found.append(Line(f"{title}: live at the as-of date = that of the run", sheet, formula))
    for segment, name in enumerate(context.report.segments):
        formula = f"={context.refer(f'market rent {segment}')}-{term(context, 'rent_now', SHOWN)}"
        found.append(Line(f"{name}: the rent at the as-of date is the observed one", MARKET, formula, RENT_TOLERANCE))
    units, exchange = (_block(context, f"{key} all") for key in ("units", "exchange"))
    total = f"=SUM({context.bounds_of('economic value')})-SUMPRODUCT({units},{exchange})"
    found.append(Line("The fleet is worth the sum of its cohorts, over all months", ECONOMIC, total))
    scrap, scheduled, entered = (context.spans[f"devices {key}"] for key in ("scrap", "scheduled", "in service"))
    use, months = context.spans["use block"], context.spans["use months"]
    short = f"({use}<{scrap})*({months}>={entered})*({months}<{scheduled})*({scrap}-{use})"
    found.append(Line("A device is never worth less in use than its scrap", WORTH, f"=SUMPRODUCT({short})"))
    for side in sides(context):
        formula = f"=MAX(0,in_horizon-{context.refer(f'last landing {side.name}')})"
        found.append(Line(f"The landings listed reach the horizon, {side.title}", LANDINGS, formula, "0"))
    return found


def _block(context: Context, key: str) -> str:
    """All months of a block of which a template gives one column."""
    first, last = context.spans[key].split(":")
    return f"{first.format(x=column_letter(OPENING))}:{last.format(x=column_letter(context.last))}"


def _ledger_checks(context: Context, ledger: str) -> list[Line]:
    title = context.report.ledger_title(ledger)
    parts = "+".join(
        context.refer(f"check {key}")
        for key in (ledger, *(f"{ledger} {group}" for group in context.report.shown_groups))
    )
    opening = context.refer(f"carrying {ledger}")
    additions, charged = context.months_of(f"additions {ledger}"), context.months_of(f"depreciation {ledger}")
    gone, closing = context.months_of(f"disposals {ledger}"), context.months_of(f"closing {ledger}")
    last = closing.partition(":")[2]
    total = f"={opening}+SUM({additions})-SUM({charged})-SUM({gone})-{BOOKS}!{last}"
    gap, worth = context.months_of(f"gap {ledger}"), context.months_of("economic value")
    return [
        *_walk_checks(context, ledger, opening),
        Line(f"{title}: every corkscrew closes at the sum of its cohorts", BOOKS, f"={parts}"),
        Line(f"{title}: opening and additions are charged, disposed of or still there", BOOKS, total),
        Line(f"{title}: gap = books less economic value", GAP, f"=SUM({gap})-SUM({closing})+SUM({worth})"),
        Line(
            f"{title}: hidden depreciation = change of the gap + net surplus",
            GAP,
            f"={context.refer(f'identity {ledger}')}",
        ),
        Line(f"{title}: no negative carrying amount", BOOKS, f"=MIN(0,MIN({closing}))"),
    ]


def _walk_checks(context: Context, ledger: str, opening: str) -> list[Line]:
    """The walk from the books to the value, for books of the run."""
    if f"bridge first {ledger}" not in context.places:
        return []
    title = context.report.ledger_title(ledger)
    left, books = (context.refer(f"bridge {key} {ledger}") for key in ("check", "first"))
    starts = f"={UNCHANGED}*({books}*in_unit-{opening})"
    return [
        Line(f"{title}: the walk from the books reaches the value", BRIDGE, f"={left}"),
        Line(f"{title}: the walk starts from the books, unless inputs have changed", BRIDGE, starts),
    ]


def _timeline(context: Context) -> Line:
    last = f"{BOOKS}!{cell(DATE_ROW, context.last, fixed=True)}"
    return Line(
        "The months are continuous: the last one is where the counter says",
        BOOKS,
        f"={last}-EOMONTH(in_as_of,{BOOKS}!{cell(COUNTER_ROW, context.last, fixed=True)})",
        "0",
    )


def _never_negative(context: Context) -> Line:
    return Line("Economic value is never negative", ECONOMIC, f"=MIN(0,MIN({context.months_of('economic value')}))")


def _headlines(context: Context) -> list[Line]:
    """Live figures against the program's, as long as no input has changed."""
    report, found = context.report, []
    for year in report.coming_years:
        fiscal = report.fiscal_years[year]
        for ledger in context.ledgers_of_the_run:
            engine = context.spans[f"engine Hidden depreciation FY{fiscal}, {report.ledger_title(ledger)}"]
            live = year_cell(context, f"hidden {ledger}", year)
            if not report.summary.fiscal_years.published[year]:
                continue
            formula = f"={UNCHANGED}*({live}-INDEX({engine},sc_number)*in_unit)"
            found.append(
                Line(
                    f"FY{fiscal}, {report.ledger_title(ledger)}: live hidden depreciation = that of the run",
                    YEARS,
                    formula,
                )
            )
    return found


def _no_errors(context: Context) -> Line:
    parts = []
    for sheet, key in ((YEARS, "year"), (QUARTERS, "quarter")):
        for name, (place, row, column) in context.places.items():
            if place == sheet and name.startswith(key + " "):
                last = column + (len(context.report.fiscal_years) - 1 if sheet == YEARS else 0)
                parts.append(f"SUMPRODUCT(--ISERROR({sheet}!{area((row, column), (row, last))}))")
    return Line(
        "No cell of the fiscal years and quarters is an error", f"{YEARS}, {QUARTERS}", "=" + "+".join(parts), "0"
    )
