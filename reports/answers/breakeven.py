"""Break-evens on screen and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.table import Table
from rich.text import Text

from assumptions import BreakEven, CaseRun, Span, break_even
from assumptions.levers.breakeven import Meeting, Point
from assumptions.levers.levers import Read
from reports.answers import levers
from reports.answers.levers import Asked, Question
from reports.charts.levers import draw_break_even
from reports.record.display import Scale, assumed, named, spell, unit_of
from reports.screen.console import screen
from reports.screen.tables import plain_table


def answer(asked: Asked, spans: Sequence[Span], until: str, stream: TextIO) -> None:
    """Answer a question for a break-even.

    Parameters
    ----------
    asked : Asked
        What it is asked of.
    spans : sequence of Span
        Levers with their ranges, one or two.
    until : str
        Condition, as typed.
    stream : TextIO
        Where to print.
    """

    def find(run: CaseRun, read: Read) -> BreakEven:
        return break_even(run, spans, until, read)

    task = "looking for the break-even"
    levers.answer(asked, Question(task, find, print_break_even, _cells, draw_break_even), stream)


def _cells(found: BreakEven) -> tuple[list[str], list[list[object]]]:
    met = [(each.kind, end) for each in found.meetings for end in dict.fromkeys((each.before, each.after))]
    listed = [*(("grid", point) for point in found.grid), *met]
    keys = [lever.key for lever in found.levers]
    rows: list[list[object]] = [[kind, *point.setting, point.figure, point.wanted] for kind, point in listed]
    return ["point", *keys, found.condition.metric, "target"], rows


def print_break_even(found: BreakEven, stream: TextIO) -> None:
    """Print where a figure reaches its target, or that it does not.

    Parameters
    ----------
    found : BreakEven
        Answer.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    unit = unit_of(found.condition.metric, (point.figure for point in (*found.grid, found.here)))
    console.print(Text(f"{named(found.case, found.scenario)}: where {found.condition.text}", style="bold"))
    for lever in found.levers:
        here = f"{assumed(lever.value)} here, searched from {lever.low:g} to {lever.high:g}"
        console.print(Text(f"{lever.key} [{lever.unit}]: {here}"))
    console.print(Text(f"{found.condition.metric} here: {spell(found.here.figure, unit)}\n"))
    if found.meetings:
        console.print(_table(found, unit))
    for sentence in _sentences(found, unit):
        console.print(Text(sentence))


def _table(found: BreakEven, unit: Scale | None) -> Table:
    keys = [lever.key for lever in found.levers]
    table = plain_table("Frontier" if len(keys) > 1 else "Break-even", *keys, found.condition.metric, left=0)
    table.add_column("")
    for meeting in found.meetings:
        ends = list(dict.fromkeys((meeting.before, meeting.after)))
        for number, end in enumerate(ends):
            note = _note(meeting, number) if len(ends) > 1 else ""
            table.add_row(*map(assumed, end.setting), spell(end.figure, unit), note)
    return table


def _note(meeting: Meeting, end: int) -> str:
    if meeting.kind == "band":
        return ("met from here", "to here")[end]
    return ("passes the target from here", "to here, without meeting it")[end]


def _sentences(found: BreakEven, unit: Scale | None) -> list[str]:
    """What a table cannot say: nothing found, levers that move nothing, figures that are missing."""
    told = [f"{key} moves nothing: {found.condition.metric} is the same over its whole range." for key in found.idle]
    if not found.meetings and len(found.missing) < len(found.grid):
        first, last = found.ends
        told.append(f"No root in range: {_at(found, first, unit)}, {_at(found, last, unit)}.")
    if found.missing:
        low, high = found.missing[0], found.missing[-1]
        told.append(
            f"No figure at {len(found.missing)} of {len(found.grid)} points, from {_setting(low)} to {_setting(high)}."
        )
    return told


def _at(found: BreakEven, point: Point, unit: Scale | None) -> str:
    against = f" against {spell(point.wanted, unit)}" if found.condition.number is None else ""
    return f"{found.condition.metric} is {spell(point.figure, unit)}{against} at {_setting(point)}"


def _setting(point: Point) -> str:
    return " and ".join(map(assumed, point.setting))
