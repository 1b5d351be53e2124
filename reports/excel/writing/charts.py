"""What the charts of the workbook share: their dress, and their axis of dates."""

from __future__ import annotations

from reports.excel.writing.styles import FONT
from reports.excel.writing.writer import Drawing

ROW_PIXELS = 20
AXIS_FONT = {"name": FONT, "size": 9}
GRID = {"visible": True, "line": {"color": "#D9D9D9"}}
DATES = {
    "date_axis": True,
    "num_format": "mmm-yy",
    "major_unit": 1,
    "major_unit_type": "years",
    "num_font": AXIS_FONT,
    "label_position": "low",
}
"""Axis of month ends, marked by the year."""


def dress(chart: Drawing, title: str, **axis: object) -> None:
    """Title, legend, axis of values and frame of a chart.

    Parameters
    ----------
    chart : Chart
        The chart.
    title : str
        What it shows, with the unit.
    **axis
        Further settings of the axis of values.
    """
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": {"name": FONT, "size": 9}})
    chart.set_y_axis({"num_format": "#,##0", "num_font": AXIS_FONT, "major_gridlines": GRID, **axis})
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
