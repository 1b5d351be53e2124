"""Sensitivities on screen and as tables: random assumptions one at a time, and shares of the variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.table import Table
from rich.text import Text

from assumptions import Case, Shares, Tornado, check_method, run_case, tornado, variance_shares
from reports import levers
from reports.charts_levers import draw_shares, draw_tornado
from reports.console import screen
from reports.display import unit_of
from reports.levers import bare, percent, spell
from reports.progress import steps
from reports.terminal import say_written

TORNADO_COLUMNS = ("key", "unit", "p10", "p50", "p90", "figure_at_p10", "figure_at_p90", "swing")
SHARE_COLUMNS = ("keys", "first", "first_low", "first_high", "total", "total_low", "total_high")
INDICES = (
    "First: share of the variance that goes if the assumption is known. Total: share that is left if all others are. "
    "Intervals at 95 % by bootstrap, which makes them too wide for quasi-random points; small ones may be negative."
)


@dataclass(frozen=True)
class Wanted:
    """Question for sensitivities, as typed.

    Attributes
    ----------
    of : str
        Figure.
    method : str
        ``tornado`` or ``sobol``.
    points, seed : int
        Points of each sample of ``sobol``, and what they are drawn from.
    out, chart : pathlib.Path or None
        Table and chart asked for.
    quiet : bool
        Whether nothing is to be said.
    """

    of: str
    method: str
    points: int
    seed: int
    out: Path | None = None
    chart: Path | None = None
    quiet: bool = False


def find(case: Case, scenario: str, overrides: Sequence[str], wanted: Wanted) -> Tornado | Shares:
    """Say what a figure hangs on.

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
    levers.check_files(wanted.out, wanted.chart)
    check_method(wanted.method, wanted.points, wanted.seed)
    with steps(1, wanted=not wanted.quiet) as progress:
        progress.begin("moving every random assumption")
        run = run_case(case, [scenario], overrides)
        if wanted.method == "tornado":
            return tornado(run, wanted.of, levers.reader(run))
        return variance_shares(run, wanted.of, levers.reader(run), points=wanted.points, seed=wanted.seed)


def show(found: Tornado | Shares, wanted: Wanted, stream: TextIO) -> None:
    """Write the files asked for, print the answer, and say what was written.

    Parameters
    ----------
    found : Tornado or Shares
        Answer.
    wanted : Wanted
        The question.
    stream : TextIO
        Where to print.
    """
    if isinstance(found, Tornado):
        written = levers.write_files(found, wanted.out, wanted.chart, _tornado_cells, draw_tornado)
    else:
        written = levers.write_files(found, wanted.out, wanted.chart, _share_cells, draw_shares)
    if not wanted.quiet:
        print_sensitivity(found, stream)
    say_written(written, quiet=wanted.quiet)


def _tornado_cells(found: Tornado) -> tuple[Sequence[str], list[list[object]]]:
    return TORNADO_COLUMNS, [
        [row.key, row.unit, row.low, row.median, row.high, row.figure_low, row.figure_high, row.swing]
        for row in found.rows
    ]


def _share_cells(found: Shares) -> tuple[Sequence[str], list[list[object]]]:
    return SHARE_COLUMNS, [[" ".join(row.keys), *row.first, *row.total] for row in found.rows]


def print_sensitivity(found: Tornado | Shares, stream: TextIO) -> None:
    """Print what a figure hangs on.

    Parameters
    ----------
    found : Tornado or Shares
        Answer.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    console.print(Text(f"{levers.place(found.case, found.scenario)}: what {found.name} hangs on", style="bold"))
    if isinstance(found, Tornado):
        unit = unit_of(found.name, (found.here, found.medians))
        medians = f"with every random assumption at its median: {spell(found.medians, unit)}"
        console.print(Text(f"{found.name} here: {spell(found.here, unit)}; {medians}\n"))
        console.print(_tornado_table(found))
    else:
        unit = unit_of(found.name, (found.here, found.mean, found.deviation))
        spread = f"over its random assumptions: mean {spell(found.mean, unit)}, standard deviation"
        console.print(Text(f"{found.name} here: {spell(found.here, unit)}; {spread} {spell(found.deviation, unit)}\n"))
        console.print(_share_table(found))
        console.print(Text(f"Alone they add up to {found.alone:.0%}; {found.evaluations:,} runs of the engine."))
        console.print(Text(INDICES))
    if found.idle:
        console.print(Text(f"Moves nothing by itself: {', '.join(found.idle)}."))
    for note in found.notes:
        console.print(Text(note))


def _tornado_table(found: Tornado) -> Table:
    unit = unit_of(found.name, [row.swing for row in found.rows] or [found.medians])
    name = f" ({unit.name})" if unit else ""
    table = levers.plain_table(
        f"Each at its 10th and 90th percentile, the others at their medians{name}",
        *("assumption", "P10", "P50", "P90", "at P10", "at P90", "swing"),
    )
    for row in found.rows:
        figures = (row.figure_low, row.figure_high, row.swing)
        places = (f"{place:.4g}" for place in (row.low, row.median, row.high))
        table.add_row(row.key, *places, *(bare(figure, unit) for figure in figures))
    return table


def _share_table(found: Shares) -> Table:
    table = levers.plain_table(
        f"Shares of the variance, {found.points} points", "assumption", "first", "interval", "total", "interval"
    )
    for row in found.rows:
        first, total = (f"{percent(low)} to {percent(high)}" for _, low, high in (row.first, row.total))
        table.add_row("\n".join(row.keys), percent(row.first[0]), first, percent(row.total[0]), total)
    return table
