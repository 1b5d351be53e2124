"""Values and retirements along random paths, from what is known at each date and no more.

The value of a device at a date is `valuation.value.value_from_state` on the rents expected then. A device retires in
the first month in which stopping is better than the best that can be expected.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from valuation import fleet as fleets
from valuation.appraisal import device_state, earning_share, replacement_ratio
from valuation.prospects import Prospects
from valuation.timeline import CASE, NEVER, TIME, BoolArray, FloatArray, IntArray
from valuation.upkeep import net_scrap, running_cost
from valuation.value import DeviceState, device_earnings, exchange_value, value_from_state


def state_on_paths(prospects: Prospects, at: int, cohorts: IntArray) -> DeviceState:
    """State of some cohorts at a bound, their running cost expected from then on.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    at : int
        Bound, counted from the as-of bound.
    cohorts : numpy.ndarray
        Cohorts, shape (c,).

    Returns
    -------
    DeviceState
        Arrays of shape (c, ...) with the paths last.
    """
    inputs = prospects.inputs
    state = device_state(inputs, prospects.frozen, inputs.timeline.as_of + at).of(cohorts)
    ahead = months_left(prospects, at, state)
    return replace(state, dearer=prospects.dearer(at, ahead, electric_share(prospects)[cohorts]))


def electric_share(prospects: Prospects) -> FloatArray:
    """Share of electricity in what it costs to run the part that each cohort is, or that stands for it, (C, n)."""
    inputs = prospects.inputs
    if inputs.sites is None:
        return np.zeros((len(inputs.fleet.group), 1))
    site = np.broadcast_to(inputs.fleet.site, inputs.fleet.generation.shape)
    energy = np.broadcast_to(inputs.sites.energy, inputs.sites.operating_cost.shape)[site, inputs.fleet.generation]
    running = running_cost(inputs)
    return np.asarray(energy / np.where(running > 0.0, running, 1.0))


def months_left(prospects: Prospects, at: int, state: DeviceState) -> int:
    """Months after which none of the devices runs, or the grid ends."""
    left = int((state.physical_life - state.age).max())
    return max(1, min(prospects.horizon - at, left))


def value_on_paths(prospects: Prospects, at: int, cohorts: IntArray) -> FloatArray:
    """Value in use of a device of some cohorts in service at a bound, from what has happened by then.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    at : int
        Bound, counted from the as-of bound.
    cohorts : numpy.ndarray
        Cohorts, shape (c,).

    Returns
    -------
    numpy.ndarray
        [USD per device still there], shape (c, n).
    """
    state = state_on_paths(prospects, at, cohorts)
    rent = prospects.expected_earned(at, months_left(prospects, at, state))
    return value_from_state(state, rent)


def exchange_on_paths(prospects: Prospects, in_use: FloatArray, at: int, cohorts: IntArray) -> FloatArray:
    """Value in exchange of a device of some cohorts at a bound.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    in_use : numpy.ndarray
        Value in use [USD per device], shape (c, n).
    at : int
        Bound, counted from the as-of bound.
    cohorts : numpy.ndarray
        Cohorts, shape (c,).

    Returns
    -------
    numpy.ndarray
        [USD per device], shape (c, n).
    """
    inputs = prospects.inputs
    bound = inputs.timeline.as_of + at
    ratio = replacement_ratio(prospects.roadmap.replacement_cost[at], prospects.own_cost[cohorts]).max(axis=1)
    share = earning_share(inputs)
    if share.shape[TIME] > 1:
        ratio = ratio * share[bound, cohorts]
    terms = inputs.terms
    cost, scrap = inputs.fleet.cost[cohorts], net_scrap(inputs)[cohorts]
    return exchange_value(in_use, scrap, cost, ratio, terms.delivery_premium, inputs.path.resale_haircut)


def retirement_on_paths(prospects: Prospects) -> IntArray:
    r"""Bound at which the devices of each cohort retire on each path.

    A month that pays for itself is always run: with a stop after it, it already brings
    :math:`v[\pi + (1-\lambda)Z] > Z`. Where it does not, waiting may still be worth it if rents are expected to
    recover, so the value of going on is looked at, in those months and on those paths only.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.

    Returns
    -------
    numpy.ndarray
        Bound of the grid, `NEVER` beyond it, shape (C, n).
    """
    inputs = prospects.inputs
    owned, as_of = inputs.fleet, inputs.timeline.as_of
    paths = max(inputs.cases, prospects.shocks.paths)
    past = fleets.past_retirement(owned.in_service, owned.scheduled_retirement, inputs.silicon.physical_life, as_of)
    found = np.array(np.broadcast_to(past, (len(owned.group), paths)))
    for at in range(prospects.horizon):
        bound = as_of + at
        there = (owned.in_service <= bound)[:, None] & (found == NEVER)
        if not there.any():
            if (owned.in_service <= bound).all():
                break
            continue
        leaves = _must_leave(prospects, bound)
        doubtful = there & ~leaves & ~_pays_for_itself(prospects, at)
        leaves = leaves | _stops(prospects, at, doubtful)
        found[there & leaves] = bound
    return found


def _must_leave(prospects: Prospects, bound: int) -> BoolArray:
    """Whether devices leave at a bound by age or by schedule, shape (C, n or 1)."""
    owned, life = prospects.inputs.fleet, prospects.inputs.silicon.physical_life
    return np.asarray(bound >= fleets.latest_retirement(owned.in_service, owned.scheduled_retirement, life))


def _pays_for_itself(prospects: Prospects, at: int) -> BoolArray:
    """Whether running one month more, and then stopping, is better than stopping, shape (C, n)."""
    inputs = prospects.inputs
    state = device_state(inputs, prospects.frozen, inputs.timeline.as_of + at)
    state = replace(state, dearer=prospects.dearer(at, 0, electric_share(prospects)))
    earned, spent = device_earnings(state, prospects.earned[at], 0)
    surviving = 1.0 - state.by_age(state.failure_hazard, 0)
    carry_on = (earned - spent + surviving * state.scrap) * state.discount_factor
    return np.asarray(carry_on > state.scrap)


def _stops(prospects: Prospects, at: int, doubtful: BoolArray) -> BoolArray:
    """Whether doubtful devices (C, n) stop at a bound, after looking at the value of going on."""
    stops = np.zeros(doubtful.shape, dtype=bool)
    cohorts, paths = np.flatnonzero(doubtful.any(axis=CASE)), np.flatnonzero(doubtful.any(axis=TIME))
    if not len(paths):
        return stops
    few = prospects.take(paths)
    state = state_on_paths(few, at, cohorts)
    value = value_from_state(state, few.expected_earned(at, months_left(few, at, state)))
    stops[np.ix_(cohorts, paths)] = value <= state.scrap
    return stops & doubtful
