"""The limit of R-hat: how large the largest R-hat of a converged fit can be by chance.

R-hat compares the means of M half-chains of rank-normalised draws (Vehtari, Gelman, Simpson,
Carpenter and Bürkner, Bayesian Analysis 2021, 16:667). This is a one-way analysis of variance:
R-hat^2 = 1 + (B / W - 1) / n, with n draws in a half-chain, N = M n draws in total, and B and W the
mean squares between and within half-chains. If the chains sample the same distribution and N draws
are worth ESS independent ones, the variance of a mean is larger by N / ESS, so

    R-hat^2 = 1 + M (F / ESS - 1 / N), with F of Fisher's distribution (M - 1, ESS - M).

Each parameter has two R-hats, of its draws and of their distances from the median, each with its
own ESS. With NUTS the first ESS is often above N and the second well below N. Chains that disagree
hardly raise their own limit. They lower the first ESS, but it counts as at least the required one,
and the second ESS depends only on autocorrelation. The probability that the largest R-hat is above
a limit is at most the sum over both R-hats of all parameters (Bonferroni), whatever their
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
        Effective sample size that belongs to each R-hat.
    chains, draws
        Number of chains, and of draws per chain.
    """
    halves = 2 * chains
    f = ess * ((r_hat**2 - 1) / halves + 1 / (chains * draws))
    return float(special.fdtrc(halves - 1, np.maximum(ess - halves, 1), f).sum())


def chance_limit(
    ess: Floats, chains: int, draws: int, rate: float, least: float, cap: float
) -> float:
    """Value that the largest R-hat of a converged fit exceeds with at most the given probability.

    Returns
    -------
    float
        A limit between ``least`` and ``cap``, rounded up to four decimals.
    """
    if false_alarms(least, ess, chains, draws) <= rate:
        return least
    if false_alarms(cap, ess, chains, draws) > rate:
        return cap
    exact = optimize.brentq(
        lambda r_hat: false_alarms(r_hat, ess, chains, draws) - rate, least, cap, xtol=1e-6
    )
    return min(float(np.ceil(exact * 1e4) / 1e4), cap)
