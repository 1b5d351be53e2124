"""Where the workbook comes from: version, fingerprint, packages, and how many formulas stand where."""

from __future__ import annotations

from collections import Counter

from reports.excel.plan.layout import LABEL, Context, fit_height, head, headings, section
from reports.excel.plan.outline import AUDIT, OF_THE_RISK_RUN
from reports.excel.writing.writer import Sheet
from reports.record import manifest

WIDTHS = (1.5, 30, 24, 24, 28)
TEXT_WIDTH = 76


def build_audit(context: Context) -> None:
    """Write the sheet, the last one, for it counts the others."""
    sheet, report = context.sheet(AUDIT), context.report
    sheet.widths(WIDTHS)
    head(context, sheet, "record of the run", state=LABEL + 2)
    timeline = report.results.inputs.timeline
    row = _table(
        sheet,
        3,
        "Run",
        [
            ("Program", f"obsolesce {report.version}"),
            ("Case", report.case),
            ("Entity", report.entity),
            ("As-of date", report.as_of.isoformat()),
            ("Months after it", str(timeline.forecast_periods)),
            ("First month of the grid", report.bound_dates[0].isoformat()),
            ("Economic figures from", report.bound_dates[report.results.published_from].isoformat()),
            ("Fingerprint of the inputs", report.digest),
            ("Scenarios", ", ".join(scenario.name for scenario in report.scenarios)),
            ("Random draws", context.drawn.words if context.drawn else "none: one known path a scenario"),
        ],
    )
    row = _table(sheet, row + 1, "Packages", list(manifest.package_versions().items()))
    row = _counts(context, sheet, row + 1)
    sheet.print_on((0, 0, row - 1, LABEL + 3), (1, 1), landscape=False)


def _table(sheet: Sheet, row: int, title: str, lines: list[tuple[str, str]]) -> int:
    section(sheet, row, title, (LABEL, LABEL + 3))
    for offset, (label, text) in enumerate(lines, start=1):
        sheet.text(row + offset, LABEL, label, "label_bold")
        sheet.merged(row + offset, (LABEL + 1, LABEL + 3), text)
        fit_height(sheet, row + offset, [(text, TEXT_WIDTH)])
    return row + 1 + len(lines)


def _counts(context: Context, sheet: Sheet, row: int) -> int:
    section(sheet, row, "Formulas by sheet", (LABEL, LABEL + 3))
    headings(sheet, row + 1, ("Sheet", "Formulas", "Distinct formulas", "Longest, characters"))
    book = context.book
    # The sheets of a risk run hold values; their few formulas are left out, so that a run without chance gives the
    # same counts.
    counts = Counter({name: count for name, count in book.formulas.items() if name not in OF_THE_RISK_RUN})
    row += 1
    for offset, (name, count) in enumerate(counts.items(), start=1):
        sheet.text(row + offset, LABEL, name, "label_bold")
        found = (count, len(book.distinct[name]), book.longest[name])
        sheet.numbers(row + offset, LABEL + 1, found, "engine", "usd")
    at = row + 1 + len(counts)
    sheet.text(at, LABEL, "All but the risk run" if context.drawn else "All", "label_bold")
    different = len(set().union(*(book.distinct[name] for name in counts)))
    found = (counts.total(), different, max(book.longest[name] for name in counts))
    sheet.numbers(at, LABEL + 1, found, "engine", "usd")
    return at + 1
