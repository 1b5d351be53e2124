"""What a breakthrough does, in part and by chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from tests.effort import examples
from tests.factories import column, one
from valuation.silicon.breakthrough import (
    Breakthrough,
    Effectiveness,
    beta_effectiveness,
    certain_effectiveness,
    cost_saving,
    expected_factor,
    expected_path,
    factor_given_any,
    factor_on_arrival,
    log_step,
    probability_of_any,
)

shares = st.floats(0.0, 1.0)


def single(gain: float, effectiveness: float = 1.0, pass_through: float = 1.0) -> Breakthrough:
    """A breakthrough in a cost of one part."""
    return Breakthrough(column(1.0), column(gain), column(effectiveness), one(pass_through))


PARTS = Breakthrough(column(0.5, 0.3, 0.2), column(20.0, 4.0, 1.0), column(0.6, 0.9, 1.0), one(0.8))


def test_one_part_has_the_closed_form() -> None:
    assert log_step(single(10.0, 0.3, 0.8))[0] == pytest.approx(0.8 * np.log(1.0 + 0.3 * 9.0), rel=1e-14)


def test_parts_add_up_in_costs() -> None:
    left = 0.5 / (1 + 0.6 * 19) + 0.3 / (1 + 0.9 * 3) + 0.2
    assert 1.0 - cost_saving(PARTS)[0] == pytest.approx(left, rel=1e-14)
    assert log_step(PARTS)[0] == pytest.approx(-0.8 * np.log(left), rel=1e-13)


def test_no_effect_is_no_step_to_the_bit() -> None:
    idle = Breakthrough(column(0.1, 0.2, 0.7), column(20.0, 4.0, 9.0), column(0.0, 0.0, 0.0), one(0.8))
    for step in (log_step(idle), log_step(PARTS, 0.0), log_step(single(1.0))):
        assert step[0] == 0.0
        assert not np.signbit(step[0])
    assert factor_on_arrival(idle, certain_effectiveness())[0] == 1.0
    assert expected_factor(one(0.05), factor_on_arrival(idle, certain_effectiveness()), one(5.0))[0] == 1.0
    assert expected_factor(one(0.0), one(0.4), one(5.0))[0] == 1.0
    assert probability_of_any(one(0.0), one(5.0))[0] == 0.0


@given(
    weights=st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3),
    gains=st.lists(st.floats(1.0, 1e4), min_size=3, max_size=3),
    effects=st.lists(shares, min_size=3, max_size=3),
    pass_through=shares,
)
@settings(max_examples=examples(100))
def test_the_part_least_reduced_caps_the_step(
    weights: list[float], gains: list[float], effects: list[float], pass_through: float
) -> None:
    cost_share = column(*weights) / sum(weights)
    found = Breakthrough(cost_share, column(*gains), column(*effects), one(pass_through))
    step = log_step(found)[0]
    kept = cost_share[:, 0] / (1.0 + np.array(effects) * (np.array(gains) - 1.0))
    assert 0.0 <= step <= pass_through * -np.log(kept.max()) + 1e-9
    more = Breakthrough(cost_share, column(*gains), np.ones((3, 1)), one(pass_through))
    assert log_step(more)[0] >= step - 1e-12
    untouched = Breakthrough(cost_share, column(*gains[:2], 1.0), column(*effects), one(pass_through))
    assert log_step(untouched)[0] <= pass_through * -np.log(cost_share[2, 0]) + 1e-9


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 3.0), (0.5, 0.5), (0.3, 8.0), (40.0, 60.0), (1.0, 1.0)])
@pytest.mark.parametrize("gain", [1.0, 1.5, 10.0, 100.0, 5_000.0])
def test_expectation_over_a_beta_is_a_hypergeometric_function(alpha: float, beta: float, gain: float) -> None:
    r"""E[1 + e(G-1)]^-h is the Gauss function at 1 - G; to 1e-10."""
    for pass_through in (0.3, 0.8, 1.0):
        found = factor_on_arrival(
            single(gain, pass_through=pass_through), beta_effectiveness(one(alpha), one(beta), gain)
        )
        exact = special.hyp2f1(pass_through, alpha, alpha + beta, 1.0 - gain)
        assert found[0] == pytest.approx(exact, abs=1e-10, rel=1e-9)


def test_expectation_with_several_parts_agrees_with_another_integrator() -> None:
    found = factor_on_arrival(PARTS, beta_effectiveness(one(2.0), one(3.0), 20.0), np.array([[0.4]]))
    density = stats.beta(2.0, 3.0).pdf
    exact, _ = integrate.quad(
        lambda e: density(e) * np.exp(-0.4 * log_step(PARTS, e)[0]), 0.0, 1.0, epsabs=1e-13, epsrel=1e-12
    )
    assert found[0, 0] == pytest.approx(exact, abs=1e-10)


def test_a_sure_beta_is_no_beta() -> None:
    """A distribution drawn together at 0.3 gives what 0.3 gives."""
    tight = beta_effectiveness(one(3e5), one(7e5), 10.0)
    found = factor_on_arrival(single(10.0, pass_through=0.8), tight)
    assert found[0] == pytest.approx(np.exp(-log_step(single(10.0, 0.3, 0.8))[0]), rel=1e-5)
    assert tight.weights.sum() == pytest.approx(1.0)
    assert (tight.weights * tight.nodes).sum() == pytest.approx(0.3, rel=1e-9)


def test_cases_have_their_own_distributions() -> None:
    alpha, beta = np.array([2.0, 0.5, 2.0]), np.array([3.0, 0.5, 3.0])
    nodes = beta_effectiveness(alpha, beta, 10.0)
    assert nodes.nodes.shape[1] == 3
    stack = factor_on_arrival(single(10.0), nodes)
    for case in range(3):
        alone = factor_on_arrival(single(10.0), beta_effectiveness(alpha[[case]], beta[[case]], 10.0))
        assert stack[case] == pytest.approx(alone[0], rel=1e-14)


def test_a_full_ramp_is_none() -> None:
    """A ramp that starts at 1 gives the closed form of immediate effect at every month."""
    factor = factor_on_arrival(PARTS, certain_effectiveness(), np.ones((60, 1)))
    path = expected_path(one(0.05), factor)
    years = np.arange(61)[:, None] / 12
    assert path == pytest.approx(expected_factor(one(0.05), factor[0], years), rel=1e-13)
    assert path[0, 0] == 1.0


def test_a_ramp_delays() -> None:
    share = np.clip(np.arange(60.0) / 24.0, 0.0, 1.0)[:, None]
    slow = expected_path(one(0.05), factor_on_arrival(PARTS, certain_effectiveness(), share))
    fast = expected_path(one(0.05), factor_on_arrival(PARTS, certain_effectiveness(), np.ones((60, 1))))
    assert np.all(slow >= fast)
    assert np.all(np.diff(slow[:, 0]) <= 0.0)
    assert slow[1, 0] == 1.0


def test_path_agrees_with_drawn_arrivals() -> None:
    """Mean over drawn numbers of arrivals by month, within four standard errors."""
    generator = np.random.default_rng(11)
    share = np.clip(np.arange(24.0) / 12.0, 0.0, 1.0)
    step = log_step(single(10.0, 0.3, 0.8))[0]
    path = expected_path(one(0.6), factor_on_arrival(single(10.0, 0.3, 0.8), certain_effectiveness(), share[:, None]))
    drawn = np.exp(-step * generator.poisson(0.6 / 12, (40_000, 24)) @ share)
    assert path[24, 0] == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 200)


@given(arrivals=st.floats(1e-6, 5.0), factor=st.floats(0.0, 1.0))
@settings(max_examples=examples(100))
def test_worlds_with_and_without_make_the_whole(arrivals: float, factor: float) -> None:
    """P(none) x 1 + P(any) x conditional = expected."""
    any_arrival = probability_of_any(one(arrivals), one(1.0))
    conditional = factor_given_any(one(arrivals), one(factor))
    whole = 1.0 - any_arrival + any_arrival * conditional
    assert whole == pytest.approx(expected_factor(one(arrivals), one(factor), one(1.0)), rel=1e-12)
    assert 0.0 <= conditional[0] <= factor + 1e-15


def test_rare_and_frequent_arrivals() -> None:
    assert factor_given_any(one(0.0), one(0.35))[0] == 0.35
    assert factor_given_any(one(1e-9), one(0.35))[0] == pytest.approx(0.35)
    assert factor_given_any(one(5_000.0), one(0.35))[0] == pytest.approx(0.0, abs=1e-300)


def test_distributions_may_be_given_by_hand() -> None:
    """Two outcomes with a half each."""
    coin = Effectiveness(column(0.0, 1.0), column(0.5, 0.5))
    found = factor_on_arrival(single(10.0), coin)
    assert found[0] == pytest.approx(0.5 + 0.5 / 10.0)
