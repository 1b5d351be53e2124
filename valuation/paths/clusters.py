"""Workers of a Dask cluster, through joblib's own backend, which is all that is known of Dask here.

That backend waits for ever for a block that Dask gives up, and for a cluster that has gone. Here both end the run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

from joblib import _dask as door

from valuation.errors import WorkError, refusal

CONNECT_SECONDS = 5
"""Time that a scheduler has to answer."""
WORKER_SECONDS = 10
"""Time that it may take until there is a worker."""
LOST_SECONDS = 30.0
"""Time without scheduler or worker after which a cluster counts as lost."""
LOOK_SECONDS = 1.0
"""Time between two looks at a cluster."""

_RESUME = "resume the run from its checkpoint if it keeps one"


@contextmanager
def cluster(address: str) -> Iterator[tuple[door.DaskDistributedBackend, int]]:
    """Connection to a cluster: what joblib hands its jobs to, and the number of workers.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://HOST:PORT``.
    """
    if door.distributed is None:
        remedy = 'install it with `pip install "obsolesce[distributed]"`'
        raise WorkError(_refusal(address, "Dask is not installed", "a machine that has it", remedy))
    with _quiet():
        client = _connected(address)
        try:
            _await_worker(client, address)
            backend = _Backend(client, address)
            try:
                yield backend, sum(client.ncores().values())
            finally:
                backend.is_over = True
        finally:
            client.close(timeout=CONNECT_SECONDS)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's own log held back: what ends a run is told by the run, in one line."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _await_worker(client: door.Client, address: str) -> None:
    """Wait for a worker, for some time."""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        told = f"the scheduler has no worker after {WORKER_SECONDS} seconds"
        raise WorkError(_refusal(address, told, "one or more", "start workers")) from None


def _connected(address: str) -> door.Client:
    """Client of a scheduler."""
    answer: Future[door.Client] = Future()

    def ask() -> None:
        try:
            answer.set_result(_client(address))
        except Exception as failure:
            answer.set_exception(failure)

    # Dask's own limit does not hold where somebody listens who never speaks.
    Thread(target=ask, daemon=True).start()
    try:
        return answer.result(timeout=2 * CONNECT_SECONDS)
    except Exception as failure:  # whatever else listens at the address may send anything, and Dask reads it
        why = "none was heard" if isinstance(failure, TimeoutError) else _first_line(failure)
        told = f"no scheduler answers within {CONNECT_SECONDS} seconds ({why})"
        remedy = "start it, or correct the address"
        raise WorkError(_refusal(address, told, "a scheduler that runs", remedy)) from None


def _client(address: str) -> door.Client:
    class Client(door.Client):  # type: ignore[misc]  # Dask tells no types
        def __del__(self) -> None:
            # One that never got through cannot be closed in time, which Python would tell with a traceback.
            with suppress(TimeoutError):
                super().__del__()

    return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)


class _Backend(door.DaskDistributedBackend):  # type: ignore[misc]  # Joblib tells no types
    """Joblib's backend, which hears of what goes wrong with the cluster itself."""

    def __init__(self, client: door.Client, address: str) -> None:
        super().__init__(client=client, wait_for_workers_timeout=WORKER_SECONDS)
        self._address, self.is_over = address, False
        client.loop.add_callback(self._watch)

    def effective_n_jobs(self, n_jobs: int = 1) -> int:
        try:
            # With one worker joblib would do the work in this process.
            return max(int(super().effective_n_jobs(n_jobs)), 2)
        except (OSError, TimeoutError, RuntimeError):
            raise self._gone("its workers or its scheduler are gone") from None

    def submit(self, func: object, callback: Callable[[object], None]) -> Future[Any]:
        def tell(done: Future[Any]) -> None:
            failure = done.exception()
            if failure is not None:
                callback(failure)

        future: Future[Any] = super().submit(func, callback)
        future.add_done_callback(tell)
        return future

    def retrieve_result_callback(self, out: object) -> object:
        # What a block raises comes wrapped; what is bare is the cluster's.
        if isinstance(out, BaseException):
            raise self._translated(out) from None
        return super().retrieve_result_callback(out)

    def _translated(self, failure: BaseException) -> WorkError:
        if isinstance(failure, WorkError):
            return failure
        if type(failure).__name__ == "KilledWorker":
            told = "one block was lost with several workers, killed by the system if memory ran out"
            remedy = f"give them more memory, and {_RESUME}"
            return WorkError(_refusal(self._address, told, "a cluster whose workers stay", remedy))
        if isinstance(failure, asyncio.CancelledError) or type(failure).__name__ == "FutureCancelledError":
            return self._gone("the scheduler has dropped the blocks")
        told = f"a worker cannot take a block ({type(failure).__name__}: {_first_line(failure)})"
        remedy = "install it where they run"
        return WorkError(_refusal(self._address, told, "a cluster of workers with the same obsolesce", remedy))

    def _gone(self, what: str) -> WorkError:
        return WorkError(_refusal(self._address, what, "a cluster that stays", f"start it again, and {_RESUME}"))

    async def _watch(self) -> None:
        """Give up the blocks that are out if the cluster is gone for long."""
        missing = 0.0
        while not self.is_over:
            await asyncio.sleep(LOOK_SECONDS)
            missing = 0.0 if await self._is_there() else missing + LOOK_SECONDS
            if missing >= LOST_SECONDS:
                gone = self._gone(f"no scheduler or no worker for {LOST_SECONDS:.0f} seconds")
                for future in list(self._results.values()):
                    if not future.done():
                        future.set_exception(gone)

    async def _is_there(self) -> bool:
        if self.client.status != "running":
            return False
        try:
            return bool(await asyncio.wait_for(self.client.scheduler.ncores(), LOOK_SECONDS))
        except (OSError, TimeoutError, RuntimeError):
            return False


def _refusal(address: str, what: str, allowed: str, remedy: str) -> str:
    return refusal(f"cluster {address}", what, allowed, remedy)


def _first_line(failure: BaseException) -> str:
    lines = str(failure).splitlines()
    return lines[0] if lines else type(failure).__name__
