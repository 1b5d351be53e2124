from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assumptions import load_case, run_case
from reports.files import payload
from reports.files.write import write_run
from reports.record.compose import compose
from tests.unit.reports import samples

SCENARIO_KEYS = {
    "npv_usd", "npv_in_use_usd", "irr", "irr_roots", "mirr", "payback_months", "economic_value_usd",
    "value_in_use_usd", "carrying_amount_usd", "gap_usd", "hidden_depreciation_usd", "depreciation_usd",
    "economic_depreciation_usd", "purchase_surplus_usd", "exchange_discount_usd", "opening_gap_usd", "lives_months",
    "power_right_usd", "committed_capacity_usd", "retirement", "waterfall", "written_off_usd",
    "discounted_payback_months",
}  # fmt: skip


@pytest.fixture(scope="module")
def text() -> str:
    return payload.text(payload.document(samples.report()))


@pytest.fixture(scope="module")
def found(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


def test_schema_that_is_shipped_is_that_of_the_document() -> None:
    assert payload.SCHEMA_FILE.read_text(encoding="utf-8") == payload.schema_text()


def test_document_meets_the_schema(text: str) -> None:
    document = payload.ResultsDocument.model_validate_json(text, strict=True)
    assert document.model_dump(mode="json") == json.loads(text)


@pytest.mark.parametrize(
    "broken",
    ['{"irr": "high"}', '{"surprise": 1.0}', '{"gap_usd": {"three_year": "x"}}'],
)
def test_schema_refuses_another_document(text: str, broken: str) -> None:
    document = json.loads(text)
    document["scenarios"]["base"].update(json.loads(broken))
    with pytest.raises(ValueError, match="validation error"):
        payload.ResultsDocument.model_validate_json(json.dumps(document), strict=True)


def test_keys_are_sorted_and_nothing_volatile_is_told(text: str, found: dict[str, Any]) -> None:
    assert text == json.dumps(found, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert text == payload.text(payload.document(samples.report()))
    assert set(found) == {"obsolesce", "case", "as_of", "currency", "digest", "market", "attribution", "scenarios"}
    assert "NaN" not in text


def test_every_scenario_tells_the_same(found: dict[str, Any]) -> None:
    assert set(found["scenarios"]) == set(samples.SCENARIOS)
    for scenario in found["scenarios"].values():
        assert set(scenario) == SCENARIO_KEYS
        assert set(scenario["gap_usd"]) == {"three_year", "disclosed", "group"}
        assert set(scenario["lives_months"]) == {"t50", "t90", "t100", "retirement", "straight_line_equivalent"}
        assert set(scenario["retirement"]) == {"servers H100", "servers B200", "servers Rubin"}


def test_figures_are_those_of_the_engine_to_the_last_digit(found: dict[str, Any]) -> None:
    report = samples.report()
    for case, name in enumerate(samples.SCENARIOS):
        scenario = found["scenarios"][name]
        assert scenario["npv_usd"] == report.results.returns.npv[case]
        assert scenario["gap_usd"]["disclosed"] == report.summary.as_of.gap["disclosed"][case]
        row = report.fiscal_years.index(2027)
        years = report.summary.fiscal_years
        assert scenario["hidden_depreciation_usd"]["group"]["2027"] == years.hidden_depreciation["group"][row, case]
    assert found["market"]["planning_decline_log_per_year"] == 12 * report.results.market.planning_decline[0]


def test_unpublished_years_and_unknown_prices_are_null(found: dict[str, Any]) -> None:
    base = found["scenarios"]["base"]
    assert base["hidden_depreciation_usd"]["three_year"]["2023"] is None
    assert base["depreciation_usd"]["three_year"]["2023"] > 0.0
    assert found["market"]["generations"]["generic"]["shutdown_price_usd_per_unit_hour"] is None


def test_a_purchase_that_is_not_made_does_not_retire(found: dict[str, Any]) -> None:
    assert found["scenarios"]["base"]["retirement"]["servers Rubin"]["first"] is not None
    assert found["scenarios"]["harder"]["retirement"]["servers Rubin"] == {"first": None, "last": None}


def test_waterfalls_sum_to_the_gap(found: dict[str, Any]) -> None:
    assert found["attribution"] == {"method": "shapley", "plan": "surprise"}
    for scenario in found["scenarios"].values():
        for ledger, bridge in scenario["waterfall"].items():
            gap = scenario["gap_usd"][ledger]
            assert bridge["carrying_amount_usd"] - bridge["economic_value_usd"] == pytest.approx(gap, rel=1e-9)
            assert list(bridge["groups_usd"]) == ["accounting", "external", "functional", "physical"]
            for parts in (bridge["groups_usd"], bridge["parts_usd"]):
                assert sum(parts.values()) == pytest.approx(gap, rel=1e-9)


def test_a_case_without_rents_tells_none(tmp_path: Path) -> None:
    report = compose(run_case(load_case("mainframes"), []))
    told = payload.document(report).market
    assert (told.rent_usd_per_unit_hour, told.scarcity_log) == (None, None)
    assert told.generations["Mainframe"].entry_rent_usd_per_unit_hour is not None
    write_run(report, tmp_path / "out", ["obsolesce"])
    book = openpyxl.load_workbook(tmp_path / "out" / "mainframes.xlsx", read_only=True)
    titles = [row[0] for row in book["Economic"].iter_rows(min_col=2, max_col=2, values_only=True)]
    assert "Proceeds of retired devices" in titles
    assert "Market rent of a unit-hour" not in titles
