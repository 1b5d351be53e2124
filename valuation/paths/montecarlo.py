"""Risk runs: blocks of random paths, each a pure function of its place, and what each path comes to.

A block is drawn, valued and read off on its own. Blocks are joined in their order, so that the answer does not depend
on who worked them out, or when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from valuation.devices.lives import HALF_LEFT, TENTH_LEFT
from valuation.devices.returns import bracketed_rate, net_present_value
from valuation.draws.sampling import Draws, Plan, draw
from valuation.paths.pathflows import PathFlows, YearEnds
from valuation.paths.prospects import Prospects
from valuation.precision import in_precision
from valuation.timeline import CASE, TIME, FloatArray, IntArray

Build = Callable[[Draws], Prospects]
"""What makes paths of a case from draws."""
Job = tuple[Build, Plan, str, "Portion"]
"""A block to be worked out: how paths are made, what is drawn, the ledger, and which block."""


@dataclass(frozen=True)
class Portion:
    """One block of a run.

    Attributes
    ----------
    replicate, block : int
        Its replicate, and its number in it.
    paths : int
        Paths wanted of each replicate; blocks are whole, and cut where they are joined.
    """

    replicate: int
    block: int
    paths: int


@dataclass(frozen=True)
class Outcomes:
    """What the paths of a run come to.

    Attributes
    ----------
    bounds : (Y+1,)
        As-of bound and the fiscal year-ends after it.
    npv : (n,)
        Net present value, owned devices entering at value in exchange [USD].
    irr : (n,)
        Internal rate of return a year; NaN where there is none between the ends that are searched.
    peak_write_down : (n,)
        Largest write-down at a fiscal year-end that value in exchange would ask for [USD].
    peak_bound : (n,)
        Bound at which that is.
    t50, t90, t100 : (n,)
        Months from the as-of bound until half, nine tenths and all of the cost of the devices in service then is lost,
        between year-ends by a straight line; infinite where that does not happen, NaN where nothing is in service then.
    value_in_exchange : (Y+1, n)
        Of the fleet [USD].
    carrying : (Y+1, n)
        Carrying amount under the ledger [USD].
    hidden_depreciation : (Y, n)
        Of each year under the ledger [USD].
    earned : (Y+1, n)
        Rent of the first segment earned on a usual paid hour [USD per unit-hour].
    retirement : (Q, n)
        Bound at which the last devices of each reporting group retire.
    unrecoverable : (Y+1, n)
        Carrying amount above the higher of value in use and value in exchange, group by group [USD].
    landing_slips : (L, n)
        Months by which each of the parts still to land comes later than planned.
    first_advance : (n,)
        Months from the as-of bound until the first advance arrives by chance; infinite where none does.
    first_stranding : (n,)
        Months from the as-of bound until a new model first strands devices in service; infinite where none does, or
        where arrivals of models are not drawn.
    """

    bounds: IntArray
    npv: FloatArray
    irr: FloatArray
    peak_write_down: FloatArray
    peak_bound: IntArray
    t50: FloatArray
    t90: FloatArray
    t100: FloatArray
    value_in_exchange: FloatArray
    carrying: FloatArray
    hidden_depreciation: FloatArray
    earned: FloatArray
    retirement: IntArray
    unrecoverable: FloatArray
    landing_slips: FloatArray
    first_advance: FloatArray
    first_stranding: FloatArray

    @property
    def paths(self) -> int:
        """Number of paths."""
        return int(self.npv.size)

    def take(self, paths: slice) -> Outcomes:
        """Outcomes of some of the paths."""
        parts: dict[str, Any] = {
            item.name: getattr(self, item.name)[..., paths] for item in fields(self) if item.name != "bounds"
        }
        return Outcomes(bounds=self.bounds, **parts)

    @staticmethod
    def join(parts: Sequence[Outcomes]) -> Outcomes:
        """Outcomes of several blocks as one, in the order given."""
        joined: dict[str, Any] = {
            item.name: np.concatenate([getattr(part, item.name) for part in parts], axis=CASE)
            for item in fields(Outcomes)
            if item.name != "bounds"
        }
        return Outcomes(bounds=parts[0].bounds, **joined)


def portions(done: int, paths: int, width: int, replicates: int) -> Iterator[Portion]:
    """Blocks that a run still needs, replicate by replicate, one at a time: there may be millions.

    Parameters
    ----------
    done, paths : int
        Paths of each replicate that are there, in whole blocks, and that are wanted.
    width : int
        Paths of a block.
    replicates : int
        Replicates.
    """
    for replicate in range(replicates):
        for block in range(done // width, -(-paths // width)):
            yield Portion(replicate, block, paths)


def run_block(job: Job) -> Outcomes:
    """Draw a block, value its paths and read them off: all of them, even if the run wants some of the last block."""
    build, plan, ledger, portion = job
    return outcomes(build(draw(plan, portion.replicate, portion.block)), ledger)


def outcomes(prospects: Prospects, ledger: str) -> Outcomes:
    """What the paths of a block come to.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    ledger : str
        Ledger whose write-downs and hidden depreciation are measured.

    Returns
    -------
    Outcomes
        One number a path, shape (n,), or one a year, shape (Y+1, n).
    """
    flows = PathFlows(prospects)
    cash, ends = flows.net_cash(), flows.year_ends()
    write_down = ends.write_down(ledger)
    peak = np.argmax(write_down, axis=TIME)
    rows = ends.bounds - prospects.inputs.timeline.as_of
    found = Outcomes(
        bounds=ends.bounds,
        npv=net_present_value(cash, prospects.inputs.terms.discount_factor),
        irr=bracketed_rate(cash),
        peak_write_down=np.take_along_axis(write_down, peak[None], axis=TIME)[0],
        peak_bound=ends.bounds[peak],
        t50=_lost(prospects, ends, HALF_LEFT),
        t90=_lost(prospects, ends, TENTH_LEFT),
        t100=_lost(prospects, ends, 0.0),
        value_in_exchange=ends.value_in_exchange.sum(axis=1),
        carrying=ends.carrying[ledger].sum(axis=1),
        hidden_depreciation=ends.hidden_depreciation(ledger),
        earned=np.broadcast_to(prospects.earned[rows, 0], (len(rows), cash.shape[CASE])),
        retirement=_last_of_groups(flows),
        unrecoverable=_unrecoverable(ends, ledger),
        landing_slips=_slips(prospects, cash.shape[CASE]),
        first_advance=_first_advance(prospects, cash.shape[CASE]),
        first_stranding=_first_stranding(flows, cash.shape[CASE]),
    )
    return in_precision(found, np.float64)


def _lost(prospects: Prospects, ends: YearEnds, level: float) -> FloatArray:
    """Months until a share of cost is left of what is in service at the as-of bound; NaN where nothing is, (n,)."""
    owned = prospects.inputs.fleet
    there = (owned.units[owned.in_service <= prospects.inputs.timeline.as_of] > 0.0).any(axis=TIME)
    return np.where(there, months_to(ends, level), np.nan)


def months_to(ends: YearEnds, level: float) -> FloatArray:
    """Months from the as-of bound after which value stays at or below a share of cost.

    Parameters
    ----------
    ends : YearEnds
        Value left of what was in service at the as-of bound, by year-end.
    level : float
        Share of cost.

    Returns
    -------
    numpy.ndarray
        Shape (n,); between year-ends by a straight line, zero where it was so from the start, infinite where it never
        is.
    """
    left, months = ends.value_left, (ends.bounds - ends.bounds[0]).astype(np.float64)
    above = left > level
    last = len(left) - 1 - np.argmax(above[::-1], axis=TIME)
    column, after = np.arange(left.shape[CASE]), np.minimum(last + 1, len(left) - 1)
    before, then = left[last, column], left[after, column]
    fall = np.where(before > then, before - then, 1.0)
    crossing = months[last] + (before - level) / fall * (months[after] - months[last])
    never = above[-1]
    return np.where(above.any(axis=TIME), np.where(never, np.inf, crossing), 0.0)


def _last_of_groups(flows: PathFlows) -> IntArray:
    """Bound at which the last devices of each reporting group retire, shape (Q, n)."""
    fleet = flows.prospects.inputs.fleet
    bought = (fleet.units > 0.0).any(axis=CASE)
    found = np.zeros((flows.prospects.inputs.groups, flows.retirement.shape[CASE]), dtype=np.int64)
    np.maximum.at(found, fleet.group[bought], flows.retirement[bought])
    return found


def _unrecoverable(ends: YearEnds, ledger: str) -> FloatArray:
    """Carrying amount above the recoverable one, the higher of value in use and in exchange, shape (Y+1, n)."""
    recoverable = np.maximum(ends.value_in_use, ends.value_in_exchange)
    return np.asarray(np.maximum(ends.carrying[ledger] - recoverable, 0.0).sum(axis=1))


def _slips(prospects: Prospects, paths: int) -> FloatArray:
    """Slips of the parts still to land, shape (L, n)."""
    outlook, slip = prospects.inputs.path, prospects.shocks.slips.slip
    due = (outlook.landing > prospects.inputs.timeline.as_of).any(axis=CASE)
    return np.broadcast_to(slip, (due.size, paths))[due]


def _first_advance(prospects: Prospects, paths: int) -> FloatArray:
    """Months from the as-of bound to the first arrival of any advance, shape (n,)."""
    first = np.full(paths, np.inf)
    for each in prospects.shocks.arrivals:
        first = np.minimum(first, np.where(each.step > 0.0, each.month, np.inf).min(axis=TIME))
    return first


def _first_stranding(flows: PathFlows, paths: int) -> FloatArray:
    """Months from the as-of bound until a new model first strands devices in service, shape (n,)."""
    prospects = flows.prospects
    months, leave = prospects.shocks.strandings.month, flows.retirement - prospects.inputs.timeline.as_of
    held = (prospects.inputs.fleet.units > 0.0) & (months < leave)
    return np.broadcast_to(np.where(held, months, np.inf).min(axis=TIME), (paths,))
