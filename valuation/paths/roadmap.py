"""Landings along random paths: as they come, and as they are expected at a date from what has landed by then.

A part that has not landed at a date is expected at what its slip then comes to on average; one that has landed stays
where it is. Where nothing is awaited any more, what is expected is what comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from valuation.inputs import CURVE, OutlookInputs, SiliconInputs
from valuation.paths.dates import Dates
from valuation.records import of_paths
from valuation.stages.ladder import (
    RENT,
    Ladder,
    Landings,
    climb,
    expected_landings,
    landing_ladder,
    listed_quantities,
    order_groups,
    volumes_ahead,
)
from valuation.stages.market import market_levels
from valuation.timeline import CASE, SEGMENT, TIME, BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Roadmap:
    """Landings of a block of paths, listed at the as-of bound.

    Parameters
    ----------
    silicon : SiliconInputs
        Generations.
    outlook : OutlookInputs
        Path of the case.
    rents : (G, S, n)
        Entry rents of the generations [USD per unit-hour].
    slip : (G, n)
        Months by which each part still to land comes later than the outlook says.
    expected : (b, G, 1)
        What is expected of the slip at each bound from the as-of bound on, as long as the part has not landed.
    as_of : int
        As-of bound.
    horizon : int
        Months from it to the end of the grid, ``H``.
    paths : int
        Paths of the block, ``n``.
    """

    silicon: SiliconInputs
    outlook: OutlookInputs
    rents: FloatArray
    slip: FloatArray
    expected: FloatArray
    as_of: int
    horizon: int
    paths: int
    _known: dict[bytes, FloatArray] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def _bare(self) -> OutlookInputs:
        """Outlook without what presses on rents beside landings."""
        return replace(self.outlook, rivals=(), breakthroughs=())

    @cached_property
    def _due(self) -> BoolArray:
        """Parts that have yet to land at the as-of bound, shape (G, n or 1)."""
        return np.asarray(self.outlook.landing > self.as_of)

    @cached_property
    def _comes(self) -> FloatArray:
        """Bound at which each part lands, shape (G, n)."""
        return np.asarray(self.outlook.landing + self.outlook.delay + np.where(self._due, self.slip, 0.0))

    @cached_property
    def ladder(self) -> Ladder:
        """Landings as they come on each path."""
        return self.listed(self.outlook, np.where(self._due, self.slip, 0.0))

    def listed(self, outlook: OutlookInputs, slip: FloatArray) -> Ladder:
        """Ladder of landings that slip by some months, shape (G, n or 1)."""
        moved = replace(outlook, rivals=(), breakthroughs=(), delay=outlook.delay + slip)
        at = np.full(self.paths, float(self.as_of))
        return landing_ladder(self.silicon, moved, self.rents, at, self.horizon)

    @cached_property
    def _volumes(self) -> tuple[FloatArray, FloatArray]:
        """Log changes of rents, shape (H+1, S or 1, n), and of replacement costs since the as-of bound."""
        rent, cost = joined(self.ladder.rent_step), joined(self.ladder.cost_step)
        weight = np.concatenate([bearing(self.outlook, rent), -cost], axis=SEGMENT).astype(self.slip.dtype, copy=False)
        both = volumes_ahead(self.ladder, self._bare, weight, np.zeros(1), self.horizon)
        return both[:, : rent.shape[SEGMENT]], both[:, rent.shape[SEGMENT] :]

    @property
    def falls(self) -> FloatArray:
        """Log change of rents since the as-of bound by landings as they come, shape (H+1, S or 1, n)."""
        return self._volumes[0]

    @cached_property
    def replacement_cost(self) -> FloatArray:
        """Cost of a unit of service bought new [USD], shape (H+1, S or 1, n)."""
        now = market_levels(self.ladder, self._bare, np.array([[float(self.as_of)]])).replacement_cost
        return np.asarray(joined(now) * np.exp(self._volumes[1]))

    def awaited_falls(self, dates: Dates, horizon: int) -> tuple[IntArray, FloatArray]:
        """Log change of rents from a date on by landings as they are expected then, where any is still awaited.

        Elsewhere it is that of the landings as they come.

        Parameters
        ----------
        dates : Dates
            Dates and paths.
        horizon : int
            Months ahead, ``K``.

        Returns
        -------
        some : numpy.ndarray
            Which of the paths looked at await a landing, shape (k,).
        falls : numpy.ndarray
            Log change on those, shape (K+1, S or 1, k).
        """
        chosen = np.arange(self.paths) if dates.paths is None else dates.paths
        some = np.flatnonzero(np.broadcast_to(self._awaits(dates), chosen.shape))
        if not some.size:
            return some, np.zeros((horizon + 1, 1, 0), dtype=self.slip.dtype)
        bound = dates.bound[some] if isinstance(dates.bound, np.ndarray) else dates.bound
        return some, self._believed_falls(Dates(bound, chosen[some]), chosen[some], horizon)

    def _awaits(self, dates: Dates) -> BoolArray:
        """Whether a landing that moves rents is still to come on each path, shape (m,) or (1,)."""
        if not (self.slip.any() or self.expected.any()):
            return np.zeros(1, dtype=bool)
        moves = (self.silicon.sets_price[:, None] > 0) & self._due & (self.outlook.known_from <= self.as_of)
        due = dates.of(self._comes) > self.as_of + dates.bound
        return np.asarray((due & dates.of(moves)).any(axis=TIME))

    def _believed_falls(self, dates: Dates, paths: IntArray, horizon: int) -> FloatArray:
        """Log change of rents on paths (m,) on which a landing is awaited, shape (K+1, S or 1, m)."""
        outlook, bounds = self._bare.take(paths), np.broadcast_to(dates.bound, paths.shape)
        there = dates.of(self._comes) <= self.as_of + bounds
        row, column = np.minimum(bounds, len(self.expected) - 1), paths * (self.expected.shape[CASE] > 1)
        slip = np.where(there, dates.of(self.slip), self.expected[row, :, column].T)
        outlook = replace(outlook, delay=outlook.delay + np.where(dates.of(self._due), slip, 0.0))
        listed_at = np.full(len(paths), float(self.as_of))
        reach = min(int(bounds.max()) + horizon, self.horizon)
        landings = Landings(listed_at, *expected_landings(outlook, self.silicon.sets_price, listed_at, reach))
        weight = bearing(outlook, self._steps(landings, paths)).astype(self.slip.dtype, copy=False)
        after = np.atleast_1d(np.asarray(dates.bound, dtype=np.float64))
        return volumes_ahead(landings, outlook, weight, after, horizon)

    def _steps(self, landings: Landings, paths: IntArray) -> FloatArray:
        """Log fall of the entry rent at each landing on paths (m,), shape (L, S or 1, m)."""
        parts = len(self.silicon.priced)
        comes = (landings.landing + landings.delay)[:parts]
        order = np.argsort(np.ascontiguousarray(comes.T), axis=CASE, kind="stable").T
        listed = np.concatenate([order, np.isfinite(comes).sum(axis=TIME, keepdims=True)])
        count = len(landings.landing)
        steps = np.empty((count, self._listed.shape[SEGMENT], len(paths)))
        for key, columns in order_groups(listed):
            steps[..., columns] = of_paths(self._steps_in_order(key)[:count], paths[columns])
        return steps

    @cached_property
    def _listed(self) -> FloatArray:
        """Entry rents of the parts on the list, (1, L, S or 1, n); NaN for an unnamed one."""
        shape = self.ladder.landing.shape
        return joined(listed_quantities(self.silicon, self.rents, *shape)[RENT : RENT + 1])

    def _steps_in_order(self, listed: IntArray) -> FloatArray:
        """Log fall of the entry rent at each landing if named parts land in an order, shape (L, S or 1, n).

        The order comes first, then the number of parts that land at all (G+1,); unnamed ones follow.
        """
        if listed.tobytes() not in self._known:
            order, count = listed[:-1], int(listed[-1])
            rank = np.arange(float(self._listed.shape[1]))
            rank[order] = np.where(np.arange(len(order)) < count, np.arange(float(len(order))), np.inf)
            ranks = np.broadcast_to(rank[:, None], self._listed.shape[1::2])
            _, steps = climb(self._listed, ranks, np.zeros((1, 1)), self.outlook.generic_step)
            self._known[listed.tobytes()] = steps[RENT]
        return self._known[listed.tobytes()]


def bearing(outlook: OutlookInputs, step: FloatArray) -> FloatArray:
    """What steps of the entry rent (L, S, m) do to rents, in logs, shape (L, S, m)."""
    return np.where(outlook.mode != CURVE, -outlook.pass_through * step, 0.0)


def joined(levels: FloatArray) -> FloatArray:
    """Levels of the segments as one where all are the same.

    Parameters
    ----------
    levels : numpy.ndarray
        Shape (..., S, n).

    Returns
    -------
    numpy.ndarray
        Shape (..., S, n) or (..., 1, n).
    """
    one = levels[..., :1, :]
    return one if np.array_equal(np.broadcast_to(one, levels.shape), levels, equal_nan=True) else levels
