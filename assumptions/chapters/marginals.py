"""Distributions of single assumptions: those of scipy by name, cut off where asked, and the PERT of a range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import inf, isclose, isnan
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from assumptions.door.messages import refuse, short
from valuation.timeline import FloatArray

if TYPE_CHECKING:
    from scipy import stats
    from scipy.interpolate import PPoly

NONE, PERT = "none", "pert"
BETA = "beta"
WEIGHT_OF_MODE = 4.0
"""Weight of the most likely value against one end in the mean of a PERT distribution (Malcolm and others, 1959)."""
FARTHEST_SCORE, KNOTS, DEGREE = 9.0, 1025, 5
"""Scores between which quantiles of a PERT distribution are interpolated, at how many of them they are worked out, and
the degree of the spline between: it is off by less than 1e-14 of the range (tests), at a twentieth of the cost."""
ROUNDING = 1e-14
"""Of a range, relative."""
TABLES = 256
"""Splines kept."""
EXAMPLES = "a continuous distribution of scipy.stats such as lognorm, truncnorm or triang; pert; none"


@dataclass(frozen=True)
class Marginal:
    """Distribution of one assumption, ready to be drawn from.

    Attributes
    ----------
    family : str
        Name in scipy.stats.
    shape : tuple of float
        Shape parameters.
    loc, scale : float
        Location and scale; at a scale of zero every draw is the location.
    low, high : float
        Ends of the support after it is cut off; infinite where there is none.
    """

    family: str
    shape: tuple[float, ...]
    loc: float
    scale: float
    low: float
    high: float

    def ppf(self, probability: FloatArray) -> FloatArray:
        """Quantiles.

        Parameters
        ----------
        probability : numpy.ndarray
            Between 0 and 1, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,), between the ends.
        """
        if self.scale == 0.0 or self.low == self.high:
            return np.full(np.shape(probability), self.loc if self.scale == 0.0 else self.low)
        found, place = _family(self.family), {"loc": self.loc, "scale": self.scale}
        below, above = (found.cdf(end, *self.shape, **place) for end in (self.low, self.high))
        quantiles = found.ppf(below + probability * (above - below), *self.shape, **place)
        return np.asarray(np.clip(quantiles, self.low, self.high), dtype=np.float64)

    def at_scores(self, scores: FloatArray) -> FloatArray:
        """Quantiles at the probabilities of normal scores, in which those of a range are smooth.

        Parameters
        ----------
        scores : numpy.ndarray
            Standard normal, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,), between the ends.
        """
        if not self._is_range or np.abs(scores).max(initial=0.0) > FARTHEST_SCORE:
            return self.ppf(special.ndtr(scores))
        quantiles = self.loc + self.scale * _of_beta(self.shape)(scores)
        return np.asarray(np.clip(quantiles, self.low, self.high), dtype=np.float64)

    @property
    def _is_range(self) -> bool:
        """Whether it is a beta distribution as ranges have it, and not cut off."""
        most = self.loc + self.scale
        whole = self.low == self.loc and self.scale > 0.0 and isclose(self.high, most, abs_tol=ROUNDING * self.scale)
        return self.family == BETA and whole and all(1.0 <= part <= 1.0 + WEIGHT_OF_MODE for part in self.shape)


@lru_cache(maxsize=TABLES)
def _of_beta(shape: tuple[float, ...]) -> PPoly:
    """Quantiles of a beta distribution on 0 to 1 by normal score."""
    from scipy import interpolate

    found, knots = _family(BETA), np.linspace(-FARTHEST_SCORE, FARTHEST_SCORE, KNOTS)
    # Each half from its own end, where probabilities keep their digits.
    values = np.where(knots < 0.0, found.ppf(special.ndtr(knots), *shape), found.isf(special.ndtr(-knots), *shape))
    return interpolate.PPoly.from_spline(interpolate.make_interp_spline(knots, values, k=DEGREE).tck)


def pert(low: float | None, mode: float, high: float | None) -> Marginal:
    """Beta distribution over a range, most likely at a value; an end that is missing or beyond the value is the value.

    Ends of ranges are single rows of evidence, mostly the least and the greatest, so they get less weight than in a
    triangular distribution.

    Parameters
    ----------
    low, high : float or None
        Ends.
    mode : float
        Most likely value.
    """
    least, most = (mode if low is None else min(low, mode)), (mode if high is None else max(high, mode))
    width = most - least
    if width == 0.0:
        return Marginal(BETA, (1.0, 1.0), mode, 0.0, mode, mode)
    place = (mode - least) / width
    shape = (1.0 + WEIGHT_OF_MODE * place, 1.0 + WEIGHT_OF_MODE * (1.0 - place))
    return Marginal(BETA, shape, least, width, least, most)


def scipy_marginal(
    name: str,
    shape: tuple[float, ...],
    place: tuple[float, float],
    cut: tuple[float | None, float | None],
) -> Marginal:
    """Distribution of scipy.stats, cut off where asked.

    Parameters
    ----------
    name : str
        Its name.
    shape : tuple of float
        Shape parameters.
    place : tuple of float
        Location and scale.
    cut : tuple
        Ends, None where it is not cut.

    Raises
    ------
    ValueRefusedError
        If there is no such distribution, its parameters are not allowed, or nothing is left between the ends.
    """
    found, (loc, scale) = _family(name), place
    wanted = [part.strip() for part in (found.shapes or "").split(",") if part.strip()]
    if len(shape) != len(wanted):
        what = f"{name} with {len(shape)} shape parameters"
        raise refuse(what, f"{len(wanted)} of them", f"write shape = [{', '.join(wanted)}]")
    start, end = (loc, loc) if scale == 0.0 else map(float, found.support(*shape, loc=loc, scale=scale))
    if isnan(start) or isnan(end):
        raise refuse(f"{name} with shape {list(shape)}", f"shapes for which {name} exists", "correct the shape")
    low, high = (start if cut[0] is None else max(start, cut[0])), (end if cut[1] is None else min(end, cut[1]))
    kept = low <= high and (low == high or scale == 0.0 or _between(found, shape, place, (low, high)) > 0.0)
    if not kept:
        what = f"nothing of {name} lies between low {_told(cut[0])} and high {_told(cut[1])}"
        raise refuse(what, "ends with some probability between them", "move them")
    return Marginal(name, shape, loc, scale, low, high)


def _between(
    found: stats.rv_continuous, shape: tuple[float, ...], place: tuple[float, float], ends: tuple[float, float]
) -> float:
    """Probability between two ends."""
    low, high = (float(found.cdf(end, *shape, loc=place[0], scale=place[1])) for end in ends)
    return high - low


def _told(end: float | None) -> str:
    return "none" if end is None or abs(end) == inf else f"{end:.15g}"


def _family(name: str) -> stats.rv_continuous:
    """Distribution of scipy.stats by its name."""
    # What a case needs most are ranges, and the package is slow to load.
    from scipy import stats

    found = getattr(stats, name, None)
    if isinstance(found, stats.rv_continuous):
        return found
    if isinstance(found, stats.rv_discrete):
        raise refuse(f"{name} is discrete", EXAMPLES, "name a continuous one")
    if hasattr(found, "rvs"):
        raise refuse(f"{name} has no quantiles (ppf) of a single number", EXAMPLES, "name another")
    raise refuse(f"{short(name)} is no distribution", EXAMPLES, "name one")
