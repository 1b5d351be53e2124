from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pytest

from reports.files.csvsafe import cell, write_frame, write_rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["H100", "a=b", "2026-09-30", "", " =1"])
def test_other_text_is_left_alone(text: str) -> None:
    assert cell(text) == text


def test_numbers_keep_every_digit_and_their_sign() -> None:
    assert cell(-1.5) == "-1.5"
    assert float(cell(1 / 3)) == 1 / 3
    assert cell(12) == "12"
    assert cell(True) == "true"


def test_missing_numbers_are_empty() -> None:
    assert cell(None) == ""
    assert cell(math.nan) == ""


def test_written_file_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_rows(path, ["=name", "value"], [["-a,b", -0.1], ['say "x"', None]])
    assert b"\r" not in path.read_bytes()
    with path.open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [["'=name", "value"], ["'-a,b", "-0.1"], ['say "x"', ""]]


def test_frame_is_written_without_its_index(tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    write_frame(path, pd.DataFrame({"text": ["@x", "y"], "number": [0.1, float("nan")]}))
    assert path.read_text(encoding="utf-8") == "text,number\n'@x,0.1\ny,\n"
