"""Returns of a stream of cash: net present value, internal rates, modified rate, payback."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.optimize import elementwise

from valuation.timeline import CASE, MONTHS_PER_YEAR, TIME, FloatArray

SCAN_LOW = 1e-3
"""Smallest discount factor of one step searched, and the inverse of the largest: rates from -99.9 % a step up."""
SCAN_POINTS = 3001
"""Points of each search grid; two roots closer than a grid step are missed together."""


def net_present_value(flows: FloatArray, discount_factor: FloatArray) -> FloatArray:
    r"""Present value of flows at successive bounds, the first undiscounted.

    .. math:: NPV = \sum_b v^b\,CF_b

    Parameters
    ----------
    flows : numpy.ndarray
        Cash by bound [USD], shape (B, n).
    discount_factor : numpy.ndarray
        Discount factor :math:`v` of one step, shape (n,).

    Returns
    -------
    numpy.ndarray
        Present value [USD], shape (n,).
    """
    power = discount_factor ** np.arange(flows.shape[TIME])[:, None]
    return np.asarray((power * flows).sum(axis=TIME))


def internal_rates(flows: FloatArray, steps_per_year: int = MONTHS_PER_YEAR) -> list[FloatArray]:
    """All internal rates of return of each case, as effective annual rates.

    The net present value is scanned over discount factors from `SCAN_LOW` to 1 and, with the flows reversed, over
    their inverses; every change of sign is refined.

    Parameters
    ----------
    flows : numpy.ndarray
        Cash by bound [USD], shape (B, n).
    steps_per_year : int
        Steps between bounds in a year.

    Returns
    -------
    list of numpy.ndarray
        One ascending array of rates per case; empty where no rate exists in the range.
    """
    rates: list[FloatArray] = []
    for cash in np.moveaxis(flows, CASE, 0):
        largest = np.abs(cash).max()
        scaled = cash / largest if largest > 0.0 else cash
        gains = _roots_to_one(scaled)
        losses = _roots_to_one(scaled[::-1])
        factors = np.concatenate([gains, 1.0 / losses[losses < 1.0]])
        rates.append(np.sort(factors ** -float(steps_per_year) - 1.0))
    return rates


def _roots_to_one(coefficients: FloatArray) -> FloatArray:
    """Roots of a polynomial between `SCAN_LOW` and 1."""
    if not coefficients.any():
        return np.empty(0)
    grid = np.linspace(SCAN_LOW, 1.0, SCAN_POINTS)
    sign = np.sign(_polynomial(grid, coefficients))
    low = np.flatnonzero(sign[:-1] * sign[1:] < 0)
    if low.size == 0:
        return np.asarray(grid[sign == 0])
    found = elementwise.find_root(partial(_polynomial, coefficients=coefficients), (grid[low], grid[low + 1]))
    return np.concatenate([grid[sign == 0], found.x])


def _polynomial(factor: FloatArray, coefficients: FloatArray) -> FloatArray:
    total = np.zeros_like(factor)
    for coefficient in coefficients[::-1]:
        total = total * factor + coefficient
    return total


def chosen_rate(roots: list[FloatArray]) -> FloatArray:
    """The rate to quote: the smallest positive root, else the one nearest zero, NaN without a root.

    Parameters
    ----------
    roots : list of numpy.ndarray
        All roots of each case.

    Returns
    -------
    numpy.ndarray
        Rate, shape (n,).
    """
    chosen = np.full(len(roots), np.nan)
    for case, found in enumerate(roots):
        positive = found[found > 0.0]
        if positive.size:
            chosen[case] = positive.min()
        elif found.size:
            chosen[case] = found[np.argmin(np.abs(found))]
    return chosen


def modified_rate(flows: FloatArray, discount_factor: FloatArray, steps_per_year: int = MONTHS_PER_YEAR) -> FloatArray:
    r"""Modified internal rate, financing and reinvesting at the required return, effective annual.

    .. math:: MIRR = (FV^+ / |PV^-|)^{1/N} - 1

    Parameters
    ----------
    flows : numpy.ndarray
        Cash by bound [USD], shape (B, n).
    discount_factor : numpy.ndarray
        Discount factor of one step, shape (n,).
    steps_per_year : int
        Steps between bounds in a year.

    Returns
    -------
    numpy.ndarray
        Rate, shape (n,); NaN without both an outflow and an inflow.
    """
    steps = flows.shape[TIME] - 1
    paid = -net_present_value(np.minimum(flows, 0.0), discount_factor)
    earned = net_present_value(np.maximum(flows, 0.0), discount_factor) / discount_factor**steps
    usable = (paid > 0.0) & (earned > 0.0) & (steps > 0)
    ratio = np.where(usable, earned, np.nan) / np.where(usable, paid, 1.0)
    return np.asarray(ratio ** (steps_per_year / max(steps, 1)) - 1.0)


def payback(flows: FloatArray, discount_factor: FloatArray | float = 1.0) -> FloatArray:
    """Steps until the cumulated flows turn positive for good, interpolated inside the step.

    Parameters
    ----------
    flows : numpy.ndarray
        Cash by bound [USD], shape (B, n).
    discount_factor : numpy.ndarray or float
        Discount factor of one step, shape (n,), 1 for the plain payback.

    Returns
    -------
    numpy.ndarray
        Steps, shape (n,); NaN if the outlay never comes back, 0 if there is none.
    """
    power = discount_factor ** np.arange(flows.shape[TIME])[:, None]
    discounted = flows * power
    cumulated = np.cumsum(discounted, axis=TIME)
    short = cumulated < 0.0
    steps = flows.shape[TIME]
    last_short = np.where(short.any(axis=TIME), steps - 1 - np.argmax(short[::-1], axis=TIME), -1)
    column = np.arange(flows.shape[CASE])
    into = np.minimum(last_short + 1, steps - 1)
    gained = discounted[into, column]
    fraction = np.where(gained > 0.0, -cumulated[last_short, column] / np.where(gained > 0.0, gained, 1.0), 0.0)
    result = np.where(last_short < 0, 0.0, last_short + fraction)
    return np.where(last_short == steps - 1, np.nan, result)
