"""Devices on their sites after the as-of bound: what scarce power or racks take from their value, and where they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from valuation.devices.sites import STAY, SiteInputs, obtainable_exits, shadow_price
from valuation.devices.value import DeviceState, Surroundings, device_earnings, value_along
from valuation.inputs import Inputs
from valuation.results import Market, Placement
from valuation.stages.upkeep import net_scrap
from valuation.timeline import NEVER, TIME, BoolArray, FloatArray, IntArray

StateAt = Callable[[IntArray], DeviceState]


@dataclass(frozen=True)
class _Stop:
    """Where a path of values ends: values and stops (K+1, C, n), and the month ahead of the stop (C, n)."""

    value: FloatArray
    stops: BoolArray
    month: IntArray


@dataclass(frozen=True)
class _Scarce:
    """What scarce places do: worth of a unit (K+1, Z, n), units taken, bounds of waiting and leaving, (C, n) each."""

    shadow: FloatArray
    taken: FloatArray
    waits: IntArray
    leaves: IntArray


def matters(sites: SiteInputs | None) -> bool:
    """Whether any site is short of something, or has devices that may move on."""
    return sites is not None and bool(
        sites.power_limited.any() or sites.rack_limited.any() or (sites.next_site != STAY).any()
    )


def shadow_prices(inputs: Inputs, sites: SiteInputs, market: Market) -> FloatArray:
    """Worth of a unit of what each site is short of, by bound from the as-of bound on.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    sites : SiteInputs
        Their sites.
    market : Market
        Rents, entry rents, and what new devices take of a site.

    Returns
    -------
    numpy.ndarray
        [USD per kW or rack and month], zero where nothing is scarce, shape (K+1, Z, n).
    """
    ahead = slice(inputs.timeline.as_of, None)
    rents = market.rent[ahead], market.market_entry_rent[ahead]
    of_power, of_racks = (
        shadow_price(*rents, taken[ahead], paid_hours=inputs.terms.paid_hours, availability=sites.availability)
        for taken in (market.power, market.space)
    )
    return np.asarray(of_power * sites.power_limited + of_racks * sites.rack_limited)


def resource(inputs: Inputs, sites: SiteInputs, site: IntArray) -> FloatArray:
    """What a device of each cohort takes of what its site (C,) is short of: power, racks or nothing, shape (C, n)."""
    silicon, owned = inputs.silicon, inputs.fleet
    row = owned.generation
    power, space = (
        np.broadcast_to(taken, (len(silicon.priced), taken.shape[-1]))[row] for taken in (silicon.power, silicon.space)
    )
    taken = power * sites.power_limited[site] + space * sites.rack_limited[site]
    return np.where(owned.calibrated[:, None] > 0, taken * owned.cost / silicon.cost[row], taken)


def value_on_sites(inputs: Inputs, market: Market, state_at: StateAt) -> tuple[FloatArray, BoolArray, Placement]:
    """Value in use from the as-of bound on, net of what the place would earn with a challenger in it.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack, with sites.
    market : Market
        Rents and entry rents of the cases.
    state_at : callable
        State of the devices at the as-of bound if they stood on given sites (C,).

    Returns
    -------
    value : numpy.ndarray
        [USD per device], shape (K+1, C, n).
    stops : numpy.ndarray
        Whether a device in service retires at that bound, shape (K+1, C, n).
    placement : Placement
        Shadow prices, charges, moves.
    """
    sites = inputs.sites
    assert sites is not None  # asked before
    rent = market.earned[inputs.timeline.as_of :]
    here = np.broadcast_to(inputs.fleet.site, inputs.fleet.generation.shape)
    shadow = shadow_prices(inputs, sites, market)
    charge = shadow[:, here] * resource(inputs, sites, here)
    there = np.where(sites.next_site[here] == STAY, here, sites.next_site[here])
    charge_there = shadow[:, there] * resource(inputs, sites, there)
    second = _run(state_at(there), rent, Surroundings(charge_there, _nowhere(), _never()))
    elsewhere = _elsewhere(inputs, sites, here, second.value)
    state = state_at(here)
    first = _run(state, rent, Surroundings(charge, elsewhere, _never()))
    leaves = _leaves(inputs, sites, (state, rent), first)
    waiting = np.arange(len(rent))[:, None, None] >= first.month
    freed = leaves > first.month
    charge = np.where(waiting & freed, 0.0, charge)
    waits = np.where(freed & (first.month < NEVER), first.month + inputs.timeline.as_of, NEVER)
    last = _run(state, rent, Surroundings(charge, elsewhere, leaves))
    scarce = _Scarce(shadow, resource(inputs, sites, here), waits, leaves)
    return _joined(inputs, scarce, (last, charge), (second, charge_there), elsewhere)


def _nowhere() -> FloatArray:
    return np.full((1, 1, 1), -np.inf)


def _never() -> IntArray:
    return np.full((1, 1), NEVER)


def _run(state: DeviceState, rent: FloatArray, around: Surroundings) -> _Stop:
    """Values and stops, and the month ahead at which a device in service first stops."""
    value, stops = value_along(state, rent, around=around)
    in_service = np.arange(len(rent))[:, None, None] + state.age >= 0
    counts = stops & in_service
    return _Stop(value, stops, np.where(counts.any(axis=TIME), np.argmax(counts, axis=TIME), NEVER))


def _elsewhere(inputs: Inputs, sites: SiteInputs, here: IntArray, value: FloatArray) -> FloatArray:
    """Value on the next site less the move, which is paid at the end of its month; minus infinity without one."""
    cost = inputs.terms.discount_factor * sites.moving_cost[here] * inputs.fleet.cost
    return np.where((sites.next_site[here] == STAY)[:, None], -np.inf, value - cost)


def _leaves(inputs: Inputs, sites: SiteInputs, on: tuple[DeviceState, FloatArray], first: _Stop) -> IntArray:
    """Months ahead at which devices that still pay give way to challengers, as these can be had, shape (C, n)."""
    state, rent = on
    here = np.broadcast_to(inputs.fleet.site, inputs.fleet.generation.shape)
    taken, cases = resource(inputs, sites, here), first.month.shape[-1]
    months = np.arange(len(rent))[:, None, None]
    gross, spent = device_earnings(state, rent[:, None], months)
    earned = gross - spent
    at = np.broadcast_to(np.minimum(first.month, len(rent) - 1)[None], (1, *first.month.shape))
    quasi_rent = np.take_along_axis(np.broadcast_to(earned, (len(rent), *first.month.shape)), at, axis=TIME)[0]
    limited = np.broadcast_to(taken > 0.0, first.month.shape)
    gives_way = limited & (quasi_rent > 0.0) & (first.month < np.minimum(state.forced_stop, NEVER))
    amount = np.broadcast_to(inputs.fleet.units * taken, first.month.shape)
    total = np.zeros((len(sites.names), cases))
    np.add.at(total, here, amount)
    wanted = np.where(gives_way, first.month, NEVER)
    return obtainable_exits(
        wanted, amount, here, sites.obtainable * total, quasi_rent / np.where(taken > 0.0, taken, 1.0)
    )


def _joined(
    inputs: Inputs,
    scarce: _Scarce,
    first: tuple[_Stop, FloatArray],
    second: tuple[_Stop, FloatArray],
    elsewhere: FloatArray,
) -> tuple[FloatArray, BoolArray, Placement]:
    """Values, stops and charges of a device on its first site until it leaves it, on the next one after a move."""
    (stay, charge), (after, charge_after) = first, second
    months = np.arange(len(stay.value))[:, None, None]
    at = np.minimum(stay.month, len(stay.value) - 1)[None]
    worth = np.take_along_axis(np.broadcast_to(elsewhere, stay.value.shape), at, axis=TIME)[0]
    moves = (stay.month < NEVER) & (worth > net_scrap(inputs))
    gone = moves & (months >= stay.month)
    as_of = inputs.timeline.as_of
    placement = Placement(
        shadow=scarce.shadow,
        charge=np.where(gone, charge_after, charge),
        moved=np.where(moves, stay.month + as_of, NEVER),
        taken=scarce.taken,
        waits=scarce.waits,
        leaves=np.where(scarce.leaves < NEVER, scarce.leaves + as_of, NEVER),
    )
    # At the bound of the move the device is worth what it is on the next site less the move, as the recursion has it.
    value = np.where(gone & (months > stay.month), after.value, stay.value)
    return value, np.where(moves, gone & after.stops, stay.stops), placement
