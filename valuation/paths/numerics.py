"""What the last bits of a result depend on beside its inputs, and how to keep them from depending on threads."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_info, threadpool_limits

PROGRAM = "obsolesce"

Numerics = tuple[tuple[str, str], ...]
"""Names and values, in a fixed order."""


@cache
def numerics() -> Numerics:
    """Versions, processor and libraries of this process; where all agree, so do all bits of a block."""
    simd: Mapping[str, Any] = np.show_config(mode="dicts").get("SIMD Extensions", {})
    # Libraries of linear algebra choose their kernels by the processor they find.
    kernels = {str(found["architecture"]) for found in threadpool_info() if "architecture" in found}
    return (
        (PROGRAM, _program()),
        ("numpy", np.__version__),
        ("scipy", scipy.__version__),
        ("processor", platform.machine()),
        ("vectors", " ".join(simd.get("found", [])) or "none"),
        ("linear algebra", " ".join(sorted(kernels)) or "unknown"),
        ("C library", " ".join(platform.libc_ver()).strip() or platform.system()),
    )


def _program() -> str:
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "not installed"


def difference(found: Numerics, wanted: Numerics) -> tuple[str, str, str] | None:
    """First entry in which two differ, as its name, what was found and what was wanted; None where all agree.

    Parameters
    ----------
    found, wanted : tuple of (str, str)
        Of `numerics`.
    """
    theirs, ours = dict(found), dict(wanted)
    for name in {**ours, **theirs}:
        if theirs.get(name) != ours.get(name):
            return name, theirs.get(name, "nothing"), ours.get(name, "nothing")
    return None


def one_blas_thread() -> threadpool_limits:
    """Linear algebra on one thread, to be entered: how many there are changes the order of its sums, and its last bits.

    Only the thread that enters can lift the limit, which is one of the process: with several, enter it around them.
    """
    return threadpool_limits(limits=1, user_api="blas")


@cache
def settle_on_one_blas_thread() -> None:
    """Linear algebra on one thread for as long as this process lives."""
    threadpool_limits(limits=1, user_api="blas")
