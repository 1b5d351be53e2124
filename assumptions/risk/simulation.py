"""Risk runs: the scenarios of a case on the same random paths, and what these say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assumptions.cases.fingerprint import risk_digest
from assumptions.chapters.schema import Case
from assumptions.door.messages import error, nearest
from assumptions.risk.attrition import widest
from assumptions.risk.checkpoints import Checkpoint, Task, identity, open_checkpoint, work_through
from assumptions.risk.drawn import Risk
from assumptions.risk.riskrequest import TAIL_WORD, Execution, Sampling, check_sampling
from assumptions.runs import RANKING_LEDGER, CaseRun, run_case
from valuation.draws.sampling import Draws, Plan
from valuation.paths.execution import Crew
from valuation.paths.montecarlo import Outcomes, portions
from valuation.paths.prospects import Prospects
from valuation.paths.risk_summary import Gathering, RiskSummary, path_figures
from valuation.statistics.intervals import Estimate, enough
from valuation.timeline import FloatArray


@dataclass(frozen=True)
class PathRows:
    """Outcomes of the paths of a block in one scenario.

    Attributes
    ----------
    scenario : int
        Its place in the run.
    replicate, first : int
        Replicate, and number of the first path in it.
    values : dict of numpy.ndarray
        By name, shape (n,).
    """

    scenario: int
    replicate: int
    first: int
    values: dict[str, FloatArray]


@dataclass(frozen=True)
class RiskRun:
    """A case and its scenarios on random paths.

    Attributes
    ----------
    run : CaseRun
        The same without chance.
    sampling : Sampling
        What was asked, the ledger named.
    digest : str
        Fingerprint of the assumptions and of what is random in them.
    summaries : tuple of RiskSummary
        In the order of the scenarios.
    paths : int
        Paths drawn in all.
    reached : bool or None
        Whether the error was reached; None where none was asked for.
    repaired : float
        Largest change that made a correlation matrix of what the case says; 0 where it is one.
    rows : tuple of PathRows
        Outcomes of the paths; empty unless they were to be kept.
    damaged : tuple of str
        Blocks of the checkpoint that could not be read and were worked out again.
    """

    run: CaseRun
    sampling: Sampling
    digest: str
    summaries: tuple[RiskSummary, ...]
    paths: int
    reached: bool | None
    repaired: float
    rows: tuple[PathRows, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def paths_each(self) -> int:
        """Paths of each replicate."""
        return self.paths // self.sampling.replicates


@dataclass(frozen=True)
class SharedDraws:
    """Paths of a scenario from draws that it shares with others.

    Attributes
    ----------
    risk : Risk
        The scenario.
    scalars : tuple of str
        Names of what is drawn once a path for all scenarios.
    """

    risk: Risk
    scalars: tuple[str, ...]

    def __call__(self, draws: Draws) -> Prospects:
        """Paths of a block of draws."""
        rows = [self.scalars.index(name) for name in self.risk.scalars()]
        return self.risk(Draws(draws.scalars[rows], draws.series, draws.apart))


def run_risk(
    case: Case,
    sampling: Sampling,
    scenario_names: Sequence[str] | None = None,
    overrides: Iterable[str | tuple[str, Any]] = (),
    *,
    progress: Callable[[int], None] = lambda _paths: None,
    execution: Execution | None = None,
) -> RiskRun:
    """Run the scenarios of a case on the same random paths.

    Parameters
    ----------
    case : Case
        The case.
    sampling : Sampling
        How many paths, and how.
    scenario_names, overrides
        As of `run_case`; the base alone if there are no names.
    progress : callable
        Told the paths that are done in all scenarios, block by block.
    execution : Execution, optional
        Who works the blocks out, and where they are kept; this process alone, and nowhere, if not given.

    Returns
    -------
    RiskRun
        The base first. A scenario that draws more than the base (advances that arrive by chance) moves the later
        dimensions of Sobol points for all of them; other samplers give the base the same draws in any company.
    """
    check_sampling(sampling)
    run = run_case(case, scenario_names or (), overrides)
    sampling = replace(sampling, ledger=_ledger(run.case, sampling.ledger))
    risks = [Risk(run.case, scenario) for scenario in run.scenarios]
    for risk in risks:
        risk.check()
    plan, repaired = shared_plan(risks, sampling)
    execution = execution or Execution()
    kept = _checkpoint(run, sampling, plan, execution)
    state = _Rounds(sampling, plan, _builds(run, risks, plan), progress, execution.crew, kept)
    reached = state.run()
    return RiskRun(
        run=run,
        sampling=sampling,
        digest=risk_digest(run.case, run.scenarios),
        summaries=tuple(gathering.summary() for gathering in state.gathered),
        paths=state.done * sampling.replicates,
        reached=reached,
        repaired=repaired,
        rows=tuple(state.rows),
        damaged=tuple(state.kept.damaged) if state.kept else (),
    )


def _builds(run: CaseRun, risks: Sequence[Risk], plan: Plan) -> dict[str, SharedDraws]:
    """What makes the paths of every scenario, by its name."""
    names = [scenario.name for scenario in run.scenarios]
    return dict(zip(names, (SharedDraws(risk, plan.scalars) for risk in risks), strict=True))


def _checkpoint(run: CaseRun, sampling: Sampling, plan: Plan, execution: Execution) -> Checkpoint | None:
    """Where the blocks of the run are kept, if anywhere."""
    if execution.checkpoint is None:
        return None
    assert sampling.ledger is not None  # named by the run
    return open_checkpoint(execution.checkpoint, identity(run.case, run.scenarios, plan, sampling.ledger))


def shared_plan(risks: Sequence[Risk], sampling: Sampling) -> tuple[Plan, float]:
    """What is drawn for all scenarios at once, and how far the correlations had to be repaired.

    Parameters
    ----------
    risks : sequence of Risk
        The base first; what others draw beyond it comes last.
    sampling : Sampling
        What is asked.
    """
    base = risks[0]
    names = tuple(dict.fromkeys(name for risk in risks for name in risk.scalars()))
    correlation, repaired = base.correlation((*names, *base.moving))
    plan = base.plan(sampling.seed, sampling.kind)
    drawn = replace(plan, scalars=names, correlation=correlation, width=sampling.width, dtype=sampling.dtype)
    return replace(drawn, apart=widest(risk.apart() for risk in risks)), repaired


@dataclass(frozen=True)
class _Round:
    """Blocks to be worked out, every one in all scenarios before the next; listed anew whenever they are gone over."""

    builds: dict[str, SharedDraws]
    plan: Plan
    ledger: str
    between: tuple[int, int]
    """Paths of each replicate before and after."""
    replicates: int

    def __iter__(self) -> Iterator[Task]:
        for portion in portions(*self.between, self.plan.width, self.replicates):
            for name, build in self.builds.items():
                yield name, (build, self.plan, self.ledger, portion)


@dataclass
class _Rounds:
    """Blocks of all scenarios, worked out round by round until there are enough of them."""

    sampling: Sampling
    plan: Plan
    builds: dict[str, SharedDraws]
    progress: Callable[[int], None]
    crew: Crew
    kept: Checkpoint | None
    done: int = 0
    """Paths of each replicate that are done."""
    gathered: list[Gathering] = field(default_factory=list)
    rows: list[PathRows] = field(default_factory=list)

    def run(self) -> bool | None:
        """Work out what is needed; whether the error was reached, None where none was asked for."""
        self.gathered = [Gathering(self.sampling.depth) for _ in self.builds]
        most = self.sampling.paths // self.sampling.replicates
        for until in self._looks(most):
            self._work(until)
            self.done = until
            if self.sampling.target_error is not None and self._enough(self.sampling.target_error):
                return True
        return None if self.sampling.target_error is None else False

    def _looks(self, most: int) -> list[int]:
        """Paths of each replicate at which the error is looked at, whole blocks but for the last."""
        if self.sampling.target_error is None:
            return [most]
        looks, width = [], self.plan.width
        while width < most:
            looks.append(width)
            width = 2 * width
        return [*looks, most]

    def _work(self, until: int) -> None:
        base: Outcomes | None = None
        last = len(self.builds) - 1
        places = {name: number for number, name in enumerate(self.builds)}
        for name, portion, found in work_through(self._round(until), self.crew, self.kept):
            number = places[name]
            base = found if number == 0 else base
            self.gathered[number].add(portion, found, base if number else None)
            if self.sampling.keep_paths:
                first = portion.block * self.plan.width
                self.rows.append(PathRows(number, portion.replicate, first, path_figures(found)))
            if number == last:
                self.progress(found.paths)

    def _round(self, until: int) -> _Round:
        """Blocks of this round."""
        assert self.sampling.ledger is not None  # named by the run
        return _Round(self.builds, self.plan, self.sampling.ledger, (self.done, until), self.sampling.replicates)

    def _enough(self, half_width: float) -> bool:
        return all(enough(self._target(gathering), half_width) for gathering in self.gathered)

    def _target(self, gathering: Gathering) -> Estimate:
        name = self.sampling.target
        if name.endswith(TAIL_WORD):
            return gathering.tail_mean(name.removesuffix(TAIL_WORD)).estimate
        return gathering.mean(name).estimate


def _ledger(case: Case, wanted: str | None) -> str:
    kept = list(case.ledgers)
    if wanted is None:
        return RANKING_LEDGER if RANKING_LEDGER in kept else kept[0]
    if wanted not in kept:
        raise error(f"--ledger {wanted}", "unknown set of books", ", ".join(kept), nearest(wanted, kept))
    return wanted
