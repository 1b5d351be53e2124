"""Rows of the sheets of a risk run: every figure over its standard error and its interval, and the stale flag."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from reports.excel.plan.layout import LABEL, Context, fit_height
from reports.excel.plan.outline import INPUTS
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet
from reports.record.display import MISSING
from reports.record.risk import RiskReport, Statistic
from reports.record.risk_words import NEVER
from valuation.analysis.readings import in_millions
from valuation.paths.risk_summary import NPV, PEAK, VALUE

MEASURE, FIRST = 2, 3
ROWS = 4  # of a figure: it, its standard error, the ends of its interval
ERRORS = (("standard error", "standard_error"), ("95 % interval from", "low"), ("95 % interval to", "high"))
AS_SIMULATED = "inputs as simulated"
FLAG_ROW = 2
FLAG_LABEL = "These results belong to"
TENS, SINGLES = 1e8, 1e7  # dollars from which on a decimal fewer is shown


class Measure(NamedTuple):
    """Unit of figures, the kind of their cells, and whether they are dollars shown in millions."""

    unit: str
    kind: str
    millions: bool = False


RATE, SHARE = Measure("a year", "percent"), Measure("share of the paths", "percent")
MONTHS = Measure("months from the as-of date", "months")
Figure = tuple[Statistic | float | None, Measure]


def money(found: RiskReport) -> Measure:
    """Measure of amounts, with more decimals where all of them are small.

    Parameters
    ----------
    found : RiskReport
        The run.
    """
    rows = (row.statistic.value for row in found.rows if row.figure in (NPV, PEAK, VALUE))
    largest = max((abs(value) for value in rows if math.isfinite(value)), default=0.0)
    kind = "million" if largest >= TENS else "number" if largest >= SINGLES else "factor"
    return Measure("USD million", kind, millions=True)


def write_value(sheet: Sheet, at: tuple[int, int], value: float, measure: Measure, role: str = "engine") -> None:
    """A number of the program; a word for never, a dash for unknown.

    Parameters
    ----------
    sheet : Sheet
        Where.
    at : tuple of int
        Row and column.
    value : float
        What.
    measure : Measure
        Its unit.
    role : str
        Of the cell.
    """
    if math.isfinite(value):
        sheet.number(*at, in_millions(value) if measure.millions else value, role, measure.kind)
    else:
        sheet.text(*at, MISSING if math.isnan(value) else NEVER, "engine_word")


def write_figures(sheet: Sheet, row: int, label: tuple[str, str], figures: Sequence[Figure]) -> int:
    """A label and its figures, below each its standard error and the ends of its interval; returns the next row.

    Parameters
    ----------
    sheet : Sheet
        Where.
    row : int
        First row.
    label : tuple of str
        What it is, and its unit.
    figures : sequence of (Statistic or float or None, Measure)
        From the first column of figures on; a float has no error, None leaves the cells empty.
    """
    sheet.text(row, LABEL, label[0], "label_bold")
    sheet.text(row, MEASURE, label[1], "unit")
    for offset, (words, _) in enumerate(ERRORS, start=1):
        sheet.text(row + offset, LABEL, words, "note")
    for column, (found, measure) in enumerate(figures, start=FIRST):
        if isinstance(found, Statistic):
            write_value(sheet, (row, column), found.value, measure)
            for offset, (_, name) in enumerate(ERRORS, start=1):
                write_value(sheet, (row + offset, column), getattr(found, name), measure, "engine_small")
        elif found is not None:
            write_value(sheet, (row, column), found, measure)
    return row + ROWS


def paragraph(sheet: Sheet, row: int, columns: tuple[int, int], text: str, width: float) -> int:
    """A sentence over the columns of a table, as high as it needs; returns the next row."""
    sheet.merged(row, columns, text, "note")
    fit_height(sheet, row, [(text, width)])
    return row + 1


def flag(context: Context, sheet: Sheet, numbers: str = "") -> None:
    """Whether any input differs from those simulated: all of them matter here, also those that live sheets follow.

    Parameters
    ----------
    context : Context
        The workbook.
    sheet : Sheet
        Where.
    numbers : str
        Range of marks of changed numbers of scenarios, if there are any.
    """
    count = f"SUM({context.spans['changed']}{',' + numbers if numbers else ''})"
    sheet.text(FLAG_ROW, LABEL, FLAG_LABEL, "label_bold")
    formula = f'=IF({count}=0,"{AS_SIMULATED}",{count}&" changed: run again")'
    sheet.formula(FLAG_ROW, MEASURE, formula, AS_SIMULATED, "state", "text")
    spot = (FLAG_ROW, MEASURE, FLAG_ROW, MEASURE)
    sheet.colour_when(spot, {"type": "text", "criteria": "containing", "value": "changed"}, "stale")
    sheet.colour_when(spot, {"type": "text", "criteria": "not containing", "value": "changed"}, "pass")


def watch(context: Context, sheet: Sheet, row: int, column: int) -> str:
    """Numbers typed for scenarios beside those exported; returns the range of marks, empty without such numbers.

    Parameters
    ----------
    context : Context
        The workbook.
    sheet : Sheet
        Where; off the printed page, for these are workings of the flag.
    row, column : int
        Corner.
    """
    typed = [place for place in context.book.typed if place[0] != INPUTS]
    if not typed:
        return ""
    for offset, text in enumerate(("Number of a scenario", "As exported", "Changed")):
        sheet.text(row, column + offset, text, "heading")
    for at, (name, its_row, its_column) in enumerate(typed, start=row + 1):
        spot = on(name, cell(its_row, its_column))
        sheet.text(at, column, spot, "unit")
        value = context.book.typed[name, its_row, its_column]
        assert isinstance(value, int | float)
        sheet.number(at, column + 1, value, "engine", "plain")
        formula = f"=IF({spot}={cell(at, column + 1)},0,1)"
        sheet.formula(at, column + 2, formula, 0, "cross", "count")
    return area((row + 1, column + 2), (row + len(typed), column + 2))
