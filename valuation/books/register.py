"""Registers of single assets: movements of each asset on the one schedule, and their totals."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valuation.books.conventions import Calendar, Convention, Stay
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import Service, unit_schedule
from valuation.records import Arrays, axes
from valuation.timeline import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class AssetInputs(Arrays):
    """A block of assets on one calendar, alike in their conventions.

    Attributes
    ----------
    cost : (C,)
        Cost [USD].
    entry, entry_day : (C,)
        Period of placement in service, from 0, and day of the month, from 1.
    exit, exit_day : (C,)
        Period of leaving (`valuation.timeline.NEVER` if none) and day of the month.
    carried_from : (C,)
        Period from which the register carries the asset: that of placement, or that of an opening balance.
    proceeds : (C,)
        What it brings when it leaves [USD].
    components : tuple of ComponentInputs
        Policies, arrays (t, c, 1).
    """

    cost: FloatArray = axes("C")
    entry: IntArray = axes("C")
    entry_day: IntArray = axes("C")
    exit: IntArray = axes("C")
    exit_day: IntArray = axes("C")
    carried_from: IntArray = axes("C")
    proceeds: FloatArray = axes("C")
    components: tuple[ComponentInputs, ...] = ()


@dataclass(frozen=True)
class AssetMovements:
    """Movements of assets by month, in which opening + additions - depreciation - written_down - disposals = closing.

    Attributes
    ----------
    opening, additions, depreciation, written_down, disposals, closing : (T, C)
        Balances and movements [USD]; disposals at carrying amount.
    proceeds, gain : (T, C)
        Proceeds of disposals, and what they exceed the carrying amount by [USD]; a loss is negative.
    overdrawn : (C,)
        What was to be written down and was not carried any more [USD].
    """

    opening: FloatArray
    additions: FloatArray
    depreciation: FloatArray
    written_down: FloatArray
    disposals: FloatArray
    closing: FloatArray
    proceeds: FloatArray
    gain: FloatArray
    overdrawn: FloatArray


MEASURES = tuple(item.name for item in fields(AssetMovements))[:-1]
"""What the movements are added up for."""


def keep_assets(assets: AssetInputs, calendar: Calendar) -> AssetMovements:
    """Follow a block of assets from placement, or opening balance, to leaving.

    Parameters
    ----------
    assets : AssetInputs
        The block, shapes (C,) and (t, c, 1).
    calendar : Calendar
        ``T`` months.

    Returns
    -------
    AssetMovements
        Shape (T, C) each.
    """
    stay = Stay(assets.entry, assets.entry_day, assets.exit[:, None], assets.exit_day[:, None])
    found = unit_schedule(assets.components, Service(stay, calendar))
    period = np.arange(calendar.periods)[:, None]
    carried = (period >= assets.carried_from) & (period <= assets.exit)
    arrives, leaves = period == assets.carried_from, period == assets.exit
    # An opening balance enters as it is stated, and what was charged before belongs to the books it comes from.
    stated = found.carrying[:-1, :, 0] - np.where(arrives, found.written_down[:, :, 0], 0.0)
    written_down = np.where(arrives, 0.0, found.written_down[:, :, 0]) * carried
    left = assets.cost * found.carrying[1:, :, 0]
    closing = left * (carried & ~leaves)
    disposals = left * (carried & leaves)
    return AssetMovements(
        opening=np.concatenate([np.zeros((1, assets.cost.size)), closing[:-1]]),
        additions=assets.cost * (np.where(arrives, stated, 0.0) + found.added[:, :, 0] * carried),
        depreciation=assets.cost * found.charge[:, :, 0] * carried,
        written_down=assets.cost * written_down,
        disposals=disposals,
        closing=closing,
        proceeds=assets.proceeds * (carried & leaves),
        gain=np.where(carried & leaves, assets.proceeds - left, 0.0),
        overdrawn=assets.cost * found.overdrawn[:, 0],
    )


def overdrawn(movements: AssetMovements, cost: FloatArray) -> BoolArray:
    """Whether more was written down than was carried, shape (C,).

    Parameters
    ----------
    movements : AssetMovements
        Of the assets.
    cost : numpy.ndarray
        Cost [USD], shape (C,).
    """
    return np.asarray(movements.overdrawn > RELATIVE_SLACK * cost)


def carried_on(assets: AssetInputs, movements: AssetMovements, calendar: Calendar, period: int, day: int) -> FloatArray:
    """Carrying amount at the end of a day.

    Charges of conventions that count days fall on their days; those of the others on the last day of their month.

    Parameters
    ----------
    assets : AssetInputs
        The block, shapes (C,) and (t, c, 1).
    movements : AssetMovements
        Its movements, shape (T, C) each.
    calendar : Calendar
        ``T`` months.
    period, day : int
        Month, from 0, and day of it, from 1.

    Returns
    -------
    numpy.ndarray
        [USD], shape (C,).
    """
    if day >= calendar.days[period]:
        return np.asarray(movements.closing[period])
    first = np.where(assets.entry == period, assets.entry_day, 1)
    last = np.where(assets.exit == period, assets.exit_day - 1, calendar.days[period])
    passed = np.clip((day - first + 1) / np.maximum(last - first + 1, 1), 0.0, 1.0)
    by_day = assets.components[0].convention in BY_DAY
    charged = movements.depreciation[period] * (passed if by_day else 0.0)
    before = movements.opening[period] + movements.additions[period] - movements.written_down[period]
    there = (day >= np.where(assets.carried_from == period, first, 1)) & ~((assets.exit == period) & (day > last))
    return np.where(there, before - charged, 0.0)


RELATIVE_SLACK = 1e-9
"""Rounding allowed in a carrying amount, as a share of cost."""
BY_DAY = (Convention.DAILY_365, Convention.ACTUAL_ACTUAL, Convention.TOTAL_DAYS)
"""Conventions that count days."""


def add_up(movements: AssetMovements, member: IntArray) -> tuple[IntArray, dict[str, FloatArray]]:
    """Sum assets into groups.

    Parameters
    ----------
    movements : AssetMovements
        Shape (T, C) each.
    member : numpy.ndarray
        Group of each asset, shape (C,).

    Returns
    -------
    groups : numpy.ndarray
        Groups that have members, ascending, shape (Q,).
    sums : dict of numpy.ndarray
        By measure, shape (T, Q) each.
    """
    order = np.argsort(member, kind="stable")
    groups, first = np.unique(member[order], return_index=True)
    sums = {name: np.add.reduceat(getattr(movements, name)[:, order], first, axis=1) for name in MEASURES}
    return groups, sums


def by_span(sums: dict[str, FloatArray], first: IntArray) -> dict[str, FloatArray]:
    """Join months into longer spans: flows added up, balances at the ends.

    Parameters
    ----------
    sums : dict of numpy.ndarray
        By measure, shape (T, Q).
    first : numpy.ndarray
        First month of each span, ascending from 0, shape (K,).

    Returns
    -------
    dict of numpy.ndarray
        By measure, shape (K, Q).
    """
    last = np.append(first[1:], len(sums[MEASURES[0]])) - 1
    ends = {"opening": first, "closing": last}
    return {
        name: sums[name][ends[name]] if name in ends else np.add.reduceat(sums[name], first, axis=0)
        for name in MEASURES
    }
