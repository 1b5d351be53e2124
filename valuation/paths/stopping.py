"""Whether devices stop in a doubtful month: first by a look at the months expected, then, if need be, by their value.

Where no month that is expected pays for itself, stopping is best, and no value need be found: with
:math:`V(t+1) = Z` every step of the recursion gives :math:`V(t) = Z`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valuation.devices.value import DeviceState, device_earnings, value_from_state
from valuation.paths.dates import Dates, Places
from valuation.paths.prospects import Prospects
from valuation.records import of_paths
from valuation.silicon.stranding import Stranding
from valuation.timeline import CASE, NEVER, TIME, BoolArray, FloatArray, IntArray

AT_ONCE = 1024
"""Devices looked at together, each on a path and at a date of its own."""


def stops_at(prospects: Prospects, places: Places) -> BoolArray:
    """Whether devices in service stop, rather than wait for better months.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    places : Places
        Devices in a month that does not pay for itself.

    Returns
    -------
    numpy.ndarray
        Shape (m,).
    """
    first, group = _alike(prospects, places)
    pays = np.concatenate([months_that_pay(prospects, places.some(part)) for part in _parts(first)])[group]
    # What a sale agreed on for later brings is no part of the months looked at.
    sold = prospects.inputs.fleet.scheduled_retirement[places.cohort] != NEVER
    stops = (pays == 0) & ~sold
    for part in _parts(np.flatnonzero(~stops)):
        ahead = NEVER if sold[part].any() else int(pays[part].max()) + 1
        stops[part] = worth_no_more(prospects, places.some(part), ahead)
    return np.asarray(stops)


def _parts(places: IntArray) -> list[IntArray]:
    """Places (m,) in parts that are looked at together."""
    return [places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE)]


def _alike(prospects: Prospects, places: Places) -> tuple[IntArray, IntArray]:
    """One place, the youngest, for all devices of a path at a date that differ in age only, and which stands for each.

    Shapes (k,) and (m,).
    """
    _, kind = prospects.quasi_rent
    scrap = prospects.devices.scrap
    differs = (np.diff(kind) != 0) | (scrap[1:] != scrap[:-1]).any(axis=1)
    sort = np.append(0, np.cumsum(differs))
    keys = (prospects.inputs.fleet.in_service[places.cohort], places.path, sort[places.cohort], places.at)
    order = np.lexsort(keys)
    changes = np.zeros(len(order), dtype=bool)
    changes[:-1] = np.any([key[order][1:] != key[order][:-1] for key in keys[1:]], axis=0)
    changes[-1:] = True
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.append(0, np.cumsum(changes[:-1]))
    return order[changes], group


def months_that_pay(prospects: Prospects, places: Places) -> IntArray:
    """Months until the last one that is expected to pay for itself at some age, 0 where no later one does.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    places : Places
        Devices.

    Returns
    -------
    numpy.ndarray
        Shape (m,).
    """
    state, rent = _expected(prospects, places, NEVER)
    later = np.arange(1, len(rent) - 1)
    if not later.size:  # the last month of a life
        return np.zeros(len(places.path), dtype=np.int64)
    earned, spent = device_earnings(state, rent[1:-1, None], later[:, None, None])
    kept = [(1.0 - each(state.failure_hazard, axis=0)) * state.scrap for each in (np.min, np.max)]
    carry_on = (earned - spent + np.maximum(*kept)) * state.discount_factor
    pays = (carry_on > state.scrap)[:, 0]
    return np.asarray((pays * later[:, None]).max(axis=TIME, initial=0))


def worth_no_more(prospects: Prospects, places: Places, ahead: int = NEVER) -> BoolArray:
    """Whether devices are worth no more than what stopping brings.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    places : Places
        Devices.
    ahead : int
        Months after which stopping is known to be best.

    Returns
    -------
    numpy.ndarray
        Shape (m,).
    """
    state, rent = _expected(prospects, places, ahead)
    return np.asarray((value_from_state(state, rent) <= state.scrap)[0])


def _expected(prospects: Prospects, places: Places, ahead: int) -> tuple[DeviceState, FloatArray]:
    """State of the devices, each a case of its own, and the rents expected so far ahead, shape (K+1, S or 1, m)."""
    devices, inputs, (cohort, path, at) = prospects.devices, prospects.inputs, (places.cohort, places.path, places.at)
    dates = Dates(at, path)
    age, scheduled = devices.age[cohort, 0] + at, inputs.fleet.scheduled_retirement[cohort] - inputs.timeline.as_of - at
    # Running ends with the grid.
    life = np.minimum(dates.of(devices.physical_life), age + prospects.horizon - at)
    months = max(1, min(ahead, int((life - age).max())))
    tables = (devices.failure_hazard, devices.age_efficiency, *prospects.work.new)
    hazard, efficiency, serving, legacy = (_by_age(table, devices.generation[cohort], path) for table in tables)
    state = DeviceState(
        age=age[None],
        rent_coefficient=_read(devices.rent_coefficient, cohort, path),
        operating_cost=_read(devices.operating_cost, cohort, path),
        scrap=_read(devices.scrap, cohort, path),
        failure_hazard=hazard,
        age_efficiency=efficiency,
        generation=np.zeros(1, dtype=np.int64),
        discount_factor=dates.of(devices.discount_factor),
        physical_life=life,
        forced_stop=np.where(scheduled >= 0, scheduled, NEVER)[None],
        forced_value=_read(devices.forced_value, cohort, path),
        stranding=Stranding(serving, legacy, dates.of(devices.stranding.legacy_rent)),
        electric_share=_read(devices.electric_share, cohort * (len(devices.electric_share) > 1), path),
        electricity=prospects.shocks.electricity(dates, months),
        work=prospects.work.expected_at_places(places, (serving, legacy)),
    )
    return state, prospects.expected_earned(dates, months)


def _read(levels: FloatArray, cohort: IntArray, path: IntArray) -> NDArray[np.float64]:
    """Levels (C, ..., n or 1) of a cohort on a path each, shape (1, ..., m)."""
    column = path if levels.shape[CASE] > 1 else np.zeros_like(path)
    return np.moveaxis(levels[cohort, ..., column], 0, CASE)[None]


def _by_age(table: FloatArray, generation: IntArray, path: IntArray) -> FloatArray:
    """Age table (A, g, n or 1) of a generation on a path each, shape (A, 1, m or 1)."""
    if table.shape[1] == 1:
        return of_paths(table, path)
    column = path if table.shape[CASE] > 1 else np.zeros_like(path)
    return table[:, None, generation, column]
