"""Changes of estimate of a case as an issuer discloses them, in rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assumptions.runs import CaseRun
from valuation.analysis.estimates import EstimateEffect, estimate_effects
from valuation.books.policies import TaxInputs
from valuation.books.tax import state_after_federal
from valuation.timeline import FloatArray

YEARS = 3
"""Fiscal years listed from that of the change on."""
BASE = 0
MILLION = 1e6


@dataclass(frozen=True)
class EstimateRow:
    """Effect of one change of estimate on one fiscal year, in the base.

    Attributes
    ----------
    ledger : str
        Set of books.
    since : str
        First month in which the new estimate holds.
    fiscal_year : int
        Year of the effect.
    depreciation_usd, operating_income_usd, net_income_usd : float
        New less old estimate, on the assets in service at the change [USD].
    per_share_usd : float or None
        Net income by diluted share [USD]; none where their number is not given.
    """

    ledger: str
    since: str
    fiscal_year: int
    depreciation_usd: float
    operating_income_usd: float
    net_income_usd: float
    per_share_usd: float | None


def estimate_table(run: CaseRun) -> list[EstimateRow]:
    """Every change of estimate in the sets of books of a case, in the year of the change and the two after it.

    Parameters
    ----------
    run : CaseRun
        An evaluated case.
    """
    base = run.inputs.take(np.array([BASE]))
    shares = run.case.tax.diluted_shares_million
    found = estimate_effects(base, _rate(base.tax, base.timeline.periods))
    months = [str(month) for month in base.timeline.period_ends]
    count = None if shares is None else shares.value * MILLION
    return [row for effect in found for row in _rows(effect, months[effect.period], count)]


def _rate(tax: TaxInputs | None, periods: int) -> FloatArray:
    """Federal and state rate on a change of income, the state's being deductible, shape (T, 1)."""
    if tax is None:
        return np.zeros((periods, 1))
    federal = tax.federal_rate[:, None]
    return np.asarray(federal + state_after_federal(tax.state_rate, federal))


def _rows(effect: EstimateEffect, since: str, shares: float | None) -> list[EstimateRow]:
    rows = []
    for number, year in enumerate(effect.years[:YEARS]):
        net = float(effect.net_income[number, BASE])
        rows.append(
            EstimateRow(
                ledger=effect.ledger,
                since=since,
                fiscal_year=int(year),
                depreciation_usd=float(effect.depreciation[number, BASE]),
                operating_income_usd=float(effect.operating_income[number, BASE]),
                net_income_usd=net,
                per_share_usd=None if shares is None else net / shares,
            )
        )
    return rows
