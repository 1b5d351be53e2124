"""Value by the cost approach: profiles of price and efficiency by age, and the three kinds of depreciation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.timeline import TIME, FloatArray


def one_hoss_shay(age: FloatArray, life: FloatArray) -> FloatArray:
    """Efficiency of an asset that serves in full until it is gone.

    Parameters
    ----------
    age : numpy.ndarray
        Age, broadcastable to shape (A, ..., n).
    life : numpy.ndarray
        Life, in the unit of the age, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Efficiency relative to new, shape (A, ..., n).

    Notes
    -----
    Method, section 3.8.
    """
    return np.where(age < life, 1.0, 0.0)


def geometric_efficiency(age: FloatArray, decline: FloatArray) -> FloatArray:
    r"""Efficiency that falls by the same share each year, :math:`(1-d)^a`.

    Parameters
    ----------
    age : numpy.ndarray
        Age :math:`a` [years], broadcastable to shape (A, ..., n).
    decline : numpy.ndarray
        Share lost a year, :math:`d`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Efficiency relative to new, shape (A, ..., n).

    Notes
    -----
    Hulten and Wykoff (1981); method, section 3.8.
    """
    return np.asarray((1.0 - decline) ** age)


def hyperbolic_efficiency(age: FloatArray, life: FloatArray, slope: FloatArray) -> FloatArray:
    r"""Efficiency that falls slowly at first and fast at last, :math:`(L - a)/(L - b a)`.

    Parameters
    ----------
    age : numpy.ndarray
        Age :math:`a`, broadcastable to shape (A, ..., n).
    life : numpy.ndarray
        Life :math:`L`, in the unit of the age, broadcastable to shape (..., n).
    slope : numpy.ndarray
        Parameter :math:`b` at most 1: 0 is the straight line, 1 the one-hoss shay, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Efficiency relative to new, zero from the life on, shape (A, ..., n).

    Notes
    -----
    Method, section 3.8; the form used by the US Bureau of Labor Statistics.
    """
    left = np.maximum(life - age, 0.0)
    return np.asarray(left / np.where(left > 0.0, life - slope * age, 1.0))


def age_price(age_efficiency: FloatArray, discount_factor: FloatArray) -> FloatArray:
    r"""Price of a used asset relative to a new one, from the service still in it.

    .. math:: \psi(a) = \frac{\sum_{j \ge 0} v^j \varphi(a+j)}{\sum_{j \ge 0} v^j \varphi(j)}

    Parameters
    ----------
    age_efficiency : numpy.ndarray
        Efficiency :math:`\varphi` by age, nothing being left after the last one, shape (A, ..., n).
    discount_factor : numpy.ndarray
        Discount factor :math:`v` of the step between two ages, shape (..., n).

    Returns
    -------
    numpy.ndarray
        Profile :math:`\psi` at the same ages, shape (A, ..., n).

    Notes
    -----
    Jorgenson (1974); method, section 3.8. Only geometric efficiency gives a price profile equal to itself.
    """
    shape = np.broadcast_shapes(age_efficiency.shape, discount_factor.shape)
    worth = np.array(np.broadcast_to(age_efficiency, shape))
    for age in range(len(worth) - 2, -1, -1):
        worth[age] += discount_factor * worth[age + 1]
    return np.asarray(worth / worth[0])


def log_changes(profile: FloatArray) -> FloatArray:
    """Log change of a profile from each age to the next.

    Parameters
    ----------
    profile : numpy.ndarray
        Level by age, above zero, shape (A, ..., n).

    Returns
    -------
    numpy.ndarray
        Shape (A-1, ..., n).

    Notes
    -----
    Method, section 3.8: the effect of age in a cross-section, to which no decay fitted over time may be added.
    """
    return np.diff(np.log(profile), axis=TIME)


def age_at_level(profile: FloatArray, level: float) -> FloatArray:
    """Age at which a profile first falls to a level, interpolated between the ages given.

    Parameters
    ----------
    profile : numpy.ndarray
        Price relative to new at ages 0, 1, 2 ..., shape (A, ..., n).
    level : float
        Level looked for.

    Returns
    -------
    numpy.ndarray
        Age in steps of the profile, shape (..., n); NaN if it never falls that far.

    Notes
    -----
    Method, section 3.8.
    """
    below = profile <= level
    after = np.argmax(below, axis=TIME)[None]
    before = np.maximum(after - 1, 0)
    high, low = np.take_along_axis(profile, before, axis=TIME), np.take_along_axis(profile, after, axis=TIME)
    fall = high - low
    age = before + np.where(fall > 0.0, high - level, 0.0) / np.where(fall > 0.0, fall, 1.0)
    return np.where(below.any(axis=TIME), age[0], np.nan)


def replacement_cost_new(price: FloatArray, units_old: FloatArray, units_new: FloatArray) -> FloatArray:
    """Cost of the same service from the modern equivalent, which takes excess capital cost out.

    Parameters
    ----------
    price : numpy.ndarray
        Price of the modern equivalent [USD per device], broadcastable to shape (..., n).
    units_old, units_new : numpy.ndarray
        Service of the device appraised and of the modern one [units], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD], shape (..., n).

    Notes
    -----
    Method, section 3.9.
    """
    return np.asarray(price * units_old / units_new)


def excess_operating_cost(excess_cost: FloatArray, tax_rate: FloatArray, discount_factor: FloatArray) -> FloatArray:
    r"""Present value of operating a device rather than its modern equivalent, after tax.

    .. math:: \sum_{j=1}^{Y} v^j\,\Delta E_j\,(1-\tau)

    Parameters
    ----------
    excess_cost : numpy.ndarray
        Excess operating cost :math:`\Delta E` by year of the remaining life, for the same service [USD], shape
        (Y, ..., n).
    tax_rate : numpy.ndarray
        Tax rate :math:`\tau`, shape (..., n).
    discount_factor : numpy.ndarray
        Discount factor :math:`v` of a year, shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD], shape (..., n).

    Notes
    -----
    Method, section 3.9: functional obsolescence other than excess capital cost.
    """
    total = np.zeros(np.broadcast_shapes(excess_cost.shape[1:], tax_rate.shape, discount_factor.shape))
    for yearly in excess_cost[::-1]:
        total = discount_factor * (total + yearly * (1.0 - tax_rate))
    return total


def inutility(actual: FloatArray, rated: FloatArray, exponent: FloatArray) -> FloatArray:
    r"""Share of value lost because a device is used less than it was made for, :math:`1 - (u/\bar u)^n`.

    Parameters
    ----------
    actual, rated : numpy.ndarray
        Utilisation :math:`u` and the one it was made for, :math:`\bar u`, broadcastable to shape (..., n).
    exponent : numpy.ndarray
        Exponent of cost to capacity, :math:`n`, commonly 0.6 to 0.7, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share, shape (..., n); 0 where it is used as much as rated, or more.

    Notes
    -----
    Method, section 3.9; the power law of cost to capacity.
    """
    return np.asarray(1.0 - np.minimum(actual / rated, 1.0) ** exponent)


@dataclass(frozen=True)
class CostApproach:
    """Value by the cost approach and what was taken off, in the order of the appraiser.

    Attributes
    ----------
    replacement_cost : (..., n)
        Replacement cost new [USD].
    physical : (..., n)
        Physical deterioration [USD].
    functional : (..., n)
        Functional obsolescence other than excess capital cost [USD].
    external : (..., n)
        External (to appraisers: economic) obsolescence [USD].
    value : (..., n)
        What is left [USD].
    """

    replacement_cost: FloatArray
    physical: FloatArray
    functional: FloatArray
    external: FloatArray
    value: FloatArray


def appraise(
    replacement_cost: FloatArray, *, physical_share: FloatArray, functional: FloatArray, external_share: FloatArray
) -> CostApproach:
    """Take physical, functional and external depreciation off the replacement cost, in that order.

    Parameters
    ----------
    replacement_cost : numpy.ndarray
        Replacement cost new [USD], broadcastable to shape (..., n).
    physical_share : numpy.ndarray
        Physical deterioration as a share of it, broadcastable to shape (..., n).
    functional : numpy.ndarray
        Present value of excess operating cost [USD], broadcastable to shape (..., n); no more of it counts than is
        left.
    external_share : numpy.ndarray
        Inutility as a share of what is then left, broadcastable to shape (..., n).

    Returns
    -------
    CostApproach
        The parts and the value sum to the replacement cost.

    Notes
    -----
    American Society of Appraisers, *Valuing Machinery and Equipment*; method, section 3.9.
    """
    physical = replacement_cost * physical_share
    sound = replacement_cost - physical
    obsolete = np.minimum(functional, sound)
    external = (sound - obsolete) * external_share
    value = sound - obsolete - external
    parts = np.broadcast_arrays(replacement_cost, physical, obsolete, external, value)
    return CostApproach(*parts)
