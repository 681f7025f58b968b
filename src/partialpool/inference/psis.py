"""Compiled Pareto-smoothed importance sampling, one measurement at a time to save memory.

Sources: Vehtari, Gelman and Gabry, Statistics and Computing 2017, 27:1413; Vehtari, Simpson,
Gelman, Yao and Gabry, JMLR 2024, 25(72). The generalised Pareto distribution is fitted by the
method of Zhang and Stephens, Technometrics 2009, 51:316.

Import this module inside functions, because the first import on a machine compiles it. Loops are
written explicitly, because they compile three times faster than NumPy's functions.
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
#: Lower limit of log weights relative to the largest one. It keeps reciprocals finite.
LOWEST = -690.0
#: If the first quartile of a tail is not further than this above its start, no shape is fitted.
NO_EXCESS = 1e-290
#: A tail with fewer draws than this can't be smoothed.
MIN_TAIL = 5
#: Number of bins that log ratios are sorted into to find the largest ones.
N_BINS = 256
#: Grid points with less than this share of the total weight are ignored.
NEGLIGIBLE = 10 * 2.0**-52
#: exp(x) is computed by squaring exp(x / 2**HALVINGS) this many times.
HALVINGS = 11
#: Bits of a 64-bit float: where its exponent starts, and the exponent of 1.
EXPONENT_BIT, BIAS = 52, 1023
#: Number of factors that are multiplied before their exponent is extracted, and their largest size.
BLOCK, LARGEST_FACTOR = 8, 1e35
MANTISSA, ONE = (1 << EXPONENT_BIT) - 1, BIAS << EXPONENT_BIT


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def exp(x: float) -> float:
    """Compute exp(x) to 1e-11 for x from ``LOWEST`` to 0, without branches: it is vectorised."""
    power = 1 + _expm1_of_a_part(x)
    for _ in range(HALVINGS):
        power *= power
    return power


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def expm1(x: float) -> float:
    """Compute exp(x) - 1 with a relative error of 1e-11, even near x = 0; else like ``exp``."""
    power = _expm1_of_a_part(x)
    for _ in range(HALVINGS):
        power *= power + 2
    return power


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _expm1_of_a_part(x: float) -> float:
    """exp(y) - 1 by its Taylor series, for small y = x / 2 ** HALVINGS."""
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
    """Position of the first quartile among n values in ascending order."""
    return int(n / 4 + 0.5) - 1


@nb.njit(nogil=True, error_model="numpy")
def _mean_log1m(theta: Array, excess: Array) -> Array:
    """Mean over the excesses of log(1 - theta excess).

    Logarithms would take most of the time of PSIS. So factors are multiplied, the exponent of the
    product is extracted before it can overflow, and one logarithm is computed. The first theta is
    the smallest.
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
    """Shape and scale of the generalised Pareto distribution of excesses in ascending order.

    This is the empirical Bayes estimate of Zhang and Stephens 2009, with the weak prior for the
    shape of Vehtari et al. 2024.
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
    """Replace the ratios of the tail by quantiles of the fitted Pareto distribution.

    Returns
    -------
    tuple[float, float, float]
        Sum of smoothed divided by raw ratios, sum of smoothed ratios, and shape.
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
        # Smoothed ratios are at most 1, which is the largest raw ratio.
        value = quantile + cutoff
        value = value if value < 1 else 1.0
        weighted += value / tail[j]
        weight += value
    return weighted, weight, shape


@nb.njit(nogil=True)
def _sort(values: Array, gap: int) -> None:
    """Shell sort. With a gap of 1 it is insertion sort, which is fast for nearly sorted values."""
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
    """The ``n_tail`` largest ratios in ascending order, and the next smaller one."""
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
    # They are nearly in order, unless many are in the same bin.
    _sort(large, 1 if n_large <= 2 * n_tail else n_large // 2)
    return large[n_large - n_tail :], large[n_large - n_tail - 1]


@nb.njit(nogil=True, error_model="numpy")
def bins(deviation: Array, shift: float, least: float) -> Array:
    """Bin of each log ratio; the largest ratios are in the last bin."""
    bin_of = np.empty(deviation.size, dtype=np.int32)
    scale = (N_BINS - 1) / -least if least < 0 else 0.0
    for s in range(deviation.size):
        bin_of[s] = np.int32((max(deviation[s] - shift, LOWEST) - least) * scale)
    return bin_of


@nb.njit(nogil=True)
def _log_survival(n_tail: int) -> Array:
    """Logarithm of the share of a tail above each of its quantiles."""
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
        nb.float64,
        nb.float64,
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
    df: float,
    log_peak: float,
    n_tail: int,
    start: int,
    stop: int,
    out: Array,
) -> None:
    """Compute PSIS-LOO for the measurements of the distinct rows from ``start`` to ``stop``.

    Parameters
    ----------
    theta
        (element, draw) array of all effects, stacked.
    pointers, elements, factors
        The design of the distinct rows, in compressed sparse rows.
    members
        Position in ``order`` of the first measurement of each distinct row.
    order
        Measurements, grouped by distinct row.
    lfc
        (measurement,) measured values.
    sigma
        (draw,) scale of the noise.
    df, log_peak
        Degrees of freedom of the noise (infinite: normal), and its log density at its mean,
        in units of sigma.
    n_tail
        Number of the largest importance ratios that are smoothed.
    start
        First of the distinct rows.
    stop
        The distinct row after the last.
    out
        (3, measurement) array that is filled with elpd_loo, lppd and Pareto k.
    """
    n_draws, power = sigma.size, 0.5 * (df + 1)
    log_survival = _log_survival(n_tail)
    mu, deviation = np.empty(n_draws), np.empty(n_draws)
    scale, log_sigma = np.empty(n_draws), np.empty(n_draws)
    for s in range(n_draws):
        scale[s] = 1 / sigma[s]
        log_sigma[s] = math.log(sigma[s]) - log_peak
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
                deviation[s] = z * z
            if math.isinf(df):
                for s in range(n_draws):
                    deviation[s] = 0.5 * deviation[s] + log_sigma[s]
            else:
                for s in range(n_draws):
                    deviation[s] = power * math.log1p(deviation[s] / df) + log_sigma[s]
            elpd, lppd, k = smoothed(deviation, log_survival)
            out[0, measurement], out[1, measurement], out[2, measurement] = elpd, lppd, k
