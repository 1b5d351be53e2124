"""The workbook of a register: its totals with live sums, and the rows they come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from assumptions.register.assets import COLUMNS, Asset
from assumptions.register.depreciation import RegisterRun
from reports.excel.writing.address import cell
from reports.excel.writing.writer import Sheet, Workbook
from valuation.books.register import MEASURES

TITLES = {"written_down": "written down", "gain": "gain or loss"}
MOVED = {"additions": "+", "depreciation": "-", "written_down": "-", "disposals": "-"}
FIRST_AMOUNT, FIRST_ROW, HEAD = 1, 4, 3
CHECK = FIRST_AMOUNT + len(MEASURES)
MAX_LISTED = 10_000
"""Assets listed beside the totals; more are counted only."""
LISTED = tuple(name for name in COLUMNS if name != "source")
LEAST, MARGIN, MOST, TITLE_HEIGHT = 14, 4, 44, 26
CREATED = date(2000, 1, 1)


def write_schedule(run: RegisterRun, path: Path) -> None:
    """Write the totals of a register, a sheet for each book and class, and the assets.

    Parameters
    ----------
    run : RegisterRun
        The run.
    path : pathlib.Path
        File.
    """
    book = Workbook(path, CREATED)
    for number in range(len(run.groups)):
        _totals(book, run, number)
    _assets(book, run)
    book.close()


def _totals(book: Workbook, run: RegisterRun, number: int) -> None:
    name = ", ".join(part for part in run.groups[number] if part)
    sheet = book.add_sheet(f"Schedule {number + 1}", "result")
    sheet.widths([12.0, *[16.0] * len(MEASURES), 12.0])
    sheet.height(0, TITLE_HEIGHT)
    sheet.text(0, 0, f"Depreciation schedule: {name}", "title")
    sheet.text(1, 0, f"{run.register.name}, USD; the last column recomputes the closing amount", "subtitle")
    sheet.text(HEAD, 0, "period", "heading_left")
    for column, measure in enumerate(MEASURES, start=FIRST_AMOUNT):
        sheet.text(HEAD, column, TITLES.get(measure, measure), "heading")
    sheet.text(HEAD, CHECK, "check", "heading")
    row = FIRST_ROW
    for place, label in enumerate(run.spans.labels):
        amounts = [float(run.sums[measure][place, number]) for measure in MEASURES]
        if any(amounts):
            _line(sheet, row, label, amounts)
            row += 1
    _sums(sheet, row, run, number)
    sheet.freeze(FIRST_ROW, 1)
    sheet.print_on((0, 0, row, CHECK))
    sheet.repeat((HEAD, HEAD))


def _line(sheet: Sheet, row: int, label: str, amounts: list[float]) -> None:
    """One period: what moved, and the closing amount recomputed."""
    sheet.text(row, 0, label)
    sheet.numbers(row, FIRST_AMOUNT, amounts, "engine", "number")
    at = {measure: cell(row, FIRST_AMOUNT + column) for column, measure in enumerate(MEASURES)}
    moved = "".join(f"{sign}{at[measure]}" for measure, sign in MOVED.items())
    sheet.formula(row, CHECK, f"={at['opening']}{moved}-{at['closing']}", 0.0, "calc", "residual")


def _sums(sheet: Sheet, row: int, run: RegisterRun, number: int) -> None:
    """Sums of the movements over all periods."""
    sheet.text(row, 0, "total", "label_bold")
    for column, measure in enumerate(MEASURES, start=FIRST_AMOUNT):
        if measure in ("opening", "closing"):
            continue
        first, last = cell(FIRST_ROW, column), cell(max(row - 1, FIRST_ROW), column)
        total = float(run.totals[measure][number])
        sheet.formula(row, column, f"=SUM({first}:{last})", total, "total", "number")


def _assets(book: Workbook, run: RegisterRun) -> None:
    sheet = book.add_sheet("Assets", "input")
    rows = run.register.rows
    shown = [name for name in LISTED if any(_filled(getattr(row, name)) for row in rows)]
    sheet.widths([_width(name, rows[:MAX_LISTED]) for name in shown])
    sheet.height(0, TITLE_HEIGHT)
    sheet.text(0, 0, "Assets as read", "title")
    listed = min(len(rows), MAX_LISTED)
    sheet.text(1, 0, f"{len(rows):,} assets, {listed:,} listed", "subtitle")
    for column, name in enumerate(shown):
        sheet.text(HEAD, column, name, "heading")
    for row, asset in enumerate(rows[:listed], start=FIRST_ROW):
        _asset(sheet, row, asset, shown)
    sheet.freeze(FIRST_ROW, 1)
    sheet.print_on((0, 0, HEAD + listed, len(shown) - 1))
    sheet.repeat((HEAD, HEAD))


def _width(name: str, rows: Sequence[Asset]) -> float:
    """Width of a column: its heading, or the longest of its texts up to a limit."""
    texts = (getattr(row, name) for row in rows)
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    return max(LEAST, len(name) + MARGIN, min(longest + MARGIN, MOST))


def _filled(value: object) -> bool:
    return value is not None and value != ""


def _asset(sheet: Sheet, row: int, asset: Asset, shown: Sequence[str]) -> None:
    for column, name in enumerate(shown):
        value = getattr(asset, name)
        if isinstance(value, str) and value:
            sheet.text(row, column, value)
        elif isinstance(value, float):
            sheet.number(row, column, value, "show", "number" if name.endswith("_usd") else "plain")
