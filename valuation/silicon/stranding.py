"""Stranded devices in the engine: which devices still have work, what the others earn, and what a plan allows for it.

A device that a new model has left behind either serves the old models, at part of a full rent, or is switched off and
costs nothing that could be avoided; it stays with its cohort and retires with it. Shares are of the surviving devices
of a cohort, so that a value is that of the average device, stranded or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from valuation.records import generation_rows
from valuation.timeline import TIME, FloatArray, IntArray


def _nowhere(share: float) -> FloatArray:
    return np.full((1, 1, 1), share)


@dataclass(frozen=True)
class Stranding:
    """Shares of the devices of each age that have work.

    Attributes
    ----------
    serving, legacy : (a, g, m)
        Share that serves the models of the day, and share stranded that still serves old ones, by month of age; by
        default nothing is ever stranded.
    legacy_rent : (m,)
        Rent of a device that serves old models, as a share of a full one.
    """

    serving: FloatArray = field(default_factory=lambda: _nowhere(1.0))
    legacy: FloatArray = field(default_factory=lambda: _nowhere(0.0))
    legacy_rent: FloatArray = field(default_factory=lambda: np.zeros(1))

    @property
    def strands(self) -> bool:
        """Whether any device is ever stranded; tables of one age that say so cost nothing."""
        return self.serving.size > 1 or self.legacy.size > 1 or float(self.serving.item()) != 1.0

    @property
    def earning(self) -> FloatArray:
        """Share of a full rent that the average device earns before its running cost is looked at, shape (a, g, m)."""
        return np.asarray(self.serving + self.legacy * self.legacy_rent)


@dataclass(frozen=True)
class Work:
    r"""Devices that have work at a date, and what of it is expected to be left later.

    Arrivals of models know no age, so what still serves some months ahead is what a new device would then be expected
    to serve, of those that serve at the date; what is stranded already loses its work at the rate of its fading:

    .. math:: s(k) = s_0\,S(k), \qquad \ell(k) = \ell_0\,e^{-\theta k} + s_0\,L(k)

    Attributes
    ----------
    serving, legacy : (C, m)
        Shares at the date, :math:`s_0` and :math:`\ell_0`.
    new_serving, new_legacy : (a, g, m)
        Shares of devices that are new at the date, by month ahead, :math:`S` and :math:`L`.
    fade : (m,)
        Rate at which old work ends, :math:`\theta` [per month].
    """

    serving: FloatArray
    legacy: FloatArray
    new_serving: FloatArray
    new_legacy: FloatArray
    fade: FloatArray

    def of(self, cohorts: IntArray) -> Work:
        """That of some of the cohorts, shape (c,)."""
        return replace(self, serving=self.serving[cohorts], legacy=self.legacy[cohorts])

    def later(self, ahead: IntArray | int, generation: IntArray) -> tuple[FloatArray, FloatArray]:
        """Shares serving and in old work some months ahead.

        Parameters
        ----------
        ahead : int or numpy.ndarray
            Months, scalar or shape (K, 1, 1).
        generation : numpy.ndarray
            Row of the tables for each cohort, shape (C,).

        Returns
        -------
        serving, legacy : numpy.ndarray
            Shape (C, m) or (K, C, m).
        """
        months = np.ravel(ahead)
        row = np.minimum(months, len(self.new_serving) - 1)
        column = generation_rows(self.new_serving, generation)
        serving = self.serving * self.new_serving[row[:, None], column]
        legacy = self.serving * self.new_legacy[row[:, None], column]
        legacy += self.legacy * np.exp(-self.fade * months[:, None])[:, None]
        return (serving, legacy) if np.ndim(ahead) else (serving[0], legacy[0])


@dataclass(frozen=True)
class Plan:
    """What a plan sums up, month by month of age.

    Attributes
    ----------
    weight : (A, x, n)
        Discount factor times survivors, zero beyond the planned life.
    relative_rent : (A, x, n)
        Rent relative to that of the first month.
    outlay : (X, n)
        What the plan must earn beside the running cost [USD].
    operating_cost : (X, n)
        Running cost [USD per device-month].
    left : (x, n)
        Share of the devices left at its end.
    """

    weight: FloatArray
    relative_rent: FloatArray
    outlay: FloatArray
    operating_cost: FloatArray
    left: FloatArray


def plan_years(plan: Plan, stranding: Stranding, legacy: FloatArray | None = None) -> tuple[FloatArray, FloatArray]:
    r"""Months of running cost and months of full rent that a plan adds up.

    .. math::
        \sum_j (w_j s_j + \lambda_j), \qquad \sum_j (w_j s_j + \omega \lambda_j)\, p_j

    Parameters
    ----------
    plan : Plan
        Weights :math:`w`, relative rents :math:`p`.
    stranding : Stranding
        Shares serving :math:`s`, rent of legacy work :math:`\omega`.
    legacy : numpy.ndarray, optional
        Weights :math:`\lambda` of the devices in legacy work, shape (A, x, n); nothing if None.

    Returns
    -------
    cost_years, rent_years : numpy.ndarray
        Discounted months of a device, shape (x, n).
    """
    working = earning = plan.weight * stranding.serving
    if legacy is not None:
        working, earning = working + legacy, earning + legacy * stranding.legacy_rent
    return np.asarray(working.sum(axis=TIME)), np.asarray((earning * plan.relative_rent).sum(axis=TIME))


def first_rent(plan: Plan, stranding: Stranding) -> FloatArray:
    r"""Rent of the first month at which a plan pays its outlay and no more.

    .. math::
        \sum_j w_j\,[s_j (A p_j - E) + \ell_j \max(\omega A p_j - E, 0)] = \text{outlay}

    The left side is convex and rises in pieces of straight lines, so from the rent that would do without any legacy
    work, which is too high, Newton's steps come down to the root and end there.

    Parameters
    ----------
    plan : Plan
        Weights :math:`w`, relative rents :math:`p`, outlay, running cost :math:`E`.
    stranding : Stranding
        Shares serving :math:`s` and in legacy work :math:`\ell`, rent of that work :math:`\omega`.

    Returns
    -------
    numpy.ndarray
        Rent :math:`A` [USD per device-month], shape (X, n).
    """
    level = _level(plan, stranding)
    if not stranding.legacy.any():
        return level
    for _ in range(len(plan.weight)):
        pays = stranding.legacy_rent * level * plan.relative_rent > plan.operating_cost
        lower = _level(plan, stranding, np.where(pays, plan.weight * stranding.legacy, 0.0))
        if np.array_equal(lower, level):
            break
        level = lower
    return level


def _level(plan: Plan, stranding: Stranding, legacy: FloatArray | None = None) -> FloatArray:
    """Rent of the first month that pays the outlay and the running cost of the devices at work, shape (X, n)."""
    cost_years, rent_years = plan_years(plan, stranding, legacy)
    return np.asarray((plan.outlay + cost_years * plan.operating_cost) / rent_years)
