"""Rents along random paths, and what is expected of them at a date from what has happened by then.

A path is the deterministic path of its case, its landings slipped, its advances arrived, times the factors of chance.
What is expected at a date knows the state at that date: the level of the factors, the parts that have landed, the
advances that have come. It knows nothing of what the path does later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from valuation.calibration import generation_rents
from valuation.chance import Arrivals, Shocks
from valuation.engine import market_path
from valuation.inputs import CURVE, FrozenMarket, Inputs, OutlookInputs
from valuation.ladder import Ladder, landing_ladder
from valuation.market import branched_levels, landed_fall, market_levels, rent_changes
from valuation.pressures import BreakthroughInputs, expected_fall, read_ahead
from valuation.ramps import ramp
from valuation.timeline import CASE, TIME, FloatArray, IntArray

FIRST = np.array([0])
"""The first path."""
KEPT = ("anchor", "_rents", "_steady", "_landed", "rent", "earned")
"""Levels of the paths that need not be found again for some of them."""
LANDINGS = "landings"
"""Cause of log changes of rents that is the landings."""


@dataclass(frozen=True)
class Prospects:
    """Rents of a block of paths, from the as-of bound on.

    Parameters
    ----------
    inputs : Inputs
        The case, with a column for each path where assumptions are drawn.
    frozen : FrozenMarket
        Quantities of the base.
    shocks : Shocks
        What chance does to each path.
    """

    inputs: Inputs
    frozen: FrozenMarket
    shocks: Shocks

    @property
    def horizon(self) -> int:
        """Months from the as-of bound to the end of the grid, ``H``."""
        return self.inputs.timeline.forecast_periods

    @cached_property
    def anchor(self) -> FloatArray:
        """Rent at the as-of bound [USD per unit-hour], shape (S, n); the same for all paths where it was observed."""
        observed = not np.isnan(self.inputs.history.observed_rent).all(axis=TIME).any()
        alike = observed and self.inputs.history.observed_rent.shape[CASE] == 1
        inputs, frozen = self.inputs, self.frozen
        if alike and inputs.cases > 1:
            inputs, frozen = inputs.take(FIRST), frozen.take(FIRST)
        market, _ = market_path(inputs, frozen)
        return np.asarray(market.rent[inputs.timeline.as_of])

    @cached_property
    def _own(self) -> OutlookInputs:
        """Path of the case; advances whose arrivals are drawn come by no expected chance."""
        drawn = {each.name for each in self.shocks.arrivals}
        advances = tuple(
            replace(advance, rate=np.zeros(1)) if advance.name in drawn else advance
            for advance in self.inputs.path.breakthroughs
        )
        return replace(self.inputs.path, breakthroughs=advances)

    @cached_property
    def _rents(self) -> FloatArray:
        return generation_rents(self.inputs, self.frozen.planning_decline)

    def _ladder(self, outlook: OutlookInputs) -> Ladder:
        cases = max(self.inputs.cases, self.shocks.paths)
        at = np.full(cases, float(self.inputs.timeline.as_of))
        return landing_ladder(self.inputs.silicon, outlook, self._rents, at, self.horizon)

    @cached_property
    def ladder(self) -> Ladder:
        """Landings as they come on each path."""
        return self._ladder(self._slipped(self.shocks.slips.slip))

    def _slipped(self, slip: FloatArray) -> OutlookInputs:
        """Outlook of the paths with the parts still to land moved by some months, shape (G, n)."""
        due = self._own.landing > self.inputs.timeline.as_of
        return replace(self._own, delay=self._own.delay + np.where(due, slip, 0.0))

    @cached_property
    def _steady(self) -> FloatArray:
        """Log change of the rents since the as-of bound by everything but landings and chance, (H+1, S, n or 1)."""
        changes = rent_changes(self.ladder, self._own, scarcity=self.frozen.scarcity, horizon=self.horizon)
        changes.pop(LANDINGS)
        return np.asarray(sum(changes.values(), start=np.zeros((self.horizon + 1, 1, 1))))

    @cached_property
    def _landed(self) -> FloatArray:
        """Log change of the rents by landings as they come, shape (H+1, S, n)."""
        return self._falls(self.ladder, 0, self.horizon)

    def _falls(self, ladder: Ladder, at: int, horizon: int) -> FloatArray:
        """Log change of the rents by landings from a bound on, shape (K+1, S, n)."""
        time = self.inputs.timeline.as_of + at + np.arange(horizon + 1.0)[:, None]
        fall = landed_fall(ladder, self._own, time)
        return np.where(self._own.mode != CURVE, fall, 0.0)

    @cached_property
    def rent(self) -> FloatArray:
        """Market rent on each path [USD per unit-hour], shape (H+1, S, n)."""
        months = np.arange(self.horizon + 1.0)
        log = self._steady + self._landed
        for advance, arrived in self._advances():
            log = log + _arrived(advance, arrived, months)[:, None]
        noise = self.shocks.price.factor() * self.shocks.scarcity.factor()
        return np.asarray(self.anchor * np.exp(log) * noise[:, None])

    @cached_property
    def earned(self) -> FloatArray:
        """What the owner earns on the usual paid hours [USD per unit-hour], shape (H+1, S, n)."""
        sold = self._sold(0, self.horizon) * self.shocks.hours.factor()
        return np.asarray(self.rent * sold[:, None])

    def expected_earned(self, at: int, horizon: int) -> FloatArray:
        """What the owner is expected to earn by month ahead, given what has happened by a bound.

        Parameters
        ----------
        at : int
            Bound, counted from the as-of bound.
        horizon : int
            Months ahead, ``K``.

        Returns
        -------
        numpy.ndarray
            [USD per unit-hour], shape (K+1, S, n); its first row is what is earned at the bound.
        """
        log = self._steady[at : at + horizon + 1] - self._steady[at] + self._expected_landings(at, horizon)
        months = np.arange(at, at + horizon + 1.0)
        for advance, arrived in self._advances():
            known = replace(arrived, step=np.where(arrived.month <= at, arrived.step, 0.0))
            fall = _arrived(advance, known, months)
            undated = replace(advance, date=np.full(1, np.inf))
            log = log + (fall - fall[:1] - expected_fall(undated, np.zeros(1), horizon))[:, None]
        sold = self._sold(at, horizon) * self.shocks.hours.expected(at, horizon)
        for noise in (self.shocks.price, self.shocks.scarcity):
            ahead = noise.expected(at, horizon)
            sold = sold * (ahead / ahead[:1])
        return np.asarray(self.rent[at] * np.exp(log) * sold[:, None])

    def _expected_landings(self, at: int, horizon: int) -> FloatArray:
        """Log change of the rents by landings expected at a bound, shape (K+1, S, n)."""
        slips = self.shocks.slips
        if not (slips.slip.any() or slips.expected.any()):
            return np.asarray(self._landed[at : at + horizon + 1] - self._landed[at])
        now = self.inputs.timeline.as_of + at
        there = self._own.landing + self._own.delay + slips.slip <= now
        believed = np.where(there, slips.slip, slips.expected[min(at, len(slips.expected) - 1)])
        return self._falls(self._ladder(self._slipped(believed)), at, horizon)

    def _sold(self, at: int, horizon: int) -> FloatArray:
        """Share of the usual hours sold by month ahead without chance, shape (K+1, n or 1)."""
        bounds = self.inputs.timeline.as_of + at + np.arange(horizon + 1)[:, None]
        return read_ahead(self.inputs.path.sold, bounds)

    def _advances(self) -> list[tuple[BreakthroughInputs, Arrivals]]:
        """Advances whose arrivals are drawn."""
        arrived = {each.name: each for each in self.shocks.arrivals}
        listed = self.inputs.path.breakthroughs
        return [(advance, arrived[advance.name]) for advance in listed if advance.name in arrived]

    def replacement_cost(self, bound: IntArray) -> FloatArray:
        """Cost of a unit of service bought new on each path [USD], by bounds (K,) of the grid, shape (K, S, n)."""
        return market_levels(self.ladder, self._own, bound[:, None].astype(np.float64)).replacement_cost

    @cached_property
    def cost_when_bought(self) -> FloatArray:
        """Cost of a unit of service when each cohort entered service [USD], shape (C, S, n)."""
        as_of, outlook = self.inputs.timeline.as_of, self.inputs.outlook
        past, bound = self._ladder(outlook), self.inputs.fleet.in_service[:, None].astype(np.float64)
        return branched_levels((past, outlook), (self.ladder, self._own), bound, as_of).replacement_cost

    def dearer(self, at: int, horizon: int, share: FloatArray) -> FloatArray:
        """Operating cost expected by month ahead over that of the case, given the state at a bound.

        Parameters
        ----------
        at : int
            Bound, counted from the as-of bound.
        horizon : int
            Months ahead, ``K``.
        share : numpy.ndarray
            Share of electricity in the operating cost, shape (C, n).

        Returns
        -------
        numpy.ndarray
            Shape (K+1, C, n), or a single 1 where the price of electricity does not move.
        """
        if not self.shocks.moves_electricity:
            return np.ones((1, 1, 1))
        return np.asarray(1.0 + share * (self.shocks.electricity(at, horizon)[:, None] - 1.0))

    def take(self, paths: IntArray) -> Prospects:
        """Prospects of the chosen paths, shape (m,)."""
        taken = Prospects(self.inputs.take(paths), self.frozen.take(paths), self.shocks.take(paths))
        for name in KEPT:
            levels = getattr(self, name)
            taken.__dict__[name] = levels[..., paths] if levels.shape[CASE] > 1 else levels
        return taken


def _arrived(advance: BreakthroughInputs, arrived: Arrivals, months: FloatArray) -> FloatArray:
    """Log change of the rents by the advances that have arrived, by month after the as-of bound, shape (K, n)."""
    since = months[:, None, None] - arrived.month
    return -np.asarray((arrived.step * ramp(since, advance.ramp_midpoint, advance.ramp_width)).sum(axis=TIME + 1))
