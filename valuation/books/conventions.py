"""Conventions: how much service life each month counts for, from placement in service to leaving.

A convention turns dates into *exposure*, the life used up in a month. Methods then know nothing of calendars and
conventions nothing of methods. Exposure is in months of life; under `Convention.TOTAL_DAYS` it is in days, under
`Convention.BY_USE` in units of use, and the life it is held against is measured likewise (`life_measure`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cached_property

import numpy as np

from valuation.errors import ShapeError
from valuation.timeline import MONTHS_PER_YEAR, QUARTER_MONTHS, FloatArray, IntArray, fiscal_month, fiscal_year


class Convention(IntEnum):
    """What a part of a month or of a year counts for."""

    FULL_MONTH = auto()
    """The month of placement counts in full, the month of leaving not at all."""
    FOLLOWING_MONTH = auto()
    """The month of placement does not count, the month of leaving does."""
    MID_MONTH = auto()
    """Both count by half."""
    HALF_YEAR = auto()
    """The fiscal years of placement and leaving count by half, spread over their months of service."""
    MID_QUARTER = auto()
    """They count from the middle, or to the middle, of their quarter."""
    DAILY_365 = auto()
    """Days over 365; the life of a year with 366 ends a day early."""
    ACTUAL_ACTUAL = auto()
    """Days over the days of their calendar year."""
    TOTAL_DAYS = auto()
    """Days over all days of the life."""
    BY_USE = auto()
    """Units of use."""


OF_THE_YEAR = (Convention.HALF_YEAR, Convention.MID_QUARTER)
"""Conventions that give the first fiscal year a share of its own."""
PRINTED = (*OF_THE_YEAR, Convention.MID_MONTH)
"""Conventions that printed percentages by fiscal year allow for."""
DAYS_OF_YEAR = 365
"""Days of a year without a leap day."""


@dataclass(frozen=True)
class Calendar:
    """Months of a stretch of periods.

    Parameters
    ----------
    first : numpy.datetime64
        Month of the first period.
    periods : int
        Number of periods, ``P``.
    fiscal_year_end : int
        Calendar month (1 to 12) that closes the fiscal year.
    """

    first: np.datetime64
    periods: int
    fiscal_year_end: int = MONTHS_PER_YEAR

    @property
    def serial(self) -> int:
        """Months from 1970-01 to the first period."""
        return int(self.first.astype("datetime64[M]").astype(np.int64))

    @cached_property
    def days(self) -> IntArray:
        """Days of each month, shape (P,)."""
        return days_of_month(self.serial + np.arange(self.periods))

    @cached_property
    def days_of_year(self) -> IntArray:
        """Days of the calendar year of each month, shape (P,)."""
        year = (self.serial + np.arange(self.periods)) // MONTHS_PER_YEAR
        january = year * MONTHS_PER_YEAR
        return np.asarray(first_day(january + MONTHS_PER_YEAR) - first_day(january))

    def fiscal_year(self, period: IntArray) -> IntArray:
        """Fiscal year of each period, any shape."""
        return fiscal_year(self.serial + period, self.fiscal_year_end)

    def fiscal_month(self, period: IntArray) -> IntArray:
        """Place of each period in its fiscal year, 1 to 12, any shape."""
        return fiscal_month(self.serial + period, self.fiscal_year_end)


@dataclass(frozen=True)
class Stay:
    """When assets are in service.

    Attributes
    ----------
    entry, entry_day : (C,)
        Period of placement in service, negative before the calendar, and day of the month, from 1.
    exit, exit_day : (C, n)
        Period of leaving (`valuation.timeline.NEVER` if none) and day of the month; that day no longer counts. A day
        past the end of the month is the first one of the next.
    """

    entry: IntArray
    entry_day: IntArray
    exit: IntArray
    exit_day: IntArray


def first_day(month: IntArray) -> IntArray:
    """Days from 1970-01-01 to the first day of months counted from 1970-01, any shape."""
    return np.asarray(np.asarray(month).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def days_of_month(month: IntArray) -> IntArray:
    """Days of months counted from 1970-01, any shape."""
    return np.asarray(first_day(np.asarray(month) + 1) - first_day(month))


def exposures(
    convention: Convention,
    stay: Stay,
    calendar: Calendar,
    *,
    use: FloatArray | None = None,
    whole_first_year: bool = False,
    held_only: bool = False,
) -> FloatArray:
    """Life used up in each month.

    Parameters
    ----------
    convention : Convention
        Convention.
    stay : Stay
        When the assets are in service, shapes (C,) and (C, n).
    calendar : Calendar
        Months of the ``P`` periods.
    use : numpy.ndarray, optional
        Units of use in each period, shape (P, C, n) or (P, 1, 1); for `Convention.BY_USE` only.
    whole_first_year : bool
        Whether the first fiscal year counts in full whatever the convention, which then bears on the last one only: so
        count percentages that already allow for the convention.
    held_only : bool
        Whether only months matter in which something is held: then one exposure serves every case where the convention
        counts the month of leaving in full.

    Returns
    -------
    numpy.ndarray
        Shape (P, C, n), or (P, C, 1) where all cases are alike.

    Raises
    ------
    ShapeError
        If the first year is to count in full under a convention that printed percentages do not know.
    """
    if whole_first_year and convention not in PRINTED:
        raise ShapeError(f"a whole first year with {convention.name}, which percentages by fiscal year do not know")
    period = np.arange(calendar.periods)[:, None, None]
    if whole_first_year or convention in OF_THE_YEAR:
        return _by_year(convention, stay, calendar, whole_first_year)
    if convention == Convention.FOLLOWING_MONTH:
        counted = period > stay.entry[:, None]
        return (counted if held_only else counted & (period <= stay.exit)).astype(np.float64)
    after, before = period >= stay.entry[:, None], period <= stay.exit
    if convention == Convention.BY_USE:
        return np.asarray(np.where(after & before, 0.0 if use is None else use, 0.0))
    entering, leaving = period == stay.entry[:, None], period == stay.exit
    if convention in (Convention.FULL_MONTH, Convention.MID_MONTH):
        first = 1.0 if convention == Convention.FULL_MONTH else 0.5
        inside = after & before & ~(entering & leaving)
        return np.where(inside, np.where(entering, first, np.where(leaving, 1.0 - first, 1.0)), 0.0)
    days = np.where(leaving, stay.exit_day, calendar.days[:, None, None] + 1)
    days = days - np.where(entering, stay.entry_day[:, None], 1)
    return np.where(after & before, days * _month_per_day(convention, calendar), 0.0)


def _month_per_day(convention: Convention, calendar: Calendar) -> FloatArray:
    """Life used up by a day of service, shape (P, 1, 1)."""
    if convention == Convention.TOTAL_DAYS:
        return np.ones((calendar.periods, 1, 1))
    year = calendar.days_of_year if convention == Convention.ACTUAL_ACTUAL else np.full(calendar.periods, DAYS_OF_YEAR)
    return np.asarray(MONTHS_PER_YEAR / year[:, None, None])


def _by_year(convention: Convention, stay: Stay, calendar: Calendar, whole_first_year: bool) -> FloatArray:
    """First and last fiscal year by a share of their own, spread over their months of service."""
    period = np.arange(calendar.periods)[:, None, None]
    entry, leave = stay.entry[:, None], stay.exit + (stay.exit_day > days_of_month(calendar.serial + stay.exit))
    placed, left = calendar.fiscal_month(entry), calendar.fiscal_month(leave)
    first = np.full(entry.shape, float(MONTHS_PER_YEAR)) if whole_first_year else _first_year(convention, placed)
    in_first = first / (MONTHS_PER_YEAR + 1 - placed)
    in_last = _last_year(convention, left) / left
    year, year_in, year_out = calendar.fiscal_year(period), calendar.fiscal_year(entry), calendar.fiscal_year(leave)
    counted = (period >= entry) & (period <= leave) & (year_in != year_out)
    return np.where(counted, np.where(year == year_in, in_first, np.where(year == year_out, in_last, 1.0)), 0.0)


def _first_year(convention: Convention, placed: IntArray) -> FloatArray:
    """Months that the fiscal year of placement counts for, by month of placement."""
    if convention == Convention.HALF_YEAR:
        return np.full(placed.shape, MONTHS_PER_YEAR / 2)
    return np.asarray(MONTHS_PER_YEAR - _mid_quarter(placed))


def _last_year(convention: Convention, left: IntArray) -> FloatArray:
    """Months that the fiscal year of leaving counts for, by month of leaving."""
    if convention == Convention.HALF_YEAR:
        return np.full(left.shape, MONTHS_PER_YEAR / 2)
    if convention == Convention.MID_QUARTER:
        return _mid_quarter(left)
    return np.asarray(left - 0.5)


def _mid_quarter(month: IntArray) -> FloatArray:
    """Months from the start of the fiscal year to the middle of the quarter of a month (1 to 12)."""
    return np.asarray((month - 1) // QUARTER_MONTHS * QUARTER_MONTHS + QUARTER_MONTHS / 2)


def life_measure(convention: Convention, life: FloatArray, entry_month: IntArray, entry_day: IntArray) -> FloatArray:
    """Lives in what exposure is measured in: days for `Convention.TOTAL_DAYS`, else as they are.

    Parameters
    ----------
    convention : Convention
        Convention.
    life : numpy.ndarray
        Months (units of use for `Convention.BY_USE`), shape (t, C, n).
    entry_month, entry_day : numpy.ndarray
        Month of placement counted from 1970-01 and day of the month, from 1, shape (C,).

    Returns
    -------
    numpy.ndarray
        Shape (t, C, n).
    """
    if convention != Convention.TOTAL_DAYS:
        return life
    whole = np.floor(life).astype(np.int64)
    month, day = entry_month[:, None] + whole, entry_day[:, None]
    length = days_of_month(month)
    end = first_day(month) + np.minimum(day, length) - 1 + (life - whole) * length
    return np.asarray(end - first_day(entry_month[:, None]) - (day - 1))
