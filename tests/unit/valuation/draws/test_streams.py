"""Streams of random numbers: each is found from its place alone."""

import numpy as np
import pytest
from scipy import stats

from valuation.draws.streams import Place, Use, box_muller, mirrored, standard_normals, stream

HERE = Place(7, 0, 0)
RECORDED = 543027  # first number below a million at seed 1, scrambling 2, block 3


def numbers(place: Place = HERE, use: Use = Use.NORMALS, name: str = "price") -> np.ndarray:
    """The first numbers of a stream."""
    return stream(place, use, name).standard_normal(10_000)


def test_a_place_has_one_stream() -> None:
    np.testing.assert_array_equal(numbers(), numbers())


@pytest.mark.parametrize(
    "other",
    [
        numbers(Place(8, 0, 0)),
        numbers(Place(7, 1, 0)),
        numbers(Place(7, 0, 1)),
        numbers(use=Use.STRATA),
        numbers(name="power"),
        numbers(name=""),
    ],
    ids=["seed", "scrambling", "block", "use", "name", "no name"],
)
def test_anything_else_is_another_stream(other: np.ndarray) -> None:
    assert not np.isin(other, numbers()).any()
    assert abs(np.corrcoef(numbers(), other)[0, 1]) < 0.04


def test_many_streams_are_uncorrelated() -> None:
    places = [Place(seed, scrambling, block) for seed in range(4) for scrambling in range(4) for block in range(4)]
    drawn = np.stack([numbers(place, name=name) for place in places for name in ("price", "power")])
    found = np.corrcoef(drawn)[np.triu_indices(len(drawn), 1)] * np.sqrt(drawn.shape[1])
    assert stats.kstest(found, "norm").pvalue > 0.01


def test_swapping_scrambling_and_block_is_another_stream() -> None:
    assert not np.isin(numbers(Place(7, 2, 3)), numbers(Place(7, 3, 2))).any()


def test_streams_do_not_hang_on_the_run_of_the_interpreter() -> None:
    # Written down: a salted hash of the name would change it every time.
    assert stream(Place(1, 2, 3), Use.NORMALS, "price").integers(10**6) == RECORDED


@pytest.mark.parametrize("shape", [(3, 5), (7,), (2, 0), (64, 1024)])
def test_single_precision_fills_any_shape(shape: tuple[int, ...]) -> None:
    drawn = standard_normals(stream(HERE, Use.NORMALS), shape, np.float32)
    assert drawn.shape == shape
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()


def test_single_precision_is_normal() -> None:
    drawn = box_muller(stream(HERE, Use.NORMALS), (100_001,))
    assert stats.kstest(drawn, "norm").pvalue > 0.01
    assert stats.kurtosis(drawn) == pytest.approx(0.0, abs=0.05)
    assert np.corrcoef(drawn[:50_000], drawn[-50_000:])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_double_precision_is_the_ziggurat_of_the_generator() -> None:
    drawn = standard_normals(stream(HERE, Use.NORMALS), (4, 5), np.float64)
    np.testing.assert_array_equal(drawn, stream(HERE, Use.NORMALS).standard_normal((4, 5)))


def test_pairs_stand_side_by_side() -> None:
    np.testing.assert_array_equal(mirrored(np.array([[1.0, 2.0]])), [[1.0, -1.0, 2.0, -2.0]])
    np.testing.assert_array_equal(mirrored(np.array([0.25]), 1.0), [0.25, 0.25])
