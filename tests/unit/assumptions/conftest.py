"""Small cases written to disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from assumptions import load_case
from assumptions.chapters.schema import Case

HEAD = 'title = "Small"\nas_of = "2026-09"\n'
LEDGER = """
[ledgers.three_year]
title = "Three years"
salvage_share_of_cost = 0
write_off_failures = true
lives = [{ months = 36 }]
"""
SCHEDULE = """purchase,asset_class,generation,units,status
2024-02,servers,H100,100,actual
2025-05,servers,B200,50,actual
"""

Writer = Callable[..., Path]


@pytest.fixture
def write_case(tmp_path: Path) -> Writer:
    """Writes a small case, any part of it replaced."""

    def write(*, head: str = HEAD, ledger: str = LEDGER, extra: str = "", schedule: str | None = SCHEDULE) -> Path:
        folder = tmp_path / "small"
        folder.mkdir(exist_ok=True)
        (folder / "case.toml").write_text(head + extra + ledger, encoding="utf-8")
        if schedule is not None:
            (folder / "schedule.csv").write_text(schedule, encoding="utf-8", newline="")
        return folder

    return write


@cache
def bundled(name: str) -> Case:
    """Bundled case, read once."""
    return load_case(name)


@pytest.fixture
def neocloud() -> Case:
    """The bundled operator."""
    return bundled("neocloud")


@pytest.fixture
def meta() -> Case:
    """The bundled issuer."""
    return bundled("meta")
