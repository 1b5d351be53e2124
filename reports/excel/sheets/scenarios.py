"""The sheet of scenarios: the selector, what each one says, their figures side by side, and the live drivers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reports.excel.plan import drivers as drive
from reports.excel.plan.layout import FIRST, LABEL, Context, by_scenario, fit_height, head, headings, section
from reports.excel.plan.outline import SCENARIOS
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet
from valuation.analysis.readings import in_millions
from valuation.timeline import FloatArray

NUMBER, NAME, TITLE = 1, 2, 3
SELECTOR_ROW, LIST_ROW = 3, 6
LIVE, CASE = 6, FIRST
COLUMN, SMALLER = 15.5, 1.15  # width of the figures; notes are set smaller
WIDTHS = (1.5, 44, 21, *[COLUMN] * 16)
SENTENCE, CHANGES, SOURCE = (3, 7), (8, 11), (12, 14)
Column = tuple[str, str, list[float]]


def build_scenarios(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(SCENARIOS)
    sheet.widths([*WIDTHS, *[COLUMN] * len(context.cases)])
    head(context, sheet, "USD million unless stated", state=4)
    _selector(context, sheet)
    row = _list(context, sheet, LIST_ROW)
    sheet.breaks([row + 1])
    row = _comparison(context, sheet, row + 1)
    _drivers(context, sheet, row + 1)
    sheet.freeze(SELECTOR_ROW + 2, NAME)
    # The drivers are as wide as there are scenarios: in print they would make all above too small to read.
    sheet.print_on((0, 0, row, SOURCE[1]), (1, 0), paper="large")


def _selector(context: Context, sheet: Sheet) -> None:
    count = len(context.cases)
    names = area((LIST_ROW + 1, LABEL), (LIST_ROW + count, LABEL))
    sheet.text(SELECTOR_ROW, LABEL, "Scenario shown (choose)", "label_bold")
    sheet.text(SELECTOR_ROW, NAME, context.scenario, "input")
    sheet.validate(
        SELECTOR_ROW,
        NAME,
        {
            "validate": "list",
            "source": f"={names}",
            "input_title": "Scenario",
            "input_message": "Choose one of the list; every live sheet follows.",
            "error_title": "Unknown scenario",
            "error_message": "Choose a name from the list.",
        },
    )
    sheet.text(SELECTOR_ROW, 3, "number", "unit")
    formula = f"=MATCH({cell(SELECTOR_ROW, NAME)},{names},0)"
    sheet.formula(SELECTOR_ROW, 4, formula, context.shown + 1, "calc", "count")
    context.book.name_cell("sc_name", SCENARIOS, SELECTOR_ROW, NAME)
    context.book.name_cell("sc_number", SCENARIOS, SELECTOR_ROW, 4)


def _list(context: Context, sheet: Sheet, row: int) -> int:
    """One row a scenario: name, heading, sentence, what changes, source."""
    headings(sheet, row, ("Scenario", "Heading"))
    for columns, text in ((SENTENCE, "What it says"), (CHANGES, "What changes"), (SOURCE, "Source (date, confidence)")):
        sheet.merged(row, columns, text, "heading")
    for scenario in context.report.scenarios:
        row += 1
        changes = "; ".join(scenario.changes) or "nothing"
        sheet.text(row, LABEL, scenario.name, "label_bold")
        sheet.text(row, NAME, scenario.title, "paragraph")
        for columns, text in ((SENTENCE, scenario.claim), (CHANGES, changes), (SOURCE, scenario.evidence)):
            sheet.merged(row, columns, text, "note")
        texts = ((scenario.claim, SENTENCE), (changes, CHANGES), (scenario.evidence, SOURCE))
        widths = [(text, SMALLER * COLUMN * (last - first + 1)) for text, (first, last) in texts]
        fit_height(sheet, row, [*widths, (scenario.title, WIDTHS[NAME])])
    return row + 1


def _comparison(context: Context, sheet: Sheet, row: int) -> int:
    """Headline figures of every scenario, as the program found them."""
    columns = comparison(context)
    title = "Side by side, as of the run (USD million unless stated)"
    section(sheet, row, title, (LABEL, LABEL + len(columns)))
    headings(sheet, row + 1, ("Scenario", *(title for title, _, _ in columns)))
    sheet.height(row + 1, 56)
    for case, scenario in enumerate(context.report.scenarios):
        at = row + 2 + case
        sheet.text(at, LABEL, scenario.name, "label_bold")
        for offset, (_, kind, values) in enumerate(columns, start=NAME):
            if math.isfinite(values[case]):
                sheet.number(at, offset, values[case], "engine", kind)
            else:
                sheet.text(at, offset, "–", "engine")
    last = row + 1 + len(context.cases)
    for offset, (title, _, _) in enumerate(columns, start=NAME):
        context.spans[f"engine {title}"] = on(SCENARIOS, area((row + 2, offset), (last, offset)))
    return last + 1


def comparison(context: Context) -> list[Column]:
    """Columns of the comparison: heading, number format, one value a scenario."""
    report, cases = context.report, context.cases
    as_of, years, returns = report.summary.as_of, report.summary.fiscal_years, report.results.returns

    def millions(title: str, array: FloatArray) -> Column:
        return title, "million", by_scenario(in_millions(array), cases)

    found = [
        millions(f"Gap, {report.ledger_title(ledger)}", as_of.gap[ledger]) for ledger in context.ledgers_of_the_run
    ]
    found.append(millions("Economic value", as_of.economic_value))
    found.append(millions("Value in use", as_of.value_in_use))
    for year in report.coming_years:
        fiscal = report.fiscal_years[year]
        for ledger in context.ledgers_of_the_run:
            title = f"Hidden depreciation FY{fiscal}, {report.ledger_title(ledger)}"
            found.append(millions(title, years.hidden_depreciation[ledger][year]))
    found.append(millions("NPV", returns.npv))
    found.append(("IRR a year", "percent", by_scenario(returns.irr, cases)))
    found.append(
        ("Mean age at retirement, months", "months", by_scenario(report.results.fleet_lives.retirement[0], cases))
    )
    return found


def _drivers(context: Context, sheet: Sheet, row: int) -> int:
    """Matrix of the numbers the live ledgers use: base linked to the inputs, the others follow unless they differ."""
    section(sheet, row, "Drivers of the live ledgers, by scenario", (LABEL, CASE + len(context.cases) - 1))
    sheet.text(row + 1, LABEL, "Driver", "heading")
    for column, text in ((NAME, "Block"), (3, "Unit"), (4, "From month or age"), (LIVE, "Shown (live)")):
        sheet.text(row + 1, column, text, "heading")
    sheet.text(row + 1, 5, "", "heading")
    for case, scenario in enumerate(context.report.scenarios):
        sheet.text(row + 1, CASE + case, scenario.name, "heading")
    sheet.height(row + 1, 28)
    found = drive.drivers(context.report)
    for offset, driver in enumerate(found):
        _driver(context, sheet, row + 2 + offset, driver)
    _blocks(context, found, row + 2)
    return row + 2 + len(found)


def _driver(context: Context, sheet: Sheet, row: int, driver: drive.Driver) -> None:
    report = context.report
    sheet.text(row, LABEL, driver.label, "paragraph")
    fit_height(sheet, row, [(driver.label, WIDTHS[LABEL])])
    sheet.text(row, NAME, driver.block, "unit")
    sheet.text(row, 3, driver.unit, "unit")
    start = drive.linked_start(report, driver)
    if start:
        sheet.formula(row, 4, start, driver.start, "cross", "count")
    else:
        sheet.number(row, 4, driver.start, "engine", "count")
    base = drive.linked(report, driver) or f"={drive.input_name('books.' + driver.key)}"
    sheet.formula(row, CASE, base, driver.base, "cross", driver.kind)
    for case in list(context.cases)[1:]:
        if driver.values[case] == driver.base:
            sheet.formula(row, CASE + case, f"={cell(row, CASE)}", driver.base, "calc", driver.kind)
        else:
            sheet.number(row, CASE + case, driver.values[case], "input", driver.kind)
    picked = f"=INDEX({cell(row, CASE)}:{cell(row, CASE + len(context.cases) - 1)},sc_number)"
    sheet.formula(row, LIVE, picked, driver.values[context.shown], "calc", driver.kind)


def _blocks(context: Context, found: Sequence[drive.Driver], first: int) -> None:
    """Remember where the numbers and the starts of each block stand."""
    for block in dict.fromkeys(driver.block for driver in found):
        rows = [first + place for place, driver in enumerate(found) if driver.block == block]
        context.spans[f"{block} live"] = on(SCENARIOS, area((rows[0], LIVE), (rows[-1], LIVE)))
        context.spans[f"{block} base"] = on(SCENARIOS, area((rows[0], CASE), (rows[-1], CASE)))
        context.spans[f"{block} start"] = on(SCENARIOS, area((rows[0], 4), (rows[-1], 4)))
