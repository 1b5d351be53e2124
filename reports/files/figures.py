"""Every number of `results.json`, read off results that nobody writes down."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from assumptions import CaseRun
from assumptions.levers.levers import Read
from reports.files import payload
from reports.record.compose import compose
from valuation.results import Results

WATERFALL = "waterfall."


def reader(run: CaseRun) -> Read:
    """What reads every number of `results.json` off other results of the same case.

    Parameters
    ----------
    run : CaseRun
        The case, alone or under one scenario.
    """
    report = compose(run)

    def read(results: Results, names: Collection[str] | None = None, /) -> Sequence[dict[str, float]]:
        stacked = replace(report, results=results)
        whole = names is None or any(name.startswith(WATERFALL) for name in names)
        return [payload.figures(stacked, case, whole=whole) for case in range(results.inputs.cases)]

    return read
