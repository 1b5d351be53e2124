"""The page on Meta says what the engine finds, and the engine finds what the filings let one expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reference.meta_figures import (
    DISCLOSED_DEPRECIATION,
    DISCLOSED_EFFECT,
    all_rows,
    changes_of_estimate,
    effect_of_the_change,
    modelled_depreciation,
    run,
)
from valuation.analysis.checks import check

PAGE = Path(__file__).resolve().parents[2] / "docs" / "meta.md"
ALLOWED_FACTOR = 2.5


@pytest.mark.slow
@pytest.mark.parametrize("table", ["hidden", "plans", "depreciation", "effect", "months", "estimates"])
def test_the_page_shows_the_figures_of_the_engine(table: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [row for row in all_rows()[table] if row not in page]
    assert missing == []


@pytest.mark.parametrize("year", DISCLOSED_DEPRECIATION)
def test_disclosed_depreciation_lies_near_the_modelled_range(year: int) -> None:
    """Between 0.8 of the modelled low and 1.2 of the modelled high; nothing was tuned to it."""
    low, high = modelled_depreciation(0.43, year), modelled_depreciation(0.60, year)
    assert 0.8 * low < DISCLOSED_DEPRECIATION[year] < 1.2 * high


def test_the_change_of_life_has_the_disclosed_sign_and_order_of_size() -> None:
    """The page says half and why; a factor of 2.5 either way would need another explanation."""
    effect = effect_of_the_change(0.50, 2025)
    assert effect < 0.0
    assert 1 / ALLOWED_FACTOR < effect / DISCLOSED_EFFECT < ALLOWED_FACTOR


def test_every_change_of_estimate_has_the_disclosed_sign_and_order_of_size() -> None:
    for name, _, modelled, disclosed in changes_of_estimate():
        assert modelled < 0.0, name
        assert 1 / ALLOWED_FACTOR < modelled / disclosed < ALLOWED_FACTOR, name


def test_identities_hold_in_the_case_and_its_scenarios() -> None:
    found, _ = run((), ("landings_22_months",))
    assert [item for item in check(found.results) if not item.passed] == []
