"""The figures of the pages in `docs/mechanisms`, computed by the engine and laid out as rows of their tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from assumptions import AssumptionRow, CaseRun, describe, load_case, migration_table, run_case, with_files
from reports.record.display import plain
from valuation.analysis.readings import unit_rent
from valuation.analysis.summary import Summary, summarise

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = DOCS / "mechanisms"
SCENARIO_FILES = (DOCS / "examples" / "scenarios" / "captive_migration.toml",)
CASES = {"neocloud": 1e6, "meta": 1e9}
"""Cases of the index and the unit of their amounts, USD."""
DECIMALS = {"neocloud": 1, "meta": 2}
REFERENCE = "H100"
OTHER_BOOKS = " (three years)"
"""Ending of a row of the index whose gap is that of three-year books."""


@cache
def run(case: str) -> tuple[CaseRun, Summary]:
    """A bundled case under all its scenarios and those of the pages."""
    found = run_case(with_files(load_case(case), SCENARIO_FILES))
    return found, summarise(found.results)


def effect(scenario: str) -> list[tuple[float, int]]:
    """Value and gap at the as-of date of each case in its unit, with the decimals printed; gap as the row says."""
    name = scenario.removesuffix(OTHER_BOOKS)
    ledger = "disclosed" if name == scenario else "three_year"
    figures: list[tuple[float, int]] = []
    for case, unit in CASES.items():
        found, summary = run(case)
        place = found.scenario_names.index(name)
        both = (summary.as_of.economic_value, summary.as_of.gap[ledger])
        figures.extend((float(amounts[place]) / unit, DECIMALS[case]) for amounts in both)
    return figures


def effect_cells(scenario: str) -> str:
    """The same as cells of a table."""
    return " | ".join(f"{value:,.{decimals}f}" for value, decimals in effect(scenario))


@cache
def assumptions() -> dict[str, AssumptionRow]:
    """Assumptions of the base by key."""
    return {row.key: row for row in describe(load_case("neocloud"))}


def parameter_cells(key: str) -> str:
    """Key, value, range and evidence of an assumption, as cells of a table."""
    row = assumptions()[key]
    span = "" if row.low is None and row.high is None else f"{plain(row.low)} to {plain(row.high)}"
    return f"`{key}` | {plain(row.value)} | {span} | {row.basis}, {row.confidence}"


def life_rows() -> list[str]:
    """Lives that the value implies beside the life in the books, months."""
    named = (
        ("half of the value gone (`t50`)", "t50"),
        ("nine tenths gone (`t90`)", "t90"),
        ("switched off (`retirement`)", "retirement"),
    )
    rows = []
    for title, name in named:
        months = [float(getattr(run(case)[0].results.fleet_lives, name)[0, 0]) for case in CASES]
        rows.append(f"| {title} | " + " | ".join(f"{value:.0f}" for value in months) + " |")
    books = [max(step.months for step in run(case)[0].case.ledgers["disclosed"].lives) for case in CASES]
    return [*rows, "| longest disclosed life | " + " | ".join(f"{value:.0f}" for value in books) + " |"]


def shutdown_price() -> float:
    """Rent at which a reference device stops, base at the as-of date [USD an hour]."""
    found, _ = run("neocloud")
    return float(found.results.market.generation_shutdown[list(found.case.silicon).index(REFERENCE), 0, 0])


def shutdown_rows() -> list[str]:
    """When rents fall below the shutdown price of the reference device, by scenario."""
    found, _ = run("neocloud")
    rents, bounds = unit_rent(found.results), found.results.inputs.timeline.bounds
    as_of = found.results.inputs.timeline.as_of
    rows = []
    for name in ("base", "landing_early", "landings_22_months", "hopper_as_seen", "mining_bust"):
        path = rents[as_of:, found.scenario_names.index(name)]
        below = np.flatnonzero(path < shutdown_price())
        month = str(bounds[as_of + int(below[0])]) if len(below) else "never"
        rows.append(f"| `{name}` | {path[12]:.2f} | {path[24]:.2f} | {path[60]:.2f} | {month} |")
    return rows


def migration_rows() -> list[str]:
    """What the migration of the page saves and strands, USD million and billion."""
    rows = []
    for case, unit in CASES.items():
        whole = migration_table(run(case)[0])[0]
        amounts = (whole.saving_usd, whole.stranded_usd, whole.net_usd)
        told = " | ".join(f"{amount / unit:,.{DECIMALS[case]}f}" for amount in amounts)
        rows.append(f"| {case} | {told} |")
    return rows


def rows_by_page() -> dict[str, list[str]]:
    """Rows that a page must show."""
    return {
        "landings": shutdown_rows(),
        "faster-than-believed": life_rows(),
        "captive-silicon": migration_rows(),
    }
