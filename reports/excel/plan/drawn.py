"""What was drawn at random for a workbook: in words, as settings that travel in it, and with the results."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from assumptions import Tornado
from reports.record.risk import RiskReport
from reports.record.risk_words import SAMPLERS
from valuation.precision import PRECISIONS

DRAWS = "draws"
"""Key of the settings of a workbook."""
MOST_LETTERS = 200
MOST = 1 << 256
"""Paths and seeds beyond which a number was not written by a run."""


@dataclass(frozen=True)
class Drawn:
    """How the paths of a risk run were drawn.

    Attributes
    ----------
    sampler : str
        Which.
    precision : str
        Of rents and what is expected of them.
    paths, seed, replicates : int
        Paths in all, what they were drawn from, and independent replicates of them.
    ledger : str
        Books whose write-downs are measured.
    digest : str
        Fingerprint of the inputs and of what is random in them.
    """

    sampler: str
    precision: str
    paths: int
    seed: int
    replicates: int
    ledger: str
    digest: str

    @property
    def words(self) -> str:
        """What was drawn, in one sentence."""
        times = f"in {self.replicates} independent replicates, " if self.replicates > 1 else ""
        return (
            f"{self.paths:,} paths a scenario ({SAMPLERS[self.sampler]}), {times}seed {self.seed}; inputs and what is "
            f"random {self.digest}. All other sheets: one known path a scenario"
        )

    @property
    def settings(self) -> dict[str, Any]:
        """All but the fingerprint, which follows from the inputs."""
        return {name: value for name, value in asdict(self).items() if name != "digest"}


def drawn_from(settings: object, digest: str) -> Drawn:
    """What was drawn, from the settings of a workbook.

    Parameters
    ----------
    settings : object
        As they were read.
    digest : str
        Fingerprint of the inputs in the workbook and of what is random in them.

    Raises
    ------
    TypeError, ValueError, LookupError
        If they are not what a run writes.
    """
    if not isinstance(settings, dict):
        raise TypeError(settings)
    numbers = {name: settings[name] for name in ("paths", "seed", "replicates")}
    words = {name: settings[name] for name in ("sampler", "precision", "ledger")}
    if len(settings) != len(numbers) + len(words) or words["sampler"] not in SAMPLERS:
        raise ValueError(settings)
    if words["precision"] not in PRECISIONS:
        raise ValueError(settings)
    if any(type(number) is not int or not 0 <= number < MOST for number in numbers.values()):
        raise ValueError(settings)
    if not isinstance(words["ledger"], str) or len(words["ledger"]) > MOST_LETTERS:
        raise ValueError(settings)
    return Drawn(**words, **numbers, digest=digest)


@dataclass(frozen=True)
class RiskPages:
    """What the sheets of a risk run show.

    Attributes
    ----------
    found : RiskReport
        The run.
    tornado : Tornado or None
        Random assumptions of the base, one at a time.
    why_none : str
        Why there is no tornado, where there is none.
    """

    found: RiskReport
    tornado: Tornado | None
    why_none: str = ""

    @property
    def drawn(self) -> Drawn:
        """How the paths were drawn."""
        run, asked = self.found.run, self.found.run.sampling
        how = (asked.sampler, asked.precision, run.paths, asked.seed, asked.replicates)
        return Drawn(*how, self.found.ledger, run.digest)
