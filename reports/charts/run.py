"""Charts of one run: rents, values beside the books, hidden depreciation by year, and the way from books to value."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assumptions.cases.pack import BASE
from reports.charts.drawing import check_chart, legend, save, settings, unit_of_axis
from reports.files.streams import StreamError
from reports.record.report import Report, at_case
from reports.record.waterfalls import bar_label, in_words
from valuation.analysis.attribution import ACCOUNTING
from valuation.analysis.bars import GROUP, PART, TOTAL, Bar, walk
from valuation.analysis.readings import reference_part, unit_rent
from valuation.errors import refusal
from valuation.timeline import QUARTER_MONTHS, FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RENTS, VALUE, HIDDEN, WATERFALL = "rents", "value", "hidden", "waterfall"
KINDS = (RENTS, VALUE, HIDDEN, WATERFALL)
OF_A_LEDGER = (HIDDEN, WATERFALL)
SIZE, DOTS = (10.0, 5.0), 100
# A title may hold a dollar sign, which is money here and no formula.
OWN_SETTINGS = {"text.parse_math": False, "hatch.linewidth": 0.6}
ROW, MARGIN = 0.34, 1.5
"""Height of a bar of a waterfall and of what stands around the bars, inches."""
NAMED_BARS, UPRIGHT_BARS = 60, 12
"""Bars that have room for their figures; from how many on the figures stand upright."""
WIDE, NARROW = 58, 34
"""Letters of a heading in a legend and of the name of a bar, before a new line."""
GROUP_WIDTH = 0.8
"""Share of a year's place that its bars take."""
HEADING_LETTERS, NOTE_LETTERS = 105, 125
HEADING: Any = {"fontsize": 11, "fontweight": "bold"}


@dataclass(frozen=True)
class Style:
    """How a scenario looks: none is told apart by its colour alone."""

    colour: str
    dashes: Any
    marker: str
    hatch: str


STYLES = (
    Style("#000000", "-", "", ""),
    Style("#d55e00", (0, (6, 2)), "o", "////"),
    Style("#0072b2", (0, (2, 1.5)), "s", "...."),
    Style("#009e73", (0, (6, 2, 1, 2)), "^", "xxxx"),
    Style("#cc79a7", (0, (1, 2)), "D", "\\\\\\\\"),
    Style("#7f7f7f", (0, (8, 2, 2, 2)), "v", "----"),
)
BOOK_DASHES = ((0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))
BOOKS_COLOUR = "#56707f"
LOSS, GAIN, LEVEL = ("#d55e00", "////"), ("#0072b2", ""), ("#4d4d4d", "")


@dataclass(frozen=True)
class ChartRequest:
    """What is to be drawn.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    path : pathlib.Path
        File, .png or .svg.
    scenarios : tuple of str
        Beside the base.
    ledger : str or None
        Books of a chart that is drawn for one set of them.
    """

    kind: str
    path: Path
    scenarios: tuple[str, ...] = ()
    ledger: str | None = None


def check_request(wanted: ChartRequest) -> None:
    """Refuse a chart before anything is valued.

    Parameters
    ----------
    wanted : ChartRequest
        What is to be drawn.

    Raises
    ------
    StreamError
        If kind, number of scenarios, ledger or file do not go together.
    """
    if wanted.kind not in KINDS:
        known = ", ".join(KINDS)
        raise StreamError(refusal(f"--kind {wanted.kind}", "unknown kind of chart", known, "choose one of them"))
    others = set(wanted.scenarios) - {BASE}
    most = 1 if wanted.kind == WATERFALL else len(STYLES) - 1
    if len(others) > most:
        what = f"{len(others)} scenarios in a chart of kind {wanted.kind}"
        raise StreamError(refusal("--scenario", what, f"{most} beside the base", "draw several charts"))
    if wanted.ledger is not None and wanted.kind not in OF_A_LEDGER:
        what = f"a chart of kind {wanted.kind} is not drawn for one set of books"
        raise StreamError(refusal(f"--ledger {wanted.ledger}", what, " or ".join(OF_A_LEDGER), "leave it out"))
    check_chart(wanted.path, "the tables of `obsolesce run`")


def draw_run(report: Report, wanted: ChartRequest) -> None:
    """Draw one chart of a run.

    Parameters
    ----------
    report : Report
        The run, the base first.
    wanted : ChartRequest
        Checked before.

    Raises
    ------
    StreamError
        If the ledger is unknown, or there is nothing to draw.
    """
    from matplotlib.figure import Figure

    ledger = wanted.ledger or report.ranking_ledger
    if ledger not in report.ledgers:
        known = ", ".join(report.ledgers)
        raise StreamError(refusal(f"--ledger {ledger}", "unknown ledger", known, "choose one of them"))
    with settings(OWN_SETTINGS):
        figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
        axes = figure.subplots()
        heading, notes = DRAWN[wanted.kind](axes, report, ledger)
        figure.suptitle(textwrap.fill(f"{heading}: {report.title}", HEADING_LETTERS), x=0.01, ha="left", **HEADING)
        notes = textwrap.fill(f"{notes} As of {report.as_of.isoformat()}.", NOTE_LETTERS)
        axes.set_title(notes, fontsize=8, fontweight="normal", color="0.3")
        save(figure, wanted.path)


def _draw_rents(axes: Axes, report: Report, _: str) -> tuple[str, str]:
    """Rent of a unit-hour: as observed up to the as-of month, by scenario after it."""
    rents, now = unit_rent(report.results), report.results.inputs.timeline.as_of
    last = max(_last_month(report), now + 1)
    seen = _drawable(report.bound_dates[: now + 1], rents[: now + 1, 0])
    if not seen[0]:
        raise StreamError(
            refusal("--kind rents", "this run knows no rents", "a run with rents", "draw value or hidden")
        )
    axes.plot(*seen, color="0.55", linewidth=4.0, solid_capstyle="butt", label="observed")
    for case, scenario in enumerate(report.scenarios):
        _draw_line(axes, report.bound_dates[now : last + 1], at_case(rents, case)[now : last + 1], case, scenario.title)
    part = reference_part(report.results)
    axes.set_ylabel("USD per unit-hour" + ("" if part is None else f" (one {report.generations[part]})"))
    _finish_months(axes, report)
    return "Market rent by month", "Contract rents: observed list rents times the contract-to-list ratio."


def _draw_value(axes: Axes, report: Report, _: str) -> tuple[str, str]:
    """Economic value and the carrying amounts by quarter; books of a scenario where they are not those of the base."""
    totals = report.summary.totals
    quarters = list(_quarters(report))
    days: list[Any] = [report.bound_dates[bound] for bound in quarters]
    for case, scenario in enumerate(report.scenarios):
        value = at_case(totals.economic_value, case)
        _draw_line(axes, days, value[quarters], case, f"economic value, {scenario.title}")
    for number, (ledger, amounts) in enumerate(totals.carrying_amount.items()):
        base = [float(usd) for usd in at_case(amounts, 0)[quarters]]
        for case, scenario in enumerate(report.scenarios):
            books = [float(usd) for usd in at_case(amounts, case)[quarters]]
            if case and books == base:
                continue
            told = f", {scenario.title}" if case else ""
            colour = STYLES[case].colour if case else BOOKS_COLOUR
            dashes = BOOK_DASHES[number % len(BOOK_DASHES)]
            label = _folded(f"{report.ledger_title(ledger)}{told}", WIDE)
            axes.plot(days, books, color=colour, linestyle=dashes, linewidth=1.4, label=label)
    unit = unit_of_axis(axes.yaxis, _drawn_amounts(axes))
    axes.set_ylabel(unit.name)
    _finish_months(axes, report)
    told = " Books of a scenario are drawn where they differ from those of the base." if report.scenarios[1:] else ""
    return "Economic value and carrying amounts by quarter", f"Economic value: value in exchange.{told}"


def _draw_hidden(axes: Axes, report: Report, ledger: str) -> tuple[str, str]:
    """Hidden depreciation by fiscal year: signed bars, one for each scenario."""
    years = report.summary.fiscal_years
    hidden = years.hidden_depreciation[ledger]
    shown = _years_shown(report, hidden)
    width = GROUP_WIDTH / len(report.scenarios)
    unit = unit_of_axis(axes.yaxis, (float(usd) for row in shown for usd in hidden[row]))
    count = len(shown) * len(report.scenarios)
    for case, scenario in enumerate(report.scenarios):
        style, amounts = STYLES[case], [float(at_case(hidden, case)[row]) for row in shown]
        places = [place + (case + 0.5) * width - GROUP_WIDTH / 2 for place in range(len(shown))]
        fill = "0.35" if case == 0 else "white"
        bars = axes.bar(places, amounts, width * 0.92, color=fill, edgecolor=style.colour, hatch=style.hatch)
        bars.set_label(_folded(scenario.title, WIDE))
        if count <= NAMED_BARS:
            names = [unit.signed(usd) if unit.amount(usd).strip("0.") else "" for usd in amounts]
            axes.bar_label(bars, names, padding=3, fontsize=7, rotation=90 if count > UPRIGHT_BARS else 0)
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(shown)), [str(report.fiscal_years[row]) for row in shown])
    axes.margins(y=0.14)
    axes.set(xlabel="fiscal year", ylabel=unit.name)
    legend(axes)
    told = "Positive: more was lost than the books charged; negative: less."
    return "Hidden depreciation by fiscal year", f"{report.ledger_title(ledger)}. {told}"


def _draw_waterfall(axes: Axes, report: Report, ledger: str) -> tuple[str, str]:
    """From the carrying amount to the economic value, one bar a cause; the last scenario of the run."""
    case = len(report.scenarios) - 1
    bars = _causes(report.bars[ledger], case)
    unit = unit_of_axis(axes.xaxis, (float(at_case(bar.fleet, case)) for bar in bars))
    found = walk([bar.fleet for bar in bars], [bar.level == TOTAL for bar in bars])
    for place, bar in enumerate(bars):
        start, change, end, top = (
            float(at_case(each[place], case)) for each in (found.start, found.change, found.end, found.top)
        )
        colour, hatch = LEVEL if bar.level == TOTAL else GAIN if change > 0 else LOSS
        axes.barh(place, change, left=start, height=0.62, color=colour, hatch=hatch, edgecolor="white")
        text = unit.amount(change) if bar.level == TOTAL else unit.signed(change)
        axes.annotate(text, (top, place), (4, 0), textcoords="offset points", va="center", fontsize=8)
        if place:
            axes.plot([start if bar.level != TOTAL else end] * 2, [place - 1, place], color="0.6", linewidth=0.7)
    axes.set_yticks(range(len(bars)), [_folded(bar_label(bar.part).partition(":")[0], NARROW) for bar in bars])
    axes.invert_yaxis()
    # Without it a bar that begins at the greatest amount would leave no room for its figure.
    axes.use_sticky_edges = False
    axes.margins(x=0.1)
    if at_case(found.lowest, case) >= 0.0:
        axes.set_xlim(left=0.0)
    axes.set_xlabel(unit.name)
    figure: Any = axes.figure
    figure.set_size_inches(SIZE[0], max(SIZE[1], ROW * len(bars) + MARGIN))
    which = f"{report.scenarios[case].title}; {report.ledger_title(ledger)}."
    told = f"{which} Solid: adds to the value; hatched: takes off it. Causes {in_words(report)}."
    return "From the books to the economic value", told


DRAWN: dict[str, Callable[[Axes, Report, str], tuple[str, str]]] = {
    RENTS: _draw_rents,
    VALUE: _draw_value,
    HIDDEN: _draw_hidden,
    WATERFALL: _draw_waterfall,
}


def _causes(found: Iterable[Bar], case: int) -> list[Bar]:
    """Totals but for the gap, the accounting pattern, and every single cause that is not nothing."""
    kept = []
    for bar in found:
        accounting = bar.part == ACCOUNTING
        cause = bar.level == (GROUP if accounting else PART) and bool(at_case(bar.fleet, case))
        if cause or (bar.level == TOTAL and bar.part != "gap"):
            kept.append(bar)
    return kept


def _draw_line(axes: Axes, bounds: Sequence[date], amounts: FloatArray, case: int, label: str) -> None:
    """One scenario; where there is no figure there is no line."""
    style, (days, drawn) = STYLES[case], _drawable(bounds, amounts)
    axes.plot(
        days,
        drawn,
        color=style.colour,
        linestyle=style.dashes,
        linewidth=2.0,
        marker=style.marker,
        markersize=5,
        # Before the as-of date most scenarios are the base: it stays in sight.
        zorder=3.0 if case == 0 else 2.0,
        markevery=max(len(days) // 9, 1),
        label=_folded(label, WIDE),
    )


def _drawable(days: Sequence[date], amounts: FloatArray) -> tuple[list[Any], list[float]]:
    """Days and figures, missing ones left out."""
    pairs = [(day, float(usd)) for day, usd in zip(days, amounts, strict=True) if not math.isnan(usd)]
    return [day for day, _ in pairs], [usd for _, usd in pairs]


def _last_month(report: Report) -> int:
    """Last bound at which anything of the fleet stands in some books or has a value."""
    totals = report.summary.totals
    kept = (totals.economic_value, *totals.carrying_amount.values())
    bounds = [bound for amounts in kept for bound, row in enumerate(amounts) if (row > 0.0).any()]
    return min(max(bounds, default=0) + 1, len(report.bound_dates) - 1)


def _quarters(report: Report) -> Iterator[int]:
    """Bounds that close a fiscal quarter, from the first purchase to the end of the fleet."""
    closes = report.results.inputs.timeline.fiscal_year_end
    cost = report.summary.totals.carrying_amount.values()
    first = min(next((bound for bound, row in enumerate(usd) if row.any()), 0) for usd in cost)
    last = min(_last_month(report) + QUARTER_MONTHS, len(report.bound_dates))
    for bound in range(max(first - QUARTER_MONTHS, 0), last):
        if (report.bound_dates[bound].month - closes) % QUARTER_MONTHS == 0:
            yield bound


def _years_shown(report: Report, hidden: FloatArray) -> list[int]:
    """Rows of the published years, up to the last in which anything is hidden."""
    rows = [row for row, told in enumerate(report.summary.fiscal_years.published) if told]
    some = [row for row in rows if any(usd for usd in hidden[row])]
    if not some:
        what, remedy = "no fiscal year with a value", "draw value or rents"
        raise StreamError(refusal("--kind hidden", what, "a run with some", remedy))
    return [row for row in rows if row <= some[-1]]


def _finish_months(axes: Axes, report: Report) -> None:
    """As-of line, years below, nothing below zero, and the legend."""
    from matplotlib import dates

    marks: Any = dates
    axes.axvline(report.as_of, color="0.4", linewidth=1.0, linestyle=":")  # type: ignore[arg-type]  # it draws dates, and its types name numbers only
    axes.margins(y=0.12)
    axes.annotate(  # the line is named at its head, above all that is drawn
        f"as of {report.as_of:%Y-%m}", (report.as_of, 0.96), (4, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", fontsize=8, color="0.3",
    )  # fmt: skip
    axes.xaxis.set_major_locator(marks.YearLocator())
    axes.xaxis.set_major_formatter(marks.DateFormatter("%Y"))
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("month, year marks at January")
    axes.grid(axis="y", color="0.9", linewidth=0.6)
    legend(axes)


def _drawn_amounts(axes: Axes) -> list[float]:
    lines: Any = axes.get_lines()
    return [float(usd) for line in lines for usd in line.get_ydata()]


def _folded(text: str, letters: int) -> str:
    return "\n".join(textwrap.wrap(text, letters))
