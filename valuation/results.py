"""The records the engine returns: arrays with time first, case last.

Flows have ``T`` entries, stocks ``T + 1``; money is nominal USD, rents are USD per unit-hour, lives are months.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from valuation.books.ledgers import Gap, Ledger
from valuation.books.tax import TaxYears
from valuation.devices.lives import Lives
from valuation.inputs import Inputs
from valuation.timeline import FloatArray, IntArray


@dataclass(frozen=True)
class Market:
    """Prices behind the values.

    Attributes
    ----------
    rent : (T+1, S, n)
        Market rent: observed to the as-of bound, the case's path after it [USD per unit-hour].
    earned : (T+1, S, n)
        What the owner earns on all of the usual paid hours: the rent less what goes unsold [USD per unit-hour].
    market_entry_rent : (T+1, S, n)
        Entry rent of the market on the case's path [USD per unit-hour].
    replacement_cost : (T+1, S, n)
        Cost of a unit of service bought new [USD].
    power, space : (T+1, S, n)
        Power [kW] and racks of a unit of service bought new.
    generation_entry_rent : (G, S, n)
        Entry rent of each generation [USD per unit-hour]; infinite where unpriced.
    generation_shutdown : (G, S, n)
        Rent at which running a new device of each generation stops paying [USD per unit-hour].
    scarcity : (S, n)
        Log of rent over entry rent at the as-of bound.
    planning_decline : (n,)
        Planned decline of rents [log per month].
    """

    rent: FloatArray
    earned: FloatArray
    market_entry_rent: FloatArray
    replacement_cost: FloatArray
    power: FloatArray
    space: FloatArray
    generation_entry_rent: FloatArray
    generation_shutdown: FloatArray
    scarcity: FloatArray
    planning_decline: FloatArray


@dataclass(frozen=True)
class Placement:
    """Devices on sites that are short of something, or that they may leave for another, after the as-of bound.

    Attributes
    ----------
    shadow : (K+1, Z, n)
        Worth of a unit of what each site is short of, from the as-of bound on [USD per kW or rack and month].
    charge : (K+1, C, n)
        What the place of a device would earn with a challenger in it [USD per device-month]; zero while none can be
        had.
    taken : (C, n)
        What a device takes of what its site is short of [kW or racks].
    waits : (C, n)
        Bound from which it no longer pays for its place, for no challenger can be had; `NEVER` if it always does.
    moved : (C, n)
        Bound at which the devices move to another site; `NEVER` if they do not.
    leaves : (C, n)
        Bound at which devices that still pay give way to challengers; `NEVER` if they do not.
    """

    shadow: FloatArray
    charge: FloatArray
    taken: FloatArray
    waits: IntArray
    moved: IntArray
    leaves: IntArray


@dataclass(frozen=True)
class Rights:
    """Values beside those of the devices at the as-of bound, shape (n,) each [USD].

    Attributes
    ----------
    power : (n,)
        Present value of what the places of the devices would earn with challengers in them: the right to power or
        racks, which the value of the devices leaves out.
    committed_capacity : (n,)
        Present value of capacity charges owed whether the devices run or not, which it leaves out too.
    """

    power: FloatArray
    committed_capacity: FloatArray


@dataclass(frozen=True)
class Economic:
    """Economic values and flows of the cohorts.

    Attributes
    ----------
    units : (T+1, C, n)
        Units in the stock.
    retired_units : (T, C, n)
        Units retired at the opening of the period.
    retirement : (C, n)
        Retirement bound; `NEVER` beyond the grid.
    unit_value_in_use, unit_value_in_exchange : (T+1, C, n)
        Value per surviving device [USD]; at the retirement bound what the device brings.
    value_in_use, value_in_exchange : (T+1, C, n)
        Value of the stock [USD]; the second is the headline `economic_value`.
    additions, additions_at_cost : (T, C, n)
        Additions at value in exchange and at cost [USD].
    purchase_surplus : (T, C, n)
        Value in use less cost at in-service [USD].
    exchange_discount : (T, C, n)
        Value in use less value in exchange at in-service [USD].
    proceeds : (T, C, n)
        Proceeds of retired units [USD].
    economic_depreciation : (T, C, n)
        Fall of value in exchange, additions and proceeds allowed for [USD].
    quasi_rent : (T, C, n)
        Rent less avoidable operating cost [USD].
    gross_rent : (T, C, n)
        Rent [USD].
    """

    units: FloatArray
    retired_units: FloatArray
    retirement: IntArray
    unit_value_in_use: FloatArray
    unit_value_in_exchange: FloatArray
    value_in_use: FloatArray
    value_in_exchange: FloatArray
    additions: FloatArray
    additions_at_cost: FloatArray
    purchase_surplus: FloatArray
    exchange_discount: FloatArray
    proceeds: FloatArray
    economic_depreciation: FloatArray
    quasi_rent: FloatArray
    gross_rent: FloatArray


@dataclass(frozen=True)
class Cash:
    """Cash by bound, cohorts added up.

    Attributes
    ----------
    gross_rent, operating_cost, proceeds, capital_expenditure : (T+1, n)
        Flows dated by the bound at which they are paid [USD]; costs are positive numbers.
    net : (T+1, n)
        Rent and proceeds less operating cost and capital expenditure [USD].
    """

    gross_rent: FloatArray
    operating_cost: FloatArray
    proceeds: FloatArray
    capital_expenditure: FloatArray
    net: FloatArray


@dataclass(frozen=True)
class Returns:
    """Returns on flows after the as-of bound.

    Attributes
    ----------
    owned : (n,)
        Value in exchange of devices in service at the as-of bound [USD].
    under_construction : (n,)
        Cost of devices bought but not yet in service then [USD].
    npv, npv_in_use : (n,)
        Net present value with the owned devices entering at value in exchange, and without that outflow [USD].
    irr, mirr : (n,)
        Chosen internal rate and modified rate, effective annual.
    irr_roots : tuple of arrays
        All internal rates of each case.
    payback, discounted_payback : (n,)
        Months; NaN if never.
    """

    owned: FloatArray
    under_construction: FloatArray
    npv: FloatArray
    npv_in_use: FloatArray
    irr: FloatArray
    mirr: FloatArray
    irr_roots: tuple[FloatArray, ...]
    payback: FloatArray
    discounted_payback: FloatArray

    @property
    def entering(self) -> FloatArray:
        """What the flows start from: devices owned, at value in exchange, and those under construction, (n,) [USD]."""
        return np.asarray(self.owned + self.under_construction)


@dataclass(frozen=True)
class Taxes:
    """Tax on the flows after the as-of bound, and deferred tax.

    Attributes
    ----------
    years : (Y,)
        Fiscal years that end after the as-of bound; the first counts from that bound on.
    ends : (Y,)
        Bounds at their ends.
    income : (Y, n)
        Quasi-rents [USD].
    deductions : dict of (Y, n)
        Depreciation and what is left of the basis of devices that leave, less their proceeds, by tax book [USD].
    federal, state : TaxYears
        Income, losses and tax by year, shape (Y, n) each.
    paid : (T+1, n)
        Tax paid, at the ends of fiscal years [USD].
    basis : dict of (T+1, n)
        Adjusted basis by tax book [USD].
    deferred : dict of (T+1, n)
        Deferred tax liability by set of books [USD]; negative is an asset.
    shield : (Y, n)
        Tax that the deductions save where they are used in full [USD].
    present_value_of_tax, present_value_of_shield : (n,)
        At the as-of bound and the required return [USD].
    npv_after_tax : (n,)
        Net present value less the present value of tax [USD].
    """

    years: IntArray
    ends: IntArray
    income: FloatArray
    deductions: dict[str, FloatArray]
    federal: TaxYears
    state: TaxYears
    paid: FloatArray
    basis: dict[str, FloatArray]
    deferred: dict[str, FloatArray]
    shield: FloatArray
    present_value_of_tax: FloatArray
    present_value_of_shield: FloatArray
    npv_after_tax: FloatArray

    @property
    def due(self) -> FloatArray:
        """Federal and state tax by year, shape (Y, n) [USD]."""
        return np.asarray(self.federal.tax + self.state.tax)

    @property
    def deferred_at_year_ends(self) -> dict[str, FloatArray]:
        """Deferred tax at the ends of the fiscal years, by set of books, shape (Y, n) [USD]."""
        return {name: array[self.ends] for name, array in self.deferred.items()}


@dataclass(frozen=True)
class Results:
    """Everything the engine found, for each case.

    Attributes
    ----------
    published_from : int
        First bound at which economic figures are published: the first fiscal year-end with an observed rent.
    cohort_lives, fleet_lives : Lives
        Lives by cohort (C, n) and for the fleet, weighted by cost (1, n).
    life_beyond_plan : (n,)
        What the option to run beyond the planned life, or to stop before, adds to a new frontier device on its own
        plan, as a share of cost.
    taxes : Taxes or None
        Where tax books are kept.
    placement : Placement or None
        Where some site is short of something or has devices that may move on.
    rights : Rights or None
        Where the case has sites.
    """

    inputs: Inputs
    market: Market
    economic: Economic
    ledgers: tuple[Ledger, ...]
    gaps: tuple[Gap, ...]
    cash: Cash
    returns: Returns
    cohort_lives: Lives
    fleet_lives: Lives
    life_beyond_plan: FloatArray
    published_from: int
    taxes: Taxes | None = None
    placement: Placement | None = None
    rights: Rights | None = None

    def with_ledgers(self, names: Collection[str]) -> Results:
        """Results with some of the sets of books only.

        Parameters
        ----------
        names : collection of str
            Names of those that stay.
        """
        kept = [number for number, ledger in enumerate(self.ledgers) if ledger.name in names]
        return replace(
            self,
            inputs=replace(self.inputs, ledgers=tuple(self.inputs.ledgers[number] for number in kept)),
            ledgers=tuple(self.ledgers[number] for number in kept),
            gaps=tuple(self.gaps[number] for number in kept),
        )
