"""Recalculation by LibreOffice, in a profile of its own that recalculates every formula of what it loads."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

from assumptions.door.messages import error

WORKBOOK = "xlsx:Calc MS Excel 2007 XML"
PROGRAMS = ("soffice", "libreoffice")
SECONDS = 300
WRONG = "-12345"
"""What stands in every live cell of the copy that is recalculated: where it is left, nothing was calculated."""
SETTINGS = (
    ("Calc/Formula/Load", "OOXMLRecalcMode", 0),
    ("Calc/Content/Update", "Link", 2),
    ("Common/Security/Scripting", "MacroSecurityLevel", 3),
)
_SETTING = (
    '<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
    "<value>{value}</value></prop></item>"
)
_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>\n'
)
_LIVE = re.compile(rb'<c ([^>]*?)(?: t="(?:str|b|e)")?>(<f>[^<]*</f>)<v>[^<]*</v></c>')


def find_office() -> Path:
    """The program; a refusal in one line if it is not there."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        what = "LibreOffice (soffice) is not on the path"
        raise error("--recalculate", what, "LibreOffice Calc", "install it, or verify without --recalculate")
    return Path(found)


def recalculated(office: Path, book: Path, folder: Path) -> Path:
    """A workbook of ours, every stored result replaced by a wrong one and then calculated anew.

    Parameters
    ----------
    office : Path
        The program.
    book : Path
        Workbook that this program has just written; never one that came from outside.
    folder : Path
        Empty folder for the profile, the copy and the result.
    """
    copy, out = folder / "copy" / book.name, folder / "recalculated"
    copy.parent.mkdir()
    out.mkdir()
    _without_results(book, copy)
    convert(office, [copy], WORKBOOK, make_profile(folder), out)
    result = out / book.name
    if not result.is_file():
        raise error("--recalculate", "LibreOffice wrote no result", "a recalculated copy", "try to open it by hand")
    return result


def make_profile(folder: Path) -> Path:
    """A fresh profile that recalculates every file on loading, and never follows links or runs macros."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    items = "".join(_SETTING.format(path=path, name=name, value=value) for path, name, value in SETTINGS)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(items=items), encoding="utf-8")
    return profile


def convert(office: Path, sources: Sequence[Path], kind: str, profile: Path, out: Path) -> None:
    """Convert files with one start of the program.

    Parameters
    ----------
    office : Path
        The program.
    sources : sequence of Path
        Files to convert.
    kind : str
        Ending of the results and the filter that writes them.
    profile : Path
        Of `make_profile`.
    out : Path
        Folder of the results, under the names of the sources.
    """
    words = [str(office), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    _bounded([*words, "--convert-to", kind, "--outdir", str(out), *map(str, sources)])


def _bounded(words: list[str]) -> None:
    """Run a program, and end it with all that it started when it takes too long."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            what = f"LibreOffice came to no end in {SECONDS} seconds"
            raise error("--recalculate", what, "an answer", "close other programs and try again") from None


def _without_results(book: Path, copy: Path) -> None:
    """A copy with a wrong number in every live cell."""
    with zipfile.ZipFile(book) as read, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as write:
        for part in read.infolist():
            content = read.read(part)
            if part.filename.startswith("xl/worksheets/sheet"):
                content = _LIVE.sub(rb"<c \1>\2<v>" + WRONG.encode() + rb"</v></c>", content)
            write.writestr(part, content)
