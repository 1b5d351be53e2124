"""Every command a reader finds in the guides runs as it is printed."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.governance.source_tree import ROOT

GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^(?P<indent> *)```(?:console|bash)\s*\n(?P<body>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"#\s*exit (\d+)\s*$")
# Commands that set up a machine or an environment; they are not run.
PREPARATION = {"cd", "git", "pip", "pipx", "uv"}
PREPARING_MODULES = {"pip", "venv"}
SHELL_CHARACTERS = set("|<>&;`$")
SECONDS = 600


class Command(NamedTuple):
    """One command of a guide, with the exit code it announces."""

    line: int
    words: tuple[str, ...]
    exit_code: int


def commands(text: str) -> list[Command]:
    """Commands of the console blocks of a text: lines that begin with a dollar sign, continuations joined."""
    found = []
    for block in BLOCK.finditer(text):
        body = re.sub(r"\\\n\s*(?:>\s)?\s*", " ", block["body"])
        first = text.count("\n", 0, block.start("body")) + 1
        for line in body.splitlines():
            stripped = line.strip()
            if stripped.startswith("$ "):
                announced = EXIT.search(stripped)
                words = shlex.split(stripped[2:], comments=True)
                found.append(Command(first, tuple(words), int(announced[1]) if announced else 0))
    return found


def makefile_targets() -> set[str]:
    """Names of the targets of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))


def is_preparation(words: tuple[str, ...]) -> bool:
    """Whether a command only sets up an environment."""
    if words[0] in {"python", "python3"} and len(words) > 2 and words[1] == "-m":
        return words[2] in PREPARING_MODULES
    return words[0] in PREPARATION


def run(command: Command, folder: Path) -> None:
    """Run one command of the project in a folder and compare its exit code."""
    program = Path(sys.executable).parent / command.words[0]
    assert program.exists(), f"{program.name} is not installed in this environment"
    assert not SHELL_CHARACTERS & set(" ".join(command.words)), f"line {command.line}: needs a shell: {command.words}"
    done = subprocess.run(
        [program, *command.words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
    )
    said = f"line {command.line}: {shlex.join(command.words)}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == command.exit_code, said
    assert "Traceback" not in done.stderr, said


def test_readme_shows_how_to_run_the_command() -> None:
    programs = {command.words[0] for command in commands((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert {"obsolesce", "make"} <= programs


@pytest.mark.slow
@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_commands_of_the_guide_run(guide: Path, tmp_path: Path) -> None:
    """Run the commands of one guide in one folder, so that a later one may use an earlier one's files."""
    if (ROOT / "docs").is_dir():
        shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for command in commands(guide.read_text(encoding="utf-8")):
        if command.words[0] == "make":
            targets = {word for word in command.words[1:] if "=" not in word and not word.startswith("-")}
            assert targets <= makefile_targets(), f"line {command.line}: {command.words}"
        elif command.words[0] == "obsolesce":
            run(command, tmp_path)
        else:
            assert is_preparation(command.words), f"line {command.line}: nobody checks {command.words}"


def test_reader_of_guides_finds_commands() -> None:
    text = (
        "Text\n\n```console\n$ obsolesce run neocloud \\\n>   --out 'a b'\noutput\n"
        "$ obsolesce run none  # exit 1\n```\n"
        "\n```python\n$ not a command\n```\n\n1. Step\n\n   ```bash\n   $ make report\n   ```\n"
    )
    assert [command[1:] for command in commands(text)] == [
        (("obsolesce", "run", "neocloud", "--out", "a b"), 0),
        (("obsolesce", "run", "none"), 1),
        (("make", "report"), 0),
    ]


def test_targets_of_the_makefile_are_known() -> None:
    assert {"report", "test", "unit", "office", "bench", "clean"} <= makefile_targets()
