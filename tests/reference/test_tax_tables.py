"""Published percentages of US tax depreciation (Publication 946, tables A-1 to A-5 and A-7a), both ways.

By formula the schedule comes within rounding of every printed entry; by table it gives the printed entries themselves.
"""

from __future__ import annotations

import csv
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from tests.governance.source_tree import ROOT
from tests.placements import YEAR, charged, placed, policy, shares, yearly
from valuation.books.charges import Method
from valuation.books.conventions import Convention
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import Service

TABLES = ROOT / "assumptions" / "data" / "tax" / "macrs_tables.csv"
CONVENTIONS = {
    "half_year": Convention.HALF_YEAR,
    "mid_quarter": Convention.MID_QUARTER,
    "mid_month": Convention.MID_MONTH,
}
ROUNDING = 0.015  # points of a per cent: the tables round the balance as they go, and alternate
CLASSES = (3, 5, 7, 10, 15, 20)
FISCAL_YEAR_ENDS = (12, 9, 6)
Column = tuple[int, str, int]


@cache
def tables() -> dict[Column, tuple[float, ...]]:
    """Percentages by class, convention and quarter or month of placement (0 where there is none)."""
    found: dict[Column, list[float]] = {}
    with TABLES.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            key = (int(row["property_class_years"]), row["convention"], int(row["placed"] or 0))
            found.setdefault(key, []).append(float(row["percent"]))
            assert int(row["year"]) == len(found[key])
    return {key: tuple(percent) for key, percent in found.items()}


def name_of(column: Column) -> str:
    return "-".join(map(str, column))


def months_of(column: Column) -> list[int]:
    """Months of the fiscal year in which a column applies."""
    _, convention, number = column
    if convention == "mid_month":
        return [number]
    return list(range(3 * number - 2, 3 * number + 1)) if number else list(range(1, YEAR + 1))


def by_formula(column: Column) -> ComponentInputs:
    """Twice the straight-line rate up to ten years, 150 % up to twenty, straight line for buildings."""
    years, convention, _ = column
    method = Method.STRAIGHT_LINE if years > 20 else Method.DECLINING_WITH_SWITCH
    factor = 2.0 if years <= 10 else 1.5
    return policy(method, YEAR * years, factor=factor, frequency=YEAR, convention=CONVENTIONS[convention])


def by_table(column: Column) -> ComponentInputs:
    """The printed percentages of the cost, whose first one is for a whole fiscal year."""
    percent = tables()[column]
    return policy(
        Method.TABLE,
        YEAR * len(percent),
        percentages=shares(*percent) / 100,
        frequency=YEAR,
        convention=CONVENTIONS[column[1]],
        whole_first_year=True,
    )


def day(month: int, fiscal_year_end: int) -> str:
    """A day in a month of the fiscal year that begins in 2025, or in 2024 and ends in 2025."""
    first = np.datetime64("2025-01", "M") + fiscal_year_end % YEAR - (YEAR if fiscal_year_end < YEAR else 0)
    return f"{first + month - 1}-17"


def opening(fiscal_year_end: int) -> str:
    """First month of the fiscal year of that day."""
    return day(1, fiscal_year_end)[:7]


def service_of(month: int, years: int, fiscal_year_end: int) -> Service:
    """Service from a month of that fiscal year on, over all years of a column."""
    first = opening(fiscal_year_end)
    return placed(day(month, fiscal_year_end), YEAR * years, first=first, fiscal_year_end=fiscal_year_end)


@pytest.mark.parametrize("fiscal_year_end", FISCAL_YEAR_ENDS)
@pytest.mark.parametrize("column", sorted(tables()), ids=name_of)
def test_formula_is_within_rounding_of_every_entry(column: Column, fiscal_year_end: int) -> None:
    percent = np.array(tables()[column])
    for month in months_of(column):
        found = yearly(by_formula(column), service_of(month, percent.size, fiscal_year_end), 100.0)
        np.testing.assert_allclose(found, percent, rtol=0.0, atol=ROUNDING)
        assert found.sum() == pytest.approx(100.0, abs=1e-10)


@pytest.mark.parametrize("fiscal_year_end", FISCAL_YEAR_ENDS)
@pytest.mark.parametrize("column", sorted(tables()), ids=name_of)
def test_table_is_the_printed_entry(column: Column, fiscal_year_end: int) -> None:
    percent = np.array(tables()[column])
    for month in months_of(column):
        found = yearly(by_table(column), service_of(month, percent.size, fiscal_year_end))
        np.testing.assert_allclose(found, percent / 100, rtol=0.0, atol=1e-12)


def test_the_columns_are_whole() -> None:
    """Forty-two columns, each one entry longer than the class and adding up to a hundred."""
    assert len(tables()) == 6 * 5 + YEAR
    for (years, _, _), percent in tables().items():
        assert len(percent) == years + 1
        assert sum(percent) == pytest.approx(100.0, abs=1e-9)


def test_some_entries_are_no_rounding_of_the_formula() -> None:
    """17.85 for 17.857 (seven years, second quarter): why the tables are held as data."""
    column = (7, "mid_quarter", 2)
    found = yearly(by_formula(column), placed("2025-04-01", 96, first="2025-01"), 100.0)
    assert tables()[column][0] == 17.85
    assert found[0] == pytest.approx(100 * 2 / 7 * 7.5 / 12)
    assert round(found[0], 2) == 17.86


def disposed(column: Column, month: int, until: str, *, table: bool) -> np.ndarray:
    """Percent by year of an asset sold on a day."""
    component = by_table(column) if table else by_formula(column)
    service = placed(f"2025-{month:02}-17", YEAR * (column[0] + 1), until=until, first="2025-01")
    return yearly(component, service, 100.0)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize(("years", "year"), [(years, year) for years in CLASSES for year in (2, 3, 5) if year <= years])
def test_year_of_disposal_by_table(years: int, month: int, year: int) -> None:
    """Half of the year's percentage; mid-quarter 12.5, 37.5, 62.5 or 87.5 % by quarter of disposal."""
    half, quarter = (years, "half_year", 0), (years, "mid_quarter", 3)
    until = f"{2024 + year}-{month:02}-15"
    for column, placement, share in ((half, 2, 0.5), (quarter, 8, 0.125 + 0.25 * ((month - 1) // 3))):
        percent = tables()[column]
        found = disposed(column, placement, until, table=True)
        np.testing.assert_allclose(found[: year - 1], percent[: year - 1], rtol=1e-12)
        assert found[year - 1] == pytest.approx(percent[year - 1] * share, rel=1e-12)
        np.testing.assert_array_equal(found[year:], 0.0)


@pytest.mark.parametrize("year", [2, 4])
@pytest.mark.parametrize("month", [1, 2, 5, 9, 12])
@pytest.mark.parametrize("years", [5, 7, 15])
def test_year_of_disposal_by_formula(years: int, month: int, year: int) -> None:
    """The same shares of what the year would have taken."""
    for convention, number, placement in (("half_year", 0, 2), ("mid_quarter", 3, 8)):
        column = (years, convention, number)
        share = 0.5 if not number else 0.125 + 0.25 * ((month - 1) // 3)
        kept = yearly(by_formula(column), placed(f"2025-{placement:02}-17", YEAR * (years + 1), first="2025-01"), 100.0)
        found = disposed(column, placement, f"{2024 + year}-{month:02}-15", table=False)
        np.testing.assert_allclose(found[: year - 1], kept[: year - 1], rtol=1e-12)
        assert found[year - 1] == pytest.approx(kept[year - 1] * share, rel=1e-12)


@pytest.mark.parametrize("month", range(1, 13))
def test_buildings_are_charged_to_the_middle_of_the_month_of_disposal(month: int) -> None:
    """Of a full year of 2.564 %: the months before the one of disposal and half of it."""
    found = disposed((39, "mid_month", 4), 4, f"2030-{month:02}-15", table=True)
    assert found[5] == pytest.approx(2.564 * (month - 0.5) / 12, rel=1e-12)
    assert found[0] == pytest.approx(1.819, rel=1e-12)


def test_placed_and_disposed_of_in_one_year() -> None:
    """No deduction at all."""
    assert disposed((5, "half_year", 0), 2, "2025-11-30", table=True).tolist() == [0.0] * 6
    assert disposed((5, "mid_quarter", 1), 2, "2025-11-30", table=False).tolist() == [0.0] * 6


def test_full_year_of_1368_sold_in_the_second_quarter() -> None:
    """Year four of five under mid-quarter, 13.68 % of 10,000: 513 of it."""
    column = (5, "mid_quarter", 4)
    found = 100.0 * disposed(column, 11, "2028-05-20", table=True)
    assert tables()[column][3] * 100 == 1_368.0
    assert found[3] == pytest.approx(513.0)


@pytest.mark.parametrize("column", [(5, "half_year", 0), (5, "mid_quarter", 4), (7, "half_year", 0)], ids=name_of)
def test_a_year_is_spread_evenly_over_its_months(column: Column) -> None:
    for part in (by_formula(column), by_table(column)):
        monthly = charged(part, placed("2025-11-17", YEAR * (column[0] + 1), first="2025-01"))
        years = [monthly[10:12], *(monthly[start:stop] for start, stop in pairwise(range(12, 61, 12)))]
        for months in years:
            np.testing.assert_allclose(months, months[0], rtol=1e-12)
