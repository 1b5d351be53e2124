"""Dated events of a register, and what they make of an asset: lines with changes from a month on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from assumptions.door.messages import error
from assumptions.door.tables import Column
from assumptions.register.assets import METHODS, TAX_METHODS, Asset, Policy, day_number, unit_rate
from valuation.books.charges import DOUBLE, Method
from valuation.books.conventions import Convention
from valuation.timeline import MONTHS_PER_YEAR, NEVER

KINDS = (
    "life", "salvage", "method", "improvement", "write_down", "disposal", "retirement", "held_for_sale",
)  # fmt: skip
TAX_KINDS = ("disposal",)
EVENT_METHODS = tuple(word for word in METHODS if word not in (*TAX_METHODS, "table", "units_of_production"))

COLUMNS: dict[str, Column] = {
    "asset": Column("text", "name of the asset in the register"),
    "book": Column("text", "set of books; may be empty where the asset stands in one"),
    "date": Column("date", "day of the event; it acts from the first day of its month, a disposal by its convention"),
    "order": Column("number", "order among the events of one asset on one date", 1.0, 1e6),
    "event": Column("text", "what happens", words=KINDS),
    "amount_usd": Column("USD", "cost added by an improvement, or amount written down", 0.01),
    "to_usd": Column("USD", "carrying amount to write down to; for held_for_sale fair value less cost to sell"),
    "life_months": Column("months", "new life, from placement in service", 0.01, 1200.0),
    "life_years": Column("years", "the same in years", 0.01, 100.0),
    "salvage_usd": Column("USD", "new salvage"),
    "method": Column("text", "new method", words=EVENT_METHODS),
    "factor": Column("ratio", "its multiple of the straight-line rate; 2 if empty", 0.1, 10.0),
    "rate_annual": Column("share per year", "its rate, for given_rate", 1e-6, 1.0),
    "share": Column("share", "part disposed of, of what is then held; all if empty", 1e-9, 1.0),
    "cost_usd": Column("USD", "cost of the part disposed of, in place of its share", 0.01),
    "retires": Column("date", "day of the retirement decided on"),
    "proceeds_usd": Column("USD", "proceeds of a disposal or retirement"),
    "source": Column("text", "where the row comes from"),
}
REQUIRED = ("asset", "date", "event")

# Cells that an event needs, and those it may have besides.
_CELLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "life": ((), ("life_months", "life_years")),
    "salvage": (("salvage_usd",), ()),
    "method": (("method",), ("factor", "rate_annual")),
    "improvement": (("amount_usd",), ("life_months", "life_years")),
    "write_down": ((), ("amount_usd", "to_usd")),
    "disposal": ((), ("share", "cost_usd", "proceeds_usd")),
    "retirement": (("retires",), ("salvage_usd", "proceeds_usd")),
    "held_for_sale": (("to_usd",), ()),
}
_COMMON = ("asset", "book", "date", "order", "event", "source")


@dataclass(frozen=True, slots=True)
class Event:
    """A row of events; attributes are the columns, `place` says where it stands."""

    place: str
    asset: str
    date: str
    event: str
    book: str = ""
    order: float | None = None
    amount_usd: float | None = None
    to_usd: float | None = None
    life_months: float | None = None
    life_years: float | None = None
    salvage_usd: float | None = None
    method: str = ""
    factor: float | None = None
    rate_annual: float | None = None
    share: float | None = None
    cost_usd: float | None = None
    retires: str = ""
    proceeds_usd: float | None = None
    source: str = ""

    @property
    def life(self) -> float | None:
        """New life in months, if the event has one."""
        return self.life_months if self.life_years is None else self.life_years * MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the policy of a line from a month on.

    Attributes
    ----------
    month : int
        Month counted from 1970-01.
    name : str
        Array of `valuation.books.policies.ComponentInputs` that changes, or `RETIREMENT`.
    value : float
        In force from then on, or moved in that month; amounts are shares of cost.
    """

    month: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """An asset, or the part of it that leaves at one date.

    Attributes
    ----------
    asset : int
        Position in the register.
    share : float
        Share of the asset's cost.
    exit_month, exit_day : int
        Month counted from 1970-01 (`NEVER` if it stays) and day.
    proceeds : float
        What it brings then [USD].
    changes : tuple of Change
        In the order in which they act.
    """

    asset: int
    share: float = 1.0
    exit_month: int = NEVER
    exit_day: int = 1
    proceeds: float = 0.0
    changes: tuple[Change, ...] = ()


def event_of(place: str, values: dict[str, Any]) -> Event:
    """Event from its cells, checked as far as it can be alone.

    Parameters
    ----------
    place : str
        File and row.
    values : dict
        Cells by column.
    """
    needed, possible = _CELLS[values["event"]]
    for name in needed:
        if name not in values:
            raise error(f"{place} column {name}", "the cell is empty", COLUMNS[name].label, "fill it in")
    for name in values:
        if name not in (*needed, *possible, *_COMMON):
            what = f"filled in an event {values['event']!r}"
            raise error(f"{place} column {name}", what, "an empty cell", "clear it")
    row = Event(place=place, **values)
    if row.event in ("life", "write_down"):
        given = [name for name in possible if name in values]
        if len(given) != 1:
            what = "neither is given" if not given else "both are given"
            raise error(f"{place} columns {' and '.join(possible)}", what, "one of the two", "fill in one")
    if row.event == "method" and (row.method == "given_rate") != (row.rate_annual is not None):
        raise error(f"{place} column rate_annual", "a rate goes with given_rate", "both or none", "correct one")
    return row


def by_asset(lines: Iterable[Line]) -> dict[int, list[Line]]:
    """Lines by the asset that they are of.

    Parameters
    ----------
    lines : iterable of Line
        Lines of a register.
    """
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.asset, []).append(line)
    return found


def lines_of(position: int, row: Asset, policy: Policy, events: list[Event]) -> list[Line]:
    """Lines of an asset: one for each date at which a part of it leaves, and one for the rest.

    Parameters
    ----------
    position : int
        Place of the asset in the register.
    row : Asset
        The asset.
    policy : Policy
        Its policy at placement.
    events : list of Event
        Its events in the order in which they act.

    Raises
    ------
    AssumptionError
        For an event that cannot follow on those before it.
    """
    if not events and not row.opening:
        return [Line(position)]
    held = _Held(position, row, policy)
    for event in events:
        held.apply(event)
    return held.lines()


class _Held:
    """What is still held of an asset while its events pass by."""

    def __init__(self, position: int, row: Asset, policy: Policy) -> None:
        self.position, self.row, self.policy = position, row, policy
        self.share, self.life = 1.0, policy.life
        self.cost, self.salvage = row.cost_usd, row.salvage_usd
        self.method = Method.STRAIGHT_LINE if policy.convention == Convention.BY_USE else policy.method
        self.changes: list[Change] = []
        self.left: list[Line] = []
        self.service = day_number(row.in_service)
        if row.opening and row.opening_carrying_usd is not None:
            self._change(day_number(row.opening)[0], "stated_share", row.opening_carrying_usd / row.cost_usd)

    def _change(self, month: int, name: str, value: float) -> None:
        self.changes.append(Change(month, name, value))

    def apply(self, event: Event) -> None:
        """Let an event act."""
        month = self._checked(event)
        getattr(self, f"_{event.event}")(event, month)

    def _checked(self, event: Event) -> int:
        start = self.row.opening or self.row.in_service
        if event.date < self.row.in_service or (self.row.opening and event.date < start):
            what = f"{event.date} lies before {'the opening balance' if self.row.opening else 'service'} on {start}"
            raise error(f"{event.place} column date", what, f"{start} or later", "correct the date")
        if self.share <= 0.0:
            what = f"nothing is left of {self.row.asset!r} on {event.date}"
            raise error(f"{event.place} column event", what, "events before it has left", "delete the row")
        of_tax = self.row.preset == "macrs" or self.row.method in TAX_METHODS
        if of_tax and event.event not in TAX_KINDS:
            remedy = "enter an improvement as an asset of its own: tax books know no other event"
            raise error(f"{event.place} column event", f"{event.event!r} under macrs", "disposal", remedy)
        self._check_estimate(event)
        return day_number(event.date)[0]

    def _check_estimate(self, event: Event) -> None:
        """Refuse a new life or method where the life is not one of months."""
        if event.event not in ("life", "retirement", "method") and event.life is None:
            return
        if self.policy.convention == Convention.BY_USE:
            what = f"{event.event!r} of a life in units of use"
            remedy = "enter a disposal, and the asset anew"
            raise error(f"{event.place} column event", what, "events that leave the life alone", remedy)
        if self.method == Method.TABLE and event.event != "method":
            what = f"{event.event!r} of a life that a table gives"
            raise error(f"{event.place} column event", what, "a life of another method", "change the method first")

    def _life(self, event: Event, month: int) -> None:
        assert event.life is not None  # checked where the row is read
        self._check_life(event, event.life, month)
        self._change(month, "life", event.life)
        self.life = event.life

    def _check_life(self, event: Event, life: float, month: int) -> None:
        age = month - self.service[0]
        if life <= age:
            what = f"a life of {life:.15g} months at an age of {age} months"
            raise error(f"{event.place} column life_months", what, f"more than {age}", "count it from service on")

    def _salvage(self, event: Event, month: int) -> None:
        assert event.salvage_usd is not None  # checked where the row is read
        self._new_salvage(event, event.salvage_usd, month)

    def _new_salvage(self, event: Event, salvage: float, month: int) -> None:
        if salvage > self.cost * (1.0 + ROUNDING):
            what = f"salvage {salvage:.15g} lies above cost {self.cost:.15g}"
            raise error(f"{event.place} column salvage_usd", what, "0 up to the cost", "correct the amount")
        self._change(month, "salvage_share", salvage / (self.row.cost_usd * self.share))
        self.salvage = salvage
        self._check_rate(event)

    def _check_rate(self, event: Event) -> None:
        if self.method == Method.FIXED_RATE and self.salvage <= 0.0:
            what = "a fixed rate never reaches a salvage of 0"
            raise error(f"{event.place} column event", what, "a salvage of more than 0", "choose another method")

    def _method(self, event: Event, month: int) -> None:
        method = METHODS[event.method]
        if method == Method.NONE:
            self._change(month, "depreciating", 0.0)
            return
        if not isfinite(self.life) and method != Method.GIVEN_RATE:
            what = f"{event.method!r} without a life"
            raise error(f"{event.place} column method", what, "a life in months", "set one by an event before it")
        self.method = method
        self._check_rate(event)
        factor = DOUBLE if event.factor is None else event.factor
        if event.rate_annual is not None:
            factor = unit_rate(event.rate_annual, self.policy.convention)
        self._change(month, "depreciating", 1.0)
        self._change(month, "method", float(method))
        self._change(month, "factor", factor)

    def _improvement(self, event: Event, month: int) -> None:
        assert event.amount_usd is not None  # checked where the row is read
        self._change(month, "added_share", event.amount_usd / (self.row.cost_usd * self.share))
        self.cost += event.amount_usd
        if event.life is not None:
            self._life(event, month)
        elif self.policy.convention != Convention.BY_USE and self.life <= month - self.service[0]:
            what = f"cost added at an age of {month - self.service[0]} months, after the life of {self.life:.15g}"
            raise error(f"{event.place} column life_months", what, "a longer life", "fill in the new life")

    def _write_down(self, event: Event, month: int) -> None:
        name, amount = (
            ("ceiling_share", event.to_usd) if event.to_usd is not None else ("written_down_share", event.amount_usd)
        )
        assert amount is not None  # checked where the row is read
        self._change(month, name, amount / (self.row.cost_usd * self.share))

    def _held_for_sale(self, event: Event, month: int) -> None:
        self._write_down(event, month)
        self._change(month, "depreciating", 0.0)

    def _disposal(self, event: Event, _month: int) -> None:
        part = self._part(event)
        self._leave(self.share * part, event.date, event.proceeds_usd or 0.0)
        rest = 1.0 - part
        self.share, self.cost, self.salvage = self.share * rest, self.cost * rest, self.salvage * rest

    def _part(self, event: Event) -> float:
        """Share of what is held that an event disposes of."""
        if event.cost_usd is None:
            return 1.0 if event.share is None else event.share
        held = self.row.cost_usd * self.share
        if event.share is not None:
            raise error(f"{event.place} column cost_usd", "a cost and a share", "one of the two", "clear one")
        if event.cost_usd > held * (1.0 + ROUNDING):
            what = f"{event.cost_usd:.15g} is more than remains"
            raise error(f"{event.place} column cost_usd", what, f"up to {held:.15g}", "correct the amount")
        return min(event.cost_usd / held, 1.0)

    def _leave(self, share: float, day: str, proceeds: float) -> None:
        month, number = day_number(day)
        self.left.append(Line(self.position, share, month, number, proceeds, tuple(self.changes)))

    def _retirement(self, event: Event, month: int) -> None:
        if event.retires <= event.date:
            what = f"{event.retires} is not after the decision on {event.date}"
            raise error(f"{event.place} column retires", what, "a later date", "correct one of the dates")
        if day_number(event.retires)[0] <= month:
            what = f"{event.retires} lies in the month of the decision on {event.date}"
            raise error(f"{event.place} column retires", what, "a later month", "enter a disposal")
        salvage = event.salvage_usd or 0.0
        self._change(month, RETIREMENT, 0.0)
        self._new_salvage(event, salvage, month)
        self._leave(self.share, event.retires, salvage if event.proceeds_usd is None else event.proceeds_usd)
        self.share = 0.0

    def lines(self) -> list[Line]:
        """Parts that left, and the rest."""
        if self.share <= 0.0:
            return self.left
        return [*self.left, Line(self.position, self.share, changes=tuple(self.changes))]


ROUNDING = 1e-9
"""Rounding allowed in amounts that add up to what is held, as a share of it."""
RETIREMENT = "retirement"
"""Change that ends the life with the day on which the line leaves, whatever the convention makes of it."""
