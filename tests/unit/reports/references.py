"""References of formulas as distances: a reading apart from that of the writer, whose counts it is held against."""

from __future__ import annotations

import re

from openpyxl.utils import column_index_from_string

REFERENCE = re.compile(r"(?<![A-Za-z0-9_$.])(\$?)([A-Z]{1,3})(\$?)([1-9][0-9]*)(?![A-Za-z0-9_(.])")


def relative(formula: str, row: int, column: int) -> str:
    """Formula with its references as distances from its cell, so that copies along a row look alike."""

    def distance(match: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, number = match.groups()
        across = letters if fixed_column else f"C[{column_index_from_string(letters) - column}]"
        return f"{across}{number if fixed_row else f'R[{int(number) - row}]'}"

    return REFERENCE.sub(distance, formula)
