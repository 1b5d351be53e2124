"""Silicon of the owner's own: what moving its work saves, and what it takes from the devices that did the work."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from valuation.devices.returns import net_present_value
from valuation.engine import evaluate
from valuation.inputs import Inputs
from valuation.results import Results
from valuation.silicon.pressures import read_ahead
from valuation.timeline import COHORT, MONTHS_PER_YEAR, SEGMENT, FloatArray, IntArray

CAPTIVE = "captive"
"""Cause of the rival that the owner's migration is."""


@dataclass(frozen=True)
class Migration:
    """One transaction: what the owner's migration to its own silicon saves and what it strands.

    Attributes
    ----------
    years : (Y,)
        Fiscal years.
    migrated : (Y, n)
        Share of the work moved at the end of each.
    unit_hours : (Y, n)
        Work moved in each [unit-hours].
    saving : (Y, n)
        Cost of new market devices for the work moved, less that of own silicon [USD].
    stranded : (Y, n)
        Quasi-rent that the owner's devices no longer earn [USD].
    present_value_of_saving, value_lost, net : (n,)
        At the as-of bound [USD]: the saving, what the devices owned and still to be bought are worth less in use, and
        the first less the second.
    """

    years: IntArray
    migrated: FloatArray
    unit_hours: FloatArray
    saving: FloatArray
    stranded: FloatArray
    present_value_of_saving: FloatArray
    value_lost: FloatArray
    net: FloatArray


def migration(results: Results, cost_ratio: FloatArray, cost_decline: FloatArray) -> Migration:
    """Set the saving of a migration beside what it strands, against the same case without it.

    Parameters
    ----------
    results : Results
        Any number of cases.
    cost_ratio : numpy.ndarray
        Cost of own silicon over the market's entry rent at the as-of bound, shape (n,).
    cost_decline : numpy.ndarray
        Decline of that cost [log per year], shape (n,).

    Returns
    -------
    Migration
        Zero to the bit where no work moves.
    """
    inputs, cases, timeline = results.inputs, results.inputs.cases, results.inputs.timeline
    stays, as_of = evaluate(_without(inputs)), timeline.as_of
    moved, hours = _moved(inputs, stays)
    years = (np.arange(timeline.periods)[:, None] - as_of) / MONTHS_PER_YEAR
    entry = results.market.market_entry_rent.min(axis=SEGMENT)
    own_cost = cost_ratio * entry[as_of] * np.exp(-cost_decline * years)
    saving = np.broadcast_to(hours * (entry[:-1] - own_cost), (timeline.periods, cases))
    stranded = (stays.economic.quasi_rent - results.economic.quasi_rent).sum(axis=COHORT)
    flows = np.concatenate([np.zeros((1, cases)), saving[as_of:]])
    worth = net_present_value(flows, inputs.terms.discount_factor)
    fallen = stays.returns.npv_in_use - results.returns.npv_in_use
    last = np.append(np.flatnonzero(np.diff(timeline.fiscal_year_of_period)) + 1, timeline.periods)
    return Migration(
        years=timeline.fiscal_years,
        migrated=np.broadcast_to(moved, (len(moved), cases))[last],
        unit_hours=timeline.fiscal_year_sums(np.broadcast_to(hours, saving.shape)),
        saving=timeline.fiscal_year_sums(saving),
        stranded=timeline.fiscal_year_sums(np.broadcast_to(stranded, saving.shape)),
        present_value_of_saving=worth,
        value_lost=np.broadcast_to(fallen, worth.shape),
        net=worth - fallen,
    )


def _moved(inputs: Inputs, stays: Results) -> tuple[FloatArray, FloatArray]:
    """Share of the work moved by bound (T+1, n), and the work itself by period [unit-hours], (T, n)."""
    bounds = np.arange(inputs.timeline.periods + 1)[:, None]
    moved = np.where(bounds <= inputs.timeline.as_of, 0.0, read_ahead(inputs.path.migrated, bounds))
    # The rent of an hour sold: hours that nobody pays for hold no work that could move.
    price = stays.market.rent.max(axis=SEGMENT)[:-1]
    work = moved[:-1] * stays.economic.gross_rent.sum(axis=COHORT)
    # Where nothing moves there may be no rent either.
    return moved, work / np.where(work > 0.0, price, 1.0)


def _without(inputs: Inputs) -> Inputs:
    """Inputs of the same case in which no work moves and nothing of it presses on the market."""
    path = inputs.path
    rivals = tuple(
        replace(rival, adoption=np.zeros_like(rival.adoption)) if rival.cause == CAPTIVE else rival
        for rival in path.rivals
    )
    stays = replace(path, migrated=np.zeros_like(path.migrated), rivals=rivals)
    return replace(inputs, ledgers=(), tax=None, path=stays)
