"""What two open accounting systems expect of their schedules, from the numbers in their public tests.

Where a rule of ours gives their number, it must; where it does not, both numbers stand here, and why. They round each
row to cents and carry the rounded row on, hence tolerances of a few cents.

ERPNext: frappe/erpnext, erpnext/assets/doctype, asset/test_asset.py (A), asset_depreciation_schedule/
test_asset_depreciation_schedule.py (S), asset_value_adjustment/test_asset_value_adjustment.py (V); issues 40874, 40882.
OCA: OCA/account-financial-tools, account_asset_management/tests/test_account_asset_management.py (O).
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.placements import YEAR, at, charged, placed, policy, shares, yearly
from valuation.books.charges import Method
from valuation.books.conventions import Convention

CENT = 0.0051
COST = 100_000.0
STRAIGHT, GIVEN = Method.STRAIGHT_LINE, Method.GIVEN_RATE
FULL, DAYS, ACTUAL, TOTAL = (
    Convention.FULL_MONTH,
    Convention.DAILY_365,
    Convention.ACTUAL_ACTUAL,
    Convention.TOTAL_DAYS,
)


# Straight line, whole and in part years


def test_three_whole_years() -> None:
    """A, test_schedule_for_straight_line_method: 30,000 each; from 31 December with the month after."""
    part = policy(STRAIGHT, 36, 0.1, convention=FULL)
    assert yearly(part, placed("2030-01-01", 36), COST) == pytest.approx([30_000] * 3)
    late = policy(STRAIGHT, 36, 0.1)
    assert yearly(late, placed("2019-12-31", 48, first="2019-01"), COST) == pytest.approx([0, *[30_000] * 3])


def test_part_years_by_days() -> None:
    """A, ..._prorated_...: 336 of 365 days, the rest on the anniversary; the year 2032 of 366 days counts as one.

    Days over 365 would charge 30,082.19 for it.
    """
    service = placed("2030-01-30", 48, first="2030-01")
    found = yearly(policy(STRAIGHT, 36, 0.1, convention=ACTUAL), service, COST)
    assert found == pytest.approx([27_616.44, 30_000, 30_000, 2_383.56], abs=CENT)
    assert yearly(policy(STRAIGHT, 36, 0.1, convention=DAYS), service, COST)[2] == pytest.approx(30_082.19, abs=CENT)


def test_part_years_by_months() -> None:
    """A, booked every 1 July from 1 January: half a year, two whole ones, half a year."""
    service = placed("2020-01-01", 42, fiscal_year_end=6)
    assert yearly(policy(STRAIGHT, 36, 0.1, convention=FULL), service, COST) == pytest.approx(
        [15_000, 30_000, 30_000, 15_000]
    )


def test_first_year_of_a_year_that_ends_in_june() -> None:
    """S, test_depreciation_on_return_of_sold_asset: 25 of 366 days, 1,366.12, then 20,000.

    Ours takes each half of the next year over its own calendar year: 184/366 and 181/365 of 20,000, or 19,972.45.
    """
    service = placed("2020-06-06", 61, first="2020-06", fiscal_year_end=6)
    found = yearly(policy(STRAIGHT, 60, convention=ACTUAL), service, COST)
    assert found[0] == pytest.approx(1_366.12, abs=CENT)
    assert found[1] == pytest.approx(20_000 * (184 / 366 + 181 / 365))
    assert abs(found[1] - 20_000) == pytest.approx(27.55, abs=CENT)


def test_opening_amounts_go_on() -> None:
    """S, test_complete_opening_periods: 13,200 less 1,200 over twelve months, four booked: 1,000 a month."""
    part = policy(STRAIGHT, 12, 1_200 / 13_200, convention=FULL, stated_share=at(12, 4, 9_200 / 13_200, np.nan))
    assert charged(part, placed("2023-01-01", 12), 13_200)[4:] == pytest.approx([1_000.0] * 8)


def test_an_opening_that_is_a_day_short_is_spread_and_not_left_to_the_end() -> None:
    """A, existing asset: opening 47,095.89 counts 208 days, then 30,000 and 12,904.11.

    Ours holds the day in arrears against the life left: 30,057.58 and 12,846.53. With 209 days there is no difference.
    """
    service = placed("2030-06-06", 48, first="2030-01")
    for opening, expected in ((47_095.89, [30_057.58, 12_846.53]), (47_178.08, [30_000.0, 12_821.92])):
        part = policy(STRAIGHT, 36, 0.1, convention=ACTUAL, stated_share=at(48, 24, 1 - opening / COST, np.nan))
        assert yearly(part, service, COST)[2:] == pytest.approx(expected, abs=2 * CENT)


def test_months_of_a_part_used_life() -> None:
    """S, ..._slm_for_existing_asset: 465.70 left for 15 9/31 months: 30.46 each and the rest, theirs 8.80.

    Their fifteen rounded rows take 4 cents of it; unrounded it is 8.84.
    """
    found = charged(policy(STRAIGHT, 15 + 9 / 31, convention=FULL), placed("2024-07-01", 16), 731 - 265.30)
    assert found[:15] == pytest.approx([30.46] * 15, abs=CENT)
    assert found[15] == pytest.approx(8.84, abs=CENT)


def test_quarters() -> None:
    """S, ..._frequency_of_3_months: 60.92 a quarter; the last month 20.49 with their rounding, 20.31 without."""
    found = charged(policy(STRAIGHT, 36, convention=FULL), placed("2023-11-01", 36), 731)
    assert found[11:35].reshape(8, 3).sum(axis=1) == pytest.approx([60.92] * 8, abs=CENT)
    assert found[35] == pytest.approx(20.31, abs=CENT)


# Days


def test_days_of_their_year() -> None:
    """S, test_daily_prorata_based_depr_on_sl_method: 4,234.97 in January 2020, 4,246.58 in January 2021."""
    found = charged(policy(STRAIGHT, 24, convention=ACTUAL), placed("2020-01-01", 24), COST)
    assert found[[0, 1, 3, 12, 13, 15]] == pytest.approx(
        [4_234.97, 3_961.75, 4_098.36, 4_246.58, 3_835.62, 4_109.59], abs=CENT
    )
    assert found[:12].sum() == pytest.approx(50_000)


def test_all_days_of_the_life() -> None:
    """S, total days: a dollar a day from 15 January 2020 to 15 January 2023, and 731 less 265 days booked."""
    found = charged(policy(STRAIGHT, 36, convention=TOTAL), placed("2020-01-15", 37), 1_096)
    assert found[[0, 1, 2, 3, 36]] == pytest.approx([17, 29, 31, 30, 14])
    existing = charged(policy(STRAIGHT, 24, convention=TOTAL), placed("2023-10-10", 25), 731)
    assert existing[:9].sum() == pytest.approx(265)
    assert existing[[9, 10, 11, 24]] == pytest.approx([31, 31, 30, 9])


def test_a_year_by_days() -> None:
    """S: 500 over 2023: 42.47, 38.36, 42.47, 41.10."""
    found = charged(policy(STRAIGHT, 12, convention=ACTUAL), placed("2023-01-01", 12), 500)
    assert found[:4] == pytest.approx([42.47, 38.36, 42.47, 41.10], abs=CENT)


def test_all_days_of_a_life_that_ends_within_a_month() -> None:
    """O, test_12: 3,333 over 1,827 days, 45.61 for 25 of July; the last row 11.05 with rounding, 10.95 without."""
    found = charged(policy(STRAIGHT, 60, convention=TOTAL), placed("2019-07-07", 61), 3_333)
    assert found[[0, 60]] == pytest.approx([45.61, 10.95], abs=CENT)


def test_years_by_days() -> None:
    """O, test_02 to 04: 178 days of a year of 365, 325.08; then 666.60, and 341.52; of one of 366, 324.19.

    Their months are a twelfth of the year, with what is over in the first, 47.33; ours are its days, 45.66.
    """
    part = policy(STRAIGHT, 60, convention=ACTUAL)
    for start, first in ((2019, 325.08), (2020, 324.19)):
        service = placed(f"{start}-07-07", 72, first=f"{start}-01")
        assert yearly(part, service, 3_333) == pytest.approx([first, *[666.60] * 4, 666.60 - first], abs=CENT)
    assert charged(part, placed("2019-07-07", 1), 3_333)[0] == pytest.approx(45.66, abs=CENT)


def test_a_year_of_all_days() -> None:
    """O, leap option: 10,000 over 1,826 days, 1,998.90 for 2019; their months are a twelfth of it, 166.58."""
    found = charged(policy(STRAIGHT, 60, convention=TOTAL), placed("2019-01-01", 60), 10_000)
    assert found[:12].sum() == pytest.approx(1_998.90, abs=CENT)
    assert found[0] == pytest.approx(31 * 10_000 / 1_826)


# Declining rates


def test_rate_of_three_decimals() -> None:
    """A, double declining: 66,667.00, 22,222.11 and 1,110.89 with 66.667 %; two thirds give 66,666.67 ... 1,111.11."""
    service = placed("2030-01-01", 36)
    rounded = policy(GIVEN, 36, 0.1, 0.66667 / 12, frequency=YEAR, convention=FULL)
    assert yearly(rounded, service, COST) == pytest.approx([66_667.00, 22_222.11, 1_110.89], abs=CENT)
    exact = policy(Method.DECLINING_BALANCE, 36, 0.1, 2.0, frequency=YEAR, convention=FULL)
    assert yearly(exact, service, COST) == pytest.approx([66_666.67, 22_222.22, 1_111.11], abs=CENT)
    opened = policy(GIVEN, 36, 0.1, 0.66667 / 12, frequency=YEAR, convention=FULL, stated_share=at(36, 12, 0.5, np.nan))
    assert yearly(opened, service, COST)[1:] == pytest.approx([33_333.50, 6_666.50], abs=CENT)


def test_written_down_value_by_years() -> None:
    """A, written down value: half each year to 12,500, as a root of salvage over cost; 250, 125, 125 of 500."""
    service = placed("2030-01-01", 36)
    for method in (Method.FIXED_RATE, GIVEN):
        part = policy(method, 36, 0.125, 0.5 / 12, frequency=YEAR, convention=FULL)
        assert yearly(part, service, COST) == pytest.approx([50_000, 25_000, 12_500])
    swept = policy(GIVEN, 36, 0.0, 0.5 / 12, frequency=YEAR, convention=FULL)
    assert yearly(swept, service, 500) == pytest.approx([250, 125, 125])


@pytest.mark.parametrize(
    ("on", "cost", "salvage", "percent", "months", "expected"),
    [
        ("2030-06-06", COST, 0.125, 50, 36, [28_630.14, 35_684.93, 17_842.47, 5_342.46]),
        ("2023-04-01", 500.0, 0.0, 40, 48, [150.68, 139.73, 83.84, 50.30, 75.45]),
        ("2023-04-01", 600.0, 0.0, 40, 48, [180.82, 167.67, 100.60, 60.36, 90.55]),
    ],
)
def test_written_down_value_by_days(
    on: str, cost: float, salvage: float, percent: float, months: int, expected: list[float]
) -> None:
    """A and S, part years: days of the first fiscal year, then a full rate on what each year opens with."""
    part = policy(GIVEN, months, salvage, percent / 1200, frequency=YEAR, convention=ACTUAL)
    service = placed(on, 12 * len(expected), first=on[:5] + "01")
    assert yearly(part, service, cost) == pytest.approx(expected, abs=0.0101)


def test_written_down_value_by_months() -> None:
    """A, test_monthly_depreciation_by_wdv_method: 12.945 % a month, half of it for half of February 2022.

    The root itself, 1 - 0.5^(1/5), would give 1,053.98 in April and 371.75 at the end.
    """
    expected = [647.25, 1_210.71, 1_053.99, 917.55, 798.77, 371.73]
    for rate, cents in ((0.12945, 1), (1 - 0.5**0.2, 5)):
        part = policy(GIVEN, 5, 0.5, rate, frequency=1, convention=Convention.MID_MONTH)
        found = charged(part, placed("2022-02-15", 6), 10_000)
        assert found == pytest.approx(expected, abs=cents * 0.011)


def test_written_down_value_by_quarters() -> None:
    """S, ..._wdv_method_frequency_3_months: days of each quarter at 40 % of what the year opened with.

    In the year in which the life ends ours spreads what is left; theirs keeps the rate, 6,458.25 and 6,530.01, and
    leaves 52,491.20 to the last row.
    """
    part = policy(GIVEN, 18, 0.0, 0.4 / 12, frequency=YEAR, convention=ACTUAL)
    found = charged(part, placed("2021-02-20", 24, first="2021-01"), COST).reshape(8, 3).sum(axis=1)
    assert found[:4] == pytest.approx([4_383.56, 9_972.60, 10_082.19, 10_082.19], abs=CENT)
    left = COST - found[:4].sum()
    assert left == pytest.approx(6_458.25 + 6_530.01 + 52_491.20, abs=4 * CENT)
    months = 18 - 315 * 12 / 365
    assert found[4] == pytest.approx(left * (90 * 12 / 365) / months)


def test_rows_that_straddle_a_year() -> None:
    """S, ..._6_months: 1,092.90 and 20,109.29 to August 2020; the row to February 2021 at the new year's rate.

    Theirs, 15,630.03, takes the base of the year it is booked in for all its days; ours changes with the year.
    """
    part = policy(GIVEN, 36, 0.0, 0.4 / 12, frequency=YEAR, convention=ACTUAL)
    found = charged(part, placed("2020-02-20", 14), COST)
    assert found[0] == pytest.approx(1_092.90, abs=CENT)
    assert found[1:7].sum() == pytest.approx(20_109.29, abs=CENT)
    in_2020, left = COST * 0.4 * 122 / 366, COST * (1 - 0.4 * 316 / 366)
    assert found[7:13].sum() == pytest.approx(in_2020 + left * 0.4 * 59 / 365)
    assert abs(found[7:13].sum() - 15_630.03) > 1_000


def test_degressive_to_a_limit() -> None:
    """O, test_07, from 7 July without part years: 400, 240, 144, 86.40 and what is left above 100."""
    part = policy(
        Method.DECLINING_BALANCE, 60, 0.1, 2.0, frequency=YEAR, convention=Convention.HALF_YEAR, whole_first_year=True
    )
    assert yearly(part, placed("2019-07-07", 60, first="2019-01"), 1_000) == pytest.approx([400, 240, 144, 86.4, 29.6])


def test_degressive_then_linear() -> None:
    """O, test_05: 400, 240, 200, 160: their line is a fifth of the cost, so that a year is saved.

    Ours is what is left over what remains: 400, 240, 144, 108, 108.
    """
    part = policy(
        Method.DECLINING_WITH_SWITCH,
        60,
        0.0,
        2.0,
        frequency=YEAR,
        convention=Convention.HALF_YEAR,
        whole_first_year=True,
    )
    found = yearly(part, placed("2019-07-07", 60, first="2019-01"), 1_000)
    assert found == pytest.approx([400, 240, 144, 108, 108])
    theirs = policy(
        Method.TABLE,
        48,
        percentages=shares(0.4, 0.24, 0.2, 0.16),
        frequency=YEAR,
        convention=Convention.HALF_YEAR,
        whole_first_year=True,
    )
    assert yearly(theirs, placed("2019-07-07", 48, first="2019-01"), 1_000) == pytest.approx([400, 240, 200, 160])


def test_linear_to_a_limit() -> None:
    """O: 200 four times and 100, a fifth of the whole cost until salvage: a table; our line is 180 five times."""
    table = policy(
        Method.TABLE,
        60,
        0.1,
        percentages=shares(*[0.2] * 4, 0.1),
        frequency=YEAR,
        convention=Convention.HALF_YEAR,
        whole_first_year=True,
    )
    service = placed("2019-07-07", 60, first="2019-01")
    assert yearly(table, service, 1_000) == pytest.approx([200, 200, 200, 200, 100])
    line = policy(STRAIGHT, 60, 0.1, convention=Convention.HALF_YEAR, whole_first_year=True)
    assert yearly(line, service, 1_000) == pytest.approx([180] * 5)
