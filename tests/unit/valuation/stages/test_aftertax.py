"""Tax by hand: expensing, losses under a limit, deferred tax, the worth of deductions, and the identities of a run."""

from __future__ import annotations

import numpy as np
import pytest

from assumptions import apply_overrides, load_case, run_case
from tests.factories import column
from valuation.books.tax import (
    deferred_tax,
    expensing_allowed,
    mid_quarter_applies,
    present_value_of_deductions,
    tax_years,
)
from valuation.engine import evaluate
from valuation.results import Results, Taxes


def test_expensing_shrinks_dollar_for_dollar() -> None:
    """2025: 2.5 m, less what exceeds 4.0 m: 5.2 m placed leave 1.3 m, 6.5 m none."""
    placed = np.array([3e6, 5.2e6, 6.5e6, 9e6])
    found = expensing_allowed(placed, np.full(4, 2.5e6), np.full(4, 4e6))
    assert found == pytest.approx([2.5e6, 1.3e6, 0.0, 0.0])


@pytest.mark.parametrize(("last", "holds"), [(40.0, False), (40.1, True)])
def test_mid_quarter_needs_more_than_forty_per_cent(last: float, holds: bool) -> None:
    basis, year, month = np.array([100.0 - last, last]), np.array([1, 1]), np.array([5, 10])
    assert mid_quarter_applies(basis, year, month, 0.40).tolist() == [holds, holds]


def test_deferred_tax_of_a_million_expensed_at_once() -> None:
    """Six-year books after a half year, nil basis, 21 %: 192,500."""
    assert deferred_tax(column(1e6 * (1 - 1 / 12)), column(0.0), 0.21) == pytest.approx(column(192_500))


def test_worth_of_deductions() -> None:
    """5-year property, half-year, 10 %: z = 0.7733; not having 100 % at once costs 4.76 % of the price at 21 %."""
    shares = np.array([20, 32, 19.2, 11.52, 11.52, 5.76]) / 100
    worth = float(present_value_of_deductions(shares, 0.10))
    assert worth == pytest.approx(0.7733, abs=5e-5)
    assert 0.21 * (1.0 - worth) == pytest.approx(0.0476, abs=5e-5)


def test_losses_offset_at_most_their_share_of_income() -> None:
    """A loss of 100, then 50 and 150: 40 and 60 are set off, and 10 and 90 taxed."""
    found = tax_years(column(-100, 50, 150), np.full((3, 1), 0.21), 0.80, False)
    assert found.loss_used[:, 0] == pytest.approx([0, 40, 60])
    assert found.loss_carried[:, 0] == pytest.approx([100, 60, 0])
    assert found.taxable[:, 0] == pytest.approx([0, 10, 90])
    assert found.tax[:, 0] == pytest.approx([0, 2.1, 18.9])


def test_a_group_sets_losses_off_at_once() -> None:
    found = tax_years(column(-100, 50), np.full((2, 1), 0.21), 0.80, True)
    assert found.tax[:, 0] == pytest.approx([-21, 10.5])


def test_each_case_has_losses_of_its_own() -> None:
    """No limit, a limit of half, and relief at once, side by side."""
    income = np.tile(column(-100, 100), (1, 3))
    found = tax_years(income, np.full((2, 1), 0.2), np.array([1.0, 0.5, 0.8]), np.array([0, 0, 1]))
    assert found.taxable[1] == pytest.approx([0.0, 50.0, 100.0])
    assert found.loss_carried[1] == pytest.approx([0.0, 50.0, 0.0])
    assert found.tax[0] == pytest.approx([0.0, 0.0, -20.0])


@pytest.fixture(scope="module")
def results() -> Results:
    return run_case(load_case("neocloud"), ["mining_bust"]).results


def taxes(results: Results) -> Taxes:
    assert results.taxes is not None
    return results.taxes


@pytest.mark.parametrize("book", ["federal_tax", "state_tax"])
def test_deductions_over_life_are_what_was_paid_less_what_came_back(results: Results, book: str) -> None:
    """Basis at the as-of date and purchases after it, less proceeds, are deducted in the end."""
    found, as_of = taxes(results), results.inputs.timeline.as_of
    later = results.economic.additions_at_cost[as_of:].sum(axis=(0, 1))
    brought = results.economic.proceeds[as_of:].sum(axis=(0, 1))
    expected = found.basis[book][as_of] + later - brought
    assert found.deductions[book].sum(axis=0) == pytest.approx(expected, rel=1e-9)


def test_tax_is_paid_at_the_ends_of_fiscal_years(results: Results) -> None:
    found, timeline = taxes(results), results.inputs.timeline
    paid = np.flatnonzero(found.paid.any(axis=1))
    assert set(paid.tolist()) <= set(np.flatnonzero(timeline.is_fiscal_year_end).tolist()) | {timeline.periods}
    assert found.paid.sum(axis=0) == pytest.approx(found.due.sum(axis=0))


def test_deferred_tax_vanishes_with_the_fleet(results: Results) -> None:
    for amount in taxes(results).deferred.values():
        assert np.abs(amount[-1]).max() == pytest.approx(0.0, abs=1e-3)


def test_the_date_of_the_contract_decides_the_bonus() -> None:
    """Without bonus the federal books deduct later, and what is deducted in all is the same."""
    case = load_case("neocloud")
    with_bonus, without = (
        taxes(run_case(apply_overrides(case, [f"tax.bonus={word}"]), []).results) for word in ("yes", "no")
    )
    assert with_bonus.deductions["federal_tax"][1, 0] > 1.5 * without.deductions["federal_tax"][1, 0]
    assert without.deductions["federal_tax"] == pytest.approx(without.deductions["state_tax"])
    assert with_bonus.present_value_of_shield[0] > without.present_value_of_shield[0] * 0.9


def test_a_stack_is_taxed_case_by_case(results: Results) -> None:
    frozen = results.inputs

    alone = taxes(evaluate(frozen.take(np.array([1]))))
    np.testing.assert_allclose(alone.paid[:, 0], taxes(results).paid[:, 1], rtol=1e-12, atol=1e-6)
