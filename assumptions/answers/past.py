"""What was told of a bitcoin miner at dated conditions: figures that the engine is held against.

The rents, parts and prices of the same device stand in the bundled case ``bitcoin-miner``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file

from pydantic import Field, ValidationError

from assumptions.cases.load import data
from assumptions.door.files import read_toml
from assumptions.door.messages import translated
from assumptions.door.provenance import Confidence, Record

FOLDER, FILE = "history", "miner.toml"


class Squeeze(Record):
    """A month in which the share of power in revenue was told.

    Attributes
    ----------
    date : str
        Month.
    power_over_revenue : float
        Power bill over revenue.
    bitcoin_usd, power_yuan_per_kwh : float, optional
        Conditions it was told for.
    """

    date: str
    power_over_revenue: float = Field(gt=0.0)
    bitcoin_usd: float | None = Field(default=None, gt=0.0)
    power_yuan_per_kwh: float | None = Field(default=None, gt=0.0)


class BreakEven(Record):
    """A month in which the price was told at which revenue just pays for power."""

    date: str
    break_even_bitcoin_usd: float = Field(gt=0.0)
    power_yuan_per_kwh: float = Field(gt=0.0)


class Miner(Record):
    """What is known of a bitcoin miner of the class of the Antminer S9."""

    source: str
    confidence: Confidence
    urls: list[str]
    price_new_usd: float = Field(gt=0.0)
    price_worn_usd: float = Field(gt=0.0)
    network_before_eh_per_s: float = Field(gt=0.0)
    network_after_eh_per_s: float = Field(gt=0.0)
    november_2018: Squeeze
    november_2019: BreakEven
    may_2020: Squeeze


@cache
def miner() -> Miner:
    """Figures of the bitcoin miner."""
    with as_file(data() / FOLDER / FILE) as path:
        table = read_toml(path)
    try:
        return Miner.model_validate(table)
    except ValidationError as failure:
        raise translated(failure, FILE, Miner) from None
