"""Paths of what moves every month, from standard normal innovations, and what is expected of them at a date.

A value at a date may use only what is known by then, so every process comes with the mean of what follows given its
state. Innovations are those of `sampling`: shape (T, n) or (T, ..., n), month first. Paths stand at the bounds 0 to T.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import special

from valuation.precision import largest_exponent
from valuation.timeline import MONTHS_PER_YEAR, TIME, FloatArray, IntArray

NODES = 24
"""Most nodes of the mean of a logistic: an error of 1e-11 at a deviation of 1 in logits, 2e-6 at 2, 1e-4 at 3."""
ERROR_OF_SHARE = 1e-13
"""Error below which fewer nodes do."""


def diffusion(innovations: FloatArray, volatility: FloatArray) -> FloatArray:
    r"""Log of a factor that wanders without drift of its mean.

    .. math:: w_k = \sigma \sqrt{1/12} \sum_{t<k} z_t - \sigma^2 k / 24

    so that :math:`E\,e^{w_k} = 1` and, as :math:`e^w` is a martingale, :math:`E[e^{w_{y+k}} \mid w_y] = e^{w_y}`.

    Parameters
    ----------
    innovations : numpy.ndarray
        Standard normal innovations :math:`z`, shape (T, ..., n).
    volatility : numpy.ndarray
        Volatility :math:`\sigma` [per root year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Log factor at bounds 0 to T, shape (T+1, ..., n).

    Notes
    -----
    Method, section 6: the logarithm of a geometric Brownian motion without its trend.
    """
    monthly = (volatility / np.sqrt(MONTHS_PER_YEAR)).astype(innovations.dtype)
    drift = monthly**2 / 2.0
    path = np.zeros((len(innovations) + 1, *innovations.shape[1:]), dtype=innovations.dtype)
    # Month by month: a cumulative sum down the first axis is many times slower.
    for month, innovation in enumerate(innovations):
        np.multiply(monthly, innovation, out=path[month + 1])
        path[month + 1] += path[month] - drift
    return path


def persistence(months: FloatArray | float, half_life: FloatArray) -> FloatArray:
    r"""Share of a deviation that is left, :math:`2^{-k/h}`.

    Parameters
    ----------
    months : numpy.ndarray or float
        Months passed :math:`k`, broadcastable to shape (K, ..., n).
    half_life : numpy.ndarray
        Half-life :math:`h` [months], broadcastable to shape (..., n); infinite for no return.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1, shape (K, ..., n).

    Notes
    -----
    Method, section 6.
    """
    return np.asarray(np.exp2(-months / half_life))


def mean_reverting_variance(months: FloatArray | float, half_life: FloatArray, volatility: FloatArray) -> FloatArray:
    r"""Variance of a mean-reverting process some months ahead of a known state.

    .. math:: \frac{\sigma^2}{12}\,\frac{1 - e^{-2 \kappa k}}{2 \kappa}, \qquad \kappa = \frac{\ln 2}{h}

    Parameters
    ----------
    months : numpy.ndarray or float
        Months ahead :math:`k`, broadcastable to shape (K, ..., n).
    half_life : numpy.ndarray
        Half-life :math:`h` [months], broadcastable to shape (..., n); infinite for no return.
    volatility : numpy.ndarray
        Volatility :math:`\sigma` [per root year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Variance, shape (K, ..., n).

    Notes
    -----
    Method, section 6: Ornstein and Uhlenbeck (1930).
    """
    exponent = -2.0 * math.log(2.0) / half_life * months
    return np.asarray(volatility**2 / MONTHS_PER_YEAR * months * special.exprel(exponent))


def mean_reverting(
    innovations: FloatArray, half_life: FloatArray, volatility: FloatArray, start: FloatArray | float = 0.0
) -> FloatArray:
    r"""Deviation that returns to zero, exact at every bound whatever the step.

    .. math:: x_{t+1} = 2^{-1/h} x_t + z_t \sqrt{v_1}

    with :math:`v_1` the variance one month ahead, `mean_reverting_variance`.

    Parameters
    ----------
    innovations : numpy.ndarray
        Standard normal innovations :math:`z`, shape (T, ..., n).
    half_life : numpy.ndarray
        Half-life :math:`h` [months], broadcastable to shape (..., n); infinite for no return.
    volatility : numpy.ndarray
        Volatility [per root year], broadcastable to shape (..., n).
    start : numpy.ndarray or float
        Deviation at bound 0, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Deviation at bounds 0 to T, shape (T+1, ..., n).

    Notes
    -----
    Method, section 6: Ornstein and Uhlenbeck (1930).
    """
    dtype = innovations.dtype
    kept = persistence(1.0, half_life).astype(dtype)
    deviation = np.sqrt(mean_reverting_variance(1.0, half_life, volatility)).astype(dtype)
    path = np.empty((len(innovations) + 1, *innovations.shape[1:]), dtype=dtype)
    path[0] = start
    for month, innovation in enumerate(innovations):
        np.multiply(deviation, innovation, out=path[month + 1])
        path[month + 1] += kept * path[month]
    return path


def preserved_exponential(
    state: FloatArray,
    bound: FloatArray | IntArray | float,
    months_ahead: FloatArray | float,
    half_life: FloatArray,
    volatility: FloatArray,
    start: FloatArray | float = 0.0,
) -> FloatArray:
    r"""Mean, given the state, of a mean-reverting factor whose mean at every bound, seen from bound 0, is 1.

    The factor is :math:`f_y = e^{x_y} / E\,e^{x_y}`, and

    .. math:: E[f_{y+k} \mid x_y] = \exp\big(2^{-k/h} (x_y - 2^{-y/h} x_0) - 4^{-k/h} v_y / 2\big)

    Parameters
    ----------
    state : numpy.ndarray
        Deviation :math:`x_y`, broadcastable to shape (K, ..., n).
    bound : numpy.ndarray or float
        Bound :math:`y` that the state is known at, counted from that of the start, broadcastable to shape (K, ..., n).
    months_ahead : numpy.ndarray or float
        Months :math:`k`, broadcastable to shape (K, ..., n); at 0 the factor itself.
    half_life : numpy.ndarray
        Half-life :math:`h` [months], broadcastable to shape (..., n).
    volatility : numpy.ndarray
        Volatility [per root year], broadcastable to shape (..., n).
    start : numpy.ndarray or float
        Deviation at bound 0, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Mean, shape (K, ..., n).

    Notes
    -----
    Method, section 6. From :math:`v_{y+k} = v_k + 4^{-k/h} v_y`.
    """
    left = persistence(months_ahead, half_life)
    surprise = state - persistence(np.asarray(bound), half_life) * start
    variance = mean_reverting_variance(np.asarray(bound), half_life, volatility)
    return np.asarray(np.exp(preserved_logarithm(left, surprise, variance)))


def preserved_logarithm(left: FloatArray, surprise: FloatArray, variance: FloatArray) -> FloatArray:
    r"""Log of what `preserved_exponential` finds, :math:`l\,(s - l\,v / 2)`.

    Parameters
    ----------
    left : numpy.ndarray
        Share of a deviation that is left, :math:`l`, shape (K, ..., n).
    surprise : numpy.ndarray
        Deviation at the date by more than was left of that at the start, :math:`s`, broadcastable to (K, ..., n).
    variance : numpy.ndarray
        Variance of the deviation at the date seen from the start, :math:`v`, broadcastable to (K, ..., n).

    Returns
    -------
    numpy.ndarray
        Shape (K, ..., n).
    """
    found = surprise - left * (variance / 2.0)
    found *= left
    return np.asarray(found)


def logit_mean_reverting(level: FloatArray, deviation: FloatArray) -> FloatArray:
    r"""Share that stays between 0 and 1 while its logit deviates, :math:`1/(1 + e^{-\operatorname{logit}(l) - x})`.

    Parameters
    ----------
    level : numpy.ndarray
        Share without deviation, which is the median and, but at a half, not the mean; broadcastable to (T+1, ..., n).
    deviation : numpy.ndarray
        Deviation of the logit :math:`x`, such as `mean_reverting` gives it, shape (T+1, ..., n).

    Returns
    -------
    numpy.ndarray
        Share, shape (T+1, ..., n).

    Notes
    -----
    Method, section 6.
    """
    return np.asarray(special.expit(special.logit(level) + deviation))


def expected_logit(
    level: FloatArray,
    state: FloatArray,
    months_ahead: FloatArray | float,
    half_life: FloatArray,
    volatility: FloatArray,
) -> FloatArray:
    r"""Mean of a share whose logit is mean-reverting, given its state, by Gauss-Hermite quadrature.

    .. math:: \sum_q w_q \operatorname{expit}\big(\operatorname{logit}(l) + 2^{-k/h} x_y + \sqrt{v_k}\,\zeta_q\big)

    Parameters
    ----------
    level : numpy.ndarray
        Share without deviation at the month looked at, broadcastable to shape (K, ..., n).
    state : numpy.ndarray
        Deviation of the logit at the date, :math:`x_y`, broadcastable to shape (K, ..., n).
    months_ahead : numpy.ndarray or float
        Months :math:`k`, broadcastable to shape (K, ..., n).
    half_life : numpy.ndarray
        Half-life :math:`h` [months], broadcastable to shape (..., n).
    volatility : numpy.ndarray
        Volatility of the logit [per root year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Mean share, shape (K, ..., n).

    Notes
    -----
    Method, section 6. The logistic has poles at :math:`\pm i\pi`, which bound the speed at which more nodes help. Nodes
    lie in pairs :math:`\pm\zeta_q` of equal weight, and

    .. math::
        \operatorname{expit}(c + a) + \operatorname{expit}(c - a)
            = 1 + \frac{1 - e^{-2c}}{1 + e^{-2c} + 2\cosh(a)\,e^{-c}}
    """
    centre = special.logit(level) + persistence(months_ahead, half_life) * state
    deviation = np.sqrt(mean_reverting_variance(months_ahead, half_life, volatility))
    rule = _normal_rule(_nodes_needed(float(deviation.max())))
    # Their exponentials are squared.
    np.minimum(np.negative(centre, out=centre), largest_exponent(centre.dtype) / 2.0, out=centre)
    odds = np.exp(centre, out=centre)
    squared = odds * odds
    ends = 1.0 + squared
    mean = np.zeros(np.broadcast_shapes(odds.shape, deviation.shape), dtype=odds.dtype)
    term = np.empty_like(mean)
    # Pair by pair, so that no array is larger than the result.
    for node, weight in rule:
        term = np.multiply(2.0 * np.cosh(deviation * node), odds, out=term)
        term += ends
        mean += np.divide(weight, term, out=term)
    mean *= np.subtract(1.0, squared, out=squared)
    mean += 0.5
    return mean


def _nodes_needed(deviation: float) -> int:
    r"""Nodes at which the error :math:`Q!\,(d/\pi)^{2Q}` falls below the one allowed, an even number up to `NODES`."""
    for count in range(2, NODES, 2):
        if math.factorial(count) * (deviation / np.pi) ** (2 * count) < ERROR_OF_SHARE:
            return count
    return NODES


@lru_cache(maxsize=NODES)
def _normal_rule(count: int) -> list[tuple[float, float]]:
    """Positive nodes of the Gauss rule for a standard normal variable, of an even number, and their weights, Q/2."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    upper = nodes > 0.0
    return list(zip(nodes[upper].tolist(), (weights[upper] / weights.sum()).tolist(), strict=True))


def seasonal(pattern: FloatArray, calendar_month: IntArray) -> FloatArray:
    """Log factor of the season, as of power prices.

    Parameters
    ----------
    pattern : numpy.ndarray
        Log factors of January to December, shape (12, ..., n). Their mean is taken out, so that over a year they sum
        to zero and move no annual level of logs.
    calendar_month : numpy.ndarray
        Calendar months looked at, 1 to 12, shape (T,).

    Returns
    -------
    numpy.ndarray
        Log factor, shape (T, ..., n).

    Notes
    -----
    Method, section 6: to be added to the log price, beside its mean-reverting deviation.
    """
    return np.asarray((pattern - pattern.mean(axis=TIME))[calendar_month - 1])
