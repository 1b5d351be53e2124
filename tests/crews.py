"""Jobs that take no time, and a cluster on this machine, for the tests of crews and checkpoints."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from valuation.draws.sampling import Plan, draw
from valuation.paths.montecarlo import Job, Outcomes, portions

ROOT = Path(__file__).resolve().parents[1]
HAS_DASK = find_spec("distributed") is not None
WIDTH, YEARS, GROUPS = 16, 3, 2
START_SECONDS = 60.0
WORKER_LOG = "worker.log"
PLAN = Plan(7, "philox", ("a", "b"), ("c",), 12, np.eye(3), width=WIDTH)
TRIAL = Path(os.devnull)


@dataclass(frozen=True)
class Trial:
    """Stands where a risk stands in a job: a worker that comes to one of the blocks is killed, so many times."""

    folder: Path = TRIAL
    killed_at: tuple[int, ...] = ()
    times: int = 1
    seconds: float = 0.0

    def __call__(self, _draws: Any) -> Any:
        raise AssertionError("a trial draws nothing: `quick` works its blocks out")

    def suffer(self, block: int) -> None:
        """Kill this process if it is its turn."""
        time.sleep(self.seconds)
        if block not in self.killed_at:
            return
        for time_ in range(self.times):
            try:
                (self.folder / f"killed-{block}-{time_}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)


def quick(job: Job) -> Outcomes:
    """Some outcomes of a block, by way of linear algebra."""
    build, plan, _, portion = job
    if isinstance(build, Trial):
        build.suffer(portion.block)
    draws = draw(plan, portion.replicate, portion.block)
    number = draws.scalars[0]
    rows = np.exp(draws.series[: YEARS + 1, 0]) @ (np.eye(plan.width) + 0.1 * np.outer(number, number))
    whole = np.arange(plan.width, dtype=np.int64)
    return Outcomes(
        bounds=np.arange(YEARS + 1, dtype=np.int64),
        npv=number,
        irr=np.where(number > 0.0, number, np.nan),
        peak_write_down=np.exp(number),
        peak_bound=whole,
        t50=np.where(number > 0.0, np.inf, -0.0),
        t90=draws.scalars[1],
        t100=draws.series.sum(axis=(0, 1)),
        value_in_exchange=rows,
        carrying=rows.cumsum(axis=0),
        hidden_depreciation=np.diff(rows, axis=0),
        earned=np.broadcast_to(rows[:, :1], rows.shape),
        retirement=np.stack([whole] * GROUPS),
        unrecoverable=rows / 2,
        landing_slips=np.stack([number] * GROUPS),
        first_advance=np.where(number > 1.0, number, np.inf),
        first_stranding=np.full_like(number, np.inf),
    )


def jobs_of(blocks: int, trial: Trial | None = None, replicates: int = 1, short: int = 0) -> list[Job]:
    """Jobs of a run, the last block of each replicate cut short by some paths."""
    paths, build = blocks * WIDTH - short, trial or Trial()
    return [(build, PLAN, "books", portion) for portion in portions(0, paths, WIDTH, replicates)]


def bits(outcomes: Outcomes) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Every array of some outcomes, to the bit."""
    arrays = {item.name: np.asarray(getattr(outcomes, item.name)) for item in fields(outcomes)}
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}


@dataclass
class Cluster:
    """A scheduler and its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def free_port() -> int:
    """Port of the loopback address that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def cluster(workers: int = 2, *, folder: Path) -> Iterator[Cluster]:
    """A Dask scheduler and workers of one thread each, on the loopback address; ended in any case."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    words = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"]
    found = Cluster(address, start(words, folder), [])
    try:
        wait_for_port(port, found.scheduler)
        found.workers += [start_worker(address, folder) for _ in range(workers)]
        wait_for_workers(folder / WORKER_LOG, workers)
        yield found
    finally:
        end([*found.workers, found.scheduler])


def start_worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """A worker that is not started again when it dies."""
    words = ["worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    return start([*words, "--local-directory", str(folder), "--memory-limit", "0", "--death-timeout", "60"], folder)


def start(words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """A process of Dask, which ends by itself after some minutes whatever happens to this one."""
    script = (
        "import signal, sys; signal.alarm(300); from distributed.cli import dask_scheduler, dask_worker; "
        "kind = sys.argv.pop(1); {'scheduler': dask_scheduler, 'worker': dask_worker}[kind].main()"
    )
    with (folder / f"{words[0]}.log").open("ab") as log:
        return subprocess.Popen([sys.executable, "-c", script, *words], cwd=ROOT, stdout=log, stderr=log)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the scheduler did not start")


def wait_for_workers(log: Path, count: int) -> None:
    """Wait until so many workers have told their scheduler that they are there."""
    deadline = time.monotonic() + START_SECONDS
    while count and log.read_text(encoding="utf-8", errors="replace").count("Registered to:") < count:
        if time.monotonic() > deadline:
            raise RuntimeError("the workers did not start")
        time.sleep(0.1)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """End processes, by force where asking does not help."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10.0)
