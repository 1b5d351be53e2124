"""Failures, and what they cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from tests.effort import examples
from tests.factories import column, hazard, one
from valuation.devices.failures import (
    Bathtub,
    annual_rate,
    bathtub_survivors,
    best_checkpoint_interval,
    gang_availability,
    goodput,
    monthly_hazard,
    spares_share,
    uptime_share,
    warranted_survivors,
    weibull_mean,
    weibull_survivors,
)
from valuation.stages.entry import survivors_by_age

AGES = np.arange(121.0)[:, None] / 12
TUB = Bathtub(one(60.0), one(0.5), one(0.02), one(9.0), one(4.0))


def test_nothing_wrong_is_exponential_or_all() -> None:
    """Early failures and wear-out switched off leave the steady hazard, and without that everything survives."""
    steady = Bathtub(one(np.inf), one(0.5), one(0.02), one(np.inf), one(4.0))
    assert np.array_equal(bathtub_survivors(AGES, steady), np.exp(-0.02 * AGES))
    none = Bathtub(one(np.inf), one(0.5), one(0.0), one(np.inf), one(4.0))
    assert np.all(bathtub_survivors(AGES, none) == 1.0)
    assert np.all(weibull_survivors(AGES, one(np.inf), one(1.8)) == 1.0)


def test_a_bathtub_falls_then_rises() -> None:
    rates = monthly_hazard(bathtub_survivors(AGES, TUB))[:, 0]
    lowest = int(np.argmin(rates))
    assert 0 < lowest < 119
    assert np.all(np.diff(rates[: lowest + 1]) < 0.0)
    assert np.all(np.diff(rates[lowest:]) > 0.0)


def test_mean_life_is_the_area_under_the_survivors() -> None:
    for scale, shape in ((6.0, 1.8), (3.0, 0.7), (5.0, 1.0)):
        area, _ = integrate.quad(
            lambda age, s=scale, b=shape: weibull_survivors(one(age), one(s), one(b))[0], 0, np.inf
        )
        assert weibull_mean(one(scale), one(shape))[0] == pytest.approx(area, rel=1e-8)
        assert weibull_mean(one(scale), one(shape))[0] == pytest.approx(stats.weibull_min(shape, scale=scale).mean())


def test_hazards_and_survivors_round_trip() -> None:
    rates = hazard()
    assert monthly_hazard(survivors_by_age(rates)) == pytest.approx(rates, abs=1e-15)
    gone = monthly_hazard(column(1.0, 0.5, 0.0, 0.0))
    assert gone[:, 0].tolist() == [0.5, 1.0, 1.0]


def test_a_warranty_puts_off_the_cost_of_failures() -> None:
    survivors = bathtub_survivors(AGES, TUB)
    covered = warranted_survivors(survivors, one(36.0))
    assert np.all(covered[:37] == 1.0)
    assert covered[60] == pytest.approx(survivors[60] / survivors[36], rel=1e-12)
    assert warranted_survivors(survivors, one(0.0)) == pytest.approx(survivors, rel=1e-12)
    assert np.all(warranted_survivors(survivors, one(500.0)) == 1.0)
    cases = warranted_survivors(survivors, np.array([0.0, 36.0]))
    assert cases.shape == (121, 2)
    assert np.array_equal(cases[:, [1]], covered)


def test_counts_come_to_a_year() -> None:
    assert annual_rate(one(10.0), one(504.0), one(73.0))[0] == pytest.approx(10 / 504 * 5)


def test_downtime_is_the_mean_of_running_and_repair() -> None:
    assert uptime_share(one(0.0), one(72.0))[0] == 1.0
    assert uptime_share(one(4.0), one(72.0))[0] == pytest.approx((8_760 / 4) / (8_760 / 4 + 72))


@given(
    devices=st.integers(1, 100_000), rate=st.floats(1e-3, 1.0), lead=st.floats(0.1, 12.0), level=st.floats(0.5, 0.999)
)
@settings(max_examples=examples(200))
def test_spares_are_a_poisson_quantile(devices: int, rate: float, lead: float, level: float) -> None:
    share = spares_share(one(devices), one(rate), one(lead), one(level))[0]
    assert share * devices == pytest.approx(stats.poisson.ppf(level, devices * rate * lead / 12), abs=1e-6)


def test_large_fleets_share_their_spares() -> None:
    fleets = np.array([10.0, 1e3, 1e5, 1e7])
    share = spares_share(fleets, one(0.04), one(3.0), one(0.95))
    assert np.all(np.diff(share) <= 0.0)
    assert share[-1] == pytest.approx(0.01, rel=0.01)
    assert spares_share(fleets, one(0.0), one(3.0), one(0.95)).tolist() == [0.0] * 4


def useful(interval: np.ndarray, devices: float = 16_384.0, rate: float = 2e-5) -> np.ndarray:
    """Goodput of a job at given checkpoint intervals."""
    return goodput(one(devices), one(rate), interval=interval, checkpoint_hours=one(0.05), restart_hours=one(0.2))


def test_the_best_interval_loses_least() -> None:
    best = best_checkpoint_interval(one(16_384.0), one(2e-5), one(0.05))
    around = useful(best * np.array([0.5, 0.9, 1.0, 1.1, 2.0]))
    assert np.argmax(around) == 2
    losses = 1.0 - around[2] - 16_384 * 2e-5 * 0.2
    assert losses == pytest.approx(np.sqrt(2 * 0.05 * 16_384 * 2e-5))


def test_without_interruptions_nothing_is_lost_to_the_bit() -> None:
    never = best_checkpoint_interval(one(16_384.0), one(0.0), one(0.05))
    assert np.isinf(never[0])
    assert useful(never, rate=0.0)[0] == 1.0
    assert uptime_share(one(0.0), one(10.0))[0] == 1.0
    assert gang_availability(one(1.0), one(16_384.0))[0] == 1.0


@given(devices=st.floats(1.0, 1e5), more=st.floats(1.0, 1e5), rate=st.floats(0.0, 1e-3))
@settings(max_examples=examples(100))
def test_larger_jobs_lose_more(devices: float, more: float, rate: float) -> None:
    small, large = (useful(one(3.0), size, rate)[0] for size in (devices, devices + more))
    assert 0.0 <= large <= small <= 1.0
    assert gang_availability(one(0.999), one(devices + more))[0] <= gang_availability(one(0.999), one(devices))[0]


def test_first_order_agrees_with_a_simulated_job() -> None:
    """A job with a failure every 25 hours on average, over many checkpoints, within a hundredth."""
    generator = np.random.default_rng(5)
    interval, write, restart, mean = 1.5, 0.05, 0.2, 25.0
    clock, done = 0.0, 0.0
    next_failure = generator.exponential(mean)
    while clock < 20_000.0:
        end = clock + interval + write
        if end <= next_failure:
            clock, done = end, done + interval
        else:
            clock = next_failure + restart
            next_failure = clock + generator.exponential(mean)
    first_order = goodput(
        one(1.0), one(1 / mean), interval=one(interval), checkpoint_hours=one(write), restart_hours=one(restart)
    )
    assert first_order[0] == pytest.approx(done / clock, abs=0.01)
