"""Ledgers over a small fleet."""

import numpy as np
import pytest

from tests.factories import column, ledger, service_of
from valuation.books.ledgers import keep_ledger
from valuation.devices.fleet import Occupancy, occupancy
from valuation.timeline import NEVER

PERIODS = 12
SERVICE = service_of(2, PERIODS)


def fleet_of(units: float, retirement: int, hazard: float = 0.0) -> Occupancy:
    survivors = ((1 - hazard) ** np.arange(25.0))[:, None, None]
    return occupancy(
        units=column(units),
        in_service=np.array([2]),
        generation=np.array([0]),
        survivors=survivors,
        retirement=np.array([[retirement]]),
        periods=PERIODS,
    )


def test_addition_charge_and_retirement() -> None:
    """Ten units at 60 over six months, retired at bound 5: half is left and is written off in the next period."""
    books = keep_ledger(
        ledger("six", 6, PERIODS), cost=column(60.0), units=column(10.0), fleet=fleet_of(10.0, 5), service=SERVICE
    )
    held = [0, 0, 600, 500, 400, 300, 0, 0, 0, 0, 0, 0, 0]
    assert books.carrying_amount[:, 0, 0] == pytest.approx(held)
    assert books.additions[1, 0, 0] == 600.0
    assert books.depreciation[2:6, 0, 0] == pytest.approx([100, 100, 100, 0])
    assert books.disposals[5, 0, 0] == pytest.approx(300.0)
    assert books.disposals.sum() == pytest.approx(300.0)


def test_failed_units_leave_the_books_or_stay() -> None:
    """One in ten fails every month: unit accounting writes the rest of them off, group accounting waits."""
    fleet = fleet_of(100.0, NEVER, 0.1)
    own = keep_ledger(ledger("unit", 10, PERIODS), cost=column(10.0), units=column(100.0), fleet=fleet, service=SERVICE)
    assert own.depreciation[2, 0, 0] == pytest.approx(100.0)
    assert own.disposals[2, 0, 0] == pytest.approx(10 * 9.0)
    assert own.carrying_amount[3, 0, 0] == pytest.approx(90 * 9.0)
    group = keep_ledger(
        ledger("group", 10, PERIODS, write_off=False),
        cost=column(10.0),
        units=column(100.0),
        fleet=fleet,
        service=SERVICE,
    )
    assert group.carrying_amount[3, 0, 0] == pytest.approx(900.0)
    assert group.disposals.sum() == 0.0


def test_a_life_of_one_month_is_charged_at_once() -> None:
    books = keep_ledger(
        ledger("one", 1, PERIODS), cost=column(60.0), units=column(1.0), fleet=fleet_of(1.0, NEVER), service=SERVICE
    )
    assert books.depreciation[2, 0, 0] == 60.0
    assert books.carrying_amount[3, 0, 0] == 0.0


def test_ledgers_do_not_know_each_other() -> None:
    """Keeping one set of books leaves the arrays of another as they were."""
    fleet = fleet_of(10.0, 8)
    first = keep_ledger(ledger("six", 6, PERIODS), cost=column(60.0), units=column(10.0), fleet=fleet, service=SERVICE)
    kept = first.carrying_amount.copy()
    keep_ledger(ledger("two", 2, PERIODS), cost=column(60.0), units=column(10.0), fleet=fleet, service=SERVICE)
    np.testing.assert_array_equal(first.carrying_amount, kept)
