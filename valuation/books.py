"""Ledgers: carrying amounts of the cohorts under one set of books."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.charges import straight_line
from valuation.inputs import LedgerInputs
from valuation.timeline import CASE, TIME, FloatArray, IntArray


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


def depreciated_cost(
    cost: FloatArray, ledger: LedgerInputs, age: IntArray
) -> tuple[FloatArray, FloatArray]:
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
    carrying = np.empty((periods + 1, *shape))
    charge = np.empty((periods, *shape))
    used = np.clip(age[0][:, None] / ledger.life[0], 0.0, 1.0)
    carrying[0] = cost - (cost - salvage) * used
    for period in range(periods):
        held_age = age[period][:, None]
        due = straight_line(carrying[period], salvage, ledger.life[period] - held_age)
        charge[period] = np.where(held_age >= 0, due, 0.0)
        carrying[period + 1] = carrying[period] - charge[period]
    return carrying, charge


def keep_ledger(
    ledger: LedgerInputs,
    *,
    cost: FloatArray,
    units_bought: FloatArray,
    surviving: FloatArray,
    age: IntArray,
    held: FloatArray,
    running: FloatArray,
) -> Ledger:
    """Keep one set of books over the fleet.

    Parameters
    ----------
    ledger : LedgerInputs
        Lives, salvage, treatment of failures.
    cost, units_bought : numpy.ndarray
        Cost [USD per unit] and units, shape (C, n).
    surviving : numpy.ndarray
        Units not lost to failure, shape (T+1, C, n).
    age : numpy.ndarray
        Age at the bounds [months], shape (T+1, C).
    held : numpy.ndarray
        Whether a cohort stands in the stock, shape (T+1, C, n).
    running : numpy.ndarray
        Whether a cohort runs in the period, shape (T, C, n).

    Returns
    -------
    Ledger
        In which opening + additions - depreciation - impairment - disposals = closing for every cohort and period.
    """
    per_unit, charge = depreciated_cost(cost, ledger, age)
    in_books = np.where(age[:, :, None] >= 0, surviving if ledger.write_off_failures else units_bought, 0.0)
    carrying = in_books * per_unit * held
    depreciation = in_books[:-1] * charge * running
    additions = np.where(age[1:, :, None] == 0, units_bought * cost, 0.0) * held[1:]
    failed = (in_books[:-1] - in_books[1:]) * per_unit[1:] * running * (age[:-1, :, None] >= 0)
    retired = carrying[:-1] * (held[:-1] & ~running)
    return Ledger(
        name=ledger.name,
        carrying_amount=carrying,
        additions=additions,
        depreciation=depreciation,
        impairment=np.zeros_like(depreciation),
        disposals=failed + retired,
    )
