"""Random paths: without chance those of the engine; with it, values from what is known at a date and no more."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from assumptions import apply_overrides, load_case, run_case
from assumptions.runs import CaseRun
from valuation.devices.returns import net_present_value
from valuation.devices.value import DeviceState, value_from_state
from valuation.draws.processes import mean_reverting
from valuation.paths.chance import Arrivals, Hours, Noise, Shocks, Slips
from valuation.paths.dates import Dates
from valuation.paths.foresight import state_on_paths, value_on_paths
from valuation.paths.pathflows import PathFlows
from valuation.paths.prospects import Prospects
from valuation.stages.appraisal import device_state
from valuation.timeline import MONTHS_PER_YEAR, NEVER, FloatArray

CASES = ("neocloud", "meta", "etched-inference", "captive-asic", "bitcoin-miner")
PATHS = 40
HALF_LIFE, VOLATILITY, HOURS_VOLATILITY = 12.0, 0.3, 0.4


@cache
def ran(name: str) -> CaseRun:
    return run_case(load_case(name), [])


def noise(name: str, volatility: float, half_life: float = np.inf, paths: int = PATHS) -> Noise:
    """A noise of its own for a name, over the months of a case."""
    months = ran(name).inputs.timeline.forecast_periods
    random = np.random.default_rng([ord(letter) for letter in f"{name} {volatility} {half_life}"])
    innovations = random.standard_normal((months, paths))
    ends, sizes = np.array([half_life]), np.array([volatility])
    return Noise(mean_reverting(innovations, ends, sizes), ends, sizes)


def shocked(name: str, paths: int = PATHS) -> Shocks:
    return Shocks(
        price=noise(name, 0.25, paths=paths),
        scarcity=noise(name, VOLATILITY, HALF_LIFE, paths),
        power=noise(name, 0.2, 2 * HALF_LIFE, paths),
        hours=Hours(np.array([0.9]), (noise(name, HOURS_VOLATILITY, HALF_LIFE, paths),)),
    )


def prospects(name: str, shocks: Shocks) -> Prospects:
    inputs = ran(name).inputs
    assert inputs.frozen is not None
    return Prospects(inputs, inputs.frozen, shocks)


@pytest.mark.parametrize("life", [6, 12, 31])
def test_year_ends_reach_the_first_at_which_nothing_is_left(life: int) -> None:
    lives = [f"terms.{kind}_life_months={life}" for kind in ("physical", "planning")]
    inputs = run_case(apply_overrides(load_case("neocloud"), lives), []).inputs
    assert inputs.frozen is not None
    bounds = PathFlows(Prospects(inputs, inputs.frozen, Shocks())).bounds
    gone = int(inputs.fleet.in_service.max()) + life
    assert bounds[-2] < gone <= bounds[-1]
    assert (np.diff(bounds)[1:] == MONTHS_PER_YEAR).all()


@pytest.mark.parametrize("name", CASES)
def test_without_chance_a_path_is_the_run(name: str) -> None:
    results = ran(name).results
    flows, as_of = PathFlows(prospects(name, Shocks())), results.inputs.timeline.as_of
    largest = float((results.inputs.fleet.units * results.inputs.fleet.cost).max())
    assert np.array_equal(flows.retirement, results.economic.retirement)
    np.testing.assert_allclose(flows.prospects.earned, results.market.earned[as_of:], rtol=1e-14)
    npv = net_present_value(flows.net_cash(), results.inputs.terms.discount_factor)
    np.testing.assert_allclose(npv, results.returns.npv, rtol=0, atol=1e-12 * largest)
    ends = flows.year_ends()
    for found, expected in (
        (ends.value_in_use, results.economic.value_in_use),
        (ends.value_in_exchange, results.economic.value_in_exchange),
    ):
        np.testing.assert_allclose(found.sum(axis=1), expected[ends.bounds].sum(axis=1), rtol=0, atol=1e-12 * largest)
    for ledger, gap in zip(results.ledgers, results.gaps, strict=True):
        carrying = ledger.carrying_amount[ends.bounds].sum(axis=1)
        np.testing.assert_allclose(ends.carrying[ledger.name].sum(axis=1), carrying, rtol=0, atol=1e-12 * largest)
        hidden = gap.hidden_depreciation.sum(axis=1)
        by_year = [
            hidden[first:last].sum(axis=0) for first, last in zip(ends.bounds[:-1], ends.bounds[1:], strict=True)
        ]
        np.testing.assert_allclose(ends.hidden_depreciation(ledger.name), by_year, rtol=0, atol=1e-12 * largest)


def plain_value(state: DeviceState, cohort: int, rents: list[float], discount: float) -> float:
    """Backward recursion of one device in plain Python, its rent already the best of its segments."""
    age, life = int(state.age[cohort, 0]), int(state.physical_life[0])
    cost, scrap = float(state.operating_cost[cohort, 0]), float(state.scrap[cohort, 0])
    value = scrap
    for ahead in range(life - age - 1, -1, -1):
        efficiency = float(state.age_efficiency[age + ahead, 0, 0])
        lost = float(state.failure_hazard[age + ahead, 0, 0])
        earns = rents[ahead] * efficiency - cost
        value = max(scrap, (earns + (1.0 - lost) * value) * discount)
    return value


@pytest.mark.parametrize("at", [3, 27])
def test_a_value_is_that_of_plain_arithmetic_from_the_state_at_the_date(at: int) -> None:
    """Two hundred paths; rents expected by the closed forms of the processes, written out once more."""
    name, paths = "neocloud", 200
    shocks = Shocks(price=noise(name, 0.25, paths=paths), scarcity=noise(name, VOLATILITY, HALF_LIFE, paths))
    found = prospects(name, shocks)
    inputs, run = found.inputs, ran(name).results.market.rent
    as_of, cohort = inputs.timeline.as_of, int(np.flatnonzero(inputs.fleet.in_service <= inputs.timeline.as_of)[-1])
    values = value_on_paths(found, at, np.array([cohort]))[0]
    state = device_state(inputs, found.frozen, as_of + at)
    coefficient = state.rent_coefficient[cohort, :, 0]
    fade, each = 2.0 ** (-1.0 / HALF_LIFE), VOLATILITY**2 / 12.0 / (2.0 * math.log(2.0) / HALF_LIFE)
    spread = each * (1.0 - fade ** (2 * at))
    life = int(state.physical_life[0] - state.age[cohort, 0])
    for path in range(paths):
        stays = math.exp(shocks.price.state[at, path] - 0.25**2 * at / 24.0)
        rents = []
        for ahead in range(life):
            left = fade**ahead
            fades = math.exp(left * shocks.scarcity.state[at, path] - left**2 * spread / 2.0)
            best = max(
                float(share * rent) for share, rent in zip(coefficient, run[as_of + at + ahead, :, 0], strict=True)
            )
            rents.append(best * stays * fades)
        expected = plain_value(state, cohort, rents, float(state.discount_factor[0]))
        assert values[path] == pytest.approx(expected, rel=1e-11)


def test_a_value_knows_nothing_of_what_comes_later() -> None:
    name, at = "captive-asic", 15
    shocks = shocked(name)
    later = {
        part: replace(getattr(shocks, part), state=_forgotten(getattr(shocks, part).state, at))
        for part in ("price", "scarcity", "power")
    }
    hours = Hours(shocks.hours.level, tuple(replace(n, state=_forgotten(n.state, at)) for n in shocks.hours.noise))
    blind = replace(shocks, **later, hours=hours)
    cohorts = np.flatnonzero(ran(name).inputs.fleet.in_service <= ran(name).inputs.timeline.as_of + at)
    seen, unseen = (value_on_paths(prospects(name, each), at, cohorts) for each in (shocks, blind))
    np.testing.assert_array_equal(seen, unseen)


def _forgotten(state: FloatArray, at: int) -> FloatArray:
    """States after a date turned over: another future of the same past."""
    changed = np.array(state)
    changed[at + 1 :] = -changed[at + 1 :] + 1.0
    return changed


def test_slips_and_arrivals_still_to_come_are_not_known_either() -> None:
    name, at = "neocloud", 6
    inputs = ran(name).inputs
    parts = len(inputs.silicon.priced)
    due = (inputs.path.landing[:, 0] > inputs.timeline.as_of)[:, None]
    expected = np.full((1, parts, 1), 2.0)
    cohorts = np.flatnonzero(inputs.fleet.in_service <= inputs.timeline.as_of)
    advance = inputs.path.breakthroughs[0].name

    def values(slip: float, month: float) -> FloatArray:
        slips = Slips(np.where(due, slip, 0.0), expected)
        came = Arrivals(advance, np.array([[month]]), np.array([[0.4]]))
        return value_on_paths(prospects(name, Shocks(slips=slips, arrivals=(came,))), at, cohorts)

    np.testing.assert_array_equal(values(18.0, 24.0), values(30.0, 60.0))
    assert (values(18.0, 4.0) < values(18.0, 24.0)).all()


def test_devices_retire_when_the_best_that_can_be_expected_is_to_stop() -> None:
    """Every month of every path looked at, where the engine looks only at the doubtful ones."""
    name = "bitcoin-miner"
    found = prospects(name, shocked(name, 12))
    inputs, flows = found.inputs, PathFlows(found)
    as_of, life = inputs.timeline.as_of, int(inputs.silicon.physical_life[0])
    expected = np.full(flows.retirement.shape, NEVER)
    for at in range(found.horizon):
        cohorts = np.flatnonzero(inputs.fleet.in_service <= as_of + at)
        state = state_on_paths(found, at, cohorts)
        value = value_from_state(state, found.expected_earned(Dates(at), min(life, found.horizon - at)))
        stops = (value <= state.scrap) | (state.age >= life)
        expected[cohorts] = np.where((expected[cohorts] == NEVER) & stops, as_of + at, expected[cohorts])
    assert np.array_equal(flows.retirement, expected)
    assert len(np.unique(expected)) > len(cohorts)


def test_paths_of_a_block_do_not_bear_on_each_other() -> None:
    name, chosen = "etched-inference", np.array([3, 17, 31])
    whole = PathFlows(prospects(name, shocked(name)))
    few = PathFlows(prospects(name, shocked(name).take(chosen)))
    assert np.array_equal(whole.retirement[:, chosen], few.retirement)
    np.testing.assert_allclose(whole.net_cash()[:, chosen], few.net_cash(), rtol=1e-12, atol=1e-6)


def test_rents_keep_their_expected_path() -> None:
    name, paths = "neocloud", 4_000
    shocks = Shocks(price=noise(name, 0.25, paths=paths), scarcity=noise(name, VOLATILITY, HALF_LIFE, paths))
    found = prospects(name, shocks)
    as_of = found.inputs.timeline.as_of
    for at in (1, 12, 60):
        ratio = found.rent[at, 0] / ran(name).results.market.rent[as_of + at, 0, 0]
        error = ratio.std() / math.sqrt(paths)
        assert abs(ratio.mean() - 1.0) < 4.0 * error
        assert error > 0.0


def test_the_factor_expected_at_a_date_is_the_mean_of_what_follows() -> None:
    """From one state at a date, many futures drawn anew."""
    random, at, ahead, paths = np.random.default_rng(5), 10, 14, 200_000
    half_life, volatility = np.array([HALF_LIFE]), np.array([VOLATILITY])
    past = mean_reverting(random.standard_normal((at, 1)), half_life, volatility)
    future = mean_reverting(random.standard_normal((ahead, paths)), half_life, volatility, start=past[-1])
    state = np.concatenate([np.repeat(past, paths, axis=1), future[1:]])
    drawn = Noise(state, half_life, volatility).factor()[at + ahead]
    expected = Noise(past, half_life, volatility).expected(Dates(at), ahead)[ahead, 0]
    assert abs(drawn.mean() - expected) < 4.0 * drawn.std() / math.sqrt(paths)
    hours = Hours(np.array([0.9]), (Noise(state, half_life, volatility),))
    mean = Hours(np.array([0.9]), (Noise(past, half_life, volatility),)).expected(Dates(at), range(ahead + 1))[ahead, 0]
    assert abs(hours.factor()[at + ahead].mean() - mean) < 4.0 * hours.factor()[at + ahead].std() / math.sqrt(paths)


def test_dear_power_costs_value_and_time() -> None:
    name = "bitcoin-miner"
    months = ran(name).inputs.timeline.forecast_periods
    dear = Noise(np.full((months + 1, 1), 0.5), np.array([np.inf]), np.zeros(1))
    inputs = ran(name).inputs
    cohorts = np.flatnonzero(inputs.fleet.in_service <= inputs.timeline.as_of)
    usual, more = (prospects(name, each) for each in (Shocks(), Shocks(power=dear)))
    assert inputs.sites is not None
    assert (inputs.sites.energy > 0.0).any()
    assert (inputs.sites.energy <= inputs.sites.operating_cost).all()
    assert (value_on_paths(more, 0, cohorts) <= value_on_paths(usual, 0, cohorts)).all()
    assert value_on_paths(more, 0, cohorts).sum() < value_on_paths(usual, 0, cohorts).sum()
    assert (PathFlows(more).retirement <= PathFlows(usual).retirement).all()
