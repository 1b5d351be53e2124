"""Registers written down and run, for the tests that compute them."""

from __future__ import annotations

from pathlib import Path

from assumptions import Question, Register, RegisterFiles, RegisterRun, read_register, run_register

STRAIGHT = "asset,cost_usd,salvage_usd,in_service,life_months"
POLICY = f"{STRAIGHT},method,frequency,convention,factor,rate_annual"
TAX = "asset,cost_usd,in_service,preset,property_class,bonus,acquired,expensed_usd,convention,method"


def table(*lines: str) -> str:
    """Text of a CSV file."""
    return "".join(f"{line}\n" for line in lines)


def read(folder: Path, *, words: tuple[str, ...] = (), skip_bad: bool = False, **texts: str) -> Register:
    """Read a register whose files are given as texts: assets, events, use, tables."""
    paths = {}
    for name, text in texts.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text(text, encoding="utf-8")
    return read_register(RegisterFiles(**paths), words, skip_bad=skip_bad)


def run(folder: Path, question: Question | None = None, *, assets: str, **texts: str) -> RegisterRun:
    """Run a register whose files are given as texts."""
    return run_register(read(folder, words=(), skip_bad=False, assets=assets, **texts), question or Question())


def amounts(found: RegisterRun, measure: str, group: int = 0) -> list[float]:
    """A measure of a group by span."""
    return [float(amount) for amount in found.sums[measure][:, group]]


def until_the_end(found: list[float]) -> list[float]:
    """Charges without the zeros after the last one: the schedule reaches to the end of the first life."""
    while found and found[-1] == 0.0:
        found.pop()
    return found


def refused(told: list[str]) -> str:
    """The one line of a refusal, which has place, problem, allowed range and remedy."""
    (line,) = told
    place, *parts = line.split("; ")
    assert ": " in place
    assert len(parts) == 2
    assert parts[0].startswith("allowed is ")
    return line
