"""Observed rents: the list index that travels with the package."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import NamedTuple

from assumptions.load import data
from assumptions.messages import error

CHIP, PRICE_TYPE, PROVIDER = "H100-SXM", "index", "gpu-price-index backfill"

FIRST_USABLE = "2024-01"
"""Before it the index rests on one or two providers and skips months."""


class IndexRow(NamedTuple):
    """One month of an index of list rents."""

    chip: str
    month: str
    usd_per_gpu_hour: float
    url: str
    confidence: str


@cache
def index_rows() -> tuple[IndexRow, ...]:
    """Rows of the index of every chip, all months, in the order of the file."""
    text = (data() / "research" / "decay" / "rental_prices.csv").read_text(encoding="utf-8")
    return tuple(
        IndexRow(row["chip"], row["date"], float(row["usd_per_gpu_hour"]), row["source_url"], row["confidence"])
        for row in csv.DictReader(io.StringIO(text))
        if row["provider_or_index"] == PROVIDER and row["price_type"] == PRICE_TYPE
    )


def list_index() -> dict[str, float]:
    """List rent of the reference device by usable month [USD per device-hour]."""
    return {row.month: row.usd_per_gpu_hour for row in index_rows() if row.chip == CHIP and row.month >= FIRST_USABLE}


def check_as_of(as_of: str, where: str) -> None:
    """Refuse an as-of month without an observed rent.

    Parameters
    ----------
    as_of : str
        Month.
    where : str
        Place to name in the message.
    """
    months = list_index()
    if as_of not in months:
        allowed = f"a month from {min(months)} to {max(months)}, which the index covers"
        raise error(f"{where}: as_of", f"{as_of} has no observed rent", allowed, "choose one of them")
