"""Tidy tables of a run, one row an observation."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.record.claims import LIVES, capex_table, obsolescence_table
from reports.record.opinions import opinions_table
from reports.record.report import Report, at_case, month_end
from reports.record.waterfalls import waterfall_table
from valuation.devices.lives import Lives
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
TAX_COLUMNS = ("scenario", "fiscal_year")
IMPAIRMENT_COLUMNS = ("scenario", "ledger", "period_end", "impairment_usd", "latent_usd")
ESTIMATE_COLUMNS = (
    "ledger",
    "since",
    "fiscal_year",
    "depreciation_usd",
    "operating_income_usd",
    "net_income_usd",
    "per_share_usd",
)
MIGRATION_COLUMNS = ("scenario", "fiscal_year", "migrated_share", "saving_usd", "stranded_usd", "net_usd")
RIGHTS_COLUMNS = ("scenario", "economic_value_usd", "power_right_usd", "committed_capacity_usd")
FLEET = "fleet"


def all_tables(report: Report) -> dict[str, pd.DataFrame]:
    """Every table of a run, by file name without its ending; the last five only where there is anything to tell."""
    always = {
        "ledger": ledger_table(report),
        "economic": economic_table(report),
        "cash_flow": cash_flow_table(report),
        "lives": lives_table(report),
        "waterfall": waterfall_table(report),
        "second_opinions": opinions_table(report),
        "capex": capex_table(report),
        "obsolescence": obsolescence_table(report),
    }
    others = {
        "tax": tax_table(report),
        "impairment": impairment_table(report),
        "change_of_estimate": estimate_table(report),
        "migration": migration_table(report),
        "rights": rights_table(report),
    }
    return always | {name: frame for name, frame in others.items() if len(frame)}


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
        taxes = report.results.taxes
        if taxes is not None:
            columns["tax_paid_usd"] = at_case(taxes.paid, case)
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def tax_table(report: Report) -> pd.DataFrame:
    """Tax by scenario and fiscal year after the as-of date; deductions by tax book, deferred tax by set of books."""
    taxes, frames = report.results.taxes, []
    if taxes is None:
        return pd.DataFrame(columns=list(TAX_COLUMNS))
    for case, scenario in enumerate(report.scenarios):
        columns: dict[str, Sequence[str] | FloatArray | str] = {
            "scenario": scenario.name,
            "fiscal_year": [f"FY{year}" for year in taxes.years.tolist()],
            "income_before_depreciation_usd": at_case(taxes.income, case),
            **{f"{book}_deductions_usd": at_case(array, case) for book, array in taxes.deductions.items()},
            "federal_losses_carried_usd": at_case(taxes.federal.loss_carried, case),
            "federal_tax_usd": at_case(taxes.federal.tax, case),
            "state_tax_usd": at_case(taxes.state.tax, case),
            "tax_shield_usd": at_case(taxes.shield, case),
            **{f"deferred_tax_{name}_usd": at_case(array, case) for name, array in taxes.deferred_at_year_ends.items()},
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def impairment_table(report: Report) -> pd.DataFrame:
    """Impairment of tested sets of books by scenario and month, and what stays latent; months with neither left out."""
    tested = [ledger.name for ledger in report.results.inputs.ledgers if ledger.tests]
    rows: list[dict[str, str | float]] = []
    for summary, ledger in zip(report.summary.ledgers, report.results.ledgers, strict=True):
        if ledger.name not in tested:
            continue
        for case, scenario in enumerate(report.scenarios):
            lost, latent = at_case(summary.impaired, case), at_case(ledger.latent, case)[1:]
            for day, amount, hidden in zip(report.bound_dates[1:], lost.tolist(), latent.tolist(), strict=True):
                if amount or hidden:
                    words = {"scenario": scenario.name, "ledger": ledger.name, "period_end": day.isoformat()}
                    rows.append({**words, "impairment_usd": amount, "latent_usd": hidden})
    return pd.DataFrame(rows, columns=list(IMPAIRMENT_COLUMNS))


def estimate_table(report: Report) -> pd.DataFrame:
    """Effect of each change of estimate in the base: new less old estimate, on the assets then held."""
    rows = [[getattr(row, name) for name in ESTIMATE_COLUMNS] for row in report.estimates]
    return pd.DataFrame(rows, columns=list(ESTIMATE_COLUMNS))


def migration_table(report: Report) -> pd.DataFrame:
    """What a migration to the owner's silicon saves and strands by fiscal year; a row without a year has its worth."""
    rows = [
        [row.scenario, str(row.fiscal_year or ""), *(getattr(row, name) for name in MIGRATION_COLUMNS[2:])]
        for row in report.migrations
    ]
    return pd.DataFrame(rows, columns=list(MIGRATION_COLUMNS))


def rights_table(report: Report) -> pd.DataFrame:
    """Values beside that of the devices at the as-of date, by scenario; empty where there are none."""
    rights, value = report.results.rights, report.summary.as_of.economic_value
    if rights is None or not (rights.power.any() or rights.committed_capacity.any()):
        return pd.DataFrame(columns=list(RIGHTS_COLUMNS))
    arrays = (value, rights.power, rights.committed_capacity)
    rows = [
        [scenario.name, *(float(at_case(array, case)) for array in arrays)]
        for case, scenario in enumerate(report.scenarios)
    ]
    return pd.DataFrame(rows, columns=list(RIGHTS_COLUMNS))


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
