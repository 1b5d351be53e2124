"""Draws of the drivers of a risk run, block by block, each block a pure function of its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from valuation.draws.dependence import NEGLIGIBLE, Group, correlate, groups, least_eigenvalue, mixture
from valuation.draws.leading import Leading, inside, lhs_leading, replace_components, sobol_leading
from valuation.draws.streams import Place, Use, mirrored, standard_normals, stream
from valuation.errors import AssumptionError, ShapeError
from valuation.timeline import FloatArray

BLOCK = 1024
"""Paths of a block: wide enough to spread the cost of a call over, narrow enough for its arrays to stay in cache."""

Sampler = Literal["philox", "sobol", "lhs", "antithetic"]


@dataclass(frozen=True)
class Plan:
    """What is drawn, and how.

    Attributes
    ----------
    seed : int
        Seed of the run, zero or above.
    sampler : str
        ``philox``: plain pseudo-random numbers. ``antithetic``: the same in pairs of opposite sign, paths 2j and
        2j + 1. ``lhs``: a Latin hypercube of each block. ``sobol``: scrambled Sobol points; use a power of two of
        paths in each scrambling and take errors from several scramblings.
    scalars, series : tuple of str
        Names of the drivers drawn once a path, and of those drawn every month. A name gives its driver its stream.
    months : int
        Months of a series T.
    correlation : (k, k)
        Correlation matrix of the scalars, then the series. Between a scalar and a series it is the correlation of
        the scalar with the total of the series over all months.
    degrees_of_freedom : float
        Of the t copula; infinite for the Gaussian one.
    width : int
        Paths n of a block. The block drawn is the block computed on: the last one too is drawn whole, and what is
        not wanted of it dropped afterwards, so results do not depend on how paths are shared out.
    dtype : numpy.dtype
        Precision of the numbers, single or double. Draws of the two are not the same numbers.
    apart : tuple of (str, int)
        Names of what is drawn apart, and how many numbers of each a path takes. They are correlated with nothing and
        take no dimension of the points, so that all other draws are the same with and without them.
    """

    seed: int
    sampler: Sampler
    scalars: tuple[str, ...]
    series: tuple[str, ...]
    months: int
    correlation: FloatArray
    degrees_of_freedom: float = np.inf
    width: int = BLOCK
    dtype: DTypeLike = np.float64
    apart: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        _check_drivers(self)
        _check_numbers(self)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Groups of correlated drivers, with their factors."""
        return groups(self.correlation, len(self.scalars))


@dataclass(frozen=True)
class Draws:
    """One block of draws.

    Attributes
    ----------
    scalars : (k1, n)
        Standard normal scores, one a path.
    series : (T, k2, n)
        Standard normal innovations; those of a series are independent of one another.
    apart : dict of (m, n)
        Standard normal scores of what is drawn apart, by name.
    """

    scalars: FloatArray
    series: FloatArray
    apart: dict[str, FloatArray] = field(default_factory=dict)


def _check_drivers(plan: Plan) -> None:
    """Refuse names that are not unique, and a matrix that is not a correlation matrix of them."""
    names = (*plan.scalars, *plan.series)
    matrix = plan.correlation
    every = (*names, *(name for name, _ in plan.apart))
    if len(set(every)) < len(every):
        raise AssumptionError(f"drivers {sorted({name for name in every if every.count(name) > 1})} are named twice")
    if matrix.shape != (len(names), len(names)):
        raise ShapeError(f"correlation has shape {matrix.shape}, for {len(names)} drivers")
    if not (np.all(np.diag(matrix) == 1.0) and np.array_equal(matrix, matrix.T) and np.all(np.abs(matrix) <= 1.0)):
        raise AssumptionError("correlation must be symmetric, with ones on its diagonal and nothing beyond -1 to 1")
    if least_eigenvalue(matrix) < -NEGLIGIBLE:
        raise AssumptionError("correlation has a negative eigenvalue: repair it with nearest_correlation")


def _check_numbers(plan: Plan) -> None:
    """Refuse numbers out of range."""
    if plan.sampler not in ("philox", "sobol", "lhs", "antithetic"):
        raise AssumptionError(f"sampler {plan.sampler!r} is none of philox, sobol, lhs, antithetic")
    if plan.seed < 0 or plan.months < 0 or plan.width < 1:
        raise AssumptionError(f"seed {plan.seed}, months {plan.months} or width {plan.width} is below its least")
    if plan.series and plan.months == 0:
        raise AssumptionError("series are drawn for no months: give some, or no series")
    if plan.sampler == "antithetic" and plan.width % 2:
        raise AssumptionError(f"width {plan.width} is odd, which leaves a path without its antithetic one")
    if plan.sampler == "sobol" and plan.width & (plan.width - 1):
        raise AssumptionError(f"width {plan.width} is not a power of two, which Sobol points need")
    if not plan.degrees_of_freedom > 0.0:
        raise AssumptionError(f"degrees of freedom {plan.degrees_of_freedom} are not above zero")
    if np.dtype(plan.dtype) not in (np.float32, np.float64):
        raise AssumptionError(f"precision {np.dtype(plan.dtype)} is neither single nor double")


def draw(plan: Plan, scrambling: int, block: int) -> Draws:
    """Draws of one block.

    A pure function: the same plan, scrambling and block give the same bits, whatever else was drawn before or
    elsewhere. Each driver has its own stream, keyed by its name, so adding one changes no number of those that are
    uncorrelated with it, except that with Sobol points it shifts the dimensions of those after it.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    scrambling : int
        Number of the independent replicate, zero or above.
    block : int
        Number of the block in it, zero or above.

    Returns
    -------
    Draws
        Scores and innovations of `width` paths.

    Notes
    -----
    Method, section 6.
    """
    if scrambling < 0 or block < 0:
        raise AssumptionError(f"scrambling {scrambling} or block {block} is below zero")
    place = Place(plan.seed, scrambling, block)
    leading = _leading(plan, place)
    scalars = np.empty((len(plan.scalars), plan.width), dtype=plan.dtype)
    ready = len(leading.scalars)
    scalars[:ready] = leading.scalars
    for row, name in enumerate(plan.scalars[ready:], start=ready):
        scalars[row] = _normals(plan, place, name, 1)[0]
    series = np.empty((plan.months, len(plan.series), plan.width), dtype=plan.dtype)
    for row, name in enumerate(plan.series):
        innovations = _normals(plan, place, name, plan.months)
        if leading.components and len(leading.components[row]):
            replace_components(innovations, leading.components[row])
        series[:, row] = innovations
    correlate(plan.groups, scalars, series, mixture(plan.degrees_of_freedom, leading.mixing))
    return Draws(scalars, series, {name: _normals(plan, place, name, rows) for name, rows in plan.apart})


def _normals(plan: Plan, place: Place, name: str, rows: int) -> FloatArray:
    """Independent normals of one driver, shape (rows, n)."""
    random = stream(place, Use.NORMALS, name)
    if plan.sampler == "antithetic":
        return mirrored(standard_normals(random, (rows, plan.width // 2), plan.dtype))
    return standard_normals(random, (rows, plan.width), plan.dtype)


def _leading(plan: Plan, place: Place) -> Leading:
    """What the sampler draws better than at random, and the uniforms to mix by."""
    if plan.sampler == "sobol":
        return sobol_leading(place, plan.width, len(plan.scalars), len(plan.series), plan.months)
    if plan.sampler == "lhs":
        return lhs_leading(place, plan.width, plan.scalars, plan.series, plan.months)
    random = stream(place, Use.MIXING)
    if plan.sampler == "antithetic":
        # Both paths of a pair share it: mixing has no sign.
        mixing = mirrored(random.random(plan.width // 2), 1.0)
    else:
        mixing = random.random(plan.width)
    return Leading(inside(mixing), np.empty((0, plan.width)), ())


def kept(paths: int, block: int, width: int = BLOCK) -> slice:
    """Paths of a block that belong to a run of so many, to be taken of its results on the case axis.

    Parameters
    ----------
    paths : int
        Paths of one scrambling.
    block : int
        Number of the block.
    width : int
        Paths of a block.
    """
    return slice(0, max(min(paths - block * width, width), 0))
