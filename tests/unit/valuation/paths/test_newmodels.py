"""New models on random paths: Poisson arrivals, shares of what they strand, and values that know no later one."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from assumptions import load_case
from assumptions.risk.drawn import Risk
from valuation.devices.returns import net_present_value
from valuation.devices.value import value_from_state
from valuation.inputs import Inputs
from valuation.paths.chance import Shocks
from valuation.paths.dates import Dates, Places
from valuation.paths.foresight import exchange_on_paths, state_on_paths, value_on_paths
from valuation.paths.newmodels import PathWork, Strandings, first_strandings
from valuation.paths.pathflows import PathFlows
from valuation.paths.prospects import Prospects
from valuation.paths.stopping import worth_no_more
from valuation.stages.appraisal import device_state
from valuation.timeline import NEVER, FloatArray, IntArray

KINDS = 3
FLEETS = ("etched-inference", "neocloud formats_strand")
"""Devices that are bought after the as-of bound and follow next to nothing, and devices in service of some age."""
DEVIATIONS = 4.5  # standard errors within which a mean must lie
PATHS = 4_000


@cache
def inputs(fleet: str = FLEETS[0]) -> Inputs:
    name, _, scenario = fleet.partition(" ")
    case = load_case(name)
    return Risk(case, case.scenario(scenario) if scenario else None).inputs


@cache
def stranded(fleet: str = FLEETS[0]) -> IntArray:
    """Cohorts that new models strand."""
    rate = inputs(fleet).silicon.fatal_arrivals.sum(axis=0)[:, 0]
    return np.flatnonzero(rate[inputs(fleet).fleet.generation] > 0.0)


def entry(fleet: str = FLEETS[0]) -> IntArray:
    """Months from the as-of bound at which cohorts enter service, 0 for those in service."""
    return np.maximum(inputs(fleet).fleet.in_service - inputs(fleet).timeline.as_of, 0)


def by(at: int, fleet: str) -> IntArray:
    """Cohorts that new models strand, in service by a bound."""
    return stranded(fleet)[entry(fleet)[stranded(fleet)] <= at]


@cache
def scores(fleet: str = FLEETS[0], paths: int = PATHS, seed: int = 1) -> FloatArray:
    months = inputs(fleet).timeline.forecast_periods
    return np.random.default_rng(seed).standard_normal((KINDS, months, paths))


@cache
def struck(fleet: str = FLEETS[0], paths: int = PATHS) -> Strandings:
    return first_strandings(inputs(fleet), scores(fleet, paths))


def work(fleet: str, strandings: Strandings | None = None) -> PathWork:
    return PathWork(inputs(fleet), strandings or struck(fleet), np.float64)


def prospects(strandings: Strandings, fleet: str = FLEETS[0]) -> Prospects:
    frozen = inputs(fleet).frozen
    assert frozen is not None
    return Prospects(inputs(fleet), frozen, Shocks(strandings=strandings))


# Arrivals


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_part_is_stranded_by_a_poisson_process_of_its_hazard(fleet: str) -> None:
    """First arrivals after entry are exponential with the sum of the rates, whenever a cohort enters."""
    found, own = struck(fleet), inputs(fleet)
    for cohort in stranded(fleet).tolist():
        hazard = float(own.silicon.fatal_arrivals.sum(axis=0)[own.fleet.generation[cohort], 0])
        after = found.month[cohort] - entry(fleet)[cohort]
        assert (after > 0.0).all()
        seen = own.timeline.forecast_periods - entry(fleet)[cohort]
        waits = stats.truncexpon(seen * hazard, scale=1.0 / hazard)
        assert stats.kstest(after[np.isfinite(after)], waits.cdf).pvalue > 1e-3
        share = float(np.isfinite(after).mean())
        expected = -np.expm1(-hazard * seen)
        assert abs(share - expected) < DEVIATIONS * np.sqrt(expected * (1.0 - expected) / PATHS) + 1e-9


def test_what_follows_more_is_stranded_no_sooner() -> None:
    """The same arrivals with a part that absorbs half of each kind: it is stranded later or at once, never sooner."""
    silicon = inputs().silicon
    half = replace(inputs(), silicon=replace(silicon, fatal_arrivals=silicon.fatal_arrivals / 2.0))
    sooner, later = struck().month[stranded()], first_strandings(half, scores()).month[stranded()]
    assert (later >= sooner).all()
    assert (later > sooner).mean() > 0.9


def test_parts_that_follow_everything_are_never_stranded() -> None:
    silicon = inputs().silicon
    nothing = replace(inputs(), silicon=replace(silicon, fatal_arrivals=np.zeros((1, 1, 1))))
    assert np.isinf(first_strandings(nothing, scores()).month).all()
    others = np.setdiff1d(np.arange(len(inputs().fleet.generation)), stranded())
    assert others.size
    assert np.isinf(struck().month[others]).all()


def test_each_path_has_rates_of_its_own() -> None:
    silicon, few = inputs().silicon, 6
    factors = np.linspace(0.0, 3.0, few)
    wide = replace(inputs(), silicon=replace(silicon, fatal_arrivals=silicon.fatal_arrivals * factors))
    together = first_strandings(wide, scores()[..., :few]).month
    for path, factor in enumerate(factors.tolist()):
        alone = replace(inputs(), silicon=replace(silicon, fatal_arrivals=silicon.fatal_arrivals * factor))
        found = first_strandings(alone, scores()[..., path : path + 1]).month[:, 0]
        np.testing.assert_array_equal(together[:, path], found)


# Shares


@pytest.mark.parametrize(("fleet", "at"), [*((fleet, at) for fleet in FLEETS for at in (14, 30, 54)), (FLEETS[1], 1)])
def test_on_average_as_many_serve_and_do_old_work_as_is_expected_of_their_age(fleet: str, at: int) -> None:
    cohorts = by(at, fleet)
    drawn = work(fleet).shares(cohorts, np.array([at]))
    tables = work(fleet, Strandings()).shares(cohorts, np.array([at]))
    for one, other in zip(drawn, tables, strict=True):
        gap = one[0].mean(axis=1) - other[0, :, 0]
        assert (np.abs(gap) < DEVIATIONS * one[0].std(axis=1) / np.sqrt(PATHS) + 1e-12).all()
    assert cohorts.size > 0
    assert len(np.unique(drawn[0])) > 1


@pytest.mark.parametrize("fleet", FLEETS)
@pytest.mark.parametrize(("at", "ahead"), [(14, 10), (25, 25)])
def test_what_is_expected_at_a_date_is_the_mean_of_what_follows(at: int, ahead: int, fleet: str) -> None:
    """The tower property path by path: one past, many futures."""
    cohort, pasts, futures = by(at, fleet)[:1], 8, 2_000
    past = np.repeat(scores(fleet)[:, :at, :pasts], futures, axis=2)
    many = np.concatenate([past, scores(fleet, pasts * futures, 2)[:, at:]], axis=1)
    own = work(fleet, first_strandings(inputs(fleet), many))
    drawn, known = own.shares(cohort, np.array([at + ahead])), own.expected(cohort, at)
    assert known is not None
    expected = known.later(ahead, inputs(fleet).fleet.generation[cohort])
    for one, other in zip(drawn, expected, strict=True):
        each, mean = one[0].reshape(pasts, futures), other.reshape(pasts, futures)
        np.testing.assert_array_equal(mean, np.repeat(mean[:, :1], futures, axis=1))
        error = each.std(axis=1) / np.sqrt(futures)
        assert (np.abs(each.mean(axis=1) - mean[:, 0]) < DEVIATIONS * error + 1e-12).all()


@pytest.mark.parametrize("fleet", FLEETS)
def test_what_is_expected_of_an_age_carries_on_to_what_is_expected_of_later_ages(fleet: str) -> None:
    own, at = work(fleet, Strandings()), 30
    cohorts = by(at, fleet)
    known = own.expected(cohorts, at)
    assert known is not None
    oldest = int((inputs(fleet).timeline.as_of - inputs(fleet).fleet.in_service[cohorts]).max()) + at
    ahead = np.arange(len(inputs(fleet).silicon.serving) - oldest)  # tables end with the longest life
    found = known.later(ahead[:, None, None], inputs(fleet).fleet.generation[cohorts])
    for one, other in zip(found, own.shares(cohorts, at + ahead), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("fleet", FLEETS)
def test_shares_are_those_of_a_pencil(fleet: str) -> None:
    """A cohort struck 2.5 months on: half a month later part of the old work has ended."""
    own, cohort = inputs(fleet), int(stranded(fleet)[0])
    begins = int(entry(fleet)[cohort])
    month = np.full((len(own.fleet.generation), 1), np.inf)
    month[cohort] = 2.5 + begins
    fade = load_case(fleet.partition(" ")[0]).churn.legacy_fade_per_year.value
    hazard = 12.0 * float(own.silicon.fatal_arrivals.sum(axis=0)[own.fleet.generation[cohort], 0])
    age = max(own.timeline.as_of - int(own.fleet.in_service[cohort]), 0) / 12.0
    start = np.exp(-hazard * age)
    before = hazard * (np.exp(-fade * age) - np.exp(-hazard * age)) / (hazard - fade)
    since = np.array([0, 2, 3, 14])
    serving, legacy = work(fleet, Strandings(True, month)).shares(np.array([cohort]), since + begins)
    np.testing.assert_allclose(serving[:, 0, 0], [start, start, 0.0, 0.0], rtol=1e-13)
    after = [0.0, 0.0, start * np.exp(-0.5 / 12.0 * fade), start * np.exp(-11.5 / 12.0 * fade)]
    np.testing.assert_allclose(legacy[:, 0, 0], before * np.exp(-fade * since / 12.0) + after, rtol=1e-12)
    assert (age > 0.0) == (fleet != FLEETS[0])


# Values


def test_without_a_fatal_arrival_ever_devices_earn_more_and_struck_ones_less() -> None:
    shape, cohorts = (len(inputs().fleet.generation), 2), stranded()
    month = np.full(shape, np.inf)
    month[:, 1] = entry() + 0.5
    flows = PathFlows(prospects(Strandings(True, month)))
    expected = PathFlows(prospects(Strandings()))
    usual, (never, soon) = expected.net_cash().sum(), flows.net_cash().sum(axis=0)
    assert soon < usual < never
    assert (flows.retirement[cohorts, 1] <= flows.retirement[cohorts, 0]).all()
    npv = net_present_value(flows.net_cash(), inputs().terms.discount_factor)
    assert npv[1] < npv[0]


@pytest.mark.parametrize("fleet", FLEETS)
@pytest.mark.parametrize("at", [14, 28])
def test_a_value_knows_no_model_that_comes_later(at: int, fleet: str) -> None:
    cohorts, seen = by(at, fleet), scores(fleet, 60)
    other = np.concatenate([seen[:, :at], -seen[:, at:]], axis=1)
    one, two = (prospects(first_strandings(inputs(fleet), each), fleet) for each in (seen, other))
    assert (one.shocks.strandings.month != two.shocks.strandings.month).any()
    value, unseen = value_on_paths(one, at, cohorts), value_on_paths(two, at, cohorts)
    np.testing.assert_array_equal(value, unseen)
    assert np.unique(value[0]).size > 1
    sold = exchange_on_paths(one, value, at, cohorts)
    np.testing.assert_array_equal(sold, exchange_on_paths(two, unseen, at, cohorts))


@pytest.mark.parametrize("fleet", FLEETS)
def test_two_hundred_values_are_those_of_plain_arithmetic_from_the_state_at_the_date(fleet: str) -> None:
    """Shares carried on by hand from what has happened on each path, and the recursion month by month."""
    at, paths, own = 16, 200, inputs(fleet)
    found, cohort = prospects(struck(fleet, paths), fleet), int(by(at, fleet)[0])
    values, part = value_on_paths(found, at, np.array([cohort]))[0], int(own.fleet.generation[cohort])
    fade, hazard = float(own.silicon.legacy_fade[0]), float(own.silicon.fatal_arrivals[:, part, 0].sum())
    state = device_state(own, found.frozen, own.timeline.as_of + at)
    rents = (state.rent_coefficient[cohort, :, 0] * found.expected_earned(Dates(at), found.horizon - at)[:, :, 0]).max(
        axis=1
    )
    age, scrap, cost = int(state.age[cohort, 0]), float(state.scrap[cohort, 0]), float(state.operating_cost[cohort, 0])
    left = min(int(state.physical_life[0]) - age, len(rents) - 1)
    efficiency, lost = (
        table[:, part if table.shape[1] > 1 else 0, 0].tolist()
        for table in (state.age_efficiency, state.failure_hazard)
    )
    serves, works = (each[0, 0] for each in found.work.shares(np.array([cohort]), np.array([at])))
    assert np.unique(serves).size > 1
    for path in range(paths):
        value = scrap
        for ahead in range(left - 1, -1, -1):
            full = float(rents[ahead]) * efficiency[min(age + ahead, len(efficiency) - 1)]
            kept, faded = math.exp(-hazard * ahead), math.exp(-fade * ahead)
            new = hazard * (faded - kept) / (hazard - fade)
            old = float(works[path]) * faded + float(serves[path]) * new
            quasi = float(serves[path]) * kept * (full - cost)
            quasi += old * max(float(own.silicon.legacy_rent[0]) * full - cost, 0.0)
            surviving = 1.0 - lost[min(age + ahead, len(lost) - 1)]
            value = max(scrap, (quasi + surviving * value) * float(state.discount_factor[0]))
        assert values[path] == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("fleet", FLEETS)
def test_devices_each_at_a_date_of_its_own_have_the_work_of_their_paths(fleet: str) -> None:
    paths, at = 40, 40
    found, each = prospects(struck(fleet, paths), fleet), np.arange(paths)
    for cohort in by(at, fleet)[:3].tolist():
        places, part = Places(np.full(paths, cohort), each, np.full(paths, at)), inputs(fleet).fleet.generation[cohort]
        new = (found.work.new[0][:, [part]], found.work.new[1][:, [part]])
        known, whole = found.work.expected_at_places(places, new), found.work.expected(np.array([cohort]), at)
        assert known is not None
        assert whole is not None
        np.testing.assert_allclose(known.serving, whole.serving, rtol=1e-14)
        np.testing.assert_allclose(known.legacy, whole.legacy, rtol=1e-14)
        together = value_on_paths(found, at, np.array([cohort]))[0]
        np.testing.assert_array_equal(worth_no_more(found, places), together <= found.devices.scrap[cohort, 0])


def test_devices_retire_when_the_best_that_can_be_expected_is_to_stop() -> None:
    """Every month of every path looked at, where the engine looks only at the doubtful ones."""
    fleet, paths = FLEETS[0], 12
    found, own = prospects(struck(fleet, paths)), inputs(fleet)
    retired, as_of, life = PathFlows(found).retirement, own.timeline.as_of, int(own.silicon.physical_life[0])
    expected = np.full(retired.shape, NEVER)
    for at in range(found.horizon):
        cohorts = np.flatnonzero(own.fleet.in_service <= as_of + at)
        state = state_on_paths(found, at, cohorts)
        value = value_from_state(state, found.expected_earned(Dates(at), min(life, found.horizon - at)))
        stops = (value <= state.scrap) | (state.age >= life)
        expected[cohorts] = np.where((expected[cohorts] == NEVER) & stops, as_of + at, expected[cohorts])
    np.testing.assert_array_equal(retired, expected)
    assert len(np.unique(expected[stranded()])) > 3


def test_scores_at_their_ends_strand_at_once_and_never() -> None:
    months = inputs().timeline.forecast_periods
    ends = np.full((KINDS, months, 2), np.inf)
    ends[..., 0] = -np.inf
    found = first_strandings(inputs(), ends).month[stranded()]
    np.testing.assert_array_equal(found[:, 0], entry()[stranded()])
    assert np.isinf(found[:, 1]).all()
