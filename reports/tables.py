"""Tidy tables of a run, one row an observation."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.record import Report, at_case, month_end
from valuation.lives import Lives
from valuation.timeline import FloatArray

LEDGER_COLUMNS = (
    "scenario",
    "ledger",
    "period_end",
    "asset_class",
    "generation",
    "opening_usd",
    "additions_usd",
    "depreciation_usd",
    "impairment_usd",
    "disposals_usd",
    "closing_usd",
)
ECONOMIC_COLUMNS = (
    "scenario",
    "period_end",
    "asset_class",
    "generation",
    "units",
    "rent_usd_per_hour",
    "quasi_rent_usd",
    "value_in_use_usd",
    "economic_value_usd",
    "economic_depreciation_usd",
    "purchase_surplus_usd",
    "exchange_discount_usd",
    "proceeds_usd",
    "retired_units",
)
LIVES = ("t50", "t90", "t100", "retirement", "straight_line_equivalent")
FLEET = "fleet"


def all_tables(report: Report) -> dict[str, pd.DataFrame]:
    """Every table of a run, by file name without its ending."""
    return {
        "ledger": ledger_table(report),
        "economic": economic_table(report),
        "cash_flow": cash_flow_table(report),
        "lives": lives_table(report),
    }


def ledger_table(report: Report) -> pd.DataFrame:
    """Movements of every ledger by scenario, period and reporting group."""
    frames = []
    for ledger in report.summary.ledgers:
        movements = {
            "opening_usd": ledger.opening,
            "additions_usd": ledger.additions,
            "depreciation_usd": ledger.depreciation,
            "impairment_usd": ledger.impairment,
            "disposals_usd": ledger.disposals,
            "closing_usd": ledger.closing,
        }
        frames.append(_by_group(report, movements).assign(ledger=ledger.name))
    return pd.concat(frames, ignore_index=True)[list(LEDGER_COLUMNS)]


def economic_table(report: Report) -> pd.DataFrame:
    """Economic figures by scenario, period and reporting group; empty before they are published."""
    economic = report.summary.economic
    frame = _by_group(
        report,
        {
            "units": economic.units,
            "rent_usd_per_hour": economic.rent_per_hour,
            "quasi_rent_usd": economic.quasi_rent,
            "value_in_use_usd": economic.value_in_use,
            "economic_value_usd": economic.economic_value,
            "economic_depreciation_usd": economic.economic_depreciation,
            "purchase_surplus_usd": economic.purchase_surplus,
            "exchange_discount_usd": economic.exchange_discount,
            "proceeds_usd": economic.proceeds,
            "retired_units": economic.retired_units,
        },
    )
    return frame[list(ECONOMIC_COLUMNS)]


def cash_flow_table(report: Report) -> pd.DataFrame:
    """Cash of the fleet by scenario and month end; flows before the as-of date are modelled ones."""
    cash, dates = report.results.cash, [day.isoformat() for day in report.bound_dates]
    frames = []
    for case, scenario in enumerate(report.scenarios):
        columns: dict[str, Sequence[str] | FloatArray | str] = {
            "scenario": scenario.name,
            "date": dates,
            "gross_rent_usd": at_case(cash.gross_rent, case),
            "operating_cost_usd": at_case(cash.operating_cost, case),
            "proceeds_usd": at_case(cash.proceeds, case),
            "capital_expenditure_usd": at_case(cash.capital_expenditure, case),
            "net_cash_flow_usd": at_case(cash.net, case),
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def lives_table(report: Report) -> pd.DataFrame:
    """Lives of the fleet and of every cohort by scenario; empty where a level is never reached."""
    inputs, rows = report.results.inputs, []
    for case, scenario in enumerate(report.scenarios):
        fleet = _lives_of(report.results.fleet_lives, 0, case)
        rows.append({"scenario": scenario.name, "cohort": FLEET, "asset_class": FLEET, "generation": "", **fleet})
        for cohort in report.shown_cohorts:
            label = report.cohorts[cohort]
            asset_class, generation = report.groups[int(inputs.fleet.group[cohort])]
            found = _lives_of(report.results.cohort_lives, cohort, case)
            words = {"scenario": scenario.name, "cohort": label, "asset_class": asset_class, "generation": generation}
            rows.append({**words, **found})
    return pd.DataFrame(rows)


def _lives_of(lives: Lives, row: int, case: int) -> dict[str, float]:
    return {f"{name}_months": float(at_case(getattr(lives, name)[row], case)) for name in LIVES}


def _by_group(report: Report, columns: dict[str, FloatArray]) -> pd.DataFrame:
    """Rows in the order of scenario, period and group from arrays of shape (T, Q, n)."""
    ends = [month_end(str(month)).isoformat() for month in report.results.inputs.timeline.period_ends]
    names = [scenario.name for scenario in report.scenarios]
    shown = list(report.shown_groups)
    index = pd.MultiIndex.from_product([names, ends, shown])
    frame = pd.DataFrame({name: array[:, shown].transpose(2, 0, 1).ravel() for name, array in columns.items()})
    group = index.get_level_values(2)
    frame["scenario"] = index.get_level_values(0)
    frame["period_end"] = index.get_level_values(1)
    frame["asset_class"] = [report.groups[number][0] for number in group]
    frame["generation"] = [report.groups[number][1] for number in group]
    return frame
