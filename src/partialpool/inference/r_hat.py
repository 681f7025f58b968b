"""How large the largest R-hat of a converged fit may be, by chance alone.

R-hat compares the means of M half-chains of rank-normalised draws (Vehtari, Gelman, Simpson,
Carpenter and Bürkner, Bayesian Analysis 2021, 16:667), which is a one-way analysis of variance:
R-hat^2 = 1 + (B / W - 1) / n, with n draws in a half-chain, N = M n in all, and B and W the mean
squares between and within half-chains. If the chains sample the same distribution and N draws
count as ESS independent ones, the variance of a mean is larger by N / ESS, so that

    R-hat^2 = 1 + M (F / ESS - 1 / N), with F of Fisher's distribution (M - 1, ESS - M).

A parameter has two of them, of its draws and of their distances from the median, each with an ESS
of its own: of NUTS the first is often beyond N while the second is well below. Chains that disagree
do not raise their own limit much: the first ESS, which they lower, counts as no less than what is
required of it, and the second is of autocorrelation alone. The probability that the largest of all
is beyond a limit is at most the sum over both of every parameter (Bonferroni), whatever their
correlation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Floats = npt.NDArray[np.float64]


def false_alarms(r_hat: float, ess: Floats, chains: int, draws: int) -> float:
    """Expected number of R-hats above a value, in a fit that has converged.

    Parameters
    ----------
    r_hat
        The value.
    ess
        Effective sample size behind each R-hat.
    chains, draws
        Of each chain.
    """
    halves = 2 * chains
    f = ess * ((r_hat**2 - 1) / halves + 1 / (chains * draws))
    return float(special.fdtrc(halves - 1, np.maximum(ess - halves, 1), f).sum())


def chance_limit(
    ess: Floats, chains: int, draws: int, rate: float, least: float, cap: float
) -> float:
    """R-hat that the largest one of a converged fit exceeds at a given rate, at most.

    Returns
    -------
    float
        Between ``least`` and ``cap``, rounded up to four decimals.
    """
    if false_alarms(least, ess, chains, draws) <= rate:
        return least
    if false_alarms(cap, ess, chains, draws) > rate:
        return cap
    exact = optimize.brentq(
        lambda r_hat: false_alarms(r_hat, ess, chains, draws) - rate, least, cap, xtol=1e-6
    )
    return min(float(np.ceil(exact * 1e4) / 1e4), cap)
