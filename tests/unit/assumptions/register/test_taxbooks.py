"""Tax books: printed percentages and the formula, conventions by the year's additions, bonus, expensing, disposals."""

from __future__ import annotations

from pathlib import Path

import pytest

from assumptions import Question
from assumptions.door import taxlaw
from tests.unit.registers import TAX, amounts, run, table, until_the_end
from valuation.errors import AssumptionError

EVENTS = "asset,date,event,proceeds_usd"
HALF_YEAR = [20.0, 32.0, 19.2, 11.52, 11.52, 5.76]


def property_of(name: str, cost: float, service: str, **cells: object) -> str:
    """A row of 5-year property without bonus, unless it says otherwise."""
    filled = {
        "asset": name, "cost_usd": cost, "in_service": service, "preset": "macrs", "property_class": 5, "bonus": "no",
    } | cells  # fmt: skip
    return ",".join(str(filled.get(column, "")) for column in TAX.split(","))


def deductions(folder: Path, *rows: str, events: str = "", year_end: int = 12) -> list[float]:
    """Depreciation of a tax book by year."""
    texts = {"assets": table(TAX, *rows)} | ({"events": events} if events else {})
    return until_the_end(amounts(run(folder, Question(fiscal_year_end=year_end), **texts), "depreciation"))


@pytest.mark.parametrize("method", ["macrs", "macrs_formula"])
def test_five_year_property_under_half_year(method: str, tmp_path: Path) -> None:
    # method.md T1
    assert deductions(tmp_path, property_of("a", 100, "2025-03-01", method=method)) == pytest.approx(HALF_YEAR)


def test_five_year_property_in_the_last_quarter(tmp_path: Path) -> None:
    # method.md T2; the printed table is the same rounded to hundredths
    printed = deductions(tmp_path, property_of("a", 100, "2025-11-01"))
    assert printed == pytest.approx([5, 38, 22.8, 13.68, 10.94, 9.58])
    formula = deductions(tmp_path, property_of("a", 100, "2025-11-01", method="macrs_formula"))
    assert formula == pytest.approx(printed, abs=0.005)
    assert formula != printed


def test_printed_percentages_are_kept_where_they_are_not_the_nearest_rounding(tmp_path: Path) -> None:
    row = property_of("a", 100, "2025-05-01", property_class=7, convention="mid_quarter")
    assert deductions(tmp_path, row)[0] == pytest.approx(17.85)
    exact = deductions(tmp_path, f"{row}macrs_formula")[0]
    assert exact == pytest.approx(100 * 2 / 7 * 7.5 / 12)


def test_every_printed_table_adds_up_to_the_whole_basis() -> None:
    for shares in taxlaw.percentages().values():
        assert sum(shares) == pytest.approx(1.0, abs=2e-4)


@pytest.mark.parametrize(("late", "quarter"), [(4000, False), (4001, True)])
def test_mid_quarter_applies_above_forty_per_cent(late: int, quarter: bool, tmp_path: Path) -> None:
    found = deductions(tmp_path, property_of("a", 10_000 - late, "2025-03-31"), property_of("b", late, "2025-10-01"))
    first = 0.35 * (10_000 - late) + 0.05 * late if quarter else 0.20 * 10_000
    assert found[0] == pytest.approx(first)


def test_test_of_additions_is_by_year_and_book_and_leaves_buildings_out(tmp_path: Path) -> None:
    found = deductions(
        tmp_path,
        property_of("a", 6000, "2025-03-31"),
        property_of("b", 4000, "2025-10-01"),
        property_of("building", 50_000, "2025-12-01", property_class=39),
        property_of("c", 9000, "2026-12-01"),
    )
    # A building in service in December has half a month of 39 years.
    assert found[0] == pytest.approx(2000.0 + 50_000 * 0.00107)


def test_expensing_reduces_the_tested_basis_and_bonus_does_not(tmp_path: Path) -> None:
    rows = (property_of("a", 6000, "2025-03-31"), property_of("b", 5000, "2025-10-01", expensed_usd=1000))
    assert deductions(tmp_path, *rows)[0] == pytest.approx(1000.0 + 0.20 * 10_000)
    # All of b is deducted at once, and a is still under mid-quarter because of it.
    bonus = (property_of("a", 6000, "2025-03-31"), property_of("b", 4001, "2025-10-01", bonus="yes"))
    assert deductions(tmp_path, *bonus)[0] == pytest.approx(0.35 * 6000 + 4001)


def test_quarters_are_those_of_the_tax_year(tmp_path: Path) -> None:
    row = property_of("a", 100, "2025-05-01")
    assert deductions(tmp_path, row, year_end=6)[0] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("acquired", "service", "first"),
    [
        # method.md T3: bought before 2025-01-20 or after it
        ("2025-01-19", "2025-06-30", 520_000.0),
        ("2025-01-20", "2025-06-30", 1_000_000.0),
        ("2025-01-19", "2026-06-30", 360_000.0),
        ("2025-01-19", "2027-06-30", 200_000.0),
        ("2022-06-01", "2023-06-30", 840_000.0),
        ("2022-06-01", "2022-06-30", 1_000_000.0),
    ],
)
def test_bonus_by_both_dates(acquired: str, service: str, first: float, tmp_path: Path) -> None:
    row = property_of("a", 1_000_000, service, bonus="", acquired=acquired)
    found = deductions(tmp_path, row)
    assert found[0] == pytest.approx(first)
    assert sum(found) == pytest.approx(1_000_000.0)


def test_buildings_get_no_bonus(tmp_path: Path) -> None:
    row = property_of("a", 39_000, "2025-01-20", property_class=39, bonus="", acquired="2025-01-20")
    assert deductions(tmp_path, row)[0] == pytest.approx(39_000 * 0.02461)


def test_expensing_shrinks_with_what_is_placed_in_service(tmp_path: Path) -> None:
    # method.md T4: 5.2 million placed in 2025, so 1.3 million may be expensed
    row = property_of("a", 5_200_000, "2025-03-01", expensed_usd=1_300_000)
    assert deductions(tmp_path, row)[0] == pytest.approx(1_300_000 + 0.20 * 3_900_000)
    with pytest.raises(AssumptionError, match=r"1,300,001.00 USD are expensed in 2025; allowed is 1,300,000.00 USD"):
        deductions(tmp_path, property_of("a", 5_200_000, "2025-03-01", expensed_usd=1_300_001))


def test_expensing_in_a_year_without_a_known_limit(tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match="no limit for 2035; allowed is tax years"):
        deductions(tmp_path, property_of("a", 100, "2035-03-01", expensed_usd=10))


@pytest.mark.parametrize(
    ("sold", "share"), [("2026-02-10", 0.125), ("2026-05-10", 0.375), ("2026-08-10", 0.625), ("2026-11-10", 0.875)]
)
@pytest.mark.parametrize("method", ["macrs", "macrs_formula"])
def test_disposal_under_mid_quarter(sold: str, share: float, method: str, tmp_path: Path) -> None:
    # method.md T7 for the third year: 1,368 in full, 513 if sold in the second quarter
    row = property_of("a", 6000, "2025-11-01", method=method)
    found = deductions(tmp_path, row, events=table(EVENTS, f"a,{sold},disposal,1"))
    assert found == pytest.approx([300.0, 2280.0 * share])
    later = deductions(tmp_path, row, events=table(EVENTS, f"a,{sold.replace('2026', '2027')},disposal,1"))
    assert later[2] == pytest.approx(1368.0 * share)
    if share == 0.375:
        assert later[2] == pytest.approx(513.0)


@pytest.mark.parametrize("sold", ["2026-01-01", "2026-12-31"])
@pytest.mark.parametrize("method", ["macrs", "macrs_formula"])
def test_disposal_under_half_year(sold: str, method: str, tmp_path: Path) -> None:
    row = property_of("a", 1000, "2025-03-01", method=method)
    events = table(EVENTS, f"a,{sold},disposal,500")
    assert deductions(tmp_path, row, events=events) == pytest.approx([200.0, 160.0])
    found = run(tmp_path, assets=table(TAX, row), events=events)
    assert amounts(found, "gain")[1] == pytest.approx(500.0 - 640.0)


@pytest.mark.parametrize("bonus", ["no", "yes"])
@pytest.mark.parametrize("method", ["macrs", "macrs_formula"])
def test_nothing_is_deducted_for_what_comes_and_goes_in_one_year(bonus: str, method: str, tmp_path: Path) -> None:
    row = property_of("a", 1000, "2025-03-01", bonus=bonus, method=method)
    assert deductions(tmp_path, row, events=table(EVENTS, "a,2025-09-01,disposal,500")) == []


def test_months_of_a_year_add_up_to_its_percentage(tmp_path: Path) -> None:
    found = run(tmp_path, Question(by="month"), assets=table(TAX, property_of("a", 1200, "2025-03-15")))
    months = amounts(found, "depreciation")
    assert sum(months[:10]) == pytest.approx(240.0)
    assert months[10:22] == pytest.approx([32.0] * 12)


def test_what_comes_and_goes_in_one_year_has_no_part_in_the_test(tmp_path: Path) -> None:
    """Nine in ten of the basis come in the last quarter and most of it leaves again: half-year stays."""
    rows = (property_of("a", 1000, "2025-03-31"), property_of("b", 9000, "2025-10-01"))
    assert deductions(tmp_path, *rows)[0] == pytest.approx(0.35 * 1000 + 0.05 * 9000)
    gone = f"{EVENTS}\nb,2025-12-15,disposal,9000\n"
    assert deductions(tmp_path, *rows, events=gone)[0] == pytest.approx(0.20 * 1000)


def test_expensing_goes_by_the_year_a_tax_year_begins_in(tmp_path: Path) -> None:
    # The year that closes in June 2025 began in 2024: 1.22 million, not 2.5
    row = property_of("a", 2_000_000, "2025-03-01", expensed_usd=1_220_001)
    with pytest.raises(AssumptionError, match=r"expensed in 2024; allowed is 1,220,000.00 USD"):
        deductions(tmp_path, row, year_end=6)
    row = property_of("a", 3_000_000, "2025-08-01", expensed_usd=2_500_000)
    assert deductions(tmp_path, row, year_end=6)[0] == pytest.approx(2_500_000 + 0.20 * 500_000)
