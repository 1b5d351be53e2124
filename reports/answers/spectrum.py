"""The spectrum of silicon on screen and as a table: costs, winners, and the case of etched weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assumptions import AssumptionRow, EtchedCase, Handover, SpectrumGrid
from assumptions.answers.spectrum_run import ClassRow
from reports.files.streams import Row, check_path, open_stream
from reports.record.display import Scale, plain
from reports.screen.console import print_assumption, screen
from reports.screen.tables import plain_table

COLUMNS = (
    "class",
    "example",
    "evidence",
    "churn_per_year",
    "horizon_years",
    "cost_per_million_tokens_usd",
    "capital_usd",
    "stranding_usd",
    "energy_usd",
    "upkeep_usd",
    "cost_at_best_usd",
    "cost_at_worst_usd",
    "stranding_hazard_per_year",
    "reprogrammability_share",
    "on_frontier",
    "wins",
)
SUFFIXES = (".csv", ".xlsx")
NEVER = "never"
CENTS = Scale("US cents", -2, 2)
"""Unit of costs on screen: a power of ten of USD."""
FRONTIER = "yes"
SPAN = (
    "Cost per token on the same model and batch, for a filled device; never the speed that one user sees. Own span: "
    "the class's own numbers at the ends that favour it and that do not. Output claimed: by the vendor alone, or from "
    "single streams; read the span, not the point."
)
FRONTIER_IS = (
    "Absorbs: share of all changes (weights, architecture, number format) that do not strand the class. Frontier: no "
    "class is both cheaper where nothing changes and easier to reprogram."
)
MORE = "`--sources` prints every number with its range and source."


def check_out(path: Path | None) -> None:
    """Refuse a file for the table that could not be written.

    Parameters
    ----------
    path : pathlib.Path, optional
        File asked for.
    """
    if path is not None:
        check_path(path, (), SUFFIXES)


def write_spectrum(grid: SpectrumGrid, path: Path) -> None:
    """Write every class at every point of the grid.

    Parameters
    ----------
    grid : SpectrumGrid
        The spectrum, evaluated.
    path : pathlib.Path
        File, .csv or .xlsx.
    """
    with open_stream(path, COLUMNS) as stream:
        stream.write(_cells(row) for row in grid.rows)


def _cells(row: ClassRow) -> Row:
    figures = (
        row.churn_per_year,
        row.horizon_years,
        row.cost,
        row.capital,
        row.stranding,
        row.energy,
        row.upkeep,
        row.cost_at_best,
        row.cost_at_worst,
        row.hazard_per_year,
        row.reprogrammability,
    )
    return (row.key, row.example, row.evidence, *figures, _answer(row.on_frontier), _answer(row.wins))


def _answer(holds: bool) -> str:
    return FRONTIER if holds else "no"


def print_sources(rows: Sequence[AssumptionRow], stream: TextIO) -> None:
    """Print every number of the spectrum with its evidence."""
    for row in rows:
        print_assumption(row, stream)
        stream.write("\n")


def print_spectrum(grid: SpectrumGrid, changes: Sequence[Handover], case: EtchedCase, stream: TextIO) -> None:
    """Print the spectrum.

    Parameters
    ----------
    grid : SpectrumGrid
        The spectrum, evaluated.
    changes : sequence of Handover
        Where the cheapest class changes, by horizon.
    case : EtchedCase
        The case of etched weights.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    workload = grid.spectrum.workload
    console.print(Text(f"The spectrum of silicon: {workload.model}, {workload.conditions}", style="bold"))
    for table in (_costs(grid), _winners(grid), _handovers(changes), _upgrades(case), _years(case), _erosion(case)):
        heading, table.title = table.title, None
        console.print(Padding(heading or "", (1, 0, 0, 0)))
        console.print(table)
    console.print(Padding(Text(_verdict(grid)), (1, 0, 0, 0)))
    console.print(Text(_respins(case)))
    for note in (SPAN, FRONTIER_IS, MORE):
        console.print(Text(note))


def _costs(grid: SpectrumGrid) -> Table:
    churn, horizon = grid.place
    table = plain_table(
        f"{CENTS.name} per million tokens at {churn:g} new weights a year over {horizon:g} years",
        *("class", "output", "cost", "capital", "stranding", "energy", "upkeep", "own span"),
        *("absorbs", "frontier"),
        left=2,
    )
    for row in grid.table:
        figures = (row.cost, row.capital, row.stranding, row.energy, row.upkeep)
        table.add_row(
            row.title,
            row.evidence,
            *map(CENTS.amount, figures),
            f"{CENTS.amount(row.cost_at_best)}–{CENTS.amount(row.cost_at_worst)}",
            f"{row.reprogrammability:.0%}",
            _answer(row.on_frontier),
            style="bold" if row.wins else "",
        )
    return table


def _winners(grid: SpectrumGrid) -> Table:
    table = plain_table(
        "Cheapest class by new weights a year (down) and horizon in years (across)",
        *("churn", *(f"{horizon:g}" for horizon in grid.horizons)),
        left=len(grid.horizons) + 1,
        folds=True,
    )
    for churn in grid.churn:
        table.add_row(f"{churn:g}", *(grid.wins(churn, horizon).title for horizon in grid.horizons))
    return table


def _handovers(changes: Sequence[Handover]) -> Table:
    table = plain_table(
        "Churn at which the cheapest class changes", "horizon, years", "cheapest, as churn rises", left=2, folds=True
    )
    for horizon in dict.fromkeys(change.horizon_years for change in changes):
        here = [change for change in changes if change.horizon_years == horizon]
        steps = (f"{change.above} from {change.churn_per_year:.2f}" for change in here)
        table.add_row(f"{horizon:g}", ", ".join([here[0].below, *steps]))
    return table


def _upgrades(case: EtchedCase) -> Table:
    table = plain_table(
        f"Etched weights: price of an upgrade over {case.units:,.0f} devices, and devices needed for "
        f"{case.claimed_price_usd:,.0f} USD",
        *("design and masks", "USD", "USD per device", "devices needed"),
    )
    for row in case.upgrades:
        table.add_row(
            row.what, plain(row.design_and_masks_usd), plain(row.upgrade_price_usd), _many(row.units_for_claim)
        )
    return table


def _years(case: EtchedCase) -> Table:
    table = plain_table(
        f"Etched weights: owning at {case.annual_cost_usd:,.0f} USD a year, an upgrade in it, beside buying tokens",
        *("year", "pays", "at cents\nper million", "from million\ntokens a year"),
        *("fresh weights\nsave owner", "upgrades", "save\nperson", "upgrades"),
        left=2,
    )
    for row in case.years:
        table.add_row(
            str(row.year),
            row.verdict,
            f"{CENTS.amount(row.api_price_usd_per_million)}",
            _many(row.break_even_million_tokens),
            plain(row.owner_worth_usd),
            _answer(row.owner_upgrades),
            plain(row.person_worth_usd),
            _answer(row.person_upgrades),
        )
    return table


def _erosion(case: EtchedCase) -> Table:
    first = case.erosion[0]
    table = plain_table(
        "Etched weights: years until falling prices of rivals use up the advantage in cost",
        *(
            "rival",
            "its cost over own",
            *(f"falls {fall:g}-fold" for fall in (first.fall_low, first.fall, first.fall_high)),
        ),
    )
    for row in case.erosion:
        lasts = (f"{years:.2f}" for years in (row.years_low, row.years, row.years_high))
        table.add_row(row.against, f"{row.advantage:.2f}", *lasts)
    return table


def _verdict(grid: SpectrumGrid) -> str:
    """The cheapest class, and those that the spans do not rule out."""
    first, others = grid.wins(*grid.place).title, [row.title for row in grid.contenders]
    open_to = f"their best is cheaper than its worst: {', '.join(others)}" if others else "no other span reaches it"
    return f"Cheapest in the table of costs: {first}; {open_to}."


def _respins(case: EtchedCase) -> str:
    respun = "no output at all" if math.isinf(case.cost_if_respun) else f"{CENTS.amount(case.cost_if_respun)} cents"
    return (
        f"New silicon for every change ({case.respins_per_year:.2f} a year, {case.turnaround_months:g} months each, "
        f"{case.lost_share:.0%} of the output lost): {respun} per million tokens, against "
        f"{CENTS.amount(case.cost_if_bought_anew)} where the whole device is bought anew. It makes "
        f"{case.output_million_tokens:,.0f} million tokens a year; a person uses {case.personal_million_tokens:,.0f}. "
        "Fresh weights are as old as the turnaround when they arrive."
    )


def _many(number: float) -> str:
    return NEVER if math.isinf(number) else f"{number:,.0f}"
