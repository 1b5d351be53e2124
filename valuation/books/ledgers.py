"""Ledgers: carrying amounts of the cohorts under one set of books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from valuation.books.impairment import Appraised, ImpairmentTest
from valuation.books.policies import LedgerInputs
from valuation.books.schedule import Service, unit_schedule
from valuation.devices.fleet import Occupancy
from valuation.timeline import CASE, FloatArray, pair

Appraise = Callable[[LedgerInputs], tuple[FloatArray, FloatArray, FloatArray]]
"""Fair value, value in use and undiscounted flows of one device of each cohort, (T+1, C, n), for a ledger's test."""


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
        Movements of the period [USD]; disposals at carrying amount; a reversed impairment is negative.
    improvements : (T, C, n)
        Additions beyond the price of the devices: improvements and capitalised interest [USD]; of size 1 where there
        are none.
    latent : (T+1, n)
        Shortfall of fair value at tested bounds that undiscounted flows keep off the books [USD]; zero elsewhere.
    """

    name: str
    carrying_amount: FloatArray
    additions: FloatArray
    improvements: FloatArray
    depreciation: FloatArray
    impairment: FloatArray
    disposals: FloatArray
    latent: FloatArray


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
        Economic depreciation less what the books charged: depreciation and write-offs [USD]. Cost added by an
        improvement counts as lost when it is spent, for the engine knows no value of it.
    """

    ledger: str
    gap: FloatArray
    written_off: FloatArray
    hidden_depreciation: FloatArray


def keep_ledger(
    ledger: LedgerInputs,
    *,
    cost: FloatArray,
    units: FloatArray,
    fleet: Occupancy,
    service: Service,
    appraise: Appraise | None = None,
) -> Ledger:
    """Keep one set of books over the fleet.

    Parameters
    ----------
    ledger : LedgerInputs
        Components and their policies, treatment of failures.
    cost, units : numpy.ndarray
        Cost [USD per unit] and units bought, shape (C, n).
    fleet : Occupancy
        Where the units are, stocks (T+1, C, n) and flows (T, C, n).
    service : Service
        When the cohorts are in service, by day. A cohort older than the grid opens part-depreciated under the policy
        in force in the first period.
    appraise : callable, optional
        Values of one device (T+1, C, n) for a ledger that is tested for impairment.

    Returns
    -------
    Ledger
        In which opening + additions - depreciation - impairment - disposals = closing for every cohort and period.
    """
    price, cost = cost, cost * (1.0 + ledger.interest_share)
    stock = fleet.stock if ledger.write_off_failures else units * fleet.held
    test = _testing(ledger, (fleet.stock, stock * cost), service, appraise)
    loss, told_apart = (test.loss, fleet.retirement.shape[CASE]) if test else (None, 1)
    schedule = unit_schedule(ledger.components, service, loss, told_apart)
    cases = max(fleet.retirement.shape[CASE], schedule.carrying.shape[CASE])
    shape = (*schedule.charge.shape[:CASE], cases)
    depreciation, disposals = pair(shape)
    additions, impairment = pair(shape)
    new = fleet.arrivals
    if ledger.write_off_failures:
        working = fleet.working
        np.multiply(fleet.failing, schedule.carrying[1:] * cost, out=disposals)
    else:
        # The failed stay in a group's books until the group retires.
        working = units * fleet.running
    carrying = stock * (schedule.carrying * cost)
    np.multiply(working, schedule.charge * cost, out=depreciation)
    # What has just arrived may be charged, and written down, in the month of its arrival.
    paid = new.each(units * cost)
    new.add_to(depreciation, paid * new.within(schedule.charge))
    if schedule.written_down.any():
        np.multiply(working, schedule.written_down * cost, out=impairment)
        if ledger.write_off_failures:
            _leave_unimpaired((impairment, disposals), fleet.failing * schedule.lost * cost)
        new.add_to(impairment, paid * new.within(schedule.written_down))
    improved = bool(schedule.added.any() or ledger.interest_share.any())
    if improved:
        np.multiply(working, schedule.added * cost, out=additions)
        new.add_to(additions, new.each(units * (cost - price)))
    return Ledger(
        name=ledger.name,
        carrying_amount=carrying,
        improvements=additions.copy() if improved else np.zeros((1, 1, 1)),
        additions=new.add_to(additions, new.each(units * price)),
        depreciation=depreciation,
        impairment=impairment,
        disposals=fleet.departures.add_to(disposals, fleet.departures.read(carrying)),
        latent=test.latent if test else np.zeros((len(carrying), 1)),
    )


def untested_carrying(ledger: LedgerInputs, *, cost: FloatArray, service: Service) -> FloatArray:
    """Carrying amount of a unit as long as it is held, without any write-down for impairment.

    Parameters
    ----------
    ledger : LedgerInputs
        Components and their policies.
    cost : numpy.ndarray
        Cost [USD per unit], shape (C, n).
    service : Service
        When the cohorts are in service, retired by age or by schedule only.

    Returns
    -------
    numpy.ndarray
        [USD per unit in the books], shape (T+1, C, n).
    """
    carrying = unit_schedule(ledger.components, service).carrying
    return np.asarray(carrying * cost * (1.0 + ledger.interest_share))


def _leave_unimpaired(movements: tuple[FloatArray, FloatArray], lost: FloatArray) -> None:
    """Let what fails in the month of a test, (T, C, n), leave at the carrying amount before it.

    The loss is of what is held at the test.
    """
    impairment, disposals = movements
    impairment -= lost
    disposals += lost


def _testing(
    ledger: LedgerInputs, held: tuple[FloatArray, FloatArray], service: Service, appraise: Appraise | None
) -> ImpairmentTest | None:
    """Impairment test of a ledger, if it has one: values of the devices that work, cost of those that it holds."""
    if not ledger.tests or appraise is None:
        return None
    working, cost = held
    fair_value, value_in_use, undiscounted = (working * each for each in appraise(ledger))
    worth = Appraised(fair_value, value_in_use, undiscounted, cost)
    return ImpairmentTest(ledger.tests[0], worth, unit_schedule(ledger.components, service).carrying)


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
    if ledger.improvements.any():
        hidden += ledger.improvements
    return Gap(ledger.name, ledger.carrying_amount - value, written_off, hidden)
