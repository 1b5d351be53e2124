"""Returns of a stream of cash: net present value, internal rates, modified rate, payback."""

from __future__ import annotations

import numpy as np
from scipy.optimize import elementwise

from valuation.timeline import CASE, MONTHS_PER_YEAR, TIME, FloatArray

SCAN_LOW = 1e-3
"""Smallest discount factor of one step searched, and the inverse of the largest: rates from -99.9 % a step up."""
LEAST_RATE = -0.9
"""Lowest annual rate at which one is searched for in each of many cases."""
MOST_RATE = 10.0
"""Highest of them."""
LOWEST_RATE = -0.999
"""Annual rates at or below it are left out: they say no more than that all is lost."""
SCAN_POINTS = 501
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
    largest = np.abs(flows).max(axis=TIME)
    scaled = flows / np.where(largest > 0.0, largest, 1.0)
    both = np.concatenate([_from_first_flow(scaled), _from_first_flow(scaled[::-1])], axis=CASE)
    roots, cases = _roots_to_one(both), flows.shape[CASE]
    rates = []
    for gain, loss in zip(roots[:cases], roots[cases:], strict=True):
        factors = np.concatenate([gain, 1.0 / loss[loss < 1.0]])
        found = np.sort(factors ** -float(steps_per_year) - 1.0)
        rates.append(found[found > LOWEST_RATE])
    return rates


def bracketed_rate(flows: FloatArray, steps_per_year: int = MONTHS_PER_YEAR) -> FloatArray:
    """The internal rate of return between two ends, for many cases: where several exist, one of them.

    Parameters
    ----------
    flows : numpy.ndarray
        Cash by bound [USD], shape (B, n).
    steps_per_year : int
        Steps between bounds in a year.

    Returns
    -------
    numpy.ndarray
        Effective annual rate between `LEAST_RATE` and `MOST_RATE`, shape (n,); NaN where the net present value has the
        same sign at both.
    """
    largest = np.abs(flows).max(axis=TIME)
    scaled = flows / np.where(largest > 0.0, largest, 1.0)
    column = np.arange(flows.shape[CASE])
    ends = np.array([(1.0 + rate) ** (-1.0 / steps_per_year) for rate in (MOST_RATE, LEAST_RATE)])
    low, high = np.repeat(ends[:, None], column.size, axis=1)

    def value(factor: FloatArray, case: FloatArray) -> FloatArray:
        few = scaled if case.size == column.size else scaled[:, case.astype(np.int64)]
        return np.asarray(np.polynomial.polynomial.polyval(factor, few, tensor=False))

    found = elementwise.find_root(value, (low, high), args=(column.astype(np.float64),))
    return np.where(found.success, found.x ** -float(steps_per_year) - 1.0, np.nan)


def _from_first_flow(flows: FloatArray) -> FloatArray:
    """Columns (B, n) moved up so that each starts with its first flow; that changes no rate."""
    rows = np.arange(len(flows))[:, None] + np.argmax(flows != 0.0, axis=TIME)
    moved = np.take_along_axis(flows, np.minimum(rows, len(flows) - 1), axis=TIME)
    return np.where(rows < len(flows), moved, 0.0)


def _roots_to_one(coefficients: FloatArray) -> list[FloatArray]:
    """Roots between `SCAN_LOW` and 1 of the polynomials in the columns (B, n), one array per column."""
    cases = coefficients.shape[CASE]
    grid = np.linspace(SCAN_LOW, 1.0, SCAN_POINTS)
    sign = np.sign(np.vander(grid, len(coefficients), increasing=True) @ coefficients)
    low, case = np.nonzero(sign[:-1] * sign[1:] < 0)
    on_grid, flat_case = np.nonzero((sign == 0) & (coefficients != 0.0).any(axis=TIME))
    roots, owner = grid[on_grid], flat_case
    if low.size:

        def value(factor: FloatArray, column: FloatArray) -> FloatArray:
            return _polynomials(factor, coefficients[:, column.astype(np.int64)])

        found = elementwise.find_root(value, (grid[low], grid[low + 1]), args=(case.astype(np.float64),))
        roots, owner = np.concatenate([roots, found.x]), np.concatenate([owner, case])
    return [roots[owner == column] for column in range(cases)]


def _polynomials(factor: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Polynomials in the columns (B, m), each at its own factor (m,)."""
    powers = factor ** np.arange(len(coefficients))[:, None]
    return np.asarray((coefficients * powers).sum(axis=TIME))


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

    with :math:`N` counted to the last flow, so that an empty end of the grid bears on nothing.

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
    steps = np.where(flows != 0.0, np.arange(len(flows))[:, None], 0).max(axis=TIME)
    paid = -net_present_value(np.minimum(flows, 0.0), discount_factor)
    earned = net_present_value(np.maximum(flows, 0.0), discount_factor) / discount_factor**steps
    usable = (paid > 0.0) & (earned > 0.0) & (steps > 0)
    ratio = np.where(usable, earned, np.nan) / np.where(usable, paid, 1.0)
    return np.asarray(ratio ** (steps_per_year / np.maximum(steps, 1)) - 1.0)


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
        Steps, shape (n,); NaN if the outlay never comes back, or if there is none.
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
    known = (last_short >= 0) & (last_short < steps - 1) & ~np.isnan(cumulated[-1])
    return np.where(known, last_short + fraction, np.nan)
