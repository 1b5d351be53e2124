"""Hypothesis strategies for depreciation: policies of every method, convention and event, and assets under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.oracle.depreciation import Asset, Books, later
from valuation.books.charges import Method
from valuation.books.conventions import PRINTED, Calendar, Convention, Stay
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import Service
from valuation.timeline import NEVER

YEARS = 9
PERIODS = 12 * YEARS
LIVES = st.one_of(st.integers(1, 84).map(float), st.floats(1.0, 84.0).map(lambda months: round(months, 2)))
FREQUENCIES = (1, 2, 3, 6, 12)
LONG = (6, 12)
"""Steps of the rate that is a root: short ones are in the table of every combination."""
FROM_DAYS = (Convention.DAILY_365, Convention.ACTUAL_ACTUAL, Convention.TOTAL_DAYS)
BY_MONTHS = (Convention.FULL_MONTH, Convention.FOLLOWING_MONTH, Convention.MID_MONTH)
WITHOUT_SPAN = (Method.NONE, Method.STRAIGHT_LINE, Method.SUM_OF_DIGITS, Method.TABLE)
LOW = 0.1
"""Salvage from which on amounts are written down, so that up to five of them leave something."""
UNITS = 40.0
"""Units of use that stand for a month of life."""


@dataclass(frozen=True)
class Example:
    """An asset and its books."""

    books: Books
    asset: Asset


def component(books: Books) -> ComponentInputs:
    """The books as the schedule takes them."""

    def by_period(values: list[Any], kind: type = float) -> np.ndarray:
        return np.array(values, dtype=kind)[:, None, None]

    return ComponentInputs(
        "example",
        life=by_period(books.life),
        salvage_share=by_period(books.salvage),
        method=np.array([Method[name] for name in books.method])[:, None],
        factor=np.array(books.factor)[:, None],
        percentages=np.array(books.percentages)[:, None],
        use=by_period(books.use),
        depreciating=by_period([float(on) for on in books.depreciating]),
        stated_share=by_period([np.nan if value is None else value for value in books.stated]),
        ceiling_share=by_period(books.ceiling),
        written_down_share=by_period(books.written_down),
        added_share=by_period(books.added),
        convention=Convention[books.convention],
        frequency=books.frequency,
        by_fiscal_year=books.by_fiscal_year,
        whole_first_year=books.whole_first_year,
    )


def service(asset: Asset, periods: int = PERIODS) -> Service:
    """The asset's dates as the schedule takes them."""

    def place(day: date) -> int:
        return (day.year - asset.first.year) * 12 + day.month - asset.first.month

    leave, day = (NEVER, 1) if asset.left is None else (place(asset.left), asset.left.day)
    stay = Stay(np.array([place(asset.placed)]), np.array([asset.placed.day]), np.array([[leave]]), np.array([[day]]))
    return Service(stay, Calendar(np.datetime64(asset.first, "M"), periods, asset.fiscal_year_end))


@st.composite
def assets(draw: st.DrawFn, *, leaving: bool = False) -> Asset:
    """Placed within two years of a grid of whole fiscal years; it may leave, in the same month or years later."""
    end = draw(st.integers(1, 12))
    first = date(draw(st.integers(2019, 2024)), end % 12 + 1, 1)
    placed = later(first, draw(st.integers(0, 23))).replace(day=draw(st.integers(1, 28)))
    left = None
    if leaving and draw(st.booleans()):
        left = later(placed.replace(day=1), draw(st.integers(0, 60))).replace(day=draw(st.integers(1, 28)))
        left = max(left, placed)
    return Asset(first, placed, left, end)


def constant(method: Method, convention: Convention, **changes: Any) -> Books:
    """Books in which nothing happens."""
    count = PERIODS
    fields: dict[str, Any] = {
        "method": [method.name] * count,
        "life": [36.0] * count,
        "salvage": [0.0] * count,
        "factor": [1.0] * count,
        "percentages": [1.0],
        "convention": convention.name,
        "frequency": 1,
        "by_fiscal_year": True,
        "whole_first_year": False,
        "stated": [None] * count,
        "ceiling": [float("inf")] * count,
        "written_down": [0.0] * count,
        "added": [0.0] * count,
        "depreciating": [True] * count,
        "use": [0.0] * count,
    }
    return Books(**{**fields, **changes})


def factors(method: Method) -> st.SearchStrategy[float]:
    """Multiples of the straight-line rate, or rates by month."""
    return st.floats(0.005, 0.08) if method == Method.GIVEN_RATE else st.sampled_from([0.5, 1.0, 1.25, 1.5, 2.0, 2.5])


@st.composite
def settled(draw: st.DrawFn, methods: tuple[Method, ...] = tuple(Method)) -> Books:
    """Books of one method, life and salvage, over every convention, frequency and anchor."""
    method, convention = draw(st.sampled_from(methods)), draw(st.sampled_from(list(Convention)))
    scale = UNITS if convention == Convention.BY_USE else 1.0
    life = draw(LIVES) * scale
    salvage = draw(st.sampled_from([0.02, 0.1, 0.4] if method == Method.FIXED_RATE else [0.0, 0.02, 0.1, 0.4]))
    share = draw(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8))
    factor = draw(factors(method)) / (scale if method == Method.GIVEN_RATE else 1.0)
    use = draw(st.lists(st.just(0.0) | st.floats(0.01, 2 * UNITS), min_size=1, max_size=7)) if scale != 1.0 else [0.0]
    return constant(
        method,
        convention,
        life=[life] * PERIODS,
        salvage=[salvage] * PERIODS,
        factor=[factor] * PERIODS,
        percentages=[part / sum(share) for part in share],
        frequency=draw(st.sampled_from(LONG if method == Method.FIXED_RATE else FREQUENCIES)),
        by_fiscal_year=draw(st.booleans()),
        whole_first_year=convention in PRINTED and draw(st.booleans()),
        use=(use * PERIODS)[:PERIODS],
    )


EVENTS = ("life", "salvage", "method", "factor", "ceiling", "written_down", "added", "stated", "idle")


def happen(draw: Callable[..., Any], books: Books, event: str, period: int) -> Books:
    """Books with one more event at the opening of a period."""
    scale = UNITS if books.convention == "BY_USE" else 1.0

    def path(name: str, value: Any, stop: int | None = None) -> Books:
        values = list(getattr(books, name))
        values[period:stop] = [value] * len(values[period:stop])
        changed: dict[str, Any] = {name: values}
        return replace(books, **changed)

    if event == "life":
        return path("life", draw(LIVES) * scale)
    if event == "salvage":
        return path("salvage", draw(st.sampled_from([LOW, 0.2, 0.3])))
    if event == "factor":
        return path("factor", draw(factors(Method[books.method[period]])) / 2)
    if event == "method":
        known = set(Method) - (set() if books.frequency in LONG else {Method.FIXED_RATE})
        method = draw(st.sampled_from(sorted(known)))
        changed = path("method", method.name)
        factor = books.factor[:period] + [draw(factors(method))] * (PERIODS - period)
        return replace(changed, factor=factor)
    if event == "idle":
        return path("depreciating", False, period + draw(st.integers(1, 8)))
    if event == "written_down" and min(books.salvage) < LOW:
        event = "ceiling"
    sizes = {"ceiling": (LOW, 0.9), "written_down": (0.0, LOW / 5), "added": (0.0, 0.5), "stated": (LOW, 1.0)}
    return path(event, draw(st.floats(*sizes[event])), period + 1)


@st.composite
def eventful(draw: st.DrawFn, events: tuple[str, ...] = EVENTS, methods: tuple[Method, ...] = tuple(Method)) -> Books:
    """Books with up to four events."""
    books = draw(settled(methods))
    for _ in range(draw(st.integers(0, 4))):
        books = happen(draw, books, draw(st.sampled_from(events)), draw(st.integers(1, PERIODS - 1)))
    return books
