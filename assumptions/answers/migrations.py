"""A migration to the owner's own silicon in rows: what it saves and what it strands, by fiscal year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assumptions.cases.overlay import apply_scenario
from assumptions.runs import CaseRun
from valuation.analysis.captive import Migration, migration


@dataclass(frozen=True)
class MigrationRow:
    """One fiscal year of a migration in one scenario, or its present values.

    Attributes
    ----------
    scenario : str
        Name of the scenario.
    fiscal_year : int or None
        Fiscal year; none for present values at the as-of date.
    migrated_share : float
        Share of the work moved at the end of the year, or in the end.
    saving_usd : float
        Cost of new market devices for that work, less that of own silicon [USD].
    stranded_usd : float
        Quasi-rent that the owner's devices, later purchases among them, no longer earn, or its present value [USD].
    net_usd : float
        The first less the second [USD].
    """

    scenario: str
    fiscal_year: int | None
    migrated_share: float
    saving_usd: float
    stranded_usd: float
    net_usd: float


def migration_table(run: CaseRun) -> list[MigrationRow]:
    """Every migration of a run, present values first; nothing for scenarios in which no work moves.

    Parameters
    ----------
    run : CaseRun
        An evaluated case.
    """
    if not run.inputs.path.migrated.any():
        return []
    plans = [run.case.captive, *(apply_scenario(run.case, scenario).captive for scenario in run.scenarios[1:])]
    ratio = np.array([plan.cost_ratio.value for plan in plans])
    decline = np.array([plan.cost_decline_log_per_year.value for plan in plans])
    found = migration(run.results, ratio, decline)
    moving = [case for case in range(run.inputs.cases) if found.migrated[-1, case] > 0.0]
    return [row for case in moving for row in _rows(found, case, run.scenario_names[case])]


def _rows(found: Migration, case: int, scenario: str) -> list[MigrationRow]:
    """Present values, then the fiscal years in which the devices still earn."""
    whole = (found.migrated[-1], found.present_value_of_saving, found.value_lost, found.net)
    by_year = (found.migrated, found.saving, found.stranded, found.saving - found.stranded)
    rows = [MigrationRow(scenario, None, *(float(part[case]) for part in whole))]
    for number, year in enumerate(found.years):
        amounts = [float(part[number, case]) for part in by_year]
        if any(amounts[1:]):
            rows.append(MigrationRow(scenario, int(year), *amounts))
    return rows
