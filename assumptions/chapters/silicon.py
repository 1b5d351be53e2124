"""Parts of the roadmap: when they land, what they cost, take and serve, and what they follow of new models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from assumptions.door.messages import refuse
from assumptions.door.provenance import Record
from assumptions.door.units import (
    BillionParameters,
    Bits,
    DevicesPerRack,
    Fraction,
    Kilowatt,
    MonthDate,
    Multiplier,
    ServiceUnits,
    Tokens,
    Usd,
)


class Generation(Record):
    """A part of the roadmap; without cost, power and service it is a generic landing with a name."""

    family: Literal["cpu", "gpu", "tpu", "fpga", "asic", "etched"]
    sets_price: bool = True
    landing: MonthDate = Field(title="Landing (first volume or first rental)")
    known_from: MonthDate = Field(title="Announcement")
    cost_usd: Usd | None = Field(None, title="All-in cost of a device")
    it_kw: Kilowatt | None = Field(None, title="IT power of a device, nameplate")
    service_units: ServiceUnits | None = Field(None, title="Service of a device, by market rent")
    devices_per_rack: DevicesPerRack | None = Field(None, title="Devices in a rack")
    failure_multiplier: Multiplier | None = Field(None, title="Failures, times the common rates (1 if absent)")
    interruption_multiplier: Multiplier | None = Field(None, title="Interruptions, times the common rate (1 if absent)")
    absorbs_weights: Fraction | None = Field(None, title="New weights that it absorbs (all if absent)")
    absorbs_architecture: Fraction | None = Field(None, title="New architectures that it absorbs (all if absent)")
    absorbs_number_format: Fraction | None = Field(None, title="New number formats that it absorbs (all if absent)")
    size_limit_billion: BillionParameters | None = Field(None, title="Largest model that it serves (any if absent)")
    context_limit_tokens: Tokens | None = Field(None, title="Longest context that it serves (any if absent)")
    bits: Bits | None = Field(None, title="Widest numbers that it computes with (all formats if absent)")
    serves: Annotated[tuple[str, ...] | None, Field(strict=False)] = Field(
        None, title="Segments that it serves (by its limits if absent)"
    )

    @field_validator("serves", mode="before")
    @classmethod
    def _names(cls, segments: object) -> object:
        return tuple(part.strip() for part in segments.split(",")) if isinstance(segments, str) else segments

    @property
    def priced(self) -> bool:
        """Whether cost, power and service are all known."""
        return None not in (self.cost_usd, self.it_kw, self.service_units)

    @model_validator(mode="after")
    def _announced_first(self) -> Generation:
        if self.known_from.value > self.landing.value:
            what = f"known from {self.known_from.value}, after landing in {self.landing.value}"
            raise refuse(what, "an announcement no later than the landing", "correct one of the months")
        return self
