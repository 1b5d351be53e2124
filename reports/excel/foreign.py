"""A workbook that others may have changed: opened within limits, its cells found by the names they bear."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import openpyxl
from openpyxl import Workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from assumptions.files import UNREADABLE, check_archive
from assumptions.messages import error
from reports.excel.address import cell
from valuation.errors import AssumptionError

SUFFIX = ".xlsx"
MAX_ROWS, MAX_COLUMNS = 20_000, 2_000
ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}\Z")
ERROR = "e"
AGAIN = "save it again as .xlsx"
ORIGINAL = "take the workbook that the run wrote and type the change there"


class Seen(NamedTuple):
    """What stands in a cell of the file: its stored value, its formula if it has one, and the kind of the value."""

    value: Any = None
    formula: str = ""
    kind: str = "n"


class Spot(NamedTuple):
    """A cell."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"{printable(self.sheet)}!{cell(self.row, self.column)}"


def printable(text: str) -> str:
    """A text of a file without what moves the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


class Foreign:
    """A workbook of somebody else's hand, for reading only.

    Parameters
    ----------
    path : Path
        File.

    Raises
    ------
    AssumptionError
        If it is no workbook, too large when unpacked, or carries more than cells.
    """

    def __init__(self, path: Path) -> None:
        check_archive(path, SUFFIX)
        if not openpyxl.DEFUSEDXML:
            raise error(path.name, "defusedxml is not in use", "guarded XML", "install defusedxml and leave it on")
        self.path = path
        self._files = ExitStack()
        self._cells: dict[str, dict[tuple[int, int], Seen]] = {}
        self._formulas, self._values = self._load(data_only=False), self._load(data_only=True)
        try:
            self._check()
        except AssumptionError:
            self.close()
            raise

    def _check(self) -> None:
        """Refuse another calendar, and a cell far from all others."""
        if self._formulas.epoch == CALENDAR_MAC_1904:
            remedy = "switch the date system of the workbook back to 1900"
            raise self.refusal("", "the workbook counts dates from 1904", "dates from 1900", remedy)
        for sheet in self._values.worksheets:
            self._check_near(sheet.title, sheet.max_row or 1, sheet.max_column or 1)

    def _load(self, *, data_only: bool) -> Any:  # noqa: ANN401 - openpyxl has a class for each way of reading
        """Read the file without its sheets, which are read when asked for, cell by cell."""
        try:
            stream = self._files.enter_context(self.path.open("rb"))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return openpyxl.load_workbook(
                    stream, read_only=True, keep_links=False, keep_vba=False, data_only=data_only
                )
        except UNREADABLE:
            self.close()
            raise self.refusal("", "not a readable workbook", "an .xlsx workbook", AGAIN) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._files.close()

    def refusal(self, place: object, what: str, allowed: str, remedy: str) -> AssumptionError:
        """Error that names the file and the place in it."""
        return error(f"{self.path.name} {place}" if place else self.path.name, what, allowed, remedy)

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, those of charts alone left out."""
        return [sheet.title for sheet in self._formulas.worksheets]

    def cells(self, sheet: str) -> dict[tuple[int, int], Seen]:
        """Filled cells of a sheet by row and column, counted from nought."""
        if sheet not in self._cells:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._cells[sheet] = self._read(sheet)
            except AssumptionError:
                raise
            except UNREADABLE:
                raise self.refusal(sheet, "the sheet cannot be read", "an .xlsx workbook", AGAIN) from None
        return self._cells[sheet]

    def _read(self, sheet: str) -> dict[tuple[int, int], Seen]:
        found = {spot: Seen(value, "", kind) for spot, value, kind in self._walk(self._values, sheet)}
        for spot, content, kind in self._walk(self._formulas, sheet):
            if kind == "f":
                stored = found.get(spot, Seen())
                found[spot] = stored._replace(formula=str(getattr(content, "text", content)) or "=")
        return found

    def _walk(self, book: Workbook, name: str) -> Iterator[tuple[tuple[int, int], object, str]]:
        """Filled cells of a sheet, as far as one of ours may reach."""
        sheet = book[name]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_row=MAX_ROWS):
            for found in row:
                if found.value is not None:
                    self._check_near(name, found.row, found.column)
                    yield (found.row - 1, found.column - 1), found.value, found.data_type

    def _check_near(self, sheet: str, row: int, column: int) -> None:
        if row > MAX_ROWS or column > MAX_COLUMNS:
            place, allowed = Spot(sheet, row - 1, column - 1), f"{MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns"
            raise self.refusal(place, "a cell far from all others", allowed, "delete that row or column")

    def at(self, spot: Spot) -> Seen:
        """Content of a cell; a blank one if nothing stands there."""
        return self.cells(spot.sheet).get((spot.row, spot.column), Seen())

    def find(self, name: str) -> Spot | None:
        """Cell that a name of the whole workbook points to; None if there is no such name."""
        defined = self._formulas.defined_names.get(name)
        if defined is None:
            return None
        target = str(defined.attr_text or "")
        try:
            places = list(defined.destinations)
        except UNREADABLE:
            places = []
        if len(places) != 1 or not ADDRESS.match(places[0][1]):
            what = f"the name {name} points to {target[:40] or 'nothing'!r}, not to one cell"
            raise self.refusal("", what, "a name of one cell", f"undo what took its cell away, or {ORIGINAL}")
        sheet, address = places[0]
        letters, row = coordinate_from_string(address.replace("$", ""))
        spot = Spot(sheet, row - 1, column_index_from_string(letters) - 1)
        if sheet not in self.sheets:
            what = f"the name {name} points to a sheet {sheet!r} that is not there"
            raise self.refusal(spot, what, "the sheets of the run", "give the sheet its name back")
        return spot
