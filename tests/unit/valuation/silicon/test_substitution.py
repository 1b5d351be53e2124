"""What another class of silicon can serve, how fast it spreads, and what that does to rents."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from tests.effort import examples
from tests.factories import column, one
from valuation.silicon.substitution import (
    Lognormal,
    addressable_share,
    band_demand,
    band_share,
    bass_peak,
    bass_share,
    capped_share,
    demand_response,
    fisher_pry_share,
    price_effect,
    takeover_time,
    utilisation_after_migration,
)

MODELS = Lognormal(one(70.0), one(1.5))
EVERYTHING = (one(0.0), one(np.inf))
positive = st.floats(0.01, 100.0)


def share_of(low: float, high: float, limit: float, demand: Lognormal = MODELS) -> float:
    """Share of a band that a limit leaves, as a number."""
    return float(band_share(one(low), one(high), one(limit), demand)[0])


def test_demand_of_a_band_is_that_of_the_distribution() -> None:
    """Against the lognormal of a statistics library."""
    foreign = stats.lognorm(s=1.5, scale=70.0)
    found = band_demand(column(0.0, 8.0, 30.0), column(8.0, 30.0, np.inf), MODELS)[:, 0]
    assert found == pytest.approx(np.diff([0.0, *foreign.cdf([8.0, 30.0]), 1.0]), rel=1e-12)
    assert share_of(8.0, 70.0, 30.0) == pytest.approx(
        (foreign.cdf(30.0) - foreign.cdf(8.0)) / (foreign.cdf(70.0) - foreign.cdf(8.0)), rel=1e-12
    )


def test_bands_add_up_to_the_market() -> None:
    low, high = column(0.0, 8.0, 30.0, 200.0), column(8.0, 30.0, 200.0, np.inf)
    weight = band_demand(low, high, MODELS)
    assert weight.sum() == pytest.approx(1.0, rel=1e-14)
    for limit in (2.0, 30.0, 90.0, 1e4):
        parts = (weight * band_share(low, high, one(limit), MODELS)).sum()
        assert parts == pytest.approx(band_share(*EVERYTHING, one(limit), MODELS)[0], rel=1e-12)


def test_ends_of_a_limit() -> None:
    assert share_of(0.0, np.inf, 0.0) == 0.0
    assert share_of(0.0, np.inf, np.inf) == 1.0
    assert share_of(8.0, 30.0, 8.0) == 0.0
    assert share_of(8.0, 30.0, 30.0) == 1.0
    assert share_of(8.0, 30.0, 5.0) == 0.0


def test_a_far_band_keeps_its_precision() -> None:
    """Thirty standard deviations out the share is still that of the tail; with nothing left, that of its last bit."""
    narrow = Lognormal(one(1.0), one(1.0))
    low, limit = np.exp(30.0), np.exp(30.01)
    tail = 1.0 - np.exp(stats.norm.logsf(30.01) - stats.norm.logsf(30.0))
    assert share_of(low, np.inf, limit, narrow) == pytest.approx(tail, rel=1e-9)
    empty = Lognormal(one(1.0), one(0.01))
    assert share_of(10.0, 30.0, 20.0, empty) == 1.0
    assert share_of(0.1, 0.3, 0.2, empty) == 0.0
    assert share_of(10.0, 30.0, 30.0, empty) == 1.0


@given(limit=positive, further=positive, median=positive, sigma=st.floats(0.2, 3.0), drift=st.floats(0.0, 1.0))
@settings(max_examples=examples(100))
def test_share_rises_with_the_limit_and_falls_as_models_grow(
    limit: float, further: float, median: float, sigma: float, drift: float
) -> None:
    medians = median * np.exp(drift * np.arange(5.0))[:, None]
    grown = Lognormal(medians, one(sigma))
    share = band_share(*EVERYTHING, one(limit), grown)
    wider = band_share(*EVERYTHING, one(limit + further), grown)
    assert share.shape == (5, 1)
    assert np.all((share >= 0.0) & (share <= wider) & (wider <= 1.0))
    assert np.all(np.diff(share[:, 0]) <= 1e-15)


def reach(tolerant: float, context_limit: float) -> float:
    """Share of the market that a class with a limit of 30 can serve, given what it tolerates."""
    return float(
        addressable_share(
            low=one(0.0),
            high=one(np.inf),
            size_limit=one(30.0),
            size=MODELS,
            tolerant=one(tolerant),
            context_limit=one(context_limit),
            context=Lognormal(one(8_000.0), one(2.0)),
        )[0]
    )


def test_limits_multiply() -> None:
    free = reach(1.0, np.inf)
    assert free == share_of(0.0, np.inf, 30.0)
    assert reach(0.0, np.inf) == 0.0
    assert reach(0.4, 8_000.0) == pytest.approx(0.4 * 0.5 * free)


def test_cases_and_periods_broadcast() -> None:
    """A stack of cases by period equals the loop over them."""
    medians, limits = 70.0 * np.exp(0.2 * np.arange(4.0))[:, None], np.array([8.0, 30.0, 200.0])
    stack = band_share(one(0.0), one(np.inf), limits, Lognormal(medians, one(1.5)))
    assert stack.shape == (4, 3)
    for period, case in np.ndindex(stack.shape):
        alone = share_of(0.0, np.inf, float(limits[case]), Lognormal(medians[period], one(1.5)))
        assert stack[period, case] == pytest.approx(alone, rel=1e-14)


def test_a_takeover_is_logistic() -> None:
    time = np.linspace(-2.0, 8.0, 11)[:, None]
    share = fisher_pry_share(time, one(3.0), one(0.6))
    odds = np.log(share / (1.0 - share))[:, 0]
    assert np.diff(odds) == pytest.approx(1.2, rel=1e-9)
    assert share[5, 0] == 0.5
    reached = fisher_pry_share(3.0 + np.array([-0.5, 0.5])[:, None] * takeover_time(one(0.6)), one(3.0), one(0.6))
    assert reached[:, 0] == pytest.approx([0.1, 0.9])
    assert takeover_time(one(0.6), 0.01, 0.99)[0] == pytest.approx(2 * np.log(99) / 1.2)


def test_what_never_spreads_moves_nothing_to_the_bit() -> None:
    time = np.arange(5.0)[:, None]
    never = fisher_pry_share(time, one(np.inf), one(0.6))
    nobody = bass_share(time, one(0.0), one(0.4))
    assert np.all(never == 0.0)
    assert np.all(nobody == 0.0)
    assert np.all(bass_share(time, one(0.0), one(0.0)) == 0.0)
    for share in (never, nobody):
        served = capped_share(one(0.3), share, one(np.inf))
        change = price_effect(served, one(0.7), one(0.5), one(0.8))
        assert np.all(change == 0.0)
        assert not np.signbit(change).any()
        assert np.all(np.exp(change) == 1.0)
    assert utilisation_after_migration(one(0.7), one(0.0))[0] == 0.7


def test_adopters_solve_their_equation() -> None:
    """dF/dt = (p + q F)(1 - F), integrated by another library."""
    p, q = 0.03, 0.38
    solved = integrate.solve_ivp(
        lambda _, share: (p + q * share) * (1.0 - share), (0.0, 15.0), [0.0], rtol=1e-11, atol=1e-13, t_eval=[2, 6, 15]
    )
    found = bass_share(np.array([2.0, 6.0, 15.0])[:, None], one(p), one(q))
    assert found[:, 0] == pytest.approx(solved.y[0], rel=1e-8)
    assert bass_share(np.array([[-1.0], [1e6]]), one(p), one(q))[:, 0].tolist() == [0.0, 1.0]


def test_adoption_is_fastest_at_its_peak() -> None:
    p, q = one(0.03), one(0.38)
    peak = bass_peak(p, q)
    around = bass_share(peak + np.array([-0.02, -0.01, 0.01, 0.02])[:, None], p, q)[:, 0]
    speed = np.diff(around)[[0, 2]]
    assert (around[2] - around[1]) / 2 > speed.max()
    assert bass_peak(one(0.4), one(0.3))[0] == 0.0
    assert np.isinf(bass_peak(one(0.0), one(0.3))[0])


def test_supply_caps_the_share() -> None:
    adopted = fisher_pry_share(np.arange(12.0)[:, None], one(3.0), one(0.6))
    share = capped_share(one(0.5), adopted, one(0.2))
    assert share.max() == 0.2
    assert np.all(share <= 0.5 * adopted)
    assert np.all(np.diff(share[:, 0]) >= 0.0)


@given(
    displaced=st.floats(0.0, 1.0), traded=st.floats(0.0, 1.0), supply=st.floats(0.01, 3.0), demand=st.floats(0.0, 3.0)
)
@settings(max_examples=examples(100))
def test_the_market_clears_after_displacement(displaced: float, traded: float, supply: float, demand: float) -> None:
    """What is supplied falls by what is displaced less what cheaper service calls forth."""
    change = price_effect(one(displaced), one(traded), one(supply), one(demand))
    assert supply * change[0] == pytest.approx(-displaced * traded + demand_response(change, one(demand))[0], abs=1e-12)
    unanswered = price_effect(one(displaced), one(traded), one(supply), one(0.0))
    assert unanswered[0] <= change[0] <= 0.0


def test_nobody_answers_the_price() -> None:
    change = price_effect(np.array([0.0, 0.2]), one(1.0), one(0.0), one(0.0))
    assert change.tolist() == [0.0, -np.inf]
