"""Scenarios of a run: those of the case, files of the user, and several at once as ``one+other``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path

from assumptions.cases.load import read_scenario
from assumptions.chapters.schema import Case, Change, Scenario
from assumptions.door.messages import error, nearest

BASE = "base"
PLUS = "+"
MOST_TOGETHER = 8
"""Scenarios that may act at once."""
LISTED_BY = "obsolesce scenarios"
MODE_KEY = "market.mode"
# What only a market of landings reads: under another mode a change of it would do nothing and nobody would know.
CONTRADICTING = {
    "when new silicon lands": ("silicon.*.landing", "market.landing_delay_months"),
    "when a breakthrough comes": ("breakthroughs.*.arrives", "breakthroughs.*.arrivals_per_year"),
}
"""Keys that say one thing in two ways, by what they say: two scenarios that use different ones are not one story."""
STRUCTURAL_ONLY = (
    "demand.", "rivals.", "breakthroughs.", "segments.",
    "market.generic_", "market.pass_through", "market.drift_", "market.reversion_", "market.ramp_", "market.landing_",
)  # fmt: skip
CONFIDENCE = ("low", "medium", "high")


def with_files(case: Case, paths: Iterable[Path]) -> Case:
    """Case with scenarios of the user beside its own.

    Parameters
    ----------
    case : Case
        The case.
    paths : iterable of pathlib.Path
        TOML files of scenarios.

    Raises
    ------
    AssumptionError
        If a file is not a scenario, or bears a name that is taken.
    """
    found = list(case.scenarios)
    for path in paths:
        scenario = read_scenario(path)
        if scenario.name in {known.name for known in found}:
            what = f"the name {scenario.name!r} is taken by a scenario of the case"
            raise error(f"--scenario-file {path.name}: name", what, "a name of its own", "rename it")
        found.append(scenario)
    return case.model_copy(update={"scenarios": tuple(found)})


def select(case: Case, names: Sequence[str] | None) -> tuple[Scenario, ...]:
    """Scenarios of a run, the base first and each once.

    Parameters
    ----------
    case : Case
        The case.
    names : sequence of str or None
        Names, several joined by a plus to act together; all of the case if None. One name may stand alone.

    Raises
    ------
    AssumptionError
        If one is unknown, or those joined contradict each other.
    """
    known = {scenario.name: scenario for scenario in case.scenarios}
    wanted = list(known) if names is None else [names] if isinstance(names, str) else list(names)
    return tuple(_scenario(known, name) for name in dict.fromkeys([BASE, *wanted]))


def _scenario(known: dict[str, Scenario], name: str) -> Scenario:
    """One scenario, or several as one; those joined before bear a name of their own."""
    if name in known:
        return known[name]
    parts = [part.strip() for part in name.split(PLUS)]
    for part in parts:
        if part not in known:
            raise error(
                f"--scenario {name}", "unknown scenario", "a scenario of the case", nearest(part, known, LISTED_BY)
            )
    if len(parts) == 1:
        return known[parts[0]]
    if len(parts) > MOST_TOGETHER or len(set(parts)) < len(parts) or BASE in parts:
        what = "too many scenarios" if len(parts) > MOST_TOGETHER else "the base, or a scenario twice"
        remedy = "name each once, without the base"
        raise error(f"--scenario {name}", what, f"2 to {MOST_TOGETHER} different scenarios", remedy)
    joined = [known[part] for part in parts]
    for one, other in combinations(joined, 2):
        _check_agree(name, one, other)
    return _together(PLUS.join(parts), joined)


def _check_agree(name: str, one: Scenario, other: Scenario) -> None:
    """Refuse two scenarios that set one assumption apart, or of which one has no effect beside the other."""
    place = f"--scenario {name}"
    mine, theirs = _by_key(one), _by_key(other)
    for key in mine:
        if key in theirs and mine[key] != theirs[key]:
            what = f"{one.name} and {other.name} both change {key}"
            raise error(place, what, "scenarios that change different assumptions", "run them apart")
    for about, keys in CONTRADICTING.items():
        said = [_first(found, keys) for found in (mine, theirs)]
        if all(said) and said[0] != said[1]:
            what = f"{one.name} changes {said[0]} and {other.name} {said[1]}: both say {about}"
            raise error(place, what, "one scenario of its kind", "run them apart")
    for first, second in ((one, other), (other, one)):
        idle = [change.key for change in second.change if change.key.startswith(STRUCTURAL_ONLY)]
        if idle and _leaves_the_structure(first):
            what = f"under {first.name} rents follow a curve, and {idle[0]} of {second.name} would do nothing"
            raise error(place, what, "scenarios of one market mode", "run them apart")


def _first(found: Iterable[str], patterns: Sequence[str]) -> str:
    """First key that follows one of some patterns; empty if none does."""
    return next((key for key in found for pattern in patterns if fnmatchcase(key, pattern)), "")


def _leaves_the_structure(scenario: Scenario) -> bool:
    return any(change.key == MODE_KEY and change.value != "structural" for change in scenario.change)


def _by_key(scenario: Scenario) -> dict[str, list[tuple[str, str]]]:
    """What a scenario does to each assumption, in its order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for change in scenario.change:
        found.setdefault(change.key, []).append((change.op, repr(change.value)))
    return found


def _together(name: str, parts: Sequence[Scenario]) -> Scenario:
    """Scenarios as one, with the least confidence of them; a change that two share is made once."""
    changes: list[Change] = []
    for scenario in parts:
        made = {change.key for change in changes}
        changes += [change for change in scenario.change if change.key not in made]
    return Scenario(
        name=name,
        title=" and ".join(scenario.title for scenario in parts),
        sentence=" ".join(scenario.sentence for scenario in parts),
        source="; ".join(scenario.source for scenario in parts),
        url=" ; ".join(scenario.url for scenario in parts if scenario.url),
        date=min(scenario.date for scenario in parts),
        contradicted_by=" ".join(scenario.contradicted_by for scenario in parts),
        confidence=min((scenario.confidence for scenario in parts), key=CONFIDENCE.index),
        change=tuple(changes),
    )
