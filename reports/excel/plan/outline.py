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
CHECKS, CASE, AUDIT = "Checks", "Case", "Audit"
BRIDGE, DASHBOARD = "Bridge", "Dashboard"
RISK, SENSITIVITY = "Risk", "Sensitivity"
DRIVERS, PLAN, SILICON, LANDINGS, PURCHASES = "Drivers", "Plan", "Silicon", "Landings", "Purchases"
MARKET, DEVICES, WORTH, CASH = "Market", "Devices", "Worth", "Cash"

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
    Entry(DRIVERS, "input", "Drivers", "Assumptions by scenario, and what the program adds to them", "live, engine"),
    Entry(COHORTS, "input", "Cohorts", "What was bought, when, and when it leaves", "engine, live pick"),
    Entry(PLAN, "series", "Entrant's plan", "Terms, survivors and worth by month of age", "live"),
    Entry(SILICON, "series", "Silicon", "What parts cost, serve and need in rent", "live"),
    Entry(LANDINGS, "series", "Landings", "The ladder: what lands when, and what each step does", "live"),
    Entry(PURCHASES, "series", "Purchases in dollars", "The market on the dates of the purchases", "live"),
    Entry(MARKET, "series", "Market", "Volumes, scarcity, rents and replacement cost by month", "live"),
    Entry(DEVICES, "series", "Devices", "What the devices of every cohort earn, cost and bring", "live"),
    Entry(WORTH, "series", "Worth of a device", "Quasi-rent, value and retirement by cohort and month", "live"),
    Entry(
        BOOKS, "series", "Books", "The ledgers by month: opening, additions, depreciation, disposals, closing", "live"
    ),
    Entry(ECONOMIC, "series", "Economic value", "Value and its fall by month", "live"),
    Entry(CASH, "series", "Cash", "Rents, running cost, purchases and their worth today", "live"),
    Entry(GAP, "series", "Gap", "Books less economic value, and hidden depreciation, by month", "live"),
    Entry(
        YEARS, "result", "Fiscal years", "Depreciation, economic depreciation and hidden depreciation by year", "live"
    ),
    Entry(QUARTERS, "result", "Quarters", "Books and economic value at quarter ends", "live"),
    Entry(BRIDGE, "result", "Bridge", "The walk from the books to the value, by cause", "engine, live pick"),
    Entry(DASHBOARD, "result", "Dashboard", "Pictures and all scenarios on one page", "live, engine"),
    Entry(RISK, "result", "Risk run", "What random paths come to, each figure with its error", "engine"),
    Entry(
        SENSITIVITY, "result", "Sensitivity of NPV", "What NPV hangs on, and its range by method and scenario", "engine"
    ),
    Entry(CHECKS, "control", "Checks", "What must hold, with tolerance and outcome", "live"),
    Entry(CASE, "control", "Inputs of the run as text", "All inputs of the run, for reading back", "text"),
    Entry(AUDIT, "control", "Audit", "Version, fingerprint of the inputs, packages, counts", "engine"),
)
OF_THE_CHAIN = frozenset({DRIVERS, PLAN, SILICON, LANDINGS, PURCHASES, MARKET, DEVICES, WORTH, CASH})
"""Sheets that only a workbook with live values has."""
OF_THE_RISK_RUN = frozenset({RISK, SENSITIVITY})
"""Sheets that only the workbook of a risk run has; they hold what drawing the paths again would give."""
EXPLAINED = {
    PLAN: "What an entrant plans with when it buys today, by month of age; Silicon adds these rows up.",
    SILICON: "What each part costs, draws and serves, and the rent at which a new one just pays; Landings reads it.",
    LANDINGS: "Which part lands when, and by how much each one lowers entry rent and cost; Market reads the steps.",
    PURCHASES: "The market when cohorts known in dollars enter service; Devices finds from it what their dollars earn.",
    MARKET: "Rents, entry rents and cost of service by month, for every segment; what they are made of stands below.",
    DEVICES: "One row a cohort: what one device earns, costs and brings, and how long it may run; Worth reads it.",
    WORTH: "Every cohort backwards from its end: rent, what it leaves over cost, value; the first year is printed.",
    ECONOMIC: "Devices in the stock times their value, by month, and what moves it; Gap and Years read it.",
    CASH: "What the fleet takes in and pays by month, and what that is worth at the as-of date.",
}
"""What a sheet holds and how it is used, in a sentence at its head."""
BY_NAME = {entry.name: entry for entry in SHEETS}
