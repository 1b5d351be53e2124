"""CSV files that no spreadsheet program can mistake for formulas."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from assumptions.door.files import FORMULA_STARTS

if TYPE_CHECKING:
    import pandas as pd


def safe_text(text: str) -> str:
    """Text with an apostrophe before anything a spreadsheet program would calculate."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def cell(value: object) -> str:
    """One cell: numbers in full precision, missing ones empty, text made safe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return "" if math.isnan(value) else repr(value)
    return safe_text(str(value))


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table.

    Parameters
    ----------
    path : Path
        File to write.
    columns : iterable of str
        Headings.
    rows : iterable
        Cells of each row: Python numbers, text, dates or None.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([safe_text(column) for column in columns])
        writer.writerows([cell(value) for value in row] for row in rows)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame without its index."""
    lists = [frame[column].tolist() for column in frame.columns]
    write_rows(path, [str(column) for column in frame.columns], zip(*lists, strict=True))
