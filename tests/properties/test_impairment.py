"""Promises of tested ledgers on random fleets, and of ledgers beside each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.factories import one
from tests.properties.strategies import inputs
from valuation.analysis.checks import check
from valuation.books.impairment import Framework, ImpairmentInputs
from valuation.books.policies import LedgerInputs
from valuation.engine import evaluate
from valuation.inputs import Inputs
from valuation.results import Results

SETTINGS = settings(max_examples=examples(24), deadline=None, derandomize=True)


def with_test(case: Inputs, ledger: LedgerInputs, framework: Framework, *, by_cohort: bool) -> LedgerInputs:
    """A ledger tested every quarter, each cohort alone or all together."""
    cohorts, periods = len(case.fleet.group), case.timeline.periods
    group = np.arange(cohorts) if by_cohort else np.zeros(cohorts, dtype=np.int64)
    rules = ImpairmentInputs(framework, group, np.arange(periods) % 3 == 2, one(0.05), one(0.02))
    return replace(ledger, name=f"{ledger.name}_{framework.name}", tests=(rules,))


def run(case: Inputs, *, by_cohort: bool) -> Results:
    plain = case.ledgers[0]
    books = [with_test(case, plain, framework, by_cohort=by_cohort) for framework in Framework]
    return evaluate(replace(case, ledgers=(plain, *books)))


@SETTINGS
@given(inputs(), st.booleans())
def test_losses_are_kept_or_reversed_as_their_rules_say(case: Inputs, by_cohort: bool) -> None:
    found = run(case, by_cohort=by_cohort)
    plain, asc, ias = found.ledgers
    slack = 1e-9 * float(plain.carrying_amount.max())
    assert asc.impairment.min() >= -slack
    assert (ias.carrying_amount - plain.carrying_amount).max() <= slack
    assert (asc.carrying_amount - plain.carrying_amount).max() <= slack
    assert asc.latent.min() >= 0.0


@SETTINGS
@given(inputs(), st.booleans())
def test_identities_hold_with_impairment(case: Inputs, by_cohort: bool) -> None:
    failed = [item.name for item in check(run(case, by_cohort=by_cohort)) if not item.passed]
    assert failed == []


@SETTINGS
@given(inputs())
def test_a_write_down_in_one_ledger_moves_no_other(case: Inputs) -> None:
    alone = evaluate(replace(case, ledgers=case.ledgers[:1])).ledgers[0]
    beside = run(case, by_cohort=True).ledgers[0]
    for name in ("carrying_amount", "depreciation", "impairment", "disposals"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(beside, name))


@SETTINGS
@given(inputs())
def test_a_tested_group_stands_at_fair_value_after_a_loss(case: Inputs) -> None:
    """Each cohort alone under ASC 360: where a loss is booked, the carrying amount is what the cohort is worth."""
    found = run(case, by_cohort=True)
    asc, value = found.ledgers[1], found.economic.value_in_exchange
    period, cohort, item = np.nonzero(asc.impairment > 1e-6 * asc.carrying_amount.max())
    # A cohort that retires at the bound is valued at what it then brings, and its stock is still carried there.
    stays = np.broadcast_to(found.economic.retirement, asc.impairment.shape[1:])[cohort, item] > period + 1
    carried = asc.carrying_amount[period + 1, cohort, item][stays]
    worth = np.broadcast_to(value, asc.carrying_amount.shape)[period + 1, cohort, item][stays]
    assert carried == pytest.approx(worth, rel=1e-9)
