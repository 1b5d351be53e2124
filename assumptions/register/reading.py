"""Asset registers: reading rows, events, use and tables; every bad row is found before anything is computed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from assumptions.door.messages import error, nearest
from assumptions.door.tables import Column, header, read_rows, values_of
from assumptions.register import assets, events
from assumptions.register.assets import Asset, Policy, asset_of, policy_of
from assumptions.register.events import Event, Line, by_asset, event_of, lines_of
from assumptions.register.plain import PlainAssets, is_plain, plain_assets
from valuation.errors import AssumptionError

MAX_ASSETS = 1_000_000
MAX_TOLD = 20
"""Bad rows told in full; the rest are counted."""

USE_COLUMNS = {
    "asset": Column("text", "name of the asset"),
    "month": Column("month", "month of use"),
    "units": Column("units", "use in the month", 0.0, 1e15),
}
TABLE_COLUMNS = {
    "table": Column("text", "name of the table"),
    "step": Column("number", "step, from 1", 1.0, 1200.0),
    "percent": Column("per cent of cost", "charge of the step", 0.0, 100.0),
}
WHOLE, ROUNDING = 1.0, 1e-6
FEW = 12

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Register:
    """A register that can be computed.

    Attributes
    ----------
    name : str
        Name in messages and titles.
    rows : list of Asset
        Its good rows.
    policies : list of Policy
        Policy of each.
    lines : list of Line
        What is followed: assets, and parts that leave apart.
    use : dict
        Use by month for each asset, where given.
    skipped : list of str
        Bad rows left out, with the reason.
    groups : list of (str, str)
        Books and classes.
    plain : PlainAssets or None
        Assets to which nothing happens but time.
    rest : list of Line
        Lines of the others.
    """

    name: str
    rows: list[Asset]
    policies: list[Policy]
    lines: list[Line]
    use: dict[str, dict[str, float]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    groups: list[tuple[str, str]] = field(default_factory=list)
    plain: PlainAssets | None = None
    rest: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class RegisterFiles:
    """Files of a register.

    Attributes
    ----------
    assets : pathlib.Path or None
        Assets; none where they are given in words.
    events, use, tables : pathlib.Path or None
        Events, use by month, tables of percentages.
    """

    assets: Path | None = None
    events: Path | None = None
    use: Path | None = None
    tables: Path | None = None


class BadRowsError(AssumptionError):
    """Some rows of a register cannot be computed; the message has a line for each."""

    def __init__(self, told: list[str]) -> None:
        more = len(told) - MAX_TOLD
        lines = told[:MAX_TOLD] + ([f"and {more} more bad rows"] if more > 0 else [])
        super().__init__("\n".join(lines))
        self.told = told


def read_register(files: RegisterFiles, words: Iterable[str] = (), *, skip_bad: bool = False) -> Register:
    """Read a register and everything beside it.

    Parameters
    ----------
    files : RegisterFiles
        Where it stands.
    words : iterable of str
        Assignments ``column=value`` of one asset, or of columns that the rows of a file leave empty.
    skip_bad : bool
        Whether bad rows are left out and listed, instead of refusing the register.

    Raises
    ------
    BadRowsError
        With every bad row, unless they are skipped.
    """
    failures: list[str] = []
    tables = _tables(files.tables) if files.tables else {}
    given = _assignments(words)
    rows, policies, bad = _assets(files.assets, given, tables, failures)
    happened, spoilt = _events(files.events, rows, bad, failures) if files.events else ({}, set())
    use, unused = _use(files.use, {row.asset for row in rows}, bad, failures) if files.use else ({}, set())
    lines: list[Line] = []
    kept: list[int] = []
    for position, (row, policy) in enumerate(zip(rows, policies, strict=True)):
        if row.asset in spoilt or row.asset in unused:
            if skip_bad:
                cause = "event" if row.asset in spoilt else "row of use"
                failures.append(f"{row.place}: {row.asset!r} has a bad {cause}, and is left out with it")
            continue
        try:
            lines += lines_of(len(kept), row, policy, happened.get(position, []))
            kept.append(position)
        except AssumptionError as failure:
            failures.append(str(failure))
    if failures and not skip_bad:
        raise BadRowsError(failures)
    if not lines:
        none = error(_name(files), "no good row is left", "at least one asset", "correct the rows")
        raise BadRowsError([*failures, str(none)])
    # What is left out has no part in anything, such as the test of a year's additions.
    good, own = [rows[position] for position in kept], [policies[position] for position in kept]
    return sorted_out(Register(_name(files), good, own, lines, use, failures))


def sorted_out(register: Register) -> Register:
    """Register with its groups, and its plain assets apart from the others.

    Parameters
    ----------
    register : Register
        Rows, policies and lines.
    """
    groups = sorted({(row.book, row.asset_class) for row in register.rows})
    of_asset = by_asset(register.lines)
    plain = {
        asset for asset, lines in of_asset.items() if is_plain(register.rows[asset], register.policies[asset], lines)
    }
    number = {group: place for place, group in enumerate(groups)}
    return replace(
        register,
        groups=groups,
        plain=plain_assets(sorted(plain), register.rows, register.policies, number) if plain else None,
        rest=[line for line in register.lines if line.asset not in plain],
    )


def _name(files: RegisterFiles) -> str:
    return files.assets.name if files.assets else "asset"


def _assignments(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, mark, text = word.partition("=")
        if not mark:
            raise error(f"--set {word}", "no equals sign", "column=value", "write it as cost_usd=40000")
        if name not in assets.COLUMNS:
            remedy = nearest(name, assets.COLUMNS)
            raise error(f"--set {word}", f"unknown column {name!r}", "a column of the register", remedy)
        found[name] = text
    return found


def _assets(
    path: Path | None, given: dict[str, str], tables: Mapping[str, tuple[float, ...]], failures: list[str]
) -> tuple[list[Asset], list[Policy], set[str]]:
    """Good rows and their policies; the others are told, and their assets returned."""
    known = dict(tables)
    if path is None:
        cells = {"asset": "asset", **given}
        row = asset_of("--set", values_of("--set", list(cells), list(cells.values()), assets.COLUMNS, assets.REQUIRED))
        return [row], [policy_of(row, known)], set()
    defaults = values_of("--set", list(given), list(given.values()), assets.COLUMNS, ())
    seen: dict[tuple[str, str], str] = {}
    rows: list[Asset] = []
    policies: list[Policy] = []

    def take(place: str, values: dict[str, Any]) -> None:
        row = asset_of(place, {**defaults, **values})
        policy = policy_of(row, known)
        key = (row.asset, row.book)
        if key in seen:
            what = f"{row.asset!r} stands in book {row.book!r} already ({seen[key]})"
            raise error(f"{place} column asset", what, "once in each book", "rename it or name another book")
        seen[key] = place
        rows.append(row)
        policies.append(policy)

    needed = [name for name in assets.REQUIRED if name not in defaults]
    bad = _each(path, assets.COLUMNS, needed, take, failures)
    return rows, policies, bad


def _each(
    path: Path,
    columns: Mapping[str, Column],
    needed: list[str] | tuple[str, ...],
    take: Callable[[str, dict[str, Any]], None],
    failures: list[str],
) -> set[str]:
    """Hand every row of a file on; the bad ones are told, and their assets returned."""
    with _no_collection():
        table = read_rows(path, 1 + MAX_ASSETS)  # the header is a row too
    if len(table) <= 1:
        raise error(path.name, "the table has no rows", "a header and at least one row", "add a row")
    names = header(path, table[0], columns, needed)
    spoilt: set[str] = set()
    known: dict[str, dict[str, str | float | None]] = {}
    with _no_collection():
        for number, cells in table[1:]:
            try:
                place = f"{path.name} row {number}"
                take(place, values_of(place, names, cells, columns, needed, known))
            except AssumptionError as failure:
                failures.append(str(failure))
                spoilt |= {cell.strip() for name, cell in zip(names, cells, strict=False) if name == "asset"}
    return spoilt


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles: rows have none, and looking through a long table again and again takes a third longer."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


def _events(
    path: Path, rows: list[Asset], bad: set[str], failures: list[str]
) -> tuple[dict[int, list[Event]], set[str]]:
    """Events of each asset in the order in which they act, and the assets that have a bad one."""
    found: dict[int, list[Event]] = {}
    named = {(row.asset, row.book): position for position, row in enumerate(rows)}
    books: dict[str, list[str]] = {}
    for row in rows:
        books.setdefault(row.asset, []).append(row.book)

    def take(place: str, values: dict[str, Any]) -> None:
        event = event_of(place, values)
        kept = books.get(event.asset, [])
        if not kept:
            raise _unknown(place, event.asset, bad, books)
        book = event.book or kept[0]
        if (not event.book and len(kept) > 1) or book not in kept:
            what = f"{event.book!r} is not its book" if event.book else f"the asset stands in {len(kept)} books"
            raise error(f"{place} column book", what, ", ".join(kept), "name one: no event acts on two books")
        found.setdefault(named[event.asset, book], []).append(event)

    spoilt = _each(path, events.COLUMNS, events.REQUIRED, take, failures)
    for position, listed in found.items():
        listed.sort(key=lambda event: (event.date, event.order or 0.0))
        if _out_of_order(rows[position], listed, failures):
            spoilt.add(rows[position].asset)
    return found, spoilt


def _out_of_order(row: Asset, listed: list[Event], failures: list[str]) -> bool:
    """Tell events of one asset on one date that nothing puts in order."""
    before = len(failures)
    for one, other in pairwise(listed):
        if one.date == other.date and (one.order is None or one.order == other.order):
            what = f"a second event of {row.asset!r} on {other.date}, beside {one.place.rpartition(' ')[2]}"
            place = f"{other.place} column order"
            failures.append(str(error(place, what, "a different order for each", "number them")))
    return len(failures) > before


def _unknown(place: str, asset: str, bad: set[str], known: Collection[str]) -> AssumptionError:
    """What to say of an asset that is not in the register, or whose row is bad."""
    where = f"{place} column asset"
    if asset in bad:
        return error(where, f"the row of {asset!r} in the register is bad", "an asset of the register", "correct it")
    # Near names are looked for among a few only: the search is slow.
    remedy = nearest(asset, known) if len(known) <= FEW else "correct it"
    return error(where, f"{asset[:40]!r} is unknown", "an asset of the register", remedy)


def _use(
    path: Path, known: set[str], bad: set[str], failures: list[str]
) -> tuple[dict[str, dict[str, float]], set[str]]:
    """Use by asset and month, and the assets of which a row is bad."""
    found: dict[str, dict[str, float]] = {}

    def take(place: str, values: dict[str, Any]) -> None:
        if values["asset"] not in known:
            raise _unknown(place, values["asset"], bad, known)
        months = found.setdefault(values["asset"], {})
        if values["month"] in months:
            raise error(f"{place} column month", f"{values['month']} stands twice", "each month once", "add them up")
        months[values["month"]] = values["units"]

    spoilt = _each(path, USE_COLUMNS, tuple(USE_COLUMNS), take, failures)
    return found, spoilt


def _tables(path: Path) -> dict[str, tuple[float, ...]]:
    """Tables of percentages as shares by step; each adds up to the whole cost."""
    steps: dict[str, dict[int, float]] = {}
    failures: list[str] = []

    def take(place: str, values: dict[str, Any]) -> None:
        table, step = steps.setdefault(values["table"], {}), int(values["step"])
        if step != values["step"] or step in table:
            what = f"step {values['step']:.15g} of {values['table']!r}"
            raise error(f"{place} column step", what, "whole numbers, each once", "number the steps from 1")
        table[step] = values["percent"] / 100

    _each(path, TABLE_COLUMNS, tuple(TABLE_COLUMNS), take, failures)
    if failures:
        raise BadRowsError(failures)
    for name, table in steps.items():
        if sorted(table) != list(range(1, len(table) + 1)):
            what = f"steps {sorted(table)}"
            raise error(f"{path.name} table {name}", what, "1, 2, 3 ...", "number them without gaps")
        if abs(sum(table.values()) - WHOLE) > ROUNDING:
            what = f"the percentages add up to {100 * sum(table.values()):.6g}"
            raise error(f"{path.name} table {name}", what, "100", "correct the percentages")
    return {name: tuple(table[step] for step in sorted(table)) for name, table in steps.items()}
