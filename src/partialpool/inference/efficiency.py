"""Effective number of draws for posterior means.

Geyer's estimate (Statistical Science 1992, 7:473) is computed for many parameters at once, from
chains that are split in two (Gelman et al., Bayesian Data Analysis, 3rd edition, section 11.5).

Import this module inside functions, because the first import on a machine compiles it.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Sums may be reordered, so that several terms are added at a time. NaN and inf are kept.
REORDER = {"reassoc", "contract"}
#: Draws that differ by no more than this count as equal.
RESOLUTION = 1e-15


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _covariance(centred: Array, lag: int) -> float:
    """Mean over chains of the autocovariance at ``lag``, with divisor n at every lag."""
    n_chains, n = centred.shape
    total = 0.0
    for c in range(n_chains):
        for s in range(n - lag):
            total += centred[c, s] * centred[c, s + lag]
    return total / (n_chains * n)


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _centre(draws: Array) -> tuple[float, float]:
    """Subtract each chain's mean; return the variance of the means, and the range of the draws."""
    n_chains, n = draws.shape
    low, high, means = math.inf, -math.inf, np.empty(n_chains)
    for c in range(n_chains):
        total = 0.0
        for s in range(n):
            low, high = min(low, draws[c, s]), max(high, draws[c, s])
            total += draws[c, s]
        means[c] = total / n
        for s in range(n):
            draws[c, s] -= means[c]
    mean, squares = 0.0, 0.0
    for c in range(n_chains):
        mean += means[c] / n_chains
    for c in range(n_chains):
        squares += (means[c] - mean) ** 2
    return squares / (n_chains - 1), high - low


@nb.njit(nogil=True, error_model="numpy")
def _effective(draws: Array) -> float:
    """Effective number of (chain, draw) draws for the mean of a parameter; overwrites the draws."""
    n = draws.shape[1]
    between, spread = _centre(draws)
    if not math.isfinite(between):
        return math.nan
    if spread < RESOLUTION:
        return float(draws.size)
    biased = _covariance(draws, 0)
    within, total = biased * n / (n - 1), biased + between
    # Without noise, sums of correlations at pairs of neighbouring lags would decrease and stay
    # above 0. The last pair is noise: only its first correlation counts, and only once.
    correlations, before, lag = 0.0, math.inf, 0
    even, odd = 1.0, 1 - (within - _covariance(draws, 1)) / total
    while even + odd > 0 and lag < n - 4:
        before = min(even + odd, before)
        correlations += before
        lag += 2
        even = 1 - (within - _covariance(draws, lag)) / total
        odd = 1 - (within - _covariance(draws, lag + 1)) / total
    time = 2 * correlations - 1 + max(even, 0.0)
    return draws.size / max(time, 1 / math.log10(draws.size))


@nb.njit(nb.float64[::1](nb.float64[:, :, ::1]), cache=True, nogil=True, error_model="numpy")
def effective_draws(draws: Array) -> Array:
    """Effective number of draws for the mean of each parameter.

    Parameters
    ----------
    draws
        (parameter, chain, draw) draws, at least four per chain.
    """
    n_parameters, n_chains, n_draws = draws.shape
    half = n_draws // 2
    halves = np.empty((2 * n_chains, half))
    found = np.empty(n_parameters)
    for i in range(n_parameters):
        for c in range(n_chains):
            for s in range(half):
                halves[2 * c, s] = draws[i, c, s]
                halves[2 * c + 1, s] = draws[i, c, n_draws - half + s]
        found[i] = _effective(halves)
    return found
