"""Depreciation and valuation of computing hardware: pure functions on arrays.

`engine.evaluate` takes `inputs.Inputs` and returns `results.Results`; everything else is a part of it or a reading of
it. The package imports numpy, scipy and numpy-financial only.
"""

from valuation.engine import evaluate
from valuation.errors import AssumptionError, ModelError, NoSolutionError, ShapeError
from valuation.inputs import Inputs
from valuation.results import Results
from valuation.timeline import Timeline

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
