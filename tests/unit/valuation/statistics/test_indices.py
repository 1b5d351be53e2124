"""Shares of variance: against closed forms, with inputs alone and in groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy import special, stats

from valuation.errors import NoSolutionError, ShapeError
from valuation.statistics.indices import Indices, exchanged, sobol_indices

POWER = 12
LOADINGS = np.array([1.0, 2.0, -1.0, 0.5])
CORRELATION = np.array([[1.0, 0.6, 0.0, 0.0], [0.6, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -0.4], [0.0, 0.0, -0.4, 1.0]])


def normal_points(seed: int, factor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two samples of correlated normals, shape (d, n) each."""
    size = len(factor)
    drawn = stats.qmc.Sobol(2 * size, rng=np.random.default_rng(seed)).random_base2(POWER).T
    shocks = special.ndtri(drawn)
    return factor @ shocks[:size], factor @ shocks[size:]


def found_for(
    model: Callable[[np.ndarray], np.ndarray], points: tuple[np.ndarray, np.ndarray], groups: Sequence[int], seed: int
) -> Indices:
    own, other = points
    mixed = np.stack([model(part) for part in exchanged(own, other, groups)])
    return sobol_indices(model(own), model(other), mixed, seed=seed, resamples=199)


def linear(inputs: np.ndarray) -> np.ndarray:
    return np.asarray(LOADINGS @ inputs)


def test_a_linear_model_of_independent_normals_shares_by_squared_loadings() -> None:
    found = found_for(linear, normal_points(1, np.eye(4)), range(4), 2)
    expected = LOADINGS**2 / (LOADINGS**2).sum()
    np.testing.assert_allclose(found.first.value, expected, atol=0.01)
    np.testing.assert_allclose(found.total.value, expected, atol=0.01)


def test_groups_of_correlated_inputs_share_by_their_own_variance() -> None:
    """Two groups, independent of each other: b' C b of each over that of all, first-order and total."""
    found = found_for(linear, normal_points(3, np.linalg.cholesky(CORRELATION)), [0, 0, 1, 1], 4)
    parts = np.array([LOADINGS[rows] @ CORRELATION[rows, rows] @ LOADINGS[rows] for rows in (slice(2), slice(2, 4))])
    expected = parts / parts.sum()
    np.testing.assert_allclose(found.first.value, expected, atol=0.01)
    np.testing.assert_allclose(found.total.value, expected, atol=0.01)
    assert ((found.first.low <= expected) & (expected <= found.first.high)).all()
    assert ((found.total.low <= expected) & (expected <= found.total.high)).all()


def test_a_product_is_all_interaction() -> None:
    """Y = x1 x2 of standard normals: nothing alone, everything together."""
    found = found_for(lambda x: np.asarray(x[0] * x[1]), normal_points(5, np.eye(2)), range(2), 6)
    np.testing.assert_allclose(found.first.value, 0.0, atol=0.05)
    np.testing.assert_allclose(found.total.value, 1.0, atol=0.05)


def test_inputs_are_exchanged_by_group() -> None:
    own, other = np.zeros((3, 2, 4)), np.ones((3, 2, 4))
    first, second = exchanged(own, other, [7, 3, 7])
    np.testing.assert_array_equal(first[:, 0, 0], [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(second[:, 0, 0], [1.0, 0.0, 1.0])
    assert own.sum() == 0.0


def test_intervals_are_those_of_the_seed() -> None:
    points = normal_points(7, np.eye(4))
    again, same, other = (found_for(linear, points, range(4), seed) for seed in (8, 8, 9))
    np.testing.assert_array_equal(again.first.low, same.first.low)
    np.testing.assert_array_equal(again.first.value, other.first.value)
    assert (again.first.low != other.first.low).any()
    assert (again.total.low < again.total.value).all()
    assert (again.total.value < again.total.high).all()


@pytest.mark.parametrize("constant", [0.0, 0.1, 3e9 / 7.0])
def test_an_outcome_that_does_not_vary_has_indices_of_zero(constant: float) -> None:
    same = np.full(64, constant)
    found = sobol_indices(same, same, np.stack([same, same]), seed=1, resamples=9)
    for part in (*found.first.parts(), *found.total.parts()):
        np.testing.assert_array_equal(part, 0.0)


@pytest.mark.parametrize(
    ("own", "other", "mixed"), [((6,), (6,), (2, 6)), ((8,), (4,), (2, 8)), ((8,), (8,), (1, 8)), ((8,), (8,), (2, 4))]
)
def test_shapes_that_do_not_fit_are_refused(
    own: tuple[int, ...], other: tuple[int, ...], mixed: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError):
        sobol_indices(np.zeros(own), np.zeros(other), np.zeros(mixed), seed=1)


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="do not fit"):
        next(exchanged(np.zeros((3, 4)), np.zeros((3, 4)), [0, 1]))


def test_infinite_outcomes_are_refused() -> None:
    values = np.arange(8.0)
    with pytest.raises(NoSolutionError, match="not finite"):
        sobol_indices(values, values, np.stack([values, np.where(values == 3.0, np.inf, values)]), seed=1)
