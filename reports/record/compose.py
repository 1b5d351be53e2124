"""From a run of the assumptions package to the record that the exits print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assumptions import (
    AssumptionRow,
    CaseRun,
    Comparison,
    EstimateRow,
    MigrationRow,
    PlanRow,
    SensitivityRow,
    comparisons,
    describe,
)
from assumptions.answers.live import live_inputs, repair_shares
from assumptions.arrays.segments import served
from assumptions.cases.embedding import embedded_text
from assumptions.cases.listing import Scalar
from assumptions.chapters.curves import table_in_words
from assumptions.chapters.schema import Change
from assumptions.chapters.schema import Scenario as ScenarioFile
from assumptions.runs import PLANNING_DECLINE
from reports.record.display import plain
from reports.record.report import Report, Scenario
from valuation.analysis.readings import idle_landings, planning_decline_per_year

OPERATIONS = {"set": "set to", "scale": "times", "shift": "moved by", "delay": "delayed by [months]"}
WHOLE_FROM = 1000  # from here on a figure is shown without decimals
PURPOSE = "Straight-line books under several lives beside the economic value of the same hardware"


def compose(
    run: CaseRun,
    sensitivities: Sequence[SensitivityRow] = (),
    plans: Sequence[PlanRow] = (),
    notes: Sequence[str] = (),
    estimates: Sequence[EstimateRow] = (),
    migrations: Sequence[MigrationRow] = (),
) -> Report:
    """Gather one run for the exits.

    Parameters
    ----------
    run : CaseRun
        A case and its scenarios, evaluated.
    sensitivities : sequence of SensitivityRow
        Widest swing first.
    plans : sequence of PlanRow
        Empty for a fleet known in units.
    notes : sequence of str
        Sentences for the cover, beside the note of the case.
    estimates : sequence of EstimateRow
        Changes of estimate in the sets of books.
    migrations : sequence of MigrationRow
        Work that moves to silicon of the owner's own.
    """
    return Report(
        case=run.case.name,
        title=run.case.title,
        entity=run.case.title,
        digest=run.digest,
        results=run.results,
        scenarios=tuple(scenario_in_words(scenario) for scenario in run.scenarios),
        groups=tuple(run.groups),
        cohorts=tuple(run.cohort_labels),
        generations=tuple(run.case.silicon),
        purpose=PURPOSE,
        assumptions=tuple(_assumption(run, row) for row in describe(run.case) if _is_given(row)),
        sensitivities=tuple(row for row in sensitivities if row.swing > 0.0),
        plans=tuple(plans),
        estimates=tuple(estimates),
        migrations=tuple(migrations),
        live_inputs=live_inputs(run.case, run.scenarios, _solved(run)),
        repairs=repair_shares(run.case, run.scenarios),
        chosen_life=run.case.terms.planning_life_months.value,
        segments=tuple(served(run.case, run.case).segments),
        notes=tuple(
            note for note in (*_of_the_run(run), *map(beside, comparisons(run)), run.case.note, *notes) if note
        ),
        ledger_titles={name: ledger.title for name, ledger in run.case.ledgers.items()},
        inputs=embedded_text(run.case, run.scenarios),
        overrides=run.overrides,
    )


def _of_the_run(run: CaseRun) -> list[str]:
    """What a reader must know of this run: return required, values set by the user, last purchase."""
    told = [f"Valued at a required return of {run.case.terms.required_return_annual.value:.1%} a year, nominal."]
    if run.overrides:
        told.append(f"Set for this run: {'; '.join(f'{key} = {value}' for key, value in run.overrides)}.")
    bought = [cohort.purchase for cohort in run.cohorts if cohort.units > 0.0]
    if bought:
        told.append(f"Purchases are listed to {max(bought)}: later years show that fleet running off.")
    names = list(run.case.silicon)
    for part, better in idle_landings(run.results):
        told.append(
            f"{names[part]} does not lower the entry rent below that of {names[better]}, which landed before it: its "
            "landing moves nothing."
        )
    return told


def beside(seen: Comparison) -> str:
    """A sentence that sets an observation beside the model's figure."""
    modelled = _span(seen.modelled_low, seen.modelled_high)
    observed = _span(seen.low, seen.high)
    return (
        f"{seen.generation}, {seen.quantity} at the as-of date: {modelled} {seen.unit} here, {observed} observed in "
        f"{seen.date} ({seen.source}; {seen.confidence} confidence)."
    )


def _span(low: float, high: float) -> str:
    one, other = (f"{value:,.2f}" if value < WHOLE_FROM else f"{value:,.0f}" for value in (low, high))
    return one if one == other else f"{one} to {other}"


def scenario_in_words(scenario: ScenarioFile) -> Scenario:
    """A scenario as a reader meets it."""
    return Scenario(
        name=scenario.name,
        title=scenario.title,
        sentence=scenario.sentence,
        source=scenario.source,
        url=scenario.url,
        date=scenario.date,
        confidence=scenario.confidence,
        contradicted_by=scenario.contradicted_by,
        changes=tuple(change_in_words(change) for change in scenario.change),
    )


def change_in_words(change: Change) -> str:
    """One change of a scenario as a reader meets it."""
    value = change.value
    if isinstance(value, dict):
        return f"{change.key} {OPERATIONS[change.op]} {table_in_words(value) or value.get('kind', 'another path')}"
    return f"{change.key} {OPERATIONS[change.op]} {plain(value)}"


def _solved(run: CaseRun) -> dict[str, float]:
    """What the program found where the case leaves it open."""
    return {PLANNING_DECLINE: float(planning_decline_per_year(run.results)[0])}


def _is_given(row: AssumptionRow) -> bool:
    return row.value is not None or row.key == PLANNING_DECLINE


def _assumption(run: CaseRun, row: AssumptionRow) -> AssumptionRow:
    value: Scalar
    value, note = row.value, row.note
    if row.key == PLANNING_DECLINE and value is None:
        value = _solved(run)[row.key]
        note = "solved by the program: the decline at which a new frontier device breaks even; held when inputs change"
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return replace(row, value=value, note=note)
