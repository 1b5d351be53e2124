"""Memory is asked back in words that the C library knows; one without them is left alone."""

from __future__ import annotations

import ctypes
import sys

import pytest

from reports.runs.heap import give_back


class Library:
    """Stands for the C library, and writes down what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def malloc_trim(self, left: int) -> None:
        self.asked.append(left)


class Wordless:
    """Stands for a C library that knows no word, and writes down which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> None:
        self.asked.append(name)
        raise AttributeError(name)


def test_all_that_is_free_is_asked_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    give_back()
    assert library.asked == [0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library is that of Linux")
def test_the_library_knows_the_word() -> None:
    assert hasattr(ctypes.CDLL(None), "malloc_trim")


def test_a_library_without_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Wordless()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    give_back()
    assert library.asked == ["malloc_trim"]
