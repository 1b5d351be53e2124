"""Devices lost by chance: known laws of the counts, means that stay, and nothing of what comes later."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from assumptions import load_case, run_case
from assumptions.runs import CaseRun
from valuation.devices.returns import net_present_value
from valuation.inputs import Inputs
from valuation.paths.attrition import (
    Attrition,
    count_devices,
    counting_bounds,
    own_hazard,
    quality_spread,
    shared_quality,
)
from valuation.paths.chance import Shocks
from valuation.paths.montecarlo import outcomes
from valuation.paths.pathflows import PathFlows, YearEnds
from valuation.paths.prospects import Prospects
from valuation.timeline import FloatArray

CASES = ("neocloud", "meta", "etched-inference", "bitcoin-miner")
PATHS = 40_000
SPREAD = np.array([[0.7]])
YEARLY = ("value_in_use", "value_in_exchange", "surplus", "value_left")
CERTAIN = np.zeros((1, 1))


@cache
def ran(name: str) -> CaseRun:
    return run_case(load_case(name), [])


def inputs_of(name: str) -> Inputs:
    return ran(name).inputs


def drawn(name: str, paths: int, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Scores of the quality and of the numbers lost."""
    inputs, random = inputs_of(name), np.random.default_rng(seed)
    counts = len(counting_bounds(inputs.timeline)) - 1
    quality = random.standard_normal((len(inputs.silicon.cost), paths))
    return quality, random.standard_normal((counts, len(inputs.fleet.generation), paths))


def left(name: str, spread: FloatArray, paths: int = PATHS, seed: int = 1) -> Attrition:
    return count_devices(inputs_of(name), spread, *drawn(name, paths, seed))


@cache
def many() -> Attrition:
    return left("neocloud", SPREAD)


def flows(name: str, attrition: Attrition) -> PathFlows:
    inputs = inputs_of(name)
    assert inputs.frozen is not None
    return PathFlows(Prospects(inputs, inputs.frozen, Shocks(attrition=attrition)))


def margins(attrition: Attrition, count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Devices at the first count, share of them expected at another, and its expected hazard, by cohort."""
    start = attrition.left[0, :, 0]
    share = (attrition.expected[count] / attrition.expected[0])[:, 0]
    return start, share, -np.log(share)


def joint(spread: float, *hazards: float) -> float:
    """Probability that a device of each of some cohorts is left, all of them of one quality."""
    total = sum(np.expm1(spread * hazard) / spread for hazard in hazards)
    return float((1.0 + spread * total) ** (-1.0 / spread))


# The quality


def test_the_spread_is_that_of_a_rate_as_certain_as_so_many_trials() -> None:
    """Three per cent a year, as certain as 50 trials: the quartiles and the tail that the base is argued from."""
    hazard = np.full((120, 1, 1), 1.0 - 0.97 ** (1 / 12))
    (spread,) = quality_spread(hazard, 120, 50.0)[0]
    rate = stats.beta(1.5, 48.5)
    assert spread == pytest.approx(rate.var() / rate.mean() ** 2, rel=1e-12)
    shares = 0.03 * shared_quality(np.asarray(stats.norm.ppf([0.25, 0.75, 0.999])), np.array(spread))
    np.testing.assert_allclose(shares, [0.012, 0.041, 0.155], atol=0.005)
    np.testing.assert_allclose(shares, rate.ppf([0.25, 0.75, 0.999]), rtol=0.1)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_what_never_or_always_fails_has_no_spread(level: float) -> None:
    np.testing.assert_array_equal(quality_spread(np.full((12, 2, 1), level), 12, 50.0), 0.0)


@pytest.mark.parametrize("spread", [1e-9, 0.02, 0.7, 5.0, 30.0])
def test_quality_has_mean_one_and_the_variance_stated(spread: float) -> None:
    points = (np.arange(100_000) + 0.5) / 100_000
    found = shared_quality(special.ndtri(points), np.array(spread))
    assert (np.diff(found) >= 0.0).all()
    assert found.mean() == pytest.approx(1.0, abs=1e-3)
    assert found.var() == pytest.approx(spread, rel=2e-2)


def test_without_spread_quality_is_one_to_the_bit() -> None:
    scores = np.array([-9.0, 0.0, 9.0])
    np.testing.assert_array_equal(shared_quality(scores, np.array(0.0)), 1.0)
    np.testing.assert_array_equal(own_hazard(np.array([0.0, 0.3]), np.array(0.0)), [0.0, 0.3])


@pytest.mark.parametrize("spread", [0.02, 0.7, 5.0, 30.0])
@pytest.mark.parametrize("hazard", [0.0, 1e-9, 0.03, 0.4, 3.0])
def test_the_mean_over_all_qualities_is_what_was_expected(spread: float, hazard: float) -> None:
    own = float(own_hazard(np.array(hazard), np.array(spread)))
    assert np.exp(-np.log1p(spread * own) / spread) == pytest.approx(np.exp(-hazard), rel=1e-12)
    if spread < 1.0 and own < 1.0:
        # The same by quadrature over the gamma distribution, 1 000 devices of it.
        nodes, weights = special.roots_genlaguerre(60, 1.0 / spread - 1.0)
        mean = (weights * 1_000.0 * np.exp(-spread * nodes * own)).sum() / weights.sum()
        assert mean == pytest.approx(1_000.0 * np.exp(-hazard), rel=1e-12)


def test_hazards_beyond_all_numbers_stay_finite() -> None:
    assert np.isfinite(own_hazard(np.array([700.0, 1e4]), np.array(30.0))).all()
    assert np.isfinite(shared_quality(np.array([-30.0, 30.0]), np.array(30.0))).all()


# The counts


@pytest.mark.parametrize("count", [1, 3, 7])
def test_counts_keep_their_mean_and_have_the_variance_of_the_law(count: int) -> None:
    r"""Mean :math:`N m`, variance :math:`N m (1 - m) + N (N - 1) (P_2 - m^2)`, :math:`P_2` that two are left."""
    found, (start, share, hazard) = many(), margins(many(), count)
    size = start / np.maximum(np.rint(start), 1.0)
    for cohort in np.flatnonzero((start > 0.0) & (hazard > 0.0)):
        devices, mean = start[cohort] / size[cohort], share[cohort]
        both = joint(float(SPREAD[0, 0]), hazard[cohort], hazard[cohort])
        variance = devices * mean * (1.0 - mean) + devices * (devices - 1.0) * (both - mean**2)
        number = found.left[count, cohort] / size[cohort]
        np.testing.assert_allclose(number, np.rint(number), rtol=0, atol=1e-9)
        assert abs(number.mean() - devices * mean) < 4.0 * np.sqrt(variance / PATHS)
        assert number.var() == pytest.approx(variance, rel=0.06)


def test_cohorts_of_a_generation_share_their_quality_and_others_do_not() -> None:
    found, count, owned = many(), 4, inputs_of("neocloud").fleet
    start, share, hazard = margins(found, count)
    held = np.flatnonzero((start > 0.0) & (hazard > 0.0))
    seen = np.corrcoef(found.left[count, held])
    together = owned.generation[held, None] == owned.generation[held]
    assert (np.abs(seen[~together]) < 4.0 / np.sqrt(PATHS)).all()
    first, second = (int(cohort) for cohort in held[owned.generation[held] == owned.generation[held[0]]][:2])
    both = joint(float(SPREAD[0, 0]), hazard[first], hazard[second])
    covariance = start[first] * start[second] * (both - share[first] * share[second])
    assert np.cov(found.left[count, [first, second]])[0, 1] == pytest.approx(covariance, rel=0.06)


def test_independent_devices_have_binomial_counts() -> None:
    found, count = left("etched-inference", CERTAIN), 2
    start, share, hazard = margins(found, count)
    cohort = int(np.flatnonzero((start > 0.0) & (hazard > 0.0))[0])
    devices = round(float(start[cohort]))
    number = np.rint(found.left[count, cohort] * devices / start[cohort])
    law = stats.binom(devices, share[cohort])
    assert abs(number.mean() - law.mean()) < 4.0 * law.std() / np.sqrt(PATHS)
    assert number.var() == pytest.approx(law.var(), rel=0.04)
    for quantile in (0.05, 0.5, 0.95):
        assert abs(np.quantile(number, quantile) - law.ppf(quantile)) <= 1.0


@pytest.mark.parametrize("name", CASES)
def test_devices_are_never_more_than_before_nor_fewer_than_none(name: str) -> None:
    found = left(name, np.array([[8.0]]), 500)
    assert (np.diff(found.left, axis=0) <= 0.0).all()
    assert (found.left >= 0.0).all()


@pytest.mark.parametrize("spread", [0.0, 0.7, 30.0])
def test_where_everything_fails_nothing_is_left(spread: float) -> None:
    """A part of its own in every row, the rate of every path its own, and an age that no device survives."""
    inputs, last = inputs_of("neocloud"), 60
    parts, paths = len(inputs.silicon.cost), 7
    hazard = np.repeat(np.repeat(inputs.silicon.failure_hazard, parts, axis=1), paths, axis=2)
    hazard[last:] = 1.0
    changed = replace(inputs, silicon=replace(inputs.silicon, failure_hazard=hazard))
    found = count_devices(changed, np.full((parts, 1), spread), *drawn("neocloud", paths))
    age = np.array(found.counted)[:, None] + inputs.timeline.as_of - inputs.fleet.in_service
    assert np.isfinite(found.left).all()
    np.testing.assert_array_equal(found.left[age > last], 0.0)
    assert (found.left[:2][(age[:2] > 0) & (age[:2] < last)] > 0.0).all()
    assert np.isfinite(flows("neocloud", found).net_cash()).all()


# Between the counts


def test_between_counts_devices_are_lost_as_expected() -> None:
    found, inputs = left("neocloud", SPREAD, 300), inputs_of("neocloud")
    survivors = np.cumprod(np.append(1.0, 1.0 - inputs.silicon.failure_hazard[:, 0, 0]))
    for cohort in range(0, len(inputs.fleet.generation), 4):
        entry = max(int(inputs.fleet.in_service[cohort]) - inputs.timeline.as_of, 0)
        months = range(entry, min(entry + 60, inputs.timeline.forecast_periods))
        age = np.array(months) + inputs.timeline.as_of - inputs.fleet.in_service[cohort]
        share = survivors[np.minimum(age, len(survivors) - 1), None]
        along = found.along(cohort, months, share)
        assert (np.diff(along, axis=0) <= 1e-9).all()
        for month, devices in zip(months, along, strict=True):
            if month in found.counted:
                np.testing.assert_allclose(devices, found.at(month, np.array([cohort]))[0], rtol=1e-13)
            bounds = np.full((len(inputs.fleet.generation), 300), month)
            every = np.broadcast_to(share[month - entry], bounds.shape)
            np.testing.assert_allclose(found.when(bounds, every)[cohort], devices, rtol=1e-13)
        # The mean of what is left follows the share expected between the counts too.
        row = int(np.searchsorted(found.counted, entry, side="right"))
        first, second = found.left[row - 1, cohort].mean(), found.left[row, cohort].mean()
        inside = range(entry, int(found.counted[row]))
        ends = found.expected[row - 1 : row + 1, cohort, 0]
        straight = first + (second - first) * (ends[0] - share[: len(inside), 0]) / max(ends[0] - ends[1], 1e-300)
        np.testing.assert_allclose(along[: len(inside)].mean(axis=1), straight, rtol=1e-12)


# In a fleet


def farthest_apart(found: YearEnds, expected: YearEnds) -> float:
    """Largest difference between the amounts of two runs at their year-ends [USD]."""
    pairs = [(getattr(found, name), getattr(expected, name)) for name in YEARLY]
    for ledger in expected.carrying:
        pairs.append((found.carrying[ledger], expected.carrying[ledger]))
        pairs.append((found.written_off[ledger], expected.written_off[ledger]))
    return float(np.max([np.abs(each - run).max() for each, run in pairs]))


def test_dollars_of_certain_quality_are_the_run() -> None:
    """Nothing spreads and nothing can be counted: the deterministic run to rounding."""
    inputs = inputs_of("meta")
    plain, found = flows("meta", Attrition()), flows("meta", left("meta", CERTAIN, 3))
    largest = float((inputs.fleet.units * inputs.fleet.cost).max())
    np.testing.assert_allclose(found.net_cash(), plain.net_cash() + np.zeros(3), rtol=0, atol=1e-12 * largest)
    assert farthest_apart(found.year_ends(), plain.year_ends()) <= 1e-11 * largest


def test_counts_off_are_the_run_to_the_bit() -> None:
    assert not Attrition().on
    found = flows("neocloud", Attrition())
    np.testing.assert_array_equal(found.net_cash()[:, 0], flows("neocloud", Shocks().attrition).net_cash()[:, 0])
    assert found.prospects.paths == 1


def test_large_fleets_of_certain_quality_are_near_the_run() -> None:
    inputs = inputs_of("neocloud")
    plain, found = flows("neocloud", Attrition()), flows("neocloud", left("neocloud", CERTAIN, 50))
    total = float((inputs.fleet.units * inputs.fleet.cost).sum())
    # Counts are whole devices, so there is a difference, and it is small.
    assert 0.0 < farthest_apart(found.year_ends(), plain.year_ends()) <= 2e-3 * total


@pytest.mark.parametrize("name", ["neocloud", "meta"])
def test_the_mean_of_all_a_fleet_comes_to_is_the_run(name: str) -> None:
    """Rents are certain, so retirement is: cash and value are linear in the devices left."""
    inputs, paths = inputs_of(name), 2_000
    discount = inputs.terms.discount_factor
    plain, found = flows(name, Attrition()), flows(name, left(name, SPREAD, paths))
    expected = float(net_present_value(plain.net_cash(), discount)[0])
    npv = net_present_value(found.net_cash(), discount)
    assert npv.std() > 0.0
    assert abs(npv.mean() - expected) < 4.0 * npv.std() / np.sqrt(paths)
    ends, run = found.year_ends(), plain.year_ends()
    for row in range(1, 7):
        value = ends.value_in_exchange[row].sum(axis=0)
        assert abs(value.mean() - run.value_in_exchange[row].sum()) < 4.0 * value.std() / np.sqrt(paths)
    np.testing.assert_array_equal(found.retirement, plain.retirement + np.zeros_like(found.retirement))


@pytest.mark.parametrize("name", ["neocloud", "meta"])
def test_no_year_knows_of_failures_that_come_later(name: str) -> None:
    inputs, (quality, scores) = inputs_of(name), drawn(name, 60)
    year = 3
    later: FloatArray = scores.copy()
    later[year:] = -2.0
    first, second = (count_devices(inputs, SPREAD, quality, each) for each in (scores, later))
    np.testing.assert_array_equal(first.left[: year + 1], second.left[: year + 1])
    if name == "neocloud":
        assert (first.left[year + 1 :] != second.left[year + 1 :]).any()
    one, other = (flows(name, each).year_ends() for each in (first, second))
    for part in YEARLY:
        np.testing.assert_array_equal(getattr(one, part)[: year + 1], getattr(other, part)[: year + 1])
    for ledger, carrying in one.carrying.items():
        np.testing.assert_array_equal(carrying[: year + 1], other.carrying[ledger][: year + 1])


def test_a_device_that_is_left_is_worth_what_it_was() -> None:
    """The owner goes on expecting the rate of the case: more failures leave fewer devices, not worse ones."""
    bad, good = (
        count_devices(inputs_of("neocloud"), SPREAD, np.full_like(quality, level), scores)
        for quality, scores in [drawn("neocloud", 20)]
        for level in (2.0, -2.0)
    )
    fewer, more = flows("neocloud", bad), flows("neocloud", good)
    bound, cohorts = int(fewer.bounds[4]), np.arange(7)
    assert (fewer.surviving(bound, cohorts) < more.surviving(bound, cohorts)).all()
    for one, other in zip(fewer.unit_values(bound, cohorts), more.unit_values(bound, cohorts), strict=True):
        np.testing.assert_array_equal(one, other)
    worse, better = (outcomes(each.prospects, "three_year") for each in (fewer, more))
    assert (worse.value_in_exchange[1:5] < better.value_in_exchange[1:5]).all()


def test_paths_are_taken_with_the_rest() -> None:
    found = left("neocloud", SPREAD, 9)
    some: Any = Shocks(attrition=found).take(np.array([4, 7]))
    np.testing.assert_array_equal(some.attrition.left, found.left[..., [4, 7]])
    assert Shocks(attrition=found).paths == 9
