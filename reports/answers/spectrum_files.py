"""Files and table of the spectrum: what was asked for, checked beforehand and written together."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from assumptions import SpectrumGrid, etched_case, handovers
from reports.answers.spectrum import check_out, print_spectrum, write_spectrum
from reports.charts.drawing import check_chart
from reports.charts.spectrum import draw_spectrum
from reports.files.streams import check_apart


def check_files(out: Path | None, chart: Path | None) -> None:
    """Refuse files that cannot be written or are one.

    Parameters
    ----------
    out, chart : Path, optional
        Table and chart asked for.
    """
    check_out(out)
    check_chart(chart)
    check_apart(out, chart)


def write_files(grid: SpectrumGrid, out: Path | None, chart: Path | None) -> list[Path]:
    """Write what was asked for.

    Parameters
    ----------
    grid : SpectrumGrid
        The spectrum, evaluated.
    out, chart : Path, optional
        Table and chart asked for.
    """
    if out is not None:
        write_spectrum(grid, out)
    if chart is not None:
        draw_spectrum(grid, chart)
    return [path for path in (out, chart) if path is not None]


def print_answer(grid: SpectrumGrid, stream: TextIO) -> None:
    """Print the costs, where the cheapest class changes, and when etched weights pay.

    Parameters
    ----------
    grid : SpectrumGrid
        The spectrum, evaluated.
    stream : TextIO
        Where to.
    """
    changes = [change for years in grid.horizons for change in handovers(grid.spectrum, years)]
    print_spectrum(grid, changes, etched_case(grid), stream)
