"""Records of the steps between the inputs of a case and its results: plans, ladder, market, devices."""

from __future__ import annotations

from dataclasses import dataclass

from valuation.timeline import BoolArray, FloatArray, IntArray


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
        Cost of a unit of service that reaches renters [USD]; of a whole device where the part is not eligible.
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
        Entry rent of the base, and cost of a unit of service in the case, at the dates of `base_share`.
    date_upkeep : (K',)
        Running cost a month over cost of the parts then bought in the base.
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
    last, past : (C,)
        Months from the as-of bound: last month that devices can stay, by schedule, by physical age, before challengers
        or on the grid; their retirement where it lies before that bound, else zero.
    stays : (C,)
        Whether they were not retired before it.
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
    last: IntArray
    past: IntArray
    stays: BoolArray
