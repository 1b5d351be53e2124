"""From demand, rivals and breakthroughs of a case to the inputs of the engine, by bound of the grid."""

from __future__ import annotations

from math import inf

import numpy as np

from assumptions.chapters.absorption import churn_hazard
from assumptions.chapters.mechanisms import Breakthrough, Demand, DemandSegment, Rival
from assumptions.chapters.schema import Case
from assumptions.door.casewise import listed, per_case, together
from assumptions.door.months import between
from valuation.silicon.adoption import spread_since, supplied_since, takeover_steepness
from valuation.silicon.breakthrough import Breakthrough as CostParts
from valuation.silicon.breakthrough import log_step
from valuation.silicon.churn import serving_base
from valuation.silicon.pressures import BreakthroughInputs, DemandInputs, RivalInputs
from valuation.silicon.substitution import Lognormal, addressable_share, band_demand, bass_share
from valuation.timeline import MONTHS_PER_YEAR, FloatArray, Timeline

EIGHT_BITS, FOUR_BITS = 8, 4


def demand_inputs(case: Case, own: Timeline) -> DemandInputs:
    """Demand by segment and bound, and how rents answer to it.

    Parameters
    ----------
    case : Case
        The case.
    own : Timeline
        The grid.
    """
    demand, years = case.demand, _years_from(case.as_of, own)
    answers = demand.demand_elasticity.value if demand.demand_response.value == "yes" else 0.0
    return DemandInputs(
        segment_share=_segment_shares(case, years),
        change=_shock(demand, own),
        supply_elasticity=per_case(demand.supply_elasticity.value),
        demand_elasticity=per_case(answers),
        mobility=per_case(demand.mobility_share.value),
    )


def utilisation(case: Case, own: Timeline) -> FloatArray:
    """Share of the usual paid hours that the owner sells by bound, shape (T+1, n).

    Parameters
    ----------
    case : Case
        The case.
    own : Timeline
        The grid.
    """
    market, bounds = case.market, np.arange(own.periods + 1)[:, None]
    since = bounds - between(str(own.first_bound), market.lost_from.value)
    lost = (since >= 0) & (since < market.lost_months.value)
    return np.where(lost, 1.0 - market.lost_share.value, 1.0)


def rival_inputs(case: Case, own: Timeline) -> tuple[RivalInputs, ...]:
    """Rivals with what they are able to serve, have taken and can supply by each bound.

    Parameters
    ----------
    case : Case
        The case.
    own : Timeline
        The grid.
    """
    found = [_rival(name, rival, case, own) for name, rival in case.rivals.items()]
    return (*found, _captive(case, own))


def breakthrough_inputs(case: Case, own: Timeline) -> tuple[BreakthroughInputs, ...]:
    """Breakthroughs with the fall of rents that each brings.

    Parameters
    ----------
    case : Case
        The case.
    own : Timeline
        The grid.
    """
    return tuple(_breakthrough(name, advance, own) for name, advance in case.breakthroughs.items())


def _years_from(month: str, own: Timeline) -> FloatArray:
    """Years from a month to each bound, shape (T+1, 1)."""
    start = between(str(own.first_bound), month)
    return np.asarray((np.arange(own.periods + 1) - start) / MONTHS_PER_YEAR)[:, None]


def _sizes(demand: Demand, years: FloatArray) -> Lognormal:
    """Demand by size of model, the median drifting from the as-of month on, shape (T+1, n)."""
    median = demand.median_size_billion.value * np.exp(demand.size_drift_log_per_year.value * years)
    return Lognormal(median, np.array(demand.size_spread_log.value))


def _segment_shares(case: Case, years: FloatArray) -> FloatArray:
    """Share of each segment in all demand by bound, shape (T+1, S, n)."""
    sizes, training = _sizes(case.demand, years), case.demand.training_share.value
    trains = listed(float(segment.training.value == "yes") for segment in case.segments.values())
    bands = [segment.sizes for segment in case.segments.values()]
    inference = together([band_demand(np.array(low), np.array(high), sizes) for low, high in bands], axis=1)
    return np.asarray((1.0 - training) * inference + training * trains / _training_segments(case))


def _shock(demand: Demand, own: Timeline) -> FloatArray:
    """Change of demand in logs by bound: built up evenly, then fading, shape (T+1, n)."""
    months = np.arange(own.periods + 1.0)[:, None] - between(str(own.first_bound), demand.shock_from.value)
    full = demand.shock_months.value
    built = np.clip(months / full, 0.0, 1.0)
    fading = np.exp2(-np.maximum(months - full, 0.0) / demand.shock_half_life_months.value)
    return np.asarray(demand.shock_log.value * built * fading)


def training_shares(case: Case) -> FloatArray:
    """Training as a share of the demand of each segment, at the as-of month.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    numpy.ndarray
        Shape (S, n).
    """
    training = case.demand.training_share.value / _training_segments(case)
    whole = _segment_shares(case, np.zeros((1, 1)))[0]
    trains = np.array([[segment.training.value == "yes"] for segment in case.segments.values()])
    return np.where(trains & (whole > 0.0), training / np.where(whole > 0.0, whole, 1.0), 0.0)


def _rival(name: str, rival: Rival, case: Case, own: Timeline) -> RivalInputs:
    years = _years_from(rival.begins.value, own)
    serving = _serving(rival, case, years)
    return RivalInputs(
        # Under its chapter, so that no name of a user hides another cause of rents.
        name=f"rivals.{name}",
        cause=rival.cause.value,
        open_share=_open_share(rival, case, _years_from(case.as_of, own)),
        adoption=rival.ceiling_share.value * _adopted(rival, years) * serving,
        supply_cap=_supply(rival, years) * serving,
        traded_share=per_case(rival.traded_share.value),
        known_from=np.array([float(between(str(own.first_bound), rival.known_from.value))]),
    )


def migrated(case: Case, own: Timeline) -> FloatArray:
    """Share of the owner's work that has moved to silicon of its own by bound, shape (T+1, n).

    Parameters
    ----------
    case : Case
        The case.
    own : Timeline
        The grid.
    """
    plan = case.captive
    months = np.arange(own.periods + 1.0)[:, None] - between(str(own.first_bound), plan.migrates_from.value)
    return np.asarray(plan.migrated_share.value * np.clip(months / plan.migrates_months.value, 0.0, 1.0))


def resale_yield(case: Case) -> FloatArray:
    """Share of the rent that hours freed by a migration still earn, shape (n,)."""
    plan = case.captive
    return per_case(plan.resold_share.value * (1.0 - plan.resale_discount_share.value))


def _captive(case: Case, own: Timeline) -> RivalInputs:
    """What the owner's migration takes from the market: work that was rented in, and freed hours that are let."""
    plan = case.captive
    rented = plan.rented_share.value
    return RivalInputs(
        name="captive",
        cause="captive",
        open_share=per_case(plan.market_share.value)[None, None],
        adoption=migrated(case, own),
        traded_share=per_case(rented + (1.0 - rented) * plan.resold_share.value),
        known_from=np.array([float(between(str(own.first_bound), case.as_of))]),
    )


def _adopted(rival: Rival, years: FloatArray) -> FloatArray:
    """Share of what was still open when it began that it has taken, by bound, shape (T+1, n)."""
    if rival.curve.value == "bass":
        return bass_share(years, np.array(rival.innovation.value), np.array(rival.imitation.value))
    steepness = takeover_steepness(np.array(rival.takeover_years.value))
    return spread_since(years, np.array(rival.first_share.value), steepness)


def _serving(rival: Rival, case: Case, years: FloatArray) -> FloatArray:
    """Share of its installed base that new models have not stranded, by bound, shape (T+1, n).

    Both what it wants to serve and what its supply could serve are cut by it, as if its base had grown along its curve
    also where supply holds it back: devices then are a little younger than this says.
    """
    return serving_base(_adopted(rival, years), churn_hazard(case.churn, rival))


def _supply(rival: Rival, years: FloatArray) -> FloatArray:
    """Share of all demand that its supply so far can serve: yearly supplies added up, shape (T+1, n)."""
    return rival.supply_share.value * supplied_since(years, np.array(rival.supply_growth_log_per_year.value))


def _open_share(rival: Rival, case: Case, years: FloatArray) -> FloatArray:
    """Share of the demand of each segment that it is able to serve, shape (T+1, S, n)."""
    shares = [_open_in(rival, case, segment, years) for segment in case.segments.values()]
    return together(shares, axis=1)


def _open_in(rival: Rival, case: Case, segment: DemandSegment, years: FloatArray) -> FloatArray:
    """Share of one segment: its inference by size, bits and context, its training whole or not at all."""
    demand, (low, high) = case.demand, segment.sizes
    sizes = _sizes(demand, years)
    inference = addressable_share(
        low=np.array(low),
        high=np.array(high),
        size_limit=np.array(inf if rival.size_limit_billion is None else rival.size_limit_billion.value),
        size=sizes,
        tolerant=np.array(_tolerant(rival, demand)),
        context_limit=np.array(inf if rival.context_limit_tokens is None else rival.context_limit_tokens.value),
        context=Lognormal(np.array(demand.median_context_tokens.value), np.array(demand.context_spread_log.value)),
    )
    if segment.training.value == "no":
        return inference
    share = (1.0 - demand.training_share.value) * band_demand(np.array(low), np.array(high), sizes)
    training = demand.training_share.value / _training_segments(case)
    trained, whole = float(rival.serves_training.value == "yes"), share + training
    mixed = (share * inference + training * trained) / np.where(whole > 0.0, whole, 1.0)
    # A segment that nothing is asked of has no training either: what would come first is inference.
    return np.where(whole > 0.0, mixed, inference)


def _training_segments(case: Case) -> float:
    """Segments that share the training between them, at least one so that it can be divided by."""
    return max(1.0, float(sum(segment.training.value == "yes" for segment in case.segments.values())))


def _tolerant(rival: Rival, demand: Demand) -> float:
    """Share of inference that bears the numbers of a rival."""
    if rival.bits.value > EIGHT_BITS:
        return 1.0
    return demand.eight_bit_share.value if rival.bits.value > FOUR_BITS else demand.four_bit_share.value


def advance_step(advance: Breakthrough, effect: FloatArray) -> FloatArray:
    """Log fall of rents by memory, power and the rest of the cost.

    Parameters
    ----------
    advance : Breakthrough
        Gains and shares of cost.
    effect : numpy.ndarray
        Part of the gain that is reached, shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (..., n).
    """
    memory, power = advance.memory_share_of_cost.value, advance.power_share_of_cost.value
    gains = (advance.memory_gain, advance.power_gain, advance.compute_gain)
    shares, gain = listed([memory, power, 1.0 - memory - power]), listed(gain.value for gain in gains)
    # Arrivals lie beside one another: parts of the cost stay the first axis, paths the last.
    between_them = (1,) * (effect.ndim - 1)
    parts = CostParts(
        cost_share=shares.reshape(len(gains), *between_them, -1),
        gain=gain.reshape(len(gains), *between_them, -1),
        effectiveness=np.stack([effect for _ in gains]),
        pass_through=per_case(advance.pass_through.value),
    )
    return log_step(parts)


def _breakthrough(name: str, advance: Breakthrough, own: Timeline) -> BreakthroughInputs:
    date = inf if advance.arrives is None else float(between(str(own.first_bound), advance.arrives.value))
    return BreakthroughInputs(
        name=f"breakthroughs.{name}",
        step=advance_step(advance, per_case(advance.effect_share.value)),
        date=np.array([date]),
        rate=per_case(advance.arrivals_per_year.value / MONTHS_PER_YEAR),
        ramp_midpoint=per_case(advance.ramp_midpoint_months.value),
        ramp_width=per_case(advance.ramp_width_months.value),
    )
