"""From the lines of a register to blocks of arrays, assets with alike conventions together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from assumptions.assets import EPOCH, Asset, Policy, day_number
from assumptions.events import Line
from assumptions.messages import error
from assumptions.months import serial
from assumptions.register import Register
from valuation.charges import Method
from valuation.conventions import OF_THE_YEAR, Calendar, Convention
from valuation.policies import ComponentInputs
from valuation.register import AssetInputs
from valuation.timeline import MONTHS_PER_YEAR, NEVER, FloatArray

BLOCK = 2_048
"""Assets computed together: large enough for the loop over months, small enough for memory."""
LONGEST = 1_200
"""Months that a register may span."""
FLOWS = {"added_share": 0.0, "written_down_share": 0.0, "ceiling_share": np.inf, "stated_share": np.nan}
"""Arrays that move in a month, and what they are in months in which nothing moves."""
LEVELS = ("life", "salvage_share", "depreciating", "method", "factor")
"""Arrays that hold until they change."""
FIRST_SERIAL = serial(f"{EPOCH}-01")


@dataclass(frozen=True)
class Block:
    """A block of lines.

    Attributes
    ----------
    inputs : AssetInputs
        Arrays.
    assets : list of int
        Position in the register of each line.
    """

    inputs: AssetInputs
    assets: list[int]


def calendar_of(register: Register, policies: list[Policy], fiscal_year_end: int, until: str = "") -> Calendar:
    """Months from the first placement to the end of the last finite life, or to a given month.

    Parameters
    ----------
    register : Register
        The register.
    policies : list of Policy
        Settled policies.
    fiscal_year_end : int
        Calendar month that closes the fiscal year.
    until : str
        Last month, YYYY-MM.
    """
    starts = [day_number(row.in_service)[0] for row in register.rows]
    first = min(starts)
    year = Calendar(np.datetime64(f"{EPOCH}-01", "M"), 1, fiscal_year_end)
    placed = [int(place) for place in year.fiscal_month(np.array(starts))]
    ends = [
        start + _months(row, policy, place) - 1
        for start, row, policy, place in zip(starts, register.rows, policies, placed, strict=True)
    ]
    moved = [change.month for line in register.lines for change in line.changes]
    lives = [
        starts[line.asset] + int(np.ceil(change.value)) + 1
        for line in register.lines
        for change in line.changes
        if change.name == "life"
    ]
    left = [line.exit_month for line in register.lines if line.exit_month != NEVER]
    last = max([*ends, *moved, *lives, *left])
    if until:
        last = serial(until) - FIRST_SERIAL
        if last < first:
            what = f"ends in {until}, before the first service"
            raise error("--until", what, "a later month", "choose a later one")
    if last - first >= LONGEST:
        allowed = f"at most {LONGEST} months"
        raise error(register.name, f"the schedule spans {last - first + 1} months", allowed, "end it with --until")
    month = np.datetime64(f"{EPOCH}-01", "M") + np.timedelta64(first, "M")
    return Calendar(month, last - first + 1, fiscal_year_end)


def _months(row: Asset, policy: Policy, placed: int) -> int:
    """Months from that of placement to the end of the life; a year where nothing ends it."""
    if policy.convention == Convention.BY_USE:
        use = row.units_per_month or 0.0
        return int(np.ceil(policy.life / use)) if use > 0.0 else MONTHS_PER_YEAR
    if not np.isfinite(policy.life):
        return MONTHS_PER_YEAR
    months = int(np.ceil(policy.life))
    if _whole_first_year(row, policy):
        return months - (placed - 1)
    if policy.convention in OF_THE_YEAR:
        return months + MONTHS_PER_YEAR - placed + 1
    return months if policy.convention == Convention.FULL_MONTH else months + 1


def blocks(register: Register, policies: list[Policy], calendar: Calendar) -> Iterator[Block]:
    """Blocks of a register, lines of alike policies together.

    Parameters
    ----------
    register : Register
        The register.
    policies : list of Policy
        Settled policies.
    calendar : Calendar
        Months.
    """
    of_asset: dict[int, list[Line]] = {}
    for line in register.lines:
        of_asset.setdefault(line.asset, []).append(line)
    groups: dict[tuple[object, ...], list[list[Line]]] = {}
    for asset, lines in of_asset.items():
        policy, moving = policies[asset], any(line.changes for line in lines)
        groups.setdefault(_alike(register.rows[asset], policy, moving=moving), []).append(lines)
    for group in groups.values():
        batch: list[Line] = []
        for lines in group:
            batch += lines
            if len(batch) >= BLOCK:
                yield _block(register, policies, calendar, batch)
                batch = []
        if batch:
            yield _block(register, policies, calendar, batch)


def _alike(row: Asset, policy: Policy, *, moving: bool) -> tuple[object, ...]:
    """What assets of one block share."""
    steps = len(policy.shares) if policy.method == Method.TABLE else 0
    whole = _whole_first_year(row, policy)
    return (policy.convention, policy.frequency, policy.by_fiscal_year, steps, whole, moving, policy.at_once > 0.0)


def _whole_first_year(row: Asset, policy: Policy) -> bool:
    """Printed tax percentages allow for the convention; other tables do not."""
    return policy.method == Method.TABLE and row.method != "table"


def _block(register: Register, policies: list[Policy], calendar: Calendar, lines: list[Line]) -> Block:
    rows = [register.rows[line.asset] for line in lines]
    chosen = [policies[line.asset] for line in lines]
    days = [day_number(row.in_service) for row in rows]
    opened = [day_number(row.opening)[0] if row.opening else month for row, (month, _) in zip(rows, days, strict=True)]
    first = calendar.serial
    inputs = AssetInputs(
        cost=np.array([row.cost_usd * line.share for row, line in zip(rows, lines, strict=True)]),
        entry=np.array([month for month, _ in days]) - first,
        entry_day=np.array([day for _, day in days]),
        exit=np.array([line.exit_month for line in lines]) - first,
        exit_day=np.array([line.exit_day for line in lines]),
        carried_from=np.array(opened) - first,
        proceeds=np.array([line.proceeds for line in lines]),
        components=_components(register, calendar, lines, chosen),
    )
    return Block(inputs, [line.asset for line in lines])


def _components(
    register: Register, calendar: Calendar, lines: list[Line], chosen: list[Policy]
) -> tuple[ComponentInputs, ...]:
    """What is depreciated over the life, and what is deducted in the first year."""
    first, rows = chosen[0], [register.rows[line.asset] for line in lines]
    assert first.convention is not None  # settled before
    at_once = np.array([[policy.at_once] for policy in chosen])
    whole = ComponentInputs(
        name="whole",
        share=1.0 - at_once,
        convention=first.convention,
        frequency=first.frequency,
        by_fiscal_year=first.by_fiscal_year,
        whole_first_year=_whole_first_year(rows[0], first),
        percentages=np.array([policy.shares for policy in chosen]).T
        if first.method == Method.TABLE
        else np.ones((1, 1)),
        use=_use(register, calendar, rows) if first.convention == Convention.BY_USE else np.zeros((1, 1, 1)),
        **_changing(calendar, lines, chosen, rows),
    )
    if not at_once.any():
        return (whole,)
    year = np.full((1, len(lines), 1), float(MONTHS_PER_YEAR))
    immediate = ComponentInputs(
        "at once", life=year, share=at_once, convention=Convention.HALF_YEAR, whole_first_year=True
    )
    return (whole, immediate)


def _changing(calendar: Calendar, lines: list[Line], chosen: list[Policy], rows: list[Asset]) -> dict[str, Any]:
    """Estimates and movements by month where a line has any, else one of each."""
    start = {
        "life": np.array([policy.life for policy in chosen]),
        "salvage_share": np.array([row.salvage_usd / row.cost_usd for row in rows]),
        "depreciating": np.ones(len(lines)),
        "method": np.array([float(policy.method) for policy in chosen]),
        "factor": np.array([policy.factor for policy in chosen]),
    }
    moving = any(line.changes for line in lines)
    periods = calendar.periods if moving else 1
    found = {name: np.repeat(level[None], periods, axis=0) for name, level in start.items()}
    if moving:
        found |= {name: np.full((periods, len(lines)), idle) for name, idle in FLOWS.items()}
        for column, line in enumerate(lines):
            _apply(found, column, line, calendar)
    shaped: dict[str, Any] = {
        name: array if name in ("method", "factor") else array[:, :, None] for name, array in found.items()
    }
    shaped["method"] = shaped["method"].astype(np.int64)
    return shaped


def _apply(found: dict[str, FloatArray], column: int, line: Line, calendar: Calendar) -> None:
    """Write the changes of a line into the arrays, in their order."""
    for change in line.changes:
        period = change.month - calendar.serial
        if not 0 <= period < calendar.periods:
            continue
        if change.name in LEVELS:
            found[change.name][period:, column] = change.value
        elif change.name == "ceiling_share":
            # The engine writes down before it adds: a level set after a movement of the month allows for it.
            moved = found["added_share"][period, column] - found["written_down_share"][period, column]
            level = change.value - moved
            found[change.name][period, column] = min(found[change.name][period, column], level)
        elif change.name == "stated_share":
            found[change.name][period, column] = change.value
        else:
            found[change.name][period, column] += change.value


def _use(register: Register, calendar: Calendar, rows: list[Asset]) -> FloatArray:
    """Units of use by month, shape (T, C, 1): from the file where it has the month, else the steady use of the row."""
    use = np.array([[row.units_per_month or 0.0 for row in rows]]).repeat(calendar.periods, axis=0)
    for column, row in enumerate(rows):
        for month, units in register.use.get(row.asset, {}).items():
            period = serial(month) - FIRST_SERIAL - calendar.serial
            if 0 <= period < calendar.periods:
                use[period, column] = units
    return use[:, :, None]
