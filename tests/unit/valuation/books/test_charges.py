"""Each method's rate by hand, and whole lives against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.placements import at, charged, placed, policy, shares, yearly
from valuation.books.charges import SLACK, Method, Standing, charge_rate, straight_line
from valuation.books.conventions import Convention

COST, SALVAGE, LIFE = 40_000.0, 4_000.0, 5.0


def standing(**changes: Any) -> Standing:
    """Assets at the opening of a step; new ones, at steps of a year, if nothing is said."""
    fields: dict[str, Any] = {
        "carrying": COST,
        "salvage": SALVAGE,
        "age": 0.0,
        "remaining": LIFE,
        "span": 1.0,
        "step": 1.0,
        "reference_life": LIFE,
        "factor": 2.0,
    }
    given = {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in {**fields, **changes}.items()}
    percentages = given.pop("percentages", shares(1.0))
    size = max(value.size for value in given.values())
    arrays = {name: np.broadcast_to(value, (size,)) for name, value in given.items()}
    return Standing(percentages=np.broadcast_to(percentages, (len(percentages), size)), **arrays)


def rate(method: Method, **changes: Any) -> float:
    """Rate of one asset."""
    return float(charge_rate(np.array([method]), standing(**changes))[0])


def life_in_years(
    method: Method, life: int, *, salvage: float = 0.0, factor: float = 1.0, **changes: Any
) -> np.ndarray:
    """Charges by year of an asset of one dollar in service on the first day of a year."""
    part = policy(method, 12 * life, salvage, factor, frequency=12, convention=Convention.FULL_MONTH, **changes)
    return yearly(part, placed("2025-01-01", 12 * life))


# Rates


def test_what_is_left_and_how_fast_it_can_go() -> None:
    found = standing(carrying=[10.0, 3.0], salvage=4.0, remaining=3.0, span=2.0)
    assert found.left.tolist() == [6.0, 0.0]
    assert found.evenly.tolist() == [2.0, 0.0]
    assert found.at_most.tolist() == [3.0, 0.0]


def test_straight_line() -> None:
    assert straight_line(np.array(COST), np.array(SALVAGE), np.array(3.0)) == 12_000.0
    assert rate(Method.STRAIGHT_LINE) == 7_200.0
    assert rate(Method.STRAIGHT_LINE, carrying=3_000.0) == 0.0
    assert straight_line(np.array(1.0), np.array(0.0), np.array(0.0)) == 1.0 / SLACK


def test_none() -> None:
    assert rate(Method.NONE) == 0.0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 16_000.0),
        ({"factor": 1.5}, 12_000.0),
        ({"carrying": 24_000.0, "age": 1.0, "remaining": 4.0}, 9_600.0),
        ({"carrying": 5_184.0, "age": 4.0, "remaining": 1.0}, 1_184.0),
        ({"carrying": 6_000.0, "age": 3.0, "remaining": 2.0}, 2_000.0),
        ({"factor": 0.5, "carrying": 30_000.0, "remaining": 1.0}, 26_000.0),
        ({"factor": 0.5, "carrying": 30_000.0, "remaining": 0.5, "span": 0.5}, 52_000.0),
        ({"carrying": SALVAGE}, 0.0),
        ({"reference_life": 4.0}, 20_000.0),
    ],
)
def test_declining_balance(changes: dict[str, float], expected: float) -> None:
    """Twice the straight-line rate, never below salvage; the last step takes what is left, more or less."""
    assert rate(Method.DECLINING_BALANCE, **changes) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 16_000.0),
        ({"factor": 1.0}, 8_000.0),
        ({"carrying": 10_000.0, "remaining": 2.0, "factor": 1.0}, 3_000.0),
        ({"carrying": 5_184.0, "remaining": 1.0}, 1_184.0),
        ({"carrying": 12_000.0, "remaining": 3.0, "factor": 1.5}, 3_600.0),
        ({"carrying": 5_000.0, "remaining": 3.0, "span": 1.0}, 1_000.0),
        ({"carrying": 5_000.0, "remaining": 0.25, "span": 0.25}, 4_000.0),
    ],
)
def test_declining_with_switch(changes: dict[str, float], expected: float) -> None:
    """The larger of the two, never below salvage within the step."""
    assert rate(Method.DECLINING_WITH_SWITCH, **changes) == pytest.approx(expected)


def test_given_rate() -> None:
    assert rate(Method.GIVEN_RATE, factor=0.206) == pytest.approx(8_240.0)
    assert rate(Method.GIVEN_RATE, factor=0.206, remaining=1.0) == 36_000.0
    assert rate(Method.GIVEN_RATE, factor=0.95) == 36_000.0
    assert rate(Method.GIVEN_RATE, factor=0.206, reference_life=77.0) == pytest.approx(8_240.0)


def test_fixed_rate() -> None:
    """One step over the whole life leads to salvage; a step of half a life to the geometric mean."""
    assert rate(Method.FIXED_RATE, span=5.0) == pytest.approx(7_200.0)
    assert 2.5 * rate(Method.FIXED_RATE, span=2.5) == pytest.approx(COST - np.sqrt(COST * SALVAGE))
    assert rate(Method.FIXED_RATE) == pytest.approx(COST * (1 - 0.1**0.2))
    assert rate(Method.FIXED_RATE, carrying=3_000.0) == 0.0
    assert rate(Method.FIXED_RATE, salvage=0.0) == COST
    assert rate(Method.FIXED_RATE, carrying=0.0, salvage=0.0) == 0.0


@pytest.mark.parametrize(
    ("remaining", "step", "share"),
    [
        (3.0, 1.0, 3 / 6),
        (2.0, 1.0, 2 / 3),
        (1.0, 1.0, 1.0),
        (0.5, 1.0, 2.0),
        (2.5, 1.0, 2.5 / (2.5 + 1.5 + 0.5 * 0.5)),
        (36.0, 12.0, 3 / 6 / 12),
        (30.0, 12.0, 2.5 / (2.5 + 1.5 + 0.25) / 12),
    ],
)
def test_sum_of_digits(remaining: float, step: float, share: float) -> None:
    """Steps left over their sum, the part of a step at the end counted by its length."""
    found = rate(Method.SUM_OF_DIGITS, remaining=remaining, step=step)
    assert found == pytest.approx(36_000.0 * share)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0.5),
        ({"age": 1.0, "carrying": 0.5}, 0.3),
        ({"age": 2.0, "carrying": 0.2}, 0.2),
        ({"age": 2.5, "carrying": 0.1}, 0.2),
        ({"age": 1.5, "carrying": 0.35}, 0.3),
        ({"age": 1.0, "carrying": 0.25}, 0.15),
        ({"age": 12.0, "step": 12.0, "carrying": 0.5}, 0.3 / 12),
        ({"age": 3.0, "carrying": 0.1}, 0.0),
        ({"age": 7.0, "carrying": 0.1}, 0.0),
        ({"carrying": 1.0, "salvage": 0.1}, 0.45),
    ],
)
def test_table(changes: dict[str, float], expected: float) -> None:
    """50, 30 and 20 %: of the cost while nothing else happened, else of what is left by what is still to come."""
    base = {"carrying": 1.0, "salvage": 0.0, "percentages": shares(0.5, 0.3, 0.2)}
    assert rate(Method.TABLE, **{**base, **changes}) == pytest.approx(expected, abs=1e-15)


def test_a_table_need_not_add_up_to_one() -> None:
    """The percentages are weights: what is left is spread over all of them."""
    assert rate(Method.TABLE, carrying=1.0, salvage=0.0, percentages=shares(50, 30, 20)) == pytest.approx(0.5)


def test_each_asset_by_its_own_method() -> None:
    """One block of every method gives what each gives alone."""
    methods = np.array(list(Method))
    block = standing(carrying=np.linspace(9.0, 40.0, methods.size), salvage=3.0, percentages=shares(0.5, 0.3, 0.2))
    found = charge_rate(methods, block)
    for number, method in enumerate(methods):
        assert found[number] == charge_rate(np.full(methods.size, method), block)[number]


# Whole lives


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0, 2.5])
@pytest.mark.parametrize("life", [3, 5, 10])
def test_declining_balance_is_a_power_until_the_last_year(factor: float, life: int) -> None:
    """(1 - f/L)^k is left after k years, and the last year takes the rest."""
    found = life_in_years(Method.DECLINING_BALANCE, life, factor=factor)
    kept = (1 - factor / life) ** np.arange(life)
    np.testing.assert_allclose(found[:-1], kept[:-1] * factor / life, rtol=1e-12)
    assert found[-1] == pytest.approx(kept[-1])


@pytest.mark.parametrize("salvage", [0.01, 0.1, 0.6])
@pytest.mark.parametrize("frequency", [1, 3, 12])
def test_fixed_rate_is_a_power_to_the_end(salvage: float, frequency: int) -> None:
    """S^(k/L) is left at the end of every step, and salvage at the end of the life."""
    part = policy(Method.FIXED_RATE, 48, salvage, frequency=frequency, convention=Convention.FULL_MONTH)
    left = 1.0 - np.cumsum(charged(part, placed("2025-01-01", 48)))
    ends = np.arange(frequency, 49, frequency)
    np.testing.assert_allclose(left[ends - 1], salvage ** (ends / 48), rtol=1e-12)


@pytest.mark.parametrize("life", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("anniversary", [False, True])
def test_sum_of_digits_in_closed_form(life: int, anniversary: bool) -> None:
    found = life_in_years(Method.SUM_OF_DIGITS, life, salvage=0.1, by_fiscal_year=not anniversary)
    years = np.arange(1, life + 1)
    np.testing.assert_allclose(found, 0.9 * 2 * (life - years + 1) / (life * (life + 1)), rtol=1e-12)


def test_sum_of_digits_from_the_middle_of_a_fiscal_year_is_split_by_anniversaries() -> None:
    """Placed in June: seven months of the first digit, then five of it and seven of the second, and so on."""
    part = policy(Method.SUM_OF_DIGITS, 36, frequency=12, by_fiscal_year=False, convention=Convention.FULL_MONTH)
    found = charged(part, placed("2025-06-10", 48, first="2025-01")).reshape(4, 12).sum(axis=1)
    np.testing.assert_allclose(found, np.array([7 * 3, 5 * 3 + 7 * 2, 5 * 2 + 7, 5]) / 72, rtol=1e-12)


def test_a_node_within_a_month_splits_it() -> None:
    """Mid-month, by anniversary: the month of the anniversary is half at the old rate and half at the new."""
    part = policy(Method.SUM_OF_DIGITS, 24, frequency=12, by_fiscal_year=False, convention=Convention.MID_MONTH)
    found = charged(part, placed("2025-06-10", 26))
    np.testing.assert_allclose(found[[0, 1, 11, 12, 13, 24, 25]], np.array([1, 2, 2, 1.5, 1, 0.5, 0]) / 36, rtol=1e-12)


def test_declining_with_switch_at_the_start_of_a_fiscal_year() -> None:
    """200 % over five years from a January: 40, 24, 14.4, then 10.8 and 10.8."""
    found = life_in_years(Method.DECLINING_WITH_SWITCH, 5, factor=2.0)
    np.testing.assert_allclose(found, [0.4, 0.24, 0.144, 0.108, 0.108], rtol=1e-12)


@pytest.mark.parametrize("frequency", [1, 3, 6, 12])
def test_given_rate_per_month(frequency: int) -> None:
    """Two per cent of the opening amount of a step for every month of it."""
    part = policy(Method.GIVEN_RATE, 48, factor=0.02, frequency=frequency, convention=Convention.FULL_MONTH)
    left = 1.0 - np.cumsum(charged(part, placed("2025-01-01", 36)))
    ends = np.arange(frequency, 37, frequency)
    np.testing.assert_allclose(left[ends - 1], (1 - 0.02 * frequency) ** (ends / frequency), rtol=1e-12)


def test_a_table_by_anniversaries_splits_its_steps() -> None:
    """60 and 40 % from July: 30, then 30 and 20, then 20."""
    part = policy(
        Method.TABLE,
        24,
        percentages=shares(0.6, 0.4),
        frequency=12,
        by_fiscal_year=False,
        convention=Convention.FULL_MONTH,
    )
    found = charged(part, placed("2025-07-01", 36, first="2025-01")).reshape(3, 12).sum(axis=1)
    np.testing.assert_allclose(found, [0.3, 0.5, 0.2], rtol=1e-12)


def test_nothing_is_charged_without_depreciation() -> None:
    assert charged(policy(Method.NONE, 12), placed("2025-01-01", 60)).tolist() == [0.0] * 60


def test_what_is_added_after_the_life_goes_at_once() -> None:
    part = policy(Method.STRAIGHT_LINE, 6, added_share=at(10, 8, 0.25), convention=Convention.FULL_MONTH)
    found = charged(part, placed("2025-01-01", 10))
    np.testing.assert_allclose(found, [*[1 / 6] * 6, 0.0, 0.0, 0.25, 0.0], atol=1e-15)
