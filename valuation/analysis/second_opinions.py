"""Second opinions on the parts of the roadmap: other schools' lives, triggers and values, from the engine's figures.

Each part is looked at as one device at the as-of date, on the path of rents of its case, before tax. None of this
enters the values of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from valuation.devices.cost_approach import (
    CostApproach,
    appraise,
    excess_operating_cost,
    inutility,
    replacement_cost_new,
)
from valuation.devices.exchange import exchange_value
from valuation.devices.replacement import (
    abandonment_threshold,
    adverse_minimum,
    economic_life,
    equivalent_annual_cost,
    first_year_rule,
    marginal_annual_cost,
    static_trigger,
    terborgh_life,
)
from valuation.devices.value import DeviceState, never_forced, value_along
from valuation.inputs import Inputs
from valuation.records import of_generations
from valuation.results import Results
from valuation.stages.calibration import frontier_generation
from valuation.stages.entry import survivors_by_age
from valuation.stages.market import first_observation
from valuation.timeline import MONTHS_PER_YEAR, TIME, FloatArray, IntArray

CAPACITY_EXPONENT = np.array([0.65])
"""Exponent of cost to capacity: the middle of the 0.6 to 0.7 that appraisers use."""


@dataclass(frozen=True)
class SecondOpinions:
    """What other schools say of each part at the as-of date; NaN where a rule has no answer.

    Attributes
    ----------
    generation : (P,)
        Priced parts, as positions in the roadmap.
    age : (P, n)
        Mean age of the devices owned, else months since the part landed, 0 before it does [months].
    economic_life : (P, n)
        Years kept at which a new device costs least a year, inferiority to the best new device included.
    annual_cost : (P, n)
        That cost [USD per year].
    keeping, challenger : (P, n)
        Cost of keeping a device of that age another year, and least cost a year of the same service from the best new
        device [USD per year].
    terborgh_life, adverse_minimum : (P, n)
        Best life without interest at an even growth of the inferiority [years], and its cost [USD per year].
    rent, static_rent, abandonment_rent : (P, n)
        Market rent, rent at which running stops paying, and rent at which giving up for good is best under uncertainty
        [USD per unit-hour].
    needed_first_year, earned_first_year : (P, n)
        Quasi-rent of the first year above which buying now beats waiting, and that of a device bought now [USD]; market
        rent, the latter, volatility and drift are NaN where no rent was observed.
    appraisal : CostApproach
        By the cost approach, shape (P, n) each [USD per device].
    economic_value : (P, n)
        Value in exchange by the engine, of a device of that age [USD per device].
    volatility, drift : (n,) and (P, n)
        Of the log rent in the observed months [per root year], and of the rent over the planning life [per year].
    """

    generation: IntArray
    age: FloatArray
    economic_life: FloatArray
    annual_cost: FloatArray
    keeping: FloatArray
    challenger: FloatArray
    terborgh_life: FloatArray
    adverse_minimum: FloatArray
    rent: FloatArray
    static_rent: FloatArray
    abandonment_rent: FloatArray
    needed_first_year: FloatArray
    earned_first_year: FloatArray
    appraisal: CostApproach
    economic_value: FloatArray
    volatility: FloatArray
    drift: FloatArray


@dataclass(frozen=True)
class _Scene:
    """Quantities of the parts on the path after the as-of bound: (K+1, P, n) by month ahead, else (P, n)."""

    results: Results
    generation: IntArray
    best: IntArray
    cost: FloatArray
    upkeep: FloatArray
    service: FloatArray
    rent: FloatArray
    earned: FloatArray
    entry_rent: FloatArray
    unit_cost: FloatArray
    carried: FloatArray
    return_annual: FloatArray

    @property
    def inputs(self) -> Inputs:
        """What the results were made from."""
        return self.results.inputs

    @property
    def hours(self) -> FloatArray:
        """Paid unit-hours of a new device in a month, shape (P, n)."""
        return np.asarray(self.inputs.terms.paid_hours * self.service)

    @property
    def years(self) -> int:
        """Whole years of a physical life, one at least."""
        return max(int(self.inputs.silicon.physical_life.min()) // MONTHS_PER_YEAR, 1)


def second_opinions(results: Results) -> SecondOpinions:
    """Ask the other schools.

    Parameters
    ----------
    results : Results
        Any number of cases.

    Returns
    -------
    SecondOpinions
        For every priced part, arrays of shape (P, n).

    Notes
    -----
    Method, sections 3.6 and 3.9.
    """
    scene = _scene(results)
    age = _ages(results, scene.generation)
    inferiority = _inferiority(scene)
    cost_by_life = _annual_costs(scene, inferiority)
    least = cost_by_life.min(axis=TIME)
    value, lasts = _held(scene, np.round(age).astype(np.int64))
    growth = _growth(scene, inferiority)
    grows = growth > 0.0
    rate, drift, volatility = _chances(scene)
    frontier = _frontier(scene)
    scale = scene.service / _at_frontier(scene.service, frontier)
    return SecondOpinions(
        generation=scene.generation,
        age=age,
        economic_life=economic_life(cost_by_life).astype(np.float64),
        annual_cost=least,
        keeping=_keeping(scene, value),
        challenger=_at_frontier(least, frontier) * scale,
        terborgh_life=np.where(grows, terborgh_life(scene.cost, np.where(grows, growth, 1.0)), np.nan),
        adverse_minimum=np.where(grows, adverse_minimum(scene.cost, np.where(grows, growth, 1.0)), np.nan),
        rent=_observed(scene, scene.rent[0]),
        static_rent=static_trigger(scene.upkeep / scene.hours, _scrap_years(scene), rate),
        abandonment_rent=_abandonment(scene, rate, drift, volatility),
        needed_first_year=first_year_rule(scene.cost, scene.return_annual, _price_fall(scene)),
        earned_first_year=_observed(scene, _first_year(scene)),
        appraisal=_appraisal(scene, age, lasts, frontier),
        economic_value=value[0],
        volatility=volatility,
        drift=drift,
    )


def _observed(scene: _Scene, figures: FloatArray) -> FloatArray:
    """Figures that rest on observed rents, shape (..., n); NaN in cases where none was observed."""
    unseen = np.isnan(scene.inputs.history.observed_rent).all(axis=(0, 1))
    return np.where(unseen, np.nan, figures)


def _scene(results: Results) -> _Scene:
    inputs, market = results.inputs, results.market
    as_of, silicon, cases = inputs.timeline.as_of, inputs.silicon, inputs.cases
    generation = np.flatnonzero(silicon.priced > 0)
    service = np.broadcast_to(silicon.service[generation], (len(generation), silicon.service.shape[1], cases))
    best = np.argmax(service * market.rent[as_of], axis=1)

    # Where the grid ends sooner than a device bought now, its last level is held.
    months = max(inputs.timeline.forecast_periods, int(silicon.physical_life.max()), MONTHS_PER_YEAR)
    bound = np.minimum(as_of + np.arange(months + 1), inputs.timeline.periods)

    def along(levels: FloatArray) -> FloatArray:
        ahead = np.broadcast_to(levels[bound], (months + 1, levels.shape[1], cases))
        return np.asarray(ahead[:, best, np.arange(cases)])

    cost, upkeep = (np.broadcast_to(row[generation], best.shape) for row in (silicon.cost, silicon.operating_cost))
    ages = np.minimum(np.arange(months + 1), silicon.age_efficiency.shape[TIME] - 1)
    carried = survivors_by_age(silicon.failure_hazard)[ages] * silicon.age_efficiency[ages]
    return _Scene(
        results=results,
        generation=generation,
        best=best,
        cost=cost,
        upkeep=upkeep,
        service=np.take_along_axis(service, best[:, None], axis=1)[:, 0],
        rent=along(market.rent),
        earned=along(market.earned),
        entry_rent=along(market.market_entry_rent),
        unit_cost=along(market.replacement_cost),
        carried=of_generations(carried, generation),
        return_annual=np.asarray(inputs.terms.discount_factor**-MONTHS_PER_YEAR - 1.0),
    )


def _ages(results: Results, generation: IntArray) -> FloatArray:
    """Mean age of the devices owned at the as-of date, else months since landing, shape (P, n) [months]."""
    inputs = results.inputs
    as_of, fleet = inputs.timeline.as_of, inputs.fleet
    since = np.maximum(as_of - np.broadcast_to(inputs.outlook.landing, (len(inputs.silicon.cost), inputs.cases)), 0.0)
    age = since[generation]
    owned = np.where((fleet.calibrated == 0)[:, None], results.economic.units[as_of], 0.0)
    for row, part in enumerate(generation):
        units = owned * (fleet.generation == part)[:, None]
        total = units.sum(axis=0)
        mean = (units * (as_of - fleet.in_service)[:, None]).sum(axis=0) / np.where(total > 0.0, total, 1.0)
        age[row] = np.where(total > 0.0, mean, age[row])
    return age


def _by_year(scene: _Scene, monthly: FloatArray) -> FloatArray:
    """Sums over the years ahead of amounts by month (K+1, P, n), shape (Y, P, n)."""
    months = scene.years * MONTHS_PER_YEAR
    return np.asarray(monthly[:months].reshape(scene.years, MONTHS_PER_YEAR, *monthly.shape[1:]).sum(axis=1))


def _inferiority(scene: _Scene) -> FloatArray:
    """Service that a device bought now falls short of the best new device by, at its full cost, by year (Y, P, n)."""
    full = scene.hours * scene.entry_rent[0]
    given = scene.hours * scene.entry_rent * scene.carried
    return _by_year(scene, full - given)


def _annual_costs(scene: _Scene, inferiority: FloatArray) -> FloatArray:
    """Equivalent annual cost of a new device by years kept, shape (Y, P, n)."""
    value, _ = _held(scene, np.zeros(scene.best.shape, dtype=np.int64))
    ends = (np.arange(scene.years) + 1) * MONTHS_PER_YEAR
    alive = of_generations(survivors_by_age(scene.inputs.silicon.failure_hazard), scene.generation)
    running = _by_year(scene, np.broadcast_to(scene.upkeep, scene.rent.shape) * alive[_ages_ahead(scene)])
    left = value[ends] * alive[ends]
    return equivalent_annual_cost(scene.cost, left, running + inferiority, scene.return_annual)


def _ages_ahead(scene: _Scene) -> IntArray:
    """Ages of a device bought now at the months ahead, as far as there are tables."""
    return np.minimum(np.arange(len(scene.rent)), len(scene.inputs.silicon.failure_hazard))


def _held(scene: _Scene, age: IntArray) -> tuple[FloatArray, FloatArray]:
    """Value in exchange of devices of an age by month ahead (K+1, P, n), and months until they stop (P, n)."""
    inputs = scene.inputs
    silicon, terms = inputs.silicon, inputs.terms
    scrap = terms.scrap_share * scene.cost
    stop, proceeds = never_forced(len(scene.generation))
    state = DeviceState(
        age=age,
        rent_coefficient=scene.hours[:, None],
        operating_cost=scene.upkeep,
        scrap=scrap,
        failure_hazard=of_generations(silicon.failure_hazard, scene.generation),
        age_efficiency=of_generations(silicon.age_efficiency, scene.generation),
        generation=np.arange(len(scene.generation)),
        discount_factor=terms.discount_factor,
        physical_life=silicon.physical_life,
        forced_stop=stop,
        forced_value=proceeds,
    )
    parts = [_one_part(state, scene.earned[:, part : part + 1], part) for part in range(len(scene.generation))]
    in_use, stops = (np.concatenate(found, axis=1) for found in zip(*parts, strict=True))
    ratio = np.minimum(1.0, scene.unit_cost * scene.service / scene.cost)
    haircut = inputs.path.resale_haircut
    value = exchange_value(in_use, scrap, scene.cost, ratio, terms.delivery_premium, haircut)
    return value, np.argmax(stops, axis=TIME).astype(np.float64)


def _one_part(state: DeviceState, rent: FloatArray, part: int) -> tuple[FloatArray, FloatArray]:
    """Value in use and stops of one part along the rent of its own segment (K+1, 1, n), shape (K+1, 1, n) each."""
    row = slice(part, part + 1)
    names = ("age", "rent_coefficient", "operating_cost", "scrap", "generation", "forced_stop", "forced_value")
    value, stops = value_along(replace(state, **{name: getattr(state, name)[row] for name in names}), rent)
    return value, stops.astype(np.float64)


def _growth(scene: _Scene, inferiority: FloatArray) -> FloatArray:
    """Mean yearly growth of the inferiority over the planning life, shape (P, n) [USD per year, per year]."""
    last = min(int(scene.inputs.terms.planning_life.max()) // MONTHS_PER_YEAR, scene.years) - 1
    return np.asarray((inferiority[last] - inferiority[0]) / max(last, 1))


def _keeping(scene: _Scene, value: FloatArray) -> FloatArray:
    """Cost of keeping a device another year, shape (P, n) [USD]."""
    yearly = scene.upkeep * MONTHS_PER_YEAR
    return marginal_annual_cost(value[0], value[MONTHS_PER_YEAR], yearly, scene.return_annual)


def _frontier(scene: _Scene) -> IntArray:
    """Row of the best part landed in each case, shape (n,)."""
    part = frontier_generation(scene.inputs, scene.results.market.generation_entry_rent)
    return np.asarray(np.searchsorted(scene.generation, part))


def _at_frontier(rows: FloatArray, frontier: IntArray) -> FloatArray:
    """Figures (P, n) of the best part landed, shape (1, n)."""
    return np.take_along_axis(rows, frontier[None], axis=0)


def _chances(scene: _Scene) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Continuous required return (n,), drift of the rent over the planning life (P, n), observed volatility (n,)."""
    inputs = scene.inputs
    rate = -np.log(inputs.terms.discount_factor) * MONTHS_PER_YEAR
    months = min(int(inputs.terms.planning_life.max()), len(scene.rent) - 1)
    drift = np.log(scene.rent[months] / scene.rent[0]) / months * MONTHS_PER_YEAR
    first = first_observation(inputs.history.observed_rent)
    seen = np.log(scene.results.market.rent[first : inputs.timeline.as_of + 1])
    moves = np.diff(seen.mean(axis=1), axis=TIME)
    spread = moves.std(axis=TIME, ddof=1) if len(moves) > 1 else np.full(seen.shape[-1:], np.nan)
    return rate, _observed(scene, drift), _observed(scene, np.asarray(spread * np.sqrt(MONTHS_PER_YEAR)))


def _scrap_years(scene: _Scene) -> FloatArray:
    """Scrap in rent times years, shape (P, n)."""
    scrap = scene.inputs.terms.scrap_share * scene.cost
    return np.asarray(scrap / (scene.hours * MONTHS_PER_YEAR))


def _abandonment(scene: _Scene, rate: FloatArray, drift: FloatArray, volatility: FloatArray) -> FloatArray:
    """Rent at which a device is given up for good; NaN where rents rise as fast as the required return."""
    answers = (drift < rate) & (volatility > 0.0)
    safe = np.where(answers, drift, 0.0)
    moves = np.where(volatility > 0.0, volatility, 1.0)
    found = abandonment_threshold(scene.upkeep / scene.hours, _scrap_years(scene), rate, safe, moves)
    return np.where(answers, found, np.nan)


def _price_fall(scene: _Scene) -> FloatArray:
    """Fall of the cost of a unit of service over the coming year, shape (P, n) [log per year]."""
    return np.asarray(np.log(scene.unit_cost[0] / scene.unit_cost[MONTHS_PER_YEAR]))


def _first_year(scene: _Scene) -> FloatArray:
    """Quasi-rent of the first year of a device bought now, shape (P, n) [USD]."""
    monthly = scene.hours * scene.earned * scene.carried - scene.upkeep
    return np.asarray(monthly[:MONTHS_PER_YEAR].sum(axis=TIME))


def _appraisal(scene: _Scene, age: FloatArray, lasts: FloatArray, frontier: IntArray) -> CostApproach:
    """Cost approach to a device of an age: excess operating cost until the engine would stop it."""
    inputs = scene.inputs
    service = _at_frontier(scene.service, frontier)
    excess = scene.upkeep - _at_frontier(scene.upkeep, frontier) * scene.service / service
    left = lasts / MONTHS_PER_YEAR - np.arange(scene.years)[:, None, None]
    yearly = np.maximum(excess, 0.0) * MONTHS_PER_YEAR * np.clip(left, 0.0, 1.0)
    used = scene.earned[0] / scene.rent[0]
    return appraise(
        replacement_cost_new(_at_frontier(scene.cost, frontier), scene.service, service),
        physical_share=np.minimum(age / inputs.silicon.physical_life, 1.0),
        functional=excess_operating_cost(yearly, np.zeros(1), inputs.terms.discount_factor**MONTHS_PER_YEAR),
        external_share=inutility(used, np.ones(1), CAPACITY_EXPONENT),
    )
