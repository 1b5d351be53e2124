"""Monthly processes: their moments, and what is expected of them given what is known."""

from typing import Any

import numpy as np
import pytest
from scipy import integrate, special

from tests.factories import column, one
from valuation.draws.processes import (
    diffusion,
    expected_logit,
    logit_mean_reverting,
    mean_reverting,
    mean_reverting_variance,
    persistence,
    preserved_exponential,
    seasonal,
)

PATHS, MONTHS = 60_000, 36
HALF_LIFE, VOLATILITY = one(9.0), one(0.35)


def innovations(seed: int, months: int = MONTHS, paths: int = PATHS) -> np.ndarray:
    """Innovations at a fixed seed."""
    return np.random.default_rng(seed).standard_normal((months, paths))


def by_quadrature(function: str, centre: float, deviation: float) -> float:
    """Mean of a function of a normal variable, by adaptive integration."""
    form = {"exp": np.exp, "expit": special.expit}[function]

    def weighed(z: float) -> float:
        return float(form(centre + deviation * z) * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi))

    return float(integrate.quad(weighed, -12.0, 12.0, epsabs=1e-13, epsrel=1e-12, limit=200)[0])


# Diffusion


def test_diffusion_preserves_the_mean() -> None:
    factor = np.exp(diffusion(innovations(1), VOLATILITY))
    np.testing.assert_array_equal(factor[0], 1.0)
    error = factor.std(axis=1) / np.sqrt(PATHS)
    assert np.all(np.abs(factor.mean(axis=1) - 1.0) <= 4.0 * error)


def test_diffusion_preserves_the_mean_given_its_state() -> None:
    known = diffusion(innovations(1, 12, 4), VOLATILITY)[-1]
    ahead = diffusion(innovations(2), VOLATILITY)[24]
    for state in known:
        assert np.exp(state + ahead).mean() == pytest.approx(np.exp(state), rel=0.01)


def test_diffusion_has_its_variance() -> None:
    path = diffusion(innovations(3), VOLATILITY)
    np.testing.assert_allclose(path.var(axis=1), 0.35**2 * np.arange(MONTHS + 1) / 12.0, rtol=0.03, atol=1e-15)


def test_diffusion_without_volatility_stays() -> None:
    np.testing.assert_array_equal(diffusion(innovations(1, 5, 3), one(0.0)), 0.0)


def test_volatility_may_differ_by_case_and_by_asset() -> None:
    z = innovations(4, 6, 10).reshape(6, 2, 5)
    path = diffusion(z, column(0.1, 0.4))
    assert path.shape == (7, 2, 5)
    np.testing.assert_array_equal(path[:, 1], diffusion(z[:, 1], one(0.4)))


@pytest.mark.parametrize("process", ["diffusion", "mean reverting"])
def test_precision_is_that_of_the_innovations(process: str) -> None:
    z = innovations(5, 12, 50)
    single: Any = z.astype(np.float32)
    if process == "diffusion":
        rough, fine = diffusion(single, VOLATILITY), diffusion(z, VOLATILITY)
    else:
        rough, fine = mean_reverting(single, HALF_LIFE, VOLATILITY, 0.2), mean_reverting(z, HALF_LIFE, VOLATILITY, 0.2)
    assert rough.dtype == np.float32
    np.testing.assert_allclose(rough, fine, atol=1e-6)


# Mean reversion


def test_mean_reversion_has_its_moments() -> None:
    path = mean_reverting(innovations(6), HALF_LIFE, VOLATILITY, 0.5)
    months = np.arange(MONTHS + 1.0)
    expected = 0.5 * 0.5 ** (months / 9.0)
    variance = mean_reverting_variance(months, HALF_LIFE, VOLATILITY)
    np.testing.assert_allclose(path.mean(axis=1), expected, atol=0.005)
    np.testing.assert_allclose(path.var(axis=1), variance, rtol=0.03, atol=1e-15)
    covariance = np.cov(path[12], path[24])[0, 1]
    assert covariance == pytest.approx(variance[12] * 0.5 ** (12.0 / 9.0), rel=0.03)


def test_deviation_halves_in_its_half_life() -> None:
    path = mean_reverting(np.zeros((18, 1)), HALF_LIFE, VOLATILITY, one(0.8))
    np.testing.assert_allclose(path[[0, 9, 18], 0], [0.8, 0.4, 0.2], rtol=1e-13)


def test_variance_settles() -> None:
    rate = np.log(2.0) * 12.0 / 9.0
    assert mean_reverting_variance(10_000.0, HALF_LIFE, VOLATILITY)[0] == pytest.approx(0.35**2 / (2.0 * rate))


def test_variance_adds_up() -> None:
    now, later = (mean_reverting_variance(k, HALF_LIFE, VOLATILITY) for k in (7.0, 18.0))
    ahead = mean_reverting_variance(11.0, HALF_LIFE, VOLATILITY)
    np.testing.assert_allclose(later, ahead + persistence(11.0, HALF_LIFE) ** 2 * now, rtol=1e-13)


def test_without_return_it_is_a_random_walk() -> None:
    z, volatility = innovations(7, 12, 5), one(0.3)
    walk = diffusion(z, volatility) + 0.3**2 / 24.0 * np.arange(13.0)[:, None]
    np.testing.assert_allclose(mean_reverting(z, one(np.inf), volatility), walk, atol=1e-14)
    np.testing.assert_allclose(mean_reverting_variance(12.0, one(np.inf), volatility), 0.09)


def expected_exponential(state: np.ndarray, ahead: np.ndarray | float) -> np.ndarray:
    """Mean of the exponential of a mean-reverting state, that of a lognormal variable."""
    variance = mean_reverting_variance(ahead, HALF_LIFE, VOLATILITY)
    return np.asarray(np.exp(persistence(ahead, HALF_LIFE) * state + variance / 2.0))


def test_mean_and_variance_are_those_of_paths() -> None:
    path = mean_reverting(innovations(8), HALF_LIFE, VOLATILITY, 0.4)
    found = np.exp(path).mean(axis=1)
    months = np.arange(MONTHS + 1.0)
    np.testing.assert_allclose(found, expected_exponential(one(0.4), months), rtol=0.005)


def test_preserved_factor_has_mean_one_and_is_expected_consistently() -> None:
    bounds = np.arange(MONTHS + 1.0)[:, None]
    path = mean_reverting(innovations(9), HALF_LIFE, VOLATILITY, 0.6)
    factor = preserved_exponential(path, bounds, 0.0, HALF_LIFE, VOLATILITY, 0.6)
    np.testing.assert_allclose(factor.mean(axis=1), 1.0, atol=0.006)
    unconditional = expected_exponential(one(0.6), bounds)
    np.testing.assert_allclose(factor, np.exp(path) / unconditional, rtol=1e-12)
    # What is expected at month 10 of month 25 is what paths that are there go on to, on average.
    expected = preserved_exponential(path[10], 10.0, 15.0, HALF_LIFE, VOLATILITY, 0.6)
    assert expected.mean() == pytest.approx(1.0, abs=0.005)
    likely = np.argsort(path[10])[-PATHS // 4 :]
    assert factor[25, likely].mean() == pytest.approx(expected[likely].mean(), rel=0.005)


def test_preserved_factor_is_conditional_mean_over_unconditional() -> None:
    state, start = np.array([-0.3, 0.0, 0.7]), 0.6
    expected = expected_exponential(state, 15.0) / expected_exponential(one(start), 25.0)
    found = preserved_exponential(state, 10.0, 15.0, HALF_LIFE, VOLATILITY, start)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


# Shares


def test_share_stays_a_share() -> None:
    share = logit_mean_reverting(one(0.7), mean_reverting(innovations(10), HALF_LIFE, one(2.0)))
    assert share.min() > 0.0
    assert share.max() < 1.0
    assert np.median(share[-1]) == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize(("volatility", "tolerance"), [(0.3, 1e-12), (1.0, 1e-10), (2.0, 3e-6)])
@pytest.mark.parametrize("state", [-1.5, 0.0, 2.0])
def test_expected_share_is_the_integral(volatility: float, tolerance: float, state: float) -> None:
    ahead = 12.0
    # No return: the deviation a year ahead is the volatility itself.
    found = expected_logit(one(0.8), one(state), ahead, one(np.inf), one(volatility))[0]
    assert found == pytest.approx(by_quadrature("expit", np.log(4.0) + state, volatility), abs=tolerance)


def test_expected_share_over_months_and_cases() -> None:
    ahead = np.arange(4.0)[:, None]
    state = np.array([-1.0, 0.0, 1.0])
    level = np.full((4, 1), 0.6)
    expected = expected_logit(level, state, ahead, HALF_LIFE, VOLATILITY)
    assert expected.shape == (4, 3)
    np.testing.assert_allclose(expected[0], logit_mean_reverting(one(0.6), state), rtol=1e-14)
    assert np.all(np.diff(expected, axis=1) > 0.0)


# Seasons


def test_season_sums_to_zero_over_a_year() -> None:
    pattern = np.linspace(-0.1, 0.4, 12)[:, None]
    factor = seasonal(pattern, np.arange(24) % 12 + 1)
    assert factor.shape == (24, 1)
    np.testing.assert_allclose(factor[:12].sum(axis=0), 0.0, atol=1e-15)
    np.testing.assert_allclose(np.diff(factor[:12], axis=0), np.diff(pattern, axis=0))
    np.testing.assert_array_equal(factor[12:], factor[:12])


def test_season_starts_in_its_month() -> None:
    pattern = np.zeros((12, 1))
    pattern[6] = 1.2
    np.testing.assert_allclose(seasonal(pattern, np.array([7, 8]))[:, 0], [1.1, -0.1])
