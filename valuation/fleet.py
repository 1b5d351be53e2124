"""The fleet over time: ages, survivors, what is in service and what runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valuation.inputs import NEVER
from valuation.timeline import TIME, BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Occupancy:
    """Where the units of each cohort are over time.

    Attributes
    ----------
    age : (T+1, C)
        Months since in service, negative before.
    surviving : (T+1, C, n)
        Units not lost to failure, retired or not.
    held : (T+1, C, n)
        Whether the cohort stands in the stock, its retirement bound included.
    running : (T, C, n)
        Whether the cohort runs in the period; it stops at the opening of its retirement period.
    """

    age: IntArray
    surviving: FloatArray
    held: BoolArray
    running: BoolArray

    @cached_property
    def retires(self) -> BoolArray:
        """Whether the cohort leaves at the opening of the period, shape (T, C, n)."""
        return np.asarray(self.held[:-1] & ~self.running)

    @cached_property
    def arrives(self) -> BoolArray:
        """Whether the cohort enters service at the end of the period, shape (T, C, n)."""
        return np.asarray((self.age[1:] == 0)[:, :, None] & self.held[1:])


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
        Units bought, or still there at bound 0 for a cohort in service before it, shape (C, n).
    in_service, generation : numpy.ndarray
        In-service bound and row of the survivor table, shape (C,).
    survivors : numpy.ndarray
        Survivors by age, shape (A+1, g, n).
    retirement : numpy.ndarray
        Retirement bound, shape (C, n).
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
        surviving=surviving_units(units, survivors, generation, age),
        held=held(in_service, retirement, periods + 1),
        running=running(in_service, retirement, periods),
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
    row = generation if survivors.shape[1] > 1 else np.zeros_like(generation)
    oldest = survivors.shape[TIME] - 1
    share = survivors[np.clip(age, 0, oldest), row]
    at_start = survivors[np.clip(age[0], 0, oldest), row]
    return np.where(age[:, :, None] >= 0, units * share / at_start, 0.0)


def held(in_service: IntArray, retirement: IntArray, bounds: int) -> BoolArray:
    """Whether a cohort stands in the stock at each bound, its retirement bound included.

    Parameters
    ----------
    in_service : numpy.ndarray
        In-service bound, shape (C,).
    retirement : numpy.ndarray
        Retirement bound, shape (C, n).
    bounds : int
        Number of bounds, ``T + 1``.

    Returns
    -------
    numpy.ndarray
        Shape (T+1, C, n).
    """
    bound = np.arange(bounds)[:, None, None]
    return np.asarray((bound >= in_service[:, None]) & (bound <= retirement))


def running(in_service: IntArray, retirement: IntArray, periods: int) -> BoolArray:
    """Whether a cohort runs in each period; it stops at the opening of its retirement period.

    Parameters
    ----------
    in_service : numpy.ndarray
        In-service bound, shape (C,).
    retirement : numpy.ndarray
        Retirement bound, shape (C, n).
    periods : int
        Number of periods, ``T``.

    Returns
    -------
    numpy.ndarray
        Shape (T, C, n).
    """
    period = np.arange(periods)[:, None, None]
    return np.asarray((period >= in_service[:, None]) & (period < retirement))


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
    by_age = in_service[:, None] + physical_life.astype(np.int64)
    earliest = np.minimum(scheduled[:, None], by_age)
    return np.where(earliest < as_of, earliest, NEVER)
