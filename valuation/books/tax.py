"""Tax depreciation and what it is worth: conventions by the year's additions, expensing, losses, deferred tax."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.timeline import MONTHS_PER_YEAR, QUARTER_MONTHS, TIME, BoolArray, FloatArray, IntArray


def mid_quarter_applies(
    basis: FloatArray, fiscal_year: IntArray, fiscal_month: IntArray, threshold: float
) -> BoolArray:
    """Whether the mid-quarter convention holds for property placed in service in a fiscal year (IRC 168(d)(3)).

    Parameters
    ----------
    basis : numpy.ndarray
        Depreciable basis after expensing, not reduced by bonus depreciation [USD], shape (C,); zero for real property.
    fiscal_year, fiscal_month : numpy.ndarray
        Fiscal year of placement, and the month's place in it, 1 to 12, shape (C,).
    threshold : float
        Share of the year's basis in its last quarter above which it does.

    Returns
    -------
    numpy.ndarray
        Shape (C,), alike for all property of a year.
    """
    years, member = np.unique(fiscal_year, return_inverse=True)
    last = fiscal_month > MONTHS_PER_YEAR - QUARTER_MONTHS
    of_year = np.bincount(member, weights=basis, minlength=years.size)
    of_quarter = np.bincount(member, weights=basis * last, minlength=years.size)
    return np.asarray((of_quarter > threshold * of_year)[member])


def expensing_allowed(placed: FloatArray, limit: FloatArray, phase_out_from: FloatArray) -> FloatArray:
    r"""Most that may be expensed in a year (IRC 179(b)).

    .. math:: \max(0,\; L - \max(0,\; P - P_0))

    Parameters
    ----------
    placed : numpy.ndarray
        Cost of property placed in service in the year :math:`P` [USD], shape (Y,).
    limit, phase_out_from : numpy.ndarray
        Limit :math:`L`, and cost from which it shrinks :math:`P_0` [USD], shape (Y,).

    Returns
    -------
    numpy.ndarray
        [USD], shape (Y,).
    """
    return np.maximum(limit - np.maximum(placed - phase_out_from, 0.0), 0.0)


@dataclass(frozen=True)
class TaxYears:
    """Tax of one entity by fiscal year, shape (Y, n) each.

    Attributes
    ----------
    income : (Y, n)
        Income before losses brought forward [USD].
    loss_used, loss_carried : (Y, n)
        Losses set off in the year, and left at its end [USD].
    taxable : (Y, n)
        Taxable income [USD], never negative unless losses are relieved at once.
    tax : (Y, n)
        Tax due [USD]; negative is a refund, which only a group with other profits gets.
    """

    income: FloatArray
    loss_used: FloatArray
    loss_carried: FloatArray
    taxable: FloatArray
    tax: FloatArray


def tax_years(
    income: FloatArray, rate: FloatArray, loss_limit: FloatArray | float, relieved_at_once: IntArray | bool
) -> TaxYears:
    """Tax by fiscal year with losses carried forward without end (IRC 172).

    Parameters
    ----------
    income : numpy.ndarray
        Income after depreciation, before losses brought forward [USD], shape (Y, n).
    rate : numpy.ndarray
        Rate of each year, shape (Y, 1) or (Y, n).
    loss_limit : numpy.ndarray or float
        Share of a year's income that losses may offset, shape (n,) or scalar.
    relieved_at_once : numpy.ndarray or bool
        Whether a loss meets other profits of the group in the same year, shape (n,) or scalar.

    Returns
    -------
    TaxYears
        Shape (Y, n) each.
    """
    at_once = np.asarray(relieved_at_once, dtype=bool)
    used, carried = np.zeros(income.shape), np.zeros(income.shape)
    left = np.zeros(income.shape[1:])
    for year in range(len(income)):
        used[year] = np.minimum(left, loss_limit * np.maximum(income[year], 0.0))
        left = left - used[year] + np.where(at_once, 0.0, np.maximum(-income[year], 0.0))
        carried[year] = left
    taxable = np.where(at_once, income, np.maximum(income, 0.0) - used)
    return TaxYears(income, used, carried, taxable, taxable * rate)


def state_after_federal(state_rate: FloatArray, federal_rate: FloatArray) -> FloatArray:
    r"""Burden of the state's tax, which is deducted from federal income (IRC 164).

    .. math:: s (1 - f)

    Parameters
    ----------
    state_rate, federal_rate : numpy.ndarray
        Rates, shapes that broadcast to one another.

    Returns
    -------
    numpy.ndarray
        Share of income, of the broadcast shape.
    """
    return np.asarray(state_rate * (1.0 - federal_rate))


def deferred_tax(carrying: FloatArray, basis: FloatArray, rate: FloatArray | float) -> FloatArray:
    r"""Deferred tax liability :math:`\tau (N - B)`, undiscounted (ASC 740, IAS 12); negative is an asset.

    Parameters
    ----------
    carrying, basis : numpy.ndarray
        Carrying amount in the books and tax basis [USD], shape (T+1, n).
    rate : numpy.ndarray or float
        Tax rate, shape (T+1, 1) or scalar.

    Returns
    -------
    numpy.ndarray
        [USD], shape (T+1, n).
    """
    return np.asarray(rate * (carrying - basis))


def present_value_of_deductions(deductions: FloatArray, discount_rate: float) -> FloatArray:
    r"""Present value :math:`z = \sum_j d_j / (1 + r)^j` of yearly deductions, the first one year ahead.

    Parameters
    ----------
    deductions : numpy.ndarray
        By year, shape (Y, ...).
    discount_rate : float
        Effective annual rate.

    Returns
    -------
    numpy.ndarray
        Shape (...).
    """
    years = np.arange(1, len(deductions) + 1)
    factors = (1.0 + discount_rate) ** -years.astype(np.float64)
    return np.asarray(np.tensordot(factors, deductions, axes=(0, TIME)))
