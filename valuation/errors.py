"""Errors of the package, one small tree.

::

    ModelError
    ├── AssumptionError (ValueError)   an input is missing, malformed or out of range
    ├── ShapeError (ValueError)        arrays of one record do not fit together
    ├── WorkError                      a worker, a cluster or a disk failed, and nothing is wrong with the inputs
    └── NoSolutionError                the mathematics has no answer in the stated range

The command line turns every ``ModelError`` into one line and exit code 1.
"""


def refusal(where: str, what: str, allowed: str, remedy: str) -> str:
    """What every error tells, in its order.

    Parameters
    ----------
    where : str
        File and key, option, or whoever failed.
    what : str
        What is wrong, with the value.
    allowed : str
        What is allowed.
    remedy : str
        What to do.
    """
    return f"{where}: {complaint(what, allowed, remedy)}"


def complaint(what: str, allowed: str, remedy: str) -> str:
    """The same where the place is told by somebody else.

    Parameters
    ----------
    what, allowed, remedy : str
        As of `refusal`.
    """
    return f"{what}; allowed is {allowed}; {remedy}"


class ModelError(Exception):
    """Base of every error a user of the package may see."""


class AssumptionError(ModelError, ValueError):
    """An assumption or a schedule row is missing, malformed or out of range.

    The message names the file, the key or row, the value, the allowed range and the remedy, in one line.
    """


class ShapeError(ModelError, ValueError):
    """Arrays of one record do not share the axes the record promises."""


class WorkError(ModelError):
    """A worker, a cluster or a disk failed while blocks were worked out or kept.

    What was kept is sound: the run can be resumed.
    """


class NoSolutionError(ModelError):
    """A root or an optimum does not exist in the range that was searched.

    Attributes
    ----------
    case : int
        First case of the stack for which there is none.
    """

    def __init__(self, told: str, case: int = 0) -> None:
        super().__init__(told)
        self.case = case
