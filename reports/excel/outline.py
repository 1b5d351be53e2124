"""The sheets of the workbook in reading order, as data."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A sheet: its name, the kind that colours its tab, its heading and what it holds."""

    name: str
    kind: str
    title: str
    holds: str
    live: str


COVER, GUIDE, INPUTS, SCENARIOS, COHORTS = "Cover", "Guide", "Inputs", "Scenarios", "Cohorts"
BOOKS, ECONOMIC, GAP, YEARS, QUARTERS = "Books", "Economic", "Gap", "Years", "Quarters"
CHARTS, CHECKS, CASE, AUDIT = "Charts", "Checks", "Case", "Audit"

SHEETS = (
    Entry(COVER, "front", "Books against economic value", "The answer on one page", "live"),
    Entry(GUIDE, "front", "Guide", "How to read and use this workbook", "text"),
    Entry(INPUTS, "input", "Inputs", "Every assumption with unit, range and source", "typed"),
    Entry(
        SCENARIOS,
        "input",
        "Scenarios",
        "The selector, what each scenario says, all of them side by side",
        "typed, live",
    ),
    Entry(COHORTS, "input", "Cohorts", "What was bought, when, and when it leaves", "engine, live pick"),
    Entry(
        BOOKS, "series", "Books", "The ledgers by month: opening, additions, depreciation, disposals, closing", "live"
    ),
    Entry(ECONOMIC, "series", "Economic value", "Value and its fall by month, for every scenario", "engine, live pick"),
    Entry(GAP, "series", "Gap", "Books less economic value, and hidden depreciation, by month", "live"),
    Entry(
        YEARS, "result", "Fiscal years", "Depreciation, economic depreciation and hidden depreciation by year", "live"
    ),
    Entry(QUARTERS, "result", "Quarters", "Books and economic value at quarter ends", "live"),
    Entry(CHARTS, "result", "Charts", "Two pictures on one page", "live"),
    Entry(CHECKS, "control", "Checks", "What must hold, with tolerance and outcome", "live"),
    Entry(CASE, "control", "Inputs of the run as text", "All inputs of the run, for reading back", "text"),
    Entry(AUDIT, "control", "Audit", "Version, fingerprint of the inputs, packages, counts", "engine"),
)
BY_NAME = {entry.name: entry for entry in SHEETS}
