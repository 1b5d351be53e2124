"""How devices fail and what leaves them without work, as a case states it."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator

from assumptions.door.messages import refuse
from assumptions.door.provenance import Provenance, Record
from assumptions.door.units import (
    ArrivalRate,
    Days,
    Devices,
    EventRate,
    Fraction,
    Minutes,
    Months,
    ShareOfCostPerYear,
    WearScale,
    WearShape,
)


class Surviving(Record):
    """A point of a table of survivors."""

    age_years: float = Field(ge=0.0, le=50.0, allow_inf_nan=False)
    survivors: float = Field(gt=0.0, le=1.0, allow_inf_nan=False)


class Survivors(Provenance):
    """Share of devices still in service by age, at an even hazard between the points; the last hazard is held."""

    points: Annotated[tuple[Surviving, ...], Field(strict=False, min_length=2)]

    @field_validator("points")
    @classmethod
    def _in_order(cls, points: tuple[Surviving, ...]) -> tuple[Surviving, ...]:
        ages, shares = [point.age_years for point in points], [point.survivors for point in points]
        if ages[0] != 0.0 or shares[0] != 1.0:
            what = f"the table begins with {shares[0]:.15g} at age {ages[0]:.15g}"
            raise refuse(what, "1 at age 0", "add { age_years = 0, survivors = 1 }")
        for (young, more), (old, fewer) in pairwise(zip(ages, shares, strict=True)):
            if old <= young:
                what = f"age {old:.15g} follows {young:.15g}"
                raise refuse(what, "ages ascending from 0", "sort the points")
            if fewer > more:
                what = f"survivors rise from {more:.15g} to {fewer:.15g} at age {old:.15g}"
                raise refuse(what, "survivors that never rise", "correct one of the points")
        return points


class Failures(Record):
    """Failures beside the early and the steady ones of the operations, and what else keeps devices from working."""

    wear_out_scale_years: WearScale | None = Field(None, title="Scale of wear-out (none if absent)")
    wear_out_shape: WearShape = Field(title="Shape of wear-out")
    survivors: Survivors | None = Field(None, title="Survivors by age, in place of all hazards")
    warranty_months: Months = Field(title="Warranty: the vendor replaces what fails within it")
    replacement_days: Days = Field(title="Days lost until a replacement under warranty runs")
    repairs_per_year: EventRate = Field(title="Repairable failures of a device")
    repair_days: Days = Field(title="Days lost by each of them")
    repair_share_of_cost_per_year: ShareOfCostPerYear = Field(
        title="Repairs after the warranty, share of cost a year, beside maintenance"
    )
    spares_share: Fraction = Field(title="Devices held idle as spares, per device in service")
    interruptions_per_year: EventRate = Field(title="Interruptions of training by the device itself")
    other_interruptions_per_year: EventRate = Field(title="Interruptions of training by all else, per device")
    devices_per_job: Devices = Field(title="Devices of a training job, all stopped by one")
    checkpoint_minutes: Minutes = Field(title="Time to write a checkpoint")
    restart_minutes: Minutes = Field(title="Time to start a job again")


class Churn(Record):
    """How often models change in a way that leaves devices behind, and what those still earn."""

    weights_per_year: ArrivalRate = Field(title="New weights on a known architecture")
    architecture_per_year: ArrivalRate = Field(title="New architectures")
    number_format_per_year: ArrivalRate = Field(title="New number formats")
    legacy_rent_share: Fraction = Field(title="Rent of work on old models, share of a full rent")
    legacy_fade_per_year: ArrivalRate = Field(title="Rate at which work on old models ends")
