"""Appraisal of the devices: their state at a date, their value at every bound, and when they retire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.devices import fleet as fleets
from valuation.devices.exchange import exchange_value, resale_value
from valuation.devices.value import DeviceState, value_along, value_from_state
from valuation.inputs import RESALE, FleetInputs, FrozenMarket, Inputs
from valuation.records import generation_rows
from valuation.results import Market, Placement
from valuation.stages.calibration import availability_of, generation_rents
from valuation.stages.ladder import landing_ladder
from valuation.stages.market import forward_rent, scarcity_of
from valuation.stages.placement import matters, value_on_sites
from valuation.stages.upkeep import net_scrap, running_cost
from valuation.timeline import CASE, COHORT, NEVER, TIME, BoolArray, FloatArray, IntArray


def device_state(inputs: Inputs, frozen: FrozenMarket, at: int, site: IntArray | None = None) -> DeviceState:
    """State of the devices of every cohort at a bound, and the terms they are valued on.

    Parameters
    ----------
    inputs : Inputs
        Fleet, silicon and terms.
    frozen : FrozenMarket
        Plans of calibrated cohorts.
    at : int
        Bound.
    site : numpy.ndarray, optional
        Site that each cohort stands on, shape (C,); its own if none is given.

    Returns
    -------
    DeviceState
        Arrays of shape (C, ...) with the case axis last.
    """
    owned, silicon, terms = inputs.fleet, inputs.silicon, inputs.terms
    calibrated = owned.calibrated[:, None] > 0
    entry = entry_rent_at(inputs, frozen, owned.in_service)
    service = silicon.delivered[owned.generation]
    relative = availability_of(silicon, owned.generation) / frozen.reference_availability
    of_plan = np.where(service > 0.0, frozen.plan_rent[:, None, :] / entry * relative, 0.0)
    coefficient = np.where(calibrated[:, None], of_plan, terms.paid_hours * service)
    running = running_cost(inputs, site)
    dearer = running / silicon.cost[owned.generation] / frozen.reference_upkeep
    operating = np.where(calibrated, frozen.plan_operating_cost * dearer, running)
    scrap = net_scrap(inputs, site)
    forced = np.where(owned.scheduled_retirement >= at, owned.scheduled_retirement - at, NEVER)
    return DeviceState(
        age=(at - owned.in_service)[:, None],
        rent_coefficient=coefficient,
        operating_cost=operating,
        scrap=scrap,
        failure_hazard=silicon.failure_hazard,
        age_efficiency=silicon.age_efficiency,
        generation=owned.generation,
        discount_factor=terms.discount_factor,
        physical_life=silicon.physical_life,
        forced_stop=forced[:, None],
        forced_value=np.where(np.isnan(owned.sale_value), scrap, owned.sale_value),
        stranding=silicon.stranding,
    )


def entry_rent_at(inputs: Inputs, frozen: FrozenMarket, bound: IntArray) -> FloatArray:
    """Entry rent of the market in the base, extended before the grid by the planning decline.

    Parameters
    ----------
    inputs : Inputs
        Timeline.
    frozen : FrozenMarket
        Entry rents of the base.
    bound : numpy.ndarray
        Bounds, shape (C,).

    Returns
    -------
    numpy.ndarray
        [USD per unit-hour], shape (C, S, n).
    """
    inside = frozen.market_entry_rent[np.clip(bound, 0, inputs.timeline.periods)]
    before = np.minimum(bound, 0)[:, None, None]
    return np.asarray(inside * np.exp(-frozen.planning_decline * before))


def values_in_use(
    inputs: Inputs, frozen: FrozenMarket, market: Market
) -> tuple[FloatArray, IntArray, Placement | None]:
    """Value in use per device, when the devices retire, and what becomes of their places.

    Before the as-of bound each value rests on what was known at its date; from it on, on the path of the case, a
    known future. Nothing retires in history but by schedule or by physical age.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    frozen : FrozenMarket
        Quantities of the base.
    market : Market
        Rents and entry rents of the cases.

    Returns
    -------
    value : numpy.ndarray
        [USD per device], zero before service, shape (T+1, C, n).
    retirement : numpy.ndarray
        Retirement bound, shape (C, n).
    placement : Placement or None
        Where some site is short of something or has devices that may move on.
    """
    as_of = inputs.timeline.as_of
    placement, past = None, _historical_values(inputs, frozen, market)
    if matters(inputs.sites):
        found = value_on_sites(inputs, market, lambda site: device_state(inputs, frozen, as_of, site))
        (in_use, stops), placement = _over_time(inputs, past, found[:2]), found[2]
    else:
        ahead = value_along(device_state(inputs, frozen, as_of), market.earned[as_of:])
        in_use, stops = _over_time(inputs, past, ahead)
    return in_use, _retirement(inputs, stops), placement


def _over_time(inputs: Inputs, past: FloatArray, ahead: tuple[FloatArray, BoolArray]) -> tuple[FloatArray, BoolArray]:
    """Values before the as-of bound and from it on as one array, zero before service, by curve where asked."""
    values, stops = ahead
    as_of, cases = inputs.timeline.as_of, max(past.shape[CASE], values.shape[CASE])
    joined = np.empty((inputs.timeline.periods + 1, values.shape[COHORT], cases))
    joined[:as_of], joined[as_of:] = past, values
    age = fleets.ages(inputs.fleet.in_service, len(joined))
    joined, stops = _resale_where_asked(inputs, joined, stops, age)
    return joined * (age[:, :, None] >= 0), stops


def undiscounted_flows(inputs: Inputs, frozen: FrozenMarket, market: Market, life: FloatArray) -> FloatArray:
    """Quasi-rents of a device over its remaining book life, added up without discount (ASC 360-10-35-29).

    The expectations are those behind value in use: at each date before the as-of bound what was known then, with the
    book life in force then; from it on the path of the case, with the life in force at the as-of bound.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    frozen : FrozenMarket
        Quantities of the base.
    market : Market
        Rents and entry rents of the cases.
    life : numpy.ndarray
        Book lives in force by period [months], shape (T, c, n).

    Returns
    -------
    numpy.ndarray
        [USD per device], zero before service, shape (T+1, C, n).
    """
    as_of, owned = inputs.timeline.as_of, inputs.fleet
    plain = replace(inputs, terms=replace(inputs.terms, discount_factor=np.ones(1)))
    ends = owned.in_service[:, None] + np.ceil(life).astype(np.int64)
    state = device_state(plain, frozen, as_of)
    left = np.maximum(ends[min(as_of, len(ends) - 1)] - as_of, 0)
    state = replace(state, forced_stop=np.minimum(state.forced_stop, left))
    ahead = value_along(state, market.earned[as_of:])
    flows, _ = _over_time(inputs, _historical_values(plain, frozen, market, ends), ahead)
    return flows


def _historical_values(
    inputs: Inputs, frozen: FrozenMarket, market: Market, ends: IntArray | None = None
) -> FloatArray:
    """Value at each bound before the as-of bound, from what was known then, shape (as_of, C, n).

    The dates become cases of one call, so the same recursion serves them all. Where ends (T, C, n) are given, the
    devices leave there at the latest.
    """
    as_of, cohorts = inputs.timeline.as_of, len(inputs.fleet.group)
    if as_of == 0:
        return np.empty((0, cohorts, 1))
    known = replace(inputs, path=inputs.outlook, ledgers=(), tax=None, fleet=_one_unit(inputs), frozen=frozen)
    cases = known.cases
    rows = np.tile(np.arange(cases), as_of)
    dates = np.repeat(np.arange(as_of), cases)
    spread = known.take(rows)
    spread_frozen = frozen.take(rows)
    rents = generation_rents(spread, spread_frozen.planning_decline)
    horizon = int(inputs.silicon.physical_life.max())
    ladder = landing_ladder(spread.silicon, spread.outlook, rents, dates.astype(np.float64), horizon)
    anchor = _at_dates(market.rent[:as_of], rows, dates)
    scarcity = scarcity_of(anchor, _at_dates(market.market_entry_rent[:as_of], rows, dates))
    forward = forward_rent(ladder, spread.outlook, anchor=anchor, scarcity=scarcity, horizon=horizon)
    state = device_state(spread, spread_frozen, 0)
    stop = np.full((1, 1), NEVER) if ends is None else np.maximum(_at_dates(ends, rows, dates) - dates, 0)
    state = replace(state, age=state.age + dates, forced_stop=stop)
    bound = dates + np.arange(horizon + 1)[:, None]
    value = value_from_state(state, forward * spread.outlook.expected_sold(dates, bound)[:, None])
    wide = np.broadcast_to(value, (cohorts, as_of * cases))
    return wide.reshape(cohorts, as_of, cases).swapaxes(0, 1)


def _one_unit(inputs: Inputs) -> FleetInputs:
    """Fleet with one unit a cohort: units do not bear on the value of a device."""
    return replace(inputs.fleet, units=np.ones((len(inputs.fleet.group), 1)))


def _at_dates(levels: NDArray[Any], rows: IntArray, dates: IntArray) -> NDArray[Any]:
    """Levels (B, S, n) read at one date and case each, shape (S, m)."""
    column = rows if levels.shape[CASE] > 1 else np.zeros_like(rows)
    return np.asarray(levels[dates, :, column].T)


def _resale_where_asked(
    inputs: Inputs, in_use: FloatArray, stops: BoolArray, age: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Replace values and stops by the age-price curve in the cases that run in resale mode."""
    as_of, owned, limit = inputs.timeline.as_of, inputs.fleet, inputs.silicon.physical_life
    before, after = inputs.outlook.mode == RESALE, inputs.path.mode == RESALE
    if not (before.any() or after.any()):
        return in_use, stops
    views = ((inputs.outlook, age[:as_of]), (inputs.path, age[as_of:]))
    curves = [resale_value(owned.cost, ages, view.age_price, view.sale_haircut, limit) for view, ages in views]
    cases = max(curve.shape[CASE] for curve in curves)
    curve = np.concatenate([np.broadcast_to(curve, (*curve.shape[:CASE], cases)) for curve in curves])
    late = (np.arange(len(age)) >= as_of)[:, None, None]
    asked = np.where(late, after, before)
    scheduled = np.arange(as_of, len(age))[:, None, None] >= owned.scheduled_retirement[:, None]
    leaves = (age[as_of:, :, None] >= limit) | scheduled
    return np.where(asked, curve, in_use), np.where(after, leaves, stops)


def _retirement(inputs: Inputs, stops: BoolArray) -> IntArray:
    """First bound from the as-of bound on at which a device in service stops, or the past one, shape (C, n)."""
    timeline, owned = inputs.timeline, inputs.fleet
    bound = np.arange(timeline.as_of, timeline.periods + 1)[:, None, None]
    counts = stops & (bound >= owned.in_service[:, None])
    first = timeline.as_of + np.argmax(counts, axis=TIME)
    ahead = np.where(counts.any(axis=TIME), first, NEVER)
    past = fleets.past_retirement(
        owned.in_service, owned.scheduled_retirement, inputs.silicon.physical_life, timeline.as_of
    )
    return np.asarray(np.minimum(ahead, past))


def values_in_exchange(
    inputs: Inputs, in_use: FloatArray, replacement_cost: FloatArray, cost_when_bought: FloatArray
) -> FloatArray:
    """Value in exchange per device: value in use, capped by what the same service costs new.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    in_use : numpy.ndarray
        Value in use [USD per device], shape (T+1, C, n).
    replacement_cost : numpy.ndarray
        Replacement cost of a unit of service [USD], shape (T+1, S, n).
    cost_when_bought : numpy.ndarray
        The same when each cohort entered service, shape (C, S, n).

    Returns
    -------
    numpy.ndarray
        [USD per device], zero before service, shape (T+1, C, n).
    """
    owned, terms = inputs.fleet, inputs.terms
    own = own_cost_per_unit(inputs, cost_when_bought)
    ratio = replacement_ratio(replacement_cost[:, None], own).max(axis=2) * earning_share(inputs)
    scrap = net_scrap(inputs)
    late = (np.arange(len(in_use)) >= inputs.timeline.as_of)[:, None, None]
    haircut = np.where(late, inputs.path.resale_haircut, inputs.outlook.resale_haircut)
    capped = exchange_value(in_use, scrap, owned.cost, ratio, terms.delivery_premium, haircut)
    by_curve = np.where(late, inputs.path.mode == RESALE, inputs.outlook.mode == RESALE)
    in_service = fleets.ages(owned.in_service, len(in_use))[:, :, None] >= 0
    return np.where(by_curve, in_use, capped) * in_service


def replacement_ratio(now: FloatArray, own: FloatArray) -> FloatArray:
    """What a unit of service costs new over what it cost in the part itself, at most 1.

    Parameters
    ----------
    now : numpy.ndarray
        Replacement cost of a unit of service [USD]; infinite where nobody can enter.
    own : numpy.ndarray
        Of `own_cost_per_unit`, broadcastable to it.

    Returns
    -------
    numpy.ndarray
        Broadcast shape; zero where the part does not serve.
    """
    able = np.isfinite(own)
    return np.where(able, np.minimum(1.0, now / np.where(able, own, 1.0)), 0.0)


def earning_share(inputs: Inputs) -> FloatArray:
    """Share of a full rent that the average device of each cohort still earns: nobody replaces a service that is gone.

    Parameters
    ----------
    inputs : Inputs
        Fleet and silicon.

    Returns
    -------
    numpy.ndarray
        Shape (T+1, C, n), or (1, 1, 1) where nothing is stranded.
    """
    table = inputs.silicon.stranding.earning
    if not inputs.silicon.stranding.strands:
        return table
    age = np.clip(fleets.ages(inputs.fleet.in_service, inputs.timeline.periods + 1), 0, len(table) - 1)
    return np.asarray(table[age, generation_rows(table, inputs.fleet.generation)])


def own_cost_per_unit(inputs: Inputs, cost_when_bought: FloatArray) -> FloatArray:
    """What a unit of service of each cohort costs new: its own part's, or the market's mix when it was bought.

    Measured against the mix, a part bought early in its ramp would seem to lose what only the mix loses, although the
    same part still costs the same.

    Parameters
    ----------
    inputs : Inputs
        Fleet and silicon.
    cost_when_bought : numpy.ndarray
        Replacement cost of a unit of service when each cohort entered service [USD], shape (C, S, n).

    Returns
    -------
    numpy.ndarray
        Shape (C, S, n); infinite in a segment the part cannot serve.
    """
    owned, silicon = inputs.fleet, inputs.silicon
    service = silicon.delivered[owned.generation]
    usable = service > 0.0
    per_unit = silicon.cost[owned.generation][:, None] / np.where(usable, service, 1.0)
    known = np.where(owned.calibrated[:, None, None] > 0, cost_when_bought, per_unit)
    return np.where(usable, known, np.inf)
