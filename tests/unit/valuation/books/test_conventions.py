"""Exposure by convention, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.placements import YEAR, placed
from valuation.books.conventions import Calendar, Convention, Stay, days_of_month, exposures, first_day, life_measure
from valuation.books.schedule import Service
from valuation.timeline import NEVER

FROM_DAYS = (Convention.DAILY_365, Convention.ACTUAL_ACTUAL, Convention.TOTAL_DAYS)
OF_THE_MONTH = (Convention.FULL_MONTH, Convention.MID_MONTH)
LEAVING_COUNTS = (*OF_THE_MONTH, Convention.HALF_YEAR, Convention.MID_QUARTER, *FROM_DAYS)


def exposed(convention: Convention, service: Service, *, whole: bool = False) -> np.ndarray:
    """Exposure of one asset by month, shape (P,)."""
    found = exposures(convention, service.stay, service.calendar, whole_first_year=whole)
    return np.asarray(found[:, 0, 0])


def month_of(text: str) -> np.ndarray:
    """Months from 1970-01, shape (1,)."""
    return np.array([np.datetime64(text, "M").astype(int)])


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        (Convention.FULL_MONTH, [0, 0, 1, 1, 1, 0, 0, 0]),
        (Convention.MID_MONTH, [0, 0, 0.5, 1, 1, 0.5, 0, 0]),
        (Convention.TOTAL_DAYS, [0, 0, 12, 30, 31, 4, 0, 0]),
        (Convention.DAILY_365, [0, 0, *(np.array([12, 30, 31, 4]) * 12 / 365), 0, 0]),
        (Convention.ACTUAL_ACTUAL, [0, 0, *(np.array([12, 30, 31, 4]) * 12 / 365), 0, 0]),
    ],
)
def test_months_between_placement_and_leaving(convention: Convention, expected: list[float]) -> None:
    """From 20 March, whose day counts, to 5 June, whose day does not."""
    service = placed("2025-03-20", 8, until="2025-06-05", first="2025-01")
    np.testing.assert_allclose(exposed(convention, service), expected, rtol=1e-15)


def test_the_following_month_counts_and_the_month_of_leaving() -> None:
    """Where only months matter in which something is held, one exposure serves every case."""
    service = placed("2025-03-20", 8, until="2025-06-05", first="2025-01")
    alone = exposures(Convention.FOLLOWING_MONTH, service.stay, service.calendar)
    np.testing.assert_array_equal(alone[:, 0, 0], [0, 0, 0, 1, 1, 1, 0, 0])
    found = exposures(Convention.FOLLOWING_MONTH, service.stay, service.calendar, held_only=True)
    never = placed("2025-03-20", 8, first="2025-01")
    np.testing.assert_array_equal(found, exposures(Convention.FOLLOWING_MONTH, never.stay, never.calendar))


@pytest.mark.parametrize("convention", OF_THE_MONTH)
def test_a_stay_within_a_month_counts_for_nothing(convention: Convention) -> None:
    service = placed("2025-03-02", 6, until="2025-03-30", first="2025-01")
    np.testing.assert_array_equal(exposed(convention, service), 0.0)


def test_a_stay_within_a_month_counts_its_days() -> None:
    service = placed("2025-03-02", 6, until="2025-03-30", first="2025-01")
    assert exposed(Convention.TOTAL_DAYS, service).tolist() == [0, 0, 28, 0, 0, 0]
    assert exposed(Convention.DAILY_365, service)[2] == pytest.approx(28 * 12 / 365)


@pytest.mark.parametrize("convention", FROM_DAYS)
def test_a_stay_without_a_day_counts_for_nothing(convention: Convention) -> None:
    service = placed("2025-03-02", 6, until="2025-03-02", first="2025-01")
    np.testing.assert_array_equal(exposed(convention, service), 0.0)


def test_days_of_leap_years() -> None:
    """February 2028: 29 days, over 365 or over the 366 of its year; the year is more than twelve months of life."""
    service = placed("2027-12-15", 14)
    daily = exposed(Convention.DAILY_365, service)
    actual = exposed(Convention.ACTUAL_ACTUAL, service)
    assert daily[2] == pytest.approx(29 * 12 / 365)
    assert actual[2] == pytest.approx(29 * 12 / 366)
    assert daily[0] == actual[0] == pytest.approx(17 * 12 / 365)
    assert daily[1:13].sum() == pytest.approx(12 * 366 / 365)
    assert actual[1:13].sum() == pytest.approx(12.0)
    assert exposed(Convention.TOTAL_DAYS, service)[1:13].sum() == 366


def test_actual_days_follow_the_calendar_year_whatever_the_fiscal_one() -> None:
    service = placed("2027-07-01", 12, fiscal_year_end=6)
    found = exposed(Convention.ACTUAL_ACTUAL, service)
    assert found[:6].sum() == pytest.approx(12 * 184 / 365)
    assert found[6:].sum() == pytest.approx(12 * 182 / 366)


@pytest.mark.parametrize(
    ("fiscal_year_end", "months"),
    [(12, 10), (3, 1), (6, 4), (2, 12), (9, 7)],
)
def test_half_a_year_is_spread_over_the_months_of_the_first_year(fiscal_year_end: int, months: int) -> None:
    """Placed in March: ten months of a calendar year, one of a year to March, twelve of one to February."""
    found = exposed(Convention.HALF_YEAR, placed("2025-03-31", 24, fiscal_year_end=fiscal_year_end))
    np.testing.assert_allclose(found[:months], 6 / months, rtol=1e-15)
    np.testing.assert_array_equal(found[months:], 1.0)


@pytest.mark.parametrize(
    ("month", "fiscal_year_end", "counted"),
    [
        (1, 12, 10.5),
        (3, 12, 10.5),
        (4, 12, 7.5),
        (9, 12, 4.5),
        (12, 12, 1.5),
        (1, 1, 1.5),
        (2, 1, 10.5),
        (3, 6, 4.5),
        (7, 6, 10.5),
        (12, 9, 10.5),
        (1, 9, 7.5),
        (9, 9, 1.5),
    ],
)
def test_mid_quarter_of_the_first_year(month: int, fiscal_year_end: int, counted: float) -> None:
    """10.5, 7.5, 4.5 or 1.5 months by quarter of the fiscal year."""
    service = placed(f"2025-{month:02}-17", 30, fiscal_year_end=fiscal_year_end)
    found = exposed(Convention.MID_QUARTER, service)
    months = (fiscal_year_end - month) % YEAR + 1
    assert found[:months].sum() == pytest.approx(counted)
    np.testing.assert_allclose(found[:months], counted / months, rtol=1e-15)
    np.testing.assert_array_equal(found[months:], 1.0)


@pytest.mark.parametrize(
    ("convention", "until", "counted"),
    [
        (Convention.HALF_YEAR, "2027-01-31", 6.0),
        (Convention.HALF_YEAR, "2027-12-01", 6.0),
        (Convention.MID_QUARTER, "2027-02-01", 1.5),
        (Convention.MID_QUARTER, "2027-05-31", 4.5),
        (Convention.MID_QUARTER, "2027-07-01", 7.5),
        (Convention.MID_QUARTER, "2027-10-01", 10.5),
    ],
)
def test_year_of_leaving(convention: Convention, until: str, counted: float) -> None:
    """Half a year, or 12.5, 37.5, 62.5 or 87.5 % of it by quarter, to the month of leaving and none after."""
    service = placed("2025-03-01", 36, until=until, first="2025-01")
    found = exposed(convention, service)
    last = int(until[5:7])
    np.testing.assert_allclose(found[24 : 24 + last], counted / last, rtol=1e-15)
    np.testing.assert_array_equal(found[24 + last :], 0.0)
    np.testing.assert_array_equal(found[12:24], 1.0)
    assert found[:12].sum() == pytest.approx(6.0 if convention == Convention.HALF_YEAR else 10.5)


@pytest.mark.parametrize("convention", [Convention.HALF_YEAR, Convention.MID_QUARTER])
@pytest.mark.parametrize(("on", "until"), [("2025-02-01", "2025-11-30"), ("2025-05-01", "2025-05-20")])
def test_in_and_out_in_one_fiscal_year_counts_for_nothing(convention: Convention, on: str, until: str) -> None:
    np.testing.assert_array_equal(exposed(convention, placed(on, 24, until=until, first="2025-01")), 0.0)


def test_in_and_out_in_one_calendar_year_but_two_fiscal_ones() -> None:
    """To June: six months in March to June, six in July to November."""
    service = placed("2025-03-01", 12, until="2025-11-15", first="2025-01", fiscal_year_end=6)
    found = exposed(Convention.HALF_YEAR, service)
    np.testing.assert_allclose(found, [0, 0, *[6 / 4] * 4, *[6 / 5] * 5, 0])


def test_a_whole_first_year() -> None:
    """Twelve months over the ten of the first year; then months, and the last year by its convention."""
    service = placed("2025-03-01", 36, until="2027-05-10", first="2025-01")
    for convention, last in ((Convention.HALF_YEAR, 6.0), (Convention.MID_QUARTER, 4.5), (Convention.MID_MONTH, 4.5)):
        found = exposed(convention, service, whole=True)
        np.testing.assert_allclose(found[:12], [0, 0, *[1.2] * 10])
        np.testing.assert_array_equal(found[12:24], 1.0)
        assert found[24:29].sum() == pytest.approx(last)
        np.testing.assert_array_equal(found[29:], 0.0)


def test_units_of_use_count_between_placement_and_leaving() -> None:
    service = placed("2025-02-10", 6, until="2025-05-20", first="2025-01")
    use = np.array([5.0, 7.0, 0.0, 2.5, 4.0, 9.0])[:, None, None]
    found = exposures(Convention.BY_USE, service.stay, service.calendar, use=use)
    np.testing.assert_array_equal(found[:, 0, 0], [0.0, 7.0, 0.0, 2.5, 4.0, 0.0])
    np.testing.assert_array_equal(exposures(Convention.BY_USE, service.stay, service.calendar), 0.0)


@pytest.mark.parametrize("convention", list(Convention))
def test_placement_before_the_calendar(convention: Convention) -> None:
    """Months in service count alike, whether the calendar begins with service or later."""
    early = placed("2024-11-10", 26, until="2026-08-12")
    late = placed("2024-11-10", 22, until="2026-08-12", first="2025-03")
    np.testing.assert_array_equal(exposed(convention, early)[4:], exposed(convention, late))


@pytest.mark.parametrize("convention", LEAVING_COUNTS)
def test_rows_and_cases_are_counted_each_by_its_own_dates(convention: Convention) -> None:
    entries, leaves = ["2025-01-31", "2025-04-15"], ["2026-07-04", "2026-12-31", "2027-02-01"]
    single = {(a, b): placed(a, 30, until=b, first="2025-01") for a in entries for b in leaves}
    stay = Stay(
        np.array([single[a, leaves[0]].stay.entry[0] for a in entries]),
        np.array([single[a, leaves[0]].stay.entry_day[0] for a in entries]),
        np.array([[single[a, b].stay.exit[0, 0] for b in leaves] for a in entries]),
        np.array([[single[a, b].stay.exit_day[0, 0] for b in leaves] for a in entries]),
    )
    found = exposures(convention, stay, single[entries[0], leaves[0]].calendar)
    assert found.shape == (30, 2, 3)
    for row, a in enumerate(entries):
        for case, b in enumerate(leaves):
            np.testing.assert_array_equal(found[:, row, case], exposed(convention, single[a, b]))


@pytest.mark.parametrize(
    ("convention", "total"),
    [
        (Convention.FULL_MONTH, 27.0),
        (Convention.MID_MONTH, 27.0),
        (Convention.HALF_YEAR, 24.0),
        (Convention.MID_QUARTER, 10.5 + 12 + 4.5),
        (Convention.TOTAL_DAYS, 809.0),
        (Convention.DAILY_365, 809 * 12 / 365),
        (Convention.ACTUAL_ACTUAL, 809 * 12 / 365),
    ],
)
def test_sum_over_a_stay(convention: Convention, total: float) -> None:
    """16 March 2025 to 3 June 2027: 27 months, or 291 + 365 + 153 days of years of 365."""
    service = placed("2025-03-16", 36, until="2027-06-03", first="2025-01")
    assert exposed(convention, service).sum() == pytest.approx(total)


@pytest.mark.parametrize(
    ("convention", "amount"),
    [
        (Convention.FULL_MONTH, 10_000.0),
        (Convention.MID_MONTH, 9_500.0),
        (Convention.HALF_YEAR, 6_000.0),
        (Convention.MID_QUARTER, 10_500.0),
        (Convention.FOLLOWING_MONTH, 9_000.0),
        (Convention.DAILY_365, 12_000 * 303 / 365),
        (Convention.ACTUAL_ACTUAL, 12_000 * 303 / 365),
    ],
)
def test_first_year_of_twelve_thousand(convention: Convention, amount: float) -> None:
    """In service early March: what the months to December cost at 12,000 a year."""
    assert 1_000 * exposed(convention, placed("2025-03-04", 10)).sum() == pytest.approx(amount)


@pytest.mark.parametrize(
    ("on", "months", "days"),
    [
        ("2020-01-01", 24.0, 731),
        ("2020-01-15", 36.0, 1096),
        ("2019-07-07", 60.0, 1827),
        ("2023-01-31", 1.0, 28),
        ("2024-01-31", 1.0, 29),
        ("2024-02-29", 12.0, 365),
        ("2023-12-10", 0.5, 15.5),
        ("2024-02-01", 0.0, 0),
    ],
)
def test_days_of_a_life(on: str, months: float, days: float) -> None:
    """To the same day of the last month, or to its last day; a part of a month is a part of that month's days."""
    life = np.full((1, 1, 1), months)
    found = life_measure(Convention.TOTAL_DAYS, life, month_of(on[:7]), np.array([int(on[8:])]))
    assert found.item() == pytest.approx(days)


def test_other_lives_are_as_they_are() -> None:
    life = np.array([[[36.0]], [[47.5]]])
    for convention in set(Convention) - {Convention.TOTAL_DAYS}:
        assert life_measure(convention, life, month_of("2024-02"), np.array([1])) is life


def test_days_and_months_of_the_calendar() -> None:
    calendar = Calendar(np.datetime64("2023-11"), 16, fiscal_year_end=1)
    assert calendar.days.tolist() == [30, 31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28]
    assert calendar.days_of_year.tolist() == [365] * 2 + [366] * 12 + [365] * 2
    assert calendar.fiscal_month(np.arange(4)).tolist() == [10, 11, 12, 1]
    assert np.diff(calendar.fiscal_year(np.arange(16))).tolist() == [0, 0, 1, *[0] * 11, 1]
    assert first_day(month_of("1970-02"))[0] == 31
    assert days_of_month(np.array([-1, 1]))[:2].tolist() == [31, 28]


def test_never_is_beyond_every_convention() -> None:
    """Without leaving, each month after the first year counts as one, or as its days."""
    for convention in Convention:
        found = exposed(convention, placed("2025-03-04", 30))
        if convention in FROM_DAYS or convention == Convention.BY_USE:
            continue
        np.testing.assert_array_equal(found[10:], 1.0)
    assert placed("2025-03-04", 30).stay.exit[0, 0] == NEVER
