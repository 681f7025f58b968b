"""Compiled highest-density intervals of draws, and of the measurements that they predict.

The predictive distribution of a measurement is a mixture of normal or Student-t distributions, one
for each draw of its mean and its sigma. It is known exactly, so no measurements are simulated. The
density is computed on a grid, where the narrowest interval is found.

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
#: Number of grid steps in the smallest sigma.
STEPS = 8
#: Largest number of grid points. If draws are so far apart that they need more, sigma is set to a
#: thousandth of their range.
MAX_POINTS = 8192
#: Number of bisections of the cell in which an interval starts.
HALVINGS = 12
#: Draws are grouped if their sigmas differ by less than this factor.
SIGMA_RATIO = 1.05


def strata(ordered_sigma: Array) -> tuple[Array, Array]:
    """Group draws with nearly equal sigma.

    Parameters
    ----------
    ordered_sigma
        (draw,) sigmas in ascending order.

    Returns
    -------
    tuple[Array, Array]
        The position after the last draw of each stratum, (stratum,), and the root mean square of
        its sigmas, (stratum,), which preserves the mean variance.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.floor(np.log(ordered_sigma / ordered_sigma[0]) / math.log(SIGMA_RATIO))
    ends = np.append(np.flatnonzero(np.diff(level)) + 1, len(level)).astype(np.int64)
    squares = np.add.reduceat(ordered_sigma.astype(np.float64) ** 2, np.append(0, ends[:-1]))
    return ends, np.sqrt(squares / np.diff(ends, prepend=0))


@nb.njit(
    nb.void(nb.float32[:, ::1], nb.int64[::1], nb.int64[::1], nb.float64[::1], nb.float32[:, ::1]),
    cache=True,
    nogil=True,
    fastmath=REORDER,
)
def fill_predictor(
    theta: Array, pointers: Array, elements: Array, factors: Array, out: Array
) -> None:
    """Fill ``out``, (row, draw), with predictors of rows of a design in compressed sparse rows."""
    for row in range(len(out)):
        for s in range(out.shape[1]):
            out[row, s] = 0
        for position in range(pointers[row], pointers[row + 1]):
            factor, effect = np.float32(factors[position]), theta[elements[position]]
            for s in range(effect.size):
                out[row, s] += factor * effect[s]


@nb.njit(
    nb.float64[:, ::1](nb.types.Array(nb.float32, 2, "C", readonly=True), nb.float64),
    cache=True,
    nogil=True,
)
def of_ordered_draws(ordered: Array, prob: float) -> Array:
    """Narrowest interval with a share ``prob`` of each row's draws, given in ascending order."""
    n = ordered.shape[1]
    n_inside = math.floor(prob * n)
    out = np.empty((2, len(ordered)))
    for row in range(len(ordered)):
        draws, best = ordered[row], 0
        for i in range(1, n - n_inside):
            if draws[i + n_inside] - draws[i] < draws[best + n_inside] - draws[best]:
                best = i
        out[0, row], out[1, row] = draws[best], draws[best + n_inside]
    return out


@nb.njit(nogil=True)
def _first_from(ordered: Array, start: int, value: float) -> int:
    """Position of the first draw, from ``start`` on, that is not below a value."""
    end = ordered.size
    while start < end:
        middle = (start + end) // 2
        if ordered[middle] < value:
            start = middle + 1
        else:
            end = middle
    return start


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _share(ordered: Array, start: float, step: float, weights: Array) -> None:
    """Distribute draws over their three nearest grid points, with the same mean and variance."""
    s = 0
    while s < ordered.size:
        node = int((ordered[s] - start) / step + 0.5)
        centre = start + node * step
        end = _first_from(ordered, s + 1, centre + 0.5 * step)
        first, second = 0.0, 0.0
        for i in range(s, end):
            beside = (ordered[i] - centre) / step
            first += beside
            second += beside * beside
        weights[node - 1] += 0.5 * (second - first)
        weights[node] += end - s - second
        weights[node + 1] += 0.5 * (second + first)
        s = end


@nb.njit(nogil=True)
def _range(ordered: Array, ends: Array) -> tuple[float, float]:
    """Smallest and largest draw, if all are numbers. Draws are in order within each stratum."""
    low, high, start = math.inf, -math.inf, 0
    for end in ends:
        if not math.isfinite(ordered[end - 1] - ordered[start]):  # NaN is sorted last
            return np.nan, np.nan
        low = min(low, float(ordered[start]))
        high = max(high, float(ordered[end - 1]))
        start = end
    return low, high


@nb.njit(nogil=True, fastmath=REORDER, error_model="numpy")
def _mixture_density(
    mu: Array,
    low: float,
    high: float,
    ends: Array,
    sigmas: Array,
    df: float,
    peak: float,
    far: float,
) -> tuple[float, float, Array]:
    """Density of a mixture on a grid: start and step of the grid, and values."""
    reach = far * sigmas[-1]
    step = max(sigmas[0] / STEPS, (high - low + 2 * reach) / MAX_POINTS)
    n_nodes = int((high - low) / step) + 4
    margin = int(max(reach, far * STEPS * step) / step) + 1
    density = np.zeros(n_nodes + 2 * margin)
    weights, start, power = np.empty(n_nodes), 0, -0.5 * (df + 1)
    for stratum in range(ends.size):
        for node in range(n_nodes):
            weights[node] = 0.0
        _share(mu[start : ends[stratum]], low - step, step, weights)
        start = ends[stratum]
        sigma = max(sigmas[stratum], STEPS * step)
        radius = min(margin, int(far * sigma / step) + 1)
        kernel = np.empty(2 * radius + 1)
        for i in range(2 * radius + 1):
            z = (i - radius) * step / sigma
            relative = math.exp(-0.5 * z * z) if math.isinf(df) else (1 + z * z / df) ** power
            kernel[i] = relative * peak / (sigma * mu.size)
        for node in range(n_nodes):
            first = node + margin - radius
            for i in range(2 * radius + 1):
                density[first + i] += weights[node] * kernel[i]
    return low - (margin + 1) * step, step, density


@nb.njit(nogil=True, error_model="numpy")
def _mass_below(density: Array, step: float) -> Array:
    """Distribution function on a grid, by the trapezoidal rule with corrected ends."""
    mass = np.zeros(density.size)
    for i in range(1, density.size):
        mass[i] = mass[i - 1] + 0.5 * step * (density[i - 1] + density[i])
    for i in range(1, density.size - 1):
        mass[i] -= step * (density[i + 1] - density[i - 1]) / 24
    total = mass[-1]
    for i in range(density.size):
        mass[i] /= total
    return mass


@nb.njit(nogil=True, error_model="numpy")
def _within_cell(mass: Array, density: Array, step: float, cell: int, t: float) -> float:
    """Distribution function between two grid points, by cubic Hermite interpolation."""
    rise = mass[cell + 1] - mass[cell]
    left, right = step * density[cell], step * density[cell + 1]
    return mass[cell] + t * (
        left + t * (3 * rise - 2 * left - right + t * (left + right - 2 * rise))
    )


@nb.njit(nogil=True, error_model="numpy")
def _quantile(mass: Array, density: Array, step: float, cell: int, goal: float) -> float:
    """Position in a cell, in steps from its start, where the distribution function has a value."""
    low, high = 0.0, 1.0
    t = (goal - mass[cell]) / (mass[cell + 1] - mass[cell])
    for _ in range(30):
        off = _within_cell(mass, density, step, cell, t) - goal
        if abs(off) < 1e-12:
            break
        if off > 0:
            high = t
        else:
            low = t
        slope = step * (density[cell] * (1 - t) + density[cell + 1] * t)
        t -= off / slope
        if not low < t < high:
            t = 0.5 * (low + high)
    return t


@nb.njit(nogil=True, error_model="numpy")
def _slope(mass: Array, density: Array, step: float, cell: int, t: float) -> float:
    """Density between two grid points: the slope of ``_within_cell``."""
    rise = (mass[cell + 1] - mass[cell]) / step
    left, right = density[cell], density[cell + 1]
    return left + t * (2 * (3 * rise - 2 * left - right) + 3 * t * (left + right - 2 * rise))


@nb.njit(nogil=True, error_model="numpy")
def _narrowest(density: Array, step: float, prob: float) -> tuple[float, float]:
    """Narrowest interval with mass ``prob``, in steps from the start of the grid.

    First the narrowest interval that starts at a grid point is found. Then it is moved until the
    density is equal at both ends.
    """
    mass = _mass_below(density, step)
    least, best, cell, best_cell, excess = np.inf, 0, 0, 0, 0.0
    for i in range(density.size):
        goal = mass[i] + prob
        if goal >= mass[-2]:
            break
        while mass[cell + 1] < goal:
            cell += 1
        t = _quantile(mass, density, step, cell, goal)
        if cell + t - i < least:
            least, best, best_cell = cell + t - i, i, cell
            excess = _slope(mass, density, step, cell, t) - density[i]
    # If the density is higher at the upper end than at the lower end, moving up makes it narrower.
    at = best if excess > 0 else max(best - 1, 0)
    low, high = 0.0, 1.0
    lower, upper = float(best), best + least
    for _ in range(HALVINGS):
        s = 0.5 * (low + high)
        goal = min(_within_cell(mass, density, step, at, s) + prob, mass[-2])
        cell = max(best_cell - 1, 0)
        while mass[cell + 1] < goal:
            cell += 1
        t = _quantile(mass, density, step, cell, goal)
        lower, upper = at + s, cell + t
        if _slope(mass, density, step, cell, t) > _slope(mass, density, step, at, s):
            low = s
        else:
            high = s
    return lower, upper


@nb.njit(
    nb.float64[:, ::1](
        nb.float32[:, ::1],
        nb.int64[::1],
        nb.float64[::1],
        nb.float64,
        nb.float64,
        nb.float64,
        nb.float64,
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def of_mixtures(
    mu: Array, ends: Array, sigmas: Array, prob: float, df: float, peak: float, far: float
) -> Array:
    """Narrowest interval of a new measurement of each row.

    Parameters
    ----------
    mu
        (row, draw) means of the measurement, by stratum, each stratum in ascending order.
    ends, sigmas
        Result of ``strata`` for the draws.
    prob
        Probability of the interval.
    df, peak, far
        Degrees of freedom of the noise (infinite: normal), its density at its mean, and the
        distance from the mean beyond which it is set to 0, in units of sigma.

    Returns
    -------
    Array
        (2, row): lower and upper ends; NaN if a draw is not a number.
    """
    out = np.empty((2, len(mu)))
    for row in range(len(mu)):
        low, high = _range(mu[row], ends)
        if math.isfinite(high - low + sigmas[-1]):
            start, step, density = _mixture_density(mu[row], low, high, ends, sigmas, df, peak, far)
            lower, upper = _narrowest(density, step, prob)
            out[0, row], out[1, row] = start + lower * step, start + upper * step
        else:
            out[0, row], out[1, row] = math.nan, math.nan
    return out
