"""What every test may rely on: the office programs, if there are any, and the rules for leaving tests out."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

REMEDY = "run `make office` to install what they need"
INTERPRETERS_WITH_BRIDGE = ("/usr/bin/python3", "python3", "python")

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
_left_out: pytest.StashKey[list[str]] = pytest.StashKey()


def in_ci() -> bool:
    """Whether the run must not leave anything out."""
    return os.environ.get("CI", "").strip().lower() in {"1", "true", "yes"}


settings.load_profile("ci" if in_ci() else "default")


@cache
def find_soffice() -> str | None:
    """Path of the LibreOffice program, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


@cache
def find_uno_python() -> str | None:
    """Path of an interpreter that can talk to a running LibreOffice, if there is one."""
    for name in INTERPRETERS_WITH_BRIDGE:
        path = shutil.which(name)
        if path is None:
            continue
        probe = subprocess.run([path, "-c", "import uno"], capture_output=True, check=False)
        if probe.returncode == 0:
            return path
    return None


def missing_office_programs() -> list[str]:
    """Names of the office programs that are not on this machine."""
    found = {
        "LibreOffice (soffice)": find_soffice(),
        "LibreOffice's Python bridge (uno)": find_uno_python(),
        "poppler (pdftoppm)": shutil.which("pdftoppm"),
    }
    return [name for name, path in found.items() if path is None]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Leave the office tests out where the programs are missing; in CI refuse to run without them."""
    office = [item for item in items if item.get_closest_marker("office")]
    if not office:
        return
    missing = missing_office_programs()
    if not missing:
        return
    names = ", ".join(missing)
    if in_ci():
        raise pytest.UsageError(f"{len(office)} office tests cannot run, missing: {names}; {REMEDY}")
    for item in office:
        item.add_marker(pytest.mark.skip(reason=f"missing: {names}"))
    config.stash[_left_out] = [names, *(item.nodeid for item in office)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end which tests were left out and how to get them."""
    record = config.stash.get(_left_out, None)
    if record is None:
        return
    names, *tests = record
    terminalreporter.section("office tests left out", sep="-", yellow=True)
    for test in tests:
        terminalreporter.write_line(f"left out: {test}")
    terminalreporter.write_line(f"{len(tests)} office tests were left out, missing: {names}; {REMEDY}")


@pytest.fixture(scope="session")
def soffice() -> Path:
    """LibreOffice; only for tests marked `office`."""
    path = find_soffice()
    if path is None:
        pytest.fail("a test that uses LibreOffice must carry the marker `office`")
    return Path(path)


@pytest.fixture(scope="session")
def uno_python() -> Path:
    """An interpreter that can import `uno`; only for tests marked `office`."""
    path = find_uno_python()
    if path is None:
        pytest.fail("a test that uses the Python bridge must carry the marker `office`")
    return Path(path)
