"""How figures are spelt for readers: units and signs, never other numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assumptions.cases.pack import BASE
from assumptions.levers.conditions import is_amount
from reports.record.report import Value

MISSING = "–"
MILLION, BILLION = 6, 9  # powers of ten that an amount is shifted by


@dataclass(frozen=True)
class Scale:
    """Unit of the amounts of one table.

    Attributes
    ----------
    name : str
        Currency and unit.
    shift : int
        Power of ten that an amount is shifted by.
    decimals : int
        Decimals shown.
    """

    name: str
    shift: int
    decimals: int

    def amount(self, usd: float) -> str:
        """An amount in the unit, without it."""
        if math.isnan(usd):
            return MISSING
        text = f"{Decimal(repr(float(usd))).scaleb(-self.shift):,.{self.decimals}f}"
        return _no_minus_zero(text)

    def signed(self, usd: float) -> str:
        """An amount with plus or minus."""
        text = self.amount(usd)
        return f"+{text}" if usd > 0 and text.strip("0.,") else text


SCALES = (
    (1e10, Scale("USD bn", BILLION, 2)),
    (1e7, Scale("USD m", MILLION, 1)),
    (0, Scale("USD", 0, 0)),
)


EXACT = Scale("USD", 0, 2)
"""Amounts to the cent."""


def scale(amounts: Iterable[float]) -> Scale:
    """Unit in which the largest of some amounts has two digits or more before the point."""
    largest = max((abs(usd) for usd in amounts if not math.isnan(usd)), default=0.0)
    return next(found for least, found in SCALES if largest >= least)


def unit_of(name: str, figures: Iterable[float]) -> Scale | None:
    """Unit in which figures of a name are told, where they are amounts of money.

    Parameters
    ----------
    name : str
        Dotted name of a figure.
    figures : iterable of float
        What is told.
    """
    return scale(figures) if is_amount(name) else None


def rate(share: float) -> str:
    """A rate as a percentage."""
    return MISSING if math.isnan(share) else f"{share:.1%}"


def months(length: float) -> str:
    """A length of time in months."""
    return MISSING if math.isnan(length) else f"{length:.0f}"


def plain(value: Value) -> str:
    """A value of any kind as short text."""
    if value is None:
        return MISSING
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 1000 else f"{value:.4g}"


def direction(gap: float) -> str:
    """What the sign of a gap says."""
    if gap > 0:
        return "books above value"
    return "books below value" if gap < 0 else "books at value"


def _no_minus_zero(text: str) -> str:
    return text.removeprefix("-") if text.strip("-0.,%") == "" else text


def spell(figure: float, unit: Scale | None) -> str:
    """A figure of either kind, with its unit."""
    if math.isnan(figure):
        return MISSING
    return f"{unit.amount(figure)} {unit.name}" if unit else plain(figure)


def bare(figure: float, unit: Scale | None) -> str:
    """A figure of either kind, its unit told elsewhere."""
    return spell(figure, unit) if unit is None else unit.amount(figure)


def assumed(number: float) -> str:
    """Value of an assumption."""
    return MISSING if math.isnan(number) else f"{number:.6g}"


def named(case: str, scenario: str) -> str:
    """A case, and its scenario if it is not the base."""
    return case if scenario == BASE else f"{case} under {scenario}"


def percent(share: float) -> str:
    """A share in whole per cent, without a minus before nothing."""
    return _no_minus_zero(f"{share:.0%}")
