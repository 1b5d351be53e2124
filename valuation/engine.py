"""One function from inputs to results, for a case, a stack of scenarios or a block of paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from valuation.books.impairment import Framework
from valuation.books.ledgers import Gap, Ledger, keep_ledger, ledger_gap
from valuation.books.policies import ComponentInputs, LedgerInputs
from valuation.books.schedule import Service, engine_service
from valuation.devices.fleet import Occupancy
from valuation.devices.value import shutdown_price
from valuation.inputs import FrozenMarket, Inputs
from valuation.results import Economic, Market, Results
from valuation.silicon.pressures import read_ahead
from valuation.stages.aftertax import taxes
from valuation.stages.appraisal import undiscounted_flows, values_in_exchange, values_in_use
from valuation.stages.calibration import freeze, generation_rents, with_frozen
from valuation.stages.flows import (
    cash_flows,
    economic_flows,
    fleet_lives,
    fleet_rents,
    fleet_returns,
    follow_units,
    placement_rights,
)
from valuation.stages.ladder import landing_ladder
from valuation.stages.market import Levels, branched_levels, fill_history, first_observation, forward_rent
from valuation.timeline import FloatArray


def evaluate(inputs: Inputs) -> Results:
    """Value a fleet, keep its ledgers, and set them side by side.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack; without frozen quantities each case is its own base.

    Returns
    -------
    Results
        With the same case axis, stocks (T+1, C, n) and flows (T, C, n).

    Raises
    ------
    NoSolutionError
        If no planning decline lets an entrant earn its required return.
    """
    frozen = inputs.frozen if inputs.frozen is not None else freeze(inputs)
    inputs = with_frozen(inputs, frozen)
    market, bought = market_path(inputs, frozen)
    in_use, retirement, placement = values_in_use(inputs, frozen, market)
    in_exchange = values_in_exchange(inputs, in_use, market.replacement_cost, bought.replacement_cost)
    fleet = follow_units(inputs, retirement)
    rents = fleet_rents(inputs, frozen, market.earned, fleet, placement.moved if placement else None)
    economic = economic_flows(inputs, rents, (in_use, in_exchange), fleet)
    keep = _keeper(inputs, frozen, market, (in_exchange, in_use), fleet)
    ledgers = tuple(keep(ledger) for ledger in inputs.ledgers)
    cash = cash_flows(inputs, economic)
    cohort_lives, lives = fleet_lives(inputs, economic)
    returns = fleet_returns(inputs, economic, cash)
    rules = inputs.tax
    tax_books = tuple(keep(ledger) for ledger in rules.ledgers) if rules else ()
    return Results(
        inputs=inputs,
        market=market,
        economic=economic,
        ledgers=ledgers,
        gaps=tuple(_gap(ledger, economic) for ledger in ledgers),
        cash=cash,
        returns=returns,
        cohort_lives=cohort_lives,
        fleet_lives=lives,
        life_beyond_plan=frozen.life_beyond_plan,
        published_from=published_from(inputs),
        taxes=taxes(inputs, rules, economic, (tax_books, ledgers), returns.npv) if rules else None,
        placement=placement,
        rights=placement_rights(inputs, economic, fleet, placement),
    )


def keep_beside(results: Results, name: str, life: float) -> Results:
    """Results with one more set of books: a straight line of all cost over one life, without salvage.

    Parameters
    ----------
    results : Results
        A stack.
    name : str
        Name of the set of books.
    life : float
        Book life [months].
    """
    inputs = results.inputs
    lives = np.full((inputs.timeline.periods, 1, 1), float(life))
    ledger = LedgerInputs(name, (ComponentInputs("whole", lives),), write_off_failures=True)
    fleet = follow_units(inputs, results.economic.retirement)
    owned, service = inputs.fleet, _service(inputs, fleet)
    kept = keep_ledger(ledger, cost=owned.cost, units=owned.units, fleet=fleet, service=service)
    return replace(
        results,
        inputs=replace(inputs, ledgers=(*inputs.ledgers, ledger)),
        ledgers=(*results.ledgers, kept),
        gaps=(*results.gaps, _gap(kept, results.economic)),
    )


def _service(inputs: Inputs, fleet: Occupancy) -> Service:
    """Service of every cohort over the months of the grid, as its books count it."""
    timeline = inputs.timeline
    return engine_service(
        fleet.in_service, fleet.retirement, timeline.first_bound, timeline.periods, timeline.fiscal_year_end
    )


def _gap(ledger: Ledger, economic: Economic) -> Gap:
    """A set of books beside the economic value of the same cohorts."""
    return ledger_gap(
        ledger,
        value=economic.value_in_exchange,
        economic_depreciation=economic.economic_depreciation,
        proceeds=economic.proceeds,
    )


def _keeper(
    inputs: Inputs, frozen: FrozenMarket, market: Market, values: tuple[FloatArray, FloatArray], fleet: Occupancy
) -> Callable[[LedgerInputs], Ledger]:
    """What keeps a set of books over the fleet, tested against the engine's own values where it asks for it."""
    timeline, owned, service = inputs.timeline, inputs.fleet, _service(inputs, fleet)

    def appraise(ledger: LedgerInputs) -> tuple[FloatArray, FloatArray, FloatArray]:
        if ledger.tests[0].framework is Framework.IAS_36:
            return (*values, values[1])
        return (*values, undiscounted_flows(inputs, frozen, market, ledger.life))

    # Before publication there is no value to test against.
    published = np.arange(1, timeline.periods + 1) >= published_from(inputs)

    def keep(ledger: LedgerInputs) -> Ledger:
        tested = replace(ledger, tests=tuple(replace(test, tested=test.tested & published) for test in ledger.tests))
        return keep_ledger(tested, cost=owned.cost, units=owned.units, fleet=fleet, service=service, appraise=appraise)

    return keep


def market_path(inputs: Inputs, frozen: FrozenMarket) -> tuple[Market, Levels]:
    """Observed rents and the path of each case after the as-of bound.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    frozen : FrozenMarket
        Planning decline and scarcity of the base.

    Returns
    -------
    market : Market
        Rents and entry rents, shape (T+1, S, n).
    bought : Levels
        Ramp-weighted levels of the landed parts when each cohort entered service, shape (C, S, n).
    """
    timeline, as_of = inputs.timeline, inputs.timeline.as_of
    rents = generation_rents(inputs, frozen.planning_decline)
    at = np.full(inputs.cases, float(as_of))
    horizon = timeline.forecast_periods
    ladder = landing_ladder(inputs.silicon, inputs.path, rents, at, horizon)
    past = landing_ladder(inputs.silicon, inputs.outlook, rents, at, horizon)
    levels, bought = (
        branched_levels((past, inputs.outlook), (ladder, inputs.path), bound[:, None].astype(np.float64), as_of)
        for bound in (np.arange(timeline.periods + 1), inputs.fleet.in_service)
    )
    seen, entry_seen = fill_history(
        inputs.history.observed_rent, levels.entry_rent[: as_of + 1], frozen.planning_decline
    )
    path = forward_rent(ladder, inputs.path, anchor=seen[-1], scarcity=frozen.scarcity, horizon=horizon)
    hours = inputs.terms.paid_hours * inputs.silicon.delivered
    rent = np.concatenate([np.broadcast_to(seen, (as_of + 1, *path.shape[1:])), path[1:]])
    market = Market(
        rent=rent,
        earned=rent * utilisation_path(inputs)[:, None],
        market_entry_rent=np.concatenate([entry_seen, levels.entry_rent[as_of + 1 :]]),
        replacement_cost=levels.replacement_cost,
        power=levels.power,
        space=levels.space,
        generation_entry_rent=rents,
        generation_shutdown=shutdown_price(inputs.silicon.operating_cost, hours),
        scarcity=frozen.scarcity,
        planning_decline=frozen.planning_decline,
    )
    return market, bought


def utilisation_path(inputs: Inputs) -> FloatArray:
    """Share of the usual hours that the owner sells at each bound: as in the base up to the as-of bound.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.

    Returns
    -------
    numpy.ndarray
        Shape (T+1, n or 1).
    """
    bounds = np.arange(inputs.timeline.periods + 1)[:, None]
    before, after = (read_ahead(view.sold, bounds) for view in (inputs.outlook, inputs.path))
    return np.where(bounds <= inputs.timeline.as_of, before, after)


def published_from(inputs: Inputs) -> int:
    """First bound at which economic figures are published: the first fiscal year-end with an observed rent.

    Parameters
    ----------
    inputs : Inputs
        Timeline and observed rents, shape (B, S, n).

    Returns
    -------
    int
        Bound index; the as-of bound if no fiscal year ended since the first observation.
    """
    first = first_observation(inputs.history.observed_rent)
    if first == 0:
        return 0
    closing = inputs.timeline.closing_bounds
    later = closing[closing >= first]
    return min(int(later[0]), inputs.timeline.as_of) if later.size else inputs.timeline.as_of
