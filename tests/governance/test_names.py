"""The generic top-level names are ours alone, and everything imported is declared."""

import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.governance.source_tree import (
    PACKAGES,
    all_modules,
    declared_distributions,
    imported_top_levels,
    label,
    normalised,
    project,
)

OWN_NAMES = (*PACKAGES, "cli")


@cache
def providers() -> dict[str, list[str]]:
    """Installed distributions by the top-level name that they provide."""
    return dict(packages_distributions())


@pytest.mark.parametrize("name", [*OWN_NAMES, "tests"])
def test_no_installed_distribution_provides_the_name(name: str) -> None:
    found = {normalised(provider) for provider in providers().get(name, [])}
    assert found <= {project()["project"]["name"]}


def test_every_declared_dependency_is_installed() -> None:
    installed = {normalised(name) for names in providers().values() for name in names}
    assert declared_distributions() - installed == set()


@pytest.mark.parametrize("path", all_modules(), ids=label)
def test_everything_imported_is_declared(path: Path) -> None:
    foreign = imported_top_levels(path) - set(sys.stdlib_module_names) - set(OWN_NAMES)
    undeclared = {
        name
        for name in foreign
        if not {normalised(provider) for provider in providers().get(name, [])} & declared_distributions()
    }
    assert undeclared == set()


def test_the_command_is_the_application() -> None:
    assert project()["project"]["scripts"] == {"obsolesce": "cli:app"}
