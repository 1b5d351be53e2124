"""How long silicon keeps its work when models change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from tests.effort import examples
from tests.factories import one
from valuation.silicon.churn import (
    ByChange,
    churn_table,
    legacy_share,
    mean_service_life,
    serving_share,
    stranding_hazard,
)

rates = st.floats(0.0, 5.0)
shares = st.floats(0.0, 1.0)


def by_change(weights: float, architecture: float, number_format: float) -> ByChange:
    """A quantity by kind of change, one case."""
    return ByChange(one(weights), one(architecture), one(number_format))


ARRIVALS = by_change(4.0, 0.3, 0.2)


def test_a_class_is_stranded_by_what_it_cannot_follow() -> None:
    """Etched weights fall to every change, fixed functions to new architectures, programmable parts to none."""
    etched, fixed, programmable = by_change(0, 0, 0), by_change(1, 0, 0.5), by_change(1, 1, 1)
    assert stranding_hazard(ARRIVALS, etched)[0] == pytest.approx(4.5)
    assert stranding_hazard(ARRIVALS, fixed)[0] == pytest.approx(0.4)
    assert stranding_hazard(ARRIVALS, programmable)[0] == 0.0


def test_without_churn_everything_serves_to_the_bit() -> None:
    table = churn_table(one(0.0), one(0.6), one(0.3), 120)
    assert np.all(table.serving == 1.0)
    assert np.all(table.legacy == 0.0)
    assert np.all(table.earning == 1.0)
    assert np.isinf(mean_service_life(one(0.0))[0])


def test_mean_life_is_the_area_under_the_curve() -> None:
    area, _ = integrate.quad(lambda age: serving_share(one(1.2), one(age))[0], 0.0, np.inf)
    assert area == pytest.approx(mean_service_life(one(1.2))[0], rel=1e-9)


@given(hazard=rates, fade=rates, legacy=shares, age=st.floats(0.0, 15.0))
@settings(max_examples=examples(100))
def test_legacy_share_is_its_integral(hazard: float, fade: float, legacy: float, age: float) -> None:
    expected, _ = integrate.quad(
        lambda s: legacy * hazard * np.exp(-hazard * s - fade * (age - s)), 0.0, age, epsabs=1e-13, epsrel=1e-11
    )
    found = legacy_share(one(hazard), one(age), one(legacy), one(fade))[0]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_equal_rates_are_the_limit_of_unequal_ones() -> None:
    age = np.arange(0.0, 10.0)[:, None]
    equal = legacy_share(one(0.7), age, one(0.5), one(0.7))
    assert equal[:, 0] == pytest.approx(0.5 * 0.7 * age[:, 0] * np.exp(-0.7 * age[:, 0]))
    for near in (1e-6, 1e-12):
        close = legacy_share(one(0.7), age, one(0.5), one(0.7 + near))
        assert close == pytest.approx(equal, rel=10 * near, abs=1e-15)


def test_great_ages_do_not_overflow() -> None:
    for hazard, fade in ((50.0, 1e-3), (1e-3, 50.0), (50.0, 50.0)):
        found = legacy_share(one(hazard), one(1e4), one(1.0), one(fade))
        assert 0.0 <= found[0] < 1.0


@given(hazard=rates, fade=rates, legacy=shares)
@settings(max_examples=examples(100))
def test_tables_stay_within_bounds(hazard: float, fade: float, legacy: float) -> None:
    table = churn_table(one(hazard), one(legacy), one(fade), 60)
    assert table.serving.shape == table.legacy.shape == (61, 1)
    assert table.serving[0, 0] == 1.0
    assert table.legacy[0, 0] == 0.0
    assert np.all(np.diff(table.serving[:, 0]) <= 0.0)
    assert np.all(table.legacy >= 0.0)
    assert np.all(table.earning <= 1.0 + 1e-12)
    slower = churn_table(one(hazard), one(legacy), one(fade / 2), 60)
    assert np.all(slower.legacy >= table.legacy - 1e-15)


def test_no_fading_keeps_every_stranded_device_at_the_legacy_share() -> None:
    table = churn_table(one(1.5), one(0.3), one(0.0), 48)
    assert table.legacy == pytest.approx(0.3 * (1.0 - table.serving))


def test_a_stack_of_cases_is_the_loop_over_them() -> None:
    hazard, legacy, fade = np.array([0.0, 0.4, 1.5]), np.array([0.2, 0.5, 0.9]), np.array([0.3, 0.4, 0.0])
    stack = churn_table(hazard, legacy, fade, 24)
    for case in range(3):
        alone = churn_table(hazard[[case]], legacy[[case]], fade[[case]], 24)
        assert np.array_equal(stack.serving[:, [case]], alone.serving)
        assert np.array_equal(stack.legacy[:, [case]], alone.legacy)
    by_class = churn_table(hazard[:, None], legacy[:, None], fade[:, None], 24)
    assert by_class.serving.shape == (25, 3, 1)
