"""Whether a slope depends on a single row."""

from __future__ import annotations

from typing import Any

#: A slope depends on one row if less than this share of the variation of x is left without it.
LEAST_LEFT = 0.1


def rests_on_one(farthest: Any, sxx: Any, n: Any) -> Any:
    """Whether x hardly varies without the row that is farthest from its mean.

    The arguments are numbers, or series with an entry per group.

    Parameters
    ----------
    farthest
        The largest squared distance of x from its mean.
    sxx
        The sum of the squared distances.
    n
        The number of rows, at least 2.
    """
    return 1 - farthest / sxx * n / (n - 1) < LEAST_LEFT
