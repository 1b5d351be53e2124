"""Cost per token over the spectrum of silicon, and when etched weights pay."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate

from tests.effort import examples
from tests.factories import column, one
from valuation.silicon.spectrum import (
    SiliconClass,
    break_even_tokens,
    costs_by_churn,
    efficient_frontier,
    energy_cost,
    etched_annual_cost,
    least_units,
    levelised_cost,
    upgrade_plan,
    upgrade_price,
    winner,
    yearly_million_tokens,
)

money = st.floats(1.0, 1e4)


def classes() -> SiliconClass:
    """A programmable, a fixed-function and an etched part at round figures."""
    return SiliconClass(
        cost=column(40_000, 40_000, 20_000),
        upkeep=column(500, 500, 100),
        power=column(1.3, 1.3, 0.5),
        million_tokens=yearly_million_tokens(column(3_000, 15_000, 15_000), one(1.0)),
        reprogrammability=column(1.0, 0.5, 0.05),
    )


def cost_at(rate: float, hazard: float, life: float) -> np.ndarray:
    """Cost of a million tokens on each class, all with the same hazard."""
    return levelised_cost(
        classes(), rate=one(rate), stranding_hazard=one(hazard), life=one(life), electricity_price=one(0.07)
    )[:, 0]


def test_yearly_quantities() -> None:
    assert yearly_million_tokens(one(1_000.0), one(0.5))[0] == pytest.approx(1_000 * 0.5 * 365 * 86_400 / 1e6)
    assert energy_cost(one(2.0), one(0.1))[0] == pytest.approx(1_752.0)


def test_levelised_cost_is_the_price_that_pays_the_cost_back() -> None:
    """Price times tokens less upkeep and energy, discounted at rate plus hazard over the life, is the cost."""
    part, rate, hazard, life = classes(), 0.12, 0.7, 5.0
    yearly = cost_at(rate, hazard, life) * part.million_tokens[:, 0]
    net = yearly - part.upkeep[:, 0] - 8_760 * part.power[:, 0] * 0.07
    annuity, _ = integrate.quad(lambda t: np.exp(-(rate + hazard) * t), 0.0, life)
    assert net * annuity == pytest.approx(part.cost[:, 0], rel=1e-10)


def test_without_rate_and_hazard_the_charge_is_the_straight_line() -> None:
    part = classes()
    plain = (part.cost[:, 0] / 5.0 + part.upkeep[:, 0] + 8_760 * part.power[:, 0] * 0.07) / part.million_tokens[:, 0]
    assert cost_at(0.0, 0.0, 5.0) == pytest.approx(plain, rel=1e-14)
    assert cost_at(1e-9, 0.0, 5.0) == pytest.approx(plain, rel=1e-8)


@given(rate=st.floats(0.0, 0.4), hazard=st.floats(0.0, 5.0), more=st.floats(0.01, 5.0), life=st.floats(0.5, 15.0))
@settings(max_examples=examples(100))
def test_hazard_adds_to_the_cost_and_life_takes_from_it(rate: float, hazard: float, more: float, life: float) -> None:
    base = cost_at(rate, hazard, life)
    assert np.all(cost_at(rate, hazard + more, life) > base)
    assert np.all(cost_at(rate, hazard, life + more) <= base * (1 + 1e-12))
    assert cost_at(rate + hazard, 0.0, life) == pytest.approx(base, rel=1e-12)


def test_the_winner_depends_on_churn() -> None:
    """Etched weights win where models stay, programmable parts where they change all the time."""
    churn, horizon = np.array([0.0, 1.5, 3.0, 60.0]), np.array([1.0, 5.0])
    terms = {"churn_rate": churn, "horizon": horizon, "rate": one(0.12), "electricity_price": one(0.07)}
    costs = costs_by_churn(classes(), **terms)
    assert costs.shape == (3, 4, 2, 1)
    best = winner(costs)[:, 1, 0]
    assert best[0] == 2
    assert best[-1] == 0
    assert np.all(np.diff(best) <= 0)
    for (r, rate_of_churn), (h, life) in product(enumerate(churn), enumerate(horizon)):
        for position, rho in enumerate((1.0, 0.5, 0.05)):
            alone = cost_at(0.12, rate_of_churn * (1 - rho), life)[position]
            assert costs[position, r, h, 0] == pytest.approx(alone, rel=1e-13)


def test_a_programmable_class_does_not_feel_churn() -> None:
    terms = {"horizon": np.array([5.0]), "rate": one(0.12), "electricity_price": one(0.07)}
    costs = costs_by_churn(classes(), churn_rate=np.array([0.0, 2.0, 50.0]), **terms)
    assert np.all(costs[0, :, 0, 0] == costs[0, 0, 0, 0])


def test_frontier_keeps_what_nothing_beats() -> None:
    efficiency, freedom = column(1.0, 5.0, 5.0, 4.0, 30.0, 1.0), column(1.0, 0.5, 0.5, 0.4, 0.05, 0.9)
    assert efficient_frontier(efficiency, freedom)[:, 0].tolist() == [True, True, True, False, True, False]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8))
@settings(max_examples=examples(100))
def test_frontier_is_that_of_the_definition(points: list[tuple[int, int]]) -> None:
    efficiency, freedom = np.array(points, dtype=float).T[:, :, None]
    found = efficient_frontier(efficiency, freedom)[:, 0]
    for mine, kept in zip(points, found, strict=True):
        beaten = any(other[0] >= mine[0] and other[1] >= mine[1] and other != mine for other in points)
        assert kept == (not beaten)
    assert found.any()


def test_break_even_is_where_both_cost_the_same() -> None:
    annual = etched_annual_cost(
        one(4_000.0), rate=one(0.12), life=one(4.0), upgrade_price=one(1_000.0), energy=energy_cost(one(0.2), one(0.08))
    )
    tokens = break_even_tokens(annual, one(0.5), one(0.1))
    assert annual + 0.1 * tokens == pytest.approx(0.5 * tokens)
    assert np.isinf(break_even_tokens(annual, one(0.5), one(0.5))[0])


def test_annual_cost_without_interest() -> None:
    free = etched_annual_cost(
        one(4_000.0), rate=np.array([0.0, 0.12]), life=one(4.0), upgrade_price=one(0.0), energy=one(0.0)
    )
    assert free[0] == pytest.approx(1_000.0)
    assert (free[1] / 1.12 ** np.arange(1, 5)).sum() == pytest.approx(4_000.0)


@given(target=money, unit=money, respin=st.floats(0.0, 1e8))
@example(target=1.0000000000000002, unit=1.0, respin=1.0)
@settings(max_examples=examples(200))
def test_least_units_are_the_least(target: float, unit: float, respin: float) -> None:
    found = least_units(one(target), one(unit), one(respin))[0]
    if np.isinf(found):
        assert target < unit or (target == unit and respin > 0.0)
        return
    assert found >= 1.0
    assert found == np.floor(found)
    assert upgrade_price(one(unit), one(respin), one(found))[0] <= target
    if found > 1.0:
        # One unit fewer costs more than the target, or so little less that the price of a unit hides it.
        assert upgrade_price(one(unit), one(respin), one(found - 1.0))[0] >= np.nextafter(target, 0.0)


def test_a_thousand_a_unit_needs_many_units() -> None:
    assert least_units(one(1_000.0), one(400.0), one(30e6))[0] == 50_000.0
    assert np.isinf(least_units(one(1_000.0), one(1_000.0), one(1.0))[0])
    assert least_units(one(1_000.0), one(1_000.0), one(0.0))[0] == 1.0


def best_by_trial(worth: np.ndarray, price: np.ndarray, staleness: float, factor: float) -> float:
    """Best value over every sequence of decisions."""
    best = -np.inf
    for plan in product((False, True), repeat=len(worth)):
        age, value = 0, 0.0
        for year, upgrade in enumerate(plan):
            age = 0 if upgrade else age
            value += factor**year * (factor * worth[year] * np.exp(-staleness * age) - price[year] * upgrade)
            age += 1
        best = max(best, value)
    return best


@given(
    worth=st.lists(st.floats(0.0, 5_000.0), min_size=1, max_size=7),
    price=st.floats(1.0, 3_000.0),
    staleness=st.floats(0.0, 2.0),
    rate=st.floats(0.0, 0.4),
)
@settings(max_examples=examples(60))
def test_upgrades_are_the_best_of_all_sequences(
    worth: list[float], price: float, staleness: float, rate: float
) -> None:
    earned, factor = np.array(worth), 1 / (1 + rate)
    prices = price * np.linspace(1.0, 0.5, len(worth))
    plan = upgrade_plan(earned[:, None], prices[:, None], staleness=one(staleness), discount_factor=one(factor))
    assert plan.value[0] == pytest.approx(best_by_trial(earned, prices, staleness, factor), rel=1e-12, abs=1e-9)
    assert plan.upgrades.shape == (len(worth), 1)
    assert not plan.upgrades[0, 0]


def test_upgrades_answer_their_price_and_the_staleness() -> None:
    worth = np.full((6, 4), 2_000.0)
    plan = upgrade_plan(
        worth,
        np.array([1_000.0, 1_000.0, 1e9, 1.0]),
        staleness=np.array([0.0, 0.6, 0.6, 0.6]),
        discount_factor=one(0.9),
    )
    assert plan.upgrades[:, 0].sum() == 0
    assert 0 < plan.upgrades[:, 1].sum() < 5
    assert plan.upgrades[:, 2].sum() == 0
    assert plan.upgrades[:, 3].tolist() == [False, True, True, True, True, True]


def test_policy_holds_for_old_weights_too() -> None:
    """A device met with weights of any age: older ones are replaced wherever younger ones are."""
    plan = upgrade_plan(
        np.full((5, 1), 2_000.0), np.full((5, 1), 1_000.0), staleness=one(0.4), discount_factor=one(0.9)
    )
    assert plan.policy.shape == (5, 6, 1)
    assert np.all(np.diff(plan.policy[:, :, 0].astype(int), axis=1) >= 0)
    last = 0.9 * 2_000.0 * (1.0 - np.exp(-0.4 * np.arange(6))) > 1_000.0
    assert plan.policy[-1, :, 0].tolist() == last.tolist()
