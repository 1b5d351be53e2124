"""Profiles by age and the cost approach."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.factories import column, one
from valuation.devices.cost_approach import (
    age_at_level,
    age_price,
    appraise,
    excess_operating_cost,
    geometric_efficiency,
    hyperbolic_efficiency,
    inutility,
    log_changes,
    one_hoss_shay,
    replacement_cost_new,
)

shares = st.floats(0.0, 1.0)
AGES = np.arange(8.0)[:, None]


def test_ends_of_the_hyperbola() -> None:
    """Slope 0 is the straight line, slope 1 the one-hoss shay."""
    assert hyperbolic_efficiency(AGES, one(5.0), one(0.0))[:, 0] == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0])
    assert np.array_equal(hyperbolic_efficiency(AGES, one(5.0), one(1.0)), one_hoss_shay(AGES, one(5.0)))
    bent = hyperbolic_efficiency(AGES, one(5.0), one(0.5))
    assert np.all(np.diff(bent[:6, 0], 2) < 0.0)


@given(decline=st.floats(0.05, 0.6), rate=st.floats(0.0, 0.3))
@settings(max_examples=examples(50))
def test_only_geometric_decline_has_the_same_prices(decline: float, rate: float) -> None:
    ages = np.arange(900.0)[:, None]
    efficiency = geometric_efficiency(ages, one(decline))
    price = age_price(efficiency, one(1 / (1 + rate)))
    assert price[:20] == pytest.approx(efficiency[:20], rel=1e-9)
    shay = age_price(one_hoss_shay(AGES, one(5.0)), one(1 / (1 + rate)))
    assert np.all(shay[1:5] < 1.0)


def test_prices_are_sums_of_service() -> None:
    efficiency = hyperbolic_efficiency(AGES, one(5.0), one(0.5))
    price = age_price(efficiency, one(1 / 1.1))
    for age in range(8):
        later = (efficiency[age:, 0] / 1.1 ** np.arange(8 - age)).sum()
        assert price[age, 0] == pytest.approx(later / (efficiency[:, 0] / 1.1 ** np.arange(8)).sum(), rel=1e-13)


def test_a_shay_without_interest_falls_in_a_straight_line() -> None:
    assert age_price(one_hoss_shay(AGES, one(5.0)), one(1.0))[:, 0] == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0, 0, 0])


@given(rate=st.floats(0.0, 0.5), more=st.floats(0.01, 0.5))
@settings(max_examples=examples(50))
def test_prices_fall_and_interest_delays_the_fall(rate: float, more: float) -> None:
    efficiency = hyperbolic_efficiency(AGES, one(6.0), one(0.5))
    patient, hurried = (age_price(efficiency, one(1 / (1 + r))) for r in (rate, rate + more))
    assert np.all(np.diff(patient[:, 0]) <= 0.0)
    assert np.all(hurried >= patient - 1e-12)


def test_cases_are_independent() -> None:
    efficiency = hyperbolic_efficiency(AGES, np.array([5.0, 7.0]), np.array([0.5, 0.2]))
    stack = age_price(efficiency, np.array([0.9, 0.8]))
    for case, factor in enumerate((0.9, 0.8)):
        assert np.array_equal(stack[:, [case]], age_price(efficiency[:, [case]], one(factor)))


def test_ages_at_levels() -> None:
    profile = np.array([[1.0, 0.4, 1.0], [0.6, 0.3, 0.9], [0.2, 0.2, 0.8]])
    assert age_at_level(profile, 0.5)[:2] == pytest.approx([1.25, 0.0])
    assert np.isnan(age_at_level(profile, 0.5)[2])
    assert age_at_level(profile, 1.0)[0] == 0.0
    assert age_at_level(profile, 0.2)[0] == pytest.approx(2.0)


def test_log_changes_add_up() -> None:
    profile = column(1.0, 0.7, 0.5, 0.2)
    changes = log_changes(profile)
    assert changes.shape == (3, 1)
    assert changes.sum() == pytest.approx(np.log(0.2))


def test_a_better_modern_part_costs_less_per_service() -> None:
    assert replacement_cost_new(one(38_000.0), one(1.0), one(2.5))[0] == pytest.approx(15_200.0)


def test_excess_cost_is_discounted_year_by_year() -> None:
    found = excess_operating_cost(column(1_500.0, 900.0), one(0.21), one(1 / 1.12))
    assert found[0] == pytest.approx(0.79 * (1_500 / 1.12 + 900 / 1.12**2))
    assert excess_operating_cost(np.zeros((0, 1)), one(0.21), one(0.9))[0] == 0.0


def test_inutility() -> None:
    found = inutility(np.array([0.85, 0.95, 0.0, 0.6]), one(0.85), one(0.7))
    assert found[:3].tolist() == [0.0, 0.0, 1.0]
    assert 0.0 < found[3] < 1.0 - 0.6 / 0.85


@given(physical=shares, functional=st.floats(0.0, 50_000.0), external=shares)
@settings(max_examples=examples(100))
def test_parts_and_value_make_the_replacement_cost(physical: float, functional: float, external: float) -> None:
    found = appraise(
        one(15_200.0), physical_share=one(physical), functional=one(functional), external_share=one(external)
    )
    parts = found.physical + found.functional + found.external + found.value
    assert parts[0] == pytest.approx(15_200.0)
    assert found.value[0] >= -1e-9
    assert min(found.physical[0], found.functional[0], found.external[0]) >= 0.0


def test_nothing_lost_is_nothing_taken_off() -> None:
    found = appraise(one(15_200.0), physical_share=one(0.0), functional=one(0.0), external_share=one(0.0))
    assert found.value[0] == 15_200.0
