"""What commands say beside their results: messages and errors, to standard error, one line each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from reports.record.program import DISTRIBUTION, program_version

NO_WORKBOOK = "no workbook: it keeps straight lines live, and no set of books is one"


class Commands(TyperGroup):
    """Group of commands that tells the errors of the model in one line."""

    def invoke(self, ctx: Any) -> object:  # noqa: ANN401 - the library's own type is private
        """Run a command; model and disk errors become one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = f"{error.filename}: {(error.strerror or str(error)).lower()}" if error.filename else str(error)
            raise told(reason) from None
        except Exception as error:
            from valuation.errors import ModelError

            if not isinstance(error, ModelError):
                raise
            raise told(*getattr(error, "told", [str(error)])) from None


def told(*texts: str) -> typer.Exit:
    """Say what went wrong, in one line each."""
    for text in texts:
        typer.echo(f"error: {' '.join(text.split())}", err=True)
    return typer.Exit(1)


def say(text: str, *, quiet: bool = False) -> None:
    """Say one thing, unless nothing is to be said."""
    if not quiet:
        typer.echo(text, err=True)


def say_written(paths: list[Path], *, quiet: bool) -> None:
    """Say which files were written."""
    for path in paths:
        say(f"wrote {path}", quiet=quiet)


def words() -> list[str]:
    """Words of the command as its user typed them, but for the path of the program."""
    return [DISTRIBUTION, *sys.argv[1:]]


def show_version(wanted: bool) -> None:
    """Print the version and leave, if that is what is wanted."""
    if wanted:
        typer.echo(f"{DISTRIBUTION} {program_version()}")
        raise typer.Exit
