"""Tables by month from the curves of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from assumptions.chapters.curves import Curve, Shape
from assumptions.chapters.schema import AgePrices
from assumptions.door.casewise import per_case, together
from assumptions.door.messages import error
from valuation.errors import NoSolutionError
from valuation.silicon import curves
from valuation.timeline import MONTHS_PER_YEAR, FloatArray

LEAST_LOG = -50.0
"""Log level at which a rent is nil for every purpose, yet can still be divided by."""


def rent_curve(curve: Curve, months: int, discount_factor: float | FloatArray = 1.0) -> FloatArray:
    """Log rent relative to its level at the as-of month.

    Parameters
    ----------
    curve : Curve
        Of any kind.
    months : int
        Last month wanted.
    discount_factor : float or numpy.ndarray
        Discount factor of a month, or one a case, by which contracts of different terms are compared.

    Returns
    -------
    numpy.ndarray
        By month after the as-of month, shape (months + 1, n); the level after a path is held.
    """
    month = np.arange(months + 1.0)[:, None]
    if curve.kind != "average":
        return np.maximum(_shape(curve, month, per_case(discount_factor)), LEAST_LOG)
    members = list(curve.curves.values())
    found = together([_shape(member, month, per_case(discount_factor)) for member in members], axis=0)
    weights = np.array([[member.weight] for member in members])
    return np.maximum(curves.average(found, weights, in_logs=curve.in_logs), LEAST_LOG)


def _shape(shape: Shape, month: FloatArray, discount_factor: FloatArray) -> FloatArray:
    """Log level of one curve at months (K, 1), shape (K, n)."""
    try:
        return _KINDS[shape.kind](shape, month, discount_factor)
    except NoSolutionError as failure:
        allowed = "contracts that cost more in all the longer they run"
        raise error("market.curve.contracts", str(failure), allowed, "correct the rents") from None


def _one(value: float | None) -> FloatArray:
    assert value is not None
    return np.array([value])


def _column(values: Iterable[float]) -> FloatArray:
    return np.array([*values], dtype=np.float64)[:, None]


def _steps(shape: Shape, month: FloatArray, _: FloatArray) -> FloatArray:
    found = [curves.step(month, _one(step.month), _one(np.log1p(step.change))) for step in shape.steps]
    return np.asarray(sum(found, start=np.zeros_like(month)))


def _path(shape: Shape, month: FloatArray, _: FloatArray) -> FloatArray:
    """A table of the levels at the ends of the stretches."""
    ends = np.cumsum([0.0, *(part.months for part in shape.segments)])
    return curves.table(month, ends, _column(np.cumprod([1.0, *(1.0 + part.change for part in shape.segments)])))


def _term_structure(shape: Shape, month: FloatArray, discount_factor: FloatArray) -> FloatArray:
    terms = np.array([contract.months for contract in shape.contracts])
    return curves.term_structure(month, terms, _column(each.rent for each in shape.contracts), discount_factor)


_KINDS: dict[str, Callable[[Shape, FloatArray, FloatArray], FloatArray]] = {
    "exponential": lambda shape, month, _: curves.exponential(month, _one(shape.decline_log_per_year)),
    "exponential_with_floor": lambda shape, month, _: curves.exponential_to_floor(
        month, _one(shape.decline_log_per_year), _one(shape.floor_share)
    ),
    "step": _steps,
    "slow_then_fast": lambda shape, month, _: curves.slow_then_fast(
        month, _one(shape.decline_log_per_year), _one(shape.acceleration_log_per_year)
    ),
    "hyperbolic": lambda shape, month, _: curves.hyperbolic(month, _one(shape.slope_per_year)),
    "bands": lambda shape, month, _: curves.piecewise(
        month,
        np.array([float(band.from_month) for band in shape.bands]),
        _column(band.decline_log_per_year for band in shape.bands),
    ),
    "path": _path,
    "table": lambda shape, month, _: curves.table(
        month, np.array([float(point.month) for point in shape.points]), _column(each.level for each in shape.points)
    ),
    "term_structure": _term_structure,
}


def age_prices(curve: AgePrices, months: int) -> FloatArray:
    """Price of a used device relative to a new one.

    Parameters
    ----------
    curve : AgePrices
        Points by year of age, ascending from 0.
    months : int
        Last age wanted.

    Returns
    -------
    numpy.ndarray
        By month of age, shape (months + 1,), log-linear between the points, the last level held.
    """
    ages = [point.age_years * MONTHS_PER_YEAR for point in curve.points]
    logs = np.log([point.fraction for point in curve.points])
    return np.asarray(np.exp(np.interp(np.arange(months + 1.0), ages, logs)))
