"""Charge patterns the ledgers share."""

from __future__ import annotations

import numpy as np

from valuation.timeline import FloatArray


def straight_line(carrying: FloatArray, salvage: FloatArray, remaining: FloatArray) -> FloatArray:
    r"""Charge of one month that spreads what is left evenly over what remains of the life.

    .. math:: D = \frac{\max(N - S, 0)}{\max(L - a, 1)}

    A changed life or salvage therefore acts prospectively (ASC 250-10-45-17, IAS 8.36); a life already used up is
    charged off in the month.

    Parameters
    ----------
    carrying, salvage : numpy.ndarray
        Carrying amount :math:`N` at the opening and salvage :math:`S` [USD], broadcastable shapes.
    remaining : numpy.ndarray
        Months of life left at the opening, :math:`L - a`.

    Returns
    -------
    numpy.ndarray
        Depreciation of the month [USD], broadcast shape.
    """
    return np.maximum(carrying - salvage, 0.0) / np.maximum(remaining, 1.0)
