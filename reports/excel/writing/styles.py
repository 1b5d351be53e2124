"""The look of the workbook, as data: what a cell is decides its fill and colour, what it holds decides its format."""

from __future__ import annotations

from typing import Any

FONT = "Arial"
SIZE = 10
LARGE = 1_000
FINE, FINE_PLACES = 1e-3, 6  # smallest amount shown in full, and decimals beyond it

NUMBER_FORMATS = {
    "text": "General",
    # Thresholds keep the dust of rounding from showing as a negative zero.
    "usd": '[>=0.5]#,##0_);[<=-0.5](#,##0);"–"_)',
    "million": '[>=0.05]#,##0.0_);[<=-0.05](#,##0.0);"–"_)',
    "number": '[>=0.005]#,##0.00_);[<=-0.005](#,##0.00);"–"_)',
    # What is typed shows as typed; only large whole numbers have their thousands parted.
    "plain": "General",
    "large": "#,##0",
    "fine": "0.000000",
    "factor": '#,##0.0000_);(#,##0.0000);"–"_)',
    # A minus is spelled out, for programs drop it in a format of several sections.
    # Nobody's rent or cost shows as a dash, a month that never comes as a word.
    "open": '[>=1000000000000000]"–"_);[<=-0.005](#,##0.00);#,##0.00_)',
    "due": '[>=100000]"never"_);[<0]-0_);0_)',
    "dated": '[>=100000]"never"_);[<0]-0.0_);0.0_)',
    "count": "0",
    "units": '[>=0.05]#,##0.0_);[<=-0.05](#,##0.0);"–"_)',
    "percent": '0.0%_);(0.0%);"–"_)',
    "share": '0.000%_);(0.000%);"–"_)',
    "months": "0.0",
    "month": "mmm-yy",
    "date": "yyyy-mm-dd",
    "year": "0",
    "residual": "[<0]-0.0E+00;[<0.001]0.0E+00;#,##0.00",
    "rest": '[>=0.005]#,##0.00_);[<=-0.005](#,##0.00);"–"_)',
    "nil": '"–"_)',
}

BLUE, GREEN, BLACK, GREY, RED, NAVY = "#0000FF", "#00703C", "#000000", "#595959", "#C00000", "#1F3864"
YELLOW_FILL, GREY_FILL, HEAD_FILL, BAND_FILL, PASS_FILL, FAIL_FILL, STALE_FILL = (
    "#FFF9DB",
    "#F2F2F2",
    "#1F3864",
    "#DCE6F1",
    "#E2F0D9",
    "#F8D7DA",
    "#FFE9B3",
)
TAB_COLOURS = {"front": NAVY, "input": "#FFC000", "series": "#7F7F7F", "result": "#2E75B6", "control": "#00703C"}
SERIES_COLOURS = ("#C55A11", "#1F3864", "#7F7F7F", "#BF9000")
VALUE_COLOUR = "#00703C"

_TOP = {"valign": "top"}
_WRAP = {"text_wrap": True, **_TOP}
_INDENT = {"align": "left", "indent": 1}
ROLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": NAVY},
    "subtitle": {"font_size": 11, "font_color": GREY},
    "section": {"bold": True, "font_size": 11, "font_color": NAVY, "bg_color": BAND_FILL},
    "band": {"bold": True, "font_color": NAVY, "bg_color": BAND_FILL},
    "heading": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": HEAD_FILL,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
    },
    "heading_left": {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD_FILL, "text_wrap": True},
    "label": {**_TOP},
    "label_in": {"font_color": BLACK, **_TOP, **_INDENT},
    "label_bold": {"font_color": BLACK, "bold": True, **_TOP},
    "unit": {"font_color": GREY, **_TOP, **_INDENT},
    "unit_wrap": {"font_color": GREY, **_WRAP, **_INDENT},
    "note": {"font_color": GREY, "font_size": 9, **_WRAP, **_INDENT},
    "paragraph": {**_WRAP},
    "paragraph_line": {**_TOP},
    "statement": {"bold": True, **_WRAP},
    "link": {"font_color": BLUE, "underline": 1, **_TOP},
    "source_link": {"font_color": GREY, "underline": 1, "font_size": 9, **_WRAP, **_INDENT},
    "input": {"font_color": BLUE, "bg_color": YELLOW_FILL, "border": 1, "border_color": "#D9D9D9", "locked": False},
    "calc": {"font_color": BLACK},
    "calc_left": {"font_color": BLACK, **_INDENT},
    "cross": {"font_color": GREEN, "align": "right"},
    "cross_left": {"font_color": GREEN, "align": "left"},
    "engine": {"font_color": BLACK, "bg_color": GREY_FILL},
    "engine_small": {"font_color": GREY, "bg_color": GREY_FILL, "font_size": 9},
    "engine_word": {"font_color": BLACK, "bg_color": GREY_FILL, "align": "right"},
    "engine_left": {"font_color": BLACK, "bg_color": GREY_FILL, "align": "left"},
    "total": {"font_color": BLACK, "bold": True, "top": 1, "align": "right"},
    "show": {"font_color": BLACK},
    "show_left": {"font_color": BLACK, "align": "left"},
    "show_total": {"font_color": BLACK, "bold": True},
    "state": {"font_color": BLACK, "bold": True, "align": "center", "border": 1, "border_color": "#BFBFBF"},
    "head": {"bold": True, "font_color": NAVY, "align": "right"},
    "pass": {"font_color": GREEN, "bg_color": PASS_FILL},
    "fail": {"font_color": RED, "bg_color": FAIL_FILL, "bold": True},
    "stale": {"bg_color": STALE_FILL, "bold": True},
    "negative": {"font_color": RED},
}
WRAPPED_TEXT = {"engine", "input", "calc", "show"}


def properties(role: str, kind: str) -> dict[str, Any]:
    """Properties of the cell format of a role and a kind of content.

    Parameters
    ----------
    role : str
        Key of `ROLES`.
    kind : str
        Key of `NUMBER_FORMATS`.
    """
    wrapped = _WRAP if kind == "text" and role in WRAPPED_TEXT else {}
    # Typed words stay words: a month would turn into a date.
    form = "@" if kind == "text" and role == "input" else NUMBER_FORMATS[kind]
    return {"font_name": FONT, "font_size": SIZE, **_TOP, **ROLES[role], **wrapped, "num_format": form}


def look(kind: str, value: float | int | bool | str) -> str:
    """Kind whose number format fits: of the plain kind, large whole numbers part their thousands, long ones end.

    Parameters
    ----------
    kind : str
        Key of `NUMBER_FORMATS`.
    value : float, int, bool or str
        What stands in the cell.
    """
    if kind != "plain" or isinstance(value, str):
        return kind
    if value != int(value):
        return "fine" if abs(value) >= FINE and float(f"{value:.{FINE_PLACES}f}") != value else kind
    return kind if -LARGE < value < LARGE else "large"
