"""Errors that the user can fix, and how their messages are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

SHOWN = 5
"""How many offending labels a message shows before it says "and N more"."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in three parts.

    Attributes
    ----------
    expected
        What was expected.
    got
        What the input has instead, with the offending columns, rows or labels.
    fix
        How to fix it.
    """

    expected: str
    got: str
    fix: str

    def __str__(self) -> str:
        return f"Expected: {self.expected}\nGot: {self.got}\nFix: {self.fix}"


class PartialpoolError(Exception):
    """An error that the user can fix: the message says how, so no traceback is shown."""


class ScreenError(PartialpoolError, ValueError):
    """A screen table, or the file that holds it, can't be used as it is."""

    @classmethod
    def of(cls, *problems: Problem) -> Self:
        """Make one error of one or more problems.

        Parameters
        ----------
        *problems
            Everything that is wrong, in the order in which it is to be read.

        Returns
        -------
        ScreenError
            Its message holds every problem whole; two or more are numbered.
        """
        if len(problems) == 1:
            return cls(str(problems[0]))
        listed = (f"{number}. {problem}" for number, problem in enumerate(problems, start=1))
        return cls("\n".join([f"{len(problems)} problems.", *listed]))


def shorten(labels: Iterable[object], total: int | None = None, shown: int = SHOWN) -> str:
    """Join labels for a message: the first few, then how many more there are.

    Parameters
    ----------
    labels
        The labels; only the first `shown` are read when `total` is given.
    total
        How many labels there are, if `labels` is only the beginning of them.
    shown
        How many to show at most.

    Returns
    -------
    str
        Such as ``"A, B, C, D, E and 2 more"``, or ``"none"``.
    """
    if total is None:
        labels = labels if isinstance(labels, Sequence) else list(labels)
        total = len(labels)
    first = [str(label) for label in islice(labels, shown)]
    more = f" and {total - len(first)} more" if total > len(first) else ""
    return (", ".join(first) or "none") + more
