"""Statistics cover what they say, know what they do not know, and keep what never happens apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy import special, stats

from tests.estimates import mean, probability
from valuation.errors import AssumptionError, ShapeError
from valuation.statistics.intervals import (
    Estimate,
    binomial_interval,
    combine,
    enough,
    interval_ranks,
    lower_rank,
    share_of,
)
from valuation.statistics.joint_tables import joint_table
from valuation.statistics.samples import conditional_value_at_risk, quantiles, value_at_risk

NORMAL_QUANTILE = stats.norm.ppf(0.9)
NORMAL_TAIL = stats.norm.pdf(NORMAL_QUANTILE) / 0.1
REPEATS = 200

Statistic = Callable[..., Estimate]
STATISTICS: dict[str, Statistic] = {
    "mean": mean,
    "quantile": partial(value_at_risk, alpha=0.9),
    "tail": partial(conditional_value_at_risk, alpha=0.9),
    "probability": lambda values: probability(values > NORMAL_QUANTILE),
}
TRUTH = {"mean": 0.0, "quantile": NORMAL_QUANTILE, "tail": NORMAL_TAIL, "probability": 0.1}


def coverage(found: Estimate, truth: float) -> float:
    return float(np.mean((found.low <= truth) & (truth <= found.high)))


@pytest.mark.parametrize("name", STATISTICS)
def test_intervals_cover(name: str) -> None:
    values = np.random.default_rng(11).standard_normal((REPEATS, 2000))
    assert 0.91 <= coverage(STATISTICS[name](values), TRUTH[name]) <= 0.98


@pytest.mark.parametrize("paths", [1, 2, 59, 1000, 10**6, 10**8])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.95, 0.999])
def test_ranks_are_binomial(paths: int, share: float) -> None:
    low, high = interval_ranks(paths, share)
    assert low == stats.binom.ppf(0.025, paths, share)
    assert high == stats.binom.ppf(0.975, paths, share) + 1
    assert stats.binom.sf(low - 1, paths, share) >= 0.975
    assert stats.binom.cdf(high - 1, paths, share) >= 0.975


def test_rank_of_the_lower_quantile_is_not_moved_by_rounding() -> None:
    assert lower_rank(100, 0.07) == 7  # 100 * 0.07 is a little more than 7
    assert lower_rank(10, 0.8) == 8
    assert lower_rank(10, 0.81) == 9
    assert lower_rank(3, 1e-9) == 1


def test_interval_of_a_share_is_that_of_clopper_and_pearson() -> None:
    for count in (0, 1, 17, 99, 100):
        expected = stats.binomtest(count, 100).proportion_ci(method="exact")
        found = share_of(np.array(count), 100)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    low, high = binomial_interval(np.array([2.5]), np.array([10.5]), 0.95)
    assert 0.0 < low[0] < 2.5 / 10.5 < high[0] < 1.0


def test_an_event_that_was_never_seen_has_an_upper_end() -> None:
    """Rule of three: 1 - 0.025^(1/n)."""
    found = probability(np.zeros(1000, dtype=np.bool_))
    assert [float(found.value), float(found.low)] == [0.0, 0.0]
    assert found.high == pytest.approx(1.0 - 0.025 ** (1.0 / 1000))


def test_what_never_happens_stands_above_every_number() -> None:
    """Reached on 60 of 100 paths at 1, 2, ... 60."""
    times = np.concatenate([np.arange(1.0, 61.0), np.full(40, np.inf)])
    found = quantiles(np.random.default_rng(1).permutation(times), [0.25, 0.5, 0.75])
    np.testing.assert_array_equal(found.value, [25.0, 50.0, np.inf])
    assert np.isfinite(found.low[1])
    assert found.high[0] == interval_ranks(100, 0.25)[1]
    assert interval_ranks(100, 0.5)[1] == 61
    assert found.high[1] == np.inf
    assert np.isnan(found.standard_error[2])
    for infinite in (mean(times), conditional_value_at_risk(times, 0.5), conditional_value_at_risk(times, 0.9)):
        assert infinite.value == np.inf
        assert np.isnan([infinite.standard_error, infinite.low, infinite.high]).all()
        assert not enough(infinite, 1e9)


@pytest.mark.parametrize("gap", [np.nan, -np.inf])
def test_a_number_that_is_not_there_leaves_no_statistic(gap: float) -> None:
    values = np.stack([np.arange(50.0), np.where(np.arange(50) == 7, gap, 1.0)])
    found = [
        mean(values),
        value_at_risk(values, 0.5),
        conditional_value_at_risk(values, 0.5),
    ]
    for estimate in found:
        assert np.isfinite(estimate.value[0])
        assert np.isnan([part[1] for part in estimate.parts()]).all()


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e9 / 3.0])
def test_constant_samples_have_no_spread(constant: float) -> None:
    values = np.full(1000, constant)
    for found in (mean(values), value_at_risk(values, 0.9), conditional_value_at_risk(values, 0.9)):
        np.testing.assert_array_equal(found.parts(), [constant, 0.0, constant, constant])
        assert enough(found, 0.0)


def test_one_path_tells_no_error() -> None:
    one = np.array([3.0])
    for found in (mean(one), value_at_risk(one, 0.5), conditional_value_at_risk(one, 0.5), probability(one > 2.0)):
        assert np.isnan(found.standard_error)
        assert found.paths == 1
        assert not enough(found, 0.1)
    found = value_at_risk(one, 0.5)
    np.testing.assert_array_equal(found.parts(), [3.0, np.nan, -np.inf, np.inf])


def test_a_sample_of_no_path_has_no_statistic() -> None:
    none = np.ones((3, 0))
    for found in (value_at_risk(none, 0.9), conditional_value_at_risk(none, 0.9), probability(none > 0.0)):
        assert found.paths == 0
        assert np.isnan(found.parts()).all()
        assert found.value.shape == (3,)
    assert quantiles(none, [0.1, 0.5]).value.shape == (2, 3)


def test_leading_axes_are_kept() -> None:
    values = np.random.default_rng(2).standard_normal((4, 3, 500))
    several = quantiles(values, [0.1, 0.9])
    assert several.value.shape == (2, 4, 3)
    for row in np.ndindex(4, 3):
        alone = quantiles(values[row], [0.1, 0.9])
        for whole, part in zip(several.parts(), alone.parts(), strict=True):
            np.testing.assert_array_equal(whole[:, *row], part)


def test_tail_is_that_of_the_definition_on_ties() -> None:
    """1, 2, 2, 2, 3 at 60 %: value at risk 2; worst two paths 3 and 2, mean 2.5."""
    losses = np.array([2.0, 3.0, 2.0, 1.0, 2.0])
    assert value_at_risk(losses, 0.6).value == 2.0
    assert conditional_value_at_risk(losses, 0.6).value == pytest.approx(2.5)


def combined(values: np.ndarray, scramblings: int) -> Estimate:
    """Mean of scramblings that stand next to each other."""
    return combine([mean(part) for part in np.split(values, scramblings, axis=-1)])


def test_scramblings_tell_the_error_by_their_spread() -> None:
    """Means 1, 2, 3: error 1/sqrt(3), and t with 2 degrees of freedom 4.3027."""
    values = np.array([1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    found = combined(values, 3)
    assert (float(found.value), found.paths) == (2.0, 6)
    assert found.standard_error == pytest.approx(1.0 / np.sqrt(3.0))
    assert found.high == pytest.approx(2.0 + 4.30265 / np.sqrt(3.0), rel=1e-5)
    alone = combined(values, 1)
    assert alone.value == 2.0
    assert np.isnan([alone.standard_error, alone.low, alone.high]).all()


def test_scramblings_cover_and_beat_the_error_of_independent_paths() -> None:
    """Lognormal of 4 shocks, volatility 0.5 in all: mean exp(1/8); 8 scramblings of 64 points."""
    repeats = []
    for seed in range(REPEATS):
        rng = np.random.default_rng(seed)
        points = [stats.qmc.Sobol(4, rng=rng).random_base2(6) for _ in range(8)]
        repeats.append(np.exp(0.25 * special.ndtri(np.concatenate(points)).sum(axis=1)))
    values = np.stack(repeats)
    found = combined(values, 8)
    assert 0.91 <= coverage(found, np.exp(0.125)) <= 0.98
    assert found.standard_error.mean() < mean(values).standard_error.mean() / 4.0


def test_estimates_that_are_infinite_combine_to_one() -> None:
    some = mean(np.array([1.0, np.inf]))
    both = combine([some, mean(np.array([1.0, 2.0]))])
    assert both.value == np.inf
    assert np.isnan(both.standard_error)


def test_enough_is_half_the_width() -> None:
    values = np.random.default_rng(4).standard_normal(10_000)
    found = mean(values)
    half = float(found.high - found.value)
    assert enough(found, half * 1.001)
    assert not enough(found, half * 0.999)
    assert enough(value_at_risk(np.full(100, np.inf), 0.5), 0.0)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, np.nan])
def test_shares_lie_between_0_and_1(share: float) -> None:
    values = np.arange(10.0)
    calls: list[Callable[[], Estimate]] = [
        lambda: quantiles(values, [share]),
        lambda: conditional_value_at_risk(values, share),
        lambda: mean(values, level=share),
        lambda: probability(values > 1.0, level=share),
        lambda: combine([mean(values)], share),
    ]
    for call in calls:
        with pytest.raises(AssumptionError, match="between 0 and 1"):
            call()


def test_a_call_option_is_worth_what_black_and_scholes_say() -> None:
    """Spot and strike 100, 5 %, volatility 0.2, one year: 10.4506."""
    shocks = np.random.default_rng(21).standard_normal(100_000)
    spot = 100.0 * np.exp(0.05 - 0.02 + 0.2 * shocks)
    found = mean(np.exp(-0.05) * np.maximum(spot - 100.0, 0.0))
    assert found.low < 10.4506 < found.high
    assert found.standard_error < 0.05


def test_tail_of_a_lognormal_is_a_call_struck_at_its_quantile() -> None:
    """E[X | X > q] = exp(v^2 / 2) N(v - z) / (1 - p), with z the normal quantile."""
    volatility, z = 0.5, stats.norm.ppf(0.95)
    losses = np.exp(volatility * np.random.default_rng(22).standard_normal(100_000))
    expected = np.exp(volatility**2 / 2.0) * stats.norm.cdf(volatility - z) / 0.05
    found = conditional_value_at_risk(losses, 0.95)
    assert found.low < expected < found.high
    assert value_at_risk(losses, 0.95).low < np.exp(volatility * z) < value_at_risk(losses, 0.95).high


# Joint tables


def test_a_joint_table_holds_every_path() -> None:
    first = np.array([-5.0, 0.0, 0.5, 1.0, 7.0, np.nan, 0.5])
    dates = np.array([2.0, 3.0, np.inf, 99.0, -1.0, 2.0, np.nan])
    table = joint_table(first, dates, np.array([0.0, 1.0]), np.array([3.0, np.inf]))
    np.testing.assert_array_equal(table.counts, [[1, 0, 0], [0, 1, 1], [1, 1, 0]])
    assert table.paths == 5


def test_joint_tables_of_parts_add_up() -> None:
    rng = np.random.default_rng(31)
    first, second = rng.standard_normal((2, 4000))
    edges = np.array([-1.0, 0.0, 1.0])
    table = joint_table(first, second, edges, edges)
    parts = [joint_table(first[rows], second[rows], edges, edges) for rows in (slice(0, 1500), slice(1500, None))]
    for whole in (parts[0].plus(parts[1]), parts[1].plus(parts[0])):
        np.testing.assert_array_equal(whole.counts, table.counts)


def test_tables_that_do_not_fit_are_refused() -> None:
    values = np.ones(3)
    with pytest.raises(ShapeError, match="ascend"):
        joint_table(values, values, np.array([1.0, 1.0]), np.array([0.0]))
    table = joint_table(values, values, np.array([0.0]), np.array([0.0]))
    with pytest.raises(ShapeError, match="different edges"):
        table.plus(joint_table(values, values, np.array([0.5]), np.array([0.0])))
