"""Lives implied by value: when half, nine tenths or all of it is gone, and the straight line that fits best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.timeline import CASE, COHORT, TIME, BoolArray, FloatArray, IntArray

HALF_LEFT = 0.5
"""Share of cost left at T50."""
TENTH_LEFT = 0.1
"""Share of cost left at T90."""


@dataclass(frozen=True)
class Lives:
    """Lives in months, each with its own definition; NaN if not reached.

    Attributes
    ----------
    t50, t90 : (X, n)
        First month of age after which value in use per surviving device stays at or below 50 % and 10 % of cost.
    t100, retirement : (X, n)
        Age at retirement: running on stops paying, a sale by schedule, or the age limit. The same in the free regime.
    straight_line_equivalent : (X, n)
        Life of the straight line from cost closest to the value by least squares, from service to retirement.
    """

    t50: FloatArray
    t90: FloatArray
    t100: FloatArray
    retirement: FloatArray
    straight_line_equivalent: FloatArray


def value_by_age(relative_value: FloatArray, in_service: IntArray, oldest: int) -> FloatArray:
    """Turn values by bound into values by age.

    Parameters
    ----------
    relative_value : numpy.ndarray
        Value in use over cost, shape (T+1, C, n).
    in_service : numpy.ndarray
        In-service bound, shape (C,).
    oldest : int
        Largest age wanted [months].

    Returns
    -------
    numpy.ndarray
        Shape (oldest+1, C, n); NaN at ages outside the grid.
    """
    bound = np.arange(oldest + 1)[:, None] + in_service
    inside = (bound >= 0) & (bound < relative_value.shape[TIME])
    rows = np.clip(bound, 0, relative_value.shape[TIME] - 1)
    picked = relative_value[rows, np.arange(in_service.size)]
    return np.where(inside[:, :, None], picked, np.nan)


def stays_below(profile: FloatArray, level: float) -> FloatArray:
    """First age from which a profile stays at or below a level.

    Parameters
    ----------
    profile : numpy.ndarray
        Value over cost by age, NaN outside the grid, shape (A+1, X, n).
    level : float
        Share of cost.

    Returns
    -------
    numpy.ndarray
        Age [months], shape (X, n); NaN if it never stays there, or if it did before the first age observed.
    """
    above = np.nan_to_num(profile, nan=-1.0) > level
    steps = profile.shape[TIME]
    after_last = np.where(above.any(axis=TIME), steps - np.argmax(above[::-1], axis=TIME), 0)
    known = above.any(axis=TIME) | ~np.isnan(profile[0])
    return np.where(known & (after_last < steps), after_last.astype(np.float64), np.nan)


def straight_line_equivalent(profile: FloatArray, retirement: FloatArray) -> FloatArray:
    r"""Life of the straight line from cost nearest to a value profile.

    Minimises :math:`\sum_a (\max(0, 1 - a/L) - V(a)/C)^2` over ages from service to retirement.

    Parameters
    ----------
    profile : numpy.ndarray
        Value over cost by age, shape (A+1, X, n).
    retirement : numpy.ndarray
        Age at retirement [months], shape (X, n); NaN means to the end of the profile.

    Returns
    -------
    numpy.ndarray
        Life [months], shape (X, n); NaN where the profile is unknown at age 0.
    """
    ages = np.arange(profile.shape[TIME], dtype=np.float64)[:, None, None]
    known = ~np.isnan(profile)
    weight = (ages <= np.where(np.isnan(retirement), np.inf, retirement)) & known
    # Between two whole months the same ages lie on the falling part of the line, so the misfit is quadratic in 1/L.
    count, age, square, value, moment = _sums_to_age(weight, np.where(weight, profile, 0.0), ages)
    shortest = ages[1:]
    longest = np.concatenate([ages[2:], np.full((1, 1, 1), np.inf)])
    slope = age - moment
    misfit = -2.0 * slope
    np.divide(slope, square, out=slope, where=square > 0.0)
    np.clip(slope, 1.0 / longest, 1.0 / shortest, out=slope)
    misfit += square * slope
    misfit *= slope
    misfit += count
    misfit -= 2.0 * value
    best = np.take_along_axis(slope, np.argmin(misfit, axis=TIME)[None], axis=TIME)[0]
    life = 1.0 / np.where(best > 0.0, best, np.nan)
    return np.where(known[0], life, np.nan)


def _sums_to_age(weight: BoolArray, target: FloatArray, ages: FloatArray) -> FloatArray:
    """Sums up to each age from the first on: of weights, ages, their squares, targets and targets times ages.

    Shape (5, A, X, n). Adding rows is many times faster than a cumulated sum across memory.
    """
    total = np.stack([weight, weight * ages, weight * ages**2, target, target * ages])
    for row in range(1, len(ages)):
        total[:, row] += total[:, row - 1]
    return total[:, 1:]


def implied_lives(profile: FloatArray, retirement: FloatArray) -> Lives:
    """All lives of a set of profiles.

    Parameters
    ----------
    profile : numpy.ndarray
        Value in use over cost per surviving device by age, shape (A+1, X, n).
    retirement : numpy.ndarray
        Age at retirement [months], shape (X, n).

    Returns
    -------
    Lives
        Arrays of shape (X, n).
    """
    return Lives(
        t50=stays_below(profile, HALF_LEFT),
        t90=stays_below(profile, TENTH_LEFT),
        t100=retirement,
        retirement=retirement,
        straight_line_equivalent=straight_line_equivalent(profile, retirement),
    )


def fleet_profile(profile: FloatArray, retirement: FloatArray, outlay: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Average profile and retirement age of a fleet, weighted by what was paid.

    Cohorts in service before the grid are left out, their first years being unknown.

    Parameters
    ----------
    profile : numpy.ndarray
        Value over cost by age, shape (A+1, C, n).
    retirement : numpy.ndarray
        Age at retirement [months], shape (C, n).
    outlay : numpy.ndarray
        Cost of each cohort [USD], shape (C, n).

    Returns
    -------
    profile, retirement : numpy.ndarray
        Shapes (A+1, 1, n) and (1, n).
    """
    weight = np.where(np.isnan(profile[0]), 0.0, outlay)
    total = weight.sum(axis=0)
    share = np.where(total > 0.0, weight / np.where(total > 0.0, total, 1.0), np.nan)
    mean = (np.nan_to_num(profile) * share).sum(axis=COHORT, keepdims=True)
    age = (np.nan_to_num(retirement) * share).sum(axis=0, keepdims=True)
    return mean, age.reshape(1, age.shape[CASE])
