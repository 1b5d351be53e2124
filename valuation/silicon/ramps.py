"""How the volume of something new grows after it arrives."""

from __future__ import annotations

import numpy as np

from valuation.precision import largest_exponent
from valuation.timeline import CASE, FloatArray


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


def ramps_ahead(
    since: FloatArray, weight: FloatArray, midpoint: FloatArray, width: FloatArray, horizon: int
) -> FloatArray:
    r"""What weighted ramps add up to over the months ahead of a date, less what they come to at the date.

    .. math:: \sum_l w_l\,[F(m_l + k) - F(m_l)]

    with :math:`F` of `ramp`. The odds of a logistic fall by the same factor every month, so exponentials are taken once
    a ramp and not once a month.

    Parameters
    ----------
    since : numpy.ndarray
        Months since landing at the date :math:`m`, negative before it, minus infinity for never, shape (L, n).
    weight : numpy.ndarray
        Weights :math:`w`, shape (L, q, n).
    midpoint, width : numpy.ndarray
        Parameters of the logistic [months], shape (n,).
    horizon : int
        Months ahead, ``K``.

    Returns
    -------
    numpy.ndarray
        In the precision of the weights, shape (K+1, q, n); zero in the first row.
    """
    since, midpoint, width = (part.astype(weight.dtype, copy=False) for part in (since, midpoint, width))
    cases = max(since.shape[CASE], weight.shape[CASE], np.size(midpoint), np.size(width))
    fades = _fades(np.exp(-1.0 / np.broadcast_to(width, (cases,))), horizon)
    total = np.zeros((horizon + 1, weight.shape[1], cases), dtype=weight.dtype)
    rows = np.empty((horizon + 1, cases), dtype=weight.dtype)
    at_landing, reach = np.exp(midpoint / width), 1.0 - ramp_start(midpoint, width)
    for months, each in zip(since, weight / reach, strict=True):
        first = int(np.clip(np.ceil(-months.max()), 0, horizon + 1))
        if first > horizon or not each.any():
            continue
        now = 1.0 / (1.0 + np.exp(np.minimum(midpoint - months, midpoint) / width))
        share = _odds(months + first, (midpoint, width), fades, rows[first:])
        # Once all have landed, none is kept at what it is at landing.
        waiting = share[: int(np.clip(np.ceil(-months.min()) - first + 1, 0, horizon + 1))]
        np.minimum(waiting, at_landing, out=waiting)
        share += 1.0
        np.divide(1.0, share, out=share)
        share -= now
        for column, height in enumerate(each[:-1]):
            total[first:, column] += height * share
        total[first:, -1] += np.multiply(share, each[-1], out=share)
    return total


def _fades(monthly: FloatArray, horizon: int) -> FloatArray:
    """Powers 0 to K of a factor (n,), shape (K+1, n)."""
    powers = np.ones((horizon + 1, monthly.size), dtype=monthly.dtype)
    # Month by month: a cumulative product down the first axis is many times slower.
    for month in range(horizon):
        np.multiply(powers[month], monthly, out=powers[month + 1])
    return powers


def _odds(since: FloatArray, shape: tuple[FloatArray, FloatArray], fades: FloatArray, out: FloatArray) -> FloatArray:
    """Odds of a logistic (k, n) from some months after landing on (n,), too high or infinite before it."""
    midpoint, width = shape
    exponent = (midpoint - since) / width
    if exponent.max() > largest_exponent(exponent.dtype):
        with np.errstate(over="ignore"):
            return np.exp(exponent - np.arange(len(out), dtype=out.dtype)[:, None] / width, out=out)
    return np.multiply(np.exp(exponent), fades[: len(out)], out=out)
