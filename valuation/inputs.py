"""The record the engine runs on: frozen arrays, time first, case last.

Axes: ``T`` periods, ``C`` cohorts, ``G`` silicon generations, ``S`` demand segments, ``A`` months of age, ``n`` cases.
Every array carries the case axis, of length 1 where nothing varies, so ordinary broadcasting joins them. Money is
nominal USD, time is months, rents are USD per unit-hour (a unit is one reference device's service), rates are
monthly; conversions happen before these records are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np

from valuation.errors import ShapeError
from valuation.timeline import CASE, FloatArray, IntArray, Timeline

STRUCTURAL, CURVE, RESALE = 0, 1, 2
"""Market modes: landings and scarcity, a named decay curve, an age-price curve without rents."""
PLAN_DEFAULT, PLAN_FLAT, PLAN_HINDSIGHT = 0, 1, 2
"""Rent path behind the plan of a calibrated cohort: falling at the planning decline, flat, or as it came."""
NEVER = 10**6
"""Bound index of what does not happen; far beyond any grid."""

_Record = TypeVar("_Record", bound="_Arrays")


def _axes(names: str) -> Any:  # noqa: ANN401  (dataclasses.field is typed as the field itself)
    """Declare the axes of an array field; ``n`` and names in lower case may have length 1."""
    return field(metadata={"axes": tuple(names.split())})


@dataclass(frozen=True)
class _Arrays:
    """Base of the array records: read-only arrays, shapes checked once."""

    def __post_init__(self) -> None:
        for item in fields(self):
            if "axes" in item.metadata:
                array = np.asarray(getattr(self, item.name))
                array = array.view()
                array.flags.writeable = False
                object.__setattr__(self, item.name, array)

    def arrays(self) -> dict[str, tuple[Any, tuple[str, ...]]]:
        """Array fields with their declared axes."""
        return {
            item.name: (getattr(self, item.name), item.metadata["axes"])
            for item in fields(self)
            if "axes" in item.metadata
        }

    def take(self: _Record, cases: IntArray) -> _Record:
        """Record of the chosen cases (shape (m,)); arrays that do not vary keep length 1."""
        chosen = {
            name: array[..., cases] if axes[CASE] == "n" and array.shape[CASE] > 1 else array
            for name, (array, axes) in self.arrays().items()
        }
        return replace(self, **chosen)


@dataclass(frozen=True)
class FleetInputs(_Arrays):
    """What was bought, when, and how it wears.

    Attributes
    ----------
    group : (C,)
        Reporting group (asset class and generation) of each cohort.
    generation : (C,)
        Index of the silicon generation; for a calibrated cohort that of the reference device at purchase.
    calibrated : (C,)
        1 for a cohort known in dollars only, whose unit is one USD of cost and whose rent level is calibrated.
    purchase, in_service, scheduled_retirement : (C,)
        Bound indices; negative before the grid, `NEVER` where nothing is scheduled.
    units : (C, n)
        Units bought. For a cohort in service before the grid, units still there at bound 0.
    cost : (C, n)
        Capitalised cost [USD per unit].
    sale_value : (C, n)
        Proceeds at the scheduled retirement [USD per unit]; NaN means scrap.
    """

    group: IntArray = _axes("C")
    generation: IntArray = _axes("C")
    calibrated: IntArray = _axes("C")
    purchase: IntArray = _axes("C")
    in_service: IntArray = _axes("C")
    scheduled_retirement: IntArray = _axes("C")
    units: FloatArray = _axes("C n")
    cost: FloatArray = _axes("C n")
    sale_value: FloatArray = _axes("C n")


@dataclass(frozen=True)
class SiliconInputs(_Arrays):
    """The generations that can be bought or that set the price.

    Attributes
    ----------
    priced : (G,)
        Whether cost and service are known; a dated part without them is a generic with a name.
    sets_price : (G,)
        Whether the landing of the part moves the market (a refresh of a landed part may be owned without doing so).
    cost : (G, n)
        All-in capital cost [USD per device].
    operating_cost : (G, n)
        Avoidable operating cost [USD per device-month].
    service : (G, S, n)
        Rent-equivalent units per device in each segment; zero where the part is not eligible.
    failure_hazard : (A, g, n)
        Probability of permanent failure in the month that starts at each age.
    age_efficiency : (A, g, n)
        Service of a device of each age relative to a new one.
    physical_life : (n,)
        Age at which every device is retired [months].
    """

    priced: IntArray = _axes("G")
    sets_price: IntArray = _axes("G")
    cost: FloatArray = _axes("G n")
    operating_cost: FloatArray = _axes("G n")
    service: FloatArray = _axes("G S n")
    failure_hazard: FloatArray = _axes("A g n")
    age_efficiency: FloatArray = _axes("A g n")
    physical_life: FloatArray = _axes("n")


@dataclass(frozen=True)
class OutlookInputs(_Arrays):
    """What is expected of rents from some date on.

    Attributes
    ----------
    mode : (n,)
        `STRUCTURAL`, `CURVE` or `RESALE`.
    landing : (G, n)
        Landing bound of each generation as planned in the base.
    delay : (G, n)
        Months by which the landing slips (negative: comes early) in this case.
    known_from : (G, n)
        Bound from which the part is known (announced).
    generic_cadence, generic_step : (n,)
        Months between unnamed landings; log fall of the entry rent at each.
    pass_through : (n,)
        Share of the fall of the entry rent that reaches market rents.
    drift : (n,)
        Decline of rents beside landings [log per month].
    reversion_half_life : (n,)
        Months in which scarcity halves.
    ramp_midpoint, ramp_width : (n,)
        Logistic volume ramp after a landing [months].
    curve : (K, n)
        Log rent relative to the anchor, by month after it; the last level is held.
    """

    mode: IntArray = _axes("n")
    landing: FloatArray = _axes("G n")
    delay: FloatArray = _axes("G n")
    known_from: FloatArray = _axes("G n")
    generic_cadence: FloatArray = _axes("n")
    generic_step: FloatArray = _axes("n")
    pass_through: FloatArray = _axes("n")
    drift: FloatArray = _axes("n")
    reversion_half_life: FloatArray = _axes("n")
    ramp_midpoint: FloatArray = _axes("n")
    ramp_width: FloatArray = _axes("n")
    curve: FloatArray = _axes("K n")


@dataclass(frozen=True)
class HistoryInputs(_Arrays):
    """Observed contract rents.

    Attributes
    ----------
    observed_rent : (B, S, n)
        Rent at bounds 0 to the as-of bound [USD per unit-hour]; NaN where there is no observation.
    """

    observed_rent: FloatArray = _axes("B S n")


@dataclass(frozen=True)
class TermsInputs(_Arrays):
    """Terms of valuation.

    Attributes
    ----------
    discount_factor : (n,)
        Discount factor of one month.
    paid_hours : (n,)
        Paid device-hours in a month.
    planning_life : (n,)
        Months over which an entrant plans.
    planning_decline : (n,)
        Decline of rents an entrant plans with [log per month]; NaN asks for the value at which entry breaks even.
    plan : (n,)
        `PLAN_DEFAULT`, `PLAN_FLAT` or `PLAN_HINDSIGHT`: the rent path behind the plan of calibrated cohorts.
    scrap_share : (n,)
        Scrap value as a share of cost.
    delivery_premium : (n,)
        Premium of a device at hand over a new one to be delivered.
    sale_haircut : (n,)
        Discount of a sale, `RESALE` mode only.
    age_price : (P, n)
        Price of a used device relative to a new one by month of age, `RESALE` mode only; the last level is held.
    """

    discount_factor: FloatArray = _axes("n")
    paid_hours: FloatArray = _axes("n")
    planning_life: FloatArray = _axes("n")
    planning_decline: FloatArray = _axes("n")
    plan: IntArray = _axes("n")
    scrap_share: FloatArray = _axes("n")
    delivery_premium: FloatArray = _axes("n")
    sale_haircut: FloatArray = _axes("n")
    age_price: FloatArray = _axes("P n")


@dataclass(frozen=True)
class LedgerInputs(_Arrays):
    """One set of books over the cohorts.

    Attributes
    ----------
    name : str
        Name of the ledger.
    life : (T, c, n)
        Book life in force in each period [months]; a step is a prospective change of estimate.
    salvage_share : (c, n)
        Book salvage as a share of cost.
    write_off_failures : bool
        Whether failed units leave the books when they fail (unit accounting) or stay in the group.
    """

    name: str
    life: FloatArray = _axes("T c n")
    salvage_share: FloatArray = _axes("c n")
    write_off_failures: bool = True


@dataclass(frozen=True)
class FrozenMarket(_Arrays):
    """Quantities measured once, in the base, and shared by every scenario and path.

    Attributes
    ----------
    planning_decline : (n,)
        Decline of rents an entrant plans with [log per month].
    scarcity : (S, n)
        Log of observed rent over the entry rent at the as-of bound.
    market_entry_rent : (T+1, S, n)
        Entry rent of the market on the base path [USD per unit-hour].
    plan_rent : (C, n)
        Rent of a calibrated cohort at the start of its plan [USD per USD of cost and month]; zero elsewhere.
    plan_operating_cost : (C, n)
        Operating cost of a calibrated cohort [USD per USD of cost and month]; zero elsewhere.
    life_beyond_plan : (n,)
        What the freedom to stop early or to run beyond the planned life adds to a new frontier device on its own plan,
        as a share of cost.
    """

    planning_decline: FloatArray = _axes("n")
    scarcity: FloatArray = _axes("S n")
    market_entry_rent: FloatArray = _axes("B S n")
    plan_rent: FloatArray = _axes("C n")
    plan_operating_cost: FloatArray = _axes("C n")
    life_beyond_plan: FloatArray = _axes("n")


@dataclass(frozen=True)
class Inputs:
    """Everything `valuation.engine.evaluate` needs, for one case or a stack of them.

    `outlook` is what was expected at historical dates and in the base; `path` is the future of the case itself.
    `frozen` is filled by `valuation.calibration.freeze`.
    """

    timeline: Timeline
    fleet: FleetInputs
    silicon: SiliconInputs
    outlook: OutlookInputs
    path: OutlookInputs
    history: HistoryInputs
    terms: TermsInputs
    ledgers: tuple[LedgerInputs, ...]
    frozen: FrozenMarket | None = None

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {"T": self.timeline.periods}
        for record in self._records():
            _check_axes(record, sizes)
        _check_ages(self)

    def _records(self) -> list[_Arrays]:
        parts: list[_Arrays] = [self.fleet, self.silicon, self.outlook, self.path, self.history, self.terms]
        return [*parts, *self.ledgers]

    @property
    def cases(self) -> int:
        """Number of cases ``n``."""
        frozen = [self.frozen] if self.frozen is not None else []
        return max(
            int(array.shape[CASE])
            for record in [*self._records(), *frozen]
            for array, axes in record.arrays().values()
            if axes[CASE] == "n"
        )

    @property
    def groups(self) -> int:
        """Number of reporting groups."""
        return int(self.fleet.group.max()) + 1

    def take(self, cases: IntArray) -> Inputs:
        """Inputs of the chosen cases (shape (m,)), in the order given."""
        parts = {
            item.name: getattr(self, item.name).take(cases)
            for item in fields(self)
            if isinstance(getattr(self, item.name), _Arrays)
        }
        return replace(self, ledgers=tuple(ledger.take(cases) for ledger in self.ledgers), **parts)

    @staticmethod
    def stack(cases: Sequence[Inputs]) -> Inputs:
        """Join cases along the case axis; what is equal in all of them keeps length 1, but for the drift of the path.

        That one is always written out, so that a stack of equal cases is still as wide as it has cases. It bears on
        the future only: values in history, which scenarios share, are still computed once.
        """
        first = cases[0]
        parts: dict[str, Any] = {
            item.name: _stack_records([getattr(case, item.name) for case in cases])
            for item in fields(first)
            if isinstance(getattr(first, item.name), _Arrays)
        }
        path, count = parts["path"], sum(case.cases for case in cases)
        parts["path"] = replace(path, drift=np.broadcast_to(path.drift, (count,)))
        columns = zip(*(case.ledgers for case in cases), strict=True)
        return replace(first, ledgers=tuple(_stack_records(list(column)) for column in columns), **parts)


def _check_axes(record: _Arrays, sizes: dict[str, int]) -> None:
    local: dict[str, int] = {}
    for name, (array, axes) in record.arrays().items():
        if array.ndim != len(axes):
            raise ShapeError(f"{type(record).__name__}.{name} has {array.ndim} axes, {len(axes)} are needed: {axes}")
        for axis, length in zip(axes, array.shape, strict=True):
            key = "n" if axis == "n" else axis.upper()
            known = sizes if key in "TCGSn" else local
            if axis.islower() and length == 1:
                continue
            if known.setdefault(key, length) != length:
                raise ShapeError(f"{type(record).__name__}.{name}: axis {axis} is {length}, elsewhere {known[key]}")


def _check_ages(inputs: Inputs) -> None:
    """Age tables reach the physical life, lives are whole months, and the grid sees every cohort to its end."""
    silicon, terms, fleet = inputs.silicon, inputs.terms, inputs.fleet
    oldest = min(len(silicon.failure_hazard), len(silicon.age_efficiency))
    for name, life in (("physical_life", silicon.physical_life), ("planning_life", terms.planning_life)):
        if np.any(life != np.floor(life)) or np.any(life < 1) or np.any(life > oldest):
            raise ShapeError(
                f"{name} must be whole months from 1 to {oldest}, the length of the age tables; got {life}"
            )
    needed = int(fleet.in_service.max() + silicon.physical_life.max()) + 1
    if needed > inputs.timeline.periods:
        raise ShapeError(f"the grid has {inputs.timeline.periods} periods, the last cohort needs {needed}")
    for view in (inputs.outlook, inputs.path):
        if np.any(view.curve[0] != 0.0):
            raise ShapeError("a curve starts at zero, its anchor")


def _stack_records(records: list[_Record]) -> _Record:
    first = records[0]
    joined: dict[str, Any] = {}
    plain = [item.name for item in fields(first) if "axes" not in item.metadata]
    for name in plain:
        if any(getattr(record, name) != getattr(first, name) for record in records):
            raise ShapeError(f"cases differ in {type(first).__name__}.{name}, which all cases of a stack must share")
    for name, (array, axes) in first.arrays().items():
        parts = [getattr(record, name) for record in records]
        equal = all(part is array or _same(part, array) for part in parts[1:])
        if axes[CASE] != "n" and not equal:
            raise ShapeError(f"cases differ in {type(first).__name__}.{name}, which all cases of a stack must share")
        if equal and (axes[CASE] != "n" or array.shape[CASE] == 1):
            joined[name] = array
            continue
        shape = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
        joined[name] = np.concatenate([np.broadcast_to(part, (*shape, part.shape[CASE])) for part in parts], axis=CASE)
    return replace(first, **joined)


def _same(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
