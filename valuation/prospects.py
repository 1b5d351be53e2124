"""Rents along random paths, and what is expected of them at a date from what has happened by then.

A path is the deterministic path of its case, its landings slipped, its advances arrived, times the factors of chance.
What is expected at a date knows the state at that date: the level of the factors, the parts that have landed, the
advances that have come. It knows nothing of what the path does later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from valuation.appraisal import device_state, own_cost_per_unit
from valuation.calibration import generation_rents
from valuation.chance import Arrivals, Shocks
from valuation.engine import market_path
from valuation.inputs import FrozenMarket, Inputs, OutlookInputs
from valuation.market import branched_levels, changes_beside_landings
from valuation.pressures import BreakthroughInputs, expected_fall, read_ahead
from valuation.ramps import ramp
from valuation.records import of_paths
from valuation.roadmap import SEGMENT, Roadmap, joined, levels_ahead
from valuation.timeline import CASE, TIME, FloatArray, IntArray
from valuation.upkeep import electric_share
from valuation.value import DeviceState, device_earnings

FIRST = np.array([0])
"""The first path."""
KEPT = ("anchor", "_rents", "_steady", "_rent")
"""Levels of the paths that need not be found again for some of them."""


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

    @cached_property
    def roadmap(self) -> Roadmap:
        """Landings on each path."""
        return Roadmap(
            silicon=self.inputs.silicon,
            outlook=self._own,
            rents=self._rents,
            slip=self.shocks.slips.slip,
            expected=self.shocks.slips.expected,
            as_of=self.inputs.timeline.as_of,
            horizon=self.horizon,
            paths=self.paths,
        )

    @cached_property
    def paths(self) -> int:
        """Number of paths, ``n``."""
        return max(self.inputs.cases, self.shocks.paths)

    @cached_property
    def _steady(self) -> FloatArray:
        """Log change of the rents since the as-of bound by all but landings and chance, (H+1, S or 1, n or 1)."""
        at = np.full(self.paths, float(self.inputs.timeline.as_of))
        changes = changes_beside_landings(self._own, at, scarcity=self.frozen.scarcity, horizon=self.horizon)
        return joined(np.asarray(sum(changes.values(), start=np.zeros((self.horizon + 1, 1, 1)))))

    @cached_property
    def _rent(self) -> FloatArray:
        """Market rent on each path [USD per unit-hour], shape (H+1, S or 1, n)."""
        months = np.arange(self.horizon + 1.0)
        log = self._steady + self.roadmap.falls
        for advance, arrived in self._advances():
            log = log + _arrived(advance, arrived, months)[:, None]
        noise = self.shocks.price.factor() * self.shocks.scarcity.factor()
        return np.asarray(joined(self.anchor) * np.exp(log) * noise[:, None])

    @property
    def earned(self) -> FloatArray:
        """What the owner earns on the usual paid hours [USD per unit-hour], shape (H+1, S, n)."""
        return np.broadcast_to(self._earned, (len(self._earned), self._segments, self._earned.shape[CASE]))

    @cached_property
    def _earned(self) -> FloatArray:
        """The same, one segment where all are alike, shape (H+1, S or 1, n)."""
        sold = self._sold(0, self.horizon) * self.shocks.hours.factor()
        return np.asarray(self._rent * sold[:, None])

    @property
    def rent(self) -> FloatArray:
        """Market rent on each path [USD per unit-hour], shape (H+1, S, n)."""
        return np.broadcast_to(self._rent, (len(self._rent), self._segments, self._rent.shape[CASE]))

    @property
    def _segments(self) -> int:
        return self.inputs.silicon.service.shape[1]

    def expected_earned(self, at: int | IntArray, horizon: int, paths: IntArray | None = None) -> FloatArray:
        """What the owner is expected to earn by month ahead, given what has happened by a bound.

        Parameters
        ----------
        at : int or numpy.ndarray
            Bound, counted from the as-of bound; one for each path where some are named, shape (m,).
        horizon : int
            Months ahead, ``K``.
        paths : numpy.ndarray, optional
            Paths looked at, shape (m,); all of them if None.

        Returns
        -------
        numpy.ndarray
            [USD per unit-hour], shape (K+1, S or 1, m), one segment where all are alike; its first row is what is
            earned at the bound.
        """
        ahead, shocks = levels_ahead(self._steady, at, horizon, paths), self.shocks
        log = self.roadmap.expected_falls(at, horizon, paths) + (ahead - ahead[:1])
        for advance, arrived in self._advances():
            log = log + self._expected_advance(advance, arrived, (at, paths), horizon)
        for noise in (shocks.price, shocks.scarcity):
            if not noise.stays:
                later = noise.expected_log(at, horizon, paths)
                log += (later - later[:1])[:, None]
        sold = self._sold(at, horizon, paths) * shocks.hours.expected(at, horizon, paths)
        earned = np.exp(log, out=log)
        earned *= levels_ahead(self._rent, at, 0, paths)
        earned *= sold[:, None]
        return earned

    def _expected_advance(
        self,
        advance: BreakthroughInputs,
        arrived: Arrivals,
        known: tuple[int | IntArray, IntArray | None],
        horizon: int,
    ) -> FloatArray:
        """Log change of the rents by an advance, those to come by what is expected of them, shape (K+1, 1, m)."""
        at, paths = known
        months = np.arange(horizon + 1.0)[:, None] + at
        came = Arrivals(arrived.name, of_paths(arrived.month, paths), of_paths(arrived.step, paths))
        came = replace(came, step=np.where(came.month <= at, came.step, 0.0))
        own = advance if paths is None else advance.take(paths)
        fall = _arrived(own, came, months)
        undated = replace(own, date=np.full(1, np.inf))
        return np.asarray((fall - fall[:1] - expected_fall(undated, np.zeros(1), horizon))[:, None])

    def _sold(self, at: int | IntArray, horizon: int, paths: IntArray | None = None) -> FloatArray:
        """Share of the usual hours sold by month ahead without chance, shape (K+1, m or 1)."""
        bounds = self.inputs.timeline.as_of + at + np.arange(horizon + 1)[:, None]
        return read_ahead(of_paths(self._share_sold, paths), bounds)

    @cached_property
    def _share_sold(self) -> FloatArray:
        return self.inputs.path.sold

    def _advances(self) -> list[tuple[BreakthroughInputs, Arrivals]]:
        """Advances whose arrivals are drawn."""
        arrived = {each.name: each for each in self.shocks.arrivals}
        listed = self.inputs.path.breakthroughs
        return [(advance, arrived[advance.name]) for advance in listed if advance.name in arrived]

    @cached_property
    def own_cost(self) -> FloatArray:
        """What a unit of service of each cohort costs new [USD], its own part's or the mix bought, shape (C, S, n)."""
        as_of, outlook = self.inputs.timeline.as_of, self.inputs.outlook
        past, bound = self.roadmap.listed(outlook, np.zeros(1)), self.inputs.fleet.in_service[:, None]
        sides = (past, outlook), (self.roadmap.ladder, self._own)
        bought = branched_levels(*sides, bound.astype(np.float64), as_of).replacement_cost
        return own_cost_per_unit(self.inputs, bought)

    @cached_property
    def devices(self) -> DeviceState:
        """Devices of all cohorts at the as-of bound, their running cost as it comes on each path."""
        state = device_state(self.inputs, self.frozen, self.inputs.timeline.as_of)
        if self._rent.shape[SEGMENT] == 1:
            state = replace(state, rent_coefficient=state.rent_coefficient.max(axis=SEGMENT, keepdims=True))
        share, row = self._electric
        if not self.shocks.moves_electricity:
            return state
        dearer = share * (self.shocks.electricity_now(self.horizon)[:, None] - 1.0) + 1.0
        return replace(state, dearer=dearer, dearer_row=row)

    @cached_property
    def _electric(self) -> tuple[FloatArray, IntArray]:
        """Share of electricity in running costs where it differs, (d, n), and the row of it for each cohort, (C,)."""
        share = electric_share(self.inputs)
        row = np.append(0, np.cumsum((share[1:] != share[:-1]).any(axis=1)))
        return share[np.flatnonzero(np.diff(row, prepend=-1))], row

    @cached_property
    def quasi_rent(self) -> tuple[FloatArray, IntArray]:
        """What devices bring in each month, by kind (H, k, n) [USD per device-month], and the kind of each cohort."""
        kind, months = self.devices.kinds, np.arange(self.horizon)[:, None, None]
        each = self.devices.of(np.flatnonzero(np.diff(kind, prepend=-1)))
        earned, spent = device_earnings(each, self._earned[:-1, None], months)
        return np.asarray(earned - spent), kind

    def dearer(
        self, at: int | IntArray, horizon: int, paths: IntArray | None = None, cohorts: IntArray | None = None
    ) -> FloatArray:
        """Operating cost expected by month ahead over that of the case, given the state at a bound.

        Parameters
        ----------
        at : int or numpy.ndarray
            Bound, counted from the as-of bound; one for each path where some are named, shape (m,).
        horizon : int
            Months ahead, ``K``.
        paths : numpy.ndarray, optional
            Paths looked at, shape (m,); all of them if None.
        cohorts : numpy.ndarray, optional
            The cohort looked at on each of those paths, shape (m,).

        Returns
        -------
        numpy.ndarray
            Shape (K+1, d, m), rows as in `devices` or one for the cohorts named; a single 1 where the price of
            electricity does not move.
        """
        if not self.shocks.moves_electricity:
            return np.ones((1, 1, 1))
        excess = self.shocks.electricity(at, horizon, paths)[:, None] - 1.0
        share, row = self._electric
        if cohorts is None:
            dearer = of_paths(share, paths) * excess
        else:
            dearer = np.broadcast_to(share, (len(share), self.paths))[row[cohorts], paths] * excess
        dearer += 1.0
        return dearer

    def take(self, paths: IntArray) -> Prospects:
        """Prospects of the chosen paths, shape (m,)."""
        taken = Prospects(self.inputs.take(paths), self.frozen.take(paths), self.shocks.take(paths))
        for name in KEPT:
            levels = getattr(self, name)
            taken.__dict__[name] = levels[..., paths] if levels.shape[CASE] > 1 else levels
        return taken


def _arrived(advance: BreakthroughInputs, arrived: Arrivals, months: FloatArray) -> FloatArray:
    """Log change of the rents by the advances that have arrived, by month after the as-of bound (K,) or (K, n), (K, n)."""
    since = np.reshape(months, (len(months), 1, -1)) - arrived.month
    return -np.asarray((arrived.step * ramp(since, advance.ramp_midpoint, advance.ramp_width)).sum(axis=TIME + 1))
