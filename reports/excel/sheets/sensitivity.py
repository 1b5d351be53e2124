"""The sheet of sensitivities: what NPV hangs on, one assumption at a time, and its range by method and scenario."""

from __future__ import annotations

import math
from typing import NamedTuple

from assumptions import Tornado
from reports.excel.plan.layout import LABEL, Context, fit_height, head, headings, section
from reports.excel.plan.outline import RISK, SENSITIVITY
from reports.excel.sheets.risk_pictures import (
    ALONE,
    AXIS_FORMATS,
    DRAWN,
    SINGLE,
    WITHOUT,
    draw_football,
    draw_tornado,
    rows_of_bars,
)
from reports.excel.sheets.risk_rows import FLAG_ROW, MEASURE, Measure, flag, money, paragraph, write_value
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from reports.record.risk import RiskReport, Statistic, statistics
from valuation.analysis.readings import in_millions
from valuation.paths.risk_summary import NPV

P10, P50, P90, AT_LOW, AT_HIGH, MOVE_LOW, MOVE_HIGH, SWING = range(MEASURE + 1, MEASURE + 9)
LOW, MIDDLE, HIGH, ERROR_LOW, ERROR_MIDDLE, ERROR_HIGH = range(MEASURE + 1, MEASURE + 7)
LAST = SWING
WORKINGS = LAST + 2
WIDTHS = (1.5, 46, 24, 18, *[13] * (LAST - P10), 3)
TEXT_WIDTH = 200
MOST_BARS = 15
"""Assumptions in the picture; the table has all of them."""
LARGE_VALUE, SMALL_VALUE = 100.0, 1e-3
"""Values of assumptions from which on two decimals do, and below which four would not."""
MARK_SHARE = 0.004
"""Half the width of a mark for a single figure, as a share of the whole span."""
WHAT_TORNADO = (
    "Each random assumption is moved to its 10th and to its 90th percentile, with all others at their medians; the "
    "widest swing stands on top. Nothing else is random here, so the figure at the medians is neither the one without "
    "chance nor the mean of the paths. Where both bars lie on one side of zero, both ends move NPV the same way."
)
WHAT_FOOTBALL = (
    "The bars do not mean the same: of the random paths, 5 % lie below each bar and 5 % above; a run without chance is "
    "one figure, shown as a mark. The shade changes at the middle. NPV is that of the whole plan, purchases to come "
    "included."
)
WHAT_LAST_BAR = " The last bar moves one assumption alone from its 10th to its 90th percentile."


class Range(NamedTuple):
    """A bar of the football field: its name, what its ends are, the ends, and the colours of its halves."""

    name: str
    ends: str
    low: Statistic | float
    middle: Statistic | float
    high: Statistic | float
    colours: tuple[str, str]


def build_sensitivity(context: Context) -> None:
    """Write the sheet."""
    sheet, pages = context.sheet(SENSITIVITY), context.risk_pages
    sheet.widths(WIDTHS)
    sheet.widths([14] * 8, WORKINGS)
    head(context, sheet, "NPV in USD million; every scenario of the run", state=MEASURE, apart=AT_LOW)
    marks = context.spans["numbers changed"]
    flag(context, sheet, on(RISK, marks) if marks else "")
    row = FLAG_ROW + 2
    if pages.tornado is not None and pages.tornado.rows:
        row = _tornado(context, sheet, row, pages.tornado)
        sheet.breaks([row])
    elif pages.why_none:
        row = paragraph(sheet, row, (LABEL, LAST), f"No tornado: {pages.why_none}", TEXT_WIDTH) + 1
    row = _football(context, sheet, row)
    sheet.freeze(FLAG_ROW + 1, MEASURE)
    sheet.print_on((0, 0, row - 1, LAST), (1, 0))


def _tornado(context: Context, sheet: Sheet, row: int, found: Tornado) -> int:
    """The assumptions one at a time: picture, table, what it means; returns the next free row."""
    amount = money(context.risk_pages.found)
    section(sheet, row, "One assumption at a time, from its 10th to its 90th percentile (base)", (LABEL, LAST))
    count = min(len(found.rows), MOST_BARS)
    picture, row = row + 1, row + 2 + rows_of_bars(count)
    sheet.text(row, LABEL, "NPV with every random assumption at its median", "label_bold")
    sheet.text(row, MEASURE, amount.unit, "unit")
    write_value(sheet, (row, P10), found.medians, amount)
    sheet.text(row + 1, LABEL, "NPV without chance", "label_bold")
    sheet.text(row + 1, MEASURE, amount.unit, "unit")
    write_value(sheet, (row + 1, P10), found.here, amount)
    first = row + 4
    _table(context, sheet, (row, first), (found, amount))
    form = AXIS_FORMATS[amount.kind]
    title = f"Change of NPV, USD million, from {in_millions(found.medians):,.1f} with all at their medians"
    most = f": the {count} that move it most" if count < len(found.rows) else ""
    sheet.draw(picture, LABEL, draw_tornado(context, (first, count), (MOVE_LOW, MOVE_HIGH), title + most, form))
    row = first + len(found.rows)
    texts = [WHAT_TORNADO, *found.notes]
    if found.idle:
        texts.append(f"Move nothing by themselves: {', '.join(found.idle)}.")
    for text in texts:
        row = paragraph(sheet, row, (LABEL, LAST), text, TEXT_WIDTH)
    return row + 1


def _table(context: Context, sheet: Sheet, rows: tuple[int, int], what: tuple[Tornado, Measure]) -> None:
    """Values of every assumption, and NPV at its ends."""
    (found, amount), (middle, first) = what, rows
    labels = {row.key: row.label for row in context.report.assumptions}
    texts = ("Assumption", "Unit", "10th percentile", "median", "90th percentile", "NPV at the 10th", "NPV at the 90th")
    headings(sheet, first - 1, (*texts, "change at its 10th percentile", "change at its 90th percentile", "swing"))
    sheet.height(first - 1, 42)
    for at, row in enumerate(found.rows, start=first):
        label = labels.get(row.key) or row.key
        sheet.text(at, LABEL, label, "paragraph")
        sheet.text(at, MEASURE, row.unit, "unit_wrap")
        fit_height(sheet, at, [(label, WIDTHS[LABEL]), (row.unit, WIDTHS[MEASURE])])
        for column, value in ((P10, row.low), (P50, row.median), (P90, row.high)):
            write_value(sheet, (at, column), value, Measure("", _kind(value)))
        for column, value in ((AT_LOW, row.figure_low), (AT_HIGH, row.figure_high), (SWING, row.swing)):
            write_value(sheet, (at, column), value, amount)
        moves = ((MOVE_LOW, AT_LOW, row.figure_low), (MOVE_HIGH, AT_HIGH, row.figure_high))
        for column, source, value in moves:
            formula = f"=IF(ISNUMBER({cell(at, source)}),{cell(at, source)}-{cell(middle, P10, fixed=True)},0)"
            change = in_millions(value - found.medians) if not math.isnan(value) else 0.0
            sheet.formula(at, column, formula, change, "calc", amount.kind)


def _kind(value: float) -> str:
    """Kind of the value of an assumption, which may be of any size."""
    size = abs(value)
    if size >= LARGE_VALUE:
        return "number"
    return "factor" if size >= SMALL_VALUE or size == 0 else "residual"


def ranges(context: Context) -> list[Range]:
    """Bars of the football field."""
    found, tornado = context.risk_pages.found, context.risk_pages.tornado
    plain = [float(at_case(found.report.results.returns.npv, case)) for case in range(len(found.names))]
    bars = []
    if len(plain) > 1:
        ends = "lowest, base, highest"
        bars.append(Range("All scenarios, without chance", ends, min(plain), plain[0], max(plain), WITHOUT))
    for name, npv in zip(found.names, plain, strict=True):
        bars.append(Range(f"{name}: without chance", "one figure", npv, npv, npv, SINGLE))
    for case, name in enumerate(found.names):
        bars.append(Range(f"{name}: random paths", "5 %, median, 95 %", *_percentiles(found, case), DRAWN))
    if tornado is not None and tornado.rows:
        row = tornado.rows[0]
        labels = {each.key: each.label for each in context.report.assumptions}
        figures = [figure for figure in (row.figure_low, tornado.medians, row.figure_high) if not math.isnan(figure)]
        name = f"base: {labels.get(row.key) or row.key}"
        bars.append(Range(name, "its 10th, 50th and 90th", min(figures), tornado.medians, max(figures), ALONE))
    return bars


def _percentiles(found: RiskReport, case: int) -> tuple[Statistic, Statistic, Statistic]:
    listed = {each.name: each for each in statistics(found.run.summaries[case].figures[NPV])}
    return listed["p5"], listed["p50"], listed["p95"]


def _football(context: Context, sheet: Sheet, row: int) -> int:
    """NPV by method and scenario: picture, table, what it means; returns the next free row."""
    amount, listed = money(context.risk_pages.found), ranges(context)
    section(sheet, row, "NPV by method and scenario", (LABEL, LAST))
    picture, first = row + 1, row + 3 + rows_of_bars(len(listed))
    errors = [f"standard error of the {name}" for name in ("low", "middle", "high")]
    headings(sheet, first - 1, ("Range", "Its low, middle and high", "low", "middle", "high", *errors, "", ""))
    sheet.height(first - 1, 42)
    for at, each in enumerate(listed, start=first):
        sheet.text(at, LABEL, each.name, "paragraph")
        sheet.text(at, MEASURE, each.ends, "unit")
        fit_height(sheet, at, [(each.name, WIDTHS[LABEL])])
        ends = ((each.low, LOW, ERROR_LOW), (each.middle, MIDDLE, ERROR_MIDDLE), (each.high, HIGH, ERROR_HIGH))
        for end, column, error in ends:
            write_value(sheet, (at, column), _value(end), amount)
            if isinstance(end, Statistic):
                write_value(sheet, (at, error), end.standard_error, amount, "engine_small")
    _workings(sheet, first, listed, amount)
    title = "NPV by method and scenario, USD million: low to high, the shade changes at the middle"
    corner, colours = (first, WORKINGS + 2), [each.colours for each in listed]
    sheet.draw(picture, LABEL, draw_football(context, corner, colours, title, AXIS_FORMATS[amount.kind]))
    text = WHAT_FOOTBALL + WHAT_LAST_BAR * (listed[-1].colours == ALONE)
    return paragraph(sheet, first + len(listed), (LABEL, LAST), text, TEXT_WIDTH) + 1


def _value(end: Statistic | float) -> float:
    return end.value if isinstance(end, Statistic) else end


def _workings(sheet: Sheet, first: int, listed: list[Range], amount: Measure) -> None:
    """Parts of the bars above and below zero, off the printed page; a single figure gets a width to be seen by."""
    last = first + len(listed) - 1
    lows, highs = (
        [in_millions(_value(each.low)) for each in listed],
        [in_millions(_value(each.high)) for each in listed],
    )
    titles = ("drawn from", "drawn to", "blank above", "lower above", "upper above", "blank below")
    headings(sheet, first - 1, [*titles, "upper below", "lower below"], WORKINGS)
    spot = (first - 2, WORKINGS)
    sheet.number(*spot, MARK_SHARE, "engine", "factor")
    sheet.text(first - 2, WORKINGS + 1, "half of a mark, share of the span", "unit")
    span = f"(MAX({area((first, HIGH), (last, HIGH))})-MIN({area((first, LOW), (last, LOW))}))"
    half = MARK_SHARE * (max(highs) - min(lows))
    for at, each in enumerate(listed, start=first):
        low, middle, high = (in_millions(_value(end)) for end in (each.low, each.middle, each.high))
        widen = half if low == high else 0.0
        single = f"IF({cell(at, LOW)}={cell(at, HIGH)},{cell(*spot, fixed=True)}*{span},0)"
        start, end = low - widen, high + widen
        sheet.formula(at, WORKINGS, f"={cell(at, LOW)}-{single}", start, "calc", amount.kind)
        sheet.formula(at, WORKINGS + 1, f"={cell(at, HIGH)}+{single}", end, "calc", amount.kind)
        _parts(sheet, at, (start, middle, end), amount)


def _parts(sheet: Sheet, at: int, ends: tuple[float, float, float], amount: Measure) -> None:
    """The six pieces of a bar."""
    low, middle, high = cell(at, WORKINGS), cell(at, MIDDLE), cell(at, WORKINGS + 1)
    start, half, end = ends
    parts = (
        (f"=MAX(0,{low})", max(0.0, start)),
        (f"=MAX(0,{middle})-MAX(0,{low})", max(0.0, half) - max(0.0, start)),
        (f"=MAX(0,{high})-MAX(0,{middle})", max(0.0, end) - max(0.0, half)),
        (f"=MIN(0,{high})", min(0.0, end)),
        (f"=MIN(0,{middle})-MIN(0,{high})", min(0.0, half) - min(0.0, end)),
        (f"=MIN(0,{low})-MIN(0,{middle})", min(0.0, start) - min(0.0, half)),
    )
    for column, (formula, value) in enumerate(parts, start=WORKINGS + 2):
        sheet.formula(at, column, formula, value, "calc", amount.kind)
