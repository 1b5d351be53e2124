"""The ladder of landings: which parts land, when, and how far each lowers the rent at which a new device pays.

A *landing* is the arrival of a generation in volume, a logistic ramp from its landing month on. The ladder lists the
landings known or expected at a date, in the order of landing, each measured against the best part before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from valuation.inputs import OutlookInputs, SiliconInputs
from valuation.silicon.ramps import ramp, ramps_ahead
from valuation.timeline import CASE, TIME, BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Landings:
    """Which parts land, and when, for every case.

    Attributes
    ----------
    at : (m,)
        Bound at which the landings were listed.
    landing, delay : (L, m)
        Planned landing bound and slip [months]; infinite for a part not known at that bound.
    """

    at: FloatArray
    landing: FloatArray
    delay: FloatArray


@dataclass(frozen=True)
class Ladder(Landings):
    """Landings and what each of them does, for every case.

    Attributes
    ----------
    first_rent, first_cost, first_power, first_space, first_upkeep : (S, m)
        Entry rent [USD per unit-hour], replacement cost [USD], power [kW] and racks of a unit of service, and monthly
        operating cost per USD of cost, of the part that landed first.
    rent_step, cost_step, power_step, space_step : (L, S, m)
        Log fall of entry rent, replacement cost, power and racks of a unit of service at each landing.
    upkeep_step : (L, S, m)
        Change of the operating cost per USD at each landing.
    """

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
    listed = listed_quantities(silicon, rents, *landing.shape)
    first, steps = climb(listed, landing, delay, outlook.generic_step)
    # Where no part can enter there is nothing to buy in place of what stands there.
    nobody = np.isinf(first[RENT])
    for row, nothing in ((COST, np.inf), (POWER, 1.0), (SPACE, 1.0), (UPKEEP, 0.0)):
        first[row] = np.where(nobody, nothing, first[row])
    return Ladder(at, landing, delay, *first, *steps)


def climb(
    listed: FloatArray, landing: FloatArray, delay: FloatArray, generic_step: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Go through the landings in their order, each measured against the best part landed before it.

    Parameters
    ----------
    listed : numpy.ndarray
        Quantities of the parts, the first or more of `FOLLOWED`, shape (f, L, S, m).
    landing, delay : numpy.ndarray
        Planned landing bound and slip [months], shape (L, m).
    generic_step : numpy.ndarray
        Log fall at a landing without a price, shape (m,).

    Returns
    -------
    first : numpy.ndarray
        Quantities of the part that landed first, shape (f, S, m); its rent is infinite where none can.
    steps : numpy.ndarray
        Log fall of each quantity at each landing, shape (f, L, S, m); the last of `FOLLOWED` changes by differences.
    """
    present = np.isfinite(landing)
    comes = np.where(present, landing + delay, np.inf)
    orders = np.argsort(np.ascontiguousarray(comes.T), axis=CASE, kind="stable").T
    first = np.full(listed.shape[:1] + listed.shape[2:], np.nan)
    first[RENT] = np.inf
    steps = np.zeros(listed.shape)
    fall = np.exp(-generic_step)
    generic_fall = np.stack([*[fall] * min(UPKEEP, len(listed)), *[np.ones_like(fall)] * (len(listed) > UPKEEP)])
    generic_fall = np.broadcast_to(generic_fall[:, None], (len(listed), 1, landing.shape[CASE]))
    for order, columns in order_groups(orders):
        front = opening = first[..., columns]
        for part in order:
            priced = listed[:, part][..., columns]
            new = np.where(np.isnan(priced[RENT]), front * generic_fall[..., columns], priced)
            better = present[part, columns] & (new[RENT] < front[RENT])
            started = np.isfinite(front[RENT])
            steps[:, part][..., columns] = _steps(front, new, better & started)
            opening = np.where(better & ~started, new, opening)
            front = np.where(better, new, front)
        first[..., columns] = opening
    return first, steps


def order_groups(orders: IntArray) -> list[tuple[IntArray, Any]]:
    """Columns that are alike.

    Parameters
    ----------
    orders : numpy.ndarray
        Orders of landing, shape (L, m).

    Returns
    -------
    list of tuple
        Each order that occurs, shape (L,), and the columns that have it.
    """
    group = np.zeros(orders.shape[CASE], dtype=np.int64)
    for row in orders[(orders != orders[:, :1]).any(axis=CASE)]:
        _, group = np.unique(group * (int(row.max()) + 1) + row, return_inverse=True)
    if not group.any():
        return [(orders[:, 0], slice(None))]
    _, first = np.unique(group, return_index=True)
    return [(orders[:, column], np.flatnonzero(group == number)) for number, column in enumerate(first)]


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
    """Log falls and the change of upkeep, (f, S, m), zero where the part moves nothing."""
    before, after = np.where(where, before, 1.0), np.where(where, after, 1.0)
    steps = np.log(before[:UPKEEP] / after[:UPKEEP])
    return np.concatenate([steps, after[UPKEEP:] - before[UPKEEP:]])


def volume_share(ladder: Landings, outlook: OutlookInputs, part: int, time: FloatArray) -> FloatArray:
    r"""Volume of one landing at given bounds.

    A slip moves only the ramp still to come, and an advance is phased in, so that nothing jumps at the listing bound:
    :math:`F(t) = F^{base}(\max(0, t - \max(\text{delay}, -t)))` with :math:`t` counted from it.

    Parameters
    ----------
    ladder : Landings
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


def volumes_ahead(
    landings: Landings, outlook: OutlookInputs, weight: FloatArray, after: FloatArray, horizon: int
) -> FloatArray:
    """Weighted volumes of all landings over the months ahead of a date, less those at the date.

    Parameters
    ----------
    landings : Landings
        Landings.
    outlook : OutlookInputs
        Ramp parameters.
    weight : numpy.ndarray
        Weight of each landing, shape (L, q, m).
    after : numpy.ndarray
        Date, in months after that of the list, zero or more, shape (m,) or (1,).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    numpy.ndarray
        Shape (K+1, q, m); zero in the first row.
    """
    landing, delay = landings.landing, landings.delay
    # A slip of what has yet to land moves its ramp as a whole; other slips, and what is phased in, move a part of it.
    whole = (delay == 0.0) | ((landing > landings.at) & (after >= -delay)) | np.isinf(landing)
    moved = whole.all(axis=CASE)
    since = landings.at + after - landing[moved] - delay[moved]
    total = ramps_ahead(since, weight[moved], outlook.ramp_midpoint, outlook.ramp_width, horizon)
    time = landings.at + after + np.arange(horizon + 1.0)[:, None]
    for part in np.flatnonzero(~moved):
        if weight[part].any():
            share = volume_share(landings, outlook, int(part), time)
            total += weight[part] * (share - share[:1])[:, None]
    return total
