"""Registers of single assets: movements of each asset on the one schedule, and their totals."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valuation.conventions import Calendar, Stay
from valuation.policies import ComponentInputs
from valuation.records import Arrays, axes
from valuation.schedule import Service, unit_schedule
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
    """

    opening: FloatArray
    additions: FloatArray
    depreciation: FloatArray
    written_down: FloatArray
    disposals: FloatArray
    closing: FloatArray
    proceeds: FloatArray
    gain: FloatArray


MEASURES = tuple(item.name for item in fields(AssetMovements))
BALANCES = ("opening", "closing")


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
        gain=(assets.proceeds - left) * (carried & leaves),
    )


def overdrawn(assets: AssetInputs, calendar: Calendar) -> BoolArray:
    """Whether more was written down than was carried, shape (C,).

    Parameters
    ----------
    assets : AssetInputs
        The block, shapes (C,) and (t, c, 1).
    calendar : Calendar
        ``T`` months.
    """
    found = keep_assets(assets, calendar)
    return np.asarray((np.minimum(found.closing, found.disposals) < -RELATIVE_SLACK * assets.cost).any(axis=0))


RELATIVE_SLACK = 1e-9
"""Rounding allowed in a carrying amount, as a share of cost."""


def add_up(movements: AssetMovements, member: IntArray, groups: int) -> dict[str, FloatArray]:
    """Sum assets into groups.

    Parameters
    ----------
    movements : AssetMovements
        Shape (T, C) each.
    member : numpy.ndarray
        Group of each asset, shape (C,).
    groups : int
        Number of groups, ``Q``.

    Returns
    -------
    dict of numpy.ndarray
        By measure, shape (T, Q) each.
    """
    belongs = (member[:, None] == np.arange(groups)).astype(np.float64)
    return {name: getattr(movements, name) @ belongs for name in MEASURES}


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
