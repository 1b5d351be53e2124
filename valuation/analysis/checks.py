"""Identities that every result must satisfy, whatever the assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from valuation.books.ledgers import Gap
from valuation.devices.returns import net_present_value
from valuation.inputs import RESALE
from valuation.results import Results
from valuation.stages.upkeep import net_scrap
from valuation.timeline import CASE, COHORT, FloatArray

RELATIVE_TOLERANCE = 1e-9
"""Largest residual allowed, as a share of the largest cost or value in the case."""


@dataclass(frozen=True)
class Check:
    """One identity.

    Attributes
    ----------
    name : str
        What must hold.
    residual : float
        Largest absolute residual over all cases [USD].
    tolerance : float
        Largest residual allowed [USD].
    """

    name: str
    residual: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the identity holds."""
        return bool(self.residual <= self.tolerance)


def check(results: Results) -> list[Check]:
    """Check the identities of a result.

    Parameters
    ----------
    results : Results
        Any number of cases.

    Returns
    -------
    list of Check
        In a fixed order; a NaN residual fails.
    """
    economic, owned = results.economic, results.inputs.fleet
    amounts = (owned.units * owned.cost, economic.value_in_use, economic.quasi_rent)
    tolerance = RELATIVE_TOLERANCE * max(float(np.abs(amount).max()) for amount in amounts)
    checks = [Check(name, float(np.abs(residual).max()), tolerance) for name, residual in _residuals(results)]
    rent = "market: rent at the as-of date is the observed one in every case [USD per unit-hour]"
    largest = RELATIVE_TOLERANCE * float(results.market.rent.max())
    return [*checks, Check(rent, float(np.abs(_anchor(results)).max()), largest)]


def _residuals(results: Results) -> Iterator[tuple[str, FloatArray]]:
    """What is left of every identity [USD], made one at a time so that one only is held."""
    for ledger, gap in zip(results.ledgers, results.gaps, strict=True):
        opening, closing = ledger.carrying_amount[:-1], ledger.carrying_amount[1:]
        moved = ledger.additions - ledger.depreciation - ledger.impairment - ledger.disposals
        yield f"{ledger.name}: opening and movements give closing", opening + moved - closing
        yield f"{ledger.name}: nothing is carried at the end", ledger.carrying_amount[-1]
        yield f"{ledger.name}: no negative carrying amount", np.minimum(ledger.carrying_amount, 0.0)
        yield f"{ledger.name}: hidden depreciation is the change of the gap and the surplus", _hidden(results, gap)
    economic = results.economic
    fallen = economic.value_in_exchange[:-1] + economic.additions - economic.proceeds
    left = fallen - economic.economic_depreciation - economic.value_in_exchange[1:]
    yield "economic: opening, additions, proceeds and fall give closing", left
    yield "economic: no device in service is worth less than scrap", _below_scrap(results)
    yield "economic: value in exchange never exceeds value in use", _above_use(results)
    yield "economic: value in use is the present value of what the devices will pay", _present_value(results)


def _hidden(results: Results, gap: Gap) -> FloatArray:
    economic = results.economic
    surplus = economic.purchase_surplus - economic.exchange_discount
    stock, flow = gap.gap, gap.hidden_depreciation
    return np.asarray(flow.sum(axis=0) - (stock[-1] - stock[0]) - surplus.sum(axis=0))


def _below_scrap(results: Results) -> FloatArray:
    scrap = net_scrap(results.inputs)
    by_curve = (results.inputs.path.mode == RESALE) | (results.inputs.outlook.mode == RESALE)
    present = (results.economic.units > 0.0) & ~by_curve & _sold_at_scrap(results)
    return np.where(present, np.minimum(results.economic.unit_value_in_exchange - scrap, 0.0), 0.0)


def _sold_at_scrap(results: Results) -> FloatArray:
    """Whether a bound is not the date of a scheduled sale, shape (T+1, C, n)."""
    bound = np.arange(results.inputs.timeline.periods + 1)[:, None, None]
    scheduled = results.inputs.fleet.scheduled_retirement[:, None]
    return np.asarray(bound != scheduled)


def _above_use(results: Results) -> FloatArray:
    economic = results.economic
    return np.maximum(economic.unit_value_in_exchange - economic.unit_value_in_use, 0.0) * (economic.units > 0.0)


def _present_value(results: Results) -> FloatArray:
    """Value in use at the as-of date less the discounted quasi-rents and proceeds of the devices then in service."""
    inputs, economic = results.inputs, results.economic
    as_of = inputs.timeline.as_of
    owned = (inputs.fleet.in_service <= as_of)[:, None]
    charged = _charged(results)
    rents = ((economic.quasi_rent[as_of:] - charged) * owned).sum(axis=COHORT)
    sold = (economic.proceeds[as_of:] * owned).sum(axis=COHORT)
    flows = np.concatenate([np.zeros((1, rents.shape[CASE])), rents])
    flows[:-1] += sold
    by_curve = np.broadcast_to(inputs.path.mode == RESALE, (rents.shape[CASE],))
    present = net_present_value(flows, inputs.terms.discount_factor)
    return np.where(by_curve, 0.0, present - economic.value_in_use[as_of].sum(axis=0))


def _charged(results: Results) -> FloatArray:
    """What the places of the devices would earn with challengers in them, which their value leaves out, (K, C, n)."""
    units = results.economic.units[results.inputs.timeline.as_of : -1]
    if results.placement is None:
        return np.zeros((len(units), 1, 1))
    runs = np.arange(results.inputs.timeline.as_of, results.inputs.timeline.periods)[:, None, None]
    return np.asarray(units * (runs < results.economic.retirement) * results.placement.charge[: len(units)])


def _anchor(results: Results) -> FloatArray:
    observed = results.inputs.history.observed_rent[-1]
    rent = results.market.rent[results.inputs.timeline.as_of]
    return np.where(np.isnan(observed), 0.0, rent - observed)
