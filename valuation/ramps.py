"""How the volume of something new grows after it arrives."""

from __future__ import annotations

import numpy as np

from valuation.timeline import FloatArray


def ramp(months: FloatArray, midpoint: FloatArray, width: FloatArray) -> FloatArray:
    """Share of its final volume that a part has reached some months after it landed.

    Logistic, rescaled to run from 0 at landing to 1.

    Parameters
    ----------
    months : numpy.ndarray
        Months since landing, any shape ending in the case axis; negative before landing.
    midpoint, width : numpy.ndarray
        Parameters of the logistic [months], shape (n,).

    Returns
    -------
    numpy.ndarray
        Share of volume, shape of `months` broadcast with (n,).
    """
    since = np.maximum(months, 0.0)
    start = ramp_start(midpoint, width)
    level = 1.0 / (1.0 + np.exp(-(since - midpoint) / width))
    return np.asarray((level - start) / (1.0 - start))


def ramp_start(midpoint: FloatArray, width: FloatArray) -> FloatArray:
    """Level of a logistic at landing, which the ramp takes out.

    Parameters
    ----------
    midpoint, width : numpy.ndarray
        Parameters of the logistic [months], any shape.
    """
    return np.asarray(1.0 / (1.0 + np.exp(midpoint / width)))
