"""Correlation: its factors, its repair, its groups, and the t copula."""

import numpy as np
import pytest
from scipy import stats

from valuation.draws.dependence import (
    groups,
    least_eigenvalue,
    lower_factor,
    mixture,
    nearest_correlation,
    t_scores,
)

# Example of Higham (2002), section 4, with the answer that the paper prints.
HIGHAM = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
HIGHAM_NEAREST = np.array([[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]])


def broken(size: int = 8, seed: int = 4) -> np.ndarray:
    """A matrix of stated correlations that no variables have."""
    stated = np.random.default_rng(seed).uniform(-1.0, 1.0, (size, size))
    matrix = np.tril(stated, -1) + np.tril(stated, -1).T + np.eye(size)
    assert least_eigenvalue(matrix) < -0.1
    return matrix


def test_repair_gives_the_printed_matrix() -> None:
    repaired, change = nearest_correlation(HIGHAM)
    np.testing.assert_allclose(repaired, HIGHAM_NEAREST, atol=5e-5)
    assert change == pytest.approx(1.0 - 0.7607, abs=5e-5)


def test_repaired_matrix_is_a_correlation_matrix() -> None:
    repaired, change = nearest_correlation(broken())
    assert least_eigenvalue(repaired) > -1e-10
    np.testing.assert_array_equal(np.diag(repaired), 1.0)
    np.testing.assert_array_equal(repaired, repaired.T)
    assert change == np.abs(repaired - broken()).max()


def test_repaired_matrix_is_nearest() -> None:
    matrix = broken()
    repaired, _ = nearest_correlation(matrix)
    distance = np.linalg.norm(repaired - matrix)
    random = np.random.default_rng(5)
    for _ in range(50):
        # A step towards any other correlation matrix leads away: the set is convex.
        factor = random.standard_normal((len(matrix), 3))
        factor /= np.linalg.norm(factor, axis=1)[:, None]
        other = repaired + 1e-3 * (factor @ factor.T - repaired)
        assert np.linalg.norm(other - matrix) > distance - 1e-9


def test_sound_matrix_is_left_alone() -> None:
    sound = np.array([[1.0, 0.6], [0.6, 1.0]])
    repaired, change = nearest_correlation(sound)
    assert repaired is sound
    assert change == 0.0


@pytest.mark.parametrize(
    "matrix",
    [np.eye(3), np.ones((3, 3)), np.array([[1.0, -1.0], [-1.0, 1.0]]), nearest_correlation(broken())[0]],
    ids=["none", "full", "opposite", "repaired"],
)
def test_factor_gives_the_matrix_back(matrix: np.ndarray) -> None:
    factor = lower_factor(matrix)
    np.testing.assert_allclose(factor @ factor.T, matrix, atol=1e-9)
    np.testing.assert_array_equal(factor, np.tril(factor))


def test_groups_follow_chains() -> None:
    matrix = np.eye(6)
    for one, other in ((0, 4), (4, 2), (3, 5)):
        matrix[one, other] = matrix[other, one] = 0.5
    first, alone, last = groups(matrix, 3)
    np.testing.assert_array_equal(first.scalars, [0, 2])
    np.testing.assert_array_equal(first.series, [1])
    assert alone.alone
    np.testing.assert_array_equal(alone.scalars, [1])
    np.testing.assert_array_equal(last.series, [0, 2])
    assert groups(np.empty((0, 0)), 0) == ()


def test_t_scores_are_normal_and_odd() -> None:
    random = np.random.default_rng(6)
    uniforms, normals = random.random(50_000), random.standard_normal((1, 50_000))
    by = mixture(3.0, uniforms)
    assert by is not None
    scores = t_scores(normals, by)
    assert stats.kstest(scores[0], "norm").pvalue > 0.01
    np.testing.assert_array_equal(t_scores(-normals, by), -scores)


def test_mixing_is_a_chi_square() -> None:
    by = mixture(5.0, np.random.default_rng(7).random(20_000))
    assert by is not None
    assert stats.kstest(5.0 / by.scale**2, "chi2", args=(5.0,)).pvalue > 0.01
    assert mixture(np.inf, np.array([0.5])) is None


def test_many_degrees_of_freedom_are_the_gaussian_copula() -> None:
    normals = np.linspace(-5.0, 5.0, 11)[None, :]
    by = mixture(1e9, np.full(11, 0.3))
    assert by is not None
    np.testing.assert_allclose(t_scores(normals, by), normals, atol=1e-3)
