"""The file of what was told of miners is read as it is, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assumptions.answers import past
from assumptions.cases.load import data
from valuation.errors import AssumptionError


@pytest.fixture(autouse=True)
def fresh() -> None:
    past.miner.cache_clear()


def test_the_bundled_file_is_read() -> None:
    assert past.miner().november_2018.power_over_revenue == 1.02
    assert past.miner().may_2020.power_yuan_per_kwh == 0.30


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("power_over_revenue = 1.02", "power_over_revenue = 0"),
        ('confidence = "medium"', 'confidence = "sure"'),
        ("price_new_usd = 3000.0\n", ""),
        ("price_new_usd = 3000.0", "price_new_usd = 3000.0\nmore = 1"),
    ],
    ids=["range", "confidence", "missing", "unknown"],
)
def test_what_does_not_fit_is_refused(old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = data().joinpath(past.FOLDER, past.FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / past.FOLDER).mkdir()
    (tmp_path / past.FOLDER / past.FILE).write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(past, "data", lambda: tmp_path)
    with pytest.raises(AssumptionError, match=r"miner\.toml"):
        past.miner()
    past.miner.cache_clear()
