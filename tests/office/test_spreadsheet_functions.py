"""The depreciation functions of a spreadsheet program, asked in the test, against the schedule run by years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from tests.office.programs import convert, read_cells
from tests.placements import YEAR, charged, placed, policy, yearly
from valuation.books.charges import Method
from valuation.books.conventions import Convention
from valuation.books.policies import ComponentInputs

pytestmark = [pytest.mark.office, pytest.mark.slow]

COSTS = (1.0, 40_000.0, 123_456.78)
SALVAGES = (0.0, 0.05, 0.25)
LIVES = (1, 2, 3, 5, 8, 15)
FACTORS = (1.5, 2.0, 2.5)
QUARTERS = (0.25, 0.5, 0.75)
FIRST_MONTHS = (1, 4, 7)
"""Months of service in the first year."""
RELATIVE = 1e-12
SHEET = "Functions"


@dataclass(frozen=True)
class Asset:
    """Cost [USD], salvage as a share of it, life in years."""

    cost: float
    salvage: float
    life: int

    @property
    def arguments(self) -> str:
        """As the functions take them."""
        return f"{self.cost!r},{self.cost * self.salvage!r},{self.life}"


ASSETS = tuple(Asset(*values) for values in product(COSTS, SALVAGES, LIVES))


def formulas() -> Iterator[str]:
    """Every formula the tests ask for."""
    for asset in ASSETS:
        yield f"SLN({asset.arguments})"
        for year in range(1, asset.life + 1):
            yield f"SYD({asset.arguments},{year})"
            yield f"DB({asset.arguments},{year})"
            yield from (f"DB({asset.arguments},{year},{month})" for month in FIRST_MONTHS)
            for factor in FACTORS:
                yield f"DDB({asset.arguments},{year},{factor})"
                for unswitched in ("FALSE()", "TRUE()"):
                    yield f"VDB({asset.arguments},{year - 1},{year},{factor},{unswitched})"
        for part in QUARTERS:
            for start, stop in broken(asset, part):
                yield f"VDB({asset.arguments},{start!r},{stop!r},2.0,FALSE())"


def broken(asset: Asset, part: float) -> list[tuple[float, float]]:
    """Stretches of a life that begin and end within years: to a part of each, and from it on."""
    edges = [0.0, *(year + part for year in range(asset.life)), float(asset.life)]
    return list(pairwise(edges))


@pytest.fixture(scope="module")
def answers(soffice: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Results of the formulas, recalculated by the other program from a sheet with wrong ones."""
    folder = tmp_path_factory.mktemp("functions")
    asked = list(dict.fromkeys(formulas()))
    with xlsxwriter.Workbook(folder / "functions.xlsx") as book:
        sheet = book.add_worksheet(SHEET)
        for row, formula in enumerate(asked):
            sheet.write_formula(row, 0, f"={formula}", None, -1)
            sheet.write_string(row, 1, formula)
    (result,) = convert(soffice, [folder / "functions.xlsx"], "xlsx", folder)
    cells = read_cells(result)
    found = {formula: cells[SHEET, f"A{row}"][1] for row, formula in enumerate(asked, start=1)}
    wrong = {formula: value for formula, value in found.items() if not isinstance(value, float) or value < 0.0}
    assert wrong == {}
    return {formula: float(value) for formula, value in found.items()}


def part_of(method: Method, asset: Asset, factor: float = 1.0, salvage: float | None = None) -> ComponentInputs:
    """The method by years of service, rates set once a year."""
    share = asset.salvage if salvage is None else salvage
    return policy(method, YEAR * asset.life, share, factor, frequency=YEAR, convention=Convention.FULL_MONTH)


def ours(method: Method, asset: Asset, factor: float = 1.0) -> np.ndarray:
    """Charges of the schedule by year [USD]."""
    return yearly(part_of(method, asset, factor), placed("2025-01-01", YEAR * asset.life), asset.cost)


def years(asset: Asset) -> range:
    return range(1, asset.life + 1)


def difference(found: np.ndarray, theirs: list[float], asset: Asset) -> float:
    """Largest difference of two series of equal length, as a share of cost."""
    return max((abs(one - other) for one, other in zip(found, theirs, strict=True)), default=0.0) / asset.cost


@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_sln(asset: Asset, answers: dict[str, float]) -> None:
    assert (
        difference(ours(Method.STRAIGHT_LINE, asset), [answers[f"SLN({asset.arguments})"]] * asset.life, asset)
        <= RELATIVE
    )


@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_syd(asset: Asset, answers: dict[str, float]) -> None:
    theirs = [answers[f"SYD({asset.arguments},{year})"] for year in years(asset)]
    assert difference(ours(Method.SUM_OF_DIGITS, asset), theirs, asset) <= RELATIVE


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_ddb(asset: Asset, factor: float, answers: dict[str, float]) -> None:
    """All years but the last agree; the last takes what is left, where theirs may leave more than salvage."""
    found = ours(Method.DECLINING_BALANCE, asset, factor)
    theirs = [answers[f"DDB({asset.arguments},{year},{factor})"] for year in years(asset)]
    assert difference(found[:-1], theirs[:-1], asset) <= RELATIVE
    left = asset.cost - sum(theirs[:-1])
    assert found[-1] == pytest.approx(left - asset.cost * asset.salvage, abs=RELATIVE * asset.cost)
    assert theirs[-1] <= found[-1] + RELATIVE * asset.cost
    assert theirs[-1] == pytest.approx(min(left * min(factor / asset.life, 1.0), found[-1]), abs=RELATIVE * asset.cost)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_vdb_with_switch(asset: Asset, factor: float, answers: dict[str, float]) -> None:
    theirs = [answers[f"VDB({asset.arguments},{year - 1},{year},{factor},FALSE())"] for year in years(asset)]
    assert difference(ours(Method.DECLINING_WITH_SWITCH, asset, factor), theirs, asset) <= RELATIVE


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_vdb_without_switch(asset: Asset, factor: float, answers: dict[str, float]) -> None:
    """As the declining balance: all years but the last."""
    theirs = [answers[f"VDB({asset.arguments},{year - 1},{year},{factor},TRUE())"] for year in years(asset)]
    assert difference(ours(Method.DECLINING_BALANCE, asset, factor)[:-1], theirs[:-1], asset) <= RELATIVE


@pytest.mark.parametrize("part", QUARTERS)
@pytest.mark.parametrize("asset", ASSETS, ids=str)
def test_vdb_between_parts_of_years(asset: Asset, part: float, answers: dict[str, float]) -> None:
    """Their charge between two broken dates is the sum of ours over the months between them."""
    monthly = charged(
        part_of(Method.DECLINING_WITH_SWITCH, asset, 2.0), placed("2025-01-01", YEAR * asset.life), asset.cost
    )
    booked = np.concatenate([[0.0], np.cumsum(monthly)])
    stretches = broken(asset, part)
    found = [booked[round(YEAR * stop)] - booked[round(YEAR * start)] for start, stop in stretches]
    theirs = [answers[f"VDB({asset.arguments},{start!r},{stop!r},2.0,FALSE())"] for start, stop in stretches]
    assert difference(np.array(found), theirs, asset) <= RELATIVE


def rounded(rate: float) -> float:
    """To three decimals, as the spreadsheet does."""
    return float(np.floor(rate * 1_000 + 0.5) / 1_000)


@pytest.mark.parametrize("months", FIRST_MONTHS)
@pytest.mark.parametrize("asset", [asset for asset in ASSETS if asset.salvage > 0.0 and asset.life > 1], ids=str)
def test_db_from_within_a_year(asset: Asset, months: int, answers: dict[str, float]) -> None:
    """The first year by its months, then the whole rate on what each fiscal year opens with; the rest is a plug."""
    rate = rounded(1.0 - asset.salvage ** (1.0 / asset.life))
    part = part_of(Method.GIVEN_RATE, asset, rate / YEAR)
    service = placed(f"2025-{13 - months:02}-01", YEAR * (asset.life + 1), first="2025-01")
    theirs = [answers[f"DB({asset.arguments},{year},{months})"] for year in years(asset)]
    assert difference(yearly(part, service, asset.cost)[: asset.life], theirs, asset) <= RELATIVE


@pytest.mark.parametrize("asset", [asset for asset in ASSETS if asset.salvage > 0.0], ids=str)
def test_db(asset: Asset, answers: dict[str, float]) -> None:
    """Theirs is a rate of three decimals; with it all years agree but the last, which leads ours to salvage.

    The rate itself leads to salvage without that: the two differ by what the rounding takes or leaves.
    """
    exact = 1.0 - asset.salvage ** (1.0 / asset.life)
    rate = rounded(exact)
    theirs = [answers[f"DB({asset.arguments},{year})"] for year in years(asset)]
    found = ours(Method.GIVEN_RATE, asset, rate / YEAR)
    assert difference(found[:-1], theirs[:-1], asset) <= RELATIVE
    unrounded = ours(Method.FIXED_RATE, asset)
    assert unrounded[0] - theirs[0] == pytest.approx((exact - rate) * asset.cost, abs=RELATIVE * asset.cost)
    assert abs(unrounded[0] - theirs[0]) <= 0.0005 * asset.cost + RELATIVE
    assert unrounded.sum() == pytest.approx(asset.cost * (1 - asset.salvage))
    kept = asset.cost * (1.0 - rate) ** asset.life
    assert asset.cost - sum(theirs) == pytest.approx(kept, abs=RELATIVE * asset.cost)
