"""What two open accounting systems expect after added cost, value adjustments and sales.

Sources as in the neighbouring module on their schedules: frappe/erpnext (S, V; issues 40874 and 40882) and
OCA/account-financial-tools (O). They round each row to cents.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.placements import YEAR, at, by_year, charged, placed, policy, turning
from valuation.books.charges import Method
from valuation.books.conventions import Convention

CENT = 0.0051
STRAIGHT, GIVEN = Method.STRAIGHT_LINE, Method.GIVEN_RATE
FULL, DAYS, ACTUAL = Convention.FULL_MONTH, Convention.DAILY_365, Convention.ACTUAL_ACTUAL


def test_cost_added_before_anything_is_booked() -> None:
    """S, asset repair: 100 on 500 in April with nothing booked is spread from January, 50 a month.

    That is an addition at the start; ours at the date it happened is 41.67 three times, then 52.78.
    """
    start, april = (
        charged(policy(STRAIGHT, 12, convention=FULL, added_share=at(12, period, 0.2)), placed("2023-01-01", 12), 500)
        for period in (0, 3)
    )
    assert start == pytest.approx([50.0] * 12)
    assert april == pytest.approx([41.67] * 3 + [52.78] * 9, abs=CENT)


@pytest.mark.parametrize(
    ("left", "monthly", "last"), [(435.48, 41.67, 18.78), (535.48, 51.23, 23.18), (600.0, 57.41, 25.90)]
)
def test_what_is_left_over_ten_months_and_fourteen_days(left: float, monthly: float, last: float) -> None:
    """S, existing asset with cost added, or revalued: over 10 14/31 months, the rest last."""
    found = charged(policy(STRAIGHT, 10 + 14 / 31, convention=FULL), placed("2023-03-01", 11), left)
    assert found[:10] == pytest.approx([monthly] * 10, abs=CENT)
    assert found[10] == pytest.approx(last, abs=10 * CENT)


@pytest.mark.parametrize(
    ("months", "left", "monthly", "last"),
    [
        (167 * 12 / 365, 49_800, 9_070.36, 4_448.20),
        (167 * 12 / 365 + 12, 49_800, 2_847.27, 1_396.41),
        (167 * 12 / 365, 49_250, 8_970.18, 4_399.10),
        (5 + 14 / 31, 49_800, 9_134.91, 4_125.45),
    ],
)
def test_value_adjustment(months: float, left: float, monthly: float, last: float) -> None:
    """V: what is left over 167 days at twelve months in 365; the last line measures them as the test above does.

    The two of them measure a part of a month differently: a life in months of ours says which it is.
    """
    count = int(months)
    found = charged(policy(STRAIGHT, months, convention=FULL), placed("2023-08-01", count + 1), left)
    assert found[:count] == pytest.approx([monthly] * count, abs=CENT)
    assert found[count] == pytest.approx(last, abs=count * CENT)


@pytest.mark.parametrize("lag", [0, 1])
def test_remaining_value_over_remaining_periods(lag: int) -> None:
    """Issue 40874: 750 a month expected, 692.31 obtained, as a part row had been counted for a whole one."""
    convention = Convention.FOLLOWING_MONTH if lag else FULL
    part = policy(STRAIGHT, 24, convention=convention, stated_share=at(26, 12 + lag, 9 / 24, np.nan))
    found = charged(part, placed("2023-05-17", 26), 24_000)
    assert found[lag : 12 + lag] == pytest.approx([1_000.0] * 12)
    assert found[12 + lag : 24 + lag] == pytest.approx([750.0] * 12)
    assert pytest.approx(692.31, abs=CENT) == 9_000 / 13


def test_added_cost_and_life_go_over_the_remaining_periods() -> None:
    """Issue 40882: after a repair that adds cost and life, over what remains with what was added to it.

    1,200 over twelve months, 300 and six months added after six: 900/12 = 75, not 900/18 = 50.
    """
    part = policy(STRAIGHT, 12, convention=FULL, added_share=at(18, 6, 0.25))
    part = replace(part, life=turning(18, 6, 12, 18))
    found = charged(part, placed("2023-01-01", 18), 1_200)
    assert found == pytest.approx([100.0] * 6 + [75.0] * 12)


def test_revaluations_and_additions_stack() -> None:
    """S: 600 over three years; revalued from 400 to 500: 200, 250, 250; 100 added too: 200, 300, 300."""
    stated = at(36, 12, 500 / 600, np.nan)
    service = placed("2021-01-01", 36)
    revalued = policy(STRAIGHT, 36, convention=FULL, stated_share=stated)
    assert by_year(charged(revalued, service, 600), service) == pytest.approx([200, 250, 250])
    both = policy(STRAIGHT, 36, convention=FULL, stated_share=stated, added_share=at(36, 12, 1 / 6))
    assert by_year(charged(both, service, 600), service) == pytest.approx([200, 300, 300])


def test_five_booked_and_revalued() -> None:
    """S, test_reschedule_counts_booked_months_by_period: 1,200 over twelve months, 700 to 630 after five: 90."""
    part = policy(STRAIGHT, 12, convention=FULL, written_down_share=at(12, 5, 70 / 1_200))
    assert charged(part, placed("2023-01-01", 12), 1_200) == pytest.approx([100.0] * 5 + [90.0] * 7)


def test_sale_within_a_year() -> None:
    """S: 250 a year, sold on 1 April 2022: 62.33 for 91 days with the day of sale; ours leaves it out, 61.64."""
    part = policy(STRAIGHT, 36, convention=DAYS)
    for until, amount in (("2022-04-02", 62.33), ("2022-04-01", 61.64)):
        found = charged(part, placed("2021-01-01", 36, until=until), 750)
        assert found[12:].sum() == pytest.approx(amount, abs=CENT)
        assert found[16:].tolist() == [0.0] * 20


def test_sale_within_a_year_at_a_declining_rate() -> None:
    """S: 250 of 500 booked, 100 added, 175 in 2022 if kept; sold on 1 April, 91 days of it: 43.63."""
    part = policy(GIVEN, 36, 0.0, 0.5 / 12, frequency=YEAR, convention=ACTUAL, added_share=at(36, 12, 0.2))
    kept, sold = placed("2021-01-01", 36), placed("2021-01-01", 36, until="2022-04-02")
    assert by_year(charged(part, kept, 500), kept)[:2] == pytest.approx([250, 175])
    assert by_year(charged(part, sold, 500), sold)[:2] == pytest.approx([250, 43.63], abs=CENT)


def test_removal_after_a_month() -> None:
    """O, test_08: 5,000 over five years, removed on 31 January 2019: 81.46 = 250 x 29/89.

    No plain rule gives that; ours are 82.19 by days of 365, 83.33 by whole months up to February.
    """
    for convention, until, amount in ((DAYS, "2019-01-31", 82.19), (FULL, "2019-02-01", 83.33)):
        found = charged(policy(STRAIGHT, 60, convention=convention), placed("2019-01-01", 12, until=until), 5_000)
        assert found.sum() == pytest.approx(amount, abs=CENT)
