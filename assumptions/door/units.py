"""Units of assumptions: what a number measures, the range it may take, and the checks at the door.

Types that must not be swapped are different types here: an effective annual rate is not a log rate a year, a share is
not a ratio, kW are not kWh. The unit stands in the name of every field as well.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, WrapValidator
from pydantic.fields import FieldInfo

from assumptions.door.messages import refuse, short
from assumptions.door.months import FIRST_MONTH, LAST_MONTH, is_month
from assumptions.door.provenance import Choice, MonthValue, Number
from valuation.timeline import MONTHS_PER_YEAR

HOURS_PER_MONTH = 8760 / MONTHS_PER_YEAR
HOURS_PER_DAY = 24
MINUTES_PER_HOUR = 60

_End = TypeVar("_End", float, str)


class _Checked(ABC):
    """Base of the annotations that check a sourced value."""

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> object:
        """Check before the model is made, so that messages speak of the value and not of the model."""
        return WrapValidator(self._validate).__get_pydantic_core_schema__(source, handler)

    def _validate(self, value: object, handler: Callable[[object], object]) -> object:
        if isinstance(value, Number | MonthValue | Choice):
            self.check(value.model_dump())
        elif isinstance(value, dict):
            self.check(value)
        else:
            what = f"{short(value)} is not a sourced value"
            raise refuse(what, "a table with value, basis and source", "write one")
        return handler(value)

    @abstractmethod
    def check(self, table: dict[str, Any]) -> None:
        """Raise where the table breaks the rule."""


@dataclass(frozen=True)
class Unit(_Checked):
    """Unit and allowed range of a number.

    Parameters
    ----------
    name : str
        Unit as printed.
    lowest, highest : float
        Allowed range, both ends included.
    whole : bool
        Whether only whole numbers make sense.
    """

    name: str
    lowest: float
    highest: float
    whole: bool = False

    @property
    def allowed(self) -> str:
        """Allowed range in words."""
        kind = "a whole number from" if self.whole else "a number from"
        return f"{kind} {self.lowest:.15g} to {self.highest:.15g} [{self.name}]"

    def check(self, table: dict[str, Any]) -> None:
        """Raise unless value, low and high are finite, in range and in order."""
        if table.get("value") is None:
            raise refuse("no value is given", self.allowed, "write value = ...")
        for part in ("value", "low", "high"):
            self._check_number(part, table.get(part))
        value = table["value"]
        low, high = _or(table.get("low"), value), _or(table.get("high"), value)
        if not low <= value <= high:
            raise refuse(
                f"value {value!r} does not lie between low {low!r} and high {high!r}",
                self.allowed,
                "put low, value and high in order",
            )

    def _check_number(self, part: str, number: object) -> None:
        if number is None:
            return
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise refuse(f"{part} {short(number)} is not a number", self.allowed, _as_number(number))
        if number != number or abs(number) == math.inf:
            raise refuse(f"{part} {short(number)} is not finite", self.allowed, "write a finite number")
        if self.whole and number != int(number):
            raise refuse(f"{part} {short(number)} is not whole", self.allowed, "round it")
        if not self.lowest <= number <= self.highest:
            raise refuse(f"{part} {short(number)} is out of range", self.allowed, self._remedy(number))

    def _remedy(self, number: float) -> str:
        if self.highest <= 1 < number <= 100:
            return f"write {number / 100:.15g} for {number:.15g} per cent"
        return "change the value"


def _as_number(text: object) -> str:
    """Remedy for what is no number: the number itself, where it only stands in marks or lacks its zero."""
    try:
        number = float(text) if isinstance(text, str) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return "write a plain number without unit"
    return f"write {number:.15g} without quotation marks"


def _or(end: _End | None, value: _End) -> _End:
    return value if end is None else end


@dataclass(frozen=True)
class Date(_Checked):
    """A calendar month."""

    name: str = "month"

    @property
    def allowed(self) -> str:
        """Allowed range in words."""
        return f"a month YYYY-MM from {FIRST_MONTH} to {LAST_MONTH}"

    def check(self, table: dict[str, Any]) -> None:
        """Raise unless value, low and high are months in order."""
        for part in ("value", "low", "high"):
            month = table.get(part)
            if (month is not None or part == "value") and not is_month(month):
                raise refuse(f"{part} {short(month)} is not a month", self.allowed, 'write it as "2026-09"')
        low, value, high = table.get("low"), table["value"], table.get("high")
        if not _or(low, value) <= value <= _or(high, value):
            what = f"value {value} does not lie between low {_or(low, 'none')} and high {_or(high, 'none')}"
            raise refuse(what, self.allowed, "put the months in order")


@dataclass(frozen=True)
class Options(_Checked):
    """One of a few words."""

    words: tuple[str, ...]
    name: str = "choice"

    @property
    def allowed(self) -> str:
        """Allowed words."""
        return ", ".join(self.words)

    def check(self, table: dict[str, Any]) -> None:
        """Raise unless the value is one of the words."""
        if table.get("value") not in self.words:
            raise refuse(f"{short(table.get('value'))} is unknown", self.allowed, "choose one of them")


Usd = Annotated[Number, Unit("USD", 1.0, 1e8)]
UsdPerKwh = Annotated[Number, Unit("USD per kWh", 0.0, 10.0)]
UsdPerKwMonth = Annotated[Number, Unit("USD per kW and month", 0.0, 10_000.0)]
UsdPerKw = Annotated[Number, Unit("USD per kW", 0.0, 100_000.0)]
DevicesPerRack = Annotated[Number, Unit("devices", 0.01, 10_000.0)]
Fraction = Annotated[Number, Unit("share", 0.0, 1.0)]
PositiveFraction = Annotated[Number, Unit("share", 0.001, 1.0)]
ScrapFraction = Annotated[Number, Unit("share", 0.0, 0.9)]
AnnualRate = Annotated[Number, Unit("effective rate per year", -0.5, 2.0)]
AnnualReturn = Annotated[Number, Unit("effective rate per year", 0.0001, 1.0)]
AnnualProbability = Annotated[Number, Unit("probability per year", 0.0, 0.95)]
ShareOfCostPerYear = Annotated[Number, Unit("share of cost per year", 0.0, 1.0)]
LogRate = Annotated[Number, Unit("log per year", -2.0, 5.0)]
LogStep = Annotated[Number, Unit("log", 0.0, 5.0)]
Months = Annotated[Number, Unit("months", 0.0, 600.0, whole=True)]
Life = Annotated[Number, Unit("months", 1.0, 600.0, whole=True)]
Duration = Annotated[Number, Unit("months", 0.1, 1200.0)]
Cadence = Annotated[Number, Unit("months", 3.0, 1200.0)]
Slip = Annotated[Number, Unit("months", -120.0, 120.0)]
Years = Annotated[Number, Unit("years", 0.0, 10.0, whole=True)]
PropertyClass = Annotated[Number, Unit("years", 3.0, 20.0, whole=True)]
Shares = Annotated[Number, Unit("million shares", 0.001, 1e6)]
Kilowatt = Annotated[Number, Unit("kW", 0.001, 1000.0)]
Ratio = Annotated[Number, Unit("ratio", 0.01, 100.0)]
PowerRatio = Annotated[Number, Unit("ratio", 1.0, 5.0)]
ServiceUnits = Annotated[Number, Unit("reference devices", 0.0001, 10_000.0)]
BillionParameters = Annotated[Number, Unit("billion parameters", 0.001, 1e6)]
Tokens = Annotated[Number, Unit("tokens", 1.0, 1e9)]
Bits = Annotated[Number, Unit("bits", 1.0, 64.0, whole=True)]
LogSpread = Annotated[Number, Unit("log", 0.01, 10.0)]
LogChange = Annotated[Number, Unit("log", -5.0, 5.0)]
Elasticity = Annotated[Number, Unit("ratio", 0.05, 20.0)]
TakeoverYears = Annotated[Number, Unit("years", 0.1, 100.0)]
ArrivalRate = Annotated[Number, Unit("rate per year", 0.0, 20.0)]
Gain = Annotated[Number, Unit("ratio", 1.0, 10_000.0)]
Multiplier = Annotated[Number, Unit("ratio", 0.0, 100.0)]
EventRate = Annotated[Number, Unit("events per device-year", 0.0, 1000.0)]
Devices = Annotated[Number, Unit("devices", 1.0, 1e7, whole=True)]
Days = Annotated[Number, Unit("days", 0.0, 365.0)]
Minutes = Annotated[Number, Unit("minutes", 0.0, 10_000.0)]
WearScale = Annotated[Number, Unit("years", 0.5, 100.0)]
WearShape = Annotated[Number, Unit("ratio", 1.0, 20.0)]
Volatility = Annotated[Number, Unit("log per square root of a year", 0.0, 5.0)]
LogDeviation = Annotated[Number, Unit("log", 0.0, 5.0)]
SlipSpread = Annotated[Number, Unit("months", 0.0, 120.0)]
Concentration = Annotated[Number, Unit("trials", 0.1, 1e9)]
DegreesOfFreedom = Annotated[Number, Unit("degrees of freedom", 1.0, 1000.0)]
MonthDate = Annotated[MonthValue, Date()]


def rule_of(field: FieldInfo) -> Unit | Date | Options | None:
    """Rule that a field of a model carries, if it is a sourced value.

    Parameters
    ----------
    field : pydantic.fields.FieldInfo
        Field of a model.
    """
    for item in (*field.metadata, *_metadata(field.annotation)):
        if isinstance(item, Unit | Date | Options):
            return item
    return None


def _metadata(annotation: object) -> Iterator[object]:
    for argument in get_args(annotation):
        yield argument
        yield from _metadata(argument)
