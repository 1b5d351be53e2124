"""Totals of a block of paths, and of blocks joined in their order: counts, ends, mean and spread.

Floating sums depend on their order, so blocks are joined one after the other by number, whoever made them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.errors import ShapeError
from valuation.timeline import CASE, BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Moments:
    """Number, mean and sum of squared deviations.

    Attributes
    ----------
    number : (...)
        Values behind them.
    mean : (...)
        Their mean, 0 where there is none.
    squares : (...)
        Sum of squared deviations from the mean.
    """

    number: IntArray
    mean: FloatArray
    squares: FloatArray

    def then(self, other: Moments) -> Moments:
        """Moments of these values and others.

        Notes
        -----
        Chan, Golub and LeVeque (1979).
        """
        number = self.number + other.number
        share = other.number / np.maximum(number, 1)
        off = np.where(other.number > 0, other.mean - self.mean, 0.0)
        squares = self.squares + other.squares + off * off * self.number * share
        return Moments(number, self.mean + off * share, squares)

    @property
    def standard_error(self) -> FloatArray:
        """Standard error of the mean, shape (...); NaN for fewer than two values."""
        some = self.number > 1
        number = np.where(some, self.number, 2)
        return np.where(some, np.sqrt(self.squares / (number - 1) / number), np.nan)


def moments(values: FloatArray, chosen: BoolArray) -> Moments:
    """Moments of the chosen values, exact where they are all the same.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., n).
    chosen : numpy.ndarray
        Shape (..., n); they are finite.
    """
    # The first value is taken off before adding up: values all the same have no spread, not one of rounding.
    number = chosen.sum(axis=CASE)
    if chosen.all():
        first = values[..., :1]
        off = values - first
    else:
        first = np.take_along_axis(values, chosen.argmax(axis=CASE)[..., None], axis=CASE)
        off = np.where(chosen, values - first, 0.0)
    part = off.sum(axis=CASE) / np.maximum(number, 1)
    off -= part[..., None]
    off *= off
    squares = (off if chosen.all() else np.where(chosen, off, 0.0)).sum(axis=CASE)
    mean = np.where(number > 0, first[..., 0] + part, 0.0)
    return Moments(np.asarray(number), mean, np.asarray(squares))


@dataclass(frozen=True)
class Totals:
    """What is kept of a block beside the bins, or of many.

    Attributes
    ----------
    paths : int
        Paths.
    never : (...)
        Of them ``+inf``.
    gone : (...)
        Of them without a number: NaN or ``-inf``.
    whole : Moments
        Of the finite values, shape (...).
    ends : Moments
        Of the values in the two open bins, shape (2, ...).
    least, largest : (...)
        Of the finite values; infinite where there is none.
    """

    paths: int
    never: IntArray
    gone: IntArray
    whole: Moments
    ends: Moments
    least: FloatArray
    largest: FloatArray

    @property
    def finite(self) -> IntArray:
        """Number of finite values, shape (...)."""
        return self.paths - self.never - self.gone

    def then(self, other: Totals) -> Totals:
        """Totals of these paths and of others that come after them."""
        return Totals(
            self.paths + other.paths,
            self.never + other.never,
            self.gone + other.gone,
            self.whole.then(other.whole),
            self.ends.then(other.ends),
            np.minimum(self.least, other.least),
            np.maximum(self.largest, other.largest),
        )


def totals(values: FloatArray, open_ends: BoolArray) -> Totals:
    """Totals of one block.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., n).
    open_ends : numpy.ndarray
        Whether a value lies in the lower and in the upper open bin, shape (2, ..., n).
    """
    finite, never = np.isfinite(values), np.isposinf(values)
    known = np.where(finite, values, 0.0)
    return Totals(
        values.shape[CASE],
        np.asarray(never.sum(axis=CASE)),
        np.asarray((~(finite | never)).sum(axis=CASE)),
        moments(known, finite),
        _moments_of_few(known, open_ends),
        np.where(finite, values, np.inf).min(axis=CASE),
        np.where(finite, values, -np.inf).max(axis=CASE),
    )


def _moments_of_few(values: FloatArray, chosen: BoolArray) -> Moments:
    """Moments of chosen values in stacks of rows, most of which hold none: only the others are worked on."""
    rows = chosen.any(axis=CASE)
    number, mean, squares = np.zeros(rows.shape, dtype=np.int64), np.zeros(rows.shape), np.zeros(rows.shape)
    if rows.any():
        found = moments(np.broadcast_to(values, chosen.shape)[rows], chosen[rows])
        number[rows], mean[rows], squares[rows] = found.number, found.mean, found.squares
    return Moments(number, mean, squares)


class InOrder:
    """Totals of blocks, joined by number however they arrive; what is next is joined at once, the rest waits."""

    def __init__(self) -> None:
        self._joined: Totals | None = None
        self._next = 0
        self._waiting: dict[int, Totals] = {}

    def __contains__(self, block: int) -> bool:
        return block < self._next or block in self._waiting

    def add(self, block: int, found: Totals) -> None:
        """Add the totals of a block, each block once."""
        if block in self:
            raise ShapeError(f"block {block} was added before")
        self._waiting[block] = found
        self._join()

    def total(self) -> Totals:
        """Totals of all blocks so far, at least one, in the order of their numbers."""
        found = self._joined
        for block in sorted(self._waiting):
            found = self._waiting[block] if found is None else found.then(self._waiting[block])
        if found is None:
            raise ShapeError("nothing was added yet")
        return found

    def _join(self) -> None:
        while self._next in self._waiting:
            found = self._waiting.pop(self._next)
            self._joined = found if self._joined is None else self._joined.then(found)
            self._next += 1
