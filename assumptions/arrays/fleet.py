"""From the cohorts of a case to the fleet of the engine."""

from __future__ import annotations

import numpy as np

from assumptions.arrays.cohorts import Cohort, groups, resolve
from assumptions.arrays.sites import site_of
from assumptions.chapters.schema import Case
from assumptions.door.casewise import listed
from assumptions.door.months import between
from valuation.inputs import FleetInputs
from valuation.stages.entry import survivors_by_age
from valuation.timeline import NEVER, FloatArray, IntArray, Timeline


def fleet_inputs(case: Case, base: Case, own: Timeline, hazard: FloatArray) -> FleetInputs:
    """Cohorts: their dates and devices from the base, their amounts from the case.

    Parameters
    ----------
    case : Case
        Whose amounts are used.
    base : Case
        Whose dates hold for every case.
    own : Timeline
        The grid.
    hazard : numpy.ndarray
        Probability of permanent failure by month of age, shape (A, g, n).
    """
    dated, valued = resolve(base), resolve(case)
    reported, names = groups(base), list(base.silicon)
    start = str(own.first_bound)

    def bounds(attribute: str) -> IntArray:
        months = [getattr(cohort, attribute) for cohort in dated]
        return np.array([NEVER if month is None else between(start, month) for month in months], dtype=np.int64)

    survivors = survivors_by_age(hazard)
    rows = [names.index(cohort.device) if survivors.shape[1] > 1 else 0 for cohort in dated]
    return FleetInputs(
        group=np.array([reported.index((cohort.asset_class, cohort.generation)) for cohort in dated]),
        generation=np.array([names.index(cohort.device) for cohort in dated]),
        site=np.array([site_of(base, cohort.site) for cohort in dated]),
        calibrated=np.array([int(cohort.calibrated) for cohort in dated]),
        purchase=bounds("purchase"),
        in_service=bounds("in_service"),
        scheduled_retirement=bounds("retired"),
        units=np.array([[cohort.units] for cohort in valued]),
        cost=np.array([[cohort.unit_cost_usd] for cohort in valued]),
        sale_value=listed(
            _sale_value(cohort, survivors[:, row], start) for cohort, row in zip(valued, rows, strict=True)
        ),
    )


def _sale_value(cohort: Cohort, survivors: FloatArray, start: str) -> float | FloatArray:
    """Proceeds per unit still there at the scheduled retirement; NaN means scrap."""
    if cohort.sale_proceeds_usd is None or cohort.retired is None or cohort.units == 0.0:
        return float("nan")
    oldest = len(survivors) - 1
    # The units of a stock older than the grid are those still there at bound 0.
    counted = max(0, -between(start, cohort.in_service))
    age = between(cohort.in_service, cohort.retired)
    remaining = survivors[min(age, oldest)] / survivors[min(counted, oldest)]
    return np.asarray(cohort.sale_proceeds_usd / (cohort.units * remaining))
