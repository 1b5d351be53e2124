"""What presses on rents beside landings, as a case states it: demand and its segments, rivals, breakthroughs."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Annotated

from pydantic import Field, model_validator

from assumptions.door.messages import refuse
from assumptions.door.provenance import Choice, Record
from assumptions.door.units import (
    ArrivalRate,
    BillionParameters,
    Bits,
    Duration,
    Elasticity,
    Fraction,
    Gain,
    LogChange,
    LogRate,
    LogSpread,
    MonthDate,
    Months,
    Options,
    PositiveFraction,
    PowerRatio,
    Ratio,
    TakeoverYears,
    Tokens,
    UsdPerKw,
    UsdPerKwh,
    UsdPerKwMonth,
)

ANSWERS = ("yes", "no")
ADOPTION_CURVES = ("fisher_pry", "bass")
REGIMES = ("free", "power_limited", "rack_limited")
STANDARD_SITE = "standard"
"""Site of cohorts that name none, and on which entrants plan."""
CAUSES = ("inference_asic", "etched", "captive", "outside")
ROUNDING = 1e-9


class Demand(Record):
    """Demand for rented service: what models it runs on, and how rents answer to what it loses."""

    training_share: Fraction = Field(title="Training, share of demand")
    median_size_billion: BillionParameters = Field(title="Median size of the models that inference runs on")
    size_spread_log: LogSpread = Field(title="Spread of model sizes")
    size_drift_log_per_year: LogRate = Field(title="Drift of the median size")
    median_context_tokens: Tokens = Field(title="Median context of inference")
    context_spread_log: LogSpread = Field(title="Spread of contexts")
    eight_bit_share: Fraction = Field(title="Share of inference that bears numbers of 8 bits")
    four_bit_share: Fraction = Field(title="Share of inference that bears numbers of 4 bits")
    supply_elasticity: Elasticity = Field(title="Elasticity of supply with the rent")
    demand_elasticity: Elasticity = Field(title="Elasticity of demand with the rent")
    demand_response: Annotated[Choice, Options(ANSWERS)] = Field(title="Cheaper service raises demand")
    mobility_share: Fraction = Field(title="Share of supply that moves between segments")
    shock_log: LogChange = Field(title="Shock to demand")
    shock_from: MonthDate = Field(title="Month in which the shock begins")
    shock_months: Duration = Field(title="Months over which it builds up")
    shock_half_life_months: Duration = Field(title="Months in which half of it passes")

    @model_validator(mode="after")
    def _coarser_is_rarer(self) -> Demand:
        if self.four_bit_share.value > self.eight_bit_share.value:
            what = f"four_bit_share {self.four_bit_share.value:.15g} is above {self.eight_bit_share.value:.15g}"
            raise refuse(what, "at most eight_bit_share", "what bears 4 bits bears 8 as well: correct one of the two")
        return self


class DemandSegment(Record):
    """A range of model sizes that is served by the same devices."""

    size_from_billion: BillionParameters | None = Field(None, title="Smallest models")
    size_to_billion: BillionParameters | None = Field(None, title="Largest models")
    training: Annotated[Choice, Options(ANSWERS)] = Field(title="Training belongs here")
    needs_bits: Bits | None = Field(None, title="Widest numbers that its work needs (no need if absent)")
    needs_context_tokens: Tokens | None = Field(None, title="Context that its work needs (no need if absent)")

    @property
    def sizes(self) -> tuple[float, float]:
        """Ends of the range [billion parameters]; none below or above is zero or infinite."""
        low, high = self.size_from_billion, self.size_to_billion
        return (0.0 if low is None else low.value), (inf if high is None else high.value)

    @model_validator(mode="after")
    def _in_order(self) -> DemandSegment:
        low, high = self.size_from_billion, self.size_to_billion
        if low is not None and high is not None and low.value >= high.value:
            what = f"sizes from {low.value:.15g} to {high.value:.15g}"
            raise refuse(what, "a range upwards", "correct one of the two")
        return self


def check_cover(segments: Mapping[str, DemandSegment]) -> None:
    """Refuse segments that leave sizes of models out, or that count some twice.

    Parameters
    ----------
    segments : mapping
        Segments by name.
    """
    ranges = sorted((segment.sizes, name) for name, segment in segments.items())
    reached = 0.0
    for (low, high), name in ranges:
        if low != reached:
            end = "have no end" if reached == inf else f"end at {reached:g}"
            what = f"segments.{name} begins at {low:g} billion parameters, and the sizes before {end}"
            raise refuse(what, "ranges that follow one another", "move the ends together")
        reached = high
    if reached != inf:
        what = f"segments.{ranges[-1][1]} ends at {reached:g} billion parameters, and larger models have no segment"
        raise refuse(what, "a last segment without an upper end", "leave out size_to_billion there")


class Rival(Record):
    """A class of devices that takes demand away from the market without being rented out on it."""

    cause: Annotated[Choice, Options(CAUSES)] = Field(title="Kind of obsolescence it stands for")
    size_limit_billion: BillionParameters | None = Field(None, title="Largest model that it serves")
    context_limit_tokens: Tokens | None = Field(None, title="Longest context that it serves")
    bits: Bits = Field(title="Widest numbers that it computes with")
    serves_training: Annotated[Choice, Options(ANSWERS)] = Field(title="It serves training as well")
    ceiling_share: Fraction = Field(title="Share of the demand still open to it that it takes in the end")
    curve: Annotated[Choice, Options(ADOPTION_CURVES)] = Field(title="Curve of adoption")
    begins: MonthDate = Field(title="Month from which its growth counts")
    first_share: PositiveFraction = Field(title="Share of its market that it has by then (fisher_pry)")
    takeover_years: TakeoverYears = Field(title="Years from a tenth to nine tenths of its ceiling (fisher_pry)")
    innovation: ArrivalRate = Field(title="Coefficient of innovation (bass)")
    imitation: ArrivalRate = Field(title="Coefficient of imitation (bass)")
    supply_share: Fraction = Field(title="Share of all demand that its first year's supply can serve")
    supply_growth_log_per_year: LogRate = Field(title="Growth of that supply")
    traded_share: Fraction = Field(title="Share of what it displaces that is rented on the market")
    known_from: MonthDate = Field(title="Announcement")
    absorbs_weights: Fraction | None = Field(None, title="New weights that it absorbs (all if absent)")
    absorbs_architecture: Fraction | None = Field(None, title="New architectures that it absorbs (all if absent)")
    absorbs_number_format: Fraction | None = Field(None, title="New number formats that it absorbs (all if absent)")


class Breakthrough(Record):
    """An advance beside the roadmap that lowers the cost of new devices, in part."""

    arrives: MonthDate | None = Field(None, title="Month of its arrival")
    arrivals_per_year: ArrivalRate = Field(title="Arrivals a year, by chance")
    memory_gain: Gain = Field(title="Gain in memory")
    compute_gain: Gain = Field(title="Gain in compute")
    power_gain: Gain = Field(title="Gain in power and space")
    memory_share_of_cost: Fraction = Field(title="Memory, share of the full cost of a unit-hour")
    power_share_of_cost: Fraction = Field(title="Power and space, share of the full cost of a unit-hour")
    effect_share: Fraction = Field(title="Part of the gain that is reached")
    pass_through: PositiveFraction = Field(title="Share of the saving that reaches rents")
    ramp_midpoint_months: Duration = Field(title="Half volume after arrival")
    ramp_width_months: Duration = Field(title="Width of the ramp")

    @model_validator(mode="after")
    def _shares_leave_room(self) -> Breakthrough:
        taken = self.memory_share_of_cost.value + self.power_share_of_cost.value
        if taken > 1.0 + ROUNDING:
            raise refuse(
                f"shares of cost add up to {taken:.6g}", "at most 1", "the rest is compute: correct the shares"
            )
        return self


class Site(Record):
    """Conditions of a place that devices stand on; what is not given is that of the operations chapter."""

    regime: Annotated[Choice, Options(REGIMES)] = Field(title="What the site is short of")
    electricity_price_usd_per_kwh: UsdPerKwh | None = Field(None, title="Electricity price")
    pue: PowerRatio | None = Field(None, title="Facility power over IT power (PUE)")
    facility_rent_usd_per_it_kw_month: UsdPerKwMonth | None = Field(None, title="Facility rent per IT kW")
    capacity_charge_avoidable: Annotated[Choice, Options(ANSWERS)] = Field(
        title="The facility rent ends with the device"
    )
    commitment_months: Months = Field(title="Months for which a rent that does not end is owed")
    availability_share: Fraction = Field(title="Share of the time in which challengers can be had")
    obtainable_share_per_month: PositiveFraction = Field(title="Share of the site that can be replaced in a month")
    removal_cost_usd_per_it_kw: UsdPerKw = Field(title="Cost of taking devices out, per IT kW")
    next_site: str = ""
    moving_cost_share: Fraction = Field(title="Cost of a move to the next site, share of cost")


class Captive(Record):
    """A plan of the owner to move its own work to silicon of its own."""

    migrated_share: Fraction = Field(title="Share of the owner's work that moves to silicon of its own")
    migrates_from: MonthDate = Field(title="Month in which it begins to move")
    migrates_months: Duration = Field(title="Months over which it moves")
    resold_share: Fraction = Field(title="Share of the hours so freed that others rent")
    resale_discount_share: Fraction = Field(title="Discount at which they rent them")
    market_share: Fraction = Field(title="Owner's work, share of all demand")
    rented_share: Fraction = Field(title="Share of that work that ran on rented devices")
    cost_ratio: Ratio = Field(title="Cost of own silicon over that of new market devices, by unit of service")
    cost_decline_log_per_year: LogRate = Field(title="Decline of that cost")
