"""The project's own sources as the governance tests see them."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("valuation", "assumptions", "reports")
COMMANDS = "cli.py"
TOP_LEVEL = (*PACKAGES, COMMANDS)
SKIPPED_FOLDERS = {".git", ".venv", "venv", "out", "build", "dist", "__pycache__"}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def label(path: Path) -> str:
    """Path as it is written in a message: relative to the project, with slashes."""
    return path.relative_to(ROOT).as_posix()


def modules(*packages: str) -> list[Path]:
    """Every Python file of the packages, in order."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def all_modules() -> list[Path]:
    """Every Python file that is shipped."""
    return [*modules(*PACKAGES), ROOT / COMMANDS]


@cache
def parse(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Every function and method of a tree, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            yield node


def imported_modules(path: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in the file it does so."""
    names: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def imported_top_levels(path: Path) -> set[str]:
    """First parts of the names of the modules a file imports."""
    return {name.partition(".")[0] for name in imported_modules(path)}


@cache
def project() -> dict[str, Any]:
    """The tables of `pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normalised(name: str) -> str:
    """Distribution name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared_distributions() -> set[str]:
    """Normalised names of the declared runtime dependencies, those of the optional outputs among them."""
    declared = project()["project"]
    optional = declared["optional-dependencies"]
    lines = [*declared["dependencies"], *optional["parquet"], *optional["charts"]]
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {normalised(match.group()) for match in found if match}


def project_files() -> list[Path]:
    """Files under version control or about to be; without git, everything outside the known caches."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not SKIPPED_FOLDERS & set(path.relative_to(ROOT).parts)]
    return sorted({path for path in paths if path.is_file()})
