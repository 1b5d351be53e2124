"""The recursion of `valuation.devices.value` worked in place, for many devices that only age forces out of service.

Devices that earn and cost the same at any age are one *kind*: their quasi-rents are found once. What tells them apart,
scrap and the months that are left to them, enters in the recursion alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from valuation.records import generation_rows
from valuation.timeline import FloatArray, IntArray

MONTHS_AT_ONCE = 16
"""Months whose quasi-rents are found together: few enough to stay in cache, enough to spread the cost of a call."""


@dataclass(frozen=True)
class Stay:
    """Devices that may stay in service until they are too old.

    Attributes
    ----------
    kind : (C,)
        Kind of each.
    left : (C,)
        Months that it may run at most.
    age : (C,)
        Age at the date [months].
    failure_hazard : (A, g, m)
        Monthly failure probability by age.
    generation : (C,)
        Row of the table for each.
    scrap : (C, m)
        Scrap value [USD per device].
    discount_factor : (m,)
        Discount factor of a month.
    """

    kind: IntArray
    left: IntArray
    age: IntArray
    failure_hazard: FloatArray
    generation: IntArray
    scrap: FloatArray
    discount_factor: FloatArray

    def sorted(self) -> tuple[Stay, IntArray]:
        """The same with those that have least left first, and the order taken."""
        order = np.argsort(self.left, kind="stable")
        row = generation_rows(self.failure_hazard, self.generation[order])
        chosen = (self.kind[order], self.left[order], self.age[order], self.failure_hazard, row)
        return Stay(*chosen, self.scrap[order], self.discount_factor), order

    def runs(self, first: int) -> list[tuple[slice, slice]]:
        """Kinds and devices that go together from a device on: many of one kind, or one each of successive kinds."""
        kind = self.kind.tolist()
        found: list[tuple[slice, slice]] = []
        low = first
        while low < len(kind):
            step = kind[low + 1] - kind[low] if low + 1 < len(kind) else 0
            high = low + 1
            while step in (0, 1) and high < len(kind) and kind[high] - kind[high - 1] == step:
                high += 1
            found.append((slice(kind[low], kind[high - 1] + 1), slice(low, high)))
            low = high
        return found


def value_in_place(stay: Stay, quasi_rent: Callable[[IntArray], FloatArray], cases: int) -> FloatArray:
    r"""Value of devices whose owners are free to stop.

    .. math:: V(t) = \max\{Z,\; v\,[\pi(t) + (1-\lambda)\,V(t+1)]\}

    Parameters
    ----------
    stay : Stay
        Devices at the date.
    quasi_rent : callable
        Quasi-rents of the kinds in some months ahead, shape (k,), as (k, kinds, m) [USD per device-month].
    cases : int
        Cases ``m``.

    Returns
    -------
    numpy.ndarray
        [USD per device], shape (C, m).
    """
    ordered, order = stay.sorted()
    value, scrap = np.array(np.broadcast_to(ordered.scrap, (len(order), cases))), ordered.scrap
    last = int(ordered.left[-1]) if len(order) else 0
    first = np.searchsorted(ordered.left, np.arange(last), side="right").tolist()
    survive, discount = _Survival(ordered, last), ordered.discount_factor
    start, now, least, runs = len(order), value[:0], scrap[:0], list[tuple[slice, FloatArray]]()
    for end in range(last, 0, -MONTHS_AT_ONCE):
        months = np.arange(max(end - MONTHS_AT_ONCE, 0), end)
        earned = quasi_rent(months)
        for ahead in range(end - 1, int(months[0]) - 1, -1):
            if first[ahead] != start:
                start = first[ahead]
                now, least = value[start:], scrap[start:]
                runs = [(kinds, value[devices]) for kinds, devices in ordered.runs(start)]
            now *= survive.share(ahead, start)
            for kinds, devices in runs:
                devices += earned[ahead - int(months[0]), kinds]
            now *= discount
            np.maximum(now, least, out=now)
    result = np.empty_like(value)
    result[order] = value
    return result


class _Survival:
    """Share of devices, those with least left first, that survive a month."""

    def __init__(self, stay: Stay, months: int) -> None:
        hazard = stay.failure_hazard
        self._surviving, self._generation = 1.0 - hazard, stay.generation
        self._age = np.minimum(stay.age + np.arange(months)[:, None], len(hazard) - 1)
        changes = (hazard[1:] != hazard[:-1]).any(axis=(1, 2))
        level = np.append(0, np.cumsum(changes))[self._age]
        runs = stay.left > np.arange(months)[:, None]
        alike = (level == level[:, -1:]) | ~runs
        self._alike = alike.all(axis=1) & (hazard.shape[1] == 1)

    def share(self, ahead: int, start: int) -> FloatArray:
        """Share surviving the month of the devices from one on, shape (c or 1, m)."""
        if self._alike[ahead]:
            return np.asarray(self._surviving[self._age[ahead, -1]])
        return np.asarray(self._surviving[self._age[ahead, start:], self._generation[start:]])
