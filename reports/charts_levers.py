"""Charts of levers: a figure over one, the frontier of two, shocks, tornado and indices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assumptions import BreakEven
from reports.charts import save, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE, DOTS = (8.0, 5.0), 110
LINE, MARK, SHADE = "#0072b2", "#d55e00", ("#f6dccb", "#d6e6f2")
# A name may hold an underscore or a dollar sign, which are no formula.
OWN_SETTINGS = {"text.parse_math": False}


def draw_break_even(found: BreakEven, path: Path) -> None:
    """Draw a figure over its lever, or the frontier of two.

    Parameters
    ----------
    found : BreakEven
        Answer.
    path : pathlib.Path
        File, .png or .svg.
    """
    from matplotlib.figure import Figure

    with settings(OWN_SETTINGS):
        figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
        axes = figure.subplots()
        if len(found.levers) == 1:
            _draw_curve(axes, found)
        else:
            _draw_frontier(axes, found)
        place = f" under {found.scenario}" if found.scenario != "base" else ""
        axes.set_title(f"{found.case}{place}: where {found.condition.text}")
        save(figure, path)


def _draw_curve(axes: Axes, found: BreakEven) -> None:
    """The figure over its lever, what it is compared with, and where they meet."""
    lever = found.levers[0]
    places = [point.setting[0] for point in found.grid]
    axes.plot(places, [point.figure for point in found.grid], color=LINE, marker=".", label=found.condition.metric)
    axes.plot(places, [point.wanted for point in found.grid], color="0.4", linestyle="--", label=found.condition.target)
    ends = [end for each in found.meetings for end in (each.before, each.after)]
    axes.plot([end.setting[0] for end in ends], [end.figure for end in ends], "o", color=MARK, label="met or passed")
    axes.axvline(lever.value, color="0.6", linewidth=0.8, linestyle=":", label="the case")
    axes.set(xlabel=f"{lever.key} [{lever.unit}]", ylabel=found.condition.metric)
    axes.legend(frameon=False)


def _draw_frontier(axes: Axes, found: BreakEven) -> None:
    """Where the figure lies above and below its target, and the points at which it meets it."""
    first, second = found.levers
    across, up = (sorted({point.setting[axis] for point in found.grid}) for axis in (0, 1))
    above = {point.setting: point.excess for point in found.grid}
    cells = [[above[(x, y)] for x in across] for y in up]
    known = [cell for row in cells for cell in row if cell == cell]
    if known and min(known) < 0.0 < max(known):
        axes.contourf(across, up, cells, levels=[min(known), 0.0, max(known)], colors=SHADE)
    ends = [end for each in found.meetings for end in (each.before, each.after)]
    axes.plot([end.setting[0] for end in ends], [end.setting[1] for end in ends], "o", color=MARK, label="frontier")
    axes.plot(first.value, second.value, marker="P", color="black", linestyle="", markersize=9, label="the case")
    axes.set(xlabel=f"{first.key} [{first.unit}]", ylabel=f"{second.key} [{second.unit}]")
    axes.set(xlim=(first.low, first.high), ylim=(second.low, second.high))
    name, target = found.condition.metric, found.condition.target
    for colour, word in zip(SHADE, ("below", "above"), strict=True):
        axes.fill([], [], color=colour, label=f"{name} {word} {target}")
    axes.legend(frameon=True)
