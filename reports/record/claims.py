"""Tables on what the debate claims: replacement against expansion, and rents and lives against the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.record.report import Report, at_case
from valuation.analysis.leverage import AHEAD

if TYPE_CHECKING:
    import pandas as pd

CAPEX_COLUMNS = ("scenario", "fiscal_year", "capex_usd", "replacement_usd", "expansion_usd", "mean_age_months")
LEVELS = ("rent_usd_per_month", "shutdown_rent_usd_per_month", "shutdown_share_of_rent")
OBSOLESCENCE_COLUMNS = ("scenario", "asset_class", "generation", *LEVELS)
LIVES = ("t50", "t90", "t100", "retirement", "straight_line_equivalent")
ALL = "all"
SOONER, LATER = "value is gone first", "contradicted: books end first"


def capex_table(report: Report) -> pd.DataFrame:
    """Purchases split by scenario and fiscal year; by ledger what its lives would have replaced, and depreciation."""
    import pandas as pd

    found, frames = report.capex, []
    for case, scenario in enumerate(report.scenarios):
        columns = {
            "capex_usd": found.capex,
            "replacement_usd": found.replacement,
            "expansion_usd": found.expansion,
            "mean_age_months": found.age,
            **{f"{name}_replacement_usd": array for name, array in found.replacement_by_life.items()},
            **{f"{name}_depreciation_over_capex": array for name, array in found.depreciation_share.items()},
        }
        frame = pd.DataFrame({name: at_case(array, case) for name, array in columns.items()})
        frame.insert(0, "fiscal_year", [f"FY{year}" for year in found.years.tolist()])
        frame.insert(0, "scenario", scenario.name)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def obsolescence_table(report: Report) -> pd.DataFrame:
    """Operating leverage and lives by scenario and reporting group, the fleet last; verdicts by ledger."""
    import pandas as pd

    found, rows = report.obsolescence, []
    groups = [*((group, *report.groups[group]) for group in report.shown_groups), (-1, ALL, "")]
    for case, scenario in enumerate(report.scenarios):
        for group, asset_class, generation in groups:
            levels = (found.rent, found.shutdown_rent, found.shutdown_share)
            row: dict[str, float | str] = {
                "scenario": scenario.name,
                "asset_class": asset_class,
                "generation": generation,
            }
            for name, array in zip(LEVELS, levels, strict=True):
                row[name] = float(at_case(array, case)[group])
            for number, months in enumerate(AHEAD):
                row[f"rent_lost_{months}_months"] = float(at_case(found.rent_lost, case)[number, group])
                row[f"quasi_rent_lost_{months}_months"] = float(at_case(found.quasi_rent_lost, case)[number, group])
            for name in LIVES:
                row[f"{name}_months"] = float(at_case(getattr(found.lives, name), case)[group])
            for ledger in report.ledgers:
                row[f"{ledger}_book_life_months"] = float(at_case(found.book_life[ledger], case)[group])
                row[f"{ledger}_t90_less_book_life_months"] = outlasts = _outlasts(report, ledger, case, group)
                row[f"{ledger}_verdict"] = verdict(outlasts)
            rows.append(row)
    return pd.DataFrame(rows)


def verdict(outlasts: float) -> str:
    """What T90 less the book life [months] says to the claim that value is gone sooner than the books believe."""
    if outlasts < 0.0:
        return SOONER
    return LATER if outlasts >= 0.0 else ""


def _outlasts(report: Report, ledger: str, case: int, group: int) -> float:
    return float(at_case(report.obsolescence.value_outlasts(ledger), case)[group])
