"""When to replace: the price of scarce power, equivalent annual cost, and thresholds under uncertainty."""

from __future__ import annotations

import numpy as np
import numpy_financial as npf

from valuation.timeline import TIME, BoolArray, FloatArray, IntArray

CHALLENGER = 0
"""Axis of the devices that might replace the one in place."""


def capital_charge(cost: FloatArray, rate: FloatArray, life: FloatArray) -> FloatArray:
    r"""Equal payments at the ends of the years of a life that repay a cost with interest.

    .. math:: K\,\frac{i}{1 - (1+i)^{-L}}

    Parameters
    ----------
    cost : numpy.ndarray
        Cost :math:`K` [USD], broadcastable to shape (..., n).
    rate : numpy.ndarray
        Required return of a year, :math:`i`, effective, broadcastable to shape (..., n).
    life : numpy.ndarray
        Life :math:`L` [years], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year], shape (..., n); :math:`K/L` without interest.

    Notes
    -----
    Method, section 3.5.
    """
    return np.asarray(npf.pmt(rate, life, -cost))


def power_shadow_price(
    quasi_rent: FloatArray, charge: FloatArray, power: FloatArray, obtainable: FloatArray | float = 1.0
) -> FloatArray:
    r"""What a kW of a power-limited site earns with the best challenger in it.

    .. math:: \mu = \max\Big\{0,\; \max_k \alpha_k\,\frac{\pi_k - c_k}{w_k}\Big\}

    Parameters
    ----------
    quasi_rent, charge : numpy.ndarray
        Quasi-rent :math:`\pi` and capital charge :math:`c` of the challengers [USD per year], shape (X, ..., n).
    power : numpy.ndarray
        Their power, :math:`w` [kW], broadcastable to shape (X, ..., n).
    obtainable : numpy.ndarray or float
        Share of the wanted challengers that can be had, :math:`\alpha`, broadcastable to shape (X, ..., n).

    Returns
    -------
    numpy.ndarray
        [USD per kW-year], shape (..., n); 0 where no challenger pays.

    Notes
    -----
    Method, section 3.5, which leaves the zero unsaid: power that nobody can use to profit has no price.
    """
    earned = obtainable * (quasi_rent - charge) / power
    return np.asarray(np.maximum(earned.max(axis=CHALLENGER), 0.0))


def keeps_its_power(quasi_rent: FloatArray, power: FloatArray, shadow_price: FloatArray) -> BoolArray:
    r"""Whether a device in place earns the price of the power it takes, :math:`\pi / w \ge \mu`.

    Parameters
    ----------
    quasi_rent : numpy.ndarray
        Quasi-rent [USD per year], broadcastable to shape (..., n).
    power : numpy.ndarray
        Power [kW], broadcastable to shape (..., n).
    shadow_price : numpy.ndarray
        Shadow price of a kW [USD per kW-year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (..., n).

    Notes
    -----
    Method, section 3.5.
    """
    return np.asarray(quasi_rent >= shadow_price * power)


def equivalent_annual_cost(
    cost: FloatArray, resale: FloatArray, operating_cost: FloatArray, rate: FloatArray
) -> FloatArray:
    r"""Cost of a year of a device that is kept for 1, 2, ... Y years.

    .. math::
        EUAC(n) = \Big\{C - Z_n (1+i)^{-n} + \sum_{j \le n} O_j (1+i)^{-j}\Big\} \frac{i}{1 - (1+i)^{-n}}

    Parameters
    ----------
    cost : numpy.ndarray
        Cost :math:`C` [USD], shape (..., n).
    resale : numpy.ndarray
        Resale value :math:`Z` at the end of each year [USD], shape (Y, ..., n).
    operating_cost : numpy.ndarray
        Operating cost :math:`O` of each year, the inferiority to the best new device included [USD], shape
        (Y, ..., n).
    rate : numpy.ndarray
        Required return of a year, :math:`i`, effective, shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year] by years kept, shape (Y, ..., n).

    Notes
    -----
    Method, section 3.6.
    """
    year = _years(resale.shape[TIME], np.broadcast_shapes(resale.shape, operating_cost.shape))
    factor = (1.0 + rate) ** -year
    outlay = cost - resale * factor + np.cumsum(operating_cost * factor, axis=TIME)
    return np.asarray(npf.pmt(rate, year, -outlay))


def _years(count: int, shape: tuple[int, ...]) -> FloatArray:
    """Years 1 to Y down the time axis, with as many axes as a shape has."""
    return np.arange(1.0, count + 1.0).reshape(-1, *(1,) * (len(shape) - 1))


def economic_life(annual_cost: FloatArray) -> IntArray:
    """Years kept at which the equivalent annual cost is lowest, the fewest of those that tie.

    Parameters
    ----------
    annual_cost : numpy.ndarray
        Equivalent annual cost by years kept [USD per year], shape (Y, ..., n).

    Returns
    -------
    numpy.ndarray
        [years], shape (..., n); ``Y`` may mean that the lowest lies beyond it.

    Notes
    -----
    Method, section 3.6.
    """
    return np.asarray(np.argmin(annual_cost, axis=TIME) + 1)


def marginal_annual_cost(
    resale_now: FloatArray, resale_after: FloatArray, operating_cost: FloatArray, rate: FloatArray
) -> FloatArray:
    r"""Cost of keeping a device one more year, :math:`Z_{n-1}(1+i) - Z_n + O_n`.

    It is replaced when this exceeds the lowest equivalent annual cost of a challenger.

    Parameters
    ----------
    resale_now, resale_after : numpy.ndarray
        Resale value at the opening and at the end of the year [USD], broadcastable to shape (..., n).
    operating_cost : numpy.ndarray
        Operating cost of the year [USD], broadcastable to shape (..., n).
    rate : numpy.ndarray
        Required return of a year, effective, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year], shape (..., n).

    Notes
    -----
    Method, section 3.6.
    """
    return np.asarray(resale_now * (1.0 + rate) - resale_after + operating_cost)


def terborgh_life(cost: FloatArray, gradient: FloatArray) -> FloatArray:
    r"""Best life without interest when a device falls behind by the same amount each year, :math:`\sqrt{2C/g}`.

    Parameters
    ----------
    cost : numpy.ndarray
        Cost :math:`C` [USD], broadcastable to shape (..., n).
    gradient : numpy.ndarray
        Growth of its operating inferiority, :math:`g` above zero [USD per year, per year], broadcastable to shape
        (..., n).

    Returns
    -------
    numpy.ndarray
        [years], shape (..., n).

    Notes
    -----
    Terborgh (1949), *Dynamic Equipment Policy*; method, section 3.6.
    """
    return np.asarray(np.sqrt(2.0 * cost / gradient))


def adverse_minimum(cost: FloatArray, gradient: FloatArray) -> FloatArray:
    r"""Cost and inferiority of a year at the best life, :math:`\sqrt{2Cg} - g/2`.

    Parameters
    ----------
    cost : numpy.ndarray
        Cost :math:`C` [USD], broadcastable to shape (..., n).
    gradient : numpy.ndarray
        Growth of the operating inferiority, :math:`g` [USD per year, per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year], shape (..., n).

    Notes
    -----
    Terborgh (1949), *Dynamic Equipment Policy*; method, section 3.6. The first year bears no inferiority.
    """
    return np.asarray(np.sqrt(2.0 * cost * gradient) - gradient / 2.0)


def option_roots(rate: FloatArray, drift: FloatArray, volatility: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Powers of the price at which options to enter and to leave grow.

    Roots of

    .. math:: \tfrac12 \sigma^2 b (b-1) + \mu b - r = 0

    Parameters
    ----------
    rate : numpy.ndarray
        Required return :math:`r` above zero, continuous [per year], broadcastable to shape (..., n).
    drift : numpy.ndarray
        Drift of the price, :math:`\mu` [per year], broadcastable to shape (..., n).
    volatility : numpy.ndarray
        Volatility of its log, :math:`\sigma` [per root year], broadcastable to shape (..., n); zero only with a
        drift.

    Returns
    -------
    above, below : numpy.ndarray
        Positive and negative root, shape (..., n); without volatility one of them is infinite.

    Notes
    -----
    Dixit and Pindyck (1994), chapter 5; method, section 3.6. The root that would suffer from cancellation is found
    from the product of both.
    """
    square = np.asarray(volatility) ** 2 / 2.0
    slope = drift - square
    larger = (np.abs(slope) + np.sqrt(slope**2 + 2.0 * 2.0 * square * rate)) / 2.0
    with np.errstate(divide="ignore"):
        far = larger / square
    near = rate / larger
    falling = slope <= 0.0
    return np.where(falling, far, near), np.where(falling, -near, -far)


def entry_threshold(outlay: FloatArray, rate: FloatArray, drift: FloatArray, volatility: FloatArray) -> FloatArray:
    r"""Value of a project at which its outlay is made rather than delayed, :math:`I\,b_1/(b_1 - 1)`.

    Parameters
    ----------
    outlay : numpy.ndarray
        Outlay :math:`I` [USD], broadcastable to shape (..., n).
    rate, drift, volatility : numpy.ndarray
        Required return and drift of the value [per year], volatility of its log [per root year], broadcastable to
        shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD], shape (..., n); infinite where the value grows at the required return or faster, so that waiting
        never ends.

    Notes
    -----
    Dixit and Pindyck (1994), chapter 5; method, section 3.6.
    """
    above, _ = option_roots(rate, drift, volatility)
    ends = (rate > drift) & (above > 1.0)
    return np.where(ends, outlay / (1.0 - 1.0 / np.where(ends, above, 2.0)), np.inf)


def abandonment_threshold(
    operating_cost: FloatArray, scrap: FloatArray, rate: FloatArray, drift: FloatArray, volatility: FloatArray
) -> FloatArray:
    r"""Rent at which a device is given up for good.

    .. math:: P_L = \frac{b_2}{b_2 - 1}\,(r - \mu) \Big(\frac{E}{r} + Z\Big)

    Parameters
    ----------
    operating_cost : numpy.ndarray
        Operating cost :math:`E`, in the unit of the rent, broadcastable to shape (..., n).
    scrap : numpy.ndarray
        What giving it up brings, :math:`Z`, in that unit times years, broadcastable to shape (..., n).
    rate, drift, volatility : numpy.ndarray
        Required return and drift of the rent [per year], volatility of its log [per root year], broadcastable to
        shape (..., n).

    Returns
    -------
    numpy.ndarray
        Rent, shape (..., n); below the static trigger, because stopping cannot be undone.

    Notes
    -----
    Dixit and Pindyck (1994), chapter 7; method, section 3.6. The static trigger, which the falling price without
    volatility gives, is :math:`E + rZ`.
    """
    _, below = option_roots(rate, drift, volatility)
    return np.asarray((rate - drift) * (operating_cost / rate + scrap) / (1.0 - 1.0 / below))


def static_trigger(operating_cost: FloatArray, scrap: FloatArray, rate: FloatArray) -> FloatArray:
    r"""Rent at which another instant of running just pays, :math:`E + rZ`.

    Parameters
    ----------
    operating_cost : numpy.ndarray
        Operating cost :math:`E`, in the unit of the rent, broadcastable to shape (..., n).
    scrap : numpy.ndarray
        What giving the device up brings, :math:`Z`, in that unit times years, broadcastable to shape (..., n).
    rate : numpy.ndarray
        Required return :math:`r` [per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Rent, shape (..., n).

    Notes
    -----
    Method, section 3.6, and the rule to use by default.
    """
    return np.asarray(operating_cost + rate * scrap)


def first_year_rule(cost: FloatArray, rate: FloatArray, price_fall: FloatArray) -> FloatArray:
    r"""Quasi-rent of the first year above which buying now beats waiting a year, :math:`(r + d)\,K`.

    Parameters
    ----------
    cost : numpy.ndarray
        Price of the device now, :math:`K` [USD], broadcastable to shape (..., n).
    rate : numpy.ndarray
        Required return :math:`r` [per year], broadcastable to shape (..., n).
    price_fall : numpy.ndarray
        Rate at which its price falls, :math:`d` as a positive number [per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per year], shape (..., n).

    Notes
    -----
    Marglin (1963), *Approaches to Dynamic Investment Planning*; method, section 3.6.
    """
    return np.asarray((rate + price_fall) * cost)
