"""Estimates and their intervals: normal, binomial, by order statistics, and from independent repetitions.

What paths that depend on each other (quasi-random points, antithetic pairs) differ by tells nothing of the error. It is
the spread between independent repetitions of them, `combine` and `sectioned`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from valuation.errors import AssumptionError
from valuation.timeline import CASE, BoolArray, FloatArray, IntArray

LEVEL = 0.95
"""Probability that an interval covers what it estimates."""
_ROUNDING = 2.0 * np.finfo(np.float64).eps  # of a product of a number of paths and a probability, relative


@dataclass(frozen=True)
class Estimate:
    """A statistic and how well the paths determine it.

    Attributes
    ----------
    value : (...)
        Point estimate, in the unit of the sample.
    standard_error : (...)
        Of the value; NaN where the paths do not tell (one path, infinite outcomes).
    low, high : (...)
        Ends of the interval; infinite where there are too few paths for an end.
    paths : int
        Number of paths behind it.
    """

    value: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    paths: int

    def parts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Value, standard error and the two ends."""
        return self.value, self.standard_error, self.low, self.high

    def at(self, place: int) -> Estimate:
        """Estimate at a place of the first axis."""
        value, error, low, high = (part[place] for part in self.parts())
        return Estimate(value, error, low, high, self.paths)

    def unknown(self, gone: BoolArray) -> Estimate:
        """Return the same with NaN where something is missing, broadcastable to shape (...)."""
        value, error, low, high = (np.where(gone, np.nan, part) for part in self.parts())
        return Estimate(value, error, low, high, self.paths)


def incomplete(values: FloatArray) -> BoolArray:
    """Whether some path has no number: NaN or minus infinity, shape (...) from (..., n)."""
    return np.asarray((np.isnan(values) | np.isneginf(values)).any(axis=CASE))


def average(values: FloatArray) -> FloatArray:
    """Mean over paths, exact where all values are the same, shape (...) from (..., n).

    The first value is taken off before adding up: a constant sample has no spread, not one of the order of rounding.
    """
    first = values[..., 0]
    anchor = np.where(np.isfinite(first), first, 0.0)
    return np.asarray(anchor + (values - anchor[..., None]).mean(axis=CASE))


def standard_error(influence: FloatArray) -> FloatArray:
    r"""Standard error of a statistic from its influence :math:`\psi` on each path, :math:`s(\psi) / \sqrt N`.

    Parameters
    ----------
    influence : numpy.ndarray
        Influence of the paths, which are independent, of mean zero, shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (...); NaN for a single path.
    """
    paths = influence.shape[CASE]
    if paths < 2:
        return np.full(influence.shape[:-1], np.nan)
    return np.asarray(influence.std(axis=CASE, ddof=1) / np.sqrt(paths))


def proper(share: float, name: str) -> float:
    """Return a share if it lies strictly between 0 and 1."""
    if not 0.0 < share < 1.0:
        raise AssumptionError(f"{name} {share} must lie between 0 and 1, both left out")
    return share


def nothing(shape: tuple[int, ...]) -> Estimate:
    """Estimate from no path."""
    unknown = np.full(shape, np.nan)
    return Estimate(unknown, unknown, unknown, unknown, 0)


def stacked(estimates: Sequence[Estimate]) -> Estimate:
    """Estimates from the same paths along a new first axis."""
    value, error, low, high = (np.stack(part) for part in zip(*(found.parts() for found in estimates), strict=True))
    return Estimate(value, error, low, high, estimates[0].paths)


def normal_interval(value: FloatArray, error: FloatArray, paths: int, level: float = LEVEL) -> Estimate:
    """Estimate with the interval of the normal distribution.

    Parameters
    ----------
    value, error : numpy.ndarray
        Value and its standard error, shape (...).
    paths : int
        Number of paths behind it.
    level : float
        Coverage of the interval.
    """
    reach = normal_quantile(level) * error
    return Estimate(value, error, value - reach, value + reach, paths)


def normal_quantile(level: float) -> float:
    """Half the width of a two-sided interval in standard errors."""
    return float(special.ndtri((1.0 + proper(level, "level")) / 2.0))


def error_of_width(low: FloatArray, high: FloatArray, level: float) -> FloatArray:
    """Standard error that a normal interval of the same width would have; NaN where an end is infinite.

    Parameters
    ----------
    low, high : numpy.ndarray
        Ends, shape (...).
    level : float
        Coverage of the interval.
    """
    with np.errstate(invalid="ignore"):
        width = high - low
    return np.where(np.isfinite(width), width / (2.0 * normal_quantile(level)), np.nan)


def lower_rank(paths: int, share: float) -> int:
    """Rank of the lower quantile, from 1: the smallest whole number of paths that is at least the share of all.

    Rounding of the product must not add a path: 0.07 of 100 is 7.
    """
    return max(int(np.ceil(paths * share * (1.0 - _ROUNDING))), 1)


def interval_ranks(paths: int, share: float, level: float = LEVEL) -> tuple[int, int]:
    r"""Ranks of the order statistics that cover a quantile.

    .. math:: P(X_{(l)} \le q_p) = P(B \ge l) \ge 1 - \tfrac{\epsilon}{2}, \quad
        P(X_{(u)} \ge q_p) \ge P(B < u) \ge 1 - \tfrac{\epsilon}{2}, \quad B \sim \mathrm{Bin}(N, p)

    Parameters
    ----------
    paths : int
        Number of independent paths ``N``.
    share : float
        Probability ``p`` of the quantile.
    level : float
        Coverage ``1 - epsilon``.

    Returns
    -------
    low, high : int
        From 0 to ``N + 1``: 0 and ``N + 1`` are no order statistics, there are too few paths for that end.

    Notes
    -----
    Method, section 6; exact for any distribution, and for one with atoms covering more.
    """
    tail = (1.0 - proper(level, "level")) / 2.0
    return _binomial_quantile(tail, paths, share), _binomial_quantile(1.0 - tail, paths, share) + 1


def _binomial_quantile(share: float, trials: int, chance: float) -> int:
    """Smallest number of successes that is not exceeded with at least such a probability."""
    found = int(np.ceil(special.bdtrik(share, trials, chance)))
    before = max(found - 1, 0)
    return before if special.bdtr(before, trials, chance) >= share else found


def at_rank(ordered: FloatArray, rank: IntArray) -> FloatArray:
    """Value at a rank, from 1; infinite beyond the ends.

    Parameters
    ----------
    ordered : numpy.ndarray
        Sorted sample, shape (..., n).
    rank : numpy.ndarray
        Shape () or (...).

    Returns
    -------
    numpy.ndarray
        Shape (...).
    """
    paths = ordered.shape[CASE]
    ranks = np.broadcast_to(rank, ordered.shape[:-1])
    place = np.clip(ranks - 1, 0, paths - 1)[..., None]
    value = np.take_along_axis(ordered, place, axis=CASE)[..., 0]
    return np.where(ranks < 1, -np.inf, np.where(ranks > paths, np.inf, value))


def share_of(count: IntArray, paths: int, level: float = LEVEL) -> Estimate:
    """Share of so many paths out of all, with the interval of Clopper and Pearson.

    Parameters
    ----------
    count : numpy.ndarray
        Paths on which an event happened, shape (...).
    paths : int
        Number of all paths.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Shape (...). The standard error is 0 for an event on no path or on all; the interval is not.

    Notes
    -----
    Clopper and Pearson (1934). Wilson's interval is shorter, but covers less than it says for rare events, and rare
    events are what a tail is made of; this one covers at least as much as it says, at any number of paths.
    """
    number = np.asarray(count, dtype=np.float64)
    if paths == 0:
        return nothing(number.shape)
    value = number / paths
    error = np.sqrt(value * (1.0 - value) / (paths - 1)) if paths > 1 else np.full_like(value, np.nan)
    low, high = binomial_interval(number, np.full_like(value, paths), level)
    return Estimate(value, np.asarray(error), low, high, paths)


def binomial_interval(number: FloatArray, trials: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Interval of Clopper and Pearson for a probability.

    Parameters
    ----------
    number, trials : numpy.ndarray
        Successes out of trials, shape (...).
    level : float
        Coverage of the interval.

    Returns
    -------
    low, high : numpy.ndarray
        Shape (...).
    """
    tail = (1.0 - proper(level, "level")) / 2.0
    fails = trials - number
    low = special.betaincinv(np.maximum(number, _ROUNDING), fails + 1.0, tail)
    high = special.betaincinv(number + 1.0, np.maximum(fails, _ROUNDING), 1.0 - tail)
    return np.where(number > 0.0, low, 0.0), np.where(fails > 0.0, high, 1.0)


def combine(estimates: Sequence[Estimate], level: float = LEVEL) -> Estimate:
    """Estimate of independent repetitions, such as the scramblings of a quasi-random sequence.

    Parameters
    ----------
    estimates : sequence of Estimate
        One a repetition, ``R`` of them, shapes (...). Their own errors are not used.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Mean of the values, its error from their spread, and an interval of Student's t with ``R - 1`` degrees of
        freedom, shape (...). With one repetition the error is NaN.

    Notes
    -----
    Performance, section 6. The paths of one scrambling depend on each other, so what they differ by tells nothing.
    """
    values = np.stack([found.value for found in estimates], axis=CASE)
    count = values.shape[CASE]
    value = average(values)
    with np.errstate(invalid="ignore"):
        error = standard_error(values - value[..., None])
        reach = special.stdtrit(count - 1, (1.0 + proper(level, "level")) / 2.0) * error
    return Estimate(value, error, value - reach, value + reach, sum(found.paths for found in estimates))


def sectioned(whole: Estimate, sections: Sequence[Estimate], level: float = LEVEL) -> Estimate:
    r"""Estimate of a whole sample, its error from independent sections of it.

    .. math:: \mathrm{se} = \sqrt{\frac{1}{R (R - 1)} \sum_r (q_r - q)^2}

    Parameters
    ----------
    whole : Estimate
        Of all paths, shape (...). Its own error is not used.
    sections : sequence of Estimate
        The same statistic of each of the ``R`` sections, shapes (...).
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Value of the whole, and an interval of Student's t with ``R - 1`` degrees of freedom, shape (...).

    Notes
    -----
    Asmussen and Glynn (2007), *Stochastic Simulation*, section III.5. A quantile or a tail mean of few paths is off on
    one side; the mean of those of the sections would be as far off as each of them, the whole is not. What the sections
    are off by widens the interval.
    """
    count = len(sections)
    if count < 2:
        return combine([whole], level)
    with np.errstate(invalid="ignore"):
        off = np.stack([found.value for found in sections], axis=CASE) - whole.value[..., None]
        error = np.sqrt((off**2).sum(axis=CASE) / (count * (count - 1)))
        reach = special.stdtrit(count - 1, (1.0 + proper(level, "level")) / 2.0) * error
    return Estimate(whole.value, error, whole.value - reach, whole.value + reach, whole.paths)


def enough(estimate: Estimate, target: float) -> bool:
    """Whether half the width of the interval is at most a target, everywhere; an unknown width is not.

    Parameters
    ----------
    estimate : Estimate
        Any shape.
    target : float
        Largest half-width, in the unit of the estimate.
    """
    certain = estimate.low == estimate.high  # both may be infinite: what never happens on any path
    with np.errstate(invalid="ignore"):
        half = np.where(certain, 0.0, (estimate.high - estimate.low) / 2.0)
    return bool(np.all(half <= target))
