"""One line for every bad input: file, place, what is wrong, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from valuation.errors import AssumptionError, complaint, refusal

# What pydantic's own kinds of error mean: what is allowed, and the remedy.
_KINDS = {
    "missing": ("a value", "add the key"),
    "too_short": ("at least one entry", "add one"),
    "string_type": ("text", "put it in quotation marks"),
    "bool_type": ("true or false", "write true or false"),
    "int_type": ("a whole number", "write a whole number"),
    "int_from_float": ("a whole number", "write a whole number"),
    "float_type": ("a number", "write a plain number without unit"),
    "finite_number": ("a finite number", "write a finite number"),
    "model_type": ("a table", "write a table of keys"),
    "model_attributes_type": ("a table", "write a table of keys"),
    "dict_type": ("a table", "write a table of keys"),
    "tuple_type": ("a list", "write a list in square brackets"),
}

# How pydantic names the members of a union in a location.
_TYPES = {"bool", "int", "float", "str"}

# Words of pydantic's limits in error contexts.
_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


class ValueRefusedError(ValueError):
    """What is wrong with a value; the place where it stands is added by whoever knows it."""

    def __init__(self, problem: str, allowed: str, remedy: str) -> None:
        super().__init__(complaint(problem, allowed, remedy))
        self.problem, self.allowed, self.remedy = problem, allowed, remedy


def refuse(problem: str, allowed: str, remedy: str) -> ValueRefusedError:
    """ValueRefusedError of a value, to be raised.

    Parameters
    ----------
    problem : str
        What is wrong with the value.
    allowed : str
        What is allowed.
    remedy : str
        What to write.
    """
    return ValueRefusedError(problem, allowed, remedy)


def error(where: str, what: str, allowed: str, remedy: str) -> AssumptionError:
    """Error of a bad input, in one line.

    Parameters
    ----------
    where : str
        File and key, or file, row and column.
    what, allowed, remedy : str
        As of `valuation.errors.refusal`.
    """
    return AssumptionError(_line(refusal(where, what, allowed, remedy)))


_Details = dict[str, Any]


def _line(text: str) -> str:
    """Text without line breaks, so that a message stays one line whatever the value."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """Text of a file, or the name of one, without what moves the cursor of a terminal.

    Parameters
    ----------
    text : str
        What somebody else wrote.
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def nearest(word: str, known: Iterable[str], listed_by: str = "obsolesce explain") -> str:
    """Remedy for an unknown word: the nearest known ones, or all of them where there are few.

    Parameters
    ----------
    word : str
        Word that is not known.
    known : iterable of str
        Words that are.
    listed_by : str
        Command that lists them all.
    """
    choices = list(known)
    if not choices:
        return "leave it out: there is none"
    close = difflib.get_close_matches(word, choices, n=3, cutoff=0.6)
    if not close and len(choices) > 12:
        tail = word.rsplit(".", 1)[-1]
        close = [choice for choice in choices if tail and tail in choice][:3]
        if not close:
            return f"look the names up with `{listed_by}`"
    return "did you mean " + " or ".join(close or sorted(choices)) + "?"


def translated(
    failure: ValidationError, where: str, model: type[BaseModel], path: Sequence[str] = ()
) -> AssumptionError:
    """First error of a validation, in our words, with the number of further ones.

    Parameters
    ----------
    failure : pydantic.ValidationError
        What went wrong.
    where : str
        File or scenario.
    model : type
        Model that was validated.
    path : sequence of str
        Keys above the model.
    """
    details: list[_Details] = [dict(item) for item in failure.errors(include_url=False)]
    details.sort(key=_urgency)
    first = details[0]
    key = ".".join([*path, *_named(first["loc"])])
    what, allowed, remedy = _words(first, model)
    members = [_KINDS[item["type"]][0] for item in details if item["type"] in _KINDS and _same(item, first)]
    if len(members) > 1:
        allowed, remedy = " or ".join(dict.fromkeys(members)), "write one of these"
    others = len({tuple(_named(item["loc"])) for item in details if not _related(item["loc"], first["loc"])})
    more = f" (and {others} more)" if others else ""
    return error(f"{where}: {key}" if key else where, what, allowed, remedy + more)


def _same(one: _Details, other: _Details) -> bool:
    return _named(one["loc"]) == _named(other["loc"])


def _related(one: Sequence[int | str], other: Sequence[int | str]) -> bool:
    """Whether two places are one and the same, or one holds the other."""
    first, second = _named(one), _named(other)
    shared = min(len(first), len(second))
    return first[:shared] == second[:shared]


def _named(location: Sequence[int | str]) -> list[str]:
    return [str(part) for part in location if not _is_tag(part)]


def _urgency(details: _Details) -> bool:
    """Unknown keys first: a misspelt key is also a missing one, and its own message says more."""
    return bool(details["type"] != "extra_forbidden")


def _is_tag(part: int | str) -> bool:
    """Whether a part of a location names a step of the validation and not a key."""
    tags = ("function-", "nullable", "is-instance", "dict[")
    return isinstance(part, str) and (part in _TYPES or part.startswith(tags))


def _words(details: _Details, model: type[BaseModel]) -> tuple[str, str, str]:
    kind, value, context = details["type"], details.get("input"), details.get("ctx", {})
    refusal = context.get("error")
    if isinstance(refusal, ValueRefusedError):
        return refusal.problem, refusal.allowed, refusal.remedy
    if kind == "extra_forbidden":
        known = _siblings(model, details["loc"])
        return "unknown key", "a key of the table", nearest(str(details["loc"][-1]), known)
    if kind == "literal_error":
        return f"{short(value)} is unknown", str(context["expected"]), "choose one of them"
    limits = [f"{word} {context[limit]:.15g}" for limit, word in _LIMITS.items() if limit in context]
    if limits:
        return f"{short(value)} is out of range", " and ".join(limits), "change the value"
    allowed, remedy = _KINDS.get(kind, (details["msg"].lower(), "change the value"))
    if context.get("min_length", 1) > 1:
        allowed, remedy = f"at least {context['min_length']} entries", "add more"
    what = "nothing is given" if kind == "missing" else f"{short(value)} does not fit"
    return what, allowed, remedy


def short(value: object) -> str:
    """Value as it stands in a message, cut where it is long.

    Parameters
    ----------
    value : object
        What somebody wrote.
    """
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _siblings(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """Known keys beside an unknown one."""
    found: type[BaseModel] = model
    for part in location[:-1]:
        field = found.model_fields.get(str(part))
        # A part that is no field is the name of an entry or the number of an item; the model stays.
        inner = None if field is None else _model_in(field.annotation)
        found = inner or found
    return list(found.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Model inside an annotation such as a dictionary or a tuple of models."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        model = _model_in(argument)
        if model is not None:
            return model
    return None
