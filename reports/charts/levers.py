"""Charts of levers: a figure over one, the frontier of two, shocks, tornado and indices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assumptions import BreakEven, ReverseStress, Shares, Tornado
from reports.charts.drawing import save, settings
from reports.record.display import named, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

SIZE, DOTS = (9.0, 5.0), 110
ROW, MARGIN = 0.3, 1.2
"""Height of a bar and of what stands around the bars, inches."""
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
        axes.set_title(f"{named(found.case, found.scenario)}: where {found.condition.text}")
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
    axes.set_xlabel(f"{lever.key} [{lever.unit}]")
    _money(axes.yaxis, found.condition.metric, [point.figure for point in found.grid])
    axes.legend(frameon=False)


def _draw_frontier(axes: Axes, found: BreakEven) -> None:
    """Where the figure lies above and below its target, and the points at which it meets it."""
    first, second = found.levers
    across, up = (sorted({point.setting[axis] for point in found.grid}) for axis in (0, 1))
    above = {point.setting: point.excess for point in found.grid}
    cells = [[above[(x, y)] for x in across] for y in up]
    known = [cell for row in cells for cell in row if not math.isnan(cell)]
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


def draw_shocks(found: ReverseStress, path: Path) -> None:
    """Draw the shocks at the point where a limit breaks, in standard units.

    Parameters
    ----------
    found : ReverseStress
        Answer.
    path : pathlib.Path
        File, .png or .svg.
    """
    shown = [shock for shock in found.shocks if shock.key not in found.idle][::-1]
    with settings(OWN_SETTINGS):
        figure, axes = _bars([shock.key for shock in shown])
        places = range(len(shown))
        colours = [MARK if shock.units < 0.0 else LINE for shock in shown]
        axes.barh(places, [shock.units for shock in shown], color=colours)
        for place, shock in zip(places, shown, strict=True):
            text = f" {shock.value:.4g} (here {shock.given:.4g}) "
            axes.annotate(text, (shock.units, place), va="center", ha="left" if shock.units >= 0.0 else "right")
        axes.margins(x=0.5)
        axes.axvline(0.0, color="0.3", linewidth=0.8)
        axes.set_xlabel("standard units from the median")
        told = (
            f"{abs(found.distance):.2f} standard units away" if found.crossed else f"not within {found.reach:g} units"
        )
        axes.set_title(f"{named(found.case, found.scenario)}: what breaks {found.condition.text} ({told})")
        save(figure, path)


def draw_tornado(found: Tornado, path: Path) -> None:
    """Draw the figure at both ends of what is likely of each assumption.

    Parameters
    ----------
    found : Tornado
        Answer.
    path : pathlib.Path
        File, .png or .svg.
    """
    rows = found.rows[::-1]
    with settings(OWN_SETTINGS):
        figure, axes = _bars([row.key for row in rows])
        places = range(len(rows))
        for colour, hatch, label, ends in (
            (MARK, "////", "at P10", [row.figure_low for row in rows]),
            (LINE, "", "at P90", [row.figure_high for row in rows]),
        ):
            widths = [end - found.medians for end in ends]
            axes.barh(places, widths, left=found.medians, color=colour, hatch=hatch, edgecolor="white", label=label)
        axes.axvline(found.medians, color="0.3", linewidth=0.8)
        axes.axvline(found.here, color="0.3", linewidth=0.8, linestyle=":", label="the case")
        _money(axes.xaxis, found.name, [row.swing for row in rows])
        axes.set_title(f"{named(found.case, found.scenario)}: each at its 10th and 90th percentile, others at medians")
        axes.legend(frameon=False, loc="lower right")
        save(figure, path)


def draw_shares(found: Shares, path: Path) -> None:
    """Draw first and total indices with their intervals.

    Parameters
    ----------
    found : Shares
        Answer.
    path : pathlib.Path
        File, .png or .svg.
    """
    rows = found.rows[::-1]
    with settings(OWN_SETTINGS):
        figure, axes = _bars(["\n".join(row.keys) for row in rows])
        for colour, marker, label, shift, indices in (
            (LINE, "o", "total: left if all others are known", 0.15, [row.total for row in rows]),
            (MARK, "s", "first: gone if it is known", -0.15, [row.first for row in rows]),
        ):
            places = [place + shift for place in range(len(rows))]
            axes.hlines(places, [low for _, low, _ in indices], [high for _, _, high in indices], color=colour)
            axes.plot([share for share, _, _ in indices], places, marker, color=colour, label=label)
        axes.axvline(0.0, color="0.3", linewidth=0.8)
        axes.set_xlabel(f"share of the variance of {found.name}")
        axes.set_title(f"{named(found.case, found.scenario)}: shares of the variance, 95 % intervals")
        axes.legend(frameon=False, loc="lower right")
        save(figure, path)


def _bars(names: Sequence[str]) -> tuple[Figure, Axes]:
    """A chart with a row for each name."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE[0], MARGIN + ROW * max(len(names), 1)), dpi=DOTS, layout="constrained")
    axes = figure.subplots()
    axes.set_yticks(range(len(names)), names)
    return figure, axes


def _money(axis: Axis, name: str, figures: Sequence[float]) -> None:
    """Name an axis of a figure, amounts of money in a unit that suits them."""
    from matplotlib.ticker import FuncFormatter

    unit = unit_of(name, figures)
    axis.set_label_text(f"{name} [{unit.name}]" if unit else name)
    if unit:
        axis.set_major_formatter(FuncFormatter(lambda amount, _: unit.amount(amount)))
