"""Risk runs of cases: nothing random gives the run itself, scenarios share their draws, runs stop when told."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assumptions import RiskRun, Sampling, check_sampling, load_case, run_case, run_risk
from assumptions.cases.fingerprint import risk_digest
from assumptions.risk.drawn import Risk
from assumptions.risk.riskrequest import FIRST_LOOK, TARGETS, Execution
from assumptions.risk.simulation import SharedDraws, shared_plan
from tests.unit.assumptions.risk.test_drawn import certain
from valuation.draws.sampling import draw
from valuation.errors import AssumptionError
from valuation.paths.execution import Crew
from valuation.paths.risk_summary import BREAKTHROUGH, CARRYING, HIDDEN, IRR, NPV, PEAK, VALUE

MINER, PATHS = "bitcoin-miner", 16
BY_CHANCE = "breakthrough_by_chance"


@pytest.fixture(autouse=True)
def _few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two replicates: a block of a few paths takes as long as one of a hundred."""
    monkeypatch.setattr("assumptions.risk.riskrequest.REPLICATES", 2)


@cache
def plain_run() -> RiskRun:
    return run_risk(load_case(MINER), Sampling(PATHS, seed=3, sampler="philox"))


def blocks(folder: Path) -> list[tuple[int, int]]:
    """Replicate and number of every block that was kept."""
    names = sorted(path.stem.split("-") for path in folder.glob("*.npz"))
    return [(int(replicate), int(block)) for _, replicate, block in names]


@pytest.mark.parametrize(("name", "scenarios"), [(MINER, ()), ("neocloud", ("landing_late",))])
def test_when_everything_is_certain_it_is_the_run(name: str, scenarios: tuple[str, ...]) -> None:
    case = certain(load_case(name))
    found = run_risk(case, Sampling(4, sampler="sobol"), scenarios)
    run = run_case(case, scenarios)
    largest = float((run.inputs.fleet.units * run.inputs.fleet.cost).max())
    for column, summary in enumerate(found.summaries):
        npv, irr = summary.figures[NPV], summary.figures[IRR].mean.estimate
        sure = run.results.returns.npv[min(column, run.results.returns.npv.size - 1)]
        for value in (npv.mean.estimate.value, *npv.percentiles.estimate.value):
            assert value == pytest.approx(sure, rel=0, abs=1e-12 * largest)
        assert npv.mean.estimate.standard_error == 0.0
        assert irr.value == pytest.approx(run.results.returns.irr[min(column, run.results.returns.irr.size - 1)])
        value = run.results.economic.value_in_exchange[summary.bounds].sum(axis=1)[:, column]
        spread = summary.by_year[VALUE]
        np.testing.assert_allclose(spread.mean.estimate.value, value, rtol=0, atol=1e-12 * largest)
        for percentile in spread.percentiles.estimate.value:
            np.testing.assert_array_equal(percentile, spread.mean.estimate.value)
        assert set(np.unique(summary.impaired.value)) <= {0.0, 1.0}


def test_hidden_depreciation_sums_to_what_the_gap_does() -> None:
    """Hidden depreciation over all years is the fall of the gap and the surplus of purchases, path by path."""
    summary = plain_run().summaries[0]
    total = summary.by_year[HIDDEN].mean.estimate.value.sum()
    opening = summary.by_year[CARRYING].mean.estimate.value[0] - summary.by_year[VALUE].mean.estimate.value[0]
    assert total == pytest.approx(-opening, rel=1e-9)


def test_the_same_seed_gives_the_same_digits_and_the_paths_behind_them() -> None:
    again = run_risk(load_case(MINER), replace(plain_run().sampling, keep_paths=True))
    values = [run.summaries[0].figures[NPV].mean.estimate.value for run in (plain_run(), again)]
    assert values[0] == values[1]
    assert plain_run().digest == again.digest == risk_digest(again.run.case, again.run.scenarios) != again.run.digest
    assert plain_run().rows == ()
    assert plain_run().sampling.ledger == next(iter(again.run.case.ledgers))
    (rows,) = again.rows
    assert rows.values[NPV].shape == (PATHS,)
    assert rows.values[NPV].mean() == pytest.approx(float(values[0]))


def test_scenarios_stand_on_the_same_draws_as_the_base() -> None:
    """With draws of its own for each driver the base keeps its digits in any company; differences are paired."""
    case = load_case(MINER)
    assert plain_run().summaries[0].against_base == {}
    scenario = next(found.name for found in case.scenarios if found.name != "base")
    both = run_risk(case, plain_run().sampling, [scenario])
    alone, base, other = (found.figures[NPV].mean.estimate.value for found in (*plain_run().summaries, *both.summaries))
    assert alone == base
    difference = both.summaries[1].against_base[NPV].mean.estimate
    assert difference.value == pytest.approx(other - base, rel=1e-9, abs=1e-6)
    assert PEAK in both.summaries[1].against_base


def test_a_scenario_with_more_to_draw_changes_no_draw_of_the_others() -> None:
    case = load_case("neocloud")
    base, chance = (Risk(case, case.scenario(name)) for name in ("base", BY_CHANCE))
    asked = Sampling(64, sampler="philox")
    plan, repaired = shared_plan([base, chance], asked)
    own, _ = shared_plan([base], asked)
    assert repaired == 0.0
    assert plan.scalars[: len(own.scalars)] == own.scalars
    assert set(plan.scalars) == set(chance.scalars()) > set(own.scalars)
    first, second = draw(own, 0, 0), draw(plan, 0, 0)
    np.testing.assert_array_equal(first.scalars, second.scalars[: len(own.scalars)])
    np.testing.assert_array_equal(first.series, second.series)
    small = replace(plan, width=8)
    prospects = SharedDraws(chance, plan.scalars)(draw(small, 0, 0))
    (arrived,) = prospects.shocks.arrivals
    assert arrived.step.shape == arrived.month.shape
    assert (arrived.step >= 0.0).all()
    assert arrived.step.any()


def test_a_breakthrough_that_may_come_is_a_condition() -> None:
    found = run_risk(load_case("neocloud"), Sampling(24, sampler="philox"), [BY_CHANCE])
    base, chance = found.summaries
    assert BREAKTHROUGH not in base.conditions
    met = chance.conditions[BREAKTHROUGH]
    assert 0.0 < met.share.value < 1.0
    assert met.figures[NPV].mean.estimate.value < chance.figures[NPV].mean.estimate.value
    assert chance.against_base[NPV].mean.estimate.value < 0.0


def test_every_block_is_worked_out_once_and_may_be_kept(tmp_path: Path) -> None:
    asked, told = Sampling(PATHS, seed=4, sampler="antithetic"), list[int]()
    found = run_risk(load_case(MINER), asked, execution=Execution(checkpoint=tmp_path), progress=told.append)
    other, plain = (run.summaries[0].figures[NPV].mean.estimate.value for run in (found, plain_run()))
    assert other != plain
    assert blocks(tmp_path) == [(0, 0), (1, 0)]
    assert sum(told) == PATHS


def test_a_run_goes_on_from_its_blocks_to_the_same_digits(tmp_path: Path) -> None:
    case, asked = load_case("neocloud"), Sampling(16, seed=4)
    whole = run_risk(case, asked, ["landing_late"], execution=Execution(checkpoint=tmp_path))
    kept = sorted(tmp_path.glob("*.npz"))
    assert len(kept) == 4
    kept[0].unlink()
    kept[1].write_bytes(b"PK")
    again = run_risk(case, asked, ["landing_late"], execution=Execution(Crew(2, "loky"), tmp_path))
    assert again.damaged == (kept[1].name,)
    for one, other in zip(again.summaries, whole.summaries, strict=True):
        np.testing.assert_equal(asdict(one), asdict(other))


def test_a_run_stops_when_the_error_is_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("assumptions.risk.riskrequest.FIRST_LOOK", 4)
    case, asked = load_case(MINER), Sampling(16, seed=3, target_error=1e12)
    early = run_risk(case, asked, execution=Execution(checkpoint=tmp_path))
    assert blocks(tmp_path) == [(0, 0), (1, 0)]
    assert early.reached is True
    assert early.paths == 8 == 2 * early.paths_each
    asked = replace(asked, target_error=1e-9, target="peak_write_down_usd.tail_mean")
    late = run_risk(case, asked, execution=Execution(checkpoint=tmp_path))
    assert late.reached is False
    assert late.paths == 16
    # 4 paths a block, looked at after 4 and 8 of a replicate.
    assert blocks(tmp_path) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert plain_run().reached is None


def test_widths_of_blocks_follow_the_paths() -> None:
    assert Sampling(PATHS).width == PATHS // 2
    assert Sampling(2**14).width == 1024
    assert Sampling(2**14, target_error=1.0).width == FIRST_LOOK
    assert Sampling(2**14, sampler="philox", target_error=1.0).width == 1024


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (Sampling(0), ["--paths 0: no paths", "4 or more"]),
        (Sampling(-8), ["--paths -8: no paths"]),
        (Sampling(2), ["--paths 2: too few for an error"]),
        (Sampling(2**90), ["more than can be drawn", "4,294,967,296 or less"]),
        (Sampling(1000), ["powers of two", "take 512 or 1024"]),
        (Sampling(1001, sampler="lhs"), ["2 replicates", "a multiple of 2", "take 1000 or 1002"]),
        (Sampling(1002, sampler="antithetic"), ["in pairs", "a multiple of 4", "take 1000 or 1004"]),
        (Sampling(1, sampler="philox"), ["too few", "2 or more"]),
        (Sampling(64, sampler="halton"), ["--sampler halton", "sobol"]),
        (Sampling(64, seed=-1), ["--seed -1", "from 0 on"]),
        (Sampling(64, target="npv"), ["--target npv", "did you mean npv_usd"]),
        (Sampling(64, target_error=0.0), ["--target-error 0", "not above zero"]),
        (Sampling(64, target_error=float("nan")), ["--target-error nan"]),
    ],
)
def test_what_no_run_can_meet_is_refused_in_one_line(sampling: Sampling, words: list[str]) -> None:
    with pytest.raises(AssumptionError) as told:
        check_sampling(sampling)
    text = str(told.value)
    assert "\n" not in text
    for word in words:
        assert word in text


@pytest.mark.parametrize("sampling", [Sampling(7, sampler="philox"), Sampling(6, sampler="lhs"), Sampling(4)])
def test_what_fits_its_sampler_is_taken_with_every_target(sampling: Sampling) -> None:
    for target in TARGETS:
        check_sampling(replace(sampling, target=target))  # raises if it is refused
    assert sampling.width * sampling.replicates == sampling.paths


def test_a_streamed_run_reads_its_figures_off_histograms(monkeypatch: pytest.MonkeyPatch) -> None:
    # So few paths are fewer than the first blocks, from which the bins are taken.
    monkeypatch.setattr("valuation.statistics.streaming.PILOT_BLOCKS", 1)
    case, asked = load_case(MINER), Sampling(256, seed=3, sampler="philox")
    kept, streamed = (run_risk(case, replace(asked, stream=stream)).summaries[0] for stream in (False, True))
    assert set(kept.methods().values()) == {"exact"}
    assert set(streamed.methods().values()) == {"histogram"}
    exact, read = (summary.figures[NPV] for summary in (kept, streamed))
    assert read.mean.estimate.value == pytest.approx(exact.mean.estimate.value, rel=1e-12)
    off = np.abs(read.percentiles.estimate.value - exact.percentiles.estimate.value)
    assert (off <= read.percentiles.error).all()
    assert (read.percentiles.error > 0.0).all()


def test_paths_of_a_streamed_run_cannot_be_kept() -> None:
    asked = Sampling(64, seed=3, sampler="philox")
    with pytest.raises(AssumptionError, match="leave one of them out"):
        check_sampling(replace(asked, stream=True, keep_paths=True))
