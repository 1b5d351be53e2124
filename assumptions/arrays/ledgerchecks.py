"""What cannot happen to the books of a case: events that meet nothing, contradict each other, or take too much.

Moved assumptions may pull a cohort's service past an event, so only the base and its scenarios are checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from assumptions.arrays.cohorts import Cohort, resolve
from assumptions.arrays.ledgers import concerned, in_service, ledger_inputs
from assumptions.chapters.policies import LedgerEvent
from assumptions.chapters.schema import Case
from assumptions.door.messages import error, nearest, short
from assumptions.door.months import between
from valuation.books.charges import Method
from valuation.books.policies import ComponentInputs, LedgerInputs
from valuation.books.register import RELATIVE_SLACK
from valuation.books.schedule import engine_service, unit_schedule
from valuation.timeline import NEVER, Timeline

REMEDY = "correct the event or the schedule"
OF_HELD = ("improvement", "write_down", "held_for_sale", "retirement")
"""Events that need something in service."""
# What an event sets for good; two that set the same on one date would contradict each other.
_SETS = {
    "life": {"life"},
    "salvage": {"salvage"},
    "method": {"method"},
    "held_for_sale": {"ceiling"},
    "retirement": {"life", "salvage"},
}


def check_books(case: Case, dated: Sequence[Cohort], own: Timeline, where: str = "") -> None:
    """Refuse events that cannot happen, and rules that never come to their end.

    Parameters
    ----------
    case : Case
        The base, or one of its scenarios.
    dated : sequence of Cohort
        Cohorts of the base, whose dates hold for every case.
    own : Timeline
        The grid.
    where : str
        Scenario, for messages.
    """
    for name, ledger in case.ledgers.items():
        place = f"{where}ledgers.{name}"
        for number, event in enumerate(ledger.events):
            _check_event(f"{place}.events.{number}", event, dated, own)
        _check_contradictions(place, ledger.events, dated)
        inputs = ledger_inputs(name, ledger, dated, own, case.terms)
        for part in inputs.components:
            _check_rate(place, part)
        _check_improvements(place, inputs, dated, own)
        if not inputs.tests:
            _check_write_downs(place, inputs, dated, own)


def _check_event(place: str, event: LedgerEvent, cohorts: Sequence[Cohort], own: Timeline) -> None:
    """Refuse an event that names nothing, comes too late, or concerns nothing that is there."""
    for key, given, known in (
        ("classes", event.classes, {cohort.asset_class for cohort in cohorts}),
        ("purchases", event.purchases, {cohort.purchase for cohort in cohorts}),
    ):
        for word in given:
            if word not in known:
                what = f"{short(word)} is not in the schedule"
                raise error(f"{place}.{key}", what, f"{key} of the schedule", nearest(word, known))
    named = concerned(event, cohorts)
    if not named.any():
        what = f"event {event.event} of {event.date} names no cohort of the schedule"
        raise error(place, what, "a purchase month of the classes", REMEDY)
    last = str(own.period_ends[-1])
    if event.date > last:
        what = f"{event.event} of {event.date}, after the last month of the run"
        raise error(f"{place}.date", what, f"up to {last}", "correct the date or ask for a longer horizon")
    held = named & in_service(event, cohorts)
    if event.event not in OF_HELD:
        return
    if not held.any():
        what = f"{event.event} of {event.date} concerns nothing in service"
        raise error(place, what, "cohorts in service before it", REMEDY)
    first = str(own.period_ends[0])
    if event.date <= first:
        what = f"{event.event} of {event.date}, which the opening stock already stands after"
        raise error(f"{place}.date", what, f"a month after {first}", "correct the date or the opening stock")


def _check_contradictions(place: str, events: Sequence[LedgerEvent], cohorts: Sequence[Cohort]) -> None:
    """Refuse two events that set the same for the same cohorts on one date."""
    for (first, one), (second, other) in combinations(enumerate(events), 2):
        apart = "" not in (one.component, other.component) and one.component != other.component
        if one.date != other.date or apart or not _sets(one) & _sets(other):
            continue
        if (concerned(one, cohorts) & concerned(other, cohorts)).any():
            what = f"{other.event} of {other.date} contradicts events.{first} ({one.event}) for the same cohorts"
            raise error(f"{place}.events.{second}", what, "one of the two on a date", "delete or date one of them")


def _sets(event: LedgerEvent) -> set[str]:
    return _SETS.get(event.event, set()) | ({"life"} if event.months is not None else set())


def _check_rate(place: str, part: ComponentInputs) -> None:
    """Refuse a fixed rate that leads to nothing."""
    fixed = part.method[:, :, None] == Method.FIXED_RATE
    if (fixed & (part.salvage_share <= 0.0)).any():
        what = "a fixed rate never reaches a salvage of 0"
        raise error(place, what, "a salvage of more than 0", "give a salvage or choose another method")


def _check_improvements(place: str, inputs: LedgerInputs, cohorts: Sequence[Cohort], own: Timeline) -> None:
    """Refuse cost added to what has no life left to charge it over."""
    for part in inputs.components:
        for period, column in np.argwhere(part.added_share[:, :, 0] > 0.0).tolist():
            month = str(own.period_ends[period])
            cohort, life = cohorts[column], float(part.life[period, column, 0])
            age = between(cohort.in_service, month) - 1
            if part.method[period, column] != Method.NONE and life <= age:
                what = f"improvement of {month} to {cohort.label}, whose life of {life:.15g} months is over"
                raise error(place, what, "a life that goes on", "give months, or name the purchases it concerns")


def _check_write_downs(place: str, inputs: LedgerInputs, cohorts: Sequence[Cohort], own: Timeline) -> None:
    """Refuse to write down more than is carried."""
    if not any(part.written_down_share.any() for part in inputs.components):
        return
    start = str(own.first_bound)
    bound = np.array([between(start, cohort.in_service) for cohort in cohorts])
    never = np.full((len(cohorts), 1), NEVER)
    service = engine_service(bound, never, own.first_bound, own.periods, own.fiscal_year_end)
    beyond = unit_schedule(inputs.components, service).overdrawn[:, 0]
    if beyond.max() > RELATIVE_SLACK:
        column = int(beyond.argmax())
        what = f"write_down beyond what {cohorts[column].label} carries, by {beyond[column]:.4g} of its cost"
        raise error(place, what, "up to the carrying amount", "write down less, or name the purchases it concerns")


def check_scenarios(base: Case, variants: Sequence[tuple[str, Case]], own: Timeline) -> None:
    """Refuse books of a base or of its scenarios that cannot be kept.

    Parameters
    ----------
    base : Case
        The base.
    variants : sequence of (str, Case)
        Scenarios, with their place for messages.
    own : Timeline
        The grid.
    """
    dated = resolve(base)
    for where, case in [("", base), *variants]:
        check_books(case, dated, own, where)
