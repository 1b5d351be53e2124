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


def plain_table(title: str, *columns: str, left: int = 1, folds: bool = False) -> Table:
    """A table whose first columns hold words, which may take several lines, and the others numbers.

    Parameters
    ----------
    title : str
        What it shows.
    *columns : str
        Headings.
    left : int
        Columns of words.
    folds : bool
        Whether numbers may take several lines too.
    """
    table = titled(title, gap=1)
    for number, heading in enumerate(columns):
        words = number < left
        wraps = words or folds
        table.add_column(heading, justify="left" if words else "right", no_wrap=not wraps, overflow="fold")
    return table
