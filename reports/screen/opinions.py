"""Second opinions on the parts, on screen."""

from __future__ import annotations

import math
from typing import TextIO

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.record.display import MISSING, months, plain, rate
from reports.record.opinions import APPRAISAL, Figures, opinion_rows
from reports.record.report import Report, at_case
from reports.screen.console import screen
from reports.screen.tables import titled
from valuation.analysis.second_opinions import second_opinions

NOTE = (
    "Per device, before tax, none of it used by the engine. Best life: years kept at the least equivalent annual cost, "
    "with resale by the engine and the service that the best new device would give at its full cost. Terborgh: no "
    "interest, inferiority growing evenly. Keep: keeping a device of its age another year costs less than the same "
    "service from the best new device. Giving up for good waits longer than stopping, for it cannot be undone."
)
ORDER = (
    "Cost approach: replacement cost of the modern equivalent, less physical (age over physical life), functional "
    "(excess operating cost; investors say economic) and external (idle hours; appraisers say economic) obsolescence."
)


def print_opinions(report: Report, stream: TextIO) -> None:
    """Print the second opinions of the last scenario of a run.

    Parameters
    ----------
    report : Report
        The run.
    stream : TextIO
        Where to.
    """
    console, found = screen(stream), second_opinions(report.results)
    case = range(len(report.scenarios))[-1]
    rows = list(opinion_rows(report, found, case))
    scenario = report.scenarios[case].name
    console.print(Text(f"{report.title}: second opinions at {report.as_of:%Y-%m}, {scenario}", style="bold"))
    for heading, table in (
        ("Lives of a new device, and keeping an old one, in USD a year", _lives(rows)),
        ("Rents in USD per unit-hour at which to stop, and buying now against waiting a year", _triggers(rows)),
        ("Value of a device of that age by the cost approach, USD", _appraisals(rows)),
    ):
        console.print(Padding(Text(heading, "bold"), (1, 0, 0, 0)))
        console.print(table)
    volatility = float(at_case(found.volatility, case))
    told = "unknown" if math.isnan(volatility) else f"{rate(volatility)} a year"
    console.print(Padding(Text(f"Volatility of the observed rent: {told}."), (1, 0, 0, 0)))
    for note in (NOTE, ORDER):
        console.print(Text(note))


def _table(*headings: str) -> Table:
    table = titled()
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    return table


def _lives(rows: list[tuple[str, Figures]]) -> Table:
    table = _table(
        *("part", "best life\nyears", "cost\na year", "Terborgh\nyears", "adverse\nminimum"),
        *("age\nmonths", "keeping\ncosts", "best new\ncosts", "keep"),
    )
    for name, row in rows:
        keeps = row["keeping_next_year_usd"] <= row["challenger_usd"]
        table.add_row(
            name,
            plain(row["economic_life_years"]),
            _usd(row["equivalent_annual_cost_usd"]),
            _years(row["terborgh_life_years"]),
            _usd(row["adverse_minimum_usd"]),
            months(row["age_months"]),
            _usd(row["keeping_next_year_usd"]),
            _usd(row["challenger_usd"]),
            "yes" if keeps else "no",
        )
    return table


def _triggers(rows: list[tuple[str, Figures]]) -> Table:
    table = _table(
        *("part", "rent", "stop below\n(static)", "give up below\n(option)"),
        *("first year\nneeds", "first year\nearns", "buy now"),
    )
    for name, row in rows:
        needed, earned = row["first_year_needed_usd"], row["first_year_earned_usd"]
        table.add_row(
            name,
            _rent(row["rent_usd_per_unit_hour"]),
            _rent(row["static_shutdown_usd_per_unit_hour"]),
            _rent(row["abandonment_usd_per_unit_hour"]),
            _usd(needed),
            _usd(earned),
            MISSING if math.isnan(earned) else "yes" if earned >= needed else "wait",
        )
    return table


def _appraisals(rows: list[tuple[str, Figures]]) -> Table:
    table = _table(
        *("part", "age\nmonths", "replacement\ncost new", "physical", "functional", "external", "value"),
        "engine: value\nin exchange",
    )
    for name, row in rows:
        amounts = (row[column] for column in (*APPRAISAL.values(), "economic_value_usd"))
        table.add_row(name, months(row["age_months"]), *map(_usd, amounts))
    return table


def _usd(amount: float) -> str:
    return MISSING if math.isnan(amount) else f"{amount:,.0f}"


def _years(length: float) -> str:
    return MISSING if math.isnan(length) else f"{length:.1f}"


def _rent(usd: float) -> str:
    return MISSING if math.isnan(usd) else f"{usd:.3f}"
