"""What random paths do the short way, against the long one: ramps, landings, shares paid, values, months to stop in."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import special

from assumptions import load_case
from assumptions.risk.drawn import Risk
from valuation.devices.recursion import Stay
from valuation.devices.returns import bracketed_rate, internal_rates
from valuation.devices.value import value_along, value_from_state
from valuation.draws.processes import expected_logit, mean_reverting_variance, persistence
from valuation.draws.sampling import draw
from valuation.paths.dates import Dates, Places
from valuation.paths.foresight import state_on_paths
from valuation.paths.prospects import Prospects
from valuation.paths.stopping import months_that_pay, stops_at, worth_no_more
from valuation.precision import largest_exponent
from valuation.silicon.ramps import ramp, ramps_ahead
from valuation.stages.calibration import generation_rents
from valuation.stages.ladder import landing_ladder, volume_share
from valuation.stages.market import landed_fall
from valuation.timeline import BoolArray

WIDTH = 48
CASES = ("neocloud", "captive-asic", "etched-inference")


@cache
def drawn(name: str) -> Prospects:
    """A block of paths on which everything is drawn that a case has random."""
    risk = Risk(load_case(name))
    return risk(draw(replace(risk.plan(7, "philox"), width=WIDTH), 0, 0))


@pytest.mark.parametrize("volatility", [0.05, 0.29, 0.8])
def test_a_share_needs_no_more_nodes_than_it_is_given(volatility: float) -> None:
    level, state = np.array([0.05, 0.5, 0.9, 0.99]), np.array([-1.5, -0.2, 0.0, 0.8])
    ahead, half_life, size = np.arange(0.0, 60.0, 7.0)[:, None], np.array([12.0]), np.array([volatility])
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    centre = special.logit(level) + persistence(ahead, half_life) * state
    deviation = np.sqrt(mean_reverting_variance(ahead, half_life, size))
    expected = (weights / weights.sum() * special.expit(centre[..., None] + deviation[..., None] * nodes)).sum(axis=-1)
    found = expected_logit(level, state, ahead, half_life, size)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 if volatility > 0.5 else 1e-12)


def test_a_share_of_extreme_logits_stays_a_share() -> None:
    state = np.array([-900.0, -40.0, 40.0, 900.0])
    found = expected_logit(np.array([0.5]), state, np.zeros((1, 1)), np.array([np.inf]), np.array([0.3]))[0]
    np.testing.assert_allclose(found, [0.0, 0.0, 1.0, 1.0], atol=1e-15)


@pytest.mark.parametrize("width", [0.2, 3.0])
def test_ramps_are_carried_from_month_to_month(width: float) -> None:
    random, horizon, paths = np.random.default_rng(3), 90, 20
    since = random.uniform(-70.0, 40.0, (6, paths))
    since[4], since[5, ::2] = -np.inf, -np.inf
    weight, middle = random.standard_normal((6, 2, paths)), random.uniform(3.0, 9.0, paths)
    widths = np.full(paths, width)
    ahead = since[:, None] + np.arange(horizon + 1.0)[:, None]
    shares = ramp(ahead, middle, widths)
    expected = (weight[:, None] * (shares - shares[:, :1])[:, :, None]).sum(axis=0)
    np.testing.assert_allclose(ramps_ahead(since, weight, middle, widths, horizon), expected, rtol=0, atol=1e-12)


def test_odds_too_large_to_be_carried_are_found_month_by_month() -> None:
    since, width, middle = np.array([[-80.0, -1.0]]), np.array([0.1, 0.1]), np.array([6.0, 6.0])
    assert (middle - since[0, 0] - 1.0).max() / width[0] > largest_exponent(since.dtype)
    shares = ramp(since + np.arange(101.0)[:, None], middle, width)
    found = ramps_ahead(since, np.ones((1, 1, 2)), middle, width, 100)[:, 0]
    np.testing.assert_allclose(found, shares - shares[:1], rtol=0, atol=1e-13)


@pytest.mark.parametrize("at", [0, 2, 9, 20, 40])
@pytest.mark.parametrize("name", CASES)
def test_landings_awaited_are_those_of_the_ladder_as_believed(name: str, at: int) -> None:
    """The ladder listed anew for every path, its parts where they are expected at the date, ramp by ramp."""
    found, horizon = drawn(name), 50
    inputs, outlook, slips = found.inputs, found.inputs.path, found.shocks.slips
    as_of, due = inputs.timeline.as_of, outlook.landing > inputs.timeline.as_of
    there = outlook.landing + outlook.delay + slips.slip <= as_of + at
    believed = np.where(there, slips.slip, slips.expected[min(at, len(slips.expected) - 1)])
    moved = replace(outlook, delay=outlook.delay + np.where(due, believed, 0.0))
    rents = generation_rents(inputs, found.frozen.planning_decline)
    ladder = landing_ladder(inputs.silicon, moved, rents, np.full(WIDTH, float(as_of)), found.horizon)
    expected = landed_fall(ladder, outlook, as_of + at + np.arange(horizon + 1.0)[:, None])
    falls = found.roadmap.falls[at : at + horizon + 1] - found.roadmap.falls[at]
    whole = np.array(np.broadcast_to(falls, expected.shape))
    some, awaited = found.roadmap.awaited_falls(Dates(at), horizon)
    whole[..., some] = awaited
    np.testing.assert_allclose(whole, expected, rtol=0, atol=1e-12)


def test_landings_are_the_same_for_paths_each_at_a_date_of_its_own() -> None:
    found, paths = drawn("neocloud"), np.array([5, 5, 11, 40, 2])
    at = np.array([0, 17, 3, 30, 60])
    together = found.expected_earned(Dates(at, paths), 40)
    for column, (date, path) in enumerate(zip(at.tolist(), paths.tolist(), strict=True)):
        alone = found.expected_earned(Dates(date), 40)[..., path]
        np.testing.assert_allclose(together[..., column], alone, rtol=1e-12)
    prices = found.shocks.electricity(Dates(at, paths), 40)
    np.testing.assert_allclose(prices[:, 3], found.shocks.electricity(Dates(30), 40)[:, 40], rtol=1e-13)


def test_orders_of_landing_do_not_bear_on_each_other() -> None:
    found = drawn("neocloud")
    inputs, at = found.inputs, np.full(WIDTH, float(found.inputs.timeline.as_of))
    slips = np.random.default_rng(4).integers(-2, 30, (len(inputs.silicon.priced), WIDTH)).astype(np.float64)
    moved = replace(inputs.path, delay=np.where(inputs.path.landing > inputs.timeline.as_of, slips, 0.0))
    rents = generation_rents(inputs, found.frozen.planning_decline)
    whole = landing_ladder(inputs.silicon, moved, rents, at, 60)
    assert len(np.unique(np.argsort(moved.landing + moved.delay, axis=0), axis=1).T) > 3
    for path in (0, 7, 31):
        one = np.array([path])
        few = landing_ladder(inputs.silicon.take(one), moved.take(one), rents[..., one], at[:1], 60)
        rows = len(few.landing)
        np.testing.assert_array_equal(whole.rent_step[:rows, :, path], few.rent_step[..., 0])
        np.testing.assert_array_equal(whole.upkeep_step[:rows, :, path], few.upkeep_step[..., 0])


def test_replacement_cost_falls_by_its_steps() -> None:
    found = drawn("neocloud")
    roadmap, outlook, as_of = found.roadmap, found.inputs.path, found.inputs.timeline.as_of
    time, ladder = as_of + np.arange(found.horizon + 1.0)[:, None], roadmap.ladder
    falls = [
        step * volume_share(ladder, outlook, part, time)[:, None]
        for part, step in enumerate(np.broadcast_to(ladder.cost_step, (*ladder.cost_step.shape[:2], WIDTH)))
    ]
    expected = ladder.first_cost * np.exp(-np.sum(falls, axis=0))
    np.testing.assert_allclose(roadmap.replacement_cost, expected[:, : roadmap.replacement_cost.shape[1]], rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_values_worked_in_place_are_those_of_the_recursion(name: str) -> None:
    """Bit by bit: the recursion that keeps every month is the one that goes month by month."""
    found = drawn(name)
    inputs, at = found.inputs, 10
    cohorts = np.flatnonzero(inputs.fleet.in_service <= inputs.timeline.as_of + at)
    state, rent = state_on_paths(found, at, cohorts), found.expected_earned(Dates(at), 100)
    kept, _ = value_along(state, rent)
    np.testing.assert_array_equal(value_from_state(state, rent), kept[0])


def test_devices_go_together_where_their_kinds_do() -> None:
    random = np.random.default_rng(8)
    for trial in range(400):
        count = int(random.integers(1, 12))
        kind = np.cumsum(random.integers(0, 3, count)) if trial % 2 else random.integers(0, 4, count)
        rows, first = np.zeros(count, dtype=np.int64), int(random.integers(0, count))
        stay = Stay(kind, rows, rows, np.zeros((1, 1, 1)), rows, np.zeros((count, 1)), np.ones(1))
        amount, total = random.standard_normal((int(kind.max()) + 1, 2)), np.zeros((count, 2))
        for kinds, devices in stay.runs(first):
            total[devices] += amount[kinds]
        np.testing.assert_array_equal(total[first:], amount[kind[first:]])
        assert not total[:first].any()


def doubtful(found: Prospects) -> Places:
    """Devices here and there, most of them in months that are not in doubt at all."""
    random, count = np.random.default_rng(9), 600
    fleet, as_of = found.inputs.fleet, found.inputs.timeline.as_of
    cohort, path = random.integers(0, len(fleet.group), count), random.integers(0, WIDTH, count)
    first = np.maximum(fleet.in_service[cohort] - as_of, 0)
    last = np.minimum(fleet.in_service[cohort] - as_of + int(found.inputs.silicon.physical_life.max()), found.horizon)
    at = (first + random.random(count) * (last - first - 1)).astype(np.int64)
    return Places(cohort, path, at)


@pytest.mark.parametrize("name", CASES)
def test_devices_of_which_no_month_pays_are_worth_no_more_than_scrap(name: str) -> None:
    found = drawn(name)
    places = doubtful(found)
    pays, worthless = months_that_pay(found, places), worth_no_more(found, places)
    idle = pays == 0
    assert 0 < idle.sum() < idle.size
    np.testing.assert_array_equal(worth_no_more(found, places, int(pays.max()) + 1), worthless)
    first = first_month_pays(found, places)
    assert worthless[idle & ~first].all()
    assert not worthless[first].any()
    assert np.array_equal(stops_at(found, places.some(np.flatnonzero(~first))), worthless[~first])


def first_month_pays(found: Prospects, places: Places) -> BoolArray:
    """Whether a month more and then scrap beats scrap, shape (m,)."""
    state, (quasi, kind) = found.devices, found.quasi_rent
    scrap = np.broadcast_to(state.scrap, (len(kind), WIDTH))[places.cohort, places.path]
    hazard = state.failure_hazard
    age = np.minimum(state.age[places.cohort, 0] + places.at, len(hazard) - 1)
    row = state.generation[places.cohort] * (hazard.shape[1] > 1)
    lost = hazard[age, row, places.path * (hazard.shape[-1] > 1)]
    discount = np.broadcast_to(state.discount_factor, (WIDTH,))[places.path]
    carry_on = (quasi[places.at, kind[places.cohort], places.path] + (1.0 - lost) * scrap) * discount
    return np.asarray(carry_on > scrap)


def test_values_of_devices_each_on_a_path_and_at_a_date_of_its_own() -> None:
    found, path, at = drawn("captive-asic"), 13, 25
    cohorts = np.flatnonzero(found.inputs.fleet.in_service <= found.inputs.timeline.as_of + at)
    state = state_on_paths(found, at, cohorts)
    value = value_from_state(state, found.expected_earned(Dates(at), found.horizon - at))[:, path]
    places = Places(cohorts, np.full_like(cohorts, path), np.full_like(cohorts, at))
    expected = value <= np.broadcast_to(state.scrap, (len(cohorts), WIDTH))[:, path]
    np.testing.assert_array_equal(worth_no_more(found, places), expected)


def test_a_bracketed_rate_is_a_root() -> None:
    flows = np.array([[-100.0, -100.0, 100.0], [60.0, 10.0, 10.0], [70.0, 10.0, 10.0]])
    found = bracketed_rate(flows, 1)
    np.testing.assert_allclose(found[:2], [roots[0] for roots in internal_rates(flows[:, :2], 1)], rtol=1e-9)
    assert np.isnan(found[2])


def test_in_the_last_month_of_a_life_no_later_month_pays() -> None:
    found = drawn("bitcoin-miner")
    cohort = np.array([int(np.argmax(found.inputs.fleet.in_service))] * 2)
    places = Places(cohort, np.array([0, 1]), np.full(2, found.horizon - 1))
    assert found.shocks.moves_electricity
    np.testing.assert_array_equal(months_that_pay(found, places), 0)
    assert stops_at(found, places).shape == (2,)
