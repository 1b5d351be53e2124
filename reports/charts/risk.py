"""Fan charts of a risk run: value in exchange against the books, rents, and the chance of impairment."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.charts.drawing import legend, save, settings, unit_of_axis
from reports.record.risk import PERCENTILES, RiskReport
from valuation.paths.risk_figures import Distribution
from valuation.paths.risk_summary import CARRYING, RENT, VALUE, RiskSummary

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from matplotlib.axes import Axes

SIZE, DOTS = (10.0, 5.4), 100
PANELS: Any = [["value", "rent"], ["value", "impaired"]]
WIDTHS = (1.7, 1.0)
HEADING_LETTERS = 95
BANDS = ((0, 4, "#c6dbef", "5 % to 95 % of the paths"), (1, 3, "#6baed6", "25 % to 75 %"))
"""Places of the percentiles between which a band lies, its colour and its name."""
MEDIAN = PERCENTILES.index("p50")
BOOKS = "#d55e00"
HEADING: Any = {"fontsize": 11, "fontweight": "bold"}


def draw_fan(found: RiskReport, case: int, path: Path) -> None:
    """Draw what the paths of one scenario come to by year.

    Parameters
    ----------
    found : RiskReport
        The run.
    case : int
        Which scenario.
    path : pathlib.Path
        File, .png or .svg.
    """
    from matplotlib.figure import Figure

    report, summary = found.report, found.run.summaries[case]
    with settings({"text.parse_math": False}):
        figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
        axes = figure.subplot_mosaic(PANELS, width_ratios=WIDTHS)
        _draw_value(axes["value"], found, summary)
        _draw_rent(axes["rent"], found, summary)
        _draw_impaired(axes["impaired"], found, summary)
        asked = found.run.sampling
        drawn = f"{found.run.paths:,} paths ({asked.sampler}, seed {asked.seed}) as of {report.as_of.isoformat()}"
        heading = f"{report.title}, {report.scenarios[case].title}: {drawn}"
        figure.suptitle(textwrap.fill(heading, HEADING_LETTERS), x=0.01, ha="left", **HEADING)
        legend(axes["value"])
        save(figure, path)


def _draw_value(axes: Axes, found: RiskReport, summary: RiskSummary) -> None:
    days = _days(found, summary)
    _fan(axes, days, summary.by_year[VALUE], "value in exchange, median")
    books = summary.by_year[CARRYING].mean.estimate.value.tolist()[: len(days)]
    title = found.report.ledger_title(found.ledger)
    axes.plot(days, books, color=BOOKS, linestyle="--", linewidth=1.6, marker="o", markersize=3, label=f"{title}, mean")
    top = summary.by_year[VALUE].percentiles.estimate.value.max()
    unit = unit_of_axis(axes.yaxis, [float(top), *books])
    axes.set(ylabel=unit.name, title="Value in exchange against the books")
    axes.set_ylim(bottom=0.0)


def _draw_rent(axes: Axes, found: RiskReport, summary: RiskSummary) -> None:
    _fan(axes, _days(found, summary), summary.by_year[RENT], "_rent")
    axes.set(ylabel="USD an hour", title="Rent")
    axes.set_ylim(bottom=0.0)


def _draw_impaired(axes: Axes, found: RiskReport, summary: RiskSummary) -> None:
    """Share of the paths whose books stand above what is recoverable, then and by then."""
    days = _days(found, summary)
    parts = ((summary.impaired, "then", "-", -11), (summary.impaired_by, "by then", ":", 4))
    axes.xaxis_date()
    for part, name, style, off in parts:
        value, _, low, high = (array.tolist()[: len(days)] for array in part.parts())
        axes.fill_between(days, low, high, color="0.85", linewidth=0.0)
        axes.plot(days, value, color="black", linestyle=style, linewidth=1.3)
        most = value.index(max(value))
        axes.annotate(name, (days[most], value[most]), (0, off), textcoords="offset points", fontsize=8, ha="center")
    axes.set(ylabel="share of the paths", title="Books above what is recoverable", xlabel="grey: 95 % interval")
    axes.set_ylim(0.0, 1.1)


def _days(found: RiskReport, summary: RiskSummary) -> list[float]:
    """Days of the fiscal year-ends shown, as the library counts them."""
    from matplotlib import dates

    number_of: Callable[[date], float] = dates.date2num
    return [float(number_of(day)) for day in found.days_shown(summary)]


def _fan(axes: Axes, days: list[float], spread: Distribution, name: str) -> None:
    axes.xaxis_date()
    levels = [row.tolist()[: len(days)] for row in spread.percentiles.estimate.value]
    for low, high, colour, label in BANDS:
        shown = label if not name.startswith("_") else f"_{label}"
        axes.fill_between(days, levels[low], levels[high], color=colour, linewidth=0.0, label=shown)
    axes.plot(days, levels[MEDIAN], color="#08306b", linewidth=1.6, label=name)
