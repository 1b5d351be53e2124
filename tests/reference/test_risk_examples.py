"""Printed examples of the method's sections 5.6, 5.8 and 6, by number."""

import numpy as np
import pytest
from scipy import special, stats

from tests.estimates import mean
from valuation.statistics.indices import exchanged, sobol_indices
from valuation.statistics.intervals import interval_ranks
from valuation.statistics.samples import conditional_value_at_risk, quantiles, value_at_risk


def test_normal_value_at_risk_and_tail() -> None:
    """I9, 95 %: 1.645 and 2.063, here from the midpoints of a million slices of equal probability."""
    losses = special.ndtri((np.arange(1_000_000) + 0.5) / 1_000_000)
    assert value_at_risk(losses, 0.95).value == pytest.approx(1.645, abs=5e-4)
    assert conditional_value_at_risk(losses, 0.95).value == pytest.approx(2.063, abs=5e-4)


def test_ten_losses() -> None:
    """I10: 0, 0, 1, 2, 3, 5, 8, 13, 21, 34 at 80 %: 13 and 27.5."""
    losses = np.array([0.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0])
    assert value_at_risk(losses, 0.8).value == 13.0
    assert conditional_value_at_risk(losses, 0.8).value == pytest.approx(27.5)


def test_indices_of_ishigami() -> None:
    """I13, a = 7, b = 0.1: 0.3139, 0.4424, 0 alone, 0.5576, 0.4424, 0.2437 in all."""

    def model(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))

    points = stats.qmc.Sobol(6, rng=np.random.default_rng(5)).random_base2(13).T
    own, other = np.split((2.0 * points - 1.0) * np.pi, 2)
    mixed = np.stack([model(part) for part in exchanged(own, other, range(3))])
    found = sobol_indices(model(own), model(other), mixed, seed=1, resamples=99)
    for estimate, printed in ((found.first, [0.3139, 0.4424, 0.0]), (found.total, [0.5576, 0.4424, 0.2437])):
        np.testing.assert_allclose(estimate.value, printed, atol=0.005)
        assert ((estimate.low <= printed) & (printed <= estimate.high)).all()


def test_error_of_a_mean_and_ranks_of_a_quantile() -> None:
    """M9: half-width 0.235 for a spread of 12 and 10,000 paths; ranks 9457 and 9543 for the 95 % quantile."""
    values = np.arange(10_000.0)
    values = 12.0 * (values - values.mean()) / values.std(ddof=1)
    found = mean(values)
    assert found.high - found.value == pytest.approx(0.235, abs=5e-4)
    assert interval_ranks(10_000, 0.95) == (9457, 9543)
    shuffled = np.random.default_rng(1).permutation(np.arange(1.0, 10_001.0))
    band = quantiles(shuffled, [0.95])
    assert (band.low[0], band.value[0], band.high[0]) == (9457.0, 9500.0, 9543.0)
