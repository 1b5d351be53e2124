"""Two outcomes of the same paths side by side: counts in bins that leave no number out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.errors import ShapeError
from valuation.timeline import FloatArray, IntArray


@dataclass(frozen=True)
class JointTable:
    """Paths counted by two outcomes.

    Attributes
    ----------
    first_edges, second_edges : (a-1,), (b-1,)
        Edges of the bins, ascending. The first bin lies below the first edge, the last one from the last edge on;
        a bin holds its lower edge. With a last edge of infinity the last bin is what never happens.
    counts : (a, b)
        Paths in each pair of bins.
    """

    first_edges: FloatArray
    second_edges: FloatArray
    counts: IntArray

    @property
    def paths(self) -> int:
        """Number of paths counted."""
        return int(self.counts.sum())

    def plus(self, other: JointTable) -> JointTable:
        """Table of the paths of both, which have the same edges."""
        same = np.array_equal(self.first_edges, other.first_edges)
        if not same or not np.array_equal(self.second_edges, other.second_edges):
            raise ShapeError("two tables with different edges cannot be added")
        return JointTable(self.first_edges, self.second_edges, self.counts + other.counts)


def joint_table(first: FloatArray, second: FloatArray, first_edges: FloatArray, second_edges: FloatArray) -> JointTable:
    """Count paths by two outcomes.

    Parameters
    ----------
    first, second : numpy.ndarray
        Two numbers of each path, ``+inf`` for what never happens, shape (n,).
    first_edges, second_edges : numpy.ndarray
        Ascending edges between the bins, in the units of the outcomes, shapes (a-1,) and (b-1,).

    Returns
    -------
    JointTable
        Counts of the paths that have both numbers. They are whole: tables of parts of a sample add up in any order
        (`JointTable.plus`).
    """
    for edges in (first_edges, second_edges):
        if np.any(np.diff(edges) <= 0.0):
            raise ShapeError("edges of a table must ascend")
    known = ~(np.isnan(first) | np.isnan(second))
    rows = np.searchsorted(first_edges, first[known], side="right")
    columns = np.searchsorted(second_edges, second[known], side="right")
    shape = len(first_edges) + 1, len(second_edges) + 1
    flat = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return JointTable(first_edges, second_edges, flat.reshape(shape))
