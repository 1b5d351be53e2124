"""The assumptions of a case, chapter by chapter, in human units.

Every scalar is a sourced value; the unit stands in its name and its allowed range in its type
(`assumptions.door.units`). Fields that are not sourced values are names, months and switches that describe the case
itself.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from assumptions.chapters.curves import Curve
from assumptions.chapters.durability import Churn, Failures
from assumptions.chapters.eligibility import check_eligibility
from assumptions.chapters.mechanisms import Breakthrough, Captive, Demand, DemandSegment, Rival, Site, check_cover
from assumptions.chapters.policies import Ledger, month, whole
from assumptions.chapters.rents import ObservedRent
from assumptions.chapters.silicon import Generation
from assumptions.chapters.uncertainty import Uncertainty
from assumptions.door.messages import refuse, short
from assumptions.door.provenance import Choice, Confidence, Provenance, Record
from assumptions.door.units import (
    AnnualProbability,
    AnnualRate,
    AnnualReturn,
    Cadence,
    Duration,
    Fraction,
    Life,
    LogChange,
    LogRate,
    LogStep,
    MonthDate,
    Months,
    Options,
    PositiveFraction,
    PowerRatio,
    PropertyClass,
    Ratio,
    ScrapFraction,
    ShareOfCostPerYear,
    Shares,
    Slip,
    UsdPerKwh,
    UsdPerKwMonth,
    Years,
)

UNCERTAINTY = "uncertainty"
"""Chapter that only risk runs read; the others, on which every answer rests, are `CHAPTERS`."""
CHAPTERS = (
    "terms", "market", "demand", "captive", "churn", "operations", "failures", "capex", "tax",
    "silicon", "segments", "rivals", "breakthroughs", "sites", "ledgers",
)  # fmt: skip

MODES = ("structural", "curve", BY_AGE := "resale")
DRIFT_COVERS = ("beside_landings", "through_landings")
PLANS = ("default", "flat", "hindsight")
ANSWERS = ("yes", "no")
LOSSES = ("carried_forward", "group_relief")
ROADMAPS = ("bundled", OWN := "own")
STATUSES = ("actual", "illustrative", "guidance", "plan", "opening")


def file_name(text: str) -> str:
    """Names become names of files and folders, and are written into cells."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", text):
        raise refuse(
            f"{short(text)} is not a name", "1 to 64 letters, digits, spaces, dots, - and _", "give it a plain name"
        )
    return text


class Terms(Record):
    """Terms of valuation."""

    required_return_annual: AnnualReturn = Field(title="Required return")
    planning_life_months: Life = Field(title="Life an entrant plans with")
    planning_decline_log_per_year: LogRate | None = Field(
        None, title="Decline of rents an entrant plans with (solved if absent)"
    )
    plan: Annotated[Choice, Options(PLANS)] = Field(title="Rent path behind the plans of calibrated purchases")
    scrap_share_of_cost: ScrapFraction = Field(title="Scrap value, share of cost")
    delivery_premium_share: Fraction = Field(title="Premium of a device at hand over one to be delivered")
    sale_haircut_share: ScrapFraction = Field(title="Discount of a sale (resale mode only)")
    impairment_trigger_share: Fraction = Field(title="Shortfall of fair value that makes an impairment test necessary")
    cost_to_sell_share: ScrapFraction = Field(title="Cost of a sale, share of fair value (impairment under IAS 36)")
    physical_life_months: Life = Field(title="Age at which every device is retired")
    in_service_lag_months: Months = Field(title="Months from purchase to service")


class AgePrice(Record):
    """A point of the age-price curve."""

    age_years: float = Field(ge=0.0, le=50.0, allow_inf_nan=False)
    fraction: float = Field(gt=0.0, le=2.0, allow_inf_nan=False)


class AgePrices(Provenance):
    """Price of a used device relative to a new one, log-linear between the points, the last level held."""

    points: Annotated[tuple[AgePrice, ...], Field(strict=False, min_length=1)]

    @field_validator("points")
    @classmethod
    def _ascending(cls, points: tuple[AgePrice, ...]) -> tuple[AgePrice, ...]:
        ages = [point.age_years for point in points]
        if ages[0] != 0.0 or any(later <= sooner for sooner, later in pairwise(ages)):
            raise refuse(f"ages {ages} are not in order", "ages ascending from 0", "sort the points")
        return points


class Market(Record):
    """How rents form and move."""

    mode: Annotated[Choice, Options(MODES)] = Field(title="Market mode")
    contract_to_list_ratio: Ratio = Field(title="One-year contract rent over list rent")
    paid_share: PositiveFraction = Field(title="Share of hours paid")
    generic_cadence_months: Cadence = Field(title="Months between unnamed landings")
    generic_step_log: LogStep = Field(title="Fall of the entry rent at an unnamed landing")
    pass_through: Fraction = Field(title="Share of that fall that reaches rents")
    drift_log_per_year: LogRate = Field(title="Decline of rents beside landings")
    drift_covers: Annotated[Choice, Options(DRIFT_COVERS)] = Field(title="What that decline was fitted on")
    drift_share_beside_landings: Fraction | None = Field(
        None, title="Share of a decline through landings that is beside them (absent: no split is known)"
    )
    reversion_half_life_months: Duration = Field(title="Months in which scarcity halves")
    ramp_midpoint_months: Duration = Field(title="Months from landing to half the volume")
    ramp_width_months: Duration = Field(title="Width of the volume ramp")
    landing_delay_months: Slip = Field(title="Slip of every part not yet landed")
    scarcity_target_log: LogChange = Field(title="Log of rent over entry rent that scarcity fades to")
    lost_share: Fraction = Field(title="Share of the owner's paid hours that is lost")
    lost_from: MonthDate = Field(title="Month from which they are lost")
    lost_months: Months = Field(title="Months for which they are lost")
    resale_haircut_share: ScrapFraction = Field(title="Share of the value in exchange that a closed market takes")
    curve: Curve = Field(title="Rent path of curve mode")
    age_price: AgePrices = Field(title="Age-price curve of resale mode")

    @property
    def drift_beside_landings(self) -> float:
        """Decline of rents that is not by landings [log per year]."""
        split = self.drift_share_beside_landings
        return self.drift_log_per_year.value * (1.0 if split is None else split.value)

    @model_validator(mode="after")
    def _landings_count_once(self) -> Market:
        through, split = self.drift_covers.value == "through_landings", self.drift_share_beside_landings
        if split is not None and not through:
            what = "drift_share_beside_landings with drift_covers 'beside_landings'"
            raise refuse(what, "a split of a drift fitted through landings", "leave it out, or say through_landings")
        if through and split is None and self.mode.value == "structural" and self.pass_through.value > 0.0:
            raise refuse(
                "a drift fitted through landings and landing steps together count the landings twice",
                "drift_share_beside_landings with it, pass_through 0, or mode curve",
                "say how the total splits, or switch the steps off",
            )
        return self


class Operations(Record):
    """What it costs to run and keep devices, per kW of IT power."""

    electricity_price_usd_per_kwh: UsdPerKwh = Field(title="Electricity price")
    pue: PowerRatio = Field(title="Facility power over IT power (PUE)")
    mean_load_of_it_kw: Fraction = Field(title="Mean load, share of nameplate IT power")
    facility_rent_usd_per_it_kw_month: UsdPerKwMonth = Field(title="Facility rent per IT kW")
    maintenance_share_of_cost_per_year: ShareOfCostPerYear = Field(title="Maintenance, share of cost a year")
    failure_early_annual: AnnualProbability = Field(title="Permanent failures in the early months")
    failure_early_months: Months = Field(title="Length of the early months")
    failure_steady_annual: AnnualProbability = Field(title="Permanent failures after them")
    age_efficiency_decline_log_per_year: LogRate = Field(title="Decline of service with age")


class Capex(Record):
    """How dollars of capital expenditure become hardware, and how purchases go on."""

    server_share_of_capex: PositiveFraction = Field(title="Servers and network, share of capital expenditure")
    guidance_position: Fraction = Field(title="Place within the guided range")
    growth_years: Years = Field(title="Years of purchases after the last scheduled one")
    growth_rate_annual: AnnualRate = Field(title="Growth of those purchases")
    growth_cohorts: Years = Field(title="Annual purchases the grid has room for")


class Tax(Record):
    """Taxes of the owner."""

    property_class_years: PropertyClass = Field(title="Recovery period of the devices")
    bonus: Annotated[Choice, Options(ANSWERS)] = Field(title="Bonus depreciation is claimed")
    state_rate: Fraction = Field(title="State income tax")
    state_bonus: Annotated[Choice, Options(ANSWERS)] = Field(title="The state follows bonus depreciation")
    loss_limit_share: Fraction = Field(title="Share of a year's income that losses carried forward may offset")
    diluted_shares_million: Shares | None = Field(None, title="Diluted shares, for effects per share")
    losses: Annotated[Choice, Options(LOSSES)] = Field(title="What becomes of tax losses")


class ScheduleRow(Record):
    """One purchase, in units of a generation or in dollars."""

    purchase: str
    asset_class: str
    site: str = ""
    generation: str | None = None
    units: float | None = None
    unit_cost_usd: float | None = None
    capex_usd: float | None = None
    capex_low_usd: float | None = None
    capex_high_usd: float | None = None
    share: float | None = None
    in_service: str | None = None
    retired: str | None = None
    sale_proceeds_usd: float | None = None
    status: Literal["actual", "illustrative", "guidance", "plan", "opening"]
    source: str = ""


class Change(Record):
    """One change of a scenario."""

    op: Literal["set", "scale", "shift", "delay"]
    key: str
    value: int | float | str | bool | dict[str, object]


class Scenario(Record):
    """A named list of changes: one sentence says what it claims, another what would contradict it."""

    name: str
    title: str
    sentence: str
    source: str
    url: str = ""
    date: str = ""
    confidence: Confidence
    contradicted_by: str = ""
    change: Annotated[tuple[Change, ...], Field(strict=False)] = ()

    @field_validator("name")
    @classmethod
    def _name_is_plain(cls, name: str) -> str:
        return "+".join(file_name(part) for part in name.split("+"))


class Case(Record):
    """Everything believed about one fleet: its chapters, purchases, ledgers and scenarios.

    Attributes
    ----------
    name, title, note : str
        Name on the command line, name in print, what a reader must know.
    as_of : str
        Month 0 of the forecast.
    horizon_months : int
        Months valued after it.
    fiscal_year_end_month : int
        Calendar month that closes the fiscal year.
    rents : tuple of ObservedRent
        Rents of a market of its own; empty where the bundled index holds.
    roadmap : str
        ``bundled``: parts, segments, rivals and breakthroughs of the base, overridden; ``own``: the case's alone.
    uncertainty : Uncertainty or None
        What is random, in risk runs; None where a case was kept without it.
    """

    name: str
    title: str
    note: str = ""
    as_of: str
    horizon_months: int
    fiscal_year_end_month: int
    terms: Terms
    market: Market
    operations: Operations
    capex: Capex
    tax: Tax
    demand: Demand
    captive: Captive
    churn: Churn
    failures: Failures
    silicon: dict[str, Generation]
    segments: dict[str, DemandSegment]
    rivals: dict[str, Rival]
    breakthroughs: dict[str, Breakthrough]
    sites: dict[str, Site]
    ledgers: dict[str, Ledger]
    schedule: tuple[ScheduleRow, ...]
    scenarios: tuple[Scenario, ...] = ()
    rents: tuple[ObservedRent, ...] = ()
    roadmap: str = ROADMAPS[0]
    uncertainty: Uncertainty | None = None

    @field_validator("name")
    @classmethod
    def _name_is_plain(cls, name: str) -> str:
        return file_name(name)

    @field_validator("ledgers")
    @classmethod
    def _ledger_names_are_plain(cls, ledgers: dict[str, Ledger]) -> dict[str, Ledger]:
        for name in ledgers:
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,30}", name):
                raise refuse(
                    f"{short(name)} is not a name of a ledger",
                    "a letter, then up to 30 letters, digits and _",
                    "rename the ledger",
                )
            # A workbook tells no capital from a small letter.
            alike = [other for other in ledgers if other != name and other.lower() == name.lower()]
            if alike:
                what = f"{name} and {alike[0]} differ in capitals only"
                raise refuse(what, "names that differ otherwise", "rename one of them")
        return ledgers

    @field_validator("horizon_months", mode="before")
    @classmethod
    def _horizon_in_range(cls, months: object) -> object:
        return whole(months, (12, 600), "months")

    @field_validator("fiscal_year_end_month", mode="before")
    @classmethod
    def _closing_month_in_range(cls, month: object) -> object:
        return whole(month, (1, 12), "month of the year")

    @field_validator("as_of")
    @classmethod
    def _as_of_is_month(cls, as_of: str) -> str:
        return month(as_of)

    @model_validator(mode="after")
    def _parts_serve_what_they_can(self) -> Case:
        check_cover(self.segments)
        check_eligibility(self.silicon, self.segments)
        return self

    def scenario(self, name: str) -> Scenario | None:
        """Scenario of a name, if the case has it."""
        return next((scenario for scenario in self.scenarios if scenario.name == name), None)
