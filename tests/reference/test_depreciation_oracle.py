"""The schedule against a second one, written from the definitions on plain numbers and dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.oracle.depreciation import Asset, Books, depreciate
from tests.properties.policies import (
    EVENTS,
    PERIODS,
    assets,
    component,
    constant,
    eventful,
    service,
    settled,
)
from valuation.books.charges import Method
from valuation.books.conventions import Convention
from valuation.books.schedule import unit_schedule

TOLERANCE = 1e-9
LASTING = tuple(event for event in EVENTS if event != "idle")
BY_SHARE = tuple(event for event in LASTING if event != "written_down")
LENIENT = [HealthCheck.filter_too_much, HealthCheck.too_slow]


def compare(books: Books, asset: Asset, losses: dict[int, float] | None = None) -> np.ndarray:
    """Charges and carrying amounts month by month; the charges are given back."""
    lost = losses or {}

    def loss(bound: int, carrying: np.ndarray) -> np.ndarray:
        return np.full_like(carrying, lost.get(bound, 0.0))

    found = unit_schedule((component(books),), service(asset), loss if lost else None)
    expected = depreciate(books, asset, lambda bound, _: lost.get(bound, 0.0))
    np.testing.assert_allclose(found.charge[:, 0, 0], expected.charges, rtol=0.0, atol=TOLERANCE)
    np.testing.assert_allclose(found.carrying[:, 0, 0], expected.path, rtol=0.0, atol=TOLERANCE)
    return np.asarray(found.charge[:, 0, 0])


@settings(max_examples=examples(300), suppress_health_check=LENIENT)
@given(settled(), assets())
def test_nothing_happens(books: Books, asset: Asset) -> None:
    compare(books, asset)


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(), assets(leaving=True))
def test_assets_leave_and_stand_idle(books: Books, asset: Asset) -> None:
    compare(books, asset)


@settings(max_examples=examples(300), suppress_health_check=LENIENT)
@given(eventful(LASTING), assets())
def test_things_happen(books: Books, asset: Asset) -> None:
    compare(books, asset)


@pytest.mark.parametrize("life", [1.0, 1.47, 7.0])
@pytest.mark.parametrize("method", [Method.DECLINING_BALANCE, Method.DECLINING_WITH_SWITCH, Method.SUM_OF_DIGITS])
def test_depreciation_by_days_may_begin_after_the_asset(method: Method, life: float) -> None:
    """The length of a step is that of the life stated, also before anything is depreciated over it."""
    waiting = 2
    books = constant(Method.NONE, Convention.TOTAL_DAYS, life=[life] * PERIODS, by_fiscal_year=False)
    begins = replace(books, method=["NONE"] * waiting + [method.name] * (PERIODS - waiting))
    charges = compare(begins, Asset(date(2019, 2, 1), date(2019, 3, 2), None, 1))
    assert not charges[:waiting].any()
    assert charges[waiting:].any()


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(
    eventful(BY_SHARE), assets(), st.dictionaries(st.integers(1, PERIODS), st.floats(-0.2, 0.9), min_size=1, max_size=4)
)
def test_amounts_are_lost_at_bounds(books: Books, asset: Asset, losses: dict[int, float]) -> None:
    compare(books, asset, losses)
