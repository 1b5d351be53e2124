"""Blocks of a risk run on a crew: one process, threads, worker processes, or the workers of a Dask cluster.

Whoever works a block out, its bits are the same, and blocks come back in the order in which they were asked for. Only
a few are ahead of the one that is waited for, so memory does not grow with the run.
"""

from __future__ import annotations

import re
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import joblib

from valuation.errors import AssumptionError, WorkError, refusal
from valuation.paths.montecarlo import Job, Outcomes, Portion, run_block
from valuation.paths.numerics import Numerics, difference, numerics, one_blas_thread, settle_on_one_blas_thread

Backend = Literal["serial", "threads", "loky", "dask"]
Work = Callable[[Job], Outcomes]
"""What is done with a job; workers import it by its name."""

WAITING = 2
"""Blocks for each worker that are handed out at first, so that none waits for the next one."""
AHEAD = 8
"""Blocks for each worker that may be handed out and not yet taken back."""

MOST_WORKERS = 1024
"""Workers that one machine may be asked for: far more than it has cores, and few enough to be started."""

ADDRESS = "tcp://HOST:PORT"
_ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+\Z")
_ELSEWHERE = ("loky", "dask")
_OF_JOBLIB = {"serial": "sequential", "threads": "threading", "loky": "loky"}


@dataclass(frozen=True)
class Crew:
    """Who works the blocks out.

    Attributes
    ----------
    workers : int
        Threads or processes; Dask takes all the workers its scheduler has.
    backend : str
        ``serial``: this process, one block after another. ``threads``: threads of this process. ``loky``: processes
        of this machine. ``dask``: workers of a cluster.
    address : str
        Of the Dask scheduler, as ``tcp://HOST:PORT``.
    """

    workers: int = 1
    backend: Backend = "serial"
    address: str = ""

    def __post_init__(self) -> None:
        if self.backend not in get_args(Backend):
            allowed = ", ".join(get_args(Backend))
            raise AssumptionError(refusal("backend", f"{self.backend!r} is unknown", allowed, "choose one of them"))
        if not 1 <= self.workers <= MOST_WORKERS:
            allowed = f"a whole number from 1 to {MOST_WORKERS:,}"
            raise AssumptionError(refusal("workers", f"{self.workers} is out of range", allowed, "change the value"))
        if self.backend == "serial" and self.workers > 1:
            told, remedy = f"{self.workers} of a serial run", "choose threads or loky as backend"
            raise AssumptionError(refusal("workers", told, "1", remedy))
        self._check_address()

    def _check_address(self) -> None:
        if self.backend == "dask" and not self.address:
            told, remedy = "no address with backend dask", "give that of the scheduler"
            raise AssumptionError(refusal("cluster", told, ADDRESS, remedy))
        if self.backend != "dask" and self.address:
            told = f"{self.address!r} with backend {self.backend}"
            raise AssumptionError(refusal("cluster", told, "backend dask", "leave one of the two out"))
        if self.address and not _ADDRESS.match(self.address):
            raise AssumptionError(refusal("cluster", f"{self.address!r} is no address", ADDRESS, "correct it"))


ALONE = Crew()
"""This process by itself."""


def crew_of(workers: int = 1, backend: Backend | None = None, address: str = "") -> Crew:
    """Crew from what was asked for, the backend by what it has to do.

    Parameters
    ----------
    workers : int
        Threads or processes.
    backend : str, optional
        How they work; if not given, Dask where there is an address; where there are several workers, processes, or
        threads if the interpreter lets threads run side by side.
    address : str
        Of a Dask scheduler.
    """
    if backend is None:
        several: Backend = "threads" if threads_run_side_by_side() else "loky"
        backend = "dask" if address else several if workers > 1 else "serial"
    return Crew(workers, backend, address)


def threads_run_side_by_side() -> bool:
    """Whether this interpreter has no lock that its threads share: one built free-threaded, PEP 703."""
    return not getattr(sys, "_is_gil_enabled", lambda: True)()


def work_out(
    jobs: Iterable[Job], crew: Crew = ALONE, *, work: Work = run_block
) -> Generator[tuple[Portion, Outcomes], None, None]:
    """Work blocks out and give them back in order.

    Worker processes that are killed are replaced once, and the blocks that they had are worked out again.

    Parameters
    ----------
    jobs : iterable of Job
        Blocks; taken from as the work goes on.
    crew : Crew
        Who works them out.
    work : callable
        What is done with a job.

    Yields
    ------
    Portion, Outcomes
        Of each job, in the order of the jobs.
    """
    with one_blas_thread(), _hands(crew) as (settings, workers):
        supply, losses = _Supply(jobs, AHEAD * workers), 0
        while not supply.is_done:
            try:
                yield from _pass(supply, settings, partial(_worked, work, backend=crew.backend))
            except BrokenProcessPool:
                losses += 1
                if losses > 1:
                    told = "worker processes were killed twice, by the system if it ran out of memory"
                    remedy = "use fewer workers, and resume the run from its checkpoint if it keeps one"
                    raise WorkError(refusal("workers", told, "once", remedy)) from None


@contextmanager
def _hands(crew: Crew) -> Iterator[tuple[dict[str, Any], int]]:
    """What joblib has to know of a crew, and the number of its workers."""
    if crew.backend != "dask":
        yield {"n_jobs": crew.workers, "backend": _OF_JOBLIB[crew.backend]}, crew.workers
        return
    from valuation.paths.clusters import cluster  # loads Dask, if it is there

    with cluster(crew.address) as (backend, workers):
        yield {"n_jobs": workers, "backend": backend}, workers


class _Supply:
    """Jobs, in order, as long as not too many are out; joblib asks for them under a lock of its own."""

    def __init__(self, jobs: Iterable[Job], most: int) -> None:
        self._jobs, self._most = iter(jobs), most
        self._out: deque[Job] = deque()
        self._is_empty = False

    @property
    def is_done(self) -> bool:
        """Whether every job has been taken back."""
        return self._is_empty and not self._out

    def hand_out(self) -> Iterator[Job]:
        """Jobs that are out and were lost, then new ones until too many are out."""
        yield from list(self._out)
        while len(self._out) < self._most:
            job = next(self._jobs, None)
            if job is None:
                self._is_empty = True
                return
            self._out.append(job)
            yield job

    def take_back(self) -> Portion:
        """Block of the job that has been out longest."""
        return self._out.popleft()[-1]


def _pass(
    supply: _Supply, settings: dict[str, Any], worked: Callable[[Job], tuple[Numerics, Outcomes]]
) -> Iterator[tuple[Portion, Outcomes]]:
    """Blocks until the supply ends: because there are no more jobs, or because too many wait to be taken back."""
    parallel = joblib.Parallel(
        **settings,
        return_as="generator",
        batch_size=1,
        pre_dispatch=f"{WAITING} * n_jobs",
        max_nbytes=None,  # nothing is shared through files: temporary folders are small on some machines
    )
    results = parallel(joblib.delayed(worked)(job) for job in supply.hand_out())
    try:
        for theirs, outcomes in results:
            _check_numerics(theirs)
            yield supply.take_back(), outcomes
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that blocks are left undone is known to whoever stops
            results.close()


def _worked(work: Work, job: Job, *, backend: Backend) -> tuple[Numerics, Outcomes]:
    """Work a block out, and say with what; in another process its linear algebra is held to one thread too."""
    if backend in _ELSEWHERE:
        settle_on_one_blas_thread()
    if backend == "loky":
        # Ctrl-C reaches these processes as well; the run that started them ends them, and they have nothing to tell.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return numerics(), work(job)


def _check_numerics(theirs: Numerics) -> None:
    """Refuse blocks of workers whose bits are not ours."""
    found = difference(theirs, numerics())
    if found:
        name, there, here = found
        allowed = f"{here}, as in this process, or bits would differ"
        raise WorkError(
            refusal("worker", f"{name} {there}", allowed, "start workers of one kind, with the same versions")
        )
