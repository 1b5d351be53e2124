"""How many random examples a property is tried on: all of them in a full run, an eighth in the quick one."""

import os

FEW, LEAST, PART = "few", 12, 8


def examples(number: int) -> int:
    """Number of examples of a full run, or the quick run's share of it."""
    return max(number // PART, LEAST) if os.environ.get("EXAMPLES") == FEW else number
