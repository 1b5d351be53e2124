"""The name and the version of the program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "obsolesce"
FROM_SOURCE = "0+source"


def program_version() -> str:
    """Version of the installed program, or a mark that it runs from its sources."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return FROM_SOURCE
