"""Operating leverage and lives against books, on the small fleet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import HOURS, fleet, ledger, neocloud, one, silicon, terms
from valuation.analysis.expansion import capex_years
from valuation.analysis.leverage import AHEAD, obsolescence
from valuation.engine import evaluate
from valuation.errors import NoSolutionError
from valuation.results import Results


@pytest.fixture(scope="module")
def results() -> Results:
    return evaluate(neocloud())


def test_shares_are_those_of_the_rents_of_the_market(results: Results) -> None:
    """H100: rent of the market x paid hours x 1 unit, less the running cost of the part."""
    found, as_of, silicon = obsolescence(results), results.inputs.timeline.as_of, results.inputs.silicon
    hours = HOURS * 0.925
    now = results.market.rent[as_of, 0, 0] * hours
    cost = silicon.operating_cost[0, 0]
    assert found.rent[0, 0] == pytest.approx(now)
    assert found.shutdown_rent[0, 0] == pytest.approx(cost)
    assert found.shutdown_share[0, 0] == pytest.approx(results.market.generation_shutdown[0, 0, 0] * hours / now)
    for row, ahead in enumerate(AHEAD):
        then = results.market.rent[as_of + ahead, 0, 0] * hours
        assert found.rent_lost[row, 0, 0] == pytest.approx(1.0 - then / now)
        assert found.quasi_rent_lost[row, 0, 0] == pytest.approx(1.0 - (then - cost) / (now - cost))
        assert found.quasi_rent_lost[row, 0, 0] > found.rent_lost[row, 0, 0] > 0.0


def test_what_is_bought_later_has_no_rent_yet(results: Results) -> None:
    found = obsolescence(results)
    assert np.isnan(found.rent[2, 0])
    assert np.isnan(found.quasi_rent_lost[:, 2, 0]).all()
    assert found.lives.t90[2, 0] > 0.0


def test_the_fleet_is_the_last_row(results: Results) -> None:
    found = obsolescence(results)
    for name in ("t50", "t90", "retirement", "straight_line_equivalent"):
        assert getattr(found.lives, name)[-1, 0] == getattr(results.fleet_lives, name)[0, 0]
    units = results.economic.units[results.inputs.timeline.as_of, :, 0]
    group = results.inputs.fleet.group
    weights = [units[group == number].sum() for number in (0, 1)]
    mean = np.average(found.rent[:2, 0], weights=weights)
    assert found.rent[-1, 0] == pytest.approx(mean)


def test_t90_before_the_book_life_is_told_from_t90_after_it(results: Results) -> None:
    found = obsolescence(results)
    assert found.book_life["three_year"].tolist() == [[36.0]] * 4
    assert found.book_life["disclosed"].tolist() == [[72.0]] * 4
    assert (found.value_outlasts("three_year") == found.lives.t90 - 36.0).all()
    assert (found.value_outlasts("three_year") >= 0.0).any()


def test_a_change_of_life_after_the_as_of_date_is_not_yet_in_force(results: Results) -> None:
    base, as_of = results.inputs, results.inputs.timeline.as_of
    books = ledger("changing", 36, base.timeline.periods)
    life = books.life.copy()
    life[as_of:] = 60
    later = replace(books, components=tuple(replace(part, life=life) for part in books.components))
    assert obsolescence(evaluate(replace(base, ledgers=(later,)))).book_life["changing"][-1, 0] == 36.0
    life = life.copy()
    life[as_of - 1 :] = 60
    now = replace(books, components=tuple(replace(part, life=life) for part in books.components))
    assert obsolescence(evaluate(replace(base, ledgers=(now,)))).book_life["changing"][-1, 0] == 60.0


def test_a_horizon_shorter_than_the_months_ahead_leaves_them_empty() -> None:
    base = neocloud()
    short = base.timeline.as_of + 30
    case = replace(
        base,
        timeline=replace(base.timeline, periods=short),
        fleet=fleet([(40, 0, 100.0, 43_000.0)]),
        silicon=silicon(physical_life=one(12)),
        ledgers=(ledger("three_year", 36, short),),
    )
    lost = obsolescence(evaluate(case)).rent_lost[:, 0, 0]
    assert np.isnan(lost).tolist() == [False, False, True]


@pytest.mark.slow
def test_a_stack_reads_as_its_cases() -> None:
    base = neocloud()
    other = replace(base, terms=terms(scrap_share=one(0.2)))
    stacked = evaluate(type(base).stack([base, other]))
    for number, case in enumerate((base, other)):
        alone, found = obsolescence(evaluate(case)), obsolescence(stacked)
        np.testing.assert_allclose(found.lives.t90[:, number], alone.lives.t90[:, 0])
        np.testing.assert_allclose(found.quasi_rent_lost[..., number], alone.quasi_rent_lost[..., 0], rtol=1e-9)
        split, single = capex_years(stacked), capex_years(evaluate(case))
        np.testing.assert_allclose(split.replacement[:, number], single.replacement[:, 0], rtol=1e-9)
        np.testing.assert_allclose(split.age[:, number], single.age[:, 0])


def test_replacement_is_what_failed_and_retired_at_the_price_of_that_month(results: Results) -> None:
    """By a loop over cohorts and months: units lost x service x replacement cost of a unit of service."""
    owned, economic, timeline = results.inputs.fleet, results.economic, results.inputs.timeline
    service, price = results.inputs.silicon.service, results.market.replacement_cost
    expected = dict.fromkeys(timeline.fiscal_years.tolist(), 0.0)
    for cohort, part in enumerate(owned.generation):
        for period, year in enumerate(timeline.fiscal_year_of_period.tolist()):
            lost = economic.units[period, cohort, 0] - economic.units[period + 1, cohort, 0]
            if lost > 0.0:
                expected[year] += lost * service[part, 0, 0] * price[period, 0, 0]
    found = capex_years(results)
    np.testing.assert_allclose(found.replacement[:, 0], list(expected.values()), rtol=1e-9)


def test_mean_age_counts_months_in_service_by_cost(results: Results) -> None:
    owned, units = results.inputs.fleet, results.economic.units
    found = capex_years(results)
    row = found.years.tolist().index(2025)
    bound = int(np.flatnonzero(results.inputs.timeline.fiscal_year_of_bound == 2025)[-1])
    weight = units[bound, :, 0] * owned.cost[:, 0]
    assert found.age[row, 0] == pytest.approx(np.average(bound - owned.in_service, weights=weight))
    assert np.isnan(found.age[-1, 0])


def test_readings_need_the_frozen_quantities(results: Results) -> None:
    bare = replace(results, inputs=replace(results.inputs, frozen=None))
    for read in (capex_years, obsolescence):
        with pytest.raises(NoSolutionError, match="frozen"):
            read(bare)
