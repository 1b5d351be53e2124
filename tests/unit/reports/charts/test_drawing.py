"""Charts of a run: what they show is what the run holds, and they hang on nothing else."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from reports.charts import run as charts_run
from reports.charts.run import KINDS, ChartRequest, check_request, draw_run
from reports.files.streams import StreamError
from reports.record.display import scale
from reports.record.report import at_case
from tests.unit.reports import samples
from valuation.analysis.readings import unit_rent


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Draw the sample and hand back the figure that would be written."""
    kept: list[Figure] = []
    monkeypatch.setattr(charts_run, "save", lambda figure, _: kept.append(figure))

    def draw(kind: str, ledger: str | None = None) -> Figure:
        draw_run(samples.report(), ChartRequest(kind, tmp_path / "a.png", (), ledger))
        return kept[-1]

    return draw


def lines(figure: Figure) -> dict[str, Any]:
    """Lines of a chart by their names."""
    return {str(line.get_label()): line for line in figure.axes[0].get_lines()}


def test_rents_are_those_of_the_run(drawn: Any) -> None:
    report, found = samples.report(), lines(drawn("rents"))
    rents, now = unit_rent(report.results), report.results.inputs.timeline.as_of
    seen = [float(usd) for usd in found["observed"].get_ydata()]
    assert seen == pytest.approx([usd for usd in rents[: now + 1, 0] if not math.isnan(usd)])
    assert seen[-1] == pytest.approx(float(report.results.market.rent[now, 0, 0]))
    for case, scenario in enumerate(report.scenarios):
        path = found[scenario.title].get_ydata()
        assert path == pytest.approx(rents[now : now + len(path), case])
        assert path[0] == pytest.approx(seen[-1])


def test_rents_are_missing_before_they_were_observed() -> None:
    rents, history = unit_rent(samples.report().results), samples.report().results.inputs.history.observed_rent
    first = int(np.argmax(~np.isnan(history).any(axis=(1, 2))))
    assert np.isnan(rents[:first]).all()
    assert np.isfinite(rents[first:]).all()


def test_values_and_books_are_those_of_the_summary(drawn: Any) -> None:
    report, found = samples.report(), lines(drawn("value"))
    totals, dates = report.summary.totals, list(report.bound_dates)
    for case, scenario in enumerate(report.scenarios):
        line = found[f"economic value, {scenario.title}"]
        for day, usd in zip(line.get_xdata(), line.get_ydata(), strict=True):
            assert usd == pytest.approx(at_case(totals.economic_value, case)[dates.index(day)])
    assert {"Three-year books", "Books as disclosed", "group"} <= set(found)
    assert "Three-year books, Harder" in found
    assert "Three-year books, Late" not in found
    months = {day.month for day in found["Books as disclosed"].get_xdata()}
    assert months == {3, 6, 9, 12}


@pytest.mark.parametrize("ledger", [None, "three_year", "group"])
def test_hidden_bars_are_those_of_the_fiscal_years(ledger: str | None, drawn: Any) -> None:
    report, axes = samples.report(), drawn("hidden", ledger).axes[0]
    years = report.summary.fiscal_years
    hidden = years.hidden_depreciation[ledger or "disclosed"]
    told = [int(label.get_text()) for label in axes.get_xticklabels()]
    for case, bars in enumerate(axes.containers):
        rows = [list(report.fiscal_years).index(year) for year in told]
        assert [bar.get_height() for bar in bars] == pytest.approx([float(hidden[row, case]) for row in rows])
    assert len(axes.containers) == len(report.scenarios)
    assert all(years.published[list(report.fiscal_years).index(year)] for year in told)


def test_waterfall_leads_from_the_books_to_the_value(drawn: Any) -> None:
    report, axes = samples.report(), drawn("waterfall", "three_year").axes[0]
    bars, case = axes.patches, len(samples.SCENARIOS) - 1
    books = float(report.summary.as_of.carrying_amount["three_year"][case])
    assert bars[0].get_width() == pytest.approx(books)
    assert bars[-1].get_width() == pytest.approx(float(report.summary.as_of.economic_value[case]))
    labels = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    level = books
    for label, bar in zip(labels[1:], bars[1:], strict=True):
        if label in {"value as planned at purchase", "economic value"}:
            assert bar.get_width() == pytest.approx(level)
        else:
            level += bar.get_width()
    assert labels[1] == "accounting pattern"


def test_every_scenario_is_told_apart_without_colour(drawn: Any) -> None:
    styles = [(str(style.dashes), style.marker) for style in charts_run.STYLES]
    assert len(set(styles)) == len(styles)
    assert len({style.hatch for style in charts_run.STYLES}) == len(styles)
    axes = drawn("hidden").axes[0]
    assert axes.get_ylabel() == scale(bar.get_height() for bar in axes.patches).name
    assert axes.get_xlabel() == "fiscal year"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_files_are_the_same_to_the_byte(kind: str, suffix: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in ("one", "other")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in paths:
            draw_run(samples.report(), ChartRequest(kind, path))
    one, other = (path.read_bytes() for path in paths)
    assert one == other
    assert len(one) > 10_000


def test_dollars_in_a_title_are_no_formula(tmp_path: Path) -> None:
    report = replace(samples.report(), title="Fleet of $5 bn and $\\frac$")
    path = tmp_path / "a.svg"
    draw_run(report, ChartRequest("value", path))
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (("pie", "a.png", ()), "allowed is rents, value, hidden, waterfall"),
        (("rents", "a.pdf", ()), ".png, .svg"),
        (("rents", "none/a.png", ()), "make the folder first"),
        (("rents", "a.png", ("a", "b", "c", "d", "e", "f")), "allowed is 5 beside the base"),
        (("waterfall", "a.png", ("a", "b")), "allowed is 1 beside the base"),
        (("value", "a.png", (), "disclosed"), "allowed is hidden or waterfall"),
    ],
)
def test_bad_requests_are_refused(wanted: tuple[Any, ...], names: str, tmp_path: Path) -> None:
    kind, name, *rest = wanted
    with pytest.raises(StreamError) as told:
        check_request(ChartRequest(kind, tmp_path / name, *rest))
    assert names in str(told.value)
    assert "\n" not in str(told.value)


def test_base_named_beside_the_base_is_one(tmp_path: Path) -> None:
    check_request(ChartRequest("waterfall", tmp_path / "a.png", ("base", "late")))


def test_unknown_ledger_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="allowed is three_year, disclosed, group"):
        draw_run(samples.report(), ChartRequest("hidden", tmp_path / "a.png", (), "tax"))
    assert list(tmp_path.iterdir()) == []
