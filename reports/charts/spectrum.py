"""The spectrum drawn: cost against churn, cost against what strands a class, and the map of winners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assumptions import SpectrumGrid, even_steps, spectrum_grid
from reports.charts.drawing import save, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "cpu": "#7f7f7f",
    "gpu": "#009e73",
    "tpu": "#0072b2",
    "fpga": "#e69f00",
    "asic": "#cc79a7",
    "transformer_asic": "#d55e00",
    "etched": "#5b2a6e",
}
CHURN_SPAN, HORIZON_SPAN = (0.05, 20.0), (0.5, 8.0)
POINTS = 60
LABELLED = 120
"""Points of the map that a class must hold for its name to fit in."""
LEAST_SHARE = 0.02
"""Share below which the axis is even, so that nothing at all has a place."""
SHARES, YEARS = (0, 0.05, 0.1, 0.2, 0.5, 1), (0.5, 1, 2, 4, 8)
CHURN_LABEL, COST_LABEL = "new weights a year", "USD per million tokens"
SIZE, DOTS = (13.5, 5.2), 150


def draw_spectrum(grid: SpectrumGrid, path: Path) -> None:
    """Draw the spectrum.

    Parameters
    ----------
    grid : SpectrumGrid
        The spectrum, evaluated; the chart shows the place of its table of costs.
    path : pathlib.Path
        File, .png or .svg.
    """
    from matplotlib.figure import Figure

    with settings():
        figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
        lines, points, winners = figure.subplots(1, 3)
        _draw_lines(lines, grid)
        _draw_points(points, grid)
        _draw_winners(winners, grid)
        workload = grid.spectrum.workload
        title = f"Cost of a token from CPU to etched weights: {workload.model}, {workload.conditions}"
        figure.suptitle(title, x=0.005, ha="left")
        figure.legend(*lines.get_legend_handles_labels(), loc="outside lower center", ncols=len(COLOURS), frameon=False)
        save(figure, path)


def _draw_lines(axes: Axes, grid: SpectrumGrid) -> None:
    """Cost against churn, one line a class, at the horizon of the table of costs."""
    fine = spectrum_grid(grid.spectrum, even_steps(*CHURN_SPAN, POINTS), [grid.place[1]])
    for key, entry in grid.spectrum.classes.items():
        costs = [row.cost for row in fine.rows if row.key == key]
        axes.plot(fine.churn, costs, color=COLOURS[key], linewidth=2.0, label=entry.title)
    axes.axvline(grid.place[0], color="0.6", linewidth=0.8, linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel=CHURN_LABEL, ylabel=COST_LABEL, xlim=CHURN_SPAN)
    axes.set_title(f"Cost by churn, horizon {grid.place[1]:g} years")
    _plain_ticks(axes)


def _draw_points(axes: Axes, grid: SpectrumGrid) -> None:
    """Cost against the share of changes that strand a class, with the span of the class's own numbers."""
    for row in grid.table:
        colour = COLOURS[row.key]
        axes.vlines(row.stranded_share, row.cost_at_best, row.cost_at_worst, color=colour, alpha=0.35, linewidth=5)
        axes.plot(row.stranded_share, row.cost, marker="o" if row.on_frontier else "x", color=colour, markersize=8)
    axes.set_xscale("symlog", linthresh=LEAST_SHARE)
    axes.set(yscale="log", xlabel="share of changes that strands it (0: absorbs all)", ylabel=COST_LABEL)
    axes.set_xlim(-LEAST_SHARE / 4, 1.6)
    axes.set_title(f"Cost and span at {grid.place[0]:g} a year (dot: frontier)")
    _plain_ticks(axes)
    axes.set_xticks(SHARES, [f"{share:g}" for share in SHARES])
    axes.set_xticks([], minor=True)


def _draw_winners(axes: Axes, grid: SpectrumGrid) -> None:
    """The cheapest class by churn and horizon, each region under its name."""
    from matplotlib.colors import ListedColormap

    spectrum = grid.spectrum
    rates, years = even_steps(*CHURN_SPAN, POINTS), even_steps(*HORIZON_SPAN, POINTS)
    fine = spectrum_grid(spectrum, rates, years)
    wins = [row for row in fine.rows if row.wins]
    numbers = {key: number for number, key in enumerate(spectrum.classes)}
    at = {(row.churn_per_year, row.horizon_years): numbers[row.key] for row in wins}
    cells = [[at[rate, year] for rate in rates] for year in years]
    colours = ListedColormap([COLOURS[key] for key in spectrum.classes])
    axes.pcolormesh(rates, years, cells, cmap=colours, vmin=-0.5, vmax=len(numbers) - 0.5, alpha=0.8, rasterized=True)
    for key, entry in spectrum.classes.items():
        held = sorted((row.horizon_years, row.churn_per_year) for row in wins if row.key == key)
        if len(held) >= LABELLED:
            year = held[len(held) // 2][0]
            row_of = [rate for horizon, rate in held if horizon == year]
            axes.text(
                row_of[len(row_of) // 2], year, entry.title.replace(" ", "\n"), ha="center", va="center", color="w"
            )
    axes.plot(*grid.place, marker="P", color="white", markeredgecolor="black", markersize=8)
    axes.set(xscale="log", yscale="log", xlabel=CHURN_LABEL, ylabel="horizon, years")
    axes.set_title("Cheapest class (cross: the point of the table)")
    _plain_ticks(axes)
    axes.set_yticks(YEARS, [f"{year:g}" for year in YEARS])
    axes.minorticks_off()


def _plain_ticks(axes: Axes) -> None:
    """Numbers at the ticks as they are said, not as powers of ten."""
    from matplotlib.ticker import FuncFormatter

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
