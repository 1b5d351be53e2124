"""The page that says where things are, against the folders, their own first words, and their imports."""

import ast
import re
from pathlib import Path

import pytest

from tests.governance.source_tree import PACKAGES, ROOT, imported_modules, label, modules, parse

PAGE = (ROOT / "docs" / "layout.md").read_text(encoding="utf-8")
ROW = re.compile(rf"^\| `((?:{'|'.join(PACKAGES)})/[^`]+)` \| (.+) \|$", re.MULTILINE)
PLACES = dict(ROW.findall(PAGE))
ORDER = list(PLACES)
"""From the top down."""


def place_of(path: Path) -> str:
    """Line of the page on which a module stands; nothing for what only hands names on."""
    name = label(path)
    return max((place for place in PLACES if name.startswith(place)), key=len, default="")


def file_of(module: str) -> Path:
    """Where a module of the project is."""
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_every_folder_and_every_module_beside_them_has_a_line() -> None:
    folders = {f"{label(path.parent)}/" for path in modules(*PACKAGES) if path.name == "__init__.py"}
    beside = {
        path for path in modules(*PACKAGES) if path.name != "__init__.py" and any(path.parent.glob("*/__init__.py"))
    }
    assert set(PLACES) == (folders - {f"{package}/" for package in PACKAGES}) | {label(path) for path in beside}


@pytest.mark.parametrize("place", ORDER)
def test_a_line_says_what_the_code_says_first(place: str) -> None:
    path = ROOT / place
    words = ast.get_docstring(parse(path / "__init__.py" if path.is_dir() else path)) or ""
    assert words.partition("\n")[0] == PLACES[place]


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=label)
def test_nothing_looks_up(path: Path) -> None:
    own = place_of(path)
    for module in imported_modules(path):
        if module.partition(".")[0] in PACKAGES and own:
            other = place_of(file_of(module))
            assert not other or ORDER.index(other) >= ORDER.index(own), f"{label(path)} looks up to {module}"
