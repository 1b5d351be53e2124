"""Inputs changed in the open workbook move values as the engine would, one at a time and many at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from assumptions.listing import Scalar
from reports.excel.inputs import RERUN
from reports.excel.layout import AS_EXPORTED
from reports.excel.outline import INPUTS
from tests.office.comparing import Comparison, compare, largest_cost
from tests.office.flexing import SHEETS, Changes, Exported, drawn, ends, exported
from tests.office.office import Office, Value

pytestmark = [pytest.mark.office, pytest.mark.slow, pytest.mark.sweep]

SEED = 20_260_101
CASES = ("neocloud", "etched-inference", "bitcoin-miner")
SETS = {"neocloud": 25, "meta": 10, "etched-inference": 10, "bitcoin-miner": 5}
Poisoned = Callable[[str], Path]


def named(book: Exported, office: Office, name: str) -> Value:
    """Value of a named cell."""
    return office.cell(*book.context.book.names[name])


def changed(book: Exported, office: Office, changes: Changes, scenario: str) -> Comparison:
    """Type changes, compare with the engine, and undo them."""
    expected = book.expected(changes, scenario)
    office.type(book.typed(changes, scenario))
    result = compare(expected, office.sheets(SHEETS), largest_cost(book.context.report))
    office.type(book.typed(book.restored(changes), book.scenarios[0]))
    return result


@pytest.mark.parametrize("name", CASES)
def test_every_followed_input_at_its_ends(
    name: str, office: Office, poisoned: Poisoned, record_property: Callable[[str, object], None]
) -> None:
    book, total, wrong = exported(name), Comparison(), []
    office.open(poisoned(name))
    sets: list[Changes] = [{row.key: end} for row in book.followed for end in ends(row)]
    assert len(book.followed) > 20
    for changes in filter(book.accepts, sets):
        result = changed(book, office, changes, book.scenarios[0])
        wrong += [f"{changes}: {result}"] if result.different else []
        total.add(result)
    assert wrong == []
    record_property("agreement", str(total))
    print(f"{name}: {len(sets)} changes, {total}")  # noqa: T201 - read with -s or on failure


@pytest.mark.parametrize("name", SETS)
def test_random_sets_of_inputs(
    name: str, office: Office, poisoned: Poisoned, record_property: Callable[[str, object], None]
) -> None:
    book, random, total, wrong = exported(name), Random(f"{SEED} {name}"), Comparison(), []
    office.open(poisoned(name))
    for number in range(SETS[name]):
        scenario = random.choice(book.scenarios)
        changes: Changes = {}
        for row in book.followed_under(scenario):
            value: Scalar = drawn(row, random)
            if book.accepts({row.key: value}):
                changes[row.key] = value
        result = changed(book, office, changes, scenario)
        wrong += [f"{number} {scenario} {changes}: {result}"] if result.different else []
        total.add(result)
    assert wrong == []
    record_property("agreement", str(total))
    print(f"{name}: {SETS[name]} sets, {total}")  # noqa: T201 - read with -s or on failure


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
        office.type({name: f"{value} changed" if isinstance(value, str) else value + 1})
        silent += [name] if named(book, office, "chk_stale") != "1 changed: run again" else []
        office.type({name: value})
    assert silent == []
    assert named(book, office, "chk_stale") == AS_EXPORTED


def test_changes_under_a_scenario_that_strands_devices_need_a_run(office: Office, poisoned: Poisoned) -> None:
    """Their entry rents are numbers of the run; under the base, and for what does not move them, values follow."""
    book, key = exported("neocloud"), "terms.required_return_annual"
    office.open(poisoned("neocloud"))
    for scenario, changes, flag in (
        ("formats_strand", {key: 0.1}, "1 changed: run again"),
        ("formats_strand", {"market.resale_haircut_share": 0.1}, "1 changed: live"),
        ("base", {key: 0.1}, "1 changed: live"),
    ):
        office.type(book.typed(changes, scenario))
        assert named(book, office, "chk_stale") == flag
        office.type(book.typed(book.restored(changes), "base"))
