"""Value in exchange of a device: what a market participant would pay, from its earnings or from an age-price curve."""

from __future__ import annotations

import numpy as np

from valuation.timeline import TIME, FloatArray, IntArray


def exchange_value(
    value_in_use: FloatArray,
    scrap: FloatArray,
    cost: FloatArray,
    replacement_ratio: FloatArray,
    premium: FloatArray,
    haircut: FloatArray,
) -> FloatArray:
    """Value a market participant would pay: value in use, capped by the cost of replacing the service.

    Parameters
    ----------
    value_in_use : numpy.ndarray
        Value in use [USD per device], shape (T+1, C, n).
    scrap, cost : numpy.ndarray
        Scrap value and own cost [USD per device], shape (C, n).
    replacement_ratio : numpy.ndarray
        Replacement cost of a unit of service over that at purchase, shape (T+1, C, n).
    premium : numpy.ndarray
        Premium of a device at hand over one to be delivered, shape (n,).
    haircut : numpy.ndarray
        Share that a closed resale market takes away, shape (T+1, 1, n).

    Returns
    -------
    numpy.ndarray
        Value in exchange [USD per device], shape (T+1, C, n).
    """
    open_market = np.minimum(value_in_use, cost * replacement_ratio * (1.0 + premium))
    return np.maximum(scrap, open_market * (1.0 - haircut))


def resale_value(
    cost: FloatArray, age: IntArray, age_price: FloatArray, haircut: FloatArray, physical_life: FloatArray
) -> FloatArray:
    """Value from an age-price curve alone, without rents.

    Parameters
    ----------
    cost : numpy.ndarray
        Cost [USD per device], shape (C, n).
    age : numpy.ndarray
        Age at the bounds [months], shape (T+1, C).
    age_price : numpy.ndarray
        Price relative to new by month of age, shape (P, n); the last level is held.
    haircut : numpy.ndarray
        Discount of a sale, shape (n,).
    physical_life : numpy.ndarray
        Age at which the device is retired [months], shape (n,).

    Returns
    -------
    numpy.ndarray
        Value [USD per device], shape (T+1, C, n).
    """
    relative = age_price[np.clip(age, 0, age_price.shape[TIME] - 1)]
    alive = age[:, :, None] <= physical_life
    return np.where(alive, cost * relative * (1.0 - haircut), 0.0)
