"""The workbook of a risk run: that of the run without chance, and what the paths and the sensitivities say."""

from __future__ import annotations

from pathlib import Path

from assumptions import Case, Tornado, run_case, tornado
from reports.excel import workbook
from reports.excel.plan.drawn import RiskPages
from reports.excel.writing.writer import MAX_FORMULAS, REMEDY, TooManyFormulasError
from reports.files.figures import reader
from reports.record.risk import RiskReport
from reports.runs.evaluation import whole_report
from reports.runs.heap import give_back
from reports.screen.progress import steps
from reports.screen.terminal import NO_WORKBOOK, say
from valuation.errors import AssumptionError
from valuation.paths.risk_summary import NPV

STEPS = 4
LEAST_SWING = 1.0
"""Dollars: less is rounding, as where rents are calibrated to an NPV of nothing."""


def write_risk_workbook(found: RiskReport, folder: Path, *, quiet: bool) -> list[str]:
    """Write the workbook of a risk run, and say so where there can be none.

    Parameters
    ----------
    found : RiskReport
        The run.
    folder : Path
        Where to.
    quiet : bool
        Whether to show no progress and say nothing.

    Returns
    -------
    list of str
        Its name; nothing where no workbook can be made.
    """
    if not found.report.has_workbook:
        say(NO_WORKBOOK, quiet=quiet)
        return []
    name = f"{found.report.case}.xlsx"
    with steps(STEPS, wanted=not quiet) as progress:
        try:
            needed = workbook.least_formulas(found.report)
            if needed > MAX_FORMULAS:
                raise TooManyFormulasError(f"the workbook would hold {needed:,} formulas; {REMEDY}")
            report = whole_report(found.run.run, progress)
            give_back()
            progress.begin("moving every random assumption")
            pages = RiskPages(found, *one_at_a_time(found.run.run.case))
            give_back()
            progress.begin("writing the workbook")
            workbook.write_workbook(report, folder.joinpath(name), pages=pages)
        except TooManyFormulasError as failure:
            # Hours of paths are not thrown away because a workbook of the fleet would be too large.
            say(f"no workbook: {failure}", quiet=quiet)
            return []
    return [name]


def one_at_a_time(case: Case) -> tuple[Tornado | None, str]:
    """The tornado of NPV in the base of a case, or why there is none.

    Parameters
    ----------
    case : Case
        The base, overrides applied.
    """
    run = run_case(case, ())
    try:
        found = tornado(run, NPV, reader(run))
    except AssumptionError as failure:
        return None, str(failure)
    if max((row.swing for row in found.rows), default=0.0) < LEAST_SWING:
        return None, "no random assumption by itself moves the NPV of the base by as much as a dollar"
    return found, ""
