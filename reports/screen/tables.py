"""The dress of the tables on a terminal, one for all."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text


def titled(title: str = "", *, gap: int = 2) -> Table:
    """A table without lines: its title bold, its headings dim, what explains it below on the left.

    Parameters
    ----------
    title : str
        What it shows; none if empty.
    gap : int
        Blanks between columns.
    """
    return Table(
        title=Text(title, "bold") if title else None,
        title_justify="left",
        caption_justify="left",
        box=None,
        padding=(0, gap, 0, 0),
        header_style="dim",
    )
