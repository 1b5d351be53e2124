"""The parts of a workbook looked over before they are read: so much and no more, every cell once and in its place.

Programs do not agree on a sheet whose rows or cells stand twice or out of order: one takes the first, one the last, and
the reader used here leaves some of them out. What stands on the screen would not be what is read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from defusedxml.ElementTree import DefusedXMLParser
from openpyxl.utils.cell import column_index_from_string
from openpyxl.xml.constants import SHEET_MAIN_NS

from assumptions.door.messages import error

SHEETS = "xl/worksheets/"
MAX_TAGS = {True: 3_000_000, False: 400_000}
"""Tags in all sheets together, and in all other parts."""
MAX_OTHER_BYTES = 10 * 1024 * 1024
"""Bytes of a part that is no sheet: the reader keeps all of it."""
PIECE = 1024 * 1024
"""Bytes without a tag that are suffered: one text or one list of attributes is never as long."""
CHUNK = 64 * 1024
MAX_ROWS, MAX_COLUMNS = 20_000, 2_000
MAX_WIDTHS = 4_000_000
"""Columns of all rows together, for the reader fills every row up to its last cell."""
REMEDY = "delete what was added to the workbook"
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}\Z")

Refuse = Callable[[int, int, str, str, str], Exception]
"""Makes the refusal of a row and a column, counted from 1: what is wrong, what is allowed, the remedy."""


def check_markup(path: Path) -> None:
    """Refuse a workbook with far more in it than a run writes, before anything builds objects of it.

    Parameters
    ----------
    path : Path
        The workbook.

    Raises
    ------
    AssumptionError
        In one line.
    """
    found = {True: 0, False: 0}
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            is_sheet = part.filename.startswith(SHEETS)
            if part.file_size > MAX_OTHER_BYTES and not is_sheet:
                what, allowed = f"{part.filename} has {part.file_size:,} bytes", f"at most {MAX_OTHER_BYTES:,}"
                raise error(path.name, what, allowed, REMEDY)
            with archive.open(part) as stream:
                while piece := stream.read(PIECE):
                    tags = piece.count(b"<")
                    found[is_sheet] += tags
                    if not tags and len(piece) == PIECE:
                        what = f"a text or picture of more than {PIECE:,} bytes in {part.filename}"
                        raise error(path.name, what, "texts of cells", REMEDY)
                    if found[is_sheet] > MAX_TAGS[is_sheet]:
                        what = f"more than {MAX_TAGS[is_sheet]:,} tags in its {'sheets' if is_sheet else 'other parts'}"
                        raise error(path.name, what, "a workbook like that of the run", REMEDY)


def check_order(stream: IO[bytes], refuse: Refuse) -> None:
    """Refuse a sheet in which a row, a cell or a part of a cell stands twice or out of its place.

    Parameters
    ----------
    stream : binary file
        Markup of the sheet.
    refuse : callable
        Makes the refusal.
    """
    parser = DefusedXMLParser(target=_Order(refuse))
    while chunk := stream.read(CHUNK):
        parser.feed(chunk)
    parser.close()


class _Order:
    """Follows the tags of a sheet."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._depth = self._level = self._row = self._column = self._widths = 0
        self._inside: set[str] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag that opens: a row, a cell in it, or the value or formula in that."""
        self._depth += 1
        space, _, name = tag.rpartition("}")
        if name == "row":
            self._open_row(attributes.get("r", ""))
        elif self._level and self._depth == self._level + 1:
            self._open_cell(attributes.get("r", ""))
        elif self._level and self._depth == self._level + 2:
            self._open_content(name)
        else:
            return
        if space != "{" + SHEET_MAIN_NS:
            raise self._amiss(f"<{name}> is of an unknown kind")

    def end(self, _tag: str) -> None:
        """A tag that closes."""
        if self._depth == self._level:
            self._level = 0
            self._widths += self._column
            if self._widths > MAX_WIDTHS:
                raise self._far()
        self._depth -= 1

    def close(self) -> None:
        """The end of the sheet."""

    def _open_row(self, given: str) -> None:
        number = self._row + 1 if not given else int(given) if _NUMBER.match(given) else 0
        if number <= self._row or self._level:
            self._row, self._column = number, 0
            raise self._amiss(f"row {given[:20]} stands twice or out of order in the file")
        self._row, self._column, self._level = number, 0, self._depth

    def _open_cell(self, given: str) -> None:
        parts = _ADDRESS.match(given)
        column = self._column + 1 if not given else column_index_from_string(parts[1]) if parts else 0
        if column <= self._column or (parts and int(parts[2]) != self._row):
            raise self._amiss(f"cell {given[:20]} stands twice or out of order in the file")
        self._column = column
        self._inside.clear()

    def _open_content(self, name: str) -> None:
        if name in self._inside:
            raise self._amiss(f"the cell has two of <{name}>")
        self._inside.add(name)
        if self._row > MAX_ROWS or self._column > MAX_COLUMNS:
            raise self._far()

    def _amiss(self, what: str) -> Exception:
        remedy = "open it in a spreadsheet program and save it again as .xlsx"
        return self._refuse(max(self._row, 1), max(self._column, 1), what, "every cell once, in order", remedy)

    def _far(self) -> Exception:
        allowed = f"{MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns"
        what, remedy = "a cell far from all others", "delete that row or column"
        return self._refuse(self._row, self._column, what, allowed, remedy)
