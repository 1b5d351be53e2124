"""The two sides of the live chain: the base, and the scenario shown."""

from __future__ import annotations

from dataclasses import dataclass

from reports.excel.plan import levers
from reports.excel.plan.layout import Context
from valuation.analysis.steps import LadderRows, PlanSums, TermsOf

BASE, SHOWN = "base", "shown"


@dataclass(frozen=True)
class Side:
    """The base, or the scenario shown.

    Attributes
    ----------
    name : str
        Side of the terms.
    case : int
        Scenario.
    terms : TermsOf
        Terms of entry.
    plan : PlanSums
        Sums of plans.
    rows : LadderRows
        Landings.
    """

    name: str
    case: int
    terms: TermsOf
    plan: PlanSums
    rows: LadderRows

    @property
    def title(self) -> str:
        """The side, as headings say it."""
        return "in the base" if self.name == BASE else "under the scenario shown"

    def read(self, context: Context, key: str) -> str:
        """Address of a lever on this side."""
        return levers.base(context, key) if self.name == BASE else levers.shown(context, key)


def sides(context: Context) -> tuple[Side, Side]:
    """The base, and the scenario shown."""
    chain, found = context.chain, context.chain.workings
    return (
        Side(BASE, 0, chain.base_terms, found.base_plan, found.base_ladder),
        Side(SHOWN, context.shown, chain.terms, found.plan, found.ladder),
    )
