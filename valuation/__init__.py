"""Depreciation and valuation of computing hardware: pure functions on arrays.

`engine.evaluate` takes `inputs.Inputs` and returns `results.Results`; everything else is a part of it or a reading
of it. The package imports numpy and scipy only, and what it offers is imported when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valuation.engine import evaluate
    from valuation.errors import AssumptionError, ModelError, NoSolutionError, ShapeError
    from valuation.inputs import Inputs
    from valuation.results import Results
    from valuation.timeline import Timeline

_HOMES = {
    "AssumptionError": "errors",
    "Inputs": "inputs",
    "ModelError": "errors",
    "NoSolutionError": "errors",
    "Results": "results",
    "ShapeError": "errors",
    "Timeline": "timeline",
    "evaluate": "engine",
}

__all__ = [
    "AssumptionError",
    "Inputs",
    "ModelError",
    "NoSolutionError",
    "Results",
    "ShapeError",
    "Timeline",
    "evaluate",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
