"""LibreOffice as a second engine: conversions in a profile of their own, and edited copies."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path

from reports.excel.returned import office

POISON = "-12345"
FILTERS = {"xlsx": office.WORKBOOK, "pdf": "pdf:calc_pdf_Export"}
_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(?:<f[^>]*?(?:/>|>([^<]*)</f>))?<v>([^<]*)</v></c>')
_KIND = re.compile(r't="(\w+)"')
_RESULT = re.compile(r'<c ([^>]*?)( t="(?:str|b|e)")?><f>([^<]*)</f><v>[^<]*</v></c>')

Edit = Callable[[str], str]
Cell = tuple[str, float | str]


def convert(soffice: Path, sources: Sequence[Path], kind: str, folder: Path) -> list[Path]:
    """Convert files with one start of the program and a profile of its own; every result must exist."""
    out = folder / "converted"
    out.mkdir(exist_ok=True)
    results = [out / f"{source.stem}.{kind}" for source in sources]
    for result in results:
        result.unlink(missing_ok=True)
    office.convert(soffice, sources, FILTERS[kind], office.make_profile(folder), out)
    for result in results:
        assert result.exists(), f"{result.name} was not made"
    return results


def sheet_names(book: Path) -> list[str]:
    """Names of the sheets in their order, which is that of the parts."""
    with zipfile.ZipFile(book) as read:
        return [unescape(name) for name in re.findall(r'<sheet name="([^"]*)"', _text(read, "xl/workbook.xml"))]


def read_cells(book: Path) -> dict[tuple[str, str], Cell]:
    """Every filled cell of a workbook, by sheet and address: its formula, empty if none, and its value.

    A reader of its own, for fifty thousand cells and many scenarios; it knows only what the two programs write.
    """
    found = {}
    with zipfile.ZipFile(book) as read:
        items = re.findall(r"<si>(.*?)</si>", _text(read, "xl/sharedStrings.xml"), re.DOTALL)
        strings = ["".join(unescape(part) for part in re.findall(r"<t[^>]*>([^<]*)</t>", item)) for item in items]
        for number, sheet in enumerate(sheet_names(book), start=1):
            for cell, attributes, formula, value in _CELL.findall(_text(read, f"xl/worksheets/sheet{number}.xml")):
                kind = _KIND.search(attributes)
                found[sheet, cell] = (unescape(formula), _value(kind[1] if kind else "n", value, strings))
    return found


def _text(read: zipfile.ZipFile, part: str) -> str:
    return read.read(part).decode("utf-8")


def _value(kind: str, value: str, strings: list[str]) -> float | str:
    if kind == "s":
        return strings[int(value)]
    return float(value) if kind in ("n", "b") else unescape(value)


def live(cells: dict[tuple[str, str], Cell]) -> dict[tuple[str, str], float | str]:
    """Values of the cells that hold formulas."""
    return {place: value for place, (formula, value) in cells.items() if formula}


def poison(text: str) -> str:
    """A sheet with every stored result replaced by a wrong number."""
    return _RESULT.sub(rf"<c \1><f>\3</f><v>{POISON}</v></c>", text)


def edited(source: Path, target: Path, edits: dict[str, Edit], *, poisoned: bool = True) -> Path:
    """Copy a workbook, its results poisoned, some sheets edited.

    Parameters
    ----------
    source, target : Path
        Workbook and copy.
    edits : dict of functions
        By name of the sheet, from its markup to other markup.
    poisoned : bool
        Whether to replace every stored result.
    """
    names = enumerate(sheet_names(source), start=1)
    parts = {f"xl/worksheets/sheet{number}.xml": name for number, name in names}
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as write:
        for item in read.infolist():
            data = read.read(item.filename)
            if item.filename in parts:
                text = data.decode("utf-8")
                text = edits.get(parts[item.filename], str)(text)
                data = (poison(text) if poisoned else text).encode("utf-8")
            write.writestr(item, data)
    return target


def address_of(source: Path, name: str) -> tuple[str, str]:
    """Sheet and cell of a name."""
    with zipfile.ZipFile(source) as read:
        found = re.search(rf'<definedName name="{name}">\'?([^!\']*)\'?!([^<]*)<', _text(read, "xl/workbook.xml"))
    assert found is not None, name
    return found[1], found[2].replace("$", "")


def type_number(source: Path, target: Path, name: str, value: float) -> Path:
    """Copy with another number in a named cell."""
    sheet, cell = address_of(source, name)

    def edit(text: str) -> str:
        changed, count = re.subn(rf'(<c r="{cell}"[^>]*><v>)[^<]*(</v>)', rf"\g<1>{value!r}\g<2>", text)
        assert count == 1
        return changed

    return edited(source, target, {sheet: edit})


def change_formula(source: Path, target: Path, sheet: str, cell: str, suffix: str) -> Path:
    """Copy with something added to one formula."""

    def edit(text: str) -> str:
        changed, count = re.subn(rf'(<c r="{cell}"[^>]*><f>[^<]*)(</f>)', rf"\g<1>{suffix}\g<2>", text)
        assert count == 1
        return changed

    return edited(source, target, {sheet: edit})
