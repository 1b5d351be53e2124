"""The spectrum of silicon: what a token costs on each class, which class wins, and when etched weights pay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy_financial as npf
from scipy import special

from valuation.timeline import CASE, TIME, BoolArray, FloatArray, IntArray

CLASS = 0
"""Axis of the classes of silicon."""
HOURS_PER_YEAR = 8_760
"""Hours of a year of 365 days."""
SECONDS_PER_HOUR = 3_600
"""Seconds of an hour."""
TOKENS_PER_MILLION = 1e6
"""Tokens that token prices and costs are stated for."""


@dataclass(frozen=True)
class SiliconClass:
    """Cost and output of one device of each class of silicon.

    Attributes
    ----------
    cost : (X, ..., n)
        Capital cost [USD].
    upkeep : (X, ..., n)
        Operating cost other than energy [USD per year].
    power : (X, ..., n)
        Power drawn, overhead included [kW].
    million_tokens : (X, ..., n)
        Output [million tokens per year].
    reprogrammability : (X, ..., n)
        Probability that the class absorbs a change of models, from 0 (etched) to 1.
    """

    cost: FloatArray
    upkeep: FloatArray
    power: FloatArray
    million_tokens: FloatArray
    reprogrammability: FloatArray


def yearly_million_tokens(tokens_per_second: FloatArray, utilisation: FloatArray) -> FloatArray:
    """Output of a device in a year.

    Parameters
    ----------
    tokens_per_second : numpy.ndarray
        Output at full use [tokens per second], broadcastable to shape (..., n).
    utilisation : numpy.ndarray
        Share of the hours used, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [million tokens per year], shape (..., n).
    """
    return np.asarray(tokens_per_second * utilisation * SECONDS_PER_HOUR * HOURS_PER_YEAR / TOKENS_PER_MILLION)


def energy_cost(power: FloatArray, electricity_price: FloatArray) -> FloatArray:
    """Cost of the energy of a device that runs all year.

    Parameters
    ----------
    power : numpy.ndarray
        Power drawn, overhead included [kW], broadcastable to shape (..., n).
    electricity_price : numpy.ndarray
        Price of electricity [USD per kWh], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year], shape (..., n).
    """
    return np.asarray(HOURS_PER_YEAR * power * electricity_price)


def levelised_cost(
    silicon: SiliconClass,
    *,
    rate: FloatArray,
    stranding_hazard: FloatArray,
    life: FloatArray,
    electricity_price: FloatArray,
) -> FloatArray:
    r"""Full cost of a million tokens, the risk of being stranded included.

    .. math:: \frac{K k / (1 - e^{-kL}) + m + 8760\,w\,p_e}{\text{tokens}}, \qquad k = r + \lambda

    Parameters
    ----------
    silicon : SiliconClass
        Cost :math:`K`, upkeep :math:`m`, power :math:`w` and output.
    rate : numpy.ndarray
        Required return :math:`r`, continuous [per year], broadcastable to shape (X, ..., n).
    stranding_hazard : numpy.ndarray
        Hazard of being stranded, :math:`\lambda` [per year], broadcastable to shape (X, ..., n).
    life : numpy.ndarray
        Life of a device that is not stranded, :math:`L` [years], broadcastable to shape (X, ..., n).
    electricity_price : numpy.ndarray
        Price of electricity :math:`p_e` [USD per kWh], broadcastable to shape (X, ..., n).

    Returns
    -------
    numpy.ndarray
        [USD per million tokens], shape (X, ..., n).

    Notes
    -----
    Method, section 4.5. At a rate and hazard of zero the capital charge is :math:`K/L`.
    """
    # (1 - exp(-kL))/k as L times (exp(x) - 1)/x at x = -kL, which has no gap at zero.
    annuity = life * special.exprel(-(rate + stranding_hazard) * life)
    yearly = silicon.cost / annuity + silicon.upkeep + energy_cost(silicon.power, electricity_price)
    return np.asarray(yearly / silicon.million_tokens)


def costs_by_churn(
    silicon: SiliconClass,
    *,
    churn_rate: FloatArray,
    horizon: FloatArray,
    rate: FloatArray,
    electricity_price: FloatArray,
) -> FloatArray:
    r"""Levelised cost of every class over a grid of churn rates and horizons.

    The hazard of a class is :math:`\lambda_m (1 - \rho_c)`.

    Parameters
    ----------
    silicon : SiliconClass
        Classes, arrays of shape (X, n).
    churn_rate : numpy.ndarray
        Rate at which model families arrive, :math:`\lambda_m` [per year], shape (R,).
    horizon : numpy.ndarray
        Life of a device that is not stranded [years], shape (H,).
    rate, electricity_price : numpy.ndarray
        Required return, continuous [per year], and price of electricity [USD per kWh], shape (n,).

    Returns
    -------
    numpy.ndarray
        [USD per million tokens], shape (X, R, H, n).

    Notes
    -----
    Method, section 4.5.
    """
    spread = SiliconClass(**{name: array[:, None, None] for name, array in vars(silicon).items()})
    hazard = churn_rate[:, None, None] * (1.0 - spread.reprogrammability)
    return levelised_cost(
        spread,
        rate=rate,
        stranding_hazard=hazard,
        life=horizon[:, None],
        electricity_price=electricity_price,
    )


def winner(costs: FloatArray) -> IntArray:
    """Class with the lowest cost, the first of those that tie.

    Parameters
    ----------
    costs : numpy.ndarray
        Cost by class, such as `costs_by_churn` gives, shape (X, ..., n).

    Returns
    -------
    numpy.ndarray
        Position of the class, shape (..., n).
    """
    return np.asarray(np.argmin(costs, axis=CLASS))


def efficient_frontier(efficiency: FloatArray, reprogrammability: FloatArray) -> BoolArray:
    """Classes that no other one beats on efficiency without being harder to reprogram, or the reverse.

    Parameters
    ----------
    efficiency : numpy.ndarray
        Tokens per joule or per USD, the more the better, shape (X, ..., n).
    reprogrammability : numpy.ndarray
        Probability that the class absorbs a change of models, shape (X, ..., n).

    Returns
    -------
    numpy.ndarray
        Whether the class is on the frontier, shape (X, ..., n); equals stand on it together.

    Notes
    -----
    Method, section 4.5; Pareto efficiency.
    """
    work, freedom = np.broadcast_arrays(efficiency, reprogrammability)
    beaten = np.zeros(work.shape, dtype=bool)
    for rival in range(work.shape[CLASS]):
        as_good = (work[rival] >= work) & (freedom[rival] >= freedom)
        beaten |= as_good & ((work[rival] > work) | (freedom[rival] > freedom))
    return ~beaten


def etched_annual_cost(
    cost: FloatArray, *, rate: FloatArray, life: FloatArray, upgrade_price: FloatArray, energy: FloatArray
) -> FloatArray:
    r"""Fixed cost of a year of a device with etched weights that is upgraded every year.

    .. math:: A = K\,\frac{i}{1 - (1+i)^{-L}} + U + \text{energy}

    Parameters
    ----------
    cost : numpy.ndarray
        Cost of the device, :math:`K` [USD], broadcastable to shape (..., n).
    rate : numpy.ndarray
        Required return of a year, :math:`i`, effective, broadcastable to shape (..., n).
    life : numpy.ndarray
        Life :math:`L` [years], broadcastable to shape (..., n).
    upgrade_price : numpy.ndarray
        Price of a year's new weights, :math:`U` [USD], broadcastable to shape (..., n).
    energy : numpy.ndarray
        Cost of energy [USD per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year], shape (..., n).

    Notes
    -----
    Method, section 4.6.
    """
    return np.asarray(npf.pmt(rate, life, -cost) + upgrade_price + energy)


def break_even_tokens(annual_cost: FloatArray, api_price: FloatArray, variable_cost: FloatArray) -> FloatArray:
    r"""Use of a year from which an owned device is cheaper than buying tokens, :math:`A / (p - c)`.

    Parameters
    ----------
    annual_cost : numpy.ndarray
        Fixed cost of a year, :math:`A` [USD], broadcastable to shape (..., n).
    api_price, variable_cost : numpy.ndarray
        Price :math:`p` of bought tokens and variable cost :math:`c` of own ones [USD per million], broadcastable to
        shape (..., n).

    Returns
    -------
    numpy.ndarray
        [million tokens per year], shape (..., n); infinite where own tokens cost no less.

    Notes
    -----
    Method, section 4.6.
    """
    margin = api_price - variable_cost
    pays = margin > 0.0
    return np.where(pays, annual_cost / np.where(pays, margin, 1.0), np.inf)


def upgrade_price(unit_price: FloatArray, respin_cost: FloatArray, units: FloatArray) -> FloatArray:
    r"""Price of new weights when the cost of new masks is spread over the units made, :math:`U_0 + N/n`.

    Parameters
    ----------
    unit_price : numpy.ndarray
        Cost of one more unit, :math:`U_0` [USD], broadcastable to shape (..., n).
    respin_cost : numpy.ndarray
        Cost of design and masks, :math:`N` [USD], broadcastable to shape (..., n).
    units : numpy.ndarray
        Units over which it is spread, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per unit], shape (..., n).

    Notes
    -----
    Method, section 4.6.
    """
    return np.asarray(unit_price + respin_cost / units)


def least_units(target: FloatArray, unit_price: FloatArray, respin_cost: FloatArray) -> FloatArray:
    """Smallest number of units at which an upgrade costs no more than a target.

    Parameters
    ----------
    target : numpy.ndarray
        Price to be reached [USD per unit], broadcastable to shape (..., n).
    unit_price, respin_cost : numpy.ndarray
        Cost of one more unit and of design and masks [USD], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Whole number, shape (..., n); infinite where no number will do.

    Notes
    -----
    Method, section 4.6.
    """
    room = target - unit_price
    some = room > 0.0
    count = np.maximum(np.ceil(respin_cost / np.where(some, room, 1.0)), 1.0)
    # A quotient rounded across a whole number is one unit off, either way.
    fewer = np.maximum(count - 1.0, 1.0)
    count = np.where(upgrade_price(unit_price, respin_cost, fewer) <= target, fewer, count)
    count = np.where(upgrade_price(unit_price, respin_cost, count) <= target, count, count + 1.0)
    free = (respin_cost == 0.0) & (room == 0.0)
    return np.where(some, count, np.where(free, 1.0, np.inf))


@dataclass(frozen=True)
class UpgradePlan:
    """Best upgrades of a device with etched weights.

    Attributes
    ----------
    value : (n,)
        Value of the device at the start, upgrades paid [USD].
    upgrades : (Y, n)
        Whether it is upgraded at the opening of each year.
    policy : (Y, Y+1, n)
        The same by year and by age of the weights at its opening [years], for any age it might have.
    """

    value: FloatArray
    upgrades: BoolArray
    policy: BoolArray


def upgrade_plan(
    worth: FloatArray, price: FloatArray, *, staleness: FloatArray, discount_factor: FloatArray
) -> UpgradePlan:
    r"""Year by year, whether a fresh model is worth its price.

    .. math::
        W_t(a) = \max\{v\,[w_t e^{-\kappa a} + W_{t+1}(a+1)],\; -U_t + v\,[w_t + W_{t+1}(1)]\}, \qquad W_Y = 0

    Worth is earned at the end of a year, an upgrade paid at its opening; a tie keeps the old weights.

    Parameters
    ----------
    worth : numpy.ndarray
        What a fresh model earns in each year, :math:`w` [USD], shape (Y, n).
    price : numpy.ndarray
        Price of an upgrade in each year, :math:`U` [USD], broadcastable to shape (Y, n).
    staleness : numpy.ndarray
        Rate at which the worth of weights decays with their age, :math:`\kappa` [log per year], shape (n,).
    discount_factor : numpy.ndarray
        Discount factor :math:`v` of a year, shape (n,).

    Returns
    -------
    UpgradePlan
        From fresh weights at the start.

    Notes
    -----
    Method, section 4.6; exact by backward induction over the age of the weights.
    """
    cases = np.broadcast_shapes(worth.shape, price.shape, staleness.shape, discount_factor.shape)[CASE]
    years = worth.shape[TIME]
    prices = np.broadcast_to(price, (years, cases))
    # Weights that start at an age of up to Y years reach 2 Y by the end.
    left = np.exp(-staleness * np.arange(2 * years)[:, None])
    later = np.zeros((2 * years + 1, cases))
    policy = np.zeros((years, years + 1, cases), dtype=bool)
    for year in range(years - 1, -1, -1):
        keep = discount_factor * (worth[year] * left + later[1:])
        fresh = keep[0] - prices[year]
        policy[year] = (fresh > keep)[: years + 1]
        later[:-1] = np.maximum(fresh, keep)
    upgrades = np.zeros((years, cases), dtype=bool)
    age = np.zeros(cases, dtype=np.int64)
    for year in range(years):
        upgrades[year] = policy[year, age, np.arange(cases)]
        age = np.where(upgrades[year], 1, age + 1)
    return UpgradePlan(later[0], upgrades, policy)
