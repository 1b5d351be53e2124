"""Capital expenditure as replacement and expansion, and how growth keeps depreciation below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from valuation.devices import fleet as fleets
from valuation.engine import market_path
from valuation.errors import NoSolutionError
from valuation.results import Results
from valuation.stages.appraisal import own_cost_per_unit
from valuation.timeline import COHORT, SEGMENT, TIME, BoolArray, FloatArray, IntArray

LARGEST_GROWTH = 1e6
"""Growth of a period up to which a ratio is searched for."""


@dataclass(frozen=True)
class CapexYears:
    """Capital expenditure by fiscal year, shape (Y, n) each.

    Attributes
    ----------
    years : (Y,)
        Fiscal years.
    capex : (Y, n)
        Purchases [USD].
    replacement, expansion : (Y, n)
        Cost of the service that left in the year at the price of that service then, and the rest of the purchases
        [USD]; a negative rest means that less was bought than left.
    replacement_by_life : dict of (Y, n)
        What the replacement would have been, had every unit left at the end of its book life, by ledger [USD].
    depreciation_share : dict of (Y, n)
        Depreciation by ledger over purchases; NaN in years without purchases.
    age : (Y, n)
        Mean age at the end of the year of what is in service, weighted by cost [months]; NaN where nothing is.
    """

    years: IntArray
    capex: FloatArray
    replacement: FloatArray
    expansion: FloatArray
    replacement_by_life: dict[str, FloatArray]
    depreciation_share: dict[str, FloatArray]
    age: FloatArray


def capex_years(results: Results) -> CapexYears:
    r"""Split purchases into replacement and expansion, :math:`I = R + X`, with :math:`R` what left at current cost.

    Parameters
    ----------
    results : Results
        Any number of cases.

    Returns
    -------
    CapexYears
        Arrays of shape (Y, n). The two parts sum to the purchases exactly.

    Notes
    -----
    Method, section 1.9. Units leave when they retire or fail; a unit that fails is replaced in full, however old. Up
    to the as-of date nothing retires but by schedule or physical age, so replacement is mostly failures there; what
    it would be under the lives of the books stands beside it.
    """
    timeline, cases, units = results.inputs.timeline, results.inputs.cases, results.economic.units
    price = _price_of_service(results)

    def yearly(flow: FloatArray) -> FloatArray:
        return np.array(np.broadcast_to(timeline.fiscal_year_sums(flow), (len(timeline.fiscal_years), cases)))

    # A purchase is dated by the bound that ends its period.
    capex = yearly(results.cash.capital_expenditure[1:])
    replacement = yearly(_left(units, price))
    bought = capex > 0.0
    return CapexYears(
        years=timeline.fiscal_years,
        capex=capex,
        replacement=replacement,
        expansion=capex - replacement,
        replacement_by_life={
            ledger.name: yearly(_left(units * ~_expired(results, ledger.life), price))
            for ledger in results.inputs.ledgers
        },
        depreciation_share={
            ledger.name: np.where(
                bought, yearly(ledger.depreciation.sum(axis=COHORT)) / np.where(bought, capex, 1.0), np.nan
            )
            for ledger in results.ledgers
        },
        age=mean_age(results)[_year_ends(results)],
    )


def mean_age(results: Results) -> FloatArray:
    """Mean age of what is in service at each bound, weighted by cost [months], shape (T+1, n); NaN where nothing is.

    Parameters
    ----------
    results : Results
        Any number of cases.
    """
    owned, units = results.inputs.fleet, results.economic.units
    weight = units * owned.cost
    age = fleets.ages(owned.in_service, len(units))[:, :, None]
    total = weight.sum(axis=COHORT)
    mean = np.where(total > 0.0, (weight * age).sum(axis=COHORT) / np.where(total > 0.0, total, 1.0), np.nan)
    return np.array(np.broadcast_to(mean, (len(units), results.inputs.cases)))


def _left(units: FloatArray, price: FloatArray) -> FloatArray:
    """What left a stock (T+1, C, n) in each period at the price of its service at the opening, shape (T, n) [USD]."""
    # A cohort enters once and only shrinks after it.
    left = np.maximum(units[:-1] - units[1:], 0.0)
    return np.asarray(np.where(left > 0.0, left * price[:-1], 0.0).sum(axis=COHORT))


def _expired(results: Results, life: FloatArray) -> BoolArray:
    """Whether a cohort has ever been older than the book life then in force, by bound, shape (T+1, C, n).

    At the end of its life it still stands, as what retires stands at its retirement bound; it leaves in the month
    after.
    """
    inputs = results.inputs
    bounds = inputs.timeline.periods + 1
    age = fleets.ages(inputs.fleet.in_service, bounds)[:, :, None]
    in_force = life[np.clip(np.arange(bounds) - 1, 0, len(life) - 1)]
    return np.asarray(np.logical_or.accumulate(age > in_force, axis=TIME))


def _price_of_service(results: Results) -> FloatArray:
    """What the service of a unit of each cohort costs new at each bound, shape (T+1, C, n) [USD]."""
    inputs = results.inputs
    frozen = inputs.frozen
    if frozen is None:
        raise NoSolutionError("results hold no frozen quantities of their base", 0)
    _, bought = market_path(inputs, frozen)
    own = own_cost_per_unit(inputs, bought.replacement_cost)
    able = np.isfinite(own)
    calibrated = inputs.fleet.calibrated[:, None] > 0
    # A device serves what it serves, whatever was paid for it; a dollar what a dollar bought.
    new = np.where(calibrated, inputs.fleet.cost, inputs.silicon.cost[inputs.fleet.generation])
    now = np.where(able, results.market.replacement_cost[:, None] / np.where(able, own, 1.0), 0.0)
    return np.asarray(now.max(axis=SEGMENT) * new)


def _year_ends(results: Results) -> IntArray:
    """Last bound of each fiscal year on the grid, shape (Y,)."""
    timeline = results.inputs.timeline
    return np.searchsorted(timeline.fiscal_year_of_period, timeline.fiscal_years, side="right")


# A fleet whose purchases grow evenly, and whose devices all leave at the end of their life


def replacement_share(growth: FloatArray, life: FloatArray) -> FloatArray:
    r"""Share of purchases that replaces what leaves, :math:`(1+g)^{-L}`.

    Parameters
    ----------
    growth : numpy.ndarray
        Growth of purchases in a period, :math:`g`, above -1, any shape.
    life : numpy.ndarray
        Life, :math:`L` [periods], broadcastable with growth to any shape.

    Returns
    -------
    numpy.ndarray
        Shape of the two.

    Notes
    -----
    Method, section 1.9, at constant cost of service.
    """
    return np.asarray((1.0 + growth) ** -life)


def depreciation_share(growth: FloatArray, life: FloatArray) -> FloatArray:
    r"""Straight-line depreciation over purchases while both grow, :math:`[1 - (1+g)^{-L}] / (gL)`.

    Parameters
    ----------
    growth : numpy.ndarray
        Growth of purchases in a period, :math:`g`, above -1, any shape.
    life : numpy.ndarray
        Life, :math:`L` [periods], broadcastable with growth to any shape.

    Returns
    -------
    numpy.ndarray
        Shape of the two; 1 without growth.

    Notes
    -----
    Method, section 1.9. What is bought in a period is charged from the next one on, so the length of the period
    counts: with years, purchases stand for their year's end.
    """
    return depreciation_after_growth(growth, life, np.zeros(()))


def depreciation_after_growth(growth: FloatArray, life: FloatArray, since: FloatArray) -> FloatArray:
    r"""Depreciation over purchases some periods after these stopped growing and stayed at their level.

    .. math:: \frac{1}{L}\Big[k + \frac{1 - (1+g)^{-(L-k)}}{g}\Big],\qquad k \le L

    Parameters
    ----------
    growth : numpy.ndarray
        Growth before, :math:`g`, above -1, any shape.
    life : numpy.ndarray
        Life, :math:`L` [periods], any shape.
    since : numpy.ndarray
        Periods since the last one that grew, :math:`k`, any shape.

    Returns
    -------
    numpy.ndarray
        Shape of all three, broadcast; from the growing share at 0 to 1 after a life.
    """
    rest = np.maximum(life - since, 0.0)
    still = np.abs(growth) <= np.finfo(np.float64).eps
    rate = np.where(still, 1.0, growth)
    grown = np.where(still, rest, -np.expm1(-rest * np.log1p(rate)) / rate)
    return np.asarray((np.minimum(since, life) + grown) / life)


def depreciation_over_replacement(growth: FloatArray, life: FloatArray) -> FloatArray:
    r"""Depreciation over purchases once these fall to what replaces the fleet, :math:`[(1+g)^L - 1] / (gL)`.

    Parameters
    ----------
    growth : numpy.ndarray
        Growth before, :math:`g`, above -1, any shape.
    life : numpy.ndarray
        Life, :math:`L` [periods], broadcastable with growth to any shape.

    Returns
    -------
    numpy.ndarray
        In the first period in which the fleet stays as large as it is; shape of the two, 1 without growth. Later it
        swings with the ages of the fleet, about a mean of 1 over a life.
    """
    # Depreciation has grown by a period, replacement is what was bought a life before.
    return np.asarray(depreciation_share(growth, life) / replacement_share(growth, life))


def growth_behind(share: float, life: float) -> float:
    """Growth of purchases that keeps depreciation at a share of them.

    Parameters
    ----------
    share : float
        Depreciation over purchases, between 0 and 1.
    life : float
        Life [periods].

    Returns
    -------
    float
        Growth of a period.

    Raises
    ------
    NoSolutionError
        If no growth above zero does.
    """
    length = np.array(life)

    def off(growth: float) -> float:
        return float(depreciation_share(np.array(growth), length)) - share

    if not off(LARGEST_GROWTH) < 0.0 < off(0.0):
        raise NoSolutionError(f"no growth keeps depreciation at {share:g} of purchases over {life:g} periods", 0)
    return float(optimize.brentq(off, 0.0, LARGEST_GROWTH))


def steady_age(growth: FloatArray, life: int) -> FloatArray:
    r"""Mean age at a period's end of a fleet whose purchases grow, :math:`\sum_a a (1+g)^{-a} / \sum_a (1+g)^{-a}`.

    Parameters
    ----------
    growth : numpy.ndarray
        Growth of purchases in a period, above -1, any shape.
    life : int
        Life [periods]; what is as old has left.

    Returns
    -------
    numpy.ndarray
        [periods], shape of the growth; (L - 1) / 2 without growth.
    """
    age = np.arange(life).reshape(-1, *(1,) * np.ndim(growth))
    weight = (1.0 + growth) ** -age
    return np.asarray((age * weight).sum(axis=0) / weight.sum(axis=0))
