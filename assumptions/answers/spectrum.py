"""The spectrum of silicon as its data file and the base state it: classes, respins, bought tokens, churn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import as_file
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from assumptions.cases.listing import AssumptionRow
from assumptions.cases.load import data, sourced
from assumptions.cases.overlay import parse_override
from assumptions.chapters.schema import Operations, Terms
from assumptions.door.files import read_toml
from assumptions.door.messages import error, nearest, translated
from assumptions.door.provenance import Number, Record
from assumptions.door.units import (
    ArrivalRate,
    BillionParameters,
    Bits,
    Fraction,
    Gain,
    Kilowatt,
    LogRate,
    PositiveFraction,
    Unit,
    Usd,
    rule_of,
)

FILE = "spectrum.toml"
BASE = ("terms", "operations", "churn", "silicon")
"""Chapters of the base that the spectrum takes."""
COMMAND = "obsolesce spectrum --sources"

TokensPerSecond = Annotated[Number, Unit("tokens per second", 0.001, 1e9)]
UsdPerMillion = Annotated[Number, Unit("USD per million tokens", 0.0, 1e6)]
MillionTokens = Annotated[Number, Unit("million tokens per year", 0.0, 1e12)]
Outlay = Annotated[Number, Unit("USD", 0.0, 1e12)]
Units = Annotated[Number, Unit("units", 1.0, 1e9)]
DeviceLife = Annotated[Number, Unit("years", 0.25, 30.0)]
Turnaround = Annotated[Number, Unit("months", 0.0, 120.0)]
NewWeights = Annotated[Number, Unit("rate per year", 0.001, 20.0)]


class Workload(Record):
    """What every class is measured on."""

    model: str
    conditions: str
    utilisation_share: PositiveFraction = Field(title="Share of the hours in which a device is filled")
    life_years: DeviceLife = Field(title="Life of a device that nothing strands")


class Churn(Record):
    """Arrivals of what may strand a device, by what changes: those of the base, and of new weights there are some."""

    weights_per_year: NewWeights = Field(title="New weights on a known architecture")
    architecture_per_year: ArrivalRate = Field(title="New architectures")
    number_format_per_year: ArrivalRate = Field(title="New number formats")


class SpectrumClass(Record):
    """A class of silicon, by one part that stands for it."""

    title: str
    example: str
    evidence: Literal["measured", "derived", "claimed"]
    part: str | None = None
    cost_usd: Usd = Field(title="All-in cost of a device")
    it_kw: Kilowatt = Field(title="IT power of a device, nameplate")
    tokens_per_second: TokensPerSecond = Field(title="Output of a filled device")
    absorbs_weights_share: Fraction = Field(title="Chance that it absorbs new weights")
    absorbs_architecture_share: Fraction = Field(title="Chance that it absorbs a new architecture")
    absorbs_format_share: Fraction = Field(title="Chance that it absorbs a new number format")
    largest_model_billion: BillionParameters | None = Field(None, title="Largest model on one device")
    bits: Bits = Field(title="Narrowest numbers that it computes with")


class Respin(Record):
    """New weights for silicon that has them etched in."""

    unit_price_usd: Outlay = Field(title="New silicon for one device, without design and masks")
    design_and_masks_usd: Outlay = Field(title="Design and masks for new weights")
    new_design_usd: Outlay = Field(title="Design and masks for another architecture or size")
    units: Units = Field(title="Devices that share design and masks")
    turnaround_months: Turnaround = Field(title="Months from new weights to new silicon")
    claimed_price_usd: Outlay = Field(title="Price of a yearly upgrade as claimed")
    staleness_log_per_year: LogRate = Field(title="Decline of the worth of weights with their age")


class Api(Record):
    """What the same tokens cost to buy."""

    price_usd_per_million: UsdPerMillion = Field(title="Price of bought tokens")
    yearly_fall_ratio: Gain = Field(title="Factor by which it falls in a year")
    personal_million_tokens_per_year: MillionTokens = Field(title="What a person or a small team uses")


class Spectrum(Record):
    """The whole data file, with the churn, terms and running costs of the base."""

    workload: Workload
    churn: Churn
    classes: dict[str, SpectrumClass]
    respin: Respin
    api: Api
    terms: Terms
    operations: Operations


TABLES: dict[str, type[BaseModel]] = {"workload": Workload, "churn": Churn, "respin": Respin, "api": Api}
TERMS = {
    "--electricity": ("operations", "electricity_price_usd_per_kwh"),
    "--return": ("terms", "required_return_annual"),
}
ETCHED = "etched"


def load_spectrum(overrides: Iterable[str] = (), options: Mapping[str, float | None] | None = None) -> Spectrum:
    """The spectrum that travels with the package, with what the user set.

    Parameters
    ----------
    overrides : iterable of str
        ``class.field=value`` or ``table.field=value``.
    options : mapping of float or None
        Values of ``--electricity`` and ``--return``, where they are given.

    Returns
    -------
    Spectrum
        Checked.

    Raises
    ------
    AssumptionError
        In one line: place, value, allowed range, remedy.
    """
    table = _read()
    known = _keys(table)
    for text in overrides:
        key, value = parse_override(text)
        if key not in known:
            raise error(f"--set {key}", "unknown key", "class.field or table.field", nearest(key, known, COMMAND))
        place, name = known[key]
        place[name] = sourced(value, place.get(name), basis="user", source="set by the user")
        _check(table, f"--set {key}")
    for option, value in (options or {}).items():
        if value is None:
            continue
        chapter, name = TERMS[option]
        unsaid = {"basis": "user", "source": "set by the user"}
        table[chapter][name] = sourced(value, table[chapter][name], **unsaid)
        _check(table, option)
    return _check(table, FILE)


def _read() -> dict[str, Any]:
    """The file, with churn, terms, running costs, and cost and power of parts of the roadmap taken from the base."""
    with as_file(data()) as folder:
        table = read_toml(folder / FILE)
        base = {name: read_toml(folder / "base" / f"{name}.toml") for name in BASE}
    roadmap, churn = base.pop("silicon"), base.pop("churn")
    for entry in table["classes"].values():
        part = roadmap.get(entry.get("part"), {})
        for name in ("cost_usd", "it_kw"):
            if name in part:
                entry.setdefault(name, part[name])
    return {**table, **base, "churn": {name: churn[name] for name in Churn.model_fields}}


def _keys(table: dict[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """Where each key that a user may set lies."""
    known: dict[str, tuple[dict[str, Any], str]] = {}
    for chapter, model in TABLES.items():
        known |= {f"{chapter}.{name}": (table[chapter], name) for name in _sourced_fields(model)}
    for name, entry in table["classes"].items():
        known |= {f"{name}.{field}": (entry, field) for field in _sourced_fields(SpectrumClass)}
    return known


def _sourced_fields(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if rule_of(field) is not None]


def _check(table: dict[str, Any], where: str) -> Spectrum:
    try:
        return Spectrum.model_validate(table)
    except ValidationError as failure:
        raise translated(failure, where, Spectrum) from None


def spectrum_rows(spectrum: Spectrum) -> list[AssumptionRow]:
    """Every number of the spectrum with its evidence.

    Parameters
    ----------
    spectrum : Spectrum
        The spectrum.
    """
    rows = [row for name in TABLES for row in _rows(name, getattr(spectrum, name), "")]
    for name, entry in spectrum.classes.items():
        rows += _rows(name, entry, entry.title)
    return rows


def _rows(prefix: str, record: Record, title: str) -> Iterator[AssumptionRow]:
    for name, field in type(record).model_fields.items():
        number, rule = getattr(record, name), rule_of(field)
        if not isinstance(number, Number):
            continue
        label = field.title or name
        yield AssumptionRow(
            key=f"{prefix}.{name}",
            label=f"{title}: {label}" if title else label,
            unit="" if rule is None else rule.name,
            **number.model_dump(),
        )
