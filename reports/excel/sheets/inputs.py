"""The sheet of inputs: one row an assumption, what it was when the run was made, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from assumptions import AssumptionRow
from assumptions.door.units import HOURS_PER_MONTH
from reports.excel.plan import drivers as drive
from reports.excel.plan.chain import NOBODY
from reports.excel.plan.layout import LABEL, Context, band, fit_height, head, headings
from reports.excel.plan.outline import INPUTS
from reports.excel.writing.address import area, cell, on
from reports.excel.writing.writer import Sheet
from valuation.analysis.readings import USD_PER_MILLION
from valuation.timeline import NEVER

(KEY, NAME, UNIT, VALUE, EXPORTED, CHANGED, EFFECT, LOW, HIGH, INSIDE, SOURCE, LINK, DATE, TRUST, NOTE) = range(1, 16)
HEADINGS = (
    "Key", "Assumption", "Unit", "Value", "As exported", "Changed", "Effect", "Low", "High", "Outside range",
    "Source", "Link", "Date", "Confidence", "Note",
)  # fmt: skip
WIDTHS = (1.5, 44, 36, 17, 19, 19, 9, 12, 11, 11, 9, 50, 6, 12, 12, 52)
HEADING_ROW = 5
PROSPECTIVE = "a change acts from the as-of date on, not on earlier charges"
LIVE, AHEAD, PARTLY, RERUN = "live", "live ahead", "live from now", "run again"
UNSTRANDED, ROOMY = "devices strand", "places are scarce"
CHAPTERS = {
    "terms": "Terms of valuation",
    "market": "Market",
    "operations": "Operations",
    "capex": "Capital expenditure",
    "silicon": "Silicon",
    "ledgers": "Ledgers, as the run used them",
    "books": "Live drivers of the ledgers",
    "captive": "The owner's own work",
    "churn": "New models, and what they strand",
    "rivals": "Rivals to the devices",
}
ANY_NUMBER = (-1e15, 1e15)
SMALLER = 1.15
SWITCH, MONTH_LENGTH, MOST_LETTERS = ("yes", "no"), len("YYYY-MM"), 255
UNSOURCED = "a choice of the case"
STOP, WARN = "stop", "warning"


@dataclass(frozen=True)
class Row:
    """A typed input with what may be typed."""

    assumption: AssumptionRow
    name: str
    effect: str
    kind: str
    allowed: tuple[float, float] | None = None


def build_inputs(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(INPUTS)
    sheet.widths(WIDTHS)
    head(context, sheet, "units as stated", state=VALUE)
    sheet.text(
        3,
        LABEL,
        "Change a value in a yellow cell. 'live': everything follows. 'live ahead': what lies after the as-of date "
        "follows as in a new run. 'live from now': it acts from that date on only. 'run again': flagged until then.",
        "paragraph_line",
    )
    headings(sheet, HEADING_ROW, HEADINGS)
    sheet.height(HEADING_ROW, 28)
    row = _constants(context, sheet, HEADING_ROW + 1)
    first = row + 1
    for chapter, rows in groupby(_rows(context), key=lambda item: item.assumption.key.partition(".")[0]):
        band(context, sheet, row, CHAPTERS.get(chapter, chapter.capitalize()), NOTE)
        row += 1
        for item in rows:
            _write(context, sheet, row, item)
            row += 1
    _remember(context, first, row - 1)
    sheet.freeze(HEADING_ROW + 1, UNIT)
    sheet.print_on((0, 0, row - 1, NOTE), (1, 0), paper="large")
    sheet.repeat((HEADING_ROW, HEADING_ROW))


def _constants(context: Context, sheet: Sheet, row: int) -> int:
    """Numbers fixed by the run that formulas refer to by name."""
    band(context, sheet, row, "Fixed by the run", NOTE)
    timeline = context.report.results.inputs.timeline
    ages = (("ages", "Months of age that tables cover", "months", context.chain.ages, "count"),)
    constants: tuple[tuple[str, str, str, Any, str], ...] = (
        *(ages if context.chain.is_live else ()),
        ("as_of", "As-of date", "day", context.report.as_of, "date"),
        ("fiscal_year_end", "Month that closes the fiscal year", "month", timeline.fiscal_year_end, "count"),
        ("unit", "USD in a USD million", "USD", USD_PER_MILLION, "usd"),
        ("horizon", "Months after the as-of date", "months", timeline.forecast_periods, "count"),
        ("hours_per_month", "Hours in a month", "hours", HOURS_PER_MONTH, "plain"),
        ("never", "Month that never comes (a million)", "months", NEVER, "due"),
        ("nobody", "Rent or cost where nobody enters, shown as a dash", "USD", NOBODY, "open"),
        ("tolerance", "Tolerance of the checks", "USD", context.report.checks[0].tolerance, "number"),
    )
    for offset, (key, label, unit, value, kind) in enumerate(constants, start=1):
        sheet.text(row + offset, KEY, key, "unit")
        sheet.text(row + offset, NAME, label)
        sheet.text(row + offset, UNIT, unit, "unit")
        sheet.number(row + offset, VALUE, value, "engine", kind)
        context.book.name_cell(f"in_{key}", INPUTS, row + offset, VALUE)
    return row + len(constants) + 1


def _rows(context: Context) -> list[Row]:
    report = context.report
    live, partly = drive.live_sources(report), drive.failure_sources(report)
    listed = [
        Row(_dated(item, place in live), name, _effect(context, place, live, partly), _kind(item), _allowed(item))
        for place, (item, name) in enumerate(zip(report.assumptions, drive.input_names(report), strict=True))
    ]
    typed = [
        Row(
            AssumptionRow(
                key=f"books.{driver.key}",
                label=driver.label,
                unit=driver.unit,
                value=driver.base,
                source="as the run used it",
                note=PROSPECTIVE,
            ),
            drive.input_name(f"books.{driver.key}"),
            LIVE if not driver.key.startswith(drive.HAZARD) else PARTLY,
            driver.kind,
            driver.allowed,
        )
        for driver in drive.typed(report, drive.drivers(report))
    ]
    return [*typed, *listed]


def _dated(item: AssumptionRow, live: bool) -> AssumptionRow:
    """Row whose note says from when a change made in the workbook acts."""
    return replace(item, note="; ".join(part for part in (item.note, PROSPECTIVE) if part)) if live else item


def _effect(context: Context, place: int, live: frozenset[int], partly: frozenset[int]) -> str:
    """What follows a change of the assumption at a place of the list."""
    if place in live:
        return LIVE
    key = context.report.assumptions[place].key
    if context.chain.follows(key):
        strands, scarce = context.chain.moves_stranded_rents(key, in_base=False), context.chain.moves_scarce_places(key)
        unless = [words for words, moves in ((UNSTRANDED, strands), (ROOMY, scarce)) if moves]
        return f"{AHEAD} unless {' or '.join(unless)}" if unless else AHEAD
    return PARTLY if place in partly else RERUN


def _allowed(item: AssumptionRow) -> tuple[float, float] | None:
    """Hard range of an input that the live ledgers follow; others are judged by their low and high."""
    if item.key.endswith(drive.LIFE_KEY):
        return drive.LIFE_RANGE
    return drive.SHARE_RANGE if item.key.endswith(drive.SALVAGE_KEY) or item.key in drive.FAILURE_KEYS else None


def _kind(item: AssumptionRow) -> str:
    return "text" if isinstance(item.value, str | bool) or item.value is None else "plain"


def _write(context: Context, sheet: Sheet, row: int, item: Row) -> None:
    assumption = item.assumption
    for column, text in ((KEY, assumption.key), (NAME, assumption.label), (UNIT, assumption.unit)):
        sheet.text(row, column, text, "unit_wrap" if column != NAME else "paragraph")
    context.book.name_cell(item.name, INPUTS, row, VALUE)
    if isinstance(assumption.value, int | float) and not isinstance(assumption.value, bool):
        _write_number(sheet, row, item)
    else:
        text = "" if assumption.value is None else str(assumption.value)
        sheet.text(row, VALUE, text, "input")
        sheet.validate(row, VALUE, _words(assumption.unit, text))
        sheet.text(row, EXPORTED, text, "engine")
        for column, end in ((LOW, assumption.low), (HIGH, assumption.high)):
            sheet.text(row, column, "" if end is None else str(end), "unit")
    changed = f"=IF({cell(row, VALUE)}={cell(row, EXPORTED)},0,1)"
    sheet.formula(row, CHANGED, changed, 0, "calc", "count")
    sheet.text(row, EFFECT, item.effect, "unit")
    sourced = assumption.source or assumption.basis or assumption.note
    sheet.text(row, SOURCE, assumption.source if sourced else UNSOURCED, "note")
    sheet.web(row, LINK, assumption.url, "open")
    sheet.text(row, DATE, assumption.date, "unit")
    sheet.text(row, TRUST, assumption.confidence, "unit")
    note = "; ".join(part for part in (assumption.basis, assumption.note) if part)
    sheet.text(row, NOTE, note, "note")
    _fit(sheet, row, assumption, note)


def _words(unit: str, text: str) -> dict[str, Any]:
    """What may be typed where words stand: one of two, a month, or a short text."""
    if text in SWITCH:
        return {"validate": "list", "source": list(SWITCH), "error_title": "Yes or no", "error_message": "yes or no"}
    month = unit == "month"
    return {
        "validate": "length",
        "criteria": "between",
        "minimum": MONTH_LENGTH if month else 0,
        "maximum": MONTH_LENGTH if month else MOST_LETTERS,
        "error_title": "No month" if month else "Too long",
        "error_message": "A month is written YYYY-MM." if month else f"At most {MOST_LETTERS} characters.",
    }


def _fit(sheet: Sheet, row: int, assumption: AssumptionRow, note: str) -> None:
    """Height for the longest text of a row; sources and notes are set smaller."""
    value = assumption.value if isinstance(assumption.value, str) else ""
    texts = ((assumption.key, KEY), (assumption.label, NAME), (assumption.unit, UNIT), (value, VALUE))
    small = ((assumption.source, SMALLER * WIDTHS[SOURCE]), (note, SMALLER * WIDTHS[NOTE]))
    fit_height(sheet, row, [*((text, WIDTHS[column]) for text, column in texts), *small])


def _write_number(sheet: Sheet, row: int, item: Row) -> None:
    value, low, high = item.assumption.value, item.assumption.low, item.assumption.high
    assert isinstance(value, int | float)
    sheet.number(row, VALUE, value, "input", item.kind)
    sheet.number(row, EXPORTED, value, "engine", item.kind)
    ends = [end for end in (low, high) if isinstance(end, int | float)]
    for column, end in ((LOW, low), (HIGH, high)):
        if isinstance(end, int | float):
            sheet.number(row, column, end, "calc", item.kind)
    both = len(ends) == 2
    if both:
        test = f"=IF(AND({cell(row, VALUE)}>={cell(row, LOW)},{cell(row, VALUE)}<={cell(row, HIGH)}),0,1)"
        sheet.formula(row, INSIDE, test, 0, "calc", "count")
    least, most = item.allowed or (ends if both else ANY_NUMBER)
    sheet.validate(
        row,
        VALUE,
        {
            "validate": "decimal",
            "criteria": "between",
            "minimum": least,
            "maximum": most,
            "error_type": STOP if item.allowed or not both else WARN,
            "error_title": "Out of range",
            "error_message": f"{least:.6g} to {most:.6g}" if item.allowed or both else "a number",
        },
    )


def _remember(context: Context, first: int, last: int) -> None:
    for key, column in (("changed", CHANGED), ("effect", EFFECT), ("outside", INSIDE)):
        context.spans[key] = on(INPUTS, area((first, column), (last, column)))
