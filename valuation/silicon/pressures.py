"""What presses on rents beside landings: rivals that take demand away, breakthroughs, and demand itself.

A *rival* serves part of the demand without being rented out on the market that is valued: inference ASICs, devices with
etched weights, devices outside the data centre, the captive silicon of a tenant. A generation whose landing sets the
price is no rival: it moves rents by its landing step and by nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from valuation.records import Arrays, axes
from valuation.silicon.breakthrough import expected_path
from valuation.silicon.ramps import ramp
from valuation.silicon.substitution import price_effect, utilisation_after_migration
from valuation.timeline import CASE, MONTHS_PER_YEAR, SEGMENT, TIME, FloatArray, IntArray

DEMAND = "demand"
"""Name of the cause that is demand itself."""


@dataclass(frozen=True)
class RivalInputs(Arrays):
    """A class of devices that takes demand away from the market.

    Attributes
    ----------
    name : str
        Name of the class.
    cause : str
        Kind of obsolescence that it stands for in an attribution.
    open_share : (b, s, n)
        Share of the demand of each segment that the class is able to serve, by bound.
    adoption : (b, n)
        Share of that demand which it has taken by bound.
    supply_cap : (b, n)
        Share of all demand that the supply obtainable by a bound can serve.
    traded_share : (n,)
        Share of what it displaces that was rented on the market.
    known_from : (n,)
        Bound from which its coming is known.
    """

    name: str
    cause: str
    open_share: FloatArray = axes("b s n")
    adoption: FloatArray = axes("b n")
    supply_cap: FloatArray = axes("b n", 1.0)
    traded_share: FloatArray = axes("n", 1.0)
    known_from: FloatArray = axes("n", -np.inf)


@dataclass(frozen=True)
class DemandInputs(Arrays):
    """Demand for rented service, and how prices answer to it.

    Attributes
    ----------
    segment_share : (b, s, n)
        Share of each segment in all demand by bound.
    change : (b, n)
        Demand relative to the outlook without a shock, in logs, by bound.
    supply_elasticity, demand_elasticity : (n,)
        Of supply and demand with respect to the rent; a demand elasticity of zero switches its response off.
    mobility : (n,)
        Share of the supply that moves between segments until their rents fall alike: 1 makes one market of all, 0 none.
    """

    segment_share: FloatArray = axes("b s n", 1.0)
    change: FloatArray = axes("b n", 0.0)
    supply_elasticity: FloatArray = axes("n", 1.0)
    demand_elasticity: FloatArray = axes("n", 0.0)
    mobility: FloatArray = axes("n", 1.0)


@dataclass(frozen=True)
class BreakthroughInputs(Arrays):
    """A technical advance that lowers the cost of entry for all devices bought after it.

    Attributes
    ----------
    name : str
        Name of the advance.
    step : (n,)
        Log fall of rents once it is in volume, pass-through and partial effect included.
    date : (n,)
        Bound of its arrival; infinite where none is dated.
    rate : (n,)
        Arrivals a month, by chance.
    ramp_midpoint, ramp_width : (n,)
        Logistic volume ramp after an arrival [months].
    """

    name: str
    step: FloatArray = axes("n")
    date: FloatArray = axes("n", np.inf)
    rate: FloatArray = axes("n", 0.0)
    ramp_midpoint: FloatArray = axes("n", 1.0)
    ramp_width: FloatArray = axes("n", 1.0)


def displaced_share(rival: RivalInputs, demand: DemandInputs) -> FloatArray:
    r"""Share of the demand of each segment that a rival takes away.

    .. math::
        D_s = A_s\,f\,\min\Big(1, \frac{\text{cap}}{\sum_j w_j A_j f}\Big)

    Parameters
    ----------
    rival : RivalInputs
        Open share :math:`A`, adoption :math:`f`, supply cap.
    demand : DemandInputs
        Shares of the segments, :math:`w`.

    Returns
    -------
    numpy.ndarray
        Between 0 and the open share, shape (b, S, n).
    """
    wanted = rival.open_share * rival.adoption[:, None]
    total = (demand.segment_share * wanted).sum(axis=SEGMENT)
    scale = np.divide(
        rival.supply_cap,
        total,
        out=np.ones(np.broadcast_shapes(total.shape, rival.supply_cap.shape)),
        where=total > rival.supply_cap,
    )
    return np.asarray(wanted * scale[:, None])


def fall_of_rents(displaced: FloatArray, traded: FloatArray, demand: DemandInputs) -> FloatArray:
    r"""Log fall of rents where demand is taken away, by segment.

    .. math::
        \Delta\ln P_s = -\chi\,\frac{m\sum_j w_j D_j + (1 - m)\,D_s}{\varepsilon_S + \varepsilon_D}

    Devices that serve several segments leave those whose rent falls most, so with full mobility :math:`m` the demand
    lost anywhere lowers the rent everywhere. A demand elasticity brings part of it back: what is cheaper is used more.

    Parameters
    ----------
    displaced : numpy.ndarray
        Share of the demand of each segment taken away, :math:`D`, shape (b, S, n).
    traded : numpy.ndarray
        Share of it that was rented on the market, :math:`\chi`, shape (n,).
    demand : DemandInputs
        Shares of the segments, elasticities, mobility.

    Returns
    -------
    numpy.ndarray
        Log fall, shape (b, S, n).
    """
    pooled = (demand.segment_share * displaced).sum(axis=SEGMENT, keepdims=True)
    lost = demand.mobility * pooled + (1.0 - demand.mobility) * displaced
    return -price_effect(lost, traded, demand.supply_elasticity, demand.demand_elasticity)


def read_ahead(by_bound: FloatArray, bound: IntArray) -> FloatArray:
    """Read an array by bound at bounds of its own for each case; before the first and after the last one it is held.

    Parameters
    ----------
    by_bound : numpy.ndarray
        Shape (B, ..., n or 1).
    bound : numpy.ndarray
        Shape (K, m).

    Returns
    -------
    numpy.ndarray
        Shape (K, ..., m).
    """
    rows = np.clip(bound, 0, by_bound.shape[TIME] - 1)
    if by_bound.shape[CASE] == 1:
        return np.moveaxis(by_bound[rows, ..., 0], 1, CASE)
    cases = by_bound.shape[CASE]
    picked = by_bound[np.broadcast_to(rows, (len(rows), cases)), ..., np.arange(cases)]
    return np.moveaxis(picked, 1, CASE)


def expected_fall(advance: BreakthroughInputs, at: FloatArray, horizon: int) -> FloatArray:
    r"""Log fall of rents that a breakthrough is expected to bring, by month ahead.

    A dated one follows its ramp; what arrives by chance lowers the expected rent by the factor of
    `valuation.silicon.breakthrough.expected_path`, each arrival running through its ramp.

    Parameters
    ----------
    advance : BreakthroughInputs
        Step, date, rate, ramp.
    at : numpy.ndarray
        Bounds from which months are counted, shape (m,).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    numpy.ndarray
        Shape (K+1, m).
    """
    months = np.arange(horizon + 1.0)[:, None]
    since = np.where(np.isfinite(advance.date), at - advance.date, -np.inf)
    dated = ramp(since + months, advance.ramp_midpoint, advance.ramp_width)
    before = ramp(np.broadcast_to(since, (1, *np.shape(since))), advance.ramp_midpoint, advance.ramp_width)
    in_force = np.exp(-advance.step * ramp(months[:-1], advance.ramp_midpoint, advance.ramp_width))
    chance = -np.log(expected_path(advance.rate * MONTHS_PER_YEAR, in_force))
    return np.asarray(advance.step * (dated - before) + chance)


def changes_by_pressure(
    demand: DemandInputs,
    pressing: tuple[Sequence[RivalInputs], Sequence[BreakthroughInputs]],
    at: FloatArray,
    horizon: int,
) -> dict[str, FloatArray]:
    """Log changes of rents by rivals, demand and breakthroughs from given bounds on.

    Parameters
    ----------
    demand : DemandInputs
        Segments, elasticities, shock.
    pressing : tuple
        Rivals and breakthroughs.
    at : numpy.ndarray
        Bounds from which months are counted, shape (m,).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    dict of numpy.ndarray
        By name, shape (K+1, S or 1, m); what does nothing has no entry.
    """
    bound = np.asarray(at, dtype=np.int64) + np.arange(horizon + 1)[:, None]
    rivals, advances = pressing
    found: dict[str, FloatArray] = {}
    for rival in rivals:
        fall = fall_of_rents(displaced_share(rival, demand), rival.traded_share, demand)
        if fall.any():
            ahead = read_ahead(fall, bound)
            found[rival.name] = np.where(rival.known_from <= at, ahead[:1] - ahead, 0.0)
    if demand.change.any():
        rise = read_ahead(demand.change / (demand.supply_elasticity + demand.demand_elasticity), bound)
        found[DEMAND] = (rise - rise[:1])[:, None, :]
    for advance in advances:
        if advance.step.any():
            found[advance.name] = -expected_fall(advance, at, horizon)[:, None, :]
    return found


def sold_share(utilisation: FloatArray, migrated: FloatArray, resale_yield: FloatArray) -> FloatArray:
    r"""Share of the usual hours that an owner's devices earn their rent on.

    .. math:: u\,[1 - m\,(1 - y)]

    Parameters
    ----------
    utilisation : numpy.ndarray
        Share of the usual hours sold before any migration :math:`u`, shape (b, n).
    migrated : numpy.ndarray
        Share of the work moved to silicon of the owner's own :math:`m`, shape (b, n).
    resale_yield : numpy.ndarray
        Share of the rent that freed hours earn from others :math:`y`, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (b, n).
    """
    return np.asarray(utilisation_after_migration(utilisation, migrated * (1.0 - resale_yield)))
