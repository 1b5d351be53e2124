"""Scenarios: ordered changes of assumptions on dotted keys; what comes out is checked like what came in.

Operations: ``set`` a value, ``scale`` a number by a factor, ``shift`` a number or a month by an amount, ``delay`` a
month by months.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from assumptions.cases.load import sourced
from assumptions.chapters.curves import Curve
from assumptions.chapters.durability import Survivors
from assumptions.chapters.policies import Rule
from assumptions.chapters.schema import CHAPTERS, UNCERTAINTY, AgePrices, Case, Change, Scenario
from assumptions.door.messages import error, nearest, short, translated
from assumptions.door.months import FIRST_MONTH, LAST_MONTH, from_serial, is_month, serial

LIVES_KEY = "life_months"
"""Key of a ledger that stands for one life throughout."""

TABLES: dict[str, type[BaseModel]] = {
    "market.curve": Curve,
    "market.age_price": AgePrices,
    "failures.survivors": Survivors,
}
"""Keys that hold a table, and its model."""

NAMES = ("serves", "distribution")
"""Keys that hold names; written in one text they stand apart by commas."""

SEASONS = "seasons"
"""Field of a process that holds a table; it stands in case files alone."""

MOST_MOVED = 1e15
"""Largest number by which a value may be scaled or moved."""

UNKEYED = ("title", "family", "next_site", *Rule.model_fields, "components", "events", "impairment")
"""Fields that describe a part or a ledger and are not assumptions."""

_PROVENANCE = ("basis", "source", "url", "date", "confidence", "note")


def apply_scenario(case: Case, scenario: Scenario) -> Case:
    """Case with the changes of a scenario.

    Parameters
    ----------
    case : Case
        The base.
    scenario : Scenario
        Changes, applied in order.

    Returns
    -------
    Case
        Checked again.
    """
    provenance = {
        "basis": "judgement",
        "source": f"scenario {scenario.name}: {scenario.source}",
        "url": scenario.url,
        "confidence": scenario.confidence,
    }
    return changed(case, scenario.change, f"scenario {scenario.name}", provenance)


def apply_overrides(case: Case, overrides: Iterable[str | tuple[str, Any]], where: str = "--set") -> Case:
    """Case with values set by the user.

    Parameters
    ----------
    case : Case
        The case.
    overrides : iterable of str or (str, object)
        ``key=value`` as typed on a command line, or pairs of key and value.
    where : str
        Name of the place the values come from, for messages.

    Returns
    -------
    Case
        Checked again.
    """
    pairs = [parse_override(item) if isinstance(item, str) else item for item in overrides]
    changes = [_change(key, value, where) for key, value in pairs]
    return changed(case, changes, where, {"basis": "user", "source": "set by the user"})


def _change(key: str, value: object, where: str) -> Change:
    try:
        return Change.model_validate({"op": "set", "key": key, "value": value})
    except ValidationError as failure:
        raise translated(failure, f"{where} {key}", Change) from None


def parse_override(text: str) -> tuple[str, Any]:
    """Key and value of ``key=value``; the value is read as TOML where it is TOML, else as text.

    Parameters
    ----------
    text : str
        As typed.
    """
    key, sign, value = text.partition("=")
    if "\n" in text or "\r" in text:
        raise error(f"--set {key}", "a line break in the value", "key=value on one line", "give --set once a key")
    if not sign or not key.strip() or not value.strip():
        raise error(
            f"--set {text}", "not of the form key=value", "key=value", "write it as terms.scrap_share_of_cost=0"
        )
    try:
        return key.strip(), tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def changed(case: Case, changes: Sequence[Change], where: str, provenance: dict[str, str]) -> Case:
    """Case with changes applied in order.

    Parameters
    ----------
    case : Case
        The case.
    changes : sequence of Change
        Operations on dotted keys.
    where : str
        Name of the place the changes come from, for messages.
    provenance : dict
        Basis, source and so on of the changed values.
    """
    if not changes:
        return case
    random = case.uncertainty is not None and any(change.key.startswith(UNCERTAINTY) for change in changes)
    chapters = case.model_dump(include={*CHAPTERS, UNCERTAINTY} if random else set(CHAPTERS))
    for change in changes:
        table, name = _find(chapters, change.key, case, where)
        value = _result(table, name, change, f"{where}: {change.key}", provenance)
        if name == LIVES_KEY:
            table["lives"] = [{**provenance, "months": value}]
        else:
            table[name] = value
    try:
        # Unchanged parts are records already and are not validated twice.
        return Case.model_validate({**dict(case), **copy.deepcopy(chapters)})
    except ValidationError as failure:
        raise translated(failure, where, Case) from None


def keys(case: Case) -> list[str]:
    """Every dotted key that a change may name.

    Parameters
    ----------
    case : Case
        The case.
    """
    return [key for key, _ in walk(case)]


def walk(case: Case) -> Iterator[tuple[str, Any]]:
    """Every dotted key with its value: a sourced value, a curve, a switch or None.

    Parameters
    ----------
    case : Case
        The case.
    """
    for chapter in CHAPTERS:
        content = getattr(case, chapter)
        entries = content.items() if isinstance(content, dict) else [("", content)]
        for name, record in entries:
            for field in type(record).model_fields:
                key = ".".join(part for part in (chapter, name, field) if part)
                if field == "lives":
                    if not record.lives:
                        continue
                    yield key.removesuffix("lives") + LIVES_KEY, record.lives
                elif field not in UNKEYED:
                    yield key, getattr(record, field)


def _find(chapters: dict[str, Any], key: str, case: Case, where: str) -> tuple[dict[str, Any], str]:
    """Table and name that a key points to."""
    moving = _moving(case)
    if key in moving:
        part, _, rest = key.removeprefix(f"{UNCERTAINTY}.").partition(".")
        entry, _, name = rest.rpartition(".")
        table = chapters[UNCERTAINTY][part]
        return (table[entry] if entry else table), name
    if key not in (known := [*keys(case), *moving]):
        raise error(f"{where}: {key}", "unknown key", "a dotted key", nearest(key, known))
    chapter, _, rest = key.partition(".")
    table = chapters[chapter]
    if isinstance(getattr(case, chapter), dict):
        entry, _, rest = rest.rpartition(".")
        table = table[entry]
    return table, rest


def _moving(case: Case) -> list[str]:
    """Keys of distributions, processes and the copula, which risk runs read."""
    if case.uncertainty is None:
        return []
    laws = [f"{UNCERTAINTY}.parameters.{key}.distribution" for key in case.uncertainty.parameters]
    places = {f"processes.{name}": process for name, process in case.uncertainty.processes.items()}
    records = {**places, "copula": case.uncertainty.copula}
    return laws + [
        f"{UNCERTAINTY}.{place}.{name}"
        for place, record in records.items()
        for name in type(record).model_fields
        if name != SEASONS
    ]


def _result(table: dict[str, Any], name: str, change: Change, place: str, provenance: dict[str, str]) -> object:
    before = table.get(name)
    if name == LIVES_KEY:
        before = {"value": table["lives"][-1]["months"]}
    value = change.value
    if change.op != "set":
        value = _moved(before, change, place)
    if name == LIVES_KEY:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if change.key in TABLES:
        return _structure(value, change.key, place, provenance)
    if isinstance(before, bool) or name in NAMES:
        return value
    return sourced(value, before if isinstance(before, dict) else None, **provenance)


def _structure(value: object, key: str, place: str, provenance: dict[str, str]) -> dict[str, Any]:
    """A curve written as a table; it must be complete, for it replaces the one before."""
    model = TABLES[key]
    if not isinstance(value, dict):
        allowed = "a table of " + ", ".join(field for field in model.model_fields if field not in _PROVENANCE)
        example = 'kind = "exponential", ...' if model is Curve else "points = [...]"
        raise error(place, f"{value!r} is not a table", allowed, f"write {{{example}}}")
    return {**provenance, **value}


def _moved(before: object, change: Change, place: str) -> float | str:
    """Value scaled, shifted or delayed."""
    old = before.get("value") if isinstance(before, dict) else None
    amount = change.value
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise error(place, f"{change.op} by {short(amount)}", "a number", "write a number")
    if not abs(amount) <= MOST_MOVED:
        allowed = f"a finite number, at most {MOST_MOVED:.0e} either way"
        raise error(place, f"{change.op} by {short(amount)}", allowed, "write another value")
    if isinstance(old, str) and is_month(old):
        return _moved_month(old, change, amount, place)
    if isinstance(old, bool) or not isinstance(old, int | float) or change.op == "delay":
        allowed = "a month" if change.op == "delay" else "a key that holds a number"
        raise error(place, f"{change.op} does not fit {old!r}", allowed, "use set")
    return old * amount if change.op == "scale" else old + amount


def _moved_month(old: str, change: Change, amount: float, place: str) -> str:
    if change.op == "scale" or amount != int(amount):
        raise error(place, f"{change.op} by {amount!r} on a month", "whole months to delay by", "use delay")
    number = serial(old) + int(amount)
    if not serial(FIRST_MONTH) <= number <= serial(LAST_MONTH):
        raise error(place, f"{old} moved by {int(amount)} months", f"{FIRST_MONTH} to {LAST_MONTH}", "move it less")
    return from_serial(number)
