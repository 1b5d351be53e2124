"""Charts of the sheets of a risk run, and the cells that they draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.excel.plan.layout import LABEL, Context, headings
from reports.excel.plan.outline import RISK, SENSITIVITY
from reports.excel.sheets.risk_rows import FIRST, ROWS, money
from reports.excel.writing.address import cell
from reports.excel.writing.charts import AXIS_FONT, DATES, GRID, ROW_PIXELS, dress
from reports.excel.writing.styles import FONT, SERIES_COLOURS, VALUE_COLOUR
from reports.excel.writing.writer import Drawing, Sheet
from reports.record.risk import RiskReport, statistics
from valuation.analysis.readings import in_millions
from valuation.paths.risk_summary import CARRYING, VALUE

CHART_ROWS = 24
FAN_PIXELS, IMPAIRED_PIXELS, IMPAIRED_COLUMN = 930, 475, 8
BANDS = ("below 5 %, not drawn", "5 % to 25 %", "25 % to 75 %", "75 % to 95 %")
BAND_COLOURS = ("#C6DBEF", "#6BAED6", "#C6DBEF")
MEDIAN_COLOUR, BOOKS_COLOUR = "#08306B", SERIES_COLOURS[0]
TITLES = ("Drawn in the chart", *BANDS, "value: median", "books: mean")
P5, P25, P50, P75, P95, BOOKS, IMPAIRED, IMPAIRED_BY = range(FIRST + 1, FIRST + 9)
"""Columns of the table by year."""
LOW_END, HIGH_END = "#C55A11", "#2E75B6"
SINGLE, WITHOUT = ("#1F3864", "#1F3864"), ("#8497B0", "#1F3864")
DRAWN, ALONE = ("#9DC3E6", "#2E75B6"), ("#F4B183", "#C55A11")
"""Colours below and above the middle: of one figure and of several without chance, of random paths, of one input."""
BAR_PIXELS, FRAME_PIXELS, BARS_PIXELS = 24, 130, 1300
AXIS_FORMATS = {"million": "#,##0", "number": "#,##0.0", "factor": "#,##0.00"}
HIDDEN = {"visible": False}


def draw_scenario(
    context: Context, sheet: Sheet, rows: tuple[int, int], works: tuple[int, int], which: tuple[RiskReport, int]
) -> int:
    """Draw value against the books and the chance of impairment of one scenario.

    Parameters
    ----------
    context : Context
        The workbook.
    sheet : Sheet
        Where.
    rows : tuple of int
        Row of the charts, and first row of figures of the table by year.
    works : tuple of int
        Corner of the cells that the fan draws, off the printed page.
    which : tuple of RiskReport and int
        The run, and which scenario.

    Returns
    -------
    int
        Next free row of the workings.
    """
    found, case = which
    summary = found.run.summaries[case]
    count = len(found.days_shown(summary))
    _workings(sheet, rows[1], works, which)
    name = found.names[case]
    fan = _fan(context, works, count, name, money(found).kind)
    impaired = _impaired(context, works, count, name)
    for chart, column, width in ((fan, LABEL, FAN_PIXELS), (impaired, IMPAIRED_COLUMN, IMPAIRED_PIXELS)):
        chart.set_size({"width": width, "height": CHART_ROWS * ROW_PIXELS})
        sheet.draw(rows[0], column, chart)
    return works[0] + count + 2


def _workings(sheet: Sheet, first: int, works: tuple[int, int], which: tuple[RiskReport, int]) -> None:
    """Bands between the percentiles, from the table by year."""
    found, case = which
    summary, kind = found.run.summaries[case], money(found).kind
    row, corner = works
    headings(sheet, row, [*TITLES, "impaired then", "impaired by then"], corner)
    for place, day in enumerate(found.days_shown(summary)):
        at, source = row + 1 + place, first + ROWS * place
        sheet.number(at, corner, day, "engine", "date")
        listed = {each.name: each for each in statistics(summary.by_year[VALUE], place)}
        levels = [in_millions(listed[name].value) for name in ("p5", "p25", "p50", "p75", "p95")]
        books = {each.name: each for each in statistics(summary.by_year[CARRYING], place)}["mean"]
        five, low, middle, high, most = levels
        for column, (minuend, subtrahend, result) in enumerate(
            (
                (P5, None, five),
                (P25, P5, low - five),
                (P75, P25, high - low),
                (P95, P75, most - high),
                (P50, None, middle),
                (BOOKS, None, in_millions(books.value)),
            ),
            start=corner + 1,
        ):
            less = "" if subtrahend is None else f"-{cell(source, subtrahend)}"
            sheet.formula(at, column, f"={cell(source, minuend)}{less}", result, "calc", kind)
        for column, part, estimate in ((7, IMPAIRED, summary.impaired), (8, IMPAIRED_BY, summary.impaired_by)):
            share = float(estimate.value[place])
            sheet.formula(at, corner + column, f"={cell(source, part)}", share, "calc", "percent")


def _series(sheet: str, works: tuple[int, int], column: int, count: int) -> dict[str, Any]:
    """A column of workings by day."""
    row, corner = works
    return {
        "name": [sheet, row, corner + column],
        "categories": [sheet, row + 1, corner, row + count, corner],
        "values": [sheet, row + 1, corner + column, row + count, corner + column],
    }


def _fan(context: Context, works: tuple[int, int], count: int, name: str, kind: str) -> Drawing:
    """Bands of value in exchange by fiscal year-end, its median, and the books."""
    chart, lines = context.book.chart("area", stacked=True), context.book.chart("line")
    chart.add_series({**_series(RISK, works, 1, count), "fill": {"none": True}, "border": {"none": True}})
    for column, colour in enumerate(BAND_COLOURS, start=2):
        look = {"fill": {"color": colour}, "border": {"none": True}}
        chart.add_series({**_series(RISK, works, column, count), **look})
    for column, colour, dash in ((5, MEDIAN_COLOUR, "solid"), (6, BOOKS_COLOUR, "dash")):
        line = {"color": colour, "width": 2.25, "dash_type": dash}
        lines.add_series({**_series(RISK, works, column, count), "line": line})
    chart.combine(lines)
    title = f"{name}: value in exchange against the books, USD million; a band holds the paths between its percentiles"
    dress(chart, title, num_format=AXIS_FORMATS[kind], min=0)
    chart.set_legend({"position": "bottom", "font": {"name": FONT, "size": 9}, "delete_series": [0]})
    chart.set_x_axis(DATES)
    return chart


def _impaired(context: Context, works: tuple[int, int], count: int, name: str) -> Drawing:
    """Share of the paths whose books stand above what is recoverable."""
    chart = context.book.chart("line")
    for column, colour, dash in ((7, VALUE_COLOUR, "solid"), (8, BOOKS_COLOUR, "dash")):
        line = {"color": colour, "width": 2.25, "dash_type": dash}
        chart.add_series({**_series(RISK, works, column, count), "line": line})
    dress(chart, f"{name}: share of the paths on which books are impaired", num_format="0%", min=0, max=1)
    chart.set_x_axis({**DATES, "num_format": "yyyy"})  # months would not fit beside each other
    return chart


def bars(chart: Drawing, title: str, count: int, form: str) -> None:
    """Dress a chart of level bars, the first one on top.

    Parameters
    ----------
    chart : Chart
        The chart.
    title : str
        What it shows, with the unit.
    count : int
        Bars.
    form : str
        Format of the numbers at the axis.
    """
    dress(chart, title, reverse=True, label_position="low", major_gridlines=HIDDEN)
    # With the first bar on top, the axis of values would stand above them.
    chart.set_x_axis({"num_format": form, "num_font": AXIS_FONT, "major_gridlines": GRID, "label_position": "high"})
    chart.set_size({"width": BARS_PIXELS, "height": FRAME_PIXELS + BAR_PIXELS * count})


def rows_of_bars(count: int) -> int:
    """Rows that a chart of so many bars covers, and one to spare."""
    return -(-(FRAME_PIXELS + BAR_PIXELS * count) // ROW_PIXELS) + 1


def draw_tornado(context: Context, rows: tuple[int, int], columns: tuple[int, int], title: str, form: str) -> Drawing:
    """Change of a figure with each assumption at both ends, the widest on top.

    Parameters
    ----------
    context : Context
        The workbook.
    rows : tuple of int
        First row of the assumptions, and how many are drawn.
    columns : tuple of int
        Changes at the low and at the high end.
    title : str
        Heading.
    form : str
        Format of the numbers at the axis.
    """
    first, count = rows
    chart, last = context.book.chart("bar"), first + count - 1
    for column, colour in zip(columns, (LOW_END, HIGH_END), strict=True):
        chart.add_series(
            {
                "name": [SENSITIVITY, first - 1, column],
                "categories": [SENSITIVITY, first, LABEL, last, LABEL],
                "values": [SENSITIVITY, first, column, last, column],
                "fill": {"color": colour},
                "gap": 35,
                "overlap": 100,
            }
        )
    bars(chart, title, count, form)
    return chart


def draw_football(
    context: Context, corner: tuple[int, int], colours: Sequence[tuple[str, str]], title: str, form: str
) -> Drawing:
    """Ranges beside each other; the colour changes at the middle of each.

    Parameters
    ----------
    context : Context
        The workbook.
    corner : tuple of int
        Of the workings: blank, lower and upper part above zero, then the same below it.
    colours : sequence of tuple of str
        Of the lower and the upper part of each range.
    title : str
        Heading.
    form : str
        Format of the numbers at the axis.
    """
    first, column = corner
    chart, last = context.book.chart("bar", stacked=True), first + len(colours) - 1
    # Bars below zero are stacked from zero downwards: first the blank, then the upper part, then the lower one.
    for offset, part in enumerate((None, 0, 1, None, 1, 0)):
        points = None if part is None else [{"fill": {"color": each[part]}} for each in colours]
        chart.add_series(
            {
                "name": [SENSITIVITY, first - 1, column + offset],
                "categories": [SENSITIVITY, first, LABEL, last, LABEL],
                "values": [SENSITIVITY, first, column + offset, last, column + offset],
                "fill": {"none": True} if part is None else {"color": WITHOUT[0]},
                "points": points,
                "gap": 40,
            }
        )
    bars(chart, title, len(colours), form)
    chart.set_legend({"none": True})
    return chart
