"""Every reading of a run against sums and judges made here: what is wired to what, and over what it is added up."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import numpy_financial as npf
import pytest
import pyxirr

from tests.factories import column, fleet, neocloud, observed, one, silicon, terms
from valuation.analysis.readings import device_rent_as_of, device_value_as_of, idle_landings
from valuation.analysis.summary import summarise
from valuation.engine import evaluate
from valuation.inputs import HistoryInputs
from valuation.results import Results

ROWS = [
    (-20, 0, 500.0, 30_000.0),
    (5, 0, 1_000.0, 43_000.0),
    (17, 0, 3_000.0, 43_000.0),
    (29, 1, 2_000.0, 52_600.0),
    (53, 2, 1_000.0, 120_300.0),
]
SOLD = 60


@pytest.fixture(scope="module")
def results() -> Results:
    """Five purchases of different size, one older than the grid, one sold for 9,000 a device; used ones sell cheap."""
    stock = fleet(ROWS)
    scheduled, price = stock.scheduled_retirement.copy(), stock.sale_value.copy()
    scheduled[2], price[2] = SOLD, 9_000.0
    stock = replace(stock, scheduled_retirement=scheduled, sale_value=price)
    return evaluate(neocloud(fleet=stock, terms=terms(delivery_premium=one(-0.3))))


def flows_after(results: Results) -> np.ndarray:
    """Cash from the as-of bound on, the owned devices bought at value in exchange."""
    as_of, economic = results.inputs.timeline.as_of, results.economic
    flows = np.array(results.cash.net[as_of:, 0])
    flows[0] = results.cash.proceeds[as_of, 0] - sum(economic.value_in_exchange[as_of, :, 0])
    return flows


def test_modified_rate_is_that_of_the_spreadsheet(results: Results) -> None:
    monthly = 1.0 / float(results.inputs.terms.discount_factor[0]) - 1.0
    flows = np.trim_zeros(flows_after(results), "b")
    assert results.returns.mirr[0] == pytest.approx((1.0 + npf.mirr(flows, monthly, monthly)) ** 12 - 1.0, rel=1e-9)


def test_internal_rate_is_that_of_another_library(results: Results) -> None:
    monthly = pyxirr.irr(flows_after(results))
    assert monthly is not None
    assert results.returns.irr[0] == pytest.approx((1.0 + monthly) ** 12 - 1.0, rel=1e-8)


@pytest.mark.parametrize("discounted", [False, True])
def test_payback_is_where_the_sum_of_cash_turns(results: Results, *, discounted: bool) -> None:
    factor = float(results.inputs.terms.discount_factor[0]) if discounted else 1.0
    total, before, month = 0.0, 0.0, 0
    for month, flow in enumerate(flows_after(results)):
        before, total = total, total + flow * factor**month
        if total >= 0.0:
            break
    expected = month - 1 + before / (before - total)
    found = results.returns.discounted_payback if discounted else results.returns.payback
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_lives_of_the_fleet_follow_its_money_and_value_in_use(results: Results) -> None:
    economic, owned = results.economic, results.inputs.fleet
    seen = [cohort for cohort, bound in enumerate(owned.in_service) if bound >= 0]
    paid = {cohort: float(owned.units[cohort, 0] * owned.cost[cohort, 0]) for cohort in seen}
    ages = 60
    profile = []
    for age in range(ages):
        worth = 0.0
        for cohort in seen:
            bound = owned.in_service[cohort] + age
            if bound <= economic.retirement[cohort, 0]:
                worth += paid[cohort] * economic.unit_value_in_use[bound, cohort, 0] / owned.cost[cohort, 0]
        profile.append(worth / sum(paid.values()))
    half = next(age for age in range(ages) if max(profile[age:]) <= 0.5)
    assert results.fleet_lives.t50[0, 0] == half
    ended = sum(paid[cohort] * (economic.retirement[cohort, 0] - owned.in_service[cohort]) for cohort in seen) / sum(
        paid.values()
    )
    assert results.fleet_lives.retirement[0, 0] == pytest.approx(ended, rel=1e-12)


def test_a_life_over_before_it_was_seen_is_unknown(results: Results) -> None:
    """The oldest purchase is 17 months old when the grid opens; if it is below half by then, nobody saw when."""
    cheap = np.array(results.inputs.fleet.cost)
    cheap[0] *= 20.0
    old = evaluate(replace(results.inputs, fleet=replace(results.inputs.fleet, cost=cheap), frozen=None))
    assert old.economic.unit_value_in_use[0, 0, 0] < 0.5 * cheap[0, 0]
    assert np.isnan(old.cohort_lives.t50[0, 0])
    assert not np.isnan(results.cohort_lives.t50[1, 0])


def test_groups_are_sums_of_their_cohorts(results: Results) -> None:
    summary, group = summarise(results), results.inputs.fleet.group
    economic = summary.economic
    stocks = {"units": "units", "value_in_use": "value_in_use", "economic_value": "value_in_exchange"}
    flows = {
        "retired_units", "quasi_rent", "economic_depreciation", "purchase_surplus", "exchange_discount", "proceeds",
    }  # fmt: skip
    assert {item.name for item in fields(economic)} == {*stocks, *flows, "rent_per_hour"}
    for name in (*stocks, *flows):
        source = getattr(results.economic, stocks.get(name, name))
        source = source[1:] if name in stocks else source
        found = getattr(economic, name)
        assert np.nanmax(np.abs(found)) > 0.0, name
        for number in range(results.inputs.groups):
            expected = sum(source[:, cohort, 0] for cohort in np.flatnonzero(group == number))
            known = ~np.isnan(found[:, number, 0])
            np.testing.assert_allclose(found[known, number, 0], expected[known], rtol=1e-12, atol=1e-6, err_msg=name)
            assert known[results.published_from :].all(), name


def test_a_year_that_is_published_in_part_is_not_published() -> None:
    """As of 2024-06 no fiscal year has ended since the first rent of 2024-01, so no whole year is known before 2025."""
    base = neocloud()
    early = 18
    results = evaluate(
        replace(
            base,
            timeline=replace(base.timeline, as_of=early),
            history=replace(base.history, observed_rent=base.history.observed_rent[: early + 1]),
        )
    )
    assert results.published_from == early
    years = summarise(results).fiscal_years
    assert years.years[np.asarray(years.published)].tolist()[0] == 2025
    assert np.isnan(years.economic_depreciation[years.years == 2024]).all()


def test_life_beyond_plan_is_the_worth_of_the_choice_to_stop(results: Results) -> None:
    """A new B200 on its own plan, valued here month by month."""
    inputs, frontier = results.inputs, 1
    silicon, factor = inputs.silicon, float(inputs.terms.discount_factor[0])
    rent = results.market.generation_entry_rent[frontier, 0, 0]
    hours = float(inputs.terms.paid_hours[0] * silicon.service[frontier, 0, 0])
    cost = float(silicon.cost[frontier, 0])
    scrap = float(inputs.terms.scrap_share[0]) * cost
    value = scrap
    for age in range(int(silicon.physical_life[0]) - 1, -1, -1):
        earned = hours * rent * np.exp(-results.market.planning_decline[0] * age) - silicon.operating_cost[frontier, 0]
        value = max(scrap, factor * (earned + (1.0 - silicon.failure_hazard[age, 0, 0]) * value))
    assert results.life_beyond_plan[0] == pytest.approx(value / cost - 1.0, rel=1e-9)


def test_devices_at_the_as_of_date(results: Results) -> None:
    as_of = results.inputs.timeline.as_of
    values = [results.economic.unit_value_in_exchange[as_of, cohort, 0] for cohort in (0, 1, 2)]
    assert min(values) < max(values)
    assert device_value_as_of(results, 0) == (min(values), max(values))
    assert device_value_as_of(results, 2) is None
    assert device_rent_as_of(results, 1) == pytest.approx(1.847 * results.market.rent[as_of, 0, 0])


def test_no_outlay_no_payback() -> None:
    """A fleet that is all gone pays nothing and gets nothing back."""
    gone = fleet(ROWS[1:2], scheduled_retirement=np.array([20]), sale_value=column(1_000.0))
    returns = evaluate(neocloud(fleet=gone)).returns
    assert np.isnan(returns.payback[0])
    assert np.isnan(returns.discounted_payback[0])


def test_a_stack_of_equal_cases_is_as_wide_as_its_cases() -> None:
    base = neocloud()
    stack = type(base).stack([base, base, base])
    assert stack.cases == 3
    summary = summarise(evaluate(stack))
    assert summary.economic.units.shape[-1] == 3
    np.testing.assert_array_equal(summary.as_of.economic_value[1:], summary.as_of.economic_value[0])


def test_a_landing_that_lowers_no_entry_rent_is_told() -> None:
    """A part dearer per unit than the one before it moves nothing; a part for another segment does."""
    assert idle_landings(evaluate(neocloud())) == []
    dear = silicon(cost=column(43_000, 90_000, 120_300, 1.0))
    assert idle_landings(evaluate(neocloud(silicon=dear))) == [(1, 0)]
    service = np.array([[1.0, 0.0], [0.5, 0.5], [4.45, 4.45], [1.0, 1.0]])[:, :, None]
    both = np.concatenate([observed(45), observed(45)], axis=1)
    opened = neocloud(silicon=silicon(service=service), history=HistoryInputs(both))
    assert idle_landings(evaluate(opened)) == []
