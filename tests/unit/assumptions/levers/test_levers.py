"""Levers and shocks of bundled cases: against single runs, straight lines, and what must rise or fall."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from scipy.special import ndtri

from assumptions import Span, break_even, load_case, reverse_stress, run_case, tornado, variance_shares
from assumptions.levers.breakeven import BreakEven, scenario_of
from assumptions.levers.conditions import read_condition
from assumptions.levers.levers import Trials, lever_of
from assumptions.levers.shocked import Shocked
from assumptions.risk.draws import build_drawn
from assumptions.runs import CaseRun
from reports.files import payload
from reports.files.figures import reader
from reports.record.compose import compose
from valuation.engine import evaluate
from valuation.errors import AssumptionError
from valuation.stages.calibration import with_frozen

pytestmark = pytest.mark.slow

STEP, RENT = "market.generic_step_log", "operations.facility_rent_usd_per_it_kw_month"
NPV, GAP = "npv_usd", "gap_usd.disclosed"
CERTAIN = "uncertainty.parameters.{}.distribution=none"


@cache
def run_of(case: str = "neocloud", scenario: str = "base", *overrides: str) -> CaseRun:
    return run_case(load_case(case), [scenario], overrides)


def asked(run: CaseRun, until: str, *spans: Span) -> BreakEven:
    return break_even(run, spans, until, reader(run))


def only(*keys: str) -> tuple[str, ...]:
    """Overrides after which nothing but some assumptions is random."""
    uncertainty = load_case("neocloud").uncertainty
    assert uncertainty is not None
    return tuple(CERTAIN.format(key) for key in uncertainty.random_keys if key not in keys)


# Trials


@pytest.mark.parametrize("scenario", ["base", "landings_22_months"])
def test_stacked_trials_are_single_runs(scenario: str) -> None:
    run = run_of("neocloud", scenario)
    lever = lever_of(run.case, "terms.required_return_annual")
    trials = Trials(run.case, scenario_of(run), reader(run), ())
    found = trials([lever], [(0.08,), (0.13,)])
    for value, (_, figures) in zip((0.08, 0.13), found, strict=True):
        alone = run_case(load_case("neocloud"), [scenario], [(lever.key, value)])
        single = payload.figures(compose(alone), len(alone.scenarios) - 1)
        for name in (NPV, "irr", GAP, "lives_months.t90", "economic_value_usd"):
            assert figures[name] == pytest.approx(single[name], rel=1e-9, abs=1e-3), name


def test_figures_are_those_of_the_document() -> None:
    report = compose(run_of())
    found, document = payload.figures(report, 0), payload.document(report)
    base = document.scenarios["base"]
    assert found[NPV] == base.npv_usd
    assert found["hidden_depreciation_usd.disclosed.2026"] == base.hidden_depreciation_usd["disclosed"]["2026"]
    assert found["waterfall.disclosed.groups_usd.functional"] == base.waterfall["disclosed"].groups_usd["functional"]
    assert found["market.scarcity_log"] == document.market.scarcity_log


# Break-evens


def test_a_linear_figure_breaks_even_where_the_straight_line_says() -> None:
    """On a given path of rents, and with the same retirements, value in use falls by so much a dollar of rent paid."""
    run = run_of("neocloud", "base", "market.mode=curve")
    low, high = 180.0, 184.0
    trials = Trials(run.case, None, reader(run), ())
    lever = lever_of(run.case, RENT, low, high)
    first, middle, last = (figures["npv_in_use_usd"] for _, figures in trials([lever], [(low,), (182.0,), (high,)]))
    assert middle == pytest.approx((first + last) / 2.0, rel=1e-12)
    target = 0.3 * first + 0.7 * last
    found = asked(run, f"npv_in_use_usd={target!r}", Span(RENT, low, high))
    (meeting,) = found.meetings
    assert meeting.kind == "root"
    assert meeting.before.setting[0] == pytest.approx(low + 0.7 * (high - low), rel=1e-9)


@pytest.mark.slow
def test_the_case_itself_is_a_break_even() -> None:
    run = run_of()
    npv = payload.figures(compose(run), 0)[NPV]
    (meeting,) = asked(run, f"{NPV}={npv!r}", Span(STEP)).meetings
    assert meeting.before.setting[0] == pytest.approx(0.27, abs=1e-9)


@pytest.mark.slow
def test_a_life_is_met_over_a_band() -> None:
    run = run_of()
    (meeting,) = asked(run, "t90=ledgers.disclosed.life_months", Span(STEP, 0.17, 0.19)).meetings
    assert meeting.kind == "band"
    assert meeting.before.figure == meeting.after.figure == meeting.before.wanted == 72.0
    for beyond, sign in ((meeting.before.setting[0] - 1e-6, 1), (meeting.after.setting[0] + 1e-6, -1)):
        t90 = payload.figures(compose(run_case(run.case, [], [(STEP, beyond)])), 0)["lives_months.t90"]
        assert sign * (t90 - 72.0) > 0.0


def test_whole_levers_take_whole_numbers() -> None:
    found = asked(run_of(), f"{GAP}=0", Span("ledgers.disclosed.life_months", 118, 130))
    (meeting,) = found.meetings
    low, high = meeting.before, meeting.after
    assert meeting.kind == "leap"
    assert high.setting[0] - low.setting[0] == 1.0
    assert low.figure < 0.0 < high.figure


def test_no_root_and_an_idle_lever_are_answers() -> None:
    far = asked(run_of(), f"{NPV}=1e15", Span(STEP))
    assert far.meetings == ()
    assert far.ends[0].figure > far.ends[1].figure
    assert far.idle == ()
    idle = asked(run_of(), f"{NPV}=0", Span("churn.legacy_rent_share"))
    assert (idle.meetings, idle.idle) == ((), ("churn.legacy_rent_share",))


@pytest.mark.slow
def test_a_rent_by_the_hour_meets_its_target_to_the_last_digit() -> None:
    """Rents of the miner are cents an hour: what is rounding of an amount would be a good part of them."""
    run = run_of("bitcoin-miner")
    name = "market.rent_usd_per_unit_hour"
    here = reader(run)(run.results)[-1][name]
    found = asked(run, f"rent_usd_per_unit_hour={0.99 * here!r}", Span("market.paid_share", 0.9, 1.0))
    assert found.condition.metric == name
    assert abs(found.here.excess) == pytest.approx(0.01 * here)


def test_points_of_a_frontier_meet_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assumptions.levers.breakeven.FRONTIER_POINTS", 3)
    spans = (Span(STEP, 0.29, 0.33), Span("market.paid_share"))
    found = asked(run_of(), f"{NPV}=0", *spans)
    points = np.array([each.before.setting for each in found.meetings])
    assert len(points) >= 3
    assert (np.diff(points, axis=0) >= -1e-9).all()  # larger steps need more paid hours
    step, paid = points[len(points) // 2].tolist()
    npv = payload.figures(compose(run_case(run_of().case, [], [(STEP, step), ("market.paid_share", paid)])), 0)[NPV]
    assert abs(npv) < 1.0


def test_figures_that_are_missing_are_told() -> None:
    found = asked(run_of("mainframes"), "npv_usd=0", Span("terms.required_return_annual", 0.05, 0.1))
    assert len(found.missing) == len(found.grid)
    assert (found.meetings, found.idle) == ((), ())


@pytest.mark.parametrize(
    ("key", "low", "high", "names"),
    [
        ("market.generic_stp_log", None, None, "did you mean market.generic_step_log"),
        ("market.mode", None, None, "it holds no number"),
        ("silicon.B200.landing", None, None, "it holds no number"),
        (STEP, 0.3, 0.2, "--low 0.3 is not below --high 0.2"),
        (STEP, 0.2, 0.2, "is not below"),
        (STEP, 0.2, 99.0, "--high 99"),
        (STEP, math.nan, None, "out of range"),
        ("ledgers.disclosed.life_months", None, None, "no low end of a range stands with it"),
        ("ledgers.disclosed.life_months", 12.5, 60.0, "a whole number"),
    ],
)
def test_what_is_no_lever_is_refused(key: str, low: float | None, high: float | None, names: str) -> None:
    with pytest.raises(AssumptionError, match="allowed is") as told:
        lever_of(run_of().case, key, low, high)
    assert names in str(told.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("npv_usd", "not a condition"),
        ("npv_usd<0", "not a condition"),
        ("npv_usd below 0", "not a condition"),
        ("=0", "not a condition"),
        ("npv_usd=1=2", "not a condition"),
        ("npv=0", "did you mean npv_usd"),
        ("npv_usd=nan", "not a finite number"),
        ("npv_usd=1e400", "not a finite number"),
        ("npv_usd=npv_usd", "compared with itself"),
        ("npv_usd=terms.plan", "the key of an assumption that holds a number"),
        ("gap_usd=0", "gap_usd.three_year, gap_usd.disclosed"),
        ("disclosed=0", "several figures"),
    ],
)
def test_what_is_no_condition_is_refused(text: str, names: str) -> None:
    figures = payload.figures(compose(run_of()), 0)
    with pytest.raises(AssumptionError, match="allowed is") as told:
        read_condition("--until", text, ("=", "=="), figures, run_of().case)
    assert names in str(told.value)


# Shocks


def test_shocked_figures_are_those_of_the_draws() -> None:
    run = run_of()
    shocked = Shocked(run.case, None, reader(run), (NPV, GAP))
    scores = np.random.default_rng(3).standard_normal((len(shocked.keys), 3))
    inputs = with_frozen(build_drawn(run.case, shocked.values(scores)), shocked.risk.frozen)
    whole = evaluate(inputs)
    np.testing.assert_allclose(shocked.figure(NPV, scores), whole.returns.npv, rtol=1e-12)


@pytest.mark.slow
def test_one_random_assumption_breaks_a_limit_at_its_break_even() -> None:
    """With paid hours alone at random the point is where the figure crosses, read off a fine grid."""
    key = "market.paid_share"
    run = run_of("neocloud", "base", *only(key))
    read = reader(run)
    shocked = Shocked(run.case, None, read, (NPV,))
    low, high = shocked.figure(NPV, np.array([[-1.0, 0.5]]))
    target = float(low + high) / 2.0
    found = reverse_stress(run, f"npv_usd<{target!r}", read)
    (shock,) = found.shocks
    places = np.linspace(-1.0, 0.5, 33)
    crossed = float(np.interp(target, shocked.figure(NPV, places[None]), places))
    assert abs(shock.units) == abs(found.distance) == pytest.approx(abs(crossed), abs=2e-3)
    assert found.figure == pytest.approx(target, rel=1e-4)
    assert shock.percentile == pytest.approx(0.5 * math.erfc(-shock.units / math.sqrt(2.0)))
    assert shock.share == 1.0


@pytest.mark.slow
def test_shocks_of_a_limit_point_the_bad_way_and_none_is_an_answer() -> None:
    run = run_of("neocloud", "base", *only(STEP, "market.paid_share", "demand.supply_elasticity"))
    found = reverse_stress(run, "npv_usd<0", reader(run))
    assert found.crossed
    assert not found.from_broken
    assert found.distance > 0.0
    signs = {shock.key: math.copysign(1.0, shock.units) for shock in found.shocks}
    assert signs == {STEP: 1.0, "market.paid_share": -1.0}
    assert sum(shock.share for shock in found.shocks) == pytest.approx(1.0)
    assert found.idle == ("demand.supply_elasticity",)
    none = reverse_stress(run, "npv_usd below -1e12", reader(run), 2.0)
    assert (none.crossed, none.from_broken, math.isnan(none.distance)) == (False, False, True)
    assert none.figure < none.medians


def test_rounding_breaks_no_limit_and_what_nothing_moves_may_be_broken_from_the_start() -> None:
    """The NPV of the miner is zero but for rounding."""
    run = run_of("bitcoin-miner", "base", *only(STEP))
    read = reader(run)
    still = reverse_stress(run, "npv_usd below 0", read)
    assert (still.crossed, still.from_broken, still.idle) == (False, False, (STEP,))
    assert reverse_stress(run, "npv_usd below 1", read).from_broken
    assert not reverse_stress(run, "npv_usd above 1", read).from_broken
    assert tornado(run, NPV, read).idle == (STEP,)


def test_what_moves_a_figure_in_its_tail_alone_is_searched() -> None:
    """Only where rents hardly follow costs down is the miner left with an NPV."""
    run = run_of("bitcoin-miner")
    shocked = Shocked(run.case, None, reader(run), (NPV,))
    assert shocked.moving(NPV) == []
    assert [shocked.keys[place] for place in shocked.moving(NPV, 5.0)] == ["market.pass_through"]
    found = reverse_stress(run, "npv_usd above 50e3", reader(run))
    assert found.crossed
    assert [shock.key for shock in found.shocks] == ["market.pass_through"]
    assert found.distance == pytest.approx(3.0, abs=0.1)


def test_a_repaired_correlation_is_told() -> None:
    keys = (STEP, "market.paid_share", "operations.pue")
    case = run_of("neocloud", "base", *only(*keys)).case
    assert case.uncertainty is not None
    first = case.uncertainty.correlations[0]
    said = tuple(
        first.model_copy(update={"between": pair, "rho": rho})
        for pair, rho in zip(combinations(keys, 2), (0.9, 0.9, -0.9), strict=True)
    )
    uncertainty = case.uncertainty.model_copy(update={"correlations": said})
    changed = case.model_copy(update={"uncertainty": uncertainty})
    shocked = Shocked(changed, None, reader(run_of()), (NPV,))
    assert any("contradict one another" in note for note in shocked.notes)


@pytest.mark.parametrize(("limit", "reach"), [("npv_usd=0", 5.0), ("npv_usd<0", 0.0), ("npv_usd<0", 9.0), ("x<0", 5.0)])
def test_what_is_no_limit_is_refused(limit: str, reach: float) -> None:
    with pytest.raises(AssumptionError, match="allowed is"):
        reverse_stress(run_of(), limit, reader(run_of()), reach)


def test_nothing_random_or_no_figure_is_told() -> None:
    certain = run_of("neocloud", "base", *only())
    with pytest.raises(AssumptionError, match="no assumption is random"):
        tornado(certain, NPV, reader(certain))
    missing = run_of("mainframes")
    with pytest.raises(AssumptionError, match="npv_usd: it has no value"):
        reverse_stress(missing, "npv_usd<0", reader(missing))
    with pytest.raises(AssumptionError, match="npv_usd: it has no value"):
        tornado(missing, NPV, reader(missing))


# Sensitivities


def test_tornado_moves_as_it_must() -> None:
    found = tornado(run_of(), NPV, reader(run_of()))
    rows = {row.key: row for row in found.rows}
    assert [row.swing for row in found.rows] == sorted((row.swing for row in found.rows), reverse=True)
    falling = (STEP, RENT, "operations.pue", "terms.required_return_annual", "operations.failure_steady_annual")
    rising = ("market.paid_share", "terms.scrap_share_of_cost", "market.generic_cadence_months")
    for key in (*falling, *rising):
        row = rows[key]
        assert row.low < row.median < row.high
        assert (row.figure_low > found.medians > row.figure_high) is (key in falling), key
    assert "demand.supply_elasticity" in found.idle
    assert not set(found.idle) & set(rows)


def test_shares_of_two_assumptions_add_up_and_correlated_ones_stay_together() -> None:
    run = run_of("neocloud", "base", *only(STEP, "market.paid_share", RENT))
    found = variance_shares(run, NPV, reader(run), points=16, seed=2)
    assert {row.keys for row in found.rows} == {(STEP,), ("market.paid_share",), (RENT,)}
    assert found.rows[0].keys == (STEP,)
    assert found.alone == pytest.approx(1.0, abs=0.35)
    assert all(low <= share <= high for row in found.rows for share, low, high in (row.first, row.total))
    assert run.case.uncertainty is not None
    pair = run.case.uncertainty.correlations[0].model_copy(update={"between": (STEP, RENT), "rho": 0.5})
    uncertainty = run.case.uncertainty.model_copy(update={"correlations": (pair,)})
    tied = run_case(run.case.model_copy(update={"uncertainty": uncertainty}), [])
    grouped = variance_shares(tied, NPV, reader(tied), points=16, seed=2)
    assert {frozenset(row.keys) for row in grouped.rows} == {frozenset((STEP, RENT)), frozenset(("market.paid_share",))}
    assert "exchanged together" in grouped.notes[0]


@pytest.mark.slow
def test_shares_are_those_of_one_way_variances_where_effects_add_up() -> None:
    """Variance of the figure along each assumption alone, from a fine grid of its percentiles: no indices in it."""
    keys = (STEP, "market.paid_share", RENT)
    run = run_of("neocloud", "base", *only(*keys))
    found = variance_shares(run, NPV, reader(run), points=64, seed=5)
    shocked = Shocked(run.case, None, reader(run), (NPV,))
    grid = ndtri((np.arange(40) + 0.5) / 40)
    alone = {key: shocked.figure(NPV, np.eye(3)[:, [place]] * grid).var() for place, key in enumerate(shocked.keys)}
    assert math.sqrt(sum(alone.values())) == pytest.approx(found.deviation, rel=0.1)
    for row in found.rows:
        (key,) = row.keys
        assert row.total[0] == pytest.approx(alone[key] / sum(alone.values()), abs=0.08), key
