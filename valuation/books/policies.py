"""How the books depreciate: components of cost, methods, lives, conventions, and what happens to them.

Amounts are shares of the cost of the component, so that one policy serves devices of any cost and every case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.books.charges import Method
from valuation.books.conventions import Convention
from valuation.books.impairment import ImpairmentInputs
from valuation.records import Arrays, axes
from valuation.timeline import FloatArray, IntArray

MONTHLY = 1
"""Frequency in months at which a rate is set anew every month."""


IDLE = {"stated_share": np.nan, "ceiling_share": np.inf, "written_down_share": 0.0, "added_share": 0.0}
"""Arrays of a component that move in a period, and what they are in periods in which nothing moves."""


@dataclass(frozen=True)
class ComponentInputs(Arrays):
    """A part of the cost with a life and a method of its own.

    Method, convention and frequency are independent of each other.

    Attributes
    ----------
    name : str
        Name of the component.
    life : (t, c, n)
        Life in force in each period, from service on [months]; a step is a prospective change of estimate.
    salvage_share : (t, c, n)
        Salvage in force.
    share : (c, n)
        Share of the asset's cost.
    method : (t, c)
        Method in force, `valuation.books.charges.Method`.
    factor : (t, c)
        Multiple of the straight-line rate, or the rate for one unit of life, where the method has one.
    percentages : (K, c)
        Shares of cost by step, table method only.
    use : (t, c, n)
        Units of use in each period, for lives in units of use.
    depreciating : (t, c, n)
        1, or 0 in periods without a charge, as for assets held for sale.
    stated_share : (t, c, n)
        Carrying amount stated anew at the opening of the period, as in the opening balance of a part-depreciated asset;
        NaN: it goes on.
    ceiling_share : (t, c, n)
        Carrying amount is then written down to this, where it is more; infinite: never.
    written_down_share : (t, c, n)
        Then by this much.
    added_share : (t, c, n)
        Then cost is added by an improvement.
    convention : Convention
        Part-month and part-year convention.
    frequency : int
        Months between two settings of the rate.
    by_fiscal_year : bool
        Whether rates are set with the fiscal year, and not on anniversaries of service.
    whole_first_year : bool
        Whether the first fiscal year counts in full, as percentages that already allow for the convention ask.
    """

    name: str
    life: FloatArray = axes("t c n")
    salvage_share: FloatArray = axes("t c n", 0.0)
    share: FloatArray = axes("c n", 1.0)
    method: IntArray = axes("t c", Method.STRAIGHT_LINE)
    factor: FloatArray = axes("t c", 1.0)
    percentages: FloatArray = axes("K c", 1.0)
    use: FloatArray = axes("t c n", 0.0)
    depreciating: FloatArray = axes("t c n", 1.0)
    stated_share: FloatArray = axes("t c n", IDLE["stated_share"])
    ceiling_share: FloatArray = axes("t c n", IDLE["ceiling_share"])
    written_down_share: FloatArray = axes("t c n", IDLE["written_down_share"])
    added_share: FloatArray = axes("t c n", IDLE["added_share"])
    convention: Convention = Convention.FOLLOWING_MONTH
    frequency: int = MONTHLY
    by_fiscal_year: bool = True
    whole_first_year: bool = False


@dataclass(frozen=True)
class LedgerInputs(Arrays):
    """One set of books over the cohorts.

    Attributes
    ----------
    name : str
        Name of the ledger.
    components : tuple of ComponentInputs
        Whose shares add up to one.
    write_off_failures : bool
        Whether failed units leave the books when they fail (unit accounting) or stay in the group.
    interest_share : (c, n)
        Interest capitalised until service, as a share of cost.
    tests : tuple of ImpairmentInputs
        How it is tested for impairment: once, or not at all.
    """

    name: str
    components: tuple[ComponentInputs, ...]
    write_off_failures: bool = True
    interest_share: FloatArray = axes("c n", 0.0)
    tests: tuple[ImpairmentInputs, ...] = ()

    @property
    def straight(self) -> bool:
        """Whether one straight line from the month after service holds for all cost, and nothing else happens.

        Such a ledger can be written as one row of formulas for each cohort.
        """
        part, idle = self.components[0], ComponentInputs("idle", np.ones((1, 1, 1)))
        untouched = ("share", "method", "depreciating", "stated_share", "ceiling_share", "written_down_share")
        return (
            len(self.components) == 1
            and not self.tests
            and not self.interest_share.any()
            and part.convention == Convention.FOLLOWING_MONTH
            and len(part.salvage_share) == 1
            and all(_all_equal(getattr(part, name), getattr(idle, name)) for name in (*untouched, "added_share"))
        )

    @property
    def life(self) -> FloatArray:
        """Lives of the first component in force in each period [months], shape (t, c, n)."""
        return self.components[0].life

    @property
    def salvage_share(self) -> FloatArray:
        """Salvage of the first component in the first period, share of cost, shape (c, n)."""
        return np.asarray(self.components[0].salvage_share[0])


@dataclass(frozen=True)
class TaxInputs(Arrays):
    """Tax books of the owner and what its income pays.

    Attributes
    ----------
    ledgers : tuple of LedgerInputs
        Federal books, then those of the state.
    federal_rate : (T,)
        Federal rate of the tax year of each period.
    state_rate : (n,)
        State rate; the state's tax is deducted from federal income.
    loss_limit : (n,)
        Share of a year's income that losses carried forward may offset.
    relieved_at_once : (n,)
        1 where losses meet other profits of the group in the same year.
    """

    ledgers: tuple[LedgerInputs, ...]
    federal_rate: FloatArray = axes("T")
    state_rate: FloatArray = axes("n")
    loss_limit: FloatArray = axes("n")
    relieved_at_once: IntArray = axes("n", 0)


def _all_equal(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, np.broadcast_to(other, one.shape), equal_nan=one.dtype.kind == "f"))
