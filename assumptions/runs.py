"""Runs: a case with its scenarios, evaluated; and the two tables that say what its answer hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from pydantic import ValidationError

from assumptions.arrays.cohorts import Cohort, groups, resolve
from assumptions.arrays.conversion import build, build_independent
from assumptions.cases.fingerprint import digest
from assumptions.cases.listing import AssumptionRow, Scalar, describe, sensitivities
from assumptions.cases.overlay import apply_overrides, apply_scenario, changed, parse_override
from assumptions.cases.pack import select
from assumptions.chapters.schema import Case, Change, Scenario
from assumptions.door.messages import error, translated
from valuation.analysis.summary import total_gap, total_value_in_exchange
from valuation.engine import evaluate
from valuation.errors import NoSolutionError
from valuation.inputs import Inputs
from valuation.results import Results
from valuation.stages.calibration import freeze, with_frozen

RANKING_LEDGER = "disclosed"
"""Ledger whose gap ranks the sensitivities, where the case keeps it."""

PLANNING_DECLINE = "terms.planning_decline_log_per_year"
DECLINE_RANGE = "a case in which some decline makes a new part worth its cost"
DECLINE_REMEDY = (
    f"set {PLANNING_DECLINE}, or correct that value, terms.planning_life_months, terms.physical_life_months or the "
    "fall of rents"
)

MAX_STACK = 32
"""Cases evaluated at once; more would only take memory, for each date of the history is a case of its own."""
PORTION = 8
"""Ends of ranges made and evaluated at once: a sixth slower than all at once, in a third of the memory."""


@dataclass(frozen=True)
class CaseRun:
    """A case and its scenarios, evaluated.

    Attributes
    ----------
    case : Case
        The base, overrides applied.
    scenarios : tuple of Scenario
        In the order of the case axis; the first is the base.
    inputs : Inputs
        Stacked, frozen.
    results : Results
        Of the engine.
    digest : str
        Fingerprint of the resolved assumptions.
    overrides : tuple of (str, object)
        Values set by the user, as key and value.
    """

    case: Case
    scenarios: tuple[Scenario, ...]
    inputs: Inputs
    results: Results
    digest: str
    overrides: tuple[tuple[str, Any], ...] = ()

    @property
    def cohorts(self) -> list[Cohort]:
        """Cohorts of the base, in the order of the cohort axis."""
        return resolve(self.case)

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Reporting groups (asset class, generation), in the order of the group axis."""
        return groups(self.case)

    @property
    def cohort_labels(self) -> list[str]:
        """Names of the cohorts, in the order of the cohort axis."""
        return [cohort.label for cohort in self.cohorts]

    @property
    def scenario_names(self) -> list[str]:
        """Names of the scenarios, in the order of the case axis."""
        return [scenario.name for scenario in self.scenarios]


def run_case(
    case: Case,
    scenario_names: Sequence[str] | None = None,
    overrides: Iterable[str | tuple[str, Any]] = (),
    horizon_months: int | None = None,
) -> CaseRun:
    """Evaluate a case and its scenarios.

    Parameters
    ----------
    case : Case
        The case.
    scenario_names : sequence of str, optional
        Scenarios beside the base, in order; all that the case has if None, none if empty.
    overrides : iterable of str or (str, object)
        Values set in the base, as ``key=value`` or pairs; they hold in every scenario that does not set them itself.
    horizon_months : int, optional
        Months valued after the as-of month; those of the case if None.

    Returns
    -------
    CaseRun
        The base first.
    """
    given = list(overrides)
    base = with_horizon(apply_overrides(case, given) if given else case, horizon_months)
    chosen = select(base, scenario_names)
    variants = [apply_scenario(base, scenario) for scenario in chosen[1:]]
    inputs = freeze_base(build(base, variants, [scenario.name for scenario in chosen[1:]]))
    return CaseRun(
        case=base,
        scenarios=chosen,
        inputs=inputs,
        results=evaluate(inputs),
        digest=digest(base, chosen),
        overrides=tuple(_pair(item) for item in given),
    )


def _pair(item: str | tuple[str, Any]) -> tuple[str, Any]:
    return parse_override(item) if isinstance(item, str) else item


def with_horizon(case: Case, horizon_months: int | None) -> Case:
    """Case with another horizon, checked again.

    Parameters
    ----------
    case : Case
        The case.
    horizon_months : int or None
        Months; None leaves the case as it is.
    """
    if horizon_months is None:
        return case
    try:
        return Case.model_validate({**dict(case), "horizon_months": horizon_months})
    except ValidationError as failure:
        raise translated(failure, "--horizon", Case) from None


def freeze_base(inputs: Inputs) -> Inputs:
    """Inputs with the quantities measured in the base, which is case 0.

    Parameters
    ----------
    inputs : Inputs
        Of `build`.
    """
    try:
        return with_frozen(inputs, freeze(inputs.take(np.array([0]))))
    except NoSolutionError as failure:
        raise error(PLANNING_DECLINE, str(failure), DECLINE_RANGE, DECLINE_REMEDY) from None


@dataclass(frozen=True)
class SensitivityRow:
    """What one assumption does to the gap at the as-of date, at both ends of its range.

    Attributes
    ----------
    key, label, unit, confidence : str
        The assumption.
    value, low, high : object
        Its value and range; None where no end is claimed.
    gap, gap_low, gap_high : dict of float
        Gap by ledger in the base and at the ends [USD]; NaN at an end that has no planning decline.
    swing : float
        Widest difference between these gaps under the ranking ledger [USD].
    """

    key: str
    label: str
    unit: str
    confidence: str
    value: Scalar
    low: Scalar
    high: Scalar
    gap: dict[str, float]
    gap_low: dict[str, float]
    gap_high: dict[str, float]
    swing: float


def sensitivity_table(case: Case) -> list[SensitivityRow]:
    """Gap at the as-of date with each assumption at its low and its high, widest swing first.

    Each end is a base of its own: beliefs, history and plans follow it.

    Parameters
    ----------
    case : Case
        The base.

    Returns
    -------
    list of SensitivityRow
        One for each assumption with a range.
    """
    [(base, _)] = _evaluate_independent([case])
    at: dict[str, dict[str, dict[str, float]]] = {}
    ends = sensitivities(case)
    while portion := list(islice(ends, PORTION)):
        gaps = _evaluate_independent([moved for _, _, moved in portion])
        for (key, end, _), (gap, _) in zip(portion, gaps, strict=True):
            at.setdefault(key, {})[end] = gap
    ledger = RANKING_LEDGER if RANKING_LEDGER in case.ledgers else next(iter(case.ledgers))
    listed = {row.key: row for row in describe(case)}
    rows = [_sensitivity(listed[key], base, found, ledger) for key, found in at.items()]
    return sorted(rows, key=lambda row: -row.swing)


def _sensitivity(
    row: AssumptionRow, base: dict[str, float], found: dict[str, dict[str, float]], ledger: str
) -> SensitivityRow:
    low, high = found.get("low", base), found.get("high", base)
    reached = [gap[ledger] for gap in (base, low, high)]
    return SensitivityRow(
        key=row.key,
        label=row.label,
        unit=row.unit,
        confidence=row.confidence,
        value=row.value,
        low=row.low,
        high=row.high,
        gap=base,
        gap_low=low,
        gap_high=high,
        swing=float(np.nanmax(reached) - np.nanmin(reached)),
    )


def _evaluate_independent(cases: Sequence[Case]) -> list[tuple[dict[str, float], float]]:
    """Gap by ledger and value in exchange at the as-of date of cases that are each their own base.

    NaN for a case in which no planning decline makes a new part worth its cost.
    """
    found: dict[int, tuple[dict[str, float], float]] = {}
    for inputs, positions in build_independent(cases):
        rows = list(range(len(positions)))
        results = evaluate_solvable(inputs, rows)
        if results is None:
            continue
        gaps, value = total_gap(results), total_value_in_exchange(results)
        for column, row in enumerate(rows):
            by_ledger = {name: float(_at(gap, column)) for name, gap in gaps.items()}
            found[positions[row]] = (by_ledger, float(_at(value, column)))
    unsolved = (dict.fromkeys(cases[0].ledgers, np.nan), np.nan)
    return [found.get(position, unsolved) for position in range(len(cases))]


def evaluate_solvable(inputs: Inputs, rows: list[int], bases: Inputs | None = None) -> Results | None:
    """Results of the rows of a stack that have a solution, None if none has; the others are struck off the list.

    Parameters
    ----------
    inputs : Inputs
        Stack, not frozen.
    rows : list of int
        Its cases that are wanted; those without a solution are taken out of it.
    bases : Inputs, optional
        Their bases, as long as the stack; each case is its own if left out.
    """
    while rows:
        chosen = np.array(rows)
        try:
            taken = inputs.take(chosen)
            return evaluate(taken if bases is None else with_frozen(taken, freeze(bases.take(chosen))))
        except NoSolutionError as failure:
            del rows[failure.case]
    return None


def _at(values: np.ndarray[Any, np.dtype[np.float64]], column: int) -> float:
    """Value of a case; one that does not vary stands for all."""
    return float(values[min(column, len(values) - 1)])


@dataclass(frozen=True)
class PlanRow:
    """Value of a calibrated fleet under one plan.

    Attributes
    ----------
    plan : str
        Rent path behind the plans: flat, default or hindsight.
    value_in_exchange : float
        At the as-of date [USD].
    gap : dict of float
        By ledger [USD].
    chosen : bool
        Whether the case values by this plan.
    """

    plan: str
    value_in_exchange: float
    gap: dict[str, float]
    chosen: bool


def plan_table(case: Case) -> list[PlanRow]:
    """As-of value of a fleet known in dollars under the three plans; empty for a fleet known in units.

    Parameters
    ----------
    case : Case
        The base.
    """
    if not any(cohort.calibrated and cohort.units > 0.0 for cohort in resolve(case)):
        return []
    provenance = {"basis": "judgement", "source": "one of the three plans"}
    plans = ("flat", "default", "hindsight")
    changes = [Change(op="set", key="terms.plan", value=plan) for plan in plans]
    cases = [changed(case, [change], "plans", provenance) for change in changes]
    return [
        PlanRow(plan, value, gaps, chosen=case.terms.plan.value == plan)
        for plan, (gaps, value) in zip(plans, _evaluate_independent(cases), strict=True)
    ]
