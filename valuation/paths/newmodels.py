"""New models on random paths: when they strand the devices of each cohort, and what work those then have.

Changes of each kind arrive by chance, from the as-of bound on, and a part cannot follow some of them. A change that a
part cannot follow is harder than one it can, so that in the same month it strands whatever follows fewer of that kind.
All devices of a part that are in service when one comes are stranded together; those that enter later serve the new
models. Until the as-of bound, and where no arrivals are drawn, shares of the devices are what is expected of their age.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike
from scipy import special

from valuation.inputs import Inputs
from valuation.paths.dates import Places
from valuation.precision import in_precision
from valuation.records import Arrays, axes, generation_rows, of_paths
from valuation.silicon.stranding import Work
from valuation.timeline import CASE, TIME, FloatArray, IntArray


@dataclass(frozen=True)
class Strandings(Arrays):
    """When a new model first strands the devices of each cohort.

    Attributes
    ----------
    drawn : bool
        Whether arrivals are drawn at all.
    month : (c, n)
        Months from the as-of bound, after the cohort enters service; infinite where none does.
    """

    drawn: bool = False
    month: FloatArray = axes("c n", np.inf)


def first_strandings(inputs: Inputs, scores: FloatArray) -> Strandings:
    r"""Strandings by arrivals of a Poisson process each month.

    In every month and for every kind of change a gap is drawn, :math:`E = -\ln \Phi(-z)`. A part that is stranded by
    :math:`\lambda` of them a month is so at the share :math:`E/\lambda` of that month, where this is at most 1. What
    comes after the first in a month strands nothing more, so no arrival is left out.

    Parameters
    ----------
    inputs : Inputs
        Fleet, and arrivals that strand each part.
    scores : numpy.ndarray
        Standard normal scores :math:`z` by kind of change and month after the as-of bound, shape (k, H, n).

    Returns
    -------
    Strandings
        Months of shape (C, n).

    Notes
    -----
    Method, section 4.4: a class is stranded by an arrival with the probability of not absorbing it. The gaps of a
    Poisson process have no memory, so one may be drawn anew each month.
    """
    fleet, rates = inputs.fleet, inputs.silicon.fatal_arrivals
    gaps = -special.log_ndtr(-scores.astype(np.float64))
    month = np.full((len(fleet.generation), scores.shape[CASE]), np.inf)
    entry = np.maximum(fleet.in_service - inputs.timeline.as_of, 0)
    for part in np.unique(fleet.generation).tolist():
        rate = rates[:, part if rates.shape[1] > 1 else 0]
        if rate.any():
            own = np.flatnonzero(fleet.generation == part)
            month[own] = _next(gaps, rate)[np.minimum(entry[own], scores.shape[1])]
    return Strandings(True, month)


def _next(gaps: FloatArray, rate: FloatArray) -> FloatArray:
    """Month of the first arrival after each bound, shape (H+1, n), from gaps (k, H, n) and arrivals a month (k, n)."""
    horizon = gaps.shape[1]
    found = np.full((horizon + 1, gaps.shape[CASE]), np.inf)
    for before in range(horizon - 1, -1, -1):
        comes = gaps[:, before] <= rate
        within = gaps[:, before] / np.where(rate > 0.0, rate, 1.0)
        here = np.where(comes, before + within, np.inf).min(axis=TIME)
        np.minimum(here, found[before + 1], out=found[before])
    return found


@dataclass(frozen=True)
class PathWork:
    """Work of the devices of a fleet on the paths of a block.

    Parameters
    ----------
    inputs : Inputs
        Fleet and silicon.
    strandings : Strandings
        When new models strand the devices of each cohort.
    precision : numpy.dtype
        Of what is expected of it.
    """

    inputs: Inputs
    strandings: Strandings
    precision: DTypeLike

    @property
    def strands(self) -> bool:
        """Whether any device is ever stranded."""
        return self.inputs.silicon.stranding.strands

    def shares(self, cohorts: IntArray, months: IntArray) -> tuple[FloatArray, FloatArray]:
        """Shares of the devices of some cohorts serving and in old work, as it comes.

        Parameters
        ----------
        cohorts : numpy.ndarray
            Cohorts, shape (c,).
        months : numpy.ndarray
            Bounds from the as-of bound on, shape (K,).

        Returns
        -------
        serving, legacy : numpy.ndarray
            Shape (K, c, n or 1).
        """
        months = months[:, None]
        if not self.strandings.drawn:
            return self._tables(cohorts, months)
        start = self._start(cohorts)
        since = np.maximum(months - self._entry[cohorts], 0)[..., None]
        return self._left(start, self.strandings.month[cohorts], since, months[..., None], self._fade)

    def _at_places(self, places: Places) -> tuple[FloatArray, FloatArray]:
        """Shares of devices, each on a path and at a bound of its own, serving and in old work, shape (m,)."""
        cohort, path, at = places.cohort, places.path, places.at
        if not self.strandings.drawn:
            serving, legacy = self._tables(cohort, at)
            return _of_paths(serving, path), _of_paths(legacy, path)
        start = tuple(_of_paths(each, path) for each in self._start(cohort))
        since, struck = np.maximum(at - self._entry[cohort], 0), self.strandings.month[cohort, path]
        return self._left((start[0], start[1]), struck, since, at, of_paths(self._fade, path))

    def expected(self, cohorts: IntArray, at: int) -> Work | None:
        """What is expected at a bound of the work of some cohorts (c,) in service then; None where nothing strands."""
        if not self.strands:
            return None
        serving, legacy = (each[0] for each in self.shares(cohorts, np.array([at])))
        return in_precision(Work(serving, legacy, *self.new, self._fade), self.precision)

    def expected_at_places(self, places: Places, new: tuple[FloatArray, FloatArray]) -> Work | None:
        """What is expected of the work of devices (m,), from tables (a, 1, m or 1) of new ones; None as above."""
        if not self.strands:
            return None
        serving, legacy = self._at_places(places)
        work = Work(serving[None], legacy[None], *new, of_paths(self._fade, places.path))
        return in_precision(work, self.precision)

    @cached_property
    def new(self) -> tuple[FloatArray, FloatArray]:
        """Shares of new devices serving and in old work by month, shape (a, g, n or 1) each, in the precision."""
        silicon = self.inputs.silicon
        return silicon.serving.astype(self.precision, copy=False), silicon.legacy.astype(self.precision, copy=False)

    @property
    def _fade(self) -> FloatArray:
        return self.inputs.silicon.legacy_fade

    @cached_property
    def _entry(self) -> IntArray:
        """Bound, from the as-of bound on, since which new models count for each cohort, shape (C,)."""
        return np.maximum(self.inputs.fleet.in_service - self.inputs.timeline.as_of, 0)

    def _start(self, cohorts: IntArray) -> tuple[FloatArray, FloatArray]:
        """Shares of some cohorts (c,) when new models begin to count for them, shape (c, n or 1)."""
        return self._tables(cohorts, self._entry[cohorts])

    def _tables(self, cohorts: IntArray, months: IntArray) -> tuple[FloatArray, FloatArray]:
        """Shares that are expected by age of cohorts (c,) at bounds (..., c), shape (..., c, n or 1)."""
        silicon, fleet = self.inputs.silicon, self.inputs.fleet
        age = np.maximum(months + self.inputs.timeline.as_of - fleet.in_service[cohorts], 0)

        def read(table: FloatArray) -> FloatArray:
            row = generation_rows(table, fleet.generation[cohorts])
            return np.asarray(table[np.minimum(age, len(table) - 1), row])

        return read(silicon.serving), read(silicon.legacy)

    @staticmethod
    def _left(
        start: tuple[FloatArray, FloatArray], struck: FloatArray, since: IntArray, months: IntArray, fade: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Shares some months after the start, and what was struck at a month; all broadcastable to one shape."""
        serving, legacy = start
        serves = struck > months
        after = np.where(serves, 0.0, months - struck)
        stranded = np.where(serves, 0.0, serving) * np.exp(-fade * after)
        return np.asarray(serving * serves), np.asarray(legacy * np.exp(-fade * since) + stranded)


def _of_paths(levels: FloatArray, path: IntArray) -> FloatArray:
    """Levels (m, n or 1) of devices on a path each, shape (m,)."""
    return np.asarray(levels[np.arange(len(levels)), path if levels.shape[CASE] > 1 else 0])
