"""Base of the array records: read-only arrays with declared axes, taken and stacked by case.

Axes in capitals have one length throughout a record of inputs; ``n`` and axes in lower case may have length 1, where
nothing varies along them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from valuation.errors import ShapeError
from valuation.timeline import CASE, COHORT, FloatArray, IntArray

_Record = TypeVar("_Record", bound="Arrays")


def axes(names: str, default: object = None) -> Any:  # noqa: ANN401 - dataclasses.field is typed as the field itself
    """Declare the axes of an array field, and what it is where nothing is said.

    Parameters
    ----------
    names : str
        Names of the axes, in order, with spaces between.
    default : float or int, optional
        Value of an array with every axis of length 1; none makes the field required.
    """
    named = tuple(names.split())
    if default is None:
        return field(metadata={"axes": named})
    return field(default_factory=lambda: np.full((1,) * len(named), default), metadata={"axes": named})


@dataclass(frozen=True)
class Arrays:
    """Base of the array records."""

    def __post_init__(self) -> None:
        for item in fields(self):
            if "axes" in item.metadata:
                array = np.asarray(getattr(self, item.name))
                array = array.view()
                array.flags.writeable = False
                object.__setattr__(self, item.name, array)

    def arrays(self) -> dict[str, tuple[Any, tuple[str, ...]]]:
        """Array fields with their declared axes."""
        return {
            item.name: (getattr(self, item.name), item.metadata["axes"])
            for item in fields(self)
            if "axes" in item.metadata
        }

    def parts(self) -> dict[str, tuple[Arrays, ...]]:
        """Fields that hold further records."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: value
            for name, value in found.items()
            if isinstance(value, tuple) and value and all(isinstance(part, Arrays) for part in value)
        }

    def flat(self) -> Iterator[Arrays]:
        """The record itself and all that it holds."""
        yield self
        for parts in self.parts().values():
            for part in parts:
                yield from part.flat()

    def take(self: _Record, cases: IntArray) -> _Record:
        """Record of the chosen cases (shape (m,)); arrays that do not vary keep length 1."""
        chosen: dict[str, Any] = {
            name: array[..., cases] if named[CASE] == "n" and array.shape[CASE] > 1 else array
            for name, (array, named) in self.arrays().items()
        }
        chosen |= {name: tuple(part.take(cases) for part in parts) for name, parts in self.parts().items()}
        return replace(self, **chosen)


def check_axes(record: Arrays, sizes: dict[str, int]) -> None:
    """Check that the arrays of a record have the axes they declare.

    Parameters
    ----------
    record : Arrays
        Record; those that it holds are not looked into.
    sizes : dict
        Lengths known so far; lengths first met here are added.

    Raises
    ------
    ShapeError
        If an array has another number of axes, or an axis another length than elsewhere.
    """
    local: dict[str, int] = {}
    for name, (array, named) in record.arrays().items():
        if array.ndim != len(named):
            raise ShapeError(f"{type(record).__name__}.{name} has {array.ndim} axes, {len(named)} are needed: {named}")
        for axis, length in zip(named, array.shape, strict=True):
            key = "n" if axis == "n" else axis.upper()
            known = sizes if key in "TCGSn" else local
            if axis.islower() and length == 1:
                continue
            if known.setdefault(key, length) != length:
                raise ShapeError(f"{type(record).__name__}.{name}: axis {axis} is {length}, elsewhere {known[key]}")


def stack_records(records: list[_Record]) -> _Record:
    """Join records along the case axis; arrays that are equal in all of them keep length 1.

    Parameters
    ----------
    records : list of Arrays
        Of one type, alike in everything that has no case axis.

    Raises
    ------
    ShapeError
        If they differ in what all cases of a stack must share.
    """
    first = records[0]
    joined: dict[str, Any] = {}
    for name in first.parts():
        columns = zip(*(getattr(record, name) for record in records), strict=True)
        joined[name] = tuple(stack_records(list(column)) for column in columns)
    plain = [item.name for item in fields(first) if "axes" not in item.metadata and item.name not in joined]
    for name in plain:
        if any(getattr(record, name) != getattr(first, name) for record in records):
            raise ShapeError(f"cases differ in {type(first).__name__}.{name}, which all cases of a stack must share")
    for name, (array, named) in first.arrays().items():
        arrays = [getattr(record, name) for record in records]
        equal = all(part is array or _same(part, array) for part in arrays[1:])
        if named[CASE] != "n" and not equal:
            raise ShapeError(f"cases differ in {type(first).__name__}.{name}, which all cases of a stack must share")
        if equal and (named[CASE] != "n" or array.shape[CASE] == 1):
            joined[name] = array
            continue
        shape = np.broadcast_shapes(*(part.shape[:-1] for part in arrays))
        joined[name] = np.concatenate([np.broadcast_to(part, (*shape, part.shape[CASE])) for part in arrays], axis=CASE)
    return replace(first, **joined)


def _same(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def alike(one: Arrays, other: Arrays) -> bool:
    """Whether two records of one type hold the same arrays.

    Parameters
    ----------
    one, other : Arrays
        The records; what they hold besides arrays and records is not looked at.
    """
    pairs = zip(one.flat(), other.flat(), strict=True)
    return all(
        _same(array, second.arrays()[name][0]) for first, second in pairs for name, (array, _) in first.arrays().items()
    )


def of_paths(levels: NDArray[Any], paths: IntArray | None) -> NDArray[Any]:
    """Levels of the paths looked at.

    Parameters
    ----------
    levels : numpy.ndarray
        Shape (..., n or 1).
    paths : numpy.ndarray or None
        Paths looked at, shape (m,); all of them if None.

    Returns
    -------
    numpy.ndarray
        Shape (..., m or 1).
    """
    return levels if paths is None or levels.shape[CASE] == 1 else levels[..., paths]


def generation_rows(table: FloatArray, generation: IntArray) -> IntArray:
    """Rows of a table by generation, which may have one for all.

    Parameters
    ----------
    table : numpy.ndarray
        Shape (a, g, ...), ``g`` 1 or the number of generations.
    generation : numpy.ndarray
        Generations, any shape.

    Returns
    -------
    numpy.ndarray
        Places on the second axis of the table, the shape of the generations.
    """
    return generation if table.shape[COHORT] > 1 else np.zeros_like(generation)


def of_generations(table: FloatArray, generation: IntArray) -> FloatArray:
    """Table by generation, read for some of them.

    Parameters
    ----------
    table : numpy.ndarray
        Shape (a, g, n), ``g`` 1 or the number of generations.
    generation : numpy.ndarray
        Generations, shape (m,).

    Returns
    -------
    numpy.ndarray
        Shape (a, m, n); (a, 1, n) where generations do not differ.
    """
    return np.asarray(table[:, generation] if table.shape[COHORT] > 1 else table)
