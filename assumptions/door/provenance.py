"""Sourced values: a value, how far it may be off, and where it comes from."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Basis = Literal["filing", "market data", "published", "derived", "judgement", "user"]
Confidence = Literal["high", "medium", "low"]


class Record(BaseModel):
    """Base of every record: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Provenance(Record):
    """Where a value comes from.

    Attributes
    ----------
    basis : str
        Kind of evidence: filing, market data, published, derived, judgement or user.
    source : str
        Citation.
    url : str
        Address of the source, empty for judgement.
    date : str
        Date of the source or of the observation.
    confidence : str
        high, medium or low.
    note : str
        What a reader must know.
    """

    basis: Basis
    source: str
    url: str = ""
    date: str = ""
    confidence: Confidence = "low"
    note: str = ""


class Number(Provenance):
    """A number with its range; a missing end means that no range is claimed there."""

    value: float
    low: float | None = None
    high: float | None = None


class MonthValue(Provenance):
    """A calendar month with its range."""

    value: str
    low: str | None = None
    high: str | None = None


class Choice(Provenance):
    """One of a few words."""

    value: str
