"""From the failures of a case to the tables of the engine, by age and by part.

Tables have one row for all parts where parts do not differ, and no arithmetic is done on what is switched off, so that
a case that sets nothing keeps its figures to the bit.
"""

from __future__ import annotations

import numpy as np

from assumptions.arrays.pressures import training_shares
from assumptions.chapters.durability import Survivors
from assumptions.chapters.schema import Case
from assumptions.chapters.silicon import Generation
from assumptions.door.casewise import listed
from assumptions.door.messages import error
from assumptions.door.provenance import Number
from assumptions.door.units import HOURS_PER_DAY, MINUTES_PER_HOUR
from valuation.devices.failures import (
    HOURS_PER_YEAR,
    best_checkpoint_interval,
    goodput,
    monthly_hazard,
    uptime_share,
    weibull_survivors,
)
from valuation.timeline import MONTHS_PER_YEAR, FloatArray

LEAST_SERVICE = 1e-12
"""Share of a service that is nil for every purpose, yet can still be divided by."""


def monthly_probability(annual: FloatArray | float) -> FloatArray:
    """Probability in a month from that in a year, the hazard being even.

    Parameters
    ----------
    annual : float or numpy.ndarray
        Probability per year, any shape.
    """
    return np.asarray(1.0 - (1.0 - np.asarray(annual, dtype=np.float64)) ** (1 / MONTHS_PER_YEAR))


def failure_hazard(case: Case, ages: int) -> FloatArray:
    """Probability that a device is lost in the month that starts at each age, none within the warranty.

    Parameters
    ----------
    case : Case
        The case.
    ages : int
        Months of age, ``A``.

    Returns
    -------
    numpy.ndarray
        Shape (A, G, n), or (A, 1, n) where no part has a multiplier.
    """
    hazard = _broken(case, ages)
    within = np.arange(ages)[:, None, None] < case.failures.warranty_months.value
    return np.where(within, 0.0, hazard) if within.any() else hazard


def _broken(case: Case, ages: int) -> FloatArray:
    """Probability of permanent failure by age and part, whoever bears it: early, steady, worn out, or by a table."""
    failures, operations = case.failures, case.operations
    early = np.arange(ages)[:, None] < operations.failure_early_months.value
    annual = np.where(early, operations.failure_early_annual.value, operations.failure_steady_annual.value)
    hazard = monthly_probability(annual) if failures.survivors is None else _tabled(failures.survivors, ages)
    if failures.survivors is None and failures.wear_out_scale_years is not None:
        years = (np.arange(ages + 1) / MONTHS_PER_YEAR)[:, None]
        scale, shape = failures.wear_out_scale_years.value, failures.wear_out_shape.value
        worn = monthly_hazard(weibull_survivors(years, np.array(scale), np.array(shape)))
        hazard = 1.0 - (1.0 - hazard) * (1.0 - worn)
    times = _by_part(case, "failure_multiplier")
    if np.all(times == 1.0):
        return hazard[:, None]
    return np.asarray(1.0 - (1.0 - hazard[:, None]) ** times)


def _tabled(table: Survivors, ages: int) -> FloatArray:
    """Monthly probability from survivors by age, shape (A, 1): an even hazard between the points."""
    months = np.array([point.age_years * MONTHS_PER_YEAR for point in table.points])
    logs = np.log([point.survivors for point in table.points])
    last = (logs[-1] - logs[-2]) / (months[-1] - months[-2])
    age = np.arange(ages + 1.0)
    held = np.interp(age, months, logs) + last * np.maximum(age - months[-1], 0.0)
    return np.asarray(-np.expm1(np.diff(held)))[:, None]


def _by_part(case: Case, name: str) -> FloatArray:
    """A factor of every part, 1 where none is given, shape (G, n)."""
    return listed(_or_one(getattr(part, name)) for part in case.silicon.values())


def _or_one(given: Number | None) -> float:
    return 1.0 if given is None else given.value


def age_efficiency(case: Case, ages: int) -> FloatArray:
    """Service of a device of each age relative to a new one: its decline, and days lost to replacement under warranty.

    Parameters
    ----------
    case : Case
        The case.
    ages : int
        Months of age, ``A``.

    Returns
    -------
    numpy.ndarray
        Shape (A, G, n) or (A, 1, n).
    """
    decline = case.operations.age_efficiency_decline_log_per_year.value / MONTHS_PER_YEAR
    efficiency = np.exp(-decline * np.arange(ages)[:, None])[:, None]
    within = np.arange(ages)[:, None, None] < case.failures.warranty_months.value
    if not within.any():
        return np.asarray(efficiency)
    replaced = np.where(within, MONTHS_PER_YEAR * _broken(case, ages), 0.0)
    hours = np.array(case.failures.replacement_days.value * HOURS_PER_DAY)
    return np.asarray(efficiency * uptime_share(replaced, hours))


def availability(case: Case) -> FloatArray:
    """Share of the service that reaches renters, by part and segment.

    Spares earn nothing, devices under repair neither, and a job stopped by one of its devices does part of its work
    again. What the reference rate of interruptions costs is in today's rents: only what a part adds to it is lost.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    numpy.ndarray
        Shape (G, S, n).
    """
    failures = case.failures
    repairs = failures.repairs_per_year.value * _by_part(case, "failure_multiplier")
    working = uptime_share(repairs, np.array(failures.repair_days.value * HOURS_PER_DAY))
    working = working / (1.0 + failures.spares_share.value)
    lost = training_shares(case) * (1.0 - _relative_goodput(case))[:, None]
    return np.asarray(np.maximum(working[:, None] * (1.0 - lost), LEAST_SERVICE))


def _relative_goodput(case: Case) -> FloatArray:
    """Useful share of a training job on each part over that at the reference rate, shape (G, n)."""
    failures = case.failures
    rest = failures.other_interruptions_per_year.value
    own = failures.interruptions_per_year.value * _by_part(case, "interruption_multiplier")
    reference = _goodput(case, np.array(failures.interruptions_per_year.value + rest))
    if np.any(reference <= 0.0):
        what = f"a job of {failures.devices_per_job.value:.15g} devices makes no headway between interruptions"
        remedy = "take fewer devices, fewer interruptions or shorter times"
        raise error("failures.devices_per_job", what, "a job that does some work", remedy)
    return np.asarray(_goodput(case, own + rest) / reference)


def _goodput(case: Case, per_year: FloatArray) -> FloatArray:
    """Useful share of a job, checkpoints written at the interval that loses least."""
    failures = case.failures
    devices, rate = np.array(failures.devices_per_job.value), per_year / HOURS_PER_YEAR
    checkpoint = np.array(failures.checkpoint_minutes.value / MINUTES_PER_HOUR)
    restart = np.array(failures.restart_minutes.value / MINUTES_PER_HOUR)
    interval = best_checkpoint_interval(devices, rate, checkpoint)
    # A checkpoint that takes no time is written all the time.
    interval = np.where(checkpoint > 0.0, interval, np.finfo(np.float64).tiny)
    return goodput(devices, rate, interval=interval, checkpoint_hours=checkpoint, restart_hours=restart)


def repair_share_of_cost(case: Case, part: Generation) -> float:
    """Repairs a year after the warranty as a share of cost, spread over the life that an entrant plans with.

    Parameters
    ----------
    case : Case
        The case.
    part : Generation
        The part, whose failures are so many times the common ones.
    """
    plan, warranty = case.terms.planning_life_months.value, case.failures.warranty_months.value
    borne = 1.0 - min(warranty, plan) / plan
    return case.failures.repair_share_of_cost_per_year.value * _or_one(part.failure_multiplier) * borne
