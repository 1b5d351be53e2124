"""Ledgers: carrying amounts of the cohorts under one set of books."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.charges import straight_line
from valuation.fleet import Occupancy
from valuation.inputs import LedgerInputs
from valuation.timeline import CASE, TIME, FloatArray, IntArray, pair


@dataclass(frozen=True)
class Ledger:
    """One set of books.

    Attributes
    ----------
    name : str
        Name of the ledger.
    carrying_amount : (T+1, C, n)
        Carrying amount [USD].
    additions, depreciation, impairment, disposals : (T, C, n)
        Movements of the period [USD]; disposals at carrying amount.
    """

    name: str
    carrying_amount: FloatArray
    additions: FloatArray
    depreciation: FloatArray
    impairment: FloatArray
    disposals: FloatArray


@dataclass(frozen=True)
class Gap:
    """One ledger beside the economic value.

    Attributes
    ----------
    ledger : str
        Name of the ledger.
    gap : (T+1, C, n)
        Carrying amount less economic value [USD]; positive means the books stand above value.
    written_off : (T, C, n)
        Impairment, and the carrying amount of what left less its proceeds [USD]; negative where it brought more.
    hidden_depreciation : (T, C, n)
        Economic depreciation less what the books charged: depreciation and write-offs [USD].
    """

    ledger: str
    gap: FloatArray
    written_off: FloatArray
    hidden_depreciation: FloatArray


def depreciated_cost(cost: FloatArray, ledger: LedgerInputs, age: IntArray) -> tuple[FloatArray, FloatArray]:
    """Carrying amount per unit that is still there, and its monthly charge, straight line, before any retirement.

    Parameters
    ----------
    cost : numpy.ndarray
        Cost per unit [USD], shape (C, n).
    ledger : LedgerInputs
        Lives by period and salvage.
    age : numpy.ndarray
        Age at the bounds [months], shape (T+1, C).

    Returns
    -------
    carrying : numpy.ndarray
        Shape (T+1, C, n); cost before service. A cohort older than the grid opens part-depreciated under the life in
        force in the first period.
    charge : numpy.ndarray
        Shape (T, C, n); zero before service.
    """
    periods = age.shape[TIME] - 1
    cases = max(cost.shape[CASE], ledger.life.shape[CASE], ledger.salvage_share.shape[CASE])
    shape = (cost.shape[0], cases)
    salvage = np.broadcast_to(ledger.salvage_share * cost, shape)
    carrying, charge = pair((periods + 1, *shape))
    used = np.clip(age[0][:, None] / ledger.life[0], 0.0, 1.0)
    carrying[0] = cost - (cost - salvage) * used
    for period in range(periods):
        held_age = age[period][:, None]
        due = straight_line(carrying[period], salvage, ledger.life[period] - held_age)
        charge[period] = np.where(held_age >= 0, due, 0.0)
        carrying[period + 1] = carrying[period] - charge[period]
    return carrying, charge[:-1]


def keep_ledger(ledger: LedgerInputs, *, cost: FloatArray, units: FloatArray, fleet: Occupancy) -> Ledger:
    """Keep one set of books over the fleet.

    Parameters
    ----------
    ledger : LedgerInputs
        Lives, salvage, treatment of failures.
    cost, units : numpy.ndarray
        Cost [USD per unit] and units bought, shape (C, n).
    fleet : Occupancy
        Where the units are, stocks (T+1, C, n) and flows (T, C, n).

    Returns
    -------
    Ledger
        In which opening + additions - depreciation - impairment - disposals = closing for every cohort and period.
    """
    per_unit, charge = depreciated_cost(cost, ledger, fleet.age)
    cases = max(fleet.retirement.shape[CASE], per_unit.shape[CASE])
    depreciation, disposals = pair((*charge.shape[:CASE], cases))
    additions, impairment = pair((*charge.shape[:CASE], cases))
    if ledger.write_off_failures:
        carrying = fleet.stock * per_unit
        np.multiply(fleet.working, charge, out=depreciation)
        np.multiply(fleet.failing, per_unit[1:], out=disposals)
    else:
        # The failed stay in a group's books until the group retires.
        carrying = units * per_unit * fleet.held
        np.multiply(units * fleet.running, charge, out=depreciation)
    return Ledger(
        name=ledger.name,
        carrying_amount=carrying,
        additions=fleet.arrivals.add_to(additions, fleet.arrivals.each(units * cost)),
        depreciation=depreciation,
        impairment=impairment,
        disposals=fleet.departures.add_to(disposals, fleet.departures.read(carrying)),
    )


def ledger_gap(ledger: Ledger, *, value: FloatArray, economic_depreciation: FloatArray, proceeds: FloatArray) -> Gap:
    """Set a ledger beside the economic value of the same cohorts.

    Parameters
    ----------
    ledger : Ledger
        The books.
    value : numpy.ndarray
        Economic value at the bounds [USD], shape (T+1, C, n).
    economic_depreciation, proceeds : numpy.ndarray
        Economic depreciation and proceeds of retired units [USD], shape (T, C, n).

    Returns
    -------
    Gap
        Signed: positive means the books stand above value.
    """
    movement = np.broadcast_shapes(ledger.depreciation.shape, economic_depreciation.shape)
    written_off, hidden = pair(movement)
    np.subtract(ledger.disposals, proceeds, out=written_off)
    written_off += ledger.impairment
    np.subtract(economic_depreciation, ledger.depreciation, out=hidden)
    hidden -= written_off
    return Gap(ledger.name, ledger.carrying_amount - value, written_off, hidden)
