"""A case at many settings of its random assumptions at once, on the deterministic engine: nothing moves in time.

A setting changes what becomes of the fleet, as on a path of a risk run: purchases, books, history and beliefs are those
of the base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from assumptions.cases.randomness import number_at, units_of
from assumptions.chapters.schema import Case, Scenario
from assumptions.door.messages import error
from assumptions.levers.conditions import Figures, rounding
from assumptions.levers.levers import Read
from assumptions.risk.drawn import REPAIRED, Risk
from assumptions.risk.draws import build_drawn, random_keys, sample_parameters
from valuation.draws.dependence import lower_factor
from valuation.engine import evaluate
from valuation.stages.calibration import with_frozen
from valuation.timeline import CASE, FloatArray

MOST_AT_ONCE = 128
"""Settings evaluated together; more would take memory and no less time."""
PROBE = 2.5
"""Standard units either way at which an assumption that moves nothing is told from one that does."""
STILL = 1e-9
"""Change of a figure, as a share of its size, that counts as none."""
T_COPULA = (
    "The case has a t copula, in which what is rare comes together; normal scores stand for it here, so that distances "
    "and probabilities leave that out."
)


@dataclass(frozen=True)
class Shocked:
    """Figures of a case as functions of the normal scores of its random assumptions.

    Attributes
    ----------
    base : Case
        The case.
    scenario : Scenario or None
        Scenario under which it is valued; what it sets is certain. None for the base.
    read : callable
        Figures of results.
    names : tuple of str
        Figures that are read.
    """

    base: Case
    scenario: Scenario | None
    read: Read
    names: tuple[str, ...]

    @cached_property
    def risk(self) -> Risk:
        """What is random."""
        return Risk(self.base, self.scenario)

    @cached_property
    def keys(self) -> list[str]:
        """Assumptions that are random."""
        if not self.risk.keys:
            what = "no assumption is random"
            remedy = "give one a distribution other than none, or leave the scenario out"
            raise error(f"{self.base.name}: uncertainty.parameters", what, "one random assumption at least", remedy)
        return self.risk.keys

    @cached_property
    def units(self) -> list[str]:
        """Their units."""
        found = units_of(self.base, self.keys, "")
        return [found[key].name for key in self.keys]

    @cached_property
    def given(self) -> list[float]:
        """Their values in the case."""
        return [float(number_at(self.risk.case, key).value) for key in self.keys]

    @cached_property
    def correlation(self) -> FloatArray:
        """Correlation matrix of their scores, repaired where it was none, shape (k, k)."""
        return self._repaired[0]

    @cached_property
    def _repaired(self) -> tuple[FloatArray, float]:
        """The matrix, and the largest change that made one of what the case says."""
        return self.risk.correlation(self.keys)

    def factor(self, chosen: Sequence[int]) -> FloatArray:
        """Lower triangular factor of the correlation matrix of some assumptions (m of them), shape (m, m)."""
        return lower_factor(self.correlation[np.ix_(chosen, chosen)])

    def scores(self, chosen: Sequence[int], points: FloatArray) -> FloatArray:
        """Normal scores (k, n) from independent standard units of some assumptions (m, n); medians for the others."""
        placed = np.zeros((len(self.keys), points.shape[CASE]))
        placed[list(chosen)] = self.factor(chosen) @ points
        return placed

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the correlation."""
        told = (T_COPULA,) if self.risk.uncertainty.copula.kind.value == "t" else ()
        changed = self._repaired[1]
        return (*told, REPAIRED.format(changed)) if changed else told

    def values(self, scores: FloatArray) -> dict[str, FloatArray]:
        """Assumptions at normal scores (k, m), shape (m,) each."""
        every = random_keys(self.base)
        placed = np.zeros((len(every), scores.shape[CASE]))
        placed[[every.index(key) for key in self.keys]] = scores
        drawn = sample_parameters(self.base, placed)
        return {key: drawn[key] for key in self.keys}

    def figures(self, scores: FloatArray) -> list[Figures]:
        """Figures at normal scores (k, m), one entry each."""
        found: list[Figures] = []
        for start in range(0, scores.shape[CASE], MOST_AT_ONCE):
            values = self.values(scores[:, start : start + MOST_AT_ONCE])
            inputs = build_drawn(self.base, values, self.risk.case)
            # What nobody asks for would only take time: taxes, and the books that no figure is of.
            kept = tuple(
                ledger for ledger in inputs.ledgers if any(ledger.name in name.split(".") for name in self.names)
            )
            inputs = replace(inputs, tax=None, ledgers=kept)
            found += self.read(evaluate(with_frozen(inputs, self.risk.frozen)), self.names)
        return found

    def figure(self, name: str, scores: FloatArray) -> FloatArray:
        """One figure at normal scores (k, m), shape (m,)."""
        return np.array([each[name] for each in self.figures(scores)])

    def still(self, name: str, found: FloatArray | None = None, probe: float = PROBE) -> tuple[str, ...]:
        """Assumptions that do not move a figure by themselves.

        Parameters
        ----------
        name : str
            The figure.
        found : numpy.ndarray, optional
            The figure at all medians, with each assumption at one end, and with each at the other, shape (1 + 2k,);
            found at the probe if left out.
        probe : float
            Standard units either way at which to look.

        Raises
        ------
        AssumptionError
            If the figure has no value at the medians.
        """
        count = len(self.keys)
        if found is None:
            ends = probe * np.eye(count)
            found = self.figure(name, np.concatenate([np.zeros((count, 1)), ends, -ends], axis=CASE))
        if np.isnan(found[0]):
            what = "it has no value with every random assumption at its median"
            raise error(f"{self.base.name}: {name}", what, "a figure that the case has", "ask for another one")
        size = float(np.nanmax(np.abs(found), initial=0.0))
        moves = ~(np.abs(found[1:].reshape(2, count) - found[0]) <= max(STILL * size, rounding(name)))
        return tuple(key for key, moved in zip(self.keys, moves.any(axis=0), strict=True) if not moved)

    def moving(self, name: str, reach: float = PROBE) -> list[int]:
        """Places of the assumptions that move a figure by themselves.

        Parameters
        ----------
        name : str
            The figure.
        reach : float
            Standard units to which they may be moved: some move a figure in their tails alone, which is looked at too.
        """
        still = [self.still(name, probe=probe) for probe in sorted({PROBE, max(PROBE, reach)})]
        return [place for place, key in enumerate(self.keys) if not all(key in keys for keys in still)]


def percentile(score: float) -> float:
    """Probability below a normal score."""
    return float(ndtr(score))
