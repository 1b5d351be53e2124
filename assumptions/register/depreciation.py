"""Running a register: block by block through the schedule, totals kept, single assets handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from assumptions.door.messages import error, nearest
from assumptions.door.months import FIRST_MONTH, LAST_MONTH, is_day, is_month
from assumptions.register.assets import Asset, day_number
from assumptions.register.blocks import Block, blocks
from assumptions.register.extents import calendar_of, extents
from assumptions.register.plain import plain_sums
from assumptions.register.reading import BadRowsError, Register, sorted_out
from assumptions.register.taxbooks import settled
from valuation.books.conventions import Calendar
from valuation.books.register import MEASURES, AssetMovements, add_up, by_span, carried_on, keep_assets, overdrawn
from valuation.timeline import MONTHS_PER_YEAR, QUARTER_MONTHS, TIME, FloatArray, IntArray

MAX_GROUPS = 1_000
"""Books and classes that totals are kept for."""
SPANS = {"month": 1, "quarter": QUARTER_MONTHS, "year": MONTHS_PER_YEAR}


@dataclass(frozen=True)
class Spans:
    """Months, quarters or years of a schedule.

    Attributes
    ----------
    labels : list of str
        Name of each: 2026-03, 2026Q1, FY2026.
    ends : list of str
        Last month of each.
    first : (K,)
        First period of each.
    """

    labels: list[str]
    ends: list[str]
    first: IntArray


@dataclass(frozen=True)
class AssetRows:
    """Single assets of a block, for whoever writes them down.

    Attributes
    ----------
    spans : Spans
        Time axis.
    assets : list of Asset
        The assets.
    sums : dict of (K, C)
        By measure and span [USD].
    carried : (C,)
        Carrying amount at the asked date [USD]; zero where none is asked.
    """

    spans: Spans
    assets: list[Asset]
    sums: dict[str, FloatArray]
    carried: FloatArray


@dataclass(frozen=True)
class RegisterRun:
    """A register computed.

    Attributes
    ----------
    register : Register
        What was computed.
    spans : Spans
        Time axis.
    groups : list of (str, str)
        Book and class.
    sums : dict of (K, Q)
        By measure, span and group [USD].
    totals : dict of (Q,)
        Sums of the movements over all spans, by measure and group [USD].
    carried : (Q,)
        Carrying amount at the asked date [USD]; zero where none is asked.
    as_of : str
        That date, YYYY-MM-DD, or nothing.
    """

    register: Register
    spans: Spans
    groups: list[tuple[str, str]]
    sums: dict[str, FloatArray]
    totals: dict[str, FloatArray]
    carried: FloatArray
    as_of: str


@dataclass(frozen=True)
class Question:
    """What is asked of a register.

    Attributes
    ----------
    by : str
        month, quarter or year.
    fiscal_year_end : int
        Calendar month that closes the fiscal year.
    until : str
        Last month, YYYY-MM, or nothing.
    as_of : str
        Date of a carrying amount, YYYY-MM-DD, or nothing.
    skip_bad : bool
        Whether assets that turn out bad are left out and listed.

    Raises
    ------
    AssumptionError
        If a word or a date is not one.
    """

    by: str = "year"
    fiscal_year_end: int = MONTHS_PER_YEAR
    until: str = ""
    as_of: str = ""
    skip_bad: bool = False

    def __post_init__(self) -> None:
        if self.by not in SPANS:
            raise error("--by", f"{self.by!r} is unknown", ", ".join(SPANS), nearest(self.by, SPANS))
        if self.until and not is_month(self.until):
            allowed = f"YYYY-MM from {FIRST_MONTH} to {LAST_MONTH}"
            raise error("--until", f"{self.until!r} is not a month", allowed, "write it as 2030-12")
        if self.as_of and not is_day(self.as_of):
            allowed = f"YYYY-MM-DD from {FIRST_MONTH} to {LAST_MONTH}"
            raise error("--as-of", f"{self.as_of!r} is not a date", allowed, "write it as 2030-12-31")
        if self.until and self.as_of[: len(self.until)] > self.until:
            what = f"{self.as_of} lies after the schedule, which --until ends in {self.until}"
            raise error("--as-of", what, f"a date up to {self.until}", "choose an earlier date or a later end")


def run_register(
    register: Register,
    question: Question,
    hand_on: Callable[[AssetRows], None] | None = None,
    done: Callable[[int], None] | None = None,
) -> RegisterRun:
    """Compute a register in bounded memory.

    Parameters
    ----------
    register : Register
        The register.
    question : Question
        What is asked.
    hand_on : callable, optional
        Takes the single assets of each block.
    done : callable, optional
        Takes the number of lines of each block that is done.

    Raises
    ------
    BadRowsError
        If more was written down than was carried, unless bad rows are skipped.
    """
    policies = settled(register, question.fiscal_year_end)
    # Alike assets share a schedule where only totals at month ends are asked for.
    plain = register.plain if hand_on is None and not question.as_of else None
    rest = register if plain is None else replace(register, lines=register.rest)
    months = extents(rest, policies, question.fiscal_year_end)
    reach = list(months.values())
    if plain is not None:
        reach.append((int(plain.month.min()), int(plain.last.max())))
    calendar = calendar_of(register, reach, question.fiscal_year_end, question.until)
    moving = replace(rest, lines=[line for line in rest.lines if line.changes])
    sound = _without_overdrawn(register, blocks(moving, policies, calendar, months), skip_bad=question.skip_bad)
    if sound is not register:
        return run_register(sound, question, hand_on, done)
    groups, spans = _groups(register), spans_of(calendar, question.by)
    monthly = {name: np.zeros((calendar.periods, len(groups))) for name in MEASURES}
    carried, told = np.zeros(len(groups)), done or _nobody
    if plain is not None:
        for assets, offset, found in plain_sums(plain, calendar, len(groups)):
            _collect(monthly, offset, np.arange(len(groups)), found)
            told(assets)
    for block in blocks(rest, policies, calendar, months):
        member, movements = _members(register, groups, block), keep_assets(block.inputs, block.calendar)
        _collect(monthly, block.calendar.serial - calendar.serial, *add_up(movements, member))
        worth = _worth(block, movements, question.as_of)
        np.add.at(carried, member, worth)
        if hand_on is not None:
            hand_on(_single(register, block, movements, (spans, calendar), worth))
        told(len(block.assets))
    sums = by_span(monthly, spans.first)
    totals = {name: array.sum(axis=TIME) for name, array in sums.items()}
    return RegisterRun(register, spans, groups, sums, totals, carried, question.as_of)


def _nobody(_count: int) -> None:
    """Tell nobody."""


def _members(register: Register, groups: list[tuple[str, str]], block: Block) -> IntArray:
    """Group of each line of a block, shape (C,)."""
    place = {group: number for number, group in enumerate(groups)}
    rows = (register.rows[asset] for asset in block.assets)
    return np.array([place[row.book, row.asset_class] for row in rows])


def _collect(monthly: dict[str, FloatArray], offset: int, groups: IntArray, found: dict[str, FloatArray]) -> None:
    """Add the sums of a block to those of the register; what is carried at its end is carried on."""
    end = offset + len(found["closing"])
    for name, array in found.items():
        monthly[name][offset:end, groups] += array
    for name in ("opening", "closing"):
        monthly[name][end:, groups] += found["closing"][-1]


def _without_overdrawn(register: Register, moving: Iterable[Block], *, skip_bad: bool) -> Register:
    """Register without assets of which more was written down than was carried."""
    bad: set[int] = set()
    for block in moving:
        beyond = overdrawn(keep_assets(block.inputs, block.calendar), block.inputs.cost)
        bad |= {asset for asset, counts in zip(block.assets, beyond, strict=True) if counts}
    if not bad:
        return register
    told = [
        str(
            error(
                register.rows[asset].place,
                f"more is written down of {register.rows[asset].asset!r} than is carried",
                "write-downs up to the carrying amount",
                "correct its events",
            )
        )
        for asset in sorted(bad)
    ]
    if not skip_bad:
        raise BadRowsError(told)
    kept = [asset for asset in range(len(register.rows)) if asset not in bad]
    if not kept:
        none = error(register.name, "no good row is left", "at least one asset", "correct the rows")
        raise BadRowsError([*register.skipped, *told, str(none)])
    place = {asset: number for number, asset in enumerate(kept)}
    return sorted_out(
        replace(
            register,
            rows=[register.rows[asset] for asset in kept],
            policies=[register.policies[asset] for asset in kept],
            lines=[replace(line, asset=place[line.asset]) for line in register.lines if line.asset in place],
            skipped=[*register.skipped, *told],
        )
    )


def _groups(register: Register) -> list[tuple[str, str]]:
    """Books and classes of a register."""
    groups = register.groups
    if len(groups) > MAX_GROUPS:
        what = f"{len(groups)} books and classes"
        raise error(register.name, what, f"at most {MAX_GROUPS}", "join classes, and ask for single assets by --detail")
    return groups


def spans_of(calendar: Calendar, by: str) -> Spans:
    """Months, fiscal quarters or fiscal years of a calendar.

    Parameters
    ----------
    calendar : Calendar
        Months.
    by : str
        month, quarter or year.
    """
    period, length = np.arange(calendar.periods), SPANS[by]
    place = calendar.fiscal_month(period) - 1
    first = np.flatnonzero((place % length == 0) | (period == 0))
    last = np.append(first[1:], calendar.periods) - 1
    months = [str(calendar.first.astype("datetime64[M]") + np.timedelta64(int(end), "M")) for end in last]
    years = [int(year) for year in calendar.fiscal_year(last)]
    quarters = [int(number) // QUARTER_MONTHS + 1 for number in place[last]]
    named = {
        "month": months,
        "quarter": [f"{year}Q{quarter}" for year, quarter in zip(years, quarters, strict=True)],
        "year": [f"FY{year}" for year in years],
    }
    return Spans(named[by], months, first)


def _worth(block: Block, movements: AssetMovements, as_of: str) -> FloatArray:
    """Carrying amount at the asked date; before the block's first month nothing, after its last one what is left."""
    if not as_of:
        return np.zeros(len(block.assets))
    month, day = day_number(as_of)
    period = month - block.calendar.serial
    if period < 0:
        return np.zeros(len(block.assets))
    if period >= block.calendar.periods:
        return np.asarray(movements.closing[-1])
    return carried_on(block.inputs, movements, block.calendar, period, day)


def _single(
    register: Register, block: Block, movements: AssetMovements, axis: tuple[Spans, Calendar], worth: FloatArray
) -> AssetRows:
    """Single assets in the spans of the register from the first of the block on.

    What is carried at the end of the block is carried on, so that assets add up to the totals.
    """
    found, monthly = add_up(movements, np.array(block.assets))
    spans, calendar = axis
    offset = block.calendar.serial - calendar.serial
    begin, stop = np.searchsorted(spans.first, [offset, offset + block.calendar.periods - 1], side="right") - [1, 0]
    sums = by_span(monthly, np.maximum(spans.first[begin:stop] - offset, 0))
    if sums["closing"][-1].any():
        idle = np.zeros((len(spans.first) - stop, len(found)))
        left = idle + sums["closing"][-1]
        later = {name: left if name in ("opening", "closing") else idle for name in sums}
        sums, stop = {name: np.concatenate([sums[name], later[name]]) for name in sums}, len(spans.first)
    own = Spans(spans.labels[begin:stop], spans.ends[begin:stop], spans.first[begin:stop])
    place = np.searchsorted(found, np.array(block.assets))
    carried = np.bincount(place, weights=worth, minlength=len(found)).astype(np.float64)
    return AssetRows(own, [register.rows[asset] for asset in found], sums, carried)
