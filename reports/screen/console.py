"""What a terminal shows: tables of the headline, the scenarios, the lives and what the answer hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assumptions import AssumptionRow
from assumptions.cases.listing import Scalar
from reports.files.payload import retirement_months
from reports.record.display import MISSING, Scale, direction, months, plain, rate, scale
from reports.record.report import SIGNS, Report, at_case
from reports.record.waterfalls import bar_label, in_words, shown_bars
from reports.screen.claims import claim_tables
from reports.screen.tables import titled
from valuation.analysis.bars import GAP, GROUP, PART, TOTAL
from valuation.analysis.checks import Check
from valuation.timeline import FloatArray

WIDTH = 100
BASE = 0
ACROSS = 2
"""Sets of books side by side in the tables by scenario; the first table lists all of them."""
LIVES = (
    ("T50", "t50", "value in use stays at or below half of cost after this age"),
    ("T90", "t90", "... at or below a tenth of cost"),
    ("T100", "t100", "age at retirement: running stops paying, a sale, or the age limit"),
    ("straight-line equivalent", "straight_line_equivalent", "life of the straight line nearest to the value"),
)


def screen(stream: TextIO) -> Console:
    """A console on a stream; as wide as the terminal, or of a fixed width where there is none."""
    console = Console(file=stream, highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(file=stream, highlight=False, width=WIDTH)


def print_summary(report: Report, stream: TextIO) -> None:
    """Print a run.

    Parameters
    ----------
    report : Report
        The run.
    stream : TextIO
        Where to.
    """
    console = screen(stream)
    console.print(Text(report.title, style="bold"))
    console.print(Text(f"as of {report.as_of.isoformat()}, {report.currency}, inputs {report.digest[:12]}", "dim"))
    tables = [
        headline(report),
        scenarios(report),
        hidden(report),
        bridge(report),
        bridges(report),
        lives(report),
        *claim_tables(report),
        sensitivities(report),
        plans(report),
        taxes(report),
        estimates(report),
        migrations(report),
        rights(report),
    ]
    for table in tables:
        if table is not None:
            console.print(Padding(table, (1, 0, 0, 0)))
    console.print(Padding(Text(SIGNS), (1, 0, 0, 0)))
    for remark in report.remarks:
        console.print(Text(remark))


def headline(report: Report) -> Table:
    """Charges of this and the next fiscal year, the amounts at the as-of date, and the gap."""
    years, as_of = report.summary.fiscal_years, report.summary.as_of
    lost = [_one(years.economic_depreciation[year]) for year in report.coming_years]
    charged = {name: [_one(years.charged[name][year]) for year in report.coming_years] for name in report.ledgers}
    value = _one(as_of.economic_value)
    unit = scale([value, *lost, *(amount for row in charged.values() for amount in row)])
    heading = "What the books charge and write off, net of proceeds, and what the hardware loses"
    table = titled(f"{heading} ({report.scenarios[BASE].name}, {unit.name})")
    table.add_column("")
    for year in report.coming_years:
        table.add_column(f"in FY{report.fiscal_years[year]}", justify="right")
    table.add_column(f"stands at {report.as_of:%Y-%m}", justify="right")
    table.add_column("gap", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for ledger in report.ledgers:
        gap, carrying = _one(as_of.gap[ledger]), unit.amount(_one(as_of.carrying_amount[ledger]))
        table.add_row(
            report.ledger_title(ledger), *map(unit.amount, charged[ledger]), carrying, _sign(gap, unit), direction(gap)
        )
    table.add_row("Economic value", *map(unit.amount, lost), unit.amount(value), "", "", style="bold")
    return table


def scenarios(report: Report) -> Table:
    """Every scenario side by side: gaps, returns, retirement."""
    as_of, returns, cases = report.summary.as_of, report.results.returns, range(len(report.scenarios))
    unit = scale(_one(array, case) for case in cases for array in (as_of.value_in_use, returns.npv))
    table = titled(f"Scenarios: at the as-of date, returns after it, first and last month of retirement ({unit.name})")
    table.add_column("scenario", overflow="fold")
    for ledger in report.ledgers[:ACROSS]:
        _amounts(table, f"gap {ledger.replace('_', ' ')}")
    for heading in ("economic value", "value in use", "NPV", "IRR"):
        _amounts(table, heading)
    table.add_column("retires", justify="right", no_wrap=True)
    for case, scenario in enumerate(report.scenarios):
        table.add_row(
            _breakable(scenario.name),
            *(_sign(_one(as_of.gap[ledger], case), unit) for ledger in report.ledgers[:ACROSS]),
            unit.amount(_one(as_of.economic_value, case)),
            unit.amount(_one(as_of.value_in_use, case)),
            unit.signed(_one(returns.npv, case)),
            rate(_one(returns.irr, case)),
            _retires(report, case),
        )
    return table


def hidden(report: Report) -> Table:
    """Hidden depreciation of this and the next fiscal year in every scenario."""
    found = report.summary.fiscal_years.hidden_depreciation
    columns = [(year, ledger) for year in report.coming_years for ledger in report.ledgers[:ACROSS]]
    rows = [[_one(found[ledger][year], case) for year, ledger in columns] for case in range(len(report.scenarios))]
    unit = scale(amount for row in rows for amount in row)
    heading = "Hidden depreciation: what the books leave out (negative: what they charge too much)"
    table = titled(f"{heading}, {unit.name}")
    table.add_column("scenario", overflow="fold")
    for year, ledger in columns:
        _amounts(table, f"FY{report.fiscal_years[year]} {ledger.replace('_', ' ')}")
    for scenario, row in zip(report.scenarios, rows, strict=True):
        table.add_row(_breakable(scenario.name), *(_sign(amount, unit) for amount in row))
    return table


def bridge(report: Report) -> Table:
    """From the books to the economic value in the base."""
    ledgers = report.ledgers[:ACROSS]
    found = {ledger: shown_bars(report, ledger, BASE) for ledger in ledgers}
    unit = scale(_one(bar.fleet) for listed in found.values() for bar in listed)
    table = titled(f"From the books to the economic value ({report.scenarios[BASE].name}, {unit.name})")
    table.caption = f"Parts of the gap {in_words(report)}. A negative part: worth more than planned."
    table.add_column("")
    for ledger in ledgers:
        _amounts(table, ledger.replace("_", " "))
    for row in zip(*found.values(), strict=True):
        bar = row[0]
        amounts = [_one(each.fleet) for each in row]
        signed = bar.level != TOTAL or bar.part == GAP
        shown = (_sign(amount, unit) if signed else Text(unit.amount(amount)) for amount in amounts)
        indent = "    " if bar.level == PART else ""
        table.add_row(f"{indent}{bar_label(bar.part)}", *shown, style="bold" if bar.level == TOTAL else None)
    return table


def bridges(report: Report) -> Table | None:
    """Groups of the waterfall in every scenario, under the ledger that ranks."""
    if len(report.scenarios) == 1:
        return None
    ledger = report.ranking_ledger
    listed = [bar for bar in report.bars[ledger] if bar.level == GROUP or bar.part == GAP]
    cases = range(len(report.scenarios))
    unit = scale(_one(bar.fleet, case) for bar in listed for case in cases)
    table = titled(f"Parts of the gap by scenario ({report.ledger_title(ledger)}, {unit.name})")
    table.add_column("scenario", overflow="fold")
    for bar in listed:
        _amounts(table, bar.part)
    for case, scenario in enumerate(report.scenarios):
        table.add_row(_breakable(scenario.name), *(_sign(_one(bar.fleet, case), unit) for bar in listed))
    return table


def lives(report: Report) -> Table:
    """Implied lives of the fleet in the base, each with its definition."""
    table = titled(f"Lives that the value implies, in months ({report.scenarios[BASE].name}, mean of the fleet)")
    for heading in ("life", "months", "definition"):
        table.add_column(heading, justify="right" if heading == "months" else "left")
    for label, name, meaning in LIVES:
        table.add_row(label, months(_one(getattr(report.results.fleet_lives, name)[0])), meaning)
    return table


def sensitivities(report: Report) -> Table | None:
    """The assumptions that move the gap most, and the gap at both ends of their range."""
    if not report.sensitivities:
        return None
    ledger, leading = report.ranking_ledger, report.leading_sensitivities
    unit = scale(gap[ledger] for item in leading for gap in (item.gap_low, item.gap_high))
    shown = f"{report.ledger_title(ledger)}, {unit.name}"
    table = titled(f"The assumptions that move the gap most, and the landing rule ({shown})")
    for heading in ("assumption", "base", "low", "high", "gap at low", "gap at high"):
        table.add_column(heading, justify="left" if heading == "assumption" else "right")
    for item in leading:
        label = f"{item.label} [{item.unit}]"
        ends = [plain(item.value), *("as base" if end is None else plain(end) for end in (item.low, item.high))]
        table.add_row(label, *ends, _sign(item.gap_low[ledger], unit), _sign(item.gap_high[ledger], unit))
    return table


def plans(report: Report) -> Table | None:
    """Value of a calibrated fleet under the three plans."""
    if not report.plans:
        return None
    unit = scale(plan.value_in_exchange for plan in report.plans)
    table = titled(f"The same fleet under the three plans that may stand behind its rents (base, {unit.name})")
    table.add_column("plan")
    table.add_column("economic value", justify="right")
    for ledger in report.ledgers:
        table.add_column(f"gap, {ledger.replace('_', ' ')}", justify="right")
    for plan in report.plans:
        name = f"{plan.plan} (this run)" if plan.chosen else plan.plan
        gaps = (_sign(plan.gap[ledger], unit) for ledger in report.ledgers)
        table.add_row(name, unit.amount(plan.value_in_exchange), *gaps)
    return table


def taxes(report: Report) -> Table | None:
    """Tax of this and the next fiscal year in the base, and deferred tax at their ends; none without tax books."""
    found = report.results.taxes
    if found is None:
        return None
    shown = range(len(report.coming_years))
    rows = {
        "income before depreciation": found.income,
        **{f"deductions, {name.replace('_', ' ')}": array for name, array in found.deductions.items()},
        "tax, federal and state": found.due,
        "losses carried forward (federal)": found.federal.loss_carried,
        **{
            f"deferred tax, {report.ledger_title(name)}": array
            for name, array in found.deferred_at_year_ends.items()
            if name in report.ledgers[:ACROSS]
        },
    }
    amounts = {name: [_one(array[year]) for year in shown] for name, array in rows.items()}
    unit = scale(amount for row in amounts.values() for amount in row)
    table = titled(f"Taxes of the owner after the as-of date ({report.scenarios[BASE].name}, {unit.name})")
    table.add_column("")
    for year in shown:
        table.add_column(f"FY{int(found.years[year])}", justify="right")
    for name, row in amounts.items():
        table.add_row(name, *map(unit.amount, row))
    return table


def estimates(report: Report) -> Table | None:
    """Changes of estimate as an issuer discloses them; none where nothing changes."""
    if not report.estimates:
        return None
    unit = scale(row.depreciation_usd for row in report.estimates)
    heading = "Changes of estimate: new less old, on the assets then held"
    table = titled(f"{heading} ({report.scenarios[BASE].name}, {unit.name})")
    for name in ("books", "from", "year"):
        table.add_column(name, no_wrap=True)
    for name in ("depreciation", "operating income", "net income", "a share [USD]"):
        table.add_column(name, justify="right")
    for row in report.estimates:
        share = MISSING if row.per_share_usd is None else f"{row.per_share_usd:+.2f}"
        amounts = (row.depreciation_usd, row.operating_income_usd, row.net_income_usd)
        table.add_row(
            row.ledger, row.since, f"FY{row.fiscal_year}", *(_sign(amount, unit) for amount in amounts), share
        )
    return table


def migrations(report: Report) -> Table | None:
    """Work that moves to silicon of the owner's own; none where none does."""
    worth = [row for row in report.migrations if row.fiscal_year is None]
    if not worth:
        return None
    unit = scale(amount for row in worth for amount in (row.saving_usd, row.stranded_usd))
    table = titled(f"Own silicon: what moving the work saves, and what it takes from the devices, present {unit.name}")
    table.add_column("scenario", overflow="fold")
    for heading in ("work moved", "saving", "stranded", "net"):
        _amounts(table, heading)
    for row in worth:
        amounts = (unit.signed(row.saving_usd), unit.signed(-row.stranded_usd), unit.signed(row.net_usd))
        table.add_row(_breakable(row.scenario), rate(row.migrated_share), *amounts)
    return table


def rights(report: Report) -> Table | None:
    """Values beside that of the devices: never the one without the others; none where there are none."""
    found = report.results.rights
    if found is None or not (found.power.any() or found.committed_capacity.any()):
        return None
    value = report.summary.as_of.economic_value
    unit = scale(_one(value, case) for case in range(len(report.scenarios)))
    table = titled(f"Beside the devices at the as-of date ({unit.name})")
    table.add_column("scenario", overflow="fold")
    for heading in ("economic value", "power right", "capacity owed"):
        _amounts(table, heading)
    for case, scenario in enumerate(report.scenarios):
        amounts = (value, found.power, found.committed_capacity)
        table.add_row(_breakable(scenario.name), *(unit.amount(_one(array, case)) for array in amounts))
    return table


def print_checks(title: str, found: Sequence[Check], stream: TextIO) -> None:
    """Print the identities of a run, each with its residual.

    Parameters
    ----------
    title : str
        Name of the case.
    found : sequence of Check
        Outcomes.
    stream : TextIO
        Where to.
    """
    table = titled(f"{title}: identities")
    table.add_column("what must hold")
    for heading in ("residual", "tolerance", ""):
        table.add_column(heading, justify="right")
    for check in found:
        outcome = Text("holds", "green") if check.passed else Text("FAILS", "bold red")
        table.add_row(check.name, f"{check.residual:.1e}", f"{check.tolerance:.1e}", outcome)
    screen(stream).print(table)


def print_assumption(item: AssumptionRow, stream: TextIO) -> None:
    """Print one assumption with its evidence."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for label, text in (
        ("key", item.key),
        ("label", item.label),
        ("value", _with_unit(item)),
        ("range", "" if item.low is item.high is None else f"{_end(item.low)} to {_end(item.high)}"),
        ("basis", item.basis),
        ("source", item.source),
        ("address", item.url),
        ("date", item.date),
        ("confidence", item.confidence),
        ("note", item.note),
    ):
        if text:
            table.add_row(label, Text(text))
    screen(stream).print(table)


def _with_unit(item: AssumptionRow) -> str:
    if item.value is None:
        return "left to the program"
    return plain(item.value) if isinstance(item.value, str) else f"{plain(item.value)} {item.unit}".strip()


def _end(value: Scalar) -> str:
    return "the value" if value is None else plain(value)


def print_cases(rows: Iterable[tuple[str, str]], stream: TextIO) -> None:
    """Print the bundled cases with their headings."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, title in rows:
        table.add_row(Text(name, "bold"), Text(title))
    screen(stream).print(table)


def _breakable(name: str) -> str:
    """Name of several scenarios that act together, to be broken between them."""
    return name.replace("+", " + ")


def _amounts(table: Table, heading: str) -> None:
    """Column of amounts, none of which is ever cut short: the heading breaks at its spaces."""
    table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)


def _one(array: FloatArray, case: int = BASE) -> float:
    return float(at_case(array, case))


def _sign(usd: float, unit: Scale) -> Text:
    return Text(unit.signed(usd), "red" if usd < 0 else "")


def _retires(report: Report, case: int) -> str:
    """First and last month in which something that was bought retires."""
    found = retirement_months(report, case)
    bought = [found[report.group_name(group)] for group in report.shown_groups if report.buys(group, case)]
    known = [(group.first or "later", group.last or "later") for group in bought]
    if not known:
        return MISSING
    first, last = min(first for first, _ in known), max(last for _, last in known)
    return first if first == last else f"{first} to {last}"
