"""One workbook written twice, each in a process of its own: by the program, and by openpyxl from the same cells.

``python -m tests.bench.twins ours CASE FILE CELLS`` also leaves the cells in a file; ``theirs FILE CELLS`` reads them.
Prints seconds, and how far memory rose [kB].
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from time import perf_counter
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill

from assumptions import load_case, run_case
from reports.excel.workbook import lay_out, write_workbook
from reports.excel.writing.styles import properties
from reports.record.compose import compose

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
REPEATS = 3


def memory(what: str) -> int:
    """Memory now (VmRSS) or at most so far (VmHWM) [kB]."""
    if not STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (line for line in STATUS.read_text(encoding="utf-8").splitlines() if line.startswith(what))
    return int(line.split()[1])


def forget_peak() -> int:
    """Let the peak start anew where the system can; memory now."""
    if FORGET.exists():
        FORGET.write_text("5", encoding="utf-8")
    return memory("VmRSS")


def ours(name: str, path: Path, cells: Path) -> tuple[float, int]:
    """Write the workbook of a case; memory is that of the first time."""
    report = compose(run_case(load_case(name)))
    before = forget_peak()
    write_workbook(report, path)
    risen = memory("VmHWM") - before
    seconds = []
    for _ in range(REPEATS):
        start = perf_counter()
        write_workbook(report, path)
        seconds.append(perf_counter() - start)
    with cells.open("w", encoding="utf-8") as file:
        for sheet, found in lay_out(report, path).book.cells.items():
            for (row, column), placed in sorted(found.items()):
                content = placed.formula or placed.value
                file.write(json.dumps([sheet, row + 1, column + 1, content, placed.role, placed.kind]) + "\n")
    return sorted(seconds)[REPEATS // 2], risen


def streamed(cells: Path) -> Iterator[list[Any]]:
    """Cells one by one, so that memory holds only what the library keeps."""
    with cells.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def written(cells: Iterator[list[Any]], path: Path) -> None:
    """Write cells with openpyxl, every look made once."""
    book = openpyxl.Workbook()
    sheets: dict[str, Any] = {}
    looks: dict[tuple[str, str], Any] = {}
    book.remove(book.worksheets[0])
    for sheet, row, column, content, role, kind in cells:
        if sheet not in sheets:
            sheets[sheet] = book.create_sheet(sheet)
        cell = sheets[sheet].cell(row, column, content)
        if (role, kind) not in looks:
            _dress(cell, properties(role, kind))
            looks[role, kind] = cell._style
        cell._style = copy(looks[role, kind])
    book.save(path)


def _dress(cell: Any, look: dict[str, Any]) -> None:
    colour = look.get("font_color", "#000000")[1:]
    cell.font = Font(name=look["font_name"], size=look["font_size"], bold=look.get("bold", False), color=colour)
    cell.alignment = Alignment(horizontal=look.get("align"), vertical=look["valign"].removeprefix("v"))
    cell.number_format = look["num_format"]
    if "bg_color" in look:
        cell.fill = PatternFill("solid", fgColor=look["bg_color"][1:])


def theirs(path: Path, cells: Path) -> tuple[float, int]:
    """Write the cells of a file with openpyxl; memory is that of the first time."""
    before = forget_peak()
    written(streamed(cells), path)
    risen = memory("VmHWM") - before
    held, seconds = list(streamed(cells)), []
    for _ in range(REPEATS):
        start = perf_counter()
        written(iter(held), path)
        seconds.append(perf_counter() - start)
    return sorted(seconds)[REPEATS // 2], risen


def main(who: str, *words: str) -> None:
    """Write one of the twins and tell how it went."""
    if who == "ours":
        name, path, cells = words
        seconds, risen = ours(name, Path(path), Path(cells))
    else:
        path, cells = words
        seconds, risen = theirs(Path(path), Path(cells))
    sys.stdout.write(json.dumps([seconds, risen]))


if __name__ == "__main__":
    main(*sys.argv[1:])
