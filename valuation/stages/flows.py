"""Flows of the fleet: stocks and movements at value, cash, returns and lives."""

from __future__ import annotations

import numpy as np

from valuation.devices import fleet as fleets
from valuation.devices.lives import Lives, fleet_profile, implied_lives, value_by_age
from valuation.devices.returns import chosen_rate, internal_rates, modified_rate, net_present_value, payback
from valuation.devices.sites import STAY
from valuation.devices.value import device_earnings
from valuation.inputs import RESALE, FrozenMarket, Inputs
from valuation.results import Cash, Economic, Placement, Returns, Rights
from valuation.stages.appraisal import device_state
from valuation.stages.entry import survivors_by_age
from valuation.stages.upkeep import brought, sold_by_schedule
from valuation.timeline import CASE, COHORT, NEVER, FloatArray, IntArray, pair


def follow_units(inputs: Inputs, retirement: IntArray) -> fleets.Occupancy:
    """Where the units of the fleet are.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    retirement : numpy.ndarray
        Retirement bound, shape (C, n).

    Returns
    -------
    Occupancy
        Stocks (T+1, C, n), flows (T, C, n).
    """
    return fleets.occupancy(
        units=inputs.fleet.units,
        in_service=inputs.fleet.in_service,
        generation=inputs.fleet.generation,
        survivors=survivors_by_age(inputs.silicon.failure_hazard),
        retirement=np.broadcast_to(retirement, (len(retirement), inputs.cases)),
        periods=inputs.timeline.periods,
    )


def economic_flows(
    inputs: Inputs,
    rents: tuple[FloatArray, FloatArray],
    values: tuple[FloatArray, FloatArray],
    fleet: fleets.Occupancy,
) -> Economic:
    """Stocks and movements of the fleet at value.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    rents : tuple of numpy.ndarray
        Rent and quasi-rent of the running units [USD], shape (T, C, n) each.
    values : tuple of numpy.ndarray
        Value in use and in exchange per device [USD], shape (T+1, C, n) each.
    fleet : Occupancy
        Where the units are.

    Returns
    -------
    Economic
        Values of the stock at the bounds, movements by period.
    """
    arrivals, departures, units = fleet.arrivals, fleet.departures, fleet.stock
    in_use, in_exchange = pair(units.shape)
    stock_use, stock_exchange = pair(units.shape)
    for each, value in zip((in_use, in_exchange), values, strict=True):
        each[...] = value
        _set_proceeds(inputs, each, fleet.retirement)
    np.multiply(units, in_use, out=stock_use)
    np.multiply(units, in_exchange, out=stock_exchange)
    paid = arrivals.each(inputs.fleet.units * inputs.fleet.cost)
    worth, price = arrivals.read(stock_use), arrivals.read(stock_exchange)
    brought = departures.read(stock_exchange)
    depreciation = stock_exchange[:-1] - stock_exchange[1:]
    additions, at_cost = pair(depreciation.shape)
    surplus, discount = pair(depreciation.shape)
    retired, proceeds = pair(depreciation.shape)
    return Economic(
        units=units,
        retired_units=departures.add_to(retired, departures.read(units)),
        retirement=fleet.retirement,
        unit_value_in_use=in_use,
        unit_value_in_exchange=in_exchange,
        value_in_use=stock_use,
        value_in_exchange=stock_exchange,
        additions=arrivals.add_to(additions, price),
        additions_at_cost=arrivals.add_to(at_cost, paid),
        purchase_surplus=arrivals.add_to(surplus, worth - paid),
        exchange_discount=arrivals.add_to(discount, worth - price),
        proceeds=departures.add_to(proceeds, brought),
        economic_depreciation=departures.add_to(arrivals.add_to(depreciation, price), -brought),
        quasi_rent=rents[1],
        gross_rent=rents[0],
    )


def _set_proceeds(inputs: Inputs, value: FloatArray, leave: IntArray) -> None:
    """Write what a device brings when it leaves over its value at the retirement bound: there the two are one."""
    brings = brought(inputs, leave)
    priced = (inputs.path.mode != RESALE) | sold_by_schedule(inputs, leave)
    cohort, case = np.nonzero(priced & (leave >= 0) & (leave < len(value)))
    value[leave[cohort, case], cohort, case] = np.broadcast_to(brings, leave.shape)[cohort, case]


def fleet_rents(
    inputs: Inputs, frozen: FrozenMarket, earned: FloatArray, fleet: fleets.Occupancy, moved: IntArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Rent and quasi-rent of the running units.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    frozen : FrozenMarket
        Plans of calibrated cohorts.
    earned : numpy.ndarray
        What the owner earns at the bounds [USD per unit-hour], shape (T+1, S, n).
    fleet : Occupancy
        Where the units are.
    moved : numpy.ndarray, optional
        Bound at which cohorts move to their next site, shape (C, n).

    Returns
    -------
    rent, quasi_rent : numpy.ndarray
        [USD], zero in resale mode, which knows no rents, shape (T, C, n) each.
    """
    state = device_state(inputs, frozen, 0)
    units = fleet.working
    late = np.arange(len(units))[:, None, None] >= inputs.timeline.as_of
    by_curve = np.where(late, inputs.path.mode, inputs.outlook.mode) == RESALE
    units = np.where(by_curve, 0.0, units) if by_curve.any() else units
    months = np.arange(len(units))[:, None, None]
    each, spent = device_earnings(state, earned[:-1, None], months)
    if moved is not None:
        spent = _spent_after_moves(inputs, frozen, earned, (moved, spent))
    rent = units * each
    return rent, rent - units * spent


def _spent_after_moves(
    inputs: Inputs, frozen: FrozenMarket, earned: FloatArray, before: tuple[IntArray, FloatArray]
) -> FloatArray:
    """Running cost by period where cohorts move, and the move in its month [USD per device-month], (T, C, n)."""
    sites, here = inputs.sites, np.broadcast_to(inputs.fleet.site, inputs.fleet.generation.shape)
    assert sites is not None  # nothing moves without them
    (moved, spent), months = before, np.arange(len(earned) - 1)[:, None, None]
    there = np.where(sites.next_site[here] == STAY, here, sites.next_site[here])
    _, after = device_earnings(device_state(inputs, frozen, 0, there), earned[:-1, None], months)
    move = np.where(months == moved, sites.moving_cost[here] * inputs.fleet.cost, 0.0)
    return np.asarray(np.where(months >= moved, after, spent) + move)


def placement_rights(
    inputs: Inputs, economic: Economic, fleet: fleets.Occupancy, placement: Placement | None
) -> Rights | None:
    """Values beside those of the devices: the right to their places, and capacity that is owed in any case.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    economic : Economic
        Units of the stock, shape (T+1, C, n).
    fleet : Occupancy
        Where the units are.
    placement : Placement or None
        Charges of the places.

    Returns
    -------
    Rights or None
        Shape (n,) each; none where the case has no sites.
    """
    sites, as_of, owned = inputs.sites, inputs.timeline.as_of, inputs.fleet
    if sites is None:
        return None
    there = economic.units[as_of]
    factor = np.broadcast_to(inputs.terms.discount_factor, (inputs.cases,))
    right = np.zeros(inputs.cases)
    if placement is not None:
        held = (owned.in_service <= as_of)[:, None]
        flows = (fleet.working[as_of:] * placement.charge[: fleet.working[as_of:].shape[0]] * held).sum(axis=COHORT)
        right = net_present_value(np.concatenate([np.zeros((1, inputs.cases)), flows]), factor)
    site = np.broadcast_to(owned.site, owned.generation.shape)
    share = np.where(owned.calibrated[:, None] > 0, owned.cost / inputs.silicon.cost[owned.generation], 1.0)
    owed = there * sites.committed[site, owned.generation] * share
    months = np.arange(1.0, float(sites.commitment.max()) + 1.0)[:, None, None]
    annuity = (factor**months * (months <= sites.commitment)).sum(axis=0)[site]
    return Rights(right, np.asarray((owed * annuity).sum(axis=0)))


def cash_flows(inputs: Inputs, economic: Economic) -> Cash:
    """Cash by bound: rents at the end of their period, proceeds and purchases at their bound.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    economic : Economic
        Flows of the cohorts, shape (T, C, n).

    Returns
    -------
    Cash
        Fleet totals, shape (T+1, n).
    """
    shape = (inputs.timeline.periods + 1, economic.units.shape[CASE])
    gross, spent, proceeds, bought = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    gross[1:] = economic.gross_rent.sum(axis=COHORT)
    spent[1:] = (economic.gross_rent - economic.quasi_rent).sum(axis=COHORT)
    proceeds[:-1] = economic.proceeds.sum(axis=COHORT)
    owned = inputs.fleet
    outlay = owned.units * owned.cost
    for cohort, bound in enumerate(owned.purchase):
        if 0 < bound <= inputs.timeline.periods:
            bought[bound] += outlay[cohort]
    return Cash(gross, spent, proceeds, bought, gross + proceeds - spent - bought)


def flows_ahead(inputs: Inputs, economic: Economic, cash: Cash) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cash from the as-of bound on, what is owned then entering as an outflow.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    economic : Economic
        Values at the as-of bound.
    cash : Cash
        Fleet totals by bound, shape (T+1, n).

    Returns
    -------
    owned, under_construction : numpy.ndarray
        Value in exchange of devices in service, and cost of those paid for but not yet in service [USD], shape (n,).
    flows : numpy.ndarray
        [USD], shape (K+1, n).
    """
    as_of, fleet = inputs.timeline.as_of, inputs.fleet
    owned = economic.value_in_exchange[as_of].sum(axis=0)
    waiting = ((fleet.purchase <= as_of) & (fleet.in_service > as_of))[:, None]
    under_construction = (fleet.units * fleet.cost * waiting).sum(axis=0)
    flows = cash.net[as_of:].copy()
    flows[0] = cash.proceeds[as_of] - owned - under_construction
    return owned, under_construction, flows


def fleet_returns(inputs: Inputs, economic: Economic, cash: Cash) -> Returns:
    """Measure flows after the as-of bound: owned devices enter at value in exchange, later purchases at cost.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    economic : Economic
        Values at the as-of bound.
    cash : Cash
        Fleet totals by bound, shape (T+1, n).

    Returns
    -------
    results.Returns
        Shape (n,) each; NaN in resale mode, which knows no rents.
    """
    factor = inputs.terms.discount_factor
    owned, under_construction, flows = flows_ahead(inputs, economic, cash)
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


def fleet_lives(inputs: Inputs, economic: Economic) -> tuple[Lives, Lives]:
    """Lives implied by value in use over cost, by cohort and for the fleet.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    economic : Economic
        Values per device, shape (T+1, C, n), and retirement bounds.

    Returns
    -------
    cohorts, fleet : Lives
        Shapes (C, n) and (1, n).
    """
    profile, age, outlay = value_profiles(inputs, economic)
    mean, mean_age = fleet_profile(profile, age, outlay)
    return implied_lives(profile, age), implied_lives(mean, mean_age)


def value_profiles(inputs: Inputs, economic: Economic) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value in use over cost by age, age at retirement and outlay of every cohort.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    economic : Economic
        Values per device, shape (T+1, C, n), and retirement bounds.

    Returns
    -------
    profile, retirement, outlay : numpy.ndarray
        Shapes (A+1, C, n), (C, n) [months] and (C, n) [USD].
    """
    oldest = int(inputs.silicon.physical_life.max())
    after = np.arange(inputs.timeline.periods + 1)[:, None, None] > economic.retirement
    relative = np.where(after, 0.0, economic.unit_value_in_use / inputs.fleet.cost)
    profile = value_by_age(relative, inputs.fleet.in_service, oldest)
    age = np.where(economic.retirement == NEVER, np.nan, economic.retirement - inputs.fleet.in_service[:, None])
    return profile, age, np.broadcast_to(inputs.fleet.units * inputs.fleet.cost, age.shape)
