"""A new case: an editable copy of a bundled one, with the base written out as comments."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import as_file
from pathlib import Path
from typing import Any

from assumptions.cases.listing import AssumptionRow, Scalar, describe
from assumptions.cases.load import CASE_FILE, bundled_cases, data, load_case
from assumptions.chapters.schedule import COLUMNS
from assumptions.chapters.schema import file_name
from assumptions.door.messages import ValueRefusedError, error, nearest
from assumptions.door.toml_text import toml_value

SCENARIO_TEMPLATE = "my_scenario.toml.example"

TABLE_KEYS = ("market.curve", "market.age_price", "failures.survivors")
"""Keys that hold tables, which do not fit a commented line."""

_HEAD = """
# Assumptions of the base, as comments. Take the # off a line and change its value to override it;
# a table {{ value = ..., low = ..., high = ..., basis = "...", source = "..." }} states a range and a source as well.
# Schedule columns: {columns}.
"""

_SCENARIO = """# Rename this file to end in .toml. Operations: set, scale, shift, delay (months).
name = "my_scenario"
title = "My scenario"
sentence = "Power becomes dearer by a half."
source = "judgement"
url = ""
confidence = "low"

[[change]]
op = "scale"
key = "operations.electricity_price_usd_per_kwh"
value = 1.5
"""


def new_case(folder: str | Path, template: str = "neocloud") -> list[Path]:
    """Write an editable copy of a bundled case.

    Parameters
    ----------
    folder : str or pathlib.Path
        Folder to write; it must not hold anything yet.
    template : str
        Name of a bundled case.

    Returns
    -------
    list of pathlib.Path
        Files written.
    """
    if template not in bundled_cases():
        remedy = nearest(template, bundled_cases())
        raise error(template, "unknown template", "a bundled case", remedy)
    return fill(Path(folder), lambda made: _copy(template, made))


def fill(target: Path, make: Callable[[Path], None]) -> list[Path]:
    """Fill a new or empty folder, whole or not at all.

    Parameters
    ----------
    target : pathlib.Path
        Folder; it must not hold anything yet.
    make : callable
        Writes the files into a new folder of the same name.

    Returns
    -------
    list of pathlib.Path
        Files written.
    """
    try:
        file_name(target.resolve().name)
    except ValueRefusedError as refused:
        raise error(str(target), refused.problem, refused.allowed, "choose another folder") from None
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise error(target.name or str(target), "not an empty folder", "a new or empty folder", "choose another")
    whole = target.resolve()
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{whole.name}-", dir=whole.parent) as aside:
            made = Path(aside) / whole.name
            make(made)
            whole.mkdir(exist_ok=True)  # it may be where the user stands, so it is filled and not replaced
            for entry in made.iterdir():
                entry.rename(whole / entry.name)
    except OSError as failure:
        reason = (failure.strerror or "the disk refuses").lower()
        raise error(str(target), f"cannot be written: {reason}", "a writable folder", "choose another") from None
    return sorted(path for path in target.rglob("*") if path.is_file())


def _copy(template: str, folder: Path) -> None:
    """Write a case into a folder, under the folder's name."""
    with as_file(data() / "cases" / template) as source:
        shutil.copytree(source, folder)
    head = (folder / CASE_FILE).read_text(encoding="utf-8")
    (folder / CASE_FILE).write_text(_with_overrides(_renamed(head, folder.name), template), encoding="utf-8")
    (folder / "scenarios").mkdir(exist_ok=True)
    (folder / "scenarios" / SCENARIO_TEMPLATE).write_text(_SCENARIO, encoding="utf-8")


def _renamed(text: str, folder: str) -> str:
    """Text of a case file under the name of its folder."""
    old = tomllib.loads(text)["name"]
    name = folder.replace('"', "").replace("\\", "")
    return text.replace(f'name = "{old}"', f'name = "{name}"', 1)


def _with_overrides(text: str, template: str) -> str:
    """Text of a case file with what it leaves to the base: in its own tables where it has them, else below it."""
    lines, below = text.splitlines(), list(_HEAD.format(columns=", ".join(COLUMNS)).splitlines())
    for heading, comments in _overrides(template, tomllib.loads(text)).items():
        place = _end_of(lines, heading)
        if place is not None:
            lines[place:place] = comments
        else:
            # Tables may stay uncommented, for an empty one changes nothing.
            below += ["", heading, *comments]
    return "\n".join([*lines, *below]) + "\n"


def _end_of(lines: Sequence[str], heading: str) -> int | None:
    """Line after the last one of a table, or None where the text has no such table."""
    starts = [number for number, line in enumerate(lines) if line.startswith("[")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if lines[start].replace('"', "") == heading.replace('"', ""):
            return max(number for number in range(start, end) if _is_said(lines[number])) + 1
    return None


def _is_said(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _overrides(template: str, given: dict[str, Any]) -> dict[str, list[str]]:
    """Assumptions of a case that its file leaves to the base, by table, as commented lines with units and sources."""
    found: dict[str, list[str]] = {}
    for row in describe(load_case(template)):
        chapter, _, rest = row.key.partition(".")
        if chapter in ("ledgers", "history") or row.key in TABLE_KEYS:
            continue
        entry, _, name = rest.rpartition(".")
        of_chapter = given.get(chapter, {})
        comments = found.setdefault(f'[{chapter}."{entry}"]' if entry else f"[{chapter}]", [])
        if name not in (of_chapter.get(entry, {}) if entry else of_chapter):
            comments += _commented(row, name)
    return found


def _commented(row: AssumptionRow, name: str) -> Iterator[str]:
    evidence = "; ".join(part for part in (row.source, row.url, row.date, row.confidence) if part)
    span = f", {row.low} to {row.high}" if row.low is not None and row.high is not None else ""
    unit = f" [{row.unit}{span}]" if row.unit else ""
    yield f"# {row.label}{unit}" + (f": {evidence}" if evidence else "")
    yield f"# {name} = {_spelled(row.value)}"


def _spelled(value: Scalar) -> str:
    """Value as a comment states it: numbers for reading, dots where none is given."""
    if isinstance(value, float):
        return f"{value:.15g}"
    return "..." if value is None else toml_value(value)
