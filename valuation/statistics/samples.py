"""Statistics of a sample of paths, each with its error: mean, quantiles, value at risk and its tail, probabilities.

A sample holds one number a path, paths last. Two values are not numbers. ``+inf`` is what never happens (a loss of
nine tenths that is not reached): it stands above every number, quantiles may be infinite, and a mean with it is
infinite and has no interval. NaN, or ``-inf``, is what a path does not have (a rate of return without a root): every
statistic of a sample that holds one is NaN; `where` chooses the paths that have it. Statistics of no path are NaN.

Errors hold for independent paths, or for independent groups of `together` consecutive ones (antithetic pairs are
groups of two). Those of quasi-random paths come from what
replicates differ by (`streaming.across`, `intervals.sectioned`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from valuation.statistics.intervals import (
    LEVEL,
    Estimate,
    at_rank,
    average,
    binomial_interval,
    error_of_width,
    incomplete,
    interval_ranks,
    lower_rank,
    normal_interval,
    normal_quantile,
    nothing,
    proper,
    share_of,
    stacked,
    standard_error,
)
from valuation.timeline import CASE, BoolArray, FloatArray, IntArray


def mean(values: FloatArray, *, where: BoolArray | None = None, together: int = 1, level: float = LEVEL) -> Estimate:
    """Mean with its normal interval.

    Parameters
    ----------
    values : numpy.ndarray
        Sample, shape (..., n).
    where : numpy.ndarray, optional
        Paths it is taken over, shape (n,); all if left out.
    together : int
        Number of consecutive paths drawn together.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Shape (...).

    Notes
    -----
    Method, section 6. Over chosen paths it is a ratio, whose influence function is that of the chosen ones.
    """
    kept = _kept(values, where)
    if kept.shape[CASE] == 0:
        return nothing(kept.shape[:-1])
    value = average(kept)
    with np.errstate(invalid="ignore"):
        error = standard_error(kept - value[..., None], where, together)
    found = normal_interval(value, error, kept.shape[CASE], level)
    return found.unknown(incomplete(kept))


def quantiles(
    values: FloatArray,
    probabilities: Sequence[float],
    *,
    where: BoolArray | None = None,
    together: int = 1,
    level: float = LEVEL,
) -> Estimate:
    r"""Lower quantiles with order-statistic intervals.

    .. math:: q_p = \inf\{x : F_N(x) \ge p\} = X_{(\lceil Np \rceil)}

    Parameters
    ----------
    values : numpy.ndarray
        Sample, shape (..., n).
    probabilities : sequence of float
        The ``Q`` probabilities, between 0 and 1.
    where, together, level
        As of `mean`.

    Returns
    -------
    Estimate
        Shape (Q, ...). An end for which there are too few paths is infinite. The standard error is half the width
        of the interval over the normal quantile of its level.

    Notes
    -----
    Method, section 6. Ranks of the ends are binomial (`interval_ranks`), so the interval needs no density; for paths
    drawn together they are the normal ones with the error of the share at or below the quantile.
    """
    kept = _kept(values, where)
    shares = [proper(share, "probability") for share in probabilities]
    if kept.shape[CASE] == 0:
        return stacked([nothing(kept.shape[:-1])] * len(shares))
    ordered = np.sort(kept, axis=CASE)
    found = [_quantile(kept, ordered, share, _Scheme(where, together, level)) for share in shares]
    return stacked(found).unknown(incomplete(kept))


class _Scheme(NamedTuple):
    """How the paths of a sample were chosen and drawn, and the coverage wanted."""

    where: BoolArray | None
    together: int
    level: float


def _quantile(kept: FloatArray, ordered: FloatArray, share: float, scheme: _Scheme) -> Estimate:
    """One lower quantile of a sample, as it is and sorted."""
    where, together, level = scheme
    paths = kept.shape[CASE]
    value = at_rank(ordered, np.asarray(lower_rank(paths, share)))
    if together == 1:
        first, last = (np.asarray(rank) for rank in interval_ranks(paths, share, level))
    else:
        below = (kept <= value[..., None]).astype(np.float64)
        reach = normal_quantile(level) * paths * standard_error(below - share, where, together)
        first = _rank(np.floor(paths * share - reach), paths)
        last = _rank(np.ceil(paths * share + reach) + 1.0, paths)
    low, high = at_rank(ordered, first), at_rank(ordered, last)
    return Estimate(value, error_of_width(low, high, level), low, high, paths)


def value_at_risk(
    losses: FloatArray, alpha: float, *, where: BoolArray | None = None, together: int = 1, level: float = LEVEL
) -> Estimate:
    """Value at risk: the lower quantile of losses.

    Parameters
    ----------
    losses : numpy.ndarray
        Losses, positive where something is lost, shape (..., n).
    alpha : float
        Confidence, between 0 and 1.
    where, together, level
        As of `mean`.

    Returns
    -------
    Estimate
        Shape (...).

    Notes
    -----
    Method, section 5.6.
    """
    found = quantiles(losses, [alpha], where=where, together=together, level=level)
    return found.at(0)


def conditional_value_at_risk(
    losses: FloatArray, alpha: float, *, where: BoolArray | None = None, together: int = 1, level: float = LEVEL
) -> Estimate:
    r"""Mean loss of the worst share ``1 - alpha`` of the paths.

    .. math:: \mathrm{CVaR}_\alpha = \mathrm{VaR}_\alpha + \frac{E[(X - \mathrm{VaR}_\alpha)^+]}{1 - \alpha}

    Parameters
    ----------
    losses, alpha, where, together, level
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
    kept = _kept(losses, where)
    share = proper(alpha, "confidence")
    if kept.shape[CASE] == 0:
        return nothing(kept.shape[:-1])
    rank = lower_rank(kept.shape[CASE], share)
    at_risk = at_rank(np.sort(kept, axis=CASE), np.asarray(rank))
    with np.errstate(invalid="ignore"):
        excess = np.maximum(kept - at_risk[..., None], 0.0) / (1.0 - share)
        beyond = average(excess)
        error = standard_error(excess - beyond[..., None], where, together)
        if rank == kept.shape[CASE]:
            # No path lies beyond the value at risk: nothing tells the spread there, but for a sample without any.
            error = np.where((kept == at_risk[..., None]).all(axis=CASE), error, np.nan)
        value = np.where(np.isposinf(at_risk), np.inf, at_risk + beyond)
    found = normal_interval(value, error, kept.shape[CASE], level)
    return found.unknown(incomplete(kept))


def probability(
    event: BoolArray, *, where: BoolArray | None = None, together: int = 1, level: float = LEVEL
) -> Estimate:
    """Share of the paths on which an event happens, with the interval of Clopper and Pearson.

    Parameters
    ----------
    event : numpy.ndarray
        Whether it happens, shape (..., n).
    where, together, level
        As of `mean`.

    Returns
    -------
    Estimate
        Shape (...).

    Notes
    -----
    For paths drawn together the counts are replaced by effective ones, those of as many independent paths as would
    have the same standard error (Korn and Graubard 1998); for an event on all or no paths a group counts once.
    """
    kept = _kept(np.asarray(event, dtype=np.float64), where)
    paths = kept.shape[CASE]
    if paths == 0 or together == 1:
        return share_of(np.asarray(kept.sum(axis=CASE).astype(np.int64)), paths, level)
    value = average(kept)
    error = standard_error(kept - value[..., None], where, together)
    some = error > 0.0
    effective = np.where(some, value * (1.0 - value) / np.where(some, error, 1.0) ** 2, paths / together)
    low, high = binomial_interval(value * effective, effective, level)
    return Estimate(value, error, low, high, paths)


def _kept(values: FloatArray, where: BoolArray | None) -> FloatArray:
    """Sample of the chosen paths, shape (..., m)."""
    return values if where is None else values[..., where]


def _rank(found: FloatArray, paths: int) -> IntArray:
    """Rank from 0 to one beyond the last; an unknown one is outside and leaves the end open."""
    return np.clip(np.nan_to_num(found), 0, paths + 1).astype(np.int64)
