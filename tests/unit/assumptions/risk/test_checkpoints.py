"""Checkpoints: a run that goes on is the run that never stopped, and what is not of the run is not taken for it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assumptions import load_case, run_case
from assumptions.risk import checkpoints
from assumptions.risk.checkpoints import META, PART, Checkpoint, Task, identity, open_checkpoint, work_through
from assumptions.risk.drawn import Risk
from tests.crews import PLAN, ROOT, WIDTH, Trial, bits, jobs_of, quick
from valuation.errors import AssumptionError, ModelError, WorkError
from valuation.paths.execution import Crew
from valuation.paths.montecarlo import Job, Outcomes

SCENARIOS = ("base", "slow")
OWN = {"format": 1, "digest": "d" * 64, "scenarios": list(SCENARIOS), "seed": 7, "sampler": "philox", "width": WIDTH}
BLOCKS, SHORT = 3, 5
FIRST = "000-0000-0000000.npz"


def tasks(blocks: int = BLOCKS, *, short: int = SHORT, trial: Trial | None = None) -> list[Task]:
    return [(name, job) for name in SCENARIOS for job in jobs_of(blocks, trial, replicates=2, short=short)]


def worked(found: Iterator[tuple[str, Any, Outcomes]]) -> list[Any]:
    return [(name, portion, bits(outcomes)) for name, portion, outcomes in found]


def refused(job: Job) -> Outcomes:
    raise AssertionError("a block was worked out that is there")


def filled(folder: Path, most: int | None = None) -> Checkpoint:
    """Checkpoint with some of the blocks."""
    list(islice(work_through(tasks(), checkpoint=open_checkpoint(folder, OWN), work=quick), most))
    return open_checkpoint(folder, OWN)


def test_a_run_is_the_same_with_a_checkpoint_and_read_from_it(tmp_path: Path) -> None:
    straight = worked(work_through(tasks(), work=quick))
    assert worked(work_through(tasks(), checkpoint=open_checkpoint(tmp_path, OWN), work=quick)) == straight
    again = open_checkpoint(tmp_path, OWN)
    assert len(again.found) == len(tasks()) == 12
    assert worked(work_through(tasks(), checkpoint=again, work=refused)) == straight


@pytest.mark.parametrize("crew", [Crew(), Crew(2, "threads")], ids=lambda crew: crew.backend)
def test_a_run_resumed_half_way_is_the_run(crew: Crew, tmp_path: Path) -> None:
    half = filled(tmp_path, 5)
    assert len(half.found) == 5
    assert worked(work_through(tasks(), crew, half, work=quick)) == worked(work_through(tasks(), work=quick))
    assert len(open_checkpoint(tmp_path, OWN).found) == 12


@pytest.mark.slow
def test_a_run_killed_with_its_workers_goes_on(tmp_path: Path) -> None:
    # As often as it is tried: a pool that breaks may have tried a block more than once.
    trial = Trial(tmp_path, killed_at=(2,), times=100)
    folder = tmp_path / "kept"
    with pytest.raises(WorkError, match="killed twice"):
        list(work_through(tasks(trial=trial), Crew(2, "loky"), open_checkpoint(folder, OWN), work=quick))
    rest = open_checkpoint(folder, OWN)
    assert worked(work_through(tasks(), checkpoint=rest, work=quick)) == worked(work_through(tasks(), work=quick))


def test_more_paths_take_the_blocks_that_are_there(tmp_path: Path) -> None:
    """The last block is kept whole: a longer run needs none of them again."""
    done: list[tuple[int, int]] = []

    def counted(job: Job) -> Outcomes:
        done.append((job[-1].replicate, job[-1].block))
        return quick(job)

    longer = work_through(tasks(BLOCKS + 1, short=0), checkpoint=filled(tmp_path), work=counted)
    assert worked(longer) == worked(work_through(tasks(BLOCKS + 1, short=0), work=quick))
    assert done == [(0, 3), (1, 3)] * 2


def test_an_interrupted_run_keeps_what_is_complete(tmp_path: Path) -> None:
    def interrupted(job: Job) -> Outcomes:
        if job[-1].block == 2:
            raise KeyboardInterrupt
        return quick(job)

    with pytest.raises(KeyboardInterrupt):
        list(work_through(tasks(), checkpoint=open_checkpoint(tmp_path, OWN), work=interrupted))
    assert sorted(open_checkpoint(tmp_path, OWN).found) == [FIRST, "000-0000-0000001.npz"]


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("digest", "e" * 64, "ask for that run, or name another folder"),
        ("seed", 8, "ask for that run, or name another folder"),
        ("sampler", "sobol", "ask for that run, or name another folder"),
        ("width", 32, "ask for that run, or name another folder"),
        ("scenarios", ["base"], "ask for that run, or name another folder"),
        ("format", 2, "ask for that run, or name another folder"),
        ("numpy", "0.1", "resume with the same program on a machine of the same kind, or name another folder"),
        ("sources", "f", "resume with the same program on a machine of the same kind, or name another folder"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(key: str, value: object, remedy: str, tmp_path: Path) -> None:
    filled(tmp_path / "kept", 1)
    with pytest.raises(AssumptionError) as failure:
        open_checkpoint(tmp_path / "kept", {**OWN, key: value})
    told = str(failure.value)
    assert told.startswith(f"--checkpoint {tmp_path / 'kept'}: ")
    assert "; allowed is " in told
    assert told.endswith(remedy)
    assert "\n" not in told


def test_blocks_of_another_width_are_told_in_the_words_of_the_options(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    with pytest.raises(AssumptionError) as failure:
        open_checkpoint(tmp_path, {**OWN, "width": 32})
    told = f"its blocks hold {WIDTH} paths each; allowed is blocks of 32, as --paths and --target-error make them"
    assert told in str(failure.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "[" * 100_000, '{"seed": NaN}', "\x00"])
def test_a_damaged_description_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / META).write_text(text, encoding="utf-8")
    with pytest.raises(AssumptionError, match=f"--checkpoint {tmp_path}: ") as failure:
        open_checkpoint(tmp_path, OWN)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("name", ["notes.txt", "000-0000-0000000.csv", "0-0-0.npz", ".hidden", "folder/", "link"])
def test_foreign_files_are_refused(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    filled(folder, 1)
    if name.endswith("/"):
        (folder / name).mkdir()
    elif name == "link":
        (folder / "000-0000-0000009.npz").symlink_to(tmp_path)
    else:
        (folder / name).touch()
    with pytest.raises(AssumptionError, match=r"--checkpoint .*kept: '.*' is no part of a checkpoint; allowed is"):
        open_checkpoint(folder, OWN)


def test_blocks_without_description_are_refused(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    (tmp_path / META).unlink()
    with pytest.raises(AssumptionError, match=f"there are blocks but no {META}"):
        open_checkpoint(tmp_path, OWN)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(AssumptionError, match=r"--checkpoint .*kept: the folder cannot be used"):
        open_checkpoint(tmp_path / "kept", OWN)


def test_what_was_half_written_is_removed(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    for name in (f"000-0000-0000001.npz{PART}", f"{META}{PART}"):
        (tmp_path / name).write_bytes(b"half")
    assert open_checkpoint(tmp_path, OWN).found == {FIRST}
    assert sorted(path.name for path in tmp_path.iterdir()) == [FIRST, META]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def swapped(path: Path) -> None:
    path.write_bytes(path.with_name("000-0000-0000001.npz").read_bytes())


def rewritten(path: Path, **changes: Any) -> None:
    with np.load(path) as found:
        arrays = {**found, **changes}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def with_objects(path: Path) -> None:
    rewritten(path, npv=np.array([{"a": 1}] * WIDTH, dtype=object))


def of_whole_numbers(path: Path) -> None:
    rewritten(path, npv=np.arange(WIDTH))


def too_narrow(path: Path) -> None:
    rewritten(path, npv=np.zeros(WIDTH - 1))


def short_of_one(path: Path) -> None:
    rewritten(path, npv=None)


def compressed(path: Path) -> None:
    with zipfile.ZipFile(path) as found:
        parts = {name: found.read(name) for name in found.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "harm",
    [cut, flipped, emptied, swapped, with_objects, of_whole_numbers, too_narrow, short_of_one, compressed, gone],
)
def test_damaged_blocks_are_worked_out_again(harm: Any, tmp_path: Path) -> None:
    whole = filled(tmp_path)
    harm(tmp_path / FIRST)
    assert worked(work_through(tasks(), checkpoint=whole, work=quick)) == worked(work_through(tasks(), work=quick))
    assert whole.damaged == [FIRST]
    mended = open_checkpoint(tmp_path, OWN)
    assert worked(work_through(tasks(), checkpoint=mended, work=refused)) == worked(work_through(tasks(), work=quick))
    assert mended.damaged == []


def test_a_block_of_another_run_is_not_taken(tmp_path: Path) -> None:
    other = open_checkpoint(tmp_path / "other", {**OWN, "seed": 8})
    list(work_through(tasks(), checkpoint=other, work=quick))
    own = filled(tmp_path / "own")
    (tmp_path / "other" / FIRST).replace(tmp_path / "own" / FIRST)
    list(work_through(tasks(), checkpoint=own, work=quick))
    assert own.damaged == [FIRST]


FULL = """
import resource, sys
from pathlib import Path
from assumptions.risk.checkpoints import open_checkpoint, work_through
from tests.crews import quick
from tests.unit.assumptions.risk.test_checkpoints import OWN, tasks
from valuation.errors import ModelError
found, kept = work_through(tasks(), checkpoint=open_checkpoint(Path(sys.argv[1]), OWN), work=quick), 0
try:
    for _ in found:
        kept += 1
        if kept == 4:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
except ModelError as failure:
    print(kept, type(failure).__name__, failure)
"""


def test_a_full_disk_ends_the_run_and_keeps_what_is_complete(tmp_path: Path) -> None:
    """A limit of the size of files stands for the disk: writing fails half-way in the same manner."""
    assert resource.RLIMIT_FSIZE
    folder = tmp_path / "kept"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("4 WorkError kept/000-0001-0000001.npz: the block cannot be kept (")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    kept = open_checkpoint(folder, OWN)
    assert len(kept.found) == 4
    assert not [path for path in folder.iterdir() if path.name.endswith(PART)]
    assert worked(work_through(tasks(), checkpoint=kept, work=quick)) == worked(work_through(tasks(), work=quick))


def test_the_identity_is_what_blocks_follow_from() -> None:
    case = load_case("bitcoin-miner")
    scenarios = run_case(case, []).scenarios
    own = identity(case, scenarios, PLAN, "books")
    assert json.loads(json.dumps(own)) == own
    assert own["seed"] == 7
    assert own["scenarios"] == ["base"]
    assert own["numpy"] == np.__version__
    assert identity(case, scenarios, replace(PLAN, seed=8), "books") != own
    assert identity(case, scenarios, replace(PLAN, dtype=np.float32), "books") != own
    assert identity(load_case("neocloud"), scenarios, PLAN, "books") != own


def test_the_sources_are_part_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = checkpoints._sources()
    assert before == checkpoints._sources()
    (tmp_path / "one.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(checkpoints, "files", {"assumptions": tmp_path, "valuation": tmp_path}.__getitem__)
    assert checkpoints._sources() != before


@pytest.mark.slow
def test_a_case_resumed_is_the_case(tmp_path: Path) -> None:
    case = load_case("bitcoin-miner")
    risk, ledger = Risk(case), next(iter(case.ledgers))
    plan = replace(risk.plan(3, "sobol"), width=WIDTH)
    own = identity(case, [], plan, ledger) | {"scenarios": ["base"]}
    jobs = [("base", (risk, plan, ledger, job[-1])) for _, job in tasks()[:BLOCKS]]
    straight = worked(work_through(jobs))
    list(islice(work_through(jobs, checkpoint=open_checkpoint(tmp_path, own)), 2))
    assert worked(work_through(jobs, checkpoint=open_checkpoint(tmp_path, own))) == straight
    with pytest.raises(ModelError, match="seed"):
        open_checkpoint(tmp_path, own | {"seed": 4})
