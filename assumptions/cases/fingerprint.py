"""A fingerprint of everything a run believes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from assumptions.cases.history import list_index
from assumptions.chapters.schema import UNCERTAINTY, Case, Scenario


def resolved(case: Case, scenarios: Sequence[Scenario] = (), *, risk: bool = False) -> dict[str, Any]:
    """Everything that a run depends on, as plain data.

    Parameters
    ----------
    case : Case
        The base, overrides applied.
    scenarios : sequence of Scenario
        Scenarios run beside it, in order.
    risk : bool
        Whether the run reads what is random; the deterministic answer does not.
    """
    unread = {"scenarios"} if risk else {"scenarios", UNCERTAINTY}
    return {
        "case": case.model_dump(exclude=unread),
        "scenarios": [scenario.model_dump() for scenario in scenarios],
        "list_index": list_index(case),
    }


def canonical(data: object) -> str:
    """JSON with sorted keys, no spaces and the shortest text that reads back as the same float.

    Parameters
    ----------
    data : object
        Plain data.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(data: object) -> str:
    """SHA-256 of the canonical text of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def digest(case: Case, scenarios: Sequence[Scenario] = ()) -> str:
    """SHA-256 of the resolved assumptions, in hexadecimal.

    Parameters
    ----------
    case : Case
        The base, overrides applied.
    scenarios : sequence of Scenario
        Scenarios run beside it, in order.
    """
    return digest_of(resolved(case, scenarios))


def risk_digest(case: Case, scenarios: Sequence[Scenario] = ()) -> str:
    """SHA-256 of the resolved assumptions and of what is random in them, in hexadecimal.

    Parameters
    ----------
    case : Case
        The base, overrides applied.
    scenarios : sequence of Scenario
        Scenarios run beside it, in order.
    """
    return digest_of(resolved(case, scenarios, risk=True))
