"""One printed page: books beside value, hidden depreciation, the walk between them, rents, and all scenarios."""

from __future__ import annotations

import math

from reports.excel.plan.layout import LABEL, OPENING, UNIT, Context, head, section
from reports.excel.plan.outline import BRIDGE, DASHBOARD, MARKET, QUARTERS, YEARS
from reports.excel.sheets.bridge import HELPERS, STEP
from reports.excel.sheets.quarters import FIRST_QUARTER
from reports.excel.sheets.quarters import HEADING as QUARTER_HEADING
from reports.excel.sheets.scenarios import comparison
from reports.excel.sheets.years import FIRST_YEAR
from reports.excel.sheets.years import HEADING as YEAR_HEADING
from reports.excel.writing.charts import AXIS_FONT, DATES, GRID, ROW_PIXELS, dress
from reports.excel.writing.styles import FONT, SERIES_COLOURS, VALUE_COLOUR
from reports.excel.writing.writer import Drawing, Sheet

COLUMNS, COLUMN_WIDTH, COLUMN_PIXELS = 5, 19, 137
CHART_ROWS = 30
TOP = 3
GAP_COLUMN = COLUMNS + 1
TABLE_COLUMNS = [column for column in range(LABEL, LABEL + 2 * COLUMNS + 1) if column != GAP_COLUMN]
TOTAL_FILL, PART_FILL = {"color": "#1F3864"}, {"color": "#7F9DB9"}


def build_dashboard(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(DASHBOARD)
    sheet.widths([1.5, *[COLUMN_WIDTH] * COLUMNS, 2, *[COLUMN_WIDTH] * COLUMNS])
    head(context, sheet, "USD million", state=UNIT + 2)
    found = [_stocks(context), _hidden(context), _walk(context)]
    if context.chain.is_live:
        found.append(_rents(context))
    for number, chart in enumerate(found):
        down, across = number // 2, number % 2
        chart.set_size({"width": COLUMNS * COLUMN_PIXELS, "height": CHART_ROWS * ROW_PIXELS})
        sheet.draw(TOP + down * (CHART_ROWS + 1), LABEL + across * (COLUMNS + 1), chart)
    last = _table(context, sheet, TOP + 2 * (CHART_ROWS + 1))
    sheet.print_on((0, 0, last, TABLE_COLUMNS[-1]), (1, 1), landscape=False, paper="large")


def _table(context: Context, sheet: Sheet, row: int) -> int:
    """Every scenario side by side; returns the last row."""
    columns = comparison(context)[: len(TABLE_COLUMNS) - 1]
    section(sheet, row, "All scenarios, as of the run, USD million unless stated", (LABEL, TABLE_COLUMNS[-1]))
    titles = ("Scenario", *(title for title, _, _ in columns))
    for column, title in zip(TABLE_COLUMNS, titles, strict=False):
        sheet.text(row + 1, column, title, "heading")
    sheet.text(row + 1, GAP_COLUMN, "", "heading")
    sheet.height(row + 1, 56)
    for case, scenario in enumerate(context.report.scenarios):
        at = row + 2 + case
        sheet.text(at, LABEL, scenario.name, "label_bold" if case == 0 else "label")
        sheet.text(at, GAP_COLUMN, "", "engine")
        for column, (_, kind, values) in zip(TABLE_COLUMNS[1:], columns, strict=False):
            if math.isfinite(values[case]):
                sheet.number(at, column, values[case], "engine", kind)
            else:
                sheet.text(at, column, "–", "engine")
    return row + 1 + len(context.report.scenarios)


def _walk(context: Context) -> Drawing:
    """From the books as the issuer keeps them to the economic value, in bars that may cross zero."""
    report = context.report
    ledger = report.ranking_ledger
    rows = context.walks[ledger]
    first, last = rows[0], rows[-1]
    chart = context.book.chart("column", stacked=True)
    points = [{"fill": TOTAL_FILL if row in (first, last) else PART_FILL} for row in rows]
    for offset in range(4):
        chart.add_series(
            {
                "name": [BRIDGE, first - 1, HELPERS + offset],
                "categories": [BRIDGE, first, STEP, last, STEP],
                "values": [BRIDGE, first, HELPERS + offset, last, HELPERS + offset],
                "fill": PART_FILL if offset % 2 else {"none": True},
                "points": points if offset % 2 else None,
                "gap": 40,
            }
        )
    title = (
        f"From the books ({report.ledger_title(ledger)}) to the economic value, USD million: light bars are the steps"
    )
    dress(chart, title)
    chart.set_legend({"none": True})
    chart.set_x_axis({"num_font": {"name": FONT, "size": 8}, "label_position": "low"})
    return chart


def _rents(context: Context) -> Drawing:
    """Rent of a unit-hour and the rent at which new capacity pays, which falls as silicon lands."""
    chart = context.book.chart("line")
    for key, colour, width in (("rent", VALUE_COLOUR, 2.5), ("entry", SERIES_COLOURS[0], 1.75)):
        _, row, _ = context.places[f"market {key} 0"]
        chart.add_series(
            {
                "name": [MARKET, row, LABEL],
                "categories": [MARKET, 3, OPENING, 3, context.last],
                "values": [MARKET, row, OPENING, row, context.last],
                "line": {"color": colour, "width": width},
            }
        )
    title = f"Rent and entry rent of a unit-hour, {context.report.segments[0]}, USD: entry falls as silicon lands"
    dress(chart, title, min=0)
    chart.set_y_axis({"num_format": "0.00", "num_font": AXIS_FONT, "min": 0, "major_gridlines": GRID})
    axis = {"date_axis": True, "num_format": "yyyy", "major_unit": 2, "major_unit_type": "years"}
    chart.set_x_axis({**axis, "num_font": AXIS_FONT})
    return chart


def _stocks(context: Context) -> Drawing:
    """Carrying amount of every ledger and economic value, by quarter."""
    chart = context.book.chart("line")
    last = context.places["quarters"][2]
    lines = [
        (f"quarter {ledger}", colour) for ledger, colour in zip(context.report.ledgers, SERIES_COLOURS, strict=False)
    ]
    for key, colour in [*lines, ("quarter value", VALUE_COLOUR)]:
        row = context.places[key][1]
        width = 2.75 if key == "quarter value" else 2.0
        chart.add_series(
            {
                "name": [QUARTERS, row, LABEL],
                "categories": [QUARTERS, QUARTER_HEADING, FIRST_QUARTER, QUARTER_HEADING, last],
                "values": [QUARTERS, row, FIRST_QUARTER, row, last],
                "line": {"color": colour, "width": width},
            }
        )
    known = f"{context.report.as_of:%Y-%m}"
    title = f"Carrying amounts and economic value, USD million: known to {known}, then as shown"
    dress(chart, title, min=0)
    chart.set_x_axis(DATES)
    return chart


def _hidden(context: Context) -> Drawing:
    """Hidden depreciation of every ledger by fiscal year, in USD million."""
    chart = context.book.chart("column")
    first, last = (FIRST_YEAR + year for year in _years(context))
    for ledger, colour in zip(context.report.ledgers, SERIES_COLOURS, strict=False):
        row = context.places[f"bar {ledger}"][1]
        chart.add_series(
            {
                "name": [YEARS, row, LABEL],
                "categories": [YEARS, YEAR_HEADING, first, YEAR_HEADING, last],
                "values": [YEARS, row, first, row, last],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    dress(chart, "Hidden depreciation by fiscal year, USD million: above zero the books charge too little")
    chart.set_x_axis({"num_font": AXIS_FONT, "label_position": "low"})
    return chart


def _years(context: Context) -> tuple[int, int]:
    """Positions of the first fiscal year published and of the last one in which anything stands."""
    report = context.report
    published = [year for year, known in enumerate(report.summary.fiscal_years.published) if known]
    last = report.results.inputs.timeline.fiscal_year_of_bound[context.last_bound]
    return published[0], max(published[0], report.fiscal_years.index(int(last)))
