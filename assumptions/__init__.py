"""What is believed: sourced assumptions, schedules and scenarios, checked and turned into inputs of the engine.

The names below are the whole of what other packages use. They are imported when first asked for, so that importing
this package costs next to nothing. No module bears the name of a function, which it would hide.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assumptions.breakeven import BreakEven, Span, break_even, spans_of
    from assumptions.choices import attribution_choice
    from assumptions.cohorts import Cohort, groups, resolve
    from assumptions.conversion import build, build_independent
    from assumptions.depreciation import AssetRows, Question, RegisterRun, run_register
    from assumptions.differences import CaseDifference, DifferenceRow, case_difference
    from assumptions.draws import build_drawn, random_keys, sample_parameters
    from assumptions.estimates import EstimateRow, estimate_table
    from assumptions.etched import EtchedCase, etched_case
    from assumptions.fingerprint import digest, risk_digest
    from assumptions.listing import AssumptionRow, describe, describe_uncertainty, explain, sensitivities
    from assumptions.load import bundled_cases, load_case
    from assumptions.migrations import MigrationRow, migration_table
    from assumptions.new import new_case
    from assumptions.observations import Comparison, comparisons
    from assumptions.overlay import apply_overrides, apply_scenario, keys
    from assumptions.pack import with_files
    from assumptions.randomness import drawable
    from assumptions.register import Register, RegisterFiles, read_register
    from assumptions.reversestress import ReverseStress, reverse_stress
    from assumptions.riskrequest import Execution, Sampling, check_sampling, execution_of
    from assumptions.runs import (
        CaseRun,
        PlanRow,
        SensitivityRow,
        plan_table,
        run_case,
        sensitivity_table,
    )
    from assumptions.schema import Case, Scenario
    from assumptions.sensitivity import Shares, Tornado, check_method, tornado, variance_shares
    from assumptions.simulation import RiskRun, run_risk
    from assumptions.spectrum import Spectrum, load_spectrum, spectrum_rows
    from assumptions.spectrum_run import Handover, SpectrumGrid, even_steps, handovers, spectrum_grid
    from assumptions.uncertainty import Uncertainty

_HOMES = {
    "AssetRows": "depreciation",
    "AssumptionRow": "listing",
    "BreakEven": "breakeven",
    "Case": "schema",
    "CaseDifference": "differences",
    "CaseRun": "runs",
    "Cohort": "cohorts",
    "Comparison": "observations",
    "DifferenceRow": "differences",
    "EstimateRow": "estimates",
    "Execution": "riskrequest",
    "MigrationRow": "migrations",
    "EtchedCase": "etched",
    "Handover": "spectrum_run",
    "PlanRow": "runs",
    "Question": "depreciation",
    "Register": "register",
    "RegisterFiles": "register",
    "RegisterRun": "depreciation",
    "RiskRun": "simulation",
    "Sampling": "riskrequest",
    "ReverseStress": "reversestress",
    "Scenario": "schema",
    "SensitivityRow": "runs",
    "Shares": "sensitivity",
    "Span": "breakeven",
    "Spectrum": "spectrum",
    "SpectrumGrid": "spectrum_run",
    "Tornado": "sensitivity",
    "Uncertainty": "uncertainty",
    "apply_overrides": "overlay",
    "apply_scenario": "overlay",
    "attribution_choice": "choices",
    "break_even": "breakeven",
    "build": "conversion",
    "build_drawn": "draws",
    "build_independent": "conversion",
    "bundled_cases": "load",
    "case_difference": "differences",
    "check_sampling": "riskrequest",
    "check_method": "sensitivity",
    "comparisons": "observations",
    "describe": "listing",
    "describe_uncertainty": "listing",
    "digest": "fingerprint",
    "drawable": "randomness",
    "estimate_table": "estimates",
    "etched_case": "etched",
    "even_steps": "spectrum_run",
    "explain": "listing",
    "groups": "cohorts",
    "handovers": "spectrum_run",
    "keys": "overlay",
    "load_case": "load",
    "migration_table": "migrations",
    "load_spectrum": "spectrum",
    "execution_of": "riskrequest",
    "new_case": "new",
    "plan_table": "runs",
    "random_keys": "draws",
    "read_register": "register",
    "resolve": "cohorts",
    "reverse_stress": "reversestress",
    "risk_digest": "fingerprint",
    "run_case": "runs",
    "run_register": "depreciation",
    "run_risk": "simulation",
    "sample_parameters": "draws",
    "sensitivities": "listing",
    "sensitivity_table": "runs",
    "spans_of": "breakeven",
    "spectrum_grid": "spectrum_run",
    "spectrum_rows": "spectrum",
    "tornado": "sensitivity",
    "variance_shares": "sensitivity",
    "with_files": "pack",
}

__all__ = [
    "AssetRows",
    "AssumptionRow",
    "BreakEven",
    "Case",
    "CaseDifference",
    "CaseRun",
    "Cohort",
    "Comparison",
    "DifferenceRow",
    "EstimateRow",
    "EtchedCase",
    "Execution",
    "Handover",
    "MigrationRow",
    "PlanRow",
    "Question",
    "Register",
    "RegisterFiles",
    "RegisterRun",
    "ReverseStress",
    "RiskRun",
    "Sampling",
    "Scenario",
    "SensitivityRow",
    "Shares",
    "Span",
    "Spectrum",
    "SpectrumGrid",
    "Tornado",
    "Uncertainty",
    "apply_overrides",
    "apply_scenario",
    "attribution_choice",
    "break_even",
    "build",
    "build_drawn",
    "build_independent",
    "bundled_cases",
    "case_difference",
    "check_method",
    "check_sampling",
    "comparisons",
    "describe",
    "describe_uncertainty",
    "digest",
    "drawable",
    "estimate_table",
    "etched_case",
    "even_steps",
    "execution_of",
    "explain",
    "groups",
    "handovers",
    "keys",
    "load_case",
    "load_spectrum",
    "migration_table",
    "new_case",
    "plan_table",
    "random_keys",
    "read_register",
    "resolve",
    "reverse_stress",
    "risk_digest",
    "run_case",
    "run_register",
    "run_risk",
    "sample_parameters",
    "sensitivities",
    "sensitivity_table",
    "spans_of",
    "spectrum_grid",
    "spectrum_rows",
    "tornado",
    "variance_shares",
    "with_files",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
