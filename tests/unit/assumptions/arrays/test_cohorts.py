from __future__ import annotations

import pytest

from assumptions import apply_overrides, groups, load_case, resolve
from assumptions.arrays.cohorts import first_bound, reference_device
from assumptions.chapters.schema import Case
from tests.unit.assumptions.conftest import HEAD, Writer
from valuation.errors import AssumptionError

HEADER = "purchase,asset_class,generation,units,capex_usd,share,in_service,retired,sale_proceeds_usd,status\n"


def test_devices_enter_service_after_the_lag(neocloud: Case) -> None:
    first = resolve(neocloud)[0]
    assert (first.purchase, first.in_service, first.device) == ("2023-05", "2023-08", "H100")
    assert (first.units, first.unit_cost_usd, first.calibrated) == (1000.0, 43_000.0, False)
    slow = resolve(apply_overrides(neocloud, ["terms.in_service_lag_months=6"]))[0]
    assert slow.in_service == "2023-11"


def test_dollars_are_units_of_one_dollar(meta: Case) -> None:
    cohorts = {cohort.purchase: cohort for cohort in resolve(meta)}
    assert cohorts["2019-02"].units == pytest.approx(3_837e6 * 0.37)
    assert cohorts["2026-05"].units == pytest.approx(30_116e6 * 0.50)
    assert cohorts["2026-08"].units == pytest.approx((38_139e6 + 45_373e6) / 2 * 0.50)
    assert all(cohort.unit_cost_usd == 1.0 and cohort.calibrated for cohort in cohorts.values())


@pytest.mark.parametrize(("place", "amount"), [(0, 38_139e6), (0.25, 39_947.5e6), (1, 45_373e6)])
def test_guidance_is_taken_at_its_position(meta: Case, place: float, amount: float) -> None:
    case = apply_overrides(meta, [("capex.guidance_position", place), ("capex.server_share_of_capex", 1.0)])
    guided = next(cohort for cohort in resolve(case) if cohort.purchase == "2026-11")
    assert guided.units == pytest.approx(amount)


def test_the_opening_stock_stands_before_the_grid(meta: Case) -> None:
    opening = resolve(meta)[0]
    assert (opening.purchase, opening.in_service) == ("2017-08", "2017-08")
    assert opening.units == 13_017e6
    assert first_bound(meta) == "2018-12"


def test_the_grid_opens_at_the_year_end_before_the_first_purchase(neocloud: Case) -> None:
    assert first_bound(neocloud) == "2022-12"
    june = Case.model_validate({**dict(neocloud), "fiscal_year_end_month": 6})
    assert first_bound(june) == "2022-06"


def test_the_grid_opens_before_the_as_of_month(write_case: Writer) -> None:
    case = load_case(write_case(schedule=HEADER + "2028-01,servers,H100,1,,,,,,plan\n"))
    assert first_bound(case) == "2025-12"


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ("2023-11,s,,,5,1,2023-01,,,opening\n", "not at a fiscal year-end"),
        ("2024-12,s,,,5,1,2023-01,,,opening\n", "not before 2024-02"),
        ("2023-12,s,,,5,1,2023-01,,,opening\n2022-12,s,,,5,1,2022-01,,,opening\n", "one date"),
    ],
)
def test_opening_stocks_out_of_place_are_refused(write_case: Writer, rows: str, part: str) -> None:
    case = load_case(write_case(schedule=HEADER + "2024-02,servers,H100,1,,,,,,actual\n" + rows))
    with pytest.raises(AssumptionError, match=part):
        first_bound(case)


@pytest.mark.parametrize(
    ("month", "device"),
    [
        ("2017-08", "H100"),
        ("2021-04", "H100"),
        ("2023-03", "H100"),
        ("2023-04", "H100"),
        ("2024-12", "H100"),
        ("2025-10", "B200"),
        ("2026-12", "Rubin"),
        ("2035-01", "Rubin"),
    ],
)
def test_reference_device_is_the_last_priced_part_that_sets_the_price(neocloud: Case, month: str, device: str) -> None:
    assert reference_device(neocloud.silicon, month) == device


def test_groups_stand_in_the_order_of_their_first_cohort(neocloud: Case, meta: Case) -> None:
    assert groups(neocloud) == [(*("servers", name),) for name in ("H100", "B200", "Rubin", "reference")]
    assert groups(meta) == [("servers", "reference")]


def test_growth_follows_the_last_twelve_months(meta: Case) -> None:
    bought = resolve(meta)
    last = sum(cohort.units for cohort in bought if "2025-11" < cohort.purchase <= "2026-11")
    grown = resolve(apply_overrides(meta, ["capex.growth_years=3", "capex.growth_rate_annual=0.2"]))[-5:]
    assert [cohort.purchase for cohort in grown] == [f"{year}-06" for year in range(2027, 2032)]
    assert [cohort.units for cohort in grown] == pytest.approx([last * 1.2, last * 1.44, last * 1.728, 0.0, 0.0])
    assert [cohort.units for cohort in bought[-5:]] == [0.0] * 5


def test_growth_of_units_counts_their_cost(neocloud: Case) -> None:
    grown = resolve(apply_overrides(neocloud, ["capex.growth_years=1", "capex.growth_rate_annual=0"]))[-5]
    assert grown.units == pytest.approx((4000 + 5000 + 6000 + 7000) * 120_300)
    assert grown.calibrated
    assert grown.device == "Rubin"


def test_growth_beyond_the_grid_is_refused(meta: Case) -> None:
    with pytest.raises(AssumptionError, match=r"capex.growth_years.*at most 5"):
        resolve(apply_overrides(meta, ["capex.growth_years=6"]))


def test_cohorts_have_readable_labels(neocloud: Case) -> None:
    assert resolve(neocloud)[0].label == "2023-05 servers H100"
    assert HEAD
