"""Each claim of obsolescence through a bundled case: what it does, and what would show that it does nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from assumptions import load_case, migration_table, run_case
from assumptions.chapters.schema import Case
from assumptions.runs import CaseRun
from tests.unit.assumptions.conftest import LEDGER, Writer
from valuation.analysis.checks import check
from valuation.analysis.summary import total_value_in_exchange
from valuation.errors import AssumptionError

ASIC = "rivals.inference_asic"
ETCHED = "rivals.etched"
ADVANCE = "breakthroughs.breakthrough"


def scenario(case: Case, *changes: tuple[str, object]) -> Case:
    """Case with one scenario of its own, named mine."""
    listed = [{"op": "set", "key": key, "value": value} for key, value in changes]
    mine = {"name": "mine", "title": "Mine", "sentence": "Mine.", "source": "judgement", "confidence": "low"}
    found = type(case.scenarios[0]).model_validate({**mine, "change": listed})
    return case.model_copy(update={"scenarios": (*case.scenarios, found)})


def mine(case: Case, *changes: tuple[str, object]) -> CaseRun:
    """The base and one scenario of changes."""
    return run_case(scenario(case, *changes), ["mine"])


def later(run: CaseRun, months: int = 48) -> np.ndarray:
    """Rents of the first segment in every case some months after the as-of date."""
    return np.asarray(run.results.market.rent[run.inputs.timeline.as_of + months, 0])


def falls(run: CaseRun, months: int = 48) -> float:
    """Log fall of the rent against the base."""
    rents = later(run, months)
    return float(np.log(rents[0] / rents[1]))


@pytest.mark.parametrize(
    "changes",
    [
        [(f"{ASIC}.takeover_years", 6.0), (f"{ASIC}.traded_share", 1.0)],
        [(f"{ETCHED}.size_limit_billion", 2000.0), (f"{ETCHED}.supply_share", 1.0)],
        [(f"{ADVANCE}.memory_gain", 50.0), (f"{ADVANCE}.effect_share", 1.0)],
        [(f"{ADVANCE}.arrives", "2028-01"), (f"{ADVANCE}.effect_share", 0.0)],
        [("captive.resold_share", 1.0), ("captive.market_share", 0.5)],
        [("demand.shock_from", "2027-06"), ("demand.mobility_share", 0.5)],
        [("market.lost_from", "2026-12"), ("market.lost_months", 60)],
        [("sites.standard.obtainable_share_per_month", 0.5), ("sites.standard.availability_share", 0.5)],
    ],
)
def test_a_mechanism_that_is_off_changes_nothing_to_the_bit(
    neocloud: Case, changes: Sequence[tuple[str, object]]
) -> None:
    run = mine(neocloud, *changes)
    rent = run.results.market.rent
    np.testing.assert_array_equal(rent[:, :, 0], rent[:, :, 1])
    value = np.broadcast_to(run.results.economic.value_in_exchange, (*run.results.economic.units.shape[:2], 2))
    np.testing.assert_array_equal(value[:, :, 0], value[:, :, 1])


@pytest.mark.slow
def test_the_more_asics_take_the_lower_the_rent(neocloud: Case) -> None:
    found = [falls(mine(neocloud, (f"{ASIC}.ceiling_share", share))) for share in (0.0, 0.3, 0.6, 1.0)]
    assert found[0] == 0.0
    assert found == sorted(found)
    assert found[1] > 0.0


def test_cheaper_service_brings_demand_back(neocloud: Case) -> None:
    """With the response off the fall is (0.5 + 0.8) / 0.5 as large."""
    shift = ((f"{ASIC}.ceiling_share", 1.0),)
    answered = falls(mine(neocloud, *shift))
    silent = falls(mine(neocloud, *shift, ("demand.demand_response", "no")))
    assert silent / answered == pytest.approx(1.3 / 0.5)


def test_supply_caps_what_is_displaced(neocloud: Case) -> None:
    fast = ((f"{ASIC}.ceiling_share", 1.0), (f"{ASIC}.takeover_years", 2.0))
    tight, ample = (falls(mine(neocloud, *fast, (f"{ASIC}.supply_share", share))) for share in (0.01, 1.0))
    assert 0.0 < tight < ample
    # A hundredth of all demand a year, growing by 0.22 in logs, for four years; seven tenths of it traded.
    supplied = 0.01 * np.expm1(0.22 * 4) / 0.22
    assert tight == pytest.approx(0.7 * supplied / 1.3)


@pytest.mark.slow
def test_small_quantised_parts_reach_less(neocloud: Case) -> None:
    """Each narrowing of what a part can serve lowers its effect; a median that grows past it does so too."""
    part = ((f"{ETCHED}.ceiling_share", 1.0), (f"{ETCHED}.supply_share", 1.0), (f"{ETCHED}.takeover_years", 1.0))
    wide = falls(mine(neocloud, *part))
    for change in (
        (f"{ETCHED}.size_limit_billion", 8.0),
        (f"{ETCHED}.context_limit_tokens", 2000.0),
        ("demand.four_bit_share", 0.3),
        ("demand.size_drift_log_per_year", 0.4),
    ):
        assert 0.0 < falls(mine(neocloud, *part, change)) < wide, change
    assert falls(mine(neocloud, *part, ("demand.size_drift_log_per_year", -0.4))) > wide
    assert falls(mine(neocloud, *part, (f"{ETCHED}.bits", 8))) > wide


def test_what_leaves_the_data_centre_lowers_its_rents(neocloud: Case) -> None:
    assert falls(mine(neocloud, ("rivals.outside.ceiling_share", 1.0))) > 0.0


def test_segments_apart_keep_what_rivals_cannot_reach(neocloud: Case) -> None:
    """Where supply does not move, etched parts touch small models alone."""
    part = ((f"{ETCHED}.ceiling_share", 1.0), (f"{ETCHED}.supply_share", 1.0), ("demand.mobility_share", 0.0))
    rent = mine(neocloud, *part).results.market.rent[-1]
    segments = list(neocloud.segments)
    assert (rent[:, 1] < rent[:, 0]).tolist() == [name == "small" for name in segments]


def test_the_least_reduced_part_caps_a_breakthrough(neocloud: Case) -> None:
    """Gains in memory and compute without end leave power, 16 % of the cost; eight tenths of the fall reach rents."""
    whole = (
        (f"{ADVANCE}.arrives", "2027-01"), (f"{ADVANCE}.effect_share", 1.0), (f"{ADVANCE}.memory_gain", 1e4),
        (f"{ADVANCE}.compute_gain", 1e4), (f"{ADVANCE}.power_gain", 1.0),
    )  # fmt: skip
    assert falls(mine(neocloud, *whole), 170) == pytest.approx(-0.8 * np.log(0.16), rel=2e-3)


def test_an_expectation_hides_what_a_hit_does(neocloud: Case) -> None:
    chance = falls(mine(neocloud, (f"{ADVANCE}.arrivals_per_year", 0.1)))
    hit = falls(mine(neocloud, (f"{ADVANCE}.arrives", "2027-01")))
    assert 0.0 < chance < hit / 3


def test_a_later_breakthrough_harms_less(neocloud: Case) -> None:
    worth = [
        total_value_in_exchange(mine(neocloud, (f"{ADVANCE}.arrives", date)).results)[1]
        for date in ("2026-10", "2028-01", "2032-01")
    ]
    assert worth == sorted(worth)


def test_a_migration_is_one_transaction(neocloud: Case) -> None:
    run = mine(neocloud, ("captive.migrated_share", 0.4))
    whole, *years = migration_table(run)
    assert whole.scenario == "mine"
    assert whole.migrated_share == 0.4
    assert whole.net_usd == pytest.approx(whole.saving_usd - whole.stranded_usd)
    returns = run.results.returns.npv_in_use
    assert whole.stranded_usd == pytest.approx(returns[0] - returns[1])
    assert [row.fiscal_year for row in years] == sorted(row.fiscal_year or 0 for row in years)
    assert years[0].migrated_share < years[-1].migrated_share == 0.4


def test_freed_hours_that_others_rent_strand_less(neocloud: Case) -> None:
    plan = (("captive.migrated_share", 0.4),)
    idle, let = (
        migration_table(mine(neocloud, *plan, ("captive.resold_share", share)))[0].stranded_usd for share in (0.0, 1.0)
    )
    assert 0.0 < let < 0.4 * idle


def test_hours_that_nobody_pays_for_hold_no_work_to_move() -> None:
    """With four tenths of the hours lost, four tenths less work moves and saves less, until devices stop."""
    lost = (("market.lost_share", 0.4), ("market.lost_from", "2026-09"), ("market.lost_months", 600.0))
    run = mine(load_case("captive-asic"), *lost)
    rows = migration_table(run)
    whole, mine_too = ([row.saving_usd for row in rows if row.scenario == name][1:4] for name in ("base", "mine"))
    assert len(whole) == 3
    assert mine_too == pytest.approx([0.6 * amount for amount in whole], rel=1e-9)


def test_no_migration_no_table(neocloud: Case) -> None:
    assert migration_table(run_case(neocloud, ["asic_shift"])) == []


def test_a_hyperscaler_that_migrates_moves_the_market(neocloud: Case) -> None:
    plan = (("captive.migrated_share", 0.4), ("captive.market_share", 0.2), ("captive.rented_share", 0.5))
    assert falls(mine(neocloud, *plan)) == pytest.approx(0.4 * 0.2 * 0.5 / 1.3)


@pytest.mark.parametrize("name", ["power_limited", "power_limited+scarcity_persists", "asic_shift+power_limited"])
def test_identities_hold_where_power_is_short(meta: Case, name: str) -> None:
    run = run_case(meta, [name])
    assert [item.name for item in check(run.results) if not item.passed] == []
    rights = run.results.rights
    assert rights is not None
    assert rights.power[0] == 0.0 < rights.power[1]


def test_dearer_power_never_lengthens_a_life_in_the_free_regime(neocloud: Case) -> None:
    """Of devices that use at least as much energy a unit of service as what is sold new."""
    run = run_case(neocloud, ["power_price_doubled"])
    retirement, fleet = run.results.economic.retirement, run.inputs.fleet
    silicon = run.inputs.silicon
    energy = silicon.power[:, 0] / silicon.service[:, 0, 0]
    frontier = energy[list(neocloud.silicon).index("Rubin")]
    old = energy[fleet.generation] >= frontier
    assert old.any()
    assert (retirement[old, 1] <= retirement[old, 0]).all()


def test_a_closed_market_leaves_value_in_use(neocloud: Case) -> None:
    run = run_case(neocloud, ["export_controls"])
    economic, as_of = run.results.economic, run.inputs.timeline.as_of
    in_use = np.broadcast_to(economic.value_in_use, (*economic.units.shape[:2], 2))
    np.testing.assert_array_equal(in_use[:, :, 0], in_use[:, :, 1])
    value = total_value_in_exchange(run.results)
    assert value[1] == pytest.approx(0.5 * value[0], rel=0.02)
    before = economic.value_in_exchange[:as_of]
    np.testing.assert_array_equal(before[:, :, 0], before[:, :, 1])


SITES = """
[sites.east]
regime = "power_limited"
capacity_charge_avoidable = "no"
commitment_months = 36
availability_share = 1.0
obtainable_share_per_month = 0.1
removal_cost_usd_per_it_kw = 100.0
moving_cost_share = 0.05
"""
ON_SITES = (
    "purchase,asset_class,site,generation,units,status\n"
    "2024-02,servers,east,H100,100,actual\n2025-05,servers,,B200,50,actual\n"
)


def test_sites_of_several_kinds_in_one_case(write_case: Writer) -> None:
    run = run_case(load_case(write_case(extra=SITES, schedule=ON_SITES)), [])
    assert run.inputs.sites is not None
    assert run.inputs.sites.names == ("standard", "east")
    assert run.inputs.fleet.site.tolist()[:2] == [1, 0]
    rights = run.results.rights
    assert rights is not None
    assert rights.power[0] > 0.0 < rights.committed_capacity[0]
    assert [item.name for item in check(run.results) if not item.passed] == []


@pytest.mark.parametrize(
    ("extra", "schedule", "told"),
    [
        (SITES, ON_SITES.replace("east", "esat"), "'esat' is not described; allowed is standard, east"),
        (SITES.replace("power_limited", "short"), ON_SITES, "sites.east.regime"),
        (SITES + 'next_site = "moon"\n', ON_SITES, "sites.east.next_site: 'moon' is not described"),
        (SITES + 'next_site = "east"\n', ON_SITES, "sites.east.next_site: 'east' is the site itself"),
        (SITES.replace("= 0.1", "= 0.0"), ON_SITES, "sites.east.obtainable_share_per_month"),
        ("[demand]\nfour_bit_share = 0.95\n", None, "four_bit_share 0.95 is above 0.9"),
        ("[demand]\nsupply_elasticity = 0\n", None, "demand.supply_elasticity"),
        ("[segments.mid]\nsize_to_billion = 10\n", None, "sizes from 20 to 10"),
        ("[segments.mid]\nsize_to_billion = 150\n", None, "frontier begins at 200 billion parameters, and the sizes"),
        ("[segments.mid]\nsize_from_billion = 10\n", None, "mid begins at 10 billion parameters, and the sizes before"),
        ("[segments.whole]\nsize_from_billion = 300\ntraining = 'no'\n", None, "and the sizes before have no end"),
        ("[segments.frontier]\nsize_to_billion = 2000\n", None, "frontier ends at 2000 billion parameters"),
        ("[breakthroughs.breakthrough]\nmemory_share_of_cost = 0.9\n", None, "shares of cost add up to 1.06"),
        ("[breakthroughs.breakthrough]\nmemory_gain = 0.5\n", None, "breakthroughs.breakthrough.memory_gain"),
        ("[rivals.etched]\nceiling_share = 1.5\n", None, "rivals.etched.ceiling_share"),
        ('[rivals.etched]\ncause = "magic"\n', None, "rivals.etched.cause"),
        ('[rivals.new]\ncause = "etched"\n', None, "rivals.new"),
        ("[captive]\nmigrated_share = -0.1\n", None, "captive.migrated_share"),
        ('[captive]\nmigrates_from = "1899-01"\n', None, "captive.migrates_from"),
    ],
)
def test_bad_mechanisms_are_refused(write_case: Writer, extra: str, schedule: str | None, told: str) -> None:
    with pytest.raises(AssumptionError) as failure:
        run_case(load_case(write_case(extra=extra, ledger=LEDGER, schedule=schedule or ON_SITES)), [])
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    "better",
    [("silicon.Rubin.service_units", 6.1), ("silicon.Rubin.cost_usd", 80_000), ("silicon.Rubin.it_kw", 1.5)],
)
def test_a_better_successor_never_raises_what_stands(neocloud: Case, better: tuple[str, float]) -> None:
    """More service, a lower cost or less power of the next part: what is owned today is worth no more."""
    run = mine(neocloud, better)
    fleet, as_of = run.inputs.fleet, run.inputs.timeline.as_of
    owned = fleet.in_service <= as_of
    in_use = np.broadcast_to(run.results.economic.unit_value_in_use, (*run.results.economic.units.shape[:2], 2))
    before, after = (in_use[as_of:, owned, case] for case in (0, 1))
    assert (after <= before * (1.0 + 1e-12)).all()
    assert (after[0] < before[0]).all()
