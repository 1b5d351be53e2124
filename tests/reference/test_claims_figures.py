"""The page on the model says of Meta's purchases, rents and lives what the engine finds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assumptions import load_case, run_case
from reports.record.compose import compose
from reports.record.report import Report
from valuation.analysis.expansion import depreciation_over_replacement

PAGE = Path(__file__).resolve().parents[2] / "docs" / "model.md"
BASE, BUST, SLOW = 0, 1, 2


@cache
def page() -> str:
    return " ".join(PAGE.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def report() -> Report:
    return compose(run_case(load_case("meta"), ["mining_bust", "landings_22_months"]))


def test_shares_of_replacement_on_the_page(report: Report) -> None:
    found = report.capex
    row = found.years.tolist().index(2025)
    parts = (found.replacement, found.replacement_by_life["disclosed"], found.replacement_by_life["three_year"])
    modelled, disclosed, three = (part[row, BASE] / found.capex[row, BASE] for part in parts)
    said = (
        f"{modelled:.0%} of purchases as modelled, {disclosed:.0%} under the disclosed lives, {three:.0%} under three"
    )
    assert said.replace("%", " %") in page()


def test_leverage_and_lives_on_the_page(report: Report) -> None:
    found = report.obsolescence
    lost = [(found.rent_lost[-1, -1, case], found.quasi_rent_lost[-1, -1, case]) for case in (BASE, BUST)]
    base, bust = ((f"{rent:.0%}".replace("%", " %"), f"{quasi:.0%}".replace("%", " %")) for rent, quasi in lost)
    assert f"rents lose {base[0]} in three years and quasi-rents {base[1]}" in page()
    assert f"under `mining_bust` {bust[0]} and {bust[1]}" in page()
    t90, slow = found.lives.t90[-1, BASE], found.lives.t90[-1, SLOW]
    life = found.book_life["disclosed"][-1, BASE]
    assert f"(T90 of Meta {t90:.0f} months against 36) and the disclosed lives last ({life:.0f})" in page()
    assert f"every 22 months (T90 {slow:.0f}) the claim fails against both" in page()


def test_ratios_on_the_page() -> None:
    for life, said in ((3.0, "1.453"), (6.0, "2.721")):
        assert f"{depreciation_over_replacement(np.array(0.4), np.array(life)):.3f}" == said
        assert said in page()
