"""Arrivals, slips and losses drawn from normal scores."""

import numpy as np
import pytest
from scipy import stats

from tests.factories import one
from valuation.draws.shocks import (
    arrivals,
    beta_value,
    binomial_number,
    expected_beyond,
    shifted_lognormal,
)

PATHS = 60_000


def scores(seed: int, *shape: int) -> np.ndarray:
    """Standard normal scores at a fixed seed."""
    return np.random.default_rng(seed).standard_normal(shape)


# Arrivals


def test_number_of_arrivals_is_poisson() -> None:
    times = arrivals(scores(1, 12, PATHS), one(0.03), 60.0)
    counts = np.isfinite(times).sum(axis=0)
    found = np.bincount(counts, minlength=13)[:7] / PATHS
    np.testing.assert_allclose(found, stats.poisson.pmf(np.arange(7), 1.8), atol=0.006)
    assert counts.mean() == pytest.approx(1.8, abs=0.02)


def test_arrivals_ascend_and_end_at_the_horizon() -> None:
    times = arrivals(scores(2, 6, 2000), one(0.05), 60.0)
    assert np.all(times[1:] >= times[:-1])
    assert times[np.isfinite(times)].max() <= 60.0
    assert times.min() > 0.0


def test_times_given_their_number_are_uniform() -> None:
    times = arrivals(scores(3, 8, PATHS), one(0.02), 48.0)
    single = times[0][np.isfinite(times).sum(axis=0) == 1]
    assert stats.kstest(single / 48.0, "uniform").pvalue > 0.01


def test_factor_of_jumps_has_its_mean() -> None:
    jump, rate, months = np.exp(-0.4), 0.02, 60.0
    counts = np.isfinite(arrivals(scores(4, 12, PATHS), one(rate), months)).sum(axis=0)
    assert (jump**counts).mean() == pytest.approx(np.exp(-rate * months * (1.0 - jump)), abs=0.005)


def test_nothing_arrives_at_no_rate() -> None:
    times = arrivals(scores(5, 3, 2), np.array([0.0, 1.0]), 1e6)
    assert np.isinf(times[:, 0]).all()
    assert np.isfinite(times[:, 1]).all()


# Slips


def test_slips_are_whole_months_around_their_median() -> None:
    slips = shifted_lognormal(scores(11, PATHS), one(-3.0), one(6.0), one(0.6))
    np.testing.assert_array_equal(slips, np.rint(slips))
    assert np.median(slips) == 3.0
    assert slips.min() >= -3.0
    assert slips.mean() == pytest.approx(-3.0 + 6.0 * np.exp(0.18), abs=0.05)
    assert stats.skew(slips) > 1.0


@pytest.mark.parametrize("elapsed", [-6.0, -2.0, 0.0, 3.0, 10.0, 25.0])
def test_expected_slip_is_that_of_what_is_left(elapsed: float) -> None:
    # The exact sum over whole months, from the distribution before rounding.
    slips = np.arange(-3.0, 4000.0)
    law = stats.lognorm(0.6, loc=-3.0, scale=6.0)
    mass = law.cdf(slips + 0.5) - law.cdf(slips - 0.5)
    left = slips > elapsed
    exact = float((slips * mass)[left].sum() / mass[left].sum())
    found = expected_beyond(one(-3.0), one(6.0), one(0.6), one(elapsed))[0]
    hazard = law.pdf(elapsed + 0.5) / law.sf(elapsed + 0.5)
    assert found == pytest.approx(exact - hazard / 12.0, abs=2e-3)
    assert found > elapsed


def test_expected_slip_is_smooth_far_out() -> None:
    elapsed = np.array([100.0, 1000.0, 1e6])
    expected = expected_beyond(one(0.0), one(3.0), one(0.7), elapsed)
    assert np.isfinite(expected).all()
    assert np.all(expected > elapsed)
    assert np.all(np.diff(expected) > 0.0)


def test_expected_slip_grows_with_waiting() -> None:
    expected = expected_beyond(one(0.0), one(3.0), one(0.7), np.arange(-5.0, 30.0))
    assert np.all(np.diff(expected) >= 0.0)
    assert expected[0] == pytest.approx(3.0 * np.exp(0.245))


# Beta and PERT


def test_beta_values_have_their_law() -> None:
    assert stats.kstest(beta_value(scores(12, 5000), one(2.0), one(3.0)), "beta", args=(2.0, 3.0)).pvalue > 0.01


# Losses

LAWS = [(400, 0.003), (400, 0.02), (5, 0.5), (10, 0.95), (400, 0.99), (37, 0.25), (0, 0.3)]
LARGE_LAWS = [(400, 0.024), (400, 0.5), (1000, 0.9), (37, 0.45), (36, 0.5), (20_000, 0.03), (100_000, 1e-4)]


@pytest.mark.parametrize(("units", "probability"), LAWS)
def test_small_numbers_are_inverted_exactly(units: int, probability: float) -> None:
    z = scores(14, 5000)
    found = binomial_number(z, one(units), one(probability))
    expected = stats.binom.ppf(stats.norm.cdf(z), units, probability) if units else np.zeros(5000)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("units", "probability"), LARGE_LAWS)
def test_large_numbers_are_at_most_one_off(units: int, probability: float) -> None:
    z = np.linspace(-4.0, 4.0, 20_001)
    off = np.abs(
        binomial_number(z, one(units), one(probability)) - stats.binom.ppf(stats.norm.cdf(z), units, probability)
    )
    assert off.max() <= 1.0
    assert np.average(off, weights=stats.norm.pdf(z)) < 0.02


@pytest.mark.parametrize("units", [1.0, 400.0, 1e7])
def test_what_is_certain_is_exact(units: float) -> None:
    z = np.array([-8.0, 0.0, 8.0])
    np.testing.assert_array_equal(binomial_number(z, one(units), one(0.0)), 0.0)
    np.testing.assert_array_equal(binomial_number(z, one(units), one(1.0)), units)


def test_extreme_scores_stay_in_range() -> None:
    z = np.array([-9.0, 9.0])
    for units in (3.0, 50.0, 1e5):
        found = binomial_number(z, one(units), one(0.3))
        assert np.all((found >= 0.0) & (found <= units))
        assert found[0] < found[1]
