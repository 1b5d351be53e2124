"""Calendar months as text, ``YYYY-MM``: reading, comparing and moving them.

Text of this form sorts by date, so plain comparison orders months.
"""

from __future__ import annotations

import re
from datetime import date

from valuation.timeline import EPOCH_YEAR, MONTHS_PER_YEAR

FIRST_MONTH, LAST_MONTH = "1990-01", "2100-12"
EPOCH_MONTH = f"{EPOCH_YEAR}-01"
"""Month that the core counts from."""

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})Q([1-4])")


def is_month(text: object) -> bool:
    """Whether something is a month within the calendar of the program."""
    return isinstance(text, str) and _MONTH.fullmatch(text) is not None and FIRST_MONTH <= text <= LAST_MONTH


def is_day(text: object) -> bool:
    """Whether something is a date ``YYYY-MM-DD`` within the calendar of the program."""
    if not isinstance(text, str) or len(text) != len("YYYY-MM-DD") or not is_month(text[: len(FIRST_MONTH)]):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_month(text: str) -> str | None:
    """Month of a text: ``YYYY-MM`` as it stands, ``YYYYQn`` as the middle month of the quarter; None if neither.

    Parameters
    ----------
    text : str
        Text of a cell.
    """
    quarter = _QUARTER.fullmatch(text)
    if quarter:
        text = f"{quarter.group(1)}-{3 * int(quarter.group(2)) - 1:02d}"
    return text if is_month(text) else None


def serial(month: str) -> int:
    """Number of a month, counted from year 0."""
    year, number = month.split("-")
    return MONTHS_PER_YEAR * int(year) + int(number) - 1


def from_serial(number: int) -> str:
    """Month of a number."""
    return f"{number // MONTHS_PER_YEAR:04d}-{number % MONTHS_PER_YEAR + 1:02d}"


def shifted(month: str, months: int) -> str:
    """Month some months later (earlier if negative)."""
    return from_serial(serial(month) + months)


def between(start: str, end: str) -> int:
    """Months from one month to another, negative if the second is earlier."""
    return serial(end) - serial(start)


def last_year_end_before(month: str, closing_month: int) -> str:
    """Last month before a given one that closes a fiscal year.

    Parameters
    ----------
    month : str
        Month; never returned itself.
    closing_month : int
        Calendar month, 1 to 12, that closes the fiscal year.
    """
    before = serial(month) - 1
    return from_serial(before - (before + 1 - closing_month) % MONTHS_PER_YEAR)
