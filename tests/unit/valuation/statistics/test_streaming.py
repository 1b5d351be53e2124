"""Streams hold every path, agree with the paths within their bound, and do not care who made the blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from valuation.errors import ShapeError
from valuation.statistics import samples
from valuation.statistics.histograms import Histogram, spanning
from valuation.statistics.intervals import combine
from valuation.statistics.streaming import EXACT, HISTOGRAM, PILOT_BLOCKS, Stream, Streamed, across
from valuation.statistics.totals import InOrder, moments

BLOCK = 128
BLOCKS = 40
BINS = 1024
SHARES = [0.001, 0.05, 0.5, 0.95, 0.999]
SHAPES = ["normal", "heavy", "lognormal", "atoms", "rare", "constant", "never"]


def blocks_of(kind: str, count: int = BLOCKS, lead: tuple[int, ...] = ()) -> list[np.ndarray]:
    """Blocks of a kind of outcome, shape (..., BLOCK) each."""
    rng = np.random.default_rng(SHAPES.index(kind))
    shape = (count, *lead, BLOCK)
    made: dict[str, Callable[[], np.ndarray]] = {
        "normal": lambda: 1e9 + rng.standard_normal(shape),
        "heavy": lambda: rng.standard_t(2, shape),
        "lognormal": lambda: np.exp(2.0 * rng.standard_normal(shape)),
        "atoms": lambda: rng.integers(0, 12, shape).astype(float),
        "rare": lambda: np.where(rng.random(shape) < 0.002, rng.exponential(5.0, shape), 0.0),
        "constant": lambda: np.full(shape, -0.1),
        "never": lambda: np.where(rng.random(shape) < 0.3, np.inf, rng.exponential(5.0, shape)),
    }
    return list(made[kind]())


def streamed(blocks: Sequence[np.ndarray], *, limit: int = 0) -> Stream:
    stream = Stream(limit=limit, number=BINS)
    for number, block in enumerate(blocks):
        stream.add(number, block)
    return stream


def all_readings(stream: Stream) -> list[Streamed]:
    return [
        stream.mean(),
        stream.quantiles(SHARES),
        stream.value_at_risk(0.9),
        *(stream.conditional_value_at_risk(alpha) for alpha in (0.5, 0.9, 0.99)),
    ]


def assert_same(first: Stream, second: Stream) -> None:
    """Assert that two streams agree to the last bit."""
    for one, other in zip(all_readings(first), all_readings(second), strict=True):
        assert one.method == other.method
        np.testing.assert_array_equal(one.error, other.error)
        for part, twin in zip(one.estimate.parts(), other.estimate.parts(), strict=True):
            np.testing.assert_array_equal(part, twin)


def distance(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    same = found == exact
    return np.where(same, 0.0, np.abs(np.where(same, 0.0, found) - np.where(same, 0.0, exact)))


@pytest.mark.parametrize("lead", [(), (3,), (2, 2)])
@pytest.mark.parametrize("kind", SHAPES)
def test_what_is_read_off_bins_is_within_its_bound(kind: str, lead: tuple[int, ...]) -> None:
    blocks = blocks_of(kind, lead=lead)
    stream, paths = streamed(blocks), np.concatenate(blocks, axis=-1)
    quantiles = stream.quantiles(SHARES)
    exact = samples.quantiles(paths, SHARES)
    assert stream.method == quantiles.method == HISTOGRAM
    assert (distance(quantiles.estimate.value, exact.value) <= quantiles.error).all()
    assert (quantiles.estimate.low <= exact.low).all()
    assert (quantiles.estimate.high >= exact.high).all()
    for alpha in (0.1, 0.5, 0.9, 0.95, 0.999, 0.99999):
        tail, truth = stream.conditional_value_at_risk(alpha), samples.conditional_value_at_risk(paths, alpha)
        assert (distance(tail.estimate.value, truth.value) <= tail.error).all()


@pytest.mark.parametrize("kind", ["normal", "heavy", "lognormal"])
def test_bounds_and_errors_are_small_where_there_are_paths(kind: str) -> None:
    blocks = blocks_of(kind, 200)
    stream, paths = streamed(blocks), np.concatenate(blocks)
    bins = stream.bins
    assert bins is not None
    assert (stream.quantiles([0.05, 0.5, 0.95]).error <= 1.01 * bins.width).all()
    found, exact = stream.conditional_value_at_risk(0.95), samples.conditional_value_at_risk(paths, 0.95)
    assert found.error <= bins.width
    assert found.estimate.standard_error == pytest.approx(exact.standard_error, rel=0.02)


def test_means_are_exact() -> None:
    for kind in SHAPES:
        blocks = blocks_of(kind)
        stream, paths = streamed(blocks), np.concatenate(blocks)
        found, endless = stream.mean(), bool(np.isposinf(paths).any())
        error = np.nan if endless else paths.std(ddof=1) / np.sqrt(paths.size)
        assert found.method == EXACT
        np.testing.assert_allclose(found.estimate.value, paths.mean(), rtol=1e-13)
        np.testing.assert_allclose(found.estimate.standard_error, error, rtol=1e-7, atol=1e-15)


@pytest.mark.parametrize("kind", SHAPES)
def test_histograms_hold_every_path(kind: str) -> None:
    """Edges from a narrow pilot: most paths lie in the open bins, none is lost."""
    values = np.stack([np.concatenate(blocks_of(kind)), np.concatenate(blocks_of("normal"))])
    histogram = Histogram(spanning(values[:, :20], 16))
    place = histogram.add(values)
    np.testing.assert_array_equal(histogram.counts.sum(axis=-1), np.isfinite(values).sum(axis=-1))
    for row in range(2):
        np.testing.assert_array_equal(np.bincount(place[row][place[row] >= 0], minlength=16), histogram.counts[row])
    np.testing.assert_array_equal(place < 0, ~np.isfinite(values))


def test_open_ends_take_what_lies_beyond() -> None:
    histogram = Histogram(spanning(np.array([0.0, 4.0]), 10))
    np.testing.assert_allclose([histogram.bins.low, histogram.bins.high], [-1.0, 5.0])
    place = histogram.add(np.array([-1e300, -1.1, -1.0, -0.9, 4.9, 5.1, 1e300, np.inf, np.nan]))
    np.testing.assert_array_equal(place, [0, 0, 1, 1, 8, 9, 9, -1, -1])
    np.testing.assert_array_equal(histogram.counts[[0, 1, 8, 9]], [2, 2, 1, 2])


def test_paths_are_kept_up_to_the_limit() -> None:
    blocks = blocks_of("heavy")
    at_limit = streamed(blocks, limit=BLOCK * BLOCKS)
    paths = np.concatenate(blocks)
    np.testing.assert_array_equal(at_limit.sample(), paths)
    found = at_limit.quantiles(SHARES)
    assert found.method == at_limit.method == EXACT
    np.testing.assert_array_equal(found.estimate.parts(), samples.quantiles(paths, SHARES).parts())
    np.testing.assert_array_equal(found.error, 0.0)
    beyond = streamed(blocks, limit=BLOCK * BLOCKS - 1)
    assert beyond.quantiles(SHARES).method == HISTOGRAM
    np.testing.assert_array_equal(beyond.mean().estimate.parts(), at_limit.mean().estimate.parts())
    with pytest.raises(ShapeError, match="kept"):
        beyond.sample()


def test_without_the_whole_pilot_paths_are_kept() -> None:
    blocks = blocks_of("heavy")
    short = streamed(blocks[: PILOT_BLOCKS - 1])
    assert short.method == EXACT
    late = Stream(limit=0, number=BINS)
    for number in range(1, BLOCKS):
        late.add(number, blocks[number])
    assert late.method == EXACT
    late.add(0, blocks[0])
    assert_same(late, streamed(blocks))


@pytest.mark.parametrize("kind", SHAPES)
@settings(max_examples=examples(10))
@given(data=st.data())
def test_order_of_the_blocks_changes_no_bit(kind: str, data: st.DataObject) -> None:
    blocks = blocks_of(kind, 24, lead=(2,))
    expected, found = streamed(blocks), Stream(limit=0, number=BINS)
    for number in data.draw(st.permutations(range(len(blocks)))):
        found.add(number, blocks[number])
    assert found.paths == expected.paths
    assert_same(found, expected)


def test_a_block_counts_once() -> None:
    blocks = blocks_of("normal")
    for limit in (0, 10**9):
        stream = streamed(blocks, limit=limit)
        with pytest.raises(ShapeError, match="added before"):
            stream.add(3, blocks[3])


def test_nothing_is_read_from_nothing() -> None:
    reads: list[Callable[[], Streamed]] = [Stream().mean, lambda: Stream().quantiles([0.5])]
    for read in reads:
        with pytest.raises(ShapeError):
            read()
    with pytest.raises(ShapeError, match="nothing"):
        InOrder().total()


def test_a_number_that_is_not_there_leaves_no_statistic() -> None:
    blocks = blocks_of("normal", lead=(3,))
    blocks[17][1, 5], blocks[2][2, 0] = np.nan, -np.inf
    for limit in (0, 10**9):
        for found in all_readings(streamed(blocks, limit=limit)):
            if found.method == HISTOGRAM:
                assert np.isnan(found.error[..., 1:]).all()
            for part in found.estimate.parts():
                assert np.isfinite(part[..., 0]).all()
                assert np.isnan(part[..., 1:]).all()


def test_constant_paths_have_no_spread() -> None:
    found = streamed(blocks_of("constant"))
    for read in all_readings(found)[1:]:
        np.testing.assert_array_equal(read.estimate.value, -0.1)
        assert (read.error >= 0.0).all()
    np.testing.assert_array_equal(found.mean().estimate.parts(), [-0.1, 0.0, -0.1, -0.1])


def test_one_path_tells_no_error() -> None:
    stream = Stream()
    stream.add(0, np.array([3.0]))
    for found in (stream.mean(), stream.value_at_risk(0.5), stream.conditional_value_at_risk(0.5)):
        assert found.estimate.value == 3.0
        assert np.isnan(found.estimate.standard_error)


def test_scramblings_have_a_stream_each() -> None:
    streams = [streamed(blocks_of("normal")), streamed(blocks_of("heavy")), streamed(blocks_of("lognormal"))]
    found = across(streams, lambda stream: stream.value_at_risk(0.5))
    expected = combine([stream.value_at_risk(0.5).estimate for stream in streams])
    assert found.method == HISTOGRAM
    np.testing.assert_array_equal(found.estimate.parts(), expected.parts())
    assert across(streams, Stream.mean).method == EXACT


def test_memory_does_not_grow_with_the_paths() -> None:
    stream = streamed(blocks_of("normal"))
    kept = len(stream._blocks), len(stream._counted._waiting)
    for number, block in enumerate(blocks_of("heavy"), start=BLOCKS):
        stream.add(number, block)
    assert kept == (len(stream._blocks), len(stream._counted._waiting)) == (0, 0)


def test_moments_of_a_large_level_keep_their_spread() -> None:
    """1e12 and a step of one: the spread is not lost in the level."""
    values = 1e12 + np.tile([0.0, 1.0], 500)
    whole = moments(values, np.ones(1000, dtype=np.bool_))
    halves = [moments(part, np.ones(500, dtype=np.bool_)) for part in np.split(values, 2)]
    joined = halves[0].then(halves[1])
    for found in (whole, joined):
        assert [float(found.mean), float(found.squares)] == [1e12 + 0.5, 250.0]
    none = moments(values, np.zeros(1000, dtype=np.bool_))
    for found in (none.then(whole), whole.then(none)):
        assert [found.number, found.mean, found.squares] == [whole.number, whole.mean, whole.squares]
    assert np.isnan(none.standard_error)


def test_quantiles_of_atoms_are_the_atoms() -> None:
    stream = streamed(blocks_of("atoms"))
    found = stream.quantiles([0.1, 0.3, 0.5, 0.7, 0.9]).estimate.value
    np.testing.assert_allclose(found, np.round(found), atol=1e-8)
