"""The tests' end of the office that is kept open: commands go to the script that holds its bridge, values come back."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from reports.excel.returned.office import make_profile

BRIDGE = Path(__file__).with_name("bridge.py")
ANSWER_SECONDS, END_SECONDS = 300.0, 60.0

Value = float | str
Values = dict[str, list[list[Value]]]


class OfficeError(RuntimeError):
    """The office refused a command, or did not answer in time."""


class Office:
    """A LibreOffice that stays open with one workbook.

    Parameters
    ----------
    python : Path
        Interpreter that has the bridge.
    soffice : Path
        The program.
    folder : Path
        Where its profile goes.
    """

    def __init__(self, python: Path, soffice: Path, folder: Path) -> None:
        command = [str(python), "-I", str(BRIDGE), str(soffice), make_profile(folder).as_uri()]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._rest = b""

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.quit()

    def open(self, path: Path) -> list[str]:
        """Open a workbook in the place of the one before and calculate all of it; names of its sheets."""
        names: list[str] = self._ask("open", str(path))
        self.calculate()
        return names

    def type(self, cells: Mapping[str, Value]) -> None:
        """Type numbers or text into named cells and calculate everything."""
        self._ask("set", dict(cells))
        self.calculate()

    def touch(self, cells: Mapping[str, Value]) -> None:
        """Type numbers or text into named cells and calculate what hangs on them."""
        self._ask("set", dict(cells))
        self._ask("settle")

    def calculate(self) -> None:
        """Calculate every cell anew."""
        self._ask("calculate")

    def formula(self, sheet: str, row: int, column: int) -> str:
        """Formula of a cell."""
        return str(self._ask("formula", sheet, row, column))

    def write(self, sheet: str, row: int, column: int, formula: str) -> None:
        """Give a cell another formula and calculate everything."""
        self._ask("write", sheet, row, column, formula)
        self.calculate()

    def cell(self, sheet: str, row: int, column: int) -> Value:
        """Value of one cell."""
        found: Value = self._ask("read", [(sheet, row, column, row, column)])[0][0][0]
        return found

    def sheets(self, names: Sequence[str]) -> Values:
        """Values of everything used on some sheets, from their first cell on."""
        found: Values = self._ask("sheets", list(names))
        return found

    def _ask(self, name: str, *arguments: object) -> Any:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as broken:
            raise OfficeError("the office has ended") from broken
        answer = json.loads(self._line())
        if "error" in answer:
            raise OfficeError(answer["error"])
        return answer["value"]

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            if not select.select([self._process.stdout], [], [], ANSWER_SECONDS)[0]:
                self._process.kill()
                raise OfficeError(f"no answer in {ANSWER_SECONDS:.0f} s")
            chunk = self._process.stdout.read1(1 << 20)  # type: ignore[attr-defined]  # a buffered reader
            if not chunk:
                raise OfficeError("the office has ended")
            parts.append(chunk)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def quit(self) -> None:
        """End the script, and with it the program."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()  # the end of its input tells the script to stop
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait(END_SECONDS)
        self._process.stdout.close()
