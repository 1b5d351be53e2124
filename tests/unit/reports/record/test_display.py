from __future__ import annotations

import math

import pytest

from reports.record.display import direction, months, plain, rate, scale


@pytest.mark.parametrize(
    ("usd", "unit", "text"),
    [
        (0.0, "USD", "0"),
        (-1e-7, "USD", "0"),
        (250_000.0, "USD", "250,000"),
        (9_999_999.0, "USD", "9,999,999"),
        (-45_678_901.0, "USD m", "-45.7"),
        (1_234_567_890.0, "USD m", "1,234.6"),
        (-90_905_800_000.0, "USD bn", "-90.91"),
    ],
)
def test_amounts_are_scaled_for_readers(usd: float, unit: str, text: str) -> None:
    found = scale([usd, 0.0, math.nan])
    assert (found.name, found.amount(usd)) == (unit, text)


def test_one_unit_serves_a_table() -> None:
    unit = scale([20e9, 5e6])
    assert [unit.signed(value) for value in (20e9, -797.5e6, 1e3, -1e3, 0.0)] == [
        "+20.00",
        "-0.80",
        "0.00",
        "0.00",
        "0.00",
    ]
    assert unit.amount(math.nan) == "–"
    assert scale([]).name == "USD"


def test_directions_are_plain() -> None:
    assert direction(1.0) == "books above value"
    assert direction(-1.0) == "books below value"
    assert direction(0.0) == "books at value"


def test_other_values() -> None:
    assert rate(0.1234) == "12.3%"
    assert rate(math.nan) == "–"
    assert months(59.6) == "60"
    assert plain(None) == "–"
    assert plain(0.27) == "0.27"
    assert plain(43_000.0) == "43,000"
    assert plain("2026-12") == "2026-12"
