"""Changes of estimate as they are disclosed: against the old estimate, on the assets then held (ASC 250-10-50-4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from valuation.books.ledgers import Ledger
from valuation.books.policies import ComponentInputs, LedgerInputs
from valuation.engine import evaluate
from valuation.inputs import Inputs
from valuation.timeline import COHORT, FloatArray, IntArray

ESTIMATES = ("life", "salvage_share", "method", "factor")
OLD, NEW = "old", "new"


@dataclass(frozen=True)
class EstimateEffect:
    """Effect of one change of estimate by fiscal year.

    Attributes
    ----------
    ledger : str
        Set of books.
    period : int
        First period in which the new estimate holds.
    years : (Y,)
        Fiscal years from that of the change on.
    depreciation : (Y, n)
        Depreciation under the new estimate less that under the old one, assets in service at the change only [USD].
    operating_income, net_income : (Y, n)
        Effect on income before and after tax [USD]: depreciation, and what is left on the books of units that leave.
    """

    ledger: str
    period: int
    years: IntArray
    depreciation: FloatArray
    operating_income: FloatArray
    net_income: FloatArray


def estimate_effects(inputs: Inputs, tax_rate: FloatArray) -> list[EstimateEffect]:
    """Effects of every change of life, salvage or method in the sets of books.

    Parameters
    ----------
    inputs : Inputs
        One case or a stack, with its own frozen quantities or as its own base.
    tax_rate : numpy.ndarray
        Rate on a change of income by period, shape (T, n) or (T, 1).

    Returns
    -------
    list of EstimateEffect
        By set of books and date.
    """
    found = [(ledger, period) for ledger in inputs.ledgers for period in changes(ledger)]
    if not found:
        return []
    kept: list[LedgerInputs] = []
    for number, (ledger, period) in enumerate(found):
        kept += [_held_from(ledger, period, before, f"{name} {number}") for name, before in ((OLD, 1), (NEW, 0))]
    books = {ledger.name: ledger for ledger in evaluate(replace(inputs, ledgers=tuple(kept), tax=None)).ledgers}
    return [
        _effect(inputs, (ledger.name, period), (books[f"{OLD} {number}"], books[f"{NEW} {number}"]), tax_rate)
        for number, (ledger, period) in enumerate(found)
    ]


def changes(ledger: LedgerInputs) -> Sequence[int]:
    """Periods whose estimates differ from those of the period before, in any cohort or case.

    Parameters
    ----------
    ledger : LedgerInputs
        A set of books.
    """
    found: set[int] = set()
    for part in ledger.components:
        for array in _estimates(part):
            if len(array) > 1:
                differs = (array[1:] != array[:-1]).reshape(len(array) - 1, -1).any(axis=1)
                found |= {int(period) + 1 for period in np.flatnonzero(differs)}
    return sorted(found)


def _estimates(part: ComponentInputs) -> Iterator[FloatArray]:
    for name in ESTIMATES:
        yield getattr(part, name)


def _held_from(ledger: LedgerInputs, period: int, before: int, name: str) -> LedgerInputs:
    """Books in which nothing changes after a period: the estimates of that period, or of the one before, go on.

    Losses booked before it stand in both; later tests would find different losses, which no estimate has made.
    """
    parts = []
    for part in ledger.components:
        held = {}
        for estimate in ESTIMATES:
            array = getattr(part, estimate)
            if len(array) > 1:
                array = array.copy()
                array[period:] = array[period - before]
            held[estimate] = array
        parts.append(replace(part, **held))
    tests = tuple(replace(test, tested=test.tested & (np.arange(len(test.tested)) < period)) for test in ledger.tests)
    return replace(ledger, name=name, components=tuple(parts), tests=tests)


def _effect(
    inputs: Inputs, change: tuple[str, int], books: tuple[Ledger, Ledger], tax_rate: FloatArray
) -> EstimateEffect:
    timeline, (name, period), (old, new) = inputs.timeline, change, books
    held = (inputs.fleet.in_service <= period)[:, None]
    depreciation = ((new.depreciation - old.depreciation) * held).sum(axis=COHORT)
    income = -depreciation - ((new.disposals - old.disposals) * held).sum(axis=COHORT)
    since = timeline.fiscal_years >= timeline.fiscal_year_of_period[period]
    return EstimateEffect(
        ledger=name,
        period=period,
        years=timeline.fiscal_years[since],
        depreciation=timeline.fiscal_year_sums(depreciation)[since],
        operating_income=timeline.fiscal_year_sums(income)[since],
        net_income=timeline.fiscal_year_sums(income * (1.0 - tax_rate))[since],
    )
