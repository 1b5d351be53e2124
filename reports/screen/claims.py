"""What a terminal shows of the debate's claims: replacement and expansion, leverage, lives against books."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.table import Table

from reports.record.claims import LATER, SOONER, verdict
from reports.record.display import MISSING, months, scale
from reports.record.report import Report, at_case
from reports.screen.tables import titled
from valuation.analysis.leverage import AHEAD
from valuation.timeline import FloatArray

BASE = 0
ACROSS = 2
"""Sets of books side by side, as in the other tables by ledger."""
FLEET = -1
ANSWERS = {SOONER: "yes", LATER: "no"}
SHORT = {"three_year": "3-year", "disclosed": "disclosed"}


def claim_tables(report: Report) -> list[Table | None]:
    """Tables of the base for the summary of a run."""
    return [capex(report), leverage(report), book_lives(report)]


def capex(report: Report) -> Table | None:
    """Purchases of the base by fiscal year as replacement and expansion; none where nothing is bought."""
    found, ledgers = report.capex, report.ledgers[:ACROSS]
    years = [row for row, bought in enumerate(at_case(found.capex, BASE).tolist()) if bought > 0.0]
    if not years:
        return None
    unit = scale(_one(found.capex, row) for row in years)
    table = titled(f"Purchases: what replaces and what expands ({report.scenarios[BASE].name}, {unit.name})")
    table.caption = (
        "Replacement: service that left, at its price then; nothing is known of retirements before the as-of date but "
        "failures and the schedule. Beside it, what would have been replaced had all left at the end of its book life."
    )
    _columns(
        table,
        ("year", "purchases", "replacement", "expansion"),
        *(f"replaced at {_short(name)} life" for name in ledgers),
        *(f"depreciation / purchases {_short(name)}" for name in ledgers),
        "mean age months",
    )
    for row in years:
        table.add_row(
            f"FY{int(found.years[row])}",
            *(unit.amount(_one(array, row)) for array in (found.capex, found.replacement)),
            unit.signed(_one(found.expansion, row)),
            *(unit.amount(_one(found.replacement_by_life[name], row)) for name in ledgers),
            *(share(_one(found.depreciation_share[name], row)) for name in ledgers),
            months(_one(found.age, row)),
        )
    return table


def leverage(report: Report) -> Table:
    """Rent and quasi-rent that devices owned at the as-of date lose in the base."""
    found = report.obsolescence
    table = titled(f"Operating leverage: rent lost, and quasi-rent lost ({report.scenarios[BASE].name})")
    ahead = [f"{word} in {number} months" for number in AHEAD for word in ("rent", "quasi-rent")]
    _columns(table, ("devices", "stop below, of rent"), *ahead)
    for label, group in _rows(report):
        lost = [
            share(float(at_case(array, BASE)[number, group]))
            for number in range(len(AHEAD))
            for array in (found.rent_lost, found.quasi_rent_lost)
        ]
        table.add_row(label, share(_one(found.shutdown_share, group)), *lost)
    return table


def book_lives(report: Report) -> Table:
    """Lives that the value of each part implies in the base against those of the books."""
    found, ledgers = report.obsolescence, report.ledgers[:ACROSS]
    table = titled(f"Is value gone before the books say so? Lives in months ({report.scenarios[BASE].name})")
    table.caption = "No: T90 at or after the book life contradicts the claim that value is gone sooner than believed."
    _columns(
        table,
        ("devices", "T50", "T90", "retired", "straight line equivalent"),
        *(word for name in ledgers for word in (f"{_short(name)} book life", f"T90 before {_short(name)}")),
    )
    lives = (found.lives.t50, found.lives.t90, found.lives.retirement, found.lives.straight_line_equivalent)
    for label, group in _rows(report):
        said = []
        for name in ledgers:
            answer = ANSWERS.get(verdict(_one(found.value_outlasts(name), group)), MISSING)
            said += [months(_one(found.book_life[name], group)), answer]
        table.add_row(label, *(months(_one(life, group)) for life in lives), *said)
    return table


def share(value: float) -> str:
    """A share in per cent, or a dash where there is none."""
    return MISSING if math.isnan(value) else f"{value:.0%}"


def _rows(report: Report) -> Sequence[tuple[str, int]]:
    """Reporting groups of which the base buys something, and the fleet."""
    bought = [group for group in report.shown_groups if report.buys(group, BASE)]
    return [*((report.group_name(group), group) for group in bought), ("fleet", FLEET)]


def _columns(table: Table, first: Sequence[str], *others: str) -> None:
    """Columns, the first one of words."""
    for number, heading in enumerate((*first, *others)):
        table.add_column(heading.replace(" ", "\n"), justify="right" if number else "left", no_wrap=True)


def _short(ledger: str) -> str:
    return SHORT.get(ledger, ledger.replace("_", " "))


def _one(array: FloatArray, row: int) -> float:
    return float(at_case(array, BASE)[row])
