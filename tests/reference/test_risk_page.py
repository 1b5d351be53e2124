"""The page on risk runs shows what the command prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assumptions.risk.riskrequest import FIRST_LOOK, PLAIN, REPLICATES, TARGETS
from cli import app
from reports.runs.risk import PATHS_FILE
from valuation.draws.sampling import BLOCK
from valuation.paths.risk_figures import YEARLY_LIMIT
from valuation.statistics.streaming import EXACT_LIMIT

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "risk.md").read_text(encoding="utf-8")
RUNNING = " ".join(PAGE.split())


def test_the_numbers_of_the_page_are_those_of_the_program() -> None:
    for words in (
        f"a multiple of {REPLICATES} ",
        f"in {REPLICATES} independent scramblings",
        f"a multiple of {2 * REPLICATES} ",
        f"up to {EXACT_LIMIT:,} paths exact ({YEARLY_LIMIT:,} for figures by year)",
        f"after {FIRST_LOOK} paths of each replicate ({BLOCK:,} with `{PLAIN}`)",
        f"`{PATHS_FILE}`",
        *(f"`{target}`" for target in TARGETS),
    ):
        assert words in RUNNING


@pytest.mark.slow
def test_the_excerpt_is_what_the_command_prints(tmp_path: Path) -> None:
    block = re.search(r"```console\n\$ obsolesce (?P<words>.*?)\n```\n\n```text\n(?P<shown>.*?)```", PAGE, re.DOTALL)
    assert block is not None
    done = CliRunner().invoke(app, [*shlex.split(block["words"]), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    printed = {line.rstrip() for line in done.stdout.splitlines()}
    assert [line for line in block["shown"].splitlines() if line.rstrip() not in printed] == []
