"""All files of a run, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from reports.excel import workbook
from reports.excel.writing.writer import MAX_FORMULAS, REMEDY
from reports.files import csvsafe, payload
from reports.record import manifest
from reports.record.report import Report
from valuation.errors import ModelError

RESULTS_FILE = "results.json"
TABLES_FOLDER = "tables"
LOCK_FILES = (".~lock", "~$")


class OutputError(ModelError):
    """The results cannot be written where they were asked for."""


def write_run(report: Report, folder: Path, command: Sequence[str]) -> list[Path]:
    """Write every output of a run.

    The files are made in a new folder beside the target, which then takes the target's place: an earlier run there is
    replaced whole, or stays as it is if anything fails.

    Parameters
    ----------
    report : Report
        The run.
    folder : Path
        Target; absent, empty, or holding an earlier run.
    command : sequence of str
        Words of the command that asked for it.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    OutputError
        If the folder holds something else, or the disk refuses.
    """
    check_target(folder)
    check_size(report)
    return write_whole(folder, lambda fresh: _write_files(report, fresh, command))


def write_whole(folder: Path, fill: Callable[[Path], list[str]]) -> list[Path]:
    """Fill a folder whole, or leave it as it is.

    Parameters
    ----------
    folder : Path
        Target; absent, empty, or holding an earlier run.
    fill : callable
        Writes every file into a new folder and names them.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    OutputError
        If the folder holds something else, or the disk refuses.
    """
    check_target(folder)
    shown, folder = folder, folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(_explain(shown, error)) from error
    try:
        files = fill(fresh)
        fresh.chmod(0o755)
        _swap(fresh, folder)
    except OSError as error:
        raise OutputError(_explain(shown, error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [shown.joinpath(name) for name in files]


def check_target(folder: Path) -> None:
    """Refuse a target that would lose somebody's files.

    Parameters
    ----------
    folder : Path
        Target of a run.

    Raises
    ------
    OutputError
        If it is a file, or a folder with something in it that no earlier run wrote.
    """
    try:
        folder.resolve()
    except (OSError, RuntimeError) as error:
        raise OutputError(f"{folder} cannot be followed ({error}); choose another --out") from error
    if folder.resolve().parent == folder.resolve():
        raise OutputError(f"{folder} is the root of the disk; allowed is a new or empty folder; choose another --out")
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is not a folder; allowed is a new or empty folder; choose another --out")
    stands = next(parent for parent in folder.absolute().parents if parent.exists())
    if not stands.is_dir() or not os.access(stands, os.W_OK):
        raise OutputError(f"{folder} cannot be made in {stands}; allowed is a writable folder; choose another --out")
    ours = manifest.files_of(folder.joinpath(manifest.FILE_NAME))
    try:
        foreign = [name for name in _names(folder, inside=bool(ours)) if name not in ours]
    except OSError as error:
        raise OutputError(_explain(folder, error)) from error
    if foreign:
        raise OutputError(
            f"{folder} holds {foreign[0]}, which no earlier run wrote; allowed is a new or empty folder or one of an "
            "earlier run; choose another --out"
        )


def check_size(report: Report) -> None:
    """Refuse a case whose workbook would hold more formulas than a reader or a mail attachment copes with.

    Parameters
    ----------
    report : Report
        The run.

    Raises
    ------
    OutputError
        If what lives of the cohorts alone exceeds the limit.
    """
    if not report.has_workbook:
        return
    cohorts, needed = len(report.shown_cohorts), workbook.least_formulas(report)
    if needed > MAX_FORMULAS:
        raise OutputError(
            f"{report.case}: schedule: {cohorts} cohorts need at least {needed:,} formulas in the workbook; allowed "
            f"are {MAX_FORMULAS:,}; {REMEDY}"
        )


def _names(folder: Path, *, inside: bool) -> list[str]:
    """What a folder holds: files at any depth, or only its entries; lock files of office programs left out."""
    if not folder.exists():
        return []
    found = [path for path in folder.rglob("*") if not path.is_dir()] if inside else list(folder.iterdir())
    kept = [path for path in found if not path.name.startswith(LOCK_FILES)]
    return sorted(path.relative_to(folder).as_posix() for path in kept)


def _write_files(report: Report, folder: Path, command: Sequence[str]) -> list[str]:
    from reports.files.tables import all_tables

    names = [f"{report.case}.xlsx", RESULTS_FILE] if report.has_workbook else [RESULTS_FILE]
    if report.has_workbook:
        workbook.write_workbook(report, folder.joinpath(names[0]))
    folder.joinpath(RESULTS_FILE).write_text(payload.text(payload.document(report)), encoding="utf-8")
    folder.joinpath(TABLES_FOLDER).mkdir()
    for name, frame in all_tables(report).items():
        names.append(f"{TABLES_FOLDER}/{name}.csv")
        csvsafe.write_frame(folder.joinpath(names[-1]), frame)
    folder.joinpath(manifest.FILE_NAME).write_text(manifest.text(report, command, names), encoding="utf-8")
    return [*names, manifest.FILE_NAME]


def _swap(fresh: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one; on failure the old one comes back."""
    if not folder.exists():
        fresh.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    kept = aside.joinpath(folder.name)
    try:
        folder.rename(kept)
        try:
            fresh.rename(folder)
        except OSError:
            kept.rename(folder)
            raise
    finally:
        if folder.exists():
            with suppress(OSError):
                shutil.rmtree(aside)


def _explain(folder: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return f"cannot write {folder}: {reason.lower()}; nothing was changed there; free the disk or choose another --out"
