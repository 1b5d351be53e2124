"""Second opinions on the parts: lives, triggers and values of other schools, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.record.report import Report, at_case
from valuation.analysis.second_opinions import SecondOpinions, second_opinions

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "age": "age_months",
    "economic_life": "economic_life_years",
    "annual_cost": "equivalent_annual_cost_usd",
    "keeping": "keeping_next_year_usd",
    "challenger": "challenger_usd",
    "terborgh_life": "terborgh_life_years",
    "adverse_minimum": "adverse_minimum_usd",
    "rent": "rent_usd_per_unit_hour",
    "static_rent": "static_shutdown_usd_per_unit_hour",
    "abandonment_rent": "abandonment_usd_per_unit_hour",
    "needed_first_year": "first_year_needed_usd",
    "earned_first_year": "first_year_earned_usd",
    "economic_value": "economic_value_usd",
}
APPRAISAL = {
    "replacement_cost": "replacement_cost_new_usd",
    "physical": "physical_usd",
    "functional": "functional_usd",
    "external": "external_usd",
    "value": "cost_approach_value_usd",
}
Figures = dict[str, float]


def opinions_table(report: Report) -> pd.DataFrame:
    """Second opinions by scenario and part; empty cells where a rule has no answer."""
    import pandas as pd

    found = second_opinions(report.results)
    rows = []
    for case, scenario in enumerate(report.scenarios):
        rows += [
            {"scenario": scenario.name, "generation": name, **row} for name, row in opinion_rows(report, found, case)
        ]
    return pd.DataFrame(rows, columns=["scenario", "generation", *COLUMNS.values(), *APPRAISAL.values()])


def opinion_rows(report: Report, found: SecondOpinions, case: int) -> Iterator[tuple[str, Figures]]:
    """Names and figures of the parts in one case.

    Parameters
    ----------
    report : Report
        The run.
    found : SecondOpinions
        Of its results.
    case : int
        Scenario.
    """
    for row, part in enumerate(found.generation):
        figures = {column: float(at_case(getattr(found, name)[row], case)) for name, column in COLUMNS.items()}
        parts = {
            column: float(at_case(getattr(found.appraisal, name)[row], case)) for name, column in APPRAISAL.items()
        }
        yield report.generations[int(part)], {**figures, **parts}
