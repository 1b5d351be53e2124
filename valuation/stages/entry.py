"""What an entrant plans: the worth of a plan's months, and the rent at which a new device pays."""

from __future__ import annotations

import numpy as np

from valuation.inputs import SiliconInputs
from valuation.silicon.stranding import Plan, Stranding, first_rent
from valuation.timeline import CASE, TIME, FloatArray


def survivors_by_age(failure_hazard: FloatArray) -> FloatArray:
    """Share still in service by age.

    Parameters
    ----------
    failure_hazard : numpy.ndarray
        Probability of permanent failure in the month that starts at each age, shape (A, ...).

    Returns
    -------
    numpy.ndarray
        Survivors at ages 0 to A, shape (A+1, ...); 1 at age 0.
    """
    left = np.ones((len(failure_hazard) + 1, *failure_hazard.shape[1:]))
    # Age by age: a cumulative product down the first axis is many times slower.
    for age, hazard in enumerate(failure_hazard):
        np.multiply(left[age], 1.0 - hazard, out=left[age + 1])
    return left


def plan_weights(
    survivors: FloatArray, discount_factor: FloatArray, planning_life: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Worth today of a USD earned at the end of each month of a plan by the devices then left.

    Parameters
    ----------
    survivors : numpy.ndarray
        Survivors by age, shape (A+1, x, n).
    discount_factor : numpy.ndarray
        Discount factor of a month, shape (n,).
    planning_life : numpy.ndarray
        Planned life [months], shape (n,).

    Returns
    -------
    weight : numpy.ndarray
        Discount factor times survivors by month of age, zero beyond the planned life, shape (A, x, n).
    at_end : numpy.ndarray
        Survivors at the end of the plan, shape (x, n).
    """
    ages = np.arange(survivors.shape[TIME] - 1)
    planned = ages[:, None, None] < planning_life
    weight = np.where(planned, discount_factor ** (ages[:, None, None] + 1.0), 0.0) * survivors[:-1]
    last = np.clip(planning_life, 0, survivors.shape[TIME] - 1).astype(np.int64)
    cases = max(last.size, survivors.shape[CASE])
    at_end = np.take_along_axis(
        np.broadcast_to(survivors, (*survivors.shape[:CASE], cases)),
        np.broadcast_to(last, (1, survivors.shape[1], cases)),
        axis=TIME,
    )[0]
    return weight, at_end


def plan_outlay(cost: FloatArray, scrap: FloatArray, at_end: FloatArray, discount: FloatArray) -> FloatArray:
    """What a plan must earn beside its running cost: the cost less the worth today of its scrap.

    Parameters
    ----------
    cost, scrap : numpy.ndarray
        [USD per device], shape (X, n).
    at_end : numpy.ndarray
        Survivors at the end of the plan, shape (x, n).
    discount : numpy.ndarray
        Discount factor of the whole plan, shape (n,).

    Returns
    -------
    numpy.ndarray
        [USD per device], shape (X, n).
    """
    return np.asarray(cost - discount * at_end * scrap)


def plan_rent(
    *,
    cost: FloatArray,
    operating_cost: FloatArray,
    scrap: FloatArray,
    survivors: FloatArray,
    service_by_age: FloatArray,
    discount_factor: FloatArray,
    planning_life: FloatArray,
    stranding: Stranding | None = None,
) -> FloatArray:
    r"""Rent of a new device at which its plan earns the required return and no more.

    .. math::
        A = \frac{C - v^N R(N)\,Z + \sum_{j=1}^{N} v^j R(j-1) E}{\sum_{j=1}^{N} v^j R(j-1)\,\varphi(j-1)\,p(j-1)}

    Where devices are stranded, each month's rent and operating cost are those of the devices that have work.

    Parameters
    ----------
    cost, operating_cost, scrap : numpy.ndarray
        Cost :math:`C`, operating cost a month :math:`E`, scrap :math:`Z` [USD per device], shape (X, n).
    survivors : numpy.ndarray
        Survivors :math:`R` by age, shape (A+1, x, n), x being 1 or X.
    service_by_age : numpy.ndarray
        Age efficiency times planned relative rent, :math:`\varphi p`, by age, shape (A, x, n).
    discount_factor : numpy.ndarray
        Discount factor :math:`v` of a month, shape (n,).
    planning_life : numpy.ndarray
        Planned life :math:`N` [months], shape (n,).
    stranding : Stranding, optional
        Shares of the devices that have work, by age; all of them if None.

    Returns
    -------
    numpy.ndarray
        Rent in the first month [USD per device-month], shape (X, n).
    """
    plan = _plan(
        cost=cost,
        operating_cost=operating_cost,
        scrap=scrap,
        survivors=survivors,
        service_by_age=service_by_age,
        discount_factor=discount_factor,
        planning_life=planning_life,
    )
    return first_rent(plan, Stranding() if stranding is None else stranding)


def entry_plan(
    silicon: SiliconInputs,
    *,
    planning_decline: FloatArray,
    planning_life: FloatArray,
    discount_factor: FloatArray,
    scrap_share: FloatArray,
) -> Plan:
    """What whoever buys a new device of each generation plans, given the planned decline of rents.

    Parameters
    ----------
    silicon : SiliconInputs
        Cost, operating cost and survival of the generations.
    planning_decline : numpy.ndarray
        Planned decline of rents [log per month], shape (n,).
    planning_life, discount_factor, scrap_share : numpy.ndarray
        Terms, shape (n,).

    Returns
    -------
    Plan
        Of every generation, shapes (A, g, n) and (G, n).
    """
    ages = np.arange(silicon.age_efficiency.shape[TIME])[:, None, None]
    return _plan(
        cost=silicon.cost,
        operating_cost=silicon.operating_cost,
        scrap=scrap_share * silicon.cost,
        survivors=survivors_by_age(silicon.failure_hazard),
        service_by_age=silicon.age_efficiency * np.exp(-planning_decline * ages),
        discount_factor=discount_factor,
        planning_life=planning_life,
    )


def _plan(
    *,
    cost: FloatArray,
    operating_cost: FloatArray,
    scrap: FloatArray,
    survivors: FloatArray,
    service_by_age: FloatArray,
    discount_factor: FloatArray,
    planning_life: FloatArray,
) -> Plan:
    """Plan of devices of given cost, survival and service, as `plan_rent` takes them."""
    weight, left = plan_weights(survivors, discount_factor, planning_life)
    outlay = plan_outlay(cost, scrap, left, discount_factor**planning_life)
    return Plan(weight, service_by_age, outlay, operating_cost, left)


def entry_rent(
    silicon: SiliconInputs,
    *,
    planning_decline: FloatArray,
    planning_life: FloatArray,
    discount_factor: FloatArray,
    paid_hours: FloatArray,
    scrap_share: FloatArray,
) -> FloatArray:
    """Rent per unit-hour at which a new device of each generation pays, given the planned decline of rents.

    Parameters
    ----------
    silicon : SiliconInputs
        Cost, operating cost, service and survival of the generations.
    planning_decline : numpy.ndarray
        Planned decline of rents [log per month], shape (n,).
    planning_life, discount_factor, paid_hours, scrap_share : numpy.ndarray
        Terms, shape (n,).

    Returns
    -------
    numpy.ndarray
        Entry rent [USD per unit-hour], shape (G, S, n); infinite where a part is unpriced or not eligible.
    """
    plan = entry_plan(
        silicon,
        planning_decline=planning_decline,
        planning_life=planning_life,
        discount_factor=discount_factor,
        scrap_share=scrap_share,
    )
    monthly = first_rent(plan, silicon.stranding)
    usable = (silicon.delivered > 0.0) & (silicon.priced[:, None, None] > 0)
    hours = paid_hours * np.where(usable, silicon.delivered, 1.0)
    return np.where(usable, monthly[:, None, :] / hours, np.inf)
