"""Addresses of cells as formulas spell them; rows and columns count from 0."""

from __future__ import annotations

from functools import cache

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def column_letter(column: int) -> str:
    """Letters of a column."""
    before, last = column // len(LETTERS), LETTERS[column % len(LETTERS)]
    return (column_letter(before - 1) if before else "") + last


def cell(row: int, column: int, *, fixed: bool = False) -> str:
    """Address of a cell, with dollar signs if fixed."""
    sign = "$" if fixed else ""
    return f"{sign}{column_letter(column)}{sign}{row + 1}"


def area(first: tuple[int, int], last: tuple[int, int]) -> str:
    """Fixed address of a rectangle."""
    return f"{cell(*first, fixed=True)}:{cell(*last, fixed=True)}"


def quoted(sheet: str) -> str:
    """Name of a sheet as formulas spell it."""
    return "'" + sheet.replace("'", "''") + "'"


def on(sheet: str, address: str) -> str:
    """Address on another sheet."""
    return f"{sheet if sheet.isalnum() else quoted(sheet)}!{address}"
