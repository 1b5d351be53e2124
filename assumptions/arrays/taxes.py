"""From the tax chapter of a case to the tax books of the engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assumptions.arrays.cohorts import Cohort
from assumptions.chapters.schema import Case, Tax
from assumptions.door import taxlaw
from assumptions.door.casewise import per_case
from assumptions.door.messages import error
from assumptions.door.months import EPOCH_MONTH, between
from valuation.books.charges import Method
from valuation.books.conventions import Convention
from valuation.books.policies import ComponentInputs, LedgerInputs, TaxInputs
from valuation.books.tax import mid_quarter_applies
from valuation.timeline import (
    MONTHS_PER_YEAR,
    NEVER,
    QUARTER_MONTHS,
    BoolArray,
    FloatArray,
    IntArray,
    Timeline,
    fiscal_month,
    fiscal_year,
)

FEDERAL, STATE = "federal_tax", "state_tax"


def tax_inputs(case: Case, dated: Sequence[Cohort], valued: Sequence[Cohort], own: Timeline) -> TaxInputs:
    """Tax books of a case: federal, and those of a state that may know no bonus depreciation.

    Parameters
    ----------
    case : Case
        Whose tax chapter is used.
    dated : sequence of Cohort
        Cohorts of the base, whose dates hold for every case.
    valued : sequence of Cohort
        Cohorts of the case, for their amounts: what a year adds decides on its convention.
    own : Timeline
        The grid.
    """
    tax = case.tax
    classes = [years for years in taxlaw.property_classes() if years != taxlaw.REAL_PROPERTY]
    if tax.property_class_years.value not in classes:
        what = f"{tax.property_class_years.value:.15g} is no recovery period of equipment"
        allowed = ", ".join(str(years) for years in classes)
        raise error("tax.property_class_years", what, f"{allowed} [years]", "choose one of them")
    at_once = _bonus(tax, dated)
    basis = np.array([cohort.units * cohort.unit_cost_usd for cohort in valued])
    late = _late(dated, basis, own)
    state_share = at_once if tax.state_bonus.value == "yes" else np.zeros_like(at_once)
    rates = [taxlaw.corporate_rate(_year_begins(int(year), own)) for year in own.fiscal_year_of_period]
    return TaxInputs(
        ledgers=(_book(FEDERAL, tax, late, at_once), _book(STATE, tax, late, state_share)),
        federal_rate=np.array(rates),
        state_rate=per_case(tax.state_rate.value),
        loss_limit=per_case(tax.loss_limit_share.value),
        relieved_at_once=np.array([int(tax.losses.value == "group_relief")]),
    )


def _year_begins(fiscal_year: int, own: Timeline) -> str:
    """First day of a fiscal year."""
    month = own.fiscal_year_end % MONTHS_PER_YEAR + 1
    year = fiscal_year if month == 1 else fiscal_year - 1
    return f"{year:04d}-{month:02d}-01"


def _bonus(tax: Tax, cohorts: Sequence[Cohort]) -> FloatArray:
    """Share of each cohort that is deducted at once, shape (C,)."""
    if tax.bonus.value == "no":
        return np.zeros(len(cohorts))
    years = int(tax.property_class_years.value)
    # The contract is taken to be signed on the first day of the month of purchase, service to begin on its last.
    return np.array(
        [taxlaw.bonus_share(f"{cohort.purchase}-01", f"{cohort.in_service}-28", years) for cohort in cohorts]
    )


def _late(cohorts: Sequence[Cohort], basis: FloatArray, own: Timeline) -> tuple[BoolArray, IntArray]:
    """Whether the mid-quarter convention holds for each cohort, and the quarter of its placement, shape (C,) each."""
    service = np.array([between(EPOCH_MONTH, cohort.in_service) for cohort in cohorts])
    year, place = fiscal_year(service, own.fiscal_year_end), fiscal_month(service, own.fiscal_year_end)
    kept = np.where(_leaves_in(cohorts, own) == year, 0.0, basis)
    late = mid_quarter_applies(kept, year, place, taxlaw.MID_QUARTER_THRESHOLD)
    return late, (place - 1) // QUARTER_MONTHS + 1


def _book(name: str, tax: Tax, placed: tuple[BoolArray, IntArray], at_once: FloatArray) -> LedgerInputs:
    """A tax book: printed percentages by the convention of the year's additions, and what is deducted at once."""
    late, quarter = placed
    rest = 1.0 - at_once
    parts = [
        _part("half year", Convention.HALF_YEAR, tax, np.where(late, 0.0, rest), np.zeros_like(quarter)),
        _part("mid quarter", Convention.MID_QUARTER, tax, np.where(late, rest, 0.0), quarter),
        ComponentInputs(
            "at once",
            life=np.full((1, 1, 1), float(MONTHS_PER_YEAR)),
            share=at_once[:, None],
            convention=Convention.HALF_YEAR,
            whole_first_year=True,
        ),
    ]
    return LedgerInputs(name, tuple(parts))


def _leaves_in(cohorts: Sequence[Cohort], own: Timeline) -> IntArray:
    """Fiscal year in which a scheduled retirement takes a cohort off the books, the day after its month, shape (C,).

    What leaves in the year of its placement counts for no convention (IRC 168(d)(3)(B)(ii)).
    """
    leaves = [NEVER if cohort.retired is None else between(EPOCH_MONTH, cohort.retired) + 1 for cohort in cohorts]
    return fiscal_year(np.array(leaves), own.fiscal_year_end)


def _part(name: str, convention: Convention, tax: Tax, share: FloatArray, placed: IntArray) -> ComponentInputs:
    years = int(tax.property_class_years.value)
    tables = taxlaw.percentages()
    columns = [tables[years, convention.name.lower(), int(quarter)] for quarter in placed]
    shares = np.array(columns).T
    return ComponentInputs(
        name,
        life=np.full((1, 1, 1), float(len(shares) * MONTHS_PER_YEAR)),
        share=share[:, None],
        method=np.array([[Method.TABLE]]),
        percentages=shares,
        convention=convention,
        frequency=MONTHS_PER_YEAR,
        whole_first_year=True,
    )
