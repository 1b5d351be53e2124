"""Depreciation schedules of a register: rows, a table for the terminal, files of totals and of single assets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from assumptions import AssetRows, Question, Register, RegisterRun, run_register
from reports.excel.sheets.schedule import write_schedule
from reports.files.streams import Row, check_apart, check_path, open_stream
from reports.record.display import BILLION, EXACT, MILLION, MISSING, Scale
from reports.screen.console import screen
from reports.screen.progress import counted
from valuation.books.register import MEASURES

AMOUNTS = tuple(f"{name}_usd" for name in MEASURES)
TOTAL_COLUMNS = ("book", "asset_class", "period", "period_end", *AMOUNTS)
DETAIL_COLUMNS = ("asset", *TOTAL_COLUMNS)
CARRIED = "carrying_amount_usd"
BALANCES = ("opening", "closing")
SHOWN = ("opening", "additions", "depreciation", "written_down", "disposals", "closing", "proceeds", "gain")
ALWAYS = ("opening", "additions", "depreciation", "closing")
HEADINGS = {"written_down": "written\ndown", "gain": "gain or\nloss"}
# Units from the most exact on, with the amount from which a unit has more digits than anybody reads.
UNITS = (
    (1e8, EXACT),
    (1e11, Scale("USD, without cents", 0, 0)),
    (1e15, Scale("USD thousand", 3, 0)),
    (float("inf"), Scale("USD m", MILLION, 1)),
    (float("inf"), Scale("USD bn", BILLION, 2)),
)
GAPS = (2, 1)
WIDEST = 1_000
"""Columns in which any table fits."""


def check_files(out: Path | None, detail: Path | None, sources: Iterable[Path | None]) -> None:
    """Refuse files that cannot be written, are one, or would take the place of an input.

    Parameters
    ----------
    out, detail : Path, optional
        Totals and single assets asked for.
    sources : iterable of Path
        Inputs.
    """
    inputs = tuple(sources)
    for path in (out, detail):
        if path is not None:
            check_path(path, inputs)
    check_apart(out, detail)


def total_rows(run: RegisterRun) -> Iterator[Row]:
    """Rows of the totals by book, class and span, spans in which nothing is held left out.

    Parameters
    ----------
    run : RegisterRun
        The run.
    """
    for number, (book, asset_class) in enumerate(run.groups):
        for place, (label, end) in enumerate(zip(run.spans.labels, run.spans.ends, strict=True)):
            amounts = [float(run.sums[name][place, number]) for name in MEASURES]
            if any(amounts):
                yield (book, asset_class, label, end, *amounts)


def detail_rows(found: AssetRows) -> Iterator[Row]:
    """Rows of single assets, spans in which nothing is held left out.

    Parameters
    ----------
    found : AssetRows
        Assets of a block.
    """
    columns = [found.sums[name].T.tolist() for name in MEASURES]
    for number, asset in enumerate(found.assets):
        by_span = zip(found.spans.labels, found.spans.ends, *(column[number] for column in columns), strict=True)
        for label, end, *amounts in by_span:
            if any(amounts):
                yield (asset.asset, asset.book, asset.asset_class, label, end, *amounts)


def print_schedule(run: RegisterRun, stream: TextIO) -> None:
    """Print the totals of each book, and the carrying amount at the asked date.

    Parameters
    ----------
    run : RegisterRun
        The run.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    for number, group in enumerate(run.groups):
        if number:
            console.print()
        console.print(schedule_table(run, number, console.width))
        if run.as_of:
            amount = EXACT.amount(float(run.carried[number]))
            console.print(Text(f"carrying amount on {run.as_of}, {_name(group)}: {amount} USD"))


def schedule_table(run: RegisterRun, number: int, width: int) -> Table:
    """Table of a book and class: as exact as the width allows, columns without an amount left out.

    Parameters
    ----------
    run : RegisterRun
        The run.
    number : int
        Place of the book and class.
    width : int
        Columns of the terminal.
    """
    moved = tuple(name for name in SHOWN if name in ALWAYS or run.sums[name][:, number].any())
    largest = max(abs(float(amount)) for name in moved for amount in run.sums[name][:, number])
    units = [unit for below, unit in UNITS if largest < below]
    shorter = tuple(name for name in moved if name != "opening")
    found = [_table(run, number, *form) for form in product((moved, shorter), units, GAPS)]
    wide = Console(width=WIDEST)
    return next((table for table in found if Measurement.get(wide, wide.options, table).maximum <= width), found[-1])


def _table(run: RegisterRun, number: int, shown: Sequence[str], unit: Scale, gap: int) -> Table:
    table = Table(
        title=Text(f"{run.register.name}, {_name(run.groups[number])}, {unit.name}", "bold"),
        title_justify="left",
        box=None,
        padding=(0, gap, 0, 0),
        pad_edge=False,
        header_style="dim",
    )
    # Where nothing fits, digits go on in the next line: none is ever left out.
    table.add_column("period", overflow="fold")
    for name in shown:
        table.add_column(HEADINGS.get(name, name), justify="right", overflow="fold")
    for place, label in enumerate(run.spans.labels):
        amounts = [float(run.sums[name][place, number]) for name in shown]
        if any(run.sums[name][place, number] for name in MEASURES if name not in BALANCES):
            table.add_row(label, *(unit.amount(amount) if amount else MISSING for amount in amounts))
    return table


def _name(group: tuple[str, str]) -> str:
    return ", ".join(part for part in group if part)


def write_totals(run: RegisterRun, path: Path) -> None:
    """Write the totals to a file: CSV, XLSX or Parquet by its name.

    Parameters
    ----------
    run : RegisterRun
        The run.
    path : pathlib.Path
        File.
    """
    if path.suffix.lower() == ".xlsx":
        write_schedule(run, path)
        return
    with open_stream(path, TOTAL_COLUMNS) as stream:
        stream.write(total_rows(run))


def run_and_write(
    register: Register, question: Question, out: Path | None, detail: Path | None, *, wanted: bool = True
) -> RegisterRun:
    """Compute a register, write down what is asked for, and show how far it is.

    Parameters
    ----------
    register : Register
        The register.
    question : Question
        What is asked.
    out, detail : pathlib.Path, optional
        Files of the totals and of single assets.
    wanted : bool
        Whether to show progress.
    """
    with counted(len(register.lines), "depreciating", wanted=wanted) as done:
        if detail is None:
            run = run_register(register, question, done=done)
        else:
            with open_stream(detail, DETAIL_COLUMNS) as stream:
                run = run_register(register, question, lambda found: stream.write(detail_rows(found)), done)
    if out is not None:
        write_totals(run, out)
    return run


def print_skipped(told: Iterable[str], stream: TextIO) -> None:
    """Say which rows were left out, one line each."""
    for text in told:
        stream.write(f"skipped: {' '.join(text.split())}\n")
