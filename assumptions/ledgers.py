"""From a set of books in a case to the inputs of the engine: components, events of the cohorts, the impairment test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from assumptions.assets import CONVENTIONS, FREQUENCIES, METHODS
from assumptions.cohorts import Cohort
from assumptions.messages import error
from assumptions.months import between
from assumptions.policies import Component, Ledger, LedgerEvent, LifeStep, Rule
from assumptions.schema import Terms
from valuation.charges import DOUBLE, Method
from valuation.construction import capitalised_interest
from valuation.impairment import Framework, ImpairmentInputs
from valuation.policies import IDLE, ComponentInputs, LedgerInputs
from valuation.timeline import BoolArray, FloatArray, Timeline

WHOLE = "whole"
REMEDY = "correct the event or the schedule"


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
        place = f"ledgers.{name}"
        components.append(_component(part, share, rule, _Timed(place, lives, salvage, events, cohorts, own)))
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
    return ComponentInputs(
        name=name,
        share=np.array([[share]]),
        convention=CONVENTIONS[rule.convention],
        frequency=FREQUENCIES[rule.frequency],
        by_fiscal_year=rule.steps_from == "fiscal_year" or rule.frequency == "month",
        **timed.arrays(METHODS[rule.method], rule.factor),
    )


class _Timed:
    """Estimates of a component by month, and by cohort where an event concerns some of them only."""

    def __init__(
        self,
        place: str,
        lives: tuple[LifeStep, ...],
        salvage: float,
        events: Sequence[LedgerEvent],
        cohorts: Sequence[Cohort],
        own: Timeline,
    ) -> None:
        self.place, self.cohorts, self.start = place, cohorts, str(own.first_bound)
        self.events, self.periods = sorted(events, key=lambda event: event.date), own.periods
        self.columns = len(cohorts) if events else 1
        self.life = self._filled(float(lives[0].months))
        for step in lives[1:]:
            assert step.start is not None  # later steps are dated
            self.life[self._period(step.start) :] = step.months
        self.salvage = self._filled(salvage)

    def _filled(self, level: float) -> FloatArray:
        return np.full((self.periods, self.columns), level)

    def _period(self, month: str) -> int:
        """Period that a month ends; what is dated before the grid holds from its start."""
        return max(0, between(self.start, month) - 1)

    def arrays(self, method: Method, factor: float) -> dict[str, Any]:
        """Arrays of `ComponentInputs` that vary in time."""
        methods, factors = self._filled(float(method)), self._filled(factor)
        flows = {name: self._filled(idle) for name, idle in IDLE.items()} if self.events else {}
        running = self._filled(1.0)
        levels = {"method": methods, "factor": factors, "depreciating": running}
        for event in self.events:
            self._apply(event, levels, flows)
        found: dict[str, Any] = {"life": self.life[:, :, None], "method": methods.astype(np.int64), "factor": factors}
        found["salvage_share"] = self.salvage[:, :, None] if self.events else self.salvage[:1, :, None]
        if not self.events:
            return found | {"method": found["method"][:1], "factor": factors[:1]}
        return found | {name: array[:, :, None] for name, array in {**flows, "depreciating": running}.items()}

    def _apply(self, event: LedgerEvent, levels: dict[str, FloatArray], flows: dict[str, FloatArray]) -> None:
        """Write an event into the arrays."""
        concerned, period = self._concerned(event), self._period(event.date)
        held = concerned & np.array([cohort.in_service < event.date for cohort in self.cohorts])
        if event.event in ("improvement", "write_down", "held_for_sale", "retirement") and not held.any():
            what = f"{event.event} of {event.date} concerns nothing in service"
            raise error(self.place, what, "cohorts in service before it", REMEDY)
        if event.months is not None:
            self.life[period:, concerned] = event.months
        if event.event == "method" and event.method is not None:
            levels["method"][period:, concerned] = METHODS[event.method]
            levels["factor"][period:, concerned] = DOUBLE if event.factor is None else event.factor
        elif event.event == "retirement":
            self._retire(event, period, held)
        elif event.event == "salvage":
            self.salvage[period:, concerned] = event.share_of_cost
        elif event.event == "improvement":
            flows["added_share"][period, held] += event.share_of_cost
        elif event.event == "write_down":
            flows["written_down_share"][period, held] += event.share_of_cost
        elif event.event == "held_for_sale":
            flows["ceiling_share"][period, held] = event.share_of_cost
            levels["depreciating"][period:, held] = 0.0

    def _concerned(self, event: LedgerEvent) -> BoolArray:
        """Cohorts that an event is about."""
        by_class = np.array([not event.classes or cohort.asset_class in event.classes for cohort in self.cohorts])
        by_month = np.array([not event.purchases or cohort.purchase in event.purchases for cohort in self.cohorts])
        found = by_class & by_month
        if not found.any():
            what = f"event {event.event} of {event.date} names no cohort of the schedule"
            raise error(self.place, what, "a class or a purchase month of the schedule", REMEDY)
        return np.asarray(found)

    def _retire(self, event: LedgerEvent, period: int, held: BoolArray) -> None:
        """A decision to retire: what is left is spread to that date."""
        assert event.retires is not None  # checked where the ledger is read
        for column in map(int, np.flatnonzero(held)):
            self.life[period:, column] = between(self.cohorts[column].in_service, event.retires)
        self.salvage[period:, held] = event.share_of_cost or 0.0


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
