"""Single figures read off the results for reports: rents and values of a device, retirement, units of display."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from valuation.results import Results
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
