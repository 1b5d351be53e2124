"""Depreciation schedules of a register: rows, a table for the terminal, files of totals and of single assets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assumptions import AssetRows, Question, Register, RegisterRun, run_register
from reports.console import screen
from reports.display import EXACT, MISSING, Scale, scale
from reports.excel.schedule import write_schedule
from reports.progress import counted
from reports.streams import Row, open_stream
from valuation.register import MEASURES

AMOUNTS = tuple(f"{name}_usd" for name in MEASURES)
TOTAL_COLUMNS = ("book", "asset_class", "period", "period_end", *AMOUNTS)
DETAIL_COLUMNS = ("asset", *TOTAL_COLUMNS)
CARRIED = "carrying_amount_usd"
SHOWN = ("opening", "additions", "depreciation", "written_down", "disposals", "closing")
HEADINGS = {"written_down": "written down", "gain": "gain or loss"}


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
    for number, table in enumerate(schedule_tables(run)):
        console.print(Padding(table, (1 if number else 0, 0, 0, 0)))
    if run.as_of:
        for group, amount in zip(run.groups, run.carried, strict=True):
            console.print(Text(f"carrying amount on {run.as_of}, {_name(group)}: {EXACT.amount(float(amount))} USD"))


def schedule_tables(run: RegisterRun) -> list[Table]:
    """A table for each book and class.

    Parameters
    ----------
    run : RegisterRun
        The run.
    """
    amounts = [float(amount) for name in SHOWN for amount in run.sums[name].ravel()]
    unit = scale(amounts) if max(amounts, default=0.0) >= EXACT_BELOW else EXACT
    sold = bool(run.sums["proceeds"].any() or run.sums["gain"].any())
    shown = (*SHOWN, "proceeds", "gain") if sold else SHOWN
    return [_table(run, number, shown, unit) for number in range(len(run.groups))]


EXACT_BELOW = 1e7
"""Amounts from which cents are left out on screen."""


def _table(run: RegisterRun, number: int, shown: Sequence[str], unit: Scale) -> Table:
    table = Table(
        title=Text(f"{run.register.name}, {_name(run.groups[number])}, {unit.name}", "bold"),
        title_justify="left",
        box=None,
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    table.add_column("period")
    for name in shown:
        table.add_column(HEADINGS.get(name, name), justify="right")
    for place, label in enumerate(run.spans.labels):
        amounts = [float(run.sums[name][place, number]) for name in shown]
        if any(amounts):
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
