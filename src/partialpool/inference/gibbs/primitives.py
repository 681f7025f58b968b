"""Draws that several conditional distributions share."""

import numba as nb
import numpy as np

#: Largest number of widths of the interval of a slice step.
MAX_STEPS = 20
#: Numba's cache notices changes in the file of a function, but not in functions that it calls. So
#: delete ``__pycache__`` after editing this package.
jit = nb.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


@jit
def steps_out(rng):  # type: ignore[no-untyped-def]
    """Divide the steps by which a slice step may widen its interval between its two sides.

    The limit (Neal, Annals of Statistics 2003, 31:705, figure 3) keeps the first sweeps near the
    data. Far from them, nearly every value has a higher density than the starting point.
    """
    left = int(MAX_STEPS * rng.random())
    return left, MAX_STEPS - 1 - left


@jit
def draw_normal_vector(rng, precision, linear, n):  # type: ignore[no-untyped-def]
    """Draw x ~ N(precision^-1 linear, precision^-1) into ``linear``, overwriting ``precision``.

    Only the first ``n`` rows (and columns) of the arrays are used. With L L' = precision, the draw
    is L'^-1 (L^-1 linear + z).
    """
    for i in range(n):
        for j in range(i + 1):
            s = precision[i, j]
            for k in range(j):
                s -= precision[i, k] * precision[j, k]
            precision[i, j] = np.sqrt(s) if i == j else s / precision[j, j]
    for i in range(n):
        s = linear[i]
        for k in range(i):
            s -= precision[i, k] * linear[k]
        linear[i] = s / precision[i, i]
    for i in range(n):
        linear[i] += rng.standard_normal()
    for i in range(n - 1, -1, -1):
        s = linear[i]
        for k in range(i + 1, n):
            s -= precision[k, i] * linear[k]
        linear[i] = s / precision[i, i]


@jit
def _log_scale_density(x, n, squares, prior_sd):  # type: ignore[no-untyped-def]
    """Log density of x = log scale, given ``n`` normals with this scale and a half-normal prior."""
    scale = np.exp(x)
    return (1 - n) * x - 0.5 * squares / scale**2 - 0.5 * (scale / prior_sd) ** 2


@jit
def draw_scale(rng, scale, n, squares, prior_sd):  # type: ignore[no-untyped-def]
    """Draw the sd of ``n`` normals around 0 with a given sum of squares and a half-normal prior.

    This is a slice step (Neal, Annals of Statistics 2003, 31:705) for its logarithm.
    """
    x = np.log(scale)
    width = 2.0 / np.sqrt(2.0 * n + 1.0)
    height = _log_scale_density(x, n, squares, prior_sd) - rng.standard_exponential()
    low = x - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    while left > 0 and _log_scale_density(low, n, squares, prior_sd) > height:
        low -= width
        left -= 1
    while right > 0 and _log_scale_density(high, n, squares, prior_sd) > height:
        high += width
        right -= 1
    while True:
        new = low + (high - low) * rng.random()
        if _log_scale_density(new, n, squares, prior_sd) > height or high - low < 1e-14:
            return np.exp(new)
        if new < x:
            low = new
        else:
            high = new


@jit
def _member_density(x, n, squares, mean, sd):  # type: ignore[no-untyped-def]
    """Log density of x = log scale of ``n`` normals, with prior N(mean, sd)."""
    return -n * x - 0.5 * squares * np.exp(-2 * x) - 0.5 * ((x - mean) / sd) ** 2


@jit
def draw_log_scale(rng, x, n, squares, mean, sd):  # type: ignore[no-untyped-def]
    """Draw the log sd of ``n`` normals around 0 with a given sum of squares; prior N(mean, sd).

    This is a slice step, as in ``draw_scale``.
    """
    width = 3.0 / np.sqrt(2.0 * n + 1 / sd**2)
    height = _member_density(x, n, squares, mean, sd) - rng.standard_exponential()
    low = x - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    while left > 0 and _member_density(low, n, squares, mean, sd) > height:
        low -= width
        left -= 1
    while right > 0 and _member_density(high, n, squares, mean, sd) > height:
        high += width
        right -= 1
    while True:
        new = low + (high - low) * rng.random()
        if _member_density(new, n, squares, mean, sd) > height or high - low < 1e-14:
            return new
        if new < x:
            low = new
        else:
            high = new


@jit
def draw_mean(rng, values, sd, prior_mean, prior_sd):  # type: ignore[no-untyped-def]
    """Draw the mean of normals with a known sd and a normal prior."""
    precision = len(values) / sd**2 + 1 / prior_sd**2
    centre = (values.sum() / sd**2 + prior_mean / prior_sd**2) / precision
    return centre + rng.standard_normal() / np.sqrt(precision)


@jit
def draw_positive_normal(rng, mean, sd):  # type: ignore[no-untyped-def]
    """Draw a normal variable, given that it is positive (Robert, Stat. Comput. 1995, 5:121)."""
    low = -mean / sd
    if low < 0:
        while True:
            z = rng.standard_normal()
            if z > low:
                return mean + sd * z
    rate = 0.5 * (low + np.sqrt(low * low + 4))
    while True:
        z = low + rng.standard_exponential() / rate
        if rng.random() < np.exp(-0.5 * (z - rate) ** 2):
            return mean + sd * z


@jit
def sum_of_squares(values, centre):  # type: ignore[no-untyped-def]
    """Sum of squared distances from a centre."""
    s = 0.0
    for i in range(len(values)):
        s += (values[i] - centre) ** 2
    return s
