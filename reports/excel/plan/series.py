"""Series of numbers by scenario, and the format that their unit asks for."""

from __future__ import annotations

from dataclasses import dataclass

from valuation.timeline import FloatArray

KINDS = {
    "log": "factor",
    "log per month": "factor",
    "factor": "factor",
    "share": "share",
    "share of cost": "share",
    "flag": "count",
    "number": "count",
    "months from the as-of date": "due",
    "USD": "number",
    "USD a month": "number",
    "USD/h": "number",
}
"""Number format of a quantity, by its unit."""


def kind_of(unit: str) -> str:
    """Number format of a unit."""
    return KINDS.get(unit, "plain")


@dataclass(frozen=True)
class Series:
    """Series of one thing, a column a scenario.

    Attributes
    ----------
    key, label, unit : str
        What it is.
    values : numpy.ndarray
        Shape (K, n) or (K, 1).
    """

    key: str
    label: str
    unit: str
    values: FloatArray

    @property
    def constant(self) -> float | None:
        """The one number that it holds everywhere, if it is one."""
        first = float(self.values.flat[0])
        return first if bool((self.values == first).all()) else None
