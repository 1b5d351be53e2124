"""The answer on one page: what the books charge, what the hardware loses, and where the two stand."""

from __future__ import annotations

from math import isnan

from reports.excel.plan.layout import LABEL, NOT_PUBLISHED, Context, fit_height, headings, section, state_cells
from reports.excel.plan.outline import BY_NAME, COVER
from reports.excel.sheets.years import year_cell
from reports.excel.writing.writer import Cell, Sheet
from reports.record.display import plain
from reports.record.report import LANDINGS, SIGNS, Value, at_case
from valuation.analysis.readings import in_millions
from valuation.timeline import FloatArray

LAST = 7
WIDTHS = (1.5, 41, 18, 18, 18, 18, 18, 18)
TEXT_WIDTH = 160
LIVES = (
    ("t50", "Half of cost is gone", "first month of age after which value in use stays at or below half of cost"),
    ("t90", "Nine tenths are gone", "first month of age after which value in use stays at or below a tenth of cost"),
    ("t100", "Retirement", "running on stops paying, a sale, or the age limit; mean of the cohorts, weighted by cost"),
    (
        "straight_line_equivalent",
        "Straight-line equivalent",
        "life of the straight line from cost that comes nearest to the value, by least squares",
    ),
)
NEGATIVE = {"type": "cell", "criteria": "<", "value": 0}


def build_cover(context: Context, sheet: Sheet) -> None:
    """Fill the sheet, which stands first but refers to all others."""
    sheet.widths(WIDTHS)
    row = _front(context, sheet)
    row = _headline(context, sheet, row + 1)
    row = _lives(context, sheet, row + 1)
    row = _sensitivities(context, sheet, row + 1)
    row = _plans(context, sheet, row + 1)
    row = _statements(context, sheet, row + 1)
    sheet.print_on((0, 0, row - 1, LAST), (1, 1))


def _front(context: Context, sheet: Sheet) -> int:
    """Who, what, when, which version, which scenario, and whether the checks hold."""
    report = context.report
    sheet.text(0, LABEL, BY_NAME[COVER].title, "title")
    sheet.height(0, 26)
    sheet.text(1, LABEL, report.entity, "subtitle")
    sheet.text(2, LABEL, report.purpose, "subtitle")
    facts: tuple[tuple[str, str, Cell, str], ...] = (
        ("As-of date", "=in_as_of", report.as_of, "date"),
        ("Scenario shown", "=sc_name", context.scenario, "text"),
    )
    for offset, (label, formula, value, kind) in enumerate(facts):
        sheet.text(4 + offset, LABEL, label, "label_bold")
        sheet.formula(4 + offset, LABEL + 1, formula, value, "show_left", kind)
    sheet.text(6, LABEL, "Amounts", "label_bold")
    sheet.text(6, LABEL + 1, f"{report.currency} million, nominal")
    for offset, (label, text) in enumerate(
        (("Program", f"obsolesce {report.version}"), ("Fingerprint", report.digest[:16]), ("Case", report.case))
    ):
        sheet.text(4 + offset, 4, label, "label_bold")
        sheet.text(4 + offset, 5, text)
    sheet.text(4, 6, "Checks", "label_bold")
    sheet.text(4, 7, "Inputs", "label_bold")
    state_cells(sheet, 5, 6)
    return 7


def _million(context: Context, array: FloatArray) -> float:
    return float(at_case(in_millions(array), context.shown))


def _headline(context: Context, sheet: Sheet, row: int) -> int:
    """One line a ledger and one for the value: charges of two years, amount at the as-of date, gap."""
    report, years = context.report, context.report.summary.fiscal_years
    named = [report.fiscal_years[year] for year in report.coming_years]
    section(
        sheet,
        row,
        "What three-year books would charge, what the issuer's books charge, what the hardware loses",
        (LABEL, LAST),
    )
    texts = (
        "USD million",
        *(f"Charged and written off FY{year}" for year in named),
        *(f"Hidden depreciation FY{year}" for year in named),
        f"Amount at {report.as_of:%Y-%m-%d}",
        "Gap: amount less economic value",
    )
    headings(sheet, row + 1, texts)
    sheet.height(row + 1, 30)
    width = len(named)
    for offset, ledger in enumerate(report.ledgers):
        at = row + 2 + offset
        sheet.text(at, LABEL, report.ledger_title(ledger), "label_bold")
        booked = (f"depreciation {ledger}", f"written off {ledger}")
        _years(context, sheet, (at, LABEL + 1), booked, years.charged[ledger])
        _years(context, sheet, (at, LABEL + 1 + width), (f"hidden {ledger}",), years.hidden_depreciation[ledger])
        as_of = report.summary.as_of
        _amount(context, sheet, (at, 1 + 2 * width + 1), f"carrying {ledger}", as_of.carrying_amount[ledger])
        _amount(context, sheet, (at, 1 + 2 * width + 2), f"gap {ledger}", as_of.gap[ledger])
        context.book.name_cell(f"out_gap_{ledger.lower()}", COVER, at, 1 + 2 * width + 2)
    at = row + 2 + len(report.ledgers)
    sheet.text(at, LABEL, "Economic value, and its loss in the year", "label_bold")
    _years(context, sheet, (at, LABEL + 1), ("economic depreciation",), years.economic_depreciation)
    _amount(context, sheet, (at, 1 + 2 * width + 1), "economic value", report.summary.as_of.economic_value)
    context.book.name_cell("out_economic_value", COVER, at, 1 + 2 * width + 1)
    sheet.colour_when((row + 2, LABEL + 1, at, LAST), NEGATIVE, "negative")
    return at + 1


def _years(context: Context, sheet: Sheet, corner: tuple[int, int], keys: tuple[str, ...], array: FloatArray) -> None:
    """Measures of the sheet of years, added up; missing where economic figures are not published."""
    for offset, year in enumerate(context.report.coming_years):
        value = _million(context, array[year])
        total = "+".join(year_cell(context, key, year) for key in keys)
        formula = f'=IF(ISNUMBER({total}),({total})/in_unit,"{NOT_PUBLISHED}")'
        sheet.formula(
            corner[0], corner[1] + offset, formula, NOT_PUBLISHED if isnan(value) else value, "show", "million"
        )


def _amount(context: Context, sheet: Sheet, at: tuple[int, int], key: str, array: FloatArray) -> None:
    sheet.formula(*at, f"={context.refer(key)}/in_unit", _million(context, array), "show_total", "million")


def _lives(context: Context, sheet: Sheet, row: int) -> int:
    """Implied lives of the fleet in the base, each with its definition."""
    report, lives = context.report, context.report.results.fleet_lives
    base = report.scenarios[0].name
    section(sheet, row, f"Lives that the value implies, months ({base}, mean fleet weighted by cost)", (LABEL, LAST))
    for offset, (name, label, meaning) in enumerate(LIVES, start=1):
        sheet.text(row + offset, LABEL, label, "label_bold")
        value = float(at_case(getattr(lives, name)[0], 0))
        if value == value:
            sheet.number(row + offset, LABEL + 1, value, "engine", "months")
        else:
            sheet.text(row + offset, LABEL + 1, "never", "engine")
        sheet.text(row + offset, LABEL + 2, meaning, "unit")
    return row + 1 + len(LIVES)


def _sensitivities(context: Context, sheet: Sheet, row: int) -> int:
    """The assumptions that move the gap most, with the gap at both ends of their range."""
    report = context.report
    if not report.sensitivities:
        return row - 1
    ledger = report.ranking_ledger
    shown = f"{report.scenarios[0].name}, {report.ledger_title(ledger)}"
    title = f"The three assumptions that move the gap most, and the landing rule ({shown})"
    section(sheet, row, title, (LABEL, LAST))
    texts = ("Assumption", "Base", "Low", "High", "Gap at low", "Gap at high", "Confidence")
    headings(sheet, row + 1, texts)
    for offset, item in enumerate(report.leading_sensitivities, start=2):
        at = row + offset
        sheet.text(at, LABEL, f"{item.label} [{item.unit}]", "paragraph")
        for column, value in enumerate((item.value, item.low, item.high), start=2):
            _plain(sheet, at, column, value)
        for column, gap in ((5, item.gap_low), (6, item.gap_high)):
            _million_or_none(sheet, at, column, gap[ledger])
        sheet.text(at, 7, item.confidence, "unit")
    last = row + 1 + len(report.leading_sensitivities)
    sheet.colour_when((row + 2, 5, last, 6), NEGATIVE, "negative")
    return last + 1


def _million_or_none(sheet: Sheet, row: int, column: int, usd: float) -> None:
    if isnan(usd):
        sheet.text(row, column, "no solution", "engine")
    else:
        sheet.number(row, column, in_millions(usd), "engine", "million")


def _plain(sheet: Sheet, row: int, column: int, value: Value) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.number(row, column, value, "engine", "plain")
    else:
        sheet.text(row, column, "as base" if value is None else plain(value), "engine")


def _plans(context: Context, sheet: Sheet, row: int) -> int:
    """Value of a calibrated fleet under the three plans."""
    report = context.report
    if not report.plans:
        return row - 1
    section(sheet, row, "The same fleet under the three plans that may stand behind its rents (base)", (LABEL, LAST))
    kept = context.ledgers_of_the_run
    gaps = (f"Gap, {report.ledger_title(ledger)}" for ledger in kept)
    headings(sheet, row + 1, ("Plan", "Economic value", *gaps))
    sheet.height(row + 1, 30)
    for offset, plan in enumerate(report.plans, start=2):
        sheet.text(row + offset, LABEL, f"{plan.plan} (this run)" if plan.chosen else plan.plan)
        sheet.number(row + offset, 2, in_millions(plan.value_in_exchange), "engine", "million")
        for column, ledger in enumerate(kept, start=3):
            sheet.number(row + offset, column, in_millions(plan.gap[ledger]), "engine", "million")
    last = row + 1 + len(report.plans)
    sheet.colour_when((row + 2, 3, last, 2 + len(kept)), NEGATIVE, "negative")
    return last + 1


def _statements(context: Context, sheet: Sheet, row: int) -> int:
    section(sheet, row, "How to read it", (LABEL, LAST))
    texts = (SIGNS, *context.report.remarks)
    for offset, text in enumerate(texts, start=1):
        sheet.merged(row + offset, (LABEL, LAST), text, "statement" if text in (SIGNS, LANDINGS) else "paragraph")
        fit_height(sheet, row + offset, [(text, TEXT_WIDTH)])
    return row + 1 + len(texts)
