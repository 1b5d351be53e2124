"""Observed prices beside the model's own."""

from dataclasses import replace

import pytest

from assumptions import comparisons, load_case, run_case
from assumptions.answers.observations import observations


def test_rents_and_used_prices_stand_beside_the_models_figures() -> None:
    run = run_case(load_case("neocloud"), [])
    found = {(row.generation, row.quantity): row for row in comparisons(run)}
    assert found["B200", "list rent"].modelled_low == pytest.approx(3.789 * 1.847, rel=1e-9)
    assert found["Rubin", "contract rent"].modelled_high == pytest.approx(3.789 * 0.70 * 4.45, rel=1e-9)
    used = found["H100", "used price"]
    assert 0.4 * 43_000 < used.modelled_low <= used.modelled_high < 43_000


def test_a_fleet_without_the_device_has_no_used_price() -> None:
    run = run_case(load_case("meta"), [])
    assert {row.quantity for row in comparisons(run)} == {"list rent", "contract rent"}


def test_observations_of_another_time_are_left_out() -> None:
    run = run_case(load_case("meta"), [])
    earlier = replace(run, case=run.case.model_copy(update={"as_of": "2025-09"}))
    assert comparisons(earlier) == []


def test_every_observation_names_its_source() -> None:
    for row in observations():
        assert row["source"]
        assert row["url"].startswith("https://")
        assert 0 < row["low"] <= row["high"]
