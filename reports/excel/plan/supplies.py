"""Everything that formulas of rents and values take from the program as a series, by month or by age."""

from __future__ import annotations

from reports.excel.plan.layout import Context
from reports.excel.plan.series import Series
from valuation.analysis.workings import outside_changes, sold_ahead
from valuation.timeline import FloatArray

OTHERS, SOLD, SHADOW = "others {}", "sold", "shadow {}"
EFFICIENCY, SERVING, LEGACY = "efficiency {}", "serving {}", "legacy {}"


def supplies(context: Context) -> list[Series]:
    """Every series, in the order of the sheets."""
    return [*_by_age(context), *_by_month(context)]


def _by_month(context: Context) -> list[Series]:
    report = context.report
    others, placement = outside_changes(report.results), report.results.placement
    found = [
        Series(OTHERS.format(segment), f"Rivals, demand, breakthroughs, or a curve: {title}", "log", others[:, segment])
        for segment, title in enumerate(report.segments)
    ]
    found.append(Series(SOLD, "Share of the usual hours sold", "share", sold_ahead(report.results)))
    if placement is not None:
        names = report.results.inputs.sites.names if report.results.inputs.sites else ()
        shadows = [(name, placement.shadow[:, site]) for site, name in enumerate(names)]
        title = "Worth of a kW or rack on site {}"
        found += [
            Series(SHADOW.format(site), title.format(name), "USD a month", shadow)
            for site, (name, shadow) in enumerate(shadows)
            if shadow.any()
        ]
    return found


def _by_age(context: Context) -> list[Series]:
    silicon = context.report.results.inputs.silicon
    tables = [(EFFICIENCY, "Service by age", silicon.age_efficiency, 1.0)]
    if silicon.stranding.strands:
        tables += [
            (SERVING, "Share serving the models of the day", silicon.serving, 1.0),
            (LEGACY, "Share stranded that serves old models", silicon.legacy, 0.0),
        ]
    return [series for table in tables for series in _of_parts(context, *table)]


def _of_parts(context: Context, key: str, title: str, table: FloatArray, idle: float) -> list[Series]:
    """Series of one age table, for the parts in which it is more than its idle value; one for all where all agree."""
    together = table.shape[1] == 1
    parts = [0] if together else context.chain.priced
    found = []
    for part in parts:
        label = title if together else f"{title}: {context.report.generations[part]}"
        series = Series(key.format(part), label, "share", table[:, part])
        if series.constant != idle:
            found.append(series)
    return found


def by_age(context: Context, key: str, part: int) -> str:
    """Key under which the age table of a part stands; empty where it is idle."""
    for found in (key.format(part), key.format(0)):
        if found in context.places and (found == key.format(part) or not _own(context, key)):
            return found
    return ""


def _own(context: Context, key: str) -> bool:
    """Whether parts have age tables of their own."""
    silicon = context.report.results.inputs.silicon
    table = {EFFICIENCY: silicon.age_efficiency, SERVING: silicon.serving, LEGACY: silicon.legacy}[key]
    return bool(table.shape[1] > 1)
