"""Prices of a unit-hour: entry rents, scarcity, and the paths that follow from the ladder of landings.

A *unit* is the service of one reference device.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valuation.inputs import CURVE, OutlookInputs
from valuation.silicon.pressures import changes_by_pressure
from valuation.stages.ladder import Ladder, volume_share
from valuation.timeline import CASE, TIME, FloatArray


@dataclass(frozen=True)
class Levels:
    """Ramp-weighted levels of the best parts landed, by bound.

    Attributes
    ----------
    entry_rent : (K, S, m)
        Entry rent of the market [USD per unit-hour].
    replacement_cost : (K, S, m)
        Cost of a unit of service bought new [USD].
    power, space : (K, S, m)
        Power [kW] and racks of a unit of service bought new.
    upkeep : (K, S, m)
        Monthly operating cost per USD of cost.
    """

    entry_rent: FloatArray
    replacement_cost: FloatArray
    power: FloatArray
    space: FloatArray
    upkeep: FloatArray


def market_levels(ladder: Ladder, outlook: OutlookInputs, time: FloatArray) -> Levels:
    """Weight the ladder by volume, rents and costs in logs.

    Parameters
    ----------
    ladder : Ladder
        Landings and their steps.
    outlook : OutlookInputs
        Ramp parameters.
    time : numpy.ndarray
        Bounds, shape (K, m) or (K, 1).

    Returns
    -------
    Levels
        Arrays of shape (K, S, m).
    """
    shape = (time.shape[0], *ladder.first_rent.shape)
    steps = (ladder.rent_step, ladder.cost_step, ladder.power_step, ladder.space_step)
    falls = np.zeros((len(steps), *shape))
    upkeep = np.broadcast_to(ladder.first_upkeep, shape).copy()
    for part in range(ladder.landing.shape[TIME]):
        share = volume_share(ladder, outlook, part, time)[:, None, :]
        for fall, step in zip(falls, steps, strict=True):
            fall -= step[part] * share
        upkeep += ladder.upkeep_step[part] * share
    first = (ladder.first_rent, ladder.first_cost, ladder.first_power, ladder.first_space)
    rent, cost, power, space = (level * np.exp(fall) for level, fall in zip(first, falls, strict=True))
    return Levels(rent, cost, power, space, upkeep)


def branched_levels(
    past: tuple[Ladder, OutlookInputs], future: tuple[Ladder, OutlookInputs], time: FloatArray, as_of: int
) -> Levels:
    """Levels of the base up to the as-of bound and of the case after it: a scenario has no past of its own.

    Parameters
    ----------
    past, future : tuple
        Ladder and outlook of the base and of the case.
    time : numpy.ndarray
        Bounds, shape (K, 1).
    as_of : int
        As-of bound.

    Returns
    -------
    Levels
        Shape (K, S, m).
    """
    late = time[:, 0] > as_of
    before, after = market_levels(*past, time[~late]), market_levels(*future, time[late])

    def joined(early: FloatArray, ahead: FloatArray) -> FloatArray:
        level = np.empty((len(time), *np.broadcast_shapes(early.shape[1:], ahead.shape[1:])))
        level[~late], level[late] = early, ahead
        return level

    names = [item.name for item in fields(Levels)]
    return Levels(*(joined(getattr(before, name), getattr(after, name)) for name in names))


def forward_rent(
    ladder: Ladder,
    outlook: OutlookInputs,
    *,
    anchor: FloatArray,
    scarcity: FloatArray,
    horizon: int,
) -> FloatArray:
    r"""Market rent expected from the listing bound of a ladder on.

    Structural mode:

    .. math::
        \ln P(k) = \ln P_0 - \delta k - \rho \sum_l h_l [F_l(k) - F_l(0)] - (x - x_\infty) (1 - 2^{-k/\text{half-life}})
            - [D(k) - D(0)] - B(k)

    with what rivals take away :math:`D` and breakthroughs :math:`B`. Curve mode: the anchor times the curve, its last
    level held.

    Parameters
    ----------
    ladder : Ladder
        Landings known at the bound.
    outlook : OutlookInputs
        Mode, pass-through, drift, half-life, ramps, curve, rivals, breakthroughs.
    anchor : numpy.ndarray
        Rent at the bound, :math:`P_0` [USD per unit-hour], shape (S, m).
    scarcity : numpy.ndarray
        Log of rent over entry rent at the bound, :math:`x`, shape (S, m).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    numpy.ndarray
        Rent [USD per unit-hour], shape (K+1, S, m).
    """
    causes = rent_changes(ladder, outlook, scarcity=scarcity, horizon=horizon)
    log_change: FloatArray = sum(causes.values(), start=np.zeros(1))
    return anchor * np.exp(log_change)


def rent_changes(
    ladder: Ladder, outlook: OutlookInputs, *, scarcity: FloatArray, horizon: int
) -> dict[str, FloatArray]:
    """Log changes of the market rent from the listing bound of a ladder on, by cause.

    Parameters
    ----------
    ladder : Ladder
        Landings known at the bound.
    outlook : OutlookInputs
        Mode, pass-through, drift, half-life, ramps, curve, rivals, breakthroughs.
    scarcity : numpy.ndarray
        Log of rent over entry rent at the bound, shape (S, m).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    dict of numpy.ndarray
        By cause, shape (K+1, S, m) or one that is broadcast to it; a rival or a breakthrough that does nothing has no
        entry. Their sum is the log change of the rent.
    """
    others = changes_beside_landings(outlook, ladder.at, scarcity=scarcity, horizon=horizon)
    ahead = ladder.at + np.arange(horizon + 1.0)[:, None]
    landed = np.where(outlook.mode != CURVE, landed_fall(ladder, outlook, ahead), 0.0)
    # In the order of the formula, in which they are added up.
    first = {cause: others.pop(cause) for cause in ("drift", "scarcity")}
    return {**first, "landings": landed, **others}


def changes_beside_landings(
    outlook: OutlookInputs, at: FloatArray, *, scarcity: FloatArray, horizon: int
) -> dict[str, FloatArray]:
    """Log changes of the market rent from a bound on, by every cause but landings.

    Parameters
    ----------
    outlook : OutlookInputs
        Mode, drift, half-life, curve, rivals, breakthroughs.
    at : numpy.ndarray
        Bound, shape (m,).
    scarcity : numpy.ndarray
        Log of rent over entry rent at the bound, shape (S, m).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    dict of numpy.ndarray
        By cause, shape (K+1, S, m) or one that is broadcast to it.
    """
    months = np.arange(horizon + 1.0)[:, None]
    fade = 1.0 - np.exp2(-months / outlook.reversion_half_life)
    held = np.minimum(np.arange(horizon + 1), outlook.curve.shape[TIME] - 1)
    structural = outlook.mode != CURVE
    changes = {
        "drift": -(outlook.drift * months)[:, None, :],
        "scarcity": -(scarcity - outlook.scarcity_target) * fade[:, None, :],
        **changes_by_pressure(outlook.demand[0], (outlook.rivals, outlook.breakthroughs), at, horizon),
    }
    return {
        **{cause: np.where(structural, change, 0.0) for cause, change in changes.items()},
        "curve": np.where(structural, 0.0, outlook.curve[held][:, None, :]),
    }


def landed_fall(ladder: Ladder, outlook: OutlookInputs, time: FloatArray) -> FloatArray:
    """Log change of rents by landings from the first of given bounds on.

    Parameters
    ----------
    ladder : Ladder
        Landings.
    outlook : OutlookInputs
        Pass-through and ramps.
    time : numpy.ndarray
        Bounds, shape (K+1, m).

    Returns
    -------
    numpy.ndarray
        Shape (K+1, S, m); zero in the first row.
    """
    change = np.zeros((len(time), *ladder.first_rent.shape))
    for part in range(ladder.landing.shape[TIME]):
        share = volume_share(ladder, outlook, part, time)
        change -= outlook.pass_through * ladder.rent_step[part] * (share - share[:1])[:, None, :]
    return change


def fill_history(
    observed: FloatArray, market_entry_rent: FloatArray, planning_decline: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Complete the observed rents and extend them, with the entry rent, before the first observation.

    Gaps between observations are filled log-linearly; after the last one it is held; before the first one rent and
    entry rent are extended together by the planning decline, at zero scarcity; where no part can enter, the observed
    rent is. Without any observation the entry rent stands for the rent.

    Parameters
    ----------
    observed : numpy.ndarray
        Observed contract rents at bounds 0 to B-1 [USD per unit-hour], NaN where missing, shape (B, S, n).
    market_entry_rent : numpy.ndarray
        Entry rent of the market at the same bounds, shape (B, S, n).
    planning_decline : numpy.ndarray
        Planned decline of rents [log per month], shape (n,).

    Returns
    -------
    rent, entry_rent : numpy.ndarray
        Shape (B, S, n).
    """
    shape = np.broadcast_shapes(observed.shape, market_entry_rent.shape)
    unseen = np.isnan(observed).all(axis=TIME)
    rent, entry = (
        np.array(np.broadcast_to(np.where(unseen, market_entry_rent, observed), shape)),
        np.array(np.broadcast_to(market_entry_rent, shape)),
    )
    decline = np.broadcast_to(planning_decline, (shape[CASE],))
    bounds = np.arange(shape[TIME])
    for segment, case in np.ndindex(shape[1:]):
        seen = np.flatnonzero(~np.isnan(rent[:, segment, case]))
        rent[:, segment, case] = np.exp(np.interp(bounds, seen, np.log(rent[seen, segment, case])))
        before = bounds[: seen[0]]
        entry[before, segment, case] = entry[seen[0], segment, case] * np.exp(decline[case] * (seen[0] - before))
        told = entry if np.isfinite(entry[seen[0], segment, case]) else rent
        rent[before, segment, case] = told[seen[0], segment, case] * np.exp(decline[case] * (seen[0] - before))
    return rent, entry


def scarcity_of(rent: FloatArray, entry_rent_of_market: FloatArray) -> FloatArray:
    """Log of the rent over the entry rent of the market, any shape; zero where no part can enter and none sets it."""
    open_to_entry = np.isfinite(entry_rent_of_market)
    return np.log(np.where(open_to_entry, rent, 1.0) / np.where(open_to_entry, entry_rent_of_market, 1.0))


def first_observation(observed: FloatArray) -> int:
    """First bound with an observed rent in every segment of every case.

    Parameters
    ----------
    observed : numpy.ndarray
        Observed rents, NaN where missing, shape (B, S, n).
    """
    complete = ~np.isnan(observed).any(axis=(1, 2))
    return int(np.argmax(complete))
