"""Workbooks read back: what was changed in them, the run of the changed case, and whether their figures are its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from rich.table import Table
from rich.text import Text

from assumptions.messages import error, short
from assumptions.written import write_case
from reports.console import screen
from reports.display import MISSING
from reports.evaluation import STEPS_OF_A_RUN, Request, evaluate_and_write, whole_report
from reports.excel import lay_out
from reports.excel.foreign import Foreign, printable
from reports.excel.office import find_office, recalculated
from reports.excel.origin import Origin, read_origin
from reports.excel.reading import SELECTOR, Edit, Reading, read_edits, read_workbook
from reports.excel.verifying import Comparison, compare
from reports.program import DISTRIBUTION, program_version
from reports.progress import steps
from reports.record import Report
from reports.write import check_target

SHOWN = 10
"""Differing cells that are printed."""
FINGERPRINT = 12
CUT = 60
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
    console.print(Text(f"{path.name}: case {origin.case.name}, inputs {origin.digest[:FINGERPRINT]}", "bold"))
    if origin.foreign_version:
        told = f"written by {DISTRIBUTION} {origin.version}, read by {program_version()}: figures may differ for that"
        console.print(Text(told))


def edits_table(edits: Sequence[Edit]) -> Table:
    """Changed inputs: key, value before and after, unit, cell.

    Parameters
    ----------
    edits : sequence of Edit
        Inputs that differ.
    """
    table = Table(title=Text("Inputs that differ from the run", "bold"), title_justify="left", box=None)
    table.header_style = "dim"
    table.add_column("key", overflow="fold")
    for heading in ("before", "after"):
        table.add_column(heading, justify="right", overflow="fold")
    for heading in ("unit", "cell"):
        table.add_column(heading, overflow="fold")
    for edit in edits:
        values = (Text(spelt(value)) for value in (edit.before, edit.after))
        table.add_row(Text(edit.key), *values, Text(edit.unit), Text(str(edit.spot)))
    return table


def spelt(value: object) -> str:
    """A value of a cell as short text, numbers in full."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return format(value, MORE_DIGITS)
    text = printable(str(value))
    return text if len(text) <= CUT else f"{text[:CUT]}..."


def new_case_of(found: Reading, folder: Path) -> list[Path]:
    """Write the case of a workbook, its changes applied, as a folder."""
    return write_case(found.case, found.origin.scenarios, folder)


def run_again(
    found: Reading, folder: Path | None, command: Sequence[str], *, wanted: bool = True
) -> tuple[Report, list[Path]]:
    """Run the case of a workbook with its changes and write the run.

    Parameters
    ----------
    found : Reading
        What was read.
    folder : Path or None
        Where to; ``out/CASE`` if None.
    command : sequence of str
        Words of the command that asked for it.
    wanted : bool
        Whether to show the progress.
    """
    origin = found.origin
    changes = [(edit.key, edit.after) for edit in found.edits]
    request = Request(None, changes, None, origin.attribution, origin.plan, origin.overrides)
    target = folder or Path("out", origin.case.name)
    return evaluate_and_write(origin.case, request, target, command, shown=True, wanted=wanted)


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
        report = whole_report(replace(origin.run(), overrides=origin.overrides), progress)
        report = replace(report, version=origin.version, attribution=origin.attribution, plan=origin.plan)
        progress.begin("comparing every cell")
        with tempfile.TemporaryDirectory() as folder:
            twin = Path(folder) / "workbook.xlsx"
            context = lay_out(report, twin, shown)
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
    table = Table(title=Text(f"First of {len(result.differences):,}", "bold"), title_justify="left", box=None)
    table.header_style = "dim"
    for heading in ("cell", "found", "by the inputs"):
        table.add_column(heading, overflow="fold")
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
            what = f"{count:,} cells{heading} are not what the inputs give, first {first.spot}"
            if recalculate and not result.formulas_agree:
                what += "; not recalculated, for formulas are not those of the run"
            raise error(path.name, what, "the cells of the run", "run the case again for a sound workbook")
