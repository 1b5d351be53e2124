"""A case on every crew, among them a scheduler and two workers of Dask on this machine: the same bits from all."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from joblib import _dask as door
from joblib.externals.loky import get_reusable_executor

from assumptions import load_case
from assumptions.risk.checkpoints import Task, open_checkpoint, work_through
from assumptions.risk.drawn import Risk
from tests import crews
from tests.crews import HAS_DASK, Cluster, Trial, bits, cluster, jobs_of, quick
from valuation.errors import ModelError, WorkError
from valuation.paths import clusters
from valuation.paths.execution import ALONE, Crew, work_out
from valuation.paths.montecarlo import portions

WIDTH, PATHS = 16, 60
OWN: dict[str, Any] = {"format": 1, "scenarios": ["base"], "seed": 3}
NOBODY = "tcp://127.0.0.1:9"

needs_dask = pytest.mark.skipif(not HAS_DASK, reason="Dask is not installed")


@pytest.fixture(scope="module", autouse=True)
def no_processes_left() -> Iterator[None]:
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(2, folder=tmp_path_factory.mktemp("dask")) as found:
        yield found


@cache
def tasks() -> list[Task]:
    """Narrow blocks of a case, the last one cut short."""
    risk = Risk(load_case("bitcoin-miner"))
    plan, ledger = replace(risk.plan(3, "philox"), width=WIDTH), next(iter(risk.base.ledgers))
    return [("base", (risk, plan, ledger, portion)) for portion in portions(0, PATHS, WIDTH, 1)]


@cache
def alone() -> list[Any]:
    return worked(work_through(tasks()))


def worked(found: Any) -> list[Any]:
    """Places of blocks and their arrays to the bit."""
    return [(*places, bits(outcomes)) for *places, outcomes in found]


def dask(found: Cluster) -> Crew:
    return Crew(backend="dask", address=found.address)


@pytest.mark.slow
@pytest.mark.parametrize("crew", [Crew(2, "threads"), Crew(2, "loky")], ids=lambda crew: crew.backend)
def test_a_case_has_the_same_bits_on_threads_and_processes(crew: Crew) -> None:
    assert worked(work_through(tasks(), crew)) == alone()


@pytest.mark.slow
@needs_dask
def test_a_case_has_the_same_bits_on_a_cluster(two_workers: Cluster) -> None:
    assert worked(work_through(tasks(), dask(two_workers))) == alone()


@pytest.mark.slow
@needs_dask
def test_a_case_begun_here_and_ended_on_a_cluster_has_the_same_bits(two_workers: Cluster, tmp_path: Path) -> None:
    list(islice(work_through(tasks(), ALONE, open_checkpoint(tmp_path, OWN)), 2))
    half = open_checkpoint(tmp_path, OWN)
    assert len(half.found) == 2
    assert worked(work_through(tasks(), dask(two_workers), half)) == alone()


@pytest.mark.slow
@needs_dask
def test_a_killed_worker_of_a_cluster_costs_its_blocks_only(tmp_path: Path) -> None:
    with cluster(2, folder=tmp_path) as found:
        done = worked(work_out(jobs_of(12, Trial(tmp_path, killed_at=(5,))), dask(found), work=quick))
        assert sorted(worker.poll() is None for worker in found.workers) == [False, True]
    assert done == worked(work_out(jobs_of(12), work=quick))


@pytest.mark.slow
@needs_dask
def test_a_block_that_kills_workers_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend of joblib alone would wait for it for ever."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with cluster(2, folder=tmp_path) as found:
        told = failure_of(dask(found), Trial(tmp_path, killed_at=(5,)))
    assert "one block was lost with several workers" in told
    assert "resume the run from its checkpoint" in told


@pytest.mark.slow
@needs_dask
@pytest.mark.parametrize(("lost", "told"), [("workers", "no scheduler or no worker"), ("scheduler", "dropped")])
def test_a_cluster_that_goes_ends_the_run(
    lost: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "LOST_SECONDS", 2.0)
    with cluster(1, folder=tmp_path) as found:
        blocks = work_out(jobs_of(40, Trial(seconds=0.2)), dask(found), work=quick)
        next(blocks)
        for process in found.workers if lost == "workers" else [found.scheduler]:
            process.kill()
        with pytest.raises(WorkError, match=told) as failure:
            list(blocks)
    assert "\n" not in str(failure.value)


@pytest.mark.slow
@needs_dask
@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_a_cluster_that_goes_while_the_reader_is_slow_ends_the_run(
    lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "WORKER_SECONDS", 2)
    with cluster(1, folder=tmp_path) as found:
        blocks = work_out(jobs_of(40), dask(found), work=quick)
        next(blocks)
        time.sleep(1.0)  # all that may be ahead is done by now
        for process in found.workers if lost == "workers" else [found.scheduler]:
            process.kill()
        time.sleep(1.0)
        with pytest.raises(WorkError, match="cluster") as failure:
            list(blocks)
    assert "\n" not in str(failure.value)


@pytest.mark.slow
@needs_dask
def test_workers_without_the_program_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Something else of that name comes first where the workers look, for the program itself may be installed.
    tmp_path.joinpath("valuation").mkdir()
    tmp_path.joinpath("valuation", "__init__.py").touch()
    monkeypatch.setattr(crews, "ROOT", tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with cluster(1, folder=tmp_path) as found:
        told = failure_of(dask(found))
    assert "a worker cannot take a block" in told
    assert "install it where they run" in told


@pytest.mark.slow
@needs_dask
def test_a_scheduler_without_workers_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "WORKER_SECONDS", 1)
    with cluster(0, folder=tmp_path) as found:
        assert "the scheduler has no worker after 1 seconds" in failure_of(dask(found))


@needs_dask
def test_nobody_at_the_address_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 1)
    start = time.monotonic()
    assert f"cluster {NOBODY}: no scheduler answers within 1 seconds" in failure_of(
        Crew(backend="dask", address=NOBODY)
    )
    assert time.monotonic() - start < 10.0


@needs_dask
def test_somebody_who_never_speaks_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask itself would listen for ever."""
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert "no scheduler answers within 1 seconds (none was heard)" in failure_of(Crew(1, "dask", address))


@needs_dask
def test_somebody_who_speaks_otherwise_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask takes the first bytes for a length, whatever was sent, and asks for as much memory."""
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 1)

    def speak() -> None:
        with other.accept()[0] as caller:
            caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as other:
        Thread(target=speak, daemon=True).start()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        assert f"cluster {address}: no scheduler answers within 1 seconds" in failure_of(Crew(1, "dask", address))


def test_dask_that_is_not_installed_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "distributed", None)
    told = failure_of(Crew(backend="dask", address=NOBODY))
    assert 'Dask is not installed; allowed is a machine that has it; install it with `pip install "obsolesce[' in told


def failure_of(crew: Crew, trial: Trial | None = None) -> str:
    """What a run that fails says, in one line."""
    with pytest.raises(ModelError) as failure:
        list(work_out(jobs_of(12, trial), crew, work=quick))
    assert "\n" not in str(failure.value)
    return str(failure.value)
