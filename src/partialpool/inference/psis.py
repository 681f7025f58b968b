"""Compiled Pareto-smoothed importance sampling: one measurement after the other, few bytes held.

Vehtari, Gelman and Gabry, Statistics and Computing 2017, 27:1413; Vehtari, Simpson, Gelman, Yao
and Gabry, JMLR 2024, 25(72). The generalised Pareto distribution is fitted as Zhang and Stephens
do, Technometrics 2009, 51:316.

Import this module where it is used: the first import on a machine compiles it. Loops are written
out, as they compile three times faster than NumPy's functions.
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
#: Log weights this far below the largest are as good as zero; keeps reciprocals finite.
LOWEST = -690.0
#: A tail whose first quartile is no further than this above its start has no shape.
NO_EXCESS = 1e-290
#: A tail shorter than this can't be smoothed.
MIN_TAIL = 5
#: Log ratios are sorted into so many bins to find the largest of them.
N_BINS = 256
#: Points of a grid with less than this share of all weight have none.
NEGLIGIBLE = 10 * 2.0**-52
#: exp(x) is exp(x / 2**HALVINGS) squared so often.
HALVINGS = 11
#: Bits of a double: where its exponent starts, and the exponent of 1.
EXPONENT_BIT, BIAS = 52, 1023
#: Factors multiplied before their exponent is put aside, and how large each may be.
BLOCK, LARGEST_FACTOR = 8, 1e35
MANTISSA, ONE = (1 << EXPONENT_BIT) - 1, BIAS << EXPONENT_BIT


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def exp(x: float) -> float:
    """Compute exp(x) to 1e-11, for x from ``LOWEST`` to 0, without a branch: several at once."""
    power = 1 + _expm1_of_a_part(x)
    for _ in range(HALVINGS):
        power *= power
    return power


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def expm1(x: float) -> float:
    """Compute exp(x) - 1 to 1e-11 of itself, however near 0 x is; otherwise as ``exp``."""
    power = _expm1_of_a_part(x)
    for _ in range(HALVINGS):
        power *= power + 2
    return power


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _expm1_of_a_part(x: float) -> float:
    """exp(y) - 1 by Taylor's series; y, x over 2 ** HALVINGS, is small."""
    y = x / 2**HALVINGS
    e = 1 + y * (1 / 11)
    e = 1 + y * (1 / 10) * e
    e = 1 + y * (1 / 9) * e
    e = 1 + y * (1 / 8) * e
    e = 1 + y * (1 / 7) * e
    e = 1 + y * (1 / 6) * e
    e = 1 + y * (1 / 5) * e
    e = 1 + y * (1 / 4) * e
    e = 1 + y * (1 / 3) * e
    e = 1 + y * (1 / 2) * e
    return y * e


@nb.njit(nogil=True)
def quartile(n: int) -> int:
    """Position of the first quartile among n values in rising order."""
    return int(n / 4 + 0.5) - 1


@nb.njit(nogil=True, error_model="numpy")
def _mean_log1m(theta: Array, excess: Array) -> Array:
    """Mean over the excesses of log(1 - theta excess).

    Logarithms cost most of PSIS. So factors are multiplied, the product's exponent of two is put
    aside before it can overflow, and one logarithm is taken. The first of theta is the least.
    """
    n, n_grid = excess.size, theta.size
    product, exponent = np.ones(n_grid), np.zeros(n_grid, dtype=np.int64)
    bits = product.view(np.int64)
    block = BLOCK if -theta[0] * excess[n - 1] < LARGEST_FACTOR else 1
    for start in range(0, n, block):
        for j in range(start, min(start + block, n)):
            for i in range(n_grid):
                product[i] *= 1 - theta[i] * excess[j]
        for i in range(n_grid):
            exponent[i] += (bits[i] >> EXPONENT_BIT) - BIAS
            bits[i] = (bits[i] & MANTISSA) | ONE
    for i in range(n_grid):
        product[i] = (math.log(product[i]) + exponent[i] * math.log(2.0)) / n
    return product


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def fit_pareto(excess: Array) -> tuple[float, float]:
    """Shape and scale of the generalised Pareto distribution of excesses in rising order.

    The empirical Bayes estimate of Zhang and Stephens 2009, with the weak prior on the shape of
    Vehtari et al. 2024.
    """
    n = excess.size
    n_grid = 30 + int(math.sqrt(n))
    theta = np.empty(n_grid)
    for i in range(n_grid):
        grid = 1 - math.sqrt(n_grid / (i + 0.5))
        theta[i] = grid / (3 * excess[quartile(n)]) + 1 / excess[n - 1]
    weight = _mean_log1m(theta, excess)
    top, total, best = -math.inf, 0.0, np.zeros(1)
    for i in range(n_grid):
        k = weight[i]
        weight[i] = n * (math.log(-theta[i] / k) - k - 1)
        top = max(top, weight[i])
    for i in range(n_grid):
        weight[i] = math.exp(weight[i] - top)
        total += weight[i]
    kept = 0.0
    for i in range(n_grid):
        if weight[i] >= NEGLIGIBLE * total:
            best[0] += theta[i] * weight[i]
            kept += weight[i]
    best[0] /= kept
    shape = _mean_log1m(best, excess)[0]
    return (n * shape + 5) / (n + 10), -shape / best[0]


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _smooth(tail: Array, cutoff: float, log_survival: Array) -> tuple[float, float, float]:
    """Replace the tail's ratios by quantiles of the Pareto distribution that fits them.

    Returns
    -------
    tuple[float, float, float]
        Sum of smoothed over drawn ratios, sum of smoothed ratios, shape.
    """
    n = tail.size
    excess, drawn = np.empty(n), 0.0
    for j in range(n):
        excess[j] = tail[j] - cutoff
        drawn += tail[j]
    if n < MIN_TAIL or not excess[quartile(n)] > NO_EXCESS:
        return float(n), drawn, math.inf
    shape, scale = fit_pareto(excess)
    weighted, weight = 0.0, 0.0
    for j in range(n):
        quantile = expm1(-shape * log_survival[j]) * (scale / shape)
        # No ratio is made larger than the largest that was drawn, which is 1.
        value = quantile + cutoff
        value = value if value < 1 else 1.0
        weighted += value / tail[j]
        weight += value
    return weighted, weight, shape


@nb.njit(nogil=True)
def _sort(values: Array, gap: int) -> None:
    """Shell's sort; with a gap of 1, insertion, which is fast if values are nearly in order."""
    while gap > 0:
        for i in range(gap, values.size):
            value, j = values[i], i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap = 1 if gap == 2 else gap * 5 // 11


@nb.njit(nogil=True, error_model="numpy")
def largest(ratios: Array, bin_of: Array, n_tail: int) -> tuple[Array, float]:
    """The ``n_tail`` largest ratios in rising order, and the next below them."""
    counts = np.zeros(N_BINS, dtype=np.int64)
    for s in range(bin_of.size):
        counts[bin_of[s]] += 1
    lowest, n_large = N_BINS - 1, counts[N_BINS - 1]
    while n_large <= n_tail:
        lowest -= 1
        n_large += counts[lowest]
    place = np.empty(N_BINS, dtype=np.int64)
    place[lowest] = 0
    for i in range(lowest + 1, N_BINS):
        place[i] = place[i - 1] + counts[i - 1]
    large = np.empty(n_large)
    for s in range(bin_of.size):
        i = bin_of[s]
        if i >= lowest:
            large[place[i]] = ratios[s]
            place[i] += 1
    # They are nearly in order, unless many share a bin.
    _sort(large, 1 if n_large <= 2 * n_tail else n_large // 2)
    return large[n_large - n_tail :], large[n_large - n_tail - 1]


@nb.njit(nogil=True, error_model="numpy")
def bins(deviation: Array, shift: float, least: float) -> Array:
    """The bin of each log ratio; the largest lie in the last."""
    bin_of = np.empty(deviation.size, dtype=np.int32)
    scale = (N_BINS - 1) / -least if least < 0 else 0.0
    for s in range(deviation.size):
        bin_of[s] = np.int32((max(deviation[s] - shift, LOWEST) - least) * scale)
    return bin_of


@nb.njit(nogil=True)
def _log_survival(n_tail: int) -> Array:
    """Logarithm of the share of a tail that lies above each of its quantiles."""
    found = np.empty(n_tail)
    for j in range(n_tail):
        found[j] = math.log1p(-(j + 0.5) / n_tail)
    return found


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def smoothed(deviation: Array, log_survival: Array) -> tuple[float, float, float]:
    """Compute elpd_loo, lppd and Pareto k of one measurement; its deviations become ratios."""
    n_draws, n_tail = deviation.size, log_survival.size
    shift, least = deviation[0], deviation[0]
    for s in range(n_draws):
        shift = max(shift, deviation[s])
        least = min(least, deviation[s])
    least = max(least - shift, LOWEST)
    bin_of = bins(deviation, shift, least)
    total, inverse = 0.0, 0.0
    for s in range(n_draws):
        ratio = exp(max(deviation[s] - shift, LOWEST))
        deviation[s] = ratio
        total += ratio
        inverse += 1 / ratio
    if not math.isfinite(total + inverse):
        return math.nan, math.nan, math.nan
    tail, cutoff = largest(deviation, bin_of, n_tail)
    drawn = 0.0
    for j in range(n_tail):
        drawn += tail[j]
    weighted, weight, k = _smooth(tail, cutoff, log_survival)
    elpd = math.log((n_draws - n_tail + weighted) / (total - drawn + weight)) - shift
    return elpd, math.log(inverse / n_draws) - shift, k


@nb.njit(
    nb.void(
        nb.float64[:, ::1],
        nb.int64[::1],
        nb.int64[::1],
        nb.float64[::1],
        nb.int64[::1],
        nb.int64[::1],
        nb.types.Array(nb.float64, 1, "C", readonly=True),
        nb.float64[::1],
        nb.int64,
        nb.int64,
        nb.int64,
        nb.float64[:, ::1],
    ),
    cache=True,
    nogil=True,
    fastmath=REORDER,
    error_model="numpy",
)
def loo_of_rows(
    theta: Array,
    pointers: Array,
    elements: Array,
    factors: Array,
    members: Array,
    order: Array,
    lfc: Array,
    sigma: Array,
    n_tail: int,
    start: int,
    stop: int,
    out: Array,
) -> None:
    """PSIS-LOO of the measurements of the distinct rows from ``start`` to ``stop``.

    Parameters
    ----------
    theta
        (element, draw) effects, all stacked.
    pointers, elements, factors
        The design of the distinct rows, in compressed sparse rows.
    members
        Where each distinct row's measurements start in ``order``.
    order
        Measurements, those of one distinct row together.
    lfc
        (measurement,) what was measured.
    sigma
        (draw,) standard deviation of a measurement.
    n_tail
        How many of the largest importance ratios are smoothed.
    start
        First of the distinct rows.
    stop
        The distinct row after the last.
    out
        (3, measurement) elpd_loo, lppd and Pareto k; written.
    """
    n_draws = sigma.size
    log_survival = _log_survival(n_tail)
    mu, deviation = np.empty(n_draws), np.empty(n_draws)
    scale, log_sigma = np.empty(n_draws), np.empty(n_draws)
    for s in range(n_draws):
        scale[s] = 1 / (math.sqrt(2.0) * sigma[s])
        log_sigma[s] = math.log(sigma[s]) + 0.5 * math.log(2 * math.pi)
    for row in range(start, stop):
        for s in range(n_draws):
            mu[s] = 0.0
        for position in range(pointers[row], pointers[row + 1]):
            factor, effect = factors[position], theta[elements[position]]
            for s in range(n_draws):
                mu[s] += factor * effect[s]
        for position in range(members[row], members[row + 1]):
            measurement = order[position]
            y = lfc[measurement]
            for s in range(n_draws):
                z = (y - mu[s]) * scale[s]
                deviation[s] = z * z + log_sigma[s]
            elpd, lppd, k = smoothed(deviation, log_survival)
            out[0, measurement], out[1, measurement], out[2, measurement] = elpd, lppd, k


@nb.njit(cache=True, nogil=True, fastmath=REORDER, error_model="numpy")
def loo_of_matrix(deviation: Array, n_tail: int) -> Array:
    """PSIS-LOO from (measurement, draw) negative log-likelihoods, which are overwritten.

    Returns
    -------
    Array
        (3, measurement): elpd_loo, lppd and Pareto k.
    """
    out = np.empty((3, len(deviation)))
    log_survival = _log_survival(n_tail)
    for row in range(len(deviation)):
        out[0, row], out[1, row], out[2, row] = smoothed(deviation[row], log_survival)
    return out
