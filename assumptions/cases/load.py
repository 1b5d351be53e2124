"""From files to a checked case.

A case is a bundled name or a folder with ``case.toml``, a schedule (CSV or XLSX) and, if wanted, ``scenarios/*.toml``.
What a case leaves out comes from the bundled base, chapter by chapter and key by key.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from assumptions.cases.randomness import check_random, drawable
from assumptions.chapters.durability import Churn, Failures
from assumptions.chapters.mechanisms import Breakthrough, Captive, Demand, DemandSegment, Rival, Site
from assumptions.chapters.policies import Ledger
from assumptions.chapters.rents import RENTS_NAME, read_rents
from assumptions.chapters.schedule import SCHEDULE_NAME, read_schedule
from assumptions.chapters.schema import (
    CHAPTERS,
    OWN,
    ROADMAPS,
    UNCERTAINTY,
    Capex,
    Case,
    Market,
    Operations,
    Scenario,
    Tax,
    Terms,
)
from assumptions.chapters.silicon import Generation
from assumptions.chapters.uncertainty import SCORED, Copula, Processes, Uncertainty
from assumptions.door.files import read_toml
from assumptions.door.messages import error, nearest, short, translated
from assumptions.door.provenance import Choice, MonthValue, Number
from assumptions.door.tables import find_table

CASE_FILE = "case.toml"
STRUCTURES = ("curve", "age_price", "survivors", "seasons")
"""Keys that hold a sourced table in place of one value."""
LISTS = ("lives", "components", "events")
"""Keys that hold a list of sourced tables."""

CASE_KEYS = ("name", "title", "note", "as_of", "horizon_months", "fiscal_year_end_month", "roadmap")
MARKET_TABLES = ("silicon", "segments", "rivals", "breakthroughs")
"""Chapters that a case with a roadmap of its own states alone."""

_CHAPTER_MODELS: dict[str, type[BaseModel]] = {
    "terms": Terms,
    "market": Market,
    "operations": Operations,
    "capex": Capex,
    "tax": Tax,
    "demand": Demand,
    "captive": Captive,
    "churn": Churn,
    "failures": Failures,
}
_TABLE_MODELS: dict[str, type[BaseModel]] = {
    "silicon": Generation,
    "segments": DemandSegment,
    "rivals": Rival,
    "breakthroughs": Breakthrough,
    "sites": Site,
    "ledgers": Ledger,
}


def data() -> Traversable:
    """Folder of the data that travel with the package."""
    return files("assumptions") / "data"


def bundled_cases() -> list[str]:
    """Names of the cases that travel with the package."""
    return sorted(entry.name for entry in (data() / "cases").iterdir() if (entry / CASE_FILE).is_file())


def load_case(name_or_path: str | Path) -> Case:
    """Case of a bundled name or a folder.

    Parameters
    ----------
    name_or_path : str or pathlib.Path
        Name, or folder with ``case.toml`` and a schedule. A name wins over a folder of the same name.

    Returns
    -------
    Case
        Checked.

    Raises
    ------
    AssumptionError
        In one line: file, key or row, value, allowed range, remedy.
    """
    if str(name_or_path) in bundled_cases():
        with as_file(data() / "cases" / str(name_or_path)) as folder:
            return _load_folder(folder)
    folder = Path(name_or_path)
    if not folder.exists():
        remedy = f"name one of {', '.join(bundled_cases())}, or a folder with {CASE_FILE}"
        raise error(str(name_or_path), "there is no such case or folder", "a case", remedy)
    if not folder.is_dir():
        remedy = f"name the folder that holds {CASE_FILE}"
        raise error(str(name_or_path), "a file, not a folder", "a folder", remedy)
    return _load_folder(folder)


def _load_folder(folder: Path) -> Case:
    if not (folder / CASE_FILE).is_file():
        remedy = "write a case there with `obsolesce new`"
        raise error(
            folder.resolve().name or str(folder), f"the folder holds no {CASE_FILE}", "a folder of a case", remedy
        )
    table = read_toml(folder / CASE_FILE)
    _check_keys(table, (*CASE_KEYS, *CHAPTERS, UNCERTAINTY), CASE_FILE, "")
    own = _own_roadmap(table)
    chapters = _chapters(table, CASE_FILE, MARKET_TABLES if own else ())
    path, rents = (find_table(folder, name) for name in (SCHEDULE_NAME, RENTS_NAME))
    if path is None:
        raise error(folder.resolve().name, "the folder holds no schedule", "schedule.csv or schedule.xlsx", "add one")
    head: dict[str, Any] = {"name": folder.resolve().name, "title": folder.resolve().name, "horizon_months": 180}
    head |= {"fiscal_year_end_month": 12, "as_of": "2026-09"}
    head |= {key: table[key] for key in CASE_KEYS if key in table}
    try:
        case = Case.model_validate(
            {
                **head,
                **chapters,
                "schedule": read_schedule(path, chapters["silicon"]),
                "scenarios": tuple(_scenarios(folder, own)),
                "rents": read_rents(rents) if rents else (),
            }
        )
    except ValidationError as failure:
        raise translated(failure, CASE_FILE, Case) from None
    found = _uncertainty(case, table, CASE_FILE)
    check_random(case, found, CASE_FILE)
    return case.model_copy(update={UNCERTAINTY: found})


def _uncertainty(case: Case, table: dict[str, Any], where: str) -> Uncertainty:
    """What is random: the base as far as it fits the case, distributions and pairs replaced whole, processes by key."""
    base, given = _base(UNCERTAINTY), _table(table, UNCERTAINTY, where)
    unsaid = {"basis": "user", "source": where}
    own = {part: _table(given, part, f"{where}: {UNCERTAINTY}") for part in ("parameters", "processes", "copula")}
    possible = drawable(case)
    parameters = {key: found for key, found in base["parameters"].items() if key in possible}
    for key, found in own["parameters"].items():
        parameters[key] = {**unsaid, **found} if isinstance(found, dict) else found
    processes = dict(base["processes"])
    for name, found in own["processes"].items():
        model = _model_of(Processes, name)
        known = model is not None and isinstance(found, dict)
        processes[name] = _merged(processes[name], found, where, model) if model is not None and known else found
    left = [pair for pair in base["correlations"] if {*pair["between"]} <= {*SCORED, *parameters}]
    chapter = {
        **given,
        "parameters": parameters,
        "processes": processes,
        "correlations": _correlations(left, given.get("correlations", []), where),
        "copula": _merged(base["copula"], own["copula"], where, Copula),
    }
    validated = _validated(Uncertainty, chapter, where, [UNCERTAINTY])
    assert isinstance(validated, Uncertainty)
    return validated


def _correlations(base: list[dict[str, Any]], given: object, where: str) -> object:
    """Correlations of the base, but for the pairs that a case states, and those of the case."""
    if not isinstance(given, list):
        return given
    said = [{"basis": "user", "source": where, **pair} if isinstance(pair, dict) else pair for pair in given]
    pairs = [pair.get("between") for pair in said if isinstance(pair, dict)]
    stated = [sorted(map(str, pair)) for pair in pairs if isinstance(pair, list)]
    return [*(pair for pair in base if sorted(pair["between"]) not in stated), *said]


def _model_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Model of the record in a field; None where there is no such field."""
    field = model.model_fields.get(name)
    return field.annotation if field is not None and isinstance(field.annotation, type) else None


def _check_keys(table: dict[str, Any], known: tuple[str, ...], where: str, prefix: str) -> None:
    for key in table:
        if key not in known:
            place = f"{where}: {prefix}{key}"
            raise error(place, "unknown key", ", ".join(known[:8]) + " ...", nearest(key, known))


def _own_roadmap(table: dict[str, Any]) -> bool:
    """Whether a case states its market alone; one without a segment has none."""
    roadmap = table.get("roadmap", ROADMAPS[0])
    if roadmap not in ROADMAPS:
        remedy = nearest(str(roadmap), ROADMAPS)
        raise error(f"{CASE_FILE}: roadmap", f"{short(roadmap)} is unknown", " or ".join(ROADMAPS), remedy)
    for chapter in ("silicon", "segments"):
        if roadmap == OWN and not table.get(chapter):
            what = "none is given, and a roadmap of its own takes none from the base"
            raise error(f"{CASE_FILE}: {chapter}", what, "one entry or more", f"add [{chapter}.<name>]")
    return bool(roadmap == OWN)


def _chapters(table: dict[str, Any], where: str, alone: Collection[str] = ()) -> dict[str, Any]:
    """Chapters of a case: the base overridden, and validated; some stated by the case alone."""
    result: dict[str, Any] = {}
    for chapter, model in _CHAPTER_MODELS.items():
        merged = _merged(_base(chapter), _table(table, chapter, where), where, model)
        result[chapter] = _validated(model, merged, where, [chapter])
    for chapter, model in _TABLE_MODELS.items():
        base = {} if chapter == "ledgers" or chapter in alone else _base(chapter)
        result[chapter] = {}
        for name, given in {**base, **_table(table, chapter, where)}.items():
            if not isinstance(given, dict):
                raise error(f"{where}: {chapter}.{name}", f"{short(given)} is not a table", "a table", "write a table")
            merged = _merged(base.get(name, {}), given if given is not base.get(name) else {}, where, model)
            result[chapter][name] = _validated(model, merged, where, [chapter, name])
    if not result["ledgers"]:
        raise error(f"{where}: ledgers", "no ledger is given", "one ledger or more", "add [ledgers.three_year]")
    return result


def _base(chapter: str) -> dict[str, Any]:
    with as_file(data() / "base" / f"{chapter}.toml") as path:
        return read_toml(path)


def _table(table: dict[str, Any], chapter: str, where: str) -> dict[str, Any]:
    given = table.get(chapter, {})
    if not isinstance(given, dict):
        raise error(f"{where}: {chapter}", f"{short(given)} is not a table", "a table", f"write [{chapter}]")
    return given


def _merged(base: dict[str, Any], given: dict[str, Any], where: str, model: type[BaseModel]) -> dict[str, Any]:
    """Base with the keys of a case written over it; a plain value keeps the range it lies in."""
    merged = copy.deepcopy(base)
    unsaid = {"basis": "user", "source": where}
    for key, value in given.items():
        if is_sourced(model, key):
            merged[key] = sourced(value, merged.get(key), **unsaid)
        elif key in STRUCTURES and isinstance(value, dict):
            merged[key] = {**unsaid, **value}
        elif key in LISTS and isinstance(value, list):
            merged[key] = [{**unsaid, **item} if isinstance(item, dict) else item for item in value]
        else:
            merged[key] = value
    return merged


def is_sourced(model: type[BaseModel], key: str) -> bool:
    """Whether a field of a model holds a sourced value.

    Parameters
    ----------
    model : type
        Model of a chapter, a generation or a ledger.
    key : str
        Name of the field.
    """
    field = model.model_fields.get(key)
    if field is None:
        return False
    options = (field.annotation, *getattr(field.annotation, "__args__", ()))
    inner = [getattr(option, "__origin__", option) for option in options]
    return any(isinstance(kind, type) and issubclass(kind, Number | MonthValue | Choice) for kind in inner)


def sourced(value: object, before: dict[str, Any] | None, **provenance: str) -> dict[str, Any]:
    """Table of a sourced value from what somebody wrote: a table, or a plain value.

    A plain value takes the range of the one it replaces, widened to hold it; a table stands for itself.

    Parameters
    ----------
    value : object
        What was written.
    before : dict or None
        Table that it replaces.
    **provenance : str
        Where it comes from, for what the table does not say itself.
    """
    if isinstance(value, dict):
        return {**provenance, **value}
    table: dict[str, Any] = {**provenance, "value": value}
    for end, widest in (("low", min), ("high", max)):
        old = (before or {}).get(end)
        if old is not None:
            table[end] = widest(old, value) if _comparable(old, value) else old
    return table


def _comparable(old: object, new: object) -> bool:
    """Whether two ends are both numbers or both months."""
    if isinstance(old, str) or isinstance(new, str):
        return isinstance(old, str) and isinstance(new, str)
    return all(isinstance(end, int | float) and not isinstance(end, bool) for end in (old, new))


def _validated(model: type[BaseModel], table: dict[str, Any], where: str, path: list[str]) -> BaseModel:
    try:
        return model.model_validate(table)
    except ValidationError as failure:
        raise translated(failure, where, model, path) from None


def _scenarios(folder: Path, own: bool) -> Iterator[Scenario]:
    """Scenarios of the package, then those of the case; a case may replace one by its name.

    With a roadmap of its own only the base is left of the package's, for the others speak of the bundled parts.
    """
    found: dict[str, Scenario] = {}
    with as_file(data() / "scenarios") as bundled:
        for source, pattern in ((bundled, "base.toml" if own else "*.toml"), (folder / "scenarios", "*.toml")):
            here: dict[str, str] = {}
            for path in sorted(source.glob(pattern)) if source.is_dir() else []:
                scenario = read_scenario(path)
                _check_scenario_name(scenario, path.name, here)
                found[scenario.name] = scenario
    yield from sorted(found.values(), key=lambda scenario: scenario.name != "base")


def _check_scenario_name(scenario: Scenario, file: str, here: dict[str, str]) -> None:
    """Refuse a second file of one name, and changes under the name of the base, which is the case as it stands."""
    where = f"scenarios/{file}: name"
    if scenario.name in here:
        raise error(
            where, f"{scenario.name} is taken by {here[scenario.name]}", "one file a name", "rename one of them"
        )
    if scenario.name == "base" and scenario.change:
        raise error(where, "base has changes", "another name", "change the base in case.toml, or rename the scenario")
    here[scenario.name] = file


def read_scenario(path: Path) -> Scenario:
    """Scenario of a file.

    Parameters
    ----------
    path : pathlib.Path
        TOML file with name, title, sentence, source, url, confidence and ``[[change]]`` tables.
    """
    where = f"scenarios/{path.name}"
    if not path.is_file():
        raise error(str(path), "there is no such file", "a TOML file of a scenario", "name one that is there")
    try:
        scenario = Scenario.model_validate(read_toml(path))
    except ValidationError as failure:
        raise translated(failure, where, Scenario) from None
    if "+" in scenario.name:
        what = f"{scenario.name} has a plus in it"
        raise error(f"{where}: name", what, "a name without one", "a plus joins scenarios: rename it")
    return scenario
