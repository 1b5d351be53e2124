"""How far something new has spread since it began, and what its supply can serve."""

from __future__ import annotations

import numpy as np
from scipy import special

from valuation.silicon.substitution import fisher_pry_share, takeover_time
from valuation.timeline import FloatArray


def takeover_steepness(years: FloatArray) -> FloatArray:
    r"""Steepness of a substitution that goes from a tenth to nine tenths in a given time.

    .. math:: \alpha = \frac{\ln 81}{2 \tau}

    Parameters
    ----------
    years : numpy.ndarray
        Takeover time :math:`\tau` above zero [years], any shape.

    Returns
    -------
    numpy.ndarray
        Half the growth of the odds [per year], same shape; inverse of `valuation.silicon.substitution.takeover_time`.
    """
    return np.asarray(takeover_time(np.ones_like(years)) / years)


def spread_since(years: FloatArray, first_share: FloatArray, steepness: FloatArray) -> FloatArray:
    r"""Share of what was still open at the start that a substitute has taken since.

    .. math:: a(t) = \frac{f(t) - f_0}{1 - f_0}, \quad \frac{f}{1-f} = \frac{f_0}{1-f_0}\,e^{2\alpha t}

    Parameters
    ----------
    years : numpy.ndarray
        Years since the start, broadcastable to shape (T, ..., n); nothing is taken before it.
    first_share : numpy.ndarray
        Share held at the start :math:`f_0`, between 0 and 1, broadcastable to shape (..., n).
    steepness : numpy.ndarray
        Half the growth of the odds :math:`\alpha` [per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Between 0 at the start and 1 in the end, shape (T, ..., n).

    Notes
    -----
    Fisher and Pry (1971), counted from a date at which the substitution is under way: what it held by then is in the
    prices of that date.
    """
    first = np.minimum(first_share, np.nextafter(1.0, 0.0))
    midpoint = -special.logit(first) / (steepness + steepness)
    share = fisher_pry_share(np.maximum(years, 0.0), midpoint, steepness)
    return np.asarray(np.maximum(share - first, 0.0) / (1.0 - first))


def supplied_since(years: FloatArray, growth: FloatArray) -> FloatArray:
    r"""Supply added up since a start, in units of the first year's pace.

    .. math:: \int_0^t e^{g s}\,ds = \frac{e^{g t} - 1}{g}

    Parameters
    ----------
    years : numpy.ndarray
        Years since the start, broadcastable to shape (T, ..., n); nothing is supplied before it.
    growth : numpy.ndarray
        Growth of the pace :math:`g` [log per year], broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Shape (T, ..., n).
    """
    since = np.maximum(years, 0.0)
    return np.asarray(since * special.exprel(growth * since))
