"""Blocks on crews: the same bits in the same order whoever works them out, and an end whatever befalls the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_info, threadpool_limits

from tests.crews import ROOT, Trial, bits, jobs_of, quick
from valuation.errors import AssumptionError, WorkError
from valuation.paths import execution
from valuation.paths.execution import AHEAD, ALONE, Backend, Crew, crew_of, work_out
from valuation.paths.montecarlo import Job, Outcomes, Portion
from valuation.paths.numerics import difference, numerics

BLOCKS = 12
STOPPED_SECONDS, LIMIT_SECONDS = 5.0, 60.0
CREWS = [Crew(2, "threads"), Crew(2, "loky")]


@pytest.fixture(autouse=True)
def no_processes_left() -> Iterator[None]:
    """Worker processes would be waiting for the next test."""
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@cache
def alone() -> list[tuple[Portion, Any]]:
    return [(portion, bits(found)) for portion, found in work_out(jobs_of(BLOCKS), work=quick)]


def worked(crew: Crew, trial: Trial | None = None) -> list[tuple[Portion, Any]]:
    return [(portion, bits(found)) for portion, found in work_out(jobs_of(BLOCKS, trial), crew, work=quick)]


def failing(job: Job) -> Outcomes:
    if job[-1].block == 3:
        raise AssumptionError("a block that cannot be worked out")
    return quick(job)


def foreign(job: Job) -> Outcomes:
    vars(execution)["numerics"] = lambda: (("obsolesce", "0.0.1"),)
    return quick(job)


def threads_seen(job: Job) -> Outcomes:
    most = max((found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"), default=1)
    outcomes = quick(job)
    return replace(outcomes, npv=np.full(outcomes.paths, float(most)))


def test_a_run_alone_takes_its_blocks_in_order() -> None:
    portions = [portion for portion, _ in alone()]
    assert [portion.block for portion in portions] == list(range(BLOCKS))
    assert sum(found["npv"][1][0] for _, found in alone()) == portions[0].paths == BLOCKS * 16


@pytest.mark.parametrize("crew", CREWS, ids=lambda crew: crew.backend)
def test_every_crew_comes_to_the_same_bits(crew: Crew) -> None:
    assert worked(crew) == alone()


def test_memory_is_bounded_by_what_is_ahead() -> None:
    """A reader who is slow holds the work up; jobs are taken as the work goes on."""
    taken = 0

    def jobs() -> Iterator[Job]:
        nonlocal taken
        for job in jobs_of(50):
            taken += 1
            yield job

    crew = Crew(2, "threads")
    found = work_out(jobs(), crew, work=quick)
    next(found)
    time.sleep(0.5)
    assert taken <= AHEAD * crew.workers + 1
    rest = list(found)
    assert [portion.block for portion, _ in rest] == list(range(1, 50))


def test_a_killed_worker_is_replaced_once(tmp_path: Path) -> None:
    assert worked(Crew(2, "loky"), Trial(tmp_path, killed_at=(4,))) == alone()
    assert [path.name for path in tmp_path.iterdir()] == ["killed-4-0"]


def test_workers_killed_again_end_the_run_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"killed twice.*resume the run from its checkpoint") as failure:
        worked(Crew(2, "loky"), Trial(tmp_path, killed_at=(4,), times=100))
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("crew", [ALONE, *CREWS], ids=lambda crew: crew.backend)
def test_an_error_of_a_block_is_the_error_of_the_run(crew: Crew) -> None:
    with pytest.raises(AssumptionError, match="a block that cannot be worked out"):
        list(work_out(jobs_of(BLOCKS), crew, work=failing))


@pytest.mark.parametrize("crew", [ALONE, *CREWS], ids=lambda crew: crew.backend)
def test_a_run_may_be_left(crew: Crew) -> None:
    found = work_out(jobs_of(BLOCKS), crew, work=quick)
    next(found)
    found.close()
    assert list(found) == []


def test_no_jobs_are_no_blocks() -> None:
    assert list(work_out([], Crew(2, "threads"))) == []


def test_workers_of_another_kind_are_refused() -> None:
    with pytest.raises(WorkError, match=r"worker: obsolesce 0\.0\.1; allowed is .* start workers of one kind"):
        list(work_out(jobs_of(4), Crew(2, "loky"), work=foreign))


@pytest.mark.parametrize("crew", [ALONE, *CREWS], ids=lambda crew: crew.backend)
def test_linear_algebra_has_one_thread(crew: Crew) -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        before = threadpool_info()
        for _, found in work_out(jobs_of(6), crew, work=threads_seen):
            assert np.unique(found.npv).tolist() == [1.0]
        assert [found["num_threads"] for found in threadpool_info()] == [found["num_threads"] for found in before]


def test_numerics_tell_what_differs() -> None:
    own = numerics()
    assert difference(own, own) is None
    assert difference((*own[:1], ("numpy", "0.1"), *own[2:]), own) == ("numpy", "0.1", np.__version__)
    assert difference(own[1:], own) == ("obsolesce", "nothing", dict(own)["obsolesce"])
    assert difference((*own, ("colour", "red")), own) == ("colour", "red", "nothing")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"workers": 0}, "workers: 0 is out of range"),
        ({"workers": 1_000_000, "backend": "loky"}, "allowed is a whole number from 1 to 1,024"),
        ({"workers": 2}, "workers: 2 of a serial run"),
        ({"backend": "cloud"}, "backend: 'cloud' is unknown; allowed is serial, threads, loky, dask"),
        ({"backend": "dask"}, "cluster: no address with backend dask"),
        ({"backend": "dask", "address": "host:8786"}, "cluster: 'host:8786' is no address"),
        ({"backend": "dask", "address": "tcp://host"}, "allowed is tcp://HOST:PORT"),
        ({"address": "tcp://host:8786"}, "cluster: 'tcp://host:8786' with backend serial"),
    ],
)
def test_crews_that_cannot_be(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(AssumptionError) as failure:
        Crew(**settings)
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("asked", "backend"),
    [
        ((1, None, ""), "serial"),
        ((3, None, ""), "loky"),
        ((3, "threads", ""), "threads"),
        ((1, None, "tcp://host:8786"), "dask"),
    ],
)
def test_the_backend_follows_from_what_is_asked_for(
    asked: tuple[int, Backend | None, str], backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: True, raising=False)
    assert crew_of(*asked).backend == backend


def test_an_interpreter_without_a_lock_gets_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    found = [crew_of(*asked).backend for asked in ((3,), (3, "loky"), (1,), (1, None, "tcp://host:8786"))]
    assert found == ["threads", "loky", "serial", "dask"]


# Whoever starts the tests in the background may have them ignore interrupts, and what they start inherits that.
STOPPABLE = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.crews import Trial, jobs_of, quick
from valuation.paths.execution import crew_of, work_out
try:
    for portion, _ in work_out(jobs_of(400, Trial(seconds=0.5)), crew_of(int(sys.argv[1]), sys.argv[2]), work=quick):
        print(portion.block, flush=True)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.slow
@pytest.mark.parametrize("crew", [ALONE, *CREWS], ids=lambda crew: crew.backend)
def test_an_interrupted_run_stops_at_once(crew: Crew) -> None:
    words = [sys.executable, "-c", STOPPABLE, str(crew.workers), crew.backend]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        start = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        try:
            out, err = process.communicate(timeout=LIMIT_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert time.monotonic() - start < STOPPED_SECONDS
    assert out.endswith("stopped\n")
    assert "Traceback" not in err
