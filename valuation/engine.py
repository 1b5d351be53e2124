"""One function from inputs to results, for a case, a stack of scenarios or a block of paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from valuation import fleet as fleets
from valuation.books import Ledger, keep_ledger
from valuation.calibration import freeze, generation_rents, life_beyond_plan, with_frozen
from valuation.inputs import NEVER, RESALE, FrozenMarket, Inputs
from valuation.lives import Lives, fleet_profile, implied_lives, value_by_age
from valuation.market import (
    Levels,
    fill_history,
    first_observation,
    forward_rent,
    landing_ladder,
    market_levels,
    survivors_by_age,
)
from valuation.results import Cash, Economic, Gap, Market, Results, Returns
from valuation.returns import chosen_rate, internal_rates, modified_rate, net_present_value, payback
from valuation.timeline import CASE, COHORT, TIME, BoolArray, FloatArray, IntArray
from valuation.value import (
    DeviceState,
    exchange_value,
    resale_value,
    shutdown_price,
    value_along,
    value_from_state,
)


def evaluate(inputs: Inputs) -> Results:
    """Value a fleet, keep its ledgers, and set them side by side.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack; without frozen quantities each case is its own base.

    Returns
    -------
    Results
        With the same case axis.
    """
    frozen = inputs.frozen if inputs.frozen is not None else freeze(inputs)
    inputs = with_frozen(inputs, frozen)
    market, levels = _market(inputs, frozen)
    in_use, retirement = _values(inputs, frozen, market)
    in_exchange = _exchange(inputs, in_use, levels)
    economic, held, running = _economic(inputs, market, in_use, in_exchange, retirement)
    ledgers = tuple(_ledgers(inputs, held, running))
    gaps = tuple(_gap(ledger, economic) for ledger in ledgers)
    cash = _cash(inputs, economic)
    lives = _lives(inputs, economic)
    return Results(
        inputs=inputs,
        market=market,
        economic=economic,
        ledgers=ledgers,
        gaps=gaps,
        cash=cash,
        returns=_returns(inputs, economic, cash),
        cohort_lives=lives[0],
        fleet_lives=lives[1],
        life_beyond_plan=life_beyond_plan(inputs, frozen.planning_decline),
        published_from=_published_from(inputs),
    )


def _market(inputs: Inputs, frozen: FrozenMarket) -> tuple[Market, Levels]:
    timeline, as_of = inputs.timeline, inputs.timeline.as_of
    rents = generation_rents(inputs, frozen.planning_decline)
    at = np.full(inputs.cases, float(as_of))
    horizon = timeline.forecast_periods
    ladder = landing_ladder(inputs.silicon, inputs.path, rents, at, horizon)
    levels = market_levels(ladder, inputs.path, np.arange(timeline.periods + 1.0)[:, None])
    seen, entry_seen = fill_history(
        inputs.history.observed_rent, levels.entry_rent[: as_of + 1], frozen.planning_decline
    )
    path = forward_rent(ladder, inputs.path, anchor=seen[-1], scarcity=frozen.scarcity, horizon=horizon)
    hours = inputs.terms.paid_hours * inputs.silicon.service
    market = Market(
        rent=np.concatenate([np.broadcast_to(seen, (as_of + 1, *path.shape[1:])), path[1:]]),
        market_entry_rent=np.concatenate([entry_seen, levels.entry_rent[as_of + 1 :]]),
        replacement_cost=levels.replacement_cost,
        generation_entry_rent=rents,
        generation_shutdown=shutdown_price(inputs.silicon.operating_cost, hours),
        scarcity=frozen.scarcity,
        planning_decline=frozen.planning_decline,
    )
    return market, levels


def device_state(inputs: Inputs, frozen: FrozenMarket, at: int) -> DeviceState:
    """State of the devices of every cohort at a bound, and the terms they are valued on.

    Parameters
    ----------
    inputs : Inputs
        Fleet, silicon and terms.
    frozen : FrozenMarket
        Plans of calibrated cohorts.
    at : int
        Bound.

    Returns
    -------
    DeviceState
        Arrays of shape (C, ...) with the case axis last.
    """
    owned, silicon, terms = inputs.fleet, inputs.silicon, inputs.terms
    calibrated = owned.calibrated[:, None] > 0
    entry = _entry_rent_at(inputs, frozen, owned.in_service)
    coefficient = np.where(
        calibrated[:, None], frozen.plan_rent[:, None, :] / entry, terms.paid_hours * silicon.service[owned.generation]
    )
    operating = np.where(calibrated, frozen.plan_operating_cost, silicon.operating_cost[owned.generation])
    scrap = terms.scrap_share * owned.cost
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
    )


def _entry_rent_at(inputs: Inputs, frozen: FrozenMarket, bound: IntArray) -> FloatArray:
    """Entry rent of the market in the base at given bounds, extended before the grid, shape (C, S, n)."""
    inside = frozen.market_entry_rent[np.clip(bound, 0, inputs.timeline.periods)]
    before = np.minimum(bound, 0)[:, None, None]
    return np.asarray(inside * np.exp(-frozen.planning_decline * before))


def _values(inputs: Inputs, frozen: FrozenMarket, market: Market) -> tuple[FloatArray, IntArray]:
    """Value in use per device at every bound (T+1, C, n), and retirement bounds (C, n)."""
    as_of = inputs.timeline.as_of
    state = device_state(inputs, frozen, as_of)
    ahead, stops = value_along(state, market.rent[as_of:])
    past = _historical_values(inputs, frozen, market)
    cases = max(past.shape[CASE], ahead.shape[CASE])
    in_use = np.empty((inputs.timeline.periods + 1, ahead.shape[COHORT], cases))
    in_use[:as_of], in_use[as_of:] = past, ahead
    age = fleets.ages(inputs.fleet.in_service, len(in_use))
    in_use, stops = _resale_where_asked(inputs, in_use, stops, age)
    retirement = _retirement(inputs, stops)
    return in_use * (age[:, :, None] >= 0), retirement


def _historical_values(inputs: Inputs, frozen: FrozenMarket, market: Market) -> FloatArray:
    """Value at each bound before the as-of bound, from what was known then, shape (as_of, C, n).

    The dates become cases of one call, so the same recursion serves them all.
    """
    as_of = inputs.timeline.as_of
    known = replace(inputs, path=inputs.outlook, ledgers=(), fleet=_one_unit(inputs), frozen=frozen)
    cases = known.cases
    rows = np.tile(np.arange(cases), as_of)
    dates = np.repeat(np.arange(as_of), cases)
    spread = known.take(rows)
    spread_frozen = frozen.take(rows)
    rents = generation_rents(spread, spread_frozen.planning_decline)
    horizon = int(inputs.silicon.physical_life.max())
    ladder = landing_ladder(spread.silicon, spread.outlook, rents, dates.astype(np.float64), horizon)
    anchor = _at_dates(market.rent[:as_of], rows, dates)
    scarcity = np.log(anchor / _at_dates(market.market_entry_rent[:as_of], rows, dates))
    forward = forward_rent(ladder, spread.outlook, anchor=anchor, scarcity=scarcity, horizon=horizon)
    state = device_state(spread, spread_frozen, 0)
    state = replace(state, age=state.age + dates, forced_stop=np.full((1, 1), NEVER))
    value = value_from_state(state, forward)
    cohorts = state.age.shape[0]
    wide = np.broadcast_to(value, (cohorts, as_of * cases))
    return wide.reshape(cohorts, as_of, cases).swapaxes(0, 1)


def _one_unit(inputs: Inputs) -> object:
    """Fleet with one unit a cohort: units do not bear on the value of a device."""
    return replace(inputs.fleet, units=np.ones((len(inputs.fleet.group), 1)))


def _at_dates(levels: FloatArray, rows: IntArray, dates: IntArray) -> FloatArray:
    """Levels (B, S, n) read at one date and case each, shape (S, m)."""
    column = rows if levels.shape[CASE] > 1 else np.zeros_like(rows)
    return np.asarray(levels[dates, :, column].T)


def _resale_where_asked(
    inputs: Inputs, in_use: FloatArray, stops: BoolArray, age: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Replace values and stops by the age-price curve in the cases that run in resale mode."""
    as_of, terms, owned = inputs.timeline.as_of, inputs.terms, inputs.fleet
    before, after = inputs.outlook.mode == RESALE, inputs.path.mode == RESALE
    if not (before.any() or after.any()):
        return in_use, stops
    curve = resale_value(owned.cost, age, terms.age_price, terms.sale_haircut, inputs.silicon.physical_life)
    late = (np.arange(len(age)) >= as_of)[:, None, None]
    asked = np.where(late, after, before)
    worn_out = age[as_of:, :, None] >= inputs.silicon.physical_life
    return np.where(asked, curve, in_use), np.where(after, worn_out, stops)


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


def _exchange(inputs: Inputs, in_use: FloatArray, levels: Levels) -> FloatArray:
    """Value in exchange per device, shape (T+1, C, n)."""
    owned, terms = inputs.fleet, inputs.terms
    ratio = np.minimum(1.0, levels.replacement_cost[:, None] / _own_cost_per_unit(inputs, levels)).max(axis=2)
    scrap = terms.scrap_share * owned.cost
    capped = exchange_value(in_use, scrap, owned.cost, ratio, terms.delivery_premium)
    late = (np.arange(len(in_use)) >= inputs.timeline.as_of)[:, None, None]
    by_curve = np.where(late, inputs.path.mode == RESALE, inputs.outlook.mode == RESALE)
    in_service = fleets.ages(owned.in_service, len(in_use))[:, :, None] >= 0
    return np.where(by_curve, in_use, capped) * in_service


def _own_cost_per_unit(inputs: Inputs, levels: Levels) -> FloatArray:
    """What a unit of service of each cohort costs new: its own part's, or the market's mix when it was bought.

    Measured against the mix, a part bought early in its ramp would seem to lose what only the mix loses, although the
    same part still costs the same. Shape (C, S, n); infinite in a segment the part cannot serve.
    """
    owned, silicon = inputs.fleet, inputs.silicon
    service = silicon.service[owned.generation]
    per_unit = np.where(service > 0.0, silicon.cost[owned.generation][:, None] / np.where(service > 0.0, service, 1.0), np.inf)
    start = np.clip(owned.in_service, 0, inputs.timeline.periods)
    return np.where(owned.calibrated[:, None, None] > 0, levels.replacement_cost[start], per_unit)


def _economic(
    inputs: Inputs, market: Market, in_use: FloatArray, in_exchange: FloatArray, retirement: IntArray
) -> tuple[Economic, BoolArray, BoolArray]:
    owned, periods = inputs.fleet, inputs.timeline.periods
    age = fleets.ages(owned.in_service, periods + 1)
    surviving = fleets.surviving_units(
        owned.units, survivors_by_age(inputs.silicon.failure_hazard), owned.generation, age
    )
    held = fleets.held(owned.in_service, retirement, periods + 1)
    running = fleets.running(owned.in_service, retirement, periods)
    units = surviving * held
    retired = units[:-1] * (held[:-1] & ~running)
    arrives = (age[1:] == 0)[:, :, None] & held[1:]
    in_exchange = _proceeds_at_retirement(inputs, in_exchange, retirement)
    in_use = _proceeds_at_retirement(inputs, in_use, retirement)
    stock_use, stock_exchange = units * in_use, units * in_exchange
    additions = np.where(arrives, stock_exchange[1:], 0.0)
    at_cost = np.where(arrives, owned.units * owned.cost, 0.0)
    proceeds = retired * in_exchange[:-1]
    gross, quasi = _rents(inputs, market, units[:-1] * running)
    economic = Economic(
        units=units,
        retired_units=retired,
        retirement=retirement,
        unit_value_in_use=in_use,
        unit_value_in_exchange=in_exchange,
        value_in_use=stock_use,
        value_in_exchange=stock_exchange,
        additions=additions,
        additions_at_cost=at_cost,
        purchase_surplus=np.where(arrives, stock_use[1:] - at_cost, 0.0),
        exchange_discount=np.where(arrives, stock_use[1:] - stock_exchange[1:], 0.0),
        proceeds=proceeds,
        economic_depreciation=stock_exchange[:-1] + additions - proceeds - stock_exchange[1:],
        quasi_rent=quasi,
        gross_rent=gross,
    )
    return economic, held, running


def _proceeds_at_retirement(inputs: Inputs, value: FloatArray, retirement: IntArray) -> FloatArray:
    """Value per device, at the retirement bound replaced by what the device brings when it leaves."""
    owned = inputs.fleet
    scrap = inputs.terms.scrap_share * owned.cost
    scheduled = (retirement == owned.scheduled_retirement[:, None]) & ~np.isnan(owned.sale_value)
    brings = np.where(scheduled, owned.sale_value, scrap)
    leaving = np.arange(len(value))[:, None, None] == retirement
    priced = (inputs.path.mode != RESALE) | scheduled
    return np.where(leaving & priced, brings, value)


def _rents(inputs: Inputs, market: Market, units: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rent and quasi-rent of the running units by period, shape (T, C, n) each."""
    state = device_state(inputs, inputs.frozen, 0) if inputs.frozen is not None else None
    assert state is not None
    earning = np.where(np.arange(len(units))[:, None, None] >= inputs.timeline.as_of, inputs.path.mode, inputs.outlook.mode)
    gross = np.empty(np.broadcast_shapes(units.shape, (1, 1, market.rent.shape[CASE])))
    for period in range(len(units)):
        best = (state.rent_coefficient * market.rent[period]).max(axis=1)
        gross[period] = units[period] * best * state.by_age(state.age_efficiency, period)
    gross = np.where(earning == RESALE, 0.0, gross)
    spent = np.where(earning == RESALE, 0.0, units * state.operating_cost)
    return gross, gross - spent


def _ledgers(inputs: Inputs, held: BoolArray, running: BoolArray) -> list[Ledger]:
    owned = inputs.fleet
    age = fleets.ages(owned.in_service, inputs.timeline.periods + 1)
    surviving = fleets.surviving_units(
        owned.units, survivors_by_age(inputs.silicon.failure_hazard), owned.generation, age
    )
    return [
        keep_ledger(
            ledger,
            cost=owned.cost,
            units_bought=owned.units,
            surviving=surviving,
            age=age,
            held=held,
            running=running,
        )
        for ledger in inputs.ledgers
    ]


def _gap(ledger: Ledger, economic: Economic) -> Gap:
    loss = ledger.disposals - economic.proceeds
    booked = ledger.depreciation + ledger.impairment + loss
    return Gap(
        ledger=ledger.name,
        gap=ledger.carrying_amount - economic.value_in_exchange,
        hidden_depreciation=economic.economic_depreciation - booked,
    )


def _cash(inputs: Inputs, economic: Economic) -> Cash:
    """Cash by bound: rents at the end of their period, proceeds and purchases at their bound."""
    shape = (inputs.timeline.periods + 1, economic.units.shape[CASE])
    gross, spent, proceeds, bought = (np.zeros(shape) for _ in range(4))
    gross[1:] = economic.gross_rent.sum(axis=COHORT)
    spent[1:] = (economic.gross_rent - economic.quasi_rent).sum(axis=COHORT)
    proceeds[:-1] = economic.proceeds.sum(axis=COHORT)
    owned = inputs.fleet
    outlay = owned.units * owned.cost
    for cohort, bound in enumerate(owned.purchase):
        if 0 < bound <= inputs.timeline.periods:
            bought[bound] += outlay[cohort]
    return Cash(gross, spent, proceeds, bought, gross + proceeds - spent - bought)


def _returns(inputs: Inputs, economic: Economic, cash: Cash) -> Returns:
    as_of, factor = inputs.timeline.as_of, inputs.terms.discount_factor
    fleet = inputs.fleet
    owned = economic.value_in_exchange[as_of].sum(axis=0)
    waiting = ((fleet.purchase <= as_of) & (fleet.in_service > as_of))[:, None]
    under_construction = (fleet.units * fleet.cost * waiting).sum(axis=0)
    flows = cash.net[as_of:].copy()
    flows[0] = cash.proceeds[as_of] - owned - under_construction
    resale = np.broadcast_to(inputs.path.mode == RESALE, owned.shape)
    flows = np.where(resale, np.nan, flows)
    roots = tuple(internal_rates(np.where(resale, 0.0, flows)))
    npv = net_present_value(flows, factor)
    return Returns(
        owned=owned,
        under_construction=np.broadcast_to(under_construction, owned.shape),
        npv=npv,
        npv_in_use=npv + owned,
        irr=chosen_rate(list(roots)),
        mirr=modified_rate(flows, factor),
        irr_roots=roots,
        payback=payback(flows),
        discounted_payback=payback(flows, factor),
    )


def _lives(inputs: Inputs, economic: Economic) -> tuple[Lives, Lives]:
    oldest = int(inputs.silicon.physical_life.max())
    after = np.arange(inputs.timeline.periods + 1)[:, None, None] > economic.retirement
    relative = np.where(after, 0.0, economic.unit_value_in_use / inputs.fleet.cost)
    profile = value_by_age(relative, inputs.fleet.in_service, oldest)
    age = np.where(economic.retirement == NEVER, np.nan, economic.retirement - inputs.fleet.in_service[:, None])
    outlay = np.broadcast_to(inputs.fleet.units * inputs.fleet.cost, age.shape)
    mean, mean_age = fleet_profile(profile, age, outlay)
    return implied_lives(profile, age), implied_lives(mean, mean_age)


def _published_from(inputs: Inputs) -> int:
    first = first_observation(inputs.history.observed_rent)
    if first == 0:
        return 0
    closing = np.flatnonzero(inputs.timeline.is_fiscal_year_end)
    later = closing[closing >= first]
    return int(later[0]) if later.size else inputs.timeline.as_of
