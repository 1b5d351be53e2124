"""Reverse stress: the most likely combination of shocks to random assumptions that breaks a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assumptions.door.messages import error
from assumptions.levers.breakeven import scenario_of
from assumptions.levers.conditions import ABOVE, BELOW, Condition, read_condition
from assumptions.levers.levers import Read
from assumptions.levers.shocked import Shocked, percentile
from assumptions.runs import CaseRun
from valuation.statistics.design_point import REACH, DesignPoint, Unbroken, design_point, shares
from valuation.timeline import FloatArray

LIMIT, WITHIN = "--limit", "--within"
FARTHEST = 8.0
"""Standard units beyond which distributions say nothing."""


@dataclass(frozen=True)
class Shock:
    """One assumption at the point.

    Attributes
    ----------
    key, unit : str
        The assumption.
    given, value : float
        In the case, and at the point.
    units : float
        Standard units from its median.
    percentile : float
        Probability below its value.
    share : float
        Of the squared distance; the shares sum to one.
    """

    key: str
    unit: str
    given: float
    value: float
    units: float
    percentile: float
    share: float


@dataclass(frozen=True)
class ReverseStress:
    """Answer to a reverse stress.

    Attributes
    ----------
    case, scenario : str
        Names.
    condition : Condition
        The limit.
    here, medians, figure : float
        The figure in the case, with every shock at its median, and at the point.
    crossed : bool
        Whether any combination within reach breaks the limit, or keeps it where it is broken at the medians.
    from_broken : bool
        Whether it is broken with every shock at its median.
    reach : float
        Distance searched, standard units.
    distance : float
        Of the point; negative where the limit is broken at the medians. NaN where there is none.
    probability : float
        That a linear limit at this distance is broken.
    shocks : tuple of Shock
        At the point, largest share first; where the figure came nearest to the limit if nothing crosses it.
    others : tuple of float
        Distances of further points at which the limit is reached.
    idle : tuple of str
        Random assumptions that do not move the figure.
    evaluations : int
        Runs of the engine.
    notes : tuple of str
        What a reader must know.
    """

    case: str
    scenario: str
    condition: Condition
    here: float
    medians: float
    figure: float
    crossed: bool
    from_broken: bool
    reach: float
    distance: float
    probability: float
    shocks: tuple[Shock, ...]
    others: tuple[float, ...]
    idle: tuple[str, ...]
    evaluations: int
    notes: tuple[str, ...]


def reverse_stress(run: CaseRun, limit: str, read: Read, reach: float = REACH) -> ReverseStress:
    """Find the most likely combination of shocks that breaks a limit, on the deterministic engine.

    Parameters
    ----------
    run : CaseRun
        The case, alone or under one scenario.
    limit : str
        Condition that is not to come true, as typed.
    read : callable
        Figures of results.
    reach : float
        Standard units from the medians within which to search.

    Raises
    ------
    AssumptionError
        If the condition is malformed, or nothing is random.
    """
    if not 0.0 < reach <= FARTHEST:
        allowed = f"more than 0 and at most {FARTHEST:g} standard units"
        raise error(f"{WITHIN} {reach:.15g}", "out of range", allowed, "change it")
    figures = read(run.results)[-1]
    condition = read_condition(LIMIT, limit, (*BELOW, *ABOVE), figures, run.case)
    shocked = Shocked(run.case, scenario_of(run), read, (condition.metric, condition.target))
    sign = 1.0 if condition.sign in BELOW else -1.0
    moving = shocked.moving(condition.metric, reach)

    def excess(points: FloatArray) -> FloatArray:
        found = shocked.figures(shocked.scores(moving, points))
        return sign * np.array([condition.excess(each, run.case) for each in found])

    if moving:
        found = design_point(excess, len(moving), reach=reach)
    else:
        found = Unbroken(reach, np.zeros(0), float(excess(np.zeros((0, 1))).item()), 1)
    scores = shocked.scores(moving, np.stack([found.point, np.zeros(len(moving))], axis=1))
    reached = shocked.figure(condition.metric, scores)
    broken = found if isinstance(found, DesignPoint) else None
    return ReverseStress(
        case=run.case.name,
        scenario=run.scenarios[-1].name,
        condition=condition,
        here=figures[condition.metric],
        medians=float(reached[1]),
        figure=float(reached[0]),
        crossed=broken is not None,
        from_broken=(broken.distance if broken else found.value) < 0.0,
        reach=reach,
        distance=broken.distance if broken else np.nan,
        probability=broken.probability if broken else np.nan,
        shocks=_shocks(shocked, moving, found.point),
        others=tuple(np.linalg.norm(broken.others, axis=1).tolist()) if broken else (),
        idle=tuple(key for place, key in enumerate(shocked.keys) if place not in moving),
        evaluations=found.evaluations,
        notes=shocked.notes,
    )


def _shocks(shocked: Shocked, moving: Sequence[int], point: FloatArray) -> tuple[Shock, ...]:
    """Assumptions that move (m,) at a point of independent standard units (m,), largest share first."""
    scores = shocked.scores(moving, point[:, None])
    values, part = shocked.values(scores), shares(point, shocked.factor(moving)).tolist()
    found = []
    for place, share in zip(moving, part, strict=True):
        key, units = shocked.keys[place], float(scores[place, 0])
        value = float(values[key][0])
        found.append(Shock(key, shocked.units[place], shocked.given[place], value, units, percentile(units), share))
    return tuple(sorted(found, key=lambda shock: -abs(shock.share)))
