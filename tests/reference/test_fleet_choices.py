"""Bundled choices of a fleet: what an envelope says of them, and that the answer turns where the claim says it does."""

from __future__ import annotations

import numpy as np
import pytest

from assumptions import bundled_cases, load_case, migration_table, run_case
from valuation.analysis.checks import check


def surplus_by_class(name: str, scenarios: list[str]) -> dict[str, np.ndarray]:
    """Purchase surplus of what is bought after the as-of date over its cost, by class and case."""
    run = run_case(load_case(name), scenarios)
    economic, as_of = run.results.economic, run.inputs.timeline.as_of
    found = {}
    for number, (asset_class, _) in enumerate(run.groups):
        rows = run.inputs.fleet.group == number
        cost = economic.additions_at_cost[as_of:, rows].sum(axis=(0, 1))
        if cost.any():
            found[asset_class] = economic.purchase_surplus[as_of:, rows].sum(axis=(0, 1)) / cost
    return found


def test_etched_devices_pay_until_models_change_fast() -> None:
    """An envelope for both ends.

    Rent 0.45 x 2.65 x 675 = 805 a month less 80 to run, stranded at 0.57 x 0.95 + 0.1 + 0.4 = 1.04 a year, rents
    falling by about 0.3 and money costing 0.1 a year: 725 x 12 / 1.44 = 6,040 on a cost of 5,100, before legacy work.
    At two new models a year the hazard is 2.4: 725 x 12 / 2.8 = 3,110 and some legacy work. Graphics processors of the
    same cost are bought at their entry rent, and earn about their cost.
    """
    found = surplus_by_class("etched-inference", ["small_models_last", "models_change_fast"])
    base, last, fast = found["etched"]
    assert last > base > 0.0 > fast
    assert 0.1 < base < 0.5
    assert -0.4 < fast < 0.0
    np.testing.assert_allclose(found["gpus"], found["gpus"][0])
    assert abs(found["gpus"][0]) < 0.05


def test_a_migration_strands_more_than_it_saves_while_devices_stand_idle() -> None:
    """Devices already paid for cost only their running: moving their work pays where others rent them."""
    case = load_case("captive-asic")
    whole = migration_table(run_case(case, []))[0]
    let = migration_table(run_case(case, [], ["captive.resold_share=1", "captive.resale_discount_share=0"]))[0]
    assert whole.net_usd < 0.0 < let.net_usd


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_cases())
def test_every_case_holds_its_identities_under_every_scenario(name: str) -> None:
    case = load_case(name)
    run = run_case(case)
    assert len(run.scenario_names) == len(case.scenarios)
    assert [item.name for item in check(run.results) if not item.passed] == []
