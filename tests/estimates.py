"""Mean and share of a sample as the product finds them: from a stream of one block, and from a count."""

from __future__ import annotations

import numpy as np

from valuation.statistics.intervals import LEVEL, Estimate, share_of
from valuation.statistics.streaming import Stream
from valuation.timeline import BoolArray, FloatArray


def mean(values: FloatArray, level: float = LEVEL) -> Estimate:
    """Mean of all paths, shape (...) from (..., n)."""
    stream = Stream(limit=values.shape[-1])
    stream.add(0, values)
    return stream.mean(level).estimate


def probability(event: BoolArray, level: float = LEVEL) -> Estimate:
    """Share of the paths on which an event happens, shape (...) from (..., n)."""
    return share_of(np.asarray(event.sum(axis=-1)), event.shape[-1], level)
