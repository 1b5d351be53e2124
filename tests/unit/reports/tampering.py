"""Workbooks of small cases, and copies of them with a cell, a name or a part changed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from html import escape
from pathlib import Path

from assumptions import load_case, run_case
from reports.record.compose import compose
from reports.record.report import Report

HORIZON = 24
WORKBOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"


@cache
def small(name: str = "mainframes", scenarios: tuple[str, ...] = (), *overrides: str) -> Report:
    """A bundled case over two years."""
    return compose(run_case(load_case(name), scenarios, overrides, HORIZON))


def number(value: float) -> str:
    """Markup of a cell with a number."""
    return f"><v>{value!r}</v></c>"


def text(value: str) -> str:
    """Markup of a cell with text."""
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def truth() -> str:
    """Markup of a cell with TRUE."""
    return ' t="b"><v>1</v></c>'


def failure(value: str = "#DIV/0!") -> str:
    """Markup of a cell with an error."""
    return f' t="e"><v>{value}</v></c>'


def formula(content: str, result: str = "") -> str:
    """Markup of a cell with a formula, its result stored or not."""
    return f"><f>{escape(content)}</f>{result and f'<v>{result}</v>'}</c>"


BLANK = "></c>"


def place(book: Path, name: str) -> tuple[str, str]:
    """Sheet and address of a name."""
    with zipfile.ZipFile(book) as read:
        found = re.search(rf'<definedName name="{name}">\'?([^!\']*)\'?!([^<]*)<', read.read(WORKBOOK).decode())
    assert found is not None, name
    return found[1], found[2].replace("$", "")


def part_of(book: Path, sheet: str) -> str:
    """Part of a sheet; our parts are numbered in the order of the sheets."""
    with zipfile.ZipFile(book) as read:
        names = re.findall(r'<sheet name="([^"]*)"', read.read(WORKBOOK).decode())
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"


def with_parts(source: Path, target: Path, edits: Mapping[str, Callable[[str], str]]) -> Path:
    """Copy with the markup of some parts changed."""
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as write:
        for item in read.infolist():
            content = read.read(item.filename)
            if item.filename in edits:
                after = edits[item.filename](content.decode())
                assert after != content.decode(), item.filename
                content = after.encode()
            write.writestr(item, content)
    return target


def with_row(source: Path, target: Path, sheet: str, rows: str) -> Path:
    """Copy with rows behind the last one of a sheet, whatever they say."""
    return with_parts(
        source, target, {part_of(source, sheet): lambda markup: markup.replace("</sheetData>", rows + "</sheetData>")}
    )


def with_cells(source: Path, target: Path, cells: Mapping[tuple[str, str], str]) -> Path:
    """Copy with the content of some cells changed, each given by its sheet and address."""
    edits: dict[str, Callable[[str], str]] = {}
    for sheet in {sheet for sheet, _ in cells}:
        mine = {address: content for (name, address), content in cells.items() if name == sheet}
        edits[part_of(source, sheet)] = partial(_put, cells=mine)
    return with_parts(source, target, edits)


def _put(markup: str, cells: Mapping[str, str]) -> str:
    for address, content in cells.items():
        found = re.search(rf'<c r="{address}"( s="[0-9]+")?[^>]*?(?:/>|>.*?</c>)', markup)
        assert found is not None, address
        markup = f'{markup[: found.start()]}<c r="{address}"{found[1] or ""}{content}{markup[found.end() :]}'
    return markup


def typed(source: Path, target: Path, inputs: Mapping[str, str]) -> Path:
    """Copy with other content in some named cells."""
    return with_cells(source, target, {place(source, name): content for name, content in inputs.items()})
