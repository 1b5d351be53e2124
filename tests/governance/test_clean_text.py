"""No file of the project names the machine it was made on or the place its packages came from."""

import re

from tests.governance.source_tree import ROOT, label, project_files

# Put together from pieces, so that this file does not match itself.
FOLDERS = (
    "wo" + "rk",
    "ro" + "ot",
    "ho" + "me",
    "Us" + "ers",
    "m" + "nt",
    "op" + "t/py" + "pi",
    "op" + "t/whe" + "els",
)
HOSTS = (
    "py" + "pi.org",
    "files.python" + "hosted",
    "npm" + "js.org",
    "deb.deb" + "ian.org",
    "crates" + ".io",
)
OPTIONS = ("--index" + "-url", "--extra" + "-index", "--find" + "-links", "--trusted" + "-host")
MACHINE_PATH = re.compile(r"(?<![\w.~%*/:-])/(?:" + "|".join(FOLDERS) + r")(?![\w-])")
FILE_ADDRESS = re.compile("file:/" + "//?(?:" + "|".join(FOLDERS) + r")\b")
INDEX = re.compile("|".join(re.escape(text) for text in (*HOSTS, *OPTIONS)))
PATTERNS = (MACHINE_PATH, FILE_ADDRESS, INDEX)


def read_text(data: bytes) -> str | None:
    """Text of a file, or nothing where it is binary."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def findings(text: str) -> list[str]:
    """Every place of a text that one of the patterns matches, as line number and match."""
    return [
        f"{number}: {match.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern in PATTERNS
        for match in pattern.finditer(line)
    ]


def test_patterns_find_what_they_look_for() -> None:
    for sample in (
        f"see /{FOLDERS[0]}/x",
        f'"/{FOLDERS[1]}/.cache"',
        f"https://{HOSTS[0]}/simple",
        OPTIONS[0],
    ):
        assert findings(sample), sample


def test_patterns_leave_addresses_and_words_alone() -> None:
    for sample in (f"https://a.example/{FOLDERS[0]}/x", f"USD/{FOLDERS[0]}load", f"see docs/{FOLDERS[2]}.md"):
        assert findings(sample) == [], sample


def test_no_file_names_a_machine_or_an_index() -> None:
    files = project_files()
    assert ROOT / "pyproject.toml" in files
    found = []
    for path in files:
        text = read_text(path.read_bytes())
        found += [f"{label(path)}:{place}" for place in findings(text or "")]
    assert found == []


def test_text_files_are_utf8_without_carriage_returns() -> None:
    suffixes = {".py", ".md", ".toml", ".csv", ".txt"}
    offenders = []
    for path in project_files():
        if path.suffix in suffixes:
            text = read_text(path.read_bytes())
            if text is None or "\r" in text:
                offenders.append(label(path))
    assert offenders == []
