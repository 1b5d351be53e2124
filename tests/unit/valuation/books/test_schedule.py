"""The schedule where it is easily wrong: nothing is foreseen, every step opens, nothing is carried below zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.oracle.depreciation import Asset, Books, depreciate
from tests.placements import charged, placed, policy, turning
from tests.properties.policies import PERIODS, component, constant, service
from valuation.books.charges import Method
from valuation.books.conventions import Convention, Stay
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import unit_schedule
from valuation.errors import ShapeError

FULL = Convention.FULL_MONTH
DECLINING = policy(Method.DECLINING_BALANCE, 24, 0.0, 1.5, frequency=12, convention=FULL)
FIXED = policy(Method.FIXED_RATE, 60, 0.1, frequency=12, convention=FULL)
START = "2025-01-01"


@pytest.mark.parametrize("part", [DECLINING, FIXED])
def test_a_longer_grid_changes_nothing(part: ComponentInputs) -> None:
    short, long = (charged(part, placed(START, months)) for months in (18, 24))
    np.testing.assert_array_equal(short, long[:18])


@pytest.mark.parametrize("part", [DECLINING, FIXED])
def test_a_sale_is_not_foreseen(part: ComponentInputs) -> None:
    kept, sold = (charged(part, placed(START, 24, until=until)) for until in (None, "2026-05-01"))
    np.testing.assert_array_equal(sold[:16], kept[:16])


@pytest.mark.parametrize("part", [DECLINING, FIXED])
def test_a_pause_is_not_foreseen(part: ComponentInputs) -> None:
    idle = replace(part, depreciating=turning(24, 16, 1, 0))
    np.testing.assert_array_equal(charged(idle, placed(START, 24))[:16], charged(part, placed(START, 24))[:16])


@pytest.mark.parametrize(
    "books",
    [
        constant(Method.SUM_OF_DIGITS, Convention.HALF_YEAR, life=[24.0] * PERIODS, by_fiscal_year=False),
        constant(
            Method.DECLINING_BALANCE,
            Convention.DAILY_365,
            life=[24.0] * PERIODS,
            factor=[2.0] * PERIODS,
            by_fiscal_year=False,
        ),
        constant(
            Method.SUM_OF_DIGITS,
            Convention.BY_USE,
            life=[100.0] * PERIODS,
            frequency=10,
            by_fiscal_year=False,
            use=[25.0] * PERIODS,
        ),
        constant(
            Method.DECLINING_BALANCE,
            Convention.MID_MONTH,
            life=[2.0] * PERIODS,
            factor=[0.5] * PERIODS,
            by_fiscal_year=False,
            salvage=[0.0] + [0.01] * (PERIODS - 1),
        ),
    ],
)
def test_every_step_opens_though_several_fall_into_a_month(books: Books) -> None:
    start = date(2025, 11, 1) if books.convention == "HALF_YEAR" else date(2025, 1, 1)
    asset = Asset(start, start, None, 12)
    found = unit_schedule((component(books),), service(asset)).charge[:, 0, 0]
    np.testing.assert_allclose(found, depreciate(books, asset).charges, atol=1e-9)


def test_land_beside_digits() -> None:
    stay = Stay(np.zeros(2, int), np.ones(2, int), np.full((2, 1), 10**6), np.ones((2, 1), int))
    part = replace(policy(Method.NONE, 24, frequency=12), method=np.array([[Method.NONE, Method.SUM_OF_DIGITS]]))
    found = unit_schedule((part,), replace(placed(START, 36), stay=stay))
    assert found.charge.sum(axis=0)[:, 0] == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("field", "value"),
    [("ceiling_share", 0.5), ("written_down_share", 0.25), ("added_share", 0.25), ("stated_share", 0.5)],
)
def test_an_event_on_a_grid_of_one_period(field: str, value: float) -> None:
    event: dict[str, Any] = {field: np.full((1, 1, 1), value)}
    part = replace(policy(Method.NONE, 12), **event)
    assert unit_schedule((part,), placed(START, 1)).carrying[-1].item() != 1.0


def test_no_charge_after_leaving_where_the_following_month_counts() -> None:
    part = policy(Method.STRAIGHT_LINE, 12, convention=Convention.FOLLOWING_MONTH)
    found = charged(part, placed(START, 12, until="2025-03-10"))
    assert found[1:3] == pytest.approx([1 / 12, 1 / 12])
    assert found[3:].tolist() == [0.0] * 9


@pytest.mark.parametrize("convention", [Convention.FULL_MONTH, Convention.TOTAL_DAYS, Convention.BY_USE])
def test_a_whole_first_year_goes_with_printed_percentages_only(convention: Convention) -> None:
    part = policy(Method.STRAIGHT_LINE, 36, convention=convention, whole_first_year=True)
    with pytest.raises(ShapeError, match="whole first year"):
        unit_schedule((part,), placed(START, 36))


@pytest.mark.parametrize("months", [5, 24])
def test_steps_fill_a_fiscal_year(months: int) -> None:
    part = policy(Method.GIVEN_RATE, 60, 0.0, 0.02, frequency=months, convention=FULL)
    with pytest.raises(ShapeError, match="do not fill a fiscal year"):
        unit_schedule((part,), placed(START, 48))


@pytest.mark.parametrize("part", [DECLINING, policy(Method.GIVEN_RATE, 60, 0.0, 0.05, frequency=12), FIXED])
def test_no_more_is_written_down_than_is_carried(part: ComponentInputs) -> None:
    down = np.zeros((72, 1, 1))
    down[14] = 0.9
    found = unit_schedule((replace(part, written_down_share=down),), placed(START, 72))
    assert found.carrying.min() >= 0.0
    assert found.charge.min() >= 0.0
    assert found.overdrawn.item() == pytest.approx(0.9 - found.carrying[14].item())
