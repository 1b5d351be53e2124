"""Assumptions that a workbook follows in its own formulas: their value in the base, and what scenarios do to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assumptions.arrays.reliability import repair_share_of_cost
from assumptions.cases.listing import describe
from assumptions.cases.overlay import apply_scenario
from assumptions.chapters.schema import Case, Change, Scenario
from assumptions.door.months import between, is_month

FIXED_KEYS = (
    "terms.required_return_annual",
    "terms.planning_life_months",
    "terms.planning_decline_log_per_year",
    "terms.scrap_share_of_cost",
    "terms.delivery_premium_share",
    "terms.physical_life_months",
    "market.contract_to_list_ratio",
    "market.paid_share",
    "market.pass_through",
    "market.generic_cadence_months",
    "market.generic_step_log",
    "market.landing_delay_months",
    "market.reversion_half_life_months",
    "market.scarcity_target_log",
    "market.ramp_midpoint_months",
    "market.ramp_width_months",
    "market.resale_haircut_share",
    "operations.electricity_price_usd_per_kwh",
    "operations.pue",
    "operations.mean_load_of_it_kw",
    "operations.facility_rent_usd_per_it_kw_month",
    "operations.maintenance_share_of_cost_per_year",
)
"""Keys of terms, market and running cost; what each part costs and serves is added."""
PART_FIELDS = ("cost_usd", "it_kw", "service_units", "landing")
NEUTRAL = (1.0, 0.0)


@dataclass(frozen=True)
class LiveInput:
    """An assumption by scenario, each a multiple of the base plus an amount.

    Attributes
    ----------
    key, label, unit : str
        As listed.
    base : float
        Value in the base; a month as months from the as-of month.
    is_month : bool
        Whether the base is typed as a month.
    factors, addends : tuple of float
        One a scenario, the base first; a value that is set has a factor of zero.
    """

    key: str
    label: str
    unit: str
    base: float
    is_month: bool
    factors: tuple[float, ...]
    addends: tuple[float, ...]

    @property
    def changes(self) -> bool:
        """Whether some scenario changes it."""
        return any(pair != NEUTRAL for pair in zip(self.factors, self.addends, strict=True))

    @property
    def values(self) -> tuple[float, ...]:
        """One a scenario."""
        return tuple(self.base * factor + added for factor, added in zip(self.factors, self.addends, strict=True))


def live_inputs(case: Case, scenarios: Sequence[Scenario], solved: dict[str, float]) -> tuple[LiveInput, ...]:
    """Assumptions that formulas of a workbook can follow.

    Parameters
    ----------
    case : Case
        The base.
    scenarios : sequence of Scenario
        All scenarios run, the base first.
    solved : dict of float
        Values of keys that the program found, by key.

    Returns
    -------
    tuple of LiveInput
        In the order of the list of assumptions.
    """
    parts = [f"silicon.{name}.{field}" for name in case.silicon for field in PART_FIELDS]
    wanted = {*FIXED_KEYS, *parts}
    found = []
    for row in describe(case):
        value = solved.get(row.key, row.value) if row.value is None else row.value
        if row.key not in wanted or value is None or isinstance(value, bool):
            continue
        month = isinstance(value, str) and is_month(value)
        if isinstance(value, str) and not month:
            continue
        base = float(between(case.as_of, str(value))) if month else float(value)
        pairs = [_affine(case, scenario, row.key) for scenario in scenarios]
        factors, addends = zip(*pairs, strict=True)
        found.append(LiveInput(row.key, row.label, row.unit, base, month, factors, addends))
    return tuple(found)


def repair_shares(case: Case, scenarios: Sequence[Scenario]) -> dict[str, tuple[float, ...]]:
    """Repairs a year as a share of the cost of every priced part, one number a scenario.

    Parameters
    ----------
    case : Case
        The base.
    scenarios : sequence of Scenario
        All scenarios run, the base first.
    """
    cases = [case, *(apply_scenario(case, scenario) for scenario in scenarios[1:])]
    return {
        name: tuple(repair_share_of_cost(each, each.silicon[name]) for each in cases)
        for name, part in case.silicon.items()
        if part.priced
    }


def _affine(case: Case, scenario: Scenario, key: str) -> tuple[float, float]:
    """What the changes of a scenario do to a key, one after another."""
    factor, added = NEUTRAL
    for change in scenario.change:
        if change.key == key:
            times, plus = _one(case, change)
            factor, added = factor * times, added * times + plus
    return factor, added


def _one(case: Case, change: Change) -> tuple[float, float]:
    value = change.value
    if isinstance(value, str):
        return 0.0, float(between(case.as_of, value))
    amount = value["value"] if isinstance(value, dict) else value
    assert isinstance(amount, int | float)
    if change.op == "set":
        return 0.0, float(amount)
    return (float(amount), 0.0) if change.op == "scale" else (1.0, float(amount))
