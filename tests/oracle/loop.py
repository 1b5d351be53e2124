"""A second implementation of the default chain: one case, month by month, plain floats and lists.

It is written from docs/model.md alone and shares no code with the engine beyond the input record, whose arrays
it turns into nested lists before it computes anything. Nothing is vectorised, and no result of the engine is read.

Bounds are ends of months, period ``t`` runs from bound ``t`` to bound ``t + 1``. Rents, ages and survivors of a
period are those at its opening bound; its flow is paid at its closing bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.oracle.lives import Profile, lives_of
from valuation.books.policies import LedgerInputs
from valuation.inputs import CURVE, PLAN_FLAT, PLAN_HINDSIGHT, RESALE, Inputs
from valuation.timeline import NEVER

Row = list[float]
Table = list[Row]
Price = Callable[[int], Row]
UNPRICED = math.inf


def numbers(array: Any, case: int, axes: tuple[str, ...]) -> Any:
    """One case of an array as nested lists; an array without a case axis as it is."""
    if axes[-1] == "n":
        array = array[..., 0 if array.shape[-1] == 1 else case]
    return np.asarray(array).tolist()


def record(arrays: Any, case: int) -> Any:
    """One case of a record of arrays: an object with the same names and plain lists, and the records it holds."""
    found = {name: numbers(a, case, axes) for name, (a, axes) in arrays.arrays().items()}
    for name in ("demand", "rivals", "breakthroughs"):
        found[name] = [record(part, case) for part in getattr(arrays, name, ())]
    return type("Plain", (), found)


def at(rows: list[Any], index: int) -> Any:
    """Entry of a list whose last level is held."""
    return rows[min(index, len(rows) - 1)]


def held(rows: list[Any], bound: int) -> Any:
    """Entry of a list by bound, whose first and last level are held."""
    return rows[min(max(bound, 0), len(rows) - 1)]


def one_of(row: Row, s: int) -> float:
    """Entry of a segment; one entry may stand for all."""
    return row[s if len(row) > 1 else 0]


def logistic(ramp: Any, age: float) -> float:
    """Share of volume some months after an arrival."""
    if age <= 0:
        return 0.0
    floor = 1.0 / (1.0 + math.exp(ramp.ramp_midpoint / ramp.ramp_width))
    height = 1.0 / (1.0 + math.exp(-(age - ramp.ramp_midpoint) / ramp.ramp_width))
    return float((height - floor) / (1.0 - floor))


@dataclass
class Part:
    """A landing: when it was planned, how it slips, and which generation it is (none for an unnamed one)."""

    planned: float
    delay: float
    generation: int | None

    @property
    def lands(self) -> float:
        return self.planned + self.delay


@dataclass
class Step:
    """What one landing does to one segment, all in logs but the last."""

    part: Part
    rent: float
    cost: float
    burden: float


@dataclass
class Ladder:
    """Entry rent, replacement cost and operating cost per USD of one segment: a first level and steps from it."""

    rent: float
    cost: float
    burden: float
    steps: list[Step] = field(default_factory=list)


@dataclass
class Stay:
    """One cohort's stay: bounds, and value per device at each bound of the stock."""

    start: int
    end: int
    retirement: int = 0
    in_use: dict[int, float] = field(default_factory=dict)
    in_exchange: dict[int, float] = field(default_factory=dict)


class Loop:
    """The chain for one case."""

    def __init__(self, inputs: Inputs, case: int) -> None:
        self.T = inputs.timeline.periods
        self.as_of = inputs.timeline.as_of
        self.fleet: Any = record(inputs.fleet, case)
        self.silicon: Any = record(inputs.silicon, case)
        self.outlook: Any = record(inputs.outlook, case)
        self.path: Any = record(inputs.path, case)
        self.terms: Any = record(inputs.terms, case)
        self.observed: Table = record(inputs.history, case).observed_rent
        self.segments = len(self.silicon.service[0])
        self.generations = len(self.silicon.cost)
        self.cohorts = len(self.fleet.units)
        self.life = math.ceil(self.silicon.physical_life)
        self.last = self.T + self.life + 1
        self.hazards: Table = self.by_generation(self.silicon.failure_hazard)
        self.efficiencies: Table = self.by_generation(self.silicon.age_efficiency)
        self.servings: Table = self.by_generation(self.silicon.serving)
        self.legacies: Table = self.by_generation(self.silicon.legacy)
        everywhere = range(self.segments)
        self.delivered: Table = [
            [self.silicon.service[g][s] * self.available(g, s) for s in everywhere] for g in range(self.generations)
        ]
        self.first_seen = [self.first_observation(s) for s in range(self.segments)]
        self.frozen: Any = None if inputs.frozen is None else record(inputs.frozen, case)
        self.decline = self.planning_decline()
        self.settle(self.decline)

    def by_generation(self, rows: Table) -> Table:
        """Age profiles with the generation first; one profile may serve all."""
        return [[row[g if len(row) > 1 else 0] for row in rows] for g in range(self.generations)]

    def available(self, g: int, s: int) -> float:
        """Share of the service of a part that reaches renters; one row or one segment may stand for all."""
        return one_of(self.silicon.availability[g if len(self.silicon.availability) > 1 else 0], s)

    def with_work(self, g: int, age: int, full: float, cost: float) -> tuple[float, float]:
        """Rent earned and running cost paid by the average device of an age, some of them stranded."""
        working = at(self.servings[g], age)
        old = self.silicon.legacy_rent * full
        stranded = at(self.legacies[g], age) if old > cost else 0.0
        return working * full + stranded * old, (working + stranded) * cost

    def first_observation(self, s: int) -> int:
        return next(b for b, row in enumerate(self.observed) if not math.isnan(row[s]))

    # Entry rents

    def survivors(self, g: int, months: int) -> Row:
        """Share of new devices still there at each age."""
        share = [1.0]
        for age in range(months):
            share.append(share[-1] * (1.0 - at(self.hazards[g], age)))
        return share

    def plan_level(self, g: int, cost: float, operating: float, relative: Callable[[int], float]) -> float:
        """Monthly rent of a new device that pays for it over the plan, when its rent follows `relative`."""
        months = int(self.terms.planning_life)
        v = self.terms.discount_factor
        alive = self.survivors(g, months)
        outlay = cost - v**months * alive[months] * self.terms.scrap_share * cost
        need, yields = outlay, 0.0
        for j in range(1, months + 1):
            working = at(self.servings[g], j - 1)
            need += v**j * alive[j - 1] * working * operating
            yields += v**j * alive[j - 1] * working * at(self.efficiencies[g], j - 1) * relative(j)
        if not any(at(self.legacies[g], j) > 0 for j in range(months)):
            return float(need / yields)

        def left_over(level: float) -> float:
            total = -outlay
            for j in range(1, months + 1):
                full = level * at(self.efficiencies[g], j - 1) * relative(j)
                rent, spent = self.with_work(g, j - 1, full, operating)
                total += v**j * alive[j - 1] * (rent - spent)
            return float(total)

        low, high = 0.0, need / yields
        while high - low > 1e-15 * high:
            middle = (low + high) / 2.0
            if middle in (low, high):
                break
            low, high = (low, middle) if left_over(middle) > 0 else (middle, high)
        return float(high)

    def entry_rent(self, g: int, s: int, decline: float) -> float:
        """Rent per unit-hour at which a new device of a generation earns its required return."""
        service = self.delivered[g][s]
        if not self.silicon.priced[g] or service == 0:
            return UNPRICED
        level = self.plan_level(
            g,
            self.silicon.cost[g],
            self.silicon.operating_cost[g],
            lambda j: math.exp(-decline * (j - 1)),
        )
        return float(level / (service * self.terms.paid_hours))

    # Landings

    def listing(self, outlook: Any, date: int) -> list[Part]:
        """Landings expected at a date, in their order: what is known, then unnamed ones at their cadence."""
        parts = [
            Part(outlook.landing[g], outlook.delay[g], g)
            for g in range(self.generations)
            if self.silicon.sets_price[g] and (outlook.known_from[g] <= date or outlook.landing[g] <= date)
        ]
        parts.sort(key=lambda part: part.lands)
        cadence = outlook.generic_cadence
        latest = parts[-1].lands if parts else date - cadence
        month = max(latest + cadence, date + 1)
        while month <= max(date, 0) + self.last:
            parts.append(Part(month, 0.0, None))
            month += cadence
        return parts

    def ladder(self, outlook: Any, parts: list[Part], s: int) -> Ladder:
        """Steps of one segment against the running minimum of the entry rent."""
        found: Ladder | None = None
        low = cost = burden = 0.0
        for part in parts:
            g = part.generation
            if g is None or not self.silicon.priced[g]:
                if found is not None:
                    found.steps.append(Step(part, outlook.generic_step, outlook.generic_step, 0.0))
                    low, cost = low - outlook.generic_step, cost - outlook.generic_step
                continue
            if self.delivered[g][s] == 0:
                continue
            rent_here = math.log(self.entry[g][s])
            cost_here = math.log(self.silicon.cost[g] / self.delivered[g][s])
            burden_here = self.silicon.operating_cost[g] / self.silicon.cost[g]
            if found is None:
                found = Ladder(rent_here, cost_here, burden_here)
            elif rent_here < low:
                found.steps.append(Step(part, low - rent_here, cost - cost_here, burden_here - burden))
            else:
                continue
            low, cost, burden = rent_here, cost_here, burden_here
        return found or Ladder(UNPRICED, UNPRICED, 0.0)

    def ladders(self, outlook: Any, date: int) -> list[Ladder]:
        parts = self.listing(outlook, date)
        return [self.ladder(outlook, parts, s) for s in range(self.segments)]

    def ramp(self, outlook: Any, part: Part, bound: float) -> float:
        """Share of a landing that has reached the market at a bound."""
        since = bound - self.as_of
        if since >= 0:
            bound = self.as_of + max(0.0, since - max(part.delay, -since))
        age = bound - part.planned
        if age <= 0:
            return 0.0
        middle, width = outlook.ramp_midpoint, outlook.ramp_width
        floor = 1.0 / (1.0 + math.exp(middle / width))
        height = 1.0 / (1.0 + math.exp(-(age - middle) / width))
        return (height - floor) / (1.0 - floor)

    def level(self, outlook: Any, ladder: Ladder, bound: int) -> tuple[float, float, float]:
        """Entry rent, replacement cost and operating cost per USD of the market, weighted by the ramps."""
        rent, cost, burden = ladder.rent, ladder.cost, ladder.burden
        for step in ladder.steps:
            share = self.ramp(outlook, step.part, bound)
            if share > 0:
                rent -= step.rent * share
                cost -= step.cost * share
                burden += step.burden * share
        return math.exp(rent), math.exp(cost), burden

    # The market

    def settle(self, decline: float) -> None:
        """Entry rents and ladders at a planned decline."""
        self.entry = [[self.entry_rent(g, s, decline) for s in range(self.segments)] for g in range(self.generations)]
        self.base = self.ladders(self.outlook, self.as_of)
        self.own = self.ladders(self.path, self.as_of)

    def base_entry(self, s: int, bound: int) -> float:
        """Entry rent of the market in the base; before the first observation it moves with the plan."""
        seen = self.first_seen[s]
        if bound < seen:
            return self.base_entry(s, seen) * math.exp(self.decline * (seen - bound))
        return self.level(self.outlook, self.base[s], bound)[0]

    def seen_rent(self, s: int, bound: int) -> float:
        """Observed rent, holes filled in logs and the last one held; before the first observation the entry rent."""
        if bound < (first := self.first_seen[s]):
            entry = self.base_entry(s, bound)
            held_back = self.observed[first][s] * math.exp(self.decline * (first - bound))
            return entry if math.isfinite(entry) else held_back
        here = self.observed[bound][s]
        if not math.isnan(here):
            return here
        left, right = bound, bound
        while math.isnan(self.observed[left][s]):
            left -= 1
        while right <= self.as_of and math.isnan(self.observed[right][s]):
            right += 1
        if right > self.as_of:
            return self.observed[left][s]
        weight = (bound - left) / (right - left)
        logs = math.log(self.observed[left][s]), math.log(self.observed[right][s])
        return math.exp((1.0 - weight) * logs[0] + weight * logs[1])

    def forward(self, outlook: Any, date: int, start: Row, scarcity: Row, last: int) -> Table:
        """Rents of every segment from a date on, as expected then: a row for each bound."""
        if outlook.mode == CURVE:
            return [
                [start[s] * math.exp(at(outlook.curve, k)) for s in range(self.segments)]
                for k in range(last - date + 1)
            ]
        ladders = self.ladders(outlook, date)
        opening = [[self.ramp(outlook, step.part, date) for step in ladder.steps] for ladder in ladders]
        rows = []
        for k in range(last - date + 1):
            row = []
            for s, ladder in enumerate(ladders):
                fall = outlook.drift * k
                for step, already in zip(ladder.steps, opening[s], strict=True):
                    share = self.ramp(outlook, step.part, date + k)
                    if share > already:
                        fall += outlook.pass_through * step.rent * (share - already)
                fading = 1.0 - 2.0 ** (-k / outlook.reversion_half_life)
                fall += (scarcity[s] - outlook.scarcity_target) * fading
                row.append(start[s] * math.exp(-fall - self.pressed(outlook, s, date, k)))
            rows.append(row)
        return rows

    def pressed(self, outlook: Any, s: int, date: int, ahead: int) -> float:
        """Log fall of the rent of a segment from a date on by rivals, by a change of demand and by breakthroughs."""
        (demand,) = outlook.demand
        answer = demand.supply_elasticity + demand.demand_elasticity
        fall = -(held(demand.change, date + ahead) - held(demand.change, date)) / answer
        for rival in outlook.rivals:
            if rival.known_from <= date:
                lost = self.lost(rival, demand, s, date + ahead) - self.lost(rival, demand, s, date)
                fall += rival.traded_share * lost / answer
        for advance in outlook.breakthroughs:
            if math.isfinite(advance.date):
                here, then = (logistic(advance, bound - advance.date) for bound in (date, date + ahead))
                fall += advance.step * (then - here)
            for month in range(ahead):
                fall += advance.rate * (1.0 - math.exp(-advance.step * logistic(advance, month)))
        return float(fall)

    def lost(self, rival: Any, demand: Any, s: int, bound: int) -> float:
        """Share of the demand for a segment's devices that a rival has taken by a bound."""
        everywhere = range(self.segments)
        weights = [one_of(held(demand.segment_share, bound), j) for j in everywhere]
        taken = [one_of(held(rival.open_share, bound), j) * held(rival.adoption, bound) for j in everywhere]
        whole = sum(w * d for w, d in zip(weights, taken, strict=True))
        cap = held(rival.supply_cap, bound)
        if whole > cap:
            taken, whole = [share * cap / whole for share in taken], cap
        return float(demand.mobility * whole + (1.0 - demand.mobility) * taken[s])

    def excess(self, rent: float, entry: float) -> float:
        """Log of a rent over the entry rent; none where nobody can enter."""
        return math.log(rent / entry) if math.isfinite(entry) else 0.0

    def sold(self, outlook: Any, bound: int) -> float:
        """Share of the usual hours that the owner sells."""
        idle = held(outlook.migrated, bound) * (1.0 - outlook.resale_yield)
        return float(held(outlook.utilisation, bound) * (1.0 - idle))

    def market(self) -> None:
        """Rents, entry rents and replacement cost, observed and on the path of the case."""
        everywhere = range(self.segments)
        seen = [[self.seen_rent(s, b) for s in everywhere] for b in range(self.as_of + 1)]
        today = seen[self.as_of]
        if self.frozen is None:
            self.scarcity = [self.excess(today[s], self.base_entry(s, self.as_of)) for s in everywhere]
        else:
            self.scarcity = self.frozen.scarcity
        ahead = self.forward(self.path, self.as_of, today, self.scarcity, self.last)
        self.rent = seen[: self.as_of] + ahead
        views = [self.outlook if bound <= self.as_of else self.path for bound in range(len(self.rent))]
        self.earned = [
            [price * self.sold(view, bound) for price in row]
            for bound, (view, row) in enumerate(zip(views, self.rent, strict=True))
        ]
        self.base_rent = seen[: self.as_of] + self.forward(self.outlook, self.as_of, today, self.scarcity, self.last)
        self.entry_path = [[self.base_entry(s, b) for s in everywhere] for b in range(self.as_of + 1)]
        self.replacement = [[self.replacement_at(s, b) for s in everywhere] for b in range(self.as_of + 1)]
        for bound in range(self.as_of + 1, self.last + 1):
            levels = [self.level(self.path, self.own[s], bound) for s in everywhere]
            self.entry_path.append([level[0] for level in levels])
            self.replacement.append([level[1] for level in levels])

    def replacement_at(self, s: int, bound: int) -> float:
        """Replacement cost of a unit of service at any bound, also before the grid."""
        if bound > self.as_of:
            return self.level(self.path, self.own[s], bound)[1]
        return self.level(self.outlook, self.base[s], bound)[1]

    def base_rent_at(self, s: int, bound: int) -> float:
        return self.base_rent[bound][s] if bound >= 0 else self.seen_rent(s, bound)

    # The planned decline

    def planning_decline(self) -> float:
        """Given, or the decline at which a new frontier device at the entry rent is worth its cost."""
        if self.frozen is not None:
            return float(self.frozen.planning_decline)
        given: float = self.terms.planning_decline
        if not math.isnan(given) or self.outlook.mode == RESALE:
            return 0.0 if math.isnan(given) else given
        before, here = 0.0, 0.02
        error_before, error = self.worth_of_entry(before) - 1.0, self.worth_of_entry(here) - 1.0
        for _ in range(60):
            if abs(error) < 1e-15 or error == error_before:
                break
            before, here = here, here - error * (here - before) / (error - error_before)
            error_before, error = error, self.worth_of_entry(here) - 1.0
        assert abs(error) < 1e-12, "no decline found"
        return here

    def worth_of_entry(self, decline: float) -> float:
        """Value over cost of a new frontier device at the market's entry rent and without scarcity."""
        self.decline = decline
        self.settle(decline)
        entries = [self.base_entry(s, self.as_of) for s in range(self.segments)]
        start = [entry if math.isfinite(entry) else 0.0 for entry in entries]
        rents = self.forward(self.outlook, self.as_of, start, [0.0] * self.segments, self.as_of + self.life)
        frontier = min(
            (
                g
                for g in range(self.generations)
                if self.silicon.sets_price[g] and self.outlook.landing[g] <= self.as_of
            ),
            key=lambda g: min(self.entry[g]),
        )
        cost = self.silicon.cost[frontier]

        def flow(bound: int) -> float:
            age = bound - self.as_of
            pay = max(q * p for q, p in zip(self.delivered[frontier], rents[age], strict=True))
            full = pay * at(self.efficiencies[frontier], age) * self.terms.paid_hours
            rent, spent = self.with_work(frontier, age, full, self.silicon.operating_cost[frontier])
            return rent - spent

        scrap = self.terms.scrap_share * cost
        values, _ = self.recursion(self.as_of, self.as_of, self.as_of + self.life, frontier, flow, scrap, scrap)
        return float(values[0] / cost)

    # Value

    def recursion(
        self,
        start: int,
        born: int,
        end: int,
        g: int,
        flow: Callable[[int], float],
        scrap: float,
        final: float,
    ) -> tuple[Row, int]:
        """Values per device from `start` to `end`, and the first bound at which stopping is better."""
        v = self.terms.discount_factor
        value, stop = final, end
        values = [final]
        for bound in range(end - 1, start - 1, -1):
            keep = (flow(bound) + (1.0 - at(self.hazards[g], bound - born)) * value) * v
            if keep < scrap:
                stop = bound
            value = max(scrap, keep)
            values.append(value)
        values.reverse()
        return values, stop

    def plans(self) -> None:
        """Rent and operating cost of calibrated cohorts at the start of their plans."""
        self.plan_rent = [0.0] * self.cohorts
        self.plan_operating = [0.0] * self.cohorts
        for c in range(self.cohorts):
            if not self.fleet.calibrated[c]:
                continue
            g, born = self.fleet.generation[c], self.fleet.in_service[c]
            if self.frozen is not None:
                self.plan_rent[c] = self.frozen.plan_rent[c]
                self.plan_operating[c] = self.frozen.plan_operating_cost[c]
                continue
            burden = self.level(self.outlook, self.base[0], born)[2]
            self.plan_operating[c] = burden
            self.plan_rent[c] = self.plan_level(g, 1.0, burden, self.plan_relative(born))

    def plan_relative(self, born: int) -> Callable[[int], float]:
        """Rent in the plan relative to its first month, by month of the plan."""
        if self.terms.plan == PLAN_FLAT:
            return lambda _: 1.0
        if self.terms.plan == PLAN_HINDSIGHT:
            first = self.base_rent_at(0, born)
            return lambda j: self.base_rent_at(0, born + j - 1) / first
        return lambda j: math.exp(-self.decline * (j - 1))

    def frozen_entry(self, s: int, bound: int) -> float:
        if self.frozen is None:
            return self.base_entry(s, bound)
        rows = self.frozen.market_entry_rent
        if bound < 0:
            return float(rows[0][s] * math.exp(self.decline * -bound))
        return float(at(rows, bound)[s])

    def service_of(self, c: int) -> Row:
        """Monthly rent of a new device of a cohort per USD of market rent, by segment; zero where it cannot go."""
        g = self.fleet.generation[c]
        service: Row = self.delivered[g]
        if not self.fleet.calibrated[c]:
            return [q * self.terms.paid_hours for q in service]
        born = self.fleet.in_service[c]
        return [
            self.plan_rent[c] * self.fleet.cost[c] / self.frozen_entry(s, born) * self.sounder(c, s)
            if service[s] > 0
            else 0.0
            for s in range(self.segments)
        ]

    def sounder(self, c: int, s: int) -> float:
        """Availability of the part that stands for a cohort, relative to the base."""
        if self.frozen is None:
            return 1.0
        rows = self.frozen.reference_availability
        return self.available(self.fleet.generation[c], s) / one_of(rows[c if len(rows) > 1 else 0], s)

    def operating_of(self, c: int) -> float:
        if self.fleet.calibrated[c]:
            return float(self.plan_operating[c] * self.fleet.cost[c] * self.dearer(c))
        return float(self.silicon.operating_cost[self.fleet.generation[c]])

    def dearer(self, c: int) -> float:
        """Running cost over cost of the part that stands for a cohort, relative to the base."""
        g = self.fleet.generation[c]
        if self.frozen is None:
            return 1.0
        return float(self.silicon.operating_cost[g] / self.silicon.cost[g] / self.frozen.reference_upkeep[c])

    def gross(self, c: int, bound: int, prices: Row) -> float:
        """Rent of a device in the period that opens at a bound."""
        best = max(x * p for x, p in zip(self.coefficients[c], prices, strict=True))
        return float(best * at(self.efficiencies[self.fleet.generation[c]], bound - self.fleet.in_service[c]))

    def flow_of(self, c: int, rents: Table, date: int) -> Callable[[int], float]:
        def flow(bound: int) -> float:
            rent, spent = self.earned_by(c, bound, rents[bound - date])
            return rent - spent

        return flow

    def earned_by(self, c: int, bound: int, prices: Row) -> tuple[float, float]:
        """Rent and running cost of the average device of a cohort in the period that opens at a bound."""
        age = bound - self.fleet.in_service[c]
        return self.with_work(self.fleet.generation[c], age, self.gross(c, bound, prices), self.operating_of(c))

    def scrap_of(self, c: int) -> float:
        return float(self.terms.scrap_share * self.fleet.cost[c])

    def final_of(self, c: int) -> float:
        """What a device fetches at the end of its stay: the sale agreed on, or scrap."""
        sale = self.fleet.sale_value[c]
        scheduled = self.fleet.scheduled_retirement[c] <= self.fleet.in_service[c] + self.life
        return self.scrap_of(c) if math.isnan(sale) or not scheduled else float(sale)

    def cap_of(self, c: int, bound: int) -> float:
        """Cost of the same service bought new, never above the device's own cost, with the premium."""
        g, born = self.fleet.generation[c], self.fleet.in_service[c]
        ratios = []
        for s in range(self.segments):
            service = self.delivered[g][s]
            if service > 0:
                calibrated = self.fleet.calibrated[c]
                own = self.replacement_at(s, born) if calibrated else self.silicon.cost[g] / service
                if math.isfinite(own):
                    ratios.append(self.replacement[bound][s] / own)
        served = at(self.servings[g], bound - born) + at(self.legacies[g], bound - born) * self.silicon.legacy_rent
        ratio = min(1.0, max(ratios, default=0.0)) * served
        return float(self.fleet.cost[c] * ratio * (1.0 + self.terms.delivery_premium))

    def value_at(self, c: int, stay: Stay) -> None:
        """Values in use of one cohort at every bound of its stay, and its retirement."""
        g, born = self.fleet.generation[c], stay.start
        scrap, final = self.scrap_of(c), self.final_of(c)
        worn = born + self.life
        for bound in range(max(0, born), min(self.as_of, stay.end + 1)):
            if self.outlook.mode == RESALE:
                stay.in_use[bound] = self.resale(c, bound)
                continue
            flow = self.flow_of(c, self.expected[bound], bound)
            stay.in_use[bound] = self.recursion(bound, born, worn, g, flow, scrap, scrap)[0][0]
        stay.retirement = stay.end
        if stay.end < self.as_of:
            return
        start = max(self.as_of, born)
        if self.path.mode == RESALE:
            stay.in_use.update({b: self.resale(c, b) for b in range(start, stay.end + 1)})
            return
        flow = self.flow_of(c, self.earned[self.as_of :], self.as_of)
        values, stay.retirement = self.recursion(start, born, stay.end, g, flow, scrap, final)
        stay.in_use.update({start + k: value for k, value in enumerate(values)})

    def resale(self, c: int, bound: int) -> float:
        """Value by the age-price curve alone: no rents, no scrap, no cap."""
        age = bound - self.fleet.in_service[c]
        known = self.outlook if bound < self.as_of else self.path
        return float(self.fleet.cost[c] * at(known.age_price, age) * (1.0 - known.sale_haircut))

    def mode_at(self, bound: int) -> int:
        """What rules at a bound: expectations before the as-of bound, the path from it on."""
        return int(self.outlook.mode if bound < self.as_of else self.path.mode)

    def exchange(self, c: int, stay: Stay) -> None:
        """Values in exchange, and what a device fetches when it leaves, which is then its value in either sense."""
        scrap = self.scrap_of(c)
        for bound, value in stay.in_use.items():
            if bound <= self.T:
                haircut = (self.outlook if bound < self.as_of else self.path).resale_haircut
                capped = max(scrap, min(value, self.cap_of(c, bound)) * (1.0 - haircut))
                stay.in_exchange[bound] = value if self.mode_at(bound) == RESALE else capped
        leaves = stay.retirement
        agreed = leaves == self.fleet.scheduled_retirement[c] and not math.isnan(self.fleet.sale_value[c])
        if leaves in stay.in_use and (agreed or self.path.mode != RESALE):
            brings = self.fleet.sale_value[c] if agreed else scrap
            stay.in_use[leaves] = stay.in_exchange[leaves] = brings

    def values(self) -> list[Stay]:
        """Values and retirements of all cohorts."""
        self.coefficients = [self.service_of(c) for c in range(self.cohorts)]
        self.expected = []
        for bound in range(self.as_of):
            start = [self.seen_rent(s, bound) for s in range(self.segments)]
            scarcity = [self.excess(start[s], self.base_entry(s, bound)) for s in range(self.segments)]
            ahead = self.forward(self.outlook, bound, start, scarcity, bound + self.life)
            for k, row in enumerate(ahead):
                known = self.outlook.sold_known_from <= bound
                ahead[k] = [price * self.sold(self.outlook, bound + k if known else bound) for price in row]
            self.expected.append(ahead)
        stays = []
        for c in range(self.cohorts):
            born = self.fleet.in_service[c]
            stay = Stay(born, min(born + self.life, self.fleet.scheduled_retirement[c]))
            if born <= self.T:
                self.value_at(c, stay)
                self.exchange(c, stay)
            else:
                stay.retirement = stay.end
            stays.append(stay)
        return stays

    # Flows of the cohorts

    def units_of(self, c: int, stay: Stay) -> Row:
        """Units in the stock at every bound."""
        units = [0.0] * (self.T + 1)
        left = self.fleet.units[c]
        for bound in range(max(0, stay.start), min(stay.retirement, self.T) + 1):
            units[bound] = left
            left *= 1.0 - at(self.hazards[self.fleet.generation[c]], bound - stay.start)
        return units

    def economics(self, c: int, stay: Stay) -> dict[str, Row]:
        """Stocks and flows of one cohort."""
        out = {name: [0.0] * (self.T + 1) for name in STOCKS} | {name: [0.0] * self.T for name in FLOWS}
        units = out["units"] = self.units_of(c, stay)
        for bound in range(self.T + 1):
            use = stay.in_use.get(bound, 0.0) if units[bound] else 0.0
            exchange = stay.in_exchange.get(bound, 0.0) if units[bound] else 0.0
            out["unit_value_in_use"][bound], out["unit_value_in_exchange"][bound] = use, exchange
            out["value_in_use"][bound] = units[bound] * use
            out["value_in_exchange"][bound] = units[bound] * exchange
        if 1 <= stay.start <= self.T:
            here, cost = stay.start, self.fleet.units[c] * self.fleet.cost[c]
            out["additions"][here - 1] = out["value_in_exchange"][here]
            out["additions_at_cost"][here - 1] = cost
            out["purchase_surplus"][here - 1] = out["value_in_use"][here] - cost
            out["exchange_discount"][here - 1] = out["value_in_use"][here] - out["value_in_exchange"][here]
        for t in range(self.T):
            self.period(c, stay, t, out)
        return out

    def period(self, c: int, stay: Stay, t: int, out: dict[str, Row]) -> None:
        """Flows of one period: retirement at its opening, or rent and operating cost at its end."""
        units = out["units"][t]
        if units and t == stay.retirement:
            out["retired_units"][t] = units
            out["proceeds"][t] = units * out["unit_value_in_exchange"][t]
        elif units and self.mode_at(t) != RESALE:
            rent, spent = self.earned_by(c, t, self.earned[t])
            out["gross_rent"][t] = units * rent
            out["quasi_rent"][t] = out["gross_rent"][t] - units * spent
        value = out["value_in_exchange"]
        out["economic_depreciation"][t] = value[t] + out["additions"][t] - out["proceeds"][t] - value[t + 1]

    # Books

    def books(self, c: int, stay: Stay, ledger: LedgerInputs, case: int, found: dict[str, Row]) -> dict[str, Row]:
        """Carrying amount, depreciation and disposals of one cohort under one ledger."""
        plain: Any = record(ledger.components[0], case)
        lives = [row[c if len(row) > 1 else 0] for row in plain.life]
        salvages = plain.salvage_share[0]
        share = salvages[c if len(salvages) > 1 else 0]
        units, cost = found["units"], self.fleet.cost[c]
        carrying, charges, disposals = [0.0] * (self.T + 1), [0.0] * self.T, [0.0] * self.T
        first = max(0, stay.start)
        if first > self.T or stay.retirement < 0:
            return {"carrying_amount": carrying, "depreciation": charges, "disposals": disposals}
        each, salvage = cost, share * cost
        if stay.start < 0:
            each -= (cost - salvage) * min(1.0, -stay.start / lives[0])
        group = units[first]
        carrying[first] = group * each
        for t in range(first, self.T):
            if t == stay.retirement:
                disposals[t] = carrying[t]
                break
            charge = (each - salvage) / max(lives[t] - (t - stay.start), 1.0)
            each -= charge
            if ledger.write_off_failures:
                charges[t] = units[t] * charge
                disposals[t] = (units[t] - self.after(c, stay, units, t)) * each
                carrying[t + 1] = units[t + 1] * each
            else:
                charges[t] = group * charge
                carrying[t + 1] = group * each
        return {"carrying_amount": carrying, "depreciation": charges, "disposals": disposals}

    def after(self, c: int, stay: Stay, units: Row, t: int) -> float:
        """Units left at the end of a period."""
        return float(units[t] * (1.0 - at(self.hazards[self.fleet.generation[c]], t - stay.start)))

    def gap(self, found: dict[str, Row], books: dict[str, Row]) -> dict[str, Row]:
        """Books beside value: the gap, and the depreciation the books have not charged."""
        value, carrying = found["value_in_exchange"], books["carrying_amount"]
        hidden = []
        for t in range(self.T):
            loss = books["disposals"][t] - found["proceeds"][t]
            hidden.append(found["economic_depreciation"][t] - books["depreciation"][t] - loss)
        return {"gap": [k - v for k, v in zip(carrying, value, strict=True)], "hidden_depreciation": hidden}

    # Cash

    def cash(self, found: list[dict[str, Row]]) -> dict[str, Row]:
        """Flows by the bound at which they are paid, cohorts added up."""
        names = ("gross_rent", "operating_cost", "proceeds", "capital_expenditure", "net")
        out = {name: [0.0] * (self.T + 1) for name in names}
        for c, rows in enumerate(found):
            for t in range(self.T):
                out["gross_rent"][t + 1] += rows["gross_rent"][t]
                out["operating_cost"][t + 1] += rows["gross_rent"][t] - rows["quasi_rent"][t]
                out["proceeds"][t] += rows["proceeds"][t]
            if 0 < self.fleet.purchase[c] <= self.T:
                spent = self.fleet.units[c] * self.fleet.cost[c]
                out["capital_expenditure"][self.fleet.purchase[c]] += spent
        for b in range(self.T + 1):
            costs = out["operating_cost"][b] + out["capital_expenditure"][b]
            out["net"][b] = out["gross_rent"][b] + out["proceeds"][b] - costs
        return out

    def returns(self, found: list[dict[str, Row]]) -> dict[str, float]:
        """Present values of flows from the as-of bound on."""
        v, today = self.terms.discount_factor, self.as_of
        owned = building = inflow = 0.0
        for c, rows in enumerate(found):
            owned += rows["value_in_exchange"][today]
            spent = self.fleet.units[c] * self.fleet.cost[c]
            bought, born = self.fleet.purchase[c], self.fleet.in_service[c]
            if bought <= today < born:
                building += spent
            elif today < bought <= self.T:
                inflow -= spent * v ** (bought - today)
            for t in range(today, self.T):
                inflow += rows["quasi_rent"][t] * v ** (t + 1 - today)
                inflow += rows["proceeds"][t] * v ** (t - today)
        if self.path.mode == RESALE:
            inflow = math.nan
        used = inflow - building
        return {"owned": owned, "under_construction": building, "npv_in_use": used, "npv": used - owned}

    def lives(self, c: int, stay: Stay) -> dict[str, float | None]:
        """Lives implied by the value in use of one cohort over its cost."""
        born = self.fleet.in_service[c]
        profile: Profile = []
        for age in range(int(self.silicon.physical_life) + 1):
            bound = born + age
            if not 0 <= bound <= self.T:
                profile.append(None)
            elif bound > stay.retirement:
                profile.append(0.0)
            else:
                profile.append(stay.in_use.get(bound, 0.0) / self.fleet.cost[c])
        return lives_of(profile, None if stay.retirement >= NEVER else stay.retirement - born)


STOCKS = ("units", "unit_value_in_use", "unit_value_in_exchange", "value_in_use", "value_in_exchange")
FLOWS = (
    "retired_units",
    "additions",
    "additions_at_cost",
    "purchase_surplus",
    "exchange_discount",
    "proceeds",
    "economic_depreciation",
    "quasi_rent",
    "gross_rent",
)


def columns(rows: list[dict[str, Row]]) -> dict[str, Table]:
    """Series of the cohorts by name, time first."""
    return {name: [list(row) for row in zip(*(r[name] for r in rows), strict=True)] for name in rows[0]}


def evaluate_loop(inputs: Inputs, case: int = 0) -> dict[str, Any]:
    """Value one case: market, cohorts, ledgers, gaps, cash and returns, as lists with time first."""
    loop = Loop(inputs, case)
    loop.market()
    loop.plans()
    stays = loop.values()
    found = [loop.economics(c, stay) for c, stay in enumerate(stays)]
    books = {}
    gaps = {}
    for ledger in inputs.ledgers:
        kept = [loop.books(c, stay, ledger, case, found[c]) for c, stay in enumerate(stays)]
        books[ledger.name] = columns(kept)
        gaps[ledger.name] = columns([loop.gap(f, k) for f, k in zip(found, kept, strict=True)])
    market = {
        "rent": loop.rent[: loop.T + 1],
        "market_entry_rent": loop.entry_path[: loop.T + 1],
        "replacement_cost": loop.replacement[: loop.T + 1],
        "generation_entry_rent": loop.entry,
        "scarcity": loop.scarcity,
        "planning_decline": loop.decline,
    }
    return {
        "market": market,
        "economic": columns(found),
        "retirement": [stay.retirement for stay in stays],
        "plan_rent": loop.plan_rent,
        "plan_operating_cost": loop.plan_operating,
        "books": books,
        "gaps": gaps,
        "cash": loop.cash(found),
        "returns": loop.returns(found),
        "lives": [loop.lives(c, stay) for c, stay in enumerate(stays)],
    }


def worth_of_entry(inputs: Inputs, decline: float, case: int = 0) -> float:
    """Value over cost of a new frontier device at the market's entry rent, without scarcity, at a planned decline."""
    return Loop(inputs, case).worth_of_entry(decline)
