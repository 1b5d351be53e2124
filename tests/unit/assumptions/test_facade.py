"""The public names, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

import assumptions


def loaded_after(code: str) -> set[str]:
    """Top-level modules loaded once some code has run in a fresh interpreter."""
    script = f"{code}\nimport sys\nprint(' '.join(sorted(name.split('.')[0] for name in sys.modules)))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_importing_the_package_is_light() -> None:
    loaded = loaded_after("import assumptions")
    assert loaded & {"pandas", "scipy", "numpy", "pydantic", "openpyxl", "valuation"} == set()


def test_loading_a_case_needs_no_numbers() -> None:
    loaded = loaded_after("import assumptions; assumptions.load_case('neocloud')")
    assert loaded & {"pandas", "openpyxl"} == set()


def test_every_public_name_is_there() -> None:
    for name in assumptions.__all__:
        assert getattr(assumptions, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = assumptions.nothing


def test_the_evidence_travels_with_the_package() -> None:
    research = files("assumptions") / "data" / "research"
    names = {entry.name for folder in ("capex", "decay", "silicon") for entry in (research / folder).iterdir()}
    assert {"capex_quarterly.csv", "rental_prices.csv", "silicon.csv", "debate.md", "shocks.md"} <= names
    assert not (research / "defaults_proposal.csv").is_file()
