"""Readings of the results: sums by reporting group, by fiscal year and at the as-of date.

Everything a report prints is added up here, so that reports never calculate. Economic figures before the first
published bound are NaN: missing, not zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valuation.results import Results
from valuation.stages.market import first_observation
from valuation.timeline import CASE, COHORT, FloatArray, IntArray


@dataclass(frozen=True)
class LedgerSummary:
    """Movements of one ledger by group.

    Attributes
    ----------
    name : str
        Name of the ledger.
    opening, additions, depreciation, impairment, disposals, closing : (T, Q, n)
        Balances and movements by reporting group [USD].
    impaired : (T, n)
        Impairment of the whole fleet [USD]; reversals are negative.
    gap, hidden_depreciation : (T, Q, n)
        Gap at the end of the period and hidden depreciation of it [USD]; NaN before publication.
    """

    name: str
    opening: FloatArray
    additions: FloatArray
    depreciation: FloatArray
    impairment: FloatArray
    disposals: FloatArray
    closing: FloatArray
    impaired: FloatArray
    gap: FloatArray
    hidden_depreciation: FloatArray


@dataclass(frozen=True)
class EconomicSummary:
    """Economic figures by group; NaN before publication, but for units, which are facts.

    Attributes
    ----------
    units, retired_units : (T, Q, n)
        Units at the end of the period, units retired in it (USD of cost for calibrated cohorts).
    rent_per_hour : (T, Q, n)
        Market rent of a device at the end of the period [USD per device-hour]; NaN before the first observed rent,
        and for calibrated cohorts, which are known in dollars.
    quasi_rent, value_in_use, economic_value, economic_depreciation, purchase_surplus, exchange_discount, proceeds :
        (T, Q, n), [USD].
    """

    units: FloatArray
    retired_units: FloatArray
    rent_per_hour: FloatArray
    quasi_rent: FloatArray
    value_in_use: FloatArray
    economic_value: FloatArray
    economic_depreciation: FloatArray
    purchase_surplus: FloatArray
    exchange_discount: FloatArray
    proceeds: FloatArray


@dataclass(frozen=True)
class FiscalYears:
    """Fleet totals by fiscal year, shape (Y, n) each; dictionaries by ledger.

    Attributes
    ----------
    years : (Y,)
        Fiscal years.
    published : (Y,)
        Whether the whole year lies after the first published bound.
    economic_depreciation, purchase_surplus, exchange_discount, additions : (Y, n)
        [USD]; NaN in years not published.
    depreciation, written_off, charged, hidden_depreciation : dict of (Y, n)
        By ledger [USD]: depreciation, write-offs net of proceeds, their sum, and economic depreciation less that sum,
        NaN in years not published.
    """

    years: IntArray
    published: FloatArray
    economic_depreciation: FloatArray
    purchase_surplus: FloatArray
    exchange_discount: FloatArray
    additions: FloatArray
    depreciation: dict[str, FloatArray]
    written_off: dict[str, FloatArray]
    charged: dict[str, FloatArray]
    hidden_depreciation: dict[str, FloatArray]


@dataclass(frozen=True)
class AsOf:
    """Fleet totals at the as-of date, shape (n,) each; dictionaries by ledger.

    Attributes
    ----------
    economic_value, value_in_use : (n,)
        Value in exchange and in use [USD].
    carrying_amount, gap, opening_gap : dict of (n,)
        By ledger [USD]; the opening gap stands at the first published bound.
    purchase_surplus, exchange_discount : (n,)
        Sums over all purchases after the first published bound [USD].
    """

    economic_value: FloatArray
    value_in_use: FloatArray
    carrying_amount: dict[str, FloatArray]
    gap: dict[str, FloatArray]
    opening_gap: dict[str, FloatArray]
    purchase_surplus: FloatArray
    exchange_discount: FloatArray


@dataclass(frozen=True)
class Totals:
    """Fleet totals at every bound, shape (T+1, n) each; economic ones NaN before publication.

    Attributes
    ----------
    economic_value : (T+1, n)
        [USD].
    carrying_amount : dict of (T+1, n)
        By ledger [USD].
    """

    economic_value: FloatArray
    carrying_amount: dict[str, FloatArray]


class Summary:
    """All readings of one set of results, each worked out when it is first asked for.

    Parameters
    ----------
    results : Results
        Any number of cases.
    """

    def __init__(self, results: Results) -> None:
        self._results = results

    @cached_property
    def ledgers(self) -> tuple[LedgerSummary, ...]:
        """Movements of every ledger by reporting group, ``Q`` in the order of `FleetInputs.group`."""
        return _ledgers(self._results)

    @cached_property
    def economic(self) -> EconomicSummary:
        """Economic figures by reporting group."""
        return _economic(self._results)

    @cached_property
    def fiscal_years(self) -> FiscalYears:
        """Fleet totals by fiscal year."""
        return _fiscal_years(self._results)

    @cached_property
    def as_of(self) -> AsOf:
        """Fleet totals at the as-of date."""
        return _as_of(self._results)

    @cached_property
    def totals(self) -> Totals:
        """Fleet totals at every bound."""
        return _totals(self._results)


def summarise(results: Results) -> Summary:
    """Add the results up for reports.

    Parameters
    ----------
    results : Results
        Any number of cases.

    Returns
    -------
    Summary
        Same case axis.
    """
    return Summary(results)


def by_group(array: FloatArray, results: Results) -> FloatArray:
    """Sum cohorts into reporting groups.

    Parameters
    ----------
    array : numpy.ndarray
        By cohort, shape (T or T+1, C, n).
    results : Results
        Whose inputs hold the groups.

    Returns
    -------
    numpy.ndarray
        By group, shape (T or T+1, Q, n), case axis full.
    """
    group = results.inputs.fleet.group
    member = (group[:, None] == np.arange(results.inputs.groups)).astype(np.float64)
    summed = np.einsum("tcn,cq->tqn", array, member)
    return _all_cases(summed, results)


def _all_cases(array: FloatArray, results: Results) -> FloatArray:
    return np.array(np.broadcast_to(array, (*array.shape[:CASE], results.inputs.cases)))


def _fleet(array: FloatArray, results: Results) -> FloatArray:
    return _all_cases(array.sum(axis=COHORT), results)


def _hide(flows: FloatArray, results: Results, offset: int = 0) -> FloatArray:
    """NaN before publication; `offset` 1 for stocks at period ends listed by period."""
    flows[: max(results.published_from - offset, 0)] = np.nan
    return flows


def _ledgers(results: Results) -> tuple[LedgerSummary, ...]:
    found = []
    for ledger, gap in zip(results.ledgers, results.gaps, strict=True):
        carrying = by_group(ledger.carrying_amount, results)
        found.append(
            LedgerSummary(
                name=ledger.name,
                opening=carrying[:-1],
                additions=by_group(ledger.additions, results),
                depreciation=by_group(ledger.depreciation, results),
                impairment=by_group(ledger.impairment, results),
                disposals=by_group(ledger.disposals, results),
                closing=carrying[1:],
                impaired=_fleet(ledger.impairment, results),
                gap=_hide(by_group(gap.gap[1:], results), results, 1),
                hidden_depreciation=_hide(by_group(gap.hidden_depreciation, results), results),
            )
        )
    return tuple(found)


def _economic(results: Results) -> EconomicSummary:
    economic = results.economic

    def flow(array: FloatArray) -> FloatArray:
        return _hide(by_group(array, results), results)

    def stock(array: FloatArray) -> FloatArray:
        return _hide(by_group(array[1:], results), results, 1)

    return EconomicSummary(
        units=by_group(economic.units[1:], results),
        retired_units=by_group(economic.retired_units, results),
        rent_per_hour=_rent_per_hour(results),
        quasi_rent=flow(economic.quasi_rent),
        value_in_use=stock(economic.value_in_use),
        economic_value=stock(economic.value_in_exchange),
        economic_depreciation=flow(economic.economic_depreciation),
        purchase_surplus=flow(economic.purchase_surplus),
        exchange_discount=flow(economic.exchange_discount),
        proceeds=flow(economic.proceeds),
    )


def _rent_per_hour(results: Results) -> FloatArray:
    """Market rent of a device-hour of each group, (T, Q, n)."""
    fleet, silicon = results.inputs.fleet, results.inputs.silicon
    first = np.array([int(np.argmax(fleet.group == group)) for group in range(results.inputs.groups)])
    service = silicon.service[fleet.generation[first]]
    rent = _all_cases((results.market.rent[1:, None] * service).max(axis=2), results)
    observed = results.inputs.history.observed_rent
    rent[: len(rent) if np.isnan(observed).all() else max(first_observation(observed) - 1, 0)] = np.nan
    return np.where(fleet.calibrated[first][:, None] > 0, np.nan, rent)


def _fiscal_years(results: Results) -> FiscalYears:
    timeline, economic = results.inputs.timeline, results.economic
    years = timeline.fiscal_years
    first = timeline.fiscal_year_of_bound[results.published_from]
    published = years > first if results.published_from > 0 else years >= first

    def yearly(array: FloatArray, *, hide: bool = True) -> FloatArray:
        sums = _all_cases(timeline.fiscal_year_sums(array.sum(axis=COHORT)), results)
        return np.where(published[:, None] | (not hide), sums, np.nan)

    depreciation = {ledger.name: yearly(ledger.depreciation, hide=False) for ledger in results.ledgers}
    lost = {gap.ledger: yearly(gap.written_off, hide=False) for gap in results.gaps}
    return FiscalYears(
        years=years,
        published=published,
        economic_depreciation=yearly(economic.economic_depreciation),
        purchase_surplus=yearly(economic.purchase_surplus),
        exchange_discount=yearly(economic.exchange_discount),
        additions=yearly(economic.additions_at_cost, hide=False),
        depreciation=depreciation,
        written_off=lost,
        charged={name: depreciation[name] + lost[name] for name in lost},
        hidden_depreciation={gap.ledger: yearly(gap.hidden_depreciation) for gap in results.gaps},
    )


def _as_of(results: Results) -> AsOf:
    bound, opening, economic = results.inputs.timeline.as_of, results.published_from, results.economic

    def at(array: FloatArray, when: int = bound) -> FloatArray:
        return _all_cases(array[when].sum(axis=0), results)

    return AsOf(
        economic_value=total_value_in_exchange(results),
        value_in_use=at(economic.value_in_use),
        carrying_amount={ledger.name: at(ledger.carrying_amount) for ledger in results.ledgers},
        gap=total_gap(results),
        opening_gap={gap.ledger: at(gap.gap, opening) for gap in results.gaps},
        purchase_surplus=_all_cases(economic.purchase_surplus[opening:].sum(axis=(0, 1)), results),
        exchange_discount=_all_cases(economic.exchange_discount[opening:].sum(axis=(0, 1)), results),
    )


def _totals(results: Results) -> Totals:
    economic = results.economic
    return Totals(
        economic_value=_hide(_fleet(economic.value_in_exchange, results), results),
        carrying_amount={ledger.name: _fleet(ledger.carrying_amount, results) for ledger in results.ledgers},
    )


def total_gap(results: Results) -> dict[str, FloatArray]:
    """Gap of the fleet at the as-of date by ledger [USD], shape (n,) each.

    Parameters
    ----------
    results : Results
        Any number of cases.
    """
    bound = results.inputs.timeline.as_of
    return {gap.ledger: _all_cases(gap.gap[bound].sum(axis=0), results) for gap in results.gaps}


def total_value_in_exchange(results: Results) -> FloatArray:
    """Value in exchange of the fleet at the as-of date [USD], shape (n,).

    Parameters
    ----------
    results : Results
        Any number of cases.
    """
    bound = results.inputs.timeline.as_of
    return _all_cases(results.economic.value_in_exchange[bound].sum(axis=0), results)


def by_fleet(array: FloatArray, results: Results) -> FloatArray:
    """Sum over cohorts of an array of shape (T or T+1, C, n): shape (T or T+1, n), case axis full."""
    return _fleet(array, results)


def fiscal_years_to_date(flows: FloatArray, results: Results) -> FloatArray:
    """Sums by fiscal year of what lies before the as-of date.

    Parameters
    ----------
    flows : numpy.ndarray
        By period and cohort [USD], shape (T, C, n).
    results : Results
        Whose timeline and cases are used.

    Returns
    -------
    numpy.ndarray
        Shape (Y, n), in the order of `FiscalYears.years`; zero in later years.
    """
    fleet, timeline = _fleet(flows, results), results.inputs.timeline
    fleet[timeline.as_of :] = 0.0
    return timeline.fiscal_year_sums(fleet)
