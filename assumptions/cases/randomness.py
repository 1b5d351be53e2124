"""Which assumptions of a case may be random, and why the others may not.

A random assumption may change what becomes of the fleet, and not what was bought, how it is booked or what was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from assumptions.chapters.mechanisms import ROUNDING
from assumptions.chapters.schema import CHAPTERS, Case
from assumptions.chapters.uncertainty import Uncertainty
from assumptions.door.messages import error, nearest
from assumptions.door.provenance import Number
from assumptions.door.units import Unit, rule_of

BASE_ONLY = (
    ("terms", "in_service_lag_months"),
    ("terms", "planning_decline_log_per_year"),
    ("terms", "plan"),
    ("market", "contract_to_list_ratio"),
    ("capex", "growth_cohorts"),
    ("tax", "property_class_years"),
)
"""Keys that date history or the grid: a scenario or a path that changed them would change the past."""

_BOOKED = "books are kept by rule, and are the same on every path"
_SERVING = "it decides who serves which segment, which is the same on every path"
NEVER_RANDOM = (
    *((f"{chapter}.{name}", "it dates history or the grid, and belongs to the base") for chapter, name in BASE_ONLY),
    ("capex.*", "it changes purchases, which are the same on every path"),
    ("ledgers.*", _BOOKED),
    ("terms.impairment_trigger_share", _BOOKED),
    ("terms.cost_to_sell_share", _BOOKED),
    ("segments.*", _SERVING),
    ("silicon.*.size_limit_billion", _SERVING),
    ("silicon.*.context_limit_tokens", _SERVING),
    ("captive.cost_ratio", "no value hangs on it, only what a migration is said to save"),
    ("captive.cost_decline_log_per_year", "no value hangs on it, only what a migration is said to save"),
)
"""Keys, by pattern, that are the same on every path, and why."""
NOT_ABOVE = (("demand.four_bit_share", "demand.eight_bit_share"),)
"""Pairs of keys of which the first may not exceed the second."""
MEMORY, POWER = "memory_share_of_cost", "power_share_of_cost"
"""Shares of a breakthrough that add up to one at most."""
REMEDY = "leave it out, or give it the distribution none"


def fields(case: Case) -> Iterator[tuple[str, Any, Unit | None]]:
    """Every field of the chapters as key, content and unit; the unit is None where it holds no number.

    Parameters
    ----------
    case : Case
        The case.
    """
    for chapter in CHAPTERS:
        content = getattr(case, chapter)
        for name, record in content.items() if isinstance(content, dict) else [("", content)]:
            for field, info in type(record).model_fields.items():
                rule = rule_of(info)
                key = ".".join(part for part in (chapter, name, field) if part)
                yield key, getattr(record, field), rule if isinstance(rule, Unit) else None


def drawable(case: Case) -> dict[str, Unit]:
    """Keys that may be random, with their units and ranges.

    Parameters
    ----------
    case : Case
        The case.
    """
    found = ((key, content, unit) for key, content, unit in fields(case) if unit is not None)
    return {key: unit for key, content, unit in found if not _reason(case, key, content, unit)}


def number_at(case: Case, key: str) -> Number:
    """Sourced number of a drawable key.

    Parameters
    ----------
    case : Case
        The case.
    key : str
        Dotted key.
    """
    chapter, _, rest = key.partition(".")
    entry, _, field = rest.rpartition(".")
    content = getattr(case, chapter)
    found: Number = getattr(content[entry] if entry else content, field)
    return found


def units_of(case: Case, keys: Iterable[str], where: str) -> dict[str, Unit]:
    """Units and ranges of keys that are to be random.

    Parameters
    ----------
    case : Case
        The case.
    keys : iterable of str
        Dotted keys.
    where : str
        Place they are asked for at, for messages.

    Raises
    ------
    AssumptionError
        If a key is unknown, or must be the same on every path.
    """
    found = {}
    for key, (content, unit) in _numbers(case, keys, where).items():
        reason = _reason(case, key, content, unit)
        if reason:
            raise error(f"{where}{key}", f"it cannot be random: {reason}", "a key that may differ by path", REMEDY)
        found[key] = unit
    return found


def _numbers(case: Case, keys: Iterable[str], where: str) -> dict[str, tuple[Number | None, Unit]]:
    """Numbers of some keys, None where none is given, and their units."""
    known, found = {name: (content, unit) for name, content, unit in fields(case)}, {}
    for key in keys:
        if key not in known:
            raise error(f"{where}{key}", "unknown key", "a dotted key", nearest(key, known))
        content, unit = known[key]
        if unit is None:
            raise error(f"{where}{key}", "it holds no number", "a key that holds a number", "leave it out")
        found[key] = (content, unit)
    return found


def _reason(case: Case, key: str, content: Number | None, unit: Unit) -> str:
    """Why a number is the same on every path; empty if it need not be."""
    for pattern, reason in NEVER_RANDOM:
        if fnmatchcase(key, pattern):
            return reason
    if unit.whole:
        return "it takes whole numbers, and its distribution would be continuous"
    if content is None:
        return "the case gives no value"
    chapter, _, rest = key.partition(".")
    if chapter == "silicon" and rest.endswith(".cost_usd") and _pays(case, rest.removesuffix(".cost_usd")):
        return "purchases of the schedule take their cost from it, which a column unit_cost_usd would give"
    market = case.market
    through = market.drift_covers.value == "through_landings" and market.drift_share_beside_landings is None
    if key == "market.pass_through" and through:
        return "landings would count twice beside a drift fitted through them"
    return ""


def _pays(case: Case, part: str) -> bool:
    """Whether a purchase takes its cost from that of a part."""
    return any(row.units is not None and row.generation == part and row.unit_cost_usd is None for row in case.schedule)


def check_random(case: Case, found: Uncertainty, where: str) -> None:
    """Refuse distributions of what cannot be random, or of which a part lies where no value may lie.

    Parameters
    ----------
    case : Case
        The case.
    found : Uncertainty
        Its chapter.
    where : str
        File, for messages.
    """
    prefix, ends = f"{where}: uncertainty.parameters.", {}
    _numbers(case, found.parameters, prefix)
    for key, unit in units_of(case, found.random_keys, prefix).items():
        marginal = found.parameters[key].marginal(number_at(case, key))
        if not unit.lowest <= marginal.low <= marginal.high <= unit.highest:
            what = f"{found.parameters[key].distribution} reaches from {marginal.low:.6g} to {marginal.high:.6g}"
            raise error(f"{prefix}{key}", what, unit.allowed, "cut it off with low and high within that range")
        ends[key] = (marginal.low, marginal.high)

    def reach(key: str) -> tuple[float, float]:
        return ends.get(key) or (number_at(case, key).value, number_at(case, key).value)

    for less, more in NOT_ABOVE:
        if (less in ends or more in ends) and reach(less)[1] > reach(more)[0]:
            what = f"{less} reaches {reach(less)[1]:.6g} and {more} {reach(more)[0]:.6g}"
            raise error(prefix.rstrip("."), what, f"{less} at most {more} on every path", "cut them off apart")
    for name in case.breakthroughs:
        memory, power = (f"breakthroughs.{name}.{share}" for share in (MEMORY, POWER))
        total = reach(memory)[1] + reach(power)[1]
        if (memory in ends or power in ends) and total > 1.0 + ROUNDING:
            what = f"{memory} and {power} add up to {total:.6g} on some path"
            raise error(prefix.rstrip("."), what, "at most 1 in all", "cut them off lower")
