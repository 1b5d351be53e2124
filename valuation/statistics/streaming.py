"""Statistics of any number of paths in constant memory, the same to the last bit whoever made the blocks.

Up to a limit the paths themselves are kept and statistics are exact. Beyond it whole numbers are kept: counts in fixed
bins, whose edges come from the first blocks. What is read off then says so, and bounds its error. Blocks have numbers;
each is added once, in any order. Whole numbers add up in any order, floating sums are joined in that of the numbers.

The paths of a quasi-random sequence need a stream for each scrambling, joined by `across`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from valuation.errors import ShapeError
from valuation.statistics import histogram_readings, samples
from valuation.statistics.histograms import BINS, Bins, Histogram, spanning
from valuation.statistics.intervals import LEVEL, Estimate, combine, normal_interval, proper, stacked
from valuation.statistics.totals import InOrder, Totals, totals
from valuation.timeline import CASE, FloatArray

EXACT_LIMIT = 262_144
"""Paths up to which they are all kept: 2 MB a number."""
PILOT_BLOCKS = 8
"""Blocks, the first ones, that the edges of the bins are taken from."""
EXACT, HISTOGRAM = "exact", "histogram"
"""Where a statistic was read."""


@dataclass(frozen=True)
class Streamed:
    """A statistic of a stream.

    Attributes
    ----------
    estimate : Estimate
        Shape (...).
    method : str
        `EXACT` or `HISTOGRAM`.
    error : (...)
        Largest distance of the value from the exact one of the same paths; 0 where that is what it is.
    """

    estimate: Estimate
    method: str
    error: FloatArray


class Stream:
    """Paths added block by block.

    Parameters
    ----------
    limit : int
        Paths up to which all are kept. 0 makes bins as soon as the pilot is there, for fans of many numbers a path.
    number : int
        Bins that are made from the pilot.
    """

    def __init__(self, *, limit: int = EXACT_LIMIT, number: int = BINS) -> None:
        self._limit, self._number = limit, number
        self._blocks: dict[int, FloatArray] = {}
        self._histogram: Histogram | None = None
        self._counted = InOrder()
        self.paths = 0

    @property
    def bins(self) -> Bins | None:
        """Bins, once there are any."""
        return None if self._histogram is None else self._histogram.bins

    @property
    def method(self) -> str:
        """Where statistics are read: `EXACT` or `HISTOGRAM`."""
        return EXACT if self._histogram is None else HISTOGRAM

    def add(self, block: int, values: FloatArray) -> None:
        """Add a block of paths.

        Parameters
        ----------
        block : int
            Its number, from 0.
        values : numpy.ndarray
            ``+inf`` for what never happens, NaN for what is not there, shape (..., n); the same (...) for all.
        """
        array = np.array(values, dtype=np.float64, order="C")
        if block in self._blocks or block in self._counted:
            raise ShapeError(f"block {block} was added before")
        if self._histogram is None:
            self._blocks[block] = array
        else:
            self._count(self._histogram, block, array)
        self.paths += array.shape[CASE]
        self._make_bins()

    def _make_bins(self) -> None:
        """Make bins once there are too many paths to keep; before the whole pilot is there, more are kept."""
        pilot = range(PILOT_BLOCKS)
        if self._histogram is None and self.paths > self._limit and all(block in self._blocks for block in pilot):
            first = np.concatenate([self._blocks[block] for block in pilot], axis=CASE)
            self._move(spanning(first, self._number))

    def _move(self, bins: Bins) -> None:
        """Go over to bins."""
        self._histogram = Histogram(bins)
        for block in sorted(self._blocks):
            self._count(self._histogram, block, self._blocks.pop(block))

    def _count(self, histogram: Histogram, block: int, values: FloatArray) -> None:
        place = histogram.add(values)
        ends = np.stack([place == 0, place == histogram.bins.number - 1])
        self._counted.add(block, totals(values, ends))

    def _totals(self) -> Totals:
        """Totals of all blocks in the order of their numbers."""
        if self._histogram is not None:
            return self._counted.total()
        found = InOrder()
        for block in sorted(self._blocks):
            values = self._blocks[block]
            found.add(block, totals(values, np.zeros((2, *values.shape), dtype=np.bool_)))
        return found.total()

    def sample(self) -> FloatArray:
        """All paths in the order of the blocks, shape (..., N), while they are kept."""
        if self._histogram is not None or not self._blocks:
            raise ShapeError(f"there are {self.paths} paths, and only from 1 to {self._limit} are kept")
        return np.concatenate([self._blocks[block] for block in sorted(self._blocks)], axis=CASE)

    def mean(self, level: float = LEVEL) -> Streamed:
        """Mean, shape (...); exact with either method, and infinite without an interval where something is never."""
        found = self._totals()
        endless = found.never > 0
        value = np.where(endless, np.inf, found.whole.mean)
        error = np.where(endless, np.nan, found.whole.standard_error)
        estimate = normal_interval(value, error, found.paths, level).unknown(found.gone > 0)
        return Streamed(estimate, EXACT, np.zeros_like(value))

    def quantiles(self, probabilities: Sequence[float], level: float = LEVEL) -> Streamed:
        """Lower quantiles with order-statistic intervals, as of `samples.quantiles`, shape (Q, ...)."""
        shares = [proper(share, "probability") for share in probabilities]
        if self._histogram is None:
            return _exact(samples.quantiles(self.sample(), shares, level))
        found, histogram = self._totals(), self._histogram
        read = [histogram_readings.quantile(histogram, found, share, level) for share in shares]
        return Streamed(stacked([one for one, _ in read]), HISTOGRAM, np.stack([error for _, error in read]))

    def value_at_risk(self, alpha: float, level: float = LEVEL) -> Streamed:
        """Value at risk of losses, as of `samples.value_at_risk`, shape (...)."""
        found = self.quantiles([alpha], level)
        return Streamed(found.estimate.at(0), found.method, found.error[0])

    def conditional_value_at_risk(self, alpha: float, level: float = LEVEL) -> Streamed:
        """Mean of the worst share of losses, as of `samples.conditional_value_at_risk`, shape (...)."""
        share = proper(alpha, "confidence")
        if self._histogram is None:
            return _exact(samples.conditional_value_at_risk(self.sample(), share, level))
        found = histogram_readings.conditional_tail(self._histogram, self._totals(), share, level)
        return Streamed(found[0], HISTOGRAM, found[1])


def _exact(found: Estimate) -> Streamed:
    return Streamed(found, EXACT, np.zeros_like(found.value))


def across(streams: Sequence[Stream], statistic: Callable[[Stream], Streamed], level: float = LEVEL) -> Streamed:
    """Combine a statistic of independent scramblings, a stream each.

    Parameters
    ----------
    streams : sequence of Stream
        One a scrambling.
    statistic : callable
        From a stream to what is read off it.
    level : float
        Coverage of the interval.

    Returns
    -------
    Streamed
        Error from the spread of the scramblings; exact if all are, and the mean bound otherwise.
    """
    read = [statistic(stream) for stream in streams]
    method = EXACT if all(found.method == EXACT for found in read) else HISTOGRAM
    error = np.mean([found.error for found in read], axis=0)
    return Streamed(combine([found.estimate for found in read], level), method, error)
