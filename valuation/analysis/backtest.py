"""Decay curves fitted on the first years of a history and held against the years after them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from valuation.silicon import curves
from valuation.timeline import MONTHS_PER_YEAR, FloatArray

Curve = Callable[..., FloatArray]


@dataclass(frozen=True)
class Family:
    """A kind of curve with free parameters.

    Attributes
    ----------
    curve : callable
        Log level by month, of `valuation.silicon.curves`.
    start, low, high : tuple of float
        Where the search for each parameter starts, and its bounds.
    """

    curve: Curve
    start: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


# Bounds keep the search where the curves are defined; an acceleration beyond 5 a year is a step, not a curve.
STEEPEST = 10.0
FASTEST = 5.0
HIGHEST_FLOOR = 0.999
START = 0.3  # log per year, the order of size of hardware
FAMILIES = {
    "exponential": Family(curves.exponential, (START,), (0.0,), (STEEPEST,)),
    "exponential with floor": Family(
        curves.exponential_to_floor, (START, 1.0 / MONTHS_PER_YEAR), (0.0, 0.0), (STEEPEST, HIGHEST_FLOOR)
    ),
    "slow then fast": Family(curves.slow_then_fast, (START, START), (0.0, -FASTEST), (STEEPEST, FASTEST)),
    "hyperbolic": Family(curves.hyperbolic, (START,), (0.0,), (STEEPEST,)),
}
"""Curves by name."""
TOLERANCE = 1e-12
"""Of the search, relative."""


@dataclass(frozen=True)
class Fit:
    """A curve fitted on some ages.

    Attributes
    ----------
    name : str
        Of the family.
    parameters : (p,)
        In the order of the curve.
    """

    name: str
    parameters: FloatArray

    def level(self, years: FloatArray) -> FloatArray:
        """Level at ages [years], relative to new, shape (k,)."""
        return np.exp(_log_level(FAMILIES[self.name], self.parameters, years))


def fit(name: str, years: FloatArray, level: FloatArray) -> Fit:
    """Fit a curve through new at age 0 by least squares of logs.

    Parameters
    ----------
    name : str
        Of `FAMILIES`.
    years, level : numpy.ndarray
        Ages [years] and levels above zero relative to new, shape (k,).

    Returns
    -------
    Fit
        At the least sum of squares within the bounds of the family.
    """
    family, target = FAMILIES[name], np.log(level)

    def misfit(parameters: FloatArray) -> FloatArray:
        return _log_level(family, parameters, years) - target

    found = optimize.least_squares(
        misfit, family.start, bounds=(family.low, family.high), xtol=TOLERANCE, ftol=TOLERANCE, gtol=TOLERANCE
    )
    return Fit(name, np.asarray(found.x))


def straight_line(years: FloatArray, life: float) -> FloatArray:
    """Carrying amount of a straight line without salvage, relative to cost.

    Parameters
    ----------
    years : numpy.ndarray
        Ages [years], any shape.
    life : float
        Life [years].
    """
    return np.maximum(1.0 - years / life, 0.0)


def mean_error(predicted: FloatArray, seen: FloatArray) -> tuple[float, float]:
    """Mean of what a prediction lies off, signed and unsigned, in shares of cost.

    Parameters
    ----------
    predicted, seen : numpy.ndarray
        Levels relative to new, shape (k,).

    Returns
    -------
    mean, mean_absolute : float
        Positive: too high.
    """
    off = predicted - seen
    return float(off.mean()), float(np.abs(off).mean())


def root_mean_square_of_logs(predicted: FloatArray, seen: FloatArray) -> float:
    """Root mean square of the log of predicted over seen; infinite where nothing was predicted to be left.

    Parameters
    ----------
    predicted, seen : numpy.ndarray
        Levels relative to new, shape (k,).
    """
    with np.errstate(divide="ignore"):
        return float(np.sqrt(np.mean(np.log(predicted / seen) ** 2)))


def age_at(years: FloatArray, level: FloatArray, left: float) -> float:
    """Age at which a falling profile, new at age 0 and straight between its ages, reaches a level.

    Parameters
    ----------
    years, level : numpy.ndarray
        Ages [years] and falling levels relative to new, shape (k,).
    left : float
        Level in question.

    Returns
    -------
    float
        [years]; NaN if it is not reached.
    """
    ages, levels = np.append(0.0, years), np.append(1.0, level)
    if left < levels[-1]:
        return float("nan")
    return float(np.interp(left, levels[::-1], ages[::-1]))


def _log_level(family: Family, parameters: FloatArray, years: FloatArray) -> FloatArray:
    months = years[:, None] * MONTHS_PER_YEAR
    return np.asarray(family.curve(months, *(np.full(1, value) for value in parameters))[:, 0])
