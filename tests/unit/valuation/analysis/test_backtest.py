"""Fits find what they were made from; errors have the sign and size they say."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.analysis.backtest import FAMILIES, Fit, age_at, fit, mean_error, root_mean_square_of_logs, straight_line

YEARS = np.arange(1.0, 7.0)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("exponential", [0.35]),
        ("exponential with floor", [0.5, 0.2]),
        ("slow then fast", [0.1, 0.4]),
        ("slow then fast", [0.4, -0.2]),
        ("hyperbolic", [0.6]),
    ],
)
def test_a_curve_is_found_again(name: str, parameters: list[float]) -> None:
    made = Fit(name, np.array(parameters))
    assert fit(name, YEARS, made.level(YEARS)).parameters == pytest.approx(parameters, rel=1e-5)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_curve_starts_at_new(name: str) -> None:
    family = FAMILIES[name]
    assert Fit(name, np.array(family.start)).level(np.zeros(1))[0] == pytest.approx(1.0)
    assert all(low <= start <= high for low, start, high in zip(family.low, family.start, family.high, strict=True))


def test_errors_are_signed_and_unsigned() -> None:
    """0.5 and 0.2 against 0.4 and 0.4: mean (0.1 - 0.2) / 2, of sizes 0.15, logs of 5/4 and 1/2."""
    predicted, seen = np.array([0.5, 0.2]), np.array([0.4, 0.4])
    assert mean_error(predicted, seen) == pytest.approx((-0.05, 0.15))
    assert root_mean_square_of_logs(predicted, seen) == pytest.approx(np.sqrt((np.log(1.25) ** 2 + np.log(2) ** 2) / 2))
    assert root_mean_square_of_logs(np.array([0.0, 0.4]), seen) == np.inf


def test_a_straight_line_ends_at_its_life() -> None:
    np.testing.assert_allclose(straight_line(YEARS, 4.0), [0.75, 0.5, 0.25, 0.0, 0.0, 0.0])


def test_an_age_lies_between_two_of_the_profile_or_nowhere() -> None:
    falling = np.array([0.9, 0.7, 0.5, 0.3, 0.2, 0.1])
    assert age_at(YEARS, falling, 0.95) == pytest.approx(0.5)
    assert age_at(YEARS, falling, 0.6) == pytest.approx(2.5)
    assert age_at(YEARS, falling, 0.1) == pytest.approx(6.0)
    assert np.isnan(age_at(YEARS, falling, 0.05))
