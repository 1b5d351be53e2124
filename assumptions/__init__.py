"""What is believed: sourced assumptions, schedules and scenarios, checked and turned into inputs of the engine.

The names below are the whole of what other packages use. They are imported when first asked for, so that importing
this package costs next to nothing. No module bears the name of a function, which it would hide.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assumptions.answers.choices import attribution_choice
    from assumptions.answers.differences import CaseDifference, DifferenceRow, case_difference
    from assumptions.answers.estimates import EstimateRow, estimate_table
    from assumptions.answers.etched import EtchedCase, etched_case
    from assumptions.answers.migrations import MigrationRow, migration_table
    from assumptions.answers.observations import Comparison, comparisons
    from assumptions.answers.spectrum import Spectrum, load_spectrum, spectrum_rows
    from assumptions.answers.spectrum_run import Handover, SpectrumGrid, even_steps, handovers, spectrum_grid
    from assumptions.arrays.cohorts import Cohort, groups, resolve
    from assumptions.arrays.conversion import build, build_independent
    from assumptions.cases.fingerprint import digest, risk_digest
    from assumptions.cases.listing import AssumptionRow, describe, describe_uncertainty, explain, sensitivities
    from assumptions.cases.load import bundled_cases, load_case
    from assumptions.cases.new import new_case
    from assumptions.cases.overlay import apply_overrides, apply_scenario, keys
    from assumptions.cases.pack import with_files
    from assumptions.cases.randomness import drawable
    from assumptions.chapters.schema import Case, Scenario
    from assumptions.chapters.uncertainty import Uncertainty
    from assumptions.levers.breakeven import BreakEven, Span, break_even, spans_of
    from assumptions.levers.reversestress import ReverseStress, reverse_stress
    from assumptions.levers.sensitivity import Shares, Tornado, check_method, tornado, variance_shares
    from assumptions.register.depreciation import AssetRows, Question, RegisterRun, run_register
    from assumptions.register.reading import Register, RegisterFiles, read_register
    from assumptions.risk.draws import build_drawn, random_keys, sample_parameters
    from assumptions.risk.riskrequest import Execution, Sampling, check_sampling, execution_of
    from assumptions.risk.simulation import RiskRun, run_risk
    from assumptions.runs import (
        CaseRun,
        PlanRow,
        SensitivityRow,
        plan_table,
        run_case,
        sensitivity_table,
    )

_HOMES = {
    "AssetRows": "register.depreciation",
    "AssumptionRow": "cases.listing",
    "BreakEven": "levers.breakeven",
    "Case": "chapters.schema",
    "CaseDifference": "answers.differences",
    "CaseRun": "runs",
    "Cohort": "arrays.cohorts",
    "Comparison": "answers.observations",
    "DifferenceRow": "answers.differences",
    "EstimateRow": "answers.estimates",
    "Execution": "risk.riskrequest",
    "MigrationRow": "answers.migrations",
    "EtchedCase": "answers.etched",
    "Handover": "answers.spectrum_run",
    "PlanRow": "runs",
    "Question": "register.depreciation",
    "Register": "register.reading",
    "RegisterFiles": "register.reading",
    "RegisterRun": "register.depreciation",
    "RiskRun": "risk.simulation",
    "Sampling": "risk.riskrequest",
    "ReverseStress": "levers.reversestress",
    "Scenario": "chapters.schema",
    "SensitivityRow": "runs",
    "Shares": "levers.sensitivity",
    "Span": "levers.breakeven",
    "Spectrum": "answers.spectrum",
    "SpectrumGrid": "answers.spectrum_run",
    "Tornado": "levers.sensitivity",
    "Uncertainty": "chapters.uncertainty",
    "apply_overrides": "cases.overlay",
    "apply_scenario": "cases.overlay",
    "attribution_choice": "answers.choices",
    "break_even": "levers.breakeven",
    "build": "arrays.conversion",
    "build_drawn": "risk.draws",
    "build_independent": "arrays.conversion",
    "bundled_cases": "cases.load",
    "case_difference": "answers.differences",
    "check_sampling": "risk.riskrequest",
    "check_method": "levers.sensitivity",
    "comparisons": "answers.observations",
    "describe": "cases.listing",
    "describe_uncertainty": "cases.listing",
    "digest": "cases.fingerprint",
    "drawable": "cases.randomness",
    "estimate_table": "answers.estimates",
    "etched_case": "answers.etched",
    "even_steps": "answers.spectrum_run",
    "explain": "cases.listing",
    "groups": "arrays.cohorts",
    "handovers": "answers.spectrum_run",
    "keys": "cases.overlay",
    "load_case": "cases.load",
    "migration_table": "answers.migrations",
    "load_spectrum": "answers.spectrum",
    "execution_of": "risk.riskrequest",
    "new_case": "cases.new",
    "plan_table": "runs",
    "random_keys": "risk.draws",
    "read_register": "register.reading",
    "resolve": "arrays.cohorts",
    "reverse_stress": "levers.reversestress",
    "risk_digest": "cases.fingerprint",
    "run_case": "runs",
    "run_register": "register.depreciation",
    "run_risk": "risk.simulation",
    "sample_parameters": "risk.draws",
    "sensitivities": "cases.listing",
    "sensitivity_table": "runs",
    "spans_of": "levers.breakeven",
    "spectrum_grid": "answers.spectrum_run",
    "spectrum_rows": "answers.spectrum",
    "tornado": "levers.sensitivity",
    "variance_shares": "levers.sensitivity",
    "with_files": "cases.pack",
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
