"""Survival estimated from lives observed: product limit, retirement rates by age, and fits of a Weibull."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from valuation.errors import NoSolutionError
from valuation.timeline import BoolArray, FloatArray

MEDIAN = 0.5
"""Quantile at which a rank is plotted."""
SMALLEST_SHAPE = 1e-3
"""Lower end of the search for a Weibull shape; far below any that lives have shown."""


@dataclass(frozen=True)
class SurvivalCurve:
    """Product-limit estimate of survival.

    Attributes
    ----------
    time : (D,)
        Ages at which something failed, ascending.
    at_risk : (D,)
        Units observed just before.
    failures : (D,)
        Units that failed there.
    survivors : (D,)
        Share surviving from there on.
    standard_error : (D,)
        Its standard error by Greenwood's formula; NaN once nothing survives.
    """

    time: FloatArray
    at_risk: FloatArray
    failures: FloatArray
    survivors: FloatArray
    standard_error: FloatArray


def kaplan_meier(duration: FloatArray, failed: BoolArray) -> SurvivalCurve:
    r"""Survival from lives that ended and lives still going on.

    .. math:: \hat R(t) = \prod_{t_i \le t} \Big(1 - \frac{d_i}{n_i}\Big)

    Parameters
    ----------
    duration : numpy.ndarray
        Age at failure, or when last seen, shape (U,).
    failed : numpy.ndarray
        Whether the unit failed then; the others are censored, and count as at risk up to and at that age, shape (U,).

    Returns
    -------
    SurvivalCurve
        At the ages of failures.

    Notes
    -----
    Kaplan and Meier (1958); Greenwood (1926); method, section 3.7.
    """
    time, failures = np.unique(duration[failed], return_counts=True)
    at_risk = len(duration) - np.searchsorted(np.sort(duration), time)
    survivors = np.cumprod(1.0 - failures / at_risk, dtype=np.float64)
    left = at_risk - failures
    term = failures / (at_risk * np.where(left > 0, left, 1))
    error = np.where(left > 0, survivors * np.sqrt(np.cumsum(term)), np.nan)
    return SurvivalCurve(time, at_risk.astype(np.float64), failures.astype(np.float64), survivors, error)


def retirement_rates(
    exposures: FloatArray, retirements: FloatArray, withdrawals: FloatArray | float = 0.0
) -> FloatArray:
    """Rate of retirement in each interval of age, by the actuarial method.

    Parameters
    ----------
    exposures : numpy.ndarray
        Units, or dollars, in service at the opening of each interval, shape (A, ...).
    retirements : numpy.ndarray
        Those of them retired within it, shape (A, ...).
    withdrawals : numpy.ndarray or float
        Those of them lost from sight within it, by sale or by the end of the study, broadcastable to shape (A, ...);
        they count as exposed for half of it.

    Returns
    -------
    numpy.ndarray
        Share retired, shape (A, ...); NaN where nothing was exposed.

    Notes
    -----
    Method, section 3.7: the retirement-rate method of Winfrey (1935) and the life table of actuaries.
    """
    exposed = exposures - withdrawals / 2.0
    some = exposed > 0.0
    return np.where(some, retirements / np.where(some, exposed, 1.0), np.nan)


@dataclass(frozen=True)
class WeibullFit:
    """Weibull distribution fitted to lives.

    Attributes
    ----------
    scale, shape : float
        Scale, in the unit of the lives, and shape.
    log_scale_error, log_shape_error : float
        Standard errors of their logs; NaN where the method gives none.
    """

    scale: float
    shape: float
    log_scale_error: float = np.nan
    log_shape_error: float = np.nan


def weibull_by_likelihood(duration: FloatArray, failed: BoolArray) -> WeibullFit:
    r"""Weibull distribution of the highest likelihood, lives still going on included.

    The shape solves

    .. math::
        \frac{\sum_i t_i^\beta \ln t_i}{\sum_i t_i^\beta} - \frac1\beta - \frac1r \sum_{i\,\text{failed}} \ln t_i = 0,
        \qquad \eta = \Big(\frac1r \sum_i t_i^\beta\Big)^{1/\beta}

    with sums over all units and :math:`r` failures; the left side rises in :math:`\beta`, so there is one solution.

    Parameters
    ----------
    duration : numpy.ndarray
        Age at failure, or when last seen, above zero, shape (U,).
    failed : numpy.ndarray
        Whether the unit failed then, shape (U,).

    Returns
    -------
    WeibullFit
        With standard errors from the observed information.

    Raises
    ------
    NoSolutionError
        If nothing failed, or everything that failed did so at the greatest age of all, so that the likelihood rises
        without end in the shape.

    Notes
    -----
    Cohen (1965); method, section 3.7. The fit of few failures has a shape biased upwards.
    """
    longest = duration.max()
    if not failed.any() or duration[failed].min() == longest:
        raise NoSolutionError("a Weibull shape needs a failure before the greatest age observed")
    log_time = np.log(duration / longest)
    mean_log = log_time[failed].mean()

    def slope(shape: float) -> float:
        power = np.exp(shape * log_time)
        return float(power @ log_time / power.sum() - 1.0 / shape - mean_log)

    high = 1.0
    while slope(high) < 0.0:
        high *= 2.0
    shape = float(optimize.brentq(slope, SMALLEST_SHAPE, high, xtol=np.finfo(float).eps))
    log_scale = np.log(np.exp(shape * log_time).sum() / failed.sum()) / shape
    errors = _log_errors(shape, shape * (log_time - log_scale), failed)
    return WeibullFit(float(longest * np.exp(log_scale)), shape, *errors)


def _log_errors(shape: float, score: FloatArray, failed: BoolArray) -> tuple[float, float]:
    """Standard errors of log scale and log shape, from the second derivatives of the likelihood at its top."""
    hazard = np.exp(score)
    mixed = -shape * (score * hazard).sum()
    of_shape = ((score + score**2) * hazard).sum() - score[failed].sum()
    information = np.array([[shape**2 * hazard.sum(), mixed], [mixed, of_shape]])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return float(errors[0]), float(errors[1])


def median_ranks(duration: FloatArray, failed: BoolArray) -> tuple[FloatArray, FloatArray]:
    r"""Ages of failures with the probability of failure that each is plotted at.

    The rank of a failure after censored units is that of the expected order (Johnson); the median rank is the median
    of the Beta distribution of a share of that order.

    Parameters
    ----------
    duration : numpy.ndarray
        Age at failure, or when last seen, shape (U,).
    failed : numpy.ndarray
        Whether the unit failed then, shape (U,).

    Returns
    -------
    time, rank : numpy.ndarray
        Ages of the failures, ascending, and their median ranks, shape (D,).

    Notes
    -----
    Johnson (1964), *The Statistical Treatment of Fatigue Experiments*; method, section 3.7.
    """
    order = np.lexsort((~failed, duration))
    units, place, places = len(duration), 0.0, []
    for position, unit in enumerate(order):
        if failed[unit]:
            place += (units + 1.0 - place) / (units + 1.0 - position)
            places.append(place)
    rank = np.array(places)
    heights = special.betaincinv(rank, units + 1.0 - rank, MEDIAN)
    return duration[order][failed[order]], np.asarray(heights, dtype=np.float64)


def weibull_by_rank(duration: FloatArray, failed: BoolArray) -> WeibullFit:
    r"""Weibull distribution on the straight line of a probability plot, by least squares of rank on age.

    .. math:: \ln[-\ln(1 - F_i)] = \beta \ln t_i - \beta \ln \eta

    Parameters
    ----------
    duration : numpy.ndarray
        Age at failure, or when last seen, above zero, shape (U,).
    failed : numpy.ndarray
        Whether the unit failed then, shape (U,).

    Returns
    -------
    WeibullFit
        Without standard errors.

    Raises
    ------
    NoSolutionError
        If fewer than two failures have different ages.

    Notes
    -----
    Method, section 3.7: state the estimator, for with few failures it decides the shape.
    """
    time, rank = median_ranks(duration, failed)
    if len(np.unique(time)) < 2:
        raise NoSolutionError("a line through a probability plot needs failures at two ages")
    log_time, height = np.log(time), np.log(-np.log1p(-rank))
    from_mean = log_time - log_time.mean()
    shape = float(from_mean @ height / (from_mean @ from_mean))
    return WeibullFit(float(np.exp(log_time.mean() - height.mean() / shape)), shape)
