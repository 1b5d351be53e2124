"""Workbooks laid out in memory: what every cell of one holds, without the file that takes most of the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from reports.excel import workbook
from reports.excel.plan.chain import Chain
from reports.excel.plan.layout import Context
from reports.excel.plan.supplies import supplies
from reports.excel.sheets.books import build_books
from reports.excel.writing.writer import Cell, Numeric, Placed, Sheet, Workbook, stored
from reports.record.report import Report

Place = tuple[str, int, int]


class _Silent:
    """Stands for the library: takes everything, keeps nothing."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *_: object, **__: object) -> Any:
        return self


class RecordedBook(Workbook):
    """A workbook that keeps what its cells hold, results to their last digit, and writes no file."""

    def __init__(self, path: Path, created: date, *, record: bool = True) -> None:
        super().__init__(path, created, record=record)
        self._book = _Silent()

    def add_sheet(self, name: str, kind: str) -> Sheet:
        return RecordedSheet(self, super().add_sheet(name, kind).raw, name)


class RecordedSheet(Sheet):
    """A sheet of it."""

    def text(self, row: int, column: int, text: str, role: str = "label") -> None:
        self._cells[row, column] = Placed(text, role=role)

    def number(self, row: int, column: int, value: Numeric, role: str = "engine", kind: str = "usd") -> None:
        self._cells[row, column] = Placed(stored(value), role=role, kind=kind)

    def formula(self, row: int, column: int, formula: str, result: Cell, role: str = "calc", kind: str = "usd") -> None:
        self.book.formulas[self.name] += 1
        self.book.longest.setdefault(self.name, len(formula))
        self._cells[row, column] = Placed(stored(result), formula, role, kind)

    def series(
        self, row: int, column: int, template: str, results: Iterable[Cell], style: tuple[str, str] = ("calc", "usd")
    ) -> None:
        for offset, result in enumerate(results):
            self.formula(row, column + offset, template, result, *style)


def recorded(report: Report, shown: int = 0, landings: int | None = None) -> Context:
    """Every cell of the workbook of a run, as the engine has it.

    Parameters
    ----------
    report : Report
        The run.
    shown : int
        Scenario chosen in the selector.
    landings : int, optional
        Unnamed landings listed, where another run decides on them.
    """
    with patch.object(workbook, "Workbook", RecordedBook):
        if landings is None:
            return workbook.lay_out(report, Path("none.xlsx"), shown)
        with patch.object(Chain, "landings", landings):
            return workbook.lay_out(report, Path("none.xlsx"), shown)


def cells_of(context: Context) -> dict[Place, Placed]:
    """Every cell that holds a formula."""
    return {
        (sheet, row, column): placed
        for sheet, cells in context.book.cells.items()
        for (row, column), placed in cells.items()
        if placed.formula
    }


def recorded_chain(report: Report, shown: int, landings: int) -> Context:
    """As `recorded`, the sheets from the inputs to the cash only: books and what is read of them are left out."""
    with patch.object(Chain, "landings", landings):
        origin, report = report, report.live
        group = report.results.inputs.fleet.group
        order = sorted(report.shown_cohorts, key=lambda cohort: (int(group[cohort]), cohort))
        book = RecordedBook(Path("none.xlsx"), report.as_of)
        context = Context(book, report, shown, tuple(order), origin, spans=defaultdict(str))
        context.supplies = supplies(context)
        for build in (*workbook.FRONT, *workbook.LIVE):
            if build is not build_books:
                build(context)
    return context
