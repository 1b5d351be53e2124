from __future__ import annotations

import numpy as np
import pytest

from assumptions import load_case, plan_table, run_case, sensitivity_table
from assumptions.cases.pack import select
from assumptions.chapters.schema import Case, Change
from assumptions.runs import freeze_base
from tests.unit.assumptions.conftest import Writer
from valuation.analysis.summary import total_gap, total_value_in_exchange
from valuation.errors import AssumptionError


@pytest.mark.parametrize("name", ["neocloud", "meta"])
def test_a_run_holds_all_scenarios(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    run = run_case(case)
    assert run.scenario_names == [scenario.name for scenario in case.scenarios]
    assert run.inputs.cases == len(run.scenarios)
    assert len(run.cohort_labels) == len(run.inputs.fleet.group)
    assert run.inputs.groups == len(run.groups)
    for group, cohort in zip(run.inputs.fleet.group, run.cohorts, strict=True):
        assert run.groups[group] == (cohort.asset_class, cohort.generation)
    for gap in total_gap(run.results).values():
        assert np.isfinite(gap).all()


def test_the_base_does_not_depend_on_its_company(neocloud: Case) -> None:
    alone = run_case(neocloud, [])
    beside = run_case(neocloud, ["mining_bust"])
    assert alone.scenario_names == ["base"]
    assert beside.scenario_names == ["base", "mining_bust"]
    for ledger, gap in total_gap(alone.results).items():
        assert total_gap(beside.results)[ledger][0] == pytest.approx(gap[0], rel=1e-12)


def test_all_scenarios_start_from_the_observed_rent(neocloud: Case) -> None:
    run = run_case(neocloud)
    rent = run.results.market.rent[run.inputs.timeline.as_of, 0]
    assert rent == pytest.approx(np.full(rent.shape, 3.789 * 0.70))


def test_names_are_taken_once_and_the_base_first(neocloud: Case) -> None:
    chosen = select(neocloud, ["mining_bust", "base", "mining_bust"])
    assert [scenario.name for scenario in chosen] == ["base", "mining_bust"]
    with pytest.raises(AssumptionError, match="did you mean mining_bust"):
        select(neocloud, ["minning_bust"])


def test_overrides_hold_in_every_scenario(neocloud: Case) -> None:
    run = run_case(neocloud, ["landing_late"], ["market.contract_to_list_ratio=0.8", ("terms.scrap_share_of_cost", 0)])
    assert run.overrides == (("market.contract_to_list_ratio", 0.8), ("terms.scrap_share_of_cost", 0))
    assert run.case.market.contract_to_list_ratio.value == 0.8
    assert run.inputs.terms.scrap_share.tolist() == [0.0]
    assert run.digest != run_case(neocloud, ["landing_late"]).digest


def test_the_horizon_can_be_set(neocloud: Case) -> None:
    run = run_case(neocloud, [], horizon_months=240)
    assert run.inputs.timeline.forecast_periods == 240
    with pytest.raises(AssumptionError, match="horizon"):
        run_case(neocloud, [], horizon_months=3)


def test_inputs_of_a_run_are_frozen_in_the_base(neocloud: Case) -> None:
    run = run_case(neocloud, ["mining_bust"])
    assert run.inputs.frozen is not None
    assert run.inputs.frozen.scarcity.shape == (3, 1)
    again = freeze_base(run.inputs)
    assert again.frozen is not None
    assert np.array_equal(again.frozen.planning_decline, run.inputs.frozen.planning_decline)


def small(write_case: Writer) -> Case:
    """A case whose sensitivities are quick."""
    return load_case(write_case())


@pytest.mark.slow
def test_sensitivities_are_ranked_by_swing(write_case: Writer) -> None:
    case = small(write_case)
    rows = sensitivity_table(case)
    swings = [row.swing for row in rows]
    assert swings == sorted(swings, reverse=True)
    assert swings[0] > 0.0
    by_key = {row.key: row for row in rows}
    step = by_key["market.generic_step_log"]
    assert (step.value, step.low, step.high) == (0.27, 0.17, 0.38)
    assert step.gap["three_year"] == pytest.approx(total_gap(run_case(case, []).results)["three_year"][0], rel=1e-9)
    alone = run_case(case, [], ["market.generic_step_log=0.38"])
    assert step.gap_high["three_year"] == pytest.approx(total_gap(alone.results)["three_year"][0], rel=1e-9)
    assert by_key["capex.server_share_of_capex"].swing == 0.0


def test_plans_are_compared_where_rents_are_calibrated(meta: Case, neocloud: Case) -> None:
    assert plan_table(neocloud) == []
    rows = plan_table(meta)
    assert [(row.plan, row.chosen) for row in rows] == [("flat", False), ("default", True), ("hindsight", False)]
    value = total_value_in_exchange(run_case(meta, []).results)[0]
    assert rows[1].value_in_exchange == pytest.approx(value, rel=1e-9)
    assert rows[0].value_in_exchange < rows[1].value_in_exchange


def test_a_run_without_a_solution_names_what_to_change(write_case: Writer) -> None:
    with pytest.raises(AssumptionError, match=r"planning_decline_log_per_year: no planning decline .* set terms"):
        run_case(small(write_case), [], ["terms.physical_life_months=1"])


@pytest.mark.slow
def test_an_end_without_a_solution_is_missing_and_stops_nothing(write_case: Writer) -> None:
    """A planning life of one month has no solution; the other ends are those of a run without it."""
    whole = {row.key: row for row in sensitivity_table(small(write_case))}
    key = "terms.planning_life_months"
    extra = f"[terms]\nplanning_life_months = {{ value = {whole[key].value}, low = 1, high = 72 }}\n"
    rows = {row.key: row for row in sensitivity_table(load_case(write_case(extra=extra)))}
    assert np.isnan(rows[key].gap_low["three_year"])
    assert rows[key].gap_high["three_year"] == pytest.approx(whole[key].gap_high["three_year"], rel=1e-9)
    other = "market.generic_step_log"
    assert rows[other].gap_low["three_year"] == pytest.approx(whole[other].gap_low["three_year"], rel=1e-9)
    assert np.isfinite(rows[key].swing)


def test_a_scenario_that_changes_the_past_is_named(neocloud: Case) -> None:
    scenario = replace_scenario(neocloud, "landing_late", "terms.in_service_lag_months", 9)
    with pytest.raises(AssumptionError, match=r"scenario landing_late: terms\.in_service_lag_months: .* --set"):
        run_case(scenario, ["landing_late"])


def replace_scenario(case: Case, name: str, key: str, value: object) -> Case:
    """Case in which one scenario makes one other change."""
    change = Change.model_validate({"op": "set", "key": key, "value": value})
    scenarios = tuple(
        found.model_copy(update={"change": (change,)}) if found.name == name else found for found in case.scenarios
    )
    return case.model_copy(update={"scenarios": scenarios})
