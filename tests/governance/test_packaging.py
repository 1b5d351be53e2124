"""The wheel holds what it should, and works alone in a fresh environment."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.governance.source_tree import ROOT, TOP_LEVEL, project, project_files

pytestmark = [pytest.mark.packaging, pytest.mark.slow]

SECONDS = 900
# What would let a fresh environment see this one.
INHERITED = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program outside this environment and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name not in INHERITED}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the programs of a fresh environment in which the wheel alone was installed."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "environment", with_pip=True)
    programs = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
    options = (
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        "--constraint",
        ROOT / "constraints.txt",
    )
    run(programs / "python", "-m", "pip", "install", *options, wheel, cwd=folder)
    return programs


def test_top_level_names_are_exactly_ours(names: set[str]) -> None:
    version = project()["project"]["version"]
    assert {name.partition("/")[0] for name in names} == {*TOP_LEVEL, f"obsolesce-{version}.dist-info"}


def test_every_file_of_the_packages_travels_and_no_cache_does(names: set[str]) -> None:
    ours = {path.relative_to(ROOT).as_posix() for path in project_files()}
    expected = {name for name in ours if name.partition("/")[0] in TOP_LEVEL}
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_data_files_travel(names: set[str]) -> None:
    suffixes = {Path(name).suffix for name in names if name.startswith("assumptions/data/")}
    assert ".toml" in suffixes


def test_licence_travels(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_command_answers_from_another_folder(scripts: Path, tmp_path: Path) -> None:
    assert "Usage" in run(scripts / "obsolesce", "--help", cwd=tmp_path)


def test_bundled_cases_are_found_from_another_folder(scripts: Path, tmp_path: Path) -> None:
    assert "neocloud" in run(scripts / "obsolesce", "cases", cwd=tmp_path)


def test_packages_come_from_the_fresh_environment(scripts: Path, tmp_path: Path) -> None:
    script = (
        "import assumptions, cli, reports, valuation;"
        "print(*(m.__file__ for m in (assumptions, cli, reports, valuation)))"
    )
    for place in run(scripts / "python", "-c", script, cwd=tmp_path).split():
        assert Path(place).is_relative_to(scripts.parent)


def test_every_module_loads_with_the_declared_dependencies_alone(scripts: Path, tmp_path: Path) -> None:
    script = (
        "import importlib, pkgutil, assumptions, reports, valuation\n"
        "for package in (assumptions, reports, valuation):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        print(importlib.import_module(module.name).__name__)\n"
    )
    assert "reports." in run(scripts / "python", "-c", script, cwd=tmp_path)


def test_no_test_tool_is_needed(scripts: Path, tmp_path: Path) -> None:
    listing = run(scripts / "python", "-m", "pip", "list", "--format=freeze", cwd=tmp_path).lower()
    assert "obsolesce==" in listing
    assert "pytest==" not in listing
