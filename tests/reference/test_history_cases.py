"""The two histories as cases: what an envelope and the sources say of them.

Bitcoin miner in June 2020: an S9 draws 1.323 kW at 0.0422 USD a kWh, so 0.0558 USD an hour; it earned 0.0449 (block
subsidy over hash rate): power is 1.24 of revenue. A pool told 1.40 in the week of the halving, with its fee and for a
day; the month after it, with fewer hashes in the network, is kinder.

Mainframes at the end of 1996, bought at the ends of 1990 to 1994: ages 6 to 2, worth 0.0894 + 0.1732 + 0.2989 + 0.4901
+ 0.6893 = 1.7409 of one purchase of 100 million. Six-year books carry (0 + 1 + 2 + 3 + 4) / 6 of it = 166.7 million.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from assumptions import load_case, run_case
from assumptions.answers.past import miner
from assumptions.runs import CaseRun
from tests.reference.past_figures import FITTED, fits, profile
from valuation.analysis.backtest import mean_error
from valuation.analysis.leverage import obsolescence
from valuation.analysis.second_opinions import second_opinions
from valuation.analysis.summary import total_gap

COST = 100e6
AS_PRINTED = 1e-4


@cache
def mined() -> CaseRun:
    return run_case(load_case("bitcoin-miner"))


@cache
def computed() -> CaseRun:
    return run_case(load_case("mainframes"))


def column(run: CaseRun, scenario: str) -> int:
    return list(run.scenario_names).index(scenario)


def test_power_took_more_than_the_revenue_of_an_s9() -> None:
    run = mined()
    told = miner().may_2020.power_over_revenue
    rents = {row.month: row.usd_per_device_hour for row in run.case.rents}
    share = 1.323 * 0.0422 / rents["2020-06"]
    found = obsolescence(run.results).shutdown_share[0]
    assert found[0] == pytest.approx(share, rel=1e-9)
    assert 1.0 < found[column(run, "base")] < told
    assert found[column(run, "wet_season")] < 1.0 < found[column(run, "dry_season")]


def test_an_s9_is_worth_nothing_where_rents_stay_and_was_worth_keeping_as_they_came() -> None:
    """Used ones fetched 14 to 35 dollars in May 2020: more than nothing, less than what hindsight gives."""
    run = mined()
    parts = list(run.case.silicon)
    owned = run.inputs.fleet.generation == parts.index("S9")
    value = run.results.economic.unit_value_in_use[run.inputs.timeline.as_of, owned].max(axis=0)
    assert value[column(run, "base")] == 0.0
    assert 0.0 < value[column(run, "wet_season")] < 14.0
    assert value[column(run, "as_it_came")] > 35.0


def test_the_books_of_a_miner_stand_far_above_value() -> None:
    """An observer of 2025 sets 16 months of use against five-year books."""
    run = mined()
    gap = total_gap(run.results)
    assert gap["five_year"][0] > gap["three_year"][0] > 0.0
    lives = obsolescence(run.results).lives
    assert 12.0 < lives.t50[0, 0] < 24.0
    assert lives.t90[0, 0] < 36.0


def test_the_page_says_what_the_miner_gives() -> None:
    run = mined()
    page = (Path(__file__).resolve().parents[2] / "docs" / "history.md").read_text()
    at = {name: column(run, name) for name in run.scenario_names}
    found = obsolescence(run.results)
    share = found.shutdown_share[0]
    owned = run.inputs.fleet.generation == list(run.case.silicon).index("S9")
    value = run.results.economic.unit_value_in_use[run.inputs.timeline.as_of, owned].max(axis=0)
    gap = {name: amount[0] / 1e6 for name, amount in total_gap(run.results).items()}
    for figures in (
        f" | {share[at['base']]:.2f} |",
        f" | {share[at['wet_season']]:.2f}, {share[at['dry_season']]:.2f} |",
        f" | {value[at['base']]:.0f}, {value[at['wet_season']]:.0f}, {value[at['as_it_came']]:.0f} USD |",
        f" | {found.lives.t50[-1, 0]:.0f}, {found.lives.t90[-1, 0]:.0f} |",
        f" | {gap['three_year']:+.1f}, {gap['five_year']:+.1f} |",
    ):
        assert figures in page


def test_what_the_page_says_of_prices_around_its_dates_holds() -> None:
    """Rents half a year later, the rent at which to give up for good, and the yearly falls of mainframes."""
    run = mined()
    page = " ".join((Path(__file__).resolve().parents[2] / "docs" / "history.md").read_text(encoding="utf-8").split())
    rents = {row.month: row.usd_per_device_hour for row in run.case.rents}
    opinions = second_opinions(run.results)
    part = list(run.case.silicon).index("S9")
    assert f"risen by {rents['2020-12'] / rents['2020-06'] - 1.0:.0%}".replace("%", " %") in page
    given_up = float(opinions.abandonment_rent[part, 0])
    assert f"below {given_up:.3f} USD an hour; it was {rents['2020-06']:.3f}" in page
    _, seen = profile()
    falls = 1.0 - seen / np.append(1.0, seen[:-1])
    assert f"({', '.join(f'{100.0 * fall:.0f}' for fall in falls[:6])} % a year)" in page


def test_months_after_the_date_are_not_read() -> None:
    run = mined()
    case = run.case
    known = case.model_copy(update={"rents": tuple(row for row in case.rents if row.month <= case.as_of)})
    again = run_case(known)
    np.testing.assert_array_equal(run.results.economic.unit_value_in_use, again.results.economic.unit_value_in_use)


def test_rents_are_what_the_chain_paid() -> None:
    """June 2020: 900 coins a day less what came slower, 9,439 USD, 111.3 million TH/s, 13.5 TH/s a device, 24 hours."""
    with files("assumptions").joinpath("data/cases/bitcoin-miner/rents.csv").open(encoding="utf-8") as file:
        rent = {row["month"]: float(row["usd_per_device_hour"]) for row in csv.DictReader(file)}
    assert rent["2020-06"] == pytest.approx(900 * 9_438.7 / 111.291e6 * 13.5 / 24, rel=0.05)
    assert len(rent) == 55
    assert rent["2020-12"] / rent["2020-06"] == pytest.approx(1.82, abs=5e-3)


def test_mainframes_follow_the_profile() -> None:
    run = computed()
    as_of = run.inputs.timeline.as_of
    worth = run.results.economic.value_in_exchange[as_of, :5, 0] / COST
    assert worth == pytest.approx(profile()[1][::-1][:5], abs=1e-12)
    gap = total_gap(run.results)
    assert gap["six_year"][0] == pytest.approx(COST * (10 / 6 - 1.7409), rel=1e-9)
    assert gap["three_year"][0] == pytest.approx(COST * (1 / 3 - 1.7409), rel=1e-9)


@pytest.mark.parametrize("name", ["exponential", "slow then fast", "hyperbolic"])
def test_fits_on_three_years_are_scenarios_and_miss_the_next_three(name: str) -> None:
    run = computed()
    scenario = column(run, f"fitted_{name.replace(' ', '_')}")
    as_of = run.inputs.timeline.as_of
    worth = run.results.economic.value_in_exchange[as_of, :3][:, [0, scenario]][::-1] / COST
    years, seen = profile()
    level = fits()[name].level(years)
    assert worth[:, 1] == pytest.approx(level[FITTED:], abs=AS_PRINTED)
    error = mean_error(worth[:, 1], worth[:, 0])
    assert error == pytest.approx(mean_error(level[FITTED:], seen[FITTED:]), abs=AS_PRINTED)


def test_a_case_by_age_tells_no_rents() -> None:
    found = obsolescence(computed().results)
    assert np.isnan(found.rent).all()
    assert np.isnan(found.quasi_rent_lost).all()
    opinions = second_opinions(computed().results)
    for figures in (opinions.rent, opinions.earned_first_year, opinions.volatility, opinions.drift):
        assert np.isnan(figures).all()
    assert np.isfinite(opinions.economic_value).all()
    assert np.isfinite(opinions.static_rent).all()
    assert found.lives.t50[0, 0] == pytest.approx(36.0, abs=1.0)


def test_a_scenario_of_other_prices_has_no_past_of_its_own() -> None:
    worth = computed().results.economic.unit_value_in_use
    as_of = computed().inputs.timeline.as_of
    np.testing.assert_array_equal(worth[:as_of], np.broadcast_to(worth[:as_of, :, :1], worth[:as_of].shape))
    assert (worth[as_of] != worth[as_of, :, :1])[:5, 1:].all()
