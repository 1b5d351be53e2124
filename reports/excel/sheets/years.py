"""Fiscal years: what the books charged before the as-of date is the program's, what comes after is summed live."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

from reports.excel.plan.layout import LABEL, NOT_PUBLISHED, NOTE, UNIT, YEAR_ROW, Context, band, head, headings, line
from reports.excel.plan.outline import BOOKS, YEARS
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from valuation.analysis.readings import in_millions
from valuation.analysis.summary import fiscal_years_to_date
from valuation.timeline import FloatArray

FIRST_YEAR = 4
HEADING, PUBLISHED, FIRST_ROW = 3, 4, 6
WIDTHS = (1.5, 50, 17, 20)
YEAR_WIDTH = 16
NEGATIVE = {"type": "cell", "criteria": "<", "value": 0}


class Measure(NamedTuple):
    """A flow by fiscal year: its part before the as-of date, its months after, its total as the program found it."""

    key: str
    title: str
    months: str
    to_date: FloatArray
    total: FloatArray
    economic: bool


def measures(context: Context) -> list[Measure]:
    """Flows of the sheet: depreciation and write-offs by ledger, economic depreciation, hidden depreciation."""
    report = context.report
    results, years = report.results, report.summary.fiscal_years

    def measure(key: str, title: str, flows: FloatArray, total: FloatArray, *, economic: bool = True) -> Measure:
        return Measure(key, title, key, fiscal_years_to_date(flows, results), total, economic)

    found = []
    for ledger, gap in zip(results.ledgers, results.gaps, strict=True):
        name, title = ledger.name, report.ledger_title(ledger.name)
        found += [
            measure(
                f"depreciation {name}",
                f"Depreciation, {title}",
                ledger.depreciation,
                years.depreciation[name],
                economic=False,
            ),
            measure(
                f"written off {name}",
                f"Written off, net of proceeds, {title}",
                gap.written_off,
                years.written_off[name],
                economic=False,
            ),
        ]
    found.append(
        measure(
            "economic depreciation",
            "Economic depreciation",
            results.economic.economic_depreciation,
            years.economic_depreciation,
        )
    )
    for gap in results.gaps:
        title = f"Hidden depreciation, {report.ledger_title(gap.ledger)}"
        hidden = years.hidden_depreciation[gap.ledger]
        found.append(measure(f"hidden {gap.ledger}", title, gap.hidden_depreciation, hidden))
    return found


def build_years(context: Context) -> None:
    """Write the sheet."""
    sheet, report = context.sheet(YEARS), context.report
    count = len(report.fiscal_years)
    sheet.widths([*WIDTHS, *[YEAR_WIDTH] * count])
    head(context, sheet, "USD", state=UNIT)
    headings(sheet, HEADING, ("Fiscal year", "Unit", "Measure"))
    for offset, year in enumerate(report.fiscal_years):
        sheet.number(HEADING, FIRST_YEAR + offset, year, "heading", "year")
    line(sheet, PUBLISHED, "Economic figures published (1 = yes)", "flag", "engine")
    published = [int(flag) for flag in report.summary.fiscal_years.published]
    sheet.numbers(PUBLISHED, FIRST_YEAR, published, "engine", "count")
    row, found = FIRST_ROW, measures(context)
    band(context, sheet, row - 1, "Shown: the part before the as-of date plus the months after it", _last(context))
    bars = row + len(found) + 1
    block = end = bars + len(report.ledgers) + 1
    pasts = [_histories(context, measure) for measure in found]
    for offset, (measure, past) in enumerate(zip(found, pasts, strict=True)):
        _shown(context, sheet, row + offset, measure, (end, len(past)))
        end += len(past) + 1
    _bars(context, sheet, bars)
    for measure, past in zip(found, pasts, strict=True):
        block = _engine(context, sheet, block, measure, past)
    sheet.freeze(PUBLISHED + 1, FIRST_YEAR)
    # What the program gives by scenario stands below: it fills many pages and is read through the rows shown.
    sheet.print_on((0, 0, bars + len(report.ledgers) - 1, _last(context)), (2, 0), paper="large")
    sheet.repeat((0, PUBLISHED), (0, NOTE))


def _last(context: Context) -> int:
    return FIRST_YEAR + len(context.report.fiscal_years) - 1


def _until(context: Context) -> int:
    """Fiscal years that begin by the as-of date; the parts of later ones before it are left empty."""
    year = int(context.report.results.inputs.timeline.fiscal_year_of_bound[context.as_of])
    return context.report.fiscal_years.index(year) + 1


def _histories(context: Context, measure: Measure) -> list[tuple[str, list[float]]]:
    """Parts before the as-of date with the name of their scenario; one for all where they share it."""
    found = [[float(value) for value in at_case(measure.to_date, case)] for case in context.cases]
    if all(str(each) == str(found[0]) for each in found):
        return [("all scenarios", found[0])]
    return [(scenario.name, each) for scenario, each in zip(context.report.scenarios, found, strict=True)]


def _shown(context: Context, sheet: Sheet, row: int, measure: Measure, past: tuple[int, int]) -> None:
    line(sheet, row, measure.title, "USD", "shown, live")
    months = context.months_of(measure.months)
    years = context.head_of(BOOKS, YEAR_ROW)
    after = f"SUMIFS({months},{years},{{c}}${HEADING + 1})"
    block, count = past
    before = f"INDEX({{c}}{block + 2}:{{c}}{block + 1 + count},sc_number)" if count > 1 else f"{{c}}{block + 2}"
    total = f"{before}+{after}"
    template = f'=IF({{c}}${PUBLISHED + 1}=1,{total},"{NOT_PUBLISHED}")' if measure.economic else f"={total}"
    shown = [NOT_PUBLISHED if isnan(value) else float(value) for value in at_case(measure.total, context.shown)]
    style = ("total", "usd") if measure.key.startswith("hidden") else ("cross", "usd")
    sheet.series(row, FIRST_YEAR, template, shown, style)
    sheet.colour_when((row, FIRST_YEAR, row, _last(context)), NEGATIVE, "negative")
    context.place(f"year {measure.key}", YEARS, row, FIRST_YEAR)


def _bars(context: Context, sheet: Sheet, row: int) -> None:
    """Hidden depreciation in USD million, for the picture."""
    report = context.report
    band(context, sheet, row - 1, "For the picture, USD million", _last(context))
    flags = report.summary.fiscal_years.published
    for offset, ledger in enumerate(report.ledgers):
        title = report.ledger_title(ledger)
        line(sheet, row + offset, title, "USD million", "live")
        found = at_case(in_millions(report.summary.fiscal_years.hidden_depreciation[ledger]), context.shown)
        values = [value if known else 0.0 for value, known in zip(found, flags, strict=True)]
        source = context.places[f"year hidden {ledger}"][1] + 1
        template = f"=IF(ISNUMBER({{c}}{source}),{{c}}{source}/in_unit,0)"
        sheet.series(row + offset, FIRST_YEAR, template, values, ("calc", "million"))
        context.place(f"bar {ledger}", YEARS, row + offset, FIRST_YEAR)


def _engine(context: Context, sheet: Sheet, row: int, measure: Measure, pasts: list[tuple[str, list[float]]]) -> int:
    """The part before the as-of date, where scenarios differ one row each; returns the next free row."""
    title = f"{measure.title}: before the as-of date (engine)"
    band(context, sheet, row, title, _last(context))
    published = context.report.summary.fiscal_years.published[: _until(context)]
    for at, (name, values) in enumerate(pasts, start=row + 1):
        sheet.text(at, LABEL, name)
        sheet.text(at, UNIT, "USD", "unit")
        sheet.text(at, NOTE, "engine", "unit")
        for offset, (value, known) in enumerate(zip(values, published, strict=False)):
            if known or not measure.economic:
                sheet.number(at, FIRST_YEAR + offset, value, "engine", "usd")
            else:
                sheet.text(at, FIRST_YEAR + offset, "", "engine")
    return row + 1 + len(pasts)


def year_cell(context: Context, key: str, year: int) -> str:
    """Fixed address of a measure in a fiscal year, by its position."""
    _, row, column = context.places[f"year {key}"]
    return f"{YEARS}!{cell(row, column + year, fixed=True)}"
