"""A folder of finished blocks of a risk run, from which the run goes on as if it had never stopped.

What a block comes to follows from what is written in `meta.json` and from the block's place. A block is kept whole,
even where a run wants a part of it only, so that a later run may have more paths. It is written beside its place and
then renamed, so a block is either there and complete or not there. A block that cannot be read for all that is worked
out again: that costs one block and gives the same bits, while refusing it would cost all the others.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from assumptions.cases.fingerprint import canonical, risk_digest
from assumptions.chapters.schema import Case, Scenario
from assumptions.door.files import read_text
from assumptions.door.messages import error, short
from valuation.draws.sampling import Plan, kept
from valuation.errors import AssumptionError, WorkError, refusal
from valuation.paths.execution import ALONE, Crew, Work, work_out
from valuation.paths.montecarlo import Job, Outcomes, Portion, run_block
from valuation.paths.numerics import numerics

FORMAT = 1
OPTION = "--checkpoint"
META = "meta.json"
PART = ".part"
OTHERWISE = "name another folder"

Task = tuple[str, Job]
"""Scenario, and a block of it."""

PLACE = "place"
"""Array of a block that says whose it is, and which."""

SHARED = "bounds"
"""Array that all paths share."""

_KINDS = {"IntArray": "i", "FloatArray": "f"}
_ARRAYS = {item.name: _KINDS[str(item.type)] for item in fields(Outcomes)}
_NAME = re.compile(r"\d{3,}-\d{4,}-\d{7,}\.npz")
# What reading a broken archive can raise; NotImplementedError is how zipfile answers an unknown compression.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error, NotImplementedError)


def identity(case: Case, scenarios: Sequence[Scenario], plan: Plan, ledger: str) -> dict[str, Any]:
    """What the blocks of a run follow from, as plain data; paths and replicates are not among it.

    Parameters
    ----------
    case : Case
        The base, overrides applied.
    scenarios : sequence of Scenario
        Scenarios of the run, in order.
    plan : Plan
        What is drawn, of any of them.
    ledger : str
        Ledger that is measured.
    """
    return {
        "format": FORMAT,
        "digest": risk_digest(case, scenarios),
        "scenarios": [scenario.name for scenario in scenarios],
        "ledger": ledger,
        "seed": plan.seed,
        "sampler": plan.sampler,
        "width": plan.width,
        "precision": np.dtype(plan.dtype).name,
        "sources": _sources(),
        **dict(numerics()),
    }


def _sources() -> str:
    """SHA-256 of what the program computes with, in hexadecimal: versions do not change with every change."""
    found = hashlib.sha256()
    for package in ("assumptions", "valuation"):
        for name, text in sorted(_modules(files(package), package)):
            found.update(f"{name}\n".encode() + text)
    return found.hexdigest()


def _modules(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    """Path and text of every module of a package and of those inside it."""
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _modules(entry, path)
        elif path.endswith(".py"):
            yield path, entry.read_bytes()


@dataclass(frozen=True)
class Checkpoint:
    """Blocks in a folder.

    Attributes
    ----------
    folder : pathlib.Path
        Where they are; one run at a time writes to it.
    own : dict
        Of `identity`; the place of a scenario in it stands in the names of the files.
    found : frozenset of str
        Names of the blocks that were there at the start.
    damaged : list of str
        Names of those that could not be read; they are worked out again.
    """

    folder: Path
    own: dict[str, Any]
    found: frozenset[str] = frozenset()
    damaged: list[str] = field(default_factory=list)

    def name(self, scenario: str, portion: Portion) -> str:
        """Name of the file of a block."""
        return f"{self.own['scenarios'].index(scenario):03d}-{portion.replicate:04d}-{portion.block:07d}.npz"

    def holds(self, scenario: str, portion: Portion) -> bool:
        """Whether a block was there at the start."""
        return self.name(scenario, portion) in self.found

    def read(self, scenario: str, portion: Portion, width: int) -> Outcomes | None:
        """Block as it was kept; None where it is damaged.

        Parameters
        ----------
        scenario : str
            Its scenario.
        portion : Portion
            Its place.
        width : int
            Its paths.
        """
        name = self.name(scenario, portion)
        try:
            return _outcomes(self.folder / name, self._place(name), width)
        except _DAMAGE:
            self.damaged.append(name)
            return None

    def write(self, scenario: str, portion: Portion, outcomes: Outcomes) -> None:
        """Keep a block.

        Parameters
        ----------
        scenario : str
            Its scenario.
        portion : Portion
            Its place.
        outcomes : Outcomes
            All its paths.
        """
        name = self.name(scenario, portion)
        packed, part = io.BytesIO(), self.folder / f"{name}{PART}"
        arrays: dict[str, Any] = {item.name: getattr(outcomes, item.name) for item in fields(outcomes)}
        np.savez(packed, allow_pickle=False, **arrays, **{PLACE: self._place(name)})
        try:
            with part.open("wb") as file:
                file.write(packed.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.folder / name)
        except OSError as failure:
            _remove(part)
            where, told = f"{self.folder.name}/{name}", f"the block cannot be kept ({failure.strerror or failure})"
            remedy = "make room and resume the run: the blocks before it are complete"
            raise WorkError(refusal(where, told, "a folder that can be written to", remedy)) from None

    def _place(self, name: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """SHA-256 of the run and the name of a block: one that was copied from elsewhere does not have it."""
        return np.frombuffer(hashlib.sha256(f"{canonical(self.own)}/{name}".encode()).digest(), dtype=np.uint8)


def open_checkpoint(folder: Path, own: dict[str, Any]) -> Checkpoint:
    """Folder for the blocks of a run, made if it is not there.

    Parameters
    ----------
    folder : pathlib.Path
        Empty, new, or of a run like this one.
    own : dict
        Of `identity`.

    Raises
    ------
    AssumptionError
        If the folder holds another run or something else, or cannot be used.
    """
    where = f"{OPTION} {folder}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(entry.name for entry in folder.iterdir())
        strangers = [name for name in names if not _is_ours(folder / name)]
        if strangers:
            what = f"{short(strangers[0])} is no part of a checkpoint"
            raise error(where, what, f"{META} and blocks", "name an empty or a new folder")
        blocks = frozenset(name for name in names if _NAME.fullmatch(name))
        for name in names:
            if name.endswith(PART):
                _remove(folder / name)
        if META in names:
            _check_meta(where, folder / META, own)
        elif blocks:
            raise error(where, f"there are blocks but no {META}", "both", OTHERWISE)
        else:
            _write_meta(folder / META, own)
    except OSError as failure:
        what = f"the folder cannot be used ({failure.strerror or failure})"
        raise error(where, what, "a folder that can be written to", "name another one") from None
    return Checkpoint(folder, own, blocks)


def work_through(
    tasks: Iterable[Task], crew: Crew = ALONE, checkpoint: Checkpoint | None = None, *, work: Work = run_block
) -> Iterator[tuple[str, Portion, Outcomes]]:
    """Blocks of a run, read where they are kept, worked out and kept where they are not.

    Parameters
    ----------
    tasks : iterable of Task
        Scenario and job of every block, in order; gone over twice, side by side.
    crew : Crew
        Who works them out.
    checkpoint : Checkpoint, optional
        Where blocks are kept.
    work : callable
        What is done with a job.

    Yields
    ------
    str, Portion, Outcomes
        Of each task, in their order; of a last block that is wanted in part, that part.
    """

    def is_there(task: Task) -> bool:
        return checkpoint is not None and checkpoint.holds(task[0], task[1][-1])

    missing = (task[1] for task in tasks if not is_there(task))
    with closing(work_out(missing, crew, work=work)) as fresh:
        for task in tasks:
            (name, job), there = task, is_there(task)
            _, plan, _, portion = job
            outcomes = checkpoint.read(name, portion, plan.width) if checkpoint and there else next(fresh)[-1]
            if outcomes is None or not there:
                outcomes = outcomes or next(work_out([job], work=work))[-1]
                if checkpoint is not None:
                    checkpoint.write(name, portion, outcomes)
            yield name, portion, outcomes.take(kept(portion.paths, portion.block, plan.width))


def _is_ours(path: Path) -> bool:
    """Whether a file has the name of a part of a checkpoint."""
    name = path.name.removesuffix(PART)
    return path.is_file() and not path.is_symlink() and (name == META or bool(_NAME.fullmatch(name)))


def _remove(path: Path) -> None:
    """Remove what was left half-written, as far as that can be done."""
    with suppress(OSError):
        path.unlink()


def _write_meta(path: Path, own: dict[str, Any]) -> None:
    part = path.with_name(f"{path.name}{PART}")
    part.write_text(json.dumps(own, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def _check_meta(where: str, path: Path, own: dict[str, Any]) -> None:
    """Refuse a checkpoint of another run."""
    try:
        found = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError):
        raise error(f"{where}: {META}", "it is not JSON", "what the run wrote", OTHERWISE) from None
    if not isinstance(found, dict):
        raise error(f"{where}: {META}", "it is no table", "what the run wrote", OTHERWISE)
    for name in [*own, *sorted(set(found) - set(own))]:
        if found.get(name) != own.get(name):
            raise _of_another_run(where, name, short(found.get(name)), short(own.get(name)))


def _of_another_run(where: str, name: str, found: str, own: str) -> AssumptionError:
    """What sets the run of a folder apart, in the words of the options that asked for it."""
    what, allowed = f"{name} {found} is of another run", own
    if name == "width":
        what, allowed = (
            f"its blocks hold {found} paths each",
            f"blocks of {own}, as --paths and --target-error make them",
        )
    elif name == "digest":
        what, allowed = "it is of other inputs, or of others that are random", "the inputs of this run"
    same = "ask for that run"
    if name == "sources" or name in dict(numerics()):
        same = "resume with the same program on a machine of the same kind"
    return error(where, what, allowed, f"{same}, or {OTHERWISE}")


def _outcomes(path: Path, place: np.ndarray[Any, np.dtype[np.uint8]], width: int) -> Outcomes:
    """Block of a file; a ValueError, or what reading raises, where it is damaged or another one."""
    with path.open("rb") as file, zipfile.ZipFile(file) as packed:
        inside = packed.infolist()
        if {item.filename for item in inside} != {f"{name}.npy" for name in (*_ARRAYS, PLACE)}:
            raise ValueError("it holds other arrays")
        if any(item.compress_type != zipfile.ZIP_STORED for item in inside):
            raise ValueError("it is compressed, which blocks are not")
    with np.load(path, allow_pickle=False) as loaded:
        arrays: dict[str, Any] = {name: loaded[name] for name in _ARRAYS}
        if not np.array_equal(loaded[PLACE], place):
            raise ValueError("it is a block of another run, or another block")
    for name, kind in _ARRAYS.items():
        array = arrays[name]
        if array.dtype.kind != kind or (name != SHARED and array.shape[-1] != width):
            raise ValueError(f"{name} does not fit")
    return Outcomes(**arrays)
