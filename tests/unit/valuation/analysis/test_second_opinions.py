"""Second opinions: each against its own definition, written out again on the figures of the engine."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.factories import fleet, neocloud, one, outlook
from tests.unit.reports import samples
from valuation.analysis.second_opinions import SecondOpinions, second_opinions
from valuation.engine import evaluate
from valuation.results import Results

AS_OF = 45
H100, B200, RUBIN = 0, 1, 2


@pytest.fixture(scope="module")
def results() -> Results:
    """One purchase of each landed part: H100 in service 25 months, B200 just now."""
    return evaluate(neocloud(fleet=fleet([(17, 0, 10.0, 43_000.0), (AS_OF - 3, 1, 10.0, 52_600.0)])))


@pytest.fixture(scope="module")
def found(results: Results) -> SecondOpinions:
    return second_opinions(results)


def test_parts_are_those_with_a_price(found: SecondOpinions) -> None:
    assert found.generation.tolist() == [H100, B200, RUBIN]
    assert found.age[:, 0].tolist() == [25.0, 0.0, 0.0]


def test_values_are_those_of_the_engine(results: Results, found: SecondOpinions) -> None:
    """One device of the mean age is the cohort itself."""
    values = results.economic.unit_value_in_exchange[AS_OF, :, 0]
    assert found.economic_value[:2, 0] == pytest.approx(values, rel=1e-12)


def test_equivalent_annual_cost_written_out(results: Results, found: SecondOpinions) -> None:
    """B200, bought now: its cohort gives resale, the entry rent of the market what the best new device would give."""
    inputs, rate = results.inputs, 0.11
    hours = float(inputs.terms.paid_hours[0] * inputs.silicon.service[B200, 0, 0])
    running = float(inputs.silicon.operating_cost[B200, 0])
    hazard = inputs.silicon.failure_hazard[:, 0, 0]
    alive = [1.0]
    for month in range(119):
        alive.append(alive[-1] * (1.0 - hazard[month]))
    entry = results.market.market_entry_rent[AS_OF:, 0, 0]
    by_life, paid = [], 52_600.0
    for year in range(1, 10):
        months = range(12 * year - 12, 12 * year)
        cost = sum(running * alive[m] + hours * (entry[0] - entry[m] * alive[m]) for m in months)
        paid += cost / (1.0 + rate) ** year
        resale = results.economic.unit_value_in_exchange[AS_OF + 12 * year, 1, 0] * alive[12 * year]
        worth = paid - resale / (1.0 + rate) ** year
        by_life.append(worth * rate / (1.0 - (1.0 + rate) ** -year))
    assert found.annual_cost[B200, 0] == pytest.approx(min(by_life), rel=1e-9)
    assert found.economic_life[B200, 0] == by_life.index(min(by_life)) + 1


def test_keeping_and_the_challenger(results: Results, found: SecondOpinions) -> None:
    now, later = results.economic.unit_value_in_exchange[[AS_OF, AS_OF + 12], 0, 0]
    running = 12.0 * results.inputs.silicon.operating_cost[H100, 0]
    assert found.keeping[H100, 0] == pytest.approx(now * 1.11 - later + running)
    assert found.challenger[B200, 0] == pytest.approx(found.annual_cost[B200, 0])
    assert found.challenger[H100, 0] == pytest.approx(found.annual_cost[B200, 0] / 1.847)


def test_terborgh_on_the_mean_growth_of_the_inferiority(results: Results, found: SecondOpinions) -> None:
    cost, gradient = results.inputs.silicon.cost[H100, 0], 2.0 * 43_000.0 / found.terborgh_life[H100, 0] ** 2
    assert gradient > 0.0
    expected = math.sqrt(2.0 * cost * gradient) - gradient / 2.0
    assert found.adverse_minimum[H100, 0] == pytest.approx(expected)


def test_giving_up_for_good_waits_longer_than_stopping(results: Results, found: SecondOpinions) -> None:
    shutdown = results.market.generation_shutdown[:3, 0, 0]
    scrap = 0.02 * results.inputs.silicon.cost[:3, 0] / (12.0 * 730.0 * 0.925 * np.array([1.0, 1.847, 4.45]))
    assert found.static_rent[:, 0] == pytest.approx(shutdown + math.log(1.11) * scrap)
    assert (found.abandonment_rent < found.static_rent).all()
    assert (found.abandonment_rent > 0.0).all()


def test_rents_that_outrun_the_return_are_never_given_up() -> None:
    rising = outlook(AS_OF, drift=one(-0.05), pass_through=one(0.0))
    inputs = neocloud(path=rising, terms=replace(neocloud().terms, planning_decline=one(0.01)))
    found = second_opinions(evaluate(inputs))
    assert (found.drift > math.log(1.11)).all()
    assert np.isnan(found.abandonment_rent).all()


def test_without_progress_terborgh_has_no_answer_but_age() -> None:
    """Nothing lands: only failures make a device fall behind, and far less."""
    still = outlook(AS_OF, generic_step=one(0.0), landing=np.array([[4.0], [26.0], [np.inf], [np.inf]]))
    with_progress, without = (
        second_opinions(evaluate(neocloud(path=path, outlook=path))) for path in (outlook(AS_OF), still)
    )
    assert (without.terborgh_life > with_progress.terborgh_life).all()


def test_first_year_rule(results: Results, found: SecondOpinions) -> None:
    unit_cost = results.market.replacement_cost[:, 0, 0]
    fall = math.log(unit_cost[AS_OF] / unit_cost[AS_OF + 12])
    assert found.needed_first_year[:, 0] == pytest.approx((0.11 + fall) * results.inputs.silicon.cost[:3, 0])
    hazard = 1.0 - results.inputs.silicon.failure_hazard[:12, 0, 0]
    alive = np.concatenate([[1.0], np.cumprod(hazard)])[:12]
    rents = results.market.rent[AS_OF : AS_OF + 12, 0, 0] * alive * 730.0 * 0.925 * 4.45
    assert found.earned_first_year[RUBIN, 0] == pytest.approx(
        rents.sum() - 12.0 * results.inputs.silicon.operating_cost[RUBIN, 0]
    )


def test_cost_approach_takes_off_in_order(found: SecondOpinions) -> None:
    parts = found.appraisal
    total = parts.value + parts.physical + parts.functional + parts.external
    assert total == pytest.approx(parts.replacement_cost)
    assert parts.replacement_cost[:, 0] == pytest.approx([52_600 / 1.847, 52_600, 52_600 * 4.45 / 1.847])
    assert parts.physical[H100, 0] == pytest.approx(25 / 120 * 52_600 / 1.847)
    assert parts.value[B200, 0] == pytest.approx(52_600), "new, and itself the modern equivalent"
    assert parts.functional[H100, 0] > 0.0
    assert (parts.external == 0.0).all(), "every usual hour is sold"


def test_idle_hours_are_external_obsolescence() -> None:
    idle = outlook(AS_OF, utilisation=np.full((300, 1), 0.6))
    parts = second_opinions(evaluate(neocloud(path=idle, outlook=idle))).appraisal
    left = parts.replacement_cost - parts.physical - parts.functional
    assert parts.external == pytest.approx(left * (1.0 - 0.6**0.65))


def test_every_scenario_has_its_own_answers_and_the_engine_none_of_them() -> None:
    report = samples.report()
    found = second_opinions(report.results)
    alone = second_opinions(evaluate(report.results.inputs.take(np.array([1]))))
    assert found.annual_cost.shape == (3, 3)
    for name in ("annual_cost", "earned_first_year", "economic_value", "abandonment_rent"):
        assert getattr(found, name)[:, 1] == pytest.approx(getattr(alone, name)[:, 0], rel=1e-9)
