"""Mechanisms at the ends of their ranges and under names that a user may choose: finite, exact, and never left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from assumptions import load_case, migration_table, run_case, sensitivity_table
from assumptions.cases.overlay import apply_overrides
from assumptions.chapters.schema import Case
from assumptions.runs import CaseRun
from tests.unit.assumptions.chapters.test_mechanisms import falls, mine
from tests.unit.assumptions.conftest import Writer
from valuation.analysis.attribution import waterfall
from valuation.analysis.checks import check
from valuation.analysis.summary import total_value_in_exchange
from valuation.errors import AssumptionError

Changes = Sequence[tuple[str, object]]
ASIC = "rivals.inference_asic"
FAR = (("demand.median_size_billion", 0.001), ("demand.size_spread_log", 0.01))


def failing(run: CaseRun) -> list[str]:
    """What is wrong with a run: identities, values that are no numbers, parts that do not sum."""
    found = waterfall(run.results)
    left = np.abs(found.planned_value - found.economic_value - found.parts.sum(axis=0)).max()
    known = np.isfinite(total_value_in_exchange(run.results)).all()
    named = {"value": known, "parts": left <= 1e-9 * np.abs(found.planned_value).max()}
    return [name for name, holds in named.items() if not holds] + [
        item.name for item in check(run.results) if not item.passed
    ]


def every_part(case: Case, key: str, value: object) -> Changes:
    """A change of all parts that have a price."""
    return [(f"silicon.{name}.{key}", value) for name, part in case.silicon.items() if part.priced]


@pytest.mark.parametrize(
    "changes",
    [
        (("demand.median_size_billion", 1e6), ("demand.size_spread_log", 0.01)),
        (*FAR, ("demand.training_share", 0.0)),
        (("demand.size_drift_log_per_year", 5.0), ("rivals.etched.ceiling_share", 1.0)),
        (("demand.shock_log", 5.0), ("demand.supply_elasticity", 0.05), ("demand.demand_response", "no")),
        (("demand.shock_log", -5.0), ("demand.supply_elasticity", 0.05), ("demand.demand_response", "no")),
    ],
)
def test_demand_without_bounds_gives_numbers(neocloud: Case, changes: Changes) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert failing(mine(neocloud, *changes)) == []
    assert failing(run_case(neocloud, [], [item for item in changes if "shock" not in item[0]])) == []


@pytest.mark.parametrize(("key", "value"), [("serves", "frontier"), ("serves", "small"), ("bits", 4)])
def test_a_segment_that_a_scenario_leaves_without_parts(neocloud: Case, key: str, value: object) -> None:
    changes = [*every_part(neocloud, key, value), ("segments.small.needs_bits", 8)]
    assert failing(mine(neocloud, *(changes if key == "bits" else changes[:-1]))) == []


def test_a_part_whose_jobs_make_no_headway_is_worth_its_scrap(neocloud: Case) -> None:
    changes = (
        ("demand.training_share", 1.0),
        ("silicon.B200.interruption_multiplier", 100.0),
        ("silicon.B200.serves", "frontier"),
    )
    for run in (mine(neocloud, *changes), run_case(neocloud, [], changes)):
        assert failing(run) == []
        mask = np.array([cohort.device == "B200" for cohort in run.cohorts])
        value = run.results.economic.unit_value_in_exchange[run.inputs.timeline.as_of, mask, -1]
        scrap = neocloud.terms.scrap_share_of_cost.value * run.inputs.fleet.cost[mask, -1]
        owned = value > 0.0
        np.testing.assert_allclose(value[owned], scrap[owned], rtol=1e-6)


def test_work_that_had_all_moved_before_the_as_of_date(neocloud: Case) -> None:
    run = run_case(neocloud, [], ["captive.migrated_share=1", "captive.migrates_from=2020-01"])
    assert failing(run) == []
    amounts = [[row.saving_usd, row.stranded_usd, row.net_usd] for row in migration_table(run)]
    assert amounts
    assert np.isfinite(amounts).all()


def test_a_scenario_may_change_what_own_silicon_costs(neocloud: Case) -> None:
    plan = ("captive.migrated_share", 0.4)
    usual, cheap, slow = (
        migration_table(mine(neocloud, plan, *other))[0]
        for other in ((), (("captive.cost_ratio", 0.2),), (("captive.cost_decline_log_per_year", -0.2),))
    )
    assert slow.saving_usd < usual.saving_usd < cheap.saving_usd
    assert slow.stranded_usd == usual.stranded_usd == cheap.stranded_usd


def test_the_curve_of_adoption_can_be_set(neocloud: Case) -> None:
    grown = ((f"{ASIC}.ceiling_share", 1.0), (f"{ASIC}.supply_share", 1.0))
    fisher_pry, bass = mine(neocloud, *grown), mine(neocloud, *grown, (f"{ASIC}.curve", "bass"))
    assert 0.0 < falls(bass) != falls(fisher_pry)
    set_in_base = apply_overrides(neocloud, [f"{ASIC}.curve=bass"])
    assert set_in_base.rivals["inference_asic"].curve.value == "bass"


def test_a_scenario_does_not_change_the_cause_of_a_rival(neocloud: Case) -> None:
    with pytest.raises(AssumptionError, match=r"scenario mine: rivals.inference_asic.cause: .*; allowed is"):
        mine(neocloud, (f"{ASIC}.cause", "etched"))


RIVAL = """
[rivals.{name}]
cause = "inference_asic"
bits = 16
serves_training = "yes"
ceiling_share = 1.0
curve = "fisher_pry"
begins = "2026-09"
first_share = 0.1
takeover_years = 4
innovation = 0.03
imitation = 0.38
supply_share = 1.0
supply_growth_log_per_year = 0.0
traded_share = 1.0
known_from = "2026-09"
"""
PRESSED = """
[demand]
shock_log = -0.3
[captive]
migrated_share = 0.3
market_share = 0.3
rented_share = 0.5
[breakthroughs.breakthrough]
arrives = "2028-01"
"""


@pytest.mark.parametrize("name", ["captive", "demand", "landings", "scarcity", "drift", "breakthrough", "curve"])
def test_no_name_of_a_rival_hides_another_cause(write_case: Writer, name: str) -> None:
    plain, named = (
        run_case(load_case(write_case(extra=PRESSED + RIVAL.format(name=each))), []) for each in ("other", name)
    )
    np.testing.assert_array_equal(plain.results.market.rent, named.results.market.rent)
    assert failing(named) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value", "low", "high"),
    [
        ("failures.spares_share", 0.0, 0.0, 0.1),
        ("failures.repair_share_of_cost_per_year", 0.02, 0.0, 0.1),
        ("failures.warranty_months", 0, 0, 36),
        ("failures.repairs_per_year", 0.0, 0.0, 1.0),
        ("captive.migrated_share", 0.0, 0.0, 0.5),
        (f"{ASIC}.ceiling_share", 0.0, 0.0, 1.0),
        ("demand.shock_log", 0.0, -1.0, 0.0),
        ("sites.standard.pue", 1.2, 1.0, 1.5),
        ("sites.standard.electricity_price_usd_per_kwh", 0.1, 0.05, 0.2),
        ("sites.standard.facility_rent_usd_per_it_kw_month", 100, 50, 200),
    ],
)
def test_a_range_that_bears_on_value_is_among_the_sensitivities(
    write_case: Writer, key: str, value: float, low: float, high: float
) -> None:
    case = apply_overrides(load_case(write_case()), [(key, {"value": value, "low": low, "high": high})])
    found = {row.key: row.swing for row in sensitivity_table(case)}
    assert found[key] > 0.0


@pytest.mark.slow
def test_what_interruptions_cost_hangs_on_the_share_of_training(write_case: Writer) -> None:
    tied = ["silicon.B200.interruption_multiplier=3.0", "silicon.B200.serves=frontier"]
    case = apply_overrides(load_case(write_case()), tied)
    assert {row.key: row.swing for row in sensitivity_table(case)}["demand.training_share"] > 0.0
