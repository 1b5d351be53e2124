"""How far the schedule of a register reaches: of each asset, and of all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import ceil, isfinite

import numpy as np

from assumptions.door.messages import error
from assumptions.door.months import EPOCH_MONTH, serial
from assumptions.register.assets import Asset, Policy, day_number
from assumptions.register.events import Line
from assumptions.register.reading import Register
from valuation.books.charges import Method
from valuation.books.conventions import OF_THE_YEAR, Calendar, Convention
from valuation.timeline import MONTHS_PER_YEAR, NEVER, fiscal_month

LONGEST = 1_200
"""Months that a register may span."""
FIRST_SERIAL = serial(EPOCH_MONTH)
"""Number of the month that the core counts from."""


def extents(register: Register, policies: list[Policy], fiscal_year_end: int) -> dict[int, tuple[int, int]]:
    """First and last month of each asset that has lines, counted from 1970-01.

    Parameters
    ----------
    register : Register
        The register.
    policies : list of Policy
        Settled policies.
    fiscal_year_end : int
        Calendar month that closes the fiscal year.
    """
    found: dict[int, tuple[int, int]] = {}
    for asset in dict.fromkeys(line.asset for line in register.lines):
        row, policy = register.rows[asset], policies[asset]
        start = day_number(row.in_service)[0]
        placed = int(fiscal_month(np.array(start), fiscal_year_end))
        end = start + _months(row, policy, placed) - 1
        if register.use and row.asset in register.use:
            end = max(end, _last_use(register, row, policy))
        found[asset] = start, end
    for line in register.lines:
        if not line.changes and line.exit_month == NEVER:
            continue
        start, end = found[line.asset]
        row, policy = register.rows[line.asset], policies[line.asset]
        placed = int(fiscal_month(np.array(start), fiscal_year_end))
        lives = [
            start + _months(row, replace(policy, life=change.value), placed) - 1
            for change in line.changes
            if change.name == "life"
        ]
        left = [] if line.exit_month == NEVER else [line.exit_month]
        paused = max([end, *lives]) + _paused(line)
        found[line.asset] = start, max([end, *(change.month for change in line.changes), *left, paused])
    return found


def _paused(line: Line) -> int:
    """Months without a charge that end again: the life goes on after them."""
    months, since = 0, 0
    for change in line.changes:
        if change.name == "depreciating":
            if change.value > 0.0 and since:
                months += change.month - since
            since = 0 if change.value > 0.0 else since or change.month
    return months


def _last_use(register: Register, row: Asset, policy: Policy) -> int:
    """Month in which the units of the life are used up, or the last one of which use is known."""
    known = {serial(month) - FIRST_SERIAL: units for month, units in register.use[row.asset].items()}
    month, last = day_number(row.in_service)[0], max(known)
    if policy.convention is not Convention.BY_USE:
        return month
    steady, left, end = row.units_per_month or 0.0, policy.life, month + LONGEST - 1
    while left > 0.0 and (steady or month <= last) and month < end:
        left -= known.get(month, steady)
        month += 1
    return max(month - 1, last)


def calendar_of(
    register: Register, months: Collection[tuple[int, int]], fiscal_year_end: int, until: str = ""
) -> Calendar:
    """Months from the first placement to the end of the last finite life, or to a given month.

    Parameters
    ----------
    register : Register
        The register, for messages.
    months : collection of (int, int)
        First and last month of assets, counted from 1970-01.
    fiscal_year_end : int
        Calendar month that closes the fiscal year.
    until : str
        Last month, YYYY-MM.
    """
    first, last = min(start for start, _ in months), max(end for _, end in months)
    if until:
        last = serial(until) - FIRST_SERIAL
        if last < first:
            what = f"ends in {until}, before the first service"
            raise error("--until", what, "a later month", "choose a later one")
    if last - first >= LONGEST:
        allowed = f"at most {LONGEST} months"
        raise error(register.name, f"the schedule spans {last - first + 1} months", allowed, "end it with --until")
    month = np.datetime64(EPOCH_MONTH, "M") + np.timedelta64(first, "M")
    return Calendar(month, last - first + 1, fiscal_year_end)


def _months(row: Asset, policy: Policy, placed: int) -> int:
    """Months from that of placement to the end of the life; a year where nothing ends it."""
    if policy.convention is Convention.BY_USE:
        use = row.units_per_month or 0.0
        return ceil(policy.life / use) if use > 0.0 else MONTHS_PER_YEAR
    if not isfinite(policy.life):
        return MONTHS_PER_YEAR
    months = ceil(policy.life)
    if whole_first_year(policy):
        return months - (placed - 1)
    if policy.convention in OF_THE_YEAR:
        return months + MONTHS_PER_YEAR - placed + 1
    return months if policy.convention == Convention.FULL_MONTH else months + 1


def whole_first_year(policy: Policy) -> bool:
    """Percentages by fiscal year allow for the convention; those from service on do not."""
    return policy.method == Method.TABLE and policy.by_fiscal_year
