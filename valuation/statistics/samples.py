"""Statistics of a sample of independent paths, each with its error: quantiles, value at risk and its tail.

A sample holds one number a path, paths last. Two values are not numbers. ``+inf`` is what never happens (a loss of
nine tenths that is not reached): it stands above every number, quantiles may be infinite, and a mean with it is
infinite and has no interval. NaN, or ``-inf``, is what a path does not have (a rate of return without a root): every
statistic of a sample that holds one is NaN. Statistics of no path are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from valuation.statistics.intervals import (
    LEVEL,
    Estimate,
    at_rank,
    average,
    error_of_width,
    incomplete,
    interval_ranks,
    lower_rank,
    normal_interval,
    nothing,
    proper,
    stacked,
    standard_error,
)
from valuation.timeline import CASE, FloatArray


def quantiles(values: FloatArray, probabilities: Sequence[float], level: float = LEVEL) -> Estimate:
    r"""Lower quantiles with order-statistic intervals.

    .. math:: q_p = \inf\{x : F_N(x) \ge p\} = X_{(\lceil Np \rceil)}

    Parameters
    ----------
    values : numpy.ndarray
        Sample, shape (..., n).
    probabilities : sequence of float
        The ``Q`` probabilities, between 0 and 1.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Estimate
        Shape (Q, ...). An end for which there are too few paths is infinite. The standard error is half the width
        of the interval over the normal quantile of its level.

    Notes
    -----
    Method, section 6. Ranks of the ends are binomial (`interval_ranks`), so the interval needs no density.
    """
    shares = [proper(share, "probability") for share in probabilities]
    if values.shape[CASE] == 0:
        return stacked([nothing(values.shape[:-1])] * len(shares))
    ordered = np.sort(values, axis=CASE)
    return stacked([_quantile(ordered, share, level) for share in shares]).unknown(incomplete(values))


def _quantile(ordered: FloatArray, share: float, level: float) -> Estimate:
    """One lower quantile of a sorted sample."""
    paths = ordered.shape[CASE]
    value = at_rank(ordered, np.asarray(lower_rank(paths, share)))
    low, high = (at_rank(ordered, np.asarray(rank)) for rank in interval_ranks(paths, share, level))
    return Estimate(value, error_of_width(low, high, level), low, high, paths)


def value_at_risk(losses: FloatArray, alpha: float, level: float = LEVEL) -> Estimate:
    """Value at risk: the lower quantile of losses.

    Parameters
    ----------
    losses : numpy.ndarray
        Losses, positive where something is lost, shape (..., n).
    alpha : float
        Confidence, between 0 and 1.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Shape (...).

    Notes
    -----
    Method, section 5.6.
    """
    return quantiles(losses, [alpha], level).at(0)


def conditional_value_at_risk(losses: FloatArray, alpha: float, level: float = LEVEL) -> Estimate:
    r"""Mean loss of the worst share ``1 - alpha`` of the paths.

    .. math:: \mathrm{CVaR}_\alpha = \mathrm{VaR}_\alpha + \frac{E[(X - \mathrm{VaR}_\alpha)^+]}{1 - \alpha}

    Parameters
    ----------
    losses, alpha, level
        As of `value_at_risk`; losses have shape (..., n).

    Returns
    -------
    Estimate
        Shape (...), with a normal interval; without one where there are too few paths for any to lie beyond the value
        at risk.

    Notes
    -----
    Method, section 5.6; Rockafellar and Uryasev (2000). The error is the spread of the influence function
    :math:`(X - \mathrm{VaR})^+ / (1 - \alpha)`: that of the value at risk itself does not matter, because the
    expression is at its minimum there.
    """
    share, paths = proper(alpha, "confidence"), losses.shape[CASE]
    if paths == 0:
        return nothing(losses.shape[:-1])
    rank = lower_rank(paths, share)
    at_risk = at_rank(np.sort(losses, axis=CASE), np.asarray(rank))
    with np.errstate(invalid="ignore"):
        excess = np.maximum(losses - at_risk[..., None], 0.0) / (1.0 - share)
        beyond = average(excess)
        error = standard_error(excess - beyond[..., None])
        if rank == paths:
            # No path lies beyond the value at risk: nothing tells the spread there, but for a sample without any.
            error = np.where((losses == at_risk[..., None]).all(axis=CASE), error, np.nan)
        value = np.where(np.isposinf(at_risk), np.inf, at_risk + beyond)
    return normal_interval(value, error, paths, level).unknown(incomplete(losses))
