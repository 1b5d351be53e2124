"""From the lines of a register to blocks of arrays, assets with alike conventions together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from assumptions.door.months import EPOCH_MONTH, serial
from assumptions.register.assets import Asset, Policy, day_number
from assumptions.register.events import RETIREMENT, Line, by_asset
from assumptions.register.extents import FIRST_SERIAL, whole_first_year
from assumptions.register.reading import Register
from valuation.books.charges import SLACK, Method
from valuation.books.conventions import Calendar, Convention, Stay, exposures, life_measure
from valuation.books.policies import IDLE, ComponentInputs
from valuation.books.register import AssetInputs
from valuation.timeline import MONTHS_PER_YEAR, FloatArray, IntArray

BLOCK = 2_048
"""Assets computed together: large enough for the loop over months, small enough for memory."""
LONGEST_MONTH = 31
"""Days of the longest month."""
LEVELS = ("life", "salvage_share", "depreciating", "method", "factor")
"""Arrays that hold until they change."""


@dataclass(frozen=True)
class Block:
    """A block of lines.

    Attributes
    ----------
    inputs : AssetInputs
        Arrays.
    calendar : Calendar
        Its months.
    assets : list of int
        Position in the register of each line.
    """

    inputs: AssetInputs
    calendar: Calendar
    assets: list[int]


def blocks(
    register: Register, policies: list[Policy], calendar: Calendar, months: dict[int, tuple[int, int]]
) -> Iterator[Block]:
    """Blocks of a register, assets of alike policies and near dates together, each on the months that it needs.

    Parameters
    ----------
    register : Register
        The register.
    policies : list of Policy
        Settled policies.
    calendar : Calendar
        Months of the whole register.
    months : dict of (int, int)
        First and last month of each asset that has lines, counted from 1970-01.
    """
    if not register.lines:
        return
    of_asset = by_asset(register.lines)
    moved = {line.asset for line in register.lines if line.changes}
    groups: dict[tuple[int, ...], list[int]] = {}
    for asset in of_asset:
        alike = _alike(policies[asset], moving=asset in moved)
        groups.setdefault(alike, []).append(asset)
    columns = _columns(register, policies)
    for group in groups.values():
        group.sort(key=lambda asset: months[asset])
        for start in range(0, len(group), BLOCK):
            chosen = group[start : start + BLOCK]
            endless = not np.isfinite(columns.life[chosen]).all()
            own = _narrowed(calendar, [months[asset] for asset in chosen], endless=endless)
            if own is not None:
                lines = [line for asset in chosen for line in of_asset[asset]]
                yield _block(register, policies, columns, own, lines)


def _narrowed(calendar: Calendar, months: list[tuple[int, int]], *, endless: bool) -> Calendar | None:
    """Months of a calendar from the first placement in a block to its last month, none if they lie after its end."""
    first, last = min(start for start, _ in months), calendar.serial + calendar.periods - 1
    last = last if endless else min(max(end for _, end in months), last)
    if last < first:
        return None
    return Calendar(_month(first), last - first + 1, calendar.fiscal_year_end)


def _alike(policy: Policy, *, moving: bool) -> tuple[int, ...]:
    """What assets of one block share, in plain numbers: words of an enumeration are slow to compare."""
    method, convention = int(policy.method), int(policy.convention or 0)
    steps = len(policy.shares) if policy.method is Method.TABLE else 0
    whole, once = whole_first_year(policy), policy.at_once > 0.0
    return (method, convention, policy.frequency, policy.by_fiscal_year, steps, whole, moving, once)


@dataclass(frozen=True)
class _Columns:
    """Numbers of every asset of a register, shape (A,) each."""

    cost: FloatArray
    month: IntArray
    day: IntArray
    opened: IntArray
    at_once: FloatArray
    life: FloatArray
    salvage_share: FloatArray
    factor: FloatArray


def _columns(register: Register, policies: list[Policy]) -> _Columns:
    rows = register.rows
    days = np.array([day_number(row.in_service) for row in rows])
    opened = {asset: day_number(row.opening)[0] for asset, row in enumerate(rows) if row.opening}
    carried = days[:, 0].copy()
    carried[list(opened)] = list(opened.values())
    cost = np.array([row.cost_usd for row in rows])
    return _Columns(
        cost=cost,
        month=days[:, 0],
        day=days[:, 1],
        opened=carried,
        at_once=np.array([policy.at_once for policy in policies]),
        life=np.array([policy.life for policy in policies]),
        salvage_share=np.array([row.salvage_usd for row in rows]) / cost,
        factor=np.array([policy.factor for policy in policies]),
    )


def _block(
    register: Register, policies: list[Policy], columns: _Columns, calendar: Calendar, lines: list[Line]
) -> Block:
    listed = [line.asset for line in lines]
    asset, first = np.array(listed), calendar.serial
    inputs = AssetInputs(
        cost=columns.cost[asset] * np.array([line.share for line in lines]),
        entry=columns.month[asset] - first,
        entry_day=columns.day[asset],
        exit=np.array([line.exit_month for line in lines]) - first,
        exit_day=np.array([line.exit_day for line in lines]),
        carried_from=columns.opened[asset] - first,
        proceeds=np.array([line.proceeds for line in lines]),
        components=_components(register, policies, columns, calendar, lines),
    )
    return Block(inputs, calendar, listed)


def _components(
    register: Register, policies: list[Policy], columns: _Columns, calendar: Calendar, lines: list[Line]
) -> tuple[ComponentInputs, ...]:
    """What is depreciated over the life, and what is deducted in the first year."""
    chosen, rows = [policies[line.asset] for line in lines], [register.rows[line.asset] for line in lines]
    first, asset = chosen[0], np.array([line.asset for line in lines])
    assert first.convention is not None  # settled before
    at_once = columns.at_once[asset][:, None]
    whole = ComponentInputs(
        name="whole",
        share=1.0 - at_once,
        convention=first.convention,
        frequency=first.frequency,
        by_fiscal_year=first.by_fiscal_year,
        whole_first_year=whole_first_year(first),
        percentages=np.array([policy.shares for policy in chosen]).T
        if first.method == Method.TABLE
        else np.ones((1, 1)),
        use=_use(register, calendar, rows) if first.convention == Convention.BY_USE else np.zeros((1, 1, 1)),
        **_changing(columns, calendar, lines, chosen, rows),
    )
    if not at_once.any():
        return (whole,)
    year = np.full((1, len(lines), 1), float(MONTHS_PER_YEAR))
    immediate = ComponentInputs(
        "at once", life=year, share=at_once, convention=Convention.HALF_YEAR, whole_first_year=True
    )
    return (whole, immediate)


def _changing(
    columns: _Columns, calendar: Calendar, lines: list[Line], chosen: list[Policy], rows: list[Asset]
) -> dict[str, Any]:
    """Estimates and movements by month where a line has any, else one of each."""
    asset = np.array([line.asset for line in lines])
    start = {
        "life": columns.life[asset],
        "salvage_share": columns.salvage_share[asset],
        "depreciating": np.ones(len(lines)),
        "method": np.full(len(lines), float(chosen[0].method)),
        "factor": columns.factor[asset],
    }
    moving = any(line.changes for line in lines)
    periods = calendar.periods if moving else 1
    found = {name: np.repeat(level[None], periods, axis=0) for name, level in start.items()}
    if moving:
        found |= {name: np.full((periods, len(lines)), idle) for name, idle in IDLE.items()}
        for column, line in enumerate(lines):
            _apply(found, column, line, calendar)
            _retire(found, column, line, calendar, rows[column], chosen[column])
    shaped: dict[str, Any] = {
        name: array if name in ("method", "factor") else array[:, :, None] for name, array in found.items()
    }
    shaped["method"] = shaped["method"].astype(np.int64)
    return shaped


def _apply(found: dict[str, FloatArray], column: int, line: Line, calendar: Calendar) -> None:
    """Write the changes of a line into the arrays, in their order."""
    for change in line.changes:
        period = change.month - calendar.serial
        if not 0 <= period < calendar.periods or change.name == RETIREMENT:
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


def _retire(
    found: dict[str, FloatArray], column: int, line: Line, calendar: Calendar, row: Asset, policy: Policy
) -> None:
    """End the life with the retirement that was decided on: it is what the convention uses up by then."""
    decided = [change.month for change in line.changes if change.name == RETIREMENT]
    if not decided or decided[-1] - calendar.serial >= calendar.periods:
        return
    assert policy.convention is not None  # settled before
    month, day = day_number(row.in_service)
    service = Calendar(_month(month), line.exit_month - month + 1, calendar.fiscal_year_end)
    last = np.array([[service.periods - 1]])
    stay = Stay(np.array([0]), np.array([day]), last, np.array([[line.exit_day]]))
    used = exposures(policy.convention, stay, service)[:, 0, 0]
    inside = found["depreciating"][month - calendar.serial :, column][: service.periods]
    used[: inside.size] *= inside
    life = float(used.sum())
    if policy.convention == Convention.TOTAL_DAYS:
        life = _months_of_days(life, month, day)
    # Placed and retired in one fiscal year: nothing is charged, and any life will do.
    found["life"][max(decided[-1] - calendar.serial, 0) :, column] = life or 1.0


def _months_of_days(days: float, month: int, day: int) -> float:
    """Life in months of so many days from a day on, the inverse of `valuation.books.conventions.life_measure`."""
    entry, one_day = np.array([month]), np.array([day])
    whole = int(days // LONGEST_MONTH)
    while life_measure(Convention.TOTAL_DAYS, np.array([[[whole + 1.0]]]), entry, one_day).item() <= days:
        whole += 1
    before, after = (
        life_measure(Convention.TOTAL_DAYS, np.array([[[whole + step]]]), entry, one_day).item()
        for step in (0.0, 1.0 - SLACK)
    )
    return whole + (days - before) / (after - before) * (1.0 - SLACK)


def _month(serial_number: int) -> np.datetime64:
    return np.datetime64(EPOCH_MONTH, "M") + np.timedelta64(serial_number, "M")


def _use(register: Register, calendar: Calendar, rows: list[Asset]) -> FloatArray:
    """Units of use by month, shape (T, C, 1): from the file where it has the month, else the steady use of the row."""
    use = np.array([[row.units_per_month or 0.0 for row in rows]]).repeat(calendar.periods, axis=0)
    for column, row in enumerate(rows):
        for month, units in register.use.get(row.asset, {}).items():
            period = serial(month) - FIRST_SERIAL - calendar.serial
            if 0 <= period < calendar.periods:
                use[period, column] = units
    return use[:, :, None]
