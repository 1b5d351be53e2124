from __future__ import annotations

from typing import Any

import pytest

from assumptions import apply_overrides, apply_scenario, keys
from assumptions.cases.overlay import changed, parse_override
from assumptions.chapters.schema import CHAPTERS, Case, Change, Scenario
from valuation.errors import AssumptionError

PROVENANCE = {"basis": "judgement", "source": "test"}


def moved(case: Case, *changes: tuple[str, str, Any]) -> Case:
    """Case with changes applied."""
    made = [Change.model_validate({"op": op, "key": key, "value": value}) for op, key, value in changes]
    return changed(case, made, "test", PROVENANCE)


def values(case: Case) -> dict[str, Any]:
    """Values of a case without their evidence."""

    def plain(data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: plain(value)
                for key, value in data.items()
                if key not in ("basis", "source", "url", "confidence", "date", "note", "low", "high")
            }
        return data

    return {chapter: plain(case.model_dump()[chapter]) for chapter in CHAPTERS}


@pytest.mark.parametrize(
    ("forth", "back"),
    [
        (("shift", "terms.planning_life_months", 12), ("shift", "terms.planning_life_months", -12)),
        (("shift", "silicon.Rubin.landing", 14), ("shift", "silicon.Rubin.landing", -14)),
        (("delay", "silicon.Rubin Ultra.landing", 5), ("delay", "silicon.Rubin Ultra.landing", -5)),
        (("scale", "market.reversion_half_life_months", 4), ("scale", "market.reversion_half_life_months", 0.25)),
        (("set", "market.mode", "curve"), ("set", "market.mode", "structural")),
        (("set", "silicon.H200.sets_price", True), ("set", "silicon.H200.sets_price", False)),
    ],
)
def test_a_change_and_its_inverse_meet(neocloud: Case, forth: tuple[str, str, Any], back: tuple[str, str, Any]) -> None:
    there = moved(neocloud, forth)
    assert values(there) != values(neocloud)
    assert values(moved(there, back)) == values(neocloud)


def test_changes_apply_in_order(neocloud: Case) -> None:
    key = "terms.planning_life_months"
    assert moved(neocloud, ("scale", key, 0.5), ("shift", key, 6)).terms.planning_life_months.value == 36
    assert moved(neocloud, ("shift", key, 6), ("scale", key, 0.5)).terms.planning_life_months.value == 33


def test_the_base_stays_as_it_was(neocloud: Case) -> None:
    before = neocloud.model_dump()
    moved(neocloud, ("set", "terms.scrap_share_of_cost", 0.5), ("delay", "silicon.Rubin.landing", 3))
    assert neocloud.model_dump() == before


def test_a_changed_value_says_where_it_comes_from(neocloud: Case) -> None:
    by_user = apply_overrides(neocloud, ["terms.scrap_share_of_cost=0.2"]).terms.scrap_share_of_cost
    assert (by_user.value, by_user.basis, by_user.source) == (0.2, "user", "set by the user")
    assert (by_user.low, by_user.high) == (0.0, 0.2)
    scenario = neocloud.scenario("scarcity_ends")
    assert scenario is not None
    by_scenario = apply_scenario(neocloud, scenario).market.reversion_half_life_months
    assert (by_scenario.value, by_scenario.basis) == (6, "judgement")
    assert by_scenario.source.startswith("scenario scarcity_ends: ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b=0.12", 0.12),
        ("a.b = 60", 60),
        ("a.b=2026-12", "2026-12"),
        ("a.b=curve", "curve"),
        ('a.b="curve"', "curve"),
        ("a.b=true", True),
        (
            'a.b={ kind = "exponential", decline_log_per_year = 0.3 }',
            {"kind": "exponential", "decline_log_per_year": 0.3},
        ),
    ],
)
def test_overrides_are_read_as_toml_or_text(text: str, value: object) -> None:
    assert parse_override(text) == ("a.b", value)


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("terms.scrap", ["--set", "key=value"]),
        ("terms.scrap_share=0.1", ["terms.scrap_share", "unknown key", "terms.scrap_share_of_cost"]),
        ("half_life_months=0.1", ["half_life_months", "unknown key", "market.reversion_half_life_months"]),
        ("silicon.Rubim.landing=2027-01", ["silicon.Rubim.landing", "silicon.Rubin.landing"]),
        ("terms.scrap_share_of_cost=nan", ["terms.scrap_share_of_cost", "not finite"]),
        ("terms.scrap_share_of_cost=lots", ["terms.scrap_share_of_cost", "'lots' is not a number"]),
        ("terms.scrap_share_of_cost=.2", ["'.2' is not a number", "write 0.2 without quotation marks"]),
        ("terms.scrap_share_of_cost='nan'", ["'nan' is not a number", "write a plain number"]),
        ("failures.survivors={points=[{age_years=0, survivors=1}]}", ["survivors.points", "at least 2 entries"]),
        ("rivals.etched.curve=logistic", ["rivals.etched.curve", "'logistic' is unknown", "fisher_pry, bass"]),
        (f"ledgers.three_year.life_months={10**100}", ["0000... is out of range", "1 to 600 [months]"]),
        ("terms.physical_life_months=-1", ["terms.physical_life_months", "-1 is out of range"]),
        ("silicon.Rubin.landing=soon", ["silicon.Rubin.landing", "'soon' is not a month"]),
        ("market.mode=random", ["market.mode", "'random' is unknown", "structural, curve, resale"]),
        ("market.curve=3", ["market.curve", "3 is not a table"]),
        ("silicon.H200.sets_price=2", ["silicon.H200.sets_price", "true or false"]),
        ("operations.pue=1.1\nfoo=3", ["--set operations.pue", "line break", "give --set once a key"]),
        ("operations.pue=[1]", ["operations.pue", "[1] does not fit", "a number"]),
        ("ledgers.three_year.life_months=-1", ["lives.0.months", "-1 is out of range"]),
        ("market.age_price={points=[]}", ["market.age_price.points", "at least one entry"]),
        ("market.generic_cadence_months=1", ["1 is out of range", "3 to 1200 [months]"]),
        ("terms=3", ["--set: terms", "unknown key"]),
    ],
)
def test_bad_overrides_are_refused(neocloud: Case, override: str, parts: list[str]) -> None:
    with pytest.raises(AssumptionError) as caught:
        apply_overrides(neocloud, [override])
    text = str(caught.value)
    assert "\n" not in text
    assert [part for part in parts if part not in text] == [], text


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (("scale", "market.mode", 2), "scale does not fit 'structural'"),
        (("delay", "terms.planning_life_months", 2), "delay does not fit 60.0"),
        (("scale", "silicon.Rubin.landing", 2), "whole months"),
        (("delay", "silicon.Rubin.landing", 1.5), "whole months"),
        (("delay", "silicon.Rubin.landing", 5000), "moved by 5000 months"),
        (("shift", "terms.planning_decline_log_per_year", 0.1), "does not fit None"),
        (("shift", "terms.scrap_share_of_cost", "a bit"), "shift by 'a bit'"),
        (("shift", "terms.scrap_share_of_cost", -0.1), "out of range"),
        (("scale", "terms.planning_life_months", 0.33), "not whole"),
        (("scale", "operations.pue", 10**400), "allowed is a finite number, at most 1e.15 either way"),
        (("shift", "operations.pue", -(10**400)), "allowed is a finite number"),
        (("scale", "operations.pue", float("nan")), "scale by nan; allowed is a finite number"),
        (("delay", "silicon.Rubin.landing", 10**400), "allowed is a finite number"),
        (("shift", "ledgers.three_year.life_months", 10**400), "allowed is a finite number"),
    ],
)
def test_changes_that_do_not_fit_are_refused(neocloud: Case, change: tuple[str, str, Any], part: str) -> None:
    with pytest.raises(AssumptionError, match=part):
        moved(neocloud, change)


def test_absent_values_can_be_set(neocloud: Case) -> None:
    case = apply_overrides(neocloud, ["terms.planning_decline_log_per_year=0.175"])
    assert case.terms.planning_decline_log_per_year is not None
    assert case.terms.planning_decline_log_per_year.value == 0.175


def test_curves_are_replaced_whole(neocloud: Case) -> None:
    curve = {"kind": "path", "segments": [{"months": 20, "change": -0.5}]}
    made = moved(neocloud, ("set", "market.curve", curve)).market.curve
    assert made.decline_log_per_year is None
    assert made.segments[0].change == -0.5


def test_lives_of_a_ledger_can_be_set(meta: Case) -> None:
    case = apply_overrides(meta, ["ledgers.disclosed.life_months=36"])
    assert [(step.start, step.months) for step in case.ledgers["disclosed"].lives] == [(None, 36)]
    assert case.ledgers["disclosed"].lives[0].basis == "user"
    shorter = moved(meta, ("shift", "ledgers.disclosed.life_months", -6))
    assert shorter.ledgers["disclosed"].lives[0].months == 60


def test_keys_name_every_value_once(meta: Case) -> None:
    known = keys(meta)
    assert len(known) == len(set(known))
    assert {"market.mode", "terms.plan", "silicon.Rubin Ultra.landing", "ledgers.disclosed.life_months"} <= set(known)


@pytest.mark.parametrize("name", ["neocloud", "meta"])
def test_every_scenario_applies_to_every_case(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    for scenario in case.scenarios:
        result = apply_scenario(case, scenario)
        assert (values(result) != values(case)) == (scenario.name != "base"), scenario.name


def test_every_scenario_has_a_sentence_and_a_source(neocloud: Case) -> None:
    for scenario in neocloud.scenarios:
        assert scenario.sentence.endswith(".")
        assert scenario.sentence.count(". ") == 0
        assert scenario.source
        assert scenario.url.startswith("https://") or "judgement" in scenario.source or scenario.name == "base"


def test_scenarios_say_what_they_claim(neocloud: Case) -> None:
    made = {scenario.name: apply_scenario(neocloud, scenario) for scenario in neocloud.scenarios}
    early = {name: part.landing.value for name, part in made["landing_early"].silicon.items()}
    assert [early[name] for name in ("Rubin", "Rubin Ultra", "Feynman")] == ["2026-09", "2027-07", "2028-01"]
    slow = {name: part.landing.value for name, part in made["landings_22_months"].silicon.items()}
    assert [slow[name] for name in ("Rubin", "Rubin Ultra", "Feynman")] == ["2026-12", "2028-10", "2030-08"]
    assert made["landings_22_months"].market.generic_cadence_months.value == 22
    assert made["landing_late"].market.landing_delay_months.value == 9
    path = made["hopper_as_seen"].market.curve.segments
    assert [(part.months, part.change) for part in path] == [(20, -0.436), (11, 0.388)]
    assert made["growth_continues"].capex.growth_years.value == 5


def test_a_scenario_may_be_written_in_code(neocloud: Case) -> None:
    scenario = Scenario(
        name="mine",
        title="Mine",
        sentence="Power is free.",
        source="judgement",
        confidence="low",
        change=(Change(op="scale", key="operations.electricity_price_usd_per_kwh", value=0),),
    )
    assert apply_scenario(neocloud, scenario).operations.electricity_price_usd_per_kwh.value == 0.0
