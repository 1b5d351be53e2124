"""Attribution of the gap: parts that sum, causes that did nothing, and the planned value by another way."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from assumptions import CaseRun, load_case, run_case
from tests.factories import fleet, hazard, neocloud, one, silicon, terms
from tests.oracle.loop import Loop
from tests.unit.reports.samples import inputs as sample_inputs
from valuation.analysis.attribution import EXTERNAL, FUNCTIONAL, GROUPS, Method, Plan, Waterfall, waterfall
from valuation.analysis.bars import GAP, GROUP, PART, bars
from valuation.analysis.planned import columns, rent_surprises
from valuation.engine import evaluate
from valuation.inputs import RESALE, Inputs
from valuation.results import Results
from valuation.silicon.pressures import BreakthroughInputs, DemandInputs, RivalInputs
from valuation.stages.calibration import freeze, with_frozen

CASES = ("neocloud", "meta")
WAYS = [(method, plan) for method in Method for plan in Plan]


@cache
def bundled(name: str) -> CaseRun:
    return run_case(load_case(name))


def together(base: Inputs, case: Inputs) -> Results:
    """Results of a base and of one case."""
    stacked = Inputs.stack([base, case])
    return evaluate(with_frozen(stacked, freeze(stacked.take(np.array([0])))))


def size(results: Results) -> float:
    owned = results.inputs.fleet
    return float((owned.units * owned.cost).sum(axis=0).max())


def part(found: Waterfall, factor: str) -> np.ndarray:
    """Part of one factor, fleet total by case."""
    return np.asarray(found.parts[found.factors.index(factor)].sum(axis=0))


def assert_parts_sum(found: Waterfall, results: Results) -> None:
    for number, gap in enumerate(results.gaps):
        told = found.accounting[number] + found.parts.sum(axis=0)
        np.testing.assert_allclose(told, gap.gap[results.inputs.timeline.as_of], rtol=0, atol=1e-9 * size(results))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("method", "plan"), WAYS)
def test_parts_sum_to_the_gap_in_every_scenario(name: str, method: Method, plan: Plan) -> None:
    results = bundled(name).results
    assert_parts_sum(waterfall(results, method, plan), results)


@pytest.mark.parametrize(("method", "plan"), WAYS)
def test_parts_sum_where_failures_differ_by_part_and_case(method: Method, plan: Plan) -> None:
    results = evaluate(sample_inputs())
    found = waterfall(results, method, plan)
    assert_parts_sum(found, results)
    worn = part(found, "failures")
    assert worn[2] > worn[0]
    if plan is Plan.SURPRISE:
        assert worn[0] == worn[1] == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(("method", "plan"), WAYS)
def test_cases_frozen_each_for_itself_are_planned_each_for_itself(method: Method, plan: Plan) -> None:
    first, second = (
        neocloud(),
        neocloud(silicon=silicon(failure_hazard=hazard(0.2, 0.1)), terms=terms(plan=np.array([1]))),
    )
    together = evaluate(Inputs.stack([first, second]))
    found = waterfall(together, method, plan)
    assert_parts_sum(found, together)
    for case, alone in enumerate((first, second)):
        single = waterfall(evaluate(alone), method, plan)
        np.testing.assert_allclose(found.parts[..., case], single.parts[..., 0], rtol=1e-9, atol=1e-6)


@pytest.mark.slow
def test_a_factor_that_did_nothing_has_nothing() -> None:
    run = bundled("neocloud")
    found = waterfall(run.results)
    acted = {
        name: {factor for factor in found.factors if part(found, factor)[case]}
        for case, name in enumerate(run.scenario_names)
    }
    assert acted["base"] == {"landings", "scarcity"}
    assert acted["asic_shift"] == acted["base"] | {"inference_asic"}
    assert acted["breakthrough_2029"] == acted["base"] | {"breakthrough"}
    assert acted["etched_small"] == acted["base"] | {"etched"}
    assert acted["edge_serves"] == acted["base"] | {"outside"}
    assert acted["demand_bust"] == acted["base"] | {"demand"}
    assert acted["contract_loss"] == acted["base"] | {"utilisation"}
    assert acted["export_controls"] == acted["base"] | {"resale_market"}
    assert acted["power_price_doubled"] == acted["base"] | {"power"}
    for name in ("hopper_as_seen", "glut", "landing_late", "no_new_silicon"):
        assert acted[name] == acted["base"], name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "moved"),
    [
        ("asic_shift", {"inference_asic"}),
        ("breakthrough_2029", {"breakthrough"}),
        ("demand_bust", {"demand"}),
        ("landing_late", {"landings"}),
        ("scarcity_ends", {"scarcity"}),
        ("hopper_as_seen", {"scarcity"}),
        # Dearer power raises the entry rents of all parts, of hungry ones more, and so the steps between them.
        ("power_price_doubled", {"landings"}),
        ("contract_loss", set()),
    ],
)
@pytest.mark.parametrize("name", CASES)
def test_a_scenario_moves_the_rents_of_its_mechanism_alone(name: str, scenario: str, moved: set[str]) -> None:
    run = bundled(name)
    listed = columns(run.results)
    causes = rent_surprises(run.results, listed, progress=True).causes
    case = run.scenario_names.index(scenario)
    differ = {
        cause
        for cause, change in causes.items()
        if np.abs(change[..., listed.case == case] - change[..., listed.case == 0]).max() > 1e-9
    }
    assert differ == moved


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("scenario", "factor"),
    [("asic_shift", "inference_asic"), ("breakthrough_2029", "breakthrough"), ("power_price_doubled", "power")],
)
def test_the_difference_of_a_scenario_lies_in_its_part_and_in_what_it_multiplies(
    name: str, scenario: str, factor: str
) -> None:
    run = bundled(name)
    found = waterfall(run.results)
    case = run.scenario_names.index(scenario)
    moved = {name: part(found, name)[case] - part(found, name)[0] for name in found.factors}
    lost = found.economic_value[:, 0].sum() - found.economic_value[:, case].sum()
    assert sum(moved.values()) == pytest.approx(lost, rel=1e-9)
    assert max(moved, key=lambda each: abs(moved[each])) == factor
    # In the stated order nothing before the factor knows of it.
    ordered = waterfall(run.results, Method.ORDERED)
    before = ordered.parts[: ordered.factors.index(factor)]
    if factor != "power":
        np.testing.assert_array_equal(before[..., case], before[..., 0])


def test_orders_differ_and_owen_values_do_not_hang_on_one() -> None:
    results = bundled("neocloud").results
    shapley, ordered = waterfall(results), waterfall(results, Method.ORDERED)
    assert not np.allclose(part(shapley, "landings"), part(ordered, "landings"))
    np.testing.assert_allclose(shapley.parts.sum(axis=0), ordered.parts.sum(axis=0), atol=1e-6)
    assert shapley.of_group(FUNCTIONAL)[:, 0].sum() == pytest.approx(part(shapley, "landings")[0])
    assert shapley.of_group(EXTERNAL)[:, 0].sum() == pytest.approx(part(shapley, "scarcity")[0])


def test_what_was_anticipated_is_in_the_plan_or_in_the_parts() -> None:
    results = bundled("neocloud").results
    surprise, whole = waterfall(results), waterfall(results, plan=Plan.NO_PROGRESS)
    np.testing.assert_array_equal(surprise.gap, whole.gap)
    assert whole.planned_value[:, 0].sum() > surprise.planned_value[:, 0].sum()
    assert part(whole, "landings")[0] > 0.0 > part(surprise, "landings")[0]
    assert part(whole, "failures")[0] > 0.0


def test_a_purchase_of_today_has_no_surprise() -> None:
    base = neocloud()
    rows = [(5, 0, 1_000.0, 43_000.0), (42, 1, 500.0, 52_600.0), (42, -1, 5e6, 1.0)]
    results = evaluate(replace(base, fleet=fleet(rows)))
    found = waterfall(results)
    assert results.inputs.fleet.in_service[1] == results.inputs.timeline.as_of
    assert np.abs(found.parts[:, 0]).max() > 0.0
    assert np.abs(found.parts[:, 1:]).max() == 0.0
    np.testing.assert_allclose(found.planned_value[1:], found.economic_value[1:], rtol=1e-12)
    assert_parts_sum(found, results)


def planned_by_loop(inputs: Inputs, cohort: int) -> float:
    """Planned value of a cohort in the base, month by month from its purchase on, in plain floats."""
    loop = Loop(inputs, 0)
    loop.market()
    loop.plans()
    loop.coefficients = [loop.service_of(c) for c in range(loop.cohorts)]
    born, today, g = loop.fleet.in_service[cohort], loop.as_of, loop.fleet.generation[cohort]
    everywhere = range(loop.segments)
    start = [loop.seen_rent(s, born) for s in everywhere]
    scarcity = [math.log(start[s] / loop.base_entry(s, born)) for s in everywhere]
    end = born + loop.life
    rents = loop.forward(loop.outlook, born, start, scarcity, end)
    flow, scrap = loop.flow_of(cohort, rents, born), loop.scrap_of(cohort)
    values, _ = loop.recursion(today, born, end, g, flow, scrap, scrap)
    ratios = []
    for s, ladder in enumerate(loop.ladders(loop.outlook, born)):
        then, now = (loop.level(loop.outlook, ladder, bound)[1] for bound in (born, today))
        service = loop.silicon.service[g][s]
        own = then if loop.fleet.calibrated[cohort] else loop.silicon.cost[g] / service
        ratios.append(min(1.0, now / own) if service > 0 else 0.0)
    cap = loop.fleet.cost[cohort] * max(ratios) * (1.0 + loop.terms.delivery_premium)
    left = loop.survivors(g, today - born)[-1] if born >= 0 else 1.0
    return float(loop.fleet.units[cohort] * left * max(scrap, min(values[0], cap)))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_planned_value_is_found_by_a_plain_loop_from_the_purchase_on(name: str) -> None:
    run = bundled(name)
    inputs, found = run.inputs, waterfall(run.results)
    as_of, born = inputs.timeline.as_of, inputs.fleet.in_service
    known = inputs.outlook.known_from[inputs.silicon.sets_price > 0].min()
    chosen = [c for c in range(len(born)) if known <= born[c] <= as_of]
    for cohort in (chosen[0], chosen[len(chosen) // 2], chosen[-1]):
        assert found.planned_value[cohort, 0] == pytest.approx(planned_by_loop(inputs, cohort), rel=1e-9)


def test_before_any_part_was_known_rents_are_planned_to_fall_by_the_planning_decline() -> None:
    run = bundled("meta")
    inputs, listed = run.inputs, columns(run.results)
    frozen = inputs.frozen
    assert frozen is not None
    planned = rent_surprises(run.results, listed, progress=True).planned
    for column in (0, inputs.cases):
        born = int(inputs.fleet.in_service[listed.cohort[column]])
        decline, as_of = float(frozen.planning_decline[0]), inputs.timeline.as_of
        assert born < inputs.outlook.known_from.min()
        row = max(born, 0)
        start = math.log(run.results.market.rent[row, 0, 0]) - decline * min(born, 0)
        for ahead in (0, 7, len(planned) - 1):
            months = min(as_of - born + ahead, int(inputs.silicon.physical_life[0]))
            assert planned[ahead, 0, column] == pytest.approx(start - decline * months, abs=1e-12)


def test_a_rival_that_was_announced_is_no_surprise_and_one_that_was_not_is() -> None:
    base = neocloud()
    bounds = base.timeline.periods + 1
    took = np.clip((np.arange(bounds) - 10.0) / 100.0, 0.0, 0.5)[:, None]
    rival = RivalInputs("npu", "outside", np.ones((1, 1, 1)), took, known_from=one(24))
    outlook = replace(base.outlook, rivals=(rival,), demand=(DemandInputs(),))
    results = evaluate(replace(base, outlook=outlook, path=outlook))
    found = waterfall(results)
    assert_parts_sum(found, results)
    outside = found.parts[found.factors.index("outside"), :, 0]
    early, later = results.inputs.fleet.in_service[:3] < 24, results.inputs.fleet.in_service[:3] >= 24
    assert (outside[:3][early] > 0.0).all()
    assert (outside[:3][later] == 0.0).all()


def test_a_chance_that_did_not_come_is_a_gain() -> None:
    base = neocloud()
    chance = BreakthroughInputs("leap", one(0.5), rate=one(0.02))
    outlook = replace(base.outlook, breakthroughs=(chance,))
    results = evaluate(replace(base, outlook=outlook, path=outlook))
    found = waterfall(results)
    assert_parts_sum(found, results)
    assert part(found, "breakthrough")[0] < 0.0


@pytest.mark.parametrize(("method", "plan"), WAYS)
def test_values_by_an_age_price_curve_are_attributed_too(method: Method, plan: Plan) -> None:
    base = neocloud()
    results = together(base, replace(base, path=replace(base.path, mode=np.array([RESALE]))))
    found = waterfall(results, method, plan)
    assert_parts_sum(found, results)
    assert part(found, "resale_market")[1] != 0.0 == part(found, "resale_market")[0]
    outlook = replace(base.outlook, mode=np.array([RESALE]))
    alone = evaluate(replace(base, outlook=outlook, path=outlook))
    whole = waterfall(alone, method, plan)
    assert_parts_sum(whole, alone)
    assert np.abs(whole.parts[1:]).max() == 0.0


@pytest.mark.parametrize(("method", "plan"), WAYS)
@pytest.mark.parametrize("sale", [np.nan, 12_345.0])
def test_a_sale_of_today_is_worth_what_was_agreed(method: Method, plan: Plan, sale: float) -> None:
    base = neocloud()
    leave, price = base.fleet.scheduled_retirement.copy(), base.fleet.sale_value.copy()
    leave[:3], price[:3] = (45, 60, 20), sale
    owned = replace(base.fleet, scheduled_retirement=leave, sale_value=price)
    results = evaluate(replace(base, fleet=owned))
    found = waterfall(results, method, plan)
    assert_parts_sum(found, results)
    # Units lost are the plan's business still.
    assert np.abs(found.parts[1:, 0]).max() == 0.0
    assert np.abs(found.parts[:, 2]).max() == 0.0


def test_terms_of_a_case_hold_on_both_sides() -> None:
    base = neocloud()
    dear = replace(base, terms=replace(base.terms, discount_factor=one(1.3 ** (-1 / 12)), delivery_premium=one(0.5)))
    results = together(base, dear)
    for method, plan in WAYS:
        assert_parts_sum(waterfall(results, method, plan), results)
    found = waterfall(results)
    assert found.planned_value[:, 1].sum() < found.planned_value[:, 0].sum()


def test_bars_of_one_level_sum_to_the_gap() -> None:
    run = bundled("neocloud")
    results, found = run.results, waterfall(run.results)
    listed = bars(found, results)
    assert list(listed) == [ledger.name for ledger in results.ledgers]
    for ledger, rows in listed.items():
        gap = next(bar.usd for bar in rows if bar.part == GAP)
        assert [bar.part for bar in rows if bar.level == GROUP] == ["accounting", *GROUPS]
        for level in (GROUP, PART):
            told = sum(bar.usd for bar in rows if bar.level == level)
            np.testing.assert_allclose(told, gap, rtol=0, atol=1e-9 * size(results))
        number = found.ledgers.index(ledger)
        np.testing.assert_allclose(gap[-1], found.gap[number].sum(axis=0), rtol=1e-12)
