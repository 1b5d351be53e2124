"""Tables of replacement and expansion, of leverage and of lives against books, as files and on screen."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports.record.claims import (
    CAPEX_COLUMNS,
    LATER,
    OBSOLESCENCE_COLUMNS,
    SOONER,
    capex_table,
    obsolescence_table,
    verdict,
)
from reports.screen import claims as claims_console
from reports.screen.console import screen
from tests.unit.reports import samples
from valuation.analysis.leverage import AHEAD


@pytest.fixture(scope="module")
def capex() -> pd.DataFrame:
    return capex_table(samples.report())


@pytest.fixture(scope="module")
def obsolescence() -> pd.DataFrame:
    return obsolescence_table(samples.report())


def shown() -> str:
    """The three tables as they are printed, without the breaks."""
    stream = io.StringIO()
    for table in claims_console.claim_tables(samples.report()):
        if table is not None:
            screen(stream).print(table)
    return " ".join(stream.getvalue().split())


def test_capex_is_by_scenario_and_year_and_adds_up(capex: pd.DataFrame) -> None:
    report = samples.report()
    assert set(CAPEX_COLUMNS) < set(capex.columns)
    assert len(capex) == len(samples.SCENARIOS) * len(report.fiscal_years)
    assert not capex.duplicated(["scenario", "fiscal_year"]).any()
    rest = capex["replacement_usd"] + capex["expansion_usd"] - capex["capex_usd"]
    assert rest.abs().max() < 1e-3
    for ledger in report.ledgers:
        bought = capex["capex_usd"] > 0.0
        assert (capex[f"{ledger}_depreciation_over_capex"].notna() == bought).all()
        assert (capex[f"{ledger}_replacement_usd"] >= 0.0).all()


def test_a_scenario_without_the_last_purchase_expands_less(capex: pd.DataFrame) -> None:
    sums = capex.groupby("scenario")["expansion_usd"].first()
    assert set(sums.index) == set(samples.SCENARIOS)
    bought = capex.groupby("scenario")["capex_usd"].max()
    assert bought["harder"] < bought["base"]


def test_obsolescence_is_by_scenario_and_group_and_ends_with_the_fleet(obsolescence: pd.DataFrame) -> None:
    report = samples.report()
    assert tuple(obsolescence.columns[: len(OBSOLESCENCE_COLUMNS)]) == OBSOLESCENCE_COLUMNS
    assert len(obsolescence) == len(samples.SCENARIOS) * (len(samples.GROUPS) + 1)
    fleet = obsolescence[obsolescence["asset_class"] == "all"]
    assert fleet["t90_months"].tolist() == report.results.fleet_lives.t90[0].tolist()
    for months in AHEAD:
        assert {f"rent_lost_{months}_months", f"quasi_rent_lost_{months}_months"} <= set(obsolescence.columns)


def test_the_verdict_follows_t90_and_the_book_life(obsolescence: pd.DataFrame) -> None:
    for ledger in samples.report().ledgers:
        less = obsolescence["t90_months"] - obsolescence[f"{ledger}_book_life_months"]
        np.testing.assert_allclose(obsolescence[f"{ledger}_t90_less_book_life_months"], less)
        expected = [SOONER if months < 0 else LATER if months >= 0 else "" for months in less]
        assert obsolescence[f"{ledger}_verdict"].tolist() == expected
    assert {verdict(-1.0), verdict(0.0), verdict(float("nan"))} == {SOONER, LATER, ""}


def test_the_screen_shows_the_base() -> None:
    text = shown()
    assert "Purchases: what replaces and what expands (base, USD m)" in text
    assert "Operating leverage: rent lost, and quasi-rent lost (base)" in text
    assert "Is value gone before the books say so? Lives in months (base)" in text
    assert "contradicts the claim" in text
    found = samples.report().obsolescence
    assert f"{found.quasi_rent_lost[0, 0, 0]:.0%}" in text
    assert "…" not in text


def test_a_fleet_that_buys_nothing_has_no_table_of_purchases() -> None:
    report = samples.report()
    bought = report.capex
    idle = replace(bought, capex=np.zeros_like(bought.capex))
    bare = replace(report)
    bare.__dict__["capex"] = idle
    assert claims_console.capex(bare) is None


def test_a_missing_share_is_a_dash() -> None:
    assert claims_console.share(float("nan")) == "–"
    assert claims_console.share(0.256) == "26%"
