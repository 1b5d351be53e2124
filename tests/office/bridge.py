"""One LibreOffice kept open, driven by lines of JSON: run by the interpreter that has its bridge, not by the tests'.

Every line read is a command, every line written its answer. The program has a profile of its own, listens on the
loopback address only, and ends with this script: on the command to quit, when the input ends, or after a time limit.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import uno  # type: ignore[import-not-found]  # only the interpreter that comes with the office has it
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]  # likewise
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]  # likewise

START_SECONDS, IDLE_SECONDS, COMMAND_SECONDS = 90.0, 900.0, 240
OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def property_of(name: str, value: object) -> Any:
    """An option of a call."""
    found = PropertyValue()
    found.Name, found.Value = name, value
    return found


class Server:
    """The program and the workbook that it has open.

    Parameters
    ----------
    soffice, profile : str
        Path of the program, and address of its profile.
    """

    def __init__(self, soffice: str, profile: str) -> None:
        port = free_port()
        accept = f"--accept=socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext"
        self.process = subprocess.Popen(
            [soffice, f"-env:UserInstallation={profile}", *OPTIONS, accept],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.desktop: Any = self._connect(port)
        self.book: Any = None

    def _connect(self, port: int) -> Any:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        target = f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext"
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                context = resolver.resolve(target)
                return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            except NoConnectException:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.kill()
                    raise
                time.sleep(0.1)

    def open(self, path: str) -> list[str]:
        """Open a workbook in the place of the one before; its sheets may then be written to. Names of its sheets."""
        self.close()
        hidden = (property_of("Hidden", True), property_of("MacroExecutionMode", 0), property_of("UpdateDocMode", 0))
        self.book = self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, hidden)
        for sheet in self.book.Sheets:
            sheet.unprotect("")
        return list(self.book.Sheets.ElementNames)

    def close(self) -> None:
        """Close the workbook."""
        if self.book is not None:
            self.book.close(True)
            self.book = None

    def set(self, cells: dict[str, float | str]) -> None:
        """Type numbers or text into named cells; nothing is calculated yet."""
        self.book.enableAutomaticCalculation(False)
        for name, value in cells.items():
            cell = self.book.NamedRanges.getByName(name).getReferredCells().getCellByPosition(0, 0)
            if isinstance(value, str):
                cell.setString(value)
            else:
                cell.setValue(value)

    def calculate(self) -> None:
        """Calculate every cell anew."""
        self.book.calculateAll()

    def settle(self) -> None:
        """Calculate the cells that follow what has changed."""
        self.book.calculate()

    def formula(self, sheet: str, row: int, column: int) -> str:
        """Formula of a cell."""
        return str(self._sheet(sheet).getCellByPosition(column, row).getFormula())

    def write(self, sheet: str, row: int, column: int, formula: str) -> None:
        """Give a cell another formula; nothing is calculated yet."""
        self.book.enableAutomaticCalculation(False)
        self._sheet(sheet).getCellByPosition(column, row).setFormula(formula)

    def read(self, areas: list[tuple[str, int, int, int, int]]) -> list[Any]:
        """Values of bounded areas: sheet, first row and column, last row and column."""
        found = []
        for name, top, left, bottom, right in areas:
            found.append(self._sheet(name).getCellRangeByPosition(left, top, right, bottom).getDataArray())
        return found

    def sheets(self, names: list[str]) -> dict[str, Any]:
        """Values of everything used on some sheets, from their first cell on."""
        found = {}
        for name in names:
            cursor = self._sheet(name).createCursor()
            cursor.gotoEndOfUsedArea(False)
            last = cursor.getRangeAddress()
            area = self._sheet(name).getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
            found[name] = area.getDataArray()
        return found

    def _sheet(self, name: str) -> Any:
        return self.book.Sheets.getByName(name)

    def quit(self) -> None:
        """Close everything and end the program."""
        try:
            self.close()
            self.desktop.terminate()
            self.process.wait(20)
        except Exception:  # whatever it says on its way out, it must be gone
            self.kill()

    def kill(self) -> None:
        """End the program and what it has started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)


def lines() -> Any:
    """Lines of the input until it ends or stays silent for too long."""
    buffered = b""
    while select.select([0], [], [], IDLE_SECONDS)[0]:
        chunk = os.read(0, 1 << 16)
        if not chunk:
            return
        *whole, buffered = (buffered + chunk).split(b"\n")
        yield from whole


def serve(server: Server) -> None:
    """Answer commands until the one to quit."""
    for line in lines():
        name, arguments = json.loads(line)
        if name == "quit":
            return
        command: Callable[..., object] = getattr(server, name)
        signal.alarm(COMMAND_SECONDS)
        try:
            answer = {"value": command(*arguments)}
        except Exception as failure:
            answer = {"error": f"{name}: {type(failure).__name__}: {failure}"}
        signal.alarm(0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Start the program and serve."""

    def stop(*_: object) -> None:
        raise TimeoutError("the command took too long")

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = Server(*sys.argv[1:3])
    try:
        serve(server)
    finally:
        server.quit()


if __name__ == "__main__":
    main()
