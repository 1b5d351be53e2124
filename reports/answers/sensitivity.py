"""Sensitivities on screen and as tables: random assumptions one at a time, and shares of the variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assumptions import CaseRun, Shares, Tornado, check_method, tornado, variance_shares
from assumptions.levers.levers import Read
from reports.answers import levers
from reports.answers.levers import Asked, Question
from reports.charts.levers import draw_shares, draw_tornado
from reports.record.display import bare, named, percent, spell, unit_of
from reports.screen.console import screen
from reports.screen.tables import plain_table

TASK = "moving every random assumption"
TORNADO_COLUMNS = ("key", "unit", "p10", "p50", "p90", "figure_at_p10", "figure_at_p90", "swing")
SHARE_COLUMNS = ("keys", "first", "first_low", "first_high", "total", "total_low", "total_high")
INDICES = (
    "First: share of the variance that goes if the assumption is known. Total: share that is left if all others are. "
    "Intervals at 95 % by bootstrap, which makes them too wide for quasi-random points; small ones may be negative."
)


class Drawn(NamedTuple):
    """How many points are drawn, and from which seed."""

    points: int
    seed: int


def answer(asked: Asked, of: str, method: str, drawn: Drawn, stream: TextIO) -> None:
    """Say what a figure hangs on.

    Parameters
    ----------
    asked : Asked
        What it is asked of.
    of : str
        Figure.
    method : str
        ``tornado`` or ``sobol``.
    drawn : Drawn
        Points of each sample of ``sobol``.
    stream : TextIO
        Where to print.
    """
    check_method(method, *drawn)

    def shares(run: CaseRun, read: Read) -> Shares:
        return variance_shares(run, of, read, points=drawn.points, seed=drawn.seed)

    def ends(run: CaseRun, read: Read) -> Tornado:
        return tornado(run, of, read)

    if method == "tornado":
        levers.answer(asked, Question(TASK, ends, print_tornado, _tornado_cells, draw_tornado), stream)
    else:
        levers.answer(asked, Question(TASK, shares, print_shares, _share_cells, draw_shares), stream)


def _tornado_cells(found: Tornado) -> tuple[Sequence[str], list[list[object]]]:
    return TORNADO_COLUMNS, [
        [row.key, row.unit, row.low, row.median, row.high, row.figure_low, row.figure_high, row.swing]
        for row in found.rows
    ]


def _share_cells(found: Shares) -> tuple[Sequence[str], list[list[object]]]:
    return SHARE_COLUMNS, [[" ".join(row.keys), *row.first, *row.total] for row in found.rows]


def print_tornado(found: Tornado, stream: TextIO) -> None:
    """Print a figure at both ends of what is likely of each assumption.

    Parameters
    ----------
    found : Tornado
        Answer.
    stream : TextIO
        Where to.
    """
    console, unit = screen(stream), unit_of(found.name, (found.here, found.medians))
    medians = f"with every random assumption at its median: {spell(found.medians, unit)}"
    console.print(_title(found))
    console.print(Text(f"{found.name} here: {spell(found.here, unit)}; {medians}\n"))
    if found.rows:
        console.print(_tornado_table(found))
    _print_notes(found, console)


def print_shares(found: Shares, stream: TextIO) -> None:
    """Print the shares of the variance of a figure.

    Parameters
    ----------
    found : Shares
        Answer.
    stream : TextIO
        Where to.
    """
    console, unit = screen(stream), unit_of(found.name, (found.here, found.mean, found.deviation))
    spread = f"over its random assumptions: mean {spell(found.mean, unit)}, standard deviation"
    console.print(_title(found))
    console.print(Text(f"{found.name} here: {spell(found.here, unit)}; {spread} {spell(found.deviation, unit)}\n"))
    console.print(_share_table(found))
    console.print(Text(f"Alone they add up to {found.alone:.0%}; {found.evaluations:,} runs of the engine."))
    console.print(Text(INDICES))
    _print_notes(found, console)


def _title(found: Tornado | Shares) -> Text:
    return Text(f"{named(found.case, found.scenario)}: what {found.name} hangs on", style="bold")


def _print_notes(found: Tornado | Shares, console: Console) -> None:
    """What moves nothing, and what else a reader must know."""
    if found.idle:
        console.print(Text(f"Moves nothing by itself: {', '.join(found.idle)}."))
    for note in found.notes:
        console.print(Text(note))


def _tornado_table(found: Tornado) -> Table:
    unit = unit_of(found.name, [row.swing for row in found.rows] or [found.medians])
    name = f" ({unit.name})" if unit else ""
    table = plain_table(
        f"Each at its 10th and 90th percentile, the others at their medians{name}",
        *("assumption", "P10", "P50", "P90", "at P10", "at P90", "swing"),
    )
    for row in found.rows:
        figures = (row.figure_low, row.figure_high, row.swing)
        places = (f"{place:.4g}" for place in (row.low, row.median, row.high))
        table.add_row(row.key, *places, *(bare(figure, unit) for figure in figures))
    return table


def _share_table(found: Shares) -> Table:
    table = plain_table(
        f"Shares of the variance, {found.points} points", "assumption", "first", "interval", "total", "interval"
    )
    for row in found.rows:
        first, total = (f"{percent(low)} to {percent(high)}" for _, low, high in (row.first, row.total))
        table.add_row("\n".join(row.keys), percent(row.first[0]), first, percent(row.total[0]), total)
    return table
