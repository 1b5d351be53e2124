"""Worked examples of the processes and their dependence, to the digits in which they are printed."""

import numpy as np
import pytest

from assumptions.chapters.marginals import pert
from tests.factories import one
from valuation.draws.dependence import lower_factor
from valuation.draws.processes import diffusion, mean_reverting, mean_reverting_variance
from valuation.draws.shocks import beta_value

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


def test_m1_drift_of_prices() -> None:
    # The innovations of a year whose total is at each node; the middle path is the median.
    spread = np.concatenate([[0.0], NODES]) / np.sqrt(12.0)
    price = np.exp(-0.35 + diffusion(np.tile(spread, (12, 1)), one(0.25))[12])
    assert price[0] == pytest.approx(0.683, abs=5e-4)
    assert price[1:] @ WEIGHTS / WEIGHTS.sum() == pytest.approx(0.705, abs=5e-4)


def test_m2_scarcity() -> None:
    half_life = one(12.0 * np.log(2.0) / 2.0)
    mean = mean_reverting(np.zeros((6, 1)), half_life, one(0.3), one(0.4))[6]
    assert mean[0] == pytest.approx(0.147, abs=5e-4)
    assert np.sqrt(mean_reverting_variance(6.0, half_life, one(0.3))[0]) == pytest.approx(0.139, abs=5e-4)


def test_m3_correlated_innovations() -> None:
    drawn = lower_factor(np.array([[1.0, 0.6], [0.6, 1.0]])) @ np.array([1.0, -0.5])
    np.testing.assert_allclose(drawn, [1.0, 0.2], atol=1e-12)


def test_m11_effectiveness_and_gaps() -> None:
    assert beta_value(one(0.0), one(2.0), one(3.0))[0] == pytest.approx(0.386, abs=5e-4)
    np.testing.assert_allclose(pert(1.0, 3.0, 6.0).shape, [2.6, 3.4], atol=1e-12)
