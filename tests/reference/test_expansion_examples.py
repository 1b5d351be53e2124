"""Replacement and expansion: method B13 and B14, a simulation in books, and what growth hides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import column, fleet, hazard, ledger, neocloud, observed, one, outlook, service_of, silicon, terms
from valuation.analysis.expansion import (
    capex_years,
    depreciation_after_growth,
    depreciation_over_replacement,
    depreciation_share,
    growth_behind,
    replacement_share,
    steady_age,
)
from valuation.books.schedule import unit_schedule
from valuation.engine import evaluate
from valuation.errors import NoSolutionError
from valuation.inputs import Inputs
from valuation.timeline import NEVER, FloatArray

GROWTH = np.array(0.4)
THREE, SIX = np.array(3.0), np.array(6.0)
AS_OF = 72


def depreciation_by_books(purchases: FloatArray, life: int) -> FloatArray:
    """Depreciation of purchases at the ends of periods, each kept by the ledger over its life."""
    periods = len(purchases)
    charges = np.zeros(periods)
    books = ledger("example", life, periods)
    for period, amount in enumerate(purchases):
        # Bound 0 ends the period before the first: what is bought in period p stands from bound p + 1 on.
        found = unit_schedule(books.components, service_of(period + 1, periods)).charge
        charges += amount * found[:, 0, 0]
    return charges


def test_worked_examples_of_the_method() -> None:
    """B13: 40 % growth: 1.4^-3 = 36.44 % replaces; (1 - 0.3644) / 1.2 = 0.530; (1 - 0.1328) / 2.4 = 0.361."""
    assert 100 * replacement_share(GROWTH, THREE) == pytest.approx(36.44, abs=5e-3)
    assert depreciation_share(GROWTH, THREE) == pytest.approx(0.530, abs=5e-4)
    assert depreciation_share(GROWTH, SIX) == pytest.approx(0.361, abs=5e-4)


def test_growth_that_five_hyperscalers_would_need() -> None:
    """B14: 125 / 482 = 0.26 of purchases needs growth of 61 % a year over six years, of 116 % over three."""
    share = 125 / 482
    assert growth_behind(share, 6.0) == pytest.approx(0.61, abs=5e-3)
    assert growth_behind(share, 3.0) == pytest.approx(1.16, abs=5e-3)


@pytest.mark.parametrize("share", [0.0, 1.0, 1.2])
def test_no_growth_explains_what_it_cannot(share: float) -> None:
    with pytest.raises(NoSolutionError, match="no growth keeps depreciation"):
        growth_behind(share, 6.0)


@pytest.mark.parametrize("growth", [-0.2, 0.0, 1e-9, 0.1, 0.4, 1.0])
@pytest.mark.parametrize("life", [1, 3, 6])
def test_closed_form_is_what_the_books_do(growth: float, life: int) -> None:
    purchases = (1.0 + growth) ** np.arange(life + 4.0)
    seen = depreciation_by_books(purchases, life)[-1] / purchases[-1]
    assert depreciation_share(np.array(growth), np.array(float(life))) == pytest.approx(seen, rel=1e-6)


def test_without_growth_depreciation_is_what_is_bought() -> None:
    assert depreciation_share(np.zeros(1), THREE)[0] == 1.0
    assert replacement_share(np.zeros(1), THREE)[0] == 1.0
    assert depreciation_over_replacement(np.zeros(1), THREE)[0] == 1.0


def test_what_happens_when_growth_stops() -> None:
    """Six years at 40 %, then level: 0.36, 0.51, 0.64, 0.76, 0.87, 0.95, 1 of purchases, as in the books."""
    purchases = np.append(1.4 ** np.arange(8.0), np.full(8, 1.4**7))
    seen = (depreciation_by_books(purchases, 6) / purchases)[7:]
    found = depreciation_after_growth(GROWTH, SIX, np.arange(float(len(seen))))
    np.testing.assert_allclose(found, seen, rtol=1e-12)
    np.testing.assert_allclose(found[:7], [0.361, 0.506, 0.642, 0.765, 0.871, 0.952, 1.0], atol=5e-4)


@pytest.mark.parametrize(("life", "expected"), [(3, 1.453), (6, 2.721)])
def test_a_fleet_that_only_replaces_charges_more_than_it_buys(life: int, expected: float) -> None:
    """(1.4^3 - 1) / 1.2 = 1.453; over six years 2.721: the year after, bought is what was bought a life before."""
    grown = 1.4 ** np.arange(life + 2.0)
    purchases = np.append(grown, grown[-life])
    seen = depreciation_by_books(purchases, life)[-1] / purchases[-1]
    assert depreciation_over_replacement(GROWTH, np.array(float(life))) == pytest.approx(seen, rel=1e-12)
    assert seen == pytest.approx(expected, abs=5e-4)


def test_months_give_a_higher_ratio_than_years() -> None:
    """40 % a year bought month by month: 0.621 over three years, not 0.530, since nothing waits for the year's end."""
    monthly = 1.4 ** np.array(1.0 / 12.0) - 1.0
    assert depreciation_share(monthly, 12 * THREE) == pytest.approx(0.621, abs=5e-4)
    assert depreciation_share(monthly, 12 * SIX) == pytest.approx(0.424, abs=5e-4)


def test_growth_makes_a_fleet_young() -> None:
    """Ages 0 to 5 without growth: 2.5; at 40 %: sum of a x 1.4^-a over sum of 1.4^-a = 1.58."""
    np.testing.assert_allclose(steady_age(np.array([0.0, 0.4]), 6), [2.5, 1.581], atol=5e-4)


def steady(price_step: float = 0.0) -> Inputs:
    """One purchase of a hundred devices every month for six years, each gone after three: a level fleet in the end."""
    life, periods = 36, AS_OF + 180
    bounds = range(1, AS_OF + 1)
    months = len(bounds)
    rows = [(bound, 0, 100.0, 43_000.0) for bound in bounds]
    leave = np.array([bound + life for bound in bounds])
    beliefs = outlook(
        AS_OF,
        landing=column(-60.0, NEVER, NEVER, NEVER),
        known_from=column(-60.0, NEVER, NEVER, NEVER),
        generic_step=one(price_step),
        generic_cadence=one(1e4),
    )
    return neocloud(
        timeline=replace(neocloud().timeline, as_of=AS_OF, periods=periods),
        fleet=fleet(rows, lag=0, scheduled_retirement=leave, sale_value=np.zeros((months, 1))),
        silicon=silicon(failure_hazard=hazard(0.0, 0.0)),
        outlook=beliefs,
        path=beliefs,
        history=replace(neocloud().history, observed_rent=observed(AS_OF)),
        terms=terms(planning_decline=one(0.01)),
        ledgers=(ledger("three_year", life, periods),),
    )


def test_a_level_fleet_at_level_prices_replaces_what_it_buys() -> None:
    """Fiscal years 2027 and 2028 of purchases from 2023-01 on: everything bought replaces what left, and is charged."""
    found = capex_years(evaluate(steady()))
    rows = [row for row, year in enumerate(found.years) if year in (2027, 2028)]
    assert len(rows) == 2
    np.testing.assert_allclose(found.capex[rows, 0], 12 * 100 * 43_000.0)
    np.testing.assert_allclose(found.replacement[rows, 0], found.capex[rows, 0], rtol=1e-9)
    np.testing.assert_allclose(found.expansion[rows, 0], 0.0, atol=1.0)
    np.testing.assert_allclose(found.depreciation_share["three_year"][rows, 0], 1.0, rtol=1e-9)
    np.testing.assert_allclose(found.replacement_by_life["three_year"], found.replacement, rtol=1e-9)
