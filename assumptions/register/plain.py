"""Assets to which nothing happens but time: alike ones share one schedule, and only their costs are added up.

A schedule is stated per USD of cost, and methods that spread what is left in proportion, such as the straight line,
give the same schedule to any salvage: the part of the cost that is salvage is carried and never charged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assumptions.register.assets import Asset, Policy, day_number
from assumptions.register.events import Line
from valuation.books.charges import Method
from valuation.books.conventions import OF_THE_YEAR, Calendar, Convention
from valuation.books.policies import ComponentInputs
from valuation.books.register import BY_DAY, MEASURES, AssetInputs, keep_assets
from valuation.timeline import NEVER, BoolArray, FloatArray, IntArray

BLOCK = 2_048
"""Schedules computed together: large enough for the loop over months, small enough for memory."""
MOST_NUMBERS = 2**62
"""Numbers that combinations of values may take before those that occur are numbered anew."""
PROPORTIONAL = (Method.STRAIGHT_LINE, Method.SUM_OF_DIGITS)
"""Methods whose charges are in proportion to cost less salvage."""
Sums = dict[str, FloatArray]


@dataclass(frozen=True)
class PlainAssets:
    """Assets that are placed in service once, keep one policy and never leave, arrays (P,).

    Attributes
    ----------
    asset, group : (P,)
        Position in the register, and its book and class as a number.
    month, day : (P,)
        Month of placement counted from 1970-01, and day.
    method, convention, frequency, by_fiscal_year : (P,)
        Policy.
    life, factor, salvage_share, cost : (P,)
        Months, multiple or rate, share of cost, USD.
    """

    asset: IntArray
    group: IntArray
    month: IntArray
    day: IntArray
    method: IntArray
    convention: IntArray
    frequency: IntArray
    by_fiscal_year: IntArray
    life: FloatArray
    factor: FloatArray
    salvage_share: FloatArray
    cost: FloatArray

    @property
    def last(self) -> IntArray:
        """Last month of each schedule, counted from 1970-01, shape (P,)."""
        whole = np.ceil(self.life).astype(np.int64)
        return np.asarray(self.month + whole - (self.convention == Convention.FULL_MONTH))


def is_plain(row: Asset, policy: Policy, lines: Sequence[Line]) -> bool:
    """Whether nothing happens to an asset but time, under a policy that hangs on nothing else.

    Parameters
    ----------
    row : Asset
        The asset.
    policy : Policy
        Its policy.
    lines : sequence of Line
        What becomes of it.
    """
    return (
        len(lines) == 1
        and not lines[0].changes
        and lines[0].exit_month == NEVER
        and not row.opening
        and policy.at_once == 0.0
        and policy.method not in (Method.TABLE, Method.NONE)
        and policy.convention not in (None, Convention.BY_USE, *OF_THE_YEAR)
        and policy.life < NEVER
    )


def plain_assets(
    positions: Sequence[int], rows: Sequence[Asset], policies: Sequence[Policy], group: dict[tuple[str, str], int]
) -> PlainAssets:
    """Arrays of the plain assets of a register.

    Parameters
    ----------
    positions : sequence of int
        Which they are.
    rows : sequence of Asset
        All assets.
    policies : sequence of Policy
        Their policies.
    group : dict
        Number of each book and class.
    """
    days = np.array([day_number(rows[at].in_service) for at in positions], dtype=np.int64).reshape(-1, 2)
    held = [policies[at] for at in positions]
    cost = np.array([rows[at].cost_usd for at in positions], dtype=np.float64)
    return PlainAssets(
        asset=np.array(positions, dtype=np.int64),
        group=np.array([group[rows[at].book, rows[at].asset_class] for at in positions], dtype=np.int64),
        month=days[:, 0],
        day=days[:, 1],
        method=np.array([int(policy.method) for policy in held], dtype=np.int64),
        convention=np.array([int(policy.convention or 0) for policy in held], dtype=np.int64),
        frequency=np.array([policy.frequency for policy in held], dtype=np.int64),
        by_fiscal_year=np.array([policy.by_fiscal_year for policy in held], dtype=np.int64),
        life=np.array([policy.life for policy in held], dtype=np.float64),
        factor=np.array([policy.factor for policy in held], dtype=np.float64),
        salvage_share=np.array([rows[at].salvage_usd for at in positions], dtype=np.float64) / cost,
        cost=cost,
    )


def plain_sums(plain: PlainAssets, calendar: Calendar, groups: int) -> Iterator[tuple[int, int, Sums]]:
    """Movements of the plain assets by month, block of alike schedules by block.

    Parameters
    ----------
    plain : PlainAssets
        Arrays (P,).
    calendar : Calendar
        Months of the whole register.
    groups : int
        Number of books and classes, ``Q``.

    Yields
    ------
    assets : int
        Number of assets in the block.
    offset : int
        First month of the block in the calendar.
    sums : dict of numpy.ndarray
        By measure, shape (t, Q) each.
    """
    proportional = np.isin(plain.method, PROPORTIONAL)
    kind, first, member = _alike(plain, proportional)
    order = np.lexsort((plain.month[first], kind[first]))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    row = place[member]
    by_row = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[by_row], np.arange(len(order) + 1))
    start = 0
    while start < len(order):
        same = np.searchsorted(kind[first][order], kind[first][order[start]], side="right")
        stop = min(start + BLOCK, int(same))
        chosen, assets = first[order[start:stop]], by_row[ends[start] : ends[stop]]
        own = _narrowed(plain, chosen, calendar)
        if own is not None:
            weights = (row[assets] - start, plain.group[assets], (stop - start, groups))
            yield len(assets), own.serial - calendar.serial, _block(plain, chosen, own, (assets, weights), proportional)
        start = stop


def _alike(plain: PlainAssets, proportional: BoolArray) -> tuple[IntArray, IntArray, IntArray]:
    """What conventions and methods go together, the first asset of each schedule, and the schedule of each asset."""
    kind = _numbered([plain.method, plain.convention, plain.frequency, plain.by_fiscal_year])
    counted = np.isin(plain.convention, BY_DAY)
    share = np.where(proportional, 0.0, plain.salvage_share)
    number = _numbered([kind, plain.month, np.where(counted, plain.day, 0), plain.life, plain.factor, share])
    _, first, member = np.unique(number, return_index=True, return_inverse=True)
    return kind, first, member


def _numbered(columns: Sequence[IntArray | FloatArray]) -> IntArray:
    """A number for each combination of values, shape (P,); columns of one value add nothing to it."""
    number, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        if (column == column[0]).all():
            continue
        values, code = np.unique(column, return_inverse=True)
        if size > MOST_NUMBERS // len(values):
            numbers, number = np.unique(number, return_inverse=True)
            size = len(numbers)
        number, size = number * len(values) + code, size * len(values)
    return number


def _narrowed(plain: PlainAssets, chosen: IntArray, calendar: Calendar) -> Calendar | None:
    """Months that a block needs, none if they lie after the end of the calendar."""
    first = int(plain.month[chosen].min())
    last = min(int(plain.last[chosen].max()), calendar.serial + calendar.periods - 1)
    if last < first:
        return None
    month = calendar.first + np.timedelta64(first - calendar.serial, "M")
    return Calendar(month, last - first + 1, calendar.fiscal_year_end)


def _block(
    plain: PlainAssets,
    chosen: IntArray,
    calendar: Calendar,
    members: tuple[IntArray, tuple[IntArray, IntArray, tuple[int, int]]],
    proportional: BoolArray,
) -> Sums:
    """Schedules of a block times the costs that follow them; salvage of proportional ones is only carried."""
    assets, (row, group, shape) = members
    kept = np.where(proportional[assets], plain.salvage_share[assets], 0.0) * plain.cost[assets]
    at = row * shape[1] + group
    charged = np.bincount(at, plain.cost[assets] - kept, shape[0] * shape[1]).reshape(shape)
    found = keep_assets(_inputs(plain, chosen, calendar, proportional), calendar)
    sums = {name: getattr(found, name) @ charged for name in MEASURES}
    entered = (plain.month[assets] - calendar.serial) * shape[1] + group
    size = calendar.periods * shape[1]
    arrived = np.bincount(entered, kept, size)[:size].reshape(calendar.periods, shape[1])
    held = arrived.cumsum(axis=0)
    sums["additions"] += arrived
    sums["closing"] += held
    sums["opening"][1:] += held[:-1]
    return sums


def _inputs(plain: PlainAssets, chosen: IntArray, calendar: Calendar, proportional: BoolArray) -> AssetInputs:
    count, lead = len(chosen), int(chosen[0])
    component = ComponentInputs(
        "whole",
        life=plain.life[chosen][None, :, None],
        salvage_share=np.where(proportional, 0.0, plain.salvage_share)[chosen][None, :, None],
        method=plain.method[chosen][None],
        factor=plain.factor[chosen][None],
        convention=Convention(int(plain.convention[lead])),
        frequency=int(plain.frequency[lead]),
        by_fiscal_year=bool(plain.by_fiscal_year[lead]),
    )
    entry = plain.month[chosen] - calendar.serial
    return AssetInputs(
        cost=np.ones(count),
        entry=entry,
        entry_day=plain.day[chosen],
        exit=np.full(count, NEVER),
        exit_day=np.ones(count, dtype=np.int64),
        carried_from=entry,
        proceeds=np.zeros(count),
        components=(component,),
    )
