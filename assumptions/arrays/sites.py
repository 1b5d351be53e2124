"""From the sites of a case to the inputs of the engine: what running a device costs there, and what is scarce."""

from __future__ import annotations

import numpy as np

from assumptions.arrays.reliability import repair_share_of_cost
from assumptions.chapters.mechanisms import STANDARD_SITE, Site
from assumptions.chapters.schema import Case
from assumptions.chapters.silicon import Generation
from assumptions.door.casewise import listed
from assumptions.door.messages import error, nearest
from assumptions.door.units import HOURS_PER_MONTH
from valuation.devices.sites import STAY, Regime, SiteInputs
from valuation.timeline import MONTHS_PER_YEAR

REGIMES = {
    "free": Regime.FREE,
    "power_limited": Regime.POWER_LIMITED,
    "rack_limited": Regime.RACK_LIMITED,
}


def site_of(case: Case, name: str) -> int:
    """Place of a cohort's site in the list of sites; where only the standard one is described, all are like it.

    Parameters
    ----------
    case : Case
        The base.
    name : str
        Site in the schedule, empty for the standard one.

    Raises
    ------
    AssumptionError
        If the case describes sites and this is none of them.
    """
    names = list(case.sites)
    if name in names:
        return names.index(name)
    if name and len(names) > 1:
        remedy = f"describe it under [sites.{name}]; {nearest(name, names)}"
        raise error("schedule column site", f"{name!r} is not described", ", ".join(names), remedy)
    return names.index(STANDARD_SITE)


def operating_cost(case: Case, part: Generation, site: Site | None = None) -> float:
    """Avoidable cost of running a device for a month: power, facility, maintenance, repairs [USD].

    Parameters
    ----------
    case : Case
        Prices.
    part : Generation
        Device; zero where it has no cost or power.
    site : Site, optional
        Where it stands; the conditions of the operations chapter if none is given.
    """
    if part.it_kw is None or part.cost_usd is None:
        return 0.0
    yearly = case.operations.maintenance_share_of_cost_per_year.value + repair_share_of_cost(case, part)
    upkeep = part.cost_usd.value * yearly / MONTHS_PER_YEAR
    return part.it_kw.value * _per_kw(case, site) + upkeep


def _per_kw(case: Case, site: Site | None) -> float:
    """Space and energy that can be avoided, of a kW of IT power in a month."""
    avoidable = site is None or site.capacity_charge_avoidable.value == "yes"
    return (_space(case, site) if avoidable else 0.0) + _energy(case, site)


def _energy(case: Case, site: Site | None) -> float:
    """Electricity of a kW of IT power in a month."""
    price, pue = case.operations.electricity_price_usd_per_kwh.value, case.operations.pue.value
    if site is not None and site.electricity_price_usd_per_kwh is not None:
        price = site.electricity_price_usd_per_kwh.value
    if site is not None and site.pue is not None:
        pue = site.pue.value
    return case.operations.mean_load_of_it_kw.value * pue * HOURS_PER_MONTH * price


def _space(case: Case, site: Site | None) -> float:
    """Rent of the space of a kW of IT power in a month."""
    own = None if site is None else site.facility_rent_usd_per_it_kw_month
    return (case.operations.facility_rent_usd_per_it_kw_month if own is None else own).value


def site_inputs(case: Case, base: Case) -> SiteInputs:
    """Sites of a case, in the order of the base.

    Parameters
    ----------
    case : Case
        Whose conditions are used.
    base : Case
        Whose sites follow one another for all cases.
    """
    sites, parts = [case.sites[name] for name in base.sites], list(case.silicon.values())
    power = listed(part.it_kw.value if part.it_kw else 0.0 for part in parts)
    owed = [_space(case, site) if site.capacity_charge_avoidable.value == "no" else 0.0 for site in sites]
    regimes = [REGIMES[site.regime.value] for site in sites]
    running = listed(operating_cost(case, part, site) for site in sites for part in parts)
    return SiteInputs(
        names=tuple(base.sites),
        power_limited=listed(regime == Regime.POWER_LIMITED for regime in regimes),
        rack_limited=listed(regime == Regime.RACK_LIMITED for regime in regimes),
        operating_cost=running.reshape(len(sites), len(parts), -1),
        committed=listed(owed)[:, None] * power,
        removal_cost=listed(site.removal_cost_usd_per_it_kw.value for site in sites)[:, None] * power,
        commitment=listed(site.commitment_months.value for site in sites),
        availability=listed(site.availability_share.value for site in sites),
        obtainable=listed(site.obtainable_share_per_month.value for site in sites),
        next_site=np.array([_next(base, name) for name in base.sites]),
        moving_cost=listed(site.moving_cost_share.value for site in sites),
        energy=listed(_energy(case, site) for site in sites)[:, None] * power,
    )


def _next(case: Case, name: str) -> int:
    """Place of the next site in the list, `STAY` where there is none."""
    names, following = list(case.sites), case.sites[name].next_site
    if not following:
        return STAY
    place = f"sites.{name}.next_site"
    if following not in names:
        raise error(place, f"{following!r} is not described", ", ".join(names), nearest(following, names))
    if following == name or case.sites[following].next_site:
        what = f"{following!r} is the site itself, or has a next one in turn"
        raise error(place, what, "a site at which devices end", "name another, or clear next_site there")
    return names.index(following)
