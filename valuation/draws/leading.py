"""Evenly spread points for the dimensions that matter most: scalar drivers and leading principal components."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from valuation.draws.streams import Place, Use, stream
from valuation.errors import AssumptionError
from valuation.timeline import FloatArray

DIMENSIONS = 64
"""Dimensions of the Sobol points. Always all of them, so that a driver more does not rescramble the others."""
DIGITS = 30
"""Binary digits of a Sobol coordinate, hence 2^30 points at most in a scrambling."""
STRATIFIED_COMPONENTS = 8
"""Components of each series that a Latin hypercube stratifies; they carry 97 % of the variance of its sum."""
EDGE = float(np.finfo(np.float64).epsneg)
"""Distance that uniforms keep from 0 and 1, so that their normal scores are finite."""
# Entries of the caches; those of the scramblings hold some 4 MB of points in all.
SCRAMBLINGS_KEPT = 16
JUMPS_KEPT = 512
GRIDS_KEPT = 8

DigitArray = NDArray[np.uint32]


@dataclass(frozen=True)
class Leading:
    """What a point set gives in place of pseudo-random numbers.

    Attributes
    ----------
    mixing : (n,)
        Uniforms of the variable that a t copula mixes by.
    scalars : (k, n)
        Standard normal scores of the first k scalar drivers.
    components : tuple of (m, n)
        Standard normal scores of the first m principal components of each series.
    """

    mixing: FloatArray
    scalars: FloatArray
    components: tuple[FloatArray, ...]


@lru_cache(maxsize=GRIDS_KEPT)
def principal_directions(months: int) -> FloatArray:
    r"""Orthogonal matrix from the principal components of a random walk to its increments.

    With :math:`C` the lower triangle of ones, the walk is :math:`W = C z = V \Lambda^{1/2} \xi`, where
    :math:`C C' = V \Lambda V'`. Hence :math:`z = Q \xi` with :math:`Q = C^{-1} V \Lambda^{1/2}`, whose columns are the
    right singular vectors of :math:`C`, in closed form

    .. math:: Q_{jk} = \frac{2}{\sqrt{2T + 1}} \cos\frac{(2j - 1)(2k - 1)\pi}{2(2T + 1)}

    Parameters
    ----------
    months : int
        Length of the walk :math:`T`.

    Returns
    -------
    numpy.ndarray
        The matrix, read only, component of largest variance first, shape (T, T).

    Notes
    -----
    Acworth, Broadie and Glasserman (1998), *A comparison of some Monte Carlo and quasi Monte Carlo techniques for
    option pricing*; the discrete cosine transform VIII.
    """
    odd = 2.0 * np.arange(months) + 1.0
    size = 2.0 * months + 1.0
    directions = np.asarray(2.0 / np.sqrt(size) * np.cos(np.outer(odd, odd) * np.pi / (2.0 * size)))
    directions.setflags(write=False)
    return directions


def replace_components(innovations: FloatArray, components: FloatArray) -> None:
    r"""Put given leading principal components into innovations, which keep their other components.

    .. math:: z \leftarrow z + Q_m (\xi_m - Q_m' z)

    It costs :math:`m/T` of the whole rotation :math:`Q\xi` and has the same distribution.

    Parameters
    ----------
    innovations : numpy.ndarray
        Independent standard normal innovations of a series, changed in place, shape (T, n).
    components : numpy.ndarray
        Standard normal scores of the first components, shape (m, n).
    """
    directions = principal_directions(len(innovations))[:, : len(components)].astype(innovations.dtype)
    innovations += directions @ (components.astype(innovations.dtype) - directions.T @ innovations)


def sobol_leading(place: Place, width: int, scalars: int, series: int, months: int) -> Leading:
    """Scores from scrambled Sobol points.

    The first dimension is the mixing variable's, used or not, so that a t copula moves no other; then come the scalar
    drivers in their order, then the components: the first of every series, the second of every series, and so on.

    Parameters
    ----------
    place : Place
        Seed, scrambling and block.
    width : int
        Points of a block, a power of two.
    scalars, series, months : int
        Scalar drivers, series and months of a series.

    Returns
    -------
    Leading
        Scores of as many drivers and components as there are dimensions.
    """
    points = sobol_points(place, width)
    of_scalars = points[1 : 1 + scalars]
    left = points[1 + scalars :]
    per_series = (special.ndtri(left[row::series][:months]) for row in range(series))
    return Leading(points[0], np.asarray(special.ndtri(of_scalars)), tuple(per_series))


def sobol_points(place: Place, width: int) -> FloatArray:
    r"""One block of scrambled Sobol points.

    Point :math:`i` is the exclusive or of the scrambling's shift and of the direction numbers at the binary digits of
    the Gray code :math:`i \oplus \lfloor i/2 \rfloor`, which is linear in the digits of :math:`i`. A later block is
    therefore the first one with one number a dimension added by exclusive or, itself put together from those of the
    blocks 1, 2, 4, ... Skipping to it point by point would take time in proportion to its number.

    Parameters
    ----------
    place : Place
        Seed, scrambling and block.
    width : int
        Points of a block, a power of two.

    Returns
    -------
    numpy.ndarray
        Centres of their cells, between 0 and 1 and never at them, shape (64, n).

    Notes
    -----
    Sobol (1967); scrambling by Matousek (1998) as `scipy.stats.qmc` has it; order by Antonov and Saleev (1979).
    """
    if (place.block + 1) * width > 2**DIGITS:
        raise AssumptionError(f"block {place.block} of {width} Sobol points is beyond the 2^{DIGITS} there are")
    offset = np.zeros((DIMENSIONS, 1), dtype=np.uint32)
    for step in range(place.block.bit_length()):
        if place.block >> step & 1:
            offset ^= _jump(place.seed, place.scrambling, width, step)
    digits = _first_points(place.seed, place.scrambling, width) ^ offset
    return np.asarray((digits + 0.5) / 2.0**DIGITS)


@lru_cache(maxsize=SCRAMBLINGS_KEPT)
def _first_points(seed: int, scrambling: int, width: int) -> DigitArray:
    """Digits of the points of block 0, shape (64, n)."""
    return _sobol_digits(seed, scrambling, 0, width)


@lru_cache(maxsize=JUMPS_KEPT)
def _jump(seed: int, scrambling: int, width: int, step: int) -> DigitArray:
    """What moves block 0 to block 2^step, shape (64, 1)."""
    return _sobol_digits(seed, scrambling, width << step, 1) ^ _first_points(seed, scrambling, width)[:, :1]


def _sobol_digits(seed: int, scrambling: int, first: int, count: int) -> DigitArray:
    """Digits of some consecutive points, shape (64, count)."""
    # Loading scipy's statistics takes longer than many a run, and no other sampler needs them.
    from scipy.stats import qmc

    engine = qmc.Sobol(DIMENSIONS, bits=DIGITS, rng=stream(Place(seed, scrambling, 0), Use.SCRAMBLING))
    if first:
        engine.fast_forward(first)
    return np.ascontiguousarray((engine.random(count).T * 2.0**DIGITS).astype(np.uint32))


def lhs_leading(place: Place, width: int, scalars: tuple[str, ...], series: tuple[str, ...], months: int) -> Leading:
    """Scores from a Latin hypercube of one block.

    Every scalar driver and the leading components of every series fall once into each of n equally likely strata. It
    is a hypercube of a block and not of a scrambling: blocks stay independent of one another and of their number, and
    the error of what adds up over the dimensions is already n^2 times smaller in variance than a plain sample's.

    Parameters
    ----------
    place : Place
        Seed, scrambling and block.
    width : int
        Paths of a block, which are its strata.
    scalars, series : tuple of str
        Names of the drivers; each has its own stream.
    months : int
        Months of a series.

    Returns
    -------
    Leading
        Scores of all scalar drivers and of 8 components of each series.

    Notes
    -----
    McKay, Beckman and Conover (1979), *A comparison of three methods for selecting values of input variables*.
    """
    rows = min(STRATIFIED_COMPONENTS, months)
    of_scalars = [strata(stream(place, Use.STRATA, name), 1, width) for name in scalars]
    per_series = (special.ndtri(strata(stream(place, Use.STRATA, name), rows, width)) for name in series)
    scores = special.ndtri(np.concatenate([np.empty((0, width)), *of_scalars]))
    return Leading(strata(stream(place, Use.MIXING), 1, width)[0], np.asarray(scores), tuple(per_series))


def strata(random: np.random.Generator, rows: int, width: int) -> FloatArray:
    """Uniforms that fall once into each of n equal strata, in random order, in every row, shape (rows, n)."""
    order = random.permuted(np.tile(np.arange(width), (rows, 1)), axis=1)
    return inside((order + random.random((rows, width))) / width)


def inside(uniforms: FloatArray) -> FloatArray:
    """Uniforms of any shape kept off 0 and 1, where their normal scores would be infinite."""
    return np.asarray(np.clip(uniforms, EDGE, 1.0 - EDGE))
