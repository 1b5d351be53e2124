"""One outcome of a risk run: paths gathered replicate by replicate, and its statistics, each with its error.

Independent paths make one replicate, and their errors come from how far they differ. The paths of quasi-random and
other dependent samples make several; nothing but what these differ by tells the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from valuation.paths.montecarlo import Portion
from valuation.statistics.histograms import BINS
from valuation.statistics.intervals import Estimate, nothing, sectioned, share_of
from valuation.statistics.streaming import EXACT, EXACT_LIMIT, Stream, Streamed, across
from valuation.timeline import CASE, BoolArray, FloatArray, IntArray

PERCENTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of the paths at or below the percentiles that are shown."""
TAIL = 0.95
"""Confidence of value at risk and of the mean beyond it."""
YEARLY_LIMIT = 65_536
"""Paths up to which numbers by year are all kept: there are dozens of them on a path."""
YEARLY_BINS = 4_096
"""Bins of numbers by year beyond that, in all replicates together."""
PARTIAL_BINS = 16_384
"""Bins of outcomes on a part of the paths or of the fleet, of which there are dozens, in all replicates together."""


@dataclass(frozen=True)
class Depth:
    """How much of a sample is kept.

    Attributes
    ----------
    replicates : int
        Independent replicates R, in each of which as many paths are drawn.
    limit : int
        Paths of all replicates up to which every path is kept.
    bins : int
        Bins beyond it, of all replicates.
    """

    replicates: int
    limit: int = EXACT_LIMIT
    bins: int = BINS

    @property
    def yearly(self) -> Depth:
        """For numbers by year."""
        return Depth(self.replicates, min(self.limit, YEARLY_LIMIT), min(self.bins, YEARLY_BINS))

    @property
    def partial(self) -> Depth:
        """For outcomes on the paths of a condition, and for those of one reporting group."""
        return Depth(self.replicates, self.limit, min(self.bins, PARTIAL_BINS))


@dataclass(frozen=True)
class Distribution:
    """Statistics of one outcome, or of one a year.

    Attributes
    ----------
    exists : Estimate
        Share of paths on which there is such a number (it happens, there is a rate of return), shape (...).
    mean : Streamed
        Over the paths on which there is one, shape (...).
    percentiles : Streamed
        Shape (5, ...). Over all paths where what never happens is later than all, over those that have one otherwise.
    value_at_risk, tail_mean : Streamed, optional
        Of the loss: what it stays at or below on 95 % of the paths, and its mean on the worst 5 %, shape (...).
    """

    exists: Estimate
    mean: Streamed
    percentiles: Streamed
    value_at_risk: Streamed | None = None
    tail_mean: Streamed | None = None

    @property
    def missing(self) -> Estimate:
        """Share of paths on which there is no such number, shape (...)."""
        value, error, low, high = self.exists.parts()
        return Estimate(1.0 - value, error, 1.0 - high, 1.0 - low, self.exists.paths)


class Sample:
    """Numbers of the paths, a stream for each replicate.

    As long as every path is kept, a statistic is that of all replicates together; of histograms, whose bins differ, it
    is the mean of theirs. Either way its error is what the replicates differ by.
    """

    def __init__(self, depth: Depth) -> None:
        self._depth = depth
        self._streams: dict[int, Stream] = {}
        self._shape: tuple[int, ...] = ()
        self._pooled: Stream | None = None

    def add(self, portion: Portion, values: FloatArray) -> None:
        """Add the paths of a block that count, shape (..., m); there may be none."""
        self._shape, self._pooled = values.shape[:-1], None
        if values.shape[CASE]:
            limit, bins = self._depth.limit // self._depth.replicates, self._depth.bins // self._depth.replicates
            made = self._streams.setdefault(portion.replicate, Stream(limit=limit, number=bins))
            made.add(portion.block, values)

    def read(self, statistic: Callable[[Stream], Streamed]) -> Streamed:
        """A statistic, with the error of independent paths or of the replicates.

        Parameters
        ----------
        statistic : callable
            From a stream to what is read off it.
        """
        if not self._streams:
            # The statistic of a single path has the shape that is wanted.
            stand_in = Stream()
            stand_in.add(0, np.zeros((*self._shape, 1)))
            shape = statistic(stand_in).estimate.value.shape
            return Streamed(nothing(shape), EXACT, np.zeros(shape))
        streams = [self._streams[number] for number in sorted(self._streams)]
        if self._depth.replicates == 1:
            return statistic(streams[0])
        if any(stream.method != EXACT for stream in streams):
            return across(streams, statistic)
        whole = statistic(self._pool(streams))
        sections = [statistic(stream).estimate for stream in streams]
        return Streamed(sectioned(whole.estimate, sections), whole.method, whole.error)

    def _pool(self, streams: Sequence[Stream]) -> Stream:
        """Paths of all replicates together, as long as they are all kept."""
        if self._pooled is None:
            self._pooled = Stream(limit=sum(stream.paths for stream in streams))
            for number, stream in enumerate(streams):
                self._pooled.add(number, stream.sample())
        return self._pooled


class Events:
    """Counts of the paths on which something happens."""

    def __init__(self, depth: Depth) -> None:
        self._replicates = depth.replicates
        self._counts: dict[int, IntArray] = {}
        self._paths: dict[int, int] = {}

    def add(self, portion: Portion, happens: BoolArray) -> None:
        """Count the paths of a block, shape (..., n)."""
        replicate = portion.replicate
        self._counts[replicate] = self._counts.get(replicate, 0) + happens.sum(axis=CASE).astype(np.int64)
        self._paths[replicate] = self._paths.get(replicate, 0) + happens.shape[CASE]

    def share(self) -> Estimate:
        """Share of the paths, shape (...)."""
        order = sorted(self._counts)
        return share_of_replicates([self._counts[own] for own in order], [self._paths[own] for own in order])


def share_of_replicates(counts: Sequence[IntArray], paths: Sequence[int]) -> Estimate:
    """Share of the paths of all replicates on which something happens.

    Parameters
    ----------
    counts : sequence of numpy.ndarray
        One a replicate, shape (...).
    paths : sequence of int
        Paths of each replicate.

    Returns
    -------
    Estimate
        Shape (...). Where all replicates agree, on none or all paths mostly, their spread says nothing, and the
        interval is that of as many independent paths. Never below 0 or above 1.
    """
    alone = share_of(np.sum(counts, axis=0), sum(paths))
    if len(counts) == 1:
        return alone
    found = sectioned(alone, [share_of(count, number) for count, number in zip(counts, paths, strict=True)])
    agreed = found.standard_error == 0.0
    low, high = np.where(agreed, alone.low, found.low), np.where(agreed, alone.high, found.high)
    # An unknown end stays unknown.
    return Estimate(found.value, found.standard_error, np.maximum(low, 0.0), np.minimum(high, 1.0), found.paths)


class Figure:
    """An outcome that is gathered block by block.

    Parameters
    ----------
    depth : Depth
        How much is kept.
    loss : int
        1 where more of it is a loss, -1 where less of it is, 0 where it is neither.
    may_lack : bool
        Whether there are paths without a number: infinite for what never happens, NaN for what there is none of.
    """

    def __init__(self, depth: Depth, loss: int = 0, *, may_lack: bool = False) -> None:
        self._all, self._exists, self._loss = Sample(depth), Events(depth), loss
        self._known = Sample(depth) if may_lack else self._all
        self._losses = Sample(depth) if loss < 0 else self._all

    def add(self, portion: Portion, values: FloatArray) -> None:
        """Add the paths of a block.

        Parameters
        ----------
        portion : Portion
            The block.
        values : numpy.ndarray
            Shape (n,), or (..., n) where no path is without a number.
        """
        finite = np.isfinite(values)
        self._exists.add(portion, finite)
        if self._known is self._all:
            self._all.add(portion, values)
        else:
            self._all.add(portion, values[~np.isnan(values)])
            self._known.add(portion, values[finite])
        if self._losses is not self._all:
            self._losses.add(portion, -values)

    def distribution(self) -> Distribution:
        """Statistics of what has been added."""
        tail = self._losses
        return Distribution(
            exists=self._exists.share(),
            mean=self.mean(),
            percentiles=self._all.read(lambda stream: stream.quantiles(PERCENTILES)),
            value_at_risk=tail.read(lambda stream: stream.value_at_risk(TAIL)) if self._loss else None,
            tail_mean=self.tail_mean() if self._loss else None,
        )

    def mean(self) -> Streamed:
        """Mean over the paths that have a number, shape (...)."""
        return self._known.read(Stream.mean)

    def tail_mean(self) -> Streamed:
        """Mean loss on the worst paths, shape (...)."""
        return self._losses.read(lambda stream: stream.conditional_value_at_risk(TAIL))
