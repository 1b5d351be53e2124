"""Histograms with fixed bins that hold every path: whole numbers only, so that parts add up in any order.

Inside a bin the distance of a value from the lower edge is added up as a whole number too, in steps of a tiny part of
the width. The mean of a bin is then known, and what is read off is the mean of the bin it lies in, with the distance
to the edges as the bound of its error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.timeline import CASE, FloatArray, IntArray

BINS = 65_536
"""Bins of a histogram, the two open ones among them: a rank error of 2e-5 at 1 MB, by measurement."""
STEPS = 2**30
"""Steps of a bin; whole numbers hold the sum of 8 thousand million paths in one bin."""
MIDDLE = 0.5
"""Where the values of a bin lie on average if it is empty, as a share of its width."""
MARGIN = 0.25
"""Range added on either side of the pilot, relative to its own."""


@dataclass(frozen=True)
class Bins:
    """Bins of equal width between two that are open.

    Attributes
    ----------
    low : (...)
        Where the first one of the bins of equal width begins, in the unit of the sample.
    width : (...)
        Their width.
    number : int
        Number of bins, ``B``. Bin 0 lies below `low`, the last one above all others.
    """

    low: FloatArray
    width: FloatArray
    number: int = BINS

    @property
    def high(self) -> FloatArray:
        """Where the last bin begins, shape (...)."""
        return self.edge(np.asarray(self.number - 1))

    def edge(self, place: IntArray) -> FloatArray:
        """Lower edge of the bins at these places, 1 or above, shape (...)."""
        return np.asarray(self.low + (place - 1) * self.width)

    @property
    def slack(self) -> FloatArray:
        """Distance by which rounding may carry a value over an edge, shape (...)."""
        largest = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.asarray(2.0 * np.finfo(np.float64).eps * largest + self.width / STEPS)

    def place(self, values: FloatArray) -> tuple[IntArray, IntArray]:
        """Bins of values, and their distance from the lower edge in `STEPS`, 0 in the open bins.

        Parameters
        ----------
        values : numpy.ndarray
            Finite values, shape (..., n).

        Returns
        -------
        bins, steps : numpy.ndarray
            Shape (..., n).
        """
        with np.errstate(over="ignore"):
            position = values - self.low[..., None]
            position /= self.width[..., None]
        # Every array of its own would be touched for the first time, which takes longer than what is done with it.
        np.clip(position, -1.0, self.number - 2.0, out=position)
        whole = np.floor(position)
        position -= whole
        position *= STEPS
        place, steps = whole.astype(np.int64), np.rint(position, out=position).astype(np.int64)
        place += 1
        steps[place == 0] = 0
        return place, steps


def spanning(pilot: FloatArray, number: int = BINS) -> Bins:
    """Bins for a sample of which the first paths are known.

    Parameters
    ----------
    pilot : numpy.ndarray
        First values, shape (..., n); infinite ones and NaN are passed over.
    number : int
        Number of bins, 3 or more.

    Returns
    -------
    Bins
        From the least to the largest value and a margin on either side; around a single value, as wide as it is
        large.
    """
    finite = np.isfinite(pilot)
    least = np.where(finite, pilot, np.inf).min(axis=CASE, initial=np.inf)
    largest = np.where(finite, pilot, -np.inf).max(axis=CASE, initial=-np.inf)
    some = finite.any(axis=CASE)
    least, largest = np.where(some, least, 0.0), np.where(some, largest, 0.0)
    span = np.where(largest > least, largest - least, np.where(least == 0.0, 1.0, np.abs(least)))
    reach = (largest - least) + 2.0 * MARGIN * span
    return Bins(np.asarray(least - MARGIN * span), np.asarray(reach / (number - 2)), number)


class Histogram:
    """Counts by bin and sums of steps within each bin.

    Attributes
    ----------
    bins : Bins
        Of shape (...).
    counts, steps : (..., B)
        Paths, and the sum of their distances from the lower edge.
    """

    def __init__(self, bins: Bins) -> None:
        self.bins = bins
        self.counts: IntArray = np.zeros((*bins.low.shape, bins.number), dtype=np.int64)
        self.steps: IntArray = np.zeros_like(self.counts)

    def add(self, values: FloatArray) -> IntArray:
        """Add values and say where they lie.

        Parameters
        ----------
        values : numpy.ndarray
            Shape (..., n).

        Returns
        -------
        numpy.ndarray
            Bin of each value, shape (..., n); -1 for what is not finite, which is left to others to count.
        """
        finite = np.isfinite(values)
        complete = bool(finite.all())
        place, steps = self.bins.place(values if complete else np.where(finite, values, self.bins.low[..., None]))
        rows = np.arange(self.bins.low.size).reshape(*self.bins.low.shape, 1) * self.bins.number
        where = (place + rows).reshape(-1)
        # What is not finite counts nothing in the bin it was put into.
        np.add.at(self.counts.reshape(-1), where, 1 if complete else finite.reshape(-1).astype(np.int64))
        np.add.at(self.steps.reshape(-1), where, steps.reshape(-1))
        place[~finite] = -1
        return place

    def bin_of(self, rank: IntArray) -> IntArray:
        """Bin that holds a rank, from 1; the last one for ranks beyond.

        Parameters
        ----------
        rank : numpy.ndarray
            Ranks, shape () or (...).

        Returns
        -------
        numpy.ndarray
            Shape (...).
        """
        shape = self.bins.low.shape
        ranks = np.broadcast_to(rank, shape).reshape(-1)
        rows = self.counts.reshape(-1, self.bins.number)
        # Row by row: the running counts of all rows at once would be as large as the histogram.
        found = [np.searchsorted(np.cumsum(row), rank) for row, rank in zip(rows, ranks, strict=True)]
        return np.minimum(np.array(found, dtype=np.int64), self.bins.number - 1).reshape(shape)

    def inner_means(self) -> FloatArray:
        """Mean of each bin of equal width, its middle where it is empty; NaN for the open ones, shape (..., B)."""
        some = self.counts > 0
        part = np.where(some, self.steps / np.where(some, self.counts, 1) / STEPS, MIDDLE)
        place = np.arange(self.bins.number)
        inner = (place > 0) & (place < self.bins.number - 1)
        return np.where(inner, self.bins.low[..., None] + (place - 1 + part) * self.bins.width[..., None], np.nan)
