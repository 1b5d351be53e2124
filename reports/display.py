"""How figures are spelt for readers: units and signs, never other numbers."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

from reports.record import Value

MISSING = "–"
MILLION, BILLION = 6, 9  # powers of ten that an amount is shifted by


def amount(usd: float) -> str:
    """An amount in USD billion, million or plain, with its sign and three figures or more."""
    if math.isnan(usd):
        return MISSING
    size = abs(Decimal(repr(float(usd))))
    if size.scaleb(-BILLION) >= 10:
        return f"{Decimal(usd).scaleb(-BILLION):,.1f} bn"
    if size.scaleb(-MILLION) >= 1000:
        return f"{Decimal(usd).scaleb(-BILLION):,.2f} bn"
    if size.scaleb(-MILLION) >= 1:
        return f"{Decimal(usd).scaleb(-MILLION):,.{1 if size.scaleb(-MILLION) >= 10 else 2}f} m"
    return _no_minus_zero(f"{usd:,.0f}")


def signed(usd: float) -> str:
    """An amount with plus or minus."""
    text = amount(usd)
    return text if math.isnan(usd) or text.startswith("-") or usd <= 0 else f"+{text}"


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
    return text.removeprefix("-") if text.strip("-0.,") == "" else text
