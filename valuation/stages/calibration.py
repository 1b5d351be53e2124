"""What is measured once, in the base, and then held fixed: planning decline, scarcity, plans of calibrated cohorts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import elementwise

from valuation.devices.value import DeviceState, never_forced, value_from_state
from valuation.errors import NoSolutionError
from valuation.inputs import PLAN_FLAT, PLAN_HINDSIGHT, RESALE, FrozenMarket, Inputs, SiliconInputs
from valuation.records import of_generations
from valuation.silicon.stranding import Stranding
from valuation.stages.entry import entry_rent, plan_rent, survivors_by_age
from valuation.stages.ladder import Ladder, landing_ladder
from valuation.stages.market import fill_history, forward_rent, market_levels, scarcity_of
from valuation.stages.upkeep import running_cost
from valuation.timeline import CASE, MONTHS_PER_YEAR, TIME, FloatArray, IntArray

DECLINE_LOW = -0.05
"""Lower end of the range searched for the planning decline [log per month]."""
DECLINE_HIGH = 0.15
"""Upper end of that range [log per month]."""


def generation_rents(inputs: Inputs, planning_decline: FloatArray) -> FloatArray:
    """Entry rents of the generations under the terms of the inputs.

    Parameters
    ----------
    inputs : Inputs
        Silicon and terms.
    planning_decline : numpy.ndarray
        Planned decline of rents [log per month], shape (n,).

    Returns
    -------
    numpy.ndarray
        Entry rent [USD per unit-hour], shape (G, S, n).
    """
    terms = inputs.terms
    return entry_rent(
        inputs.silicon,
        planning_decline=planning_decline,
        planning_life=terms.planning_life,
        discount_factor=terms.discount_factor,
        paid_hours=terms.paid_hours,
        scrap_share=terms.scrap_share,
    )


def base_ladder(inputs: Inputs, rents: FloatArray) -> Ladder:
    """Landings as seen in the base at the as-of bound, as far as a device bought then or the grid reaches.

    Parameters
    ----------
    inputs : Inputs
        Silicon and outlook.
    rents : numpy.ndarray
        Entry rents of the generations, shape (G, S, n).

    Returns
    -------
    Ladder
        For each case.
    """
    at = np.full(inputs.cases, float(inputs.timeline.as_of))
    horizon = max(inputs.timeline.forecast_periods, int(inputs.silicon.physical_life.max()))
    return landing_ladder(inputs.silicon, inputs.outlook, rents, at, horizon)


def entrant_value(inputs: Inputs, planning_decline: FloatArray, *, may_stop: bool = True) -> FloatArray:
    """Value over cost of a new frontier device at the as-of bound, bought at the market's entry rent, zero scarcity.

    Parameters
    ----------
    inputs : Inputs
        The base.
    planning_decline : numpy.ndarray
        Planned decline of rents [log per month], shape (n,).
    may_stop : bool
        Whether the owner may stop early.

    Returns
    -------
    numpy.ndarray
        Value in use over cost, shape (n,).
    """
    rents = generation_rents(inputs, planning_decline)
    ladder = base_ladder(inputs, rents)
    now = np.array([[float(inputs.timeline.as_of)]])
    entry = market_levels(ladder, inputs.outlook, now).entry_rent[0]
    # A segment that no part can enter has no entry rent, and the entrant earns nothing there.
    anchor = np.where(np.isfinite(entry), entry, 0.0)
    horizon = int(inputs.silicon.physical_life.max())
    path = forward_rent(ladder, inputs.outlook, anchor=anchor, scarcity=np.zeros_like(anchor), horizon=horizon)
    frontier = frontier_generation(inputs, rents)
    state = new_device_state(inputs, frontier)
    cost = np.take_along_axis(np.broadcast_to(inputs.silicon.cost, (len(rents), frontier.size)), frontier[None], 0)
    value = value_from_state(state, path, may_stop=may_stop)
    return np.asarray((value / cost)[0])


def frontier_generation(inputs: Inputs, rents: FloatArray) -> IntArray:
    """Landed, priced, price-setting generation with the lowest entry rent in each case.

    Parameters
    ----------
    inputs : Inputs
        The base.
    rents : numpy.ndarray
        Entry rents of the generations, shape (G, S, n).

    Returns
    -------
    numpy.ndarray
        Generation, shape (n,).
    """
    landed = (inputs.outlook.landing <= inputs.timeline.as_of) & (inputs.silicon.sets_price[:, None] > 0)
    lowest = np.where(landed, rents.min(axis=1), np.inf)
    return np.asarray(np.argmin(np.broadcast_to(lowest, (len(lowest), inputs.cases)), axis=TIME))


def new_device_state(inputs: Inputs, generation: IntArray) -> DeviceState:
    """State of one new device, of a given generation in each case.

    Parameters
    ----------
    inputs : Inputs
        Silicon and terms.
    generation : numpy.ndarray
        Generation of the device in each case, shape (n,).

    Returns
    -------
    DeviceState
        With one cohort.
    """
    silicon, terms = inputs.silicon, inputs.terms
    cases = generation.size
    column = np.arange(cases)

    def pick(table: FloatArray) -> FloatArray:
        wide = np.broadcast_to(table, (*table.shape[:CASE], cases))
        return np.asarray(wide[generation, ..., column])

    def pick_by_age(table: FloatArray) -> FloatArray:
        if table.shape[1] == 1:
            return table
        wide = np.broadcast_to(table, (*table.shape[:CASE], cases))
        return np.asarray(wide[:, generation, column])[:, None, :]

    forced_stop, forced_value = never_forced(1)
    return DeviceState(
        age=np.zeros((1, 1), dtype=np.int64),
        rent_coefficient=(terms.paid_hours * pick(silicon.delivered).T)[None],
        operating_cost=pick(silicon.operating_cost)[None],
        scrap=terms.scrap_share * pick(silicon.cost)[None],
        failure_hazard=pick_by_age(silicon.failure_hazard),
        age_efficiency=pick_by_age(silicon.age_efficiency),
        generation=np.zeros(1, dtype=np.int64),
        discount_factor=terms.discount_factor,
        physical_life=silicon.physical_life,
        forced_stop=forced_stop,
        forced_value=forced_value,
        stranding=Stranding(pick_by_age(silicon.serving), pick_by_age(silicon.legacy), silicon.legacy_rent),
    )


def break_even_decline(inputs: Inputs) -> FloatArray:
    """Planning decline at which an entrant at the entry rent is worth its cost on the base path.

    Parameters
    ----------
    inputs : Inputs
        The base; cases whose terms already carry a planning decline keep it.

    Returns
    -------
    numpy.ndarray
        Decline [log per month], shape (n,).

    Raises
    ------
    NoSolutionError
        If no decline in the range searched does it; the message gives the values at its ends.
    """
    cases = np.arange(inputs.cases)
    given = np.broadcast_to(inputs.terms.planning_decline, (inputs.cases,))
    wanted = np.isnan(given) & (np.broadcast_to(inputs.outlook.mode, (inputs.cases,)) != RESALE)
    decline = np.where(np.isnan(given), 0.0, given)
    if not wanted.any():
        return decline

    def excess(trial: FloatArray, case: FloatArray) -> FloatArray:
        chosen = np.atleast_1d(case).astype(np.int64)
        value = entrant_value(inputs.take(chosen), np.atleast_1d(trial))
        return np.asarray(np.broadcast_to(value, chosen.shape) - 1.0).reshape(np.shape(trial))

    solve = cases[wanted].astype(np.float64)
    low, high = np.full(solve.size, DECLINE_LOW), np.full(solve.size, DECLINE_HIGH)
    found = elementwise.find_root(excess, (low, high), args=(solve,))
    if not np.all(found.success):
        failed = solve[~np.asarray(found.success)][:1]
        ends = [(MONTHS_PER_YEAR * end, excess(np.array([end]), failed)[0] + 1.0) for end in (low[0], high[0])]
        tried = " and ".join(f"{value:.3f} at {end:.2f} log per year" for end, value in ends)
        told = f"no planning decline makes an entrant worth its cost: value over cost is {tried}"
        raise NoSolutionError(told, case=int(failed[0]))
    decline[wanted] = found.x
    return decline


def freeze(inputs: Inputs) -> FrozenMarket:
    """Measure in the base what scenarios and paths share.

    Parameters
    ----------
    inputs : Inputs
        The base (or a stack of bases).

    Returns
    -------
    FrozenMarket
        Planning decline, scarcity at the as-of bound, entry rent of the market on the base path, plans of calibrated
        cohorts.
    """
    decline = break_even_decline(inputs)
    rents = generation_rents(inputs, decline)
    ladder = base_ladder(inputs, rents)
    bounds = np.arange(inputs.timeline.periods + 1.0)[:, None]
    levels = market_levels(ladder, inputs.outlook, bounds)
    as_of = inputs.timeline.as_of
    seen, entry_seen = fill_history(inputs.history.observed_rent, levels.entry_rent[: as_of + 1], decline)
    market_entry = np.concatenate([entry_seen, levels.entry_rent[as_of + 1 :]])
    scarcity = scarcity_of(seen[-1], market_entry[as_of])
    path = forward_rent(
        ladder,
        inputs.outlook,
        anchor=seen[-1],
        scarcity=scarcity,
        horizon=inputs.timeline.forecast_periods,
    )
    rent = np.concatenate([seen, path[1:]])
    bought = market_levels(ladder, inputs.outlook, inputs.fleet.in_service[:, None].astype(np.float64))
    level, upkeep = _plans(inputs, _planned_relative(inputs, decline, rent, market_entry), bought.upkeep[:, 0])
    reference = running_cost(inputs) / inputs.silicon.cost[inputs.fleet.generation]
    beyond, available = life_beyond_plan(inputs, decline), availability_of(inputs.silicon, inputs.fleet.generation)
    return FrozenMarket(decline, scarcity, market_entry, level, upkeep, reference, beyond, available)


def availability_of(silicon: SiliconInputs, generation: IntArray) -> FloatArray:
    """Availability of the part of each cohort by segment, shape (C, s, n); one row where parts do not differ."""
    return np.asarray(silicon.availability[generation] if len(silicon.availability) > 1 else silicon.availability)


def _plans(inputs: Inputs, relative: FloatArray, upkeep: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rent and operating cost per USD of the calibrated cohorts, fixed at purchase, shape (C, n) each."""
    silicon, terms, generation = inputs.silicon, inputs.terms, inputs.fleet.generation
    level = plan_rent(
        cost=np.ones_like(upkeep),
        operating_cost=upkeep,
        scrap=np.broadcast_to(terms.scrap_share, upkeep.shape),
        survivors=of_generations(survivors_by_age(silicon.failure_hazard), generation),
        service_by_age=of_generations(silicon.age_efficiency, generation) * relative,
        discount_factor=terms.discount_factor,
        planning_life=terms.planning_life,
        stranding=Stranding(
            of_generations(silicon.serving, generation), of_generations(silicon.legacy, generation), silicon.legacy_rent
        ),
    )
    calibrated = inputs.fleet.calibrated[:, None] > 0
    return np.where(calibrated, level, 0.0), np.where(calibrated, upkeep, 0.0)


def _planned_relative(inputs: Inputs, decline: FloatArray, rent: FloatArray, entry_rent: FloatArray) -> FloatArray:
    """Rent relative to the start of the plan by age, (A, C, n): declining, flat, or as it came."""
    ages = np.arange(inputs.silicon.age_efficiency.shape[TIME])[:, None]
    bound = ages + inputs.fleet.in_service
    came = _extended(rent, entry_rent, decline, bound)
    start = _extended(rent, entry_rent, decline, inputs.fleet.in_service[None])
    fall = np.exp(-decline * ages[:, :, None])
    plan = inputs.terms.plan
    return np.where(plan == PLAN_HINDSIGHT, came / start, np.where(plan == PLAN_FLAT, 1.0, fall))


def _extended(rent: FloatArray, entry_rent: FloatArray, decline: FloatArray, bound: IntArray) -> FloatArray:
    """Rent of the first segment at bounds (A, C), before the grid the entry rent raised by the decline, (A, C, n)."""
    inside: FloatArray = rent[np.clip(bound, 0, len(rent) - 1), 0]
    before = entry_rent[0, 0] * np.exp(-decline * np.minimum(bound, 0)[:, :, None])
    return np.where(bound[:, :, None] < 0, before, inside)


def with_frozen(inputs: Inputs, frozen: FrozenMarket) -> Inputs:
    """Inputs that carry the frozen quantities of a base.

    Parameters
    ----------
    inputs : Inputs
        A case.
    frozen : FrozenMarket
        Measured in its base, arrays of shape (..., n) or (..., 1).
    """
    return replace(inputs, frozen=frozen)


def life_beyond_plan(inputs: Inputs, planning_decline: FloatArray) -> FloatArray:
    """What the freedom to stop early or to run beyond the planned life adds to a new frontier device on its own plan.

    Parameters
    ----------
    inputs : Inputs
        Silicon and terms.
    planning_decline : numpy.ndarray
        Planned decline of rents [log per month], shape (n,).

    Returns
    -------
    numpy.ndarray
        Excess of value over cost, as a share of cost, shape (n,).
    """
    rents = generation_rents(inputs, planning_decline)
    frontier = frontier_generation(inputs, rents)
    column = np.arange(frontier.size)
    start = np.broadcast_to(rents, (*rents.shape[:CASE], frontier.size))[frontier, :, column].T
    usable = np.where(np.isfinite(start), start, 0.0)
    months = np.arange(float(inputs.silicon.physical_life.max()) + 1.0)[:, None, None]
    value = value_from_state(new_device_state(inputs, frontier), usable * np.exp(-planning_decline * months))
    cost = np.broadcast_to(inputs.silicon.cost, (len(rents), frontier.size))[frontier, column]
    return np.asarray(value[0] / cost - 1.0)
