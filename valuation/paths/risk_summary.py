"""What the paths of one scenario say: every outcome with its statistics, by year, by generation, and on conditions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from valuation.paths.montecarlo import Outcomes, Portion
from valuation.paths.risk_figures import Depth, Distribution, Events, Figure, share_of_replicates
from valuation.statistics.intervals import Estimate
from valuation.statistics.joint_tables import JointTable, joint_table
from valuation.statistics.streaming import EXACT, HISTOGRAM, Streamed
from valuation.timeline import MONTHS_PER_YEAR, NEVER, TIME, BoolArray, FloatArray, IntArray

NPV, IRR, PEAK, PEAK_MONTHS = "npv_usd", "irr", "peak_write_down_usd", "peak_write_down_months"
T50, T90, T100 = "t50_months", "t90_months", "t100_months"
HIDDEN, VALUE, CARRYING, RENT = (
    "hidden_depreciation_usd",
    "value_in_exchange_usd",
    "carrying_amount_usd",
    "rent_usd_per_unit_hour",
)
LOSSES = {NPV: -1, PEAK: 1, HIDDEN: 1}
"""Outcomes of which one end is a loss: 1 where more of it is, -1 where less."""
MAY_LACK = (IRR, PEAK_MONTHS, T50, T90, T100)
"""Outcomes that some paths do not have."""
ON_CONDITION = (NPV, PEAK, T50, T90)
"""Outcomes that are told on conditions."""
EARLY_MONTHS = 3.0
"""Months before its planned date from which on a landing is early."""
SOON_YEARS = 3
"""Years after the as-of date within which a breakthrough, or a new model, is one that the fleet feels."""
SLIP_EDGES = (-1.0, 1.0, 4.0)
"""Mean slips in months between the columns of the table of landing and write-down: early, on time, late, very late."""
WRITE_DOWN_EDGES = (0.01, 0.1, 0.25, 0.5)
"""Write-downs between its rows, as shares of the carrying amount at the as-of date."""
IMMATERIAL = 1e-6
"""Share of the carrying amount that an impairment must exceed: less is rounding."""
FIGURES, BY_YEAR = "figures", "by_year"
EARLY_LANDING, BREAKTHROUGH, STRANDED = "early_landing", "breakthrough", "stranded"


@dataclass(frozen=True)
class Condition:
    """What the paths on which something happens come to.

    Attributes
    ----------
    share : Estimate
        Share of the paths, shape ().
    figures : dict of Distribution
        Outcomes over these paths.
    """

    share: Estimate
    figures: dict[str, Distribution]


@dataclass(frozen=True)
class Joint:
    """Peak write-down against the mean slip of the parts still to land.

    Attributes
    ----------
    write_down_edges : (a-1,)
        Shares of the carrying amount at the as-of date.
    slip_edges : (b-1,)
        Months later than planned.
    shares : Estimate
        Of all paths, shape (a, b).
    """

    write_down_edges: FloatArray
    slip_edges: FloatArray
    shares: Estimate


@dataclass(frozen=True)
class RiskSummary:
    """Statistics of one scenario.

    Attributes
    ----------
    bounds : (Y+1,)
        As-of bound, and the fiscal year-ends after it.
    figures : dict of Distribution
        Outcomes of one number a path; months count from the as-of bound.
    retirement : dict of Distribution
        Months until the last devices of a reporting group retire, by its number; groups that are never bought left out.
    by_year : dict of Distribution
        Outcomes at the as-of bound and the year-ends, shape (Y+1,), or of the years between them, shape (Y,).
    peak_at : Estimate
        Share of paths whose largest write-down is at each of the bounds, shape (Y+1,).
    impaired, impaired_by : Estimate
        Share of paths on which the books stand above what is recoverable at each of the bounds, and at it or one
        before, shape (Y+1,).
    conditions : dict of Condition
        Outcomes on the paths on which something happens; only what can happen.
    joint : Joint or None
        None where nothing is carried at the as-of bound, or no landing slips.
    against_base : dict of Distribution
        Differences to the base on the same draws; empty for the base.
    """

    bounds: IntArray
    figures: dict[str, Distribution]
    retirement: dict[int, Distribution]
    by_year: dict[str, Distribution]
    peak_at: Estimate
    impaired: Estimate
    impaired_by: Estimate
    conditions: dict[str, Condition]
    joint: Joint | None
    against_base: dict[str, Distribution]

    def methods(self) -> dict[str, str]:
        """Ways in which the percentiles of the figures, and of those by year, were read: exact, or from histograms."""
        listed = {FIGURES: self.figures, BY_YEAR: self.by_year}
        return {
            name: EXACT if all(each.percentiles.method == EXACT for each in found.values()) else HISTOGRAM
            for name, found in listed.items()
        }


def path_figures(found: Outcomes) -> dict[str, FloatArray]:
    """Outcomes of one number a path.

    Parameters
    ----------
    found : Outcomes
        Paths of a block.

    Returns
    -------
    dict of numpy.ndarray
        By name, shape (n,); infinite for what never happens. No write-down has no date.
    """
    peak = np.where(found.peak_write_down > 0.0, found.peak_bound - found.bounds[0], np.inf)
    return {
        NPV: found.npv,
        IRR: found.irr,
        PEAK: found.peak_write_down,
        PEAK_MONTHS: peak,
        T50: found.t50,
        T90: found.t90,
        T100: found.t100,
    }


def yearly_figures(found: Outcomes) -> dict[str, FloatArray]:
    """Outcomes by year, shape (Y+1, n), hidden depreciation (Y, n)."""
    return {
        VALUE: found.value_in_exchange,
        CARRYING: found.carrying,
        RENT: found.earned,
        HIDDEN: found.hidden_depreciation,
    }


def conditions(found: Outcomes) -> dict[str, BoolArray]:
    """Which paths meet each condition, shape (n,).

    An early landing: some part lands `EARLY_MONTHS` or more before its planned date. A breakthrough: an advance arrives
    by chance within `SOON_YEARS`. Stranded: a new model strands devices in service within them.
    """
    return {
        EARLY_LANDING: np.asarray((found.landing_slips <= -EARLY_MONTHS).any(axis=TIME)),
        BREAKTHROUGH: found.first_advance <= SOON_YEARS * MONTHS_PER_YEAR,
        STRANDED: found.first_stranding <= SOON_YEARS * MONTHS_PER_YEAR,
    }


def _figures(names: tuple[str, ...] | list[str], depth: Depth) -> dict[str, Figure]:
    return {name: Figure(depth, LOSSES.get(name, 0), may_lack=name in MAY_LACK) for name in names}


@dataclass
class _OnCondition:
    """Paths gathered that meet a condition."""

    events: Events
    figures: dict[str, Figure]

    def add(self, portion: Portion, meets: BoolArray, values: dict[str, FloatArray]) -> None:
        self.events.add(portion, meets)
        for name, figure in self.figures.items():
            figure.add(portion, values[name][meets])


@dataclass
class Gathering:
    """Paths of one scenario as they come, block by block.

    Parameters
    ----------
    depth : Depth
        How much is kept.
    """

    depth: Depth
    _bounds: IntArray | None = None
    _single: dict[str, Figure] = field(default_factory=dict)
    _yearly: dict[str, Figure] = field(default_factory=dict)
    _groups: dict[int, Figure] = field(default_factory=dict)
    _conditions: dict[str, _OnCondition] = field(default_factory=dict)
    _differences: dict[str, Figure] = field(default_factory=dict)
    _events: dict[str, Events] = field(default_factory=dict)
    _tables: dict[int, JointTable] = field(default_factory=dict)

    def add(self, portion: Portion, found: Outcomes, base: Outcomes | None = None) -> None:
        """Add a block.

        Parameters
        ----------
        portion : Portion
            Which one.
        found : Outcomes
            Its paths.
        base : Outcomes, optional
            The same draws in the base, where this is another scenario.
        """
        if self._bounds is None:
            self._begin(found)
        values, yearly = path_figures(found), yearly_figures(found)
        for name, figure in self._single.items():
            figure.add(portion, values[name])
        for name, figure in self._yearly.items():
            figure.add(portion, yearly[name])
        for group, figure in self._groups.items():
            leaves = found.retirement[group]
            figure.add(portion, np.where(leaves < NEVER, leaves - found.bounds[0], np.inf))
        for name, meets in conditions(found).items():
            self._conditions[name].add(portion, meets, values)
        self._count(portion, found)
        if base is not None:
            self._compare(portion, found, base)

    def _begin(self, found: Outcomes) -> None:
        self._bounds = found.bounds
        self._single = _figures(list(path_figures(found)), self.depth)
        self._yearly = _figures(list(yearly_figures(found)), self.depth.yearly)
        bought = np.flatnonzero(found.retirement.any(axis=1))
        self._groups = {int(group): Figure(self.depth.partial, may_lack=True) for group in bought}
        self._conditions = {
            name: _OnCondition(Events(self.depth), _figures(ON_CONDITION, self.depth.partial))
            for name in conditions(found)
        }
        self._events = {name: Events(self.depth) for name in ("peak", "impaired", "impaired_by")}

    def _count(self, portion: Portion, found: Outcomes) -> None:
        at_peak = (found.peak_bound == found.bounds[:, None]) & (found.peak_write_down > 0.0)
        impaired = found.unrecoverable > IMMATERIAL * found.carrying
        self._events["peak"].add(portion, at_peak)
        self._events["impaired"].add(portion, impaired)
        self._events["impaired_by"].add(portion, np.logical_or.accumulate(impaired, axis=TIME))
        held, slips = float(found.carrying[0].max()), found.landing_slips
        if held > 0.0 and slips.any():
            written_down, slip = found.peak_write_down / held, slips.mean(axis=TIME)
            table = joint_table(written_down, slip, np.array(WRITE_DOWN_EDGES), np.array(SLIP_EDGES))
            earlier = self._tables.get(portion.replicate)
            self._tables[portion.replicate] = table if earlier is None else earlier.plus(table)

    def _compare(self, portion: Portion, found: Outcomes, base: Outcomes) -> None:
        pairs = {NPV: (found.npv, base.npv), PEAK: (found.peak_write_down, base.peak_write_down)}
        if np.array_equal(found.bounds, base.bounds):
            pairs[HIDDEN] = found.hidden_depreciation, base.hidden_depreciation
        if not self._differences:
            single = _figures([name for name in pairs if name != HIDDEN], self.depth)
            self._differences = single | _figures([HIDDEN] if HIDDEN in pairs else [], self.depth.yearly)
        for name, figure in self._differences.items():
            own, other = pairs[name]
            figure.add(portion, own - other)

    def mean(self, name: str) -> Streamed:
        """Mean of an outcome so far, over the paths that have it, shape ()."""
        return self._single[name].mean()

    def tail_mean(self, name: str) -> Streamed:
        """Mean loss on the worst paths so far, shape ()."""
        return self._single[name].tail_mean()

    def summary(self) -> RiskSummary:
        """Statistics of what has been added."""
        assert self._bounds is not None  # there is no run without a block
        met = {
            name: Condition(own.events.share(), {key: each.distribution() for key, each in own.figures.items()})
            for name, own in self._conditions.items()
        }
        return RiskSummary(
            bounds=self._bounds,
            figures={name: each.distribution() for name, each in self._single.items()},
            retirement={group: each.distribution() for group, each in self._groups.items()},
            by_year={name: each.distribution() for name, each in self._yearly.items()},
            peak_at=self._events["peak"].share(),
            impaired=self._events["impaired"].share(),
            impaired_by=self._events["impaired_by"].share(),
            conditions={name: found for name, found in met.items() if found.share.value > 0.0},
            joint=self._joint(),
            against_base={name: each.distribution() for name, each in self._differences.items()},
        )

    def _joint(self) -> Joint | None:
        tables = [self._tables[own] for own in sorted(self._tables)]
        if not tables:
            return None
        shares = share_of_replicates([table.counts for table in tables], [table.paths for table in tables])
        return Joint(tables[0].first_edges, tables[0].second_edges, shares)
