"""Errors that the user can fix, and the format of their messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

SHOWN = 5
"""Number of offending labels that a message shows before it says "and N more"."""


@dataclass(frozen=True)
class Problem:
    """One problem, described in three parts.

    Attributes
    ----------
    expected
        What was expected.
    got
        What was found instead, with the offending columns, rows or labels.
    fix
        How to fix it.
    """

    expected: str
    got: str
    fix: str

    def __str__(self) -> str:
        return f"Expected: {self.expected}\nGot: {self.got}\nFix: {self.fix}"


class PartialpoolError(Exception):
    """An error that the user can fix. The message says how, so no traceback is shown."""


class ScreenError(PartialpoolError, ValueError):
    """A screen table, or its file, can't be used."""

    @classmethod
    def of(cls, *problems: Problem) -> Self:
        """Combine one or more problems in one error.

        Parameters
        ----------
        *problems
            All problems, in the order in which the message lists them.

        Returns
        -------
        ScreenError
            Error whose message contains all problems, numbered if there are several.
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
        Labels. If `total` is given, only the first `shown` of them are read.
    total
        Number of all labels, if `labels` contains only the first ones.
    shown
        Largest number of labels to show.

    Returns
    -------
    str
        Text such as ``"A, B, C, D, E and 2 more"``, or ``"none"``.
    """
    if total is None:
        labels = labels if isinstance(labels, Sequence) else list(labels)
        total = len(labels)
    first = [str(label) for label in islice(labels, shown)]
    more = f" and {total - len(first)} more" if total > len(first) else ""
    return (", ".join(first) or "none") + more
