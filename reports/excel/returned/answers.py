"""What somebody typed into an input cell, as the kind of value that its assumption takes."""

from __future__ import annotations

from datetime import date, datetime
from math import isclose
from typing import Any

from assumptions.cases.listing import AssumptionRow
from assumptions.cases.overlay import LIVES_KEY, TABLES, walk
from assumptions.chapters.schema import Case
from assumptions.door.messages import short
from reports.excel.returned.foreign import ERROR, Foreign, Seen, Spot
from reports.excel.writing.writer import Placed, serial

NUMBER, MONTH, WORD, SWITCH = "number", "month", "word", "switch"
YES, NO = "yes", "no"
DIGITS = 1e-12  # what programs lose when they write a number
EPOCH_KINDS = ("date", "month")
PARTS = {MONTH: "a month YYYY-MM", WORD: "text", SWITCH: f"{YES} or {NO}"}


def kinds(case: Case, rows: tuple[AssumptionRow, ...]) -> dict[str, str]:
    """What each assumption takes, for those that a change may name as one value.

    Parameters
    ----------
    case : Case
        The case.
    rows : tuple of AssumptionRow
        Its assumptions as listed.
    """
    units, found = {row.key: row.unit for row in rows}, {}
    for key, value in walk(case):
        if key in TABLES:
            continue
        if isinstance(value, bool):
            found[key] = SWITCH
        elif key.endswith(LIVES_KEY):
            found[key] = NUMBER
        elif isinstance(value, tuple):
            found[key] = WORD
        else:
            found[key] = {"month": MONTH, "choice": WORD}.get(units.get(key, ""), NUMBER)
    return found


def typed(book: Foreign, spot: Spot, placed: Placed, kind: str, unit: str) -> Any:  # noqa: ANN401 - number or text
    """What was typed into a cell.

    Parameters
    ----------
    book : Foreign
        The workbook.
    spot : Spot
        The cell.
    placed : Placed
        What the run wrote there.
    kind : str
        What the assumption takes.
    unit : str
        Its unit, for messages.

    Raises
    ------
    AssumptionError
        If it is nothing of that kind.
    """
    seen = book.at(spot)
    allowed = f"a number [{unit}]" if kind == NUMBER and unit else PARTS.get(kind, "a number")
    back = f"type {placed.value!r} to leave it as it was"
    if unchanged(seen, placed):
        return placed.value
    if seen.value is None and seen.formula:
        remedy = "open the workbook in a spreadsheet program and save it, or type the value"
        raise book.refusal(spot, "a formula without a stored result", allowed, remedy)
    if seen.value is None:
        raise book.refusal(spot, "the cell is blank", allowed, back)
    if seen.kind == ERROR:
        raise book.refusal(spot, f"the error value {short(seen.value)}", allowed, back)
    return _number(book, spot, seen, allowed) if kind == NUMBER else _text(book, spot, seen, kind, allowed)


def unchanged(seen: Seen, placed: Placed) -> bool:
    """Whether a cell still holds what the run wrote, but for the digits that programs lose."""
    value = as_written(seen, placed)
    if isinstance(placed.value, str):
        text = "" if value is None else value
        return isinstance(text, str) and text.strip() == placed.value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isclose(value, placed.value, rel_tol=DIGITS, abs_tol=0.0)


def as_written(seen: Seen, placed: Placed) -> Any:  # noqa: ANN401 - number, text or nothing
    """Value of a cell; a day as its number where the run wrote a day."""
    if isinstance(seen.value, datetime | date) and placed.kind in EPOCH_KINDS:
        return serial(seen.value.date() if isinstance(seen.value, datetime) else seen.value)
    return seen.value


def _number(book: Foreign, spot: Spot, seen: Seen, allowed: str) -> float:
    value = seen.value
    if isinstance(value, bool):
        raise book.refusal(spot, f"{str(value).upper()} is no number", allowed, "type a number")
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else value
    if isinstance(value, str):
        what = f"the text {value[:40]!r} is no number"
        if value.strip().endswith("%"):
            raise book.refusal(spot, what, allowed, "type it as a number, 0.12 for 12%, in a cell of kind General")
        raise book.refusal(spot, what, allowed, "type it as a number, in a cell of kind General")
    raise book.refusal(spot, f"a date or a time, {value}", allowed, "type a number, in a cell of kind General")


def _text(book: Foreign, spot: Spot, seen: Seen, kind: str, allowed: str) -> str | bool:
    value = seen.value
    # Spreadsheet programs turn 2027-03 into the first day of that month.
    if kind == MONTH and isinstance(value, datetime | date) and value.day == 1:
        return f"{value.year:04d}-{value.month:02d}"
    if not isinstance(value, str):
        told = str(value).upper() if isinstance(value, bool) else value
        remedy = "type it with a leading apostrophe, as '2027-03" if kind == MONTH else "type text"
        raise book.refusal(spot, f"{told} is no text", allowed, remedy)
    text = value.strip()
    if kind != SWITCH:
        return text
    if text not in (YES, NO):
        raise book.refusal(spot, f"{text[:40]!r} is unknown", allowed, "choose one of them")
    return text == YES
