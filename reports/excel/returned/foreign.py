"""A workbook that others may have changed: opened within limits, its cells found by the names they bear."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import openpyxl
from openpyxl import Workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from assumptions.door.files import check_archive
from assumptions.door.messages import error, printable
from reports.excel.returned.markup import MAX_ROWS, check_markup, check_order
from reports.excel.writing.address import cell
from valuation.errors import AssumptionError

SUFFIX = ".xlsx"
MAX_TEXT = 32_767
"""Characters that spreadsheet programs suffer in a cell."""
LARGEST_BITS = 1_023
"""Bits of whole numbers that are floats as well."""
ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}\Z")
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
        try:
            with self._guarded(""):
                check_markup(path)
                self._formulas, self._values = self._load(data_only=False), self._load(data_only=True)
            self._check_calendar()
        except AssumptionError:
            self.close()
            raise

    def _check_calendar(self) -> None:
        if self._formulas.epoch == CALENDAR_MAC_1904:
            remedy = "switch the date system of the workbook back to 1900"
            raise self.refusal("", "the workbook counts dates from 1904", "dates from 1900", remedy)

    @contextmanager
    def _guarded(self, place: str) -> Iterator[None]:
        """Turn what the reader raises into one line: on files made to break it, that is anything."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except AssumptionError:
            raise
        except Exception:
            what = "the sheet cannot be read" if place else "not a readable workbook"
            raise self.refusal(place, what, "an .xlsx workbook", AGAIN) from None

    def _load(self, *, data_only: bool) -> Any:  # noqa: ANN401 - openpyxl has a class for each way of reading
        """Read the file without its sheets, which are read when asked for, cell by cell."""
        stream = self._files.enter_context(self.path.open("rb"))
        return openpyxl.load_workbook(stream, read_only=True, keep_links=False, keep_vba=False, data_only=data_only)

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
            with self._guarded(printable(sheet)):
                self._cells[sheet] = self._read(sheet)
        return self._cells[sheet]

    def _read(self, sheet: str) -> dict[tuple[int, int], Seen]:
        def refuse(row: int, column: int, what: str, allowed: str, remedy: str) -> AssumptionError:
            return self.refusal(Spot(sheet, row - 1, column - 1), what, allowed, remedy)

        with self._values[sheet]._get_source() as stream:
            check_order(stream, refuse)
        found = {spot: Seen(value, "", kind) for spot, value, kind in self._walk(self._values, sheet)}
        for spot, content, kind in self._walk(self._formulas, sheet):
            if kind == "f":
                found[spot] = found.get(spot, Seen())._replace(formula=_spelt(content))
        return found

    def _walk(self, book: Workbook, name: str) -> Iterator[tuple[tuple[int, int], object, str]]:
        """Filled cells of a sheet, as far as one of ours may reach."""
        sheet: Any = book[name]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_row=MAX_ROWS):
            for found in row:
                value = found.value
                if value is None:
                    continue
                spot = Spot(name, found.row - 1, found.column - 1)
                if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
                    value = math.inf if value > 0 else -math.inf
                if isinstance(value, str) and len(value) > MAX_TEXT:
                    what = f"{len(value):,} characters in a cell"
                    raise self.refusal(spot, what, f"at most {MAX_TEXT:,}", "shorten the text")
                yield (spot.row, spot.column), value, found.data_type

    def at(self, spot: Spot) -> Seen:
        """Content of a cell; a blank one if nothing stands there."""
        return self.cells(spot.sheet).get((spot.row, spot.column), Seen())

    def find(self, name: str) -> Spot | None:
        """Cell that a name of the whole workbook points to; None if there is no such name."""
        defined = self._formulas.defined_names.get(name)
        if defined is None:
            return None
        target = str(defined.attr_text or "")
        places = _places(defined)
        if len(places) != 1 or not ADDRESS.match(places[0][1]):
            what = f"the name {name} points to {target[:40] or 'nothing'!r}, not to one cell"
            raise self.refusal("", what, "a name of one cell", f"undo what took its cell away, or {ORIGINAL}")
        sheet, address = places[0]
        letters, row = coordinate_from_string(address.replace("$", ""))
        spot = Spot(sheet, row - 1, column_index_from_string(letters) - 1)
        if sheet not in self.sheets:
            what = f"the name {name} points to a sheet {sheet!r} that is not there"
            raise self.refusal(spot, what, "the sheets of the run", "give the sheet its name back")
        self._check_alone(name)
        return spot

    def _check_alone(self, name: str) -> None:
        """Refuse a name that a sheet takes for another cell: formulas there do not read what is read here."""
        for sheet in self._formulas.worksheets:
            if name.casefold() in {own.casefold() for own in sheet.defined_names}:
                what = f"the name {name} is defined once more for the sheet {sheet.title!r} alone"
                raise self.refusal("", what, "one cell of the workbook", f"delete that name, or {ORIGINAL}")


def _places(defined: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - the library's own type is untyped
    """Sheet and address of every area that a name points to; none where it points to something else."""
    try:
        return list(defined.destinations)
    except Exception:  # the library's tokenizer has errors of its own
        return []


def _spelt(content: object) -> str:
    """Formula of a cell; one that fills an area in the braces that programs show around it."""
    if isinstance(content, str):
        return content
    return f"{{{getattr(content, 'text', type(content).__name__)}}}"
