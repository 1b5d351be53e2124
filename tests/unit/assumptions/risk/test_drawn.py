"""Risk runs of cases: without anything random the run itself; with it, the same digits whoever works them out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from assumptions import load_case, run_case
from assumptions.chapters.schema import Case
from assumptions.chapters.uncertainty import Uncertainty
from assumptions.risk.drawn import SLIP, Risk
from assumptions.risk.draws import build_drawn, random_keys, sample_parameters
from valuation.devices.returns import internal_rates
from valuation.draws.sampling import draw
from valuation.engine import evaluate
from valuation.errors import AssumptionError
from valuation.paths.montecarlo import Outcomes, portions, run_block
from valuation.paths.numerics import one_blas_thread
from valuation.paths.pathflows import PathFlows
from valuation.stages.calibration import with_frozen

WIDTH = 64


@cache
def case_of(name: str) -> Case:
    return load_case(name)


def uncertainty_of(case: Case) -> Uncertainty:
    assert case.uncertainty is not None
    return case.uncertainty


def certain(case: Case) -> Case:
    """Case in which every distribution and process is switched off."""
    found = uncertainty_of(case)
    off = {
        name: process.model_copy(update={"process": process.process.model_copy(update={"value": "none"})})
        for name, process in found.processes.items()
    }
    parameters = {key: each.model_copy(update={"distribution": "none"}) for key, each in found.parameters.items()}
    processes = found.processes.model_copy(update=off)
    return _with(case, processes=processes, parameters=parameters)


def still(case: Case) -> Case:
    """Case in which every volatility is nil, parts never slip and no assumption is spread."""
    found = uncertainty_of(case)
    volatile: dict[str, Any] = {}
    for name, process in found.processes.items():
        if hasattr(process, "volatility_per_sqrt_year"):
            size = process.volatility_per_sqrt_year.model_copy(update={"value": 0.0})
            volatile[name] = process.model_copy(update={"volatility_per_sqrt_year": size, "seasons": None})
    landing = found.processes.landing
    volatile["landing"] = landing.model_copy(update={"process": landing.process.model_copy(update={"value": "none"})})
    parameters = {key: each.model_copy(update={"distribution": "none"}) for key, each in found.parameters.items()}
    return _with(case, processes=found.processes.model_copy(update=volatile), parameters=parameters)


def _with(case: Case, **changes: object) -> Case:
    return case.model_copy(update={"uncertainty": uncertainty_of(case).model_copy(update=changes)})


def outcomes_of(risk: Risk, paths: int = WIDTH, sampler: Any = "philox", replicates: int = 1) -> Outcomes:
    plan, ledger = narrow(risk, sampler), next(iter(risk.base.ledgers))
    with one_blas_thread():
        return Outcomes.join(
            [run_block((risk, plan, ledger, portion)) for portion in portions(0, paths, WIDTH, replicates)]
        )


def narrow(risk: Risk, sampler: Any = "philox") -> Any:
    """Plan of a risk run in small blocks."""
    return replace(risk.plan(3, sampler), width=WIDTH)


@pytest.mark.parametrize("switched_off", [certain, still])
@pytest.mark.parametrize(("name", "scenario"), [("neocloud", None), ("captive-asic", "landing_late"), ("meta", None)])
def test_a_run_in_which_nothing_is_random_is_the_run(name: str, scenario: str | None, switched_off: Any) -> None:
    case = switched_off(case_of(name))
    run = run_case(case, [scenario] if scenario else [])
    shown, results = len(run.scenarios) - 1, run.results
    found = outcomes_of(Risk(case, run.scenarios[shown]))
    largest = float((results.inputs.fleet.units * results.inputs.fleet.cost).max())
    column = min(shown, results.returns.npv.size - 1)
    np.testing.assert_allclose(found.npv, results.returns.npv[column], rtol=0, atol=1e-12 * largest)
    value = results.economic.value_in_exchange[found.bounds].sum(axis=1)[:, column]
    np.testing.assert_allclose(found.value_in_exchange[:, 0], value, rtol=0, atol=1e-12 * largest)
    assert (np.ptp(found.value_in_exchange, axis=1) == 0.0).all()
    np.testing.assert_allclose(found.irr, results.returns.irr[column], rtol=1e-9)


@pytest.mark.parametrize(("name", "scenario"), [("neocloud", None), ("captive-asic", "landing_late"), ("meta", None)])
def test_paths_of_which_only_assumptions_are_random_are_runs_of_their_own(name: str, scenario: str | None) -> None:
    base = case_of(name)
    random = certain(base).model_copy(deep=True)
    case = _with(random, parameters=uncertainty_of(base).parameters)
    risk = Risk(case, case.scenario(scenario) if scenario else None)
    plan = narrow(risk)
    drawn = sample_parameters(risk.base, draw(plan, 0, 0).scalars[: len(random_keys(risk.base))])
    inputs = build_drawn(risk.base, {key: drawn[key] for key in risk.keys}, risk.case)
    run = evaluate(with_frozen(inputs, risk.frozen))
    found = outcomes_of(risk)
    largest = float((run.inputs.fleet.units * run.inputs.fleet.cost).max())
    np.testing.assert_allclose(found.npv, run.returns.npv, rtol=0, atol=1e-11 * largest)
    value = run.economic.value_in_exchange[found.bounds].sum(axis=1)
    np.testing.assert_allclose(found.value_in_exchange, value, rtol=0, atol=1e-11 * largest)


@pytest.mark.slow
def test_blocks_are_the_same_whoever_works_them_out() -> None:
    risk = Risk(case_of("bitcoin-miner"))
    plan, ledger = narrow(risk), next(iter(risk.base.ledgers))
    wanted = list(portions(0, 2 * WIDTH + 10, WIDTH, 1))
    backwards = [run_block((Risk(case_of("bitcoin-miner")), plan, ledger, portion)) for portion in reversed(wanted)]
    joined, straight = Outcomes.join(backwards[::-1]), outcomes_of(risk, 2 * WIDTH + 10)
    assert joined.paths == straight.paths == 3 * WIDTH
    for name in ("npv", "peak_write_down", "t50", "value_in_exchange", "hidden_depreciation", "retirement"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(straight, name))


def test_scenarios_share_their_draws() -> None:
    case = case_of("neocloud")
    base, late = (Risk(case, case.scenario(name)) for name in ("base", "landing_late"))
    assert base.scalars() == late.scalars()
    first, second = (draw(narrow(risk), 0, 0) for risk in (base, late))
    np.testing.assert_array_equal(first.scalars, second.scalars)
    np.testing.assert_array_equal(first.series, second.series)


def test_what_a_scenario_sets_is_certain_in_it() -> None:
    case = case_of("neocloud")
    slow = next(s for s in case.scenarios if any(c.key == "market.generic_cadence_months" for c in s.change))
    assert "market.generic_cadence_months" in Risk(case).keys
    risk = Risk(case, slow)
    assert "market.generic_cadence_months" not in risk.keys
    cadence = risk(draw(narrow(risk), 0, 0)).inputs.path.generic_cadence
    assert np.unique(cadence).tolist() == [risk.case.market.generic_cadence_months.value]


def test_correlations_reach_what_is_drawn() -> None:
    risk = Risk(case_of("neocloud"))
    names = (*risk.scalars(), *risk.moving)
    matrix, change = risk.correlation(names)
    assert change == 0.0
    price, hours = names.index("price"), names.index("utilisation")
    assert matrix[price, hours] == 0.5
    slips = [names.index(SLIP.format(part)) for part in risk.parts]
    assert len(slips) >= 2
    assert all(matrix[price, slip] == -0.2 for slip in slips)
    drawn = draw(risk.plan(11, "philox"), 0, 0)
    month = np.corrcoef(drawn.series[:, 0].ravel(), drawn.series[:, risk.moving.index("utilisation")].ravel())[0, 1]
    assert month == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
def test_chance_widens_what_a_fleet_comes_to() -> None:
    """The further ahead, the wider; write-downs are never negative; half is lost before nine tenths."""
    found = outcomes_of(Risk(case_of("neocloud")), paths=2 * WIDTH)
    early = found.value_in_exchange[:4]
    spread = early.std(axis=1) / early.mean(axis=1)
    assert 0.0 < spread[0] < spread[1] < spread[3]
    assert (found.peak_write_down >= 0.0).all()
    assert (found.t50 <= found.t90).all()
    assert (found.t90 <= found.t100).all()
    assert np.unique(found.retirement[0]).size > 5


def test_the_rate_of_a_path_is_one_of_its_internal_rates() -> None:
    risk = Risk(case_of("neocloud"))
    prospects = risk(draw(narrow(risk), 0, 0))
    cash = PathFlows(prospects).net_cash()
    found = outcomes_of(risk).irr
    for path, roots in enumerate(internal_rates(cash[:, :20])):
        assert np.isnan(found[path]) if not roots.size else np.abs(roots - found[path]).min() < 1e-9


@pytest.mark.parametrize(
    ("name", "scenario", "words"),
    [
        ("mainframes", "base", "an age-price curve knows no rents"),
        ("neocloud", "power_limited", "short of power or racks"),
    ],
)
def test_what_random_paths_do_not_follow_is_refused(name: str, scenario: str, words: str) -> None:
    case = case_of(name)
    with pytest.raises(AssumptionError, match=words):
        Risk(case, case.scenario(scenario)).check()
