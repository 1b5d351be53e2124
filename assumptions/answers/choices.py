"""Choices of an attribution, as they are typed."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from assumptions.door.messages import error, nearest
from valuation.analysis.attribution import Method, Plan

_Choice = TypeVar("_Choice", bound=StrEnum)


def attribution_choice(method: str, plan: str) -> tuple[Method, Plan]:
    """Method and plan of a waterfall.

    Parameters
    ----------
    method : str
        ``shapley`` or ``ordered``.
    plan : str
        ``surprise`` or ``no_progress``.

    Raises
    ------
    AssumptionError
        If one is neither.
    """
    return _choice("--attribution", method, Method), _choice("--plan", plan, Plan)


def _choice(option: str, text: str, kind: type[_Choice]) -> _Choice:
    allowed = [str(each) for each in kind]
    if text not in allowed:
        raise error(f"{option} {text}", "unknown choice", " or ".join(allowed), nearest(text, allowed))
    return kind(text)
