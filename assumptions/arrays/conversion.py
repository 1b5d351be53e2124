"""From a case to the arrays of the engine: the one place where units, calendars and rates are converted.

Annual rates become monthly, kW and prices become operating cost a month, months become bounds of the grid. Beliefs
and history come from the base for every case, so that no scenario changes what was known; the future is the case's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assumptions.arrays.cohorts import first_bound, resolve
from assumptions.arrays.fleet import fleet_inputs
from assumptions.arrays.ledgerchecks import check_scenarios
from assumptions.arrays.ledgers import ledger_inputs
from assumptions.arrays.paths import age_prices, rent_curve
from assumptions.arrays.pressures import (
    breakthrough_inputs,
    demand_inputs,
    migrated,
    resale_yield,
    rival_inputs,
    utilisation,
)
from assumptions.arrays.reliability import age_efficiency, availability, failure_hazard
from assumptions.arrays.segments import served
from assumptions.arrays.sites import operating_cost, site_inputs
from assumptions.arrays.taxes import tax_inputs
from assumptions.cases.history import check_as_of, knows_rents, list_index
from assumptions.cases.randomness import BASE_ONLY
from assumptions.chapters.absorption import stranding
from assumptions.chapters.eligibility import serves
from assumptions.chapters.schema import MODES, PLANS, Case
from assumptions.chapters.silicon import Generation
from assumptions.door.casewise import listed, per_case
from assumptions.door.messages import error
from assumptions.door.months import between
from assumptions.door.units import HOURS_PER_MONTH
from valuation.inputs import HistoryInputs, Inputs, OutlookInputs, SiliconInputs, TermsInputs
from valuation.timeline import MONTHS_PER_YEAR, FloatArray, Timeline

REMEDY = "set it in the case or with --set, so that it holds for all scenarios"


@dataclass(frozen=True)
class Grid:
    """What all cases of a stack share.

    Attributes
    ----------
    timeline : Timeline
        Months.
    ages : int
        Months of age covered by hazards and efficiencies.
    """

    timeline: Timeline
    ages: int


def build(base: Case, variants: Sequence[Case] = (), names: Sequence[str] = ()) -> Inputs:
    """Inputs of a base and its scenarios, the base first.

    Parameters
    ----------
    base : Case
        Whose beliefs and history all cases share.
    variants : sequence of Case
        Scenarios, made from the base by changes.
    names : sequence of str
        Their names, for messages.

    Returns
    -------
    Inputs
        With ``n`` = 1 + number of variants; not yet frozen.
    """
    _check_existence(base)
    places = [f"scenario {name}: " for name in names] or [""] * len(variants)
    for where, variant in zip(places, variants, strict=True):
        _check_variant(base, variant, where)
        _check_ledgers(base, variant, where)
    cases = [served(case, base) for case in (base, *variants)]
    grid = common_grid(cases)
    check_scenarios(base, list(zip(places, variants, strict=True)), grid.timeline)
    return Inputs.stack([_inputs(case, cases[0], grid) for case in cases])


def build_one(base: Case, case: Case) -> Inputs:
    """Inputs of a case whose numbers may be arrays by path, beliefs and history being the base's for all of them.

    Parameters
    ----------
    base : Case
        Whose beliefs and history hold.
    case : Case
        The base with some numbers in place of its own, checked by `assumptions.risk.draws`.

    Returns
    -------
    Inputs
        Not yet frozen.
    """
    _check_existence(base)
    kept = served(base, base)
    return _inputs(served(case, base), kept, common_grid([kept]))


def build_independent(cases: Sequence[Case]) -> list[tuple[Inputs, list[int]]]:
    """Inputs of cases that are each their own base, stacked where their grids and cohorts are alike.

    Parameters
    ----------
    cases : sequence of Case
        Cases with the same ledgers and generations.

    Returns
    -------
    list of (Inputs, list of int)
        Stacks, with the positions of their cases in the order given.
    """
    stacks: dict[tuple[object, ...], list[int]] = {}
    for position, case in enumerate(cases):
        stacks.setdefault(structure(case), []).append(position)
    result = []
    for positions in stacks.values():
        members = [served(cases[position], cases[position]) for position in positions]
        grid = common_grid(members)
        # What an answer hangs on is asked of values and books; tax would only take time.
        stack = [replace(_inputs(case, case, grid), tax=None) for case in members]
        result.append((Inputs.stack(stack), positions))
    return result


def timeline(case: Case) -> Timeline:
    """Grid of one case on its own.

    Parameters
    ----------
    case : Case
        The case.
    """
    return common_grid([case]).timeline


def common_grid(cases: Sequence[Case]) -> Grid:
    """Grid that reaches the horizon, and the end of the longest life, in every case.

    Parameters
    ----------
    cases : sequence of Case
        The base first; its calendar holds for all.
    """
    base = cases[0]
    check_as_of(base)
    start = first_bound(base)
    as_of = between(start, base.as_of)
    last = max(between(start, cohort.in_service) for cohort in resolve(base))
    life = max(int(case.terms.physical_life_months.value) for case in cases)
    plan = max(int(case.terms.planning_life_months.value) for case in cases)
    horizon = max(case.horizon_months for case in cases)
    periods = max(as_of + horizon, last + life + 1)
    return Grid(Timeline(_month(start), periods, as_of, base.fiscal_year_end_month), max(life, plan))


def _month(text: str) -> np.datetime64:
    return np.datetime64(text, "M")


def structure(case: Case) -> tuple[object, ...]:
    """Everything that must be equal for two cases to share a stack.

    Parameters
    ----------
    case : Case
        The case.
    """
    cohorts = resolve(case)
    dates = tuple((c.purchase, c.in_service, c.retired, c.device, c.calibrated) for c in cohorts)
    own = common_grid([case]).timeline
    parts, segments = tuple(case.silicon), tuple(served(case, case).segments)
    return (str(own.first_bound), own.periods, own.as_of, own.fiscal_year_end, dates, parts, segments)


def _check_variant(base: Case, variant: Case, where: str) -> None:
    """Refuse a scenario that would change the past or the cohorts."""
    if knows_rents(variant) and not knows_rents(base):
        what = "the case has no observed rents, and a scenario asks for them"
        raise error(f"{where}market.mode", what, "resale", "put rents.csv beside case.toml")
    for chapter, name in BASE_ONLY:
        before, after = (getattr(getattr(case, chapter), name) for case in (base, variant))
        if _plain(before) != _plain(after):
            what = "a scenario changes what belongs to the base"
            raise error(f"{where}{chapter}.{name}", what, "the value of the base", REMEDY)
    for name, part in base.silicon.items():
        other = variant.silicon[name]
        if _landed(base, part) and other.landing.value != part.landing.value:
            what = f"landed in {part.landing.value}, and a scenario moves it to {other.landing.value}"
            raise error(f"{where}silicon.{name}.landing", what, "parts landing after the as-of month", REMEDY)
        for key in ("known_from", "priced", "sets_price"):
            if _plain(getattr(other, key)) != _plain(getattr(part, key)):
                what = "a scenario changes what belongs to the base"
                raise error(f"{where}silicon.{name}.{key}", what, "the value of the base", REMEDY)
    for name, rival in base.rivals.items():
        if variant.rivals[name].cause.value != rival.cause.value:
            what = "a scenario changes what belongs to the base"
            raise error(f"{where}rivals.{name}.cause", what, "the value of the base", REMEDY)


def _check_ledgers(base: Case, variant: Case, where: str) -> None:
    """Refuse a scenario that changes how a ledger treats failures: one treatment holds for all cases."""
    for name, ledger in base.ledgers.items():
        if variant.ledgers[name].write_off_failures != ledger.write_off_failures:
            what = "a scenario changes what belongs to the base"
            raise error(f"{where}ledgers.{name}.write_off_failures", what, "the value of the base", REMEDY)


def _check_existence(base: Case) -> None:
    """Refuse devices in service before their part has landed: a slip in a year would be valued as a find."""
    for cohort in resolve(base):
        landing = base.silicon[cohort.device].landing.value
        if not cohort.calibrated and cohort.in_service < landing:
            place = f"schedule row of {cohort.purchase}, {cohort.device}"
            what = f"in service in {cohort.in_service}, before the part lands in {landing}"
            remedy = f"correct the row or silicon.{cohort.device}.landing"
            raise error(place, what, "service from the landing month on", remedy)


def _plain(found: object) -> object:
    """Value without its evidence."""
    return getattr(found, "value", found)


def _landed(case: Case, part: Generation) -> bool:
    return part.landing.value <= case.as_of


def _inputs(case: Case, base: Case, grid: Grid) -> Inputs:
    """Inputs of one case."""
    hazard = failure_hazard(case, grid.ages)
    return Inputs(
        timeline=grid.timeline,
        fleet=fleet_inputs(case, base, grid.timeline, hazard),
        silicon=_silicon(case, grid.ages, hazard),
        outlook=_outlook(base, base, grid),
        path=_outlook(case, base, grid),
        history=HistoryInputs(_observed_rent(base, grid.timeline)),
        terms=_terms(case),
        ledgers=tuple(
            ledger_inputs(name, ledger, resolve(base), grid.timeline, case.terms)
            for name, ledger in case.ledgers.items()
        ),
        tax=tax_inputs(case, resolve(base), resolve(case), grid.timeline),
        sites=site_inputs(case, base),
    )


def monthly_discount(annual: float) -> float:
    """Discount factor of one month from an effective annual rate."""
    factor: float = (1.0 + annual) ** (-1 / MONTHS_PER_YEAR)
    return factor


def _silicon(case: Case, ages: int, hazard: FloatArray) -> SiliconInputs:
    parts = list(case.silicon.values())
    # A part without a price takes part as a landing only; its cost and service are never read.
    service = [part.service_units.value if part.service_units and part.priced else 1.0 for part in parts]
    return SiliconInputs(
        priced=np.array([int(part.priced) for part in parts]),
        sets_price=np.array([int(part.sets_price) for part in parts]),
        cost=listed(part.cost_usd.value if part.cost_usd else 1.0 for part in parts),
        operating_cost=listed(operating_cost(case, part) for part in parts),
        power=listed(part.it_kw.value if part.it_kw else 1.0 for part in parts),
        space=listed(1.0 / part.devices_per_rack.value if part.devices_per_rack else 1.0 for part in parts),
        service=listed(service)[:, None] * _eligible(case)[:, :, None],
        failure_hazard=hazard,
        age_efficiency=age_efficiency(case, ages),
        physical_life=per_case(case.terms.physical_life_months.value),
        availability=availability(case),
        **stranding(case, ages),
    )


def _eligible(case: Case) -> FloatArray:
    """Whether each part serves each segment, 1 or 0, shape (G, S); of a part without a price nothing is read."""
    return np.array(
        [
            [float(not part.priced or serves(part, name, segment)) for name, segment in case.segments.items()]
            for part in case.silicon.values()
        ]
    )


def _outlook(case: Case, base: Case, grid: Grid) -> OutlookInputs:
    """Outlook of a case: landings as the base plans them, and the slip of the case against that plan."""
    market, start = case.market, str(grid.timeline.first_bound)
    planned = [between(start, landing) + slip for landing, slip in _landings(base, base)]
    expected = [between(start, landing) + slip for landing, slip in _landings(case, base)]
    known = [between(start, part.known_from.value) for part in base.silicon.values()]
    return OutlookInputs(
        mode=np.array([MODES.index(market.mode.value)]),
        landing=listed(planned),
        delay=listed(expected) - listed(planned),
        known_from=np.array(known, dtype=np.float64)[:, None],
        generic_cadence=per_case(market.generic_cadence_months.value),
        generic_step=per_case(market.generic_step_log.value),
        pass_through=per_case(market.pass_through.value),
        drift=per_case(market.drift_beside_landings / MONTHS_PER_YEAR),
        reversion_half_life=per_case(market.reversion_half_life_months.value),
        ramp_midpoint=per_case(market.ramp_midpoint_months.value),
        ramp_width=per_case(market.ramp_width_months.value),
        curve=_rent_curve(case, grid),
        sale_haircut=per_case(case.terms.sale_haircut_share.value),
        age_price=age_prices(market.age_price, grid.ages)[:, None],
        scarcity_target=per_case(market.scarcity_target_log.value),
        utilisation=utilisation(case, grid.timeline),
        migrated=migrated(case, grid.timeline),
        resale_yield=resale_yield(case),
        sold_known_from=per_case(grid.timeline.as_of),
        resale_haircut=per_case(market.resale_haircut_share.value),
        demand=(demand_inputs(case, grid.timeline),),
        rivals=rival_inputs(case, grid.timeline),
        breakthroughs=breakthrough_inputs(case, grid.timeline),
    )


def _rent_curve(case: Case, grid: Grid) -> FloatArray:
    """Log rent relative to the as-of month in curve mode, as far as the grid or a device reaches."""
    discount_factor = monthly_discount(case.terms.required_return_annual.value)
    return rent_curve(case.market.curve, max(grid.timeline.forecast_periods, grid.ages), discount_factor)


def _landings(case: Case, base: Case) -> list[tuple[str, float]]:
    """Landing months of the parts and the general slip of each; what has landed in the base does not slip."""
    slip = case.market.landing_delay_months.value
    return [
        (case.silicon[name].landing.value, 0.0 if _landed(base, part) else slip) for name, part in base.silicon.items()
    ]


def _observed_rent(base: Case, own: Timeline) -> FloatArray:
    """Contract rents at the bounds up to the as-of date, NaN where the index has no usable month."""
    index, ratio = list_index(base) if knows_rents(base) else {}, base.market.contract_to_list_ratio.value
    months = [str(month) for month in own.bounds[: own.as_of + 1]]
    rents = np.array([index.get(month, np.nan) * ratio for month in months])
    return np.repeat(rents[:, None, None], len(base.segments), axis=1)


def _terms(case: Case) -> TermsInputs:
    terms = case.terms
    decline = terms.planning_decline_log_per_year
    return TermsInputs(
        discount_factor=per_case(monthly_discount(terms.required_return_annual.value)),
        paid_hours=per_case(HOURS_PER_MONTH * case.market.paid_share.value),
        planning_life=per_case(terms.planning_life_months.value),
        planning_decline=per_case(np.nan if decline is None else decline.value / MONTHS_PER_YEAR),
        plan=np.array([PLANS.index(terms.plan.value)]),
        scrap_share=per_case(terms.scrap_share_of_cost.value),
        delivery_premium=per_case(terms.delivery_premium_share.value),
    )
