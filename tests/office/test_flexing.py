"""Inputs changed in the open workbook move values as the engine would, one at a time and many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from assumptions.cases.listing import Scalar
from reports.excel.plan.layout import AS_EXPORTED
from reports.excel.plan.outline import INPUTS
from reports.excel.sheets.inputs import RERUN
from tests.office.comparing import Comparison, compare, largest_cost
from tests.office.flexing import SHEETS, Changes, Exported, drawn, ends, exported
from tests.office.office import Office, Value

pytestmark = [pytest.mark.office, pytest.mark.slow]

SEED = 20_260_101
MOST = 0.8
"""Share of the changes that cases must take: of what a step leads beyond its range, nothing is to be seen."""
CASES = ("neocloud", "etched-inference", "bitcoin-miner")
SETS = {"neocloud": 25, "meta": 10, "etched-inference": 10, "bitcoin-miner": 5}
Poisoned = Callable[[str], Path]
T = TypeVar("T")


def named(book: Exported, office: Office, name: str) -> Value:
    """Value of a named cell."""
    return office.cell(*book.context.book.names[name])


class Open:
    """A workbook open in the office, with what has been typed into it.

    Parameters
    ----------
    book : Exported
        The workbook as it was exported.
    office : Office
        Where it is opened.
    path : Path
        Its file.
    """

    def __init__(self, book: Exported, office: Office, path: Path) -> None:
        self.book, self.office, self._typed = book, office, Changes()
        self.total, self.wrong = Comparison(), list[str]()
        office.open(path)

    def change(self, changes: Changes, scenario: str) -> None:
        """Type changes in the place of those before, and compare with the engine."""
        self.office.type(self.book.typed(self.book.restored(self._typed) | changes, scenario))
        self._typed = changes
        found = self.office.sheets(SHEETS)
        result = compare(self.book.expected(changes, scenario), found, largest_cost(self.book.context.report))
        self.wrong += [f"{scenario} {changes}: {result}"] if result.different else []
        self.total.add(result)


def half(everything: Sequence[T], part: int) -> Sequence[T]:
    """One of two halves, which two offices take side by side."""
    return everything[part::2]


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("name", CASES)
def test_every_followed_input_at_its_ends(
    name: str, part: int, office: Office, poisoned: Poisoned, record_property: Callable[[str, object], None]
) -> None:
    book = exported(name)
    assert len(book.followed) > 20
    sets: list[Changes] = [{row.key: end} for row in half(book.followed, part) for end in ends(row)]
    taken = [changes for changes in sets if book.accepts(changes)]
    assert len(taken) > MOST * len(sets)
    opened = Open(book, office, poisoned(name))
    for changes in taken:
        opened.change(changes, book.scenarios[0])
    assert opened.wrong == []
    record_property("agreement", str(opened.total))
    print(f"{name} {part}: {len(taken)} changes, {opened.total}")  # noqa: T201 - read with -s or on failure


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_random_sets_of_inputs(
    name: str, part: int, office: Office, poisoned: Poisoned, record_property: Callable[[str, object], None]
) -> None:
    book = exported(name)
    opened = Open(book, office, poisoned(name))
    for number in half(range(SETS[name]), part):
        random = Random(f"{SEED} {name} {number}")
        scenario = random.choice(book.scenarios)
        changes: Changes = {}
        for row in book.followed_under(scenario):
            value: Scalar = drawn(row, random)
            if book.accepts({row.key: value}):
                changes[row.key] = value
        assert len(changes) > MOST * len(book.followed_under(scenario))
        opened.change(changes, scenario)
    assert opened.wrong == []
    record_property("agreement", str(opened.total))
    print(f"{name} {part}: {opened.total}")  # noqa: T201 - read with -s or on failure


def test_inputs_that_need_a_run_say_so(office: Office, poisoned: Poisoned) -> None:
    book = exported("neocloud")
    office.open(poisoned("neocloud"))
    cells = book.context.book.cells[INPUTS]
    rows = [row for (row, _), placed in cells.items() if placed.value == RERUN]
    assert len(rows) > 50
    silent = []
    for name, (sheet, row, column) in book.context.book.names.items():
        if sheet != INPUTS or row not in rows:
            continue
        value = cells[row, column].value
        office.touch({name: f"{value} changed" if isinstance(value, str) else value + 1})
        silent += [name] if named(book, office, "chk_stale") != "1 changed: run again" else []
        office.touch({name: value})
    assert silent == []
    assert named(book, office, "chk_stale") == AS_EXPORTED


def test_changes_that_the_program_must_work_out_need_a_run(office: Office, poisoned: Poisoned) -> None:
    """Entry rents of parts that strand, and scarce places, are numbers of the run; what moves neither is followed."""
    book, key = exported("neocloud"), "terms.required_return_annual"
    office.open(poisoned("neocloud"))
    for scenario, changes, flag in (
        ("formats_strand", {key: 0.1}, "1 changed: run again"),
        ("formats_strand", {"market.resale_haircut_share": 0.1}, "1 changed: live"),
        ("power_limited", {key: 0.1}, "1 changed: run again"),
        ("power_limited", {"market.generic_step_log": 0.2}, "1 changed: run again"),
        ("power_limited", {"market.resale_haircut_share": 0.1}, "1 changed: live"),
        ("formats_strand", {"market.generic_step_log": 0.2}, "1 changed: live"),
        ("base", {key: 0.1}, "1 changed: live"),
    ):
        office.type(book.typed(changes, scenario))
        assert named(book, office, "chk_stale") == flag
        office.type(book.typed(book.restored(changes), "base"))
