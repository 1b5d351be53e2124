"""The record the engine runs on: frozen arrays, time first, case last.

Axes: ``T`` periods, ``C`` cohorts, ``G`` silicon generations, ``S`` demand segments, ``A`` months of age, ``n`` cases.
Every array carries the case axis, of length 1 where nothing varies, so ordinary broadcasting joins them. Money is
nominal USD, time is months, rents are USD per unit-hour (a unit is one reference device's service), rates are
monthly; conversions happen before these records are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from valuation.books.policies import LedgerInputs, TaxInputs
from valuation.devices.sites import SiteInputs
from valuation.errors import ShapeError
from valuation.records import Arrays, axes, check_axes, stack_records
from valuation.silicon.pressures import BreakthroughInputs, DemandInputs, RivalInputs, read_ahead, sold_share
from valuation.silicon.stranding import Stranding
from valuation.timeline import CASE, FloatArray, IntArray, Timeline

STRUCTURAL, CURVE, RESALE = 0, 1, 2
"""Market modes: landings and scarcity, a named decay curve, an age-price curve without rents."""
PLAN_DEFAULT, PLAN_FLAT, PLAN_HINDSIGHT = 0, 1, 2
"""Rent path behind the plan of a calibrated cohort: falling at the planning decline, flat, or as it came."""


@dataclass(frozen=True)
class FleetInputs(Arrays):
    """What was bought, when, and how it wears.

    Attributes
    ----------
    group : (C,)
        Reporting group (asset class and generation) of each cohort.
    generation : (C,)
        Index of the silicon generation; for a calibrated cohort that of the reference device at purchase.
    calibrated : (C,)
        1 for a cohort known in dollars only, whose unit is one USD of cost and whose rent level is calibrated.
    purchase, in_service, scheduled_retirement : (C,)
        Bound indices; negative before the grid, `NEVER` where nothing is scheduled.
    units : (C, n)
        Units bought. For a cohort in service before the grid, units still there at bound 0.
    cost : (C, n)
        Capitalised cost [USD per unit].
    sale_value : (C, n)
        Proceeds at the scheduled retirement [USD per unit]; NaN means scrap.
    site : (c,)
        Site that each cohort stands on.
    """

    group: IntArray = axes("C")
    generation: IntArray = axes("C")
    calibrated: IntArray = axes("C")
    purchase: IntArray = axes("C")
    in_service: IntArray = axes("C")
    scheduled_retirement: IntArray = axes("C")
    units: FloatArray = axes("C n")
    cost: FloatArray = axes("C n")
    sale_value: FloatArray = axes("C n")
    site: IntArray = axes("c", 0)


@dataclass(frozen=True)
class SiliconInputs(Arrays):
    """The generations that can be bought or that set the price.

    Attributes
    ----------
    priced : (G,)
        Whether cost and service are known; a dated part without them is a generic with a name.
    sets_price : (G,)
        Whether the landing of the part moves the market (a refresh of a landed part may be owned without doing so).
    cost : (G, n)
        All-in capital cost [USD per device].
    operating_cost : (G, n)
        Avoidable operating cost [USD per device-month].
    service : (G, S, n)
        Rent-equivalent units per device in each segment; zero where the part is not eligible.
    failure_hazard : (A, g, n)
        Probability of permanent failure in the month that starts at each age.
    age_efficiency : (A, g, n)
        Service of a device of each age relative to a new one.
    availability : (g, s, n)
        Share of the service that reaches renters: of what is not down for repair, held as a spare or done again after
        an interruption, relative to what today's rents allow for.
    serving, legacy : (a, g, n)
        Share of the devices of each age that serves the models of the day, and share stranded that serves old ones.
    legacy_rent : (n,)
        Rent of a device that serves old models, as a share of a full one.
    legacy_fade : (n,)
        Rate at which the demand for old models fades [per month].
    fatal_arrivals : (k, g, n)
        Arrivals of changes that strand the devices of a part, by kind of change [per month].
    physical_life : (n,)
        Age at which every device is retired [months].
    power, space : (g, n)
        What a device takes of a site: power [kW] and racks.
    """

    priced: IntArray = axes("G")
    sets_price: IntArray = axes("G")
    cost: FloatArray = axes("G n")
    operating_cost: FloatArray = axes("G n")
    service: FloatArray = axes("G S n")
    failure_hazard: FloatArray = axes("A g n")
    age_efficiency: FloatArray = axes("A g n")
    physical_life: FloatArray = axes("n")
    power: FloatArray = axes("g n", 1.0)
    space: FloatArray = axes("g n", 1.0)
    availability: FloatArray = axes("g s n", 1.0)
    serving: FloatArray = axes("a g n", 1.0)
    legacy: FloatArray = axes("a g n", 0.0)
    legacy_rent: FloatArray = axes("n", 0.0)
    legacy_fade: FloatArray = axes("n", 0.0)
    fatal_arrivals: FloatArray = axes("k g n", 0.0)

    @property
    def delivered(self) -> FloatArray:
        """Service that reaches renters, shape (G, S, n)."""
        return np.asarray(self.service * self.availability)

    @property
    def stranding(self) -> Stranding:
        """Shares of the devices that have work, by age and generation."""
        return Stranding(self.serving, self.legacy, self.legacy_rent)


@dataclass(frozen=True)
class OutlookInputs(Arrays):
    """What is expected of rents from some date on.

    Attributes
    ----------
    mode : (n,)
        `STRUCTURAL`, `CURVE` or `RESALE`.
    landing : (G, n)
        Landing bound of each generation as planned in the base.
    delay : (G, n)
        Months by which the landing slips (negative: comes early) in this case.
    known_from : (G, n)
        Bound from which the part is known (announced).
    generic_cadence, generic_step : (n,)
        Months between unnamed landings; log fall of the entry rent at each.
    pass_through : (n,)
        Share of the fall of the entry rent that reaches market rents.
    drift : (n,)
        Decline of rents beside landings [log per month].
    reversion_half_life : (n,)
        Months in which scarcity halves.
    ramp_midpoint, ramp_width : (n,)
        Logistic volume ramp after a landing [months].
    curve : (K, n)
        Log rent relative to the anchor, by month after it; the last level is held.
    sale_haircut : (n,)
        Discount of a sale, `RESALE` mode only.
    age_price : (P, n)
        Price of a used device relative to a new one by month of age, `RESALE` mode only; the last level is held.
    scarcity_target : (n,)
        Log of rent over entry rent that scarcity fades to; negative in a glut.
    utilisation : (b, n)
        Share of the usual paid hours that the owner sells, by bound.
    resale_haircut : (n,)
        Share of the value in exchange that a closed market takes away.
    migrated : (b, n)
        Share of the owner's own work that has moved to silicon of its own, by bound.
    resale_yield : (n,)
        Share of the rent that the hours so freed still earn from others.
    sold_known_from : (n,)
        Bound from which it is known what will not be sold; before it, what is sold at a date is expected to go on.
    demand : tuple of DemandInputs
        Demand and its elasticities, once.
    rivals : tuple of RivalInputs
        What takes demand away from the market.
    breakthroughs : tuple of BreakthroughInputs
        Technical advances beside the roadmap.
    """

    mode: IntArray = axes("n")
    landing: FloatArray = axes("G n")
    delay: FloatArray = axes("G n")
    known_from: FloatArray = axes("G n")
    generic_cadence: FloatArray = axes("n")
    generic_step: FloatArray = axes("n")
    pass_through: FloatArray = axes("n")
    drift: FloatArray = axes("n")
    reversion_half_life: FloatArray = axes("n")
    ramp_midpoint: FloatArray = axes("n")
    ramp_width: FloatArray = axes("n")
    curve: FloatArray = axes("K n")
    sale_haircut: FloatArray = axes("n")
    age_price: FloatArray = axes("P n")
    scarcity_target: FloatArray = axes("n", 0.0)
    utilisation: FloatArray = axes("b n", 1.0)
    resale_haircut: FloatArray = axes("n", 0.0)
    migrated: FloatArray = axes("b n", 0.0)
    resale_yield: FloatArray = axes("n", 0.0)
    sold_known_from: FloatArray = axes("n", -np.inf)
    demand: tuple[DemandInputs, ...] = (DemandInputs(),)
    rivals: tuple[RivalInputs, ...] = ()
    breakthroughs: tuple[BreakthroughInputs, ...] = ()

    @property
    def sold(self) -> FloatArray:
        """Share of the usual hours on which the owner's devices earn their rent, by bound, shape (b, n)."""
        return sold_share(self.utilisation, self.migrated, self.resale_yield)

    def expected_sold(self, at: IntArray, bound: IntArray) -> FloatArray:
        """Share expected at dates (m,) to be sold at bounds (K, m), shape (K, m)."""
        return read_ahead(self.sold, np.where(self.sold_known_from <= at, bound, at))


@dataclass(frozen=True)
class HistoryInputs(Arrays):
    """Observed contract rents.

    Attributes
    ----------
    observed_rent : (B, S, n)
        Rent at bounds 0 to the as-of bound [USD per unit-hour]; NaN where there is no observation.
    """

    observed_rent: FloatArray = axes("B S n")


@dataclass(frozen=True)
class TermsInputs(Arrays):
    """Terms of valuation.

    Attributes
    ----------
    discount_factor : (n,)
        Discount factor of one month.
    paid_hours : (n,)
        Paid device-hours in a month.
    planning_life : (n,)
        Months over which an entrant plans.
    planning_decline : (n,)
        Decline of rents an entrant plans with [log per month]; NaN asks for the value at which entry breaks even.
    plan : (n,)
        `PLAN_DEFAULT`, `PLAN_FLAT` or `PLAN_HINDSIGHT`: the rent path behind the plan of calibrated cohorts.
    scrap_share : (n,)
        Scrap value as a share of cost.
    delivery_premium : (n,)
        Premium of a device at hand over a new one to be delivered.
    """

    discount_factor: FloatArray = axes("n")
    paid_hours: FloatArray = axes("n")
    planning_life: FloatArray = axes("n")
    planning_decline: FloatArray = axes("n")
    plan: IntArray = axes("n")
    scrap_share: FloatArray = axes("n")
    delivery_premium: FloatArray = axes("n")


@dataclass(frozen=True)
class FrozenMarket(Arrays):
    """Quantities measured once, in the base, and shared by every scenario and path.

    Attributes
    ----------
    planning_decline : (n,)
        Decline of rents an entrant plans with [log per month].
    scarcity : (S, n)
        Log of observed rent over the entry rent at the as-of bound.
    market_entry_rent : (T+1, S, n)
        Entry rent of the market on the base path [USD per unit-hour].
    plan_rent : (C, n)
        Rent of a calibrated cohort at the start of its plan [USD per USD of cost and month]; zero elsewhere.
    plan_operating_cost : (C, n)
        Operating cost of a calibrated cohort [USD per USD of cost and month]; zero elsewhere.
    reference_availability : (c, s, n)
        Availability of the part that stands for the cohort, in the base: plans allow for it.
    reference_upkeep : (C, n)
        Operating cost a month over cost of the part that stands for the cohort, in the base: where a case makes running
        dearer, what a calibrated cohort costs to run rises in proportion, and its plan does not.
    life_beyond_plan : (n,)
        What the freedom to stop early or to run beyond the planned life adds to a new frontier device on its own plan,
        as a share of cost.
    """

    planning_decline: FloatArray = axes("n")
    scarcity: FloatArray = axes("S n")
    market_entry_rent: FloatArray = axes("B S n")
    plan_rent: FloatArray = axes("C n")
    plan_operating_cost: FloatArray = axes("C n")
    reference_upkeep: FloatArray = axes("C n")
    life_beyond_plan: FloatArray = axes("n")
    reference_availability: FloatArray = axes("c s n", 1.0)


@dataclass(frozen=True)
class Inputs:
    """Everything `valuation.engine.evaluate` needs, for one case or a stack of them.

    `outlook` is what was expected at historical dates and in the base; `path` is the future of the case itself.
    `frozen` is filled by `valuation.stages.calibration.freeze`.
    """

    timeline: Timeline
    fleet: FleetInputs
    silicon: SiliconInputs
    outlook: OutlookInputs
    path: OutlookInputs
    history: HistoryInputs
    terms: TermsInputs
    ledgers: tuple[LedgerInputs, ...]
    frozen: FrozenMarket | None = None
    tax: TaxInputs | None = None
    sites: SiteInputs | None = None

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {"T": self.timeline.periods}
        for record in self._records():
            check_axes(record, sizes)
        _check_ages(self)

    def _records(self) -> list[Arrays]:
        parts: list[Arrays] = [self.fleet, self.silicon, self.outlook, self.path, self.history, self.terms]
        kept = [*parts, *self.ledgers, *(part for part in (self.tax, self.sites) if part is not None)]
        return [record for part in kept for record in part.flat()]

    @property
    def cases(self) -> int:
        """Number of cases ``n``."""
        frozen = [self.frozen] if self.frozen is not None else []
        return max(
            int(array.shape[CASE])
            for record in [*self._records(), *frozen]
            for array, axes in record.arrays().values()
            if axes[CASE] == "n"
        )

    @property
    def groups(self) -> int:
        """Number of reporting groups."""
        return int(self.fleet.group.max()) + 1

    def take(self, cases: IntArray) -> Inputs:
        """Inputs of the chosen cases (shape (m,)), in the order given."""
        parts = {
            item.name: getattr(self, item.name).take(cases)
            for item in fields(self)
            if isinstance(getattr(self, item.name), Arrays)
        }
        return replace(self, ledgers=tuple(ledger.take(cases) for ledger in self.ledgers), **parts)

    @staticmethod
    def stack(cases: Sequence[Inputs]) -> Inputs:
        """Join cases along the case axis; what is equal in all of them keeps length 1, but for the drift of the path.

        That one is always written out, so that a stack of equal cases is still as wide as it has cases. It bears on
        the future only: values in history, which scenarios share, are still computed once.
        """
        first = cases[0]
        parts: dict[str, Any] = {
            item.name: stack_records([getattr(case, item.name) for case in cases])
            for item in fields(first)
            if isinstance(getattr(first, item.name), Arrays)
        }
        path, count = parts["path"], sum(case.cases for case in cases)
        parts["path"] = replace(path, drift=np.broadcast_to(path.drift, (count,)))
        columns = zip(*(case.ledgers for case in cases), strict=True)
        return replace(first, ledgers=tuple(stack_records(list(column)) for column in columns), **parts)


def _check_ages(inputs: Inputs) -> None:
    """Age tables reach the physical life, lives are whole months, and the grid sees every cohort to its end."""
    silicon, terms, fleet = inputs.silicon, inputs.terms, inputs.fleet
    oldest = min(len(silicon.failure_hazard), len(silicon.age_efficiency))
    for name, life in (("physical_life", silicon.physical_life), ("planning_life", terms.planning_life)):
        if np.any(life != np.floor(life)) or np.any(life < 1) or np.any(life > oldest):
            raise ShapeError(
                f"{name} must be whole months from 1 to {oldest}, the length of the age tables; got {life}"
            )
    needed = int(fleet.in_service.max() + silicon.physical_life.max()) + 1
    if needed > inputs.timeline.periods:
        raise ShapeError(f"the grid has {inputs.timeline.periods} periods, the last cohort needs {needed}")
    for view in (inputs.outlook, inputs.path):
        if np.any(view.curve[0] != 0.0):
            raise ShapeError("a curve starts at zero, its anchor")
