"""Single figures read off the results for reports: rents and values of a device, retirement, units of display."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from valuation.inputs import STRUCTURAL
from valuation.results import Results
from valuation.stages.market import first_observation
from valuation.timeline import MONTHS_PER_YEAR, NEVER, FloatArray, IntArray

Amounts = TypeVar("Amounts", float, FloatArray)
USD_PER_MILLION = 1e6  # unit of tables made for reading


def retirement_by_group(results: Results) -> tuple[IntArray, IntArray]:
    """First and last retirement bound in each reporting group of what was bought, shape (Q, n) each; else `NEVER`."""
    fleet, shape = results.inputs.fleet, (len(results.inputs.fleet.group), results.inputs.cases)
    bound, bought = np.broadcast_to(results.economic.retirement, shape), np.broadcast_to(fleet.units > 0.0, shape)
    members = [fleet.group == number for number in range(results.inputs.groups)]
    first = [np.where(bought, bound, NEVER)[rows].min(axis=0) for rows in members]
    last = [np.where(bought, bound, -1)[rows].max(axis=0) for rows in members]
    return np.array(first), np.where(np.array(last) < 0, NEVER, np.array(last))


def planning_decline_per_year(results: Results) -> FloatArray:
    """Decline of rents an entrant plans with [log per year], shape (n,)."""
    return results.market.planning_decline * MONTHS_PER_YEAR


def in_millions(usd: Amounts) -> Amounts:
    """Amounts in USD million, a scalar or any shape."""
    return usd / USD_PER_MILLION


def unit_rent(results: Results) -> FloatArray:
    """Market rent of a unit-hour at every bound, in the segment that pays most.

    Parameters
    ----------
    results : Results
        Any number of cases.

    Returns
    -------
    numpy.ndarray
        [USD per unit-hour], shape (T+1, n), case axis full; NaN before the first observed rent, and throughout where
        none was observed.
    """
    observed = results.inputs.history.observed_rent
    best = results.market.rent.max(axis=1)
    found = np.array(np.broadcast_to(best, (best.shape[0], results.inputs.cases)))
    found[: len(found) if np.isnan(observed).all() else first_observation(observed)] = np.nan
    return found


def tells_rents(results: Results) -> bool:
    """Whether any rent was observed; without one the rents of the market are entry rents and say nothing.

    Parameters
    ----------
    results : Results
        Any number of cases.
    """
    return not bool(np.isnan(results.inputs.history.observed_rent).all())


def landings_count(results: Results) -> bool:
    """Whether landings of new silicon move the rents of any case, and not a curve or prices by age alone.

    Parameters
    ----------
    results : Results
        Any number of cases.
    """
    return bool((np.asarray(results.inputs.outlook.mode) == STRUCTURAL).any())


def reference_part(results: Results) -> int | None:
    """First priced generation that gives one unit of service in the base, if there is one.

    Parameters
    ----------
    results : Results
        Any number of cases; the first is the base.
    """
    silicon = results.inputs.silicon
    one = (silicon.service[:, :, 0].max(axis=1) == 1.0) & (silicon.priced > 0)
    return int(np.argmax(one)) if one.any() else None


def device_rent_as_of(results: Results, generation: int) -> float:
    """Contract rent of a new device of a generation at the as-of date, base [USD per device-hour], a scalar.

    Parameters
    ----------
    results : Results
        Any number of cases; the first is the base.
    generation : int
        Index of the generation.
    """
    rent = results.market.rent[results.inputs.timeline.as_of, :, 0]
    return float((rent * results.inputs.silicon.service[generation, :, 0]).max())


def device_value_as_of(results: Results, generation: int) -> tuple[float, float] | None:
    """Least and greatest value in exchange of the devices of a generation in service at the as-of date, base.

    Parameters
    ----------
    results : Results
        Any number of cases; the first is the base.
    generation : int
        Index of the generation.

    Returns
    -------
    tuple of float or None
        [USD per device]; None where the fleet owns no such device, of all cohorts (C,).
    """
    fleet, as_of = results.inputs.fleet, results.inputs.timeline.as_of
    owned = (fleet.generation == generation) & (fleet.calibrated == 0)
    owned &= results.economic.units[as_of, :, 0] > 0.0
    if not owned.any():
        return None
    value = results.economic.unit_value_in_exchange[as_of, owned, 0]
    return float(value.min()), float(value.max())


def idle_landings(results: Results) -> list[tuple[int, int]]:
    """Parts whose landing moves nothing in the base, each with the part before it that enters at a lower rent.

    Parameters
    ----------
    results : Results
        Any number of cases; the first is the base.

    Returns
    -------
    list of (int, int)
        Generations, in the order of landing, out of entry rents of shape (G, S).
    """
    silicon, entry = results.inputs.silicon, results.market.generation_entry_rent[:, :, 0]
    landing = np.where((silicon.sets_price > 0) & (silicon.priced > 0), results.inputs.outlook.landing[:, 0], np.inf)
    order = [int(part) for part in np.argsort(landing, kind="stable") if np.isfinite(landing[part])]
    found = []
    for place, part in enumerate(order):
        # In a segment that it is the first to serve, a part sets the rent of entry.
        before = np.array(order[:place], dtype=np.int64)
        best = entry[before].min(axis=0, initial=np.inf)
        open_to_it = np.isfinite(entry[part])
        if open_to_it.any() and np.all(best[open_to_it] <= entry[part, open_to_it]):
            segment = int(np.argmax(open_to_it))
            found.append((part, int(before[np.argmin(entry[before, segment])])))
    return found
