from __future__ import annotations

import pytest

from assumptions import apply_overrides, describe, explain, load_case, sensitivities
from assumptions.cases.listing import ONLY_TESTED, SWITCHES
from assumptions.cases.overlay import keys
from assumptions.chapters.schema import Case
from valuation.errors import AssumptionError


def test_every_key_is_described(meta: Case) -> None:
    rows = describe(meta)
    assert {row.key for row in rows} == {*keys(meta), "history.list_index_usd_per_hour"}
    assert all(row.label for row in rows)


def test_a_row_carries_value_range_and_evidence(neocloud: Case) -> None:
    row = explain(neocloud, "market.generic_step_log")[-1]
    assert (row.value, row.low, row.high, row.unit) == (0.27, 0.17, 0.38, "log")
    assert (row.basis, row.confidence) == ("derived", "low")
    assert "H100 to B200" in row.source
    part = explain(neocloud, "silicon.Rubin.cost_usd")[-1]
    assert (part.label, part.unit, part.value) == ("Rubin: All-in cost of a device", "USD", 120_300)
    assert explain(neocloud, "silicon.Rubin Ultra.landing")[-1].value == "2027-12"
    assert explain(neocloud, "terms.plan")[-1].value == "default"
    assert explain(neocloud, "terms.planning_decline_log_per_year")[-1].value is None
    assert explain(neocloud, "silicon.H200.sets_price")[-1].value is False


def test_curves_are_put_in_words(neocloud: Case) -> None:
    assert explain(neocloud, "market.curve")[-1].value == "exponential, 0.106 log per year"
    assert str(explain(neocloud, "market.age_price")[-1].value).startswith("100% at 0 years, 78% at 1 years")
    path = {"kind": "path", "segments": [{"months": 20, "change": -0.436}, {"months": 11, "change": 0.388}]}
    changed = apply_overrides(neocloud, [("market.curve", path)])
    assert explain(changed, "market.curve")[-1].value == "-43.6% over 20 months, then +38.8% over 11 months"


def test_lives_are_described_step_by_step(meta: Case) -> None:
    rows = explain(meta, "ledgers.disclosed.life_months")
    assert [row.value for row in rows] == [48, 54, 60, 66]
    assert rows[1].label == "Books as disclosed: book life from 2022-04"
    assert all(row.basis == "filing" and row.url for row in rows)


def test_the_observed_rent_is_described(neocloud: Case) -> None:
    row = explain(neocloud, "history.list_index_usd_per_hour")[-1]
    assert (row.value, row.date, row.basis) == (3.789, "2026-09", "market data")


def test_unknown_keys_get_suggestions(neocloud: Case) -> None:
    with pytest.raises(AssumptionError, match=r"terms\.planning_life_months"):
        explain(neocloud, "terms.plannig_life_months")


def idle(key: str) -> bool:
    """Whether nothing that ranks assumptions hangs on a key: taxes, tests, churn and breakage left off by the case."""
    off = ("tax.", "churn.", "failures.", "rivals.", "breakthroughs.", "captive.", "demand.", "sites.")
    at_rest = key.startswith(off) and not key.endswith(SWITCHES)
    return at_rest or key in ONLY_TESTED or key.endswith("devices_per_rack")


def test_every_open_end_is_a_sensitivity(neocloud: Case) -> None:
    found = {(key, end): case for key, end, case in sensitivities(neocloud)}
    expected = {
        (row.key, end)
        for row in describe(neocloud)
        for end, value in (("low", row.low), ("high", row.high))
        if value is not None and value != row.value and not idle(row.key)
    }
    assert set(found) == expected
    assert ("market.generic_cadence_months", "low") not in found
    assert found["terms.required_return_annual", "high"].terms.required_return_annual.value == 0.15
    moved = found["silicon.Rubin Ultra.landing", "low"].silicon["Rubin Ultra"].landing
    assert (moved.value, moved.low, moved.basis) == ("2027-07", "2027-07", "published")


@pytest.mark.slow
def test_ends_of_what_is_switched_off_are_not_moved(neocloud: Case) -> None:
    def moved(*overrides: str) -> set[str]:
        return {key.split(".")[0] for key, _, _ in sensitivities(apply_overrides(neocloud, overrides))}

    assert moved().isdisjoint({"churn", "failures"})
    assert "churn" in moved("silicon.H100.absorbs_number_format=0.8")
    assert "churn" in moved("rivals.etched.absorbs_weights=0")
    assert "failures" in moved("failures.warranty_months=12")
    assert "failures" in moved("silicon.B200.interruption_multiplier=2")


def test_names_and_tables_are_told_in_words(neocloud: Case) -> None:
    points = [{"age_years": 0, "survivors": 1}, {"age_years": 5, "survivors": 0.8}]
    case = apply_overrides(neocloud, [("failures.survivors", {"points": points}), "silicon.B200.serves=mid, small"])
    (table,), (names,) = explain(case, "failures.survivors"), explain(case, "silicon.B200.serves")
    assert (table.value, table.basis) == ("100.0% at 0 years, 80.0% at 5 years", "user")
    assert names.value == "mid, small"
    assert case.silicon["B200"].serves == ("mid", "small")


@pytest.mark.slow
def test_a_sensitivity_changes_one_thing(neocloud: Case) -> None:
    before = {row.key: row.value for row in describe(neocloud)}
    for key, _, case in sensitivities(neocloud):
        after = {row.key: row.value for row in describe(case)}
        assert [name for name in before if before[name] != after[name]] == [key]


def test_what_presses_on_nothing_has_no_sensitivity(neocloud: Case) -> None:
    """Rivals, breakthroughs, migrations and sites at rest are not moved, but for what one end of a range sets going."""
    moved = {key for key, _, _ in sensitivities(neocloud)}
    at_rest = ("rivals.", "breakthroughs.", "captive.", "demand.", "sites.")
    assert {key for key in moved if key.startswith(at_rest)} == {
        "breakthroughs.breakthrough.arrivals_per_year",
        "sites.standard.removal_cost_usd_per_it_kw",
    }
    assert not any(key.endswith("devices_per_rack") for key in moved)


def test_what_presses_has_sensitivities() -> None:
    moved = {key for key, _, _ in sensitivities(load_case("captive-asic"))}
    assert {"captive.resold_share", "demand.demand_elasticity"} <= moved
    assert "captive.cost_ratio" not in moved
