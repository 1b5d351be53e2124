"""A small fleet taxed by hand from the statute: conventions, bonus by both dates, losses, deferred tax.

Every device costs 10,000 USD and none fails; cohorts hold a hundred, so amounts are in millions of USD. The additions
of 2026 stand half in its last quarter, those of 2024 and 2025 in the second.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assumptions import load_case, run_case
from assumptions.chapters.schema import Case
from assumptions.door import taxlaw
from valuation.results import Results

HEAD = """title = "Small"
as_of = "2024-12"
fiscal_year_end_month = {closing}

[ledgers.five]
title = "Five years"
salvage_share_of_cost = 0
write_off_failures = true
lives = [{{ months = 60 }}]
"""
COLUMNS = "purchase,asset_class,generation,units,unit_cost_usd,in_service,retired,sale_proceeds_usd,status\n"
ROWS = (
    ("2024-02", "2024-04", "", ""),
    ("2025-01", "2025-04", "", ""),
    ("2025-02", "2025-05", "2027-12", "50000"),
    ("2024-12", "2026-02", "", ""),
    ("2026-05", "2026-12", "", ""),
)
NO_FAILURES = ["operations.failure_early_annual=0", "operations.failure_steady_annual=0"]
HALF_YEAR, FIRST, FOURTH = (
    taxlaw.percentages()[5, name, at] for name, at in (("half_year", 0), ("mid_quarter", 1), ("mid_quarter", 4))
)
SALE = 0.05
"""Proceeds of the cohort sold at the end of 2027, which leaves on the first day of 2028."""


def written(folder: Path, rows: tuple[tuple[str, ...], ...] = ROWS, closing: int = 12) -> Case:
    lines = [f"{bought},servers,H100,100,10000,{','.join(rest)},plan\n" for bought, *rest in rows]
    (folder / "case.toml").write_text(HEAD.format(closing=closing), encoding="utf-8")
    (folder / "schedule.csv").write_text(COLUMNS + "".join(lines), encoding="utf-8", newline="")
    return load_case(folder)


def run(case: Case, *settings: str) -> Results:
    return run_case(case, [], [*NO_FAILURES, *settings]).results


def deducted(results: Results, book: str) -> list[float]:
    """Deductions of 2025 to 2028 [USD m]."""
    assert results.taxes is not None
    return [float(amount) / 1e6 for amount in results.taxes.deductions[book][:4, 0]]


def test_the_printed_percentages_are_those_of_publication_946() -> None:
    assert [round(100 * share, 2) for share in HALF_YEAR] == [20, 32, 19.2, 11.52, 11.52, 5.76]
    assert [round(100 * share, 2) for share in FIRST] == [35, 26, 15.6, 11.01, 11.01, 1.38]
    assert [round(100 * share, 2) for share in FOURTH] == [5, 38, 22.8, 13.68, 10.94, 9.58]


def test_federal_deductions(tmp_path: Path) -> None:
    """Contracts up to January 2025 take 60, 40 and 20 % by year of service, later ones all at once."""
    expected = [
        0.4 * 0.32 + (0.4 + 0.6 * 0.20) + 1.0,
        0.4 * 0.192 + 0.6 * 0.32 + (0.2 + 0.8 * 0.35) + 1.0,
        0.4 * 0.1152 + 0.6 * 0.192 + 0.8 * 0.26,
        0.4 * 0.1152 + 0.6 * 0.1152 + 0.8 * 0.156 - SALE,
    ]
    assert deducted(run(written(tmp_path)), "federal_tax") == pytest.approx(expected)


@pytest.mark.slow
def test_deductions_of_a_state_without_bonus(tmp_path: Path) -> None:
    """What is sold keeps its percentage of 2027, and what is left of it is deducted in the year it leaves."""
    expected = [
        0.32 + 0.20 + 0.20,
        0.192 + 0.32 + 0.32 + 0.35 + 0.05,
        0.1152 + 0.192 + 0.192 + 0.26 + 0.38,
        0.1152 + 0.1152 + (1.0 - 0.20 - 0.32 - 0.192 - SALE) + 0.156 + 0.228,
    ]
    found = run(written(tmp_path))
    assert deducted(found, "state_tax") == pytest.approx(expected)
    assert deducted(run(written(tmp_path), "tax.bonus=no"), "federal_tax") == pytest.approx(expected)


def test_losses_tax_and_deferred_tax(tmp_path: Path) -> None:
    """Federal tax at 21 % after state tax at 6 %; a loss offsets four fifths of later income."""
    found = run(written(tmp_path))
    taxes = found.taxes
    assert taxes is not None
    carried = {"federal": 0.0, "state": 0.0}
    for year in range(4):
        state = 0.0
        for name, book, rate in (("state", "state_tax", 0.06), ("federal", "federal_tax", 0.21)):
            income = float(taxes.income[year, 0] - taxes.deductions[book][year, 0]) - state
            used = min(carried[name], 0.8 * max(income, 0.0))
            carried[name] += max(-income, 0.0) - used
            due = rate * (max(income, 0.0) - used)
            assert getattr(taxes, name).tax[year, 0] == pytest.approx(due, abs=0.01)
            state = due if name == "state" else state
        assert taxes.federal.loss_carried[year, 0] == pytest.approx(carried["federal"], abs=0.01)
    # Books of five years from the month after service: 32, 20, 19, 10 and no months of sixty used by the end of 2026.
    books = sum(1.0 - used / 60 for used in (32, 20, 19, 10, 0))
    federal = 0.4 * 0.288 + 0.6 * 0.48 + 0.0 + 0.8 * 0.65 + 0.0
    state_basis = 0.288 + 0.48 + 0.48 + 0.65 + 0.95
    deferred = 0.21 * (books - federal) + 0.06 * 0.79 * (books - state_basis)
    assert taxes.deferred_at_year_ends["five"][1, 0] / 1e6 == pytest.approx(deferred)


def test_what_leaves_in_its_first_year_counts_for_no_convention(tmp_path: Path) -> None:
    """IRC 168(d)(3)(B)(ii): the cohort sold in November 2025 leaves the other its half year."""
    rows = (("2025-01", "2025-04", "", ""), ("2025-08", "2025-10", "2025-11", "600000"))
    found = run(written(tmp_path, rows), "tax.bonus=no")
    assert deducted(found, "federal_tax")[:2] == pytest.approx([0.20 + 1.0 - 0.6, 0.32])


def test_purchases_of_a_scenario_are_tested_with_its_own_amounts(tmp_path: Path) -> None:
    """Bought in June and in service in September, the last quarter of a year that closes in October."""
    rows = (("2025-01", "2025-04", "", ""),)
    found = run_case(written(tmp_path, rows, closing=10), ["growth_continues"], [*NO_FAILURES, "tax.bonus=no"])
    taxes, grown = found.results.taxes, found.inputs.fleet.units[1, 1] / 1e6
    assert taxes is not None
    year = int(np.flatnonzero(taxes.years == 2026)[0])
    assert taxes.deductions["federal_tax"][year] / 1e6 == pytest.approx([0.32, 0.32 + 0.05 * grown])


@pytest.mark.parametrize(
    ("year", "limit", "start"),
    [
        (2018, 1_000_000, 2_500_000),
        (2019, 1_020_000, 2_550_000),
        (2020, 1_040_000, 2_590_000),
        (2021, 1_050_000, 2_620_000),
        (2022, 1_080_000, 2_700_000),
        (2023, 1_160_000, 2_890_000),
        (2024, 1_220_000, 3_050_000),
        (2025, 2_500_000, 4_000_000),
        (2026, 2_560_000, 4_090_000),
    ],
)
def test_limits_of_expensing(year: int, limit: float, start: float) -> None:
    assert taxlaw.expensing_limits()[year] == (limit, start)


@pytest.mark.parametrize(
    ("acquired", "service", "share"),
    [
        ("2010-09-09", "2011-06-30", 1.0),
        ("2016-05-01", "2017-12-31", 0.5),
        ("2017-09-27", "2018-06-30", 0.4),
        ("2017-09-27", "2019-06-30", 0.3),
        ("2017-09-27", "2020-06-30", 0.0),
        ("2017-09-28", "2017-12-31", 1.0),
        ("2020-01-01", "2022-12-31", 1.0),
        ("2020-01-01", "2023-01-01", 0.8),
        ("2020-01-01", "2024-12-31", 0.6),
        ("2025-01-19", "2025-12-31", 0.4),
        ("2025-01-19", "2026-12-31", 0.2),
        ("2025-01-19", "2027-01-01", 0.0),
        ("2025-01-20", "2025-01-20", 1.0),
        ("2029-01-01", "2030-01-01", 1.0),
    ],
)
def test_bonus_by_date_of_contract_and_of_service(acquired: str, service: str, share: float) -> None:
    assert taxlaw.bonus_share(acquired, service, 5) == share


def test_rates_of_corporations() -> None:
    assert [taxlaw.corporate_rate(day) for day in ("2017-12-31", "2018-01-01", "2026-01-01")] == [0.35, 0.21, 0.21]
