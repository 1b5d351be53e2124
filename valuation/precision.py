"""Precision that paths are worked out in: double, or single, which rounds risk figures in their sixth digit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from valuation.timeline import Timeline

_Record = TypeVar("_Record")

DOUBLE = "double"
"""Precision of a run where nothing else is said."""
PRECISIONS = (DOUBLE, "single")
"""Precisions, by the names that NumPy has for them too."""
SHARE_OF_RANGE = 0.85
"""Share of the exponents that a precision can hold at which exponentials are cut, so that products of two stay finite
where one of them is small."""


def in_precision(record: _Record, dtype: DTypeLike) -> _Record:
    """Record whose real arrays have a precision, those of the records in it too.

    Parameters
    ----------
    record : dataclass
        Arrays, records of arrays and tuples of them; the monthly grid and whole numbers stay what they are.
    dtype : numpy.dtype
        Single or double precision.
    """
    found: _Record = _converted(record, np.dtype(dtype))
    return found


def _converted(value: Any, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 - a record may hold anything
    if isinstance(value, np.ndarray):
        return value.astype(dtype, copy=False) if value.dtype.kind == "f" else value
    if isinstance(value, tuple):
        return tuple(_converted(part, dtype) for part in value)
    if isinstance(value, Timeline) or not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{item.name: _converted(getattr(value, item.name), dtype) for item in fields(value)})


def largest_exponent(dtype: DTypeLike) -> float:
    """Exponent up to which exponentials of a precision are formed.

    Parameters
    ----------
    dtype : numpy.dtype
        Single or double precision.
    """
    return SHARE_OF_RANGE * float(np.log(np.finfo(np.dtype(dtype)).max))
