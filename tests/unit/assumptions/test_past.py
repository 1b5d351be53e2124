"""Files of the two histories are read as they are, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assumptions import past
from valuation.errors import AssumptionError

WHOLE = 'source = "a"\nurl = ""\nconfidence = "low"\nage_years = [1, 2]\nrelative_value = [0.9, 0.8]\n'


def place(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.joinpath(past.FOLDER).mkdir()
    folder.joinpath(past.FOLDER, "mainframes.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(past, "data", lambda: folder)
    past.mainframes.cache_clear()


@pytest.fixture(autouse=True)
def fresh() -> None:
    past.mainframes.cache_clear()


def test_bundled_files_are_read() -> None:
    assert past.miner().november_2018.power_over_revenue == 1.02
    assert past.miner().may_2020.power_yuan_per_kwh == 0.30
    assert len(past.mainframes().age_years) == 6


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("[1, 2]", "[1, 2, 3]"),
        WHOLE.replace('"low"', '"sure"'),
        WHOLE.replace('source = "a"\n', ""),
        f"{WHOLE}more = 1\n",
    ],
    ids=["ages", "confidence", "missing", "unknown"],
)
def test_what_does_not_fit_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(tmp_path, text, monkeypatch)
    with pytest.raises(AssumptionError, match=r"mainframes\.toml"):
        past.mainframes()
    past.mainframes.cache_clear()
