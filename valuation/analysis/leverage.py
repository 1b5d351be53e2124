"""How much faster than rents quasi-rents fall, and whether the books outlast the value."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valuation.devices.lives import Lives, fleet_profile, implied_lives
from valuation.devices.value import device_earnings
from valuation.errors import NoSolutionError
from valuation.inputs import RESALE
from valuation.results import Results
from valuation.stages.appraisal import device_state
from valuation.stages.flows import value_profiles
from valuation.timeline import COHORT, MONTHS_PER_YEAR, FloatArray

AHEAD = (MONTHS_PER_YEAR, 2 * MONTHS_PER_YEAR, 3 * MONTHS_PER_YEAR)  # months, one to three years
"""Months after the as-of date at which rents are compared with those of that date."""


@dataclass(frozen=True)
class Obsolescence:
    """Readings by reporting group, the fleet last, shape (Q+1, n) each.

    Attributes
    ----------
    rent, shutdown_rent : (Q+1, n)
        Rent of a device owned at the as-of date and the rent that just pays for its running, in USD per month of a
        device, or of a dollar of cost; NaN where nothing is owned then, and in resale mode, which knows no rents.
    shutdown_share : (Q+1, n)
        The second over the first: above 1, running does not pay.
    rent_lost, quasi_rent_lost : (H, Q+1, n)
        Share of rent and of quasi-rent lost at each of `AHEAD`, by devices that last; negative where they rise. Above
        1, running no longer pays then; NaN where the quasi-rent is not above zero at the as-of date, or the grid ends
        before.
    lives : Lives
        Implied by the mean value in use of the group, weighted by cost.
    book_life : dict of (Q+1, n)
        Life in force at the as-of date by ledger, weighted by cost [months].
    """

    rent: FloatArray
    shutdown_rent: FloatArray
    shutdown_share: FloatArray
    rent_lost: FloatArray
    quasi_rent_lost: FloatArray
    lives: Lives
    book_life: dict[str, FloatArray]

    def value_outlasts(self, ledger: str) -> FloatArray:
        """T90 less the book life of a ledger [months], shape (Q+1, n): not below zero, value outlasts the books."""
        return np.asarray(self.lives.t90 - self.book_life[ledger])


def obsolescence(results: Results) -> Obsolescence:
    """Set rents against running cost, and the lives that value implies against those of the books.

    Parameters
    ----------
    results : Results
        Any number of cases.

    Returns
    -------
    Obsolescence
        By reporting group and for the fleet, shape (Q+1, n) each.

    Notes
    -----
    Method, sections 3.3 and 5.2. Value reaches nothing sooner than the books believe where T90 lies before the end of
    the book life.
    """
    rent, cost = _device_months(results)
    quasi, first = rent - cost, rent[0]
    owned = (first > 0.0) & (results.inputs.path.mode != RESALE)
    earns = owned & (quasi[0] > 0.0)
    return Obsolescence(
        rent=np.where(owned, first, np.nan),
        shutdown_rent=np.where(owned, cost[0], np.nan),
        shutdown_share=np.where(owned, cost[0] / np.where(owned, first, 1.0), np.nan),
        rent_lost=np.where(owned, 1.0 - rent[1:] / np.where(owned, first, 1.0), np.nan),
        quasi_rent_lost=np.where(earns, 1.0 - quasi[1:] / np.where(earns, quasi[0], 1.0), np.nan),
        lives=_lives(results),
        book_life=_book_lives(results),
    )


def _groups(results: Results) -> list[FloatArray]:
    """Membership of the cohorts in each reporting group and in the fleet, each of shape (C, 1)."""
    group = results.inputs.fleet.group
    members = [group == number for number in range(results.inputs.groups)]
    return [member.astype(np.float64)[:, None] for member in (*members, np.ones_like(group, dtype=bool))]


def _device_months(results: Results) -> tuple[FloatArray, FloatArray]:
    """Rent and running cost of the mean device owned at the as-of date, then and later, shape (1+H, Q+1, n) each."""
    inputs = results.inputs
    if inputs.frozen is None:
        raise NoSolutionError("results hold no frozen quantities of their base", 0)
    as_of, cases = inputs.timeline.as_of, inputs.cases
    state = device_state(inputs, inputs.frozen, as_of)
    units = results.economic.units[as_of]
    shape = (len(AHEAD) + 1, results.inputs.groups + 1, cases)
    rent, cost = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, ahead in enumerate((0, *AHEAD)):
        if as_of + ahead > inputs.timeline.periods:
            continue
        earned, spent = device_earnings(state, results.market.earned[as_of + ahead], ahead)
        for number, member in enumerate(_groups(results)):
            held = units * member
            total = np.maximum(held.sum(axis=0), np.finfo(np.float64).tiny)
            rent[row, number] = (held * earned).sum(axis=0) / total
            cost[row, number] = (held * spent).sum(axis=0) / total
    return rent, cost


def _lives(results: Results) -> Lives:
    """Lives of the mean value of each group and of the fleet, shape (Q+1, n)."""
    profile, age, outlay = value_profiles(results.inputs, results.economic)
    shape = (results.inputs.groups + 1, results.inputs.cases)
    means = [fleet_profile(profile, age, outlay * member) for member in _groups(results)]
    found = implied_lives(
        np.concatenate([mean for mean, _ in means], axis=COHORT), np.concatenate([ended for _, ended in means])
    )
    return Lives(*(np.array(np.broadcast_to(getattr(found, item.name), shape)) for item in fields(found)))


def _book_lives(results: Results) -> dict[str, FloatArray]:
    """Life in force at the as-of date by ledger, weighted by what was paid, shape (Q+1, n)."""
    inputs = results.inputs
    outlay = inputs.fleet.units * inputs.fleet.cost
    found = {}
    for ledger in inputs.ledgers:
        life = ledger.life[min(max(inputs.timeline.as_of - 1, 0), len(ledger.life) - 1)]
        rows = []
        for member in _groups(results):
            weight = np.broadcast_to(outlay * member, (len(member), inputs.cases))
            total = weight.sum(axis=0)
            mean = (weight * life).sum(axis=0) / np.where(total > 0.0, total, 1.0)
            rows.append(np.where(total > 0.0, mean, np.nan))
        found[ledger.name] = np.array(rows)
    return found
