"""Draws of assumptions: the same door for arrays by path as for values of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from assumptions.arrays.conversion import build_one
from assumptions.cases.randomness import MEMORY, NOT_ABOVE, POWER, check_random, number_at, units_of
from assumptions.chapters.marginals import Marginal
from assumptions.chapters.mechanisms import ROUNDING
from assumptions.chapters.schema import Case
from assumptions.door.messages import error
from assumptions.door.units import Unit
from valuation.errors import ShapeError
from valuation.inputs import Inputs
from valuation.timeline import FloatArray

WHERE = "draws: "


def marginals(case: Case) -> dict[str, Marginal]:
    """Distributions of the random assumptions, in the order of their scores, checked against the case as it now stands.

    Parameters
    ----------
    case : Case
        Whose chapter of uncertainty is looked at.
    """
    found = case.uncertainty
    if found is None:
        return {}
    check_random(case, found, case.name)
    return {key: found.parameters[key].marginal(number_at(case, key)) for key in found.random_keys}


def sample_parameters(
    case: Case, scores: FloatArray, known: Mapping[str, Marginal] | None = None
) -> dict[str, FloatArray]:
    """Random assumptions from normal scores.

    Parameters
    ----------
    case : Case
        Whose chapter of uncertainty is drawn from.
    scores : numpy.ndarray
        Standard normal, one row for each of `random_keys`, in that order, shape (k, n).
    known : mapping of str to Marginal, optional
        Distributions of the case, where they have been found already.

    Returns
    -------
    dict of numpy.ndarray
        Values by key, shape (n,) each.
    """
    found = marginals(case) if known is None else known
    if scores.ndim != 2 or len(scores) != len(found):
        raise ShapeError(f"scores have shape {scores.shape}, ({len(found)}, n) is needed: one row a random assumption")
    return {key: marginal.at_scores(row) for (key, marginal), row in zip(found.items(), scores, strict=True)}


def random_keys(case: Case) -> list[str]:
    """Assumptions of a case that are random, in the order of their scores.

    Parameters
    ----------
    case : Case
        The case.
    """
    return [] if case.uncertainty is None else case.uncertainty.random_keys


def build_drawn(
    base: Case, values: Mapping[str, FloatArray], case: Case | None = None, units: Mapping[str, Unit] | None = None
) -> Inputs:
    """Inputs of paths on which some assumptions differ; what was bought, booked, observed and believed is the base's.

    Parameters
    ----------
    base : Case
        The case.
    values : mapping of str to numpy.ndarray
        Values by dotted key, one a path, shape (n,) each.
    case : Case, optional
        The base as a scenario changes it; the base itself if none is given.
    units : mapping of str to Unit, optional
        Units and ranges of the keys, where they have been found already.

    Returns
    -------
    Inputs
        With ``n`` cases, one a path, without the base; not yet frozen: freeze the base on its own.

    Raises
    ------
    AssumptionError
        If a key must be the same on every path, or a value is out of its range.
    ShapeError
        If there is no value, or not as many of each.
    """
    case = base if case is None else case
    arrays = {key: np.asarray(array, dtype=np.float64) for key, array in values.items()}
    if not arrays or len({array.shape for array in arrays.values()}) > 1 or next(iter(arrays.values())).ndim != 1:
        raise ShapeError(f"values have shapes { {key: array.shape for key, array in arrays.items()} }, (n,) is needed")
    for key, unit in (units_of(case, arrays, WHERE) if units is None else units).items():
        _check_values(key, arrays[key], unit)
    _check_together(case, arrays)
    inputs = build_one(base, _substituted(case, arrays))
    count = next(iter(arrays.values())).shape[0]
    # Written out, as in a stack, so that paths which differ in nothing that bears on value are still as many.
    return replace(inputs, path=replace(inputs.path, drift=np.broadcast_to(inputs.path.drift, (count,))))


def _check_values(key: str, array: FloatArray, unit: Unit) -> None:
    bad = ~((array >= unit.lowest) & (array <= unit.highest))
    if bad.any():
        path = int(np.argmax(bad))
        what = f"{array[path]:.15g} on path {path} is out of range"
        raise error(f"{WHERE}{key}", what, unit.allowed, "cut its distribution off")


def _check_together(base: Case, arrays: Mapping[str, FloatArray]) -> None:
    """Refuse values that no case may hold together."""

    def at(key: str) -> FloatArray:
        return arrays[key] if key in arrays else np.array([number_at(base, key).value])

    for less, more in NOT_ABOVE:
        if (less in arrays or more in arrays) and np.any(at(less) > at(more)):
            raise error(f"{WHERE}{less}", f"above {more} on some path", f"at most {more}", "cut them off apart")
    for name in base.breakthroughs:
        memory, power = (f"breakthroughs.{name}.{share}" for share in (MEMORY, POWER))
        if (memory in arrays or power in arrays) and np.any(at(memory) + at(power) > 1.0 + ROUNDING):
            what = f"it and {power} add up to more than 1 on some path"
            raise error(f"{WHERE}{memory}", what, "at most 1 in all", "cut them off lower")


def _substituted(base: Case, arrays: Mapping[str, FloatArray]) -> Case:
    """Case with arrays in place of numbers; nothing is validated again, for a number is all that a field may hold."""
    chapters: dict[str, Any] = {}
    for key, array in arrays.items():
        chapter, _, rest = key.partition(".")
        entry, _, field = rest.rpartition(".")
        content = chapters.get(chapter, getattr(base, chapter))
        record = content[entry] if entry else content
        number = getattr(record, field).model_copy(update={"value": array})
        changed = record.model_copy(update={field: number})
        chapters[chapter] = {**content, entry: changed} if entry else changed
    return base.model_copy(update=chapters)
