"""Methods of depreciation: what one unit of service life costs, given what is left and how much life is left.

Every method is stated for the amount left, the salvage and the life left at the opening of a *step*, the stretch over
which its rate is held. Nothing is remembered but the age, so a changed estimate, a write-down or an improvement acts on
what is left over what remains (ASC 250-10-45-17, IAS 8.36). Life is measured in whatever the asset is used up by:
months, days or units of use.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum, auto

import numpy as np

from valuation.timeline import BoolArray, FloatArray, IntArray


class Method(IntEnum):
    """How the cost left is spread over the life left."""

    NONE = auto()
    STRAIGHT_LINE = auto()
    DECLINING_BALANCE = auto()
    DECLINING_WITH_SWITCH = auto()
    GIVEN_RATE = auto()
    FIXED_RATE = auto()
    SUM_OF_DIGITS = auto()
    TABLE = auto()


DOUBLE = 2.0
"""Multiple of the straight-line rate where none is named."""
ONE_AND_A_HALF = 1.5
"""Multiple for tax property of long lives."""
SLACK = 1e-9
"""Life below which no life is left: rounding of ages that are sums of fractions of months."""


@dataclass(frozen=True)
class Standing:
    """Where assets stand when a step opens, arrays of one shape (R,).

    Attributes
    ----------
    carrying, salvage : (R,)
        Carrying amount and salvage [USD, or USD per USD of cost].
    age, remaining : (R,)
        Life used and left [months, days or units of use].
    span : (R,)
        Length of the step that opens, no longer than what is left.
    step : (R,)
        Length of a full step.
    reference_life : (R,)
        Life left when it was last estimated, which a multiple of the straight-line rate refers to.
    factor : (R,)
        Multiple of the straight-line rate, or the rate itself for one unit of life.
    percentages : (K, R)
        Shares of cost by step.
    """

    carrying: FloatArray
    salvage: FloatArray
    age: FloatArray
    remaining: FloatArray
    span: FloatArray
    step: FloatArray
    reference_life: FloatArray
    factor: FloatArray
    percentages: FloatArray

    def take(self, member: BoolArray) -> Standing:
        """Where some of them stand, chosen by a mask (R,)."""
        return Standing(**{item.name: getattr(self, item.name)[..., member] for item in fields(self)})

    @property
    def left(self) -> FloatArray:
        """Amount still to be charged, shape (R,)."""
        return np.maximum(self.carrying - self.salvage, 0.0)

    @property
    def evenly(self) -> FloatArray:
        """Charge that ends at salvage with the life, shape (R,)."""
        return straight_line(self.carrying, self.salvage, self.remaining)

    @property
    def at_most(self) -> FloatArray:
        """Charge that ends at salvage with the step, shape (R,)."""
        return straight_line(self.carrying, self.salvage, self.span)


def straight_line(carrying: FloatArray, salvage: FloatArray, remaining: FloatArray) -> FloatArray:
    r"""Spread what is left evenly over what remains of the life.

    .. math:: D = \frac{\max(N - S, 0)}{L - a}

    Parameters
    ----------
    carrying, salvage : numpy.ndarray
        Carrying amount :math:`N` and salvage :math:`S` [USD], broadcastable shapes.
    remaining : numpy.ndarray
        Life left, :math:`L - a`, positive.

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], broadcast shape.
    """
    return np.asarray(np.maximum(carrying - salvage, 0.0) / np.maximum(remaining, SLACK))


def declining_balance(at: Standing) -> FloatArray:
    r"""Charge at a multiple of the straight-line rate; the last step takes what is left.

    .. math:: D = \min(N f / L,\; (N - S)/\text{span})

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,).

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], shape (R,).
    """
    return _declining(at, at.factor / at.reference_life)


def given_rate(at: Standing) -> FloatArray:
    """Charge at a stated rate on the carrying amount; the last step takes what is left.

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,); the factor is the rate for one unit of life.

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], shape (R,).
    """
    return _declining(at, at.factor)


def _declining(at: Standing, rate: FloatArray) -> FloatArray:
    last = at.remaining <= at.span + SLACK
    return np.where(last, at.evenly, np.minimum(at.carrying * rate, at.at_most))


def declining_with_switch(at: Standing) -> FloatArray:
    r"""Charge at a multiple of the straight-line rate, or evenly over what remains once that is more.

    .. math:: D = \min(\max(N f / L,\; (N - S)/(L - a)),\; (N - S)/\text{span})

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,).

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], shape (R,).
    """
    falling = at.carrying * at.factor / at.reference_life
    return np.minimum(np.maximum(falling, at.evenly), at.at_most)


def fixed_rate(at: Standing) -> FloatArray:
    r"""Charge at the rate that leads from the carrying amount to a positive salvage over what remains.

    .. math:: D = \frac{N}{\text{span}} \left(1 - (S/N)^{\text{span}/(L - a)}\right)

    The rate is not rounded; spreadsheet programs round it to three decimals.

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,).

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], shape (R,).
    """
    ratio = np.minimum(at.salvage / np.where(at.carrying > 0.0, at.carrying, 1.0), 1.0)
    return np.asarray(at.carrying * (1.0 - ratio ** (at.span / at.remaining)) / at.span)


def sum_of_digits(at: Standing) -> FloatArray:
    r"""Charge in proportion to the steps left, part of a step at the end counted by its length.

    .. math:: D = (N - S)\,\frac{R}{R + (R-1) + \dots}, \qquad R = (L - a)/\text{step}

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,).

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], shape (R,).
    """
    steps = at.remaining / at.step
    whole = np.floor(steps + SLACK)
    part = np.maximum(steps - whole, 0.0)
    digits = whole * steps - whole * (whole - 1.0) / 2.0 + part * part
    return np.asarray(at.left * steps / digits / at.step)


def by_table(at: Standing) -> FloatArray:
    """Charge by percentages of steps, the ones still to come scaled to what is left.

    Where nothing but charges has happened, that is the percentage of the cost.

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,), percentages (K, R).

    Returns
    -------
    numpy.ndarray
        Charge for one unit of life [USD], shape (R,).
    """
    steps, column = len(at.percentages), np.arange(at.age.size)
    number = np.floor((at.age + SLACK) / at.step).astype(np.int64)
    inside = np.minimum(number, steps - 1)
    current = at.percentages[inside, column]
    # Sums from the end, so that the last step takes exactly what is left.
    later = np.cumsum(at.percentages[::-1], axis=0)[::-1][inside, column]
    used = np.clip(at.age / at.step - inside, 0.0, 1.0)
    weight = later - current * used
    return np.where(weight > 0.0, at.left * current / np.where(weight > 0.0, weight, 1.0) / at.step, 0.0)


def none(at: Standing) -> FloatArray:
    """No charge, as for land: zero for every asset, shape (R,).

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,).
    """
    return np.zeros_like(at.carrying)


def evenly(at: Standing) -> FloatArray:
    """Straight line over what remains, shape (R,).

    Parameters
    ----------
    at : Standing
        Arrays of shape (R,).
    """
    return at.evenly


RULES = {
    Method.NONE: none,
    Method.STRAIGHT_LINE: evenly,
    Method.DECLINING_BALANCE: declining_balance,
    Method.DECLINING_WITH_SWITCH: declining_with_switch,
    Method.GIVEN_RATE: given_rate,
    Method.FIXED_RATE: fixed_rate,
    Method.SUM_OF_DIGITS: sum_of_digits,
    Method.TABLE: by_table,
}


def charge_rate(method: IntArray, at: Standing) -> FloatArray:
    """Charge for one unit of life from the opening of a step, each asset by its method.

    Parameters
    ----------
    method : numpy.ndarray
        Method of each asset, shape (R,).
    at : Standing
        Where they stand, shape (R,).

    Returns
    -------
    numpy.ndarray
        [USD], shape (R,).
    """
    found = np.unique(method)
    if found.size == 1:
        return RULES[Method(found[0])](at)
    rate = np.zeros(method.shape)
    for code in found:
        member = method == code
        rate[member] = RULES[Method(code)](at.take(member))
    return rate
