"""A plain sheet of rows, as large as a spreadsheet program can open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from reports.excel.writing.writer import Workbook

MAX_ROWS = 1_048_575
"""Rows of a sheet below its heading."""
SHEET = "Schedule"
CREATED = date(2000, 1, 1)
"""Date stamped into the file, so that equal rows give equal bytes."""
AMOUNT, WORD = 15.0, 18.0


def write_flat(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str | float]]) -> None:
    """Write rows below their headings; numbers stay numbers, text stays text.

    Parameters
    ----------
    path : pathlib.Path
        File.
    columns : sequence of str
        Headings.
    rows : sequence
        Cells, at most `MAX_ROWS` rows.
    """
    book = Workbook(path, CREATED)
    sheet = book.add_sheet(SHEET, "result")
    sheet.widths([AMOUNT if name.endswith("_usd") else WORD for name in columns])
    for column, name in enumerate(columns):
        sheet.text(0, column, name, "heading")
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.text(row, column, value)
            else:
                sheet.number(row, column, value, "show", "number")
    sheet.freeze(1, 1)
    sheet.print_on((0, 0, len(rows), len(columns) - 1))
    sheet.repeat((0, 0))
    book.close()
