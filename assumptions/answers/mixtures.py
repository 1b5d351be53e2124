"""Cases between two cases: some assumptions from the first, some from the second, and what comes of each.

A coalition of differences is a case of its own and its own base: beliefs, history and plans follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ValidationError

from assumptions.arrays.cohorts import resolve
from assumptions.arrays.conversion import build, build_independent
from assumptions.cases.overlay import LIVES_KEY, apply_scenario
from assumptions.chapters.schema import CHAPTERS, Case, Scenario
from assumptions.door.messages import error, translated
from assumptions.door.provenance import Provenance
from assumptions.runs import DECLINE_RANGE, DECLINE_REMEDY, MAX_STACK, PLANNING_DECLINE, freeze_base
from valuation.analysis.summary import total_gap, total_value_in_exchange
from valuation.engine import evaluate
from valuation.errors import AssumptionError, NoSolutionError
from valuation.results import Results
from valuation.statistics.shapley import owen_coalitions
from valuation.timeline import BoolArray, FloatArray

GROUPS = ("books", "fleet", "physical", "functional", "external", "terms")
"""Groups of assumptions, in the order of print."""
MOST_MEMBERS = 5
"""Differing assumptions of one group that stand for themselves; more are taken together by chapter."""
MOST_COALITIONS = 128
"""Cases evaluated at most: with more, the largest groups are taken together by chapter, then whole."""
SCHEDULE, RENTS, YEAR_END = "schedule", "rents", "fiscal_year_end_month"
"""Differences beside those of the chapters."""
UNREAD = ("title", "family", "low", "high", *Provenance.model_fields)
"""Fields that describe a value and do not bear on any figure."""
TABLES = ("ledgers", "silicon", "segments", "rivals", "breakthroughs", "sites")
"""Chapters that hold entries by name."""
_GROUP_OF = {
    "ledgers": "books", "tax": "books", YEAR_END: "books", SCHEDULE: "fleet", "capex": "fleet",
    "terms.in_service_lag_months": "fleet", "terms.impairment_trigger_share": "books",
    "terms.cost_to_sell_share": "books", "terms.physical_life_months": "physical", "terms": "terms",
    "operations.failure_": "physical", "operations.age_efficiency_": "physical", "operations": "external",
    "silicon": "functional", "rivals": "functional", "breakthroughs": "functional", "market.generic_": "functional",
    "market.pass_through": "functional", "market.ramp_": "functional", "market.landing_": "functional",
    "market": "external", "demand": "external", "segments": "external", "captive": "external", "sites": "external",
    "failures": "physical", "churn": "functional", RENTS: "external",
}  # fmt: skip
"""Group of a key by the longest beginning that fits."""

Key = tuple[str, str, str]
"""Chapter, entry (empty where it has none) and field."""


@dataclass(frozen=True)
class Member:
    """Differences that act together."""

    group: str
    name: str
    keys: tuple[Key, ...]


def bare(found: object) -> object:
    """A value without its evidence and range.

    Parameters
    ----------
    found : object
        Sourced value, record, list or plain value.
    """
    if isinstance(found, BaseModel):
        return {name: bare(getattr(found, name)) for name in type(found).model_fields if name not in UNREAD}
    return [bare(item) for item in found] if isinstance(found, tuple) else found


def entries(case: Case, chapter: str) -> Iterator[tuple[str, BaseModel]]:
    """Records of a chapter by name; one without entries has one record without a name.

    Parameters
    ----------
    case : Case
        The case.
    chapter : str
        Name of the chapter.
    """
    content = getattr(case, chapter)
    yield from content.items() if isinstance(content, dict) else [("", content)]


def differing(first: Case, second: Case) -> Iterator[Key]:
    """Every assumption that differs, in the order of the chapters.

    Parameters
    ----------
    first, second : Case
        With entries of the same names.
    """
    if bare(first.schedule) != bare(second.schedule):
        yield SCHEDULE, "", ""
    if bare(first.rents) != bare(second.rents):
        yield RENTS, "", ""
    if first.fiscal_year_end_month != second.fiscal_year_end_month:
        yield YEAR_END, "", ""
    for chapter in CHAPTERS:
        for (entry, one), (_, other) in zip(entries(first, chapter), entries(second, chapter), strict=True):
            for field in type(one).model_fields:
                if field not in UNREAD and bare(getattr(one, field)) != bare(getattr(other, field)):
                    yield chapter, entry, field


def key_name(key: Key) -> str:
    """Dotted key.

    Parameters
    ----------
    key : tuple of str
        Chapter, entry and field.
    """
    chapter, entry, field = key
    return ".".join(part for part in (chapter, entry, LIVES_KEY if field == "lives" else field) if part)


def group_of(key: Key) -> str:
    """Group of an assumption.

    Parameters
    ----------
    key : tuple of str
        Chapter, entry and field.
    """
    name = key_name(key)
    return _GROUP_OF[max((start for start in _GROUP_OF if name.startswith(start)), key=len)]


def _members(keys: Iterable[Key], joined: dict[str, int]) -> list[Member]:
    """Differences as members: for themselves, by chapter where joined once, one for the group where joined twice."""
    found: dict[tuple[str, str], list[Key]] = {}
    for key in sorted(keys, key=lambda key: GROUPS.index(group_of(key))):
        group = group_of(key)
        found.setdefault((group, (key_name(key), key[0], group)[joined.get(group, 0)]), []).append(key)
    return [
        Member(group, key_name(members[0]) if len(members) == 1 else name, tuple(members))
        for (group, name), members in found.items()
    ]


def _joined(keys: Sequence[Key]) -> dict[str, int]:
    """How far each group is taken together, so that neither groups nor the number of cases become too large."""
    joined = {group: int(sum(group_of(key) == group for key in keys) > MOST_MEMBERS) for group in GROUPS}
    while len(_coalitions(members := _members(keys, joined))) > MOST_COALITIONS:
        largest = max((member.group for member in members), key=lambda group: _size(members, group))
        joined[largest] += 1
    return joined


def _coalitions(members: Sequence[Member]) -> BoolArray:
    return owen_coalitions(labels(members)) if members else np.zeros((1, 0), dtype=bool)


def _size(members: Sequence[Member], group: str) -> int:
    return sum(member.group == group for member in members)


def labels(members: Sequence[Member]) -> list[int]:
    """Number of the group of each member.

    Parameters
    ----------
    members : sequence of Member
        Differences that act together.
    """
    return [GROUPS.index(member.group) for member in members]


def mixtures(first: Case, second: Case, keys: Sequence[Key]) -> tuple[list[Member], list[Case]]:
    """Members and the case of every coalition; what only makes sense together is taken together.

    Parameters
    ----------
    first, second : Case
        With entries of the same names.
    keys : sequence of tuple
        Assumptions that differ.

    Returns
    -------
    members : list of Member
        Differences that act together.
    cases : list of Case
        In the order of `owen_coalitions`; the first is the first case, the last the second one.

    Raises
    ------
    AssumptionError
        If even whole groups of the two do not go together.
    """
    joined = _joined(keys)
    while True:
        members = _members(keys, joined)
        try:
            return members, [_mixed(first, second, members, row.tolist()) for row in _coalitions(members)]
        except AssumptionError as refused:
            if all(_size(members, group) <= 1 for group in GROUPS):
                place = f"diff {first.name} {second.name}"
                what = f"half of one case does not go with half of the other ({refused})"
                remedy = "compare each with a copy that differs in less, or use --set"
                raise error(place, what, "cases that can be mixed", remedy) from None
        joined = {group: level + (_size(members, group) > 1) for group, level in joined.items()}


def _mixed(first: Case, second: Case, members: Sequence[Member], acts: Sequence[bool]) -> Case:
    """First case with the assumptions of the acting members as in the second; checked like any case."""
    taken = [key for member, act in zip(members, acts, strict=True) if act for key in member.keys]
    parts: dict[str, object] = {}
    for chapter in dict.fromkeys(key[0] for key in taken):
        if chapter in (SCHEDULE, RENTS, YEAR_END):
            parts[chapter] = getattr(second, chapter)
            continue
        fields = [key for key in taken if key[0] == chapter]
        both = zip(entries(first, chapter), entries(second, chapter), strict=True)
        content = {name: _record(one, other, name, fields) for (name, one), (_, other) in both}
        parts[chapter] = content if chapter in TABLES else content[""]
    try:
        mixed = Case.model_validate({**dict(first), **parts})
    except ValidationError as failure:
        raise translated(failure, "mixture", Case) from None
    # Cohorts are resolved only when they are needed, and may be refused then.
    resolve(mixed)
    return mixed


def _record(one: BaseModel, other: BaseModel, entry: str, keys: Iterable[Key]) -> BaseModel:
    fields = [field for _, name, field in keys if name == entry]
    if not fields:
        return one
    changed = {**one.model_dump(), **other.model_dump(include=set(fields))}
    try:
        return type(one).model_validate(changed)
    except ValidationError as failure:
        raise translated(failure, "mixture", type(one)) from None


def measured(cases: Sequence[Case], scenario: Scenario | None) -> FloatArray:
    """Economic value, gap by ledger and NPV of every case, shape (cases, measures) [USD].

    Parameters
    ----------
    cases : sequence of Case
        Each its own base.
    scenario : Scenario or None
        Scenario under which each is valued.

    Raises
    ------
    AssumptionError
        If no planning decline makes a new part worth its cost in one of them.
    """
    found: dict[int, FloatArray] = {}
    try:
        if scenario is not None:
            for position, case in enumerate(cases):
                inputs = freeze_base(build(case, [apply_scenario(case, scenario)], [scenario.name]))
                found[position] = _read(evaluate(inputs))[:, -1]
        else:
            for positions in _alike(cases):
                for inputs, rows in build_independent([cases[position] for position in positions]):
                    for start in range(0, len(rows), MAX_STACK):
                        block = rows[start : start + MAX_STACK]
                        measures = _read(evaluate(inputs.take(np.arange(start, start + len(block)))))
                        found |= {positions[row]: measures[:, column] for column, row in enumerate(block)}
    except NoSolutionError as failure:
        raise error(f"mixture: {PLANNING_DECLINE}", str(failure), DECLINE_RANGE, DECLINE_REMEDY) from None
    return np.stack([found[position] for position in range(len(cases))])


def _alike(cases: Sequence[Case]) -> list[list[int]]:
    """Positions of the cases that may share a stack: alike in everything that is no number of a case."""
    found: dict[str, list[int]] = {}
    for position, case in enumerate(cases):
        books = [
            (name, bare(ledger.model_copy(update={"lives": (), "title": ""}))) for name, ledger in case.ledgers.items()
        ]
        parts = [(part.sets_price, part.priced) for part in case.silicon.values()]
        cohorts = [(cohort.asset_class, cohort.generation, cohort.site) for cohort in resolve(case)]
        causes = [rival.cause.value for rival in case.rivals.values()]
        found.setdefault(repr((books, parts, cohorts, causes)), []).append(position)
    return list(found.values())


def _read(results: Results) -> FloatArray:
    """Measures by case, shape (measures, n)."""
    cases = results.inputs.cases
    measures = [total_value_in_exchange(results), *total_gap(results).values(), results.returns.npv]
    return np.stack([np.broadcast_to(measure, (cases,)) for measure in measures])
