"""Scenarios that act together, and files of the user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assumptions import load_case, run_case, with_files
from assumptions.cases.pack import select
from assumptions.chapters.schema import Case
from valuation.analysis.summary import total_value_in_exchange
from valuation.errors import AssumptionError

MINE = """name = "mine"
title = "Mine"
sentence = "Power is dear."
source = "judgement"
confidence = "low"

[[change]]
op = "scale"
key = "operations.electricity_price_usd_per_kwh"
value = 3.0
"""


def test_scenarios_together_are_all_their_changes(neocloud: Case) -> None:
    (_, both) = select(neocloud, ["asic_shift+power_price_doubled"])
    keys = [change.key for change in both.change]
    assert keys == [
        "rivals.inference_asic.ceiling_share",
        "rivals.inference_asic.takeover_years",
        "operations.electricity_price_usd_per_kwh",
    ]
    assert both.confidence == "low"


def test_one_name_stands_for_a_list_of_one(neocloud: Case) -> None:
    assert select(neocloud, "glut") == select(neocloud, ["glut"])


def test_order_of_scenarios_changes_nothing(neocloud: Case) -> None:
    found = run_case(neocloud, ["asic_shift+landing_early", "landing_early+asic_shift"])
    value = total_value_in_exchange(found.results)
    assert value[1] == value[2] < value[0]


def test_two_together_do_more_than_each(neocloud: Case) -> None:
    found = run_case(neocloud, ["asic_shift", "landing_early", "asic_shift+landing_early"])
    as_of = found.inputs.timeline.as_of
    later = found.results.market.rent[as_of + 36, 0]
    assert later[3] < min(later[1], later[2]) < later[0]


def test_a_change_that_two_share_is_made_once(neocloud: Case) -> None:
    found = run_case(neocloud, ["asic_shift", "asic_shift+asic_forecast"])
    np.testing.assert_array_equal(found.results.market.rent[:, :, 1], found.results.market.rent[:, :, 2])


def test_what_a_scenario_does_twice_is_done_twice(neocloud: Case, tmp_path: Path) -> None:
    again = MINE[MINE.index("[[change]]") :]
    path = tmp_path / "mine.toml"
    path.write_text(MINE + again, encoding="utf-8")
    found = run_case(with_files(neocloud, [path]), ["mine", "mine+export_controls"])
    in_use = np.broadcast_to(found.results.economic.value_in_use, (*found.results.economic.units.shape[:2], 3))
    np.testing.assert_array_equal(in_use[:, :, 1], in_use[:, :, 2])


def test_scenarios_that_end_alike_but_begin_apart_do_not_agree(neocloud: Case, tmp_path: Path) -> None:
    """One sets and scales, the other only scales: which came first would decide."""
    first = '[[change]]\nop = "set"\nkey = "operations.electricity_price_usd_per_kwh"\nvalue = 0.5\n\n[[change]]'
    texts = {"mine": MINE, "other": MINE.replace('"mine"', '"other"').replace("[[change]]", first)}
    paths = [tmp_path / f"{name}.toml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    case = with_files(neocloud, paths)
    for name in ("mine+other", "other+mine"):
        with pytest.raises(AssumptionError, match=r"both change operations\.electricity_price_usd_per_kwh"):
            select(case, [name])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("asic_shift+mild", "under mild rents follow a curve, and rivals.inference_asic.ceiling_share of asic_shift"),
        ("mild+mining_bust", "both change market.curve"),
        ("glut+scarcity_ends", "both change market.reversion_half_life_months"),
        ("mild+mild", "the base, or a scenario twice; allowed is 2 to 8 different scenarios"),
        ("base+mild", "the base, or a scenario twice; allowed is 2 to 8 different scenarios"),
        ("landing_early+landing_late", "and landing_late market.landing_delay_months: both say when new silicon lands"),
        ("breakthrough_2029+breakthrough_by_chance", "both say when a breakthrough comes"),
        ("mild+nothing", "unknown scenario"),
        ("mild+", "unknown scenario"),
        ("+", "unknown scenario"),
    ],
)
def test_scenarios_that_cannot_act_together(neocloud: Case, name: str, told: str) -> None:
    with pytest.raises(AssumptionError) as failure:
        select(neocloud, [name])
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_case_without_scenarios_suggests_none(neocloud: Case) -> None:
    with pytest.raises(AssumptionError, match="leave it out: there is none"):
        select(neocloud.model_copy(update={"scenarios": ()}), ["mild"])


def test_a_file_of_the_user_stands_beside_the_others(neocloud: Case, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    found = run_case(with_files(neocloud, [path]), ["mine", "mine+asic_shift"])
    value = total_value_in_exchange(found.results)
    assert value[2] < value[1] < value[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MINE.replace('"mine"', '"base"'), "is taken by a scenario of the case"),
        (MINE.replace('"mine"', '"mild"'), "is taken by a scenario of the case"),
        (MINE.replace('"mine"', '"a+b"'), "has a plus in it"),
        (MINE.replace("sentence", "phrase"), "sentence"),
        ("name = ", "not TOML"),
    ],
)
def test_bad_files_of_the_user(neocloud: Case, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AssumptionError, match=told) as failure:
        with_files(neocloud, [path])
    assert "\n" not in str(failure.value)


def test_a_missing_file_is_told(neocloud: Case, tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match="there is no such file"):
        with_files(neocloud, [tmp_path / "none.toml"])


def test_every_bundled_scenario_says_what_would_contradict_it() -> None:
    for scenario in load_case("neocloud").scenarios:
        assert scenario.date, scenario.name
        assert scenario.contradicted_by.endswith("."), scenario.name
        assert scenario.source, scenario.name
