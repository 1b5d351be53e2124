"""What is printed: no error, nothing cut to hashes, the front sheets on one page each."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.office.programs import convert

pytestmark = [pytest.mark.office, pytest.mark.slow]

ERRORS = re.compile(r"#{3,}|#NAME\?|#REF!|#VALUE!|#N/A|#DIV/0!|#NUM!|Err:\d+")
ONE_PAGE = ("Cover", "Guide", "Dashboard", "Audit")


@pytest.mark.parametrize("name", ["sample", "neocloud", "meta"])
def test_pages_show_no_error(name: str, soffice: Path, workbooks: dict[str, Path], tmp_path: Path) -> None:
    (pdf,) = convert(soffice, [workbooks[name]], "pdf", tmp_path)
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    pages = done.stdout.split("\f")
    assert ERRORS.findall(done.stdout) == []
    for sheet in ONE_PAGE:
        assert len([page for page in pages if re.search(rf"^\s*{sheet}\s+Page \d+ of \d+", page, re.MULTILINE)]) == 1
