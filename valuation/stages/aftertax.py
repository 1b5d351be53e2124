"""Tax on the fleet's own flows: tax books beside the others, losses carried forward, deferred tax, the shield."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from valuation.books.ledgers import Ledger
from valuation.books.policies import TaxInputs
from valuation.books.tax import deferred_tax, state_after_federal, tax_years
from valuation.devices.returns import net_present_value
from valuation.inputs import Inputs
from valuation.results import Economic, Taxes
from valuation.timeline import CASE, COHORT, FloatArray, IntArray


def taxes(
    inputs: Inputs,
    rules: TaxInputs,
    economic: Economic,
    books: tuple[Sequence[Ledger], Sequence[Ledger]],
    npv: FloatArray,
) -> Taxes:
    """Tax of the owner after the as-of bound.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack.
    rules : TaxInputs
        Rates and losses.
    economic : Economic
        Quasi-rents and proceeds, shape (T, C, n).
    books : tuple
        Tax books, federal and state, and the other sets of books.
    npv : numpy.ndarray
        Net present value before tax [USD], shape (n,).

    Returns
    -------
    Taxes
        By fiscal year from the as-of bound on, shape (Y, n).
    """
    tax_books, others = books
    years, first, ends = _years(inputs)
    income = _yearly(economic.quasi_rent, first)
    deductions = {book.name: _yearly(_deducted(book, economic), first) for book in tax_books}
    in_state, in_federal = deductions[tax_books[1].name], deductions[tax_books[0].name]
    federal_rate = rules.federal_rate[np.minimum(ends, inputs.timeline.periods) - 1][:, None]
    losses = (rules.loss_limit, rules.relieved_at_once)
    state = tax_years(income - in_state, rules.state_rate[None], *losses)
    federal = tax_years(income - in_federal - state.tax, federal_rate, *losses)
    due = federal.tax + state.tax
    shield = federal_rate * in_federal + state_after_federal(rules.state_rate, federal_rate) * in_state
    paid = np.zeros((inputs.timeline.periods + 1, due.shape[CASE]))
    paid[ends] = due
    saved = np.zeros_like(paid)
    saved[ends] = shield
    worth = net_present_value(paid[inputs.timeline.as_of :], inputs.terms.discount_factor)
    return Taxes(
        years=years,
        ends=ends,
        income=income,
        deductions=deductions,
        federal=federal,
        state=state,
        paid=paid,
        basis={book.name: book.carrying_amount.sum(axis=COHORT) for book in tax_books},
        deferred={ledger.name: _deferred(ledger, tax_books, rules) for ledger in others},
        shield=shield,
        present_value_of_tax=worth,
        present_value_of_shield=net_present_value(saved[inputs.timeline.as_of :], inputs.terms.discount_factor),
        npv_after_tax=npv - worth,
    )


def _years(inputs: Inputs) -> tuple[IntArray, IntArray, IntArray]:
    """Fiscal years that end after the as-of bound, the first period of each, and the bound at its end."""
    timeline = inputs.timeline
    ahead = timeline.fiscal_year_of_period[timeline.as_of :]
    years, start = np.unique(ahead, return_index=True)
    first = timeline.as_of + start
    return years, first, np.append(first[1:], timeline.periods)


def _yearly(flow: FloatArray, first: IntArray) -> FloatArray:
    """Sums of a flow (T, C, n) by fiscal year after the as-of bound, shape (Y, n)."""
    total = flow.sum(axis=COHORT)
    return np.asarray(np.add.reduceat(total, first, axis=0))


def _deducted(book: Ledger, economic: Economic) -> FloatArray:
    return book.depreciation + book.disposals - economic.proceeds


def _deferred(ledger: Ledger, tax_books: Sequence[Ledger], rules: TaxInputs) -> FloatArray:
    """Federal and state deferred tax of a set of books, shape (T+1, n); the state's is deductible."""
    carrying = ledger.carrying_amount.sum(axis=COHORT)
    federal_basis, state_basis = (book.carrying_amount.sum(axis=COHORT) for book in tax_books)
    rate = np.append(rules.federal_rate, rules.federal_rate[-1])[:, None]
    own = deferred_tax(carrying, federal_basis, rate)
    return own + deferred_tax(carrying, state_basis, state_after_federal(rules.state_rate, rate))
