"""The case of etched weights: upgrades, the volume from which owning pays, and how fast the advantage goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assumptions.answers.spectrum import ETCHED, Spectrum
from assumptions.answers.spectrum_run import (
    ClassRow,
    SpectrumGrid,
    churn_by_change,
    continuous_return,
    electricity_price,
    one_class,
    silicon_classes,
)
from assumptions.door.provenance import Number
from valuation.silicon.churn import ByChange, stranding_hazard
from valuation.silicon.spectrum import (
    SiliconClass,
    UpgradePlan,
    break_even_tokens,
    energy_cost,
    etched_annual_cost,
    least_units,
    upgrade_plan,
    upgrade_price,
)
from valuation.silicon.token_costs import erosion_time, in_proportion, price_by_year, reach, respun_cost
from valuation.timeline import MONTHS_PER_YEAR, FloatArray

YEARS_AHEAD = 6
"""Years for which prices and upgrades are followed."""
VERDICTS = ("within a person's use", "only if filled", "never: beyond its output")
"""By the codes of `valuation.silicon.token_costs.reach`."""


@dataclass(frozen=True)
class UpgradeRow:
    """Price of an upgrade, and the units that a price needs, at one cost of design and masks.

    Attributes
    ----------
    what : str
        Which cost.
    design_and_masks_usd, upgrade_price_usd : float
        Cost of design and masks, and price per unit at the units assumed.
    units_for_claim : float
        Least units at which the claimed price is met; infinite if never.
    """

    what: str
    design_and_masks_usd: float
    upgrade_price_usd: float
    units_for_claim: float


@dataclass(frozen=True)
class YearRow:
    """One year of owning an etched device beside buying tokens.

    Attributes
    ----------
    year : int
        0 is the coming one.
    api_price_usd_per_million : float
        Price of bought tokens.
    break_even_million_tokens : float
        Use from which owning is cheaper; infinite if never.
    verdict : str
        Where that lies.
    owner_worth_usd, person_worth_usd : float
        What a fresh model saves an owner who fills the device, and a person.
    owner_upgrades, person_upgrades : bool
        Whether each pays for new weights at the opening of the year.
    """

    year: int
    api_price_usd_per_million: float
    break_even_million_tokens: float
    verdict: str
    owner_worth_usd: float
    person_worth_usd: float
    owner_upgrades: bool
    person_upgrades: bool


@dataclass(frozen=True)
class ErosionRow:
    """How long an advantage lasts.

    Attributes
    ----------
    against : str
        Rival.
    advantage : float
        Its cost or price over the cost of etched weights.
    fall_low, fall, fall_high : float
        Factors by which prices fall in a year.
    years_low, years, years_high : float
        Time until the advantage is used up at each of them.
    """

    against: str
    advantage: float
    fall_low: float
    fall: float
    fall_high: float
    years_low: float
    years: float
    years_high: float


@dataclass(frozen=True)
class EtchedCase:
    """Everything about etched weights beside the levelised cost.

    Attributes
    ----------
    annual_cost_usd : float
        Fixed cost of a year with one upgrade in it.
    output_million_tokens, personal_million_tokens : float
        What the device makes in a year, and what a person uses.
    claimed_price_usd, turnaround_months, units : float
        Claimed price of an upgrade, months from weights to silicon, and units that share design and masks.
    respins_per_year, lost_share : float
        Changes a year that need new silicon, and share of the output lost while it is made.
    cost_if_bought_anew, cost_if_respun : float
        Levelised cost where every change strands the device, and where only its silicon is replaced [USD per million].
    upgrades : tuple of UpgradeRow
        By cost of design and masks.
    years : tuple of YearRow
        Year by year.
    erosion : tuple of ErosionRow
        By rival.
    """

    annual_cost_usd: float
    output_million_tokens: float
    personal_million_tokens: float
    claimed_price_usd: float
    turnaround_months: float
    units: float
    respins_per_year: float
    lost_share: float
    cost_if_bought_anew: float
    cost_if_respun: float
    upgrades: tuple[UpgradeRow, ...]
    years: tuple[YearRow, ...]
    erosion: tuple[ErosionRow, ...]


def etched_case(grid: SpectrumGrid) -> EtchedCase:
    """The case of etched weights at the churn and horizon of the table of costs.

    Parameters
    ----------
    grid : SpectrumGrid
        The spectrum, evaluated.
    """
    spectrum, respin = grid.spectrum, grid.spectrum.respin
    device = one_class(silicon_classes(spectrum), spectrum, ETCHED)
    upgrades = tuple(_upgrades(spectrum))
    price = np.array([upgrades[0].upgrade_price_usd])
    annual = _annual_cost(spectrum, device, price, grid.place[1])
    respins = _respins(grid)
    turnaround = np.array([respin.turnaround_months.value / MONTHS_PER_YEAR])
    respun = respun_cost(
        device,
        rate=continuous_return(spectrum),
        respins=respins,
        upgrade_price=price,
        turnaround=turnaround,
        life=np.array([grid.place[1]]),
        electricity_price=electricity_price(spectrum),
    )
    return EtchedCase(
        annual_cost_usd=float(annual[0]),
        output_million_tokens=float(device.million_tokens[0]),
        personal_million_tokens=spectrum.api.personal_million_tokens_per_year.value,
        claimed_price_usd=respin.claimed_price_usd.value,
        turnaround_months=respin.turnaround_months.value,
        units=respin.units.value,
        respins_per_year=float(respins[0]),
        lost_share=min(float((respins * turnaround)[0]), 1.0),
        cost_if_bought_anew=_row(grid).cost,
        cost_if_respun=float(respun[0]),
        upgrades=upgrades,
        years=tuple(_years(spectrum, device, annual, price)),
        erosion=tuple(_erosion(grid)),
    )


def _row(grid: SpectrumGrid) -> ClassRow:
    return next(row for row in grid.table if row.key == ETCHED)


def _upgrades(spectrum: Spectrum) -> Iterator[UpgradeRow]:
    respin = spectrum.respin
    masks, design = respin.design_and_masks_usd, respin.new_design_usd
    costs = {"new weights": masks.value}
    costs |= {f"new weights, {end} end": cost for end, cost in _ends(masks) if cost is not None}
    costs |= {"a new design": design.value}
    unit, units = np.array([respin.unit_price_usd.value]), np.array([respin.units.value])
    claim = np.array([respin.claimed_price_usd.value])
    for what, cost in costs.items():
        total = np.array([cost])
        yield UpgradeRow(
            what,
            cost,
            float(upgrade_price(unit, total, units)[0]),
            float(least_units(claim, unit, total)[0]),
        )


def _ends(number: Number) -> tuple[tuple[str, float | None], ...]:
    return ("low", number.low), ("high", number.high)


def _annual_cost(spectrum: Spectrum, device: SiliconClass, price: FloatArray, life: float) -> FloatArray:
    """Fixed cost of a year with one upgrade, space and maintenance counted with energy, shape (1,)."""
    return etched_annual_cost(
        device.cost,
        rate=np.array([spectrum.terms.required_return_annual.value]),
        life=np.array([life]),
        upgrade_price=price,
        energy=energy_cost(device.power, electricity_price(spectrum)) + device.upkeep,
    )


def _respins(grid: SpectrumGrid) -> FloatArray:
    """Changes a year that an etched device does not absorb, shape (1,)."""
    entry = grid.spectrum.classes[ETCHED]
    kinds = (entry.absorbs_weights_share, entry.absorbs_architecture_share, entry.absorbs_format_share)
    arrivals = in_proportion(churn_by_change(grid.spectrum), np.array([grid.place[0]]))
    return stranding_hazard(arrivals, ByChange(*(np.array([kind.value]) for kind in kinds)))


def _years(spectrum: Spectrum, device: SiliconClass, annual: FloatArray, price: FloatArray) -> Iterator[YearRow]:
    api = spectrum.api
    prices = price_by_year(
        np.array([api.price_usd_per_million.value]), np.array([api.yearly_fall_ratio.value]), YEARS_AHEAD
    )
    volume = break_even_tokens(annual, prices, np.zeros(1))
    use, output = np.array([api.personal_million_tokens_per_year.value]), device.million_tokens
    verdict = reach(volume, use, output)
    owner, person = prices * output, prices * np.minimum(use, output)
    plans = [_plan(spectrum, worth, price).upgrades for worth in (owner, person)]
    for year in range(YEARS_AHEAD):
        yield YearRow(
            year=year,
            api_price_usd_per_million=float(prices[year, 0]),
            break_even_million_tokens=float(volume[year, 0]),
            verdict=VERDICTS[int(verdict[year, 0])],
            owner_worth_usd=float(owner[year, 0]),
            person_worth_usd=float(person[year, 0]),
            owner_upgrades=bool(plans[0][year, 0]),
            person_upgrades=bool(plans[1][year, 0]),
        )


def _plan(spectrum: Spectrum, worth: FloatArray, price: FloatArray) -> UpgradePlan:
    """Best upgrades; weights are as old as the turnaround when they arrive, which takes off their worth throughout."""
    respin = spectrum.respin
    staleness = np.array([respin.staleness_log_per_year.value])
    late = np.exp(-staleness * respin.turnaround_months.value / MONTHS_PER_YEAR)
    return upgrade_plan(worth * late, price, staleness=staleness, discount_factor=np.exp(-continuous_return(spectrum)))


def _erosion(grid: SpectrumGrid) -> Iterator[ErosionRow]:
    own, fall = _row(grid).cost, grid.spectrum.api.yearly_fall_ratio
    low, high = (fall.value if end is None else end for end in (fall.low, fall.high))
    rivals = {row.title: row.cost for row in grid.table if row.key != ETCHED}
    best = min(rivals, key=lambda title: rivals[title])
    shown = {title: rivals[title] for title in dict.fromkeys((best, grid.spectrum.classes["gpu"].title))}
    shown["tokens bought"] = grid.spectrum.api.price_usd_per_million.value
    falls = np.array([low, fall.value, high])
    for title, cost in shown.items():
        years = erosion_time(np.array([cost / own]), falls)
        yield ErosionRow(title, cost / own, low, fall.value, high, *(float(time) for time in years))
