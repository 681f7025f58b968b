"""Bayesian false discovery rate."""

from __future__ import annotations

import numpy as np

from partialpool.screen import Floats


def bayesian_fdr(p_false: Floats) -> Floats:
    """Expected share of false calls if everything at least as certain is called.

    Parameters
    ----------
    p_false
        (n,) posterior probability that a call is false. NaN if it is not scored.

    Returns
    -------
    Floats
        (n,) mean of the probabilities that are not larger; NaN stays NaN.

    Notes
    -----
    Newton et al., Biostatistics 2004. Calling all values that are at most 0.05 keeps the posterior
    expectation of the share of false calls at 0.05 or less.
    """
    scored = np.flatnonzero(~np.isnan(p_false))
    order = scored[np.argsort(p_false[scored], kind="stable")]
    ascending = p_false[order]
    running = np.cumsum(ascending) / np.arange(1, len(order) + 1)
    # Equal probabilities get equal rates: the last of them.
    last = np.searchsorted(ascending, ascending, side="right") - 1
    rate = np.full(len(p_false), np.nan)
    rate[order] = running[last]
    return rate


def false_sign_rate(p_negative: Floats) -> Floats:
    """Local false sign rate: the posterior probability that the sign of the estimate is wrong."""
    return np.minimum(p_negative, 1 - p_negative)
