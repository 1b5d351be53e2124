"""Intermediate figures of one case, for readers that lay the whole chain open: plans, ladder, rents, devices."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from valuation.appraisal import device_state, earning_share, entry_rent_at, own_cost_per_unit, replacement_ratio
from valuation.calibration import generation_rents
from valuation.engine import market_path, utilisation_path
from valuation.entry import plan_outlay, plan_weights, survivors_by_age
from valuation.flows import flows_ahead
from valuation.inputs import STRUCTURAL, FrozenMarket, Inputs, OutlookInputs
from valuation.ladder import COST, RENT, UPKEEP, Ladder, landing_ladder, listed_quantities, volume_share
from valuation.market import first_observation, market_levels, rent_changes
from valuation.ramps import ramp_start
from valuation.results import Market, Results
from valuation.timeline import CASE, TIME, FloatArray, IntArray
from valuation.value import device_earnings, device_rent

FOLLOWED_BY_FORMULAS = ("drift", "scarcity", "landings")
"""Causes of rents that a reader can follow from the inputs; the others come as series."""


@dataclass(frozen=True)
class PlanSums:
    """What an entrant's plan adds up for a device of each part.

    Attributes
    ----------
    survivors : (A+1, g)
        Share still there by age; one row for all parts where they do not differ.
    weight : (A, g)
        Discount factor times survivors, zero beyond the planned life.
    left, outlay : (G,)
        Share left at the end of the plan; cost less the worth today of what that brings [USD].
    cost_years, rent_years : (G,)
        Sum of the weights of devices that have work, and the same times their service and the planned fall of rents.
    entry_rent : (G, S)
        Entry rent [USD per unit-hour]; infinite where a part is unpriced or not eligible.
    closed_rent : (G, S)
        The same by the closed formula, which leaves out what stranded devices earn.
    unit_cost : (G, S)
        Cost of a unit of service that reaches renters [USD], also where the part is not eligible.
    """

    survivors: FloatArray
    weight: FloatArray
    left: FloatArray
    outlay: FloatArray
    cost_years: FloatArray
    rent_years: FloatArray
    entry_rent: FloatArray
    closed_rent: FloatArray
    unit_cost: FloatArray


@dataclass(frozen=True)
class TermsOf:
    """Terms of one case.

    Attributes
    ----------
    discount : float
        Discount factor of a month.
    planning_life : float
        Months over which an entrant plans.
    decline : float
        Planned decline of rents [log per month].
    scrap : float
        Scrap value as a share of cost.
    hours : float
        Paid device-hours in a month.
    midpoint, width : float
        Logistic volume ramp after a landing [months].
    ramp_start : float
        Level of the logistic at landing.
    rent_now : float
        Observed rent at the as-of bound [USD per unit-hour].
    """

    discount: float
    planning_life: float
    decline: float
    scrap: float
    hours: float
    midpoint: float
    width: float
    ramp_start: float
    rent_now: float


@dataclass(frozen=True)
class LadderRows:
    """Landings in the order in which they come, and where each of them brings the market.

    Attributes
    ----------
    order : (L,)
        Position in the list: parts first, then unnamed landings.
    landing, delay : (L,)
        Planned landing, counted from the as-of bound, and slip [months]; infinite for a part not known then.
    listed_rent, listed_cost, listed_upkeep : (L, S)
        Entry rent, replacement cost of a unit and operating cost over cost of the part; NaN without a price.
    rent, cost, upkeep : (L, S)
        The same of the best part landed so far; infinite where there is none.
    rent_step, cost_step, upkeep_step : (L, S)
        Log falls and change at the landing.
    first_rent, first_cost, first_upkeep : (S,)
        Of the part that landed first.
    """

    order: IntArray
    landing: FloatArray
    delay: FloatArray
    listed_rent: FloatArray
    listed_cost: FloatArray
    listed_upkeep: FloatArray
    rent: FloatArray
    cost: FloatArray
    upkeep: FloatArray
    rent_step: FloatArray
    cost_step: FloatArray
    upkeep_step: FloatArray
    first_rent: FloatArray
    first_cost: FloatArray
    first_upkeep: FloatArray


@dataclass(frozen=True)
class Workings:
    """Figures of one case between its inputs and its results.

    Attributes
    ----------
    base_plan, plan : PlanSums
        Under the terms of the base, and of the case.
    base_ladder, ladder : LadderRows
        Landings as seen in the base, and in the case.
    date_entry, date_replacement : (K', S)
        Entry rent of the base and cost of a unit of service at those dates.
    date_upkeep : (K',)
        Running cost a month over cost of the parts then bought.
    plan_entry : (C, S)
        Entry rent of the base when each cohort entered service, before the first observed rent raised by the planned
        decline.
    share : (K+1, L)
        Volume of each landing of the case by month from the as-of bound on.
    base_share : (K', L')
        Volume of each landing of the base when each cohort entered service, at the as-of bound and at the bound of the
        first observed rent (last two rows).
    changes : dict of (K+1, S)
        Log changes of rents from the as-of bound on, by cause.
    rent, earned, entry_rent, replacement_cost : (K+1, S)
        Market by month from the as-of bound on.
    coefficient : (C, S)
        Monthly rent of a new device per USD of market rent.
    operating_cost, scrap, cap : (C,)
        Of each cohort [USD per device(-month)]: running cost, scrap, and its own cost with the premium at hand.
    plan_rent : (C,)
        Rent at the start of the plan of a calibrated cohort [USD per USD of cost and month].
    flows, factors, present : (K+1,)
        Cash of the fleet, what is owned entering at value; discount factors; both multiplied.
    own_cost : (C, S)
        Cost of a unit of service of its own; infinite where the part does not serve.
    full : (K+1, C)
        Rent of a device that has work for all of its hours [USD a month].
    gross, quasi_rent : (K+1, C)
        Rent, and rent less running cost, of the average device by month [USD]; before service those of a new one.
    ratio : (K+1, C)
        Replacement cost of its service over its own, at most 1, scaled by what it still earns.
    """

    base_plan: PlanSums
    plan: PlanSums
    base_ladder: LadderRows
    ladder: LadderRows
    share: FloatArray
    base_share: FloatArray
    date_entry: FloatArray
    date_replacement: FloatArray
    date_upkeep: FloatArray
    plan_entry: FloatArray
    changes: dict[str, FloatArray]
    rent: FloatArray
    earned: FloatArray
    entry_rent: FloatArray
    replacement_cost: FloatArray
    coefficient: FloatArray
    operating_cost: FloatArray
    scrap: FloatArray
    cap: FloatArray
    plan_rent: FloatArray
    flows: FloatArray
    factors: FloatArray
    present: FloatArray
    own_cost: FloatArray
    full: FloatArray
    gross: FloatArray
    quasi_rent: FloatArray
    ratio: FloatArray


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
    as_of, horizon = chosen.timeline.as_of, chosen.timeline.forecast_periods
    months = np.arange(as_of, as_of + horizon + 1.0)[:, None]
    at = np.array([float(as_of)])
    rents, base_rents = (generation_rents(inputs, frozen.planning_decline) for inputs in (chosen, base))
    ladder, first = (
        landing_ladder(inputs.silicon, view, found, at, max(horizon, landings * int(view.generic_cadence.max() + 1.0)))
        for inputs, view, found in ((chosen, chosen.path, rents), (base, base.outlook, base_rents))
    )
    listed = len(chosen.silicon.priced) + landings
    plan, base_plan = _plan(chosen, frozen), _plan(base, frozen)
    rows, base_rows = _rows(ladder, chosen, plan, listed), _rows(first, base, base_plan, listed)
    # A reader sees what landings and scarcity would do also where rents follow a curve.
    structural = replace(chosen.path, mode=np.full(1, STRUCTURAL))
    changes = rent_changes(ladder, structural, scarcity=frozen.scarcity, horizon=horizon)
    market, bought = market_path(chosen, frozen)
    seen = first_observation(chosen.history.observed_rent)
    spent_at = np.concatenate([chosen.fleet.in_service, [as_of, seen]]).astype(np.float64)[:, None]
    volumes = _shares(first, base.outlook, spent_at, base_rows.order)
    wide = (horizon + 1, *frozen.scarcity.shape)
    return Workings(
        base_plan=base_plan,
        plan=plan,
        base_ladder=base_rows,
        ladder=rows,
        share=_shares(ladder, chosen.path, months, rows.order),
        base_share=volumes,
        date_entry=base_rows.first_rent * np.exp(-volumes @ base_rows.rent_step),
        date_replacement=rows.first_cost * np.exp(-volumes @ rows.cost_step),
        date_upkeep=base_rows.first_upkeep[0] + volumes @ base_rows.upkeep_step[:, 0],
        plan_entry=entry_rent_at(base, frozen, base.fleet.in_service)[..., 0],
        changes={cause: np.broadcast_to(found, wide)[..., 0] for cause, found in changes.items()},
        rent=market.rent[as_of:, :, 0],
        earned=market.earned[as_of:, :, 0],
        entry_rent=market_levels(ladder, chosen.path, months).entry_rent[..., 0],
        replacement_cost=market_levels(ladder, chosen.path, months).replacement_cost[..., 0],
        **_devices(chosen, frozen, market, bought.replacement_cost),
        **_cash(results, case),
    )


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


def _plan(inputs: Inputs, frozen: FrozenMarket) -> PlanSums:
    """Sums of an entrant's plan for every part of one case."""
    silicon, terms = inputs.silicon, inputs.terms
    survivors = survivors_by_age(silicon.failure_hazard)
    weight, at_end = plan_weights(survivors, terms.discount_factor, terms.planning_life)
    ages, parts = np.arange(len(weight))[:, None, None], (len(silicon.priced), 1)
    serving = weight * silicon.stranding.serving
    service = silicon.age_efficiency * np.exp(-frozen.planning_decline * ages)
    whole = terms.discount_factor**terms.planning_life
    outlay = plan_outlay(silicon.cost, terms.scrap_share * silicon.cost, at_end, whole)
    cost_years, rent_years = (np.broadcast_to(each.sum(axis=TIME), parts) for each in (serving, serving * service))
    rents = generation_rents(inputs, frozen.planning_decline)
    delivered = silicon.service.max(axis=1, keepdims=True) * silicon.availability
    monthly = (outlay + cost_years * silicon.operating_cost) / rent_years
    closed = monthly[:, None] / (terms.paid_hours * delivered)
    return PlanSums(
        survivors=survivors[..., 0],
        weight=weight[..., 0],
        left=np.broadcast_to(at_end, parts)[:, 0],
        outlay=outlay[:, 0],
        cost_years=cost_years[:, 0],
        rent_years=rent_years[:, 0],
        entry_rent=rents[..., 0],
        closed_rent=np.where(np.isfinite(rents), closed, np.inf)[..., 0],
        unit_cost=np.broadcast_to(silicon.cost[:, None] / delivered, rents.shape)[..., 0],
    )


def _rows(ladder: Ladder, inputs: Inputs, plan: PlanSums, count: int) -> LadderRows:
    """The first so many landings of one case in their order, the best part so far carried along."""
    landing = ladder.landing[:count, 0]
    expected = np.where(np.isfinite(landing), landing + ladder.delay[:count, 0], np.inf)
    order = np.argsort(expected, kind="stable")
    listed = listed_quantities(inputs.silicon, plan.entry_rent[..., None], len(order), 1)[..., 0]
    listed[COST, : len(plan.unit_cost)] = plan.unit_cost
    listed = listed[:, order]
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


def _devices(inputs: Inputs, frozen: FrozenMarket, market: Market, bought: FloatArray) -> dict[str, FloatArray]:
    """What the devices of each cohort earn, cost and can be replaced for."""
    as_of = inputs.timeline.as_of
    state = device_state(inputs, frozen, as_of)
    months = np.arange(len(market.earned) - as_of)[:, None, None]
    gross, spent = device_earnings(state, market.earned[as_of:, None], months)
    own = own_cost_per_unit(inputs, bought)
    earning = earning_share(inputs)
    ratio = replacement_ratio(market.replacement_cost[as_of:, None], own).max(axis=2)
    ratio = ratio * (earning if len(earning) == 1 else earning[as_of:])
    return {
        "coefficient": state.rent_coefficient[..., 0],
        "operating_cost": np.broadcast_to(state.operating_cost, ratio.shape[1:])[:, 0],
        "scrap": np.broadcast_to(state.scrap, ratio.shape[1:])[:, 0],
        "cap": np.broadcast_to(inputs.fleet.cost * (1.0 + inputs.terms.delivery_premium), ratio.shape[1:])[:, 0],
        "plan_rent": np.broadcast_to(frozen.plan_rent, ratio.shape[1:])[:, 0],
        "own_cost": own[..., 0],
        "full": device_rent(state, market.earned[as_of:, None], months)[..., 0],
        "gross": gross[..., 0],
        "quasi_rent": np.broadcast_to(gross - spent, gross.shape)[..., 0],
        "ratio": ratio[..., 0],
    }


def _cash(results: Results, case: int) -> dict[str, FloatArray]:
    """Cash of the fleet from the as-of bound on, and its worth then."""
    _, _, flows = flows_ahead(results.inputs, results.economic, results.cash)
    mine = flows[:, case if flows.shape[CASE] > 1 else 0]
    factor = results.inputs.terms.discount_factor
    factors = factor[case if factor.size > 1 else 0] ** np.arange(len(mine))
    return {"flows": mine, "factors": factors, "present": mine * factors}
