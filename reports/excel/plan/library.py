"""Series that the program gives: each different one once, and the one that the scenario shown uses picked live."""

from __future__ import annotations

from reports.excel.plan.layout import CONSTANT, Context, line
from reports.excel.plan.series import Series, kind_of
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet
from reports.record.report import at_case
from valuation.timeline import FloatArray

PICK = "shown pick {}"
"""Key of the cell that holds the number of the series shown."""
IN_BASE = "base series {}"
"""Key of the row of the base."""


def shelve(context: Context, sheet: Sheet, row: int, column: int, series: Series) -> int:
    """Write the row shown and, where scenarios differ, the different series below it; returns the next free row.

    Parameters
    ----------
    context : Context
        The workbook.
    sheet : Sheet
        Sheet to write.
    row : int
        First free row.
    column : int
        First column of the series.
    series : Series
        The series; its row is remembered under its key.
    """
    (different, numbers), kind = _different(context, series.values), kind_of(series.unit)
    context.place(series.key, sheet.name, row, column)
    context.place(IN_BASE.format(series.key), sheet.name, row if len(different) == 1 else row + 1, column)
    if len(different) == 1:
        line(sheet, row, series.label, series.unit, "engine")
        sheet.numbers(row, column, different[0], "engine", kind)
        return row + 1
    line(sheet, row, series.label, series.unit, "shown, live pick")
    sheet.formula(row, CONSTANT, f"={context.refer(PICK.format(series.key))}", numbers[context.shown], "cross", "count")
    first, last = row + 2, row + 1 + len(different)
    template = f"=INDEX({{c}}{first}:{{c}}{last},{cell(row, CONSTANT, fixed=True)})"
    shown = different[numbers[context.shown] - 1]
    sheet.series(row, column, template, shown, ("calc", kind))
    for offset, values in enumerate(different, start=1):
        users = [context.report.scenarios[case].name for case, number in enumerate(numbers) if number == offset]
        line(sheet, row + offset, f"  {offset}: {_names(users)}", series.unit, "engine")
        sheet.numbers(row + offset, column, values, "engine", kind)
    return row + 1 + len(different)


def _different(context: Context, values: FloatArray) -> tuple[list[FloatArray], list[int]]:
    """The different series, and for each scenario the number of its own, from 1."""
    found: dict[tuple[float, ...], int] = {}
    different: list[FloatArray] = []
    numbers = []
    for case in context.cases:
        column = at_case(values, case)
        key = tuple(column.tolist())
        if key not in found:
            found[key] = len(different) + 1
            different.append(column)
        numbers.append(found[key])
    return different, numbers


def numbers_of(context: Context, series: Series) -> list[int]:
    """Number of the series that each scenario uses, from 1; empty where one serves all."""
    different, numbers = _different(context, series.values)
    return numbers if len(different) > 1 else []


def _names(users: list[str]) -> str:
    return ", ".join(users) if len(users) <= 3 else f"{', '.join(users[:2])} and {len(users) - 2} more"
