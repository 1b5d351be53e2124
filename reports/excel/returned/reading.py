"""Changes that somebody typed into the inputs of a workbook, found by name and told apart from those of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from assumptions import apply_overrides
from assumptions.cases.listing import INDEX_KEY
from assumptions.cases.overlay import LIVES_KEY, TABLES
from assumptions.chapters.schema import Case
from assumptions.door.messages import printable, short
from reports.excel.plan.drivers import HAZARD, LIFE, SALVAGE_KEY
from reports.excel.plan.layout import LABEL, Context
from reports.excel.returned.answers import as_written, kinds, typed, unchanged
from reports.excel.returned.foreign import ORIGINAL, Foreign, Spot
from reports.excel.returned.origin import Origin, read_origin
from reports.excel.workbook import lay_out
from reports.excel.writing.address import column_letter
from reports.excel.writing.writer import Placed
from reports.record.compose import compose
from reports.record.program import DISTRIBUTION, program_version
from reports.record.report import CHOSEN, Report
from valuation.errors import AssumptionError

KEY = LABEL  # column of what a row is
INPUT, SELECTOR, BOOKS = "in_", "sc_name", "books"
MOST_TOLD = 8
IN_CASE = "change it in case.toml of a folder"


@dataclass(frozen=True)
class Edit:
    """An input that differs from the run.

    Attributes
    ----------
    key, label, unit : str
        The assumption.
    before, after : object
        Its value in the run and in the workbook.
    spot : Spot
        Where it stands.
    """

    key: str
    label: str
    unit: str
    before: Any
    after: Any
    spot: Spot


@dataclass(frozen=True)
class Reading:
    """A workbook read back.

    Attributes
    ----------
    origin : Origin
        What it was made of.
    report : Report
        The run again, as far as its inputs go.
    edits : tuple of Edit
        What differs from it.
    case : Case
        The case with the changes applied.
    """

    origin: Origin
    report: Report
    edits: tuple[Edit, ...]
    case: Case


class ReadError(AssumptionError):
    """Cells that cannot be read; each is told in a line of its own."""

    def __init__(self, told: list[str]) -> None:
        super().__init__(told[0])
        self.told = told


def read_workbook(path: Path) -> Reading:
    """Read the changes of a workbook.

    Parameters
    ----------
    path : Path
        Workbook of a run, inputs changed or not.

    Raises
    ------
    AssumptionError
        If it was not made by a run, or an input cannot be read; with a line for every bad cell.
    """
    with Foreign(path) as book:
        origin = read_origin(book)
        report = compose(replace(origin.run(path.name), overrides=origin.overrides))
        edits = read_edits(book, lay_out(report, path), origin)
    return Reading(origin, report, edits, changed(path, origin.case, edits))


def read_edits(book: Foreign, context: Context, origin: Origin) -> tuple[Edit, ...]:
    """Inputs of a workbook that differ from those of its run.

    Parameters
    ----------
    book : Foreign
        The workbook.
    context : Context
        Every cell of the workbook as the run writes it.
    origin : Origin
        What the workbook was made of.
    """
    try:
        return _read_edits(_Reader(book, context, origin.case))
    except AssumptionError as failure:
        if not origin.foreign_version:
            raise
        other = (
            f"{book.path.name}: {DISTRIBUTION} {origin.version} wrote this workbook, this is {program_version()}; "
            "allowed are workbooks laid out as here; read it with the version that wrote it"
        )
        raise ReadError([*getattr(failure, "told", [str(failure)]), other]) from None


def _read_edits(reader: _Reader) -> tuple[Edit, ...]:
    reader.check_sheets()
    edits: list[Edit] = []
    told: list[str] = []
    for read in (*reader.named(), reader.unnamed):
        try:
            edits += read()
        except AssumptionError as failure:
            told.append(str(failure))
    if told:
        more = len(told) - MOST_TOLD
        rest = [f"{reader.book.path.name}: {more} more cells cannot be read"] if more > 0 else []
        raise ReadError([*told[:MOST_TOLD], *rest])
    return tuple(reader.single(edits))


def changed(path: Path, case: Case, edits: tuple[Edit, ...]) -> Case:
    """Case with the changes of a workbook; a refusal names the cell.

    Parameters
    ----------
    path : Path
        The workbook.
    case : Case
        The case of the run.
    edits : tuple of Edit
        Changes.
    """
    if not edits:
        return case
    try:
        return apply_overrides(case, [(edit.key, edit.after) for edit in edits], path.name)
    except AssumptionError as failure:
        told = str(failure).removeprefix(f"{path.name}: ").removeprefix(f"{path.name} ")
        guilty = ", ".join(str(edit.spot) for edit in _guilty(told.partition(": ")[0], edits))
        raise AssumptionError(f"{path.name} {guilty}: {told}") from None


def _guilty(key: str, edits: tuple[Edit, ...]) -> list[Edit]:
    """Changes that an error is about: those nearest to the key that it names."""

    def shared(edit: Edit) -> int:
        one, other = edit.key.split("."), key.split(".")
        same = [place for place, (mine, its) in enumerate(zip(one, other, strict=False), start=1) if mine == its]
        return len(same) if same == list(range(1, len(same) + 1)) else 0

    best = max(shared(edit) for edit in edits)
    return [edit for edit in edits if shared(edit) == best]


class _Reader:
    """The cells of a workbook beside those of its run."""

    def __init__(self, book: Foreign, context: Context, case: Case) -> None:
        self.book, self.context, self.case = book, context, case
        self.rows = {row.key: row for row in context.report.assumptions}
        self.kinds = kinds(case, context.report.assumptions)
        self.reached: dict[str, list[tuple[Spot, Any]]] = {}

    def check_sheets(self) -> None:
        """Refuse a workbook that lacks a sheet of inputs, or has one that cannot be read."""
        for sheet in dict.fromkeys(
            sheet for name, (sheet, _, _) in self.context.book.names.items() if name[:3] == INPUT
        ):
            if sheet not in self.book.sheets:
                what, remedy = f"there is no sheet {sheet!r}", f"give it its name back, or {ORIGINAL}"
                raise self.book.refusal(Spot(sheet, 0, 0), what, "the sheets of the run", remedy)
            self.book.cells(sheet)

    def named(self) -> Iterator[Callable[[], list[Edit]]]:
        """One reading for each named input."""
        for name, place in self.context.book.names.items():
            if name.startswith(INPUT):
                yield partial(self._named, name, Spot(*place))

    def _placed(self, spot: Spot) -> Placed:
        return self.context.book.cells[spot.sheet][spot.row, spot.column]

    def _key(self, spot: Spot) -> str:
        """What the row of a cell is, as the run wrote it."""
        row = self.context.book.cells[spot.sheet].get((spot.row, KEY))
        return str(row.value) if row else ""

    def _named(self, name: str, ours: Spot) -> list[Edit]:
        key, placed, spot = self._key(ours), self._placed(ours), self._find(name, ours)
        if key not in self.kinds:
            self._check_fixed(key, spot, placed)
            return []
        row = self.rows.get(key)
        label, unit = (row.label, row.unit) if row else ("", "")
        value = typed(self.book, spot, placed, self.kinds[key], unit)
        self.reached.setdefault(key, []).append((spot, value))
        return [] if unchanged(self.book.at(spot), placed) else [Edit(key, label, unit, placed.value, value, spot)]

    def _find(self, name: str, ours: Spot) -> Spot:
        """Cell of a name, where its row still says what it is."""
        key, found = self._key(ours), self.book.find(name)
        if found is None:
            what = f"the name {name} of {key} is gone"
            raise self.book.refusal(ours, what, "the names of the run", f"define it again, or {ORIGINAL}")
        if found.sheet != ours.sheet:
            what = f"the name {name} of {key} points to the sheet {printable(found.sheet)}"
            raise self.book.refusal(found, what, ours.sheet, f"point it there again, or {ORIGINAL}")
        label = self.book.at(found._replace(column=KEY)).value
        if label == key and found.column != ours.column:
            what, allowed = f"the cell of {key} is not in its column: columns were moved", column_letter(ours.column)
            raise self.book.refusal(found, what, f"column {allowed}", f"undo that, or {ORIGINAL}")
        if (label or "") != key or found.column != ours.column:
            what = f"the row of {name} says {short(label)}: rows were moved, or the key was changed"
            raise self.book.refusal(found, what, f"{key!r} in column B", f"undo that, or {ORIGINAL}")
        return found

    def _check_fixed(self, key: str, spot: Spot, placed: Placed) -> None:
        """Refuse a change of what a change cannot name."""
        seen = self.book.at(spot)
        if unchanged(seen, placed):
            return
        what = f"{key} is {short(as_written(seen, placed))}, and was {placed.value!r} in the run"
        raise self.book.refusal(spot, what, "the value of the run", self._instead(key))

    def _instead(self, key: str) -> str:
        """What to change in place of an input that follows from others."""
        chapter, _, rest = key.partition(".")
        if key == INDEX_KEY:
            return "it is an observation: put rents.csv into the folder of a case to bring rents of your own"
        if key in TABLES:
            return f"it is a table: {IN_CASE}"
        if chapter != BOOKS:
            return f"it is fixed by the run: {IN_CASE}"
        kind, _, owner = rest.partition(".")
        ledger = owner.partition(".")[0]
        if kind == HAZARD:
            return "it follows from the failure rates: change operations.failure_early_annual or its like"
        if ledger == CHOSEN:
            return f"it is a what-if of this workbook: {IN_CASE}, as a ledger of its own"
        return f"it follows from the books: change ledgers.{ledger}.{LIVES_KEY if kind == LIFE else SALVAGE_KEY}"

    def unnamed(self) -> list[Edit]:
        """Refuse changes of typed cells without a name: numbers of a scenario."""
        named = set(self.context.book.names.values())
        for sheet, cells in self.context.book.cells.items():
            for (row, column), placed in cells.items():
                if placed.role == "input" and (sheet, row, column) not in named and column != LABEL:
                    self._check_scenario(Spot(sheet, row, column), placed)
        return []

    def _check_scenario(self, spot: Spot, placed: Placed) -> None:
        if spot.sheet not in self.book.sheets:
            raise self.book.refusal(spot, f"there is no sheet {spot.sheet!r}", spot.sheet, "give it its name back")
        label, before = self.context.book.cells[spot.sheet].get((spot.row, LABEL)), spot._replace(column=LABEL)
        moved = label is not None and self.book.at(before).value != label.value
        if moved or not unchanged(self.book.at(spot), placed):
            what = f"rows were moved, or the number {placed.value!r} of a scenario was changed"
            remedy = "undo that, and change the scenario in a file of its own (--scenario-file)"
            raise self.book.refusal(spot, what, "the value of the run", remedy)

    def single(self, edits: list[Edit]) -> Iterator[Edit]:
        """Changes, one an assumption: several dated lives of a ledger change together or not at all."""
        done: set[str] = set()
        for edit in edits:
            if edit.key in done:
                continue
            done.add(edit.key)
            reached = self.reached[edit.key]
            if any(value != edit.after for _, value in reached):
                others = ", ".join(str(spot) for spot, value in reached if value != edit.after)
                what = f"{edit.key} has {len(reached)} dated values, and one change holds for all of them"
                raise self.book.refusal(
                    edit.spot, what, "one value in all of them", f"type {edit.after} in {others} as well, or {IN_CASE}"
                )
            yield edit
