"""A case written out whole: a folder that reads back as the same case, with nothing left to the bundled base."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel

from assumptions.cases.fingerprint import digest
from assumptions.cases.load import CASE_FILE, CASE_KEYS, load_case
from assumptions.cases.new import fill
from assumptions.cases.pack import PLUS
from assumptions.chapters.rents import COLUMNS as RENT_COLUMNS
from assumptions.chapters.rents import RENTS_NAME
from assumptions.chapters.schedule import COLUMNS, SCHEDULE_NAME
from assumptions.chapters.schema import CHAPTERS, UNCERTAINTY, Case, Scenario, file_name
from assumptions.door.messages import ValueRefusedError, error
from assumptions.door.toml_text import toml_key, toml_pairs, toml_value

SCENARIOS_FOLDER = "scenarios"
TOGETHER = "_and_"
_HEAD = """# A whole case: every assumption is written out with its range and its source; the base adds nothing.

"""


def write_case(case: Case, scenarios: Sequence[Scenario], folder: Path) -> list[Path]:
    """Write a case and the scenarios run beside it into a new or empty folder.

    Scenarios that travel with the package are not written again; those that act together get a name without a plus.

    Parameters
    ----------
    case : Case
        The case; its own scenarios are left out.
    scenarios : sequence of Scenario
        Scenarios run, the base first.
    folder : pathlib.Path
        Folder to write; it must not hold anything yet.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    AssumptionError
        If the folder holds something, cannot be written, or would not read back as the same case.
    """
    named = [_plain(scenario) for scenario in scenarios]
    return fill(folder, lambda made: _fill(made, case, named))


def _plain(scenario: Scenario) -> Scenario:
    """Scenario under a name that a file may bear."""
    name = scenario.name.replace(PLUS, TOGETHER)
    try:
        return scenario.model_copy(update={"name": file_name(name)})
    except ValueRefusedError as refused:
        remedy = "run the workbook with --run instead of writing a folder"
        raise error(f"scenario {scenario.name}", refused.problem, refused.allowed, remedy) from None


def _fill(folder: Path, case: Case, scenarios: Sequence[Scenario]) -> None:
    folder.mkdir(parents=True)
    (folder / CASE_FILE).write_text(_case(case), encoding="utf-8")
    _table(folder / f"{SCHEDULE_NAME}.csv", COLUMNS, case.schedule)
    if case.rents:
        _table(folder / f"{RENTS_NAME}.csv", RENT_COLUMNS, case.rents)
    known = load_case(folder)
    missing = [scenario for scenario in scenarios if known.scenario(scenario.name) != scenario]
    for number, scenario in enumerate(missing, start=1):
        # Files are read in the order of their names.
        path = folder / SCENARIOS_FOLDER / f"{number:02d}_{scenario.name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_scenario(scenario), encoding="utf-8")
    _check_same(folder, case, scenarios)


def _check_same(folder: Path, case: Case, scenarios: Sequence[Scenario]) -> None:
    """Refuse a folder that says something else than the case does."""
    found = load_case(folder)
    same = [found.scenario(scenario.name) for scenario in scenarios]
    if digest(found, [scenario for scenario in same if scenario]) != digest(case, scenarios):
        what = "the base of this version holds what the case leaves out"
        raise error(folder.name, what, "a case of this version", "read it with the version that wrote it")


def _case(case: Case) -> str:
    """The case file."""
    table = case.model_dump()
    lines = [f"{key} = {toml_value(table[key])}" for key in CASE_KEYS]
    for chapter in CHAPTERS:
        content = getattr(case, chapter)
        if isinstance(content, dict):
            for name in content:
                lines += ["", f"[{chapter}.{toml_key(name)}]", *toml_pairs(table[chapter][name])]
        else:
            lines += ["", f"[{chapter}]", *toml_pairs(table[chapter])]
    if case.uncertainty is not None:
        for part, content in table[UNCERTAINTY].items():
            whole = isinstance(content, dict)
            written = toml_pairs(content) if whole else [f"{part} = {toml_value(content)}"]
            lines += ["", f"[{UNCERTAINTY}.{part}]" if whole else f"[{UNCERTAINTY}]", *written]
    return _HEAD + "\n".join(lines) + "\n"


def _scenario(scenario: Scenario) -> str:
    table = scenario.model_dump()
    changes = table.pop("change")
    lines = toml_pairs(table)
    for change in changes:
        lines += ["", "[[change]]", *toml_pairs(change)]
    return "\n".join(lines) + "\n"


def _table(path: Path, columns: Iterable[str], rows: Iterable[BaseModel]) -> None:
    """A CSV of records."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            values = [getattr(row, name) for name in columns]
            writer.writerow(["" if value is None else value for value in values])
