"""From a case to its written risk run: draw, gather, write."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from assumptions import Case, Execution, RiskRun, Sampling, check_sampling, run_risk
from reports.charts.drawing import has_charts
from reports.charts.risk import draw_fan
from reports.files import csvsafe, payload
from reports.files.risk_payload import risk_block
from reports.files.streams import Row, check_parquet, open_stream
from reports.files.write import RESULTS_FILE, TABLES_FOLDER, OutputError, check_target, write_whole
from reports.record import manifest
from reports.record.compose import compose
from reports.record.risk import RiskReport, Statistic
from reports.runs.heap import give_back
from reports.runs.risk_workbook import write_risk_workbook
from reports.screen.progress import counted
from reports.screen.terminal import say
from valuation.errors import refusal

PATHS_FILE, CHARTS_FOLDER = "paths.parquet", "charts"
STATISTIC_COLUMNS = ("value", "standard_error", "low", "high", "paths", "method", "bin_error")
ROW_COLUMNS = ("scenario", "condition", "figure", "about", "statistic", *STATISTIC_COLUMNS)
CELL_COLUMNS = (
    "scenario", "write_down_from", "write_down_below", "slip_from_months", "slip_below_months", *STATISTIC_COLUMNS
)  # fmt: skip


class Changes(NamedTuple):
    """What of a case is changed for a run.

    Attributes
    ----------
    scenarios : sequence of str
        Scenarios that are run beside the base.
    overrides : sequence of str
        Values set in all of them.
    """

    scenarios: Sequence[str]
    overrides: Sequence[str]


def simulate_and_write(
    case: Case,
    sampling: Sampling,
    changes: Changes,
    folder: Path | None,
    command: Sequence[str],
    *,
    execution: Execution,
    quiet: bool,
) -> tuple[RiskReport, list[Path]]:
    """Run a case on random paths and write all files of the run.

    Parameters
    ----------
    case : Case
        The case.
    sampling : Sampling
        How many paths, and how.
    changes : Changes
        Scenarios beside the base, and values set for the run.
    folder : Path or None
        Where to; nothing is written if None.
    command : sequence of str
        Words of the command that asked for it.
    execution : Execution
        Who works the paths out, and where finished blocks are kept.
    quiet : bool
        Whether to show no progress and say nothing.

    Returns
    -------
    tuple of RiskReport and list of Path
        The run, and the files written.
    """
    check_sampling(sampling)
    if folder is not None:
        check_target(folder)
        _check_apart(folder, execution.checkpoint)
    if sampling.keep_paths:
        _check_paths_file(folder)
    with counted(sampling.paths, "paths", wanted=not quiet) as progress:
        run = run_risk(case, sampling, changes.scenarios, changes.overrides, progress=progress, execution=execution)
    give_back()
    for block in run.damaged:
        say(f"{block} of the checkpoint could not be read and was worked out again", quiet=quiet)
    found = risk_report(run)
    if folder is None:
        return found, []
    return found, write_whole(folder, lambda fresh: _write_files(found, fresh, command, quiet=quiet))


def risk_report(run: RiskRun) -> RiskReport:
    """A risk run with the words that go with it."""
    return RiskReport(compose(run.run), run)


def document(found: RiskReport) -> payload.ResultsDocument:
    """The results of the run without chance, and the risk block."""
    return payload.document(found.report).model_copy(update={"risk": risk_block(found)})


def _check_apart(folder: Path, checkpoint: Path | None) -> None:
    """Refuse results and blocks in one folder before anything is drawn: the results could not be written there."""
    if checkpoint is None:
        return
    one, other = folder.resolve(), checkpoint.resolve()
    if one == other or one in other.parents or other in one.parents:
        what, allowed = f"it and the results in {folder} lie in one folder", "a folder apart from that of the results"
        raise OutputError(refusal(f"--checkpoint {checkpoint}", what, allowed, "name another one"))


def _check_paths_file(folder: Path | None) -> None:
    if folder is None:
        what, allowed = "there is no folder to write the paths to", "--parquet with a folder"
        raise OutputError(refusal("--parquet", what, allowed, "give --out"))
    check_parquet()


def _write_files(found: RiskReport, folder: Path, command: Sequence[str], *, quiet: bool) -> list[str]:
    names = [RESULTS_FILE, f"{TABLES_FOLDER}/risk.csv", f"{TABLES_FOLDER}/risk_joint.csv"]
    folder.joinpath(RESULTS_FILE).write_text(payload.text(document(found)), encoding="utf-8")
    folder.joinpath(TABLES_FOLDER).mkdir()
    rows = (
        (row.scenario, row.condition, row.figure, row.about, row.statistic.name, *_cells(row.statistic))
        for row in found.rows
    )
    csvsafe.write_rows(folder.joinpath(names[1]), ROW_COLUMNS, rows)
    joint = ((cell.scenario, *cell.write_down, *cell.slip, *_cells(cell.share)) for cell in found.cells)
    csvsafe.write_rows(folder.joinpath(names[2]), CELL_COLUMNS, joint)
    names += write_risk_workbook(found, folder, quiet=quiet)
    if has_charts():
        names += _draw_charts(found, folder)
    if found.run.sampling.keep_paths:
        names.append(PATHS_FILE)
        _write_paths(found, folder.joinpath(PATHS_FILE))
    seed, digest = found.run.sampling.seed, found.run.digest
    record = manifest.text(found.report, command, names, seed, digest)
    folder.joinpath(manifest.FILE_NAME).write_text(record, encoding="utf-8")
    return [*names, manifest.FILE_NAME]


def _draw_charts(found: RiskReport, folder: Path) -> list[str]:
    """A fan chart for each scenario."""
    folder.joinpath(CHARTS_FOLDER).mkdir()
    names = [f"{CHARTS_FOLDER}/fan_{name}.png" for name in found.names]
    for case, name in enumerate(names):
        draw_fan(found, case, folder.joinpath(name))
    return names


def _cells(found: Statistic) -> tuple[object, ...]:
    """What the results say, nothing where they have null: many a reader of tables takes no infinite number."""
    cells = (getattr(found, name) for name in STATISTIC_COLUMNS)
    return tuple(None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in cells)


def _write_paths(found: RiskReport, path: Path) -> None:
    figures = tuple(found.run.rows[0].values)
    numbers = "replicate", "path", *figures
    with open_stream(path, ("scenario", *numbers), numbers) as stream:
        stream.write(_paths(found, figures))


def _paths(found: RiskReport, figures: Iterable[str]) -> Iterator[Row]:
    for block in found.run.rows:
        columns = [block.values[name].tolist() for name in figures]
        for number, values in enumerate(zip(*columns, strict=True), start=block.first):
            yield found.names[block.scenario], float(block.replicate), float(number), *values
