"""From a set of books in a case to the inputs of the engine: components, events of the cohorts, the impairment test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from assumptions.arrays.cohorts import Cohort
from assumptions.chapters.policies import Component, Ledger, LedgerEvent, LifeStep, Rule
from assumptions.chapters.schema import Terms
from assumptions.door.months import between
from assumptions.register.assets import CONVENTIONS, FREQUENCIES, METHODS, unit_rate
from valuation.books.construction import capitalised_interest
from valuation.books.conventions import OF_THE_YEAR, Calendar, Convention, Stay, exposures
from valuation.books.impairment import Framework, ImpairmentInputs
from valuation.books.policies import IDLE, ComponentInputs, LedgerInputs
from valuation.timeline import NEVER, BoolArray, FloatArray, Timeline

WHOLE = "whole"


def ledger_inputs(name: str, ledger: Ledger, cohorts: Sequence[Cohort], own: Timeline, terms: Terms) -> LedgerInputs:
    """Inputs of one set of books.

    Parameters
    ----------
    name : str
        Its name in the case.
    ledger : Ledger
        Lives or components, events, test.
    cohorts : sequence of Cohort
        Cohorts of the base, whose dates hold for every case.
    own : Timeline
        The grid.
    terms : Terms
        Trigger of the test and cost of a sale.
    """
    parts: list[tuple[str, float, Rule, tuple[LifeStep, ...], float]]
    if ledger.components:
        parts = [
            (part.name, part.share_of_cost, part, (_step(part),), part.salvage_share_of_cost)
            for part in ledger.components
        ]
    else:
        parts = [(WHOLE, 1.0, ledger, ledger.lives, ledger.salvage_share_of_cost.value)]
    components = []
    for part, share, rule, lives, salvage in parts:
        events = [event for event in ledger.events if event.component in ("", part)]
        components.append(_component(part, share, rule, _Timed(rule, lives, salvage, events, cohorts, own)))
    return LedgerInputs(
        name=name,
        components=tuple(components),
        write_off_failures=ledger.write_off_failures,
        interest_share=_interest(ledger, cohorts),
        tests=_tests(ledger, cohorts, own, terms),
    )


def _interest(ledger: Ledger, cohorts: Sequence[Cohort]) -> FloatArray:
    """Interest between purchase and service, as a share of cost; the price is paid at the purchase."""
    if ledger.interest_capitalised_annual is None:
        return np.zeros((1, 1))
    rate = ledger.interest_capitalised_annual.value
    waits = [max(0, between(cohort.purchase, cohort.in_service)) for cohort in cohorts]
    return np.array([[float(capitalised_interest(np.ones(months), rate))] for months in waits])


def _step(part: Component) -> LifeStep:
    return LifeStep(basis=part.basis, source=part.source, months=part.months)


def _component(name: str, share: float, rule: Rule, timed: _Timed) -> ComponentInputs:
    convention = CONVENTIONS[rule.convention]
    by_year = rule.steps_from == "fiscal_year" or rule.frequency == "month" or convention in OF_THE_YEAR
    return ComponentInputs(
        name=name,
        share=np.array([[share]]),
        convention=convention,
        frequency=FREQUENCIES[rule.frequency],
        by_fiscal_year=by_year,
        **timed.arrays(),
    )


def concerned(event: LedgerEvent, cohorts: Sequence[Cohort]) -> BoolArray:
    """Cohorts that an event is about, shape (C,).

    Parameters
    ----------
    event : LedgerEvent
        The event.
    cohorts : sequence of Cohort
        All of the case.
    """
    by_class = np.array([not event.classes or cohort.asset_class in event.classes for cohort in cohorts])
    by_month = np.array([not event.purchases or cohort.purchase in event.purchases for cohort in cohorts])
    return np.asarray(by_class & by_month)


def in_service(event: LedgerEvent, cohorts: Sequence[Cohort]) -> BoolArray:
    """Cohorts in service before the month of an event and not yet retired by the schedule, shape (C,).

    Parameters
    ----------
    event : LedgerEvent
        The event.
    cohorts : sequence of Cohort
        All of the case.
    """
    return np.array(
        [cohort.in_service < event.date and (cohort.retired or event.date) >= event.date for cohort in cohorts]
    )


class _Timed:
    """Estimates of a component by month, and by cohort where an event concerns some of them only."""

    def __init__(
        self,
        rule: Rule,
        lives: tuple[LifeStep, ...],
        salvage: float,
        events: Sequence[LedgerEvent],
        cohorts: Sequence[Cohort],
        own: Timeline,
    ) -> None:
        self.rule, self.cohorts, self.own = rule, cohorts, own
        self.convention, self.start, self.periods = CONVENTIONS[rule.convention], str(own.first_bound), own.periods
        self.columns = len(cohorts) if events else 1
        self.life, self.salvage = self._filled(float(lives[0].months)), self._filled(salvage)
        self.method = self._filled(float(METHODS[rule.method]))
        self.factor = self._filled(self._factor(rule.factor, rule.rate_annual))
        self.running = self._filled(1.0)
        self.flows = {name: self._filled(idle) for name, idle in IDLE.items()} if events else {}
        self.retired = np.zeros(self.columns, dtype=bool)
        # On one date an event says more than a life for all.
        dated: list[LifeStep | LedgerEvent] = [*lives[1:], *events]
        for step in sorted(dated, key=lambda step: (_date(step), isinstance(step, LedgerEvent))):
            self._apply(step)

    def _filled(self, level: float) -> FloatArray:
        return np.full((self.periods, self.columns), level)

    def _factor(self, factor: float, rate_annual: float | None) -> float:
        return factor if rate_annual is None else unit_rate(rate_annual, self.convention)

    def _apply(self, step: LifeStep | LedgerEvent) -> None:
        """Write a life or an event into the arrays; what is dated before the grid holds from its start."""
        period = max(0, between(self.start, _date(step)) - 1)
        if period >= self.periods:
            return
        if isinstance(step, LedgerEvent):
            self._happen(step, period)
        else:
            # A decision to retire outlasts a life for all.
            self.life[period:, ~self.retired] = step.months

    def arrays(self) -> dict[str, Any]:
        """Arrays of `ComponentInputs` that vary in time."""
        method = self.method.astype(np.int64)
        found: dict[str, Any] = {"life": self.life[:, :, None], "method": method, "factor": self.factor}
        if not self.flows:
            return found | {
                "method": method[:1], "factor": self.factor[:1], "salvage_share": self.salvage[:1, :, None]
            }  # fmt: skip
        moving = {**self.flows, "depreciating": self.running, "salvage_share": self.salvage}
        return found | {name: array[:, :, None] for name, array in moving.items()}

    def _happen(self, event: LedgerEvent, period: int) -> None:
        """Write an event into the arrays."""
        named = concerned(event, self.cohorts)
        held = named & in_service(event, self.cohorts)
        if event.months is not None:
            self.life[period:, named] = event.months
        if event.event == "method" and event.method is not None:
            self.method[period:, named] = METHODS[event.method]
            self.factor[period:, named] = self._factor(event.factor or DOUBLE, event.rate_annual)
        elif event.event == "retirement":
            self._retire(event, period, held)
        elif event.event == "salvage":
            self.salvage[period:, named] = event.share_of_cost
        elif event.event == "improvement":
            self.flows["added_share"][period, held] += event.share_of_cost
        elif event.event == "write_down":
            self.flows["written_down_share"][period, held] += event.share_of_cost
        elif event.event == "held_for_sale":
            self.flows["ceiling_share"][period, held] = event.share_of_cost
            self.running[period:, held] = 0.0

    def _retire(self, event: LedgerEvent, period: int, held: BoolArray) -> None:
        """A decision to retire: what is left is spread to that date."""
        assert event.retires is not None  # checked where the ledger is read
        for column in map(int, np.flatnonzero(held)):
            service = self.cohorts[column].in_service
            self.life[period:, column] = _life_until(event.retires, service, self.convention, self.own.fiscal_year_end)
        self.salvage[period:, held] = event.share_of_cost or 0.0
        self.retired |= held


DOUBLE = Rule().factor
"""Multiple of the straight-line rate where an event states none."""


def _date(step: LifeStep | LedgerEvent) -> str:
    date = step.date if isinstance(step, LedgerEvent) else step.start
    assert date is not None  # later lives are dated
    return date


def _life_until(retires: str, service: str, convention: Convention, fiscal_year_end: int) -> float:
    """Life that is used up from service to the end of a month."""
    months = between(service, retires)
    if convention not in OF_THE_YEAR:
        return months
    calendar = Calendar(np.datetime64(service, "M"), months + 1, fiscal_year_end)
    stay = Stay(np.array([0]), np.array([1]), np.array([[NEVER]]), np.array([[1]]))
    return float(exposures(convention, stay, calendar).sum())


def _tests(ledger: Ledger, cohorts: Sequence[Cohort], own: Timeline, terms: Terms) -> tuple[ImpairmentInputs, ...]:
    if ledger.impairment is None:
        return ()
    rule = ledger.impairment
    by_level: dict[str, list[int] | list[str]] = {
        "cohort": list(range(len(cohorts))),
        "site": [cohort.site for cohort in cohorts],
        "entity": [0] * len(cohorts),
    }
    names = by_level[rule.level]
    known = list(dict.fromkeys(names))
    closing = own.is_quarter_end if rule.each == "quarter" else own.is_fiscal_year_end
    return (
        ImpairmentInputs(
            framework=Framework[rule.framework.upper()],
            group=np.array([known.index(name) for name in names]),
            tested=closing[1:],
            trigger_share=np.array([terms.impairment_trigger_share.value]),
            cost_to_sell_share=np.array([terms.cost_to_sell_share.value]),
        ),
    )
