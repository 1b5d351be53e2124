"""Landings and what they do."""

import numpy as np
import pytest

from tests.factories import column, one, outlook, silicon
from valuation.silicon.ramps import ramp
from valuation.stages.ladder import expected_landings, landing_ladder, volume_share
from valuation.stages.market import forward_rent, market_levels

RENTS = np.array([3.0, 2.0, 1.7, np.inf])[:, None, None]


def test_ramp_runs_from_nothing_to_all() -> None:
    months = np.array([-5.0, 0.0, 6.0, 400.0])
    share = ramp(months, one(6), one(3))
    assert share[:2].tolist() == [0.0, 0.0]
    assert share[2] == pytest.approx((0.5 - 1 / (1 + np.e**2)) / (1 - 1 / (1 + np.e**2)))
    assert share[3] == pytest.approx(1.0)


def test_only_known_parts_are_expected() -> None:
    """Nineteen months before the as-of bound Rubin was not announced; generics fill the calendar."""
    base = outlook(45)
    landing, _ = expected_landings(base, silicon().sets_price, np.array([26.0]), 24)
    assert landing[:4, 0].tolist() == [4.0, 26.0, np.inf, np.inf]
    assert landing[4:6, 0].tolist() == [38.0, 50.0]


def test_an_overdue_generic_is_expected_next_month() -> None:
    base = outlook(45, known_from=column(-9.0, 1e4, 1e4, 1e4), landing=column(4.0, 1e4, 1e4, 1e4))
    landing, _ = expected_landings(base, silicon().sets_price, np.array([40.0]), 24)
    assert landing[4:6, 0].tolist() == [41.0, 53.0]


def test_steps_are_measured_against_the_best_part_before() -> None:
    base = outlook(45)
    ladder = landing_ladder(silicon(), base, RENTS, np.array([45.0]), 24)
    assert ladder.first_rent[0, 0] == 3.0
    assert ladder.rent_step[:4, 0, 0] == pytest.approx([0.0, np.log(1.5), np.log(2 / 1.7), 0.27])
    dearer = np.array([3.0, 2.0, 2.5, np.inf])[:, None, None]
    worse = landing_ladder(silicon(), base, dearer, np.array([45.0]), 24)
    assert worse.rent_step[2, 0, 0] == 0.0
    assert worse.cost_step[2, 0, 0] == 0.0


def test_order_of_landing_decides_the_steps() -> None:
    """If the better part comes first, the other one no longer moves the market."""
    swapped = outlook(45, delay=column(0, 0, 30, 0), landing=column(4, 26, 48, 60))
    late = landing_ladder(silicon(), swapped, RENTS, np.array([45.0]), 24)
    assert late.rent_step[3, 0, 0] == pytest.approx(0.27)
    assert late.rent_step[2, 0, 0] == 0.0


def test_delay_and_advance_leave_the_present_alone() -> None:
    now = outlook(45, landing=column(4, 26, 42, 60))
    at = np.array([45.0])
    for months in (-30.0, -4.0, 7.0):
        moved = outlook(45, landing=column(4, 26, 42, 60), delay=column(0, 0, months, months))
        base, ladder = (landing_ladder(silicon(), view, RENTS, at, 60) for view in (now, moved))
        time = 45.0 + np.arange(61.0)[:, None]
        before, after = volume_share(base, now, 2, time), volume_share(ladder, moved, 2, time)
        assert after[0, 0] == before[0, 0]
        assert np.all(np.diff(after[:, 0]) >= 0.0)
        assert np.all((after - before)[1:] * months <= 1e-15)


def test_levels_weigh_parts_by_volume_in_logs() -> None:
    base = outlook(
        45, landing=column(-500, 45, 1e4, 1e4), known_from=column(-500, 40, 1e4, 1e4), generic_cadence=one(1e4)
    )
    ladder = landing_ladder(silicon(), base, RENTS, np.array([45.0]), 24)
    levels = market_levels(ladder, base, np.array([[45.0], [51.0], [500.0]]))
    share = ramp(one(6), one(6), one(3))[0]
    expected = [3.0, 3.0 ** (1 - share) * 2.0**share, 2.0]
    assert levels.entry_rent[:, 0, 0] == pytest.approx(expected)


def test_scarcity_halves_in_its_half_life() -> None:
    still = outlook(
        45, landing=column(-500, 1e4, 1e4, 1e4), known_from=column(-500, 1e4, 1e4, 1e4), generic_cadence=one(1e4)
    )
    ladder = landing_ladder(silicon(), still, RENTS, np.array([45.0]), 36)
    path = forward_rent(ladder, still, anchor=np.full((1, 1), 3.0), scarcity=np.full((1, 1), 0.4), horizon=36)
    assert np.log(path[[0, 18, 36], 0, 0] / 3.0) == pytest.approx([0.0, -0.2, -0.3])
