"""Decay curves: the log of a level relative to its anchor, by month since the anchor.

Every curve is zero at month 0. Months come as an array of shape (K, 1), parameters with the case axis, shape (n,), and
curves leave as (K, n).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from valuation.errors import NoSolutionError
from valuation.timeline import MONTHS_PER_YEAR, TIME, FloatArray, IntArray

CURVE = 0
"""Axis of the curves in a set to be averaged."""


def exponential(month: FloatArray, decline: FloatArray) -> FloatArray:
    r"""Same log decline all the time, :math:`-\delta t`.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    decline : numpy.ndarray
        Decline :math:`\delta` [log per year], shape (n,).

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n).

    Notes
    -----
    Method, section 3.1. The share lost in a year is :math:`1 - e^{-\delta}`, not :math:`\delta`.
    """
    return np.asarray(0.0 - decline * (month / MONTHS_PER_YEAR))


def exponential_to_floor(month: FloatArray, decline: FloatArray, floor: FloatArray) -> FloatArray:
    r"""Decline that dies out as the level nears a floor, :math:`\ln[f + (1-f)e^{-\delta t}]`.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    decline : numpy.ndarray
        Decline of what lies above the floor, :math:`\delta` [log per year], shape (n,).
    floor : numpy.ndarray
        Level never reached, :math:`f`, relative to the anchor, from 0 to 1, shape (n,).

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n); the exponential without a floor, zero throughout with a floor of 1.

    Notes
    -----
    The exponential of method section 3.1 with an asymptote.
    """
    above = exponential(month, decline)
    with np.errstate(divide="ignore"):
        low, rest = np.log(floor), np.log1p(-floor)
    # Rounding leaves a speck at month 0; taken off at every month alike, the anchor is exact.
    return np.asarray(np.logaddexp(low, rest + above) - np.logaddexp(low, rest))


def step(month: FloatArray, at: FloatArray, log_change: FloatArray) -> FloatArray:
    """Level that changes once and stays.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    at : numpy.ndarray
        First month with the new level, above zero, shape (n,).
    log_change : numpy.ndarray
        Log change of the level, negative for a fall, shape (n,).

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n); steps and other curves add up.

    Notes
    -----
    A landing without a ramp (method, section 3.2).
    """
    return np.where(month >= at, log_change, 0.0)


def slow_then_fast(month: FloatArray, first_decline: FloatArray, acceleration: FloatArray) -> FloatArray:
    r"""Decline that accelerates: the rate starts low and grows exponentially (a Gompertz hazard).

    .. math:: -\int_0^t \delta_0 e^{g s}\,ds = -\delta_0 \frac{e^{g t} - 1}{g}

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    first_decline : numpy.ndarray
        Decline at the anchor, :math:`\delta_0` [log per year], shape (n,).
    acceleration : numpy.ndarray
        Growth of the decline, :math:`g` [log per year], shape (n,): 0 gives the exponential, a negative one a
        decline that dies out.

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n).

    Notes
    -----
    Gompertz (1825), as a hazard of value rather than of life.
    """
    years = month / MONTHS_PER_YEAR
    return np.asarray(0.0 - first_decline * years * special.exprel(acceleration * years))


def hyperbolic(month: FloatArray, slope: FloatArray) -> FloatArray:
    r"""Fast decline that slows down, :math:`-\ln(1 + bt)`.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    slope : numpy.ndarray
        Parameter :math:`b`, the log decline per year at the anchor, shape (n,).

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n).
    """
    return np.asarray(0.0 - np.log1p(slope * (month / MONTHS_PER_YEAR)))


def piecewise(month: FloatArray, starts: FloatArray, declines: FloatArray) -> FloatArray:
    """Bands of time with a log decline each, the last one going on.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    starts : numpy.ndarray
        Month at which each band starts, ascending from 0, shape (J,).
    declines : numpy.ndarray
        Decline within each band [log per year], shape (J, n).

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n).
    """
    ends = np.append(starts[1:], np.inf)
    lasted = np.clip(month, starts, ends) - starts
    return np.asarray(0.0 - (lasted / MONTHS_PER_YEAR) @ declines)


def table(month: FloatArray, nodes: FloatArray, levels: FloatArray) -> FloatArray:
    """Levels given at some months, log-linear between them and held after the last one.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the anchor, shape (K, 1).
    nodes : numpy.ndarray
        Months of the levels, ascending, the first at 0 or before it, shape (J,).
    levels : numpy.ndarray
        Levels above zero in any unit, shape (J, n); they count relative to that of month 0.

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n).
    """
    logs = np.log(levels)
    return np.asarray(_between_nodes(month, nodes, logs) - _between_nodes(np.zeros((1, 1)), nodes, logs))


def _between_nodes(month: FloatArray, nodes: FloatArray, rows: FloatArray) -> FloatArray:
    """Rows (J, n) at the nodes, read at months (K, 1) along straight lines, held beyond both ends."""
    inside = np.clip(month[:, 0], nodes[0], nodes[-1])
    after = np.minimum(np.searchsorted(nodes, inside, side="right"), len(nodes) - 1)
    before = np.maximum(after - 1, 0)
    width = nodes[after] - nodes[before]
    share = np.where(width > 0.0, inside - nodes[before], 0.0) / np.where(width > 0.0, width, 1.0)
    return np.asarray(rows[before] + share[:, None] * (rows[after] - rows[before]))


def forward_rents(terms: IntArray, rents: FloatArray, discount_factor: FloatArray) -> FloatArray:
    r"""Rents of the bands between terms that make contracts of all terms worth the same as renting month by month.

    A contract over :math:`T` months at rent :math:`C_T`, paid at the end of each month, costs what the forward rents
    cost:

    .. math:: C_T \sum_{k<T} v^k = \sum_{k<T} v^k f_k

    with :math:`f` constant between two terms, found from the shortest on.

    Parameters
    ----------
    terms : numpy.ndarray
        Terms of the contracts [months], ascending, shape (J,).
    rents : numpy.ndarray
        Contract rents, in any unit, shape (J, n).
    discount_factor : numpy.ndarray
        Discount factor :math:`v` of a month, shape (n,).

    Returns
    -------
    numpy.ndarray
        Forward rent from the term before to each term, shape (J, n).

    Raises
    ------
    NoSolutionError
        If a longer term costs so little that the rent of its last months would have to be negative or nil.
    """
    month = np.arange(int(terms[-1]))[:, None]
    annuity = np.cumsum(discount_factor**month, axis=TIME)[terms - 1]
    cost = rents * annuity
    start = np.zeros((1, *cost.shape[1:]))
    bands = np.diff(annuity, axis=TIME, prepend=np.zeros((1, *annuity.shape[1:])))
    forward = np.diff(np.concatenate([start, cost]), axis=TIME) / bands
    absent = np.argwhere(forward <= 0.0)
    if absent.size:
        band, case = absent[0]
        told = f"a contract over {terms[band]} months costs no more in all than the next shorter one"
        raise NoSolutionError(f"{told}, so no rent above zero is left for its last months", int(case))
    return np.asarray(forward)


def contract_rents(terms: IntArray, forward: FloatArray, discount_factor: FloatArray) -> FloatArray:
    """Rents of contracts that cost the same as a path of monthly rents.

    Parameters
    ----------
    terms : numpy.ndarray
        Terms of the contracts [months], shape (J,).
    forward : numpy.ndarray
        Rent of each month from the anchor on, shape (K, n), ``K`` being no less than the longest term.
    discount_factor : numpy.ndarray
        Discount factor of a month, shape (n,).

    Returns
    -------
    numpy.ndarray
        Average of the rents weighted by discount factors, shape (J, n).
    """
    weight = discount_factor ** np.arange(len(forward))[:, None]
    paid, annuity = np.cumsum(weight * forward, axis=TIME), np.cumsum(weight, axis=TIME)
    return np.asarray(paid[terms - 1] / annuity[terms - 1])


def term_structure(month: FloatArray, terms: IntArray, rents: FloatArray, discount_factor: FloatArray) -> FloatArray:
    """Path of the spot rent that contract rents of different terms imply, held after the longest term.

    Parameters
    ----------
    month : numpy.ndarray
        Months since the contracts were quoted, shape (K, 1).
    terms : numpy.ndarray
        Terms of the contracts [months], ascending, shape (J,).
    rents : numpy.ndarray
        Contract rents, in any unit, shape (J, n).
    discount_factor : numpy.ndarray
        Discount factor of a month, shape (n,).

    Returns
    -------
    numpy.ndarray
        Log of the forward rent over that of the shortest term, shape (K, n).

    Raises
    ------
    NoSolutionError
        As `forward_rents`.

    Notes
    -----
    Forward rents are expected rents only where nothing is paid for commitment as such.
    """
    logs = np.log(forward_rents(terms, rents, discount_factor))
    band = np.minimum(np.searchsorted(terms, month[:, 0], side="right"), len(terms) - 1)
    return np.asarray(logs[band] - logs[0])


def average(curves: FloatArray, weights: FloatArray, *, in_logs: bool = False) -> FloatArray:
    r"""Average curves that each may be right, by the weight of each.

    .. math:: \ln \sum_m w_m e^{c_m} \quad\text{or}\quad \sum_m w_m c_m

    Values are linear in rents, so the average of levels is the expected path, and the one to value on. The average of
    logs is a geometric mean: a central path, never above the first, that understates expected rents the more the
    curves differ.

    Parameters
    ----------
    curves : numpy.ndarray
        Log levels, shape (M, K, n).
    weights : numpy.ndarray
        Weights of the curves, brought to a sum of 1, shape (M, n).
    in_logs : bool
        Whether to average logs instead of levels.

    Returns
    -------
    numpy.ndarray
        Log level, shape (K, n).
    """
    share = (weights / weights.sum(axis=CURVE))[:, None]
    if in_logs:
        return np.asarray((share * curves).sum(axis=CURVE))
    level = special.logsumexp(curves, axis=CURVE, b=share)
    return np.asarray(level - special.logsumexp(np.zeros_like(curves[:, :1]), axis=CURVE, b=share))
