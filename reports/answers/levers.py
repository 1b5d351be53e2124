"""What the answers about levers and shocks share: how they are asked, printed and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TextIO, TypeVar

from assumptions import Case, CaseRun, run_case
from assumptions.levers.levers import Read
from reports.charts.drawing import check_chart
from reports.files.csvsafe import write_rows
from reports.files.figures import reader
from reports.files.streams import check_apart, check_path, whole_file
from reports.screen.progress import steps
from reports.screen.terminal import say_written

SUFFIX = ".csv"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Asked:
    """What a question is asked of, and where its answer goes.

    Attributes
    ----------
    case : Case
        The case.
    scenario : str
        Its scenario, or several acting together.
    overrides : sequence of str
        Values set in the base.
    out, chart : pathlib.Path or None
        Table and chart asked for.
    quiet : bool
        Whether nothing is to be said.
    """

    case: Case
    scenario: str
    overrides: Sequence[str]
    out: Path | None = None
    chart: Path | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Question(Generic[_Answer]):
    """A question, and the exits of its answer.

    Attributes
    ----------
    task : str
        What is told while it is worked on.
    find : callable
        Answer from a run and from what reads figures.
    show : callable
        Prints the answer.
    table : callable
        Headings and rows of the answer.
    draw : callable
        What draws it.
    """

    task: str
    find: Callable[[CaseRun, Read], _Answer]
    show: Callable[[_Answer, TextIO], None]
    table: Callable[[_Answer], tuple[Sequence[str], Iterable[Sequence[object]]]]
    draw: Callable[[_Answer, Path], None]


def answer(asked: Asked, question: Question[_Answer], stream: TextIO) -> None:
    """Answer a question: find, write the files asked for, print, and say what was written.

    Parameters
    ----------
    asked : Asked
        What it is asked of.
    question : Question
        The question.
    stream : TextIO
        Where to print.

    Raises
    ------
    ModelError
        If the case, the question or a file is none; files are looked at before anything is run.
    """
    check_files(asked.out, asked.chart)
    with steps(1, wanted=not asked.quiet) as progress:
        progress.begin(question.task)
        run = run_case(asked.case, [asked.scenario], asked.overrides)
        found = question.find(run, reader(run))
    written = _write_files(asked, question, found)
    if not asked.quiet:
        question.show(found, stream)
    say_written(written, quiet=asked.quiet)


def check_files(out: Path | None, chart: Path | None) -> None:
    """Refuse files that cannot be written or are one.

    Parameters
    ----------
    out, chart : Path, optional
        Table and chart asked for.

    Raises
    ------
    StreamError
        If an ending is unknown, a folder missing, or the package that draws.
    """
    if out is not None:
        check_path(out, (), (SUFFIX,))
    check_chart(chart)
    check_apart(out, chart)


def _write_files(asked: Asked, question: Question[_Answer], found: _Answer) -> list[Path]:
    """Write what was asked for, each whole or not at all."""
    if asked.out is not None:
        with whole_file(asked.out) as fresh:
            write_rows(fresh, *question.table(found))
    if asked.chart is not None:
        question.draw(found, asked.chart)
    return [path for path in (asked.out, asked.chart) if path is not None]
