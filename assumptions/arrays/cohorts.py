"""From the rows of a schedule to cohorts: dates, reference devices, amounts, reporting groups.

A row in units is a cohort of devices. A row in dollars is a calibrated cohort, whose unit is one USD of cost and
whose device is the reference device of its month of service. Purchases beyond the schedule are calibrated cohorts
too; the grid always has room for them, and they hold zero units unless a scenario asks for growth.
"""

from __future__ import annotations

from dataclasses import dataclass

from assumptions.chapters.schema import Case, ScheduleRow
from assumptions.chapters.silicon import Generation
from assumptions.door.messages import error
from assumptions.door.months import last_year_end_before, shifted
from valuation.timeline import MONTHS_PER_YEAR

REFERENCE = "reference"
"""Label of the generation of dollars."""

GROWTH_MONTH = 6
"""Purchases beyond the schedule stand in the middle of their calendar year."""


@dataclass(frozen=True)
class Cohort:
    """Devices bought together.

    Attributes
    ----------
    asset_class, generation : str
        Reporting group.
    site : str
        Where it stands, for tests of impairment by site.
    device : str
        Generation of the device, for dollars of the reference device.
    calibrated : bool
        Whether it is known in dollars only.
    purchase, in_service, retired : str
        Months; None where no retirement is scheduled.
    units : float
        Devices, or USD of cost.
    unit_cost_usd : float
        Cost of a unit.
    sale_proceeds_usd : float or None
        Proceeds of the whole cohort at its scheduled retirement.
    status, source : str
        Standing and source of the row.
    """

    asset_class: str
    site: str
    generation: str
    device: str
    calibrated: bool
    purchase: str
    in_service: str
    retired: str | None
    units: float
    unit_cost_usd: float
    sale_proceeds_usd: float | None
    status: str
    source: str

    @property
    def label(self) -> str:
        """Name of the cohort in tables."""
        return " ".join(part for part in (self.purchase, self.asset_class, self.generation, self.site) if part)


def resolve(case: Case) -> list[Cohort]:
    """Cohorts of a case: those of the schedule in its order, then the annual ones beyond it.

    Parameters
    ----------
    case : Case
        The case.
    """
    scheduled = [_cohort(case, row) for row in case.schedule]
    return [*scheduled, *_growth(case, scheduled)]


def groups(case: Case) -> list[tuple[str, str]]:
    """Reporting groups (asset class, generation) in the order of their first cohort.

    Parameters
    ----------
    case : Case
        The case.
    """
    return list(dict.fromkeys((cohort.asset_class, cohort.generation) for cohort in resolve(case)))


def first_bound(case: Case) -> str:
    """Month that opens the grid: the date of the opening stock, else the last fiscal year-end before it all.

    Parameters
    ----------
    case : Case
        The case.
    """
    opening = sorted({row.purchase for row in case.schedule if row.status == "opening"})
    bought = [row.purchase for row in case.schedule if row.status != "opening"]
    closing = case.fiscal_year_end_month
    first = min([case.as_of, *bought])
    if not opening:
        return last_year_end_before(first, closing)
    where = f"schedule of {case.name} column purchase"
    if len(opening) > 1:
        raise error(where, f"opening stocks of {opening[0]} and {opening[-1]}", "one date", "move them to one date")
    if opening[0] >= first:
        what = f"the opening stock of {opening[0]} is not before {first}"
        raise error(where, what, "a date before purchases and as_of", "date it earlier")
    if last_year_end_before(shifted(opening[0], 1), closing) != opening[0]:
        what = f"the opening stock of {opening[0]} is not at a fiscal year-end"
        raise error(where, what, f"month {closing} of a year", "date it at a year-end")
    return opening[0]


def _cohort(case: Case, row: ScheduleRow) -> Cohort:
    lag = int(case.terms.in_service_lag_months.value)
    in_service = row.in_service or shifted(row.purchase, lag)
    if row.retired is not None and row.retired <= in_service:
        what = f"{row.retired} is not after service in {in_service} (purchase plus {lag} months)"
        place = f"schedule of {case.name} row of {row.purchase} column retired"
        raise error(place, what, "a month after service", "give the month of service or change the lag")
    in_dollars = row.units is None
    device = reference_device(case.silicon, in_service) if in_dollars else str(row.generation)
    return Cohort(
        asset_class=row.asset_class,
        site=row.site,
        generation=REFERENCE if in_dollars else device,
        device=device,
        calibrated=in_dollars,
        purchase=in_service if row.status == "opening" else row.purchase,
        in_service=in_service,
        retired=row.retired,
        units=_dollars(case, row) if row.units is None else row.units,
        unit_cost_usd=1.0 if in_dollars else _unit_cost(case, row, device),
        sale_proceeds_usd=row.sale_proceeds_usd,
        status=row.status,
        source=row.source,
    )


def reference_device(silicon: dict[str, Generation], month: str) -> str:
    """Priced part that sets the price and landed last by a month; the first such part before any landed.

    Parameters
    ----------
    silicon : dict
        Generations.
    month : str
        Month.
    """
    setting = {name: part.landing.value for name, part in silicon.items() if part.priced and part.sets_price}
    if not setting:
        raise error("silicon", "no priced part sets the price", "one part or more", "set sets_price = true")
    landed = {name: landing for name, landing in setting.items() if landing <= month}
    return max(landed, key=landed.__getitem__) if landed else min(setting, key=setting.__getitem__)


def _dollars(case: Case, row: ScheduleRow) -> float:
    """Dollars of hardware in a row: its amount, or the place in its guided range, times the servers' share."""
    amount = row.capex_usd or 0.0
    if row.capex_low_usd is not None and row.capex_high_usd is not None:
        place = case.capex.guidance_position.value
        amount = row.capex_low_usd + place * (row.capex_high_usd - row.capex_low_usd)
    return amount * (case.capex.server_share_of_capex.value if row.share is None else row.share)


def _unit_cost(case: Case, row: ScheduleRow, device: str) -> float:
    own = case.silicon[device].cost_usd
    assert own is not None  # a row in units names a priced part
    return own.value if row.unit_cost_usd is None else row.unit_cost_usd


def _growth(case: Case, scheduled: list[Cohort]) -> list[Cohort]:
    """Annual purchases beyond the schedule, of what was bought in its last twelve months, growing."""
    room, years = int(case.capex.growth_cohorts.value), int(case.capex.growth_years.value)
    if years > room:
        remedy = "raise capex.growth_cohorts in the case"
        raise error("capex.growth_years", f"{years} years of purchases", f"at most {room} (growth_cohorts)", remedy)
    bought = [cohort for cohort in scheduled if cohort.status != "opening"]
    if not bought:
        return []
    last = max(bought, key=lambda cohort: cohort.purchase)
    since = shifted(last.purchase, -MONTHS_PER_YEAR)
    amount = sum(cohort.units * cohort.unit_cost_usd for cohort in bought if cohort.purchase > since)
    lag = int(case.terms.in_service_lag_months.value)
    rate = case.capex.growth_rate_annual.value
    result = []
    for year in range(1, room + 1):
        month = f"{int(last.purchase[:4]) + year:04d}-{GROWTH_MONTH:02d}"
        in_service = shifted(month, lag)
        result.append(
            Cohort(
                asset_class=last.asset_class,
                site=last.site,
                generation=REFERENCE,
                device=reference_device(case.silicon, in_service),
                calibrated=True,
                purchase=month,
                in_service=in_service,
                retired=None,
                units=amount * (1.0 + rate) ** year if year <= years else 0.0,
                unit_cost_usd=1.0,
                sale_proceeds_usd=None,
                status="plan",
                source="purchases continue beyond the schedule",
            )
        )
    return result
