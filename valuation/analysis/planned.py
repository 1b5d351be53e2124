"""Rents as a buyer planned them and as they came, cause by cause: what an attribution of the gap starts from.

Columns are pairs of a cohort in service at the as-of bound and a case. A plan is made in the base, at the bound at
which the cohort enters service, from what was known then; what came is the history up to the as-of bound, then the path
of the case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.inputs import CURVE, FrozenMarket, Inputs, OutlookInputs
from valuation.results import Results
from valuation.silicon.pressures import DEMAND, changes_by_pressure
from valuation.stages.appraisal import own_cost_per_unit, replacement_ratio
from valuation.stages.calibration import generation_rents
from valuation.stages.ladder import Ladder, landing_ladder
from valuation.stages.market import landed_fall, market_levels, rent_changes
from valuation.timeline import CASE, FloatArray, IntArray

LANDINGS, BREAKTHROUGH, SCARCITY = "landings", "breakthrough", "scarcity"
"""Causes that move rents beside demand and the rivals, each of which names its own."""
NEGLIGIBLE = 1e-12
"""Difference of logs that is nothing but rounding: a cause that did nothing gets a part of exactly zero."""

Changes = dict[str, FloatArray]


@dataclass(frozen=True)
class Columns:
    """Pairs of a cohort in service and a case, and the plans behind them.

    Attributes
    ----------
    cohort, case : (m,)
        Of each pair.
    plan : (m,)
        Plan of each pair.
    plan_cohort, plan_base : (p,)
        Cohort of each plan, and position of its base in `bases`.
    bases : (b,)
        Cases that are a base: the first one, or each where each was frozen for itself.
    """

    cohort: IntArray
    case: IntArray
    plan: IntArray
    plan_cohort: IntArray
    plan_base: IntArray
    bases: IntArray


@dataclass(frozen=True)
class Surprises:
    """Planned rents, and what came otherwise, by cause.

    Attributes
    ----------
    planned : (K+1, S, m)
        Log of the planned rent from the as-of bound on [USD per unit-hour].
    causes : dict of (K+1, S, m)
        What each cause added to it, in logs; with all of them the rent is the one that came.
    planned_ratio, ratio : (m,)
        Replacement cost of a unit of service over that at purchase, at most 1, as planned and as it came.
    """

    planned: FloatArray
    causes: Changes
    planned_ratio: FloatArray
    ratio: FloatArray


@dataclass(frozen=True)
class _Plans:
    """Plans by cohort and base, counted from the as-of bound on.

    ``whole`` and ``fall`` are the planned log change since purchase, all of it and by cause (K+1, S, p), ``anchor`` the
    log of the rent at purchase (S, p), ``ratio`` the replacement cost expected now over that at purchase (p,).
    """

    whole: FloatArray
    fall: Changes
    anchor: FloatArray
    ratio: FloatArray


def columns(results: Results) -> Columns:
    """List the cohorts in service at the as-of bound, in every case.

    Parameters
    ----------
    results : Results
        One case or a stack.

    Returns
    -------
    Columns
        Cohorts first, cases within.
    """
    inputs = results.inputs
    owned, as_of, count = inputs.fleet, inputs.timeline.as_of, inputs.cases
    oldest = as_of - int(inputs.silicon.physical_life.max())
    there = (owned.in_service <= as_of) & (owned.in_service >= oldest) & (owned.scheduled_retirement >= as_of)
    held = np.flatnonzero(there & (owned.units > 0.0).any(axis=CASE))
    own = frozen_of(inputs).planning_decline.shape[CASE] > 1
    bases = np.arange(count if own else 1)
    place, case = np.repeat(np.arange(held.size), count), np.tile(np.arange(count), held.size)
    return Columns(
        cohort=held[place],
        case=case,
        plan=place * bases.size + np.minimum(case, bases.size - 1),
        plan_cohort=np.repeat(held, bases.size),
        plan_base=np.tile(np.arange(bases.size), held.size),
        bases=bases,
    )


def frozen_of(inputs: Inputs) -> FrozenMarket:
    """Quantities of the base that the results were found with."""
    assert inputs.frozen is not None, "results carry what was frozen"
    return inputs.frozen


def base_inputs(inputs: Inputs, listed: Columns) -> Inputs:
    """Inputs of the bases, without books.

    Parameters
    ----------
    inputs : Inputs
        The stack, frozen.
    listed : Columns
        Whose bases are taken.
    """
    return replace(inputs, path=inputs.outlook, ledgers=(), tax=None).take(listed.bases)


def picked(array: NDArray[Any], case: IntArray) -> NDArray[Any]:
    """Entries of the cases of columns (m,), shape (..., n) to (..., m); one that does not vary stands for all.

    Parameters
    ----------
    array : numpy.ndarray
        Shape (..., n).
    case : numpy.ndarray
        Shape (m,).
    """
    return np.asarray(array[..., case if array.shape[CASE] > 1 else np.zeros_like(case)])


def rent_surprises(results: Results, listed: Columns, *, progress: bool) -> Surprises:
    """Set the planned rents beside those that came, cause by cause.

    Parameters
    ----------
    results : Results
        One case or a stack.
    listed : Columns
        Cohorts in service and their cases.
    progress : bool
        Whether the plan holds the changes expected at purchase; if not, rents and replacement cost are planned flat.

    Returns
    -------
    Surprises
        By column; the remainder of the observed change, and what a path in curve mode brings, are `SCARCITY`.
    """
    inputs, plan = results.inputs, listed.plan
    base, causes = base_inputs(inputs, listed), rent_causes(inputs)
    plans = _plans(results, base, listed, causes if progress else None)
    whole, ahead = _path_causes(inputs, base, causes, len(plans.whole) - 1)
    planned = (plans.anchor + plans.whole)[..., plan]
    today = np.log(picked(results.market.rent[inputs.timeline.as_of], listed.case))
    left = today + picked(whole, listed.case) - planned
    since = _brought(base, listed, causes)
    found: Changes = {}
    for cause in causes:
        came = since[cause][:, plan] + picked(ahead[cause], listed.case)
        found[cause] = _beyond_rounding(came - plans.fall[cause][..., plan])
        left -= found[cause]
    found[SCARCITY] = _beyond_rounding(left)
    return Surprises(planned, found, plans.ratio[plan], _ratio_that_came(results, listed))


def rent_causes(inputs: Inputs) -> tuple[str, ...]:
    """Causes that move rents, each known by itself; what else moves them is `SCARCITY`.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    """
    rivals = dict.fromkeys(rival.cause for view in (inputs.outlook, inputs.path) for rival in view.rivals)
    return (LANDINGS, *rivals, BREAKTHROUGH, DEMAND)


def _beyond_rounding(change: FloatArray) -> FloatArray:
    return np.where(np.abs(change) < NEGLIGIBLE, 0.0, change)


def _by_cause(
    changes: Changes, outlook: OutlookInputs, causes: tuple[str, ...], shape: tuple[int, ...]
) -> tuple[FloatArray, Changes]:
    """Log changes of rents added up: all of them, and those of each cause that is known by itself."""
    cause_of = {LANDINGS: LANDINGS, DEMAND: DEMAND}
    cause_of |= {rival.name: rival.cause for rival in outlook.rivals}
    cause_of |= {advance.name: BREAKTHROUGH for advance in outlook.breakthroughs}
    whole, found = np.zeros(shape), {cause: np.zeros(shape) for cause in causes}
    for name, change in changes.items():
        whole += change
        if name in cause_of:
            found[cause_of[name]] += change
    return whole, found


def _on_columns(base: Inputs, listed: Columns) -> tuple[Inputs, FloatArray, IntArray]:
    """Inputs, entry rents of the generations (G, S, p) and bounds of service (p,) of the plans."""
    rents = generation_rents(base, frozen_of(base).planning_decline)
    return base.take(listed.plan_base), picked(rents, listed.plan_base), base.fleet.in_service[listed.plan_cohort]


def _plans(results: Results, base: Inputs, listed: Columns, causes: tuple[str, ...] | None) -> _Plans:
    """What was expected at purchase; without causes rents and replacement cost are planned flat."""
    as_of, horizon = base.timeline.as_of, int(results.inputs.silicon.physical_life.max())
    known, rents, bought = _on_columns(base, listed)
    ladder = landing_ladder(known.silicon, known.outlook, rents, bought.astype(np.float64), horizon)
    anchor, scarcity = _rents_at_purchase(results, known, listed, bought)
    shape = (horizon + 1, *anchor.shape)
    if causes is None:
        whole, fall = np.zeros(shape), {cause: np.zeros(shape) for cause in rent_causes(results.inputs)}
    else:
        changes = rent_changes(ladder, known.outlook, scarcity=scarcity, horizon=horizon)
        changes[LANDINGS] = _or_extended(changes[LANDINGS], known, ladder)
        whole, fall = _by_cause(changes, known.outlook, causes, shape)
    months = np.arange(horizon + 1 - int((as_of - bought).min(initial=horizon)))
    ahead = np.minimum(as_of - bought + months[:, None], horizon)[:, None]
    seen_at = np.stack([bought, bought if causes is None else np.full_like(bought, as_of)])
    return _Plans(
        whole=np.take_along_axis(whole, ahead, axis=0),
        fall={cause: np.take_along_axis(change, ahead, axis=0) for cause, change in fall.items()},
        anchor=np.log(anchor),
        ratio=_planned_ratio(known, ladder, listed.plan_cohort, seen_at),
    )


def _rents_at_purchase(
    results: Results, known: Inputs, listed: Columns, bought: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Rent and scarcity at purchase, (S, p): as observed, or before the grid extended by the planning decline."""
    row, case = np.maximum(bought, 0), listed.bases[listed.plan_base]
    rent, entry = (
        np.moveaxis(np.broadcast_to(level, (*level.shape[:CASE], results.inputs.cases))[row, :, case], 0, CASE)
        for level in (results.market.rent, results.market.market_entry_rent)
    )
    before = entry * np.exp(-frozen_of(known).planning_decline * np.minimum(bought, 0))
    return np.where(bought < 0, before, rent), np.where(bought < 0, 0.0, np.log(rent / entry))


def _or_extended(landings: FloatArray, known: Inputs, ladder: Ladder) -> FloatArray:
    """Planned fall by landings; where no part was known yet, the planning decline, by which history is extended."""
    months = np.arange(len(landings))[:, None, None]
    unknown = ~np.isfinite(ladder.first_rent) & (known.outlook.mode != CURVE)
    return np.where(unknown, -frozen_of(known).planning_decline * months, landings)


def _planned_ratio(known: Inputs, ladder: Ladder, cohort: IntArray, at: IntArray) -> FloatArray:
    """Replacement cost at a bound over that at purchase, at most 1, as expected at purchase; bounds (2, p)."""
    cost = market_levels(ladder, known.outlook, at.astype(np.float64)).replacement_cost
    fall = np.exp(-frozen_of(known).planning_decline * (at[1] - at[0]))
    nothing = ~np.isfinite(ladder.first_rent)
    bought, now = np.where(nothing, 1.0, cost[0]), np.where(nothing, fall, cost[1])
    return _ratio(known, cohort, bought, now)


def _ratio(known: Inputs, cohort: IntArray, bought: FloatArray, now: FloatArray) -> FloatArray:
    """Replacement cost over that at purchase, at most 1, shape (p,), where inputs have the columns as their cases."""
    shape = (len(known.fleet.group), *bought.shape)
    own = np.broadcast_to(own_cost_per_unit(known, np.broadcast_to(bought, shape)), shape)
    mine = np.moveaxis(own[cohort, :, np.arange(cohort.size)], 0, CASE)
    return np.asarray(replacement_ratio(now, mine).max(axis=0))


def _ratio_that_came(results: Results, listed: Columns) -> FloatArray:
    """Replacement cost at the as-of bound over that at purchase, at most 1, as value in exchange has it, (m,)."""
    inputs, as_of = replace(results.inputs, ledgers=(), tax=None), results.inputs.timeline.as_of
    rents = generation_rents(inputs, frozen_of(inputs).planning_decline)
    at, horizon = np.full(inputs.cases, float(as_of)), inputs.timeline.forecast_periods
    ladder = landing_ladder(inputs.silicon, inputs.outlook, rents, at, horizon)
    then = inputs.fleet.in_service[:, None].astype(np.float64)
    own = own_cost_per_unit(inputs, market_levels(ladder, inputs.outlook, then).replacement_cost)
    ratio = replacement_ratio(results.market.replacement_cost[as_of], own).max(axis=1)
    return np.asarray(np.broadcast_to(ratio, (len(ratio), inputs.cases))[listed.cohort, listed.case])


def _brought(base: Inputs, listed: Columns, causes: tuple[str, ...]) -> Changes:
    """What each cause brought from purchase to the as-of bound, in logs, shape (S, p)."""
    as_of = base.timeline.as_of
    known, rents, bought = _on_columns(base, listed)
    outlook, now = known.outlook, np.full(bought.size, float(as_of))
    ladder = landing_ladder(known.silicon, outlook, rents, now, base.timeline.forecast_periods)
    horizon = int((as_of - bought).max(initial=0))
    seen = tuple(replace(rival, known_from=_once_known(rival.known_from, as_of)) for rival in outlook.rivals)
    # What might have come by chance and is not in the history did not come.
    dated = tuple(replace(advance, rate=np.zeros(1)) for advance in outlook.breakthroughs)
    changes = changes_by_pressure(outlook.demand[0], (seen, dated), bought.astype(np.float64), horizon)
    shape = (horizon + 1, *ladder.first_rent.shape)
    _, by_cause = _by_cause(changes, outlook, causes, shape)
    today = np.broadcast_to(as_of - bought, (1, *shape[1:]))
    since = {cause: np.take_along_axis(change, today, axis=0)[0] for cause, change in by_cause.items()}
    since[LANDINGS] = landed_fall(ladder, outlook, np.stack([bought, now]))[1]
    return {cause: np.where(outlook.mode == CURVE, 0.0, change) for cause, change in since.items()}


def _once_known(known_from: FloatArray, as_of: int) -> FloatArray:
    """Looking back, a rival known by now took what it took from the start."""
    return np.where(known_from <= as_of, -np.inf, known_from)


def _path_causes(inputs: Inputs, base: Inputs, causes: tuple[str, ...], horizon: int) -> tuple[FloatArray, Changes]:
    """Log changes of rents from the as-of bound on along the path of each case, (K+1, S, n): all, and by cause.

    A path in curve mode says nothing of causes: those of its base are kept, and the rest of it is the remainder.
    """
    whole, own = _ahead(inputs, inputs.path, causes, horizon)
    _, expected = _ahead(base, base.outlook, causes, horizon)
    by_curve = inputs.path.mode == CURVE
    return whole, {cause: np.where(by_curve, expected[cause], own[cause]) for cause in causes}


def _ahead(inputs: Inputs, outlook: OutlookInputs, causes: tuple[str, ...], horizon: int) -> tuple[FloatArray, Changes]:
    frozen, as_of = frozen_of(inputs), float(inputs.timeline.as_of)
    rents = generation_rents(inputs, frozen.planning_decline)
    at = np.full(inputs.cases, as_of)
    ladder = landing_ladder(inputs.silicon, outlook, rents, at, inputs.timeline.forecast_periods)
    changes = rent_changes(ladder, outlook, scarcity=frozen.scarcity, horizon=horizon)
    return _by_cause(changes, outlook, causes, (horizon + 1, *ladder.first_rent.shape))
