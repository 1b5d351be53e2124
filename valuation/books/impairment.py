"""Impairment of assets held and used, under ASC 360 and IAS 36, group by group at the dates of a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto

import numpy as np

from valuation.records import Arrays, axes
from valuation.timeline import CASE, BoolArray, FloatArray, IntArray


class Framework(IntEnum):
    """Rules of the test."""

    ASC_360 = auto()
    """Undiscounted recoverability first, then fair value; a loss is never reversed."""
    IAS_36 = auto()
    """Higher of fair value less cost to sell and value in use; a loss is reversed up to the depreciated cost."""


@dataclass(frozen=True)
class ImpairmentInputs(Arrays):
    """How a ledger is tested.

    Attributes
    ----------
    framework : Framework
        Rules.
    group : (C,)
        Group of each cohort: itself, its site, or the whole entity.
    tested : (T,)
        Whether the group is tested at the end of each period.
    trigger_share : (n,)
        Shortfall of fair value below the carrying amount, as a share of it, that makes a test necessary.
    cost_to_sell_share : (n,)
        Cost of a sale as a share of fair value.
    """

    framework: Framework
    group: IntArray = axes("C")
    tested: BoolArray = axes("T")
    trigger_share: FloatArray = axes("n")
    cost_to_sell_share: FloatArray = axes("n")


@dataclass(frozen=True)
class Appraised:
    """What the cohorts are worth at every bound, as known then [USD], shape (T+1, C, n) each.

    Attributes
    ----------
    fair_value : (T+1, C, n)
        Value in exchange.
    value_in_use : (T+1, C, n)
        Present value of the flows expected.
    undiscounted : (T+1, C, n)
        The same flows over the remaining book life, added up without discount.
    cost : (T+1, C, n)
        Cost of what the books then hold, which carrying amounts are shares of.
    """

    fair_value: FloatArray
    value_in_use: FloatArray
    undiscounted: FloatArray
    cost: FloatArray


@dataclass
class ImpairmentTest:
    """A test that runs along with a ledger and remembers what it found.

    Attributes
    ----------
    rules : ImpairmentInputs
        How it is tested.
    worth : Appraised
        Values and flows.
    unimpaired : (T+1, C, n)
        Carrying amount had there been no loss, per USD of cost: the limit of a reversal.
    latent : (T+1, n)
        Fair value below a carrying amount that undiscounted flows still cover [USD]; filled while testing.
    """

    rules: ImpairmentInputs
    worth: Appraised
    unimpaired: FloatArray
    latent: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.latent = np.zeros((len(self.worth.fair_value), self.worth.fair_value.shape[CASE]))

    def loss(self, bound: int, carrying: FloatArray) -> FloatArray:
        """Share of the carrying amount lost at a bound, shape (C, n); negative where a loss is reversed.

        Parameters
        ----------
        bound : int
            Bound of the test.
        carrying : numpy.ndarray
            Carrying amount per USD of cost, shape (C, n).
        """
        if not self.rules.tested[bound - 1]:
            return np.zeros((1, 1))
        held = carrying * self.worth.cost[bound]
        fair, use = self.worth.fair_value[bound], self.worth.value_in_use[bound]
        if self.rules.framework is Framework.ASC_360:
            amount, latent = asc_360(held, self.worth.undiscounted[bound], fair, self.rules)
            self.latent[bound] = latent
        else:
            ceiling = self.unimpaired[bound] * self.worth.cost[bound]
            amount = ias_36(held, use, fair, ceiling, self.rules)
        return np.where(held > 0.0, amount / np.where(held > 0.0, held, 1.0), 0.0)


def by_group(amount: FloatArray, group: IntArray) -> FloatArray:
    """Sum cohorts into groups, shape (Q, n) from (C, n).

    Parameters
    ----------
    amount : numpy.ndarray
        By cohort, shape (C, n).
    group : numpy.ndarray
        Group of each cohort, from 0, shape (C,).
    """
    member = (group == np.arange(int(group.max()) + 1)[:, None]).astype(np.float64)
    return np.asarray(member @ amount)


def asc_360(
    carrying: FloatArray, undiscounted: FloatArray, fair_value: FloatArray, rules: ImpairmentInputs
) -> tuple[FloatArray, FloatArray]:
    r"""Loss where the trigger is met and undiscounted flows do not cover the carrying amount (ASC 360-10-35-17).

    .. math:: \text{loss} = N - F \quad\text{if}\quad F < (1 - \theta) N \;\text{and}\; \sum \pi < N

    Parameters
    ----------
    carrying, undiscounted, fair_value : numpy.ndarray
        Carrying amounts :math:`N`, flows :math:`\sum \pi`, fair values :math:`F` [USD], shape (C, n).
    rules : ImpairmentInputs
        Groups and trigger :math:`\theta`.

    Returns
    -------
    loss : numpy.ndarray
        By cohort [USD], shape (C, n), never negative.
    latent : numpy.ndarray
        Shortfall of groups whose flows cover their carrying amount [USD], shape (n,).
    """
    held, flows, fair = (by_group(amount, rules.group) for amount in (carrying, undiscounted, fair_value))
    short = np.maximum(held - fair, 0.0)
    met = fair < (1.0 - rules.trigger_share) * held
    covered = flows >= held
    loss = np.where(met & ~covered, short, 0.0)
    latent = np.where(covered, short, 0.0).sum(axis=0)
    floor = np.minimum(fair_value, carrying)
    return allocate(loss, carrying, carrying - floor, rules.group), latent


def ias_36(
    carrying: FloatArray,
    value_in_use: FloatArray,
    fair_value: FloatArray,
    ceiling: FloatArray,
    rules: ImpairmentInputs,
) -> FloatArray:
    r"""Loss, or reversal, to the recoverable amount (IAS 36.59, 36.104-105, 36.114, 36.122-123).

    .. math:: R = \max(F (1 - s),\; V)

    No cohort is written below its own recoverable amount, nor up above it or above its depreciated cost.

    Parameters
    ----------
    carrying, value_in_use, fair_value : numpy.ndarray
        Carrying amounts, values in use :math:`V`, fair values :math:`F` [USD], shape (C, n).
    ceiling : numpy.ndarray
        Carrying amount had there been no loss [USD], shape (C, n).
    rules : ImpairmentInputs
        Groups, trigger, cost to sell :math:`s`.

    Returns
    -------
    numpy.ndarray
        By cohort [USD], shape (C, n); negative is a reversal.
    """
    net = fair_value * (1.0 - rules.cost_to_sell_share)
    amounts = (carrying, value_in_use, fair_value, ceiling)
    held, use, fair, most = (by_group(amount, rules.group) for amount in amounts)
    recoverable = np.maximum(use, fair * (1.0 - rules.cost_to_sell_share))
    # The trigger is an indication, by market value (IAS 36.12); once it is met, the whole shortfall is a loss.
    met = fair < (1.0 - rules.trigger_share) * held
    loss = np.where(met, np.maximum(held - recoverable, 0.0), 0.0)
    gain = np.maximum(np.minimum(recoverable, most) - held, 0.0)
    own = np.maximum(net, value_in_use)
    room = np.maximum(np.minimum(ceiling, own) - carrying, 0.0)
    lost = allocate(loss, carrying, np.maximum(carrying - own, 0.0), rules.group)
    return lost - allocate(gain, carrying, room, rules.group)


def allocate(amount: FloatArray, weight: FloatArray, most: FloatArray, group: IntArray) -> FloatArray:
    """Spread an amount of a group over its cohorts by weight, none beyond its limit (ASC 360-10-35-28, IAS 36.105).

    Parameters
    ----------
    amount : numpy.ndarray
        By group [USD], shape (Q, n).
    weight : numpy.ndarray
        By cohort, shape (C, n).
    most : numpy.ndarray
        Limit of each cohort [USD], shape (C, n).

    Returns
    -------
    numpy.ndarray
        By cohort [USD], shape (C, n); adds up to the amount where the limits allow it.
    """
    given = np.zeros(np.broadcast_shapes(weight.shape, most.shape))
    left = amount
    for _ in range(len(weight)):
        open_to = np.where(most - given > 0.0, weight, 0.0)
        total = by_group(np.broadcast_to(open_to, given.shape), group)
        if not (left > 0.0).any() or not (total > 0.0).any():
            break
        part = np.where(total > 0.0, left / np.where(total > 0.0, total, 1.0), 0.0)[group] * open_to
        taken = np.minimum(part, most - given)
        given = given + taken
        left = left - by_group(taken, group)
        if np.array_equal(taken, part):
            break
    return given
