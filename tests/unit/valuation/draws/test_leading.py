"""Evenly spread points and the principal components they go to."""

import numpy as np
import pytest
from scipy import linalg, special
from scipy.stats import qmc

from valuation.draws.leading import (
    DIGITS,
    DIMENSIONS,
    inside,
    lhs_leading,
    principal_directions,
    replace_components,
    sobol_leading,
    sobol_points,
    strata,
)
from valuation.draws.streams import Place, Use, stream
from valuation.errors import AssumptionError

WIDTH = 64


@pytest.mark.parametrize("months", [1, 2, 13, 120])
def test_directions_are_orthogonal(months: int) -> None:
    directions = principal_directions(months)
    np.testing.assert_allclose(directions @ directions.T, np.eye(months), atol=1e-12)
    assert not directions.flags.writeable


def test_directions_are_those_of_the_walk() -> None:
    months = 60
    walk = np.tril(np.ones((months, months)))
    values, vectors = np.linalg.eigh(walk @ walk.T)
    by_definition = linalg.solve_triangular(walk, vectors * np.sqrt(values), lower=True)[:, ::-1]
    signs = np.sign(by_definition[0])
    np.testing.assert_allclose(principal_directions(months), by_definition * signs, atol=1e-10)


def test_leading_components_carry_most_of_the_walk() -> None:
    walk = np.tril(np.ones((120, 120)))
    variance = ((walk @ principal_directions(120)) ** 2).sum(axis=0)
    assert np.all(np.diff(variance) < 0.0)
    assert variance[:8].sum() / variance.sum() > 0.97


@pytest.mark.parametrize("kept", [0, 1, 5, 24])
def test_components_are_replaced_and_others_kept(kept: int) -> None:
    months, width = 24, 10
    random = np.random.default_rng(3)
    before, given = random.standard_normal((months, width)), random.standard_normal((kept, width))
    after = before.copy()
    replace_components(after, given)
    directions = principal_directions(months)
    np.testing.assert_allclose(directions[:, :kept].T @ after, given, atol=1e-12)
    np.testing.assert_allclose(directions[:, kept:].T @ after, directions[:, kept:].T @ before, atol=1e-12)


@pytest.mark.parametrize("block", [0, 1, 2, 5, 7])
def test_blocks_are_consecutive_points_of_one_sequence(block: int) -> None:
    engine = qmc.Sobol(DIMENSIONS, bits=DIGITS, rng=stream(Place(11, 3, 0), Use.SCRAMBLING))
    sequence = engine.random(8 * WIDTH)[block * WIDTH : (block + 1) * WIDTH].T
    points = sobol_points(Place(11, 3, block), WIDTH)
    # Centres of the cells of which the sequence gives the lower ends.
    np.testing.assert_array_equal(points, sequence + 0.5 / 2.0**DIGITS)


def test_points_of_a_far_block_need_no_others() -> None:
    engine = qmc.Sobol(DIMENSIONS, bits=DIGITS, rng=stream(Place(11, 3, 0), Use.SCRAMBLING))
    engine.fast_forward(1000 * WIDTH)
    np.testing.assert_array_equal(sobol_points(Place(11, 3, 1000), WIDTH), engine.random(WIDTH).T + 0.5 / 2.0**DIGITS)


def test_points_stay_inside() -> None:
    points = np.concatenate([sobol_points(Place(1, 0, block), 1024) for block in range(4)], axis=1)
    assert np.isfinite(special.ndtri(points)).all()
    # Every dimension meets every cell of a power of two once.
    counts = np.sort((points * 4096).astype(int), axis=1)
    np.testing.assert_array_equal(counts, np.broadcast_to(np.arange(4096), counts.shape))


def test_points_end_somewhere() -> None:
    with pytest.raises(AssumptionError, match="beyond"):
        sobol_points(Place(1, 0, 2**20), 1024)


def test_dimensions_go_to_scalars_then_component_by_component() -> None:
    points = special.ndtri(sobol_points(Place(2, 0, 0), WIDTH))
    leading = sobol_leading(Place(2, 0, 0), WIDTH, scalars=2, series=3, months=120)
    np.testing.assert_array_equal(leading.mixing, sobol_points(Place(2, 0, 0), WIDTH)[0])
    np.testing.assert_array_equal(leading.scalars, points[1:3])
    np.testing.assert_array_equal(leading.components[0][:2], points[[3, 6]])
    np.testing.assert_array_equal(leading.components[2][:2], points[[5, 8]])
    assert sum(map(len, leading.components)) == DIMENSIONS - 3


@pytest.mark.parametrize(("scalars", "series", "months"), [(70, 2, 12), (0, 0, 0), (1, 2, 3), (62, 4, 12)])
def test_dimensions_may_run_out_or_be_left(scalars: int, series: int, months: int) -> None:
    leading = sobol_leading(Place(2, 0, 0), WIDTH, scalars, series, months)
    assert len(leading.scalars) == min(scalars, DIMENSIONS - 1)
    assert len(leading.components) == series
    assert all(len(rows) <= months for rows in leading.components)


def test_strata_hold_one_each() -> None:
    drawn = strata(stream(Place(5, 0, 0), Use.STRATA), 3, 100)
    np.testing.assert_array_equal(np.sort((drawn * 100).astype(int), axis=1), np.tile(np.arange(100), (3, 1)))


def test_hypercube_has_a_stream_for_each_driver() -> None:
    first = lhs_leading(Place(5, 0, 0), 32, ("a",), ("x", "y"), 24)
    second = lhs_leading(Place(5, 0, 0), 32, ("b", "a"), ("y",), 24)
    np.testing.assert_array_equal(first.scalars[0], second.scalars[1])
    np.testing.assert_array_equal(first.components[1], second.components[0])
    np.testing.assert_array_equal(first.mixing, second.mixing)
    assert lhs_leading(Place(5, 0, 0), 32, (), ("x",), 3).components[0].shape == (3, 32)


def test_scores_of_the_ends_are_finite() -> None:
    assert np.isfinite(special.ndtri(inside(np.array([0.0, 0.5, 1.0])))).all()
