"""Sites: what running a device costs there, what power and racks are worth, and how fast devices can be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np

from valuation.records import Arrays, axes
from valuation.timeline import NEVER, SEGMENT, FloatArray, IntArray

ROUNDING = 1e-9
"""Part of a month that is rounding of sums, and no month of waiting."""
STAY = -1
"""Next site of devices that move nowhere."""


class Regime(IntEnum):
    """What a site is short of."""

    FREE = auto()
    POWER_LIMITED = auto()
    RACK_LIMITED = auto()


@dataclass(frozen=True)
class SiteInputs(Arrays):
    """Conditions of the sites that the fleet stands on; the first is that of the market, on which entrants plan.

    Attributes
    ----------
    names : tuple of str
        Names of the sites.
    power_limited, rack_limited : (Z, n)
        1 where the site is short of power, or of racks.
    operating_cost : (Z, G, n)
        Avoidable cost of running a device of each generation for a month [USD].
    committed : (Z, G, n)
        Charge for its capacity that is owed whether it runs or not [USD per device-month].
    removal_cost : (Z, G, n)
        Cost of taking a device out [USD].
    commitment : (Z, n)
        Months after the as-of bound for which capacity charges are owed.
    availability : (Z, n)
        Share of the time in which challengers can be had at all.
    obtainable : (Z, n)
        Share of the limited resource of the site for which challengers can be had in a month.
    next_site : (Z,)
        Site to which a device may move for a second life; `STAY` where there is none.
    moving_cost : (Z, n)
        Cost of the move, share of the cost of the device.
    energy : (z, g, n)
        Of the operating cost, what is paid for electricity [USD per device-month].
    """

    names: tuple[str, ...]
    power_limited: FloatArray = axes("Z n")
    rack_limited: FloatArray = axes("Z n")
    operating_cost: FloatArray = axes("Z G n")
    committed: FloatArray = axes("Z G n")
    removal_cost: FloatArray = axes("Z G n")
    commitment: FloatArray = axes("Z n")
    availability: FloatArray = axes("Z n")
    obtainable: FloatArray = axes("Z n")
    next_site: IntArray = axes("Z")
    moving_cost: FloatArray = axes("Z n")
    energy: FloatArray = axes("z g n", 0.0)


def shadow_price(
    rent: FloatArray, entry_rent: FloatArray, per_unit: FloatArray, *, paid_hours: FloatArray, availability: FloatArray
) -> FloatArray:
    r"""What a month of a scarce resource earns with the best challenger in it.

    A challenger bought at the market's entry rent earns its required return and no more; above it, each unit of
    service leaves the difference, on :math:`\rho` of the resource.

    .. math:: \mu = \alpha \max\Big\{0,\; \max_s H\,\frac{P_s - \kappa_s}{\rho_s}\Big\}

    Parameters
    ----------
    rent, entry_rent : numpy.ndarray
        Market rent and entry rent [USD per unit-hour], shape (K, S, m).
    per_unit : numpy.ndarray
        Resource that a unit of service takes in the devices then sold, shape (K, S, m).
    paid_hours : numpy.ndarray
        Paid device-hours in a month, shape (m,).
    availability : numpy.ndarray
        Share of the time in which challengers can be had, shape (Z, m) or (Z, 1).

    Returns
    -------
    numpy.ndarray
        [USD per unit of the resource and month], shape (K, Z, m).

    Notes
    -----
    Method, section 3.5, with the capital charge of the challenger falling as its rent does (entry rent), and not level.
    """
    surplus = (paid_hours * (rent - entry_rent) / per_unit).max(axis=SEGMENT)
    return np.asarray(availability * np.maximum(surplus, 0.0)[:, None])


def obtainable_exits(
    wanted: IntArray, amount: FloatArray, site: IntArray, monthly: FloatArray, worth: FloatArray
) -> IntArray:
    """When cohorts that should give way to challengers do so, as these can be had only at a pace.

    Cohorts of a site wait in the order in which they should go, those that earn least per unit of the resource first.
    A cohort goes as a whole when challengers for all of it have come; those that come before wait for it. So by any
    date no more of the resource has changed hands than challengers could be had for.

    Parameters
    ----------
    wanted : numpy.ndarray
        Bound at which each cohort should go; `NEVER` where it should not, shape (C, n).
    amount : numpy.ndarray
        Resource that it takes, shape (C, n).
    site : numpy.ndarray
        Its site, shape (C,).
    monthly : numpy.ndarray
        Resource for which challengers can be had in a month, shape (Z, n).
    worth : numpy.ndarray
        What it earns per unit of the resource, for the order among equals, shape (C, n).

    Returns
    -------
    numpy.ndarray
        Bound at which it goes, not before the wanted one, shape (C, n).
    """
    found = wanted.copy()
    for case in range(wanted.shape[-1]):
        order = np.lexsort((worth[:, case], wanted[:, case]))
        free = np.zeros(len(monthly))
        for cohort in order:
            place = site[cohort]
            if wanted[cohort, case] >= NEVER or amount[cohort, case] <= 0.0:
                continue
            start = max(free[place], float(wanted[cohort, case]))
            pace = monthly[place, min(case, monthly.shape[-1] - 1)]
            free[place] = start + amount[cohort, case] / pace if pace > 0.0 else np.inf
            found[cohort, case] = NEVER if np.isinf(free[place]) else int(np.ceil(free[place] - ROUNDING))
    return found
