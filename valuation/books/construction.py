"""Assets under construction: what waiting for service adds to their cost."""

from __future__ import annotations

import numpy as np

from valuation.timeline import MONTHS_PER_YEAR, TIME, FloatArray


def capitalised_interest(spent: FloatArray, rate: FloatArray | float) -> FloatArray:
    r"""Interest on average accumulated expenditure until service (ASC 835-20-30-2, IAS 23.12), simple.

    .. math:: I = \bar A \, r \, \frac{m}{12}, \qquad \bar A = \frac{1}{m} \sum_{t=1}^{m} A_t

    Parameters
    ----------
    spent : numpy.ndarray
        Accumulated expenditure :math:`A_t` in each month of construction [USD], shape (m, ...).
    rate : numpy.ndarray or float
        Annual rate :math:`r`, shape (...) or scalar.

    Returns
    -------
    numpy.ndarray
        [USD], shape (...); nil where nothing is under construction.
    """
    return np.asarray(spent.sum(axis=TIME) * rate / MONTHS_PER_YEAR)
