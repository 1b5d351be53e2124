"""Observed rents: the list index that travels with the package, or that of the case."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import NamedTuple

from assumptions.cases.load import data
from assumptions.chapters.schema import BY_AGE, OWN, Case
from assumptions.door.messages import error

CHIP, PRICE_TYPE, PROVIDER = "H100-SXM", "index", "gpu-price-index backfill"

FIRST_USABLE = "2024-01"
"""Before it the index rests on one or two providers and skips months."""


class IndexRow(NamedTuple):
    """One month of an index of list rents."""

    chip: str
    month: str
    usd_per_device_hour: float
    url: str
    confidence: str
    source: str


@cache
def index_rows() -> tuple[IndexRow, ...]:
    """Rows of the index of every chip, all months, in the order of the file."""
    text = (data() / "research" / "decay" / "rental_prices.csv").read_text(encoding="utf-8")
    return tuple(
        IndexRow(
            row["chip"], row["date"], float(row["usd_per_gpu_hour"]), row["source_url"], row["confidence"], PROVIDER
        )
        for row in csv.DictReader(io.StringIO(text))
        if row["provider_or_index"] == PROVIDER and row["price_type"] == PRICE_TYPE
    )


def usable_rows(case: Case) -> list[IndexRow]:
    """Months of the index that a case stands on: its own rents, or the usable months of the bundled index.

    Parameters
    ----------
    case : Case
        The case.
    """
    if case.rents:
        own = "own rents"
        return [
            IndexRow(own, row.month, row.usd_per_device_hour, row.url, row.confidence, row.source) for row in case.rents
        ]
    return [row for row in index_rows() if row.chip == CHIP and row.month >= FIRST_USABLE]


def list_index(case: Case) -> dict[str, float]:
    """List rent of the reference device by usable month [USD per device-hour].

    Parameters
    ----------
    case : Case
        The case.
    """
    return {row.month: row.usd_per_device_hour for row in usable_rows(case)}


def knows_rents(case: Case) -> bool:
    """Whether values rest on observed rents; a case by age-price curve with a roadmap of its own may do without.

    Parameters
    ----------
    case : Case
        The case.
    """
    return bool(case.rents) or case.roadmap != OWN or case.market.mode.value != BY_AGE


def check_as_of(case: Case) -> None:
    """Refuse an as-of month without an observed rent.

    Parameters
    ----------
    case : Case
        The case.
    """
    months = list_index(case)
    if knows_rents(case) and case.as_of not in months:
        span = f"a month from {min(months)} to {max(months)}"
        allowed = f"{span} that stands in the rents of the case" if case.rents else f"{span}, which the index covers"
        remedy = f"choose one of them, or {'add the month' if case.rents else 'put rents.csv beside it'}"
        raise error(f"{case.name}: as_of", f"{case.as_of} has no observed rent", allowed, remedy)
