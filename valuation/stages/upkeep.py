"""What it costs to run a device on its site, and what it brings when it is taken out."""

from __future__ import annotations

import numpy as np

from valuation.inputs import Inputs
from valuation.timeline import BoolArray, FloatArray, IntArray


def running_cost(inputs: Inputs, site: IntArray | None = None) -> FloatArray:
    """Avoidable cost of running the part that each cohort is, or that stands for it, for a month.

    Parameters
    ----------
    inputs : Inputs
        Fleet, silicon and sites.
    site : numpy.ndarray, optional
        Site that each cohort stands on, shape (C,); its own if none is given.

    Returns
    -------
    numpy.ndarray
        [USD per device-month], shape (C, n).
    """
    owned, sites = inputs.fleet, inputs.sites
    if sites is None:
        return np.asarray(inputs.silicon.operating_cost[owned.generation])
    return np.asarray(sites.operating_cost[owned.site if site is None else site, owned.generation])


def electric_share(inputs: Inputs) -> FloatArray:
    """Share of electricity in what it costs to run the part that each cohort is, or that stands for it.

    Parameters
    ----------
    inputs : Inputs
        Fleet, silicon and sites.

    Returns
    -------
    numpy.ndarray
        Shape (C, n).
    """
    if inputs.sites is None:
        return np.zeros((len(inputs.fleet.group), 1))
    site = np.broadcast_to(inputs.fleet.site, inputs.fleet.generation.shape)
    energy = np.broadcast_to(inputs.sites.energy, inputs.sites.operating_cost.shape)[site, inputs.fleet.generation]
    running = running_cost(inputs)
    return np.asarray(energy / np.where(running > 0.0, running, 1.0))


def brought(inputs: Inputs, leave: IntArray) -> FloatArray:
    """What a device brings when it leaves: what was agreed where it leaves by schedule, scrap elsewhere.

    Parameters
    ----------
    inputs : Inputs
        Fleet, silicon, terms and sites.
    leave : numpy.ndarray
        Retirement bound, shape (C, n).

    Returns
    -------
    numpy.ndarray
        [USD per device], shape (C, n).
    """
    return np.where(sold_by_schedule(inputs, leave), inputs.fleet.sale_value, net_scrap(inputs))


def sold_by_schedule(inputs: Inputs, leave: IntArray) -> BoolArray:
    """Whether devices leave at a bound (C, n) by schedule and at an agreed price, shape (C, n)."""
    owned = inputs.fleet
    return np.asarray((leave == owned.scheduled_retirement[:, None]) & ~np.isnan(owned.sale_value))


def net_scrap(inputs: Inputs, site: IntArray | None = None) -> FloatArray:
    """Scrap value of a device less what it costs to take it out.

    Parameters
    ----------
    inputs : Inputs
        Fleet, silicon, terms and sites.
    site : numpy.ndarray, optional
        Site that each cohort stands on, shape (C,); its own if none is given.

    Returns
    -------
    numpy.ndarray
        [USD per device], below zero where taking it out costs more than it brings, shape (C, n).
    """
    owned, sites = inputs.fleet, inputs.sites
    scrap = inputs.terms.scrap_share * owned.cost
    if sites is None:
        return np.asarray(scrap)
    removal = sites.removal_cost[owned.site if site is None else site, owned.generation]
    of_dollars = removal * owned.cost / inputs.silicon.cost[owned.generation]
    return np.asarray(scrap - np.where(owned.calibrated[:, None] > 0, of_dollars, removal))
