"""The gate to the workbook library: the only place that knows it, and the only way a cell is written.

Every formula carries the engine's value as its stored result, so that readers that do not calculate see it. Text that
comes from outside is written as text, whatever it begins with. A refusal of the library, which it reports by a
negative number, becomes an exception.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, SupportsFloat, TypeAlias

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.excel.writing.address import cell, column_letter, quoted, relative
from reports.excel.writing.styles import NUMBER_FORMATS, TAB_COLOURS, look, properties
from valuation.errors import ModelError

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
EPOCH = date(1899, 12, 30)
MAX_TEXT, MAX_FORMULAS = 32_000, 200_000
REMEDY = "join purchases into quarters or years, or ask for --json without --out"
NAME = re.compile(r"(in|sc|out|chk)_[a-z0-9_]+\Z")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SECURE, MAX_URL = "https://", 2_000
UNSAFE = re.compile(r"[\x00-\x20\x7f]")
DIGITS, AMOUNT_DIGITS, AMOUNTS = 10, 11, ("usd", "million", "residual", "rest")
LONG_AMOUNT = 1e11  # from here on a digit more, so that the last dollar stands
TYPED = "input"  # role of what may be typed over
PAPER = {"plain": 9, "large": 8}
FUNCTIONS = {
    "ABS", "AND", "COUNTIF", "DATEVALUE", "EOMONTH", "EXP", "IF", "INDEX", "ISERROR", "ISNUMBER", "LN", "MATCH", "MAX",
    "MIN", "MONTH", "SUM", "SUMIFS", "SUMPRODUCT", "YEAR",
}  # fmt: skip
FUNCTION = re.compile(r"([A-Z][A-Z0-9.]*)\(")
PROTECTION = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "sort": True,
    "autofilter": True,
}

Result = float | int | bool | str
Cell = SupportsFloat | str | date
Numeric = SupportsFloat | date
Drawing: TypeAlias = Chart


class Placed(NamedTuple):
    """What was written into a cell: its value, its formula if it has one, and what it is."""

    value: Result
    formula: str = ""
    role: str = ""
    kind: str = "text"


class WorkbookError(ModelError):
    """A cell that must not be written, or that the library refused: a defect of the writer."""


class TooManyFormulasError(WorkbookError):
    """A workbook with more formulas than a reader copes with."""


def stored(value: Cell) -> Result:
    """A value as it may stand in a cell: a finite number, a truth value or text.

    Parameters
    ----------
    value : object
        Python or array scalar.

    Raises
    ------
    WorkbookError
        For anything else, NaN and infinity included.
    """
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value
    if isinstance(value, date):
        return serial(value)
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise WorkbookError(f"{value!r} cannot stand in a cell") from error
    if not math.isfinite(number):
        raise WorkbookError(f"{value!r} is no finite number")
    return number


def kept(result: Result, digits: int) -> Result:
    """Result of a formula to so many digits, which halve its place in the file; what calculates has them all.

    Parameters
    ----------
    result : float, int, bool or str
        Result as it may stand in a cell.
    digits : int
        Significant digits.
    """
    if not isinstance(result, float):
        return result
    found = float(f"{result:.{digits + (digits == AMOUNT_DIGITS and abs(result) >= LONG_AMOUNT)}g}")
    return int(found) if found.is_integer() else found


def serial(day: date) -> int:
    """Number of a day in a sheet."""
    return (day - EPOCH).days


class PlainWorksheet(Worksheet):  # type: ignore[misc]  # the library tells no types
    """A worksheet that takes formulas as they are.

    The library looks for some thirty newer functions in every formula, which costs four fifths of the time of writing.
    Ours use the functions of `FUNCTIONS` only, so there is nothing to find. Should the method vanish, nothing breaks.
    """

    def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
        """Formula without its equals sign."""
        return formula.removeprefix("=")


class Workbook:
    """A workbook being written.

    Parameters
    ----------
    path : Path
        File.
    created : date
        Date stamped into the file, so that equal runs give equal bytes.
    record : bool
        Whether to keep what was written into every cell, for whoever compares it.
    """

    def __init__(self, path: Path, created: date, *, record: bool = True) -> None:
        self._path, self._content = path, BytesIO()
        self._book: Any = xlsxwriter.Workbook(self._content, OPTIONS)
        self._book.set_properties({"created": datetime.combine(created, time.min)})
        self._book.set_calc_mode("auto")
        self._formats: dict[tuple[str, str], Any] = {}
        self._sheets: dict[str, Sheet] = {}
        self.formulas: Counter[str] = Counter()
        self.distinct: dict[str, set[str]] = {}
        self.longest: dict[str, int] = {}
        self.record = record
        self.cells: dict[str, dict[tuple[int, int], Placed]] = {}
        self.names: dict[str, tuple[str, int, int]] = {}
        self.typed: dict[tuple[str, int, int], Result] = {}

    def style(self, role: str, kind: str = "text") -> Format:
        """Format of a role and a kind; each is made once."""
        if (role, kind) not in self._formats:
            self._formats[role, kind] = self._book.add_format(properties(role, kind))
        return self._formats[role, kind]

    def dash(self) -> Format:
        """Format that only changes what a number is written like, to a dash."""
        if ("nil", "nil") not in self._formats:
            self._formats["nil", "nil"] = self._book.add_format({"num_format": NUMBER_FORMATS["nil"]})
        return self._formats["nil", "nil"]

    def add_sheet(self, name: str, kind: str) -> Sheet:
        """New sheet behind the others, its tab in the colour of its kind."""
        raw = self._book.add_worksheet(name, PlainWorksheet)
        raw.set_tab_color(TAB_COLOURS[kind])
        raw.hide_gridlines(2)
        raw.protect("", PROTECTION)
        self._sheets[name] = Sheet(self, raw, name)
        return self._sheets[name]

    def chart(self, kind: str, *, stacked: bool = False) -> Drawing:
        """New chart; whoever draws it puts it on a sheet."""
        return self._book.add_chart({"type": kind, "subtype": "stacked"} if stacked else {"type": kind})

    def name_cell(self, name: str, sheet: str, row: int, column: int) -> None:
        """Give one cell a name that formulas and readers may use."""
        if not NAME.fullmatch(name):
            raise WorkbookError(f"{name!r} is no name for a cell")
        target = f"={quoted(sheet)}!{cell(row, column, fixed=True)}"
        _accepted(self._book.define_name(name, target), f"name {name}")
        self.names[name] = (sheet, row, column)

    def close(self) -> None:
        """Write the file.

        Raises
        ------
        OSError
            If the disk refuses.
        """
        if self.formulas.total() > MAX_FORMULAS:
            raise TooManyFormulasError(
                f"the workbook would hold {self.formulas.total():,} formulas; allowed are {MAX_FORMULAS:,}; {REMEDY}"
            )
        # Made in memory, so that a full disk leaves no half of it; its parts, eight times as large, are not.
        with TemporaryDirectory(prefix=f".{self._path.name}-", dir=self._path.parent) as parts:
            self._book.tmpdir, refused = parts, None
            try:
                self._book.close()
            except FileCreateError as error:
                refused = error.args[0]
            if refused is not None:
                # Its trace would keep the library's open archive alive beyond what it writes to.
                raise refused.with_traceback(None)
        self._path.write_bytes(self._content.getbuffer())


class Sheet:
    """One sheet; every method that writes a cell takes its row, column, content, role and kind."""

    def __init__(self, book: Workbook, raw: Worksheet, name: str) -> None:
        self.book, self.raw, self.name = book, raw, name
        self._cells = book.cells.setdefault(name, {})
        self._distinct = book.distinct.setdefault(name, set())

    def text(self, row: int, column: int, text: str, role: str = "label") -> None:
        """Text, never taken for a formula, a number or a link."""
        clean = CONTROL.sub(" ", text)[:MAX_TEXT]
        self._keep(row, column, Placed(clean, role=role))
        self._done(self.raw.write_string(row, column, clean, self.book.style(role)), row, column)

    def number(self, row: int, column: int, value: Numeric, role: str = "engine", kind: str = "usd") -> None:
        """Number or day."""
        found = stored(value)
        if isinstance(found, str | bool):
            raise WorkbookError(f"{value!r} is no number")
        self._keep(row, column, Placed(found, role=role, kind=kind))
        if role == TYPED:
            self.book.typed[self.name, row, column] = found
        self._done(self.raw.write_number(row, column, found, self.book.style(role, look(kind, found))), row, column)

    def numbers(
        self, row: int, column: int, values: Iterable[SupportsFloat], role: str = "engine", kind: str = "usd"
    ) -> None:
        """Numbers from a column on, to the right."""
        for offset, value in enumerate(values):
            self.number(row, column + offset, value, role, kind)

    def formula(self, row: int, column: int, formula: str, result: Cell, role: str = "calc", kind: str = "usd") -> None:
        """Formula with the engine's value as its stored result."""
        self._count(row, column, formula)
        self._formula(row, column, formula, result, (role, kind))

    def _count(self, row: int, column: int, formula: str) -> None:
        """Look at the functions of a formula, and count it among the different ones."""
        unknown = set(FUNCTION.findall(formula)) - FUNCTIONS
        if unknown:
            raise WorkbookError(f"{formula} uses {', '.join(sorted(unknown))}, which older programs may not know")
        self._distinct.add(relative(formula, row, column))

    def _formula(self, row: int, column: int, formula: str, result: Cell, style: tuple[str, str]) -> None:
        self.book.formulas[self.name] += 1
        if len(formula) > self.book.longest.get(self.name, 0):
            self.book.longest[self.name] = len(formula)
        found = kept(stored(result), AMOUNT_DIGITS if style[1] in AMOUNTS else DIGITS)
        if self.book.record:
            self._cells[row, column] = Placed(found, formula, *style)
        role, kind = style
        code = self.raw.write_formula(row, column, formula, self.book.style(role, look(kind, found)), found)
        self._done(code, row, column)

    def _keep(self, row: int, column: int, placed: Placed) -> None:
        if self.book.record:
            self._cells[row, column] = placed

    def series(
        self, row: int, column: int, template: str, results: Iterable[Cell], style: tuple[str, str] = ("calc", "usd")
    ) -> None:
        """The same formula along a row.

        Parameters
        ----------
        row, column : int
            First cell.
        template : str
            Formula with ``{c}`` for the letters of its column, ``{p}`` for the column before, ``{n}``
            for the next.
        results : iterable
            Stored results, one a column.
        style : tuple of str
            Role and kind.
        """
        for offset, result in enumerate(results):
            at = column + offset
            formula = template.format(c=column_letter(at), p=column_letter(at - 1), n=column_letter(at + 1))
            if not offset:
                self._count(row, at, formula)
            self._formula(row, at, formula, result, style)

    def goto(self, row: int, column: int, sheet: str, text: str) -> None:
        """Link to a sheet of this workbook."""
        target = f"internal:{quoted(sheet)}!A1"
        self._keep(row, column, Placed(text, role="link"))
        self._done(self.raw.write_url(row, column, target, self.book.style("link"), text), row, column)

    def web(self, row: int, column: int, url: str, text: str) -> None:
        """Link to a secure address outside; any other address is left out."""
        if url.startswith(SECURE) and not UNSAFE.search(url) and len(url) < MAX_URL:
            self._keep(row, column, Placed(text, role="source_link"))
            self._done(self.raw.write_url(row, column, url, self.book.style("source_link"), text), row, column)

    def widths(self, widths: Sequence[float], first: int = 0) -> None:
        """Widths of columns from one on."""
        for offset, width in enumerate(widths):
            self._done(self.raw.set_column(first + offset, first + offset, width), 0, first + offset)

    def height(self, row: int, points: float) -> None:
        """Height of a row."""
        self.raw.set_row(row, points)

    def merged(self, row: int, columns: tuple[int, int], text: str, role: str = "paragraph") -> None:
        """Text over several columns of one row."""
        clean = CONTROL.sub(" ", text)[:MAX_TEXT]
        first, last = columns
        self._keep(row, first, Placed(clean, role=role))
        self._done(self.raw.merge_range(row, first, row, last, "", self.book.style(role)), row, first)
        self._done(self.raw.write_string(row, first, clean, self.book.style(role)), row, first)

    def validate(self, row: int, column: int, rule: dict[str, Any]) -> None:
        """Rule for what may be typed into a cell."""
        self._done(self.raw.data_validation(row, column, row, column, rule), row, column)

    def colour_when(self, area: tuple[int, int, int, int], rule: dict[str, Any], role: str) -> None:
        """Colour the cells of an area that meet a rule."""
        style = self.book.style(role)
        self._done(self.raw.conditional_format(*area, {**rule, "format": style}), area[0], area[1])

    def dash_nothing(self, area: tuple[int, int, int, int]) -> None:
        """Show a dash for what is exactly nothing in an area."""
        look_of = {"type": "formula", "criteria": f"={cell(*area[:2])}=0", "format": self.book.dash()}
        self._done(self.raw.conditional_format(*area, look_of), area[0], area[1])

    def draw(self, row: int, column: int, chart: Drawing) -> None:
        """Put a chart with its corner on a cell."""
        self._done(self.raw.insert_chart(row, column, chart), row, column)

    def freeze(self, row: int, column: int) -> None:
        """Keep rows above and columns left of a cell in view."""
        self.raw.freeze_panes(row, column)

    def print_on(
        self,
        area: tuple[int, int, int, int],
        pages: tuple[int, int] = (1, 0),
        *,
        landscape: bool = True,
        paper: str = "plain",
    ) -> None:
        """Area, pages across and down (0 for as many as it takes), and paper: plain is A4, large is A3."""
        self.raw.set_paper(PAPER[paper])
        if landscape:
            self.raw.set_landscape()
        self.raw.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.raw.fit_to_pages(*pages)
        self.raw.print_area(*area)
        self.raw.set_footer("&L&8&A&R&8Page &P of &N")

    def repeat(self, rows: tuple[int, int] | None = None, columns: tuple[int, int] | None = None) -> None:
        """Rows and columns printed on every page."""
        if rows:
            self.raw.repeat_rows(*rows)
        if columns:
            self.raw.repeat_columns(*columns)

    def breaks(self, rows: Sequence[int]) -> None:
        """Begin a new page in print at each of some rows."""
        self.raw.set_h_pagebreaks(list(rows))

    def _done(self, code: int | None, row: int, column: int) -> None:
        if code:  # every cell passes here: its address is spelled only where it is told
            _accepted(code, f"{self.name}!{cell(row, column)}")


def _accepted(code: object, place: str) -> None:
    if isinstance(code, int) and code < 0:
        raise WorkbookError(f"{place}: the workbook library refused with {code}")
