"""Break-evens: values of an assumption, or of two, at which a figure of the run reaches a target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from assumptions.chapters.schema import Case, Scenario
from assumptions.door.messages import error
from assumptions.levers.conditions import EQUAL, Condition, Figures, read_condition, rounding
from assumptions.levers.levers import OPTION, Lever, Read, Trials, lever_of
from assumptions.runs import CaseRun
from valuation.statistics.rootfinding import POINTS, flat, grid, scan
from valuation.timeline import FloatArray, IntArray

UNTIL = "--until"
FRONTIER_POINTS = 9
"""Values of each lever of a frontier before crossings are refined."""
MOST_LEVERS = 2


@dataclass(frozen=True)
class Span:
    """Range of a lever, as asked for.

    Attributes
    ----------
    key : str
        Dotted key.
    low, high : float or None
        Ends; None for that which stands with the assumption.
    """

    key: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Point:
    """One setting of the levers.

    Attributes
    ----------
    setting : tuple of float
        Value of each lever.
    figure, wanted : float
        The figure there, and what it is compared with; NaN where there is none.
    """

    setting: tuple[float, ...]
    figure: float
    wanted: float

    @property
    def excess(self) -> float:
        """The figure less what it is compared with."""
        return self.figure - self.wanted


@dataclass(frozen=True)
class Meeting:
    """Where the figure reaches its target, or passes it.

    Attributes
    ----------
    kind : str
        ``root``, ``leap`` or ``band``, as of `valuation.statistics.rootfinding.Crossing`.
    before, after : Point
        Ends; the same at a root.
    """

    kind: str
    before: Point
    after: Point


@dataclass(frozen=True)
class BreakEven:
    """Answer to a question for a break-even.

    Attributes
    ----------
    case, scenario : str
        Names.
    condition : Condition
        What was asked.
    levers : tuple of Lever
        One, or the two of a frontier.
    here : Point
        The case as it is.
    grid : tuple of Point
        What was evaluated to see the crossings, ascending; the last lever moves fastest.
    meetings : tuple of Meeting
        All that the grid shows.
    idle : tuple of str
        Levers that move nothing over their range.
    """

    case: str
    scenario: str
    condition: Condition
    levers: tuple[Lever, ...]
    here: Point
    grid: tuple[Point, ...]
    meetings: tuple[Meeting, ...]
    idle: tuple[str, ...]

    @property
    def ends(self) -> tuple[Point, Point]:
        """First and last point of the grid."""
        return self.grid[0], self.grid[-1]

    @property
    def missing(self) -> tuple[Point, ...]:
        """Points of the grid without a figure."""
        return tuple(point for point in self.grid if math.isnan(point.excess))


def spans_of(keys: Sequence[str], low: Sequence[float], high: Sequence[float]) -> list[Span]:
    """Levers with their ranges.

    Parameters
    ----------
    keys : sequence of str
        Dotted keys.
    low, high : sequence of float
        Ends, in the order of the keys; none for the ranges that stand with the assumptions.

    Raises
    ------
    AssumptionError
        If there are some ends, but not one for each key.
    """
    for option, ends in (("--low", low), ("--high", high)):
        if len(ends) not in (0, len(keys)):
            what = f"given {len(ends)} times, {OPTION} {len(keys)} times"
            raise error(option, what, "none, or one for each lever", f"give {option} once for each {OPTION}, in order")
    return [Span(key, *(ends[place] if ends else None for ends in (low, high))) for place, key in enumerate(keys)]


def check_spans(case: Case, spans: Sequence[Span]) -> tuple[Lever, ...]:
    """Levers of a question, one or two different ones.

    Parameters
    ----------
    case : Case
        The base.
    spans : sequence of Span
        As asked for.

    Raises
    ------
    AssumptionError
        If there are none or too many, one twice, or one that is no lever.
    """
    if not 1 <= len(spans) <= MOST_LEVERS:
        raise error(OPTION, f"{len(spans)} levers", "one lever, or two for a frontier", "give --lever once or twice")
    if len({span.key for span in spans}) < len(spans):
        raise error(f"{OPTION} {spans[0].key}", "the same lever twice", "two different ones", "name another one")
    return tuple(lever_of(case, span.key, span.low, span.high) for span in spans)


def scenario_of(run: CaseRun) -> Scenario | None:
    """Scenario that a run was asked for; None for the base."""
    return run.scenarios[-1] if len(run.scenarios) > 1 else None


def break_even(run: CaseRun, spans: Sequence[Span], until: str, read: Read) -> BreakEven:
    """Find every value of a lever at which a figure reaches a target, or the frontier of two levers.

    Parameters
    ----------
    run : CaseRun
        The case, alone or under one scenario.
    spans : sequence of Span
        Levers with their ranges, one or two.
    until : str
        Condition, as typed.
    read : callable
        Figures of results by case.

    Raises
    ------
    AssumptionError
        If a lever, its range or the condition is none.

    Notes
    -----
    Method, section 5.7.
    """
    levers = check_spans(run.case, spans)
    figures = read(run.results)[-1]
    condition = read_condition(UNTIL, until, EQUAL, figures, run.case)
    question = _Question(
        Trials(run.case, scenario_of(run), read, (condition.metric, condition.target)), levers, condition
    )
    here = Point(tuple(lever.value for lever in levers), *question.compared(figures, run.case))
    found = [meeting for moved in range(len(levers)) for meeting in question.meetings(moved)]
    return BreakEven(
        case=run.case.name,
        scenario=run.scenarios[-1].name,
        condition=condition,
        levers=levers,
        here=here,
        grid=question.points(),
        meetings=tuple(sorted(found, key=lambda each: each.before.setting)),
        idle=question.idle(),
    )


class _Question:
    """One question, with everything that was evaluated for it."""

    def __init__(self, trials: Trials, levers: tuple[Lever, ...], condition: Condition) -> None:
        self.trials, self.levers, self.condition = trials, levers, condition
        self.known: dict[tuple[float, ...], Point] = {}
        points = POINTS if len(levers) == 1 else FRONTIER_POINTS
        self.axes = [grid(lever.low, lever.high, whole=lever.whole, points=points) for lever in levers]

    def compared(self, figures: Figures, case: Case) -> tuple[float, float]:
        """The figure of a run and what it is compared with."""
        if not figures:
            return math.nan, math.nan
        figure, wanted = figures[self.condition.metric], self.condition.wanted(figures, case)
        met = abs(figure - wanted) < rounding(self.condition.metric)
        return (wanted if met else figure), wanted

    def points(self) -> tuple[Point, ...]:
        """Points of the grid, the last lever moving fastest."""
        settings = [tuple(map(float, setting)) for setting in product(*self.axes)]
        self.evaluate(settings)
        return tuple(self.known[setting] for setting in settings)

    def meetings(self, moved: int) -> list[Meeting]:
        """Crossings of one lever, at every value of the other one if there is one."""
        across = [(float(value),) for value in self.axes[1 - moved]] if len(self.levers) > 1 else [()]

        def setting(place: float, line: int) -> tuple[float, ...]:
            return (place, *across[line]) if moved == 0 else (*across[line], place)

        def excess(places: FloatArray, lines: IntArray) -> FloatArray:
            settings = [setting(float(place), int(line)) for place, line in zip(places, lines, strict=True)]
            self.evaluate(settings)
            return np.array([self.known[each].excess for each in settings])

        found = scan(excess, self.axes[moved], len(across), whole=self.levers[moved].whole)
        ends = [[setting(place, each.line) for place in (each.low, each.high)] for each in found.crossings]
        self.evaluate([end for both in ends for end in both])
        return [
            Meeting(each.kind, self.known[low], self.known[high])
            for each, (low, high) in zip(found.crossings, ends, strict=True)
        ]

    def evaluate(self, settings: Sequence[tuple[float, ...]]) -> None:
        """Run what has not been run."""
        new = [each for each in dict.fromkeys(settings) if each not in self.known]
        for setting, (case, figures) in zip(new, self.trials(self.levers, new), strict=True):
            self.known[setting] = Point(setting, *self.compared(figures, case))

    def idle(self) -> tuple[str, ...]:
        """Levers that move nothing wherever the other one stands."""
        excess = np.array([point.excess for point in self.points()]).reshape([axis.size for axis in self.axes])
        rows = [np.moveaxis(excess, axis, -1).reshape(-1, self.axes[axis].size) for axis in range(len(self.axes))]
        still = [all(flat(row) for row in lines) for lines in rows]
        return tuple(lever.key for lever, idle in zip(self.levers, still, strict=True) if idle)
