"""Failures of devices: survivors, warranty, downtime, spares, and what interruptions cost a job on many devices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from valuation.timeline import MONTHS_PER_YEAR, TIME, FloatArray

DAYS_PER_YEAR = 365
"""Days of the year that counts are brought to."""
HOURS_PER_YEAR = 8_760
"""Hours of that year."""


@dataclass(frozen=True)
class Bathtub:
    """Hazard that is high at first, then steady, then rises.

    Attributes
    ----------
    early_scale, early_shape : (..., n)
        Weibull scale [years] and shape, below 1, of early failures; an infinite scale means none.
    steady : (..., n)
        Steady hazard [per year].
    wear_scale, wear_shape : (..., n)
        Weibull scale [years] and shape, above 1, of wear-out; an infinite scale means none.
    """

    early_scale: FloatArray
    early_shape: FloatArray
    steady: FloatArray
    wear_scale: FloatArray
    wear_shape: FloatArray


def weibull_survivors(age: FloatArray, scale: FloatArray, shape: FloatArray) -> FloatArray:
    r"""Share still in service when lives have a Weibull distribution, :math:`e^{-(a/\eta)^\beta}`.

    Parameters
    ----------
    age : numpy.ndarray
        Age :math:`a`, broadcastable to shape (A, ..., n).
    scale : numpy.ndarray
        Scale :math:`\eta`, in the unit of the age, broadcastable to shape (..., n); infinite for no failures.
    shape : numpy.ndarray
        Shape :math:`\beta`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Survivors, shape (A, ..., n).

    Notes
    -----
    Method, section 3.7.
    """
    return np.asarray(np.exp(-((age / scale) ** shape)))


def weibull_mean(scale: FloatArray, shape: FloatArray) -> FloatArray:
    r"""Mean life of a Weibull distribution, :math:`\eta\,\Gamma(1 + 1/\beta)`.

    Parameters
    ----------
    scale, shape : numpy.ndarray
        Scale :math:`\eta` and shape :math:`\beta`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Mean life in the unit of the scale, shape (..., n).

    Notes
    -----
    Method, section 3.7.
    """
    return np.asarray(scale * special.gamma(1.0 + 1.0 / shape))


def bathtub_survivors(age: FloatArray, bathtub: Bathtub) -> FloatArray:
    r"""Share still in service when early failures, steady ones and wear-out compete.

    .. math:: R(a) = \exp[-(a/\eta_1)^{\beta_1} - \lambda a - (a/\eta_2)^{\beta_2}]

    Parameters
    ----------
    age : numpy.ndarray
        Age [years], broadcastable to shape (A, ..., n).
    bathtub : Bathtub
        Parameters.

    Returns
    -------
    numpy.ndarray
        Survivors, shape (A, ..., n).

    Notes
    -----
    Method, section 3.7.
    """
    early = (age / bathtub.early_scale) ** bathtub.early_shape
    wear = (age / bathtub.wear_scale) ** bathtub.wear_shape
    return np.asarray(np.exp(-early - bathtub.steady * age - wear))


def monthly_hazard(survivors: FloatArray) -> FloatArray:
    """Probability of failure in the month that starts at each age.

    Parameters
    ----------
    survivors : numpy.ndarray
        Share still in service at ages 0 to A months, shape (A+1, ..., n).

    Returns
    -------
    numpy.ndarray
        Shape (A, ..., n); 1 where nothing is left to fail.

    Notes
    -----
    Method, section 3.7.
    """
    opening, closing = survivors[:-1], survivors[1:]
    some = opening > 0.0
    return np.asarray(1.0 - np.where(some, closing, 0.0) / np.where(some, opening, 1.0))


def warranted_survivors(survivors: FloatArray, warranty: FloatArray) -> FloatArray:
    r"""Survivors on the cost side, when the vendor replaces what fails within a warranty.

    .. math:: 1 \text{ up to } W, \qquad R(a)/R(W) \text{ after it}

    A replacement carries the age of the device it replaces; the hours lost until it runs are lost either way.

    Parameters
    ----------
    survivors : numpy.ndarray
        Share still in service without replacement at ages 0 to A months, shape (A+1, ..., n).
    warranty : numpy.ndarray
        Length :math:`W` of the warranty [months], shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (A+1, ..., n); the survivors given, to rounding, without a warranty.

    Notes
    -----
    Method, section 3.7.
    """
    hazard = monthly_hazard(survivors)
    age = np.arange(len(hazard)).reshape(-1, *(1,) * (hazard.ndim - 1))
    borne = np.where(age < warranty, 0.0, hazard)
    start = np.ones((1, *borne.shape[1:]))
    return np.concatenate([start, np.cumprod(1.0 - borne, axis=TIME)], axis=TIME)


def annual_rate(count: FloatArray, devices: FloatArray, days: FloatArray) -> FloatArray:
    """Events per device and year from a count over a time.

    Parameters
    ----------
    count : numpy.ndarray
        Events counted, broadcastable to shape (..., n).
    devices : numpy.ndarray
        Devices observed, broadcastable to shape (..., n).
    days : numpy.ndarray
        Time observed [days], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [per device-year], shape (..., n).

    Notes
    -----
    Method, section 3.7: interruptions bound permanent failures from above and are not failures.
    """
    return np.asarray(count / (devices * days) * DAYS_PER_YEAR)


def uptime_share(repairs: FloatArray, hours_per_repair: FloatArray) -> FloatArray:
    r"""Share of time a device is not down for repair: its mean time to failure over that plus the repair.

    .. math:: \frac{1}{1 + \lambda h / 8760}

    Parameters
    ----------
    repairs : numpy.ndarray
        Repairable failures :math:`\lambda` [per year of running], broadcastable to shape (..., n).
    hours_per_repair : numpy.ndarray
        Time down for each, :math:`h` [hours], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Factor on utilisation, shape (..., n); 1 to the bit without failures.

    Notes
    -----
    Method, section 3.7; steady-state availability of a repairable part.
    """
    return np.asarray(1.0 / (1.0 + repairs * hours_per_repair / HOURS_PER_YEAR))


def spares_share(
    devices: FloatArray, failure_rate: FloatArray, lead_months: FloatArray, service_level: FloatArray
) -> FloatArray:
    r"""Spares held, as a share of the devices and so of their cost.

    The smallest stock :math:`s` that covers the failures of a lead time with the wanted probability, failures being
    Poisson with mean :math:`N \lambda l`.

    Parameters
    ----------
    devices : numpy.ndarray
        Devices in service, :math:`N`, broadcastable to shape (..., n).
    failure_rate : numpy.ndarray
        Permanent failures :math:`\lambda` [per device-year], broadcastable to shape (..., n).
    lead_months : numpy.ndarray
        Time until a replacement arrives, :math:`l` [months], broadcastable to shape (..., n).
    service_level : numpy.ndarray
        Probability that the stock suffices, below 1, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share :math:`s/N`, shape (..., n); nears :math:`\lambda l` in a large fleet.

    Notes
    -----
    Method, section 3.7 (spares); Poisson sparing of reliability handbooks.
    """
    expected = devices * failure_rate * lead_months / MONTHS_PER_YEAR
    some = expected > 0.0
    mean = np.where(some, expected, 1.0)
    stock = np.maximum(np.ceil(special.pdtrik(service_level, mean)), 0.0)
    # The inverse is continuous and may round across a whole number.
    fewer = np.maximum(stock - 1.0, 0.0)
    stock = np.where(special.pdtr(fewer, mean) >= service_level, fewer, stock)
    return np.where(some, stock, 0.0) / devices


def best_checkpoint_interval(
    devices: FloatArray, interruption_rate: FloatArray, checkpoint_hours: FloatArray
) -> FloatArray:
    r"""Time between checkpoints that loses least to first order, :math:`\sqrt{2 \delta / (n \lambda)}`.

    Parameters
    ----------
    devices : numpy.ndarray
        Devices of a job, :math:`n`, broadcastable to shape (..., n).
    interruption_rate : numpy.ndarray
        Interruptions :math:`\lambda` [per device-hour], broadcastable to shape (..., n).
    checkpoint_hours : numpy.ndarray
        Time to write a checkpoint, :math:`\delta` [hours], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [hours], shape (..., n); infinite without interruptions.

    Notes
    -----
    Young (1974); Daly (2006); method, section 3.7.
    """
    rate = devices * interruption_rate
    some = rate > 0.0
    return np.where(some, np.sqrt(2.0 * checkpoint_hours / np.where(some, rate, 1.0)), np.inf)


def goodput(
    devices: FloatArray,
    interruption_rate: FloatArray,
    *,
    interval: FloatArray,
    checkpoint_hours: FloatArray,
    restart_hours: FloatArray,
) -> FloatArray:
    r"""Share of the time of a job on many devices that is of use, when one failure stops them all.

    .. math:: 1 - \frac{\delta}{\tau} - n\lambda \Big(\frac{\tau}{2} + R\Big)

    Parameters
    ----------
    devices : numpy.ndarray
        Devices of a job, :math:`n`, broadcastable to shape (..., n).
    interruption_rate : numpy.ndarray
        Interruptions :math:`\lambda` [per device-hour], broadcastable to shape (..., n).
    interval : numpy.ndarray
        Time between checkpoints, :math:`\tau` [hours], broadcastable to shape (..., n); infinite for none.
    checkpoint_hours, restart_hours : numpy.ndarray
        Time :math:`\delta` to write a checkpoint and time :math:`R` to start again [hours], broadcastable to shape
        (..., n).

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (..., n). First order: good where interruptions are rare against the interval,
        and 0 where the losses exceed the time there is.

    Notes
    -----
    Young (1974); Daly (2006); method, section 3.7.
    """
    rate = devices * interruption_rate
    some = rate > 0.0
    redone = np.where(some, rate, 0.0) * (np.where(some, interval, 0.0) / 2.0 + restart_hours)
    return np.asarray(np.maximum(1.0 - checkpoint_hours / interval - redone, 0.0))


def gang_availability(uptime: FloatArray, devices: FloatArray) -> FloatArray:
    """Probability that all devices of a job are up at once, each on its own.

    Parameters
    ----------
    uptime : numpy.ndarray
        Share of time each is up, broadcastable to shape (..., n).
    devices : numpy.ndarray
        Devices of a job, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Probability, shape (..., n).

    Notes
    -----
    Method, section 3.7. It and `goodput` describe the same stops, so only one of the two may be applied.
    """
    return np.asarray(uptime**devices)
