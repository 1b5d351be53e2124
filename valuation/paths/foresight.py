"""Values and retirements along random paths, from what is known at each date and no more.

The value of a device at a date is `valuation.devices.value.value_from_state` on the rents expected then. A device
retires in the first month in which stopping is better than the best that can be expected.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from valuation.devices import fleet as fleets
from valuation.devices.exchange import exchange_value
from valuation.devices.value import DeviceState, value_from_state
from valuation.paths.dates import Dates, Places
from valuation.paths.prospects import Prospects
from valuation.paths.stopping import stops_at
from valuation.records import generation_rows
from valuation.stages.appraisal import replacement_ratio
from valuation.stages.upkeep import net_scrap
from valuation.timeline import NEVER, TIME, BoolArray, FloatArray, IntArray


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
    chosen, now = prospects.devices.of(cohorts), prospects.inputs.timeline.as_of + at
    scheduled = prospects.inputs.fleet.scheduled_retirement[cohorts, None]
    forced = np.where(scheduled >= now, scheduled - now, NEVER)
    state = replace(chosen, age=chosen.age + at, forced_stop=forced)
    electricity = prospects.shocks.electricity(Dates(at), months_left(prospects, at, state))
    return replace(state, electricity=electricity, work=prospects.work.expected(cohorts, at))


def months_left(prospects: Prospects, at: int, state: DeviceState) -> int:
    """Months after which none of the devices runs, or the grid ends."""
    left = int((state.physical_life - state.age).max())
    return max(1, min(prospects.horizon - at, left))


def value_on_paths(prospects: Prospects, at: int, cohorts: IntArray) -> FloatArray:
    """Value in use of a device of some cohorts in service at a bound, from what has happened by then.

    Parameters
    ----------
    prospects, at, cohorts
        As of `state_on_paths`.

    Returns
    -------
    numpy.ndarray
        [USD per device still there], shape (c, n).
    """
    state = state_on_paths(prospects, at, cohorts)
    rent = prospects.expected_earned(Dates(at), months_left(prospects, at, state))
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
    ratio = replacement_ratio(prospects.replacement_cost[at], prospects.own_cost[cohorts]).max(axis=1)
    if prospects.work.strands:
        serving, legacy = (each[0] for each in prospects.work.shares(cohorts, np.array([at])))
        ratio = ratio * (serving + legacy * inputs.silicon.legacy_rent)
    terms = inputs.terms
    cost, scrap = inputs.fleet.cost[cohorts], net_scrap(inputs)[cohorts]
    return exchange_value(in_use, scrap, cost, ratio, terms.delivery_premium, inputs.path.resale_haircut)


def retirement_on_paths(prospects: Prospects) -> IntArray:
    r"""Bound at which the devices of each cohort retire on each path.

    A month that pays for itself is always run: with a stop after it, it already brings
    :math:`v[\pi + (1-\lambda)Z] > Z`. Where it does not, waiting may still be worth it if rents are expected to
    recover, so what is expected is looked at, in those months and on those paths only.

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
    owned, as_of, life = inputs.fleet, inputs.timeline.as_of, inputs.silicon.physical_life
    latest = fleets.latest_retirement(owned.in_service, owned.scheduled_retirement, life)
    past = fleets.past_retirement(owned.in_service, owned.scheduled_retirement, life, as_of)
    last = np.where(latest < as_of + prospects.horizon, latest, NEVER)
    doubtful = _doubtful_months(prospects, latest)
    found = _first(doubtful, as_of)
    cohorts, paths = np.nonzero(found != NEVER)
    while cohorts.size:
        stops = stops_at(prospects, Places(cohorts, paths, found[cohorts, paths] - as_of))
        cohorts, paths = cohorts[~stops], paths[~stops]
        later = doubtful[:, cohorts, paths] & (np.arange(as_of, as_of + len(doubtful))[:, None] > found[cohorts, paths])
        found[cohorts, paths] = _first(later, as_of)
        again = found[cohorts, paths] != NEVER
        cohorts, paths = cohorts[again], paths[again]
    return np.asarray(np.minimum(np.minimum(found, last), past))


def _first(months: BoolArray, as_of: int) -> IntArray:
    """Bound of the first of some months (H, ...), `NEVER` where there is none, shape (...)."""
    # Weighed by how early they are: a search down the first axis is many times slower than a maximum.
    count = len(months)
    early = np.arange(count, 0, -1, dtype=np.min_scalar_type(count)).reshape(-1, *[1] * (months.ndim - 1))
    most = (months * early).max(axis=TIME, initial=0).astype(np.int64)
    return np.where(most > 0, as_of + count - most, NEVER)


def _doubtful_months(prospects: Prospects, latest: IntArray) -> BoolArray:
    """Whether running one month more, and then stopping, is no better than stopping, shape (H, C, n).

    Only while devices are in service and nothing forces them out.
    """
    inputs, state, (quasi, kind) = prospects.inputs, prospects.devices, prospects.quasi_rent
    doubtful = np.zeros((prospects.horizon, len(kind), prospects.paths), dtype=bool)
    surviving, row = 1.0 - state.failure_hazard, generation_rows(state.failure_hazard, state.generation)
    for cohort, age in enumerate(state.age[:, 0].tolist()):
        first, last = max(-age, 0), min(int(latest[cohort].max()) - inputs.timeline.as_of, prospects.horizon)
        if first < last:
            scrap, months = state.scrap[cohort], slice(first, last)
            carry_on = quasi[months, kind[cohort]] + surviving[first + age : last + age, row[cohort]] * scrap
            carry_on *= state.discount_factor
            forced = np.arange(first, last)[:, None] + inputs.timeline.as_of >= latest[cohort]
            doubtful[months, cohort] = (carry_on <= scrap) & ~forced
    return doubtful
