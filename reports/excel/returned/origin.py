"""What a workbook says it was made of: the embedded case, its scenarios and the settings of the run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from assumptions import CaseRun, attribution_choice, risk_digest, run_case
from assumptions.cases.embedding import REMEDY, restored
from assumptions.chapters.schema import Case, Scenario
from assumptions.door.files import MAX_TEXT_BYTES
from assumptions.door.messages import error
from reports.excel.plan.drawn import DRAWS, Drawn, drawn_from
from reports.excel.returned.foreign import Foreign, Spot
from reports.excel.returned.markup import MAX_ROWS
from reports.excel.sheets.case import DIGEST_NAME, FIRST_NAME, LINES_NAME, NONE, PROGRAM_NAME, SETTINGS_NAME
from reports.record.program import DISTRIBUTION, program_version
from valuation.analysis.attribution import Method, Plan
from valuation.errors import AssumptionError, ModelError

VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,60}\Z")
MAX_SCENARIOS = 200
COUNT = re.compile(r"[1-9][0-9]{0,4}\Z")
ALLOWED = f"a workbook of `{DISTRIBUTION} run`"


@dataclass(frozen=True)
class Origin:
    """The inputs that a workbook carries.

    Attributes
    ----------
    case : Case
        The base of the run, with the scenarios run as its own.
    digest, version : str
        Fingerprint of the inputs, and the program that wrote them.
    overrides : tuple of (str, object)
        Values set for the run; the case holds them already.
    attribution, plan : Method, Plan
        Choices of the run.
    drawn : Drawn or None
        What was drawn at random; None without a risk run.
    """

    case: Case
    digest: str
    version: str
    overrides: tuple[tuple[str, Any], ...]
    attribution: Method
    plan: Plan
    drawn: Drawn | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Scenarios run, the base first."""
        return self.case.scenarios

    @property
    def foreign_version(self) -> bool:
        """Whether another version of the program wrote the workbook."""
        return self.version != program_version()

    def run(self, where: str) -> CaseRun:
        """The run again, every scenario of it.

        Parameters
        ----------
        where : str
            File, for messages.
        """
        try:
            return run_case(self.case)
        except ModelError:
            raise
        except Exception:
            # A run of these inputs would have written no workbook: they were put together by hand.
            raise error(where, "the inputs in it cannot be valued", "the inputs of a run", REMEDY) from None


def read_origin(book: Foreign) -> Origin:
    """The inputs embedded in a workbook.

    Parameters
    ----------
    book : Foreign
        The workbook.

    Raises
    ------
    AssumptionError
        If it was not made by a run, or its embedded text is not what the run wrote.
    """
    found = {name: _text(book, name) for name in (DIGEST_NAME, PROGRAM_NAME, SETTINGS_NAME, LINES_NAME)}
    first = book.find(FIRST_NAME)
    program, _, version = found[PROGRAM_NAME].partition(" ")
    if first is None or program != DISTRIBUTION or not VERSION.match(version):
        raise _unknown(book)
    text = _lines(book, first, found[LINES_NAME])
    case, scenarios = _restored(book, first, text, found[DIGEST_NAME])
    _check_runnable(book, first, case, scenarios)
    case = case.model_copy(update={"scenarios": scenarios})
    method, plan, overrides, drawn = _settings(book, found[SETTINGS_NAME], case)
    return Origin(case, found[DIGEST_NAME], version, overrides, method, plan, drawn)


def _unknown(book: Foreign) -> AssumptionError:
    what = "the workbook does not say what it was made of"
    return book.refusal("", what, ALLOWED, "name the workbook that a run of this program wrote")


def _text(book: Foreign, name: str) -> str:
    """Text of a named cell."""
    spot = book.find(name)
    if spot is None:
        raise _unknown(book)
    value = book.at(spot).value
    if not isinstance(value, str):
        raise book.refusal(spot, "the text that the run wrote is gone", "the text as it was written", REMEDY)
    return value


def _lines(book: Foreign, first: Spot, count: str) -> str:
    """The embedded text, put together."""
    if book.at(first).value == NONE:
        what = "the run behind this workbook was not made from a case"
        raise book.refusal(first, what, ALLOWED, "run a case and read its workbook")
    if not COUNT.match(count) or int(count) > MAX_ROWS:
        raise book.refusal(first, f"{count[:20]!r} lines of inputs", "the number that was written", REMEDY)
    lines = [book.at(first._replace(row=first.row + number)) for number in range(int(count))]
    size = 0
    for number, line in enumerate(lines):
        if not isinstance(line.value, str) or line.formula:
            spot = first._replace(row=first.row + number)
            raise book.refusal(spot, "a line of the inputs is gone", "the text as it was written", REMEDY)
        size += len(line.value)
    if size > MAX_TEXT_BYTES:
        raise book.refusal(first, f"{size} characters of inputs", f"at most {MAX_TEXT_BYTES}", REMEDY)
    return "".join(line.value for line in lines)


def _restored(book: Foreign, first: Spot, text: str, digest: str) -> tuple[Case, tuple[Scenario, ...]]:
    """Case and scenarios of the embedded text."""
    try:
        return restored(text, digest, f"{book.path.name} {first.sheet}")
    except OverflowError:
        what = "the text of the inputs holds numbers beyond all size"
        raise book.refusal(first, what, "the text as it was written", REMEDY) from None


def _check_runnable(book: Foreign, first: Spot, case: Case, scenarios: tuple[Scenario, ...]) -> None:
    """Refuse inputs of which no run was made: nothing bought, no scenario, or more of them than anybody waits for."""
    if not case.schedule:
        raise book.refusal(first, "the inputs hold no purchase", "the text as it was written", REMEDY)
    names = {scenario.name for scenario in scenarios}
    if len(names) < len(scenarios) or not 0 < len(names) <= MAX_SCENARIOS:
        what = f"{len(scenarios)} scenarios with {len(names)} names"
        raise book.refusal(first, what, f"1 to {MAX_SCENARIOS}, each with a name of its own", REMEDY)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(key)
    return key


def _plain(value: object) -> object:
    """A value as a change may set it: never a list or a table."""
    if not isinstance(value, str | int | float | None):
        raise TypeError(value)
    return value


def _settings(book: Foreign, text: str, case: Case) -> tuple[Method, Plan, tuple[tuple[str, Any], ...], Drawn | None]:
    """Choices of the run."""
    try:
        table = json.loads(text)
        # What is no number, or no letter, could not be written again.
        json.dumps(table, ensure_ascii=False, allow_nan=False).encode()
        overrides = tuple((_key(key), _plain(value)) for key, value in table["overrides"])
        method, plan = attribution_choice(str(table["attribution"]), str(table["plan"]))
        drawn = drawn_from(table[DRAWS], risk_digest(case, case.scenarios)) if DRAWS in table else None
        if drawn is not None and drawn.ledger not in case.ledgers:
            raise LookupError(drawn.ledger)
    except (ValueError, LookupError, TypeError, RecursionError):
        spot = book.find(SETTINGS_NAME)
        what = "the settings of the run are not what was written"
        raise book.refusal(spot, what, "the text as it was written", REMEDY) from None
    return method, plan, overrides, drawn
