"""Tables that somebody else wrote: named columns with units and ranges, read cell by cell."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from assumptions.door.files import FORMULA_STARTS, Table, read_csv, read_xlsx
from assumptions.door.messages import error, nearest
from assumptions.door.months import FIRST_MONTH, LAST_MONTH, is_day, is_month, read_month

# What moves the cursor of a terminal, or turns the direction of writing.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MAX_KNOWN = 20_000
"""Cells of a column whose values are kept while a table is read: dates and words come back, names do not."""
READ = (".csv", ".xlsx")
"""Endings of tables that are read."""
UNREAD = (".xls", ".xlsm", ".ods", ".tsv", ".txt", ".parquet")
"""Endings of tables that are not."""
SEPARATORS = {";", "\t", "|"}
"""What other tables part columns with."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    unit : str
        Unit or kind: text, month, date, or what a number measures.
    label : str
        Meaning.
    lowest, highest : float
        Allowed range of a number.
    words : tuple of str
        Allowed words of a text; empty: any.
    """

    unit: str
    label: str
    lowest: float = 0.0
    highest: float = 1e13
    words: tuple[str, ...] = ()


def find_table(folder: Path, name: str) -> Path | None:
    """File of a table in a folder, if there is one; what cannot be read is found as well, to be refused by name.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of a case.
    name : str
        Name without ending.
    """
    tables = [path for path in sorted(folder.iterdir()) if path.stem.lower() == name and _is_table(path)]
    found = [path for path in tables if path.suffix.lower() in READ]
    if len(found) > 1:
        what = f"two tables named {name}: {' and '.join(path.name for path in found[:2])}"
        raise error(folder.resolve().name, what, "one of them", "delete the other")
    return next(iter(found or tables), None)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in (*READ, *UNREAD)


def read_rows(path: Path, most: int | None = None) -> Table:
    """Rows of a CSV file or of the first sheet of a workbook, the header first.

    Parameters
    ----------
    path : pathlib.Path
        File.
    most : int, optional
        Rows allowed; that of a schedule if not given.
    """
    return read_csv(path, most) if path.suffix.lower() == ".csv" else read_xlsx(path, most)


def header(
    path: Path, first: tuple[int, list[str]], columns: Mapping[str, Column], needed: Collection[str]
) -> list[str]:
    """Names of the columns of a table.

    Parameters
    ----------
    path : pathlib.Path
        File, for messages.
    first : tuple
        Number and cells of the header row.
    columns : mapping
        Known columns.
    needed : collection of str
        Columns that must be there.
    """
    names = [name.strip() for name in first[1]]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if name not in columns:
            remedy = "separate the columns with commas" if SEPARATORS & set(name) else nearest(name, columns)
            raise error(f"{path.name} row {first[0]}", f"unknown column {name!r}", "a known column", remedy)
        if names.count(name) > 1:
            raise error(f"{path.name} row {first[0]}", f"column {name!r} stands twice", "each once", "delete one")
    for name in needed:
        if name not in names:
            raise error(f"{path.name} row {first[0]}", f"no column {name!r}", ", ".join(columns), "add it")
    return names


def values_of(
    place: str,
    names: list[str],
    cells: list[str],
    columns: Mapping[str, Column],
    needed: Collection[str],
    known: dict[str, dict[str, str | float | None]] | None = None,
) -> dict[str, str | float]:
    """Values of a row by column, empty cells left out.

    Parameters
    ----------
    place : str
        File and row, for messages.
    names : list of str
        Columns in order.
    cells : list of str
        Texts.
    columns : mapping
        Known columns.
    needed : collection of str
        Columns that must be filled.
    known : dict, optional
        Values of texts met before, by column; filled here.
    """
    known = {} if known is None else known
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        raise error(place, f"{len(cells)} cells under {len(names)} columns", "as many", "quote commas in texts")
    found: dict[str, str | float] = {}
    for name, cell in zip(names, cells, strict=False):
        if not cell:
            continue
        of_column = known.get(name)
        if of_column is not None and cell in of_column:
            read = of_column[cell]
        else:
            read = value(f"{place} column {name}", columns[name], cell)
            # Cells that differ from row to row are not worth keeping, and a long table would fill the memory with them.
            of_column = known.setdefault(name, {})
            if len(of_column) < MAX_KNOWN:
                of_column[cell] = read
        if read is not None:
            found[name] = read
    for name in needed:
        if name not in found:
            raise error(f"{place} column {name}", "the cell is empty", columns[name].label, "fill it in")
    return found


def value(place: str, column: Column, cell: str) -> str | float | None:
    """Value of a cell in the kind of its column, or None where it is empty.

    Parameters
    ----------
    place : str
        File, row and column, for messages.
    column : Column
        The column.
    cell : str
        Text of the cell.
    """
    text = cell.strip(" ")
    bare = text.strip()
    if not bare:
        return None
    odd = text.startswith(FORMULA_STARTS) or bare.startswith(FORMULA_STARTS)
    # Only a number may begin like a formula.
    number = _number(text) if odd or column.unit not in ("text", *_DATED) else None
    if odd and number is None:
        raise error(place, f"{text[:40]!r} looks like a formula", "a value", f"do not start it with {bare[0]!r}")
    if column.unit in _DATED:
        return _DATED[column.unit](place, text)
    if column.unit == "text":
        if CONTROL.search(bare):
            raise error(place, f"{bare[:40]!r} holds control characters", "printable text", "delete them")
        if column.words and bare not in column.words:
            raise error(place, f"{bare[:40]!r} is unknown", ", ".join(column.words), nearest(bare, column.words))
        return bare
    allowed = f"a number from {column.lowest:.15g} to {column.highest:.15g} [{column.unit}]"
    if number is None:
        raise error(place, f"{text[:40]!r} is not a number", allowed, "write digits without separators or unit")
    if not math.isfinite(number):
        raise error(place, f"{text[:40]!r} is not finite", allowed, "write a finite number")
    if not column.lowest <= number <= column.highest:
        raise error(place, f"{text} is out of range", allowed, "change the value")
    return number


def _month(place: str, text: str) -> str:
    month = read_month(text[: len(FIRST_MONTH)] if is_day(text) else text)
    if month is None:
        allowed = f"YYYY-MM or YYYYQn from {FIRST_MONTH} to {LAST_MONTH}"
        raise error(place, f"{text[:40]!r} is not a month", allowed, "write it as 2026-09")
    return month


def _day(place: str, text: str) -> str:
    """Date of a day; a month alone means its first day."""
    text = f"{text}-01" if is_month(text) else text
    if not is_day(text):
        allowed = f"YYYY-MM-DD or YYYY-MM from {FIRST_MONTH} to {LAST_MONTH}"
        raise error(place, f"{text[:40]!r} is not a date", allowed, "write it as 2026-09-30")
    return text


_DATED = {"month": _month, "date": _day}


def _number(text: str) -> float | None:
    try:
        # Python also reads 1_000, which no spreadsheet writes.
        return None if "_" in text else float(text)
    except ValueError:
        return None
