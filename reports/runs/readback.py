"""Workbooks read back: what was changed in them, the run of the changed case, and whether their figures are its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from assumptions.cases.written import write_case
from assumptions.door.messages import error, printable, short
from reports.excel.plan.drawn import Drawn
from reports.excel.plan.outline import OF_THE_RISK_RUN, SHEETS
from reports.excel.returned.foreign import Foreign
from reports.excel.returned.office import find_office, recalculated
from reports.excel.returned.origin import Origin, read_origin
from reports.excel.returned.reading import SELECTOR, Edit, Reading, read_edits, read_workbook
from reports.excel.returned.verifying import Comparison, compare
from reports.excel.workbook import lay_out
from reports.files.write import OutputError, check_target
from reports.record.display import MISSING
from reports.record.program import DISTRIBUTION, program_version
from reports.record.report import Report
from reports.runs.evaluation import STEPS_OF_A_RUN, Request, evaluate_and_write, whole_report
from reports.screen.console import print_summary, screen
from reports.screen.progress import steps
from reports.screen.tables import titled

SHOWN = 10
"""Differing cells that are printed."""
FINGERPRINT = 12
CUT = 60
SOUND = "run the case again for a sound workbook"
CHANGES: dict[str, JustifyMethod] = {
    "key": "left", "before": "right", "after": "right", "unit": "left", "cell": "left",
}  # fmt: skip
DIFFERENCES: dict[str, JustifyMethod] = {"cell": "left", "found": "left", "by the inputs": "left"}
MORE_DIGITS = ".15g"


@dataclass(frozen=True)
class Verdict:
    """What a verification found.

    Attributes
    ----------
    origin : Origin
        What the workbook was made of.
    scenario : str
        Scenario that it shows.
    edits : tuple of Edit
        Inputs that differ from the run; nothing is compared if there are any.
    stored, recalculated : Comparison or None
        The values of the file, and those that an office program found for its formulas.
    """

    origin: Origin
    scenario: str
    edits: tuple[Edit, ...]
    stored: Comparison | None = None
    recalculated: Comparison | None = None


@dataclass(frozen=True)
class Wanted:
    """What is asked of a workbook.

    Attributes
    ----------
    folder, out : Path or None
        Where the changed case goes, and where its run does.
    again : bool
        Whether to run it.
    quiet : bool
        Whether nothing is to be said.
    """

    folder: Path | None
    out: Path | None
    again: bool
    quiet: bool


def answer(path: Path, wanted: Wanted, command: Sequence[str], stream: TextIO) -> Iterator[list[Path]]:
    """Read a workbook and do what is asked with it; the files that were written, step by step.

    Parameters
    ----------
    path : Path
        Workbook.
    wanted : Wanted
        What is asked.
    command : sequence of str
        Words of the command that asked for it.
    stream : file
        Screen.
    """
    found = read_for(path, wanted.out)
    target = folder_of_run(path, found, wanted.out, wanted.folder) if wanted.again else None
    if not wanted.quiet:
        print_reading(path, found, stream)
    if wanted.folder is not None:
        yield new_case_of(found, wanted.folder)
    if target is not None:
        report, written = run_again(found, target, command, wanted=not wanted.quiet)
        if not wanted.quiet:
            print_summary(report, stream)
        yield written


def read_for(path: Path, out: Path | None) -> Reading:
    """Read the changes of a workbook, for a run into a folder if there is one.

    Parameters
    ----------
    path : Path
        The workbook.
    out : Path or None
        Folder of the run to come; refused before anything is read if it would lose somebody's files.
    """
    if out is not None:
        check_target(out)
    return read_workbook(path)


def print_reading(path: Path, found: Reading, stream: TextIO) -> None:
    """Print the changes of a workbook.

    Parameters
    ----------
    path : Path
        The workbook.
    found : Reading
        What was read.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    _print_origin(path, found.origin, stream)
    if found.edits:
        console.print(edits_table(found.edits))
    else:
        console.print(Text("no input differs"))


def _print_origin(path: Path, origin: Origin, stream: TextIO) -> None:
    console = screen(stream)
    name = printable(path.name)
    console.print(Text(f"{name}: case {origin.case.name}, inputs {origin.digest[:FINGERPRINT]}", "bold"))
    if origin.foreign_version:
        told = f"written by {DISTRIBUTION} {origin.version}, read by {program_version()}: figures may differ for that"
        console.print(Text(told))
    if origin.drawn is not None:
        console.print(Text(_of_chance(origin.drawn)))


def _of_chance(drawn: Drawn) -> str:
    """What is not read, run again or compared of the workbook of a risk run."""
    sheets = " and ".join(entry.name for entry in SHEETS if entry.name in OF_THE_RISK_RUN)
    how = f"{drawn.paths:,} paths, {drawn.sampler}, seed {drawn.seed}"
    return (
        f"sheets {sheets} are not read or compared: they hold a risk run ({how}), which only `{DISTRIBUTION} simulate` "
        "draws again"
    )


def edits_table(edits: Sequence[Edit]) -> Table:
    """Changed inputs: key, value before and after, unit, cell.

    Parameters
    ----------
    edits : sequence of Edit
        Inputs that differ.
    """
    table = _table("Inputs that differ from the run", CHANGES)
    for edit in edits:
        values = (Text(spelt(value)) for value in (edit.before, edit.after))
        table.add_row(Text(edit.key), *values, Text(edit.unit), Text(str(edit.spot)))
    return table


def _table(title: str, headings: Mapping[str, JustifyMethod]) -> Table:
    """A table without rows; every heading with the side that its column keeps to."""
    table = titled(title)
    for heading, side in headings.items():
        table.add_column(heading, justify=side, overflow="fold")
    return table


def spelt(value: object) -> str:
    """A value of a cell as short text, numbers in full."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return format(value, MORE_DIGITS)
    text = str(value)
    return printable(text if len(text) <= CUT else f"{text[:CUT]}...")


def new_case_of(found: Reading, folder: Path) -> list[Path]:
    """Write the case of a workbook, its changes applied, as a folder."""
    return write_case(found.case, found.origin.scenarios, folder)


def folder_of_run(path: Path, found: Reading, out: Path | None, beside: Path | None) -> Path:
    """Folder of the run to come, refused before anything is written.

    Parameters
    ----------
    path : Path
        The workbook, which its own run would replace.
    found : Reading
        What was read.
    out : Path or None
        Where to; ``out/CASE`` if None.
    beside : Path or None
        Folder of the changed case, if that is asked for too.
    """
    target = out or Path("out", found.origin.case.name)
    check_target(target)
    if path.resolve().is_relative_to(target.resolve()):
        raise OutputError(
            f"{target} holds {path.name}, the workbook that is read; allowed is a folder without it; choose another "
            "--out"
        )
    if beside is not None:
        one, other = target.resolve(), beside.resolve()
        if one.is_relative_to(other) or other.is_relative_to(one):
            what = f"{target} and {beside} are one folder, or one holds the other"
            raise OutputError(f"{what}; allowed are two folders apart; choose another --out")
    return target


def run_again(
    found: Reading, folder: Path, command: Sequence[str], *, wanted: bool = True
) -> tuple[Report, list[Path]]:
    """Run the case of a workbook with its changes and write the run.

    Parameters
    ----------
    found : Reading
        What was read.
    folder : Path
        Where to.
    command : sequence of str
        Words of the command that asked for it.
    wanted : bool
        Whether to show the progress.
    """
    origin = found.origin
    changes = [(edit.key, edit.after) for edit in found.edits]
    request = Request(None, changes, None, origin.attribution, origin.plan, origin.overrides)
    return evaluate_and_write(origin.case, request, folder, command, shown=True, wanted=wanted)


def verify(path: Path, *, recalculate: bool = False, wanted: bool = True) -> Verdict:
    """Compare a workbook with the one that its embedded inputs give.

    Parameters
    ----------
    path : Path
        Workbook of a run.
    recalculate : bool
        Whether an office program shall find the value of every formula as well; it is asked only where the inputs and
        the formulas are those of the run, and then given the workbook that this program has made of them.
    wanted : bool
        Whether to show the progress.
    """
    office = find_office() if recalculate else None
    with Foreign(path) as book, steps(STEPS_OF_A_RUN, wanted=wanted) as progress:
        origin = read_origin(book)
        shown = _shown(book, origin)
        progress.begin("evaluating the scenarios")
        report = whole_report(replace(origin.run(path.name), overrides=origin.overrides), progress)
        report = replace(report, version=origin.version, attribution=origin.attribution, plan=origin.plan)
        progress.begin("comparing every cell")
        with tempfile.TemporaryDirectory() as folder:
            twin = Path(folder) / "workbook.xlsx"
            context = lay_out(report, twin, shown, drawn=origin.drawn)
            edits = read_edits(book, context, origin)
            verdict = Verdict(origin, origin.scenarios[shown].name, edits)
            if edits:
                return verdict
            verdict = replace(verdict, stored=compare(book, context))
            if office is None or not (verdict.stored and verdict.stored.formulas_agree):
                return verdict
            context.book.close()
            with Foreign(recalculated(office, twin, Path(folder))) as again:
                return replace(verdict, recalculated=compare(again, context, only_formulas=True))


def _shown(book: Foreign, origin: Origin) -> int:
    """Number of the scenario in the selector."""
    spot = book.find(SELECTOR)
    value = None if spot is None else book.at(spot).value
    names = [scenario.name for scenario in origin.scenarios]
    if value not in names:
        what = f"the selector says {short(value)}"
        raise book.refusal(spot or "", what, "a scenario of the run", "choose one of the list")
    return names.index(value)


def print_verdict(path: Path, found: Verdict, stream: TextIO) -> None:
    """Print what a verification found.

    Parameters
    ----------
    path : Path
        The workbook.
    found : Verdict
        Of `verify`.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    _print_origin(path, found.origin, stream)
    console.print(Text(f"scenario shown: {found.scenario}"))
    if found.edits:
        console.print(edits_table(found.edits))
    for heading, result in (("stored values", found.stored), ("recalculated", found.recalculated)):
        if result is None:
            continue
        count = len(result.differences)
        told = "all as the inputs give them" if not count else f"{count:,} not as the inputs give them"
        console.print(Text(f"{heading}: {result.cells:,} cells, {result.numbers:,} of them numbers; {told}"))
        where = f" in {result.where}" if result.where else ""
        console.print(Text(f"largest difference of two numbers: {result.largest:.3g}{where}"))
        if count:
            console.print(_differences(result))


def _differences(result: Comparison) -> Table:
    """The first cells that differ."""
    table = _table(f"First of {len(result.differences):,}", DIFFERENCES)
    for difference in result.differences[:SHOWN]:
        values = (Text(spelt(value)) for value in (difference.found, difference.expected))
        table.add_row(Text(str(difference.spot)), *values)
    return table


def check_verdict(path: Path, found: Verdict, *, recalculate: bool) -> None:
    """Refuse a workbook that is not what its inputs give.

    Parameters
    ----------
    path : Path
        The workbook.
    found : Verdict
        Of `verify`.
    recalculate : bool
        Whether a recalculation was asked for.

    Raises
    ------
    AssumptionError
        In one line.
    """
    if found.edits:
        count = len(found.edits)
        inputs = "1 input differs" if count == 1 else f"{count} inputs differ"
        what = f"{inputs} from the run: values are those of the edited inputs"
        raise error(path.name, what, "the inputs of the run", f"use `{DISTRIBUTION} read {path.name} --run`")
    for heading, result in (("", found.stored), (" after recalculation", found.recalculated)):
        if result is not None and result.differences:
            first, count = result.differences[0], len(result.differences)
            cells = "1 cell" if count == 1 else f"{count:,} cells"
            what = f"{cells}{heading} {'is' if count == 1 else 'are'} not what the inputs give, first {first.spot}"
            if result.has_no_results:
                what += "; no formula has a stored result"
            if recalculate and not result.formulas_agree:
                what += "; not recalculated, for formulas are not those of the run"
            remedy = "open it in a spreadsheet program and save it" if result.has_no_results else SOUND
            raise error(path.name, what, "the cells of the run", remedy)
