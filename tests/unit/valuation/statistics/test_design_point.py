"""Nearest points of failure that are known: linear limits, textbook cases, several points, none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from valuation.draws.dependence import lower_factor
from valuation.errors import NoSolutionError, ShapeError
from valuation.statistics.design_point import DesignPoint, Unbroken, design_point, shares
from valuation.timeline import FloatArray


def reached(found: DesignPoint | Unbroken) -> DesignPoint:
    assert isinstance(found, DesignPoint)
    return found


def test_a_linear_limit_of_correlated_normals_is_exact() -> None:
    """For g = b - a'x with x normal, the distance is (b - a'm) / sqrt(a'Ca), and the point lies along Ca."""
    a, mean, deviation = np.array([1.0, 2.0, -1.0]), np.array([1.0, 0.5, 2.0]), np.array([0.5, 1.0, 2.0])
    correlation = np.array([[1.0, 0.6, 0.2], [0.6, 1.0, -0.3], [0.2, -0.3, 1.0]])
    factor = lower_factor(correlation)
    covariance = correlation * np.outer(deviation, deviation)
    spread = np.sqrt(a @ covariance @ a)

    def limit(points: FloatArray) -> FloatArray:
        return np.asarray(9.0 - a @ (mean[:, None] + deviation[:, None] * (factor @ points)))

    found = reached(design_point(limit, 3))
    beta = (9.0 - a @ mean) / spread
    assert found.distance == pytest.approx(beta, rel=1e-9)
    assert found.probability == pytest.approx(norm.sf(beta), rel=1e-9)
    at = mean + deviation * (factor @ found.point)
    np.testing.assert_allclose(at, mean + beta * covariance @ a / spread, rtol=1e-8)
    assert a @ at == pytest.approx(9.0)


def test_a_textbook_limit_that_bends() -> None:
    """x1^3 + x2^3 - 18 with normals (10, 5) and (9.9, 5): 2.226 by Hasofer and Lind."""
    found = reached(design_point(lambda u: (10 + 5 * u[0]) ** 3 + (9.9 + 5 * u[1]) ** 3 - 18.0, 2))
    assert found.distance == pytest.approx(2.226, abs=5e-4)


def test_a_textbook_limit_with_an_exponential() -> None:
    """exp(0.2 x1 + 1.4) - x2 with standard normals: 3.350."""
    found = reached(design_point(lambda u: np.exp(0.2 * u[0] + 1.4) - u[1], 2))
    assert found.distance == pytest.approx(3.350, abs=5e-4)
    assert found.point == pytest.approx([-1.68, 2.90], abs=5e-3)


def test_lognormal_product_is_linear_in_logs() -> None:
    found = reached(design_point(lambda u: np.exp(1.0 + 0.2 * u[0]) - np.exp(0.3 * u[1]), 2))
    assert found.distance == pytest.approx(1.0 / np.hypot(0.2, 0.3), rel=1e-4)


def test_the_nearest_of_two_points_is_taken_and_the_other_told() -> None:
    found = reached(design_point(lambda u: np.minimum(u[0] + 2.5, 2.0 - u[0]) + 0.0 * u[1], 2))
    assert found.distance == pytest.approx(2.0, abs=1e-6)
    assert np.linalg.norm(found.others, axis=1) == pytest.approx([2.5], abs=1e-6)


def test_nothing_within_reach_is_an_answer() -> None:
    found = design_point(lambda u: 3.0 - np.tanh(u[0]) - np.tanh(u[1]), 2)
    assert isinstance(found, Unbroken)
    assert found.value == pytest.approx(3.0 - 2.0 * np.tanh(5.0 / np.sqrt(2.0)), rel=1e-3)
    assert np.linalg.norm(found.point) <= 5.0 * 1.001
    assert isinstance(design_point(lambda u: 4.0 - u[0], 1, reach=3.9), Unbroken)
    assert isinstance(design_point(lambda u: 4.0 - u[0], 1, reach=4.1), DesignPoint)


def test_broken_at_the_origin_is_a_negative_distance() -> None:
    found = reached(design_point(lambda u: u[0] - 1.5, 1))
    assert found.distance == pytest.approx(-1.5)
    assert found.probability == pytest.approx(norm.cdf(1.5))
    assert found.gradient == pytest.approx([1.0])


def test_what_does_not_move_is_no_limit_to_search() -> None:
    assert isinstance(design_point(lambda u: np.ones(u.shape[1]), 3), Unbroken)
    with pytest.raises(NoSolutionError):
        design_point(lambda u: np.full(u.shape[1], np.nan), 2)
    with pytest.raises(ShapeError):
        design_point(lambda u: u[0], 0)


def test_shares_add_up_to_one() -> None:
    assert shares(np.array([3.0, -4.0]), np.eye(2)) == pytest.approx([9 / 25, 16 / 25])
    factor = lower_factor(np.array([[1.0, 0.8], [0.8, 1.0]]))
    assert shares(np.array([1.0, 2.0]), factor).sum() == pytest.approx(1.0)
    # The second moves only because the first does: none of the distance is its own.
    assert shares(np.array([1.0, 0.0]), factor) == pytest.approx([1.0, 0.0])
    assert shares(np.zeros(2), factor).tolist() == [0.0, 0.0]
