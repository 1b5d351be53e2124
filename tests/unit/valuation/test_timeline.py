"""The monthly grid."""

import numpy as np

from valuation.timeline import Timeline


def test_bounds_and_periods_carry_month_ends() -> None:
    grid = Timeline(np.datetime64("2022-12"), 3, 1)
    assert [str(month) for month in grid.bounds] == ["2022-12", "2023-01", "2023-02", "2023-03"]
    assert [str(month) for month in grid.period_ends] == ["2023-01", "2023-02", "2023-03"]
    assert str(grid.as_of_month) == "2023-01"
    assert grid.forecast_periods == 2
    assert grid.index(np.datetime64("2022-10")) == -2


def test_fiscal_years_close_in_their_month() -> None:
    grid = Timeline(np.datetime64("2022-12"), 24, 0, fiscal_year_end=6)
    assert grid.fiscal_years.tolist() == [2023, 2024, 2025]
    assert grid.fiscal_year_of_period[[5, 6]].tolist() == [2023, 2024]
    ends = [str(month) for month in grid.bounds[grid.is_fiscal_year_end]]
    assert ends == ["2023-06", "2024-06"]
    quarters = [str(month) for month in grid.bounds[grid.is_quarter_end]][:3]
    assert quarters == ["2022-12", "2023-03", "2023-06"]


def test_fiscal_year_sums_add_whole_and_part_years() -> None:
    grid = Timeline(np.datetime64("2022-12"), 14, 0)
    sums = grid.fiscal_year_sums(np.ones((14, 2)))
    assert sums.tolist() == [[12.0, 12.0], [2.0, 2.0]]
