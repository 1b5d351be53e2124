"""Two histories that the functions of the engine are held against: a bitcoin miner, and mainframes of 1980-94.

Neither is a case. A case needs a rent index by month from 2024 on, dated parts with costs and kilowatts, and purchases;
these histories are a handful of published figures, older than any of that.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file
from typing import TypeVar

from pydantic import Field, ValidationError, model_validator

from assumptions.files import read_toml
from assumptions.load import data
from assumptions.messages import translated
from assumptions.provenance import Confidence, Record

FOLDER = "history"
Published = TypeVar("Published", bound=Record)


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


class Mainframes(Record):
    """Value relative to new by age."""

    source: str
    url: str
    confidence: Confidence
    age_years: list[int]
    relative_value: list[float]

    @model_validator(mode="after")
    def _one_value_an_age(self) -> Mainframes:
        if len(self.age_years) != len(self.relative_value):
            raise ValueError("as many ages as values")
        return self


@cache
def miner() -> Miner:
    """Figures of the bitcoin miner."""
    return _read("miner.toml", Miner)


@cache
def mainframes() -> Mainframes:
    """Age-price profile of the mainframes."""
    return _read("mainframes.toml", Mainframes)


def _read(name: str, model: type[Published]) -> Published:
    with as_file(data() / FOLDER / name) as path:
        table = read_toml(path)
    try:
        return model.model_validate(table)
    except ValidationError as failure:
        raise translated(failure, name, model) from None
