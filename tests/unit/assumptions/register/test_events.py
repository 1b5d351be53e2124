"""Dated events: prospective, in their order, exact to the cent; what cannot follow is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assumptions import Question, run_register
from assumptions.register.reading import BadRowsError
from tests.unit.registers import POLICY, STRAIGHT, amounts, read, refused, run, table, until_the_end

EVENTS = (
    "asset,date,order,event,amount_usd,to_usd,life_months,salvage_usd,method,factor,rate_annual,share,cost_usd,retires,"
    "proceeds_usd"
)
CONVENTIONS = (
    "full_month", "following_month", "mid_month", "half_year", "mid_quarter", "daily_365", "actual_actual",
    "total_days",
)  # fmt: skip


def event(day: str, kind: str, asset: str = "a", **cells: object) -> str:
    """A row of events."""
    filled = {"asset": asset, "date": day, "event": kind, **cells}
    return ",".join(str(filled.get(name, "")) for name in EVENTS.split(","))


def charges(folder: Path, row: str, *rows: str, by: str = "year", head: str = STRAIGHT) -> list[float]:
    """Depreciation of one asset by span."""
    found = run(folder, Question(by=by), assets=table(head, row), events=table(EVENTS, *rows))
    return until_the_end(amounts(found, "depreciation"))


def told(folder: Path, *rows: str, row: str = "a,40000,4000,2024-01-01,36", head: str = STRAIGHT) -> str:
    """The one line that refuses some events of one asset."""
    with pytest.raises(BadRowsError) as caught:
        read(folder, assets=table(head, row), events=table(EVENTS, *rows))
    return refused(caught.value.told)


@pytest.mark.parametrize(("life", "after"), [(48, [12000.0, 12000.0]), (36, [24000.0])])
def test_life(life: int, after: list[float], tmp_path: Path) -> None:
    # method.md B8: 28,000 after two of six years; then life becomes four years, or three
    found = charges(tmp_path, "a,40000,4000,2024-01-01,72", event("2026-01-01", "life", life_months=life))
    assert found == pytest.approx([6000.0, 6000.0, *after])


def test_longer_life_under_half_year_is_followed_to_its_end(tmp_path: Path) -> None:
    row = "a,36000,0,2024-09-01,36,straight_line,year,half_year,,"
    found = charges(tmp_path, row, event("2025-01-01", "life", life_months=60), head=POLICY)
    # 30,000 over the 54 months left, six of them in the last year
    assert found == pytest.approx([6000.0, *[30000 / 54 * 12] * 4, 30000 / 54 * 6])


def test_salvage(tmp_path: Path) -> None:
    found = charges(tmp_path, "a,40000,4000,2024-01-01,36", event("2025-01-01", "salvage", salvage_usd=0))
    assert found == pytest.approx([12000.0, 14000.0, 14000.0])


def test_methods_in_a_row(tmp_path: Path) -> None:
    found = charges(
        tmp_path,
        "a,60000,0,2024-01-01,60,straight_line,year,full_month,,",
        event("2025-01-01", "method", method="declining_balance", factor=2),
        event("2026-01-01", "method", method="sum_of_years_digits"),
        event("2027-01-01", "method", method="straight_line"),
        head=POLICY,
    )
    # 48,000 at 2/4; 24,000 by 3/6; 12,000 over two years
    assert found == pytest.approx([12000.0, 24000.0, 12000.0, 6000.0, 6000.0])


def test_pause_moves_the_end_of_the_life(tmp_path: Path) -> None:
    found = charges(
        tmp_path,
        "a,36000,0,2024-01-01,36",
        event("2025-01-01", "method", method="none"),
        event("2026-01-01", "method", method="straight_line"),
    )
    assert found == pytest.approx([12000.0, 0.0, 12000.0, 12000.0])


def test_improvement(tmp_path: Path) -> None:
    row = "a,36000,0,2024-01-01,36"
    cost = charges(tmp_path, row, event("2025-01-01", "improvement", amount_usd=6000))
    assert cost == pytest.approx([12000.0, 15000.0, 15000.0])
    both = charges(tmp_path, row, event("2025-01-01", "improvement", amount_usd=6000, life_months=48))
    assert both == pytest.approx([12000.0, 10000.0, 10000.0, 10000.0])


def test_written_down_cost_is_spread_over_the_months_left_and_not_one_more(tmp_path: Path) -> None:
    row = "a,36000,0,2024-01-01,36"
    found = charges(tmp_path, row, event("2026-01-01", "write_down", to_usd=9000), by="month")
    assert found[24:] == pytest.approx([750.0] * 12)
    assert found[24] != pytest.approx(9000 / 13, abs=1.0)  # 692.31, one month too many
    by_amount = charges(tmp_path, row, event("2026-01-01", "write_down", amount_usd=3000), by="month")
    assert by_amount == pytest.approx(found)


def test_disposal(tmp_path: Path) -> None:
    # method.md B7: sold at month 26 of 36 for 5,000
    events = table(EVENTS, event("2026-03-01", "disposal", proceeds_usd=5000))
    found = run(tmp_path, assets=table(STRAIGHT, "a,40000,4000,2024-01-01,36"), events=events)
    assert amounts(found, "disposals")[-1] == pytest.approx(14000.0)
    assert amounts(found, "gain")[-1] == pytest.approx(-9000.0)
    assert amounts(found, "closing")[-1] == 0.0


def test_partial_disposals_by_share_and_by_cost(tmp_path: Path) -> None:
    rows = (
        event("2025-01-01", "disposal", share=0.25, proceeds_usd=7000),
        event("2026-01-01", "disposal", cost_usd=9000, proceeds_usd=2000),
    )
    found = run(tmp_path, assets=table(STRAIGHT, "a,36000,0,2024-01-01,36"), events=table(EVENTS, *rows))
    assert amounts(found, "depreciation") == pytest.approx([12000.0, 9000.0, 6000.0])
    assert amounts(found, "disposals") == pytest.approx([0.0, 6000.0, 3000.0])
    assert amounts(found, "gain") == pytest.approx([0.0, 1000.0, -1000.0])


def test_estimates_after_a_partial_disposal_concern_what_is_left(tmp_path: Path) -> None:
    rows = (
        event("2025-01-01", "disposal", order=1, share=0.5),
        event("2025-01-01", "salvage", order=2, salvage_usd=2000),
        event("2025-01-01", "improvement", order=3, amount_usd=1000),
    )
    # 12,000 left of half the asset, 1,000 added, 2,000 salvage
    assert charges(tmp_path, "a,36000,0,2024-01-01,36", *rows) == pytest.approx([12000.0, 5500.0, 5500.0])
    assert "salvage 18001 lies above cost 18000" in told(
        tmp_path, rows[0], event("2025-01-01", "salvage", order=2, salvage_usd=18001), row="a,36000,0,2024-01-01,36"
    )


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_retirement_that_was_decided_on_ends_at_salvage(convention: str, tmp_path: Path) -> None:
    row = f"a,40000,4000,2024-02-29,60,straight_line,year,{convention},,"
    decision = event("2025-01-31", "retirement", retires="2026-11-30", salvage_usd=1000)
    found = run(tmp_path, assets=table(POLICY, row), events=table(EVENTS, decision))
    assert amounts(found, "disposals")[2] == pytest.approx(1000.0)
    assert amounts(found, "gain") == pytest.approx([0.0] * len(found.spans.labels))
    # The decision changes nothing in the year before it.
    before = amounts(run(tmp_path, assets=table(POLICY, row)), "depreciation")[0]
    assert amounts(found, "depreciation")[0] == pytest.approx(before, rel=1e-12)


def test_retirement_with_other_proceeds_than_the_salvage(tmp_path: Path) -> None:
    decision = event("2025-01-01", "retirement", retires="2026-01-01", salvage_usd=1000, proceeds_usd=1500)
    found = run(tmp_path, assets=table(STRAIGHT, "a,37000,0,2024-01-01,37"), events=table(EVENTS, decision))
    assert amounts(found, "depreciation")[:2] == pytest.approx([12000.0, 24000.0])
    assert amounts(found, "gain")[2] == pytest.approx(500.0)


def test_held_for_sale(tmp_path: Path) -> None:
    rows = (
        event("2025-07-01", "held_for_sale", to_usd=10000),
        event("2026-02-01", "disposal", proceeds_usd=11000),
    )
    found = run(tmp_path, assets=table(STRAIGHT, "a,36000,0,2024-01-01,36"), events=table(EVENTS, *rows))
    assert amounts(found, "depreciation") == pytest.approx([12000.0, 6000.0, 0.0])
    assert amounts(found, "written_down") == pytest.approx([0.0, 8000.0, 0.0])
    assert amounts(found, "gain")[2] == pytest.approx(1000.0)
    # Fair value above the carrying amount: the lower of the two stays.
    above = run(
        tmp_path,
        assets=table(STRAIGHT, "a,36000,0,2024-01-01,36"),
        events=table(EVENTS, event("2025-07-01", "held_for_sale", to_usd=30000)),
    )
    assert not any(amounts(above, "written_down"))


def test_events_act_in_the_order_they_are_numbered(tmp_path: Path) -> None:
    first = (
        event("2025-01-01", "improvement", order=1, amount_usd=6000),
        event("2025-01-01", "write_down", order=2, to_usd=20000),
    )
    assert charges(tmp_path, "a,36000,0,2024-01-01,36", *first)[1] == pytest.approx(10000.0)
    turned = (first[0].replace(",1,", ",2,"), first[1].replace(",2,write", ",1,write"))
    assert charges(tmp_path, "a,36000,0,2024-01-01,36", *turned)[1] == pytest.approx(13000.0)


# What is refused


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([event("2023-12-31", "salvage", salvage_usd=1)], "column date: 2023-12-31 lies before service on 2024-01-01"),
        ([event("1899-01-01", "salvage", salvage_usd=1)], "column date: '1899-01-01' is not a date"),
        ([event("2025-01-01", "life", life_months=12)], "column life_months: a life of 12 months at an age of 12"),
        ([event("2025-01-01", "life")], "columns life_months and life_years: neither is given"),
        ([event("2025-01-01", "salvage", salvage_usd=40001)], "column salvage_usd: salvage 40001 lies above cost"),
        ([event("2025-01-01", "salvage")], "column salvage_usd: the cell is empty"),
        ([event("2025-01-01", "salvage", salvage_usd=1, share=1)], "column share: filled in an event 'salvage'"),
        ([event("2025-01-01", "repair")], "column event: 'repair' is unknown"),
        ([event("2025-01-01", "method", method="macrs")], "column method: 'macrs' is unknown"),
        ([event("2025-01-01", "method", method="given_rate")], "column rate_annual: a rate goes with given_rate"),
        ([event("2025-01-01", "write_down", amount_usd=1, to_usd=1)], "both are given"),
        ([event("2025-01-01", "write_down", amount_usd="nan")], "column amount_usd: 'nan' is not finite"),
        ([event("2025-01-01", "disposal", share=1.1)], "column share: 1.1 is out of range"),
        ([event("2025-01-01", "disposal", cost_usd=40001)], "column cost_usd: 40001 is more than remains"),
        ([event("2025-01-01", "disposal", share=1, cost_usd=1)], "column cost_usd: a cost and a share"),
        ([event("2025-01-01", "retirement", retires="2025-01-01")], "column retires: 2025-01-01 is not after"),
        ([event("2025-01-01", "retirement", retires="2025-01-31")], "column retires: 2025-01-31 lies in the month"),
        ([event("2025-01-01", "salvage", "z", salvage_usd=1)], "column asset: 'z' is unknown"),
        ([event("2027-06-01", "improvement", amount_usd=1)], "column life_months: cost added at an age of 41 months"),
        (
            [event("2025-01-01", "disposal"), event("2025-06-01", "salvage", salvage_usd=1)],
            "column event: nothing is left of 'a' on 2025-06-01",
        ),
        (
            [event("2025-01-01", "disposal", share=0.5), event("2025-06-01", "disposal", cost_usd=20001)],
            "column cost_usd: 20001 is more than remains; allowed is up to 20000",
        ),
        (
            [event("2025-01-01", "salvage", salvage_usd=1), event("2025-01-01", "disposal")],
            "column order: a second event of 'a' on 2025-01-01, beside 2",
        ),
        (
            [event("2025-01-01", "salvage", order=1, salvage_usd=1), event("2025-01-01", "disposal", order=1)],
            "column order: a second event of 'a'",
        ),
        (
            [
                event("2025-01-01", "method", order=1, method="fixed_rate"),
                event("2025-01-01", "salvage", order=2, salvage_usd=0),
            ],
            "column event: a fixed rate never reaches a salvage of 0",
        ),
    ],
)
def test_events_that_cannot_be(rows: list[str], problem: str, tmp_path: Path) -> None:
    line = told(tmp_path, *rows)
    assert problem in line
    assert line.startswith(f"events.csv row {len(rows) + 1}")


@pytest.mark.parametrize(
    ("head", "row", "one", "problem"),
    [
        (
            POLICY,
            "a,40000,0,2024-01-01,,given_rate,year,,,0.3",
            event("2025-01-01", "method", method="straight_line"),
            "column method: 'straight_line' without a life",
        ),
        (
            POLICY,
            "a,40000,0,2024-01-01,36,straight_line,,,,",
            event("2025-01-01", "method", method="fixed_rate"),
            "column event: a fixed rate never reaches a salvage of 0",
        ),
        (
            "asset,cost_usd,in_service,method,life_units,units_per_month",
            "a,3600,2024-01-01,units_of_production,3600,100",
            event("2025-01-01", "life", life_months=48),
            "column event: 'life' of a life in units of use",
        ),
        (
            "asset,cost_usd,in_service,preset,property_class",
            "a,3600,2024-01-01,macrs,5",
            event("2025-01-01", "write_down", to_usd=1),
            "column event: 'write_down' under macrs; allowed is disposal",
        ),
        (
            f"{STRAIGHT},opening,opening_carrying_usd",
            "a,3600,0,2024-01-01,36,2025-01-01,2000",
            event("2024-12-31", "disposal"),
            "column date: 2024-12-31 lies before the opening balance on 2025-01-01",
        ),
    ],
)
def test_events_that_the_asset_does_not_know(head: str, row: str, one: str, problem: str, tmp_path: Path) -> None:
    assert problem in told(tmp_path, one, row=row, head=head)


def test_more_written_down_than_is_carried(tmp_path: Path) -> None:
    assets = table(STRAIGHT, "a,36000,0,2024-01-01,36", "b,3600,0,2024-01-01,36")
    events = table(EVENTS, event("2025-07-01", "write_down", amount_usd=18001))
    with pytest.raises(BadRowsError) as caught:
        run(tmp_path, assets=assets, events=events)
    assert "assets.csv row 2: more is written down of 'a' than is carried" in refused(caught.value.told)
    found = run_register(read(tmp_path, assets=assets, events=events), Question(skip_bad=True))
    assert [row.asset for row in found.register.rows] == ["b"]
    assert amounts(found, "additions")[0] == 3600.0
    assert len(found.register.skipped) == 1


def test_an_event_names_its_book(tmp_path: Path) -> None:
    head = f"{STRAIGHT},book"
    assets = table(head, "a,3600,0,2024-01-01,36,one", "a,3600,0,2024-01-01,36,two")
    with pytest.raises(BadRowsError, match="column book: the asset stands in 2 books"):
        read(tmp_path, assets=assets, events=table(EVENTS, event("2025-01-01", "disposal")))
    rows = table(f"book,{EVENTS}", f"two,{event('2025-01-01', 'disposal')}")
    found = run(tmp_path, assets=assets, events=rows)
    assert amounts(found, "disposals", 0) == [0.0, 0.0, 0.0]
    assert amounts(found, "disposals", 1) == pytest.approx([0.0, 2400.0, 0.0])
    with pytest.raises(BadRowsError, match="column book: 'three' is not its book"):
        read(tmp_path, assets=assets, events=rows.replace("two,", "three,"))
