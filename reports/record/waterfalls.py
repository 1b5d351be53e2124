"""The waterfall from the books to the economic value: its words, and its tidy table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.record.report import Report, at_case
from valuation.analysis.bars import Bar

if TYPE_CHECKING:
    import pandas as pd

WATERFALL_COLUMNS = ("scenario", "ledger", "asset_class", "generation", "part", "level", "label", "usd")
ALL = "all"

LABELS = {
    "carrying_amount": "carrying amount",
    "accounting": "accounting pattern: carrying amount less planned value",
    "planned_value": "value as planned at purchase",
    "physical": "physical deterioration",
    "failures": "failures and wear",
    "functional": "functional (technological) obsolescence; investors say economic",
    "landings": "landings of new silicon",
    "inference_asic": "inference ASICs",
    "etched": "etched weights",
    "captive": "captive silicon",
    "outside": "devices outside the data centre",
    "breakthrough": "breakthroughs",
    "stranding": "stranding by new models",
    "external": "external obsolescence; appraisers say economic",
    "scarcity": "scarcity and the rest of the rent path",
    "demand": "demand",
    "power": "power and other running costs",
    "utilisation": "hours unsold, and work moved to own silicon",
    "resale_market": "closed resale market",
    "place": "scarce power and racks, moves to other sites",
    "economic_value": "economic value",
    "gap": "gap",
}
METHODS = {"shapley": "shared evenly over all orders", "ordered": "in the order physical, functional, external"}
PLANS = {
    "surprise": "the decline expected at purchase is in the plan",
    "no_progress": "planned with flat rents and no failures",
}


def bar_label(part: str) -> str:
    """Name in print of a bar."""
    return LABELS.get(part, part.replace("_", " "))


def in_words(report: Report) -> str:
    """How the parts were found, in a few words."""
    return f"{METHODS[report.attribution]}; {PLANS[report.plan]}"


def shown_bars(report: Report, ledger: str, case: int) -> list[Bar]:
    """Bars of a ledger in the order of print; single parts only where they are not nothing."""
    found = report.bars[ledger]
    return [bar for bar in found if bar.level != "part" or (bar.part != "accounting" and at_case(bar.fleet, case))]


def waterfall_table(report: Report) -> pd.DataFrame:
    """Every bar by scenario, ledger and reporting group; the bars of one level sum to the gap, totals left out."""
    import pandas as pd

    rows: list[tuple[str | float, ...]] = []
    groups = [*((group, *report.groups[group]) for group in report.shown_groups), (-1, ALL, "")]
    for case, scenario in enumerate(report.scenarios):
        for ledger, found in report.bars.items():
            for group, asset_class, generation in groups:
                place = (scenario.name, ledger, asset_class, generation)
                rows += [
                    (*place, bar.part, bar.level, bar_label(bar.part), float(at_case(bar.usd[group], case)))
                    for bar in found
                ]
    return pd.DataFrame(rows, columns=list(WATERFALL_COLUMNS))
