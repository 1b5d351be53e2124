"""The fleet over time: ages, survivors, what is in service and what runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valuation.records import generation_rows
from valuation.timeline import NEVER, TIME, BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Moves:
    """Cohorts that enter or leave, each once in a case: they are few, so what they move is written only there.

    Attributes
    ----------
    period, bound, cohort, case : (k,)
        Period in which the move is counted, bound at which it happens, and whose it is.
    shape : tuple of int
        Cohorts and cases.
    """

    period: IntArray
    bound: IntArray
    cohort: IntArray
    case: IntArray
    shape: tuple[int, ...]

    def read(self, stock: FloatArray) -> FloatArray:
        """Read a stock (T+1, C, n) at the moves, shape (k,)."""
        return np.asarray(stock[self.bound, self.cohort, self.case])

    def within(self, flow: FloatArray) -> FloatArray:
        """Read a flow (T, C, n or 1) in the periods of the moves, shape (k,)."""
        return np.asarray(np.broadcast_to(flow, (len(flow), *self.shape))[self.period, self.cohort, self.case])

    def each(self, amount: FloatArray) -> FloatArray:
        """Read an amount by cohort (C, n) at the moves, shape (k,)."""
        return np.asarray(np.broadcast_to(amount, self.shape)[self.cohort, self.case])

    def add_to(self, flow: FloatArray, amount: FloatArray) -> FloatArray:
        """Add amounts (k,) to a flow (T, C, n), which is changed and returned."""
        flow[self.period, self.cohort, self.case] += amount
        return flow


@dataclass(frozen=True)
class Occupancy:
    """Where the units of each cohort are over time.

    Attributes
    ----------
    age : (T+1, C)
        Months since in service, negative before.
    in_service : (C,)
        In-service bound.
    retirement : (C, n)
        Retirement bound.
    surviving : (T+1, C, n)
        Units not lost to failure, retired or not; of a cohort older than the grid those there at bound 0 count.
    """

    age: IntArray
    in_service: IntArray
    retirement: IntArray
    surviving: FloatArray

    @cached_property
    def held(self) -> BoolArray:
        """Whether the cohort stands in the stock, its retirement bound included, shape (T+1, C, n)."""
        bound = np.arange(len(self.age))[:, None, None]
        return np.asarray((bound >= self.in_service[:, None]) & (bound <= self.retirement))

    @cached_property
    def stock(self) -> FloatArray:
        """Units in the stock, those of the retirement bound included, shape (T+1, C, n)."""
        return np.asarray(self.surviving * self.held)

    @cached_property
    def running(self) -> BoolArray:
        """Whether the cohort runs in the period; it stops at the opening of its retirement period, shape (T, C, n)."""
        period = np.arange(len(self.age) - 1)[:, None, None]
        return np.asarray((period >= self.in_service[:, None]) & (period < self.retirement))

    @cached_property
    def working(self) -> FloatArray:
        """Units that run in the period, counted at its opening, shape (T, C, n)."""
        return np.asarray(self.surviving[:-1] * self.running)

    @cached_property
    def failing(self) -> FloatArray:
        """Units of the running cohorts lost to failure in the period, shape (T, C, n)."""
        return np.asarray((self.surviving[:-1] - self.surviving[1:]) * self.running)

    @cached_property
    def arrivals(self) -> Moves:
        """Cohorts that enter service at the end of a period."""
        entry = np.broadcast_to(self.in_service[:, None], self.retirement.shape)
        cohort, case = np.nonzero((entry >= 1) & (entry < len(self.age)) & (self.retirement >= entry))
        bound = entry[cohort, case]
        return Moves(bound - 1, bound, cohort, case, entry.shape)

    @cached_property
    def departures(self) -> Moves:
        """Cohorts that leave at the opening of a period."""
        leave = self.retirement
        cohort, case = np.nonzero((leave >= self.in_service[:, None]) & (leave >= 0) & (leave < len(self.age) - 1))
        bound = leave[cohort, case]
        return Moves(bound, bound, cohort, case, leave.shape)


def occupancy(
    *,
    units: FloatArray,
    in_service: IntArray,
    generation: IntArray,
    survivors: FloatArray,
    retirement: IntArray,
    periods: int,
) -> Occupancy:
    """Follow the units of each cohort from service to retirement.

    Parameters
    ----------
    units : numpy.ndarray
        Units bought, or still there at bound 0 for a cohort in service before it, shape (C, n) or (C, 1).
    in_service, generation : numpy.ndarray
        In-service bound and row of the survivor table, shape (C,).
    survivors : numpy.ndarray
        Survivors by age, shape (A+1, g, n) or (A+1, g, 1).
    retirement : numpy.ndarray
        Retirement bound, shape (C, n) with every case.
    periods : int
        Number of periods, ``T``.

    Returns
    -------
    Occupancy
        Stocks at ``T + 1`` bounds, flows in ``T`` periods.
    """
    age = ages(in_service, periods + 1)
    return Occupancy(
        age=age,
        in_service=in_service,
        retirement=retirement,
        surviving=surviving_units(units, survivors, generation, age),
    )


def ages(in_service: IntArray, bounds: int) -> IntArray:
    """Age of each cohort at each bound.

    Parameters
    ----------
    in_service : numpy.ndarray
        In-service bound, shape (C,).
    bounds : int
        Number of bounds, ``T + 1``.

    Returns
    -------
    numpy.ndarray
        Months since in service, negative before, shape (T+1, C).
    """
    return np.asarray(np.arange(bounds)[:, None] - in_service)


def surviving_units(units: FloatArray, survivors: FloatArray, generation: IntArray, age: IntArray) -> FloatArray:
    """Units not lost to failure, ignoring retirement.

    Parameters
    ----------
    units : numpy.ndarray
        Units bought, or still there at bound 0 for a cohort in service before it, shape (C, n).
    survivors : numpy.ndarray
        Survivors by age, shape (A+1, g, n).
    generation : numpy.ndarray
        Generation of each cohort, shape (C,).
    age : numpy.ndarray
        Age at the bounds [months], shape (T+1, C).

    Returns
    -------
    numpy.ndarray
        Units, zero before service, shape (T+1, C, n).
    """
    row = generation_rows(survivors, generation)
    oldest = survivors.shape[TIME] - 1
    share = survivors[np.clip(age, 0, oldest), row]
    at_start = survivors[np.clip(age[0], 0, oldest), row]
    return np.where(age[:, :, None] >= 0, units * share / at_start, 0.0)


def latest_retirement(in_service: IntArray, scheduled: IntArray, physical_life: FloatArray) -> IntArray:
    """Retirement bounds that nothing puts off: by schedule or by physical age.

    Parameters
    ----------
    in_service, scheduled : numpy.ndarray
        In-service bound and scheduled retirement bound (`NEVER` if none), shape (C,).
    physical_life : numpy.ndarray
        Age at which every device is retired [months], shape (n,).

    Returns
    -------
    numpy.ndarray
        Bound, shape (C, n).
    """
    return np.minimum(scheduled[:, None], in_service[:, None] + physical_life.astype(np.int64))


def past_retirement(in_service: IntArray, scheduled: IntArray, physical_life: FloatArray, as_of: int) -> IntArray:
    """Retirement bounds already in the past at the as-of bound: by schedule or by physical age.

    Parameters
    ----------
    in_service, scheduled : numpy.ndarray
        In-service bound and scheduled retirement bound (`NEVER` if none), shape (C,).
    physical_life : numpy.ndarray
        Age at which every device is retired [months], shape (n,).
    as_of : int
        As-of bound.

    Returns
    -------
    numpy.ndarray
        Retirement bound where it lies before the as-of bound, else `NEVER`, shape (C, n).
    """
    latest = latest_retirement(in_service, scheduled, physical_life)
    return np.where(latest < as_of, latest, NEVER)
