"""Crossings of functions whose zeros are known: several, none, leaps, bands, whole numbers, functions side by side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from valuation.errors import ShapeError
from valuation.statistics.rootfinding import Crossing, flat, grid, scan
from valuation.timeline import FloatArray, IntArray


def of(function: Callable[[FloatArray], FloatArray]) -> Callable[[FloatArray, IntArray], FloatArray]:
    """One function, whatever the line."""
    return lambda places, _lines: np.asarray(function(places), dtype=np.float64)


def crossings(function: Callable[[FloatArray], FloatArray], low: float, high: float) -> list[Crossing]:
    return list(scan(of(function), grid(low, high)).crossings)


def test_every_root_is_found() -> None:
    found = crossings(np.sin, 1.0, 10.0)
    assert [each.kind for each in found] == ["root"] * 3
    assert [each.low for each in found] == pytest.approx([np.pi, 2 * np.pi, 3 * np.pi], abs=1e-9)


def test_no_crossing_is_an_answer() -> None:
    found = scan(of(lambda x: x**2 + 1.0), grid(-1.0, 1.0))
    assert found.crossings == ()
    assert found.values[[0, -1], 0].tolist() == [2.0, 2.0]


def test_a_leap_is_no_root() -> None:
    (found,) = crossings(lambda x: np.where(x < 0.3, -2.0, 5.0), 0.0, 1.0)
    assert found.kind == "leap"
    assert found.low < 0.3 <= found.high < found.low + 1e-9
    assert (found.before, found.after) == (-2.0, 5.0)


@pytest.mark.parametrize(("low", "high"), [(0.21, 0.24), (0.2, 0.6), (-1.0, 0.5)])
def test_a_band_of_zeros_has_ends(low: float, high: float) -> None:
    (found,) = crossings(lambda x: np.where(x < low, x - low, np.where(x > high, x - high, 0.0)), 0.0, 1.0)
    assert found.kind == "band"
    assert (found.low, found.high) == pytest.approx((max(low, 0.0), high), abs=1e-6)


def test_a_root_on_the_grid_is_one() -> None:
    (found,) = crossings(lambda x: x - 0.5, 0.0, 1.0)
    assert found.kind == "root"
    assert found.low == found.high == pytest.approx(0.5, abs=1e-9)


def test_whole_numbers_meet_or_pass() -> None:
    asked: list[float] = []

    def function(places: FloatArray, _lines: IntArray) -> FloatArray:
        asked.extend(places.tolist())
        return np.where(places < 200.0, places - 97.5, places - 333.0)

    found = scan(function, grid(1, 600, whole=True), whole=True).crossings
    assert [(each.kind, each.low, each.high) for each in found] == [
        ("leap", 97.0, 98.0), ("leap", 199.0, 200.0), ("root", 333.0, 333.0),
    ]  # fmt: skip
    assert all(place == round(place) for place in asked)


def test_missing_values_hide_no_sign() -> None:
    found = scan(of(lambda x: np.where(np.abs(x) < 0.3, np.nan, x)), grid(-1.0, 1.0))
    assert found.crossings == ()


def test_functions_side_by_side_are_refined_together() -> None:
    calls = []

    def function(places: FloatArray, lines: IntArray) -> FloatArray:
        calls.append(places.size)
        return np.asarray(places**3 - (lines + 1.0))

    found = scan(function, grid(0.0, 2.0), 4)
    assert [each.low for each in found.crossings] == pytest.approx(np.arange(1.0, 5.0) ** (1 / 3), abs=1e-9)
    assert [each.line for each in found.crossings] == [0, 1, 2, 3]
    assert len(calls) < 16


def test_flat_is_told_from_small() -> None:
    assert flat(np.full(5, 3.0))
    assert flat(3.0 + 1e-13 * np.arange(5.0))
    assert not flat(3.0 + 1e-9 * np.arange(5.0))
    assert not flat(np.array([1.0, np.nan]))
    assert not flat(np.full(3, np.nan))


def test_a_grid_must_ascend() -> None:
    with pytest.raises(ShapeError):
        scan(of(np.sin), np.array([1.0, 1.0]))


def test_the_price_fall_of_the_method() -> None:
    """Rents of 18,000 falling each year, costs of 2,000, five years, 12 %, a device of 40,000: 18.2 % a year."""
    year = np.arange(1.0, 6.0)[:, None]
    (found,) = crossings(lambda fall: ((18e3 * (1 - fall) ** (year - 1) - 2e3) / 1.12**year).sum(axis=0) - 40e3, 0, 1)
    assert 100 * found.low == pytest.approx(18.2, abs=0.05)


def test_the_covenant_of_the_method() -> None:
    """A landing that takes 40 % off breaches a covenant of 85 % at any date before 2.73 years."""
    (found,) = crossings(lambda t: 26e3 * (1 - t / 5) / (40e3 * np.exp(-0.2 * t) * 0.6) - 0.85, 0.0, 5.0)
    assert found.low == pytest.approx(2.73, abs=0.005)
