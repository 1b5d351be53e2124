"""What comes of a fleet on random paths: cash, value and books at the fiscal year-ends, and one number a path for each.

The formulas are those of the engine; cohorts are added up month by month, so that no array by cohort, month and path
is ever held.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valuation.books import untested_carrying
from valuation.entry import survivors_by_age
from valuation.fleet import ages, latest_retirement, surviving_units
from valuation.foresight import exchange_on_paths, retirement_on_paths, value_on_paths
from valuation.prospects import Prospects
from valuation.schedule import engine_service
from valuation.timeline import COHORT, TIME, FloatArray, IntArray
from valuation.upkeep import brought


@dataclass(frozen=True)
class YearEnds:
    """Fleet at the as-of bound and at the fiscal year-ends after it, on every path.

    Attributes
    ----------
    bounds : (Y+1,)
        Bounds of the grid; the first is the as-of bound.
    value_in_use, value_in_exchange : (Y+1, Q, n)
        By reporting group [USD].
    carrying : dict of (Y+1, Q, n)
        Carrying amount by ledger [USD], before any write-down for impairment.
    written_off : dict of (Y+1, n)
        Loss of the books on what has retired since the year-end before, gains left out, by ledger [USD].
    surplus : (Y+1, n)
        Value in exchange less cost of what has entered service since the year-end before [USD].
    value_left : (Y+1, n)
        Value in use of the devices in service at the as-of bound over their cost, per device still there.
    """

    bounds: IntArray
    value_in_use: FloatArray
    value_in_exchange: FloatArray
    carrying: dict[str, FloatArray]
    written_off: dict[str, FloatArray]
    surplus: FloatArray
    value_left: FloatArray

    def gap(self, ledger: str) -> FloatArray:
        """Carrying amount less value in exchange, by group [USD], shape (Y+1, Q, n)."""
        return np.asarray(self.carrying[ledger] - self.value_in_exchange)

    def hidden_depreciation(self, ledger: str) -> FloatArray:
        r"""Economic depreciation less what the books charged, by year [USD], shape (Y, n).

        .. math:: \Delta\text{gap} + \text{surplus}

        which is the same, for cost, proceeds and additions are in both.

        Parameters
        ----------
        ledger : str
            Name of the ledger.
        """
        return np.asarray(np.diff(self.gap(ledger).sum(axis=COHORT), axis=TIME) + self.surplus[1:])

    def write_down(self, ledger: str) -> FloatArray:
        """Groups written down to value where they stand above it, and what left the books unrecovered, (Y+1, n) [USD].

        Parameters
        ----------
        ledger : str
            Name of the ledger.
        """
        return np.asarray(np.maximum(self.gap(ledger), 0.0).sum(axis=COHORT) + self.written_off[ledger])


@dataclass(frozen=True)
class PathFlows:
    """A fleet on the paths of a block.

    Parameters
    ----------
    prospects : Prospects
        Rents of the paths.
    """

    prospects: Prospects

    @property
    def _as_of(self) -> int:
        return self.prospects.inputs.timeline.as_of

    @cached_property
    def retirement(self) -> IntArray:
        """Retirement bound, shape (C, n)."""
        return retirement_on_paths(self.prospects)

    @cached_property
    def surviving(self) -> FloatArray:
        """Units not lost to failure, shape (T+1, C, n or 1)."""
        inputs = self.prospects.inputs
        return surviving_units(
            inputs.fleet.units,
            survivors_by_age(inputs.silicon.failure_hazard),
            inputs.fleet.generation,
            ages(inputs.fleet.in_service, inputs.timeline.periods + 1),
        )

    @cached_property
    def brings(self) -> FloatArray:
        """What a device brings when it leaves [USD], shape (C, n)."""
        return brought(self.prospects.inputs, self.retirement)

    @cached_property
    def bounds(self) -> IntArray:
        """As-of bound and the fiscal year-ends after it, up to the one at which nothing is left, shape (Y+1,)."""
        timeline = self.prospects.inputs.timeline
        closing = np.flatnonzero(timeline.is_fiscal_year_end)
        life = int(self.prospects.inputs.silicon.physical_life.max())
        last = int(self.prospects.inputs.fleet.in_service.max()) + life
        later = closing[(closing > timeline.as_of) & (closing < last + len(closing))]
        return np.concatenate([[timeline.as_of], later])

    def unit_values(self, bound: int, cohorts: IntArray) -> tuple[FloatArray, FloatArray]:
        """Value in use and in exchange of a device of some cohorts in service at a bound, shape (c, n) each.

        Parameters
        ----------
        bound : int
            Bound of the grid, from the as-of bound on.
        cohorts : numpy.ndarray
            Cohorts, shape (c,).
        """
        at = bound - self._as_of
        leave, brings = self.retirement[cohorts], self.brings[cohorts]
        in_use = value_on_paths(self.prospects, at, cohorts)
        in_exchange = exchange_on_paths(self.prospects, in_use, at, cohorts)
        there, goes = leave > bound, leave == bound
        return np.where(there, in_use, goes * brings), np.where(there, in_exchange, goes * brings)

    def net_cash(self) -> FloatArray:
        """Cash of the fleet by bound from the as-of bound on, what is owned then entering as an outflow, (H+1, n).

        Rents and running costs are paid at the end of their month, proceeds and purchases at their bound.
        """
        prospects, inputs = self.prospects, self.prospects.inputs
        owned, paths = inputs.fleet, self.retirement.shape[1]
        flows, (quasi, kind) = np.zeros((prospects.horizon + 1, paths)), prospects.quasi_rent
        for at in range(prospects.horizon):
            bound = self._as_of + at
            runs = (owned.in_service <= bound)[:, None] & (bound < self.retirement)
            flows[at] += self._proceeds(bound)
            if runs.any():
                flows[at + 1] += (self.surviving[bound] * runs * quasi[at, kind]).sum(axis=TIME)
        flows -= self._purchases()
        flows[0] -= self.owned
        return flows

    def _proceeds(self, bound: int) -> FloatArray:
        """What the devices that leave at a bound bring [USD], shape (n,)."""
        leaves = self.retirement == bound
        if not leaves.any():
            return np.zeros(1)
        return np.asarray((self.surviving[bound] * leaves * self.brings).sum(axis=TIME))

    def _purchases(self) -> FloatArray:
        """Cost of what is bought by bound, and at the as-of bound of what has been paid for and waits, (H+1, n)."""
        owned, as_of = self.prospects.inputs.fleet, self._as_of
        paid = np.zeros((self.prospects.horizon + 1, owned.units.shape[1]))
        for cohort, bound in enumerate(owned.purchase):
            if owned.in_service[cohort] > as_of and bound <= as_of + self.prospects.horizon:
                paid[max(int(bound) - as_of, 0)] += owned.units[cohort] * owned.cost[cohort]
        return paid

    @cached_property
    def owned(self) -> FloatArray:
        """Value in exchange of the devices in service at the as-of bound [USD], shape (n,)."""
        there = self._in_service(self._as_of)
        _, in_exchange = self.unit_values(self._as_of, there)
        return np.asarray((self.surviving[self._as_of, there] * in_exchange).sum(axis=TIME))

    def _in_service(self, bound: int) -> IntArray:
        """Cohorts in service at a bound that have not left on every path, shape (c,)."""
        stays = (self.retirement >= bound).any(axis=1)
        return np.flatnonzero((self.prospects.inputs.fleet.in_service <= bound) & stays)

    def year_ends(self) -> YearEnds:
        """Values and books at the fiscal year-ends."""
        inputs, paths = self.prospects.inputs, self.retirement.shape[1]
        shape = (len(self.bounds), inputs.groups, paths)
        in_use, in_exchange, left = np.zeros(shape), np.zeros(shape), np.zeros((len(self.bounds), paths))
        owned = inputs.fleet.in_service <= self._as_of
        cost = (self.surviving[self._as_of] * inputs.fleet.cost)[owned].sum(axis=TIME)
        for row, bound in enumerate(self.bounds):
            cohorts = self._in_service(int(bound))
            if len(cohorts):
                use, exchange = self.unit_values(int(bound), cohorts)
                units = self.surviving[bound, cohorts]
                np.add.at(in_use[row], inputs.fleet.group[cohorts], units * use)
                np.add.at(in_exchange[row], inputs.fleet.group[cohorts], units * exchange)
                then = self.surviving[self._as_of, cohorts] * owned[cohorts, None]
                left[row] = (then * use).sum(axis=TIME) / np.where(cost > 0.0, cost, np.nan)
        carrying = {ledger.name: self._carrying(ledger.name) for ledger in inputs.ledgers}
        return YearEnds(
            bounds=self.bounds,
            value_in_use=in_use,
            value_in_exchange=in_exchange,
            carrying={name: self._held(amount) for name, amount in carrying.items()},
            written_off={name: self._unrecovered(amount) for name, amount in carrying.items()},
            surplus=self._surplus(),
            value_left=left,
        )

    def _carrying(self, name: str) -> FloatArray:
        """Carrying amount of the cohorts under a ledger as long as they are held [USD], shape (T+1, C, n or 1)."""
        inputs = self.prospects.inputs
        timeline, owned = inputs.timeline, inputs.fleet
        ledger = next(each for each in inputs.ledgers if each.name == name)
        latest = latest_retirement(owned.in_service, owned.scheduled_retirement, inputs.silicon.physical_life)
        service = engine_service(
            owned.in_service, latest, timeline.first_bound, timeline.periods, timeline.fiscal_year_end
        )
        return untested_carrying(ledger, cost=owned.cost, surviving=self.surviving, units=owned.units, service=service)

    def _held(self, carrying: FloatArray) -> FloatArray:
        """Carrying amount of what is held at the year-ends, by group [USD], shape (Y+1, Q, n)."""
        inputs = self.prospects.inputs
        held = np.zeros((len(self.bounds), inputs.groups, self.retirement.shape[1]))
        for row, bound in enumerate(self.bounds):
            there = (inputs.fleet.in_service <= bound)[:, None] & (bound <= self.retirement)
            np.add.at(held[row], inputs.fleet.group, carrying[bound] * there)
        return held

    def _unrecovered(self, carrying: FloatArray) -> FloatArray:
        """Carrying amount above proceeds of what retired since the year-end before [USD], shape (Y+1, n)."""
        total = np.zeros((len(self.bounds), self.retirement.shape[1]))
        for cohort, leaves in enumerate(self.retirement):
            inside = (leaves >= self._as_of) & (leaves < len(carrying))
            row = np.searchsorted(self.bounds, np.where(inside, leaves + 1, 0))
            at = np.where(inside, leaves, 0)
            path = np.arange(leaves.size)
            book = _read(carrying[:, cohort], at, path)
            loss = book - _read(self.surviving[:, cohort], at, path) * self.brings[cohort]
            counted = inside & (row < len(self.bounds))
            total[np.where(counted, row, 0), path] += np.where(counted, np.maximum(loss, 0.0), 0.0)
        return total

    def _surplus(self) -> FloatArray:
        """Value in exchange less cost of what entered service since the year-end before [USD], shape (Y+1, n)."""
        owned = self.prospects.inputs.fleet
        total = np.zeros((len(self.bounds), self.retirement.shape[1]))
        for bound in np.unique(owned.in_service[owned.in_service > self._as_of]):
            row = int(np.searchsorted(self.bounds, bound))
            if row < len(self.bounds):
                cohorts = np.flatnonzero(owned.in_service == bound)
                _, exchange = self.unit_values(int(bound), cohorts)
                total[row] += (owned.units[cohorts] * (exchange - owned.cost[cohorts])).sum(axis=TIME)
        return total


def _read(levels: FloatArray, bound: IntArray, path: IntArray) -> FloatArray:
    """Levels (T+1, n or 1) read at a bound of its own for each path, shape (n,)."""
    return np.asarray(levels[bound, path if levels.shape[1] > 1 else 0])
