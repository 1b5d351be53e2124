"""What all charts share: their style, the endings they may have, and how they are written."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.files.streams import StreamError, check_path, whole_file
from reports.record.display import Scale, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
SETTINGS: Any = {
    "svg.hashsalt": "obsolesce",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
}
# Files of equal figures are equal to the byte: nothing in them tells when or by what they were written.
METADATA: dict[str, dict[str, Any]] = {".png": {"Software": None}, ".svg": {"Date": None, "Creator": None}}


def check_chart(path: Path | None, otherwise: str = "the screen and --out") -> None:
    """Refuse a chart that could not be drawn.

    Parameters
    ----------
    path : pathlib.Path, optional
        File asked for.
    otherwise : str
        What there is without the optional package.

    Raises
    ------
    StreamError
        If the ending is unknown, the folder cannot be written, or the optional package is missing.
    """
    if path is None:
        return
    check_path(path, (), SUFFIXES)
    try:
        importlib.import_module("matplotlib.figure")
    except ImportError:
        raise StreamError(
            f"{path}: a chart needs the optional package matplotlib; allowed without it are {otherwise}; "
            "install obsolesce[charts]"
        ) from None


def has_charts() -> bool:
    """Whether the optional package that draws is there."""
    return importlib.util.find_spec("matplotlib") is not None


def settings(others: Mapping[str, Any] | None = None) -> AbstractContextManager[None]:
    """The style of all charts, for the time of one drawing.

    Parameters
    ----------
    others : mapping, optional
        Settings of one chart beside it.
    """
    from matplotlib import rc_context

    wanted: Any = {**SETTINGS, **(others or {})}
    return rc_context(wanted)


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn.
    path : pathlib.Path
        File, .png or .svg.
    """
    kind = path.suffix.lower()
    with whole_file(path) as fresh:
        figure.savefig(fresh, format=kind.removeprefix("."), metadata=METADATA[kind])


def legend(axes: Axes) -> None:
    """Names of all that is drawn, below it."""
    handles, labels = axes.get_legend_handles_labels()
    figure: Any = axes.figure
    figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False, handlelength=4.0, fontsize=8)


def unit_of_axis(axis: Any, amounts: Iterable[float]) -> Scale:  # noqa: ANN401 - the library does not export its type
    """Have an axis tell its amounts in the unit that suits the largest.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        Axis of amounts.
    amounts : iterable of float
        What is drawn on it.
    """
    from matplotlib.ticker import FuncFormatter

    unit = scale(amounts)

    def told(usd: float, _: object) -> str:
        return f"{Decimal(f'{usd:.9g}').scaleb(-unit.shift).normalize():,f}"

    axis.set_major_formatter(FuncFormatter(told))
    return unit
