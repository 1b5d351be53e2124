"""What the live ledgers run on: lives, salvage and failures, as a matrix of driver by scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.record.report import Report, at_case
from valuation.books.policies import LedgerInputs
from valuation.timeline import FloatArray

FAILURE_KEYS = ("operations.failure_early_annual", "operations.failure_steady_annual")
EARLY_MONTHS = "operations.failure_early_months"
LIFE_KEY, SALVAGE_KEY = "life_months", "salvage_share_of_cost"
LIFE_RANGE, SHARE_RANGE = (1, 600), (0, 0.95)
HAZARD, LIFE, SALVAGE = "hazard", "life", "salvage"


@dataclass(frozen=True)
class Driver:
    """A number that the live ledgers use.

    Attributes
    ----------
    key : str
        Name of the driver.
    block : str
        Drivers of a block stand below one another and are read by their start.
    label, unit, kind : str
        As printed; kind names the number format.
    start : int
        Month from the as-of date, or age in months, from which the number holds.
    values : tuple of float
        One a scenario.
    allowed : tuple of float
        Range that may be typed.
    """

    key: str
    block: str
    label: str
    unit: str
    kind: str
    start: int
    values: tuple[float, ...]
    allowed: tuple[float, float]

    @property
    def base(self) -> float:
        """Number in the base."""
        return self.values[0]


def life_block(ledger: str, row: int) -> str:
    """Block of the lives of a ledger, for one row of its lives."""
    return f"{LIFE}.{ledger}.{row}"


def salvage_key(ledger: str, row: int) -> str:
    """Key of the salvage share of a ledger."""
    return f"{SALVAGE}.{ledger}.{row}"


def hazard_block(profile: int) -> str:
    """Block of the failure probabilities of one profile of wear."""
    return f"{HAZARD}.{profile}"


def drivers(report: Report) -> list[Driver]:
    """Every driver of a run, block by block."""
    found: list[Driver] = []
    for ledger in report.results.inputs.ledgers:
        for row in range(ledger.life.shape[1]):
            found += _lives(report, ledger, row)
        for row in range(ledger.salvage_share.shape[0]):
            found.append(_salvage(report, ledger, row))
    for profile in _profiles(report):
        found += _hazards(report, profile)
    return found


def _profiles(report: Report) -> list[int]:
    """Rows of the failure probabilities of the parts that can be bought."""
    inputs = report.results.inputs
    owned = {int(part) for part in inputs.fleet.generation}
    priced = {part for part, known in enumerate(inputs.silicon.priced) if known}
    return sorted(owned | priced) if _differ(report) else [0]


def _differ(report: Report) -> bool:
    """Whether parts fail at rates of their own in some scenario."""
    return bool(report.results.inputs.silicon.failure_hazard.shape[1] > 1)


def _lives(report: Report, ledger: LedgerInputs, row: int) -> Iterator[Driver]:
    as_of, periods = report.results.inputs.timeline.as_of, report.results.inputs.timeline.forecast_periods
    title = report.ledger_title(ledger.name)

    def at(period: int) -> tuple[float, ...]:
        return tuple(float(at_case(ledger.life[as_of + period, row], case)) for case in _cases(report))

    for number, period in enumerate(_steps(ledger.life[as_of : as_of + periods, row])):
        since = report.bound_dates[as_of + period].strftime("%Y-%m")
        yield Driver(
            key=f"{life_block(ledger.name, row)}.{number}",
            block=life_block(ledger.name, row),
            label=f"{title}: book life in force from {since}",
            unit="months",
            kind="months",
            start=period + 1,
            values=at(period),
            allowed=LIFE_RANGE,
        )


def _salvage(report: Report, ledger: LedgerInputs, row: int) -> Driver:
    return Driver(
        key=salvage_key(ledger.name, row),
        block=salvage_key(ledger.name, row),
        label=f"{report.ledger_title(ledger.name)}: book salvage",
        unit="share of cost",
        kind="percent",
        start=0,
        values=tuple(float(at_case(ledger.salvage_share[row], case)) for case in _cases(report)),
        allowed=SHARE_RANGE,
    )


def _hazards(report: Report, profile: int) -> Iterator[Driver]:
    hazard = report.results.inputs.silicon.failure_hazard
    owner = f"{report.generations[profile]}: permanent" if _differ(report) else "Permanent"

    def at(age: int) -> tuple[float, ...]:
        return tuple(float(at_case(hazard[age, profile], case)) for case in _cases(report))

    for number, age in enumerate(_steps(hazard[:, profile])):
        yield Driver(
            key=f"{hazard_block(profile)}.{number}",
            block=hazard_block(profile),
            label=f"{owner} failures a month from age {age}",
            unit="probability",
            kind="share",
            start=age,
            values=at(age),
            allowed=SHARE_RANGE,
        )


def _steps(table: FloatArray) -> list[int]:
    """Positions at which a row of numbers (places, n) changes in any scenario, the first included."""
    moved = (table[1:] != table[:-1]).any(axis=1)
    return [0, *(place for place, differs in enumerate(moved.tolist(), start=1) if differs)]


def _cases(report: Report) -> range:
    return range(len(report.scenarios))


def typed(report: Report, found: list[Driver]) -> list[Driver]:
    """Drivers that no assumption of the list stands for, and that are typed in their own right."""
    return [driver for driver in found if not linked(report, driver)]


def linked(report: Report, driver: Driver) -> str:
    """Formula from the assumptions that gives the base number of a driver; empty if there is none."""
    known = {assumption.key: assumption.value for assumption in report.assumptions}
    if driver.key.startswith(HAZARD):
        if driver.block != hazard_block(0) or not _annual_failures(report, known):
            return ""
        name = input_name(FAILURE_KEYS[0 if driver.start == 0 else 1])
        return f"=1-(1-{name})^(1/12)"
    position = source_of(report, driver)
    return "" if position is None else f"={input_names(report)[position]}"


def source_of(report: Report, driver: Driver) -> int | None:
    """Position in the list of the assumption that a life or a salvage share is, if its value agrees."""
    kind, ledger, _, *number = driver.key.split(".")
    key = f"ledgers.{ledger}.{LIFE_KEY if kind == LIFE else SALVAGE_KEY}"
    rows = [place for place, assumption in enumerate(report.assumptions) if assumption.key == key]
    if kind == LIFE:
        steps = [place for place, other in enumerate(drivers(report)) if other.block == driver.block]
        rows = rows[-len(steps) :] if len(rows) >= len(steps) else []
    place = int(number[0]) if number else 0
    if place >= len(rows) or report.assumptions[rows[place]].value != driver.base:
        return None
    return rows[place]


def live_sources(report: Report) -> frozenset[int]:
    """Positions in the list of the assumptions that the ledgers of the workbook follow at once."""
    found = (source_of(report, driver) for driver in drivers(report) if not driver.key.startswith(HAZARD))
    return frozenset(place for place in found if place is not None)


def failure_sources(report: Report) -> frozenset[int]:
    """Positions in the list of the assumptions from which the failures of the books follow; values do not follow."""
    if not any(linked(report, driver) for driver in drivers(report) if driver.key.startswith(HAZARD)):
        return frozenset()
    keys = (*FAILURE_KEYS, EARLY_MONTHS)
    return frozenset(place for place, assumption in enumerate(report.assumptions) if assumption.key in keys)


def input_names(report: Report) -> tuple[str, ...]:
    """Names of the cells that hold the assumptions of the list, told apart where a key comes more than once."""
    seen: dict[str, int] = {}
    names = []
    for assumption in report.assumptions:
        name = input_name(assumption.key)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(names)


def _annual_failures(report: Report, known: Mapping[str, object]) -> bool:
    """Whether the failure probabilities follow from the two annual ones of the list."""
    starts = [driver.start for driver in _hazards(report, 0)]
    return all(key in known for key in (*FAILURE_KEYS, EARLY_MONTHS)) and starts == [0, known[EARLY_MONTHS]]


def linked_start(report: Report, driver: Driver) -> str:
    """Formula for the start of a driver; empty where it is fixed."""
    is_band = driver.key.startswith(HAZARD) and driver.start > 0
    return f"={input_name(EARLY_MONTHS)}" if is_band and linked(report, driver) else ""


def input_name(key: str) -> str:
    """Name of the cell that holds an assumption."""
    return "in_" + "".join(letter if letter.isalnum() else "_" for letter in key.lower())
