"""What lies between two cases, as a table on screen and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from rich.text import Text

from assumptions import CaseDifference, DifferenceRow
from reports.files.csvsafe import write_rows
from reports.files.streams import StreamError, check_path
from reports.record.display import scale
from reports.screen.console import screen
from reports.screen.tables import titled
from valuation.errors import refusal

COLUMNS = ("level", "group", "part", "first", "second")
HEADINGS = {"economic_value_usd": "economic value", "npv_usd": "NPV"}
SUFFIX = ".csv"


def check_difference_path(path: Path) -> None:
    """Refuse a file that is no CSV or cannot be written."""
    if path.suffix.lower() != SUFFIX:
        raise StreamError(refusal(str(path), "unknown kind of file", SUFFIX, "change the ending"))
    check_path(path, ())


def write_difference(found: CaseDifference, path: Path) -> None:
    """Write every row, amounts in full precision."""
    rows = ([row.level, row.group, row.part, row.first, row.second, *row.amounts] for row in found.rows)
    write_rows(path, [*COLUMNS, *found.measures], rows)


def print_difference(found: CaseDifference, stream: TextIO) -> None:
    """Print both cases and the parts between them.

    Parameters
    ----------
    found : CaseDifference
        Of two cases.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    place = f"under {found.scenario}" if found.scenario else "in the base"
    heading = f"From {found.first} to {found.second}, {place}"
    if not found.differs:
        console.print(Text(f"{heading}: no assumption differs."))
        return
    unit = scale(amount for row in found.rows for amount in row.amounts)
    table = titled(f"{heading} ({unit.name})")
    table.add_column("", overflow="fold")
    table.add_column("first", overflow="fold")
    table.add_column("second", overflow="fold")
    for measure in found.measures:
        heading = HEADINGS.get(measure, measure.removesuffix("_usd").replace("_", " "))
        table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for row in found.rows:
        spell = unit.amount if row.level == "total" else unit.signed
        amounts = (Text(spell(amount), "red" if amount < 0 else "") for amount in row.amounts)
        table.add_row(_label(row), row.first, row.second, *amounts, style="" if row.level == "part" else "bold")
    console.print(table)
    console.print(Text("Parts are Owen values: they do not hang on the order in which assumptions are changed."))


def _label(row: DifferenceRow) -> Text:
    return Text(f"  {row.part}" if row.level == "part" else row.part)
