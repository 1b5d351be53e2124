"""Arrivals of new models in risk runs: drawn apart where something strands, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from assumptions import load_case
from assumptions.cases.overlay import apply_overrides
from assumptions.chapters.schema import Case
from assumptions.risk.drawn import Risk
from assumptions.risk.newmodels import GAPS, gaps_apart, strandings_of
from assumptions.risk.riskrequest import Sampling
from assumptions.risk.simulation import SharedDraws, run_risk, shared_plan
from valuation.draws.sampling import draw
from valuation.errors import AssumptionError
from valuation.paths.montecarlo import Outcomes, Portion, outcomes, run_block
from valuation.paths.risk_summary import STRANDED

NAME, WIDTH = "etched-inference", 64
STILL = "uncertainty.processes.model_churn.process=none"


@cache
def case(*changes: str) -> Case:
    return apply_overrides(load_case(NAME), list(changes))


@cache
def block(*changes: str) -> Outcomes:
    risk = Risk(case(*changes))
    plan = replace(risk.plan(3, "philox"), width=1024)
    return run_block((risk, plan, next(iter(case().ledgers)), Portion(0, 0, 1024)))


def test_numbers_are_drawn_where_something_strands_and_nowhere_else() -> None:
    months = Risk(case()).inputs.timeline.forecast_periods
    assert Risk(case()).apart() == tuple((name, months) for name in GAPS)
    assert Risk(case(STILL)).apart() == ()
    assert Risk(load_case("meta")).apart() == ()
    some = case("churn.architecture_per_year=0", "churn.weights_per_year=0")
    assert gaps_apart(Risk(some).inputs) == ((GAPS[2], months),)


def test_arrivals_change_no_other_draw_and_no_rent() -> None:
    with_them, without = block(), block(STILL)
    np.testing.assert_array_equal(with_them.earned, without.earned)
    np.testing.assert_array_equal(with_them.landing_slips, without.landing_slips)
    assert np.isinf(without.first_stranding).all()
    assert (with_them.npv != without.npv).mean() > 0.9


def test_chance_about_models_spreads_outcomes_and_keeps_what_is_expected() -> None:
    """Values are those expected, on average; what happens to a fleet at once, and not device by device, is riskier."""
    with_them, without = block(), block(STILL)
    change = with_them.value_in_exchange - without.value_in_exchange
    for year in (2, 3, 4):
        assert abs(change[year].mean()) < 4.5 * change[year].std() / np.sqrt(change[year].size)
        assert change[year].std() > 0.0
    assert with_them.npv.std() > without.npv.std()
    assert with_them.peak_write_down.mean() > without.peak_write_down.mean()


def test_paths_on_which_models_strand_devices_are_told_apart() -> None:
    (base,) = run_risk(case(), Sampling(256, seed=4, sampler="philox")).summaries
    met = base.conditions[STRANDED]
    assert 0.2 < met.share.value < 1.0
    assert met.figures["npv_usd"].mean.estimate.value < base.figures["npv_usd"].mean.estimate.value
    assert (
        met.figures["peak_write_down_usd"].mean.estimate.value > base.figures["peak_write_down_usd"].mean.estimate.value
    )
    (still,) = run_risk(case(STILL), Sampling(32, seed=4, sampler="philox")).summaries
    assert STRANDED not in still.conditions


def test_scenarios_share_their_models() -> None:
    """A scenario in which parts strand draws them; the base, which strands none, keeps every digit."""
    whole = load_case("neocloud")
    risks = [Risk(whole, whole.scenario(name)) for name in ("base", "formats_strand")]
    plan, _ = shared_plan(risks, Sampling(64, seed=1, sampler="philox"))
    assert [name for name, _ in plan.apart] == [GAPS[2]]
    small = replace(plan, width=16)
    drawn = draw(small, 0, 0)
    alone = Risk(whole)(draw(replace(risks[0].plan(small.seed, "philox"), width=16), 0, 0))
    base, strands = (SharedDraws(risk, plan.scalars)(drawn) for risk in risks)
    np.testing.assert_array_equal(base.rent, alone.rent)
    assert np.isinf(base.shocks.strandings.month).all()
    assert np.isfinite(strands.shocks.strandings.month).any()


def test_rates_that_are_drawn_hold_on_their_paths() -> None:
    """Architectures and formats come at rates of their own on every path."""
    risk = Risk(case())
    found = risk(draw(replace(risk.plan(5, "philox"), width=WIDTH), 0, 0))
    rates = found.inputs.silicon.fatal_arrivals
    assert rates.shape[-1] == WIDTH
    assert np.unique(rates[1, -1]).size == WIDTH
    assert found.shocks.strandings.month.shape == (len(found.inputs.fleet.generation), WIDTH)


def test_kinds_left_out_strand_nothing() -> None:
    inputs = Risk(case()).inputs
    months = inputs.timeline.forecast_periods
    scores = np.random.default_rng(0).standard_normal((3, months, 8))
    every = strandings_of(inputs, dict(zip(GAPS, scores, strict=True))).month
    fewer = strandings_of(inputs, {GAPS[0]: scores[0]}).month
    assert (fewer >= every).all()
    assert (fewer > every).any()
    assert not strandings_of(inputs, {}).drawn


def test_single_precision_strands_the_same_devices() -> None:
    risk = Risk(case())
    plan = replace(risk.plan(5, "philox"), width=WIDTH)
    ledger = next(iter(case().ledgers))
    drawn = draw(plan, 0, 0)
    single = replace(
        drawn,
        scalars=drawn.scalars.astype(np.float32),
        series=drawn.series.astype(np.float32),
        apart={name: rows.astype(np.float32) for name, rows in drawn.apart.items()},
    )
    exact, rounded = (outcomes(risk(each), ledger).npv for each in (drawn, single))
    assert (exact != rounded).any()
    assert np.abs(exact - rounded).max() < 1e-3 * exact.std()
    first, second = (risk(each).shocks.strandings.month for each in (drawn, single))
    np.testing.assert_allclose(first, second, rtol=1e-5)


def test_a_setting_that_is_none_is_told_in_one_line() -> None:
    with pytest.raises(AssumptionError, match=r"model_churn\.process.*'jumps' is unknown") as caught:
        apply_overrides(load_case(NAME), ["uncertainty.processes.model_churn.process=jumps"])
    assert "\n" not in str(caught.value)
