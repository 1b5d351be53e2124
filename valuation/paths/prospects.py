"""Rents along random paths, and what is expected of them at a date from what has happened by then.

A path is the deterministic path of its case, its landings slipped, its advances arrived, times the factors of chance.
What is expected at a date knows the state at that date: the level of the factors, the parts that have landed, the
advances that have come. It knows nothing of what the path does later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from valuation.devices.value import DeviceState, device_earnings
from valuation.engine import market_path
from valuation.inputs import FrozenMarket, Inputs, OutlookInputs
from valuation.paths.chance import Arrivals, Noise, Shocks
from valuation.paths.dates import Dates
from valuation.paths.newmodels import PathWork
from valuation.paths.roadmap import Roadmap, joined
from valuation.precision import in_precision
from valuation.records import of_paths
from valuation.silicon.pressures import BreakthroughInputs, expected_fall, read_ahead
from valuation.silicon.ramps import ramp
from valuation.stages.appraisal import device_state, own_cost_per_unit
from valuation.stages.calibration import generation_rents
from valuation.stages.market import changes_beside_landings, fill_history, market_levels
from valuation.stages.upkeep import electric_share
from valuation.timeline import CASE, SEGMENT, TIME, FloatArray, IntArray

MONTHS_AT_ONCE = 16
"""Months of rents that are found together, few enough for what is on the way to them to stay in cache."""


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
    books : dict of (T+1, C, n or 1), optional
        Carrying amount of a unit of each cohort by ledger, where it is known already.
    """

    inputs: Inputs
    frozen: FrozenMarket
    shocks: Shocks
    books: dict[str, FloatArray] | None = None

    @property
    def horizon(self) -> int:
        """Months from the as-of bound to the end of the grid, ``H``."""
        return self.inputs.timeline.forecast_periods

    @property
    def precision(self) -> np.dtype[Any]:
        """Precision of rents and of what is expected of them, that of the shocks; books and cash are double."""
        return self.shocks.price.state.dtype

    def _in_precision(self, levels: FloatArray) -> FloatArray:
        return np.asarray(levels, dtype=self.precision)

    @cached_property
    def anchor(self) -> FloatArray:
        """Rent at the as-of bound [USD per unit-hour], shape (S, n); the same for all paths where it was observed."""
        observed = self.inputs.history.observed_rent
        if observed.shape[CASE] == 1 and not np.isnan(observed).all(axis=TIME).any():
            # What was observed stands for itself, whatever it costs to enter.
            seen, _ = fill_history(observed, np.ones_like(observed), np.zeros(1))
            return np.asarray(seen[-1])
        market, _ = market_path(self.inputs, self.frozen)
        return np.asarray(market.rent[self.inputs.timeline.as_of])

    @cached_property
    def _outlook(self) -> OutlookInputs:
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
        silicon, rents = self.inputs.silicon, joined(self._rents)
        if rents.shape[SEGMENT] == joined(silicon.delivered).shape[SEGMENT] == 1:
            silicon = replace(silicon, service=silicon.service[:, :1], availability=silicon.availability[:, :1])
        else:
            rents = self._rents
        return Roadmap(
            silicon=silicon,
            outlook=self._outlook,
            rents=rents,
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
        changes = changes_beside_landings(self._outlook, at, scarcity=self.frozen.scarcity, horizon=self.horizon)
        return self._in_precision(joined(sum(changes.values(), start=np.zeros((self.horizon + 1, 1, 1)))))

    @cached_property
    def _rent(self) -> FloatArray:
        """Market rent on each path [USD per unit-hour], shape (H+1, S or 1, n)."""
        months = np.arange(self.horizon + 1.0)
        log = self._moved
        for advance, arrived in self._advances():
            log = log + self._in_precision(_arrived(advance, arrived, months))[:, None]
        noise = self.shocks.price.factor() * self.shocks.scarcity.factor()
        rent = self._in_precision(joined(self.anchor)) * np.exp(log)
        rent *= noise[:, None]
        return np.asarray(rent)

    @property
    def earned(self) -> FloatArray:
        """What the owner earns on the usual paid hours [USD per unit-hour], shape (H+1, S, n)."""
        return np.broadcast_to(self._earned, (len(self._earned), self._segments, self._earned.shape[CASE]))

    @cached_property
    def _earned(self) -> FloatArray:
        """The same, one segment where all are alike, shape (H+1, S or 1, n)."""
        sold = self._sold(Dates(0), self.horizon) * self.shocks.hours.factor()
        return np.asarray(self._rent * sold[:, None])

    @property
    def rent(self) -> FloatArray:
        """Market rent on each path [USD per unit-hour], shape (H+1, S, n)."""
        return np.broadcast_to(self._rent, (len(self._rent), self._segments, self._rent.shape[CASE]))

    @property
    def _segments(self) -> int:
        return int(self.inputs.silicon.service.shape[1])

    def expected_earned(self, dates: Dates, horizon: int) -> FloatArray:
        """What the owner is expected to earn by month ahead, given what has happened by a date.

        Parameters
        ----------
        dates : Dates
            Dates and paths.
        horizon : int
            Months ahead, ``K``.

        Returns
        -------
        numpy.ndarray
            [USD per unit-hour], shape (K+1, S or 1, m), one segment where all are alike; its first row is what is
            earned at the date.
        """
        awaited = self.roadmap.awaited_falls(dates, horizon)
        advances = [self._expected_advance(*each, dates, horizon) for each in self._advances()]
        sold, now = self._sold(dates, horizon), dates.ahead(self._rent, range(1))
        known, begins = self._known(dates), self._begins(dates)
        segments = max(part.shape[SEGMENT] for part in (now, self._moved, awaited[1]))
        shape = (horizon + 1, segments, dates.count(self.paths))
        earned = np.empty(shape, dtype=self.precision)
        for start in range(0, horizon + 1, MONTHS_AT_ONCE):
            ahead = range(start, min(start + MONTHS_AT_ONCE, horizon + 1))
            rows = slice(ahead.start, ahead.stop)
            log = earned[rows]
            self._changes(log, dates, ahead, awaited, begins)
            for advance in advances:
                log += advance[rows]
            for noise, state, log_now in known:
                change = noise.expected_log(dates, state, ahead)
                change -= log_now
                log += change[:, None]
            hours = self.shocks.hours.expected(dates, ahead)
            np.exp(log, out=log)
            log *= now
            log *= (sold[rows] * hours)[:, None]
        return earned

    def _begins(self, dates: Dates) -> tuple[FloatArray, FloatArray]:
        """Log changes of the rents by the dates, by all but chance and advances: of all paths, and without landings."""
        return dates.ahead(self._moved, range(1)), dates.ahead(self._steady, range(1))

    def _changes(
        self,
        log: FloatArray,
        dates: Dates,
        ahead: range,
        awaited: tuple[IntArray, FloatArray],
        begins: tuple[FloatArray, FloatArray],
    ) -> None:
        """Set the log change of the rents in some months ahead (k, S or 1, m) by all but chance and advances."""
        (some, falls), (moved, steady) = awaited, begins
        beside = log.shape[CASE] > len(some)
        if beside:
            log[...] = dates.ahead(self._moved, ahead) - moved
        if some.size:
            change = of_paths(dates.ahead(self._steady, ahead) - steady, some) + falls[ahead.start : ahead.stop]
            log[..., some if beside else slice(None)] = change

    def _known(self, dates: Dates) -> list[tuple[Noise, tuple[FloatArray, FloatArray], FloatArray]]:
        """Factors on rents that fade, what is known of each at the dates, and their logs then."""
        fading = [noise for noise in (self.shocks.price, self.shocks.scarcity) if not noise.stays]
        known = [(noise, noise.known(dates)) for noise in fading]
        return [(noise, state, noise.expected_log(dates, state, range(1))) for noise, state in known]

    @cached_property
    def _moved(self) -> FloatArray:
        """Log change of the rents since the as-of bound by all but chance and advances, (H+1, S or 1, n)."""
        return np.asarray(self._steady + self.roadmap.falls)

    def _expected_advance(
        self, advance: BreakthroughInputs, arrived: Arrivals, dates: Dates, horizon: int
    ) -> FloatArray:
        """Log change of the rents by an advance, those to come by what is expected of them, shape (K+1, 1, m)."""
        months = np.arange(horizon + 1.0)[:, None] + dates.bound
        came = Arrivals(arrived.name, dates.of(arrived.month), dates.of(arrived.step))
        came = replace(came, step=np.where(came.month <= dates.bound, came.step, 0.0))
        own = advance if dates.paths is None else advance.take(dates.paths)
        fall = _arrived(own, came, months)
        undated = replace(own, date=np.full(1, np.inf))
        return self._in_precision((fall - fall[:1] - expected_fall(undated, np.zeros(1), horizon))[:, None])

    def _sold(self, dates: Dates, horizon: int) -> FloatArray:
        """Share of the usual hours sold by month ahead without chance, shape (K+1, m or 1)."""
        bounds = self.inputs.timeline.as_of + dates.bound + np.arange(horizon + 1)[:, None]
        return read_ahead(dates.of(self._share_sold), bounds)

    @cached_property
    def _share_sold(self) -> FloatArray:
        return self._in_precision(self.inputs.path.sold)

    def _advances(self) -> list[tuple[BreakthroughInputs, Arrivals]]:
        """Advances whose arrivals are drawn."""
        arrived = {each.name: each for each in self.shocks.arrivals}
        listed = self.inputs.path.breakthroughs
        return [(advance, arrived[advance.name]) for advance in listed if advance.name in arrived]

    @cached_property
    def replacement_cost(self) -> FloatArray:
        """Cost of a unit of service bought new [USD], shape (H+1, S or 1, n); at the as-of bound as the base has it."""
        ahead, as_of = self.roadmap.replacement_cost, np.array([[float(self.inputs.timeline.as_of)]])
        now = joined(self._past_cost(as_of))
        shape = (len(ahead) - 1, *np.broadcast_shapes(now.shape[1:], ahead.shape[1:]))
        return np.concatenate([np.broadcast_to(now, (1, *shape[1:])), np.broadcast_to(ahead[1:], shape)])

    def _past_cost(self, bounds: FloatArray) -> FloatArray:
        """Cost of a unit of service bought new at bounds up to the as-of bound, which paths share, (K, S, n)."""
        past = self.roadmap.listed(self.inputs.outlook, np.zeros(1))
        return market_levels(past, self.inputs.outlook, bounds).replacement_cost

    @cached_property
    def own_cost(self) -> FloatArray:
        """What a unit of service of each cohort costs new [USD], its own part's or the mix bought, shape (C, S, n)."""
        owned, as_of, ahead = self.inputs.fleet, self.inputs.timeline.as_of, self.replacement_cost
        mixed = np.flatnonzero(owned.calibrated > 0)
        before, after = mixed[owned.in_service[mixed] <= as_of], mixed[owned.in_service[mixed] > as_of]
        bought = np.ones((len(owned.group), ahead.shape[SEGMENT], self.paths))
        later = np.minimum(owned.in_service[after] - as_of, self.horizon)
        bought[after] = ahead[later]
        if before.size:
            cost = self._past_cost(owned.in_service[before, None].astype(np.float64))
            bought = np.array(np.broadcast_to(bought, (len(bought), self._segments, self.paths)))
            bought[before] = cost
        return own_cost_per_unit(self.inputs, bought)

    @cached_property
    def devices(self) -> DeviceState:
        """Devices of all cohorts at the as-of bound, their running cost as it comes on each path."""
        state = device_state(self.inputs, self.frozen, self.inputs.timeline.as_of)
        if self._rent.shape[SEGMENT] == 1:
            state = replace(state, rent_coefficient=state.rent_coefficient.max(axis=SEGMENT, keepdims=True))
        if self.shocks.moves_electricity:
            now = self.shocks.electricity_now(self.horizon)
            state = replace(state, electric_share=electric_share(self.inputs), electricity=now)
        return in_precision(state, self.precision)

    @cached_property
    def work(self) -> PathWork:
        """Work that new models leave the devices."""
        return PathWork(self.inputs, self.shocks.strandings, self.precision)

    @cached_property
    def quasi_rent(self) -> tuple[FloatArray, IntArray]:
        """What devices bring in each month, by kind (H, k, n) [USD per device-month], and the kind of each cohort."""
        kind, rent = self.devices.kinds, self._earned[:-1, None]
        each = self.devices.of(np.flatnonzero(np.diff(kind, prepend=-1)))
        found = np.empty((self.horizon, int(kind.max()) + 1, self.paths), dtype=self.precision)
        for start in range(0, self.horizon, MONTHS_AT_ONCE):
            months = np.arange(start, min(start + MONTHS_AT_ONCE, self.horizon))
            working = self.work.shares(np.arange(len(kind)), months) if self.work.strands else None
            earned, spent = device_earnings(each, rent[months[0] : months[-1] + 1], months[:, None, None], working)
            np.subtract(earned, spent, out=found[months[0] : months[-1] + 1])
        return found, kind


def _arrived(advance: BreakthroughInputs, arrived: Arrivals, months: FloatArray) -> FloatArray:
    """Log change of the rents by the advances that have arrived, by month after the as-of bound, shape (K, n)."""
    since = np.reshape(months, (len(months), 1, -1)) - arrived.month
    return -np.asarray((arrived.step * ramp(since, advance.ramp_midpoint, advance.ramp_width)).sum(axis=TIME + 1))
