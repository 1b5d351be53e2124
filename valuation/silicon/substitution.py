"""Substitution of one class of silicon by another: what it can serve, how fast it spreads, what that does to rents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from valuation.timeline import FloatArray

TAKEOVER_FROM = 0.1
"""Share at which a takeover is said to begin."""
TAKEOVER_TO = 0.9
"""Share at which it is said to be complete."""


@dataclass(frozen=True)
class Lognormal:
    """Demand spread lognormally over a size: parameters of a model, tokens of context.

    Attributes
    ----------
    median : (..., n)
        Size that splits the demand in halves; a drift is a median by period.
    sigma : (..., n)
        Standard deviation of the log of the size, above zero.
    """

    median: FloatArray
    sigma: FloatArray


def _standardised(size: FloatArray, demand: Lognormal) -> FloatArray:
    """Distance of a size from the median in standard deviations of its log; minus infinity at size zero."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(size / demand.median) / demand.sigma)


def _between(low: FloatArray, high: FloatArray) -> FloatArray:
    """Normal probability between two points, to full relative precision in either tail."""
    upper = low > 0.0
    return np.asarray(special.ndtr(np.where(upper, -low, high)) - special.ndtr(np.where(upper, -high, low)))


def band_demand(low: FloatArray, high: FloatArray, demand: Lognormal) -> FloatArray:
    r"""Share of all demand that lies in a band of sizes.

    .. math:: \Phi\Big(\frac{\ln(b/m)}{\sigma}\Big) - \Phi\Big(\frac{\ln(a/m)}{\sigma}\Big)

    Parameters
    ----------
    low, high : numpy.ndarray
        Ends :math:`a`, :math:`b` of the band, in the unit of the median, broadcastable to shape (..., n); the whole
        market is the band from 0 to infinity.
    demand : Lognormal
        Median :math:`m` and spread :math:`\sigma`.

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (..., n).

    Notes
    -----
    Method, section 4.1.
    """
    return _between(_standardised(low, demand), _standardised(high, demand))


def band_share(low: FloatArray, high: FloatArray, limit: FloatArray, demand: Lognormal) -> FloatArray:
    r"""Share of the demand of a band that a class with a limit of size can serve.

    .. math:: \frac{F(\min\{M, b\}) - F(a)}{F(b) - F(a)}

    Parameters
    ----------
    low, high : numpy.ndarray
        Ends :math:`a`, :math:`b` of the band, in the unit of the median, broadcastable to shape (..., n).
    limit : numpy.ndarray
        Largest size the class can serve, :math:`M`, broadcastable to shape (..., n).
    demand : Lognormal
        Demand by size, with distribution :math:`F`.

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (..., n). A band wholly below the limit gives 1 and one wholly above it 0, even
        where it holds no demand. Where the limit cuts a band that holds none to the precision of the machine, it is the
        share that the last demand there tends to: what is left lies at the end next to the median, so 1 in a band
        above the median and 0 in one below it.

    Notes
    -----
    Method, section 4.1.
    """
    start, end = _standardised(low, demand), _standardised(high, demand)
    reach = np.clip(_standardised(limit, demand), start, end)
    total, served = _between(start, end), _between(start, reach)
    above_median = np.asarray(start > 0.0, dtype=np.float64)
    cut = np.where(total > 0.0, served / np.where(total > 0.0, total, 1.0), above_median)
    return np.where(limit >= high, 1.0, np.where(limit <= low, 0.0, cut))


def addressable_share(
    *,
    low: FloatArray,
    high: FloatArray,
    size_limit: FloatArray,
    size: Lognormal,
    tolerant: FloatArray,
    context_limit: FloatArray,
    context: Lognormal,
) -> FloatArray:
    """Share of the demand of a band of model sizes that a class of silicon can serve.

    Size, number format and length of context are taken as independent of each other within the band.

    Parameters
    ----------
    low, high : numpy.ndarray
        Ends of the band of model sizes, broadcastable to shape (..., n).
    size_limit : numpy.ndarray
        Largest model the class can hold, in the unit of the median, broadcastable to shape (..., n).
    size : Lognormal
        Demand by model size; a drift of the sizes is a median by period, shape (T, ..., n).
    tolerant : numpy.ndarray
        Share of demand that tolerates the bits of the class, broadcastable to shape (..., n).
    context_limit : numpy.ndarray
        Longest context the class can hold, in the unit of its median, broadcastable to shape (..., n); infinite
        where it is no limit.
    context : Lognormal
        Demand by length of context.

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (..., n).

    Notes
    -----
    Method, section 4.1, smooth form.
    """
    in_context = special.ndtr(_standardised(context_limit, context))
    return np.asarray(band_share(low, high, size_limit, size) * tolerant * in_context)


def fisher_pry_share(time: FloatArray, midpoint: FloatArray, steepness: FloatArray) -> FloatArray:
    r"""Share taken over by a substitute, logistic in time.

    .. math:: \frac{f}{1-f} = e^{2\alpha (t - t_0)}

    Parameters
    ----------
    time : numpy.ndarray
        Time :math:`t` [years], broadcastable to shape (T, ..., n).
    midpoint : numpy.ndarray
        Time at which half is taken over, :math:`t_0` [years], broadcastable to shape (..., n); infinite if never.
    steepness : numpy.ndarray
        Half the growth rate of the odds, :math:`\alpha` above zero [per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (T, ..., n).

    Notes
    -----
    Fisher and Pry (1971); method, section 4.2.
    """
    return np.asarray(special.expit(2.0 * steepness * (time - midpoint)))


def takeover_time(steepness: FloatArray, first: float = TAKEOVER_FROM, last: float = TAKEOVER_TO) -> FloatArray:
    r"""Time a substitute takes from a first share to a last one.

    .. math:: \frac{\operatorname{logit} f_1 - \operatorname{logit} f_0}{2\alpha}

    From a tenth to nine tenths it is :math:`\ln 81 / (2\alpha)`.

    Parameters
    ----------
    steepness : numpy.ndarray
        Steepness :math:`\alpha` above zero [per year], shape (..., n).
    first, last : float
        Shares :math:`f_0` and :math:`f_1`.

    Returns
    -------
    numpy.ndarray
        Time [years], shape (..., n).

    Notes
    -----
    Fisher and Pry (1971); method, section 4.2.
    """
    return np.asarray((special.logit(last) - special.logit(first)) / (2.0 * steepness))


def bass_share(time: FloatArray, innovation: FloatArray, imitation: FloatArray) -> FloatArray:
    r"""Share of adopters some time after a launch.

    .. math:: F(t) = \frac{1 - e^{-(p+q)t}}{1 + (q/p)\,e^{-(p+q)t}}

    Parameters
    ----------
    time : numpy.ndarray
        Time since launch :math:`t` [years], broadcastable to shape (T, ..., n); nothing is adopted before it.
    innovation, imitation : numpy.ndarray
        Coefficients :math:`p` and :math:`q` [per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (T, ..., n); 0 where there are no innovators.

    Notes
    -----
    Bass (1969); method, section 4.2.
    """
    gone = np.maximum(time, 0.0) * (innovation + imitation)
    adopted = -innovation * np.expm1(-gone)
    scale = innovation + imitation * np.exp(-gone)
    return np.asarray(adopted / np.where(scale > 0.0, scale, 1.0))


def bass_peak(innovation: FloatArray, imitation: FloatArray) -> FloatArray:
    r"""Time after launch at which adoption is fastest.

    .. math:: \frac{\ln(q/p)}{p+q}

    Parameters
    ----------
    innovation, imitation : numpy.ndarray
        Coefficients :math:`p` and :math:`q` [per year], shape (..., n).

    Returns
    -------
    numpy.ndarray
        Time [years], shape (..., n): 0 where imitation does not exceed innovation, infinite where there are no
        innovators.

    Notes
    -----
    Bass (1969); method, section 4.2.
    """
    some = innovation > 0.0
    ratio = imitation / np.where(some, innovation, 1.0)
    peak = np.log(np.maximum(ratio, 1.0)) / np.where(some, innovation + imitation, 1.0)
    return np.where(some, peak, np.inf)


def capped_share(addressable: FloatArray, adopted: FloatArray, supply_cap: FloatArray) -> FloatArray:
    """Share of demand that a class serves: what it can serve times how far it has spread, within what can be made.

    Parameters
    ----------
    addressable : numpy.ndarray
        Addressable share, broadcastable to shape (T, ..., n).
    adopted : numpy.ndarray
        Share of the addressable demand taken over, broadcastable to shape (T, ..., n).
    supply_cap : numpy.ndarray
        Largest share that wafers and packaging allow, broadcastable to shape (T, ..., n); infinite where there is
        no limit.

    Returns
    -------
    numpy.ndarray
        Share, shape (T, ..., n).

    Notes
    -----
    Method, section 4.2.
    """
    return np.minimum(addressable * adopted, supply_cap)


def price_effect(
    displaced: FloatArray, traded: FloatArray, supply_elasticity: FloatArray, demand_elasticity: FloatArray
) -> FloatArray:
    r"""Log change of the rent when part of the demand goes elsewhere and the market clears again.

    .. math:: \Delta \ln P = -\frac{D \chi}{\varepsilon_s + \varepsilon_d}

    Parameters
    ----------
    displaced : numpy.ndarray
        Share of demand displaced, :math:`D`, broadcastable to shape (T, ..., n).
    traded : numpy.ndarray
        Share of it that is met from the market, :math:`\chi`, broadcastable to shape (T, ..., n).
    supply_elasticity : numpy.ndarray
        Elasticity of supply :math:`\varepsilon_s`, broadcastable to shape (..., n).
    demand_elasticity : numpy.ndarray
        Elasticity of demand as a positive number, :math:`\varepsilon_d`, broadcastable to shape (..., n): the
        response of demand to cheaper service. Zero switches the response off.

    Returns
    -------
    numpy.ndarray
        Log change, zero or below, shape (T, ..., n); minus infinity where neither side responds to the price and
        something is displaced.

    Notes
    -----
    Method, section 4.3.
    """
    response = supply_elasticity + demand_elasticity
    lost = displaced * traded
    if (response > 0.0).all():
        return 0.0 - lost / response
    fall = lost / np.where(response > 0.0, response, 1.0)
    return 0.0 - np.where((response > 0.0) | (lost == 0.0), fall, np.inf)


def demand_response(log_price: FloatArray, demand_elasticity: FloatArray) -> FloatArray:
    r"""Log change of the demand left in the market that a change of the rent calls forth.

    .. math:: \Delta \ln Q = -\varepsilon_d\,\Delta \ln P

    Parameters
    ----------
    log_price : numpy.ndarray
        Log change of the rent, broadcastable to shape (T, ..., n).
    demand_elasticity : numpy.ndarray
        Elasticity of demand as a positive number, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Log change of demand, shape (T, ..., n).

    Notes
    -----
    Method, section 4.3: the channel that opposes displacement.
    """
    return np.asarray(0.0 - demand_elasticity * log_price)


def utilisation_after_migration(utilisation: FloatArray, migrated: FloatArray) -> FloatArray:
    """Utilisation of an owner's devices once part of its own work has moved to other silicon.

    Parameters
    ----------
    utilisation : numpy.ndarray
        Utilisation before, broadcastable to shape (T, ..., n).
    migrated : numpy.ndarray
        Share of the work moved, broadcastable to shape (T, ..., n): a plan of the owner, in steps.

    Returns
    -------
    numpy.ndarray
        Utilisation after, shape (T, ..., n).

    Notes
    -----
    Method, section 4.2. The saving on the work moved and the idle devices it leaves are one transaction.
    """
    return np.asarray(utilisation * (1.0 - migrated))
