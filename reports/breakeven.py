"""Break-evens on screen and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from rich.table import Table
from rich.text import Text

from assumptions import BreakEven, Case, CaseRun, break_even, run_case
from assumptions.breakeven import Meeting, Point, spans_of
from assumptions.levers import Read
from reports import payload
from reports.charts import check_chart
from reports.compose import compose
from reports.console import screen
from reports.csvsafe import write_rows
from reports.display import MISSING, Scale, plain, scale
from reports.streams import check_apart, check_path, whole_file
from valuation.results import Results

SUFFIX = ".csv"
USD = "_usd"


def reader(run: CaseRun) -> Read:
    """What reads every number of `results.json` off other results of the same case.

    Parameters
    ----------
    run : CaseRun
        The case, alone or under one scenario.
    """
    report = compose(run)

    def read(results: Results) -> Sequence[dict[str, float]]:
        stacked = replace(report, results=results)
        return [payload.figures(stacked, case) for case in range(results.inputs.cases)]

    return read


@dataclass(frozen=True)
class Wanted:
    """Question for a break-even, as typed.

    Attributes
    ----------
    keys : sequence of str
        Levers.
    low, high : sequence of float
        Ends of their ranges, none or one for each.
    until : str
        Condition.
    """

    keys: Sequence[str]
    low: Sequence[float]
    high: Sequence[float]
    until: str


def find(case: Case, scenario: str, overrides: Sequence[str], wanted: Wanted) -> BreakEven:
    """Answer a question for a break-even.

    Parameters
    ----------
    case : Case
        The case.
    scenario : str
        Its scenario, or several acting together.
    overrides : sequence of str
        Values set in the base.
    wanted : Wanted
        The question.
    """
    spans = spans_of(wanted.keys, wanted.low, wanted.high)
    run = run_case(case, [scenario], overrides)
    return break_even(run, spans, wanted.until, reader(run))


def check_files(out: Path | None, chart: Path | None) -> None:
    """Refuse files that cannot be written or are one.

    Parameters
    ----------
    out, chart : Path, optional
        Table and chart asked for.
    """
    if out is not None:
        check_path(out, (), (SUFFIX,))
    check_chart(chart)
    check_apart(out, chart)


def write_files(found: BreakEven, out: Path | None, chart: Path | None) -> list[Path]:
    """Write what was asked for: every point evaluated on the grid and every crossing, and a chart of them.

    Parameters
    ----------
    found : BreakEven
        Answer.
    out, chart : Path, optional
        Table and chart asked for.
    """
    from reports.charts_levers import draw_break_even

    if out is not None:
        keys = [lever.key for lever in found.levers]
        rows = [[kind, *point.setting, point.figure, point.wanted] for kind, point in _listed(found)]
        with whole_file(out) as fresh:
            write_rows(fresh, ["point", *keys, found.condition.metric, "target"], rows)
    if chart is not None:
        draw_break_even(found, chart)
    return [path for path in (out, chart) if path is not None]


def _listed(found: BreakEven) -> list[tuple[str, Point]]:
    met = [(each.kind, end) for each in found.meetings for end in dict.fromkeys((each.before, each.after))]
    return [*(("grid", point) for point in found.grid), *met]


def amounts(found: BreakEven) -> Scale | None:
    """Unit of the figure, where it is an amount of money."""
    name = found.condition.metric
    money = USD in name and f"{USD}_per_" not in name
    known = [point for point in (*found.grid, found.here) if point.figure == point.figure]
    return scale(point.figure for point in known) if money and known else None


def spell(figure: float, unit: Scale | None) -> str:
    """A figure of either kind."""
    if figure != figure:
        return MISSING
    return f"{unit.amount(figure)} {unit.name}" if unit else plain(figure)


def print_break_even(found: BreakEven, stream: TextIO) -> None:
    """Print where a figure reaches its target, or that it does not.

    Parameters
    ----------
    found : BreakEven
        Answer.
    stream : TextIO
        Where to.
    """
    console, unit = screen(stream), amounts(found)
    place = f" under {found.scenario}" if found.scenario != "base" else ""
    console.print(Text(f"{found.case}{place}: where {found.condition.text}", style="bold"))
    for lever in found.levers:
        value = MISSING if lever.value != lever.value else f"{lever.value:.6g}"
        console.print(
            f"{lever.key} [{lever.unit}]: {value} here, searched from {lever.low:g} to {lever.high:g}", markup=False
        )
    here = spell(found.here.figure, unit)
    console.print(Text(f"{found.condition.metric} here: {here}\n"))
    if found.meetings:
        console.print(_table(found, unit))
    for sentence in _sentences(found, unit):
        console.print(Text(sentence))


def _table(found: BreakEven, unit: Scale | None) -> Table:
    title = "Frontier" if len(found.levers) > 1 else "Break-even"
    table = Table(title=Text(title, "bold"), title_justify="left", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for lever in found.levers:
        table.add_column(lever.key, justify="right", no_wrap=True)
    table.add_column(found.condition.metric, justify="right", no_wrap=True)
    table.add_column("")
    for meeting in found.meetings:
        ends = list(dict.fromkeys((meeting.before, meeting.after)))
        for number, end in enumerate(ends):
            note = _note(meeting, number) if len(ends) > 1 else ""
            table.add_row(*(f"{value:.6g}" for value in end.setting), spell(end.figure, unit), note)
    return table


def _note(meeting: Meeting, end: int) -> str:
    if meeting.kind == "band":
        return ("met from here", "to here")[end]
    return ("passes the target from here", "to here, without meeting it")[end]


def _sentences(found: BreakEven, unit: Scale | None) -> list[str]:
    """What a table cannot say: nothing found, levers that move nothing, figures that are missing."""
    told = [f"{key} moves nothing: {found.condition.metric} is the same over its whole range." for key in found.idle]
    if not found.meetings:
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
    return " and ".join(f"{value:.6g}" for value in point.setting)
