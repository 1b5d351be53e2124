"""Intermediate figures of one case, for readers that lay the whole chain open: plans, ladder, rents, devices."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from valuation.analysis.steps import LadderRows, PlanSums, TermsOf, Workings
from valuation.devices.fleet import latest_retirement, past_retirement
from valuation.devices.value import device_earnings, device_rent
from valuation.engine import market_path, utilisation_path
from valuation.inputs import RESALE, STRUCTURAL, FrozenMarket, Inputs, OutlookInputs
from valuation.results import Market, Placement, Results
from valuation.silicon.ramps import ramp_start
from valuation.silicon.stranding import plan_years
from valuation.stages.appraisal import device_state, entry_rent_at, own_cost_per_unit
from valuation.stages.calibration import generation_rents
from valuation.stages.entry import entry_plan, survivors_by_age
from valuation.stages.flows import flows_ahead
from valuation.stages.ladder import COST, RENT, UPKEEP, Ladder, landing_ladder, listed_quantities, volume_share
from valuation.stages.market import Levels, first_observation, market_levels, rent_changes
from valuation.timeline import CASE, NEVER, TIME, FloatArray, IntArray

FOLLOWED_BY_FORMULAS = ("drift", "scarcity", "landings")
"""Causes of rents that a reader can follow from the inputs; the others come as series."""


def workings(results: Results, case: int, landings: int) -> Workings:
    """Lay open how one case came about.

    Parameters
    ----------
    results : Results
        A stack, its base first.
    case : int
        Position on the case axis.
    landings : int
        Unnamed landings to list; those beyond the horizon move nothing.

    Returns
    -------
    Workings
        Arrays without a case axis.
    """
    base, chosen = (results.inputs.take(np.array([which])) for which in (0, case))
    frozen = chosen.frozen
    assert frozen is not None  # results carry what was measured in their base
    first, base_plan, base_rows = _side(base, base.outlook, frozen, landings)
    ladder, plan, rows = _side(chosen, chosen.path, frozen, landings)
    market, bought = market_path(chosen, frozen)
    return Workings(
        base_plan=base_plan,
        plan=plan,
        base_ladder=base_rows,
        ladder=rows,
        **_dates(base, frozen, (first, base_rows), (market, bought)),
        **_rents(chosen, frozen, (ladder, rows), market),
        **_devices(chosen, frozen, market, bought.replacement_cost),
        **_stays(chosen, results.placement, case),
        **_cash(results, case),
    )


def _side(
    inputs: Inputs, view: OutlookInputs, frozen: FrozenMarket, landings: int
) -> tuple[Ladder, PlanSums, LadderRows]:
    """Ladder, plans and rows of one case, with so many unnamed landings."""
    horizon = max(inputs.timeline.forecast_periods, landings * int(view.generic_cadence.max() + 1.0))
    rents, at = generation_rents(inputs, frozen.planning_decline), np.array([float(inputs.timeline.as_of)])
    ladder, plan = landing_ladder(inputs.silicon, view, rents, at, horizon), _plan(inputs, frozen, rents)
    return ladder, plan, _rows(ladder, inputs, plan, len(inputs.silicon.priced) + landings)


def _dates(
    base: Inputs, frozen: FrozenMarket, first: tuple[Ladder, LadderRows], came: tuple[Market, Levels]
) -> dict[str, Any]:
    """The market when each cohort entered service, at the as-of bound and at the first observed rent."""
    (ladder, rows), (market, bought) = first, came
    stated = [base.timeline.as_of, first_observation(base.history.observed_rent)]
    bounds = np.concatenate([base.fleet.in_service, stated]).astype(np.float64)[:, None]
    levels = market_levels(ladder, base.outlook, bounds)
    return {
        "base_share": _shares(ladder, base.outlook, bounds, rows.order),
        "date_entry": levels.entry_rent[..., 0],
        "date_replacement": np.concatenate([bought.replacement_cost, market.replacement_cost[stated]])[..., 0],
        "date_upkeep": levels.upkeep[:, 0, 0],
        "plan_entry": entry_rent_at(base, frozen, base.fleet.in_service)[..., 0],
    }


def _rents(chosen: Inputs, frozen: FrozenMarket, side: tuple[Ladder, LadderRows], market: Market) -> dict[str, Any]:
    """Volumes, causes and rents by month from the as-of bound on."""
    (ladder, rows), as_of, horizon = side, chosen.timeline.as_of, chosen.timeline.forecast_periods
    months = np.arange(as_of, as_of + horizon + 1.0)[:, None]
    # A reader sees what landings and scarcity would do also where rents follow a curve.
    structural = replace(chosen.path, mode=np.full(1, STRUCTURAL))
    changes = rent_changes(ladder, structural, scarcity=frozen.scarcity, horizon=horizon)
    levels, wide = market_levels(ladder, chosen.path, months), (horizon + 1, *frozen.scarcity.shape)
    return {
        "share": _shares(ladder, chosen.path, months, rows.order),
        "changes": {cause: np.broadcast_to(found, wide)[..., 0] for cause, found in changes.items()},
        "rent": market.rent[as_of:, :, 0],
        "earned": market.earned[as_of:, :, 0],
        "entry_rent": levels.entry_rent[..., 0],
        "replacement_cost": levels.replacement_cost[..., 0],
    }


def follows_from_rents(results: Results) -> bool:
    """Whether values follow from observed rents in every case, and no device moves to another site.

    Parameters
    ----------
    results : Results
        A stack.
    """
    inputs, placement = results.inputs, results.placement
    by_curve = (inputs.path.mode == RESALE).any() or (inputs.outlook.mode == RESALE).any()
    seen = np.isfinite(inputs.history.observed_rent[-1]).all()
    stays = placement is None or (placement.moved >= NEVER).all()
    return bool(seen and stays and not by_curve)


def outside_changes(results: Results) -> FloatArray:
    """Log changes of rents that neither landings, nor scarcity, nor drift bring, for all cases.

    Parameters
    ----------
    results : Results
        A stack.

    Returns
    -------
    numpy.ndarray
        By month from the as-of bound on, shape (K+1, S, n).
    """
    inputs, frozen = results.inputs, results.inputs.frozen
    assert frozen is not None  # results carry what was measured in their base
    horizon, at = inputs.timeline.forecast_periods, np.full(inputs.cases, float(inputs.timeline.as_of))
    ladder = landing_ladder(inputs.silicon, inputs.path, results.market.generation_entry_rent, at, horizon)
    changes = rent_changes(ladder, inputs.path, scarcity=frozen.scarcity, horizon=horizon)
    others = [found for cause, found in changes.items() if cause not in FOLLOWED_BY_FORMULAS]
    shape = (horizon + 1, len(frozen.scarcity), inputs.cases)
    return np.asarray(sum(others, start=np.zeros(shape)))


def sold_ahead(results: Results) -> FloatArray:
    """Share of the usual hours that the owner sells by month from the as-of bound on, shape (K+1, n or 1)."""
    return utilisation_path(results.inputs)[results.inputs.timeline.as_of :]


def unnamed_landings(horizon: int, cadence: float) -> int:
    """Unnamed landings that a horizon [months] holds at a cadence [months], and one to spare."""
    return math.ceil(horizon / cadence) + 1


def terms_of(results: Results, case: int) -> TermsOf:
    """Terms of one case of a stack.

    Parameters
    ----------
    results : Results
        A stack.
    case : int
        Position on the case axis.
    """
    terms, view, market = results.inputs.terms, results.inputs.path, results.market
    found = (
        terms.discount_factor,
        terms.planning_life,
        market.planning_decline,
        terms.scrap_share,
        terms.paid_hours,
        view.ramp_midpoint,
        view.ramp_width,
        ramp_start(view.ramp_midpoint, view.ramp_width),
        market.rent[results.inputs.timeline.as_of, 0],
    )
    return TermsOf(*(float(array[case if array.size > 1 else 0]) for array in found))


def _plan(inputs: Inputs, frozen: FrozenMarket, rents: FloatArray) -> PlanSums:
    """Sums of an entrant's plan for every part of one case."""
    silicon, terms, parts = inputs.silicon, inputs.terms, (len(inputs.silicon.priced), 1)
    plan = entry_plan(
        silicon,
        planning_decline=frozen.planning_decline,
        planning_life=terms.planning_life,
        discount_factor=terms.discount_factor,
        scrap_share=terms.scrap_share,
    )
    left, cost_years, rent_years = (
        np.broadcast_to(each, parts)[:, 0] for each in (plan.left, *plan_years(plan, silicon.stranding))
    )
    # Without legacy work the rent has a closed formula.
    closed = replace(inputs, silicon=replace(silicon, legacy=np.zeros_like(silicon.legacy)))
    listed = listed_quantities(silicon, rents, *parts)
    return PlanSums(
        survivors=survivors_by_age(silicon.failure_hazard)[..., 0],
        weight=plan.weight[..., 0],
        left=left,
        outlay=plan.outlay[:, 0],
        cost_years=cost_years,
        rent_years=rent_years,
        entry_rent=rents[..., 0],
        closed_rent=generation_rents(closed, frozen.planning_decline)[..., 0],
        unit_cost=listed[COST, ..., 0],
    )


def _rows(ladder: Ladder, inputs: Inputs, plan: PlanSums, count: int) -> LadderRows:
    """The first so many landings of one case in their order, the best part so far carried along."""
    landing = ladder.landing[:count, 0]
    expected = np.where(np.isfinite(landing), landing + ladder.delay[:count, 0], np.inf)
    order = np.argsort(expected, kind="stable")
    listed = listed_quantities(inputs.silicon, plan.entry_rent[..., None], len(order), 1)[..., 0][:, order]
    first_rent = ladder.first_rent[:, 0]
    # The first part on sale in a segment is the one whose entry rent the ladder starts from.
    starts = (listed[RENT] == first_rent) & np.isfinite(expected[order])[:, None]
    started = np.cumsum(starts, axis=TIME) > 0
    rent_step, cost_step, upkeep_step = (
        step[order, :, 0] for step in (ladder.rent_step, ladder.cost_step, ladder.upkeep_step)
    )
    fallen, cheaper = (np.exp(-np.cumsum(step, axis=TIME)) for step in (rent_step, cost_step))
    return LadderRows(
        order=order,
        landing=landing[order] - ladder.at[0],
        delay=ladder.delay[order, 0],
        listed_rent=listed[RENT],
        listed_cost=listed[COST],
        listed_upkeep=listed[UPKEEP],
        rent=np.where(started, first_rent * fallen, np.inf),
        cost=np.where(started, ladder.first_cost[:, 0] * cheaper, np.inf),
        upkeep=np.where(started, ladder.first_upkeep[:, 0] + np.cumsum(upkeep_step, axis=TIME), 0.0),
        rent_step=rent_step,
        cost_step=cost_step,
        upkeep_step=upkeep_step,
        first_rent=first_rent,
        first_cost=ladder.first_cost[:, 0],
        first_upkeep=ladder.first_upkeep[:, 0],
    )


def _shares(ladder: Ladder, outlook: OutlookInputs, time: FloatArray, order: IntArray) -> FloatArray:
    """Volume of each landing at bounds (K, 1), in the order in which they come, (K, L)."""
    return np.stack([volume_share(ladder, outlook, int(part), time)[:, 0] for part in order], axis=1)


def _devices(inputs: Inputs, frozen: FrozenMarket, market: Market, bought: FloatArray) -> dict[str, Any]:
    """What the devices of each cohort earn, cost and bring."""
    as_of = inputs.timeline.as_of
    state = device_state(inputs, frozen, as_of)
    months = np.arange(len(market.earned) - as_of)[:, None, None]
    gross, spent = device_earnings(state, market.earned[as_of:, None], months)
    own = own_cost_per_unit(inputs, bought)
    devices = gross.shape[1:]
    return {
        "coefficient": state.rent_coefficient[..., 0],
        "operating_cost": np.broadcast_to(state.operating_cost, devices)[:, 0],
        "scrap": np.broadcast_to(state.scrap, devices)[:, 0],
        "cap": np.broadcast_to(inputs.fleet.cost * (1.0 + inputs.terms.delivery_premium), devices)[:, 0],
        "plan_rent": np.broadcast_to(frozen.plan_rent, devices)[:, 0],
        "own_cost": own[..., 0],
        "full": device_rent(state, market.earned[as_of:, None], months)[..., 0],
        "gross": gross[..., 0],
        "quasi_rent": np.broadcast_to(gross - spent, gross.shape)[..., 0],
    }


def _stays(inputs: Inputs, placement: Placement | None, case: int) -> dict[str, Any]:
    """How long the devices of each cohort of one case can stay, in months from the as-of bound."""
    as_of, owned = inputs.timeline.as_of, inputs.fleet
    terms = (owned.in_service, owned.scheduled_retirement, inputs.silicon.physical_life)
    latest, left = latest_retirement(*terms)[:, 0], past_retirement(*terms, as_of)[:, 0]
    given = latest
    if placement is not None:
        given = placement.leaves[:, case if placement.leaves.shape[CASE] > 1 else 0]
    stays = left >= NEVER
    return {
        "last": np.minimum(np.minimum(latest, given) - as_of, inputs.timeline.forecast_periods),
        "stays": stays,
        "past": np.where(stays, 0, left - as_of),
    }


def _cash(results: Results, case: int) -> dict[str, Any]:
    """Cash of the fleet from the as-of bound on, and its worth then."""
    _, _, flows = flows_ahead(results.inputs, results.economic, results.cash)
    mine = flows[:, case if flows.shape[CASE] > 1 else 0]
    factor = results.inputs.terms.discount_factor
    factors = factor[case if factor.size > 1 else 0] ** np.arange(len(mine))
    return {"flows": mine, "factors": factors, "present": mine * factors}
