"""What is asked of a risk run: how many paths, how they are drawn, how exact, by whom, and where blocks are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from assumptions.door.messages import error, nearest
from valuation.draws.sampling import BLOCK, Sampler
from valuation.paths.execution import ALONE, Backend, Crew, crew_of
from valuation.paths.risk_figures import Depth
from valuation.paths.risk_summary import IRR, NPV, PEAK, PEAK_MONTHS, T50, T90, T100
from valuation.precision import DOUBLE, PRECISIONS

MOST_PATHS = 2**32
"""Paths that a run may be asked for: more than a cluster draws in a month."""
REPLICATES = 8
"""Independent replicates of every sampler whose paths depend on each other."""
PLAIN: Sampler = "philox"
"""Sampler of independent paths: one replicate."""
TAIL_WORD = ".tail_mean"
TARGETS = (*(NPV, IRR, PEAK, PEAK_MONTHS, T50, T90, T100), *(f"{name}{TAIL_WORD}" for name in (NPV, PEAK)))
"""Statistics whose error a run may be asked to reach: means, and mean losses on the worst paths."""
FIRST_LOOK = 256
"""Paths of one of several replicates after which the error is looked at first; then whenever there are twice as many.

A single replicate, that of independent paths, is looked at after its first block.
"""


@dataclass(frozen=True)
class Sampling:
    """What is asked of a risk run.

    Attributes
    ----------
    paths : int
        Paths in all; the most of them where an error is to be reached.
    seed : int
        Seed.
    sampler : str
        ``sobol``, ``philox``, ``lhs`` or ``antithetic``.
    ledger : str or None
        Books whose write-downs are measured; those disclosed, or the first, if None.
    target : str
        Statistic whose error is to be reached, one of `TARGETS`.
    target_error : float or None
        Half the width of its interval at which the run stops; None to draw all paths.
    keep_paths : bool
        Whether the outcomes of every path are kept.
    stream : bool
        Whether figures are read off histograms from the first blocks on, so that memory does not grow with the paths.
    precision : str
        ``double`` or ``single``, which rounds rents and what is expected of them in the seventh digit. Draws of the
        two are not the same numbers.
    """

    paths: int
    seed: int = 1
    sampler: str = "sobol"
    ledger: str | None = None
    target: str = NPV
    target_error: float | None = None
    keep_paths: bool = False
    stream: bool = False
    precision: str = DOUBLE

    @property
    def depth(self) -> Depth:
        """How much of a sample is kept."""
        return Depth(self.replicates, limit=0) if self.stream else Depth(self.replicates)

    @property
    def kind(self) -> Sampler:
        """The sampler, as it is known to be one."""
        return next(each for each in get_args(Sampler) if each == self.sampler)

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """Precision that paths are worked out in."""
        return np.dtype(self.precision)

    @property
    def replicates(self) -> int:
        """Independent replicates."""
        return 1 if self.sampler == PLAIN else REPLICATES

    @property
    def width(self) -> int:
        """Paths of a block."""
        most = BLOCK if self.target_error is None or self.replicates == 1 else FIRST_LOOK
        return min(most, self.paths // self.replicates)


@dataclass(frozen=True)
class Execution:
    """How a risk run is worked out: by whom, and where finished blocks are kept.

    Attributes
    ----------
    crew : Crew
        Who works the blocks out.
    checkpoint : Path or None
        Folder in which finished blocks are kept, and from which a run goes on.
    """

    crew: Crew = ALONE
    checkpoint: Path | None = None


def execution_of(workers: int, backend: str | None, cluster: str | None, checkpoint: Path | None) -> Execution:
    """Execution as a user asks for it.

    Parameters
    ----------
    workers : int
        Threads or processes.
    backend : str or None
        How they work: ``serial``, ``threads``, ``loky`` or ``dask``; by what there is to do if None.
    cluster : str or None
        Address of a Dask scheduler, ``tcp://HOST:PORT``.
    checkpoint : Path or None
        Folder of finished blocks.

    Raises
    ------
    AssumptionError
        If the backend is unknown, or backend, workers and cluster do not go together.
    """
    known = list(get_args(Backend))
    if backend is not None and backend not in known:
        raise error(f"--backend {backend}", "unknown backend", ", ".join(known), nearest(backend, known))
    chosen = next((each for each in get_args(Backend) if each == backend), None)
    return Execution(crew_of(workers, chosen, cluster or ""), checkpoint)


def _check_stream(sampling: Sampling) -> None:
    if sampling.stream and sampling.keep_paths:
        raise error("--stream", "paths are not kept then", "--stream or --parquet", "leave one of them out")


def check_sampling(sampling: Sampling) -> None:
    """Refuse a request that no run can meet.

    Parameters
    ----------
    sampling : Sampling
        What is asked.

    Raises
    ------
    AssumptionError
        In one line.
    """
    kinds = list(get_args(Sampler))
    if sampling.sampler not in kinds:
        remedy = nearest(sampling.sampler, kinds)
        raise error(f"--sampler {sampling.sampler}", "unknown sampler", ", ".join(kinds), remedy)
    if sampling.precision not in PRECISIONS:
        remedy = nearest(sampling.precision, PRECISIONS)
        raise error(f"--precision {sampling.precision}", "unknown precision", ", ".join(PRECISIONS), remedy)
    _check_paths(sampling)
    _check_stream(sampling)
    if sampling.seed < 0:
        raise error(f"--seed {sampling.seed}", "below zero", "a whole number from 0 on", "choose another one")
    if sampling.target not in TARGETS:
        remedy = nearest(sampling.target, TARGETS)
        raise error(f"--target {sampling.target}", "unknown statistic", ", ".join(TARGETS), remedy)
    if sampling.target_error is not None and not (sampling.target_error > 0.0 and np.isfinite(sampling.target_error)):
        what, allowed = "not above zero", "half the width of an interval, in the unit of --target"
        raise error(f"--target-error {sampling.target_error:g}", what, allowed, "choose another one")


def _check_paths(sampling: Sampling) -> None:
    paths, least = sampling.paths, 2 * sampling.replicates
    where = f"--paths {paths}"
    if paths < least:
        what = "too few for an error" if paths > 0 else "no paths"
        raise error(where, what, f"{least} or more with --sampler {sampling.sampler}", "draw more")
    if paths > MOST_PATHS:
        raise error(where, "more than can be drawn", f"{MOST_PATHS:,} or less", "draw fewer")
    if sampling.sampler == "sobol" and paths & (paths - 1):
        below = 1 << (paths.bit_length() - 1)
        what, remedy = "Sobol points come in powers of two", f"take {below} or {2 * below}"
        raise error(where, what, "a power of two", remedy)
    step = 2 * REPLICATES if sampling.sampler == "antithetic" else sampling.replicates
    if paths % step:
        below = paths - paths % step
        what = f"{REPLICATES} replicates of equally many paths"
        what = f"{what}, in pairs" if sampling.sampler == "antithetic" else what
        raise error(where, what, f"a multiple of {step}", f"take {below} or {below + step}")
