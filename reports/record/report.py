"""One run as the exits see it: the results, their readings, and the words that go with them."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from assumptions import AssumptionRow, EstimateRow, MigrationRow, PlanRow, SensitivityRow
from assumptions.answers.live import LiveInput
from assumptions.runs import RANKING_LEDGER
from reports.record.program import program_version
from valuation.analysis.attribution import Method, Plan, Waterfall, waterfall
from valuation.analysis.bars import Bar, bars
from valuation.analysis.checks import Check, check
from valuation.analysis.expansion import CapexYears, capex_years
from valuation.analysis.leverage import Obsolescence, obsolescence
from valuation.analysis.readings import landings_count
from valuation.analysis.summary import Summary, summarise
from valuation.engine import keep_beside
from valuation.results import Results
from valuation.timeline import FloatArray, IntArray

CURRENCY = "USD"
THREE_YEAR, DISCLOSED = "three_year", "disclosed"
CHOSEN = "chosen_life"
"""Set of books that only the workbook has: its user types the life."""
LEDGER_TITLES = {
    THREE_YEAR: "Three-year books",
    DISCLOSED: "Books as disclosed",
    CHOSEN: "Books at a life of your choice",
}
SIGNS = (
    "Positive gap: books stand above value; negative: value stands above books. Hidden depreciation is economic "
    "depreciation less what the books charged and wrote off (net of proceeds). A ledger only moves it in time: over a "
    "life it sums to the purchase surplus."
)
LANDINGS = (
    "How often new silicon lands and how far each landing lowers rents decide how much the coming years hide, and even "
    "its sign: read the scenarios beside the base."
)

NEWS = (
    "A scenario becomes known at the as-of date: what it adds to the value or takes off it falls into that fiscal year."
)

SHOWN = 3  # assumptions that the cover and the screen single out
LANDING_RULE = ("market.generic_cadence_months", "market.generic_step_log")

AnyArray = TypeVar("AnyArray", FloatArray, IntArray)
Value = float | int | str | bool | date | None


@dataclass(frozen=True)
class Scenario:
    """A case of the stack, in words.

    Attributes
    ----------
    name, title, sentence : str
        Identifier, heading and one sentence.
    source, url, date, confidence : str
        Where the sentence comes from.
    changes : tuple of str
        What differs from the base, one line each.
    contradicted_by : str
        What would show that the sentence is wrong.
    """

    name: str
    title: str
    sentence: str = ""
    source: str = ""
    url: str = ""
    date: str = ""
    confidence: str = ""
    changes: tuple[str, ...] = ()
    contradicted_by: str = ""

    @property
    def claim(self) -> str:
        """The sentence and what would contradict it."""
        return f"{self.sentence} Contradicted by: {self.contradicted_by}" if self.contradicted_by else self.sentence

    @property
    def evidence(self) -> str:
        """Source with its date and the confidence in it."""
        found = ", ".join(part for part in (self.date, self.confidence) if part)
        return f"{self.source} ({found})" if found else self.source


@dataclass(frozen=True)
class Report:
    """Everything the exits print.

    Attributes
    ----------
    case, title, entity : str
        Name of the case, its heading, and whose hardware it is.
    digest : str
        Fingerprint of the inputs.
    scenarios : tuple of Scenario
        In the order of the case axis; the first is the base.
    groups : tuple of (str, str)
        Asset class and generation of each reporting group.
    cohorts : tuple of str
        Label of each cohort.
    generations : tuple of str
        Name of each generation of silicon.
    live_inputs : tuple of LiveInput
        Assumptions by scenario that formulas of the workbook follow.
    repairs : dict of tuple
        Repairs a year as a share of the cost of each priced part, by scenario.
    segments : tuple of str
        Segments of demand that have a market.
    chosen_life : float or None
        Book life of the set of books in the workbook whose life its user chooses, until another is chosen [months].
    notes : tuple of str
        Sentences for the cover: modelled beside observed rents, limits of the case.
    attribution, plan : Method, Plan
        How the gap is shared among its causes, and what counts as planned.
    inputs : str
        Everything the run depends on, as one text; empty where the run was not made from a case.
    overrides : tuple of (str, object)
        Values set for the run, as key and value.
    """

    case: str
    title: str
    entity: str
    digest: str
    results: Results
    scenarios: tuple[Scenario, ...]
    groups: tuple[tuple[str, str], ...]
    cohorts: tuple[str, ...]
    generations: tuple[str, ...]
    purpose: str = ""
    assumptions: tuple[AssumptionRow, ...] = ()
    sensitivities: tuple[SensitivityRow, ...] = ()
    plans: tuple[PlanRow, ...] = ()
    estimates: tuple[EstimateRow, ...] = ()
    migrations: tuple[MigrationRow, ...] = ()
    live_inputs: tuple[LiveInput, ...] = ()
    repairs: dict[str, tuple[float, ...]] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    chosen_life: float | None = None
    notes: tuple[str, ...] = ()
    ledger_titles: dict[str, str] = field(default_factory=dict)
    attribution: Method = Method.SHAPLEY
    plan: Plan = Plan.SURPRISE
    currency: str = CURRENCY
    inputs: str = ""
    overrides: tuple[tuple[str, Any], ...] = ()
    version: str = field(default_factory=program_version)

    @cached_property
    def summary(self) -> Summary:
        """Readings of the results."""
        return summarise(self.results)

    @cached_property
    def checks(self) -> list[Check]:
        """Identities of the results."""
        return check(self.results)

    @cached_property
    def waterfall(self) -> Waterfall:
        """From the books to the economic value."""
        return waterfall(self.results, self.attribution, self.plan)

    @cached_property
    def bars(self) -> dict[str, tuple[Bar, ...]]:
        """Its bars by ledger, for every reporting group and the fleet."""
        return bars(self.waterfall, self.results)

    @cached_property
    def capex(self) -> CapexYears:
        """Purchases as replacement and expansion."""
        return capex_years(self.results)

    @cached_property
    def obsolescence(self) -> Obsolescence:
        """Rents and lives against running cost and books."""
        return obsolescence(self.results)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences under the tables: on landings where they count, on news where there are scenarios, then notes."""
        landings = (LANDINGS,) if landings_count(self.results) else ()
        return (*landings, *((NEWS,) if len(self.scenarios) > 1 else ()), *self.notes)

    @property
    def has_workbook(self) -> bool:
        """Whether there is a set of books for the workbook to keep."""
        return any(ledger.straight for ledger in self.results.inputs.ledgers)

    @property
    def live(self) -> Report:
        """The run as a workbook keeps it: sets of books in straight lines of all cost, and one of a life to choose."""
        kept = [ledger.name for ledger in self.results.inputs.ledgers if ledger.straight]
        others = [self.ledger_title(name) for name in self.ledgers if name not in kept]
        told = f"Kept by the engine and listed in tables/ledger.csv, not in this workbook: {', '.join(others)}."
        results = self.results.with_ledgers(kept) if others else self.results
        if self.chosen_life and CHOSEN not in kept:
            results = keep_beside(results, CHOSEN, self.chosen_life)
        return replace(self, results=results, notes=(told, *self.notes) if others else self.notes)

    @property
    def as_of(self) -> date:
        """Last day of the as-of month."""
        return self.bound_dates[self.results.inputs.timeline.as_of]

    @cached_property
    def bound_dates(self) -> tuple[date, ...]:
        """Month ends of the bounds."""
        return tuple(month_end(str(month)) for month in self.results.inputs.timeline.bounds)

    @property
    def ledgers(self) -> tuple[str, ...]:
        """Names of the ledgers."""
        return tuple(ledger.name for ledger in self.results.ledgers)

    @cached_property
    def fiscal_years(self) -> tuple[int, ...]:
        """Fiscal years of the grid."""
        return tuple(int(year) for year in self.summary.fiscal_years.years)

    @property
    def this_year(self) -> int:
        """Position of the fiscal year of the as-of date in `fiscal_years`."""
        timeline = self.results.inputs.timeline
        return self.fiscal_years.index(int(timeline.fiscal_year_of_bound[timeline.as_of]))

    @property
    def coming_years(self) -> tuple[int, ...]:
        """Positions of this fiscal year and the next, as far as the grid reaches."""
        return tuple(range(len(self.fiscal_years)))[self.this_year :][:2]

    @property
    def ranking_ledger(self) -> str:
        """Ledger whose gap ranks the sensitivities: the issuer's own, if it is kept."""
        return RANKING_LEDGER if RANKING_LEDGER in self.ledgers else self.ledgers[0]

    @property
    def leading_sensitivities(self) -> tuple[SensitivityRow, ...]:
        """The three assumptions that move the gap most, and the landing rule, on which later years hang."""
        first = self.sensitivities[:SHOWN]
        return (*first, *(item for item in self.sensitivities[SHOWN:] if item.key in LANDING_RULE))

    def buys(self, group: int, case: int) -> bool:
        """Whether anything of a reporting group is bought in a scenario."""
        fleet = self.results.inputs.fleet
        return bool((at_case(fleet.units, case)[fleet.group == group] > 0.0).any())

    @cached_property
    def shown_cohorts(self) -> tuple[int, ...]:
        """Cohorts of which some scenario buys anything; all of them if none does."""
        bought = [bool(units.any()) for units in self.results.inputs.fleet.units > 0.0]
        return tuple(number for number, some in enumerate(bought) if some or not any(bought))

    @cached_property
    def shown_groups(self) -> tuple[int, ...]:
        """Reporting groups of the cohorts shown."""
        group = self.results.inputs.fleet.group
        return tuple(sorted({int(group[cohort]) for cohort in self.shown_cohorts}))

    def group_name(self, group: int) -> str:
        """Heading of a reporting group."""
        return " ".join(part for part in self.groups[group] if part)

    def ledger_title(self, ledger: str) -> str:
        """Heading of a ledger."""
        known = {**LEDGER_TITLES, **self.ledger_titles}
        return known.get(ledger, ledger.replace("_", " "))


def month_end(month: str) -> date:
    """Last day of a month written as YYYY-MM."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def at_case(array: AnyArray, case: int) -> AnyArray:
    """Entries of one case; an array that does not vary serves all of them, shape (..., n) to (...)."""
    return array[..., case if array.shape[-1] > case else 0]
