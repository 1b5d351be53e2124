"""What happens at once or once for all, from standard normal scores: arrivals, slips of dates, losses of units.

Everything is drawn by inverting a distribution function at the score's probability, so that a path uses the same
number of scores whatever happens on it, and evenly spread points stay evenly spread.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from valuation.timeline import TIME, BoolArray, FloatArray

SKEW_DIVISOR = 6.0
"""Divisor of the skewness in the second term of the expansion of Cornish and Fisher."""
LARGE_VARIANCE = 9.0
"""Variance of a binomial number from which its expansion is used; below, its distribution is inverted."""
MOST_COUNTED = 128
"""Largest number the inversion counts to: at a variance of 9 and odds below a half, 18 expected and far beyond."""


def arrivals(gaps: FloatArray, rate: FloatArray, horizon: float) -> FloatArray:
    r"""Times of the first arrivals of a Poisson process.

    Gaps are exponential, :math:`-\ln \Phi(-z) / \lambda`.

    Parameters
    ----------
    gaps : numpy.ndarray
        Standard normal scores :math:`z` of the gaps, one row an arrival, shape (J, n).
    rate : numpy.ndarray
        Rate :math:`\lambda` [per month], broadcastable to shape (n,); none arrives at 0.
    horizon : float
        Months looked at.

    Returns
    -------
    numpy.ndarray
        Times [months] in ascending order, infinite from the first beyond the horizon on, shape (J, n). In a monthly
        grid the first bound that knows of an arrival is its time rounded up.

    Notes
    -----
    Method, section 6. Arrivals beyond the first J are left out: of a number :math:`N` of mean
    :math:`\mu = \lambda h` the mean falls by :math:`\mu P(N \ge J) - J P(N > J)`.
    """
    times = np.cumsum(-special.log_ndtr(-gaps), axis=TIME)
    with np.errstate(divide="ignore"):
        times = times / rate
    return np.where(times <= horizon, times, np.inf)


def shifted_lognormal(scores: FloatArray, shift: FloatArray, median: FloatArray, log_sd: FloatArray) -> FloatArray:
    r"""Slips of dates in whole months, skewed late, :math:`a + m e^{s z}` rounded to the nearest.

    Parameters
    ----------
    scores : numpy.ndarray
        Standard normal scores :math:`z`, shape (..., n).
    shift : numpy.ndarray
        Least slip :math:`a` [months], below zero where dates may be early, broadcastable to shape (..., n).
    median : numpy.ndarray
        Median :math:`m` of what comes on top [months], above zero, broadcastable to shape (..., n).
    log_sd : numpy.ndarray
        Standard deviation of its logarithm :math:`s`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Slip [months], whole, shape (..., n).

    Notes
    -----
    Method, section 6: slip skewed late.
    """
    return np.rint(shift + median * np.exp(log_sd * scores))


def expected_beyond(shift: FloatArray, median: FloatArray, log_sd: FloatArray, elapsed: FloatArray) -> FloatArray:
    r"""Expected slip of what has not come some whole months past its date.

    .. math::
        a + m e^{s^2/2}\,\frac{\Phi(s - d)}{\Phi(-d)}, \qquad d = \frac{1}{s} \ln \frac{e + \frac12 - a}{m}

    With slips rounded to whole months, one beyond :math:`e` was beyond :math:`e + 1/2` before rounding, and rounding
    it adds a twelfth of the hazard there [per month] to the mean, a few hundredths of a month, which is left out.

    Parameters
    ----------
    shift, median, log_sd : numpy.ndarray
        As of `shifted_lognormal`, the last above zero, broadcastable to shape (..., n).
    elapsed : numpy.ndarray
        Whole months :math:`e` since the date, below zero before it, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Expected slip [months], shape (..., n).

    Notes
    -----
    Method, section 6: partial expectation of a lognormal variable.
    """
    beyond = np.asarray(elapsed + 0.5 - shift)
    # Where nothing is ruled out yet the logarithm has no meaning, and the whole mean holds.
    depth = np.log(np.where(beyond > 0.0, beyond, 1.0) / median) / log_sd
    ratio = np.exp(special.log_ndtr(log_sd - depth) - special.log_ndtr(-depth))
    return np.asarray(shift + median * np.exp(log_sd**2 / 2.0) * np.where(beyond > 0.0, ratio, 1.0))


def beta_value(scores: FloatArray, alpha: FloatArray, beta: FloatArray) -> FloatArray:
    """Values with a Beta distribution, such as effectiveness.

    Parameters
    ----------
    scores : numpy.ndarray
        Standard normal scores, shape (..., n).
    alpha, beta : numpy.ndarray
        Parameters, above zero, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Between 0 and 1, shape (..., n).

    Notes
    -----
    Method, section 6.
    """
    return np.asarray(special.betaincinv(alpha, beta, special.ndtr(scores)))


def binomial_number(scores: FloatArray, units: FloatArray, probability: FloatArray) -> FloatArray:
    r"""Number of units that fail, binomial.

    Where the variance :math:`v = N p (1 - p)` is below 9 the distribution is inverted exactly. From there on

    .. math:: N p + z \sqrt v + (1 - 2p)(z^2 - 1)/6

    is rounded, which within four standard deviations is one unit off the exact inverse at most, in fewer than one of 50
    draws; without the last term the theorem of Berry and Esseen bounds the error of the distribution function
    by :math:`0.4097/\sqrt v`.

    Parameters
    ----------
    scores : numpy.ndarray
        Standard normal scores :math:`z`, broadcastable to shape (..., n).
    units : numpy.ndarray
        Units :math:`N`, whole, broadcastable to shape (..., n).
    probability : numpy.ndarray
        Probability :math:`p` of each, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Whole numbers from 0 to N, shape (..., n); certain to the bit where p is 0 or 1.

    Notes
    -----
    Cornish and Fisher (1938); Schulz (2016), *The optimal Berry-Esseen constant in the binomial case*.
    """
    score, count, odds = np.broadcast_arrays(np.asarray(scores, dtype=np.float64), units, probability)
    variance = count * odds * (1.0 - odds)
    skew = (1.0 - 2.0 * odds) * (score**2 - 1.0) / SKEW_DIVISOR
    number = np.clip(np.rint(count * odds + np.sqrt(variance) * score + skew), 0.0, count)
    small: BoolArray = np.asarray(variance < LARGE_VARIANCE)
    if small.any():
        number[small] = _inverted(score[small], count[small], odds[small])
    return np.asarray(number)


def _inverted(score: FloatArray, count: FloatArray, odds: FloatArray) -> FloatArray:
    """Smallest number whose distribution function reaches the score's probability, flat arrays of shape (x,)."""
    # Count whichever are fewer, failures or survivors; a high score means many failures either way.
    few = odds <= 0.5
    rare = np.where(few, odds, 1.0 - odds)
    wanted = special.ndtr(np.where(few, score, -score))
    term = np.exp(count * np.log1p(-rare))
    total, number = term.copy(), np.zeros(len(score))
    for step in range(MOST_COUNTED):
        short = (total < wanted) & (number < count)
        if not short.any():
            break
        number += short
        term = term * (count - step) / (step + 1.0) * (rare / (1.0 - rare))
        total += term
    return np.where(few, number, count - number)
