"""From a case to its written run: evaluate, gather, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assumptions import (
    Case,
    CaseRun,
    estimate_table,
    migration_table,
    plan_table,
    run_case,
    sensitivity_table,
)
from reports.files.write import check_target, write_run
from reports.record.compose import compose
from reports.record.report import Report
from reports.screen.progress import Steps, steps
from valuation.analysis.attribution import Method, Plan

STEPS_OF_A_RUN = 4


@dataclass(frozen=True)
class Request:
    """What is asked of a run.

    Attributes
    ----------
    scenarios : sequence of str or None
        Names beside the base; all of the case if None.
    overrides : sequence of str or (str, object)
        Values set for the run.
    horizon : int or None
        Months valued; those of the case if None.
    attribution, plan : Method, Plan
        How the gap is shared, and what counts as planned.
    earlier : tuple of (str, object)
        Values set before, which the case holds already.
    """

    scenarios: Sequence[str] | None
    overrides: Sequence[str | tuple[str, Any]]
    horizon: int | None = None
    attribution: Method = Method.SHAPLEY
    plan: Plan = Plan.SURPRISE
    earlier: tuple[tuple[str, Any], ...] = ()


def evaluate_and_write(
    case: Case, request: Request, folder: Path | None, command: Sequence[str], *, shown: bool, wanted: bool
) -> tuple[Report, list[Path]]:
    """Run a case and write all files of the run.

    Parameters
    ----------
    case : Case
        The case.
    request : Request
        What is asked.
    folder : Path or None
        Where to; nothing is written if None.
    command : sequence of str
        Words of the command that asked for it.
    shown : bool
        Whether somebody reads the tables of sensitivities and plans, files or not.
    wanted : bool
        Whether to show the progress.

    Returns
    -------
    tuple of Report and list of Path
        The run, and the files written.
    """
    if folder is not None:
        check_target(folder)
    with steps(STEPS_OF_A_RUN, wanted=wanted) as progress:
        progress.begin("evaluating the scenarios")
        found = run_case(case, request.scenarios, request.overrides, request.horizon)
        set_now = {key for key, _ in found.overrides}
        earlier = (pair for pair in request.earlier if pair[0] not in set_now)
        found = replace(found, overrides=(*earlier, *found.overrides))
        report = whole_report(found, progress) if shown or folder is not None else compose(found)
        report = replace(report, attribution=request.attribution, plan=request.plan)
        if folder is None:
            return report, []
        progress.begin("writing workbook and tables")
        return report, write_run(report, folder, command)


def whole_report(found: CaseRun, progress: Steps) -> Report:
    """A run with its tables of sensitivities and plans.

    Parameters
    ----------
    found : CaseRun
        The run.
    progress : Steps
        Steps to announce.
    """
    progress.begin("moving every assumption to its low and high")
    sensitivities = sensitivity_table(found.case)
    progress.begin("comparing plans")
    plans = plan_table(found.case)
    return compose(found, sensitivities, plans, estimates=estimate_table(found), migrations=migration_table(found))
