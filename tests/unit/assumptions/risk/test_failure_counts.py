"""Counts of failures in risk runs: off unless a case asks for them, and drawn apart from all else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from assumptions import load_case
from assumptions.cases.overlay import apply_overrides
from assumptions.chapters.schema import Case
from assumptions.risk.attrition import LOST, QUALITY, numbers_apart, widest
from assumptions.risk.drawn import Risk
from assumptions.risk.newmodels import GAPS
from assumptions.risk.riskrequest import Sampling
from assumptions.risk.simulation import SharedDraws, run_risk, shared_plan
from valuation.draws.sampling import Draws, Plan, Sampler, draw
from valuation.errors import AssumptionError
from valuation.paths.attrition import counting_bounds
from valuation.paths.montecarlo import Outcomes, Portion, portions, run_block

COUNTED = "uncertainty.processes.failures.process=binomial"
SAMPLERS: tuple[Sampler, ...] = ("philox", "sobol", "lhs", "antithetic")
WIDTH = 32
NAME = "etched-inference"


@cache
def plain(name: str = NAME) -> Case:
    return load_case(name)


@cache
def counted(name: str = NAME, *more: str) -> Case:
    return apply_overrides(plain(name), [COUNTED, *more])


def narrow(risk: Risk, sampler: Sampler = "philox") -> Plan:
    return replace(risk.plan(3, sampler), width=WIDTH)


def block(case: Case, number: int = 0, paths: int = 2 * WIDTH) -> Outcomes:
    risk = Risk(case)
    return run_block((risk, narrow(risk), next(iter(case.ledgers)), Portion(0, number, paths)))


@pytest.mark.parametrize("name", ["neocloud", "meta", "captive-asic", "bitcoin-miner", "mainframes", NAME])
def test_no_bundled_case_counts_failures(name: str) -> None:
    found = plain(name).uncertainty
    assert found is not None
    assert not found.processes.failures.on
    assert not [each for each, _ in Risk(plain(name)).apart() if each not in GAPS]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_counts_change_no_other_draw(sampler: Sampler) -> None:
    without, with_them = (narrow(Risk(case), sampler) for case in (plain(), counted()))
    assert with_them.scalars == without.scalars
    assert with_them.series == without.series
    assert replace(with_them, apart=()).correlation.shape == without.correlation.shape
    first, second = draw(without, 1, 2), draw(with_them, 1, 2)
    np.testing.assert_array_equal(first.scalars, second.scalars)
    np.testing.assert_array_equal(first.series, second.series)
    for name, rows in first.apart.items():
        np.testing.assert_array_equal(second.apart[name], rows)
    assert [(name, len(rows)) for name, rows in second.apart.items()] == list(with_them.apart)
    rows = np.concatenate(list(second.apart.values()))
    assert np.unique(rows).size == rows.size
    if sampler == "antithetic":
        np.testing.assert_array_equal(rows[:, ::2], -rows[:, 1::2])


def test_what_is_drawn_once_a_year_and_once_a_generation() -> None:
    inputs = Risk(counted()).inputs
    years, cohorts = len(counting_bounds(inputs.timeline)) - 1, len(inputs.fleet.generation)
    (first, *others) = numbers_apart(inputs)
    assert first == (QUALITY, len(inputs.silicon.cost))
    assert others == [(LOST.format(year), cohorts) for year in range(years)]
    assert widest([(("a", 2), ("b", 1)), (("a", 1), ("c", 5))]) == (("a", 2), ("b", 1), ("c", 5))


def test_names_apart_are_no_others() -> None:
    with pytest.raises(AssumptionError, match=r"\['price'\] are named twice"):
        replace(narrow(Risk(plain())), apart=(("price", 2),))


def test_paths_without_counts_keep_their_digits() -> None:
    """All that a path comes to but what hangs on devices lost is the same to the bit with and without counts."""
    without, with_them = block(plain()), block(counted())
    for name in ("retirement", "earned", "landing_slips", "first_advance", "t50", "t90"):
        np.testing.assert_array_equal(getattr(without, name), getattr(with_them, name))
    assert (without.npv != with_them.npv).all()
    np.testing.assert_array_equal(without.value_in_exchange[0], with_them.value_in_exchange[0])
    assert (without.value_in_exchange[2] != with_them.value_in_exchange[2]).all()


def test_blocks_with_counts_are_the_same_whoever_works_them_out() -> None:
    case, paths = counted(), 2 * WIDTH + 5
    risk = Risk(case)
    plan, ledger = narrow(risk), next(iter(case.ledgers))
    wanted = list(portions(0, paths, WIDTH, 1))
    fresh = apply_overrides(load_case(NAME), [COUNTED])
    backwards = [run_block((Risk(fresh), plan, ledger, each)) for each in reversed(wanted)][::-1]
    straight = [run_block((risk, plan, ledger, each)) for each in wanted]
    for one, other in zip(backwards, straight, strict=True):
        for name in ("npv", "carrying", "value_in_exchange", "hidden_depreciation", "peak_write_down"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_certain_rates_of_many_devices_are_nearly_the_run() -> None:
    """The more trials a rate is as certain as, the less it does; dollars are not counted at all."""
    spreads, without = [], block(plain("meta")).value_in_exchange[1:4]
    for trials in (1, 50, 10_000, 1_000_000_000):
        found = block(counted("meta", f"uncertainty.processes.failures.concentration={trials}")).value_in_exchange[1:4]
        spreads.append(float((np.abs(found - without).max(axis=1) / without.mean(axis=1)).max()))
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < 2e-4 < spreads[1]


def test_scenarios_share_their_failures() -> None:
    case = counted("neocloud")
    risks = [Risk(case, case.scenario(name)) for name in ("base", "fragile_parts", "growth_continues")]
    plan, _ = shared_plan(risks, Sampling(64, sampler="philox"))
    small = replace(plan, width=16)
    drawn = draw(small, 0, 0)
    alone = draw(replace(risks[0].plan(small.seed, "philox"), width=16), 0, 0)
    for name, rows in alone.apart.items():
        np.testing.assert_array_equal(drawn.apart[name][: len(rows)], rows)
    base, fragile, _ = (SharedDraws(risk, plan.scalars)(drawn).shocks.attrition for risk in risks)
    share = [each.left / np.where(each.left[:1] > 0.0, each.left[:1], np.inf) for each in (base, fragile)]
    same = min(len(share[0][0]), len(share[1][0]))
    first, second = (each[4, :same].sum(axis=0) for each in share)
    assert np.corrcoef(first, second)[0, 1] > 0.9
    assert second.mean() < first.mean()


def test_a_run_with_counts() -> None:
    asked = Sampling(32, seed=4, sampler="philox")
    both = [run_risk(case, asked).summaries[0].figures["npv_usd"].mean.estimate.value for case in (plain(), counted())]
    assert both[0] != both[1]
    again = run_risk(plain(), asked, overrides=[COUNTED]).summaries[0].figures["npv_usd"].mean.estimate.value
    assert again == both[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("failures.process=lognormal", ["failures.process", "'lognormal' is unknown", "binomial, none"]),
        ("failures.concentration=0", ["failures.concentration", "0 is out of range", "0.1 to"]),
    ],
)
def test_bad_settings_are_told_in_one_line(change: str, words: list[str]) -> None:
    with pytest.raises(AssumptionError) as caught:
        apply_overrides(plain(), [f"uncertainty.processes.{change}"])
    assert "\n" not in str(caught.value)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_draw_has_nothing_apart_unless_asked() -> None:
    assert Draws(np.zeros((1, 2)), np.zeros((1, 0, 2))).apart == {}
