"""What an answer hangs on: random assumptions one at a time, and the shares of its variance that they explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from assumptions.door.messages import error, nearest
from assumptions.levers.breakeven import scenario_of
from assumptions.levers.conditions import named_figure
from assumptions.levers.levers import Read
from assumptions.levers.shocked import Shocked
from assumptions.runs import CaseRun
from valuation.draws.dependence import groups
from valuation.draws.sampling import Plan, draw
from valuation.statistics.indices import exchanged, sobol_indices
from valuation.statistics.intervals import Estimate
from valuation.timeline import CASE, FloatArray

OF, METHOD, POINTS, SEED = "--of", "--method", "--points", "--seed"
METHODS = ("tornado", "sobol")
TAIL = 0.1
"""Probability below the low end of a tornado, and above its high one."""
FEWEST, MOST = 16, 65_536
"""Points of indices."""
APART = "No two of these assumptions are correlated, so each has indices of its own."
TOGETHER = (
    "Indices need independent inputs. Assumptions that are correlated are exchanged together and have the indices of "
    "their group: what each of them alone explains is not told apart."
)
ALONE = "Each end is taken with all others at their medians, correlations left out."


@dataclass(frozen=True)
class TornadoRow:
    """One assumption at both ends of what is likely.

    Attributes
    ----------
    key, unit : str
        The assumption.
    low, median, high : float
        Its 10th, 50th and 90th percentile.
    figure_low, figure_high : float
        The figure at the ends, all others at their medians.
    swing : float
        Widest difference between the figure at the ends and at the median.
    """

    key: str
    unit: str
    low: float
    median: float
    high: float
    figure_low: float
    figure_high: float
    swing: float


@dataclass(frozen=True)
class Tornado:
    """Random assumptions of a case, one at a time.

    Attributes
    ----------
    case, scenario, name : str
        Case, scenario, and the figure.
    here, medians : float
        The figure in the case, and with every assumption at its median.
    rows : tuple of TornadoRow
        Widest swing first, those that move nothing left out.
    idle : tuple of str
        Those.
    notes : tuple of str
        What a reader must know.
    """

    case: str
    scenario: str
    name: str
    here: float
    medians: float
    rows: tuple[TornadoRow, ...]
    idle: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """Share of the variance that one assumption explains, or a group of correlated ones.

    Attributes
    ----------
    keys : tuple of str
        The assumptions.
    first, total : tuple of (float, float, float)
        Index with its interval: alone, and with all that it acts together with.
    """

    keys: tuple[str, ...]
    first: tuple[float, float, float]
    total: tuple[float, float, float]


@dataclass(frozen=True)
class Shares:
    """Sobol indices of a figure.

    Attributes
    ----------
    case, scenario, name : str
        Case, scenario, and the figure.
    here, mean, deviation : float
        The figure in the case; mean and standard deviation over the draws of the assumptions.
    rows : tuple of Share
        Largest total index first.
    alone : float
        Sum of the first indices: what is left to one is the assumptions acting together.
    points, evaluations : int
        Points of each sample, and runs of the engine.
    idle : tuple of str
        Assumptions that move nothing.
    notes : tuple of str
        What a reader must know.
    """

    case: str
    scenario: str
    name: str
    here: float
    mean: float
    deviation: float
    rows: tuple[Share, ...]
    alone: float
    points: int
    evaluations: int
    idle: tuple[str, ...]
    notes: tuple[str, ...]


def check_method(method: str, points: int, seed: int) -> None:
    """Refuse a method that there is none of, or points that no indices can be made from.

    Parameters
    ----------
    method : str
        As typed.
    points, seed : int
        Points of each sample, and what they are drawn from.

    Raises
    ------
    AssumptionError
        In one line.
    """
    if method not in METHODS:
        raise error(f"{METHOD} {method}", "unknown method", " or ".join(METHODS), nearest(method, METHODS))
    if not FEWEST <= points <= MOST or points & (points - 1):
        allowed = f"a power of two from {FEWEST} to {MOST:,}"
        raise error(f"{POINTS} {points}", "not a number of points", allowed, "write 128 or 256")
    if seed < 0:
        raise error(f"{SEED} {seed}", "below zero", "a whole number from 0 up", "drop the sign")


def tornado(run: CaseRun, name: str, read: Read) -> Tornado:
    """Move each random assumption to its 10th and its 90th percentile, the others at their medians.

    Parameters
    ----------
    run : CaseRun
        The case, alone or under one scenario.
    name : str
        Figure of a run.
    read : callable
        Figures of results.

    Raises
    ------
    AssumptionError
        If there is no such figure, it has no value at the medians, or nothing is random.

    Notes
    -----
    Method, section 5.8.
    """
    figures, shocked = _question(run, name, read)
    full = shocked.names[0]
    count = len(shocked.keys)
    end = float(ndtri(TAIL)) * np.eye(count)
    scores = np.concatenate([np.zeros((count, 1)), end, -end], axis=CASE)
    found, values = shocked.figure(full, scores), shocked.values(scores)
    middle, low, high = float(found[0]), found[1 : 1 + count], found[1 + count :]
    still, rows = shocked.still(full, found), []
    for place, (key, unit) in enumerate(zip(shocked.keys, shocked.units, strict=True)):
        first, median, last = (float(values[key][column]) for column in (1 + place, 0, 1 + count + place))
        ends = (float(low[place]), float(high[place]))
        swing = max(middle, *ends) - min(middle, *ends)
        rows.append(TornadoRow(key, unit, first, median, last, *ends, swing))
    correlated = not np.array_equal(shocked.correlation, np.eye(count))
    return Tornado(
        case=run.case.name,
        scenario=run.scenarios[-1].name,
        name=full,
        here=figures[full],
        medians=middle,
        rows=tuple(sorted((row for row in rows if row.key not in still), key=lambda row: -row.swing)),
        idle=still,
        notes=((ALONE,) if correlated else ()) + shocked.notes,
    )


def variance_shares(run: CaseRun, name: str, read: Read, *, points: int, seed: int) -> Shares:
    """Share the variance of a figure among the random assumptions, correlated ones together.

    Parameters
    ----------
    run : CaseRun
        The case, alone or under one scenario.
    name : str
        Figure of a run.
    read : callable
        Figures of results.
    points : int
        Points of each of the two samples, a power of two.
    seed : int
        Of the points and of the bootstrap.

    Raises
    ------
    AssumptionError
        If there is no such figure, it has no value at the medians, or less than two independent groups move it.

    Notes
    -----
    Method, section 5.8; `valuation.statistics.indices`. What moves nothing by itself is not drawn.
    """
    figures, shocked = _question(run, name, read)
    full = shocked.names[0]
    moving = shocked.moving(full)
    labels = _labels(shocked, moving)
    own, other = _samples(len(moving), points, seed)

    def outcomes(raw: FloatArray) -> FloatArray:
        return shocked.figure(full, shocked.scores(moving, raw))

    mixed = np.stack([outcomes(raw) for raw in exchanged(own, other, labels)])
    at_own = outcomes(own)
    found = sobol_indices(at_own, outcomes(other), mixed, seed=seed)
    rows = [
        Share(
            tuple(shocked.keys[place] for place, label in zip(moving, labels, strict=True) if label == group),
            _three(found.first, row),
            _three(found.total, row),
        )
        for row, group in enumerate(sorted(set(labels)))
    ]
    return Shares(
        case=run.case.name,
        scenario=run.scenarios[-1].name,
        name=full,
        here=figures[full],
        mean=float(at_own.mean()),
        deviation=float(at_own.std(ddof=1)),
        rows=tuple(sorted(rows, key=lambda row: -row.total[0])),
        alone=float(found.first.value.sum()),
        points=points,
        evaluations=points * (len(rows) + 2),
        idle=tuple(key for place, key in enumerate(shocked.keys) if place not in moving),
        notes=(TOGETHER if len(rows) < len(moving) else APART, *shocked.notes),
    )


def _question(run: CaseRun, name: str, read: Read) -> tuple[dict[str, float], Shocked]:
    """Figures of a run, and its case as a function of what is random."""
    figures = dict(read(run.results)[-1])
    full = named_figure(OF, name, figures)
    return figures, Shocked(run.case, scenario_of(run), read, (full,))


def _labels(shocked: Shocked, moving: Sequence[int]) -> list[int]:
    """Group of each assumption that moves: those that are correlated share one."""
    labels = [0] * len(moving)
    for number, group in enumerate(groups(shocked.correlation[np.ix_(moving, moving)], len(moving))):
        for place in group.scalars:
            labels[place] = number
    where, allowed = f"{OF} {shocked.names[0]}", "a figure that two independent assumptions or more move"
    if not moving:
        raise error(where, "no random assumption moves it", allowed, "ask for another figure")
    if len(set(labels)) < 2:
        keys = ", ".join(shocked.keys[place] for place in moving)
        remedy = f"use {METHOD} tornado, or correlate fewer of them"
        raise error(where, f"all that moves it is {keys}, one group", allowed, remedy)
    return labels


def _samples(inputs: int, points: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Two independent samples of standard normal inputs, shape (k, n) each: halves of one quasi-random sequence."""
    names = tuple(f"input {place}" for place in range(2 * inputs))
    plan = Plan(seed, "sobol", names, (), 0, np.eye(len(names)), width=points)
    drawn = draw(plan, 0, 0).scalars
    return drawn[:inputs], drawn[inputs:]


def _three(found: Estimate, row: int) -> tuple[float, float, float]:
    value, low, high = (float(part[row]) for part in (found.value, found.low, found.high))
    return value, low, high
