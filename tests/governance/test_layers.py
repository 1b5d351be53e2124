"""Who may import whom, and what a fresh interpreter has to load."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.governance.source_tree import (
    COMMANDS,
    PACKAGES,
    ROOT,
    all_modules,
    imported_modules,
    imported_top_levels,
    label,
    modules,
)

CORE_MAY_IMPORT = {"numpy", "scipy", "numpy_financial", "joblib", "threadpoolctl", "valuation"}
CORE_NEVER_LOADS = {
    "pandas",
    "pydantic",
    "typer",
    "openpyxl",
    "xlsxwriter",
    "rich",
    "assumptions",
    "reports",
    "cli",
}
HELP_NEVER_LOADS = {"pandas", "scipy"}

IMPORT_WHOLE_CORE = """
import importlib, pkgutil, valuation
for module in pkgutil.walk_packages(valuation.__path__, "valuation."):
    importlib.import_module(module.name)
"""
SHOW_HELP = """
from typer.testing import CliRunner
import cli
result = CliRunner().invoke(cli.app, ["--help"])
assert result.exit_code == 0, result.output
assert "Usage" in result.output, result.output
"""
PRINT_LOADED = """
import json, sys
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded_after(script: str) -> set[str]:
    """Top-level modules in memory after a script has run in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", script + PRINT_LOADED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_contracts_of_the_import_linter_hold() -> None:
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Contracts: 8 kept, 0 broken" in done.stdout


def test_every_package_has_modules() -> None:
    for package in PACKAGES:
        assert ROOT / package / "__init__.py" in modules(package)


def test_no_package_imports_the_commands() -> None:
    name = Path(COMMANDS).stem
    offenders = [label(path) for path in modules(*PACKAGES) if name in imported_top_levels(path)]
    assert offenders == []


@pytest.mark.parametrize("path", modules("valuation"), ids=label)
def test_core_imports_only_what_it_may(path: Path) -> None:
    assert imported_top_levels(path) - CORE_MAY_IMPORT - set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize("path", modules("reports"), ids=label)
def test_reports_import_no_array_library(path: Path) -> None:
    assert imported_top_levels(path) & {"numpy", "scipy", "numpy_financial"} == set()


def test_commands_leave_heavy_modules_to_the_functions_that_need_them() -> None:
    heavy = {"pandas", "scipy", "openpyxl", "xlsxwriter"}
    assert {name.partition(".")[0] for name in imported_modules(ROOT / COMMANDS)} & heavy == set()


def test_core_loads_no_frame_file_or_screen_library() -> None:
    loaded = loaded_after(IMPORT_WHOLE_CORE)
    assert "valuation" in loaded
    assert loaded & CORE_NEVER_LOADS == set()


def test_help_is_light() -> None:
    loaded = loaded_after(SHOW_HELP)
    assert {"cli", "typer"} <= loaded
    assert loaded & HELP_NEVER_LOADS == set()


def test_shipped_modules_do_not_import_tests() -> None:
    assert [label(path) for path in all_modules() if "tests" in imported_top_levels(path)] == []
