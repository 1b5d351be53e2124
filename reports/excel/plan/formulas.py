"""Templates of the formulas of the ledgers: ``{c}`` is the column itself, ``{p}`` the one before; rows are given.

A month ends at the counter in its head; the age of a cohort is that at the opening of the month, the months since the
month of its entry into service, which stands beside its units. All functions are of Excel 2010.
"""

from __future__ import annotations

from reports.excel.plan.layout import CONSTANT, COUNTER, TOTAL
from reports.excel.writing.address import column_letter

E, F = column_letter(TOTAL), column_letter(CONSTANT)


def leaving(row: int, units_row: int, tables: tuple[str, str], *, standing: bool) -> str:
    """Share of the units that leave: failures while the cohort runs, all of them otherwise; constant: last month.

    Parameters
    ----------
    row, units_row : int
        Rows of the cohort.
    tables : tuple of str
        Failures by age, and the ages from which they hold.
    standing : bool
        Whether the cohort is in service at the as-of date, so that it never enters in the months shown.
    """
    hazard, starts = tables
    entry = f"${E}{units_row}"
    runs = f"{COUNTER}<=${F}{row}" if standing else f"AND({COUNTER}>{entry},{COUNTER}<=${F}{row})"
    return f"=IF({runs},INDEX({hazard},MATCH({COUNTER}-1-{entry},{starts})),1)"


def arrives(units_row: int, leaving_row: int) -> str:
    """1 in the month at whose end the cohort enters service, else 0."""
    return f"({COUNTER}=${E}{units_row})*({COUNTER}<=${F}{leaving_row})"


def units(row: int, leaving_row: int, *, standing: bool) -> str:
    """Units in the stock at the month end; constants: month of entry into service (column E), units bought."""
    left = f"={{p}}{row}*(1-{{c}}{leaving_row})"
    return left if standing else f"{left}+{arrives(row, leaving_row)}*${F}{row}"


def enters(rows: dict[str, int], *, standing: bool) -> str:
    """Cost on entry into service, as the rest of a sum."""
    cost = f"${F}{rows['units']}*${F}{rows['closing']}"
    return "" if standing else f"+{arrives(rows['units'], rows['leaving'])}*{cost}"


def runs_in(rows: dict[str, int], *, standing: bool) -> str:
    """1 in the months in which the cohort runs."""
    entry = f"${E}{rows['units']}"
    held = f"({COUNTER}<=${F}{rows['leaving']})"
    return held if standing else f"({COUNTER}>{entry})*{held}"


def life(values: str, starts: str) -> str:
    """Book life in force in the month."""
    return f"=INDEX({values},MATCH({COUNTER},{starts}))"


def salvage_of(rows: dict[str, int]) -> str:
    """Cell of the salvage share of a cohort: the constant of its depreciation, or column E where that has no row."""
    return f"${F}{rows['charge']}" if "charge" in rows else f"${E}{rows['closing']}"


def charged(rows: dict[str, int], *, write_off: bool, standing: bool) -> str:
    """Depreciation of the month, as part of a formula: straight line over what is left of the life.

    Parameters
    ----------
    rows : dict of int
        Rows of the cohort in every block.
    write_off : bool
        Whether failed units leave the books, and their salvage with them.
    standing : bool
        Whether the cohort is in service at the as-of date.
    """
    entry, runs = f"${E}{rows['units']}", runs_in(rows, standing=standing)
    held = f"{{p}}{rows['units']}" if write_off else f"${F}{rows['units']}"
    salvage = f"{salvage_of(rows)}*${F}{rows['closing']}*{held}"
    return f"{runs}*MAX({{p}}{rows['closing']}-{salvage},0)/MAX({{c}}${rows['life']}-{COUNTER}+1+{entry},1)"


def closing(rows: dict[str, int], *, write_off: bool, standing: bool) -> str:
    """Carrying amount at the month end: what was not charged and did not leave, or the cost on entry into service.

    Parameters
    ----------
    rows : dict of int
        Rows of the cohort in every block; without one of depreciation, that is part of the formula.
    write_off : bool
        Whether failed units leave the books.
    standing : bool
        Whether the cohort is in service at the as-of date.
    """
    own_row = "charge" in rows
    charge = f"{{c}}{rows['charge']}" if own_row else charged(rows, write_off=write_off, standing=standing)
    stays = f"(1-{{c}}{rows['leaving']})" if write_off else f"({COUNTER}<=${F}{rows['leaving']})"
    return f"=({{p}}{rows['closing']}-{charge})*{stays}{enters(rows, standing=standing)}"


def one_life(rows: dict[str, int], life: str) -> str:
    """Carrying amount where one life holds throughout: what a straight line leaves of the units in the stock.

    Parameters
    ----------
    rows : dict of int
        Rows of the cohort in every block; column E holds the salvage share and the month of entry into service.
    life : str
        Cell of the life.
    """
    gone = f"MIN(1,({COUNTER}-${E}{rows['units']})/{life})"
    return f"={{c}}{rows['units']}*${F}{rows['closing']}*(1-(1-{salvage_of(rows)})*{gone})"


def charges(blocks: dict[str, tuple[int, int]], life_row: int, *, write_off: bool) -> str:
    """Depreciation of each cohort of a group, as an array inside a sum of products.

    Parameters
    ----------
    blocks : dict of tuple
        First and last row of the group in every block.
    life_row : int
        Row of the life in force, one for all cohorts.
    write_off : bool
        Whether failed units leave the books.
    """
    fixed = {name: f"${F}${first}:${F}${last}" for name, (first, last) in blocks.items()}
    entry, share = (f"${E}${blocks[name][0]}:${E}${blocks[name][1]}" for name in ("units", "closing"))
    held = span(blocks["units"], "{p}") if write_off else fixed["units"]
    above = f"({span(blocks['closing'], '{p}')}-{share}*{fixed['closing']}*{held})"
    left = f"({{c}}${life_row}-{COUNTER}+{entry})"
    runs = f"({COUNTER}>{entry})*({COUNTER}<={fixed['leaving']})"
    return f"{runs}*({above}>0)*{above}/(({left}>0)*{left}+1)"


def span(rows: tuple[int, int], column: str = "{c}") -> str:
    """Cells of one column from a row to another."""
    return f"{column}{rows[0]}:{column}{rows[1]}"


def group_additions(blocks: dict[str, tuple[int, int]]) -> str:
    """Cost of the cohorts of a group that enter service at the month end."""
    column = f"${F}$"
    fixed = {name: f"{column}{rows[0]}:{column}{rows[1]}" for name, rows in blocks.items()}
    first, last = blocks["units"]
    now = f"(${E}${first}:${E}${last}={COUNTER})*({fixed['leaving']}>={COUNTER})"
    return f"=SUMPRODUCT({now}*{fixed['units']}*{fixed['closing']})"


def group_disposals(blocks: dict[str, tuple[int, int]], charged: str, *, write_off: bool) -> str:
    """What leaves the books of a group undepreciated: failed units where they are written off, and retired cohorts.

    Parameters
    ----------
    blocks : dict of tuple
        First and last row of the group in every block.
    charged : str
        Depreciation of each cohort: cells, or an array of `charges`.
    write_off : bool
        Whether failed units leave the books.
    """
    first, last = blocks["leaving"]
    gone = span(blocks["leaving"]) if write_off else f"(${F}${first}:${F}${last}<{COUNTER})"
    return f"=SUMPRODUCT(({span(blocks['closing'], '{p}')}-{charged})*{gone})"


def corkscrew(first: int) -> str:
    """Closing from the four rows above: opening + additions - depreciation - disposals."""
    return f"={{c}}{first}+{{c}}{first + 1}-{{c}}{first + 2}-{{c}}{first + 3}"


def sum_of_measure(first: int, last: int, row: int) -> str:
    """Sum over the rows of a block that carry the same measure as a row."""
    return f"=SUMIFS({{c}}${first}:{{c}}${last},$D${first}:$D${last},$D{row})"


def pick(first: int, last: int) -> str:
    """Row of the scenario shown."""
    return f"=INDEX({{c}}{first}:{{c}}{last},sc_number)"


def largest(first: str, last: str) -> str:
    """Sum of the absolute values of a row: zero if every one of them is."""
    return f"=SUMPRODUCT(ABS({first}:{last}))"
