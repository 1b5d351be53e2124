"""Bars of a waterfall: the parts of the gap added up by reporting group and for the fleet, in the order of print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.attribution import ACCOUNTING, GROUPS, Waterfall
from valuation.results import Results
from valuation.summary import by_group
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
