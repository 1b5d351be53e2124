"""What lies between two cases: the change of value, gap and NPV, shared among the assumptions that differ.

A coalition of differences is a case of its own, made from the first case with those assumptions taken from the second,
and is its own base: beliefs, history and plans follow it. Parts are Owen values and sum to the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assumptions.answers.mixtures import (
    GROUPS,
    RENTS,
    SCHEDULE,
    TABLES,
    YEAR_END,
    Key,
    Member,
    bare,
    differing,
    entries,
    group_of,
    key_name,
    labels,
    measured,
    mixtures,
)
from assumptions.cases.history import list_index
from assumptions.cases.listing import in_words
from assumptions.cases.overlay import apply_overrides
from assumptions.cases.pack import LISTED_BY
from assumptions.chapters.curves import Curve
from assumptions.chapters.policies import LifeStep
from assumptions.chapters.schema import AgePrices, Case, Scenario
from assumptions.door.messages import error, nearest
from assumptions.runs import with_horizon
from valuation.statistics.shapley import owen_values
from valuation.timeline import FloatArray


@dataclass(frozen=True)
class DifferenceRow:
    """One difference, or a sum of them.

    Attributes
    ----------
    level : str
        ``total`` (the two cases), ``group`` or ``part``.
    group, part : str
        Group of the assumptions, and the key or chapter; for a total its name.
    first, second : str
        Value in both cases, in words.
    amounts : tuple of float
        By measure [USD]: of a case, or the change that the difference brings.
    """

    level: str
    group: str
    part: str
    first: str
    second: str
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class CaseDifference:
    """Two cases and what lies between them.

    Attributes
    ----------
    first, second : str
        Names.
    scenario : str
        Scenario under which they are compared; empty for the base.
    measures : tuple of str
        Economic value, gap by ledger, NPV.
    rows : tuple of DifferenceRow
        First case, groups with their parts, second case; groups sum to the change, and so do parts.
    """

    first: str
    second: str
    scenario: str
    measures: tuple[str, ...]
    rows: tuple[DifferenceRow, ...]

    @property
    def differs(self) -> bool:
        """Whether any assumption differs."""
        return any(row.level == "part" for row in self.rows)


def case_difference(
    first: Case, second: Case | None = None, overrides: Sequence[str] = (), scenario: str | None = None
) -> CaseDifference:
    """Share the change from one case to another among the assumptions that differ.

    Parameters
    ----------
    first : Case
        Where the change starts from.
    second : Case, optional
        Where it leads to; the first case with the overrides if None.
    overrides : sequence of str
        Values set in the second case, as ``key=value``.
    scenario : str, optional
        Scenario of both cases under which they are compared; the base if None.

    Raises
    ------
    AssumptionError
        If there is nothing to compare with, or the two cannot be mixed.
    """
    if second is None and not overrides:
        raise error("diff", "one case alone", "a second case, or --set", "name another case, or set a value")
    other = apply_overrides(first if second is None else second, overrides)
    horizon = max(first.horizon_months, other.horizon_months)
    first, other = with_horizon(first, horizon), with_horizon(other, horizon)
    _check_alike(first, other)
    chosen = _scenario(first, other, scenario)
    name = other.name if second is not None else f"{other.name}, {', '.join(overrides)}"
    measures = ("economic_value_usd", *(f"gap_{ledger}_usd" for ledger in first.ledgers), "npv_usd")
    keys = list(differing(first, other))
    rows = _rows(first, other, keys, chosen) if keys else ()
    return CaseDifference(first.name, name, scenario or "", measures, rows)


def _check_alike(first: Case, second: Case) -> None:
    """Refuse cases whose parts do not stand for each other."""
    place = f"diff {first.name} {second.name}"
    if first.as_of != second.as_of:
        what = f"as of {first.as_of} and {second.as_of}"
        raise error(f"{place}: as_of", what, "two cases of one date", "set as_of of one of them in its case.toml")
    for chapter in TABLES:
        one, other = (list(getattr(case, chapter)) for case in (first, second))
        if one != other:
            odd = sorted(set(one) ^ set(other)) or one
            what = f"{chapter} of other names or order: {', '.join(odd)}"
            remedy = "rename, reorder, add or delete them in one case.toml"
            raise error(f"{place}: {chapter}", what, f"the same {chapter} in both, in one order", remedy)


def _scenario(first: Case, second: Case, name: str | None) -> Scenario | None:
    """Scenario of a name that both cases have and state alike."""
    if name is None:
        return None
    one, other = first.scenario(name), second.scenario(name)
    if one is None or other is None:
        known = {scenario.name for scenario in first.scenarios} & {scenario.name for scenario in second.scenarios}
        raise error(
            f"--scenario {name}", "unknown scenario", "a scenario of both cases", nearest(name, known, LISTED_BY)
        )
    if one.change != other.change:
        what = "the two cases state it differently"
        raise error(f"--scenario {name}", what, "the same changes in both", "compare the bases, or align the scenario")
    return one


def _rows(first: Case, second: Case, keys: Sequence[Key], scenario: Scenario | None) -> tuple[DifferenceRow, ...]:
    """Values of both cases and the parts between them."""
    # Taxes bear on none of the measures, so they need no case of their own.
    idle = [Member(group_of(key), key_name(key), (key,)) for key in keys if key[0] == "tax"]
    members, cases = mixtures(first, second, [key for key in keys if key[0] != "tax"])
    values = measured(cases, scenario)
    parts = owen_values(values, labels(members)) if members else np.zeros((0, values.shape[1]))
    amounts = [*parts, *(np.zeros(values.shape[1]) for _ in idle)]
    listed = list(zip([*members, *idle], amounts, strict=True))
    rows = [_total("first", first, values[0])]
    for group in GROUPS:
        mine = [(member, amount) for member, amount in listed if member.group == group]
        if mine:
            whole = np.sum([amount for _, amount in mine], axis=0)
            rows.append(DifferenceRow("group", group, group, "", "", tuple(whole.tolist())))
        for member, amount in mine:
            before, after = (_in_words(case, member) for case in (first, second))
            rows.append(DifferenceRow("part", group, member.name, before, after, tuple(amount.tolist())))
    return (*rows, _total("second", second, values[-1]))


def _total(name: str, case: Case, amounts: FloatArray) -> DifferenceRow:
    return DifferenceRow("total", "", f"{name}: {case.name}", "", "", tuple(amounts.tolist()))


def _in_words(case: Case, member: Member) -> str:
    """Value of a difference in one case; of several taken together, how many they are."""
    if len(member.keys) > 1:
        return f"{len(member.keys)} assumptions"
    chapter, entry, field = member.keys[0]
    if chapter == SCHEDULE:
        return f"{len(case.schedule)} purchases"
    if chapter == RENTS:
        now = list_index(case).get(case.as_of)
        told = "" if now is None else f", {now:.4g} in {case.as_of}"
        return f"{len(case.rents)} months of its own{told}" if case.rents else "the bundled index"
    if chapter == YEAR_END:
        return str(case.fiscal_year_end_month)
    return _told(getattr(dict(entries(case, chapter))[entry], field))


def _told(found: object) -> str:
    value = getattr(found, "value", found)
    if value is None or value == ():
        return "none"
    if isinstance(value, Curve | AgePrices):
        return in_words(value)
    if isinstance(value, tuple) and all(isinstance(step, LifeStep) for step in value):
        return ", ".join(f"{step.months}" + (f" from {step.start}" if step.start else "") for step in value)
    if isinstance(value, tuple):
        return f"{len(value)} entries"
    return f"{value:.15g}" if isinstance(value, float) else str(bare(value))
