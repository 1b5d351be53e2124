"""The most likely combination of shocks that breaks a limit: the nearest point of failure in standard normal space.

Independent standard normal numbers are less likely the farther they lie from their origin, alike in all directions. So
the nearest point at which a limit is broken is the most likely one; its distance is the reliability index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import qmc

from valuation.errors import NoSolutionError, ShapeError
from valuation.timeline import CASE, FloatArray

REACH = 5.0
"""Distance from the origin within which points are sought; beyond it lies a probability of one in 3.5 million."""
STEP = 0.02
"""Half the step of central differences, in standard units: wide enough to see past months that are counted whole."""
LENGTHS = 0.5 ** np.arange(8.0)
"""Shares of a full step that a search along a line tries, all at once."""
MOST_STEPS = 30
"""Steps of one search at most."""
MET = 1e-4
"""Size of a limit function, as a share of its span among the starts, at which the limit counts as reached."""
SETTLED = 1e-3
"""Move of a point, in standard units, below which a search has ended."""
GAIN = 1e-2
"""Step towards the limit, as a share of its span, below which a search at the end of its reach gives up."""
PENALTY = 2.0
"""Weight of a broken limit in the merit of a point, over the least that makes the search descend."""
SCATTER = 64
"""Points among which starts are chosen."""
STARTS = 3
"""Searches: from the origin, and from points of the scatter."""
SCATTER_SEED = 20260901
"""Seed of the scatter, so that one question has one answer."""
APART = 0.5
"""Distance between two points of failure, in standard units, from which they count as different."""

Limit = Callable[[FloatArray], FloatArray]
"""Limit function of points (k, m) in standard normal space: broken where it is below zero, shape (m,)."""


@dataclass(frozen=True)
class DesignPoint:
    """Nearest point at which a limit is reached.

    Attributes
    ----------
    point : (k,)
        In independent standard normal units.
    distance : float
        From the origin; the reliability index. Negative where the limit is broken at the origin.
    value : float
        Limit function there.
    gradient : (k,)
        Its slope there, by standard unit.
    others : (p, k)
        Further points of reaching that other searches ended at, nearest first.
    evaluations : int
        Points at which the limit function was asked for.
    """

    point: FloatArray
    distance: float
    value: float
    gradient: FloatArray
    others: FloatArray
    evaluations: int

    @property
    def probability(self) -> float:
        r"""Probability that a linear limit at this distance is broken, :math:`\Phi(-\beta)`: first order."""
        return float(ndtr(-self.distance))


@dataclass(frozen=True)
class Unbroken:
    """No point within reach is on the other side of the limit than the origin, as far as the searches saw.

    Attributes
    ----------
    reach : float
        Distance searched.
    point : (k,)
        Where the limit function came nearest to zero.
    value : float
        Limit function there; negative where the limit is broken at the origin, and everywhere within reach.
    evaluations : int
        Points at which it was asked for.
    """

    reach: float
    point: FloatArray
    value: float
    evaluations: int


def design_point(limit: Limit, dimensions: int, *, reach: float = REACH) -> DesignPoint | Unbroken:
    r"""Nearest point at which a limit function is zero.

    .. math::
        \beta = \min_{g(u) = 0} |u|

    Parameters
    ----------
    limit : callable
        Limit function :math:`g`; points are asked for many at once.
    dimensions : int
        Number of standard normal numbers, ``k``.
    reach : float
        Distance from the origin within which to search.

    Returns
    -------
    DesignPoint or Unbroken
        The nearest point that any of the searches ended at.

    Notes
    -----
    Hasofer and Lind (1974); Rackwitz and Fiessler (1978), with the merit function of Zhang and Der Kiureghian (1995)
    and starts at the origin and at points of a scatter. A limit function that is smooth and bends little has one such
    point; of others the searches may miss the nearest.
    """
    if dimensions < 1:
        raise ShapeError("a limit needs one shock at least, (k, m)")
    asked = _Counted(limit)
    starts = _scatter(dimensions, reach)
    values = asked(starts)
    if not np.isfinite(values[0]):
        raise NoSolutionError("the limit has no value with every shock at its median")
    side = -1.0 if values[0] < 0.0 else 1.0
    search = _Search(asked, side, max(float(np.ptp(values[np.isfinite(values)])), np.finfo(np.float64).tiny), reach)
    ends = [search.run(start) for start in search.chosen(starts, values)]
    reached = sorted((end for end in ends if end is not None), key=lambda end: float(np.linalg.norm(end.point)))
    if not reached:
        point, value = search.least
        return Unbroken(reach, point, side * value, asked.count)
    best = reached[0]
    others = [end.point for end in reached[1:] if np.linalg.norm(end.point - best.point) > APART]
    return DesignPoint(
        point=best.point,
        distance=side * float(np.linalg.norm(best.point)),
        value=side * best.value,
        gradient=side * best.gradient,
        others=np.array(others).reshape(len(others), dimensions),
        evaluations=asked.count,
    )


class _Counted:
    """Limit function that counts what it was asked."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.count = limit, 0

    def __call__(self, points: FloatArray) -> FloatArray:
        self.count += points.shape[CASE]
        return self.limit(points)


def _scatter(dimensions: int, reach: float) -> FloatArray:
    """The origin, and points in every direction at every distance within reach, shape (k, 1 + SCATTER)."""
    draws = qmc.Sobol(dimensions + 1, rng=SCATTER_SEED).random(SCATTER).T
    directions = qmc.MultivariateNormalQMC(np.zeros(dimensions), rng=SCATTER_SEED).random(SCATTER).T
    directions /= np.linalg.norm(directions, axis=0)
    return np.concatenate([np.zeros((dimensions, 1)), reach * draws[-1] * directions], axis=CASE)


@dataclass(frozen=True)
class _End:
    """Where a search ended: a point (k,), the limit function and its slope there."""

    point: FloatArray
    value: float
    gradient: FloatArray


class _Search:
    """Searches for points at which a limit function, turned so that it is positive at the origin, is zero."""

    def __init__(self, limit: Limit, side: float, span: float, reach: float) -> None:
        self.limit, self.side, self.span, self.reach = limit, side, span, reach
        self.least: tuple[FloatArray, float] = (np.zeros(0), np.inf)

    def values(self, points: FloatArray) -> FloatArray:
        """Turned limit function at points (k, m), shape (m,); the least within reach is kept."""
        values = self.side * self.limit(points)
        within = np.where(np.linalg.norm(points, axis=0) <= self.reach * (1.0 + MET), values, np.inf)
        if np.isfinite(values).any() and np.nanmin(within) < self.least[1]:
            place = int(np.nanargmin(within))
            self.least = (points[:, place].copy(), float(values[place]))
        return np.asarray(values)

    def chosen(self, starts: FloatArray, values: FloatArray) -> list[FloatArray]:
        """The origin, the nearest point of the scatter that fails, and the one nearest to failing."""
        turned = np.where(np.isfinite(values), self.side * values, np.inf)
        far = np.linalg.norm(starts, axis=0)
        order = np.lexsort((far, np.where(turned < 0.0, 0.0, turned)))
        self.least = (starts[:, order[0]].copy(), float(turned.min()))
        return [starts[:, 0], *(starts[:, place] for place in order[: STARTS - 1] if place != 0)]

    def run(self, start: FloatArray) -> _End | None:
        """Search from a point (k,); None if it ends where the limit holds."""
        point, penalty = start, 0.0
        value, gradient = self.slope(point)
        for _ in range(MOST_STEPS):
            size = float(gradient @ gradient)
            if size == 0.0 or not np.isfinite(size):
                break
            target = self._inside((float(gradient @ point) - value) / size * gradient)
            step = target - point
            penalty = max(penalty, PENALTY * max(float(np.linalg.norm(point)), 1.0) / np.sqrt(size))
            moved = self._along(point, step, penalty)
            if moved is None:
                break
            length, before, point = float(np.linalg.norm(moved - point)), value, moved
            value, gradient = self.slope(point)
            met = abs(value) <= MET * self.span
            if (length < SETTLED and met) or (not met and self._ends_outside(point, before - value)):
                break
        return _End(point, value, gradient) if abs(value) <= MET * self.span else None

    def _ends_outside(self, point: FloatArray, gained: float) -> bool:
        """Whether a search stands at the end of its reach (k,) and comes no nearer to the limit."""
        return bool(np.linalg.norm(point) >= self.reach * (1.0 - MET) and gained < GAIN * self.span)

    def _inside(self, point: FloatArray) -> FloatArray:
        """Point (k,) brought within reach."""
        far = float(np.linalg.norm(point))
        return point if far <= self.reach else point * (self.reach / far)

    def _along(self, point: FloatArray, step: FloatArray, penalty: float) -> FloatArray | None:
        """Point of least merit along a step (k,), None if none is better than where it starts."""
        tried = point[:, None] + step[:, None] * np.concatenate([[0.0], LENGTHS])
        merit = (tried**2).sum(axis=0) / 2.0 + penalty * np.abs(self.values(tried))
        best = int(np.nanargmin(merit))
        return None if best == 0 else tried[:, best]

    def slope(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Value and central differences at a point (k,)."""
        moves = STEP * np.eye(point.size)
        values = self.values(
            np.concatenate([point[:, None], point[:, None] + moves, point[:, None] - moves], axis=CASE)
        )
        up, down = values[1 : 1 + point.size], values[1 + point.size :]
        return float(values[0]), np.asarray((up - down) / (2.0 * STEP))


def shares(point: FloatArray, factor: FloatArray) -> FloatArray:
    r"""Share of the squared distance of a point that each correlated shock makes up; they add up to one.

    .. math::
        s_i = z_i\,(R^{-1} z)_i / \beta^2, \qquad z = L u, \quad R = L L'

    Parameters
    ----------
    point : numpy.ndarray
        Independent standard normal units :math:`u`, shape (k,).
    factor : numpy.ndarray
        Lower triangular factor :math:`L` of the correlation matrix, shape (k, k).

    Returns
    -------
    numpy.ndarray
        Shape (k,); zeros at the origin. One may be negative: a shock that the others bring about by correlation.
    """
    size = float(point @ point)
    if size == 0.0:
        return np.zeros_like(point)
    return np.asarray((factor @ point) * (np.linalg.pinv(factor).T @ point) / size)
