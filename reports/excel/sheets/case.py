"""The sheet that holds the whole of the run's inputs as text, so that the workbook can be read back and verified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reports.excel.plan.drawn import DRAWS
from reports.excel.plan.layout import LABEL, Context, fit_height, head
from reports.excel.plan.outline import CASE
from reports.excel.writing.writer import Sheet
from reports.record.program import DISTRIBUTION

WIDTHS = (1.5, 16, 30, 30, 90)
TEXT, LAST = 2, 4
WIDTH = 150
LINE = 160  # characters of a line, which then prints
EDGE = " \t'=+-@"  # what a line does not begin or end with: programs trim it or take it for a formula
PURPOSE = (
    "This sheet holds every input of the run as text, so that the program can read the changes typed into this "
    "workbook, and prove that its figures are those of the inputs. Nothing reads it while you work; leave it as it is. "
    "The text is not printed."
)
NONE = "Not made from a case: this workbook cannot be read back."
DIGEST_NAME, PROGRAM_NAME, SETTINGS_NAME = "chk_case_digest", "chk_case_program", "chk_case_settings"
LINES_NAME, FIRST_NAME = "chk_case_lines", "chk_case_first"


def build_case(context: Context) -> None:
    """Write the sheet."""
    sheet, report = context.sheet(CASE), context.report
    sheet.widths(WIDTHS)
    head(context, sheet, "", state=TEXT + 1)
    sheet.text(3, LABEL, "What for", "label_bold")
    sheet.merged(3, (TEXT, LAST), PURPOSE)
    fit_height(sheet, 3, [(PURPOSE, WIDTH)])
    lines = list(chunks(report.inputs))
    facts = (
        ("Fingerprint", report.digest, DIGEST_NAME),
        ("Program", f"{DISTRIBUTION} {report.version}", PROGRAM_NAME),
        ("Settings", settings(context), SETTINGS_NAME),
        ("Lines", str(len(lines)), LINES_NAME),
    )
    for row, (label, text, name) in enumerate(facts, start=4):
        sheet.text(row, LABEL, label, "label_bold")
        sheet.merged(row, (TEXT, LAST), text)
        fit_height(sheet, row, [(text, WIDTH)])
        context.book.name_cell(name, CASE, row, TEXT)
    _lines(context, sheet, 5 + len(facts), lines)
    sheet.freeze(3, 0)
    sheet.print_on((0, 0, 3 + len(facts), LAST), (1, 0))


def _lines(context: Context, sheet: Sheet, row: int, lines: list[str]) -> None:
    """The text, a line in each row."""
    sheet.text(row - 1, LABEL, "Line", "heading_left")
    sheet.merged(row - 1, (TEXT, LAST), "Text", "heading_left")
    context.book.name_cell(FIRST_NAME, CASE, row, TEXT)
    for number, line in enumerate(lines or [NONE]):
        sheet.text(row + number, LABEL, str(number + 1), "unit")
        sheet.text(row + number, TEXT, line, "paragraph_line")


def settings(context: Context) -> str:
    """What else the workbook of a run hangs on, as JSON."""
    report = context.report
    found: dict[str, Any] = {"attribution": report.attribution, "plan": report.plan, "overrides": report.overrides}
    if context.drawn:
        found[DRAWS] = context.drawn.settings
    return json.dumps(found, separators=(",", ":"), allow_nan=False).replace("_x", "\\u005fx")


def chunks(text: str) -> Iterator[str]:
    """A text in lines that no program trims or takes for anything but text."""
    start = 0
    while start < len(text):
        end = min(start + LINE, len(text))
        while end < len(text) and end > start + 1 and (text[end] in EDGE or text[end - 1] in EDGE):
            end -= 1
        if end == start + 1:
            end = min(start + LINE, len(text))
        yield text[start:end]
        start = end
