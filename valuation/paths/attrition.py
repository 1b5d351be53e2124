"""Devices lost by chance: counts of failures at the fiscal year-ends, at a rate that the devices of a generation share.

Everything is counted from the as-of bound. Until then failures came as expected; from then on a generation is better
or worse than expected on each path, and its devices fail one by one. What a count is expected to be is the count of
the deterministic run, whatever the quality spreads. Between two counts devices are lost in step with what was expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from valuation.draws.shocks import binomial_number
from valuation.inputs import Inputs
from valuation.precision import largest_exponent
from valuation.records import Arrays, axes, generation_rows
from valuation.stages.entry import survivors_by_age
from valuation.timeline import CASE, MONTHS_PER_YEAR, TIME, BoolArray, FloatArray, IntArray, Timeline

CERTAIN = 1e-12
"""Spread of a quality that is none; below it the quantiles of a gamma distribution lose their digits."""


@dataclass(frozen=True)
class Attrition(Arrays):
    """Devices of each cohort that are left where they are counted.

    Attributes
    ----------
    counted : tuple of int
        Bounds at which devices are counted, k of them, from the as-of bound on; the first is 0. A single one where
        chance takes no devices.
    left : (k, c, n)
        Devices left at them; before service, all of them.
    expected : (k, c, n)
        Share of the new devices of a cohort that is expected to be left at them.
    """

    counted: tuple[int, ...] = (0,)
    left: FloatArray = axes("k c n", 0.0)
    expected: FloatArray = axes("k c n", 1.0)

    @property
    def on(self) -> bool:
        """Whether devices are counted at all."""
        return len(self.counted) > 1

    def at(self, bound: int, cohorts: IntArray) -> FloatArray:
        """Devices of some cohorts (c,) left at a bound at which they are counted, or at the last of these, (c, n)."""
        row = min(int(np.searchsorted(self.counted, bound)), len(self.counted) - 1)
        return np.asarray(self.left[row, cohorts])

    @cached_property
    def _slope(self) -> FloatArray:
        """Devices lost between two counts over the share expected to be, shape (k-1, c, n)."""
        share = self.expected[:-1] - self.expected[1:]
        some = share > 0.0
        return np.asarray(np.where(some, self.left[:-1] - self.left[1:], 0.0) / np.where(some, share, 1.0))

    def along(self, cohort: int, months: range, share: FloatArray) -> FloatArray:
        """Devices of a cohort left at some bounds.

        Parameters
        ----------
        cohort : int
            The cohort, in service at all of them.
        months : range
            Bounds in a row, K of them, counted from the as-of bound.
        share : numpy.ndarray
            Share of its new devices that is expected to be left at each, shape (K, n or 1).

        Returns
        -------
        numpy.ndarray
            Shape (K, n).
        """
        found = np.empty((len(months), self.left.shape[CASE]))
        # The last stretch goes on beyond the last count, where nothing is lost any more.
        ends = (*self.counted[1:-1], months.stop)
        start = 0
        for row, end in enumerate(ends):
            stop = min(end - months.start, len(months))
            if stop > start:
                part = found[start:stop]
                np.subtract(self.expected[row, cohort], share[start:stop], out=part)
                part *= self._slope[row, cohort]
                np.subtract(self.left[row, cohort], part, out=part)
                start = stop
        return found

    def when(self, bounds: IntArray, share: FloatArray) -> FloatArray:
        """Devices of each cohort left at bounds of its own on every path.

        Parameters
        ----------
        bounds : numpy.ndarray
            Counted from the as-of bound, shape (C, n).
        share : numpy.ndarray
            Share of its new devices that is expected to be left then, shape (C, n).

        Returns
        -------
        numpy.ndarray
            Shape (C, n); at bounds before the as-of bound, what is left there.
        """
        row = np.clip(np.searchsorted(self.counted, bounds, side="right") - 1, 0, len(self.counted) - 2)[None]

        def read(table: FloatArray) -> FloatArray:
            wide = np.broadcast_to(table, (*table.shape[:CASE], row.shape[CASE]))
            return np.asarray(np.take_along_axis(wide, row, axis=TIME)[0])

        ahead = np.maximum(read(self.expected[:-1]) - share, 0.0)
        return np.asarray(read(self.left[:-1]) - ahead * read(self._slope))


def counting_bounds(timeline: Timeline) -> IntArray:
    """Bounds at which devices are counted, from the as-of bound on: that bound, the fiscal year-ends, the last bound.

    Parameters
    ----------
    timeline : Timeline
        The grid.

    Returns
    -------
    numpy.ndarray
        In ascending order, the first 0, shape (k,).
    """
    closing = timeline.closing_bounds - timeline.as_of
    return np.unique(np.concatenate([[0], closing[closing > 0], [timeline.forecast_periods]]))


def quality_spread(failure_hazard: FloatArray, life: int, concentration: float) -> FloatArray:
    r"""Variance of the shared rate of failures over the square of its mean.

    A share :math:`p` lost in a year that is as certain as :math:`c` trials has a Beta distribution of variance
    :math:`p(1 - p)/(c + 1)`, hence

    .. math:: v = \frac{1 - p}{p\,(c + 1)}

    with :math:`p` the even share that loses as many over the physical life.

    Parameters
    ----------
    failure_hazard : numpy.ndarray
        Probability of failure in the month that starts at each age, shape (A, g, n).
    life : int
        Physical life [months].
    concentration : float
        Trials :math:`c`, above zero; infinite where the rate is certain.

    Returns
    -------
    numpy.ndarray
        Shape (g, n); 0 where nothing fails or everything does.
    """
    months = min(max(life, 1), len(failure_hazard))
    alive = survivors_by_age(failure_hazard)[months]
    lost = 1.0 - alive ** (MONTHS_PER_YEAR / months)
    some = (lost > 0.0) & (lost < 1.0)
    return np.where(some, (1.0 - lost) / np.where(some, lost, 1.0) / (concentration + 1.0), 0.0)


def shared_quality(scores: FloatArray, spread: FloatArray) -> FloatArray:
    r"""Rate of failures over the one expected, with a gamma distribution of mean 1 and variance :math:`v`.

    Parameters
    ----------
    scores : numpy.ndarray
        Standard normal scores, high for many failures, shape (..., n).
    spread : numpy.ndarray
        Variance :math:`v`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (..., n); 1 to the bit without spread.

    Notes
    -----
    Vaupel, Manton and Stallard (1979), *The impact of heterogeneity in individual frailty on the dynamics of
    mortality*.
    """
    score, variance = np.broadcast_arrays(np.asarray(scores, dtype=np.float64), spread)
    quality, random = np.ones(score.shape), variance > CERTAIN
    shape = 1.0 / variance[random]
    # By the upper tail, in which the generations lie that lose most.
    quality[random] = special.gammainccinv(shape, special.ndtr(-score[random])) / shape
    return quality


def own_hazard(hazard: FloatArray, spread: FloatArray) -> FloatArray:
    r"""Hazard of devices of quality 1, added up, at which the devices of all qualities are left as expected.

    .. math:: H = \frac{e^{v \Lambda} - 1}{v}, \qquad E\,e^{-\theta H} = (1 + v H)^{-1/v} = e^{-\Lambda}

    The best devices are left over, so the rate of each must rise where what is expected of all of them is even.

    Parameters
    ----------
    hazard : numpy.ndarray
        Expected hazard added up, :math:`\Lambda`, shape (..., n).
    spread : numpy.ndarray
        Variance of the quality :math:`\theta`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (..., n).

    Notes
    -----
    Clayton (1978), *A model for association in bivariate life tables*: shared frailty with given margins.
    """
    # Beyond it next to nothing is left.
    scaled = np.minimum(spread * hazard, largest_exponent(np.float64))
    some = spread > CERTAIN
    return np.where(some, np.expm1(scaled) / np.where(some, spread, 1.0), hazard)


def count_devices(inputs: Inputs, spread: FloatArray, quality: FloatArray, scores: FloatArray) -> Attrition:
    r"""Count the devices of each cohort at the fiscal year-ends after the as-of bound.

    Of :math:`N` devices left at a count, each is left at the next one with probability
    :math:`e^{-\theta (H_{j+1} - H_j)}`, one by one. Devices known in dollars are no things that could be
    counted: of these that share is left.

    Parameters
    ----------
    inputs : Inputs
        Fleet and its failures, one case or one for each path.
    spread : numpy.ndarray
        Variance of the quality, shape (g, 1); g is 1 or one for each generation.
    quality : numpy.ndarray
        Standard normal scores of the quality of each generation, shape (G, n).
    scores : numpy.ndarray
        Standard normal scores of the numbers lost between two counts, shape (k-1, C, n).

    Returns
    -------
    Attrition
        Devices left.
    """
    owned, timeline = inputs.fleet, inputs.timeline
    counted = counting_bounds(timeline)
    expected, since = _expected(inputs, counted)
    parts, part = np.unique(owned.generation, return_inverse=True)
    spread = spread[parts if len(spread) > 1 else np.zeros_like(parts)]
    shared = shared_quality(quality[parts], spread)[part]
    hazard = own_hazard(-np.log(_since_first(expected)), spread[part])
    left = np.empty((len(counted), len(part), shared.shape[CASE]))
    left[0] = owned.units * expected[0] / since
    whole = owned.calibrated == 0
    # What is expected at the as-of bound is no whole number: each device counted stands for a little more or less.
    first = devices = np.where(whole[:, None], np.maximum(np.rint(left[0]), 1.0), 1.0)
    for step, score in enumerate(scores):
        fails = -np.expm1(-shared * (hazard[step + 1] - hazard[step]))
        fails = np.where(expected[step + 1] > 0.0, fails, 1.0)
        devices = _fewer(devices, score, fails, whole)
        left[step + 1] = left[0] * (devices / first)
    return Attrition(tuple(counted.tolist()), left, expected)


def _since_first(expected: FloatArray) -> FloatArray:
    """Share of the devices of the first count that is expected to be left at each, never quite nothing, (k, C, n)."""
    some = expected[:1] > 0.0
    return np.maximum(np.where(some, expected, 1.0) / np.where(some, expected[:1], 1.0), np.finfo(np.float64).tiny)


def _fewer(devices: FloatArray, score: FloatArray, fails: FloatArray, whole: BoolArray) -> FloatArray:
    """Devices left at the next count, shape (C, n): whole numbers of those that can be counted."""
    left = devices * (1.0 - fails)
    # Only where something may fail: most of a fleet is new or gone in most years.
    moving = np.flatnonzero(whole & (fails > 0.0).any(axis=CASE) & (devices > 0.0).any(axis=CASE))
    left[moving] = devices[moving] - binomial_number(score[moving], devices[moving], fails[moving])
    return np.asarray(left)


def _expected(inputs: Inputs, counted: IntArray) -> tuple[FloatArray, FloatArray]:
    """Share of new devices expected to be left at the counts, (k, C, n or 1), and at the first bound of the grid."""
    owned, table = inputs.fleet, survivors_by_age(inputs.silicon.failure_hazard)
    row = generation_rows(table, owned.generation)
    oldest = table.shape[TIME] - 1
    age = np.clip(counted[:, None] + inputs.timeline.as_of - owned.in_service, 0, oldest)
    return np.asarray(table[age, row]), np.asarray(table[np.clip(-owned.in_service, 0, oldest), row])
