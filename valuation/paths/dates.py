"""Dates at which paths are looked at, and how levels are read on those paths and from those dates on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.records import of_paths
from valuation.timeline import CASE, SEGMENT, FloatArray, IntArray


@dataclass(frozen=True)
class Dates:
    """Valuation dates of paths; what is expected at them knows what has happened by then, and no more.

    Attributes
    ----------
    bound : int or (m,)
        Bound, counted from the as-of bound: one for all paths, or one for each where some are named.
    paths : (m,) or None
        Paths looked at; all of them if None.
    """

    bound: int | IntArray
    paths: IntArray | None = None

    def count(self, paths: int) -> int:
        """Paths looked at, ``m``, out of so many."""
        return paths if self.paths is None else len(self.paths)

    def of(self, levels: NDArray[Any]) -> NDArray[Any]:
        """Levels (..., n or 1) of the paths looked at, shape (..., m or 1)."""
        return of_paths(levels, self.paths)

    def now(self, levels: FloatArray) -> FloatArray:
        """Levels by bound (b, n or 1) at the dates, the last one held, shape (m,) or (1,)."""
        row = np.minimum(self.bound, len(levels) - 1)
        return np.asarray(levels[row] if self.paths is None else levels[row, self._columns(levels)])

    def ahead(self, levels: FloatArray, months: range) -> FloatArray:
        """Levels some months ahead of the dates; after the last bound they are held.

        Parameters
        ----------
        levels : numpy.ndarray
            By bound from the as-of bound on, shape (H+1, S, n or 1).
        months : range
            Months ahead, ``k`` of them.

        Returns
        -------
        numpy.ndarray
            Shape (k, S, m or 1).
        """
        if self.paths is None:
            return levels[int(self.bound) + months.start : int(self.bound) + months.stop]
        rows = np.minimum(np.array(months)[:, None] + self.bound, len(levels) - 1)
        column = self._columns(levels)
        if levels.shape[SEGMENT] == 1:
            return np.asarray(levels[rows, 0, column][:, None])
        return np.stack([levels[rows, segment, column] for segment in range(levels.shape[SEGMENT])], axis=1)

    def _columns(self, levels: FloatArray) -> IntArray:
        assert self.paths is not None  # asked for where some are named
        return self.paths if levels.shape[CASE] > 1 else np.zeros_like(self.paths)


@dataclass(frozen=True)
class Places:
    """Devices on paths, each at a date of its own.

    Attributes
    ----------
    cohort, path, at : (m,)
        Cohort, path, and bound counted from the as-of bound.
    """

    cohort: IntArray
    path: IntArray
    at: IntArray

    def some(self, chosen: IntArray) -> Places:
        """Those chosen, shape (k,)."""
        return Places(self.cohort[chosen], self.path[chosen], self.at[chosen])
