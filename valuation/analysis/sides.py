"""Both sides of an attribution: what the value of every cohort hangs on, as it was planned and as it came.

A coalition of factors takes from the second side what its members switch, and from the first everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.analysis.planned import LANDINGS, Columns, Surprises, base_inputs, frozen_of, picked, rent_surprises
from valuation.devices.exchange import exchange_value
from valuation.devices.value import DeviceState, value_from_state
from valuation.inputs import RESALE, Inputs
from valuation.records import generation_rows
from valuation.results import Results
from valuation.silicon.pressures import read_ahead
from valuation.silicon.stranding import Stranding
from valuation.stages.appraisal import device_state, earning_share
from valuation.stages.calibration import availability_of
from valuation.stages.entry import survivors_by_age
from valuation.timeline import CASE, TIME, BoolArray, FloatArray, IntArray

FAILURES, STRANDING, POWER = "failures", "stranding", "power"
UTILISATION, RESALE_MARKET = "utilisation", "resale_market"
"""Factors beside those that move rents."""


@dataclass(frozen=True)
class Side:
    """Everything but rents that a value hangs on, either as planned or as it came, by column.

    The factor that switches a field from plan to what came stands in its metadata.

    Attributes
    ----------
    units : (m,)
        Units in service.
    hazard, efficiency : (A, m)
        Monthly failure probability and relative service by age.
    physical_life : (m,)
        Age of forced retirement [months].
    serving, legacy : (a, m)
        Share of the devices of each age that serves new models, and share stranded that serves old ones.
    legacy_rent : (m,)
        Rent of a device that serves old models, as a share of a full one.
    operating_cost : (m,)
        Avoidable operating cost [USD per device-month].
    sold : (K+1, m)
        Share of the usual hours that is sold, from the as-of bound on.
    ratio : (m,)
        Replacement cost of a unit of service over that at purchase.
    earning : (m,)
        Share of a full rent that the average device still earns, by which the replacement cost is scaled.
    haircut : (m,)
        Share that a closed resale market takes away.
    by_curve : (m,)
        Whether value follows the age-price curve, without rents.
    resale : (m,)
        Value by that curve [USD per device].
    """

    units: FloatArray = field(metadata={"factor": FAILURES})
    hazard: FloatArray = field(metadata={"factor": FAILURES})
    efficiency: FloatArray = field(metadata={"factor": FAILURES})
    physical_life: FloatArray = field(metadata={"factor": FAILURES})
    serving: FloatArray = field(metadata={"factor": STRANDING})
    legacy: FloatArray = field(metadata={"factor": STRANDING})
    legacy_rent: FloatArray = field(metadata={"factor": STRANDING})
    earning: FloatArray = field(metadata={"factor": STRANDING})
    operating_cost: FloatArray = field(metadata={"factor": POWER})
    sold: FloatArray = field(metadata={"factor": UTILISATION})
    ratio: FloatArray = field(metadata={"factor": LANDINGS})
    haircut: FloatArray = field(metadata={"factor": RESALE_MARKET})
    by_curve: BoolArray = field(metadata={"factor": RESALE_MARKET})
    resale: FloatArray = field(metadata={"factor": RESALE_MARKET})


@dataclass(frozen=True)
class Sides:
    """What the values of all coalitions are computed from.

    Attributes
    ----------
    rent : (K+1, S, m)
        Log of the planned rent of a new device [USD per month], from the as-of bound on.
    causes : dict of (K+1, S, m)
        What each cause of rents added to it, in logs.
    planned, came : Side
        The rest.
    fixed : dict of (m,)
        What is the same on both sides.
    """

    rent: FloatArray
    causes: dict[str, FloatArray]
    planned: Side
    came: Side
    fixed: dict[str, FloatArray]


def acts(sides: Sides, factor: str) -> BoolArray:
    """Whether a factor came otherwise than planned, by column, shape (m,).

    Parameters
    ----------
    sides : Sides
        Of all columns.
    factor : str
        Name of the factor.
    """
    count = sides.rent.shape[CASE]
    found = np.zeros(count, dtype=bool)
    if factor in sides.causes:
        found |= sides.causes[factor].any(axis=(0, 1))
    for name in _switched_by(factor):
        planned, came = getattr(sides.planned, name), getattr(sides.came, name)
        found |= np.broadcast_to((planned != came).any(axis=tuple(range(planned.ndim - 1))), (count,))
    return found


_SWITCHED = {item.name: item.metadata["factor"] for item in fields(Side)}
"""Factor that switches each field."""


def _switched_by(factor: str) -> list[str]:
    return [name for name, switched in _SWITCHED.items() if switched == factor]


def coalition_values(sides: Sides, players: Sequence[str], member: BoolArray, block: IntArray) -> FloatArray:
    """Value in exchange of the units of some columns under every coalition.

    Parameters
    ----------
    sides : Sides
        Of all columns.
    players : sequence of str
        Factors that acted, ``k``.
    member : numpy.ndarray
        Coalitions, shape (M, k).
    block : numpy.ndarray
        Columns, shape (j,).

    Returns
    -------
    numpy.ndarray
        [USD], shape (M, j).
    """
    acting = {player: np.repeat(member[:, place], block.size) for place, player in enumerate(players)}
    column = np.tile(block, len(member))
    nobody = np.zeros(column.size, dtype=bool)
    log_rent = sides.rent[..., column]
    for cause in (player for player in players if player in sides.causes):
        log_rent += np.where(acting[cause], sides.causes[cause][..., column], 0.0)
    side = {name: _chosen(sides, name, acting.get(factor, nobody), column) for name, factor in _SWITCHED.items()}
    fixed = {name: picked(array, column) for name, array in sides.fixed.items()}
    rent = np.exp(log_rent.max(axis=1)) * side["sold"]
    value = value_from_state(_state(side, fixed), rent[:, None])[0]
    ratio = side["ratio"] * side["earning"]
    worth = exchange_value(value, fixed["scrap"], fixed["cost"], ratio, fixed["premium"], side["haircut"])
    young = fixed["age"] <= side["physical_life"]
    worth = np.where(side["by_curve"], side["resale"] * young, worth)
    worth = np.where(fixed["agreed"], fixed["forced_value"], worth)
    return np.asarray((side["units"] * worth).reshape(len(member), block.size))


def _chosen(sides: Sides, name: str, switch: BoolArray, column: IntArray) -> FloatArray:
    """Field of a side by column: as it came where its factor acts; where nothing varies it keeps its length of 1."""
    planned, came = getattr(sides.planned, name), getattr(sides.came, name)
    if not switch.any():
        return np.asarray(planned if planned.shape[CASE] == 1 else planned[..., column])
    return np.where(switch, picked(came, column), picked(planned, column))


def _state(side: dict[str, FloatArray], fixed: dict[str, FloatArray]) -> DeviceState:
    """Columns as the cases of one cohort, whose rent is given by the device and month."""
    return DeviceState(
        age=fixed["age"][None].astype(np.int64),
        rent_coefficient=np.ones((1, 1, 1)),
        operating_cost=side["operating_cost"][None],
        scrap=fixed["scrap"][None],
        failure_hazard=side["hazard"][:, None],
        age_efficiency=side["efficiency"][:, None],
        generation=np.zeros(1, dtype=np.int64),
        discount_factor=fixed["discount"],
        physical_life=side["physical_life"],
        forced_stop=fixed["forced_stop"][None].astype(np.int64),
        forced_value=fixed["forced_value"][None],
        stranding=Stranding(side["serving"][:, None], side["legacy"][:, None], side["legacy_rent"]),
    )


def both_sides(results: Results, listed: Columns, *, progress: bool) -> Sides:
    """Both sides of every column, and what is the same on both.

    Parameters
    ----------
    results : Results
        One case or a stack.
    listed : Columns
        Cohorts in service and their cases.
    progress : bool
        Whether the plan holds the changes expected at purchase.
    """
    surprises = rent_surprises(results, listed, progress=progress)
    state = device_state(results.inputs, frozen_of(results.inputs), results.inputs.timeline.as_of)
    with np.errstate(divide="ignore"):
        coefficient = np.log(state.rent_coefficient)
    shape = (*coefficient.shape[:CASE], results.inputs.cases)
    own = np.moveaxis(np.broadcast_to(coefficient, shape)[listed.cohort, :, listed.case], 0, CASE)
    lost = _lost_service(results.inputs, listed)
    rent, causes = surprises.planned + own - lost, surprises.causes
    if lost.any():
        causes = causes | {FAILURES: np.broadcast_to(lost, rent.shape)}
    if all((array == array[:, :1]).all() for array in (rent, *causes.values())):
        rent, causes = rent[:, :1], {cause: array[:, :1] for cause, array in causes.items()}
    planned, came = _sides(results, listed, surprises, progress=progress)
    return Sides(rent, causes, planned, came, _fixed(results.inputs, listed, state))


def _lost_service(inputs: Inputs, listed: Columns) -> FloatArray:
    """Log of the availability of each cohort's part in the case over that in its base, shape (1, S, m)."""
    base = base_inputs(inputs, listed)
    sides = ((base, listed.plan_base[listed.plan]), (inputs, listed.case))
    planned, came = (picked(np.log(availability_of(view.silicon, view.fleet.generation)), case) for view, case in sides)
    row = listed.cohort if len(came) > 1 else np.zeros_like(listed.cohort)
    column = np.arange(listed.case.size)
    return np.asarray((came - planned)[row, :, column].T[None])


def _fixed(inputs: Inputs, listed: Columns, state: DeviceState) -> dict[str, FloatArray]:
    """What neither plan nor surprise touches: the units, their cost and age, and the terms."""
    owned, terms = inputs.fleet, inputs.terms
    cost, scrap, value, sale = (
        _of(array, listed, inputs.cases) for array in (owned.cost, state.scrap, state.forced_value, owned.sale_value)
    )
    age = inputs.timeline.as_of - owned.in_service[listed.cohort]
    stop = _of(state.forced_stop, listed, inputs.cases)
    return {
        "age": age.astype(np.float64),
        "cost": cost,
        "scrap": scrap,
        "discount": picked(terms.discount_factor, listed.case),
        "premium": picked(terms.delivery_premium, listed.case),
        "forced_stop": stop,
        "forced_value": value,
        # An agreed sale on this very day is worth what was agreed, whatever the market.
        "agreed": (stop == 0) & ~np.isnan(sale),
    }


def _of(array: NDArray[Any], listed: Columns, cases: int) -> FloatArray:
    """Entries (C, n) by column, shape (m,)."""
    return np.asarray(np.broadcast_to(array, (len(array), cases))[listed.cohort, listed.case])


def _column(array: FloatArray, case: IntArray) -> IntArray:
    return case if array.shape[CASE] > 1 else np.zeros_like(case)


def _sides(results: Results, listed: Columns, surprises: Surprises, *, progress: bool) -> tuple[Side, Side]:
    """What was planned in the base, and what came in the case."""
    inputs, base = results.inputs, base_inputs(results.inputs, listed)
    by_base = listed.plan_base[listed.plan]
    if not progress:
        silicon = base.silicon
        lasting = replace(
            silicon,
            failure_hazard=np.zeros_like(silicon.failure_hazard),
            age_efficiency=np.ones_like(silicon.age_efficiency),
        )
        base = replace(base, silicon=lasting)
    months = inputs.timeline.as_of + np.arange(len(surprises.planned))
    hours = picked(base.terms.paid_hours, by_base) / picked(inputs.terms.paid_hours, listed.case)
    of_units = np.where(inputs.fleet.calibrated[listed.cohort] > 0, 1.0, hours)
    before = read_ahead(inputs.outlook.sold, months[:, None])
    ahead = read_ahead(inputs.path.sold, months[:, None])
    now = np.where(months[:, None] <= inputs.timeline.as_of, before, ahead)
    planned = _side(base, listed, by_base, np.ones((1, 1)), surprises.planned_ratio)
    usual = _planned_sold(base, listed, months)
    came = _side(inputs, listed, listed.case, now, surprises.ratio)
    units = _of(results.economic.units[inputs.timeline.as_of], listed, inputs.cases)
    planned = replace(planned, units=_planned_units(inputs, base, listed), sold=usual * of_units)
    return planned, replace(came, units=units)


def _planned_sold(base: Inputs, listed: Columns, months: IntArray) -> FloatArray:
    """Share of the hours that was expected at purchase to be sold, shape (K+1, m)."""
    by_base, bought = listed.plan_base[listed.plan], base.fleet.in_service[listed.cohort]
    view = base.outlook.take(by_base)
    return view.expected_sold(bought, np.broadcast_to(months[:, None], (len(months), bought.size)))


def _side(inputs: Inputs, listed: Columns, case: IntArray, sold: FloatArray, ratio: FloatArray) -> Side:
    """One side by column, from the inputs of its bases or its cases; units are still to come."""
    silicon, generation = inputs.silicon, inputs.fleet.generation[listed.cohort]
    operating = device_state(inputs, frozen_of(inputs), inputs.timeline.as_of).operating_cost
    return Side(
        units=np.zeros(1),
        hazard=_by_age(silicon.failure_hazard, generation, case),
        efficiency=_by_age(silicon.age_efficiency, generation, case),
        physical_life=picked(silicon.physical_life, case),
        serving=_by_age(silicon.serving, generation, case),
        legacy=_by_age(silicon.legacy, generation, case),
        legacy_rent=picked(silicon.legacy_rent, case),
        earning=_earning(inputs, listed, case),
        operating_cost=operating[listed.cohort, _column(operating, case)],
        sold=picked(sold, case),
        ratio=ratio,
        haircut=picked(inputs.path.resale_haircut, case),
        by_curve=picked(inputs.path.mode == RESALE, case),
        resale=_by_age_price(inputs, listed, case),
    )


def _by_age_price(inputs: Inputs, listed: Columns, case: IntArray) -> FloatArray:
    """Value by the age-price curve at the as-of bound, shape (m,) [USD per device]."""
    age = inputs.timeline.as_of - inputs.fleet.in_service[listed.cohort]
    table, cost = inputs.path.age_price, inputs.fleet.cost
    price = table[np.minimum(age, len(table) - 1), _column(table, case)]
    kept = 1.0 - picked(inputs.path.sale_haircut, case)
    return np.asarray(cost[listed.cohort, _column(cost, case)] * price * kept)


def _earning(inputs: Inputs, listed: Columns, case: IntArray) -> FloatArray:
    """Share of a full rent that the average device still earns at the as-of bound, shape (m,)."""
    share = earning_share(inputs)
    now = share[inputs.timeline.as_of if len(share) > 1 else 0]
    row = listed.cohort if len(now) > 1 else np.zeros_like(listed.cohort)
    return np.asarray(now[row, _column(now, case)])


def _by_age(table: FloatArray, generation: IntArray, case: IntArray) -> FloatArray:
    """Age table (A, g, n) by column, (A, m), or (A, 1) where it is one for all."""
    if table[0].size == 1:
        return np.asarray(table[:, 0])
    row = generation_rows(table, generation)
    return np.asarray(table[:, row, _column(table, case)])


def _planned_units(inputs: Inputs, base: Inputs, listed: Columns) -> FloatArray:
    """Units that the plan has in service at the as-of bound, shape (m,); none beyond the planned physical life."""
    owned, as_of, by_base = inputs.fleet, inputs.timeline.as_of, listed.plan_base[listed.plan]
    survivors = survivors_by_age(_by_age(base.silicon.failure_hazard, owned.generation[listed.cohort], by_base))
    column = _column(survivors, np.arange(by_base.size))
    age = as_of - owned.in_service[listed.cohort]
    oldest = survivors.shape[TIME] - 1
    counted = np.clip(-owned.in_service[listed.cohort], 0, oldest)
    share = survivors[np.minimum(age, oldest), column] / survivors[counted, column]
    there = age <= picked(base.silicon.physical_life, by_base)
    return np.asarray(_of(owned.units, listed, inputs.cases) * share * there)
