"""Addresses of cells as formulas spell them; rows and columns count from 0."""

from __future__ import annotations

import re
from functools import cache

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFERENCE = re.compile(r"(?<![A-Za-z0-9_$.])(\$?)([A-Z]{1,3})(\$?)([1-9][0-9]*)(?![A-Za-z0-9_(.])")


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


@cache
def column_number(letters: str) -> int:
    """Column of letters, from 0."""
    number = 0
    for letter in letters:
        number = number * len(LETTERS) + LETTERS.index(letter) + 1
    return number - 1


def relative(formula: str, row: int, column: int) -> str:
    """Formula with its references as distances from its cell, so that copies look alike."""

    def distance(found: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, number = found.groups()
        across = letters if fixed_column else f"C[{column_number(letters) - column}]"
        return f"{across}{number if fixed_row else f'R[{int(number) - 1 - row}]'}"

    return REFERENCE.sub(distance, formula)
