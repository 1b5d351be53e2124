"""Prices seen in the market beside the model's own figures for the same thing; nothing is tuned to them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from assumptions.cases.load import data
from assumptions.door.months import between
from assumptions.runs import CaseRun
from valuation.analysis.readings import device_rent_as_of, device_value_as_of

OLDEST_MONTHS = 12
"""Age beyond which an observation says nothing of the as-of month."""


@dataclass(frozen=True)
class Comparison:
    """One observation and the model's figure for it.

    Attributes
    ----------
    generation, quantity, unit : str
        What was observed.
    modelled_low, modelled_high, low, high : float
        In that unit; both ends are equal where there is one figure.
    date, source, url, confidence : str
        Of the observation.
    """

    generation: str
    quantity: str
    unit: str
    modelled_low: float
    modelled_high: float
    low: float
    high: float
    date: str
    source: str
    url: str
    confidence: str


@cache
def observations() -> tuple[dict[str, Any], ...]:
    """Rows of the packaged file."""
    text = (data() / "observations.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["observation"])


def comparisons(run: CaseRun) -> list[Comparison]:
    """Observations of the year before the as-of month beside the base's figures.

    Parameters
    ----------
    run : CaseRun
        A case, evaluated.

    Returns
    -------
    list of Comparison
        Empty where nothing was observed, or the fleet owns no such device.
    """
    found = []
    for row in observations():
        age = between(row["date"], run.case.as_of)
        modelled = _modelled(run, row["generation"], row["quantity"]) if 0 <= age <= OLDEST_MONTHS else None
        if modelled is not None:
            found.append(Comparison(modelled_low=modelled[0], modelled_high=modelled[1], **row))
    return found


def _modelled(run: CaseRun, generation: str, quantity: str) -> tuple[float, float] | None:
    names = list(run.case.silicon)
    if generation not in names:
        return None
    index = names.index(generation)
    if quantity == "used price":
        return device_value_as_of(run.results, index)
    rent = device_rent_as_of(run.results, index)
    if quantity == "list rent":
        rent /= run.case.market.contract_to_list_ratio.value
    return rent, rent
