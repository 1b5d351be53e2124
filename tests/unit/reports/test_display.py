from __future__ import annotations

import math

import pytest

from reports.display import amount, direction, months, plain, rate, signed


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.0, "0"),
        (-1e-7, "0"),
        (999.0, "999"),
        (250_000.0, "250,000"),
        (2_500_000.0, "2.50 m"),
        (999_999.6, "1,000,000"),
        (-45_678_901.0, "-45.7 m"),
        (1_234_567_890.0, "1.23 bn"),
        (-90_905_800_000.0, "-90.9 bn"),
        (math.nan, "–"),
    ],
)
def test_amounts_are_scaled_for_readers(usd: float, text: str) -> None:
    assert amount(usd) == text


def test_signs_and_directions_are_plain() -> None:
    assert signed(2e6) == "+2.00 m"
    assert signed(-2e6) == "-2.00 m"
    assert signed(0.0) == "0"
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
