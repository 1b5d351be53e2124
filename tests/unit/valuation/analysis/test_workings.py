"""Steps between inputs and results add up to the results, and one more set of books is like any other."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from assumptions import load_case, run_case
from valuation.analysis.workings import follows_from_rents, outside_changes, sold_ahead, unnamed_landings, workings
from valuation.engine import keep_beside
from valuation.results import Results

SCENARIOS = ("base", "landing_early", "landings_22_months", "mild", "formats_strand", "power_limited", "asic_shift")
COUNT = 24


@cache
def found() -> Results:
    return run_case(load_case("neocloud"), list(SCENARIOS[1:])).results


@pytest.mark.parametrize("case", range(len(SCENARIOS)), ids=SCENARIOS)
def test_rents_are_what_the_steps_make_of_them(case: int) -> None:
    results = found()
    steps = workings(results, case, COUNT)
    ladder = steps.ladder
    np.testing.assert_allclose(
        steps.entry_rent, ladder.first_rent * np.exp(-steps.share @ ladder.rent_step), rtol=1e-12
    )
    structural = float(results.inputs.path.mode[case] == 0)
    followed = structural * (steps.changes["landings"] + steps.changes["scarcity"] + steps.changes["drift"])
    log_rent = np.log(steps.rent[0]) + followed + outside_changes(results)[..., case]
    np.testing.assert_allclose(steps.rent, np.exp(log_rent), rtol=1e-12)
    sold = sold_ahead(results)[:, case if sold_ahead(results).shape[1] > 1 else 0]
    np.testing.assert_allclose(steps.earned, steps.rent * sold[:, None], rtol=1e-12)


@pytest.mark.parametrize("case", range(len(SCENARIOS)), ids=SCENARIOS)
def test_flows_are_worth_the_net_present_value(case: int) -> None:
    results = found()
    steps = workings(results, case, COUNT)
    assert steps.present.sum() == pytest.approx(results.returns.npv[case], abs=1e-3)
    np.testing.assert_allclose(steps.present, steps.flows * steps.factors)


def test_the_closed_form_is_the_entry_rent_where_nobody_serves_old_models() -> None:
    steps = workings(found(), 0, COUNT)
    open_to = np.isfinite(steps.plan.entry_rent)
    np.testing.assert_allclose(steps.plan.closed_rent[open_to], steps.plan.entry_rent[open_to], rtol=1e-12)
    stranded = workings(found(), SCENARIOS.index("formats_strand"), COUNT).plan
    differs = np.abs(stranded.closed_rent[open_to] - stranded.entry_rent[open_to]) > 1e-6
    assert differs.any()


def test_landings_come_in_order_and_never_raise_the_entry_rent() -> None:
    rows = workings(found(), SCENARIOS.index("landing_early"), COUNT).ladder
    due = (rows.landing + rows.delay)[np.isfinite(rows.landing)]
    assert (np.diff(due) >= 0.0).all()
    assert (rows.rent_step >= 0.0).all()
    assert unnamed_landings(193, 12.0) == 18


def test_what_is_owned_opens_the_flows() -> None:
    results = found()
    for case in range(len(SCENARIOS)):
        opening = results.cash.proceeds[results.inputs.timeline.as_of, case] - results.returns.entering[case]
        assert workings(results, case, COUNT).flows[0] == pytest.approx(opening, rel=1e-12)


@pytest.mark.parametrize("name", ["neocloud", "bitcoin-miner"])
def test_devices_leave_no_later_than_they_can_stay(name: str) -> None:
    results = found() if name == "neocloud" else run_case(load_case(name)).results
    steps, as_of = workings(results, 0, COUNT), results.inputs.timeline.as_of
    ahead = results.economic.retirement[:, 0] - as_of
    np.testing.assert_array_equal(steps.stays, ahead >= 0)
    np.testing.assert_array_equal(steps.past, np.minimum(ahead, 0))
    leaves = steps.stays & (ahead < results.inputs.timeline.forecast_periods)
    assert (ahead <= steps.last)[leaves].all()


def test_one_more_set_of_books_is_kept_like_the_others() -> None:
    results = found()
    three_year = next(ledger for ledger in results.ledgers if ledger.name == "three_year")
    more = keep_beside(results, "again", 36.0)
    np.testing.assert_allclose(more.ledgers[-1].carrying_amount, three_year.carrying_amount, atol=1e-6)
    assert [ledger.name for ledger in more.inputs.ledgers][-1] == "again"


def test_values_by_age_do_not_follow_from_rents() -> None:
    assert follows_from_rents(found())
    assert not follows_from_rents(run_case(load_case("mainframes")).results)
