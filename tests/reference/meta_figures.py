"""The figures of `docs/meta.md`, computed by the engine and laid out as the rows of its tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from assumptions import CaseRun, estimate_table, load_case, run_case
from tests.factories import with_life
from valuation.analysis.summary import Summary, summarise
from valuation.engine import evaluate

YEARS = (2025, 2026, 2027, 2028, 2029, 2030)
SLOW_BELIEF = (
    "market.generic_cadence_months=22",
    "silicon.Rubin Ultra.landing=2028-10",
    "silicon.Feynman.landing=2030-08",
)
DISCLOSED_DEPRECIATION = {2022: 5.29, 2023: 7.32, 2024: 11.34, 2025: 13.36}
"""Servers and network assets, USD bn, from the notes on property and equipment (10-K FY2024 and FY2025)."""
DISCLOSED_EFFECT = -2.92
"""Effect on 2025 depreciation of the life of 5.5 instead of 5 years, USD bn (10-K FY2025)."""


@cache
def run(overrides: tuple[str, ...] = (), scenarios: tuple[str, ...] = ()) -> tuple[CaseRun, Summary]:
    """Run the case once for each set of overrides."""
    found = run_case(load_case("meta"), list(scenarios), overrides)
    return found, summarise(found.results)


def billions(value: float) -> str:
    """USD bn with one decimal and a sign that reads in a table."""
    text = f"{value / 1e9:.1f}"
    return "0.0" if text == "-0.0" else text


def hidden_rows() -> list[str]:
    """Hidden depreciation by fiscal year, ledger, landing rule and plan."""
    slow = ("landings_22_months",)
    cases: Sequence[tuple[str, tuple[str, ...], tuple[str, ...]]] = (
        ("yearly landings", (), ()),
        ("22 months from 2026-09 on", (), slow),
        ("22 months believed throughout", SLOW_BELIEF, ()),
        ("flat plan, yearly", ("terms.plan=flat",), ()),
        ("flat plan, 22 months from 2026-09 on", ("terms.plan=flat",), slow),
        ("hindsight plan, yearly", ("terms.plan=hindsight",), ()),
        ("hindsight plan, 22 months from 2026-09 on", ("terms.plan=hindsight",), slow),
    )
    rows = []
    for label, overrides, scenarios in cases:
        _, summary = run(overrides, scenarios)
        column = len(scenarios)
        years = summary.fiscal_years
        for ledger in ("disclosed", "three_year"):
            hidden = years.hidden_depreciation[ledger][np.isin(years.years, YEARS), column]
            value = billions(summary.as_of.economic_value[column])
            rows.append(f"| {label} | {ledger} | {value} | " + " | ".join(map(billions, hidden)) + " |")
    return rows


def depreciation_rows() -> list[str]:
    """Modelled depreciation under disclosed lives beside the disclosed one, by share of capex."""
    rows = []
    for year, disclosed in DISCLOSED_DEPRECIATION.items():
        modelled = [modelled_depreciation(share, year) for share in (0.43, 0.50, 0.60)]
        rows.append(f"| {year} | " + " | ".join(f"{value:.1f}" for value in modelled) + f" | {disclosed:.1f} |")
    return rows


def modelled_depreciation(share: float, year: int) -> float:
    """Depreciation of a fiscal year under the disclosed lives, USD bn."""
    _, summary = run((f"capex.server_share_of_capex={share}",) if share != 0.50 else ())
    years = summary.fiscal_years
    return float(years.depreciation["disclosed"][years.years == year, 0][0]) / 1e9


def effect_of_the_change(share: float, year: int) -> float:
    """Depreciation of assets held at 2024-12-31 with the life of 5.5 years less that with 5, USD bn."""
    found, _ = run((f"capex.server_share_of_capex={share}",) if share != 0.50 else ())
    inputs = found.inputs
    grid = inputs.timeline
    changed = grid.index(np.datetime64("2024-12"))
    new = next(ledger for ledger in inputs.ledgers if ledger.name == "disclosed")
    life = np.array(new.life)
    life[changed:] = 60.0
    results = evaluate(replace(inputs, ledgers=(new, replace(with_life(new, life), name="unchanged"))))
    held = inputs.fleet.in_service <= changed
    of_year = grid.fiscal_years == year
    charges = [
        float(grid.fiscal_year_sums(ledger.depreciation[:, held].sum(axis=1))[of_year, 0][0])
        for ledger in results.ledgers
    ]
    return (charges[0] - charges[1]) / 1e9


def effect_rows() -> list[str]:
    """Effect of the change of life of 2025, modelled by share of capex."""
    return [
        f"| {year} | " + " | ".join(f"{effect_of_the_change(share, year):.2f}" for share in (0.43, 0.50, 0.60)) + " |"
        for year in (2025, 2026)
    ]


CHANGES = (
    ("4 to 4.5 to 5 years, April and October 2022", 2022, ("2022-04", "2022-10"), -860),
    ("5 to 5.5 years, January 2025", 2025, ("2025-01",), -2_920),
)
"""Changes of estimate, their year, the months they hold from, and the disclosed effect on depreciation, USD m."""


def changes_of_estimate() -> list[tuple[str, int, float, float]]:
    """Every change with its year and its modelled and disclosed effect on the depreciation of that year, USD m."""
    found = estimate_table(run()[0])
    rows = []
    for name, year, months, disclosed in CHANGES:
        effects = [row.depreciation_usd for row in found if row.since in months and row.fiscal_year == year]
        rows.append((name, year, sum(effects) / 1e6, float(disclosed)))
    return rows


def estimate_rows() -> list[str]:
    """Changes of estimate, modelled against disclosed."""
    return [
        f"| {name} | {year} | {modelled:,.0f} | {disclosed:,.0f} | {modelled / disclosed:.2f} |"
        for name, year, modelled, disclosed in changes_of_estimate()
    ]


def plan_rows() -> list[str]:
    """Value at the as-of date under three plans."""
    rows = []
    for plan in ("flat", "default", "hindsight"):
        _, summary = run((f"terms.plan={plan}",) if plan != "default" else ())
        gaps = [billions(summary.as_of.gap[ledger][0]) for ledger in ("disclosed", "three_year")]
        rows.append(f"| {plan} | {billions(summary.as_of.economic_value[0])} | " + " | ".join(gaps) + " |")
    return rows


def month_rows() -> list[str]:
    """Value and twelve months of hidden depreciation from several month-ends on, yearly landings, disclosed lives."""
    results = run()[0].results
    gap = next(gap for gap in results.gaps if gap.ledger == "disclosed")
    hidden = gap.hidden_depreciation[:, :, 0].sum(axis=1)
    value = results.economic.value_in_exchange[:, :, 0].sum(axis=1)
    rent = results.market.rent[:, 0, 0]
    rows = []
    for month in ("2024-09", "2024-12", "2025-03", "2025-06", "2025-09"):
        start = results.inputs.timeline.index(np.datetime64(month))
        year = slice(start, start + 12)
        rows.append(f"| {month} | {rent[start]:.2f} | {billions(value[start])} | {billions(hidden[year].sum())} |")
    return rows


def all_rows() -> dict[str, list[str]]:
    """Every table of the page."""
    return {
        "hidden": hidden_rows(),
        "plans": plan_rows(),
        "depreciation": depreciation_rows(),
        "effect": effect_rows(),
        "months": month_rows(),
        "estimates": estimate_rows(),
    }


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for lines in all_rows().values() for line in lines)
