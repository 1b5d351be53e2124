"""Reading files that somebody else wrote: TOML, CSV and XLSX, with limits and without surprises."""

from __future__ import annotations

import csv
import io
import tomllib
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assumptions.door.messages import error
from valuation.errors import AssumptionError

MAX_TEXT_BYTES = 5 * 1024 * 1024
MAX_XLSX_BYTES = 100 * 1024 * 1024
MAX_XLSX_RATIO = 100
MAX_DENSE = 1024 * 1024
"""Bytes from which a part of a workbook is measured by itself."""
MAX_XLSX_PARTS = 2_000
MAX_ROWS = 20_000
MAX_ROW_BYTES = 1_000
MAX_COLUMNS = 60

# A spreadsheet runs what starts like this.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

# Parts of a workbook that carry code or reach outside it.
_REFUSED_PARTS = {
    "externallinks/": "links to other workbooks",
    "vbaproject": "macros",
    "embeddings/": "embedded objects",
    "activex/": "controls",
    "macrosheets/": "macros of old versions",
    "xl/connections.xml": "connections to data elsewhere",
}
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Packings of workbooks; the reader unpacks others at a stroke, however large they turn out to be."""
_ENCRYPTED = 0x1

# First bytes of the container of encrypted and of old workbooks.
_OLE = b"\xd0\xcf\x11\xe0"

Table = list[tuple[int, list[str]]]
"""Rows of a table with their numbers in the file; the first one is the header."""


def read_text(path: Path, most: int = MAX_TEXT_BYTES) -> str:
    """Text of a file.

    Parameters
    ----------
    path : pathlib.Path
        File, in UTF-8.
    most : int
        Bytes allowed.
    """
    if not path.is_file():
        what = "it is a folder" if path.is_dir() else f"there is no file {path}"
        raise error(path.name, what, "a readable file", "check the path")
    size = path.stat().st_size
    if size > most:
        raise error(path.name, f"the file has {size} bytes", f"at most {most}", "split or shorten it")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise error(
            path.name, f"byte {failure.start} is not UTF-8", "text in UTF-8", "save the file as UTF-8"
        ) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file.

    Parameters
    ----------
    path : pathlib.Path
        File.
    """
    try:
        return tomllib.loads(read_text(path))
    except AssumptionError:
        raise
    except (ValueError, RecursionError) as failure:  # numbers too long and nesting too deep among them
        raise error(path.name, f"not TOML: {failure}", "TOML", "correct that line") from None


def read_csv(path: Path, most: int | None = None) -> Table:
    """Rows of a CSV file as text; empty rows are left out.

    Parameters
    ----------
    path : pathlib.Path
        File, comma-separated.
    most : int, optional
        Rows allowed, and with them the bytes; the limit of a schedule if not given.
    """
    text = read_text(path, MAX_TEXT_BYTES if most is None else max(MAX_TEXT_BYTES, most * MAX_ROW_BYTES))
    if "\0" in text:
        raise error(path.name, "a zero byte in the text", "plain CSV", "save the file as CSV")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: Table = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
            _limit(path, reader.line_num, most)
    except csv.Error as failure:
        raise error(
            f"{path.name} row {reader.line_num}", f"not CSV: {failure}", "comma-separated values", "correct that line"
        ) from None
    return rows


def _limit(path: Path, row: int, most: int | None) -> None:
    allowed = MAX_ROWS if most is None else most
    if row > allowed:
        remedy = "add purchases up" if most is None else "split or shorten the file"
        raise error(path.name, f"more than {allowed} rows", f"at most {allowed} rows", remedy)


def read_xlsx(path: Path, most: int | None = None) -> Table:
    """Rows of the first sheet of a workbook as text; formulas, macros and links are refused.

    Parameters
    ----------
    path : pathlib.Path
        Workbook.
    most : int, optional
        Rows allowed; the limit of a schedule if not given.
    """
    check_archive(path)
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise error(path.name, "defusedxml is not in use", "guarded XML", "install defusedxml and leave it on")
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, keep_links=False, keep_vba=False)
            rows = _sheet(path, book.worksheets[0], MAX_ROWS if most is None else most)
    except AssumptionError:
        raise
    except Exception:  # what the reader raises on a file made to break it is anything
        raise error(path.name, "not a readable workbook", "an .xlsx workbook", "save it again as .xlsx") from None
    filled = [(number, row) for number, row in rows if any(row)]
    if filled:
        _limit(path, filled[-1][0], most)
    return filled


def _sheet(path: Path, sheet: Any, most: int) -> Table:  # noqa: ANN401 - openpyxl has a class for each way of reading
    """Rows of a sheet as text."""
    rows: Table = []
    for number, cells in enumerate(sheet.iter_rows(max_row=most + 1, max_col=MAX_COLUMNS), start=1):
        texts = []
        for column, cell in enumerate(cells, start=1):
            texts.append(_cell(f"{path.name} row {number} column {column}", cell.value, cell.data_type))
        rows.append((number, texts))
    return rows


def check_archive(path: Path, allowed: str = ".xlsx or .csv") -> None:
    """Refuse a workbook that is none, is too large when unpacked, or carries more than cells.

    Parameters
    ----------
    path : pathlib.Path
        File.
    allowed : str
        Endings that are read, for messages.
    """
    if path.suffix.lower() != ".xlsx":
        raise error(path.name, f"{path.suffix or 'a name without ending'} is not read", allowed, "save it as .xlsx")
    if path.is_dir():
        raise error(path.name, "a folder, not a file", "an .xlsx workbook", "name the file in it")
    if not path.exists():
        raise error(path.name, f"there is no file {path}", "a readable file", "check the path")
    if not path.is_file():
        raise error(path.name, "a pipe or a device, not a file", "an .xlsx workbook", "save it as a file")
    parts = _parts(path)
    if len(parts) > MAX_XLSX_PARTS:
        raise error(path.name, f"{len(parts)} parts inside", f"at most {MAX_XLSX_PARTS}", "save a plain workbook")
    size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if size > MAX_XLSX_BYTES:
        raise error(path.name, f"{size} bytes unpacked", f"at most {MAX_XLSX_BYTES}", "shorten the sheets")
    pairs = [(size, packed), *((part.file_size, part.compress_size) for part in parts if part.file_size > MAX_DENSE)]
    if any(whole > MAX_XLSX_RATIO * max(small, 1) for whole, small in pairs):
        raise error(
            path.name, f"packed more than {MAX_XLSX_RATIO} to 1", f"at most {MAX_XLSX_RATIO} to 1", "save it again"
        )
    _check_parts(path, parts)


def _check_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    """Refuse parts that carry more than cells, or that programs read in different ways."""
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise error(path.name, "encrypted with a password", "an .xlsx workbook without password", "save it again")
    if any(part.compress_type not in _PACKINGS for part in parts):
        raise error(path.name, "packed in an unusual way", "deflated parts", "save it again as .xlsx")
    names = [part.filename.lower() for part in parts]
    twice = next((name for name in sorted(set(names)) if names.count(name) > 1), None)
    if twice is not None:
        raise error(path.name, f"two parts are called {twice!r}", "every part once", "save it again as .xlsx")
    for name in names:
        for mark, meaning in _REFUSED_PARTS.items():
            if mark in name:
                raise error(path.name, f"the workbook holds {meaning}", "cells only", "save a plain .xlsx")


def _parts(path: Path) -> list[zipfile.ZipInfo]:
    """Parts of a workbook as its directory lists them."""
    try:
        with path.open("rb") as stream:
            start = stream.read(len(_OLE))
    except OSError as failure:
        what = f"it cannot be opened: {(failure.strerror or str(failure)).lower()}"
        raise error(path.name, what, "a readable file", "close other programs, or ask its owner") from None
    if start == _OLE:
        what = "encrypted with a password, or in the format of old .xls files"
        raise error(path.name, what, "an .xlsx workbook without password", "save it again as .xlsx")
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except Exception:  # as above: the fields of a damaged directory may say anything
        raise error(path.name, "not a workbook", "an .xlsx workbook", "save it again as .xlsx") from None


def _cell(place: str, value: object, kind: str) -> str:
    """Text of a cell; days for dates, digits without rounding for numbers."""
    if value is None:
        return ""
    if kind == "f":
        raise error(place, f"the cell holds a formula {str(value)[:40]!r}", "values only", "paste it as a value")
    if isinstance(value, datetime | date):
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else repr(value)
