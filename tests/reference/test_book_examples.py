"""Worked examples of book and tax depreciation, run through the schedule by month."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy_financial as npf
import pytest

from tests.placements import YEAR, along, at, charged, placed, policy, shares, turning, yearly
from valuation.books.charges import Method
from valuation.books.conventions import Calendar, Convention, Stay
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import Service, unit_schedule
from valuation.timeline import NEVER

COST, SALVAGE = 40_000.0, 4_000.0
START = "2025-01-01"


def plain(method: Method, years: float, salvage: float = SALVAGE / COST, factor: float = 1.0) -> ComponentInputs:
    """Yearly rates from the first day of a year."""
    return policy(method, YEAR * years, salvage, factor, frequency=YEAR, convention=Convention.FULL_MONTH)


def carried(component: ComponentInputs, service: Service, cost: float = COST) -> np.ndarray:
    """Carrying amounts of one asset at the bounds [USD], shape (T+1,)."""
    return cost * unit_schedule((component,), service).carrying[:, 0, 0]


def test_straight_line() -> None:
    """40,000 to 4,000 over three years: 12,000 a year; 16,000 after two."""
    part, service = plain(Method.STRAIGHT_LINE, 3), placed(START, 36)
    assert yearly(part, service, COST) == pytest.approx([12_000] * 3)
    assert carried(part, service)[24] == pytest.approx(16_000)


def test_declining_balance_with_switch() -> None:
    """40,000 to 4,000 over five years, twice the rate: the fifth year stops at salvage, no switch pays."""
    part = plain(Method.DECLINING_WITH_SWITCH, 5, factor=2.0)
    assert yearly(part, placed(START, 60), COST) == pytest.approx([16_000, 9_600, 5_760, 3_456, 1_184])
    unswitched = plain(Method.DECLINING_BALANCE, 5, factor=2.0)
    assert yearly(unswitched, placed(START, 60), COST) == pytest.approx([16_000, 9_600, 5_760, 3_456, 1_184])


def test_the_two_declining_rates_are_not_the_same() -> None:
    """Factor over life is 40 %; the root of salvage over cost is 36.9 %."""
    fixed = yearly(plain(Method.FIXED_RATE, 5), placed(START, 60), COST)
    assert fixed[0] == pytest.approx(COST * (1 - 0.1**0.2))
    assert fixed.sum() == pytest.approx(36_000)


def test_sum_of_the_years_digits() -> None:
    assert yearly(plain(Method.SUM_OF_DIGITS, 3), placed(START, 36), COST) == pytest.approx([18_000, 12_000, 6_000])


@pytest.mark.parametrize("by_fiscal_year", [True, False])
def test_units_of_production(by_fiscal_year: bool) -> None:
    """36,000 over 30,000 hours, 7,000 used: 8,400; what is beyond the life is not charged."""
    part = policy(
        Method.STRAIGHT_LINE,
        30_000,
        SALVAGE / COST,
        use=along(7_000.0, 0.0, 20_000.0, 9_000.0, 1_000.0),
        convention=Convention.BY_USE,
        by_fiscal_year=by_fiscal_year,
    )
    assert charged(part, placed(START, 5), COST) == pytest.approx([8_400, 0, 24_000, 3_600, 0])


def test_components_and_composite_life() -> None:
    """24,000 over 3, 9,000 over 5 and 7,000 over 15 years: 10,266.7 a year, cost over 3.896 years."""
    parts = tuple(
        replace(plain(Method.STRAIGHT_LINE, years, salvage=0.0), share=np.full((1, 1), amount / COST))
        for amount, years in ((24_000, 3), (9_000, 5), (7_000, 15))
    )
    charge = COST * unit_schedule(parts, placed(START, 180)).charge[:, 0, 0].reshape(15, 12).sum(axis=1)
    assert charge[0] == pytest.approx(10_266.7, abs=0.05)
    assert COST / charge[0] == pytest.approx(3.896, abs=5e-4)
    composite = yearly(plain(Method.STRAIGHT_LINE, COST / charge[0], salvage=0.0), placed(START, 60), COST)
    assert composite[0] == pytest.approx(10_266.7, abs=0.05)
    assert charge == pytest.approx([10_266.667] * 3 + [2_266.667] * 2 + [466.667] * 10, abs=1e-3)


@pytest.mark.parametrize(
    ("convention", "first"),
    [
        (Convention.FULL_MONTH, 10_000.0),
        (Convention.MID_MONTH, 9_500.0),
        (Convention.HALF_YEAR, 6_000.0),
        (Convention.MID_QUARTER, 10_500.0),
        (Convention.DAILY_365, 12_000 * 303 / 365),
    ],
)
def test_first_year_by_convention_and_the_last_takes_the_complement(convention: Convention, first: float) -> None:
    """12,000 a year for five, in service early March; no leap day within."""
    part = policy(Method.STRAIGHT_LINE, 36, frequency=YEAR, convention=convention)
    found = yearly(part, placed("2025-03-04", 48, first="2025-01"), 36_000)
    assert found == pytest.approx([first, 12_000, 12_000, 12_000 - first])


@pytest.mark.parametrize("convention", [Convention.FULL_MONTH, Convention.FOLLOWING_MONTH])
def test_sale_before_the_end_loses_nine_thousand(convention: Convention) -> None:
    """Sold after 26 of 36 months for 5,000: 14,000 was left."""
    part = replace(plain(Method.STRAIGHT_LINE, 3), convention=convention)
    lag = int(convention == Convention.FOLLOWING_MONTH)
    left = carried(part, placed(START, 40, until="2027-03-01"))[26 + lag]
    assert 5_000 - left == pytest.approx(-9_000)


@pytest.mark.parametrize(("life", "charge", "months"), [(3, 24_000, 12), (4, 12_000, 24)])
def test_change_of_estimate_is_prospective(life: int, charge: float, months: int) -> None:
    """Six years become three or four after two: 28,000 left, 6,000 a year before."""
    part = replace(plain(Method.STRAIGHT_LINE, 6), life=turning(72, 24, 72, YEAR * life))
    service = placed(START, 72)
    found = yearly(part, service, COST)
    assert carried(part, service)[24] == pytest.approx(28_000)
    assert found[:2] == pytest.approx([6_000, 6_000])
    assert found[2 : 2 + months // 12] == pytest.approx([charge] * (months // 12))
    assert found[2 + months // 12 :] == pytest.approx(0.0)


@pytest.mark.parametrize("convention", [Convention.FULL_MONTH, Convention.FOLLOWING_MONTH, Convention.MID_MONTH])
def test_nine_thousand_over_twelve_months_is_750(convention: Convention) -> None:
    """1,000 a month; 12,000 left after half the life, 3,000 written off: 750 a month, not 9,000/13 = 692.31."""
    period = 12 + int(convention == Convention.FOLLOWING_MONTH)
    part = policy(Method.STRAIGHT_LINE, 24, convention=convention, written_down_share=at(26, period, 0.125))
    found = charged(part, placed(START, 26), 24_000)
    assert found[5] == pytest.approx(1_000)
    if convention == Convention.MID_MONTH:
        assert found[13] == pytest.approx((24_000 - 11_500 - 3_000) / 12.5)
    else:
        assert found[period : period + 12] == pytest.approx([750.0] * 12)


def test_a_lag_of_three_months_leaves_a_part_of_the_cost_for_later() -> None:
    """30 million, three months late, six years: 4.167 % of cost not yet charged at any later date."""
    part = plain(Method.STRAIGHT_LINE, 6, salvage=0.0)
    now, late = (carried(part, placed(on, 60, first="2025-01"), 100.0) for on in (START, "2025-04-01"))
    assert (late - now)[3:] == pytest.approx([4.167] * 58, abs=5e-4)


@pytest.mark.parametrize(
    ("growth", "life", "ratio"), [(0.40, 3, 0.530), (0.40, 6, 0.361), (0.61, 6, 0.26), (1.16, 3, 0.26)]
)
def test_depreciation_to_investment_under_growth(growth: float, life: int, ratio: float) -> None:
    """Purchases at the end of every year, growing: [1 - (1+g)^-L]/(gL)."""
    count = life + 1
    entry = YEAR * np.arange(count) + YEAR - 1
    stay = Stay(entry, np.full(count, 31), np.full((count, 1), NEVER), np.ones((count, 1), dtype=np.int64))
    service = Service(stay, Calendar(np.datetime64("2020-01"), YEAR * count))
    part = replace(plain(Method.STRAIGHT_LINE, life, salvage=0.0), convention=Convention.FOLLOWING_MONTH)
    investment = (1 + growth) ** np.arange(count)
    charge = (unit_schedule((part,), service).charge[-YEAR:, :, 0] * investment).sum()
    assert charge / investment[-1] == pytest.approx((1 - (1 + growth) ** -life) / (growth * life))
    assert charge / investment[-1] == pytest.approx(ratio, abs=0.003)


# Impairment


def test_held_and_used_impairment_is_the_new_basis() -> None:
    """22,000 carried against 18,000 of flows and a fair value of 15,500: 6,500 lost, the rest over what remains."""
    flows = np.array([9_000.0, 6_000.0, 3_000.0])
    assert flows.sum() < 22_000
    assert npf.npv(0.12, [0.0, *flows]) == pytest.approx(14_954.2, abs=0.05)
    part = policy(Method.STRAIGHT_LINE, 60, convention=Convention.FULL_MONTH)
    cost = 22_000 * 60 / 36
    part = replace(part, ceiling_share=at(60, 24, 15_500 / cost, np.inf))
    found = unit_schedule((part,), placed(START, 60))
    assert cost * found.carrying[24, 0, 0] == pytest.approx(22_000)
    assert cost * found.written_down[24, 0, 0] == pytest.approx(6_500)
    assert cost * found.charge[24:, 0, 0] == pytest.approx([15_500 / 36] * 36)


def test_impairment_to_value_in_use() -> None:
    """17,000 carried, fair value less cost 14,900, value in use 14,954.2: 2,045.8 lost."""
    recoverable = max(14_900.0, npf.npv(0.12, [0.0, 9_000.0, 6_000.0, 3_000.0]))
    cost = 17_000 * 60 / 36
    part = policy(
        Method.STRAIGHT_LINE,
        60,
        convention=Convention.FULL_MONTH,
        ceiling_share=at(60, 24, recoverable / cost, np.inf),
    )
    found = unit_schedule((part,), placed(START, 60))
    assert cost * found.written_down[24, 0, 0] == pytest.approx(2_045.8, abs=0.05)


def test_reversal_up_to_what_would_have_been_left() -> None:
    """24,000 over eight years, 4,500 lost after two: 13,500, 9,000 after four, 3,000 back up to 12,000 of 16,000."""
    unimpaired = 24_000 * (1 - 4 / 8)
    reversal = min(16_000.0, unimpaired) - 9_000
    assert reversal == 3_000
    seen: dict[int, float] = {}

    def loss(bound: int, carrying: np.ndarray) -> np.ndarray:
        amounts = {24: 4_500.0, 48: -reversal}
        if bound in amounts:
            seen[bound] = 24_000 * float(carrying[0, 0])
        return np.asarray(amounts.get(bound, 0.0) / 24_000 / carrying)

    part = policy(Method.STRAIGHT_LINE, 96, convention=Convention.FULL_MONTH)
    found = unit_schedule((part,), placed(START, 90), loss)
    assert seen == pytest.approx({24: 18_000.0, 48: 9_000.0})
    assert 24_000 * found.carrying[[24, 48], 0, 0] == pytest.approx([13_500, 12_000])
    assert 24_000 * found.charge[[23, 24, 47, 48, 89], 0, 0] == pytest.approx([250, 187.5, 187.5, 250, 250])


# Tax


def tax_part(convention: Convention, years: int = 5) -> ComponentInputs:
    """Twice the straight-line rate with a switch, by fiscal year."""
    return policy(Method.DECLINING_WITH_SWITCH, YEAR * years, factor=2.0, frequency=YEAR, convention=convention)


HALF_YEAR = [20, 32, 19.2, 11.52, 11.52, 5.76]


def test_five_year_property_half_year() -> None:
    found = yearly(tax_part(Convention.HALF_YEAR), placed("2025-08-20", 72, first="2025-01"), 100)
    assert found == pytest.approx(HALF_YEAR)


def test_five_year_property_mid_quarter_four() -> None:
    found = yearly(tax_part(Convention.MID_QUARTER), placed("2025-11-20", 72, first="2025-01"), 100)
    assert found == pytest.approx([5, 38, 22.8, 13.68, 10.94, 9.58], abs=0.005)


@pytest.mark.parametrize(("bonus", "first"), [(0.4, 520_000.0), (1.0, 1_000_000.0), (0.0, 200_000.0)])
def test_first_year_allowance_as_a_component(bonus: float, first: float) -> None:
    """One million of five-year property, 40 or 100 % of it at once, the rest by half-year percentages."""
    at_once = policy(
        Method.TABLE,
        YEAR,
        percentages=shares(1.0),
        frequency=YEAR,
        convention=Convention.HALF_YEAR,
        whole_first_year=True,
        share=np.full((1, 1), bonus),
    )
    rest = replace(tax_part(Convention.HALF_YEAR), share=np.full((1, 1), 1.0 - bonus))
    service = placed("2025-05-20", 72, first="2025-01")
    found = 1e6 * unit_schedule((at_once, rest), service).charge[:, 0, 0].reshape(6, 12).sum(axis=1)
    assert found[0] == pytest.approx(first)
    assert found.sum() == pytest.approx(1e6)


def test_full_year_of_1368_sold_in_the_second_quarter() -> None:
    """513, by formula; by table it is with the printed percentages."""
    whole = yearly(tax_part(Convention.MID_QUARTER), placed("2025-11-20", 72, first="2025-01"), 10_000)
    sold = yearly(
        tax_part(Convention.MID_QUARTER), placed("2025-11-20", 72, until="2028-06-30", first="2025-01"), 10_000
    )
    assert whole[3] == pytest.approx(1_368)
    assert sold[3] == pytest.approx(513)
    assert sold[4:] == pytest.approx([0.0, 0.0])


def test_deferred_tax_after_a_year() -> None:
    """One million gone for tax, six years in the books by half years, 21 %: 192,500."""
    part = policy(Method.STRAIGHT_LINE, 72, convention=Convention.HALF_YEAR)
    left = carried(part, placed("2025-05-20", 12, first="2025-01"), 1e6)[-1]
    assert 0.21 * left == pytest.approx(192_500)


def test_present_value_of_deductions() -> None:
    """z = 0.7733 at 10 %; not having all at once costs 4.76 % of the price."""
    found = yearly(tax_part(Convention.HALF_YEAR), placed("2025-05-20", 72, first="2025-01"))
    value = npf.npv(0.10, [0.0, *found])
    assert value == pytest.approx(0.7733, abs=5e-5)
    assert 100 * 0.21 * (1 - value) == pytest.approx(4.76, abs=5e-3)
