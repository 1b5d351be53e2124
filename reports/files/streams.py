"""Tables written row by row, whole or not at all: CSV, Parquet, and workbooks within their limits."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Protocol

from reports.excel.writing.flat import MAX_ROWS, write_flat
from reports.files.csvsafe import cell, safe_text
from valuation.errors import ModelError, refusal

Row = tuple[str | float, ...]
SUFFIXES = (".csv", ".parquet", ".xlsx")
BATCH = 100_000
"""Rows of one group of a Parquet file."""


class StreamError(ModelError):
    """A table cannot be written where, or as, it was asked for."""


class Stream(Protocol):
    """What takes rows."""

    def write(self, rows: Iterable[Row]) -> None:
        """Take rows."""


def check_apart(one: Path | None, other: Path | None) -> None:
    """Refuse two tables in one file.

    Parameters
    ----------
    one, other : pathlib.Path, optional
        Files asked for.

    Raises
    ------
    StreamError
        If they are one.
    """
    if one is not None and other is not None and one.resolve() == other.resolve():
        raise StreamError(refusal(str(other), "it is asked for twice", "a file for each table", "choose another name"))


def check_path(path: Path, sources: Iterable[Path | None], allowed: Sequence[str] = SUFFIXES) -> None:
    """Refuse a file that cannot be written, or that is one of the inputs.

    Parameters
    ----------
    path : pathlib.Path
        File asked for.
    sources : iterable of pathlib.Path
        Inputs.
    allowed : sequence of str
        Endings that there are.

    Raises
    ------
    StreamError
        If the suffix is unknown, the folder is missing, or a source would be lost.
    """
    if path.suffix.lower() not in allowed:
        raise StreamError(refusal(str(path), "unknown kind of file", ", ".join(allowed), "change the ending"))
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise StreamError(refusal(str(path), "not a file in a folder that exists", "a file", "make the folder first"))
    if not os.access(path.absolute().parent, os.W_OK):
        raise StreamError(refusal(str(path), "the folder cannot be written", "a writable folder", "choose another one"))
    if any(source is not None and source.exists() and path.exists() and source.samefile(path) for source in sources):
        raise StreamError(refusal(str(path), "it is one of the inputs", "another file", "choose another name"))
    if path.suffix.lower() == ".parquet":
        check_parquet()


def check_parquet() -> None:
    """Refuse Parquet where the optional package for it is missing."""
    _arrow()


def _arrow() -> ModuleType:
    """The optional package that writes Parquet."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise StreamError(
            "Parquet needs the optional package pyarrow; allowed without it are .csv and .xlsx; "
            "install obsolesce[parquet]"
        ) from None
    package: ModuleType = pyarrow
    return package


@contextmanager
def open_stream(path: Path, columns: tuple[str, ...], numbers: Container[str] | None = None) -> Iterator[Stream]:
    """Stream into a file that appears whole when all rows are in it, or not at all.

    Parameters
    ----------
    path : pathlib.Path
        File; its ending says which kind.
    columns : tuple of str
        Headings.
    numbers : container of str, optional
        Those that hold numbers, the others text; those ending in ``_usd`` if left out.
    """
    kinds = {".csv": _csv, ".parquet": _parquet, ".xlsx": _workbook}
    of_numbers = [name for name in columns if (name.endswith("_usd") if numbers is None else name in numbers)]
    with whole_file(path) as fresh, kinds[path.suffix.lower()](fresh, columns, of_numbers) as stream:
        yield stream


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A new file beside a target, which takes its place in the end; if anything fails the target stays as it was."""
    fresh: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.absolute().parent)
        os.close(handle)
        fresh = Path(name)
        yield fresh
        fresh.chmod(0o644)
        fresh.replace(path)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StreamError(
            f"cannot write {path}: {reason}; nothing was changed there; free the disk or choose another file"
        ) from error
    finally:
        if fresh is not None:
            fresh.unlink(missing_ok=True)


class _CsvWriter(Protocol):
    def writerows(self, rows: Iterable[Iterable[str]], /) -> object: ...


class _CsvStream:
    def __init__(self, writer: _CsvWriter) -> None:
        self._writer = writer

    def write(self, rows: Iterable[Row]) -> None:
        self._writer.writerows([cell(value) for value in row] for row in rows)


@contextmanager
def _csv(path: Path, columns: tuple[str, ...], _numbers: Container[str]) -> Iterator[Stream]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([safe_text(column) for column in columns])
        yield _CsvStream(writer)


class _ParquetWriter(Protocol):
    schema: object

    def write_table(self, table: object, /) -> None: ...


class _ParquetStream:
    def __init__(self, arrow: ModuleType, writer: _ParquetWriter) -> None:
        self._arrow, self._writer = arrow, writer

    def write(self, rows: Iterable[Row]) -> None:
        rest = iter(rows)
        while batch := list(islice(rest, BATCH)):
            arrays = [self._arrow.array(column) for column in zip(*batch, strict=True)]
            self._writer.write_table(self._arrow.table(arrays, schema=self._writer.schema))


@contextmanager
def _parquet(path: Path, columns: tuple[str, ...], numbers: Container[str]) -> Iterator[Stream]:
    arrow = _arrow()
    kinds = [(name, arrow.float64() if name in numbers else arrow.string()) for name in columns]
    with arrow.parquet.ParquetWriter(path, arrow.schema(kinds)) as writer:
        yield _ParquetStream(arrow, writer)


class _WorkbookStream:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.count = 0

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.count += 1
            if self.count <= MAX_ROWS:
                self.rows.append(row)


@contextmanager
def _workbook(path: Path, columns: tuple[str, ...], _numbers: Container[str]) -> Iterator[Stream]:
    stream = _WorkbookStream()
    yield stream
    if stream.count > MAX_ROWS:
        raise StreamError(
            f"{path.suffix}: {stream.count:,} rows do not fit a sheet; allowed are {MAX_ROWS:,}; write .csv or .parquet"
        )
    write_flat(path, columns, stream.rows)
