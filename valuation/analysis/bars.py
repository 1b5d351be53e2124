"""Bars of a waterfall: the parts of the gap added up by reporting group and for the fleet, in the order of print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from valuation.analysis.attribution import ACCOUNTING, GROUPS, Waterfall
from valuation.analysis.summary import by_group
from valuation.results import Results
from valuation.timeline import COHORT, FloatArray

TOTAL, GROUP, PART = "total", "group", "part"
"""Levels: amounts that stand by themselves; groups, which sum to the gap; single parts, which sum to it as well."""
CARRYING, PLANNED, VALUE, GAP = "carrying_amount", "planned_value", "economic_value", "gap"
"""Names of the totals."""


@dataclass(frozen=True)
class Bar:
    """One amount of a waterfall.

    Attributes
    ----------
    part : str
        Name of the total, the group or the part.
    level : str
        `TOTAL`, `GROUP` or `PART`.
    usd : (Q+1, n)
        By reporting group, the fleet last.
    """

    part: str
    level: str
    usd: FloatArray

    @property
    def fleet(self) -> FloatArray:
        """Amount of the whole fleet, shape (n,) [USD]."""
        return np.asarray(self.usd[-1])


@dataclass(frozen=True)
class Walk:
    """Bars drawn one after another, in the unit of their amounts.

    Attributes
    ----------
    start, change, end : (k, n)
        Where each bar begins, what it adds, and where it ends.
    """

    start: FloatArray
    change: FloatArray
    end: FloatArray

    @property
    def top(self) -> FloatArray:
        """Upper end of each bar, shape (k, n)."""
        return np.maximum(self.start, self.end)

    @property
    def lowest(self) -> FloatArray:
        """Lowest end of any bar, shape (n,)."""
        return np.asarray(self.end.min(axis=0))

    @property
    def stacked(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Blank and bar above zero, blank and bar below it, as stacked columns draw them, shape (k, n) each."""
        low, high = np.minimum(self.start, self.end), self.top
        above, below = np.maximum(0.0, low), np.minimum(0.0, high)
        return above, np.maximum(0.0, high) - above, below, np.minimum(0.0, low) - below


def walk(amounts: Sequence[FloatArray], stands: Sequence[bool]) -> Walk:
    """Set bars one after another: a total stands on zero, a part is what it adds to the gap and lowers the level.

    Parameters
    ----------
    amounts : sequence of numpy.ndarray
        Amount of each bar, shape (n,).
    stands : sequence of bool
        Whether it is a total.

    Returns
    -------
    Walk
        In the order given.
    """
    level, placed = np.zeros_like(amounts[0]), []
    for amount, total in zip(amounts, stands, strict=True):
        start, change = (np.zeros_like(amount), amount) if total else (level, -amount)
        level = start + change
        placed.append((start, change, level))
    return Walk(*(np.stack(each) for each in zip(*placed, strict=True)))


def bars(found: Waterfall, results: Results) -> dict[str, tuple[Bar, ...]]:
    """Bars of every ledger: its carrying amount, what leads from it to the economic value, and the gap.

    Parameters
    ----------
    found : Waterfall
        Of these results.
    results : Results
        Whose inputs hold the reporting groups.

    Returns
    -------
    dict of tuple of Bar
        By ledger. The bars of one level, totals left out, sum to the gap.
    """
    listed = {}
    for number, ledger in enumerate(found.ledgers):
        rows = [
            (CARRYING, TOTAL, found.carrying_amount[number]),
            (ACCOUNTING, GROUP, found.accounting[number]),
            (ACCOUNTING, PART, found.accounting[number]),
            (PLANNED, TOTAL, found.planned_value),
        ]
        for group in GROUPS:
            rows.append((group, GROUP, found.of_group(group)))
            mine = zip(found.factors, found.groups, found.parts, strict=True)
            rows += [(factor, PART, part) for factor, owner, part in mine if owner == group]
        rows += [(VALUE, TOTAL, found.economic_value), (GAP, TOTAL, found.gap[number])]
        grouped = by_group(np.stack([amount for _, _, amount in rows]), results)
        usd = np.concatenate([grouped, grouped.sum(axis=COHORT, keepdims=True)], axis=COHORT)
        listed[ledger] = tuple(Bar(part, level, usd[row]) for row, (part, level, _) in enumerate(rows))
    return listed
