"""Conditions on the figures of a run, as they are typed: ``npv_usd=0``, ``t90=ledgers.disclosed.life_months``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assumptions.cases.overlay import LIVES_KEY, walk
from assumptions.chapters.policies import LifeStep
from assumptions.chapters.schema import Case
from assumptions.door.messages import error, nearest, short
from assumptions.door.provenance import Number

FORM = re.compile(r"\s*([A-Za-z_][\w.\- ]*?)(?:\s*(<=|>=|==|=|<|>)\s*|\s+(below|above)\s+)([^<>=]+?)\s*")
ENDLESS = re.compile(r"[+-]?(?:nan|inf|infinity|\d[\d_.]*e\+?\d+)", re.IGNORECASE)
"""What is written as a number and is not a finite one."""
EQUAL, BELOW, ABOVE = ("=", "=="), ("<", "<=", "below"), (">", ">=", "above")
MONEY, ROUNDING = "_usd", 1e-3
"""Part of the names of amounts, and the USD by less than which they differ by rounding."""
LISTED = 12
"""Names that a message lists at most."""
LISTED_BY = "obsolesce run CASE --json"
"""Command that lists the names of all figures."""

Figures = Mapping[str, float]
"""Figures of one case of a run by dotted name; NaN where there is none."""


@dataclass(frozen=True)
class Condition:
    """What is asked of a figure.

    Attributes
    ----------
    metric, sign, target : str
        Name of the figure, comparison, and a number, another figure or the key of an assumption.
    """

    metric: str
    sign: str
    target: str

    @property
    def text(self) -> str:
        """The condition in one line."""
        return f"{self.metric} {self.sign} {self.target}"

    @property
    def number(self) -> float | None:
        """The target, where it is a number."""
        return _number(self.target)

    def wanted(self, figures: Figures, case: Case) -> float:
        """What the figure is compared with.

        Parameters
        ----------
        figures : mapping of str to float
            Of a run.
        case : Case
            Its base.
        """
        number = self.number
        if number is not None:
            return number
        return figures[self.target] if self.target in figures else _assumed(case)[self.target]

    def excess(self, figures: Figures, case: Case) -> float:
        """The figure less what it is compared with, none if by rounding alone; NaN where one of them is missing."""
        found = figures[self.metric] - self.wanted(figures, case)
        return 0.0 if abs(found) < rounding(self.metric) else found


def read_condition(option: str, text: str, signs: tuple[str, ...], figures: Figures, case: Case) -> Condition:
    """Condition from its text.

    Parameters
    ----------
    option : str
        Option that it was given to, for messages.
    text : str
        As typed.
    signs : tuple of str
        Comparisons that make sense here.
    figures : mapping of str to float
        Figures of a run, whose names may be used.
    case : Case
        Its base, whose assumptions may be the target.

    Raises
    ------
    AssumptionError
        If it is malformed, or a name is unknown.
    """
    form = FORM.fullmatch(text)
    if form is None or (sign := form[2] or form[3]) not in signs:
        allowed = f"a figure, {' or '.join(signs)}, and what it is compared with"
        raise error(f"{option} {short(text)}", "not a condition", allowed, f"write it as npv_usd{signs[0]}0")
    metric = named_figure(option, form[1], figures)
    return Condition(metric, sign, _target(option, form[4], metric, figures, case))


def _target(option: str, text: str, metric: str, figures: Figures, case: Case) -> str:
    """What a figure is compared with, a name in full."""
    if _number(text) is not None or text in _assumed(case):
        return text
    allowed = "a number, a figure, or the key of an assumption that holds a number"
    if ENDLESS.fullmatch(text):
        raise error(f"{option} {text}", "not a finite number", allowed, "write a finite number")
    target = named_figure(option, text, figures, allowed)
    if target == metric:
        raise error(f"{option} {text}", f"{metric} compared with itself", allowed, "compare it with something else")
    return target


def named_figure(option: str, name: str, figures: Figures, allowed: str = "") -> str:
    """Full name of a figure; its last part will do where it is the only one of it.

    Parameters
    ----------
    option : str
        Option that it was given to, for messages.
    name : str
        As typed.
    figures : mapping of str to float
        Figures of a run.
    allowed : str
        What is allowed, in words; the names if left out.

    Raises
    ------
    AssumptionError
        If it is the name of no figure, or of several.
    """
    if name in figures:
        return name
    ends = [known for known in figures if known.endswith(f".{name}")]
    if len(ends) == 1:
        return ends[0]
    within = [known for known in figures if known.startswith(f"{name}.")]
    if within or ends:
        listed = within or ends
        more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
        raise error(f"{option} {name}", "several figures", f"{', '.join(listed[:LISTED])}{more}", "name one of them")
    plain = sorted({known.partition(".")[0] for known in figures})
    raise error(f"{option} {name}", "unknown figure", allowed or ", ".join(plain), nearest(name, figures, LISTED_BY))


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _assumed(case: Case) -> dict[str, float]:
    """Assumptions that hold a number; of book lives the one in force."""
    found = {}
    for key, content in walk(case):
        if isinstance(content, Number):
            found[key] = float(content.value)
        elif key.endswith(LIVES_KEY) and content:
            found[key] = float(life_in_force(content, case.as_of))
    return found


def rounding(name: str) -> float:
    """Difference of a figure below which it is rounding, in its unit.

    Parameters
    ----------
    name : str
        Of the figure.
    """
    return ROUNDING if is_amount(name) else 0.0


def is_amount(name: str) -> bool:
    """Whether a figure is an amount of money; what is paid per something, an hour of rent say, may be of any size.

    Parameters
    ----------
    name : str
        Of the figure.
    """
    return MONEY in name and f"{MONEY}_per_" not in name


def life_in_force(steps: tuple[LifeStep, ...], month: str) -> int:
    """Book life in force in a month.

    Parameters
    ----------
    steps : tuple of LifeStep
        Lives by the month from which they hold.
    month : str
        YYYY-MM.
    """
    begun = [step for step in steps if not step.start or step.start <= month]
    return (begun or list(steps))[-1].months
