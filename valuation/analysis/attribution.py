"""From the books to the economic value: the gap of every ledger at the as-of bound, shared among its causes.

    gap = [carrying amount - planned value] + sum of parts of [planned value - value in exchange]

The first bracket is the accounting pattern, one number by ledger. The second is shared among what came otherwise than
planned: factors are switched from plan to what came, one by one, and each gets its Owen value, or its turn in the order
of the appraisers. A layer above the engine, which does not know of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from valuation.analysis.planned import BREAKTHROUGH, SCARCITY, columns, rent_causes
from valuation.analysis.sides import (
    FAILURES,
    POWER,
    RESALE_MARKET,
    STRANDING,
    UTILISATION,
    Sides,
    acts,
    both_sides,
    coalition_values,
)
from valuation.inputs import Inputs
from valuation.results import Results
from valuation.silicon.pressures import DEMAND
from valuation.statistics.shapley import ordered_coalitions, ordered_values, owen_coalitions, owen_values
from valuation.timeline import NEVER, BoolArray, FloatArray

PHYSICAL, FUNCTIONAL, EXTERNAL = "physical", "functional", "external"
"""Groups of factors, in the order of the appraisers."""
GROUPS = (PHYSICAL, FUNCTIONAL, EXTERNAL)
PLACE = "place"
"""Scarce power and racks, and moves to other sites: what they take is left when all else is as it came."""
ACCOUNTING = "accounting"
"""Name of the part that is carrying amount less planned value."""
MAX_CELLS = 500_000
"""Cells of rents computed at once, so that memory does not grow with cohorts, cases and coalitions (4 MB)."""


class Method(StrEnum):
    """How a difference is shared: Owen values within Shapley values, or in the order of the appraisers."""

    SHAPLEY = "shapley"
    ORDERED = "ordered"


class Plan(StrEnum):
    """What the plan holds: the decline expected at purchase, or none, so that all of it counts as obsolescence."""

    SURPRISE = "surprise"
    NO_PROGRESS = "no_progress"


@dataclass(frozen=True)
class Waterfall:
    """Gap at the as-of bound by ledger, and its parts; all in USD.

    Attributes
    ----------
    method : Method
        How parts are found.
    plan : Plan
        What counts as planned.
    factors, groups : tuple of str
        The ``k`` factors and the group of each, in the order of the appraisers.
    ledgers : tuple of str
        The ``l`` sets of books.
    carrying_amount : (l, C, n)
        By ledger.
    planned_value : (C, n)
        Value in exchange of the same units as planned at purchase.
    economic_value : (C, n)
        Value in exchange as it came.
    parts : (k, C, n)
        Parts of planned value less economic value.
    """

    method: Method
    plan: Plan
    factors: tuple[str, ...]
    groups: tuple[str, ...]
    ledgers: tuple[str, ...]
    carrying_amount: FloatArray
    planned_value: FloatArray
    economic_value: FloatArray
    parts: FloatArray

    @property
    def gap(self) -> FloatArray:
        """Carrying amount less economic value, shape (l, C, n) [USD]."""
        return np.asarray(self.carrying_amount - self.economic_value)

    @property
    def accounting(self) -> FloatArray:
        """Carrying amount less planned value, shape (l, C, n) [USD]."""
        return np.asarray(self.carrying_amount - self.planned_value)

    def of_group(self, group: str) -> FloatArray:
        """Sum of the parts of one group of factors, shape (C, n) [USD]."""
        mine = [number for number, name in enumerate(self.groups) if name == group]
        return np.asarray(self.parts[mine].sum(axis=0))


def waterfall(results: Results, method: Method = Method.SHAPLEY, plan: Plan = Plan.SURPRISE) -> Waterfall:
    """Share the gap at the as-of bound among its causes, for every cohort, ledger and case.

    Parameters
    ----------
    results : Results
        One case or a stack, whose first case is the base unless each was frozen for itself.
    method : Method
        Owen values, or the stated order physical, functional, external.
    plan : Plan
        Whether the plan holds the decline expected at purchase.

    Returns
    -------
    Waterfall
        In which accounting and parts sum to the gap.
    """
    inputs, as_of = results.inputs, results.inputs.timeline.as_of
    factors, groups = _factors(inputs)
    shape = (len(inputs.fleet.group), inputs.cases)
    parts, planned = np.zeros((len(factors), *shape)), np.zeros(shape)
    listed = columns(results)
    if listed.cohort.size:
        sides = both_sides(results, listed, progress=plan is Plan.SURPRISE)
        where = (listed.cohort, listed.case)
        parts[:, *where], planned[where] = _play(sides, factors, groups, method)
    economic = np.array(np.broadcast_to(results.economic.value_in_exchange[as_of], shape))
    if results.placement is not None:
        found = results.placement
        acted = found.charge.any(axis=(0, 1)) | (found.moved < NEVER).any(axis=0)
        parts[factors.index(PLACE)] += np.where(acted, planned - parts.sum(axis=0) - economic, 0.0)
    return Waterfall(
        method=method,
        plan=plan,
        factors=factors,
        groups=groups,
        ledgers=tuple(ledger.name for ledger in results.ledgers),
        carrying_amount=np.stack([np.broadcast_to(ledger.carrying_amount[as_of], shape) for ledger in results.ledgers]),
        planned_value=planned,
        economic_value=economic,
        parts=parts,
    )


def _factors(inputs: Inputs) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Factors and their groups, in the order of the appraisers."""
    functional = [cause for cause in rent_causes(inputs) if cause not in (BREAKTHROUGH, DEMAND)]
    listed = {
        PHYSICAL: [FAILURES],
        FUNCTIONAL: [*functional, BREAKTHROUGH, STRANDING],
        EXTERNAL: [SCARCITY, DEMAND, POWER, UTILISATION, RESALE_MARKET, PLACE],
    }
    pairs = [(factor, group) for group in GROUPS for factor in listed[group]]
    return tuple(factor for factor, _ in pairs), tuple(group for _, group in pairs)


def _play(sides: Sides, factors: Sequence[str], groups: Sequence[str], method: Method) -> tuple[FloatArray, FloatArray]:
    """Parts (k, m) and planned value (m,) [USD]; factors that did nothing to a column are left out of its game."""
    active = np.stack([acts(sides, factor) for factor in factors])
    parts, planned = np.zeros(active.shape), np.empty(active.shape[1])
    for pattern in np.unique(active, axis=1).T:
        players = np.flatnonzero(pattern).tolist()
        labels = [GROUPS.index(groups[player]) for player in players]
        member = _coalitions(labels, method)
        mine = np.flatnonzero((active == pattern[:, None]).all(axis=0))
        per_block = max(1, MAX_CELLS // (sides.rent[..., 0].size * len(member)))
        for start in range(0, mine.size, per_block):
            block = mine[start : start + per_block]
            values = coalition_values(sides, [factors[player] for player in players], member, block)
            planned[block] = values[0]
            parts[np.ix_(np.array(players, dtype=np.int64), block)] = 0.0 - _shares(values, labels, method)
    return parts, planned


def _coalitions(labels: Sequence[int], method: Method) -> BoolArray:
    if not labels:
        return np.zeros((1, 0), dtype=bool)
    return ordered_coalitions(range(len(labels))) if method is Method.ORDERED else owen_coalitions(labels)


def _shares(values: FloatArray, labels: Sequence[int], method: Method) -> FloatArray:
    if not labels:
        return np.zeros((0, *values.shape[1:]))
    return ordered_values(values, range(len(labels))) if method is Method.ORDERED else owen_values(values, labels)
