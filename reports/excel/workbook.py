"""The whole workbook: every sheet in its turn, laid out or written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.excel.plan.chain import Chain
from reports.excel.plan.drawn import Drawn, RiskPages
from reports.excel.plan.layout import Context
from reports.excel.plan.outline import COVER
from reports.excel.plan.supplies import supplies
from reports.excel.sheets.audit import build_audit
from reports.excel.sheets.books import build_books
from reports.excel.sheets.bridge import build_bridge
from reports.excel.sheets.case import build_case
from reports.excel.sheets.checks import build_checks
from reports.excel.sheets.cohorts import build_cohorts
from reports.excel.sheets.cover import build_cover
from reports.excel.sheets.dashboard import build_dashboard
from reports.excel.sheets.devices import build_devices
from reports.excel.sheets.economic import build_economic
from reports.excel.sheets.gap import build_gap
from reports.excel.sheets.guide import build_guide
from reports.excel.sheets.inputs import build_inputs
from reports.excel.sheets.landings import build_landings
from reports.excel.sheets.levers import build_levers
from reports.excel.sheets.live_economic import build_cash, build_live_economic
from reports.excel.sheets.market import build_market
from reports.excel.sheets.parts import build_parts
from reports.excel.sheets.plans import build_plans
from reports.excel.sheets.purchases import build_purchases
from reports.excel.sheets.quarters import build_quarters
from reports.excel.sheets.risk import build_risk
from reports.excel.sheets.scenarios import build_scenarios
from reports.excel.sheets.sensitivity import build_sensitivity
from reports.excel.sheets.worth import build_worth
from reports.excel.sheets.years import build_years
from reports.excel.writing.writer import Workbook
from reports.record.report import Report

# In the order of the outline. A sheet may refer only to cells of sheets made before it; the cover is
# filled after them, and the audit counts what all of them hold.
FRONT = (build_guide, build_inputs, build_scenarios)
LIVE = (
    build_levers,
    build_cohorts,
    build_plans,
    build_parts,
    build_landings,
    build_purchases,
    build_market,
    build_devices,
    build_worth,
    build_books,
    build_live_economic,
    build_cash,
)
"""Values follow from the inputs."""
PICKED = (build_cohorts, build_books, build_economic)
"""Values are those of the program, scenario by scenario."""
RESULTS = (
    build_gap,
    build_years,
    build_quarters,
    build_bridge,
    build_dashboard,
)
RISK_RESULTS = (build_risk, build_sensitivity)
CONTROL = (build_checks, build_case)


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    formulas : dict of int
        Number of formulas by sheet.
    """

    formulas: dict[str, int]


def least_formulas(report: Report) -> int:
    """Formulas that a workbook holds at least.

    By month: for a cohort its leaving, its units and what each ledger carries; where values live also its rent,
    quasi-rent and two values, and the volume of every landing.

    Parameters
    ----------
    report : Report
        The run.
    """
    report = report.live
    chain, months = Chain(report, 0), report.results.inputs.timeline.forecast_periods
    rows = len(report.shown_cohorts) * (2 + len(report.ledgers) + (4 if chain.is_live else 0))
    return (rows + (len(report.generations) + chain.landings if chain.is_live else 0)) * months


def write_workbook(report: Report, path: Path, shown: int = 0, pages: RiskPages | None = None) -> Written:
    """Write the workbook of a run.

    Parameters
    ----------
    report : Report
        The run.
    path : Path
        File.
    shown : int
        Scenario chosen in the selector, which the stored results belong to.
    pages : RiskPages, optional
        The same run on random paths.

    Returns
    -------
    Written
        Counts of formulas.
    """
    context = lay_out(report, path, shown, pages=pages, record=False)
    context.book.close()
    return Written(dict(context.book.formulas))


def lay_out(
    report: Report,
    path: Path,
    shown: int = 0,
    *,
    pages: RiskPages | None = None,
    drawn: Drawn | None = None,
    record: bool = True,
) -> Context:
    """Every cell of the workbook of a run, and no file yet.

    Parameters
    ----------
    report : Report
        The run.
    path : Path
        File that closing the workbook would write.
    shown : int
        Scenario chosen in the selector, which the stored results belong to.
    pages : RiskPages, optional
        The same run on random paths.
    drawn : Drawn, optional
        What was drawn, where the other sheets of the workbook of a risk run are wanted without its results.
    record : bool
        Whether to keep what every cell holds.
    """
    origin, report = report, report.live
    group = report.results.inputs.fleet.group
    order = sorted(report.shown_cohorts, key=lambda cohort: (int(group[cohort]), cohort))
    context = Context(Workbook(path, report.as_of, record=record), report, shown, tuple(order), origin)
    context.pages, context.drawn = pages, pages.drawn if pages else drawn
    context.supplies = supplies(context) if context.chain.is_live else []
    _ = origin.bars  # sharing out the gap takes memory for a moment: before the cells do
    cover = context.sheet(COVER)
    values, risk = LIVE if context.chain.is_live else PICKED, RISK_RESULTS if pages else ()
    for build in (*FRONT, *values, *RESULTS, *risk, *CONTROL):
        build(context)
    build_cover(context, cover)
    build_audit(context)
    return context
