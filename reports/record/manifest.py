"""The record of how a run was made: versions, inputs, command, time."""

from __future__ import annotations

import json
import platform
import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from reports.record.program import DISTRIBUTION
from reports.record.report import Report

FILE_NAME = "run.json"


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages the program stands on."""
    found = {"python": platform.python_version()}
    try:
        wanted = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return found
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if name is None or "extra ==" in requirement:
            continue
        try:
            found[name.group()] = version(name.group())
        except PackageNotFoundError:
            continue
    return found


def text(
    report: Report, command: Sequence[str], files: Sequence[str], seed: int | None = None, digest: str | None = None
) -> str:
    """The run record as JSON.

    Parameters
    ----------
    report : Report
        The run.
    command : sequence of str
        Words of the command that asked for it.
    files : sequence of str
        Files written beside it.
    seed : int, optional
        Seed of random paths.
    digest : str, optional
        Fingerprint of the inputs with what is random in them; without it, the one without.
    """
    record = {
        "program": DISTRIBUTION,
        "version": report.version,
        "packages": package_versions(),
        "case": report.case,
        "as_of": report.as_of.isoformat(),
        "scenarios": [scenario.name for scenario in report.scenarios],
        "digest": digest or report.digest,
        "command": shlex.join(command),
        "seed": seed,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": sorted(files),
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def files_of(path: Path) -> frozenset[str]:
    """Names of the files that the run with this record wrote, the record included; none if it is no record of ours."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    if not isinstance(record, dict) or record.get("program") != DISTRIBUTION:
        return frozenset()
    files = record.get("files", [])
    return frozenset([FILE_NAME, *map(str, files)]) if isinstance(files, list) else frozenset()
