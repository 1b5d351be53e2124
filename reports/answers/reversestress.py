"""Reverse stress on screen and as a table: the shocks that break a limit, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.table import Table
from rich.text import Text

from assumptions import CaseRun, ReverseStress, reverse_stress
from assumptions.levers.levers import Read
from reports.answers import levers
from reports.answers.levers import Asked, Question
from reports.charts.levers import draw_shocks
from reports.record.display import named, percent, spell, unit_of
from reports.screen.console import screen
from reports.screen.tables import plain_table

COLUMNS = ("key", "unit", "in_the_case", "at_the_point", "standard_units", "percentile", "share_of_squared_distance")
LEAST = 0.005
"""Share of the squared distance below which a shock is left off the screen."""
FIRST_ORDER = (
    "First order: the probability that a limit which is a straight line at this distance is broken. A limit that bends "
    "has another; `sensitivity` and risk runs say how the figure is spread."
)


def answer(asked: Asked, limit: str, within: float, stream: TextIO) -> None:
    """Find the most likely combination of shocks that breaks a limit.

    Parameters
    ----------
    asked : Asked
        What it is asked of.
    limit : str
        Condition that is not to come true, as typed.
    within : float
        Standard units searched.
    stream : TextIO
        Where to print.
    """

    def find(run: CaseRun, read: Read) -> ReverseStress:
        return reverse_stress(run, limit, read, within)

    task = "looking for the nearest shocks"
    levers.answer(asked, Question(task, find, print_reverse_stress, _cells, draw_shocks), stream)


def _cells(found: ReverseStress) -> tuple[Sequence[str], list[list[object]]]:
    return COLUMNS, [
        [shock.key, shock.unit, shock.given, shock.value, shock.units, shock.percentile, shock.share]
        for shock in found.shocks
    ]


def print_reverse_stress(found: ReverseStress, stream: TextIO) -> None:
    """Print the shocks that break a limit, or that none within reach do.

    Parameters
    ----------
    found : ReverseStress
        Answer.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    metric, unit = found.condition.metric, unit_of(found.condition.metric, (found.here, found.medians))
    console.print(Text(f"{named(found.case, found.scenario)}: what breaks {found.condition.text}", style="bold"))
    figures = [f"{metric} here: {spell(found.here, unit)}"]
    figures.append(f"with every random assumption at its median: {spell(found.medians, unit)}")
    if found.shocks:
        figures.append(f"at the point below: {spell(found.figure, unit)}")
    console.print(Text("; ".join(figures)))
    for sentence in _sentences(found):
        console.print(Text(sentence))
    if found.shocks:
        console.print(Text())
        console.print(_table(found))
    for note in _notes(found):
        console.print(Text(note))


def _sentences(found: ReverseStress) -> list[str]:
    if not found.shocks:
        return [f"{'Broken' if found.from_broken else 'Not broken'}, and no random assumption moves it."]
    within, runs = f"within {found.reach:g} standard units", f"as far as {found.evaluations} runs show"
    nearest = "the point is where the figure came nearest"
    if found.from_broken and not found.crossed:
        return [f"Broken with every assumption at its median, and nothing {within} keeps the limit, {runs}; {nearest}."]
    if not found.crossed:
        return [f"No combination {within} breaks it, {runs}; {nearest}."]
    distance = f"lies {abs(found.distance):.2f} standard units away"
    if found.from_broken:
        return [f"Broken with every assumption at its median: the nearest point that keeps the limit {distance}."]
    return [f"The most likely combination {distance}; probability {found.probability:.2%}. {FIRST_ORDER}"]


def _table(found: ReverseStress) -> Table:
    headings = ("assumption", "here", "at the point", "standard\nunits", "percentile", "share")
    table = plain_table("Shocks, and their shares of the squared distance", *headings)
    for shock in found.shocks:
        if abs(shock.share) >= LEAST:
            table.add_row(
                shock.key,
                f"{shock.given:.4g}",
                f"{shock.value:.4g}",
                f"{shock.units:+.2f}",
                percent(shock.percentile),
                percent(shock.share),
            )
    return table


def _notes(found: ReverseStress) -> list[str]:
    told = list(found.notes)
    small = [shock.key for shock in found.shocks if abs(shock.share) < LEAST and shock.key not in found.idle]
    if small:
        told.append(f"Less than {LEAST:.1%} of the squared distance each: {', '.join(small)}.")
    if found.idle:
        told.append(f"Moves nothing here: {', '.join(found.idle)}.")
    if found.others:
        told.append(
            f"Reached elsewhere too: {', '.join(f'{other:.2f}' for other in found.others)} standard units away."
        )
    return told
