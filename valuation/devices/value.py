"""Economic value of a device: quasi-rent, shutdown price, and the backward recursion with the option to stop."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from valuation.devices.recursion import Stay, value_in_place
from valuation.records import generation_rows
from valuation.silicon.stranding import Stranding, Work
from valuation.timeline import CASE, NEVER, SEGMENT, TIME, BoolArray, FloatArray, IntArray

NOTHING_STRANDED = Stranding()
"""Shares where every device has work as long as it runs."""


@dataclass(frozen=True)
class DeviceState:
    """Devices of a set of cohorts at one date, and the terms they are valued on.

    Attributes
    ----------
    age : (C, m)
        Age at the date [months]; negative for devices not yet in service.
    rent_coefficient : (C, S, m)
        Monthly rent of a new device per USD of market rent [hours x units], by segment.
    operating_cost : (C, m)
        Avoidable operating cost [USD per device-month].
    scrap : (C, m)
        Scrap value [USD per device].
    failure_hazard, age_efficiency : (A, g, m)
        Monthly failure probability and relative service by age; ``g`` is 1 or one row per generation.
    generation : (C,)
        Row of the age tables for each cohort.
    discount_factor : (m,)
        Discount factor of a month.
    physical_life : (m,)
        Age of forced retirement [months].
    forced_stop : (C, m)
        Months ahead at which the device leaves by schedule (`NEVER` if none).
    forced_value : (C, m)
        What it then brings [USD per device].
    stranding : Stranding
        Shares of the devices that have work, by age.
    work : Work, optional
        Those of the devices at the date, where more is known of them than their age.
    electric_share : (C, m)
        Share of electricity in the operating cost.
    electricity : (k, m)
        Its price over that of the date by month ahead; the last row is held.
    """

    age: IntArray
    rent_coefficient: FloatArray
    operating_cost: FloatArray
    scrap: FloatArray
    failure_hazard: FloatArray
    age_efficiency: FloatArray
    generation: IntArray
    discount_factor: FloatArray
    physical_life: FloatArray
    forced_stop: IntArray
    forced_value: FloatArray
    stranding: Stranding = NOTHING_STRANDED
    work: Work | None = None
    electric_share: FloatArray = field(default_factory=lambda: np.zeros((1, 1)))
    electricity: FloatArray = field(default_factory=lambda: np.ones((1, 1)))

    def running_cost(self, ahead: IntArray | int) -> FloatArray:
        """Operating cost some months ahead, shape (C, m), or (K, C, m) for months of shape (K, 1, 1)."""
        if self.electricity.size == 1:
            return self.operating_cost
        row = np.minimum(np.ravel(ahead), len(self.electricity) - 1)
        price = self.electricity[row[0] : row[-1] + 1] if row[-1] - row[0] == len(row) - 1 else self.electricity[row]
        cost = (self.operating_cost * self.electric_share) * (price - 1.0)[:, None]
        cost += self.operating_cost
        return cost if np.ndim(ahead) else np.asarray(cost[0])

    def of(self, cohorts: IntArray) -> DeviceState:
        """State of some of the cohorts, shape (c,)."""
        names = ("age", "rent_coefficient", "operating_cost", "scrap", "generation", "forced_stop", "forced_value")
        chosen: dict[str, Any] = {name: getattr(self, name)[cohorts] for name in names}
        share = self.electric_share if len(self.electric_share) == 1 else self.electric_share[cohorts]
        work = None if self.work is None else self.work.of(cohorts)
        return replace(self, **chosen, electric_share=share, work=work)

    @property
    def ages(self) -> bool:
        """Whether service falls with age, or differs by generation."""
        return bool((self.age_efficiency != self.age_efficiency[:1, :1]).any())

    @property
    def kinds(self) -> IntArray:
        """Kind of each cohort, counted in their order; those of a kind earn and cost the same at any age, (C,)."""
        cohorts = len(self.age)
        if self.stranding.strands or self.ages:
            return np.arange(cohorts)
        share = np.broadcast_to(self.electric_share, (cohorts, self.electric_share.shape[CASE]))
        changes = np.zeros(cohorts - 1, dtype=bool)
        for level in (self.rent_coefficient, self.operating_cost, share):
            changes |= (level[1:] != level[:-1]).any(axis=tuple(range(1, level.ndim)))
        return np.append(0, np.cumsum(changes))

    def by_age(self, table: FloatArray, ahead: IntArray | int) -> FloatArray:
        """Read an age table some months ahead, shape (C, m), or (K, C, m) for months of shape (K, 1, 1)."""
        age = np.minimum(np.maximum(self.age + ahead, 0), table.shape[TIME] - 1)
        if table[0].size == 1:
            return np.asarray(table[:, 0, 0].take(age))
        row = generation_rows(table, self.generation)[:, None]
        column = np.arange(table.shape[CASE])
        return np.asarray(table[age, row, column])

    def working(self, ahead: IntArray | int) -> tuple[FloatArray, FloatArray]:
        """Shares of the devices that serve the models of the day, and old ones, some months ahead.

        Shape (C, m), or (K, C, m) for months of shape (K, 1, 1).
        """
        if self.work is not None:
            return self.work.later(ahead, self.generation)
        return self.by_age(self.stranding.serving, ahead), self.by_age(self.stranding.legacy, ahead)


@dataclass(frozen=True)
class Surroundings:
    """What the site does to a device beside its running cost, by month ahead.

    Attributes
    ----------
    charge : (K, C, m)
        What the power or rack it takes would earn with a challenger [USD per device-month].
    elsewhere : (K, C, m)
        Value that it has if it moves to another site, the move allowed for [USD per device]; minus infinity: none.
    leaves : (C, m)
        Months ahead at which it gives way to a challenger in any case (`NEVER` if it does not).
    """

    charge: FloatArray
    elsewhere: FloatArray
    leaves: IntArray


def device_rent(state: DeviceState, rent: FloatArray, ahead: IntArray | int) -> FloatArray:
    """Rent of a device in a month, or in many, in the best segment open to it.

    Parameters
    ----------
    state : DeviceState
        Devices at the valuation date.
    rent : numpy.ndarray
        Market rent at the opening of the month [USD per unit-hour], shape (S, m) or (K, 1, S, m).
    ahead : int or numpy.ndarray
        Months between the valuation date and that opening, scalar or shape (K, 1, 1).

    Returns
    -------
    numpy.ndarray
        Rent [USD per device-month], shape (C, m) or (K, C, m).
    """
    if rent.shape[SEGMENT] == 1:
        best = state.rent_coefficient.max(axis=SEGMENT) * rent[..., 0, :]
    else:
        best = (state.rent_coefficient * rent).max(axis=SEGMENT)
    if not state.ages:
        level = state.age_efficiency[0, 0]
        return np.asarray(best if (level == 1.0).all() else best * level)
    return np.asarray(best * state.by_age(state.age_efficiency, ahead))


def device_earnings(
    state: DeviceState,
    rent: FloatArray,
    ahead: IntArray | int,
    working: tuple[FloatArray, FloatArray] | None = None,
) -> tuple[FloatArray, FloatArray]:
    r"""Rent earned and running cost paid by the average device in a month, stranded ones among them.

    .. math:: s\,(R - E) + \ell \max(\omega R - E, 0)

    is the difference of the two: a stranded device works while its rent covers its running cost, and costs nothing
    otherwise.

    Parameters
    ----------
    state : DeviceState
        Devices at the valuation date: shares serving :math:`s` and in legacy work :math:`\ell`, running cost
        :math:`E`.
    rent : numpy.ndarray
        Market rent at the opening of the month [USD per unit-hour], shape (S, m) or (K, 1, S, m).
    ahead : int or numpy.ndarray
        Months between the valuation date and that opening, scalar or shape (K, 1, 1).
    working : tuple of numpy.ndarray, optional
        Shares :math:`s` and :math:`\ell` in those months, shape (C, m) or (K, C, m) each; what is expected of them
        if left out.

    Returns
    -------
    rent, operating_cost : numpy.ndarray
        [USD per device-month], shape (C, m) or (K, C, m).
    """
    full, cost, stranding = device_rent(state, rent, ahead), state.running_cost(ahead), state.stranding
    if not stranding.strands:
        return full, cost
    serving, stranded = state.working(ahead) if working is None else working
    old = stranding.legacy_rent * full
    legacy = np.where(old > cost, stranded, 0.0)
    return np.asarray(serving * full + legacy * old), np.asarray((serving + legacy) * cost)


def shutdown_price(
    operating_cost: FloatArray, rent_coefficient: FloatArray, age_efficiency: FloatArray | float = 1.0
) -> FloatArray:
    """Market rent at which running a device stops paying.

    Parameters
    ----------
    operating_cost : numpy.ndarray
        Avoidable operating cost [USD per device-month], shape (X, n).
    rent_coefficient : numpy.ndarray
        Monthly rent per USD of market rent [hours x units], shape (X, S, n).
    age_efficiency : numpy.ndarray or float
        Relative service at the age in question, shape (X, 1, n) or scalar.

    Returns
    -------
    numpy.ndarray
        Rent [USD per unit-hour], shape (X, S, n); infinite where the device is not eligible.
    """
    hours = rent_coefficient * age_efficiency
    return np.where(hours > 0.0, operating_cost[:, None, :] / np.where(hours > 0.0, hours, 1.0), np.inf)


def value_along(
    state: DeviceState, rent: FloatArray, *, may_stop: bool = True, around: Surroundings | None = None
) -> tuple[FloatArray, BoolArray]:
    r"""Value of a device at every month ahead, along a known path of market rent.

    .. math::
        V(t) = \max\{Z,\; v\,[\pi(t) + (1-\lambda)\,V(t+1)]\}

    with :math:`V = Z` at the physical life and the forced value at a forced stop. The quasi-rent of a month is fixed
    at its opening and paid at its end.

    Parameters
    ----------
    state : DeviceState
        Devices at the first bound of the path.
    rent : numpy.ndarray
        Market rent at the bounds ahead [USD per unit-hour], shape (K+1, S, m).
    may_stop : bool
        Whether the owner may stop running before the physical life.
    around : Surroundings, optional
        What the site does to the devices, by month ahead.

    Returns
    -------
    value : numpy.ndarray
        Value per device still there [USD], shape (K+1, C, m); meaningless before service.
    stops : numpy.ndarray
        Whether a device in service stops, or leaves its site, at that bound, shape (K+1, C, m).
    """
    last = rent.shape[TIME] - 1
    cases = max(rent.shape[CASE], state.age.shape[CASE], state.scrap.shape[CASE], state.discount_factor.shape[CASE])
    shape = (last + 1, state.age.shape[0], cases)
    value, stops = np.empty(shape), np.empty(shape, dtype=bool)
    value[last], stops[last] = state.scrap, True
    for ahead in range(last - 1, -1, -1):
        value[ahead], stops[ahead] = _step_back(state, rent[ahead], value[ahead + 1], ahead, may_stop, around)
    return value, stops


def value_from_state(
    state: DeviceState, rent: FloatArray, *, may_stop: bool = True, around: Surroundings | None = None
) -> FloatArray:
    """Value of a device at one date, given its state and the rents expected then.

    The one rule for historical dates, scenarios and random paths; the months ahead are not kept.

    Parameters
    ----------
    state : DeviceState
        Devices at the date.
    rent : numpy.ndarray
        Expected market rent from the date on [USD per unit-hour], shape (K+1, S, m).
    may_stop : bool
        Whether the owner may stop running before the physical life.
    around : Surroundings, optional
        What the site does to the devices, by month ahead.

    Returns
    -------
    numpy.ndarray
        Value per device [USD], shape (C, m).
    """
    if may_stop and around is None and _is_free(state, rent.shape[TIME] - 1):
        return _value_of_free(state, rent)
    value = state.scrap
    for ahead in range(rent.shape[TIME] - 2, -1, -1):
        value, _ = _step_back(state, rent[ahead], value, ahead, may_stop, around)
    return value


def _is_free(state: DeviceState, months: int) -> bool:
    """Whether nothing but age and the owner's wish takes devices out of service within some months."""
    alike = state.age.shape[CASE] == 1 and state.physical_life.size == 1
    return alike and bool((state.age >= 0).all() and (state.forced_stop >= months).all())


def _value_of_free(state: DeviceState, rent: FloatArray) -> FloatArray:
    """Value of devices that only age and the owner's wish take out of service, shape (C, m)."""
    months, kind, age = rent.shape[TIME] - 1, state.kinds, state.age[:, 0]
    each = state.of(np.flatnonzero(np.diff(kind, prepend=-1)))
    parts = (rent, state.scrap, state.discount_factor, state.operating_cost, state.electricity, state.rent_coefficient)
    cases = max(part.shape[CASE] for part in (*parts, state.failure_hazard, state.age_efficiency))
    left = np.clip(state.physical_life.astype(np.int64) - age, 0, months)
    tables = (state.failure_hazard, state.generation, state.scrap, state.discount_factor)

    def quasi_rent(ahead: IntArray) -> FloatArray:
        earned, spent = device_earnings(each, rent[ahead[0] : ahead[-1] + 1, None], ahead[:, None, None])
        return earned - spent

    return value_in_place(Stay(kind, left, age, *tables), quasi_rent, cases)


def _step_back(
    state: DeviceState,
    rent: FloatArray,
    later: FloatArray,
    ahead: int,
    may_stop: bool,
    around: Surroundings | None,
) -> tuple[FloatArray, BoolArray]:
    """One month of the recursion: value and stop flag at the opening of the month, shape (C, m)."""
    surviving = 1.0 - state.by_age(state.failure_hazard, ahead)
    earned, spent = device_earnings(state, rent, ahead)
    quasi_rent, brings = earned - spent, state.scrap
    if around is not None:
        quasi_rent = quasi_rent - around.charge[min(ahead, len(around.charge) - 1)]
        brings = np.maximum(brings, around.elsewhere[min(ahead, len(around.elsewhere) - 1)])
    carry_on = (quasi_rent + surviving * later) * state.discount_factor
    age = state.age + ahead
    scheduled = ahead >= state.forced_stop
    stop = (age >= state.physical_life) | scheduled
    if around is not None:
        stop = stop | (ahead >= around.leaves)
    if may_stop:
        stop = stop | ((carry_on <= brings) & (age >= 0))
    proceeds = np.where(scheduled, state.forced_value, brings)
    return np.where(stop, proceeds, carry_on), stop


def never_forced(cohorts: int) -> tuple[IntArray, FloatArray]:
    """Forced stop and value of devices that leave only when the owner wishes, shapes (C, 1)."""
    return np.full((cohorts, 1), NEVER), np.zeros((cohorts, 1))
