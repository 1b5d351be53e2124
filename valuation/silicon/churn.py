"""Churn of models: how long silicon bound to a model, an architecture or a number format keeps its work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from valuation.timeline import MONTHS_PER_YEAR, TIME, FloatArray


@dataclass(frozen=True)
class ByChange:
    """A quantity for each kind of change that models bring.

    Attributes
    ----------
    weights : (..., n)
        New weights on a known architecture: fatal to silicon with etched weights only.
    architecture : (..., n)
        A new architecture: fatal to fixed functions.
    number_format : (..., n)
        A new number format: felt in part.
    """

    weights: FloatArray
    architecture: FloatArray
    number_format: FloatArray


@dataclass(frozen=True)
class ChurnTable:
    """What devices of a class still do by month of age.

    Attributes
    ----------
    serving : (A+1, ..., n)
        Share that still serves the models of the day, at ages 0 to A months.
    legacy : (A+1, ..., n)
        Share of a full rent that stranded devices still earn from the models they were made for.
    """

    serving: FloatArray
    legacy: FloatArray

    @property
    def earning(self) -> FloatArray:
        """Share of a full rent earned in all, shape (A+1, ..., n)."""
        return np.asarray(self.serving + self.legacy)


def fatal_arrivals(arrivals: ByChange, absorbed: ByChange) -> ByChange:
    r"""Arrivals that a class cannot follow, by kind of change, :math:`\lambda_k\,(1 - \rho_k)`.

    Parameters
    ----------
    arrivals : ByChange
        Arrival rates :math:`\lambda_k` [per year], arrays broadcastable to shape (..., n).
    absorbed : ByChange
        Probability :math:`\rho_k` that the class absorbs a change of that kind, between 0 and 1.

    Returns
    -------
    ByChange
        Rates [per year], shape (..., n).
    """
    return ByChange(
        weights=np.asarray(arrivals.weights * (1.0 - absorbed.weights)),
        architecture=np.asarray(arrivals.architecture * (1.0 - absorbed.architecture)),
        number_format=np.asarray(arrivals.number_format * (1.0 - absorbed.number_format)),
    )


def stranding_hazard(arrivals: ByChange, absorbed: ByChange) -> FloatArray:
    r"""Hazard of being stranded by a change that the class cannot follow.

    .. math:: \lambda = \sum_k \lambda_k\,(1 - \rho_k)

    Parameters
    ----------
    arrivals : ByChange
        Arrival rates :math:`\lambda_k` [per year], arrays broadcastable to shape (..., n).
    absorbed : ByChange
        Probability :math:`\rho_k` that the class absorbs a change of that kind, between 0 and 1.

    Returns
    -------
    numpy.ndarray
        Hazard [per year], shape (..., n).

    Notes
    -----
    Method, section 4.4; with one kind of change it is :math:`\lambda_m (1 - \rho_c)`.
    """
    fatal = fatal_arrivals(arrivals, absorbed)
    return np.asarray(fatal.weights + fatal.architecture + fatal.number_format)


def serving_share(hazard: FloatArray, age: FloatArray) -> FloatArray:
    r"""Share of devices not yet stranded at an age.

    .. math:: e^{-\lambda a}

    Parameters
    ----------
    hazard : numpy.ndarray
        Hazard :math:`\lambda` [per year], broadcastable to shape (A, ..., n).
    age : numpy.ndarray
        Age :math:`a` [years], broadcastable to shape (A, ..., n).

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (A, ..., n); 1 to the bit without churn.

    Notes
    -----
    Method, section 4.4.
    """
    return np.asarray(np.exp(-hazard * age))


def mean_service_life(hazard: FloatArray) -> FloatArray:
    r"""Mean time until a device is stranded, :math:`1/\lambda`.

    Parameters
    ----------
    hazard : numpy.ndarray
        Hazard [per year], shape (..., n).

    Returns
    -------
    numpy.ndarray
        Time [years], shape (..., n); infinite without churn.

    Notes
    -----
    Method, section 4.4.
    """
    some = hazard > 0.0
    return np.where(some, 1.0 / np.where(some, hazard, 1.0), np.inf)


def legacy_share(hazard: FloatArray, age: FloatArray, legacy: FloatArray, fade: FloatArray) -> FloatArray:
    r"""Share of a full rent that a device is expected to earn as legacy at an age.

    Stranded at :math:`s < a`, it starts at the legacy share, which fades from then on:

    .. math::
        \omega \int_0^a \lambda e^{-\lambda s} e^{-\theta (a - s)}\,ds
        = \omega \lambda\,\frac{e^{-\theta a} - e^{-\lambda a}}{\lambda - \theta}

    and :math:`\omega \lambda a\,e^{-\lambda a}` where the rates are equal.

    Parameters
    ----------
    hazard : numpy.ndarray
        Hazard of being stranded, :math:`\lambda` [per year], broadcastable to shape (A, ..., n).
    age : numpy.ndarray
        Age :math:`a` [years], broadcastable to shape (A, ..., n).
    legacy : numpy.ndarray
        Share of a full rent when just stranded, :math:`\omega`, broadcastable to shape (..., n).
    fade : numpy.ndarray
        Rate at which the demand for old models fades, :math:`\theta` [per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share, shape (A, ..., n); 0 to the bit without churn.

    Notes
    -----
    Method, section 4.4. Written with :math:`(e^x - 1)/x` in the slower of the rates, so that equal rates are no
    special case and nothing overflows.
    """
    slower = np.minimum(hazard, fade) * age
    apart = np.abs(hazard - fade) * age
    return np.asarray(legacy * hazard * age * np.exp(-slower) * special.exprel(-apart))


def churn_table(hazard: FloatArray, legacy: FloatArray, fade: FloatArray, months: int) -> ChurnTable:
    """Shares serving and earning as legacy by month of age.

    Parameters
    ----------
    hazard : numpy.ndarray
        Hazard of being stranded [per year], shape (..., n).
    legacy : numpy.ndarray
        Share of a full rent when just stranded, shape (..., n).
    fade : numpy.ndarray
        Rate at which the demand for old models fades [per year], shape (..., n).
    months : int
        Largest age, ``A`` [months].

    Returns
    -------
    ChurnTable
        At ages 0 to A, arrays of shape (A+1, ..., n).

    Notes
    -----
    Method, section 4.4.
    """
    axes = np.broadcast_shapes(hazard.shape, legacy.shape, fade.shape)
    age = (np.arange(months + 1) / MONTHS_PER_YEAR).reshape(-1, *(1,) * len(axes))
    return ChurnTable(serving_share(hazard, age), legacy_share(hazard, age, legacy, fade))


def serving_base(adopted: FloatArray, hazard: FloatArray) -> FloatArray:
    r"""Share of an installed base that still serves the models of the day, its devices being of different ages.

    .. math:: \frac{B_t}{F_t}, \qquad B_t = B_{t-1} e^{-\lambda/12} + \max(F_t - F_{t-1}, 0)

    with the share :math:`F` taken over by month, so that every device of the base counts from its own month on.

    Parameters
    ----------
    adopted : numpy.ndarray
        Share taken over by bound, shape (T, ...); it begins with new devices.
    hazard : numpy.ndarray
        Hazard of being stranded, :math:`\lambda` [per year], broadcastable to shape (...).

    Returns
    -------
    numpy.ndarray
        Between 0 and 1, shape (T, ...); 1 to the bit without churn and before anything is taken.

    Notes
    -----
    Method, section 4.4. What is stranded is not replaced beyond what the curve of adoption adds, and what it still
    earns with old models displaces nothing.
    """
    if not np.any(hazard):
        return np.ones_like(adopted)
    kept = np.exp(-hazard / MONTHS_PER_YEAR)
    added = np.maximum(np.diff(adopted, axis=TIME, prepend=0.0), 0.0)
    base = np.empty(np.broadcast_shapes(adopted.shape, np.shape(hazard)))
    serving = np.zeros(base.shape[1:])
    for bound, new in enumerate(added):
        serving = serving * kept + new
        base[bound] = serving
    some = adopted > 0.0
    return np.where(some, np.minimum(base / np.where(some, adopted, 1.0), 1.0), 1.0)
