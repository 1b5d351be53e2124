"""Values by case: one number, or an array with one number a case where an assumption is drawn at random.

What converts assumptions goes through these lines for both, and puts the case axis last. Plain numbers stay plain until
they are laid out, so that a case on its own keeps its figures to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from valuation.timeline import FloatArray


def per_case(value: float | FloatArray) -> FloatArray:
    """A value along the case axis.

    Parameters
    ----------
    value : float or numpy.ndarray
        A number, or an array of shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (1,) or (n,).
    """
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


def listed(values: Iterable[float | FloatArray]) -> FloatArray:
    """Values of several things, one row each.

    Parameters
    ----------
    values : iterable of float or numpy.ndarray
        Numbers, or arrays of shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (number of values, 1 or n).
    """
    return together([per_case(value) for value in values], axis=0)


def together(arrays: list[FloatArray], axis: int) -> FloatArray:
    """Arrays along a new axis, those that do not vary by case repeated.

    Parameters
    ----------
    arrays : list of numpy.ndarray
        Alike but for axes of length 1, shape (..., n).
    axis : int
        Place of the new axis.

    Returns
    -------
    numpy.ndarray
        Shape (..., number of arrays, ..., n).
    """
    return np.stack(np.broadcast_arrays(*arrays), axis=axis)
