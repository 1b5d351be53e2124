"""A progress bar for whoever waits at a terminal; it appears after a second and leaves nothing behind."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS = 1.0


class Steps:
    """Steps of a run; each is announced before it begins."""

    def __init__(self, progress: Progress | None, count: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=count) if progress else None
        self._begun = False

    def begin(self, text: str) -> None:
        """Announce the next step."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=text, advance=1 if self._begun else 0)
        self._begun = True


@contextmanager
def steps(count: int, *, wanted: bool = True) -> Iterator[Steps]:
    """Show the steps of a run on a terminal.

    Parameters
    ----------
    count : int
        Number of steps.
    wanted : bool
        Whether to show anything.
    """
    console = Console(file=sys.stderr)
    if not (wanted and console.is_terminal):
        yield Steps(None, count)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True)
    timer = threading.Timer(SECONDS, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield Steps(progress, count)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()


@contextmanager
def counted(total: int, text: str, *, wanted: bool = True) -> Iterator[Callable[[int], None]]:
    """Show how many of a known number are done, on a terminal.

    Parameters
    ----------
    total : int
        Number of things.
    text : str
        What is done to them.
    wanted : bool
        Whether to show anything.
    """
    console = Console(file=sys.stderr)
    if not (wanted and console.is_terminal):
        yield lambda _count: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda count: progress.update(task, advance=count)
