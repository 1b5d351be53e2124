"""Words of a risk run that screen and workbook share: how it was drawn, what its figures mean, ends of ranges."""

from __future__ import annotations

from collections.abc import Callable

from assumptions import RiskRun
from reports.record.risk import RiskReport
from valuation.paths.risk_summary import (
    BREAKTHROUGH,
    BY_YEAR,
    EARLY_LANDING,
    EARLY_MONTHS,
    FIGURES,
    SOON_YEARS,
    STRANDED,
)
from valuation.statistics.streaming import EXACT, HISTOGRAM

NEVER = "never"
SAMPLERS = {
    "sobol": "scrambled Sobol points",
    "philox": "independent random paths",
    "lhs": "Latin hypercubes",
    "antithetic": "antithetic pairs",
}
CONDITIONS = {
    EARLY_LANDING: f"a part lands {EARLY_MONTHS:.0f}\nmonths early or more",
    BREAKTHROUGH: f"a breakthrough\nwithin {SOON_YEARS} years",
    STRANDED: f"a new model strands\ndevices within {SOON_YEARS} years",
}
"""By condition, in two lines for the head of a row."""

LOST = "Lost: value in use of the devices in service at the as-of date, against their cost."
WRITE_DOWNS = "Write-downs at fiscal year-ends, from the books to value in exchange."
WHY_NOT_THE_SAME = (
    "The mean is not the run without chance: ranges lean to one side, rents may double but not fall below nothing, and "
    "an owner stops what loses money."
)
IMPAIRED = (
    "Impaired: the books of some generation stand above what is recoverable, the higher of value in use and in "
    "exchange; share of the paths."
)
HIDDEN_BY_YEAR = "The first year counts from the as-of date. Negative: the books charge too much."
RETIREMENT = "Never: later than the horizon."
GIVEN = "Given, not caused: what else comes on these paths (dear rents, say) is counted too."
SLIPS = "Columns: mean slip of the parts still to land, later than planned; negative: earlier."

_METHODS = {
    (EXACT, EXACT): "exact, from every path",
    (EXACT, HISTOGRAM): "exact, those by year read off histograms",
    (HISTOGRAM, HISTOGRAM): "read off histograms",
}


def how_read(found: RiskReport) -> str:
    """How percentiles of the figures, and of those by year, were read.

    Parameters
    ----------
    found : RiskReport
        The run.
    """
    return _METHODS[found.methods[FIGURES], found.methods[BY_YEAR]]


def outcome_of_target(run: RiskRun) -> str:
    """Whether the error that was asked for was reached; empty where none was asked for.

    Parameters
    ----------
    run : RiskRun
        The run.
    """
    if run.reached is None:
        return ""
    asked = run.sampling
    outcome = "reached" if run.reached else "NOT reached: draw more paths"
    return f"{asked.target} within {asked.target_error:g} either way at 95 %: {outcome}"


def between(low: float | None, high: float | None, spell: Callable[[float], str], unit: str) -> str:
    """Words for what lies between two ends, either of which may be open.

    Parameters
    ----------
    low, high : float or None
        Ends; None where open.
    spell : callable
        An end in words, without its unit.
    unit : str
        Unit that follows them; may be empty.
    """
    if low is None:
        text = "all" if high is None else f"below {spell(high)} {unit}"
    elif high is None:
        text = f"{spell(low)} {unit} or more" if unit else f"{spell(low)} or more"
    else:
        text = f"{spell(low)} to {spell(high)} {unit}"
    return text.strip()
