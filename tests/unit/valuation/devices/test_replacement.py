"""When to replace, enter, wait and give up."""

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.factories import column, one
from valuation.devices.replacement import (
    abandonment_threshold,
    adverse_minimum,
    capital_charge,
    economic_life,
    entry_threshold,
    equivalent_annual_cost,
    first_year_rule,
    keeps_its_power,
    marginal_annual_cost,
    option_roots,
    power_shadow_price,
    static_trigger,
    terborgh_life,
)

rates = st.floats(0.01, 0.4)
drifts = st.floats(-0.8, 0.3)
volatilities = st.floats(0.05, 1.0)


def test_charge_repays_the_cost() -> None:
    charge = capital_charge(one(38_000.0), np.array([0.0, 0.12]), one(4.0))
    assert charge[0] == pytest.approx(9_500.0)
    assert npf.npv(0.12, [-38_000.0, *[charge[1]] * 4]) == pytest.approx(0.0, abs=1e-8)


def test_power_is_worth_what_the_best_obtainable_challenger_earns() -> None:
    rent, charge, power = column(30_000, 50_000, 9_000), column(12_500, 20_000, 10_000), column(2.2, 6.0, 1.0)
    assert power_shadow_price(rent, charge, power)[0] == pytest.approx(17_500 / 2.2)
    scarce = power_shadow_price(rent, charge, power, column(0.1, 1.0, 1.0))
    assert scarce[0] == pytest.approx(5_000.0)
    assert power_shadow_price(rent[2:], charge[2:], power[2:])[0] == 0.0
    assert power_shadow_price(rent, charge, power, 0.0)[0] == 0.0


def test_a_free_site_keeps_whatever_earns_anything() -> None:
    old = np.array([2_600.0, 0.0, -1.0])
    assert keeps_its_power(old, one(1.3), one(0.0)).tolist() == [True, True, False]
    assert not keeps_its_power(old, one(1.3), one(7_949.6)).any()


def test_equivalent_annual_cost_discounts_to_the_same_outlay() -> None:
    """A payment of that size each year is worth the same as the device kept that long."""
    resale, running = 40_000 * 0.6 ** np.arange(1.0, 7.0), 3_000 + 5_000 * np.arange(6.0)
    found = equivalent_annual_cost(one(40_000.0), resale[:, None], running[:, None], one(0.12))[:, 0]
    for years in range(1, 7):
        flows = [40_000.0, *running[:years]]
        flows[-1] -= resale[years - 1]
        assert npf.npv(0.12, [0.0, *[found[years - 1]] * years]) == pytest.approx(npf.npv(0.12, flows))


def test_a_stack_of_cases_is_the_loop_over_them() -> None:
    """With and without interest side by side; devices on an axis of their own."""
    cost, rate = np.array([40_000.0, 30_000.0, 20_000.0]), np.array([0.0, 0.08, 0.2])
    resale = cost * np.array([0.6, 0.7, 0.5]) ** np.arange(1.0, 6.0)[:, None]
    running = 3_000 + np.array([5_000.0, 2_000.0, 100.0]) * np.arange(5.0)[:, None]
    stack = equivalent_annual_cost(cost, resale, running, rate)
    by_device = equivalent_annual_cost(cost[:, None], resale[:, :, None], running[:, :, None], rate[1:])
    assert by_device.shape == (5, 3, 2)
    for case in range(3):
        chosen = slice(case, case + 1)
        alone = equivalent_annual_cost(cost[chosen], resale[:, chosen], running[:, chosen], rate[chosen])
        assert stack[:, chosen] == pytest.approx(alone, rel=1e-13)
    assert by_device[:, 1, 0] == pytest.approx(stack[:, 1], rel=1e-13)
    price = power_shadow_price(stack[:3], np.zeros((3, 1)), column(1.0, 2.0, 3.0))
    assert price == pytest.approx((stack[:3] / np.array([[1.0], [2.0], [3.0]])).max(axis=0))


def test_without_interest_costs_are_averages() -> None:
    found = equivalent_annual_cost(one(1_200.0), np.zeros((3, 1)), np.full((3, 1), 100.0), one(0.0))
    assert found[:, 0] == pytest.approx([1_300.0, 700.0, 500.0])
    assert economic_life(found)[0] == 3


@given(keep=st.floats(0.2, 0.95), growth=st.floats(100.0, 10_000.0), start=st.floats(0.0, 10_000.0), rate=rates)
@settings(max_examples=examples(100))
def test_marginal_cost_crosses_the_average_at_the_economic_life(
    keep: float, growth: float, start: float, rate: float
) -> None:
    cost = 40_000.0
    resale = cost * keep ** np.arange(0.0, 16.0)[:, None]
    running = start + growth * np.arange(15.0)[:, None]
    average = equivalent_annual_cost(one(cost), resale[1:], running, one(rate))[:, 0]
    marginal = marginal_annual_cost(resale[:-1], resale[1:], running, one(rate))[:, 0]
    assert marginal[0] == pytest.approx(average[0])
    best = int(economic_life(average[:, None])[0])
    assert marginal[best - 1] <= average[best - 1] * (1 + 1e-9)
    if best < 15:
        assert marginal[best] >= average[best - 1] * (1 - 1e-9)


def test_terborgh_is_the_lowest_of_continuous_lives() -> None:
    lives = np.linspace(1.0, 12.0, 100_001)
    average = 40_000.0 / lives + 6_000.0 * (lives - 1.0) / 2.0
    assert lives[np.argmin(average)] == pytest.approx(terborgh_life(one(40_000.0), one(6_000.0))[0], abs=2e-4)
    assert average.min() == pytest.approx(adverse_minimum(one(40_000.0), one(6_000.0))[0], rel=1e-8)


@given(rate=rates, drift=drifts, volatility=volatilities)
@settings(max_examples=examples(200))
def test_roots_solve_their_equation(rate: float, drift: float, volatility: float) -> None:
    above, below = option_roots(one(rate), one(drift), one(volatility))
    for root in (above[0], below[0]):
        terms = np.array([0.5 * volatility**2 * root * (root - 1), drift * root, -rate])
        assert abs(terms.sum()) <= 1e-10 * np.abs(terms).max()
    assert above[0] > 0.0 > below[0]
    if abs(rate - drift) > 1e-6:
        assert (above[0] > 1.0) == (rate > drift)


@given(rate=rates, drift=drifts, volatility=volatilities, scrap=st.floats(0.0, 2.0))
@settings(max_examples=examples(100))
def test_giving_up_pastes_smoothly(rate: float, drift: float, volatility: float, scrap: float) -> None:
    """At the threshold the value of running with the option equals the scrap, and so does its slope (zero)."""
    if rate - drift < 1e-3:
        return
    terms = one(rate), one(drift), one(volatility)
    threshold = abandonment_threshold(one(0.4), one(scrap), *terms)[0]
    _, (below,) = option_roots(*terms)
    running, option = threshold / (rate - drift) - 0.4 / rate, scrap + 0.4 / rate - threshold / (rate - drift)
    assert running + option == pytest.approx(scrap, abs=1e-9)
    assert threshold / (rate - drift) + below * option == pytest.approx(0.0, abs=1e-8 * (1 + 1 / rate))
    assert threshold <= static_trigger(one(0.4), one(scrap), one(rate))[0] * (1 + 1e-9)


def test_without_volatility_the_static_rules_return() -> None:
    still = one(0.12), one(-0.30), one(0.0)
    assert abandonment_threshold(one(0.4), one(0.5), *still)[0] == pytest.approx(0.4 + 0.12 * 0.5, rel=1e-14)
    assert entry_threshold(one(100.0), *still)[0] == 100.0
    assert entry_threshold(one(100.0), one(0.12), one(0.04), one(0.0))[0] == pytest.approx(100.0 * 0.12 / 0.08)
    near = abandonment_threshold(one(0.4), one(0.5), one(0.12), one(-0.30), one(1e-4))
    assert near[0] == pytest.approx(0.46, rel=1e-6)


def test_uncertainty_delays_both_ways() -> None:
    volatility = np.array([0.05, 0.2, 0.4, 0.8])
    entry = entry_threshold(one(100.0), one(0.08), one(0.02), volatility)
    leave = abandonment_threshold(one(0.4), one(0.0), one(0.08), one(-0.1), volatility)
    assert np.all(np.diff(entry) > 0.0)
    assert np.all(np.diff(leave) < 0.0)
    assert np.isinf(entry_threshold(one(100.0), one(0.08), one(0.08), one(0.2))[0])


def test_waiting_for_cheaper_devices() -> None:
    """At the threshold a year's quasi-rent equals the interest and the fall in price that waiting saves."""
    assert first_year_rule(one(40_000.0), one(0.12), one(0.0))[0] == pytest.approx(4_800.0)
    assert first_year_rule(one(40_000.0), one(0.12), one(-0.12))[0] == 0.0
