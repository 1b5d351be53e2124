"""What must hold of every result, whatever the inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.factories import column, fleet, neocloud, outlook, silicon
from tests.properties.strategies import AS_OF, inputs
from valuation.analysis.checks import check
from valuation.engine import evaluate
from valuation.inputs import CURVE, HistoryInputs, Inputs
from valuation.stages.calibration import freeze, with_frozen

BATTERY = settings(max_examples=12, deadline=None, derandomize=True)


@given(case=inputs())
@BATTERY
def test_identities_hold(case: Inputs) -> None:
    failed = [item for item in check(evaluate(case)) if not item.passed]
    assert failed == []


@given(case=inputs())
@BATTERY
def test_over_a_life_hidden_depreciation_is_the_surplus_under_every_ledger(case: Inputs) -> None:
    results = evaluate(case)
    opened = case.fleet.in_service > 0
    surplus = (results.economic.purchase_surplus - results.economic.exchange_discount).sum(axis=0)[opened]
    size = float((case.fleet.units * case.fleet.cost).max())
    for gap in results.gaps:
        np.testing.assert_allclose(gap.hidden_depreciation.sum(axis=0)[opened], surplus, atol=1e-9 * size)


@given(case=inputs())
@BATTERY
def test_value_of_a_device_in_service_is_never_below_scrap(case: Inputs) -> None:
    economic = evaluate(case).economic
    scrap = case.terms.scrap_share * case.fleet.cost
    short = np.where(economic.units > 0, economic.unit_value_in_exchange - scrap, 0.0)
    assert short.min() >= -1e-9 * float(case.fleet.cost.max())


@given(case=inputs())
@BATTERY
def test_ledgers_close_to_nothing_and_charge_no_more_than_cost(case: Inputs) -> None:
    results = evaluate(case)
    cost = case.fleet.units * case.fleet.cost
    for ledger in results.ledgers:
        assert np.abs(ledger.carrying_amount[-1]).max() == 0.0
        charged = (ledger.depreciation + ledger.disposals).sum(axis=0)
        assert np.all(charged <= cost * (1 + 1e-12) + 1e-6)
        assert ledger.depreciation.min() >= 0.0


@given(case=inputs())
@BATTERY
def test_doubling_every_price_doubles_every_value(case: Inputs) -> None:
    first, second = evaluate(case), evaluate(doubled(case))
    size = float((case.fleet.units * case.fleet.cost).max())
    for one_array, two_array in (
        (first.economic.value_in_use, second.economic.value_in_use),
        (first.economic.value_in_exchange, second.economic.value_in_exchange),
        (first.gaps[1].hidden_depreciation, second.gaps[1].hidden_depreciation),
        (first.returns.npv, second.returns.npv),
    ):
        np.testing.assert_allclose(two_array, 2.0 * one_array, atol=1e-9 * size)


def doubled(case: Inputs) -> Inputs:
    """The same case in a currency of half the worth; dollar cohorts double their units, whose unit is a dollar."""
    dollars = case.fleet.calibrated[:, None] > 0
    return replace(
        case,
        fleet=replace(
            case.fleet,
            cost=np.where(dollars, case.fleet.cost, 2.0 * case.fleet.cost),
            units=np.where(dollars, 2.0 * case.fleet.units, case.fleet.units),
        ),
        silicon=replace(case.silicon, cost=2.0 * case.silicon.cost, operating_cost=2.0 * case.silicon.operating_cost),
        history=HistoryInputs(2.0 * case.history.observed_rent),
    )


@given(case=inputs())
@BATTERY
def test_a_later_landing_never_lowers_value(case: Inputs) -> None:
    base = with_frozen(case, freeze(case))
    later = replace(base, path=replace(base.path, delay=base.path.delay + column(0, 0, 6, 6)))
    now, then = evaluate(base), evaluate(later)
    fell = then.economic.unit_value_in_use[AS_OF] - now.economic.unit_value_in_use[AS_OF]
    assert fell.min() >= -1e-9 * float(case.fleet.cost.max())


@given(case=inputs())
@BATTERY
def test_a_longer_halving_of_scarcity_helps_when_rents_are_scarce(case: Inputs) -> None:
    frozen = freeze(case)
    slower = replace(case.path, reversion_half_life=2.0 * case.path.reversion_half_life)
    now = evaluate(with_frozen(case, frozen)).economic.unit_value_in_use[AS_OF]
    then = evaluate(with_frozen(replace(case, path=slower), frozen)).economic.unit_value_in_use[AS_OF]
    sign = float(np.sign(frozen.scarcity[0, 0]))
    assert (sign * (then - now)).min() >= -1e-9 * float(case.fleet.cost.max())


@given(case=inputs())
@BATTERY
def test_no_depreciation_before_service_or_after_retirement(case: Inputs) -> None:
    results = evaluate(case)
    period = np.arange(case.timeline.periods)[:, None, None]
    idle = (period < case.fleet.in_service[:, None]) | (period >= results.economic.retirement)
    for ledger in results.ledgers:
        assert np.abs(ledger.depreciation[idle]).max(initial=0.0) == 0.0
    assert np.abs(results.economic.quasi_rent[idle]).max(initial=0.0) == 0.0


@given(case=inputs())
@BATTERY
def test_a_stack_equals_its_cases_one_by_one(case: Inputs) -> None:
    frozen = freeze(case)
    cases = [with_frozen(case, frozen)]
    cases.append(replace(cases[0], path=replace(case.path, delay=case.path.delay + column(0, 0, 4, 4))))
    cases.append(
        replace(cases[0], path=replace(case.path, mode=np.array([CURVE]), curve=np.linspace(0, -2, 30)[:, None]))
    )
    together = evaluate(Inputs.stack(cases))
    size = float((case.fleet.units * case.fleet.cost).max())
    for index, alone in enumerate(map(evaluate, cases)):
        for joint, single in (
            (together.economic.value_in_exchange, alone.economic.value_in_exchange),
            (together.economic.economic_depreciation, alone.economic.economic_depreciation),
            (together.gaps[0].gap, alone.gaps[0].gap),
            (together.ledgers[1].depreciation, alone.ledgers[1].depreciation),
        ):
            column_of = index if joint.shape[-1] > 1 else 0
            np.testing.assert_allclose(joint[..., column_of], single[..., 0], rtol=1e-12, atol=1e-12 * size)
        assert together.returns.npv[index] == pytest.approx(alone.returns.npv[0], rel=1e-12, abs=1e-12 * size)


@given(case=inputs())
@BATTERY
def test_no_hindsight_in_history(case: Inputs) -> None:
    """What was worth something at a past date does not change when later rents turn out otherwise."""
    cut = AS_OF - 12
    otherwise = np.array(case.history.observed_rent)
    otherwise[cut + 1 :] *= np.linspace(0.8, 0.4, AS_OF - cut)[:, None, None]
    now = evaluate(case).economic.unit_value_in_use[: cut + 1]
    then = evaluate(replace(case, history=HistoryInputs(otherwise))).economic.unit_value_in_use[: cut + 1]
    np.testing.assert_allclose(then, now, rtol=1e-12)


def test_removing_later_index_rows_does_not_change_past_values() -> None:
    """The index cut at a past month: values up to it stand, whatever is held after it."""
    case = neocloud()
    cut = AS_OF - 9
    fewer = np.array(case.history.observed_rent)
    fewer[cut + 1 :] = np.nan
    frozen = freeze(case)
    full = evaluate(with_frozen(case, frozen)).economic.unit_value_in_exchange[: cut + 1]
    short = evaluate(with_frozen(replace(case, history=HistoryInputs(fewer)), frozen))
    np.testing.assert_allclose(short.economic.unit_value_in_exchange[: cut + 1], full, rtol=1e-12)


def test_a_calibrated_vintage_equals_a_cohort_of_its_reference_device() -> None:
    """With one part on the market, bought since rents are observed: a dollar is worth the same, to 1e-9."""
    rows = [(15, 0, 1_000.0, 43_000.0), (15, -1, 43e6, 1.0), (41, 0, 10.0, 43_000.0), (41, -1, 43e4, 1.0)]
    only = outlook(
        AS_OF,
        landing=column(-1_000, 1e5, 1e5, 1e5),
        known_from=column(-1_000, 1e5, 1e5, 1e5),
    )
    results = evaluate(neocloud(fleet=fleet(rows), outlook=only, path=only))
    for values in (results.economic.value_in_use, results.economic.value_in_exchange, results.economic.quasi_rent):
        np.testing.assert_allclose(values[:, 1], values[:, 0], rtol=1e-9, atol=1e-9 * 43e6)
        np.testing.assert_allclose(values[:, 3], values[:, 2], rtol=1e-9, atol=1e-9 * 43e4)


def test_a_frontier_device_at_zero_scarcity_is_worth_its_cost_at_the_default_decline() -> None:
    """The planning decline is the root at which value over cost is one; the first guess matters not."""
    from valuation.stages.calibration import break_even_decline, entrant_value

    case = neocloud()
    decline = break_even_decline(case)
    assert entrant_value(case, decline)[0] == pytest.approx(1.0, abs=1e-6)
    assert 12 * decline[0] == pytest.approx(0.17, abs=0.02)


def test_the_rent_at_the_as_of_date_is_the_observed_one_in_every_scenario() -> None:
    case = neocloud()
    frozen = freeze(case)
    shifts = [column(0, 0, months, months) for months in (-12, -3, 0, 9, 24)]
    stack = Inputs.stack([with_frozen(replace(case, path=replace(case.path, delay=shift)), frozen) for shift in shifts])
    rent = evaluate(stack).market.rent
    np.testing.assert_array_equal(rent[AS_OF], np.broadcast_to(case.history.observed_rent[-1], rent[AS_OF].shape))


def test_more_expensive_electricity_never_lengthens_a_life() -> None:
    case = neocloud()
    frozen = freeze(case)
    dearer = silicon(operating_cost=case.silicon.operating_cost * 1.3)
    now = evaluate(with_frozen(case, frozen)).economic.retirement
    then = evaluate(with_frozen(replace(case, silicon=dearer), frozen)).economic.retirement
    assert np.all(then <= now)


@pytest.mark.parametrize("lag", [0, 3])
def test_the_grid_length_bears_on_nothing(lag: int) -> None:
    """Two more years of horizon change no value, no charge and no return."""
    from tests.factories import ledger
    from valuation.timeline import Timeline

    def case(periods: int) -> Inputs:
        rows = [(5, 0, 1_000.0, 43_000.0), (50, 1, 2_000.0, 52_600.0)]
        return neocloud(
            timeline=Timeline(np.datetime64("2022-12"), periods, AS_OF),
            fleet=fleet(rows, lag=lag),
            ledgers=(ledger("three_year", 36, periods),),
        )

    short, long = evaluate(case(AS_OF + 180)), evaluate(case(AS_OF + 204))
    kept = AS_OF + 181
    np.testing.assert_allclose(long.economic.value_in_use[:kept], short.economic.value_in_use, rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(long.returns.npv, short.returns.npv, rtol=1e-12)
    np.testing.assert_allclose(long.returns.mirr, short.returns.mirr, rtol=1e-9)
    np.testing.assert_allclose(long.returns.irr_roots[0], short.returns.irr_roots[0], rtol=1e-6)
    np.testing.assert_allclose(long.fleet_lives.t90, short.fleet_lives.t90)
