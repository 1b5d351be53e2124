"""Survival from observed lives, against published estimates and a statistics library."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.effort import examples
from valuation.devices.survival import (
    WeibullFit,
    kaplan_meier,
    median_ranks,
    retirement_rates,
    weibull_by_likelihood,
    weibull_by_rank,
)
from valuation.errors import NoSolutionError

# Weeks of remission under 6-mercaptopurine (Freireich and others, Blood 21, 1963), minus for those still in it.
REMISSIONS = np.array([6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35.0])

lives = st.lists(st.tuples(st.floats(0.1, 50.0), st.booleans()), min_size=2, max_size=25)


def split(signed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ages and whether each is a failure, from ages signed by it."""
    return np.abs(signed), signed > 0.0


def log_likelihood(fit: WeibullFit, duration: np.ndarray, failed: np.ndarray) -> float:
    """Log-likelihood of lives, by a statistics library."""
    law = stats.weibull_min(fit.shape, scale=fit.scale)
    return float(law.logpdf(duration[failed]).sum() + law.logsf(duration[~failed]).sum())


def test_remissions_have_their_published_curve() -> None:
    """The textbook example of the product limit, with Greenwood's errors."""
    found = kaplan_meier(*split(REMISSIONS))
    assert found.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.survivors == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert found.standard_error == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)


@given(lives)
@settings(max_examples=examples(60))
def test_product_limit_agrees_with_a_library(units: list[tuple[float, bool]]) -> None:
    duration, failed = np.array([unit[0] for unit in units]), np.array([unit[1] for unit in units])
    assume(failed.any())
    found = kaplan_meier(duration, failed)
    foreign = stats.ecdf(stats.CensoredData(uncensored=duration[failed], right=duration[~failed])).sf
    assert found.survivors == pytest.approx(foreign.evaluate(found.time), abs=1e-12)


def test_without_censoring_survivors_are_counted() -> None:
    duration = np.array([3.0, 1.0, 2.0, 2.0])
    found = kaplan_meier(duration, np.ones(4, dtype=bool))
    assert found.survivors.tolist() == [0.75, 0.25, 0.0]
    assert np.isnan(found.standard_error[-1])
    assert kaplan_meier(duration, np.zeros(4, dtype=bool)).time.size == 0


def test_retirement_rates_by_age() -> None:
    exposures, retired = np.array([100.0, 90.0, 70.0, 0.0]), np.array([2.0, 9.0, 35.0, 0.0])
    rates = retirement_rates(exposures, retired)
    assert rates[:3] == pytest.approx([0.02, 0.10, 0.50])
    assert np.isnan(rates[3])
    withdrawn = retirement_rates(exposures, retired, np.array([8.0, 0.0, 0.0, 0.0]))
    assert withdrawn[0] == pytest.approx(2.0 / 96.0)


def test_retirement_rates_of_whole_lives_give_the_product_limit() -> None:
    """With no one lost from sight, both count the same."""
    ages = np.array([1, 1, 2, 3, 3, 3, 4, 5.0])
    found = kaplan_meier(ages, np.ones(8, dtype=bool))
    rates = retirement_rates(found.at_risk, found.failures)
    assert np.cumprod(1.0 - rates) == pytest.approx(found.survivors)


def test_censored_fit_agrees_with_a_library() -> None:
    duration, failed = split(REMISSIONS)
    fit = weibull_by_likelihood(duration, failed)
    data = stats.CensoredData(uncensored=duration[failed], right=duration[~failed])
    shape, _, scale = stats.weibull_min.fit(data, floc=0.0)
    assert (fit.shape, fit.scale) == pytest.approx((shape, scale), rel=1e-3)
    assert log_likelihood(fit, duration, failed) >= log_likelihood(WeibullFit(scale, shape), duration, failed)


@given(lives)
@settings(max_examples=examples(60))
def test_the_fit_is_at_the_top_of_the_likelihood(units: list[tuple[float, bool]]) -> None:
    duration, failed = np.array([unit[0] for unit in units]), np.array([unit[1] for unit in units])
    assume(failed.any() and duration[failed].min() < 0.99 * duration.max())
    fit = weibull_by_likelihood(duration, failed)
    top = log_likelihood(fit, duration, failed)
    for scale, shape in ((1.001, 1.0), (0.999, 1.0), (1.0, 1.001), (1.0, 0.999)):
        assert log_likelihood(WeibullFit(fit.scale * scale, fit.shape * shape), duration, failed) <= top + 1e-9


def test_errors_are_those_of_the_curvature() -> None:
    """Against second differences of the likelihood of a library in log scale and log shape."""
    duration, failed = split(REMISSIONS)
    fit = weibull_by_likelihood(duration, failed)

    def height(log_scale: float, log_shape: float) -> float:
        return log_likelihood(WeibullFit(float(np.exp(log_scale)), float(np.exp(log_shape))), duration, failed)

    top, step = np.log([fit.scale, fit.shape]), 1e-3
    curvature = np.empty((2, 2))
    for row, column in np.ndindex(2, 2):
        one, other = step * np.eye(2)[row], step * np.eye(2)[column]
        corners = [height(*(top + i * one + j * other)) for i in (1, -1) for j in (1, -1)]
        curvature[row, column] = -(corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)))
    assert (fit.log_scale_error, fit.log_shape_error) == pytest.approx(tuple(errors), rel=0.01)


@pytest.mark.parametrize("fit", [weibull_by_likelihood, weibull_by_rank])
def test_many_lives_give_their_own_law_back(fit: object) -> None:
    assert callable(fit)
    generator = np.random.default_rng(2)
    whole = 6.0 * generator.weibull(1.8, 20_000)
    seen = generator.uniform(2.0, 10.0, whole.size)
    found = fit(np.minimum(whole, seen), whole <= seen)
    assert (found.shape, found.scale) == pytest.approx((1.8, 6.0), rel=0.03)


def test_units_of_time_only_scale() -> None:
    duration, failed = split(REMISSIONS)
    for fit in (weibull_by_likelihood, weibull_by_rank):
        weeks, days = fit(duration, failed), fit(7.0 * duration, failed)
        assert (days.shape, days.scale) == pytest.approx((weeks.shape, 7.0 * weeks.scale), rel=1e-9)


def test_ranks_of_whole_samples_are_symmetric() -> None:
    time, rank = median_ranks(np.array([3.0, 1.0, 2.0]), np.ones(3, dtype=bool))
    assert time.tolist() == [1.0, 2.0, 3.0]
    assert rank == pytest.approx([1 - 0.5 ** (1 / 3), 0.5, 0.5 ** (1 / 3)])


def test_censored_units_push_later_ranks_up() -> None:
    """Johnson's orders of F S F F S F S F among eight: 1, 2.14, 3.29, 4.71 and 6.86, by his increments."""
    failed = np.array([True, False, True, True, False, True, False, True])
    _, rank = median_ranks(np.arange(1.0, 9.0), failed)
    orders = [1.0]
    for ahead in (6, 5, 3, 1):
        orders.append(orders[-1] + (9.0 - orders[-1]) / (1.0 + ahead))
    expected = [stats.beta(order, 9.0 - order).median() for order in orders]
    assert rank == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "signed", [np.array([-1.0, -2.0]), np.array([3.0, 3.0]), np.array([-1.0, 3.0]), np.array([3.0, -3.0])]
)
def test_some_lives_have_no_fit(signed: np.ndarray) -> None:
    for fit in (weibull_by_likelihood, weibull_by_rank):
        with pytest.raises(NoSolutionError):
            fit(*split(signed))


def test_one_early_failure_has_a_likelihood_but_no_line() -> None:
    duration, failed = split(np.array([2.0, -5.0, -5.0]))
    assert weibull_by_likelihood(duration, failed).shape > 0.0
    with pytest.raises(NoSolutionError):
        weibull_by_rank(duration, failed)
