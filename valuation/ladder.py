"""The ladder of landings: which parts land, when, and how far each lowers the rent at which a new device pays.

A *landing* is the arrival of a generation in volume, a logistic ramp from its landing month on. The ladder lists the
landings known or expected at a date, in the order of landing, each measured against the best part before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.inputs import OutlookInputs, SiliconInputs
from valuation.ramps import ramp
from valuation.timeline import TIME, BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Ladder:
    """Landings and what each of them does, for every case.

    Attributes
    ----------
    at : (m,)
        Bound at which the landings were listed.
    landing, delay : (L, m)
        Planned landing bound and slip [months]; infinite for a part not known at that bound.
    first_rent, first_cost, first_power, first_space, first_upkeep : (S, m)
        Entry rent [USD per unit-hour], replacement cost [USD], power [kW] and racks of a unit of service, and monthly
        operating cost per USD of cost, of the part that landed first.
    rent_step, cost_step, power_step, space_step : (L, S, m)
        Log fall of entry rent, replacement cost, power and racks of a unit of service at each landing.
    upkeep_step : (L, S, m)
        Change of the operating cost per USD at each landing.
    """

    at: FloatArray
    landing: FloatArray
    delay: FloatArray
    first_rent: FloatArray
    first_cost: FloatArray
    first_power: FloatArray
    first_space: FloatArray
    first_upkeep: FloatArray
    rent_step: FloatArray
    cost_step: FloatArray
    power_step: FloatArray
    space_step: FloatArray
    upkeep_step: FloatArray


def expected_landings(
    outlook: OutlookInputs, sets_price: IntArray, at: FloatArray, horizon: int
) -> tuple[FloatArray, FloatArray]:
    """Landings known or expected at a bound: named parts first, then unnamed ones at the generic cadence.

    Parameters
    ----------
    outlook : OutlookInputs
        Dates and cadence.
    sets_price : numpy.ndarray
        Whether the landing of each part moves the market, shape (G,).
    at : numpy.ndarray
        Bound at which the list is made, shape (m,).
    horizon : int
        Months to cover after that bound.

    Returns
    -------
    landing, delay : numpy.ndarray
        Landing bounds and slips, shape (G + J, m), infinite for parts not known then.
    """
    known = (outlook.known_from <= at) | (outlook.landing <= at)
    named = np.where(known & (sets_price[:, None] > 0), outlook.landing, np.inf)
    slip = np.broadcast_to(outlook.delay, named.shape)
    expected = np.where(np.isfinite(named), named + slip, -np.inf)
    last = np.maximum(expected.max(axis=TIME), at - outlook.generic_cadence)
    count = int(np.ceil(horizon / float(outlook.generic_cadence.min()))) + 1
    first = np.maximum(last + outlook.generic_cadence, at + 1.0)
    generic = first + np.arange(count)[:, None] * outlook.generic_cadence
    landing = np.concatenate([np.broadcast_to(named, (named.shape[0], generic.shape[1])), generic])
    delay = np.concatenate([np.broadcast_to(slip, (slip.shape[0], generic.shape[1])), np.zeros_like(generic)])
    return landing, delay


def landing_ladder(
    silicon: SiliconInputs, outlook: OutlookInputs, rents: FloatArray, at: FloatArray, horizon: int
) -> Ladder:
    """List the landings and measure each against the best part landed before it.

    A part that does not lower the entry rent moves nothing. A part without a price (a generic, named or not) lowers
    the entry rent, the replacement cost and what it takes of a site by the generic step.

    Parameters
    ----------
    silicon : SiliconInputs
        Generations.
    outlook : OutlookInputs
        Dates, cadence and generic step.
    rents : numpy.ndarray
        Entry rents of the generations [USD per unit-hour], shape (G, S, m).
    at : numpy.ndarray
        Bound at which the list is made, shape (m,).
    horizon : int
        Months to cover after that bound.

    Returns
    -------
    Ladder
        With ``L`` = named parts plus generic ones.
    """
    landing, delay = expected_landings(outlook, silicon.sets_price, at, horizon)
    present = np.isfinite(landing)
    order = np.argsort(np.where(present, landing + delay, np.inf), axis=TIME, kind="stable")
    listed = listed_quantities(silicon, rents, *landing.shape)
    first = np.full(listed.shape[:1] + listed.shape[2:], np.nan)
    first[RENT] = np.inf
    front, steps = first.copy(), np.zeros(listed.shape)
    fall = np.exp(-outlook.generic_step)
    generic_fall = np.stack([*[fall] * UPKEEP, np.ones_like(fall)])[:, None, :]
    column = np.arange(landing.shape[1])
    for part in order:
        priced = np.moveaxis(listed[:, part, :, column], 0, -1)
        new = np.where(np.isnan(priced[RENT]), front * generic_fall, priced)
        better = present[part, column] & (new[RENT] < front[RENT])
        started = np.isfinite(front[RENT])
        steps[:, part, :, column] = np.moveaxis(_steps(front, new, better & started), -1, 0)
        first = np.where(better & ~started, new, first)
        front = np.where(better, new, front)
    # Where no part can enter there is nothing to buy in place of what stands there.
    nobody = np.isinf(first[RENT])
    for row, nothing in ((COST, np.inf), (POWER, 1.0), (SPACE, 1.0), (UPKEEP, 0.0)):
        first[row] = np.where(nobody, nothing, first[row])
    return Ladder(at, landing, delay, *first, *steps)


FOLLOWED = ("rent", "cost", "power", "space", "upkeep")
"""Quantities that a ladder follows; the last one moves by differences, the others in logs."""
RENT = FOLLOWED.index("rent")
"""Row of the entry rent, by which parts are compared."""
COST, POWER, SPACE, UPKEEP = (FOLLOWED.index(name) for name in FOLLOWED[1:])
"""Rows of the others."""


def listed_quantities(silicon: SiliconInputs, rents: FloatArray, count: int, cases: int) -> FloatArray:
    """What a ladder follows of every part on the list.

    Parameters
    ----------
    silicon : SiliconInputs
        Generations.
    rents : numpy.ndarray
        Entry rents of the generations, shape (G, S, m).
    count, cases : int
        Landings and cases.

    Returns
    -------
    numpy.ndarray
        In the order of `FOLLOWED`, parts first, shape (5, L, S, m); a rent that is NaN marks an unnamed landing.
    """
    usable = silicon.delivered > 0.0
    service = np.where(usable, silicon.delivered, 1.0)
    known = (
        np.where(silicon.priced[:, None, None] > 0, rents, np.nan),
        silicon.cost[:, None, :] / service,
        silicon.power[:, None, :] / service,
        silicon.space[:, None, :] / service,
        (silicon.operating_cost / silicon.cost)[:, None, :],
    )
    listed = np.full((len(known), count, rents.shape[1], cases), np.nan)
    for row, quantity in enumerate(known):
        listed[row, : len(rents)] = quantity
    return listed


def _steps(before: FloatArray, after: FloatArray, where: BoolArray) -> FloatArray:
    """Log falls and the change of upkeep, (5, S, m), zero where the part moves nothing."""
    before, after = np.where(where, before, 1.0), np.where(where, after, 1.0)
    falls = [np.log(before[row] / after[row]) for row in range(UPKEEP)]
    return np.stack([*falls, after[UPKEEP] - before[UPKEEP]])


def volume_share(ladder: Ladder, outlook: OutlookInputs, part: int, time: FloatArray) -> FloatArray:
    r"""Volume of one landing at given bounds.

    A slip moves only the ramp still to come, and an advance is phased in, so that nothing jumps at the listing bound:
    :math:`F(t) = F^{base}(\max(0, t - \max(\text{delay}, -t)))` with :math:`t` counted from it.

    Parameters
    ----------
    ladder : Ladder
        Landings.
    outlook : OutlookInputs
        Ramp parameters.
    part : int
        Position of the landing in the ladder.
    time : numpy.ndarray
        Bounds, shape (K, m).

    Returns
    -------
    numpy.ndarray
        Share of volume between 0 and 1, shape (K, m).
    """
    ahead = time - ladder.at
    shifted = np.maximum(0.0, ahead - np.maximum(ladder.delay[part], -ahead))
    effective = ladder.at + np.where(ahead > 0.0, shifted, ahead)
    landing = ladder.landing[part]
    since = np.where(np.isfinite(landing), effective - np.where(np.isfinite(landing), landing, 0.0), -1.0)
    return ramp(since, outlook.ramp_midpoint, outlook.ramp_width)
