"""Decay curves of a case: every kind, its words, its refusals; and landings counted once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assumptions import apply_overrides, apply_scenario, build, explain, run_case, with_files
from assumptions.arrays.paths import rent_curve
from assumptions.chapters.curves import NEEDS, Curve, table_in_words
from assumptions.chapters.schema import Case, Change, Scenario
from reports.record.compose import change_in_words
from valuation.errors import AssumptionError

EXAMPLES = sorted((Path(__file__).resolve().parents[4] / "docs" / "examples" / "curves").glob("*.toml"))
EVIDENCE = {"basis": "judgement", "source": "test"}

KINDS: dict[str, dict[str, Any]] = {
    "exponential": {"decline_log_per_year": 0.3},
    "exponential_with_floor": {"decline_log_per_year": 0.3, "floor_share": 0.2},
    "step": {"steps": [{"month": 6, "change": -0.3}, {"month": 18, "change": -0.2}]},
    "slow_then_fast": {"decline_log_per_year": 0.1, "acceleration_log_per_year": 0.4},
    "hyperbolic": {"slope_per_year": 0.5},
    "bands": {
        "bands": [{"from_month": 0, "decline_log_per_year": 0.5}, {"from_month": 12, "decline_log_per_year": 0.1}]
    },
    "path": {"segments": [{"months": 20, "change": -0.436}, {"months": 11, "change": 0.388}]},
    "table": {"points": [{"month": 0, "level": 2.7}, {"month": 12, "level": 1.8}]},
    "term_structure": {"contracts": [{"months": 12, "rent": 2.9}, {"months": 36, "rent": 2.4}]},
    "average": {
        "curves": {
            "fast": {"kind": "exponential", "decline_log_per_year": 0.6, "weight": 1.0},
            "slow": {"kind": "exponential", "decline_log_per_year": 0.1, "weight": 3.0},
        }
    },
}
# Log level after two years, from the definition of each.
AFTER_TWO_YEARS = {
    "exponential": -0.6,
    "exponential_with_floor": math.log(0.2 + 0.8 * math.exp(-0.6)),
    "step": math.log(0.7 * 0.8),
    "slow_then_fast": -0.1 * (math.exp(0.8) - 1.0) / 0.4,
    "hyperbolic": -math.log(2.0),
    "bands": -0.6,
    "path": math.log(0.564) + 4.0 / 11.0 * math.log(1.388),
    "table": math.log(1.8 / 2.7),
    "term_structure": math.log((36 * 2.4 - 12 * 2.9) / 24 / 2.9),
    "average": math.log(0.25 * math.exp(-1.2) + 0.75 * math.exp(-0.2)),
}


def curve(kind: str, **changes: Any) -> Curve:
    return Curve.model_validate({**EVIDENCE, "kind": kind, **KINDS[kind], **changes})


def test_every_kind_has_an_example() -> None:
    assert set(KINDS) == set(NEEDS) == set(AFTER_TWO_YEARS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_starts_at_its_anchor_and_follows_its_definition(kind: str) -> None:
    found = rent_curve(curve(kind), 180)
    assert found.shape == (181, 1)
    assert found[0] == 0.0
    assert np.isfinite(found).all()
    assert found[24] == pytest.approx(AFTER_TWO_YEARS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_may_be_set_by_a_scenario_and_is_told_in_words(kind: str, neocloud: Case) -> None:
    change = Change(op="set", key="market.curve", value={"kind": kind, **KINDS[kind]})
    scenario = Scenario(
        name="mine", title="Mine", sentence="A curve.", source="test", confidence="low",
        change=(Change(op="set", key="market.mode", value="curve"), change),
    )  # fmt: skip
    made = apply_scenario(neocloud, scenario)
    assert made.market.curve.kind == kind
    words = explain(made, "market.curve")[-1].value
    assert isinstance(words, str)
    assert change_in_words(change) == f"market.curve set to {words}"
    assert build(neocloud, [made]).path.curve[24, 1] == pytest.approx(AFTER_TWO_YEARS[kind], abs=0.02)


def test_an_average_of_logs_lies_below_that_of_levels() -> None:
    levels, logs = rent_curve(curve("average"), 60), rent_curve(curve("average", in_logs=True), 60)
    assert (logs[1:] < levels[1:]).all()
    assert logs[12] == pytest.approx(-0.25 * 0.6 - 0.75 * 0.1)


def test_contracts_are_compared_at_the_required_return() -> None:
    flat, dear = rent_curve(curve("term_structure"), 24), rent_curve(curve("term_structure"), 24, 0.99)
    assert dear[24] < flat[24] < 0.0


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ({"kind": "nonsense"}, ["'nonsense' is unknown", "slow_then_fast"]),
        ({"kind": "hyperbolic"}, ["without slope_per_year", "slope_per_year alone"]),
        (
            {"kind": "hyperbolic", "slope_per_year": 1.0, "floor_share": 0.1},
            ["with floor_share", "give slope_per_year"],
        ),
        ({"kind": "exponential_with_floor", "decline_log_per_year": 0.1, "floor_share": 1.5}, ["1.5 is out of range"]),
        ({"kind": "bands", "bands": [{"from_month": 3, "decline_log_per_year": 0.1}]}, ["start at month 3", "month 0"]),
        ({"kind": "table", "points": [{"month": 0, "level": 1.0}, {"month": 0, "level": 2.0}]}, ["not in order"]),
        ({"kind": "table", "points": [{"month": 0, "level": 0.0}]}, ["0.0 is out of range", "more than 0"]),
        ({"kind": "average"}, ["without curves"]),
        (
            {"kind": "average", "curves": {"a": {"kind": "hyperbolic", "slope_per_year": 1.0, "weight": 1.0}}},
            ["of one"],
        ),
        (
            {
                "kind": "average",
                "curves": {"a": {"kind": "average", "weight": 1.0}, "b": {"kind": "path", "weight": 1.0}},
            },
            ["'average' is unknown"],
        ),
        ({"kind": "exponential", "decline_log_per_year": 0.1, "in_logs": True}, ["in_logs", "leave it out"]),
        ({"kind": "step", "steps": [{"month": 1, "change": -1.0}]}, ["-1.0 is out of range"]),
    ],
)
def test_bad_curves_are_one_line(table: dict[str, Any], parts: list[str], neocloud: Case) -> None:
    with pytest.raises(AssumptionError) as caught:
        apply_overrides(neocloud, [("market.curve", table)])
    text = str(caught.value)
    assert "\n" not in text
    assert "market.curve" in text
    assert all(part in text for part in parts), text


def test_contracts_that_leave_no_rent_are_refused(neocloud: Case) -> None:
    table = {"kind": "term_structure", "contracts": [{"months": 12, "rent": 3.0}, {"months": 24, "rent": 1.0}]}
    with pytest.raises(AssumptionError, match=r"market\.curve\.contracts: a contract over 24 months .*; allowed is "):
        build(apply_overrides(neocloud, [("market.curve", table)]))


def test_what_cannot_be_read_has_no_words() -> None:
    assert table_in_words({"kind": "nonsense"}) is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_fitted_examples_of_the_guide_run(path: Path, neocloud: Case) -> None:
    case = with_files(neocloud, [path])
    found = run_case(case, [path.stem])
    assert np.isfinite(found.results.economic.value_in_exchange).all()
    rent = found.results.market.rent[:, 0, 1]
    assert (rent > 0.0).all()


def test_a_decline_that_runs_away_ends_in_scrap(neocloud: Case) -> None:
    steep = {"kind": "slow_then_fast", "decline_log_per_year": 5.0, "acceleration_log_per_year": 1.0}
    settings: list[Any] = ["market.mode=curve", "terms.planning_decline_log_per_year=0.2", ("market.curve", steep)]
    found = run_case(apply_overrides(neocloud, settings), [])
    value = found.results.economic.value_in_exchange
    assert np.isfinite(value).all()
    with pytest.raises(AssumptionError, match="no planning decline makes an entrant worth its cost"):
        run_case(apply_overrides(neocloud, settings[::2]), [])


# A drift fitted through landings, and landings


def drift(case: Case, **settings: object) -> Case:
    return apply_overrides(case, [(f"market.{name}", value) for name, value in settings.items()])


def test_a_drift_through_landings_and_landings_without_a_split_are_refused(neocloud: Case) -> None:
    with pytest.raises(
        AssumptionError, match=r"market: a drift fitted through landings .* twice; allowed is .*split"
    ) as caught:
        drift(neocloud, drift_log_per_year=0.315, drift_covers="through_landings")
    assert "\n" not in str(caught.value)


def test_only_the_share_beside_landings_is_used(neocloud: Case) -> None:
    split = drift(neocloud, drift_log_per_year=0.3, drift_covers="through_landings", drift_share_beside_landings=0.25)
    beside = drift(neocloud, drift_log_per_year=0.075)
    assert np.array_equal(build(split).path.drift, build(beside).path.drift)


def test_without_steps_the_whole_drift_counts(neocloud: Case) -> None:
    whole = drift(neocloud, drift_log_per_year=0.3, drift_covers="through_landings", pass_through=0.0)
    assert build(whole).path.drift[0] == pytest.approx(0.025)
    drift(neocloud, mode="curve", drift_log_per_year=0.3, drift_covers="through_landings")


def test_a_split_without_a_total_is_refused(neocloud: Case) -> None:
    with pytest.raises(AssumptionError, match="leave it out, or say through_landings"):
        drift(neocloud, drift_share_beside_landings=0.5)
