"""What there is to run: the scenarios of a case, each with its claim, its source and what would contradict it."""

from __future__ import annotations

from typing import TextIO

from rich.padding import Padding
from rich.text import Text

from assumptions import Case
from reports.record.compose import scenario_in_words
from reports.screen.console import screen

INDENT = 4


def print_scenarios(case: Case, stream: TextIO) -> None:
    """Print every scenario of a case.

    Parameters
    ----------
    case : Case
        The case.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    for found in case.scenarios:
        scenario = scenario_in_words(found)
        console.print(Text.assemble((scenario.name, "bold"), "  ", scenario.title))
        facts = [
            scenario.sentence,
            *(f"changes: {change}" for change in scenario.changes),
            f"source: {scenario.evidence}",
        ]
        if scenario.contradicted_by:
            facts.append(f"contradicted by: {scenario.contradicted_by}")
        for fact in facts:
            console.print(Padding(Text(fact), (0, 0, 0, INDENT)))
