"""Where functions of one number cross zero: every change of sign between points of a grid, refined on all at once.

A function need not be continuous. Where it leaps over zero there is no root, only a place at which it changes sign;
where it stays at zero there is a band of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import elementwise

from valuation.errors import ShapeError
from valuation.timeline import FloatArray, IntArray

POINTS = 17
"""Points of a grid: two crossings within a sixteenth of the range are missed together."""
SETTLED = 1e-10
"""Width of a bracket, as a share of the range searched, at which a crossing is found."""
ZERO = 1e-13
"""Value, as a share of the span of a function, at which a root is found."""
EDGE = 1e-7
"""Width, as a share of the range searched, to which the ends of a band of zeros are found."""
PARTS = 16
"""Parts into which a search for such an end cuts what is left, all evaluated together."""
LEAP = 1e-6
"""Share of the span of a function that it still keeps from zero at a crossing which is a leap and no root."""
NEAR = 1e-6
"""Share of the range searched at which a function that is zero is asked again, for a band of zeros."""
FLAT = 1e-12
"""Span of a function, as a share of its size, that rounding explains."""

Function = Callable[[FloatArray, IntArray], FloatArray]
"""Values of functions at places (m,), each of the function on a line (m,), shape (m,); NaN where there is none."""
Kind = Literal["root", "leap", "band"]


@dataclass(frozen=True)
class Crossing:
    """One place at which a function reaches or passes zero.

    Attributes
    ----------
    line : int
        Which function.
    kind : str
        ``root``: it is zero there; ``leap``: it passes zero without being it; ``band``: it is zero all the way.
    low, high : float
        Ends of the bracket or of the band; equal at a root.
    before, after : float
        Values at these ends.
    """

    line: int
    kind: Kind
    low: float
    high: float
    before: float
    after: float


@dataclass(frozen=True)
class Scan:
    """Functions on a grid, and where they cross zero.

    Attributes
    ----------
    points : (p,)
        Grid, ascending.
    values : (p, L)
        Functions on it; NaN where there is no value.
    crossings : tuple of Crossing
        By line and place.
    """

    points: FloatArray
    values: FloatArray
    crossings: tuple[Crossing, ...]


def flat(values: FloatArray) -> bool:
    """Whether nothing moves a function.

    Parameters
    ----------
    values : numpy.ndarray
        At the points of a grid, shape (p,); NaN where there is no value.
    """
    known = values[np.isfinite(values)]
    whole = 0 < known.size == values.size
    return whole and _span(values) <= FLAT * float(np.abs(known).max(initial=0.0))


def grid(low: float, high: float, *, whole: bool = False, points: int = POINTS) -> FloatArray:
    """Points between two ends, both included, shape (p,).

    Parameters
    ----------
    low, high : float
        Ends.
    whole : bool
        Whether only whole numbers count.
    points : int
        Points at most.
    """
    even = np.linspace(low, high, points)
    return np.unique(np.round(even)) if whole else even


def scan(function: Function, points: FloatArray, lines: int = 1, *, whole: bool = False) -> Scan:
    """Find every crossing that a grid shows.

    Parameters
    ----------
    function : callable
        Functions; all brackets are evaluated together.
    points : numpy.ndarray
        Grid, ascending, shape (p,).
    lines : int
        Number of functions, ``L``.
    whole : bool
        Whether only whole numbers count; the points must be whole then.

    Returns
    -------
    Scan
        A change of sign beside a point without a value is none.

    Notes
    -----
    Method, section 5.7. Brackets are refined by Chandrupatla's method, those of whole numbers by halving.
    """
    if points.ndim != 1 or points.size < 2 or np.any(np.diff(points) <= 0.0):
        raise ShapeError(f"a grid of shape {points.shape} must be two ascending points or more, (p,)")
    line, place = np.meshgrid(np.arange(lines), np.arange(points.size))
    values = function(points[place.ravel()], line.ravel()).reshape(points.size, lines)
    span = _span(values)
    rows, columns = np.nonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0.0)
    ends = np.stack([points[rows], points[rows + 1]])
    if whole:
        found = _halved(function, ends, np.stack([values[rows, columns], values[rows + 1, columns]]), columns)
    else:
        found = _refined(function, ends, columns, (float(np.ptp(points)), span))
    bands = _bands(function, points, values, whole=whole)
    return Scan(points, values, tuple(sorted([*found, *bands], key=lambda each: (each.line, each.low))))


def _span(values: FloatArray) -> float:
    """Difference between the largest and the least value there is; 0 for none."""
    known = values[np.isfinite(values)]
    return float(np.ptp(known)) if known.size else 0.0


def _refined(function: Function, ends: FloatArray, line: IntArray, sizes: tuple[float, float]) -> list[Crossing]:
    """Crossings in brackets (2, m), each of a line (m,), given the range searched and the span of the function."""
    if not line.size:
        return []

    def on_line(place: FloatArray, owner: FloatArray) -> FloatArray:
        return function(place, owner.astype(np.int64))

    found = elementwise.find_root(
        on_line,
        (ends[0], ends[1]),
        args=(line.astype(np.float64),),
        tolerances={"xatol": SETTLED * sizes[0], "xrtol": 0.0, "fatol": ZERO * sizes[1], "frtol": 0.0},
    )
    crossings = []
    for column, owner in enumerate(line.tolist()):
        place, value = float(found.x[column]), float(found.f_x[column])
        if value == 0.0:
            crossings.append(_around(function, owner, place, ends[:, column], sizes[0]))
        elif abs(value) <= LEAP * sizes[1]:
            crossings.append(Crossing(owner, "root", place, place, value, value))
        else:
            sides, outcomes = (np.array([side[column] for side in both]) for both in (found.bracket, found.f_bracket))
            order = np.argsort(sides)
            crossings.append(Crossing(owner, "leap", *sides[order].tolist(), *outcomes[order].tolist()))
    return crossings


def _around(function: Function, line: int, place: float, ends: FloatArray, width: float) -> Crossing:
    """Crossing at a place where a function is zero: a root, or the band around it, inside a bracket (2,)."""
    beside = np.clip([place - NEAR * width, place + NEAR * width], *ends)
    if not (function(beside, np.full(2, line)) == 0.0).any():
        return Crossing(line, "root", place, place, 0.0, 0.0)
    low, high = _edges(function, line, (place, place), ends, EDGE * width)
    return Crossing(line, "band", low, high, 0.0, 0.0)


def _halved(function: Function, ends: FloatArray, values: FloatArray, line: IntArray) -> list[Crossing]:
    """Crossings between neighbouring whole numbers in brackets (2, m) with values at their ends (2, m)."""
    (low, high), (before, after) = ends.copy(), values.copy()
    while (wide := np.flatnonzero(high - low > 1.0)).size:
        middle = np.floor((low[wide] + high[wide]) / 2.0)
        value = function(middle, line[wide])
        left = np.sign(value) == np.sign(before[wide])
        low[wide], before[wide] = np.where(left, middle, low[wide]), np.where(left, value, before[wide])
        high[wide], after[wide] = np.where(left, high[wide], middle), np.where(left, after[wide], value)
    met = after == 0.0
    low, before = np.where(met, high, low), np.where(met, after, before)
    return [
        Crossing(int(owner), "root" if hit else "leap", *map(float, sides))
        for owner, hit, *sides in zip(line, met, low, high, before, after, strict=True)
    ]


def _bands(function: Function, points: FloatArray, values: FloatArray, *, whole: bool) -> list[Crossing]:
    """Runs of grid points (p,) at which values (p, L) are zero, out to where they end."""
    found, width = [], float(np.ptp(points))
    for line in range(values.shape[1]):
        met = np.concatenate([[False], values[:, line] == 0.0, [False]])
        steps = np.diff(met.astype(np.int64))
        for first, last in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1, strict=True):
            low, high = float(points[first]), float(points[last])
            beside = points[np.clip([first - 1, last + 1], 0, points.size - 1)]
            if whole:
                found.append(Crossing(line, "root" if first == last else "band", low, high, 0.0, 0.0))
            elif first == last:
                found.append(_around(function, line, low, beside, width))
            else:
                low, high = _edges(function, line, (low, high), beside, EDGE * width)
                found.append(Crossing(line, "band", low, high, 0.0, 0.0))
    return found


def _edges(
    function: Function, line: int, inside: tuple[float, float], outside: FloatArray, width: float
) -> tuple[float, float]:
    """First and last place at which a function is zero, between places where it is and the two beyond it (2,)."""
    zero, beyond = np.array(inside), outside.astype(np.float64)
    share = np.arange(1.0, PARTS)[:, None] / PARTS
    while (np.abs(beyond - zero) > width).any():
        asked = zero + share * (beyond - zero)
        met = function(asked.ravel(), np.full(asked.size, line)).reshape(asked.shape) == 0.0
        # Places still inside come first, for the band has no holes that could be seen.
        steps = np.where(met.all(axis=0), PARTS - 1, np.argmin(met, axis=0))
        cut = np.concatenate([zero[None], asked, beyond[None]])
        column = np.arange(2)
        zero, beyond = cut[steps, column], cut[steps + 1, column]
    return float(zero[0]), float(zero[1])
