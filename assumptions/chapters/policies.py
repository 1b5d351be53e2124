"""Sets of books in a case: lives, components, methods, dated events and the test for impairment."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from assumptions.door.messages import refuse, short
from assumptions.door.months import is_month, read_month
from assumptions.door.provenance import Provenance, Record
from assumptions.door.units import Fraction, ScrapFraction
from valuation.books.charges import DOUBLE

LIFE_ENDS = (1, 600)

BookMethod = Literal[
    "none",
    "straight_line",
    "declining_balance",
    "declining_balance_with_switch",
    "given_rate",
    "fixed_rate",
    "sum_of_years_digits",
]
BookConvention = Literal[
    "full_month",
    "following_month",
    "mid_month",
    "half_year",
    "mid_quarter",
    "daily_365",
    "actual_actual",
    "total_days",
]
BookFrequency = Literal["month", "quarter", "half_year", "year"]
StepsFrom = Literal["service", "fiscal_year"]
LEVELS = ("cohort", "site", "entity")
FRAMEWORKS = ("asc_360", "ias_36")
EVENTS = ("life", "salvage", "method", "improvement", "write_down", "held_for_sale", "retirement")
# What an event needs, and what it may have besides.
_EVENT_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "life": (("months",), ()),
    "salvage": (("share_of_cost",), ()),
    "method": (("method",), ("factor", "rate_annual")),
    "improvement": (("share_of_cost",), ("months",)),
    "write_down": (("share_of_cost",), ()),
    "held_for_sale": (("share_of_cost",), ()),
    "retirement": (("retires",), ("share_of_cost",)),
}


def whole(value: object, ends: tuple[int, int], unit: str) -> object:
    """A whole number between two ends, or a refusal that states both.

    Parameters
    ----------
    value : object
        What was written.
    ends : tuple of int
        Lowest and highest.
    unit : str
        Unit in print.
    """
    allowed = f"a whole number from {ends[0]} to {ends[1]} [{unit}]"
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(f"{short(value)} is not a whole number", allowed, "write a plain number without unit")
    if not ends[0] <= value <= ends[1]:
        raise refuse(f"{short(value)} is out of range", allowed, "change the value")
    return value


def month(text: str) -> str:
    """A calendar month, or a refusal."""
    if not is_month(text):
        raise refuse(f"{short(text)} is not a month", "a month YYYY-MM", 'write it as "2026-09"')
    return text


def line(text: str, most: int) -> str:
    """Text that prints in one line, or a refusal.

    Parameters
    ----------
    text : str
        What was written.
    most : int
        Characters allowed.
    """
    if not text.strip() or len(text) > most or not text.isprintable():
        raise refuse(f"{short(text)} is no text of one line", f"1 to {most} printable characters", "write it anew")
    return text


class LifeStep(Provenance):
    """Book life in force from a month on; the first step holds before its month too."""

    start: str | None = None
    months: int

    @field_validator("months", mode="before")
    @classmethod
    def _months_in_range(cls, months: object) -> object:
        return whole(months, LIFE_ENDS, "months")

    @field_validator("start")
    @classmethod
    def _start_is_month(cls, start: str | None) -> str | None:
        return None if start is None else month(start)


def in_order(lives: tuple[LifeStep, ...]) -> tuple[LifeStep, ...]:
    """Steps of a life in ascending months, or a refusal."""
    starts = [step.start for step in lives[1:]]
    dated = [start for start in starts if start is not None]
    if len(dated) < len(starts) or dated != sorted(set(dated)):
        raise refuse(f"starts {starts} are not in order", "ascending months", "sort the lives by start")
    if dated and lives[0].start is not None and lives[0].start >= dated[0]:
        raise refuse(f"start {lives[0].start} is not the earliest", "ascending months", "sort the lives by start")
    return lives


class Rule(Record):
    """Method, convention and frequency, three independent choices."""

    method: BookMethod = "straight_line"
    factor: float = Field(DOUBLE, gt=0.0, le=10.0, allow_inf_nan=False)
    convention: BookConvention = "following_month"
    frequency: BookFrequency = "year"
    steps_from: StepsFrom = "service"
    rate_annual: float | None = Field(None, ge=1e-6, le=1.0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _rate_where_given(self) -> Self:
        _check_rate(self.method, self.rate_annual)
        return self


def _check_rate(method: str | None, rate_annual: float | None) -> None:
    """Refuse a stated rate without its method, and the other way round."""
    if (method == "given_rate") != (rate_annual is not None):
        what = "method 'given_rate' without rate_annual" if rate_annual is None else f"rate_annual with {method!r}"
        raise refuse(what, "rate_annual with given_rate, and only there", "correct one of the two")


class Component(Provenance, Rule):
    """A part of the cost with a life of its own (IAS 16.43)."""

    name: str
    share_of_cost: float = Field(gt=0.0, le=1.0, allow_inf_nan=False)
    months: int
    salvage_share_of_cost: float = Field(0.0, ge=0.0, le=0.9, allow_inf_nan=False)

    @field_validator("name")
    @classmethod
    def _name_is_a_line(cls, name: str) -> str:
        return line(name, 40)

    @field_validator("months", mode="before")
    @classmethod
    def _months_in_range(cls, months: object) -> object:
        return whole(months, LIFE_ENDS, "months")


class LedgerEvent(Provenance):
    """Something that happens to the books of some cohorts in a month, and acts from its first day on.

    It concerns all cohorts, or those of some classes, or those purchased in some months; of components all or one.
    """

    date: str
    event: Literal["life", "salvage", "method", "improvement", "write_down", "held_for_sale", "retirement"]
    classes: Annotated[tuple[str, ...], Field(strict=False)] = ()
    purchases: Annotated[tuple[str, ...], Field(strict=False)] = ()
    component: str = ""
    months: int | None = None
    share_of_cost: float | None = Field(None, ge=0.0, le=1.0, allow_inf_nan=False)
    method: BookMethod | None = None
    factor: float | None = Field(None, gt=0.0, le=10.0, allow_inf_nan=False)
    rate_annual: float | None = Field(None, ge=1e-6, le=1.0, allow_inf_nan=False)
    retires: str | None = None

    @field_validator("months", mode="before")
    @classmethod
    def _months_in_range(cls, months: object) -> object:
        return None if months is None else whole(months, LIFE_ENDS, "months")

    @field_validator("date", "retires")
    @classmethod
    def _is_month(cls, text: str | None) -> str | None:
        return None if text is None else month(text)

    @field_validator("purchases")
    @classmethod
    def _are_months(cls, purchases: tuple[str, ...]) -> tuple[str, ...]:
        """Months; a quarter stands for its middle month, as in a schedule."""
        return tuple(month(read_month(text) or text) for text in purchases)

    @model_validator(mode="after")
    def _complete(self) -> LedgerEvent:
        needed, possible = _EVENT_KEYS[self.event]
        keys = ("months", "share_of_cost", "method", "factor", "rate_annual", "retires")
        given = [name for name in keys if getattr(self, name) is not None]
        for name in needed:
            if name not in given:
                raise refuse(f"event {self.event!r} without {name}", name, f"add {name}")
        for name in given:
            if name not in (*needed, *possible):
                raise refuse(f"event {self.event!r} with {name}", ", ".join((*needed, *possible)), f"delete {name}")
        if self.event == "method":
            _check_rate(self.method, self.rate_annual)
        if self.retires is not None and self.retires <= self.date:
            raise refuse(f"retires {self.retires}, decided {self.date}", "a later month", "correct one of the months")
        return self


class ImpairmentRule(Record):
    """Test for impairment of assets held and used."""

    framework: Literal["asc_360", "ias_36"]
    level: Literal["cohort", "site", "entity"]
    each: Literal["quarter", "year"] = "quarter"


class Ledger(Rule):
    """One set of books: its lives by date, its salvage value, and what happens to failed units."""

    title: str
    lives: Annotated[tuple[LifeStep, ...], Field(strict=False)] = ()
    salvage_share_of_cost: ScrapFraction = Field(title="Book salvage, share of cost")
    write_off_failures: bool
    interest_capitalised_annual: Fraction | None = Field(
        None, title="Interest capitalised between purchase and service, rate a year"
    )
    components: Annotated[tuple[Component, ...], Field(strict=False)] = ()
    events: Annotated[tuple[LedgerEvent, ...], Field(strict=False)] = ()
    impairment: ImpairmentRule | None = None

    @field_validator("title")
    @classmethod
    def _title_is_a_line(cls, title: str) -> str:
        return line(title, 200)

    @field_validator("lives")
    @classmethod
    def _in_order(cls, lives: tuple[LifeStep, ...]) -> tuple[LifeStep, ...]:
        return in_order(lives)

    @model_validator(mode="after")
    def _whole(self) -> Ledger:
        if bool(self.lives) == bool(self.components):
            what = "both lives and components" if self.lives else "neither lives nor components"
            raise refuse(what, "one of the two", "give lives, or components with a life each")
        if self.components:
            self._check_components()
        known = [part.name for part in self.components]
        for event in self.events:
            if event.component and event.component not in known:
                raise refuse(
                    f"event of unknown component {event.component!r}", ", ".join(known) or "none", "correct it"
                )
        return self

    def _check_components(self) -> None:
        """Refuse shares that are not the whole, names that stand twice, and rules that no component would follow."""
        total = sum(part.share_of_cost for part in self.components)
        if abs(total - 1.0) > ROUNDING:
            raise refuse(f"shares of the components add up to {total:.6g}", "1", "correct share_of_cost")
        names = [part.name for part in self.components]
        for name in names:
            if names.count(name) > 1:
                raise refuse(f"{names.count(name)} components are named {name!r}", "one of a name", "rename the others")
        if self.salvage_share_of_cost.value:
            what = f"salvage_share_of_cost {self.salvage_share_of_cost.value:.15g} beside components"
            raise refuse(what, "0, and a salvage of each component", "write salvage_share_of_cost in the components")
        for name, field in Rule.model_fields.items():
            if getattr(self, name) != field.default:
                what = f"{name} {getattr(self, name)!r} beside components"
                raise refuse(what, f"{name} of each component", f"write {name} in the components")


ROUNDING = 1e-9
