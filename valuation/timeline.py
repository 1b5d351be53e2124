"""The monthly grid: bounds, periods, fiscal years, and the names of the axes.

A *bound* is an instant, the end of a calendar month; a *period* is the month between two bounds. Stocks live at the
``T + 1`` bounds, flows in the ``T`` periods. Period ``t`` runs from bound ``t`` to bound ``t + 1`` and carries the
label of the month that ends it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TIME = 0
COHORT = 1
SEGMENT = -2
"""Axis of the segments of demand, wherever an array has one."""
CASE = -1

MONTHS_PER_YEAR = 12
QUARTER_MONTHS = 3
"""Months of a quarter."""
EPOCH_YEAR = 1970
"""Year that numpy counts its months from."""
NEVER = 10**6
"""Bound or period of what does not happen; far beyond any grid."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Timeline:
    """Monthly grid of one run.

    Parameters
    ----------
    first_bound : numpy.datetime64
        Month whose end is bound 0.
    periods : int
        Number of months ``T``.
    as_of : int
        Bound index of the as-of date (month 0 of the forecast). Before it lies history, after it forecast.
    fiscal_year_end : int
        Calendar month (1 to 12) that closes the fiscal year; the year carries the calendar year of that month.
    """

    first_bound: np.datetime64
    periods: int
    as_of: int
    fiscal_year_end: int = MONTHS_PER_YEAR

    @property
    def bounds(self) -> NDArray[np.datetime64]:
        """Months of the bounds, shape (T+1,)."""
        months = np.arange(self.periods + 1).astype("timedelta64[M]")
        return np.asarray(self.first_bound.astype("datetime64[M]") + months)

    @property
    def period_ends(self) -> NDArray[np.datetime64]:
        """Months that the periods end in, shape (T,)."""
        return self.bounds[1:]

    @property
    def as_of_month(self) -> np.datetime64:
        """Month of the as-of date."""
        return np.datetime64(self.bounds[self.as_of], "M")

    @property
    def forecast_periods(self) -> int:
        """Number of periods after the as-of date."""
        return self.periods - self.as_of

    def index(self, month: np.datetime64) -> int:
        """Bound index of a month; negative before the grid, beyond ``T`` after it."""
        return int((month.astype("datetime64[M]") - self.first_bound.astype("datetime64[M]")).astype(np.int64))

    @property
    def fiscal_year_of_bound(self) -> IntArray:
        """Fiscal year that each bound belongs to, shape (T+1,)."""
        return fiscal_year(self.bounds.astype("datetime64[M]").astype(np.int64), self.fiscal_year_end)

    @property
    def fiscal_year_of_period(self) -> IntArray:
        """Fiscal year of each period, shape (T,)."""
        return self.fiscal_year_of_bound[1:]

    @property
    def fiscal_years(self) -> IntArray:
        """Fiscal years met by the periods, ascending, shape (Y,)."""
        return np.unique(self.fiscal_year_of_period)

    @property
    def is_fiscal_year_end(self) -> BoolArray:
        """Whether a bound closes a fiscal year, shape (T+1,)."""
        month = self.bounds.astype(np.int64) % MONTHS_PER_YEAR + 1
        return np.asarray(month == self.fiscal_year_end)

    @property
    def closing_bounds(self) -> IntArray:
        """Bounds that close a fiscal year, ascending, shape (k,)."""
        return np.flatnonzero(self.is_fiscal_year_end)

    @property
    def is_quarter_end(self) -> BoolArray:
        """Whether a bound closes a fiscal quarter, shape (T+1,)."""
        month = self.bounds.astype(np.int64) % MONTHS_PER_YEAR + 1
        return np.asarray((month - self.fiscal_year_end) % QUARTER_MONTHS == 0)

    def fiscal_year_sums(self, flows: FloatArray) -> FloatArray:
        """Add flows up by fiscal year.

        Parameters
        ----------
        flows : numpy.ndarray
            Flows by period, shape (T, ...).

        Returns
        -------
        numpy.ndarray
            Sums by fiscal year, shape (Y, ...), in the order of `fiscal_years`.
        """
        _, first = np.unique(self.fiscal_year_of_period, return_index=True)
        return np.asarray(np.add.reduceat(flows, first, axis=TIME))


def fiscal_year(serial: IntArray, closing_month: int) -> IntArray:
    """Fiscal year of months counted from 1970-01, which carries the calendar year of its closing month, any shape."""
    return np.asarray(EPOCH_YEAR + 1 + (np.asarray(serial) - closing_month) // MONTHS_PER_YEAR)


def fiscal_month(serial: IntArray, closing_month: int) -> IntArray:
    """Place of months counted from 1970-01 in their fiscal year, 1 to 12, any shape."""
    return np.asarray((np.asarray(serial) - closing_month) % MONTHS_PER_YEAR + 1)


def pair(shape: tuple[int, ...]) -> FloatArray:
    """Two arrays of zeros made in one allocation, for results of many cells.

    Twice the size is more often large enough for huge pages, whose first touch costs a fraction: 5 to 15 % of an
    evaluation of 8 cases, 200 cohorts and 180 months.

    Parameters
    ----------
    shape : tuple of int
        Shape of each.

    Returns
    -------
    numpy.ndarray
        Shape (2, ...).
    """
    return np.zeros((2, *shape))
