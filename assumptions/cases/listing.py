"""Assumptions as rows for sheets and screens, and one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from assumptions.cases.history import CHIP, knows_rents, usable_rows
from assumptions.cases.overlay import LIVES_KEY, changed, walk
from assumptions.cases.randomness import number_at
from assumptions.chapters.absorption import churn_hazard
from assumptions.chapters.curves import Curve, shape_in_words
from assumptions.chapters.durability import Survivors
from assumptions.chapters.mechanisms import Site
from assumptions.chapters.policies import Ledger
from assumptions.chapters.schema import CHAPTERS, UNCERTAINTY, AgePrices, Case, Change
from assumptions.chapters.uncertainty import CORRELATION, Seasons
from assumptions.door.messages import error, nearest
from assumptions.door.provenance import Choice, MonthValue, Number, Provenance, Record
from assumptions.door.units import rule_of

Scalar = float | int | str | bool | None

ONLY_TESTED = ("terms.impairment_trigger_share", "terms.cost_to_sell_share")
"""Keys that only ledgers tested for impairment use."""
ONLY_TOLD = ("captive.cost_ratio", "captive.cost_decline_log_per_year")
"""Keys that bear on what a migration saves and on no value of the fleet."""
ONLY_IN_RACKS = ("devices_per_rack",)
"""Keys that only sites short of racks read."""
SWITCHES = (
    "arrivals_per_year",
    "removal_cost_usd_per_it_kw",
    "ceiling_share",
    "migrated_share",
    "shock_log",
    "warranty_months",
    "repairs_per_year",
    "spares_share",
    "repair_share_of_cost_per_year",
)
"""Keys that bear on value although what they belong to is at rest: one end of their range sets it going."""
INDEX_KEY = "history.list_index_usd_per_hour"
"""Key of the observed list rent at the as-of month: shown, but not to be changed."""


@dataclass(frozen=True)
class AssumptionRow:
    """One assumption with its evidence.

    Attributes
    ----------
    key, label, unit : str
        Dotted key, name in print, unit.
    value, low, high : object
        Number, month or word; None where none is given.
    basis, source, url, date, confidence, note : str
        Evidence.
    """

    key: str
    label: str
    unit: str
    value: Scalar
    low: Scalar = None
    high: Scalar = None
    basis: str = ""
    source: str = ""
    url: str = ""
    date: str = ""
    confidence: str = ""
    note: str = ""


def describe(case: Case) -> list[AssumptionRow]:
    """Every assumption of a case, chapter by chapter.

    Parameters
    ----------
    case : Case
        The case.
    """
    return [*_rows(case), *_index_row(case)]


def explain(case: Case, key: str) -> list[AssumptionRow]:
    """One assumption of a case: one row, or one for each step of a life.

    Parameters
    ----------
    case : Case
        The case.
    key : str
        Dotted key.
    """
    rows = [*describe(case), *describe_uncertainty(case)]
    found = [row for row in rows if row.key == key]
    if not found:
        raise error(key, "unknown key", "a dotted key", nearest(key, {row.key for row in rows}))
    return found


def describe_uncertainty(case: Case) -> list[AssumptionRow]:
    """What is random in a case: distributions, processes, correlations, copula. Risk runs alone read it.

    Parameters
    ----------
    case : Case
        The case.
    """
    if case.uncertainty is None:
        return []
    rows = []
    for key, found in case.uncertainty.parameters.items():
        label, unit = _label(case, key)
        place, label = f"{UNCERTAINTY}.parameters.{key}", f"Distribution of: {label}"
        if found.on:
            number = number_at(case, key)
            marginal, words = found.marginal(number), found.in_words(number)
            rows.append(_sourced(place, label, unit, found, words, marginal.low, marginal.high))
        else:
            rows.append(_sourced(place, label, unit, found, found.distribution))
    for name, process in case.uncertainty.processes.items():
        rows += _process_rows(f"{UNCERTAINTY}.processes.{name}", process)
    for pair in case.uncertainty.correlations:
        between = " and ".join(pair.between)
        key = f"{UNCERTAINTY}.correlations.{between}"
        rows.append(_sourced(key, f"Correlation of {between}", CORRELATION.name, pair, pair.rho))
    return [*rows, *_process_rows(f"{UNCERTAINTY}.copula", case.uncertainty.copula)]


def _process_rows(place: str, record: Record) -> Iterator[AssumptionRow]:
    """Fields of a process or of the copula."""
    for name, field in type(record).model_fields.items():
        found, rule, label = getattr(record, name), rule_of(field), str(field.title)
        key = f"{place}.{name}"
        if isinstance(found, Number):
            yield _sourced(key, label, rule.name if rule else "", found, found.value, found.low, found.high)
        elif isinstance(found, Choice):
            yield _sourced(key, label, "", found, found.value)
        elif isinstance(found, Seasons):
            yield _sourced(key, label, "", found, ", ".join(f"{factor:g}" for factor in found.factors))


def sensitivities(case: Case) -> Iterator[tuple[str, str, Case]]:
    """Case with one assumption at one end of its range, for every end that differs from the value.

    Parameters
    ----------
    case : Case
        The base.

    Yields
    ------
    (str, str, Case)
        Key, ``low`` or ``high``, and the case.
    """
    for key, found in walk(case):
        if not isinstance(found, Number | MonthValue) or not _bears(case, key):
            continue
        provenance = found.model_dump(include=set(Provenance.model_fields))
        for end, value in (("low", found.low), ("high", found.high)):
            if value is not None and value != found.value:
                moved = changed(case, [Change(op="set", key=key, value=value)], f"{end} of", provenance)
                yield key, end, moved


def _bears(case: Case, key: str) -> bool:
    """Whether an assumption bears on economic value or on a ledger that the case keeps."""
    tested = any(ledger.impairment is not None for ledger in case.ledgers.values())
    idle = key in ONLY_TOLD or (key.startswith(_idle(case)) and not key.endswith(SWITCHES))
    racks = any(site.regime.value == "rack_limited" for site in case.sites.values())
    return not idle and (tested or key not in ONLY_TESTED) and (racks or not key.endswith(ONLY_IN_RACKS))


def _idle(case: Case) -> tuple[str, ...]:
    """Beginnings of keys that bear on nothing but taxes, or on nothing as long as what reads them is switched off."""
    parts, failures = case.silicon.values(), case.failures
    stranded = any(churn_hazard(case.churn, part) for part in parts) or any(
        churn_hazard(case.churn, rival) for rival in case.rivals.values()
    )
    differing = any(part.failure_multiplier or part.interruption_multiplier for part in parts)
    read = (
        failures.warranty_months,
        failures.repairs_per_year,
        failures.spares_share,
        failures.repair_share_of_cost_per_year,
    )
    breaking = differing or any(number.value > 0.0 for number in read)
    tabled = failures.survivors is not None or failures.wear_out_scale_years is not None
    off = (
        ("churn.", stranded),
        ("failures.", breaking or tabled),
        *_pressing(case),
        *((f"sites.{name}.", _special(site)) for name, site in case.sites.items()),
    )
    return ("tax.", *(beginning for beginning, on in off if not on))


def _pressing(case: Case) -> list[tuple[str, bool]]:
    """Beginnings of the keys of what presses on rents, and whether it does."""
    taking = {name: rival.ceiling_share.value > 0.0 for name, rival in case.rivals.items()}
    coming = {
        name: advance.arrives is not None or advance.arrivals_per_year.value > 0.0
        for name, advance in case.breakthroughs.items()
    }
    moving = case.captive.migrated_share.value > 0.0
    felt = any(taking.values()) or case.demand.shock_log.value != 0.0
    felt = felt or (moving and case.captive.market_share.value > 0.0)
    # The share of training decides what interruptions cost.
    felt = felt or any(part.interruption_multiplier is not None for part in case.silicon.values())
    return [
        *((f"rivals.{name}.", found) for name, found in taking.items()),
        *((f"breakthroughs.{name}.", found) for name, found in coming.items()),
        ("captive.", moving),
        ("demand.", felt),
        ("segments.", felt),
    ]


def _special(site: Site) -> bool:
    """Whether anything on a site differs from what the market plans with."""
    own = (site.electricity_price_usd_per_kwh, site.pue, site.facility_rent_usd_per_it_kw_month)
    differs = bool(site.next_site) or any(price is not None for price in own)
    return differs or site.regime.value != "free" or site.capacity_charge_avoidable.value == "no"


def _rows(case: Case) -> Iterator[AssumptionRow]:
    for key, found in walk(case):
        label, unit = _label(case, key)
        if isinstance(found, Number | MonthValue):
            yield _sourced(key, label, unit, found, found.value, found.low, found.high)
        elif isinstance(found, Choice):
            yield _sourced(key, label, unit, found, found.value)
        elif isinstance(found, Curve | AgePrices | Survivors):
            yield _sourced(key, label, "", found, in_words(found))
        elif isinstance(found, tuple) and all(isinstance(name, str) for name in found):
            yield AssumptionRow(key, label, unit, ", ".join(found))
        elif isinstance(found, tuple):
            for step in found:
                since = f" from {step.start}" if step.start else ""
                yield _sourced(key, label + since, "months", step, step.months)
        else:
            yield AssumptionRow(key, label, unit, found)


def _sourced(
    key: str,
    label: str,
    unit: str,
    found: Provenance,
    value: Scalar,
    low: Scalar = None,
    high: Scalar = None,
) -> AssumptionRow:
    evidence = {name: getattr(found, name) for name in Provenance.model_fields}
    return AssumptionRow(key, label, unit, value, low, high, **evidence)


def _label(case: Case, key: str) -> tuple[str, str]:
    """Name in print and unit of a key."""
    chapter, _, rest = key.partition(".")
    assert chapter in CHAPTERS
    entry, _, name = rest.rpartition(".")
    content = getattr(case, chapter)
    record: BaseModel = content[entry] if isinstance(content, dict) else content
    if isinstance(record, Ledger) and name == LIVES_KEY:
        return f"{record.title}: book life", "months"
    field = type(record).model_fields[name]
    rule = rule_of(field)
    label = field.title or name.replace("_", " ")
    prefix = getattr(record, "title", entry)
    return (f"{prefix}: {label}" if entry else label), ("" if rule is None else rule.name)


def in_words(curve: Curve | AgePrices | Survivors) -> str:
    """A curve as a line of text.

    Parameters
    ----------
    curve : Curve, AgePrices or Survivors
        Path of rents, prices by age, or devices left by age.
    """
    if isinstance(curve, Survivors):
        return ", ".join(f"{point.survivors:.1%} at {point.age_years:g} years" for point in curve.points)
    if isinstance(curve, AgePrices):
        return ", ".join(f"{point.fraction:.0%} at {point.age_years:g} years" for point in curve.points)
    return shape_in_words(curve)


def _index_row(case: Case) -> Iterator[AssumptionRow]:
    if not knows_rents(case):
        return
    row = next(row for row in usable_rows(case) if row.month == case.as_of)
    note = "" if case.rents else "; the composition of providers varies by month"
    yield AssumptionRow(
        key=INDEX_KEY,
        label=f"List rent of {'the reference device' if case.rents else CHIP} at the as-of month",
        unit="USD per device-hour",
        value=row.usd_per_device_hour,
        basis="market data",
        source=f"{row.source}, {row.month}",
        url=row.url,
        date=row.month,
        confidence=row.confidence,
        note=f"Times the contract ratio it is the observed rent{note}.",
    )
