"""Shares of the variance of an outcome that inputs, or groups of them, explain: Sobol indices.

Indices need independent inputs. Inputs that move together are exchanged together: the groups are independent of each
other, and the index of a group is that of all its inputs, correlations within it included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from valuation.errors import NoSolutionError, ShapeError
from valuation.statistics.intervals import LEVEL, Estimate, proper
from valuation.timeline import CASE, FloatArray, IntArray

RESAMPLES = 999
"""Resamples of a bootstrap interval; one less than a thousand puts its ends on whole ranks."""


@dataclass(frozen=True)
class Indices:
    """Sobol indices of one outcome.

    Attributes
    ----------
    first : Estimate
        Share of the variance that a group explains alone, shape (g,).
    total : Estimate
        Share that is left if all but the group is known: alone and with others, shape (g,).
    """

    first: Estimate
    total: Estimate


def exchanged(own: FloatArray, other: FloatArray, groups: Sequence[int]) -> Iterator[FloatArray]:
    """Inputs with those of one group taken from the other sample, group after group.

    Parameters
    ----------
    own, other : numpy.ndarray
        Two independent samples of the inputs, shape (d, ..., n).
    groups : sequence of int
        Label of the group of each of the ``d`` inputs; inputs that are correlated share one.

    Yields
    ------
    numpy.ndarray
        Shape (d, ..., n), in ascending order of the labels.

    Notes
    -----
    Method, section 5.8; Saltelli and others (2010).
    """
    labels = np.asarray(groups)
    if own.shape != other.shape or labels.shape != own.shape[:1]:
        raise ShapeError(f"{labels.size} labels and samples of shapes {own.shape} and {other.shape} do not fit")
    for label in np.unique(labels):
        mixed = own.copy()
        mixed[labels == label] = other[labels == label]
        yield mixed


def sobol_indices(
    own: FloatArray,
    other: FloatArray,
    mixed: FloatArray,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Indices:
    r"""First-order and total indices from outcomes at three kinds of points.

    .. math::
        S_i = \frac{V[E(Y \mid x_i)]}{V(Y)}, \qquad S_{T,i} = \frac{E[V(Y \mid x_{\sim i})]}{V(Y)}

    Parameters
    ----------
    own, other : numpy.ndarray
        Outcomes at two independent samples of the inputs, shape (n,); ``n`` a power of two.
    mixed : numpy.ndarray
        Outcomes at the points of `exchanged`, two groups or more, shape (g, n).
    seed : int
        Of the bootstrap.
    resamples : int
        Resamples of the bootstrap.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Indices
        With percentile intervals; 0 for an outcome that does not vary. Estimates of small indices may be negative.

    Notes
    -----
    Method, section 5.8: the estimators of Saltelli and others (2010) and Jansen (1999). Points of a quasi-random
    sequence make the intervals too wide, for the bootstrap takes them as independent; `intervals.combine` of the
    indices of independent scramblings is sharper.
    """
    paths = own.size
    if paths < 2 or paths & (paths - 1) or own.shape != (paths,) or other.shape != own.shape:
        raise ShapeError(f"outcomes of shapes {own.shape} and {other.shape} are not two of one power of two of points")
    if len(mixed) < 2 or mixed.shape != (len(mixed), paths):
        raise ShapeError(f"outcomes of shape {mixed.shape} are not of two groups or more; one group explains all")
    if not all(np.isfinite(part).all() for part in (own, other, mixed)):
        raise NoSolutionError("outcomes that are not finite have no variance to share out")

    def both(chosen: IntArray) -> FloatArray:
        values: dict[Literal["f_A", "f_B", "f_AB"], FloatArray]
        values = {"f_A": own[None, chosen], "f_B": other[None, chosen], "f_AB": mixed[:, None, chosen]}
        found = stats.sobol_indices(func=values, n=paths)
        return np.stack([found.first_order, found.total_order])

    everything = np.arange(paths)
    generator = np.random.default_rng(seed)
    drawn = np.stack([both(generator.integers(paths, size=paths)) for _ in range(resamples)], axis=CASE)
    tail = (1.0 - proper(level, "level")) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=CASE, method="weibull")
    error = drawn.std(axis=CASE, ddof=1)
    value = both(everything)
    first, total = (Estimate(value[row], error[row], low[row], high[row], paths) for row in range(2))
    return Indices(first, total)
