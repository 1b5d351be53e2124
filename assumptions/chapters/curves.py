"""Decay curves as a case states them: kinds, what each needs, and how they read."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from assumptions.door.messages import refuse
from assumptions.door.provenance import Provenance, Record

Share = Annotated[float, Field(gt=-1.0, le=100.0, allow_inf_nan=False)]
Decline = Annotated[float, Field(ge=-2.0, le=5.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, le=1e6, allow_inf_nan=False)]
WholeMonth = Annotated[int, Field(ge=0, le=600)]

Kind = Literal[
    "exponential",
    "exponential_with_floor",
    "step",
    "slow_then_fast",
    "hyperbolic",
    "bands",
    "path",
    "table",
    "term_structure",
]

NEEDS: dict[str, tuple[str, ...]] = {
    "exponential": ("decline_log_per_year",),
    "exponential_with_floor": ("decline_log_per_year", "floor_share"),
    "step": ("steps",),
    "slow_then_fast": ("decline_log_per_year", "acceleration_log_per_year"),
    "hyperbolic": ("slope_per_year",),
    "bands": ("bands",),
    "path": ("segments",),
    "table": ("points",),
    "term_structure": ("contracts",),
    "average": ("curves",),
}
"""Fields that each kind needs; it takes no others, but for `in_logs` of an average."""


class Segment(Record):
    """A stretch of a path."""

    months: int = Field(ge=1, le=600)
    change: Share


class Step(Record):
    """A change at once."""

    month: int = Field(ge=1, le=600)
    change: Share


class Band(Record):
    """A decline that holds from a month on."""

    from_month: WholeMonth
    decline_log_per_year: Decline


class Level(Record):
    """A level at a month."""

    month: WholeMonth
    level: Positive


class Contract(Record):
    """A rent fixed for a term."""

    months: int = Field(ge=1, le=600)
    rent: Positive


class Shape(Record):
    """Log of a level relative to its anchor, by month after it."""

    kind: str
    decline_log_per_year: Decline | None = None
    floor_share: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)] | None = None
    acceleration_log_per_year: Annotated[float, Field(ge=-5.0, le=1.0, allow_inf_nan=False)] | None = None
    slope_per_year: Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)] | None = None
    steps: Annotated[tuple[Step, ...], Field(strict=False)] = ()
    bands: Annotated[tuple[Band, ...], Field(strict=False)] = ()
    segments: Annotated[tuple[Segment, ...], Field(strict=False)] = ()
    points: Annotated[tuple[Level, ...], Field(strict=False)] = ()
    contracts: Annotated[tuple[Contract, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _complete(self) -> Shape:
        needed = NEEDS[self.kind]
        fields = [name for names in NEEDS.values() for name in names]
        given = [name for name in dict.fromkeys(fields) if getattr(self, name, None) not in (None, (), {})]
        if set(given) != set(needed):
            lacking = [name for name in needed if name not in given]
            other = [name for name in given if name not in needed]
            told = " and ".join(
                f"{word} {', '.join(names)}" for word, names in (("without", lacking), ("with", other)) if names
            )
            wanted = " and ".join(needed)
            raise refuse(f"kind {self.kind!r} {told}", f"{wanted} alone", f"give {wanted}")
        self._check_order()
        return self

    def _check_order(self) -> None:
        """Months must ascend, and start where the curve does."""
        months = {
            "steps": [step.month for step in self.steps],
            "bands": [band.from_month for band in self.bands],
            "points": [point.month for point in self.points],
            "contracts": [contract.months for contract in self.contracts],
        }
        for name, listed in months.items():
            if any(later <= sooner for sooner, later in pairwise(listed)):
                raise refuse(f"months {listed} of {name} are not in order", "months ascending", "sort them")
            if name in ("bands", "points") and listed and listed[0] != 0:
                raise refuse(f"{name} start at month {listed[0]}", "a start at month 0, the anchor", "add month 0")


class Member(Shape):
    """One curve of an average, with its weight."""

    kind: Kind
    weight: Positive


class Curve(Provenance, Shape):
    """Rent relative to its level at the as-of month, by month after it.

    An exponential, with or without a floor; steps; a decline that accelerates or slows down; bands, a path of stretches
    or a table, log-linear within each and held after the last; the spot rents that contracts of several terms imply; or
    an average of such curves by weight.
    """

    kind: Kind | Literal["average"]
    curves: dict[str, Member] = Field(default_factory=dict)
    in_logs: bool = False

    @model_validator(mode="after")
    def _averages(self) -> Curve:
        if self.in_logs and self.kind != "average":
            raise refuse(f"in_logs with kind {self.kind!r}", "in_logs with kind 'average' alone", "leave it out")
        if self.kind == "average" and len(self.curves) == 1:
            raise refuse("an average of one curve", "two curves or more", "use its own kind")
        return self


def shape_in_words(shape: Shape) -> str:
    """A curve as a line of text.

    Parameters
    ----------
    shape : Shape
        The curve.
    """
    if isinstance(shape, Curve) and shape.kind == "average":
        parts = (f"{member.weight:g} × {name} ({shape_in_words(member)})" for name, member in shape.curves.items())
        return f"average of {'logs' if shape.in_logs else 'levels'}: {', '.join(parts)}"
    return _WORDS[shape.kind](shape)


def _each(parts: list[str]) -> str:
    return ", then ".join(parts)


_WORDS = {
    "exponential": lambda shape: f"exponential, {shape.decline_log_per_year} log per year",
    "exponential_with_floor": lambda shape: (
        f"exponential, {shape.decline_log_per_year} log per year, to a floor of {shape.floor_share:.0%}"
    ),
    "step": lambda shape: _each([f"{step.change:+.1%} at month {step.month}" for step in shape.steps]),
    "slow_then_fast": lambda shape: (
        f"{shape.decline_log_per_year} log per year at first, growing by {shape.acceleration_log_per_year} a year"
    ),
    "hyperbolic": lambda shape: f"hyperbolic, {shape.slope_per_year} log per year at first",
    "bands": lambda shape: _each(
        [f"{band.decline_log_per_year} log per year from month {band.from_month}" for band in shape.bands]
    ),
    "path": lambda shape: _each([f"{part.change:+.1%} over {part.months} months" for part in shape.segments]),
    "table": lambda shape: _each([f"{point.level:g} at month {point.month}" for point in shape.points]),
    "term_structure": lambda shape: (
        "spot rents implied by "
        + ", ".join(f"{contract.rent:g} over {contract.months} months" for contract in shape.contracts)
    ),
}


def table_in_words(table: dict[str, object]) -> str | None:
    """A curve as somebody wrote it, as a line of text; None where it is no curve that can be read.

    Parameters
    ----------
    table : dict
        As in a scenario, without its provenance.
    """
    unsaid = {"basis": "judgement", "source": ""}
    try:
        return shape_in_words(Curve.model_validate({**unsaid, **table}))
    except ValidationError:
        return None
