"""What a workbook follows is what the scenarios say."""

from __future__ import annotations

import pytest

from assumptions import load_case, run_case
from assumptions.answers.live import live_inputs, repair_shares
from assumptions.cases.listing import describe
from assumptions.cases.overlay import apply_scenario
from assumptions.door.months import between


@pytest.mark.slow
@pytest.mark.parametrize("name", ["neocloud", "meta", "bitcoin-miner"])
def test_factor_and_amount_give_what_the_scenario_gives(name: str) -> None:
    run = run_case(load_case(name))
    found = live_inputs(run.case, run.scenarios, {})
    assert any(lever.changes for lever in found)
    for case, scenario in enumerate(run.scenarios[1:], start=1):
        values = {row.key: row.value for row in describe(apply_scenario(run.case, scenario))}
        for lever in found:
            told = values[lever.key]
            wanted = float(between(run.case.as_of, str(told))) if lever.is_month else told
            assert lever.values[case] == pytest.approx(wanted, rel=1e-15), (scenario.name, lever.key)


def test_repairs_cost_only_where_a_scenario_says_so() -> None:
    case = load_case("neocloud")
    run = run_case(case, ["power_price_doubled"], ["failures.repair_share_of_cost_per_year=0.02"])
    assert set(repair_shares(run.case, run.scenarios)["B200"]) == {0.02}
    assert set(repair_shares(case, run.scenarios)["B200"]) == {0.0}
