"""What a million tokens cost, taken apart; what new weights cost an etched part; how long an advantage lasts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from valuation.silicon.churn import ByChange, stranding_hazard
from valuation.silicon.curves import exponential
from valuation.silicon.spectrum import SiliconClass, levelised_cost
from valuation.timeline import MONTHS_PER_YEAR, FloatArray, IntArray

WITHIN_USE, WITHIN_OUTPUT, BEYOND_OUTPUT = 0, 1, 2
"""Where a break-even volume lies: within a person's use, within what the device makes, beyond even that."""


@dataclass(frozen=True)
class CostParts:
    """Levelised cost of a million tokens by part [USD].

    Attributes
    ----------
    capital : (X, ..., n)
        Capital of a device that nothing strands.
    stranding : (X, ..., n)
        What the hazard of being stranded adds to it; 0 to the bit without churn.
    energy, upkeep : (X, ..., n)
        Energy, and the other running costs.
    """

    capital: FloatArray
    stranding: FloatArray
    energy: FloatArray
    upkeep: FloatArray

    @property
    def total(self) -> FloatArray:
        """All of it, shape (X, ..., n)."""
        return np.asarray(self.capital + self.stranding + self.energy + self.upkeep)


def cost_parts(
    silicon: SiliconClass,
    *,
    rate: FloatArray,
    stranding_hazard: FloatArray,
    life: FloatArray,
    electricity_price: FloatArray,
) -> CostParts:
    """Levelised cost of a million tokens, taken apart.

    Parameters
    ----------
    silicon : SiliconClass
        Cost, upkeep, power and output, arrays broadcastable to shape (X, ..., n).
    rate : numpy.ndarray
        Required return, continuous [per year], broadcastable to shape (X, ..., n).
    stranding_hazard : numpy.ndarray
        Hazard of being stranded [per year], broadcastable to shape (X, ..., n).
    life : numpy.ndarray
        Life of a device that is not stranded [years], broadcastable to shape (X, ..., n).
    electricity_price : numpy.ndarray
        Price of electricity [USD per kWh], broadcastable to shape (X, ..., n).

    Returns
    -------
    CostParts
        Arrays of shape (X, ..., n).

    Notes
    -----
    Method, section 4.5. Each part is the levelised cost of a device that has no other one.
    """

    def cost(kept: SiliconClass, hazard: FloatArray) -> FloatArray:
        return levelised_cost(kept, rate=rate, stranding_hazard=hazard, life=life, electricity_price=electricity_price)

    nothing = np.zeros_like(silicon.cost)
    bare = replace(silicon, cost=nothing, upkeep=nothing, power=nothing)
    capital = replace(bare, cost=silicon.cost)
    safe = np.zeros_like(stranding_hazard)
    exposed, unexposed = cost(capital, stranding_hazard), cost(capital, safe)
    return CostParts(
        capital=np.broadcast_to(unexposed, exposed.shape),
        stranding=exposed - unexposed,
        energy=np.broadcast_to(cost(replace(bare, power=silicon.power), safe), exposed.shape),
        upkeep=np.broadcast_to(cost(replace(bare, upkeep=silicon.upkeep), safe), exposed.shape),
    )


def in_proportion(arrivals: ByChange, weights: FloatArray) -> ByChange:
    """Arrivals of changes at another rate of new weights, the other kinds in proportion.

    Parameters
    ----------
    arrivals : ByChange
        Arrival rates [per year], that of new weights above zero, arrays broadcastable to shape (..., n).
    weights : numpy.ndarray
        Rate of new weights wanted [per year], broadcastable to shape (..., n).

    Returns
    -------
    ByChange
        Arrays of shape (..., n); the arrivals themselves, to the bit, at their own rate.
    """
    factor = weights / arrivals.weights
    return ByChange(weights, arrivals.architecture * factor, arrivals.number_format * factor)


def reprogrammability(arrivals: ByChange, absorbed: ByChange) -> FloatArray:
    r"""Share of all changes that a class absorbs, :math:`\rho = 1 - \lambda / \sum_k \lambda_k`.

    Parameters
    ----------
    arrivals : ByChange
        Arrival rates [per year], not all of them zero, arrays broadcastable to shape (..., n).
    absorbed : ByChange
        Probability that the class absorbs a change of each kind, arrays broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (..., n).

    Notes
    -----
    Method, section 4.4, for the mix of changes that arrive.
    """
    every = arrivals.weights + arrivals.architecture + arrivals.number_format
    return np.asarray(1.0 - stranding_hazard(arrivals, absorbed) / every)


def respun_cost(
    silicon: SiliconClass,
    *,
    rate: FloatArray,
    respins: FloatArray,
    upgrade_price: FloatArray,
    turnaround: FloatArray,
    life: FloatArray,
    electricity_price: FloatArray,
) -> FloatArray:
    r"""Levelised cost of a million tokens where every change is answered by new silicon in the same server.

    .. math:: \frac{K r / (1 - e^{-rL}) + m + \lambda U + 8760\,w\,p_e}{\text{tokens}\,(1 - \lambda\tau)}

    Parameters
    ----------
    silicon : SiliconClass
        Cost :math:`K`, upkeep :math:`m`, power :math:`w` and output, arrays broadcastable to shape (..., n).
    rate : numpy.ndarray
        Required return :math:`r`, continuous [per year], broadcastable to shape (..., n).
    respins : numpy.ndarray
        Changes that need a respin, :math:`\lambda` [per year], broadcastable to shape (..., n).
    upgrade_price : numpy.ndarray
        Price of new weights, :math:`U` [USD per unit], broadcastable to shape (..., n).
    turnaround : numpy.ndarray
        Time from a change to the new silicon, :math:`\tau` [years], in which nothing is made, broadcastable to shape
        (..., n).
    life, electricity_price : numpy.ndarray
        Life :math:`L` of what is kept [years] and price of electricity [USD per kWh], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [USD per million tokens], shape (..., n); infinite where changes come faster than silicon.

    Notes
    -----
    Method, sections 4.5 and 4.6.
    """
    working = 1.0 - respins * turnaround
    makes = working > 0.0
    kept = replace(
        silicon,
        upkeep=silicon.upkeep + respins * upgrade_price,
        million_tokens=silicon.million_tokens * np.where(makes, working, 1.0),
    )
    cost = levelised_cost(
        kept, rate=rate, stranding_hazard=np.zeros_like(rate), life=life, electricity_price=electricity_price
    )
    return np.where(makes, cost, np.inf)


def erosion_time(advantage: FloatArray, yearly_fall: FloatArray) -> FloatArray:
    r"""Time in which falling prices of rivals use up an advantage in cost, :math:`\ln A / \ln f`.

    Parameters
    ----------
    advantage : numpy.ndarray
        Price of rivals over own cost, :math:`A`, broadcastable to shape (..., n).
    yearly_fall : numpy.ndarray
        Factor by which that price falls in a year, :math:`f \ge 1`, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        [years], shape (..., n): 0 without an advantage, infinite where an advantage meets prices that do not fall.
    """
    ahead, falling = np.broadcast_arrays(np.log(np.maximum(advantage, 1.0)), np.log(yearly_fall))
    moves = falling > 0.0
    lasts = np.where(moves, ahead, 0.0) / np.where(moves, falling, 1.0)
    return np.where(moves | (ahead == 0.0), lasts, np.inf)


def price_by_year(price: FloatArray, yearly_fall: FloatArray, years: int) -> FloatArray:
    """Price at the opening of each year.

    Parameters
    ----------
    price : numpy.ndarray
        Price now, shape (n,).
    yearly_fall : numpy.ndarray
        Factor by which it falls in a year, shape (n,).
    years : int
        Number of years, ``Y``.

    Returns
    -------
    numpy.ndarray
        Shape (Y, n).
    """
    months = MONTHS_PER_YEAR * np.arange(float(years))[:, None]
    return np.asarray(price * np.exp(exponential(months, np.log(yearly_fall))))


def reach(volume: FloatArray, use: FloatArray, output: FloatArray) -> IntArray:
    """Where a break-even volume lies.

    Parameters
    ----------
    volume : numpy.ndarray
        Break-even volume of a year, broadcastable to shape (..., n).
    use : numpy.ndarray
        What a person might use in a year, broadcastable to shape (..., n).
    output : numpy.ndarray
        What the device makes in a year, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        `WITHIN_USE`, `WITHIN_OUTPUT` or `BEYOND_OUTPUT`, shape (..., n).
    """
    within = np.where(volume <= use, WITHIN_USE, WITHIN_OUTPUT)
    return np.where(volume > output, BEYOND_OUTPUT, within)
