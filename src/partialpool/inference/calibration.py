"""How many intervals hold what they should."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

#: How often a calibrated model lies inside the range.
CERTAINTY = 0.95


def expected_inside(
    n: pd.Series, prob: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How many of ``n`` independent values lie inside their intervals of ``prob``, by chance.

    Returns
    -------
    tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
        The ends, both included, of the central range that holds 95 % of the binomial distribution.
    """
    from scipy.stats import binom

    tail = (1 - CERTAINTY) / 2
    low, high = (np.asarray(binom.ppf(at, n.to_numpy(), prob)) for at in (tail, 1 - tail))
    return low.astype("int64"), high.astype("int64")
