"""Dependence between drivers: correlation matrices, their repair, and how they are laid on independent numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from valuation.timeline import TIME, FloatArray, IntArray

MOST_PROJECTIONS = 10_000
"""Alternating projections at most; they converge linearly, in some tens for a matrix that is slightly off."""
SETTLED = 1e-12
"""Change of an entry between projections below which they have converged."""
NEGLIGIBLE = 1e-10
"""Size of a negative eigenvalue that rounding explains."""


@dataclass(frozen=True)
class Group:
    """Drivers that are correlated with one another and with no others.

    Attributes
    ----------
    scalars, series : (k1,) and (k2,)
        Their rows among the scalar drivers and among the series.
    joint : (k1 + k2, k1 + k2)
        Lower triangular factor of their correlation matrix, scalars first.
    within : (k2, k2)
        Lower triangular factor of that of the series alone.
    """

    scalars: IntArray
    series: IntArray
    joint: FloatArray
    within: FloatArray

    @property
    def alone(self) -> bool:
        """Whether there is nobody to be correlated with."""
        return len(self.joint) == 1


@dataclass(frozen=True)
class Mixture:
    """Mixing of a t copula.

    Attributes
    ----------
    degrees_of_freedom : float
        Of the t distribution.
    scale : (n,)
        Root of the degrees of freedom over a chi-square variable with as many, one a path.
    """

    degrees_of_freedom: float
    scale: FloatArray


def lower_factor(correlation: FloatArray) -> FloatArray:
    r"""Lower triangular :math:`L` with :math:`L L' = R`, also where :math:`R` is singular.

    Parameters
    ----------
    correlation : numpy.ndarray
        Positive semidefinite matrix :math:`R`, shape (k, k).

    Returns
    -------
    numpy.ndarray
        Cholesky's factor; for a singular matrix the triangular factor of its root, shape (k, k).

    Notes
    -----
    Method, section 6.
    """
    try:
        return np.asarray(np.linalg.cholesky(correlation), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(correlation)
        _, triangle = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T)
        return np.asarray((triangle * np.where(np.diag(triangle) < 0.0, -1.0, 1.0)[:, None]).T, dtype=np.float64)


def least_eigenvalue(correlation: FloatArray) -> float:
    """Smallest eigenvalue of a symmetric matrix, shape (k, k); 0 for a matrix of no rows."""
    return float(np.linalg.eigvalsh(correlation)[0]) if correlation.size else 0.0


def nearest_correlation(matrix: FloatArray) -> tuple[FloatArray, float]:
    """Nearest correlation matrix to a symmetric one that is not positive semidefinite, in the Frobenius norm.

    Alternating projections on the positive semidefinite matrices and on those of unit diagonal, with Dykstra's
    correction of the first; a last scaling makes the diagonal one to the bit.

    Parameters
    ----------
    matrix : numpy.ndarray
        Correlations as estimated or stated, shape (k, k).

    Returns
    -------
    repaired : numpy.ndarray
        Shape (k, k); the matrix itself where it needs no repair.
    change : float
        Largest change of an entry.

    Notes
    -----
    Higham (2002), *Computing the nearest correlation matrix: a problem from finance*, algorithm 3.3.
    """
    if np.all(np.diag(matrix) == 1.0) and least_eigenvalue(matrix) >= -NEGLIGIBLE:
        return matrix, 0.0
    closest, correction = (matrix + matrix.T) / 2.0, np.zeros_like(matrix)
    for _ in range(MOST_PROJECTIONS):
        corrected = closest - correction
        values, vectors = np.linalg.eigh(corrected)
        semidefinite = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = semidefinite - corrected
        previous, closest = closest, semidefinite.copy()
        np.fill_diagonal(closest, 1.0)
        if np.abs(closest - previous).max() < SETTLED:
            break
    size = np.sqrt(np.diag(semidefinite))
    repaired = np.clip((semidefinite + semidefinite.T) / 2.0 / np.outer(size, size), -1.0, 1.0)
    np.fill_diagonal(repaired, 1.0)
    return repaired, float(np.abs(repaired - matrix).max())


def groups(correlation: FloatArray, scalars: int) -> tuple[Group, ...]:
    """Drivers parted into groups without correlation between them.

    What is not correlated is not touched, so that a new driver leaves the numbers of those it has nothing to do with
    as they were, to the bit.

    Parameters
    ----------
    correlation : numpy.ndarray
        Correlation matrix of the scalar drivers, then of the series, shape (k, k).
    scalars : int
        How many of them are scalars.

    Returns
    -------
    tuple of Group
        In the order of their first members.
    """
    linked = correlation != 0.0
    for _ in range(len(linked).bit_length()):
        linked = linked @ linked
    found = []
    for first in np.unique(linked.argmax(axis=1)) if linked.size else []:
        members = np.flatnonzero(linked[first])
        matrix = correlation[np.ix_(members, members)]
        rows = members[members < scalars]
        start = len(rows)
        joint, within = lower_factor(matrix), lower_factor(matrix[start:, start:])
        found.append(Group(rows, members[start:] - scalars, joint, within))
    return tuple(found)


def correlate(parted: tuple[Group, ...], scalars: FloatArray, series: FloatArray, mixture: Mixture | None) -> None:
    r"""Lay correlation on independent standard normal numbers, in place.

    Series are correlated month by month: :math:`z_t = L_s e_t` with :math:`L_s L_s' = R_{ss}`. The correlation of a
    scalar with a series is that with the *level* of the series, its total in units of its deviation,
    :math:`s = \sum_t z_t/\sqrt T`. With :math:`u = \sum_t e_t/\sqrt T` the level of the raw numbers and :math:`b` the
    raw scalars, scalars and levels are drawn together from the whole matrix, and the level takes its place:

    .. math::
        (a, s) = L\,(b, u), \qquad z_t = L_s e_t + \frac{s - L_s u}{\sqrt T}

    Increments stay independent over time with standard normal margins: :math:`L_s e_t - L_s u/\sqrt T` has covariance
    :math:`(I - 11'/T) \otimes R_{ss}` and is independent of :math:`u`, hence of :math:`(a, s)`; adding
    :math:`s/\sqrt T`, of covariance :math:`(11'/T) \otimes R_{ss}`, gives back :math:`I \otimes R_{ss}`.

    A t copula multiplies :math:`(a, s)` by one random scale a path and maps each back to a normal score through the t
    distribution. Each :math:`s` then is standard normal still and independent of the rest of its series, so each
    series by itself keeps independent standard normal increments; scalars and levels have the tails of the t copula
    together, those of correlation zero too.

    Parameters
    ----------
    parted : tuple of Group
        Groups of correlated drivers.
    scalars : numpy.ndarray
        Raw scalars, changed to scores, shape (k1, n).
    series : numpy.ndarray
        Raw innovations, changed, shape (T, k2, n).
    mixture : Mixture or None
        That of a t copula; None for the Gaussian one.

    Notes
    -----
    Method, section 6; McNeil, Frey and Embrechts (2015), *Quantitative Risk Management*, chapter 7.
    """
    for group in parted:
        if not group.alone or mixture is not None:
            _correlate_group(group, scalars, series, mixture)


def _correlate_group(group: Group, scalars: FloatArray, series: FloatArray, mixture: Mixture | None) -> None:
    """Correlate one group in place: scalars (k1, n) and series (T, k2, n)."""
    dtype, count, root = series.dtype, len(group.scalars), np.sqrt(max(len(series), 1))
    within = group.within.astype(dtype)
    raw = np.empty((len(group.joint), scalars.shape[1]), dtype=dtype)
    raw[:count] = scalars[group.scalars]
    for row, member in enumerate(group.series, start=count):
        raw[row] = series[:, member].sum(axis=TIME) / root
    drawn = group.joint.astype(dtype) @ raw
    if mixture is not None:
        drawn = t_scores(drawn, mixture).astype(dtype)
    scalars[group.scalars] = drawn[:count]
    # Without scalars or mixing the level drawn is the level there is.
    moved = bool(count) or mixture is not None
    shift = (drawn[count:] - within @ raw[count:]) / dtype.type(root) if moved else None
    if len(group.series):
        _mix_months(group.series, series, within, shift)


def _mix_months(members: IntArray, series: FloatArray, within: FloatArray, shift: FloatArray | None) -> None:
    """Correlate the members of series (T, k2, n) month by month in place, and move them by a shift (k, n)."""
    first, count = members[0], len(members)
    # Neighbours are reached in place, which saves a copy of them each way.
    rows = slice(first, first + count) if members[-1] - first == count - 1 else members
    mixed = np.empty((count, series.shape[2]), dtype=series.dtype)
    # Month by month, so that no temporary is larger than one month of all series.
    for month in series:
        if count > 1:
            np.matmul(within, month[rows], out=mixed)
        else:
            mixed[:] = month[rows]
        month[rows] = mixed if shift is None else np.add(mixed, shift, out=mixed)


def mixture(degrees_of_freedom: float, uniforms: FloatArray) -> Mixture | None:
    """Mixing of a t copula from uniforms strictly between 0 and 1, shape (n,); None for infinite degrees of freedom."""
    if np.isinf(degrees_of_freedom):
        return None
    half = degrees_of_freedom / 2.0
    return Mixture(degrees_of_freedom, np.asarray(np.sqrt(half / special.gammaincinv(half, uniforms))))


def t_scores(normals: FloatArray, by: Mixture) -> FloatArray:
    """Normal scores of numbers that a common scale has given a joint t distribution, shape (k, n).

    Parameters
    ----------
    normals : numpy.ndarray
        Correlated standard normal numbers, shape (k, n).
    by : Mixture
        Scale by path.
    """
    scaled = normals * by.scale
    # By way of the lower tail, which keeps its digits and treats both signs alike to the bit.
    return np.asarray(-np.sign(scaled) * special.ndtri(special.stdtr(by.degrees_of_freedom, -np.abs(scaled))))
