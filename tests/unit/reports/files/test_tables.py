from __future__ import annotations

import pandas as pd
import pytest

from reports.files.tables import ECONOMIC_COLUMNS, LEDGER_COLUMNS, all_tables
from reports.record.waterfalls import LABELS, WATERFALL_COLUMNS
from tests.unit.reports import samples

CLAIMS = ("capex", "obsolescence")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return all_tables(samples.report())


def test_columns_are_the_promised_ones(tables: dict[str, pd.DataFrame]) -> None:
    assert tuple(tables["ledger"].columns) == LEDGER_COLUMNS
    assert tuple(tables["economic"].columns) == ECONOMIC_COLUMNS
    assert tuple(tables["waterfall"].columns) == WATERFALL_COLUMNS
    assert list(tables) == ["ledger", "economic", "cash_flow", "lives", "waterfall", "second_opinions", *CLAIMS]


def test_rows_are_every_scenario_ledger_period_and_group(tables: dict[str, pd.DataFrame]) -> None:
    report = samples.report()
    periods, groups = report.results.inputs.timeline.periods, len(report.groups)
    assert len(tables["economic"]) == len(report.scenarios) * periods * groups
    assert len(tables["ledger"]) == len(report.ledgers) * len(tables["economic"])
    keys = ["scenario", "ledger", "period_end", "asset_class", "generation"]
    assert not tables["ledger"].duplicated(keys).any()
    assert set(tables["ledger"]["scenario"]) == set(samples.SCENARIOS)


def test_periods_end_with_their_month(tables: dict[str, pd.DataFrame]) -> None:
    ends = tables["ledger"]["period_end"]
    assert ends.iloc[0] == "2023-01-31"
    assert "2024-02-29" in set(ends)


def test_movements_add_up_and_closings_are_those_of_the_engine(tables: dict[str, pd.DataFrame]) -> None:
    report, ledger = samples.report(), tables["ledger"]
    moved = ledger["opening_usd"] + ledger["additions_usd"] - ledger["depreciation_usd"]
    rest = moved - ledger["impairment_usd"] - ledger["disposals_usd"] - ledger["closing_usd"]
    assert rest.abs().max() < 1e-6
    at = ledger[ledger["period_end"] == report.as_of.isoformat()]
    for case, scenario in enumerate(samples.SCENARIOS):
        for name, amounts in report.summary.as_of.carrying_amount.items():
            rows = at[(at["scenario"] == scenario) & (at["ledger"] == name)]
            assert rows["closing_usd"].sum() == pytest.approx(amounts[case], rel=1e-12)


def test_economic_figures_are_empty_before_they_are_published(tables: dict[str, pd.DataFrame]) -> None:
    report, economic = samples.report(), tables["economic"]
    published = report.bound_dates[report.results.published_from].isoformat()
    early = economic[economic["period_end"] < published]
    late = economic[economic["period_end"] > published]
    for column in ("economic_value_usd", "value_in_use_usd", "economic_depreciation_usd", "purchase_surplus_usd"):
        assert early[column].isna().all()
        assert late[column].notna().all()
    assert economic["units"].notna().all()


def test_second_opinions_are_by_scenario_and_priced_part(tables: dict[str, pd.DataFrame]) -> None:
    frame = tables["second_opinions"]
    assert list(frame["generation"]) == [*samples.GENERATIONS[:3]] * len(samples.SCENARIOS)
    parts = frame["physical_usd"] + frame["functional_usd"] + frame["external_usd"] + frame["cost_approach_value_usd"]
    assert parts.tolist() == pytest.approx(frame["replacement_cost_new_usd"].tolist())
    assert (frame["abandonment_usd_per_unit_hour"] < frame["static_shutdown_usd_per_unit_hour"]).all()


def test_lives_name_the_fleet_and_every_cohort(tables: dict[str, pd.DataFrame]) -> None:
    report, lives = samples.report(), tables["lives"]
    assert len(lives) == len(samples.SCENARIOS) * (1 + len(samples.COHORTS))
    fleet = lives[(lives["scenario"] == "base") & (lives["cohort"] == "fleet")]
    assert fleet["t50_months"].item() == report.results.fleet_lives.t50[0, 0]


def test_cash_stands_at_every_bound(tables: dict[str, pd.DataFrame]) -> None:
    cash = tables["cash_flow"]
    assert len(cash) == len(samples.SCENARIOS) * (samples.report().results.inputs.timeline.periods + 1)
    spent = cash["operating_cost_usd"] + cash["capital_expenditure_usd"]
    rest = cash["gross_rent_usd"] + cash["proceeds_usd"] - spent - cash["net_cash_flow_usd"]
    assert rest.abs().max() < 1e-6


def test_bars_of_one_level_sum_to_the_gap_of_every_group(tables: dict[str, pd.DataFrame]) -> None:
    report, bars = samples.report(), tables["waterfall"]
    keys = ["scenario", "ledger", "asset_class", "generation"]
    gap = bars[bars["part"] == "gap"].set_index(keys)["usd"]
    for level in ("group", "part"):
        told = bars[bars["level"] == level].groupby(keys)["usd"].sum()
        assert (told.reindex(gap.index) - gap).abs().max() < 1e-3
    fleet = gap.xs(("all", ""), level=("asset_class", "generation"))
    for case, scenario in enumerate(samples.SCENARIOS):
        for ledger, amounts in report.summary.as_of.gap.items():
            assert fleet[scenario, ledger] == pytest.approx(amounts[case], rel=1e-9)
    assert set(bars["part"]) <= set(LABELS)
