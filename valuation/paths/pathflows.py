"""What comes of a fleet on random paths: cash, value and books at the fiscal year-ends, and one number a path for each.

The formulas are those of the engine; cohorts are added up month by month, so that no array by cohort, month and path
is ever held.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valuation.books.ledgers import untested_carrying
from valuation.books.policies import LedgerInputs
from valuation.books.schedule import engine_service
from valuation.devices.fleet import latest_retirement, surviving_units
from valuation.inputs import Inputs
from valuation.paths.foresight import exchange_on_paths, retirement_on_paths, value_on_paths
from valuation.paths.prospects import Prospects
from valuation.records import generation_rows
from valuation.stages.entry import survivors_by_age
from valuation.stages.upkeep import brought
from valuation.timeline import CASE, COHORT, MONTHS_PER_YEAR, TIME, FloatArray, IntArray


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
    def _survivors(self) -> FloatArray:
        return survivors_by_age(self.prospects.inputs.silicon.failure_hazard)

    def surviving(self, bound: int, cohorts: IntArray) -> FloatArray:
        """Units of some cohorts (c,) not lost to failure at a bound, shape (c, n or 1)."""
        owned, left = self.prospects.inputs.fleet, self.prospects.shocks.attrition
        if left.on:
            return left.at(bound - self._as_of, cohorts)
        age = np.stack([-owned.in_service[cohorts], bound - owned.in_service[cohorts]])
        return np.asarray(surviving_units(owned.units[cohorts], self._survivors, owned.generation[cohorts], age)[1])

    @cached_property
    def brings(self) -> FloatArray:
        """What a device brings when it leaves [USD], shape (C, n)."""
        return brought(self.prospects.inputs, self.retirement)

    @cached_property
    def bounds(self) -> IntArray:
        """As-of bound and the fiscal year-ends after it, up to the one at which nothing is left, shape (Y+1,)."""
        timeline = self.prospects.inputs.timeline
        closing = timeline.closing_bounds
        life = int(self.prospects.inputs.silicon.physical_life.max())
        last = int(self.prospects.inputs.fleet.in_service.max()) + life
        later = closing[(closing > timeline.as_of) & (closing < last + MONTHS_PER_YEAR)]
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
        if not len(cohorts):
            return np.zeros((0, self.prospects.paths)), np.zeros((0, self.prospects.paths))
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
        prospects = self.prospects
        flows, (quasi, kind) = np.zeros((prospects.horizon + 1, prospects.paths)), prospects.quasi_rent
        for each in range(int(kind.max()) + 1):
            running = np.zeros((prospects.horizon, prospects.paths))
            for cohort in np.flatnonzero(kind == each).tolist():
                self._run(cohort, running)
            running *= quasi[:, each]
            flows[1:] += running
        for cohort in range(len(kind)):
            self._sell(cohort, flows)
        flows -= self._purchases()
        flows[0] -= self.owned
        return flows

    def _run(self, cohort: int, running: FloatArray) -> None:
        """Add the units of a cohort that run in each month from the as-of bound on, to an array (H, n)."""
        owned, leave = self.prospects.inputs.fleet, self.retirement[cohort]
        entry = int(owned.in_service[cohort])
        first, last = max(entry, self._as_of), min(int(leave.max()), self._as_of + len(running))
        if first >= last:
            return
        row = generation_rows(self._survivors, owned.generation)[cohort]
        share, left = self._survivors[first - entry : last - entry, row], self.prospects.shocks.attrition
        if left.on:
            units = left.along(cohort, range(first - self._as_of, last - self._as_of), share)
        else:
            units = share * (owned.units[cohort] / self._survivors[max(-entry, 0), row])
        units = units * (np.arange(first, last)[:, None] < leave)
        running[first - self._as_of : last - self._as_of] += units

    def _sell(self, cohort: int, flows: FloatArray) -> None:
        """Add what the devices of a cohort bring where they leave [USD] to flows (H+1, n)."""
        leave = self.retirement[cohort]
        paths = np.flatnonzero((leave >= self._as_of) & (leave < self._as_of + len(flows) - 1))
        flows[leave[paths] - self._as_of, paths] += (self.left_behind[cohort] * self.brings[cohort])[paths]

    @cached_property
    def left_behind(self) -> FloatArray:
        """Units that are left when each cohort retires, shape (C, n)."""
        owned = self.prospects.inputs.fleet
        oldest, path = len(self._survivors) - 1, np.arange(self.prospects.paths)
        row = generation_rows(self._survivors, owned.generation)
        column = path if self._survivors.shape[CASE] > 1 else np.zeros_like(path)
        age = np.clip(self.retirement - owned.in_service[:, None], 0, oldest)
        share, left = self._survivors[age, row[:, None], column], self.prospects.shocks.attrition
        if left.on:
            return left.when(self.retirement - self._as_of, share)
        return np.asarray(owned.units * share / self._survivors[np.clip(-owned.in_service, 0, oldest), row])

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
        _, in_exchange, units = self._worth[self._as_of]
        return np.asarray((units * in_exchange).sum(axis=TIME))

    @cached_property
    def _worth(self) -> dict[int, tuple[FloatArray, FloatArray, FloatArray]]:
        """Value in use and in exchange of a device and units, by year-end, of the cohorts in service, (c, n) each."""
        found = {}
        for bound in self.bounds.tolist():
            cohorts = self._in_service(bound)
            found[bound] = (*self.unit_values(bound, cohorts), self.surviving(bound, cohorts))
        return found

    def _in_service(self, bound: int) -> IntArray:
        """Cohorts in service at a bound that have not left on every path, shape (c,)."""
        stays = (self.retirement >= bound).any(axis=1)
        return np.flatnonzero((self.prospects.inputs.fleet.in_service <= bound) & stays)

    def year_ends(self) -> YearEnds:
        """Values and books at the fiscal year-ends."""
        inputs, paths = self.prospects.inputs, self.prospects.paths
        shape = (len(self.bounds), inputs.groups, paths)
        in_use, in_exchange, left = np.zeros(shape), np.zeros(shape), np.zeros((len(self.bounds), paths))
        owned = self._in_service(self._as_of)
        held = self.surviving(self._as_of, owned)
        cost = (held * inputs.fleet.cost[owned]).sum(axis=TIME)
        for row, bound in enumerate(self.bounds.tolist()):
            cohorts, (use, exchange, units) = self._in_service(bound), self._worth[bound]
            _add_by_group(in_use[row], inputs.fleet.group[cohorts], units * use)
            _add_by_group(in_exchange[row], inputs.fleet.group[cohorts], units * exchange)
            kept = np.isin(cohorts, owned)
            then = held[np.isin(owned, cohorts)] * use[kept]
            left[row] = then.sum(axis=TIME) / np.where(cost > 0.0, cost, np.nan)
        books = self.prospects.books or unit_books(inputs)
        return YearEnds(
            bounds=self.bounds,
            value_in_use=in_use,
            value_in_exchange=in_exchange,
            carrying={ledger.name: self._held(ledger, books[ledger.name]) for ledger in inputs.ledgers},
            written_off={ledger.name: self._unrecovered(ledger, books[ledger.name]) for ledger in inputs.ledgers},
            surplus=self._surplus(),
            value_left=left,
        )

    def _held(self, ledger: LedgerInputs, book: FloatArray) -> FloatArray:
        """Carrying amount of what is held at the year-ends, by group [USD], shape (Y+1, Q, n)."""
        owned = self.prospects.inputs.fleet
        held = np.zeros((len(self.bounds), self.prospects.inputs.groups, self.prospects.paths))
        for row, bound in enumerate(self.bounds.tolist()):
            cohorts = self._in_service(bound)
            units = _in_books(ledger, owned.units[cohorts], self._worth[bound][2])
            there = units * (bound <= self.retirement[cohorts])
            _add_by_group(held[row], owned.group[cohorts], there * book[bound, cohorts])
        return held

    def _unrecovered(self, ledger: LedgerInputs, book: FloatArray) -> FloatArray:
        """Carrying amount above proceeds of what retired since the year-end before [USD], shape (Y+1, n)."""
        total, path = np.zeros((len(self.bounds), self.prospects.paths)), np.arange(self.prospects.paths)
        units = _in_books(ledger, self.prospects.inputs.fleet.units, self.left_behind)
        for cohort, leaves in enumerate(self.retirement):
            inside = (leaves >= self._as_of) & (leaves < len(book))
            at = np.where(inside, leaves, 0)
            row = np.searchsorted(self.bounds, at, side="right")
            loss = units[cohort] * book[at, cohort, path if book.shape[CASE] > 1 else 0]
            loss -= self.left_behind[cohort] * self.brings[cohort]
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


def unit_books(inputs: Inputs) -> dict[str, FloatArray]:
    """Carrying amount of a unit of each cohort as long as it is held, by ledger.

    Parameters
    ----------
    inputs : Inputs
        Fleet, its physical life, and ledgers.

    Returns
    -------
    dict of numpy.ndarray
        [USD per unit in the books], shape (T+1, C, n or 1).
    """
    timeline, owned = inputs.timeline, inputs.fleet
    latest = latest_retirement(owned.in_service, owned.scheduled_retirement, inputs.silicon.physical_life)
    service = engine_service(owned.in_service, latest, timeline.first_bound, timeline.periods, timeline.fiscal_year_end)
    return {ledger.name: untested_carrying(ledger, cost=owned.cost, service=service) for ledger in inputs.ledgers}


def _in_books(ledger: LedgerInputs, bought: FloatArray, surviving: FloatArray) -> FloatArray:
    """Units that a ledger carries, those lost to failure among them where it does not write them off, shape (c, n)."""
    return surviving if ledger.write_off_failures else bought * (surviving > 0.0)


def _add_by_group(total: FloatArray, group: IntArray, amount: FloatArray) -> None:
    """Add amounts of cohorts (c, n) to the totals of their groups (Q, n)."""
    for row, each in zip(group, amount, strict=True):
        total[row] += each
