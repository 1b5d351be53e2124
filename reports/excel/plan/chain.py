"""What the live chain of values reads of a run: the program's own figures between inputs and results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from reports.record.report import Report, at_case
from valuation.analysis.steps import TermsOf, Workings
from valuation.analysis.workings import follows_from_rents, terms_of, unnamed_landings, workings
from valuation.inputs import PLAN_DEFAULT
from valuation.stages.market import first_observation
from valuation.timeline import NEVER, FloatArray

NOBODY = 1e99
"""Rent or cost where nobody can enter a segment."""
CADENCE = "market.generic_cadence_months"
PART_FIELDS = ("cost_usd", "it_kw", "service_units")
PHYSICAL = "terms.physical_life_months"
OF_ENTRY_RENTS = (
    "terms.required_return_annual",
    "terms.planning_life_months",
    "terms.planning_decline_log_per_year",
    "terms.scrap_share_of_cost",
    "market.paid_share",
    "operations.electricity_price_usd_per_kwh",
    "operations.pue",
    "operations.mean_load_of_it_kw",
    "operations.facility_rent_usd_per_it_kw_month",
    "operations.maintenance_share_of_cost_per_year",
)
"""Keys that the entry rent of every part hangs on, beside what the part costs, draws and serves."""
OF_SALES = ("terms.delivery_premium_share", "terms.sale_haircut_share", "market.resale_haircut_share")
"""Keys that bear on what a sale brings, and on nothing that decides what runs where."""


@dataclass(frozen=True)
class Chain:
    """One scenario of a run.

    Attributes
    ----------
    report : Report
        The run.
    shown : int
        Scenario.
    """

    report: Report
    shown: int

    @cached_property
    def workings(self) -> Workings:
        """Figures between inputs and results."""
        return workings(self.report.results, self.shown, self.landings)

    @cached_property
    def landings(self) -> int:
        """Unnamed landings that the shortest cadence of any scenario, or that may be typed, can bring."""
        inputs = self.report.results.inputs
        stated = [row.low for row in self.report.assumptions if row.key == CADENCE]
        lows = [float(low) for low in stated if isinstance(low, int | float)]
        shortest = min([*lows, *(float(months) for months in inputs.path.generic_cadence)])
        return unnamed_landings(inputs.timeline.forecast_periods, shortest)

    @property
    def is_live(self) -> bool:
        """Whether values follow from rents in every scenario and no device moves to another site."""
        return bool(self.report.live_inputs) and follows_from_rents(self.report.results)

    def follows(self, key: str) -> bool:
        """Whether values of the workbook follow an assumption exactly, from the as-of date on.

        What a part cost also set what was paid for it where the schedule gives no price; when a landed part landed, or
        one that stands for dollars, also decides what the past was. The physical life sets how many ages and months the
        tables cover. Where devices strand in the base, entry rents have no closed formula; where places are scarce,
        what they are worth is found by the program. Such changes need a run.
        """
        if not self.is_live or key not in {lever.key for lever in self.report.live_inputs}:
            return False
        if key == PHYSICAL or self.moves_stranded_rents(key, in_base=True):
            return False
        if self.has_scarce_places(0) and key not in OF_SALES:
            return False
        chapter, _, rest = key.partition(".")
        name, _, field = rest.rpartition(".")
        if chapter != "silicon" or field not in ("cost_usd", "landing"):
            return True
        part = self.report.generations.index(name)
        return part not in (self.bought_at_list if field == "cost_usd" else self.standing_parts)

    def moves_stranded_rents(self, key: str, *, in_base: bool) -> bool:
        """Whether an assumption moves an entry rent that has no formula, in the base or in some scenario."""
        cases = range(1) if in_base else range(len(self.report.scenarios))
        parts = {part for part in self.priced for case in cases if self.strands(part, case)}
        chapter, _, rest = key.partition(".")
        name, _, field = rest.rpartition(".")
        if chapter == "silicon":
            return field in PART_FIELDS and self.report.generations.index(name) in parts
        return bool(parts) and key in OF_ENTRY_RENTS

    def moves_scarce_places(self, key: str) -> bool:
        """Whether an assumption moves what a scarce place is worth, and who gets it, in some scenario."""
        return key not in OF_SALES and any(map(self.has_scarce_places, range(len(self.report.scenarios))))

    def has_scarce_places(self, case: int) -> bool:
        """Whether power or racks are worth something in a scenario: what, and when devices give way, has no formula."""
        placement = self.report.results.placement
        return placement is not None and bool(at_case(placement.shadow, case).any())

    def strands(self, part: int, case: int) -> bool:
        """Whether devices of a part serve old models in a scenario, so that its entry rent has no closed formula."""
        legacy = self.report.results.inputs.silicon.legacy
        return bool(at_case(legacy[:, part if legacy.shape[1] > 1 else 0], case).any())

    @cached_property
    def bought_at_list(self) -> frozenset[int]:
        """Parts of which a cohort cost what a part costs."""
        inputs = self.report.results.inputs
        fleet, cost = inputs.fleet, inputs.silicon.cost
        return frozenset(
            self.part_of(cohort)
            for cohort in range(len(fleet.group))
            if not self.calibrated(cohort) and bool((fleet.cost[cohort] == cost[self.part_of(cohort)]).any())
        )

    @cached_property
    def standing_parts(self) -> frozenset[int]:
        """Parts that have landed, or that are bought or stand for dollars."""
        inputs = self.report.results.inputs
        landing = inputs.outlook.landing
        landed = {part for part, months in enumerate(landing) if float(months.min()) <= inputs.timeline.as_of}
        return frozenset(landed | {int(part) for part in inputs.fleet.generation})

    @cached_property
    def base_terms(self) -> TermsOf:
        """Terms of the base."""
        return terms_of(self.report.results, 0)

    @cached_property
    def terms(self) -> TermsOf:
        """Terms of the scenario shown."""
        return terms_of(self.report.results, self.shown)

    @property
    def priced(self) -> list[int]:
        """Parts that can be bought."""
        return [part for part, priced in enumerate(self.report.results.inputs.silicon.priced) if priced]

    @property
    def ages(self) -> int:
        """Months of age that tables cover."""
        return len(self.report.results.inputs.silicon.age_efficiency)

    @property
    def failures_differ(self) -> bool:
        """Whether parts fail at rates of their own in some scenario."""
        return bool(self.report.results.inputs.silicon.failure_hazard.shape[1] > 1)

    @property
    def default_plan(self) -> bool:
        """Whether dollars were planned on rents that fall at the planning decline."""
        return bool((self.report.results.inputs.terms.plan == PLAN_DEFAULT).all())

    @property
    def first_seen(self) -> int:
        """First observed rent, months from the as-of date."""
        inputs = self.report.results.inputs
        return first_observation(inputs.history.observed_rent) - inputs.timeline.as_of

    @property
    def entering(self) -> float:
        """Owned at value in exchange, and paid for but not yet in service [USD]."""
        return float(at_case(self.report.results.returns.entering, self.shown))

    def scarcity(self, segment: int) -> float:
        """Log of the rent over the entry rent at the as-of date."""
        return float(at_case(self.report.results.market.scarcity[segment], self.shown))

    def change(self, cause: str, segment: int) -> FloatArray:
        """Log change of rents by a cause, (K+1,)."""
        return self.workings.changes[cause][:, segment]

    def part_of(self, cohort: int) -> int:
        """Part that a cohort is, or that stands for it."""
        return int(self.report.results.inputs.fleet.generation[cohort])

    def site_of(self, cohort: int) -> int:
        """Site of a cohort."""
        site = self.report.results.inputs.fleet.site
        return int(site[cohort if len(site) > 1 else 0])

    def calibrated(self, cohort: int) -> bool:
        """Whether a cohort is known in dollars only."""
        return bool(self.report.results.inputs.fleet.calibrated[cohort])

    def in_service(self, cohort: int) -> int:
        """Month of entry into service, from the as-of date."""
        inputs = self.report.results.inputs
        return int(inputs.fleet.in_service[cohort]) - inputs.timeline.as_of

    def scheduled(self, cohort: int) -> int:
        """Month of the scheduled sale, from the as-of date; `NEVER` without one."""
        inputs = self.report.results.inputs
        month = int(inputs.fleet.scheduled_retirement[cohort])
        return month - inputs.timeline.as_of if month < NEVER else NEVER

    def sale(self, cohort: int) -> bool:
        """Whether a sale at an agreed price is scheduled."""
        agreed = at_case(self.report.results.inputs.fleet.sale_value[cohort], self.shown)
        return self.scheduled(cohort) < NEVER and math.isfinite(agreed)

    def leaves(self, cohort: int) -> int:
        """Month in which a cohort gives way to challengers, from the as-of date; `NEVER` if it does not."""
        placement = self.report.results.placement
        month = NEVER if placement is None else int(at_case(placement.leaves[cohort], self.shown))
        return month - self.report.results.inputs.timeline.as_of if month < NEVER else NEVER

    def retirement(self, cohort: int) -> int:
        """Month of retirement, from the as-of date."""
        results = self.report.results
        return int(at_case(results.economic.retirement[cohort], self.shown)) - results.inputs.timeline.as_of

    def plain(self, site: int, part: int) -> bool:
        """Whether a part costs on a site what the market plans with, in every scenario."""
        inputs = self.report.results.inputs
        if inputs.sites is None:
            return True
        there, usual = inputs.sites.operating_cost[site, part], inputs.silicon.operating_cost[part]
        return bool((there == usual).all())

    @property
    def places_of_parts(self) -> list[tuple[int, int]]:
        """Sites and the parts that stand on them."""
        cohorts = range(len(self.report.results.inputs.fleet.group))
        return sorted({(self.site_of(cohort), self.part_of(cohort)) for cohort in cohorts})

    def part_values(self, part: int, case: int) -> dict[str, float]:
        """Cost, power, service and repairs of a part in a scenario."""
        name = self.report.generations[part]
        values = {lever.key: lever.values[case] for lever in self.report.live_inputs}
        found = {field: values[f"silicon.{name}.{field}"] for field in PART_FIELDS}
        return {**found, "repairs": self.report.repairs[name][case]}

    def device_values(self, cohort: int) -> dict[str, float]:
        """Constants of the devices of a cohort."""
        inputs, found = self.report.results.inputs, self.workings
        return {
            "in service": self.in_service(cohort),
            "cost": float(at_case(inputs.fleet.cost[cohort], self.shown)),
            "running": float(found.operating_cost[cohort]),
            "scrap": float(found.scrap[cohort]),
            "plan": float(found.plan_rent[cohort]),
            "leaves": self.leaves(cohort),
            "last": int(found.last[cohort]),
            "start": int(found.stays[cohort]),
            "past": int(found.past[cohort]),
            "cap": float(found.cap[cohort]),
            "sale": float(at_case(inputs.fleet.sale_value[cohort], self.shown)),
        }

    def device_path(self, name: str, cohort: int) -> FloatArray:
        """Values of a device of a cohort from the as-of date on."""
        results = self.report.results
        array = getattr(results.economic, name)[:, cohort]
        found: FloatArray = at_case(array, self.shown)[results.inputs.timeline.as_of :]
        return found
