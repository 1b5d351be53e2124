"""Outcomes of a risk run: values of all paths, errors of independent paths or of replicates, never more than known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.estimates import mean
from valuation.paths.montecarlo import Portion
from valuation.paths.risk_figures import PERCENTILES, TAIL, Depth, Events, Figure
from valuation.statistics import samples
from valuation.statistics.intervals import Estimate, sectioned, share_of
from valuation.statistics.streaming import EXACT, HISTOGRAM, PILOT_BLOCKS
from valuation.timeline import FloatArray

REPLICATES, BLOCKS, WIDTH = 4, 3, 64


def normals(*shape: int, seed: int = 5) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(shape)


def gathered(values: FloatArray, figure: Figure, replicates: int = REPLICATES) -> FloatArray:
    """Add replicates of equally many blocks, paths of a replicate next to each other; the sample by replicate."""
    parts = np.split(values, replicates, axis=-1)
    for own, part in enumerate(parts):
        for block in range(part.shape[-1] // WIDTH):
            portion = Portion(own, block, part.shape[-1])
            figure.add(portion, part[..., block * WIDTH : (block + 1) * WIDTH])
    return np.stack(parts)


def assert_same(found: Estimate, wanted: Estimate) -> None:
    for one, other in zip(found.parts(), wanted.parts(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    assert found.paths == wanted.paths


def test_independent_paths_give_their_own_errors() -> None:
    values, figure = normals(WIDTH * BLOCKS), Figure(Depth(1), loss=-1)
    gathered(values, figure, 1)
    found = figure.distribution()
    assert_same(found.mean.estimate, mean(values))
    assert_same(found.percentiles.estimate, samples.quantiles(values, PERCENTILES))
    assert found.value_at_risk is not None
    assert_same(found.value_at_risk.estimate, samples.value_at_risk(-values, TAIL))
    assert found.tail_mean is not None
    assert_same(found.tail_mean.estimate, samples.conditional_value_at_risk(-values, TAIL))


@pytest.mark.parametrize("shape", [(), (2,)])
def test_replicates_give_the_value_of_all_paths_and_the_error_of_their_spread(shape: tuple[int, ...]) -> None:
    values, figure = normals(*shape, WIDTH * BLOCKS * REPLICATES), Figure(Depth(REPLICATES), loss=1)
    parts = gathered(values, figure)
    found = figure.distribution()
    np.testing.assert_allclose(found.mean.estimate.value, values.mean(axis=-1), rtol=1e-12, atol=1e-14)
    spread = parts.mean(axis=-1).std(axis=0, ddof=1) / np.sqrt(REPLICATES)
    np.testing.assert_allclose(found.mean.estimate.standard_error, spread, rtol=1e-9)
    whole = samples.quantiles(values, PERCENTILES)
    np.testing.assert_array_equal(found.percentiles.estimate.value, whole.value)
    assert found.tail_mean is not None
    tail = samples.conditional_value_at_risk(values, TAIL)
    np.testing.assert_allclose(found.tail_mean.estimate.value, tail.value, rtol=1e-12)


def test_what_never_happens_is_counted_and_later_than_all() -> None:
    values, figure = normals(WIDTH * BLOCKS * REPLICATES), Figure(Depth(REPLICATES), may_lack=True)
    values[::8] = np.inf
    gathered(values, figure)
    found = figure.distribution()
    assert found.exists.value == 0.875
    assert found.missing.value == 0.125
    assert found.missing.low == 1.0 - found.exists.high
    assert found.mean.estimate.value == pytest.approx(values[np.isfinite(values)].mean(), rel=1e-12)
    assert np.isfinite(found.percentiles.estimate.value).tolist() == [True, True, True, True, False]


def test_what_there_is_none_of_is_left_out_of_all_statistics() -> None:
    values, figure = normals(WIDTH * REPLICATES), Figure(Depth(REPLICATES), may_lack=True)
    values[5] = np.nan
    gathered(values, figure)
    found = figure.distribution()
    known = values[~np.isnan(values)]
    assert found.exists.value == 1.0 - 1.0 / values.size
    np.testing.assert_array_equal(found.percentiles.estimate.value, samples.quantiles(known, PERCENTILES).value)


def test_an_outcome_of_no_path_is_unknown() -> None:
    figure = Figure(Depth(REPLICATES), may_lack=True)
    gathered(np.full(WIDTH * REPLICATES, np.nan), figure)
    found = figure.distribution()
    assert found.exists.value == 0.0
    assert found.exists.high > 0.0
    assert np.isnan(found.mean.estimate.value)
    assert np.isnan(found.percentiles.estimate.value).all()


def test_a_tail_that_no_path_reaches_has_no_error() -> None:
    few = np.arange(16.0)
    assert np.isnan(samples.conditional_value_at_risk(few, TAIL).standard_error)
    assert samples.conditional_value_at_risk(np.ones(16), TAIL).standard_error == 0.0
    assert samples.conditional_value_at_risk(np.arange(40.0), TAIL).standard_error > 0.0


@pytest.mark.parametrize("replicates", [1, 2])
def test_beyond_the_limit_statistics_are_read_off_bins_and_say_so(replicates: int) -> None:
    values = normals(WIDTH * (PILOT_BLOCKS + 2) * replicates)
    exact, binned = Figure(Depth(replicates), loss=1), Figure(Depth(replicates, limit=WIDTH, bins=512), loss=1)
    for figure in (exact, binned):
        gathered(values, figure, replicates)
    one, other = exact.distribution(), binned.distribution()
    assert (one.percentiles.method, other.percentiles.method) == (EXACT, HISTOGRAM)
    assert other.percentiles.error.max() > 0.0
    np.testing.assert_allclose(other.mean.estimate.value, one.mean.estimate.value, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(other.percentiles.estimate.value, one.percentiles.estimate.value, atol=0.1)


def test_a_share_on_which_all_replicates_agree_keeps_an_interval() -> None:
    events = Events(Depth(REPLICATES))
    for own in range(REPLICATES):
        events.add(Portion(own, 0, WIDTH), np.array([np.zeros(WIDTH), np.ones(WIDTH)]) > 0.0)
    found, alone = events.share(), share_of(np.array([0, WIDTH * REPLICATES]), WIDTH * REPLICATES)
    assert found.value.tolist() == [0.0, 1.0]
    assert found.standard_error.tolist() == [0.0, 0.0]
    np.testing.assert_array_equal(found.high, alone.high)
    np.testing.assert_array_equal(found.low, alone.low)
    assert found.low[1] < 1.0
    assert found.high[0] > 0.0


def test_an_interval_of_a_share_stays_a_share() -> None:
    events = Events(Depth(2))
    events.add(Portion(0, 0, WIDTH), np.arange(WIDTH) < 1)
    events.add(Portion(1, 0, WIDTH), np.arange(WIDTH) < 9)
    found = events.share()
    assert found.value == 10 / (2 * WIDTH)
    assert found.low == 0.0
    assert found.value < found.high <= 1.0


def test_one_section_tells_no_error() -> None:
    values = normals(WIDTH)
    found = sectioned(mean(values), [mean(values)])
    assert found.value == pytest.approx(values.mean(), rel=1e-12)
    assert np.isnan(found.standard_error)


@pytest.mark.parametrize("statistic", [mean, lambda part: samples.quantiles(part, [0.9]).at(0)])
def test_intervals_from_sections_cover_what_they_say(statistic: object) -> None:
    """95 % intervals cover 91 to 98 % over 200 repeats, of a mean of 1 and of a 90 % quantile."""
    assert callable(statistic)
    sample = np.random.default_rng(11).exponential(size=(200, 8, 200))
    truth = 1.0 if statistic is mean else np.log(10.0)
    covered = 0
    for repeat in sample:
        found = sectioned(statistic(repeat.reshape(-1)), [statistic(part) for part in repeat])
        covered += bool(found.low <= truth <= found.high)
    assert 0.91 <= covered / 200 <= 0.98
