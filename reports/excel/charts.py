"""Two pictures on one printed page: books beside value, and hidden depreciation with both signs."""

from __future__ import annotations

from reports.excel.layout import LABEL, UNIT, Context, head
from reports.excel.outline import CHARTS, QUARTERS, YEARS
from reports.excel.quarters import FIRST_QUARTER
from reports.excel.quarters import HEADING as QUARTER_HEADING
from reports.excel.styles import FONT, SERIES_COLOURS, VALUE_COLOUR
from reports.excel.writer import Drawing
from reports.excel.years import FIRST_YEAR
from reports.excel.years import HEADING as YEAR_HEADING

COLUMNS, COLUMN_WIDTH, COLUMN_PIXELS = 7, 19, 138
CHART_ROWS, ROW_PIXELS = 20, 20
TOP = 3
AXIS_FONT = {"name": FONT, "size": 9}


def build_charts(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(CHARTS)
    sheet.widths([1.5, *[COLUMN_WIDTH] * COLUMNS])
    head(context, sheet, "USD million", state=UNIT + 3)
    second = TOP + CHART_ROWS + 1
    for row, chart in ((TOP, _stocks(context)), (second, _hidden(context))):
        chart.set_size({"width": COLUMNS * COLUMN_PIXELS, "height": CHART_ROWS * ROW_PIXELS})
        sheet.draw(row, LABEL, chart)
    sheet.print_on((0, 0, second + CHART_ROWS, COLUMNS + 1), (1, 1))


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
    title = f"Carrying amount by ledger and economic value, USD million: known to {known}, then the scenario shown"
    _dress(chart, title, min=0)
    chart.set_x_axis(
        {
            "date_axis": True,
            "num_format": "mmm-yy",
            "major_unit": 1,
            "major_unit_type": "years",
            "num_font": AXIS_FONT,
            "label_position": "low",
        }
    )
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
    _dress(chart, "Hidden depreciation by fiscal year, USD million: above zero the books charge too little")
    chart.set_x_axis({"num_font": AXIS_FONT, "label_position": "low"})
    return chart


def _years(context: Context) -> tuple[int, int]:
    """Positions of the first fiscal year published and of the last one in which anything stands."""
    report = context.report
    published = [year for year, known in enumerate(report.summary.fiscal_years.published) if known]
    last = report.results.inputs.timeline.fiscal_year_of_bound[context.last_bound]
    return published[0], max(published[0], report.fiscal_years.index(int(last)))


def _dress(chart: Drawing, title: str, **axis: float) -> None:
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": {"name": FONT, "size": 9}})
    lines = {"visible": True, "line": {"color": "#D9D9D9"}}
    chart.set_y_axis({"num_format": "#,##0", "num_font": AXIS_FONT, "major_gridlines": lines, **axis})
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
