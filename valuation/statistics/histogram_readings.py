"""Statistics read off a histogram and its totals, each with a bound of what the bins may hide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.statistics.histograms import STEPS, Histogram
from valuation.statistics.intervals import Estimate, error_of_width, interval_ranks, lower_rank, normal_interval
from valuation.statistics.totals import Totals
from valuation.timeline import CASE, FloatArray, IntArray


@dataclass(frozen=True)
class Bounded:
    """A number read off bins.

    Attributes
    ----------
    value, low, high : (...)
        What is read off, and the bounds between which the exact number lies.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def error(self) -> FloatArray:
        """Largest distance of the exact number from the value, shape (...)."""
        with np.errstate(invalid="ignore"):
            off = np.maximum(self.value - self.low, self.high - self.value)
        return np.where(np.isinf(self.value) & (self.low == self.high), 0.0, off)


def order_statistic(histogram: Histogram, found: Totals, rank: IntArray) -> Bounded:
    """Value at a rank: the mean of its bin, between the edges of the bin.

    Parameters
    ----------
    histogram, found : Histogram, Totals
        Of the same paths.
    rank : numpy.ndarray
        From 1, shape () or (...); ``-inf`` below, ``+inf`` beyond the finite values.
    """
    place = histogram.bin_of(rank)
    low, high = _bounds(histogram, found, place)
    value = np.clip(_mean_of(histogram, found, place), low, high)
    below, above = np.asarray(rank) < 1, np.asarray(rank) > found.finite
    value, low, high = (np.where(below, -np.inf, np.where(above, np.inf, part)) for part in (value, low, high))
    return Bounded(value, low, high)


def quantile(histogram: Histogram, found: Totals, share: float, level: float) -> tuple[Estimate, FloatArray]:
    """Lower quantile with its order-statistic interval, and the bound of its error.

    Parameters
    ----------
    histogram, found : Histogram, Totals
        Of the same paths.
    share : float
        Probability.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Shape (...); the ends are the outer edges of the bins they lie in.
    error : numpy.ndarray
        Shape (...).
    """
    read = order_statistic(histogram, found, np.asarray(lower_rank(found.paths, share)))
    first, last = interval_ranks(found.paths, share, level)
    low = order_statistic(histogram, found, np.asarray(first)).low
    high = order_statistic(histogram, found, np.asarray(_beyond(found, last))).high
    estimate = Estimate(read.value, error_of_width(low, high, level), low, high, found.paths)
    gone = found.gone > 0
    return estimate.unknown(gone), np.where(gone, np.nan, read.error)


def _beyond(found: Totals, rank: int) -> IntArray:
    """Rank, one beyond the last finite value where it is beyond the last path."""
    return np.where(rank > found.paths, found.finite + 1, rank)


def _bounds(histogram: Histogram, found: Totals, place: IntArray) -> tuple[FloatArray, FloatArray]:
    """Edges of bins, those of the open ones by the least and the largest value."""
    bins = histogram.bins
    low = np.where(place == 0, -np.inf, bins.edge(place) - bins.slack)
    high = np.where(place == bins.number - 1, np.inf, bins.edge(place + 1) + bins.slack)
    return np.maximum(low, found.least), np.minimum(high, found.largest)


def _mean_of(histogram: Histogram, found: Totals, place: IntArray) -> FloatArray:
    """Mean of the values of bins."""
    bins = histogram.bins
    counts, steps = (
        np.take_along_axis(whole, place[..., None], axis=CASE)[..., 0] for whole in (histogram.counts, histogram.steps)
    )
    inner = bins.edge(place) + steps / np.maximum(counts, 1) / STEPS * bins.width
    low, high = found.ends.mean
    return np.where(place == 0, low, np.where(place == bins.number - 1, high, inner))


def conditional_tail(histogram: Histogram, found: Totals, alpha: float, level: float) -> tuple[Estimate, FloatArray]:
    r"""Mean of the largest share ``1 - alpha``, and the bound of its error.

    .. math:: \mathrm{CVaR} = \frac{1}{T} \Big( \sum_{j > k} s_j + r \, m_r \Big), \qquad T = N (1 - \alpha)

    with :math:`k` the bin of the value at risk, :math:`s_j` the sums of the bins above it, known exactly, and
    :math:`m_r` the mean of the largest :math:`r` values of bin :math:`k`: at least the mean of the bin, at most its
    upper edge, and at most what the lower edge leaves of the sum of the bin.

    Parameters
    ----------
    histogram, found, level
        As of `quantile`.
    alpha : float
        Confidence.

    Returns
    -------
    Estimate
        Shape (...); normal interval, wider by the bound.
    error : numpy.ndarray
        Shape (...).
    """
    rank = np.asarray(lower_rank(found.paths, alpha))
    place, tail = histogram.bin_of(rank), found.paths * (1.0 - alpha)
    at_risk = order_statistic(histogram, found, rank).value
    with np.errstate(invalid="ignore"):
        number, excess, squares = _above(histogram, found, place, at_risk)
        part, middle, most = _top_of_bin(histogram, found, place, np.asarray(tail - number, dtype=np.float64))
        # The largest values of the bin stand between its mean and `most`; the middle halves what is not known.
        excess = excess + np.maximum(part * ((middle + most) / 2.0 - at_risk), 0.0)
        error = part * (most - middle) / 2.0 / tail + histogram.bins.slack
        spread = np.maximum(squares / found.paths - (excess / found.paths) ** 2, 0.0)
    unknown = np.full_like(excess, np.nan)
    sampling = np.sqrt(spread / (found.paths - 1)) / (1.0 - alpha) if found.paths > 1 else unknown
    return _tail_estimate(found, (at_risk + excess / tail, sampling, error), level)


def _top_of_bin(
    histogram: Histogram, found: Totals, place: IntArray, wanted: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """How many of the values of a bin are wanted, the mean of all of them, and the most that of the largest can be."""
    inside = np.take_along_axis(histogram.counts, place[..., None], axis=CASE)[..., 0]
    low, high = _bounds(histogram, found, place)
    middle = np.clip(_mean_of(histogram, found, place), low, high)
    part = np.clip(wanted, 0.0, inside)
    rest = (inside * middle - (inside - part) * low) / np.where(part > 0.0, part, 1.0)
    return part, middle, np.where(part > 0.0, np.clip(rest, middle, high), middle)


def _tail_estimate(
    found: Totals, read: tuple[FloatArray, FloatArray, FloatArray], level: float
) -> tuple[Estimate, FloatArray]:
    """Estimate and bound of a mean of the tail, infinite where something never happens."""
    value, sampling, error = read
    endless, gone = found.never > 0, found.gone > 0
    value, sampling = np.where(endless, np.inf, value), np.where(endless, np.nan, sampling)
    plain = normal_interval(value, sampling, found.paths, level)
    wider = Estimate(value, sampling, plain.low - error, plain.high + error, found.paths)
    return wider.unknown(gone), np.where(gone, np.nan, np.where(endless, 0.0, error))


def _above(
    histogram: Histogram, found: Totals, place: IntArray, level: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Paths in the bins above a bin, and the sums of what they exceed a level by and of its squares."""
    means = histogram.inner_means()
    means[..., 0], means[..., -1] = found.ends.mean
    above = np.arange(histogram.bins.number) > place[..., None]
    counts = np.where(above, histogram.counts, 0)
    level = np.where(np.isfinite(level), level, 0.0)
    excess = np.where(above, means - level[..., None], 0.0)
    first = (counts * excess).sum(axis=CASE)
    # Where the value at risk lies in the open bin, all that varies in it counts: too much rather than too little.
    return counts.sum(axis=CASE), first, (counts * excess**2).sum(axis=CASE) + found.ends.squares[1]
