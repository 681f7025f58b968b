"""Effective draws of a posterior's means.

Geyer's estimate, Statistical Science 1992, 7:473, of many parameters at once, from chains that
are split in two: Gelman et al., Bayesian Data Analysis, 3rd edition, section 11.5.

Import this module where it is used: the first import on a machine compiles it.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Sums may be reordered, so that they are taken several terms at a time; NaN and inf stay.
REORDER = {"reassoc", "contract"}
#: Draws that are no further apart are one number.
RESOLUTION = 1e-15


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _covariance(centred: Array, lag: int) -> float:
    """Mean over chains of the covariance of draws that are ``lag`` apart; over n at every lag."""
    total = 0.0
    for chain in centred:
        for s in range(chain.size - lag):
            total += chain[s] * chain[s + lag]
    return total / centred.size


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _effective(draws: Array) -> float:
    """Effective draws of the mean of one parameter, from (chain, draw) draws."""
    n_chains, n = draws.shape
    if draws.max() - draws.min() < RESOLUTION:
        return float(draws.size)
    centred, means = np.empty_like(draws), np.empty(n_chains)
    for c in range(n_chains):
        means[c] = draws[c].mean()
        centred[c] = draws[c] - means[c]
    biased = _covariance(centred, 0)
    within = biased * n / (n - 1)
    total = biased + means.var() * n_chains / (n_chains - 1)
    # Correlations of neighbouring lags, in pairs, fall and stay above 0, but for noise. The last
    # pair is noise: only its first counts, once.
    correlations, before, lag = 0.0, np.inf, 0
    even, odd = 1.0, 1 - (within - _covariance(centred, 1)) / total
    while even + odd > 0 and lag < n - 4:
        before = min(even + odd, before)
        correlations += before
        lag += 2
        even = 1 - (within - _covariance(centred, lag)) / total
        odd = 1 - (within - _covariance(centred, lag + 1)) / total
    time = 2 * correlations - 1 + max(even, 0.0)
    return draws.size / max(time, 1 / math.log10(draws.size))


@nb.njit(nb.float64[::1](nb.float64[:, :, ::1]), cache=True, nogil=True, error_model="numpy")
def effective_draws(draws: Array) -> Array:
    """Effective draws of the mean of each parameter.

    Parameters
    ----------
    draws : (parameter, chain, draw), at least four draws of each chain
    """
    n_parameters, n_chains, n_draws = draws.shape
    half = n_draws // 2
    halves = np.empty((2 * n_chains, half))
    found = np.empty(n_parameters)
    for i in range(n_parameters):
        for c in range(n_chains):
            halves[2 * c] = draws[i, c, :half]
            halves[2 * c + 1] = draws[i, c, n_draws - half :]
        found[i] = _effective(halves)
    return found
