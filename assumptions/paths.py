"""Tables by month from curves written by year or by stretch."""

from __future__ import annotations

import numpy as np

from assumptions.schema import AgePrices, Curve
from valuation.timeline import MONTHS_PER_YEAR, FloatArray


def rent_curve(curve: Curve, months: int) -> FloatArray:
    """Log rent relative to its level at the as-of month.

    Parameters
    ----------
    curve : Curve
        Exponential, or a path of stretches.
    months : int
        Last month wanted.

    Returns
    -------
    numpy.ndarray
        By month after the as-of month, shape (months + 1,); the level after a path is held.
    """
    ahead = np.arange(months + 1.0)
    if curve.decline_log_per_year is not None:
        return np.asarray(-curve.decline_log_per_year / MONTHS_PER_YEAR * ahead)
    ends = np.cumsum([0, *(segment.months for segment in curve.segments)])
    levels = np.cumsum([0.0, *(np.log1p(segment.change) for segment in curve.segments)])
    return np.asarray(np.interp(ahead, ends, levels))


def age_prices(curve: AgePrices, months: int) -> FloatArray:
    """Price of a used device relative to a new one.

    Parameters
    ----------
    curve : AgePrices
        Points by year of age, ascending from 0.
    months : int
        Last age wanted.

    Returns
    -------
    numpy.ndarray
        By month of age, shape (months + 1,), log-linear between the points, the last level held.
    """
    ages = [point.age_years * MONTHS_PER_YEAR for point in curve.points]
    logs = np.log([point.fraction for point in curve.points])
    return np.asarray(np.exp(np.interp(np.arange(months + 1.0), ages, logs)))
