"""The inputs of a run as one text that travels with its results, and the run's case and scenarios back from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from assumptions.cases.fingerprint import canonical, digest, digest_of, resolved, risk_digest
from assumptions.chapters.schema import UNCERTAINTY, Case, Scenario
from assumptions.door.messages import error, translated

RISK = "risk_digest"
"""Key of the digest that covers what is random as well."""
REMEDY = "take the workbook that the run wrote, or run the case again"


def embedded_text(case: Case, scenarios: Sequence[Scenario]) -> str:
    """Everything that a run depends on, as JSON in ASCII.

    Keys stand in the order of the case, for the order of parts and ledgers is that of the sheets; the fingerprint is
    that of the same data with their keys sorted. What is random stands beside them, with a digest of its own.

    Parameters
    ----------
    case : Case
        The base, overrides applied.
    scenarios : sequence of Scenario
        Scenarios run beside it, in order.
    """
    table = resolved(case, scenarios)
    if case.uncertainty is not None:
        table |= {UNCERTAINTY: case.uncertainty.model_dump(), RISK: risk_digest(case, scenarios)}
    text = json.dumps(table, separators=(",", ":"), allow_nan=False)
    # Workbooks spell odd characters as _x....; a text that looks like it must not be taken for one.
    return text.replace("_x", "\\u005fx")


def restored(text: str, fingerprint: str, where: str) -> tuple[Case, tuple[Scenario, ...]]:
    """Case and scenarios of an embedded text.

    Parameters
    ----------
    text : str
        Of `embedded_text`.
    fingerprint : str
        Digest that stands beside it: of a deterministic run, or of a risk run.
    where : str
        File and sheet, for messages.

    Raises
    ------
    AssumptionError
        If the text is not what the digest was made of, or is no case of this version of the program.
    """
    table = _table(text, where)
    random, risk = table.pop(UNCERTAINTY, None), table.pop(RISK, None)
    found = digest_of(table)
    whole = None if random is None else digest_of({**table, "case": {**table["case"], UNCERTAINTY: random}})
    if fingerprint not in (found, whole) or whole != risk:
        what = f"the text of the inputs has the digest {found[:16]}..., not {fingerprint[:16]!r}: it was changed"
        raise error(where, what, "the text as it was written", REMEDY)
    scenarios = table["scenarios"]
    try:
        case = Case.model_validate_json(json.dumps({**table["case"], UNCERTAINTY: random, "scenarios": scenarios}))
    except ValidationError as failure:
        raise translated(failure, where, Case) from None
    if digest(case, case.scenarios) != found or (risk is not None and risk_digest(case, case.scenarios) != risk):
        what = "this version of the program reads the inputs otherwise than the one that wrote them"
        raise error(where, what, "a workbook of this version", "read it with the version that wrote it")
    return case, case.scenarios


def _table(text: str, where: str) -> dict[str, Any]:
    try:
        table = json.loads(text)
        canonical(table).encode()
    except UnicodeError:
        what = "the text of the inputs holds halves of letters"
        raise error(where, what, "the text as it was written", REMEDY) from None
    except (ValueError, RecursionError):
        what = "the text of the inputs is not what was written"
        raise error(where, what, "the text as it was written", REMEDY) from None
    parts = {"case": dict, "scenarios": list, "list_index": dict}
    if not isinstance(table, dict) or any(not isinstance(table.get(name), kind) for name, kind in parts.items()):
        raise error(where, "the text of the inputs holds no case", "the text as it was written", REMEDY)
    return table
