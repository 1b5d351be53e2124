"""The results as one document for machines: nothing in it changes unless a figure does."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import SupportsFloat

from pydantic import BaseModel, ConfigDict, Field

from reports.files.risk_payload import Risk
from reports.record.claims import LIVES
from reports.record.report import CURRENCY, Report, at_case
from valuation.analysis.bars import GROUP, PART, TOTAL, Bar
from valuation.analysis.readings import planning_decline_per_year, retirement_by_group, tells_rents
from valuation.timeline import NEVER, FloatArray

SCHEMA_FILE = Path(__file__).parents[1] / "results.schema.json"

Number = float | None
ByName = dict[str, Number]
ByYear = dict[str, Number]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class LivesMonths(_Part):
    """Lives of the fleet [months]; null where a level is never reached."""

    t50: Number = Field(description="first month of age after which value in use stays at or below half of cost")
    t90: Number = Field(description="first month of age after which value in use stays at or below a tenth of cost")
    t100: Number = Field(description="age at retirement; of the fleet the mean of its cohorts weighted by cost")
    retirement: Number = Field(description="the same; further regimes will part the two")
    straight_line_equivalent: Number = Field(description="life of the straight line nearest to the value")


class Retirement(_Part):
    """Month in which the first and the last cohort of a generation retire; null if not within the horizon."""

    first: str | None
    last: str | None


class Bridge(_Part):
    """From one set of books to the economic value: the groups sum to the gap, and so do the parts."""

    carrying_amount_usd: Number
    planned_value_usd: Number = Field(description="value of the same units as planned at purchase")
    economic_value_usd: Number
    gap_usd: Number
    groups_usd: ByName = Field(description="accounting, physical, functional (investors: economic), external")
    parts_usd: ByName


class Attribution(_Part):
    """How the waterfalls were found."""

    method: str = Field(description="shapley: Owen values; ordered: physical, functional, external in turn")
    plan: str = Field(description="surprise: the decline expected at purchase is planned; no_progress: flat rents")


class ScenarioResults(_Part):
    """Figures of one scenario at the as-of date; positive gap means that the books stand above value."""

    npv_usd: Number
    npv_in_use_usd: Number
    irr: Number
    irr_roots: list[float]
    mirr: Number
    payback_months: Number
    discounted_payback_months: Number
    economic_value_usd: Number
    value_in_use_usd: Number
    carrying_amount_usd: ByName
    gap_usd: ByName
    opening_gap_usd: ByName
    hidden_depreciation_usd: dict[str, ByYear]
    depreciation_usd: dict[str, ByYear]
    written_off_usd: dict[str, ByYear] = Field(description="impairment and disposals less their proceeds")
    economic_depreciation_usd: ByYear
    purchase_surplus_usd: Number
    exchange_discount_usd: Number
    power_right_usd: Number = Field(description="what the places of the devices would earn with challengers in them")
    committed_capacity_usd: Number = Field(description="capacity charges owed whether the devices run or not")
    lives_months: LivesMonths
    retirement: dict[str, Retirement]
    waterfall: dict[str, Bridge]


class GenerationMarket(_Part):
    """Prices of one generation in the base [USD per unit-hour]; null where the part has no price."""

    entry_rent_usd_per_unit_hour: Number
    shutdown_price_usd_per_unit_hour: Number


class Market(_Part):
    """Prices behind the values, in the base at the as-of date."""

    planning_decline_log_per_year: Number
    scarcity_log: Number
    life_beyond_plan_share: Number = Field(
        description="what the choice when to stop adds to a new device on its own plan, as a share of cost"
    )
    rent_usd_per_unit_hour: Number
    entry_rent_usd_per_unit_hour: Number
    generations: dict[str, GenerationMarket]


class ResultsDocument(_Part):
    """Results of one run of obsolesce."""

    obsolesce: str = Field(description="version of the program")
    case: str
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    currency: str = CURRENCY
    digest: str = Field(description="fingerprint of the inputs")
    market: Market
    attribution: Attribution
    scenarios: dict[str, ScenarioResults]
    risk: Risk | None = Field(
        default=None, exclude_if=lambda risk: risk is None, description="of a run on random paths; others leave it out"
    )


def number(value: SupportsFloat) -> Number:
    """A Python float, or None where there is no finite number."""
    found = float(value)
    return found if math.isfinite(found) else None


def document(report: Report) -> ResultsDocument:
    """Gather the results of a run.

    Parameters
    ----------
    report : Report
        The run.
    """
    return ResultsDocument(
        obsolesce=report.version,
        case=report.case,
        as_of=report.as_of.isoformat(),
        currency=report.currency,
        digest=report.digest,
        market=_market(report, 0),
        attribution=Attribution(method=report.attribution, plan=report.plan),
        scenarios={scenario.name: _scenario(report, case) for case, scenario in enumerate(report.scenarios)},
    )


def text(found: ResultsDocument) -> str:
    """The document as JSON with sorted keys and numbers in full precision."""
    return json.dumps(found.model_dump(), sort_keys=True, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def schema_text() -> str:
    """The JSON schema of the document, as it is shipped beside this module."""
    return json.dumps(ResultsDocument.model_json_schema(), sort_keys=True, indent=2) + "\n"


def _scenario(report: Report, case: int, *, whole: bool = True) -> ScenarioResults:
    returns, as_of, years = report.results.returns, report.summary.as_of, report.summary.fiscal_years
    lives, rights = report.results.fleet_lives, report.results.rights

    def one(array: FloatArray) -> Number:
        return number(at_case(array, case))

    def by_ledger(arrays: dict[str, FloatArray]) -> ByName:
        return {name: one(array) for name, array in arrays.items()}

    def by_year(array: FloatArray) -> ByYear:
        return {str(year): one(array[row]) for row, year in enumerate(report.fiscal_years)}

    return ScenarioResults(
        npv_usd=one(returns.npv),
        npv_in_use_usd=one(returns.npv_in_use),
        irr=one(returns.irr),
        irr_roots=[float(root) for root in returns.irr_roots[case if len(returns.irr_roots) > case else 0]],
        mirr=one(returns.mirr),
        payback_months=one(returns.payback),
        discounted_payback_months=one(returns.discounted_payback),
        economic_value_usd=one(as_of.economic_value),
        value_in_use_usd=one(as_of.value_in_use),
        carrying_amount_usd=by_ledger(as_of.carrying_amount),
        gap_usd=by_ledger(as_of.gap),
        opening_gap_usd=by_ledger(as_of.opening_gap),
        hidden_depreciation_usd={name: by_year(array) for name, array in years.hidden_depreciation.items()},
        depreciation_usd={name: by_year(array) for name, array in years.depreciation.items()},
        written_off_usd={name: by_year(array) for name, array in years.written_off.items()},
        economic_depreciation_usd=by_year(years.economic_depreciation),
        purchase_surplus_usd=one(as_of.purchase_surplus),
        exchange_discount_usd=one(as_of.exchange_discount),
        power_right_usd=None if rights is None else one(rights.power),
        committed_capacity_usd=None if rights is None else one(rights.committed_capacity),
        lives_months=LivesMonths(**{name: one(getattr(lives, name)[0]) for name in LIVES}),
        retirement=retirement_months(report, case) if whole else {},
        waterfall={ledger: _bridge(found, case) for ledger, found in report.bars.items()} if whole else {},
    )


def _bridge(found: Sequence[Bar], case: int) -> Bridge:
    amounts: dict[str, ByName] = {TOTAL: {}, GROUP: {}, PART: {}}
    for bar in found:
        amounts[bar.level][bar.part] = number(at_case(bar.fleet, case))
    totals = {f"{name}_usd": amount for name, amount in amounts[TOTAL].items()}
    return Bridge(**totals, groups_usd=amounts[GROUP], parts_usd=amounts[PART])


def retirement_months(report: Report, case: int) -> dict[str, Retirement]:
    """When the cohorts of each reporting group retire in one case; of one that it does not buy, never."""
    first, last = (at_case(bound, case) for bound in retirement_by_group(report.results))

    def month(bound: int) -> str | None:
        return None if bound >= NEVER else report.bound_dates[bound].strftime("%Y-%m")

    return {
        report.group_name(group): Retirement(first=month(int(first[group])), last=month(int(last[group])))
        for group in report.shown_groups
    }


def _market(report: Report, case: int) -> Market:
    market, as_of = report.results.market, report.results.inputs.timeline.as_of
    names, told = report.generations, tells_rents(report.results)

    def one(array: FloatArray) -> Number:
        return number(at_case(array, case))

    return Market(
        planning_decline_log_per_year=one(planning_decline_per_year(report.results)),
        scarcity_log=one(market.scarcity[0]) if told else None,
        life_beyond_plan_share=one(report.results.life_beyond_plan),
        rent_usd_per_unit_hour=one(market.rent[as_of, 0]) if told else None,
        entry_rent_usd_per_unit_hour=one(market.market_entry_rent[as_of, 0]),
        generations={
            name: GenerationMarket(
                entry_rent_usd_per_unit_hour=one(market.generation_entry_rent[row, 0]),
                shutdown_price_usd_per_unit_hour=one(market.generation_shutdown[row, 0])
                if report.results.inputs.silicon.priced[row]
                else None,
            )
            for row, name in enumerate(names)
        },
    )


def figures(report: Report, case: int, *, whole: bool = True) -> dict[str, float]:
    """Every number that the document holds of one case, by dotted name; NaN where it holds none.

    Parameters
    ----------
    report : Report
        The run.
    case : int
        Place on the case axis; ``market`` is that of this case.
    whole : bool
        Whether those of the waterfall are among them, which take longest.
    """
    tree = {**_scenario(report, case, whole=whole).model_dump(), "market": _market(report, case).model_dump()}
    return dict(_numbers("", tree))


def _numbers(place: str, content: object) -> Iterator[tuple[str, float]]:
    """Numbers of a tree, and what is missing of them, by dotted name."""
    if isinstance(content, dict):
        for name, inner in content.items():
            yield from _numbers(f"{place}.{name}" if place else name, inner)
    elif content is None:
        yield place, math.nan
    elif isinstance(content, float | int):
        yield place, float(content)
