"""Levers: one assumption or two moved over a range, and the case run again at every setting of them.

Each setting is a case of its own, as `--set` would make it: beliefs, history and plans follow it, and a scenario is
laid on it afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from assumptions.arrays.conversion import build, build_independent, structure
from assumptions.cases.overlay import LIVES_KEY, apply_overrides, apply_scenario, walk
from assumptions.cases.randomness import fields
from assumptions.chapters.policies import LIFE_ENDS
from assumptions.chapters.schema import Case, Scenario
from assumptions.door.messages import error, nearest
from assumptions.door.provenance import Number
from assumptions.door.units import Unit
from assumptions.levers.conditions import Figures, life_in_force
from assumptions.runs import MAX_STACK, evaluate_solvable
from valuation.errors import ShapeError
from valuation.inputs import Inputs
from valuation.results import Results

OPTION = "--lever"


class Read(Protocol):
    """What reads figures off results."""

    def __call__(self, results: Results, names: Collection[str] | None = None, /) -> Sequence[Figures]:
        """Figures of every case: those named and others, or all that there are."""


@dataclass(frozen=True)
class Lever:
    """An assumption that is moved.

    Attributes
    ----------
    key, unit : str
        Dotted key and unit.
    value : float
        Value in the case; NaN where it gives none.
    low, high : float
        Ends of the range it is moved over.
    whole : bool
        Whether it takes whole numbers alone.
    """

    key: str
    unit: str
    value: float
    low: float
    high: float
    whole: bool


def lever_of(case: Case, key: str, low: float | None = None, high: float | None = None) -> Lever:
    """Lever over a range, or over the one that stands with the assumption.

    Parameters
    ----------
    case : Case
        The case.
    key : str
        Dotted key.
    low, high : float, optional
        Ends.

    Raises
    ------
    AssumptionError
        If there is no such number, or the range is none.
    """
    unit, number = _unit_of(case, key)
    value = math.nan if number is None else float(number.value)
    stated = (None, None) if number is None else (number.low, number.high)
    ends = [own if given is None else given for given, own in zip((low, high), stated, strict=True)]
    for option, end in zip(("--low", "--high"), ends, strict=True):
        if end is None:
            what = f"no {option.removeprefix('--')} end of a range stands with it"
            raise error(f"{OPTION} {key}", what, unit.allowed, f"give {option}")
        bad = not (math.isfinite(end) and unit.lowest <= end <= unit.highest) or (unit.whole and end != round(end))
        if bad:
            raise error(f"{option} {end:.15g} of {key}", "out of range", unit.allowed, "move it")
    first, last = (float(end) for end in ends if end is not None)
    if not first < last:
        what = f"--low {first:.15g} is not below --high {last:.15g}"
        raise error(f"{OPTION} {key}", what, "low below high", "swap them, or move one")
    return Lever(key, unit.name, value, first, last, unit.whole)


def _unit_of(case: Case, key: str) -> tuple[Unit, Number | None]:
    """Unit and number of a key; of book lives the one in force, without a range."""
    known = dict(walk(case))
    if key not in known:
        raise error(f"{OPTION} {key}", "unknown key", "a dotted key", nearest(key, known))
    content = known[key]
    if key.endswith(f".{LIVES_KEY}"):
        life = Number(value=life_in_force(content, case.as_of), basis="user", source="")
        return Unit("months", *LIFE_ENDS, whole=True), life
    unit = next((unit for name, _, unit in fields(case) if name == key), None)
    if unit is None:
        raise error(f"{OPTION} {key}", "it holds no number", "a key that holds a number", "choose another assumption")
    return unit, content


@dataclass(frozen=True)
class Trials:
    """Runs of a case at settings of its levers.

    Attributes
    ----------
    case : Case
        The base.
    scenario : Scenario or None
        Scenario laid on every setting; None for the base.
    read : callable
        Figures of results.
    names : tuple of str
        Figures that are read.
    """

    case: Case
    scenario: Scenario | None
    read: Read
    names: tuple[str, ...]

    def __call__(self, levers: Sequence[Lever], settings: Sequence[Sequence[float]]) -> list[tuple[Case, Figures]]:
        """Case and figures at every setting; no figures where there is no planning decline.

        Parameters
        ----------
        levers : sequence of Lever
            Levers.
        settings : sequence of sequence of float
            Value of each of them.
        """
        cases = [self._at(levers, setting) for setting in settings]
        found: dict[int, Figures] = {}
        for start in range(0, len(cases), MAX_STACK):
            block = cases[start : start + MAX_STACK]
            for bases, variants, positions in self._stacked(block):
                rows = list(range(len(positions)))
                inputs = bases if variants is None else variants
                results = evaluate_solvable(inputs, rows, None if variants is None else bases)
                if results is not None:
                    read = self.read(results, self.names)
                    found |= {start + positions[row]: read[column] for column, row in enumerate(rows)}
        return [(case, found.get(position, {})) for position, case in enumerate(cases)]

    def _at(self, levers: Sequence[Lever], setting: Sequence[float]) -> Case:
        values = [int(value) if lever.whole else float(value) for lever, value in zip(levers, setting, strict=True)]
        return apply_overrides(self.case, [(each.key, value) for each, value in zip(levers, values, strict=True)])

    def _stacked(self, cases: Sequence[Case]) -> list[tuple[Inputs, Inputs | None, list[int]]]:
        """Bases, their scenarios, and the positions of the cases of each stack."""
        try:
            return self._joined(cases)
        except ShapeError:
            # Some levers change what the cases of a stack must share.
            alone = [self._joined([case])[0] for case in cases]
            return [(bases, variants, [position]) for position, (bases, variants, _) in enumerate(alone)]

    def _joined(self, cases: Sequence[Case]) -> list[tuple[Inputs, Inputs | None, list[int]]]:
        if self.scenario is None:
            return [(inputs, None, positions) for inputs, positions in build_independent(cases)]
        pairs = [(case, apply_scenario(case, self.scenario)) for case in cases]
        stacks: dict[tuple[object, ...], list[int]] = {}
        for position, (base, variant) in enumerate(pairs):
            stacks.setdefault((structure(base), structure(variant)), []).append(position)
        joined: list[tuple[Inputs, Inputs | None, list[int]]] = []
        for positions in stacks.values():
            # Results of a run hold no tax, which would only take time.
            built = [replace(build(pairs[p][0], [pairs[p][1]], [self.scenario.name]), tax=None) for p in positions]
            bases, variants = (Inputs.stack([each.take(np.array([n])) for each in built]) for n in (0, 1))
            joined.append((bases, variants, positions))
        return joined
