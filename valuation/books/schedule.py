"""The one depreciation schedule: month by month, every method, convention and event, per USD of cost.

An asset's life is used up by exposure (`valuation.books.conventions`); its charge is a rate
(`valuation.books.charges`) times exposure. A rate is set when service begins, whenever a step of its frequency opens,
and after every event: always from what is left over what remains, so that nothing in the past is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.books.charges import SLACK, Method, Standing, charge_rate, straight_line
from valuation.books.conventions import Calendar, Convention, Stay, days_of_month, exposures, life_measure
from valuation.books.policies import ComponentInputs
from valuation.errors import ShapeError
from valuation.timeline import MONTHS_PER_YEAR, NEVER, BoolArray, FloatArray, IntArray

Loss = Callable[[int, FloatArray], FloatArray]
"""Share of the carrying amount (C, n) lost at a bound, negative where a loss is reversed."""


MOVEMENTS = ("charge", "added", "written_down")


@dataclass(frozen=True)
class Schedule:
    """Carrying amount and movements of one asset of each row, per USD of cost.

    Attributes
    ----------
    carrying : (T+1, C, n)
        At the bounds; the cost before service.
    charge : (T, C, n)
        Depreciation of the period.
    added, written_down : (T, C, n)
        Cost added and amounts written down, reversals negative, or stated anew.
    lost : (T, C, n)
        Of what is written down, the loss found at the end of the period; of size 1 where none is looked for.
    overdrawn : (C, n)
        What was to be written down and was not carried any more; zero where all is well.
    """

    carrying: FloatArray
    charge: FloatArray
    added: FloatArray
    written_down: FloatArray
    lost: FloatArray
    overdrawn: FloatArray


@dataclass(frozen=True)
class Service:
    """Service of assets over a calendar that begins before the periods of interest.

    Attributes
    ----------
    stay : Stay
        When they are in service, in periods of the calendar.
    calendar : Calendar
        ``lead + T`` months.
    lead : int
        Months of the calendar before the first period of interest.
    held_only : bool
        Whether whoever reads the schedule looks at months only in which the asset is held.
    """

    stay: Stay
    calendar: Calendar
    lead: int = 0
    held_only: bool = False


def unit_schedule(
    components: tuple[ComponentInputs, ...], service: Service, loss: Loss | None = None, cases: int = 1
) -> Schedule:
    """Depreciate one asset of each row, its components added up.

    Parameters
    ----------
    components : tuple of ComponentInputs
        Policies, shapes (t, c, n), with shares of cost that add up to one.
    service : Service
        When the assets are in service.
    loss : callable, optional
        Impairment found at a bound from the carrying amounts (C, n) there; each component bears its share.
    cases : int
        Cases that the loss tells apart.

    Returns
    -------
    Schedule
        Per USD of cost, in which carrying + added - written down - charge gives the next carrying.
    """
    runs = [_Run(component, service, cases) for component in components]
    shape = np.broadcast_shapes(*(run.shape for run in runs), *(part.share.shape for part in components))
    length, lead = service.calendar.periods, service.lead
    carrying = np.empty((length + 1, *shape))
    charge, added, written_down = (np.zeros((length, *shape)) for _ in MOVEMENTS)
    lost = np.zeros((length, *shape)) if loss is not None else np.zeros((1, 1, 1))
    carrying[0] = _total(runs, [run.carrying for run in runs])
    for period in range(length):
        if any(run.opens[period] for run in runs):
            opened = [run.open(period) for run in runs]
            added[period], written_down[period] = (_total(runs, part) for part in zip(*opened, strict=True))
        charge[period] = _total(runs, [run.charge(period) for run in runs])
        if loss is not None and period >= lead:
            found = loss(period + 1 - lead, _total(runs, [run.carrying for run in runs]))
            lost[period] = _total(runs, [run.lose(found) for run in runs])
            written_down[period] += lost[period]
        carrying[period + 1] = _total(runs, [run.carrying for run in runs])
    beyond = _total(runs, [run.overdrawn for run in runs])
    moved = (carrying[lead:], charge[lead:], added[lead:], written_down[lead:])
    return Schedule(*moved, lost if loss is None else lost[lead:], beyond)


def _total(runs: Sequence[_Run], parts: Sequence[FloatArray]) -> FloatArray:
    """Sum of the components by their shares of cost."""
    summed = runs[0].component.share * parts[0]
    for run, part in zip(runs[1:], parts[1:], strict=True):
        summed = summed + run.component.share * part
    return np.asarray(summed)


class _Run:
    """State of the recursion: arrays (C, n) that move from month to month."""

    def __init__(self, component: ComponentInputs, service: Service, cases: int) -> None:
        if component.by_fiscal_year and MONTHS_PER_YEAR % component.frequency != 0:
            raise ShapeError(f"{component.name}: steps of {component.frequency} months do not fill a fiscal year")
        self.component, self.lead = component, service.lead
        calendar, stay = service.calendar, service.stay
        use = self._from_lead(component.use, calendar.periods)
        exposure = exposures(
            component.convention,
            stay,
            calendar,
            use=use,
            whole_first_year=component.whole_first_year,
            held_only=service.held_only,
        )
        self.exposure = exposure * self._from_lead(component.depreciating, calendar.periods)
        self.life, self.step = self._measured(component, service)
        arrays = (component.salvage_share, component.ceiling_share, component.stated_share, component.added_share)
        sizes = [array.shape[1:] for array in (self.exposure, self.life, *arrays, component.written_down_share)]
        rows = max(component.method.shape[1], component.percentages.shape[1])
        self.shape = np.broadcast_shapes(*sizes, (rows, 1), (1, cases))
        # A straight line needs no steps: what is left over what remains is the same in each.
        plain = np.isin(component.method, (Method.NONE, Method.STRAIGHT_LINE))
        self.stepped = np.asarray(~plain.all(axis=0))[:, None]
        self.resets = self._resets(calendar)
        self.ahead = self._ahead(service) if self.resets.any() else None
        self.changes = self._changes(calendar.periods)
        self.opens = self.resets | self.changes
        self.nothing = np.zeros((1, 1))
        self.carrying, self.age = np.ones(self.shape), np.zeros(self.shape)
        self.rate, self.node = np.zeros(self.shape), np.zeros(self.shape)
        self.overdrawn = np.zeros(self.shape)
        self.reference = np.array(np.broadcast_to(self._at(self.life, 0), self.shape))
        self.salvage = self._at(component.salvage_share, 0)

    def _from_lead(self, array: FloatArray, periods: int) -> FloatArray:
        """Policy by period of the calendar: the first one holds in the lead too, shape (P, c, n) or (1, c, n)."""
        if len(array) == 1:
            return array
        return array[np.maximum(np.arange(periods) - self.lead, 0)]

    def _measured(self, component: ComponentInputs, service: Service) -> tuple[FloatArray, FloatArray]:
        """Life and step in what exposure is measured in; what is not depreciated lives for ever."""
        entry_month = service.calendar.serial + service.stay.entry
        endless = component.method[:, :, None] == Method.NONE
        months = np.where(endless, np.inf, component.life)
        if component.convention != Convention.TOTAL_DAYS:
            return months, np.full((1, 1), float(component.frequency))
        # The length of a step hangs on the life stated, whether it is depreciated over it yet or not; where none is
        # stated, on the first year.
        finite = np.where(np.isfinite(component.life), component.life, float(MONTHS_PER_YEAR))
        days = life_measure(component.convention, finite, entry_month, service.stay.entry_day)
        return np.where(np.isfinite(months), days, np.inf), component.frequency * days[0] / finite[0]

    def _at(self, array: NDArray[Any], period: int) -> NDArray[Any]:
        """Policy in force in a period of the calendar, shape (c, n)."""
        return np.asarray(array[max(period - self.lead, 0) if len(array) > 1 else 0])

    def _resets(self, calendar: Calendar) -> BoolArray:
        """Whether rates are set anew at the opening of each period of the calendar, shape (P,)."""
        if not (self.component.by_fiscal_year and self.stepped.any()):
            return np.zeros(calendar.periods, dtype=bool)
        place = calendar.fiscal_month(np.arange(calendar.periods)) - 1
        return np.asarray(place % self.component.frequency == 0)

    def _ahead(self, service: Service) -> FloatArray:
        """Life to be used from the opening of each period to the next setting of rates, shape (P, C, 1).

        As nothing in the past may be touched, neither a leaving nor a pause nor the end of the calendar is foreseen.
        """
        calendar, stay = service.calendar, service.stay
        wider = Calendar(calendar.first, calendar.periods + MONTHS_PER_YEAR, calendar.fiscal_year_end)
        stays = Stay(stay.entry, stay.entry_day, np.full((1, 1), NEVER), np.ones((1, 1), dtype=np.int64))
        use = self._from_lead(self.component.use, calendar.periods)
        use = use if len(use) == 1 else np.concatenate([use, np.repeat(use[-1:], MONTHS_PER_YEAR, axis=0)])
        whole = self.component.whole_first_year
        nominal = exposures(self.component.convention, stays, wider, use=use, whole_first_year=whole)
        resets = self._resets(wider)
        ahead = np.zeros_like(nominal)
        later = np.zeros(nominal.shape[1:])
        for period in range(len(nominal) - 1, -1, -1):
            later = nominal[period] + later
            ahead[period] = later
            if resets[period]:
                later = np.zeros_like(later)
        return ahead[: calendar.periods]

    def _changes(self, periods: int) -> BoolArray:
        """Whether anything in the policy may change at the opening of each period of the calendar, shape (P,)."""
        changed = np.zeros(periods, dtype=bool)
        named = self.component
        for array in (self.life, named.salvage_share, named.method, named.factor):
            if len(array) > 1:
                differs = (array[1:] != array[:-1]).reshape(len(array) - 1, -1).any(axis=1)
                changed[self.lead + 1 :] |= differs
        for array, idle in ((named.added_share, 0.0), (named.written_down_share, 0.0), (named.ceiling_share, np.inf)):
            changed[self.lead :] |= (array != idle).reshape(len(array), -1).any(axis=1)
        changed[self.lead :] |= np.isfinite(named.stated_share).reshape(len(named.stated_share), -1).any(axis=1)
        return changed

    def open(self, period: int) -> tuple[FloatArray, FloatArray]:
        """Apply what changes at the opening of a period; cost added and amount written down."""
        if self.resets[period]:
            alive = self.age < self._at(self.life, period) - SLACK
            self.node = np.where(self.stepped & alive, self.age, self.node)
        if not self.changes[period]:
            return self.nothing, self.nothing
        self._revise(period)
        if period < self.lead:
            return self.nothing, self.nothing
        return self._restate(period)

    def _revise(self, period: int) -> None:
        """New estimates: rates are set anew, and a new life or method starts a life of its own."""
        named, before = self.component, period - 1
        anew = np.zeros(self.shape, dtype=bool)
        estimates: tuple[NDArray[Any], ...] = (self.life, named.method[:, :, None], named.factor[:, :, None])
        for array in estimates:
            anew |= self._at(array, period) != self._at(array, before)
        salvage = self._at(named.salvage_share, period)
        touched = anew | (salvage != self.salvage)
        self.salvage = salvage
        left = np.maximum(self._at(self.life, period) - self.age, SLACK)
        self.reference = np.where(anew, left, self.reference)
        self.node = np.where(touched, self.age, self.node)

    def _restate(self, period: int) -> tuple[FloatArray, FloatArray]:
        """Amounts stated, written down and added, in this order."""
        named, before = self.component, self.carrying
        stated, ceiling = self._at(named.stated_share, period), self._at(named.ceiling_share, period)
        added = np.broadcast_to(self._at(named.added_share, period), self.shape)
        carrying = np.where(np.isnan(stated), before, stated)
        lower = np.minimum(carrying, ceiling) - self._at(named.written_down_share, period)
        self.overdrawn = np.maximum(self.overdrawn, -lower)
        carrying = np.maximum(lower, 0.0)
        self.carrying = carrying + added
        self.node = np.where(self.carrying != before, self.age, self.node)
        return added, before - carrying

    def lose(self, share: FloatArray) -> FloatArray:
        """Write a share of the carrying amount off at the end of a period, negative to write it up; the amount."""
        lost = self.carrying * share
        self.carrying = self.carrying - lost
        self.node = np.where(lost != 0.0, self.age, self.node)
        return lost

    def charge(self, period: int) -> FloatArray:
        """Charge of a period, which moves carrying amount and age on."""
        exposed: FloatArray = self.exposure[period]
        ahead = self.age + exposed
        due = self.rate * exposed
        crossing = ahead > self.node + SLACK
        if crossing.any():
            due[crossing] = self._across(np.nonzero(crossing), period)
        left = np.maximum(self.carrying - self.salvage, 0.0)
        np.minimum(due, left, out=due)
        ended = ahead >= self._at(self.life, period) - SLACK
        if ended.any():
            due = np.where(ended & (exposed > 0.0), left, due)
            self.node = np.where(ended, np.inf, self.node)
        self.carrying = self.carrying - due
        self.age = ahead
        return due

    def _across(self, rows: tuple[IntArray, ...], period: int) -> FloatArray:
        """Charge of the rows that open steps in a period: at the old rate before each, at the new one after."""
        rest, due = self._of(self.exposure[period], rows), np.zeros(len(rows[0]))
        age, node, rate, carrying = (array[rows] for array in (self.age, self.node, self.rate, self.carrying))
        opening = np.ones(len(due), dtype=bool)
        while opening.any():
            before = np.where(opening, np.maximum(node - age, 0.0), 0.0)
            due, age, rest = due + rate * before, age + before, rest - before
            remaining = np.maximum(self._of(self._at(self.life, period), rows) - age, SLACK)
            following, span = self._step(period, rows, age, remaining)
            rate = np.where(opening, self._rate(period, rows, (carrying - due, age, remaining, span)), rate)
            node = np.where(opening, following, node)
            opening = (age + rest > node + SLACK) & (remaining > SLACK)
        self.rate[rows], self.node[rows] = rate, node
        return np.asarray(due + rate * rest)

    def _of(self, array: NDArray[Any], rows: tuple[IntArray, ...]) -> NDArray[Any]:
        """Read an array (c, n) at rows, shape (R,)."""
        whole = array if array.shape == self.shape else np.broadcast_to(array, self.shape)
        return np.asarray(whole[rows])

    def _step(
        self, period: int, rows: tuple[IntArray, ...], age: FloatArray, remaining: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Age at which the next step opens, infinite where the calendar says, and life until then, shape (R,) each."""
        if self.ahead is not None:
            return np.full_like(age, np.inf), self._of(self.ahead[period], rows)
        if self.component.by_fiscal_year:
            return np.full_like(age, np.inf), remaining
        step = self._of(self.step, rows)
        following = (np.floor((age + SLACK) / step) + 1.0) * step
        return following, following - age

    def _rate(self, period: int, rows: tuple[IntArray, ...], at: tuple[FloatArray, ...]) -> FloatArray:
        """Rates of the steps that open, by method, shape (R,)."""
        named, (carrying, age, remaining, span) = self.component, at
        method = self._of(self._at(named.method, period)[:, None], rows)
        salvage = self._of(self.salvage, rows)
        if not self.stepped.any():
            return np.where(method == Method.NONE, 0.0, straight_line(carrying, salvage, remaining))
        standing = Standing(
            carrying=carrying,
            salvage=salvage,
            age=age,
            remaining=remaining,
            span=np.clip(span, SLACK, remaining),
            step=self._of(self.step, rows),
            reference_life=self.reference[rows],
            factor=self._of(self._at(named.factor, period)[:, None], rows),
            percentages=np.broadcast_to(named.percentages, (len(named.percentages), self.shape[0]))[:, rows[0]],
        )
        return charge_rate(method, standing)


def engine_service(
    in_service: IntArray, retirement: IntArray, first_bound: np.datetime64, periods: int, fiscal_year_end: int
) -> Service:
    """Service of cohorts that enter and leave at bounds, the ends of months.

    Parameters
    ----------
    in_service : numpy.ndarray
        In-service bound, shape (C,).
    retirement : numpy.ndarray
        Retirement bound, shape (C, n).
    first_bound : numpy.datetime64
        Month whose end is bound 0.
    periods : int
        Number of periods, ``T``.
    fiscal_year_end : int
        Calendar month that closes the fiscal year.

    Returns
    -------
    Service
        Over a calendar from the first month of service of the oldest cohort.
    """
    lead = max(0, 1 - int(in_service.min()))
    first = first_bound.astype("datetime64[M]") + np.timedelta64(1 - lead, "M")
    calendar = Calendar(first, periods + lead, fiscal_year_end)
    entry, leave = in_service - 1 + lead, retirement - 1 + lead
    month = calendar.serial + entry
    last = calendar.days[np.clip(leave, 0, calendar.periods - 1)] + 1
    return Service(Stay(entry, days_of_month(month), leave, last), calendar, lead, held_only=True)
