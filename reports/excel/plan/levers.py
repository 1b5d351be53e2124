"""Where formulas find the levers: assumptions in the base, and under the scenario shown."""

from __future__ import annotations

from reports.excel.plan.layout import Context

BASE_KEY, SHOWN_KEY = "base {}", "shown {}"


def shown(context: Context, key: str) -> str:
    """Address of a lever under the scenario shown."""
    return context.refer(SHOWN_KEY.format(key))


def base(context: Context, key: str) -> str:
    """Address of a lever in the base."""
    return context.refer(BASE_KEY.format(key))


def has(context: Context, key: str) -> bool:
    """Whether there is a lever of that key."""
    return SHOWN_KEY.format(key) in context.places
