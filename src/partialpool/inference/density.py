"""The compiled functions of the kernel, which all models share: see ``kernel``.

They read a block of 8-byte integers and floats, which ``kernel.pack`` writes.
"""

import numba as nb
import numpy as np

#: Numbers of the families of priors in the compiled code.
NORMAL, HALF_NORMAL, EXPONENTIAL = range(3)
#: Kinds of means that the elements of a population vary around.
AROUND_ZERO, AROUND_SCALAR, AROUND_EFFECT = 0, 1, 2
#: How a block of Z'Z is stored: full rows, which elements with equal rows share, or non-zeros.
SHARED_ROWS, NON_ZEROS = 0, 1
#: Positions in the block of memory of the sizes of the sample space and of the output.
N_FREE, N_VALUES = 0, 1
#: The arrays in the block of memory, in order. The number of an array is its position here.
(
    SCALARS,  # one row per scalar: the family of its prior
    NUMBERS,  # two numbers per prior
    POPULATIONS,  # one row per population, coarse before fine; columns below
    PARENTS,  # for each element that varies around a coarser effect, its element there
    LEVEL,  # for each element, its level of centring
    LEVELS,  # c of each level
    BLOCKS,  # one row per block of Z'Z; columns below
    BLOCK_INTS,
    BLOCK_FLOATS,
    EFFECT,  # for each element of theta, its position among all effects
    DIAGONAL,  # diagonal of Z'Z
    REFERENCE,  # theta0
    SCORE,  # Z'r0
    NOISE,  # position of sigma among the scalars
    RESIDUAL,  # r0'r0 and the number of rows
) = range(15)
N_ARRAYS = RESIDUAL + 1
HEADER = 2 + 2 * N_ARRAYS
#: Columns of POPULATIONS and of BLOCKS.
START, SIZE, FREE, KIND, MEAN, SD, SUMS_TO_ZERO, FIRST_LEVEL, N_LEVELS, PARENT = range(10)
POPULATION_WIDTH = PARENT + 1
LEFT, N_LEFT, RIGHT, N_RIGHT, HOW, N_PATTERNS, AT_INTS, AT_FLOATS = range(8)
BLOCK_WIDTH = AT_FLOATS + 1
#: Codes returned to nutpie if the gradient, or the density, is not finite.
NO_GRADIENT, NO_DENSITY = 3, 4

_jit = nb.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})


@_jit
def _of(memory, values, number):  # type: ignore[no-untyped-def]
    """Array of the block of memory; ``values`` is the block as integers or floats."""
    start = memory[2 + 2 * number]
    return values[start : start + memory[3 + 2 * number]]


@_jit
def _length(memory, number):  # type: ignore[no-untyped-def]
    """Length of an array of the block of memory."""
    return memory[3 + 2 * number]


@_jit
def _scalar_values(x, memory, value):  # type: ignore[no-untyped-def]
    """Values of the scalars. Positive ones are sampled as logarithms."""
    families = _of(memory, memory, SCALARS)
    for i in range(len(families)):
        value[i] = x[i] if families[i] == NORMAL else np.exp(x[i])


@_jit
def _scalar_density(x, memory, floats, value, gradient):  # type: ignore[no-untyped-def]
    """Add the gradients of the scalars' priors, and convert gradients by value to those by x."""
    families, numbers = _of(memory, memory, SCALARS), _of(memory, floats, NUMBERS)
    total = 0.0
    for i in range(len(families)):
        a, b, v = numbers[2 * i], numbers[2 * i + 1], value[i]
        if families[i] == NORMAL:
            z = (v - a) / b
            total -= 0.5 * z * z
            gradient[i] -= z / b
        elif families[i] == HALF_NORMAL:
            total += x[i] - 0.5 * (v / a) ** 2
            gradient[i] = gradient[i] * v + 1.0 - (v / a) ** 2
        else:
            total += x[i] - a * v
            gradient[i] = gradient[i] * v + 1.0 - a * v
    return total


@_jit
def _free_to_elements(x, free, size, sums_to_zero, z):  # type: ignore[no-untyped-def]
    """Elements from free values: equal to them, or n that sum to zero from n - 1, as in PyMC."""
    if sums_to_zero == 0:
        for i in range(size):
            z[i] = x[free + i]
        return
    total, root = 0.0, np.sqrt(size)
    for i in range(size - 1):
        total += x[free + i]
    shift = total / (root + size)
    for i in range(size - 1):
        z[i] = x[free + i] - shift
    z[size - 1] = -total / root


@_jit
def _elements_to_free(by_z, free, size, sums_to_zero, gradient):  # type: ignore[no-untyped-def]
    """Gradient by the free values from that by the elements: the transpose of the above."""
    if sums_to_zero == 0:
        for i in range(size):
            gradient[free + i] = by_z[i]
        return
    total, root = 0.0, np.sqrt(size)
    for i in range(size - 1):
        total += by_z[i]
    shift = total / (root + size) + by_z[size - 1] / root
    for i in range(size - 1):
        gradient[free + i] = by_z[i] - shift


@_jit
def _effects(x, memory, floats, value, effect, powers):  # type: ignore[no-untyped-def]
    """Elements of every effect, coarse before fine, and the log density of the sampled values.

    ``powers`` is filled with s^c, s^(1 - c), s^-c and s^(c - 1) for each level of centring.
    """
    parents, level = _of(memory, memory, PARENTS), _of(memory, memory, LEVEL)
    levels, table = _of(memory, floats, LEVELS), _of(memory, memory, POPULATIONS)
    log_p = 0.0
    for p in range(len(table) // POPULATION_WIDTH):
        row = table[POPULATION_WIDTH * p : POPULATION_WIDTH * (p + 1)]
        start, size, s = row[START], row[SIZE], value[row[SD]]
        kind, parent, first = row[KIND], row[PARENT], row[FIRST_LEVEL]
        common = value[row[MEAN]] if kind == AROUND_SCALAR else 0.0
        log_s = np.log(s)
        for k in range(first, first + row[N_LEVELS]):
            outer, inner = np.exp(levels[k] * log_s), np.exp((1 - levels[k]) * log_s)
            powers[k, 0], powers[k, 1], powers[k, 2], powers[k, 3] = (
                outer,
                inner,
                1 / outer,
                1 / inner,
            )
        x_of = effect[start : start + size]
        _free_to_elements(x, row[FREE], size, row[SUMS_TO_ZERO], x_of)
        squares, weight = 0.0, 0.0
        for i in range(size):
            k = first + level[start + i]
            m = effect[parents[parent + i]] if kind == AROUND_EFFECT else common
            apart = x_of[i] - levels[k] * m
            squares += (apart * powers[k, 2]) ** 2
            weight += levels[k]
            x_of[i] = m + powers[k, 1] * apart
        if row[SUMS_TO_ZERO] == 1:  # one dimension fewer; all elements have one level
            weight -= levels[first]
        log_p -= 0.5 * squares + weight * log_s
    return log_p


@_jit
def _likelihood(memory, floats, effect, sigma, by_effect):  # type: ignore[no-untyped-def]
    """Return the log likelihood and its gradient by sigma; add that by effects to ``by_effect``."""
    places, diagonal = _of(memory, memory, EFFECT), _of(memory, floats, DIAGONAL)
    reference, score = _of(memory, floats, REFERENCE), _of(memory, floats, SCORE)
    residual = _of(memory, floats, RESIDUAL)
    n = len(places)
    d, by_d = np.empty(n), np.empty(n)
    squares = residual[0]
    for j in range(n):
        d[j] = effect[places[j]] - reference[j]
        squares += d[j] * (diagonal[j] * d[j] - 2 * score[j])
        by_d[j] = 2 * (diagonal[j] * d[j] - score[j])
    squares += _off_diagonal(memory, floats, d, by_d)
    scale = -0.5 / (sigma * sigma)
    for j in range(n):
        by_effect[places[j]] += scale * by_d[j]
    log_p = -residual[1] * np.log(sigma) + scale * squares
    return log_p, -residual[1] / sigma - 2 * scale * squares / sigma


@_jit
def _off_diagonal(memory, floats, d, by_d):  # type: ignore[no-untyped-def]
    """Sum of 2 d_left' B d_right over all blocks B of Z'Z; adds its gradient to ``by_d``."""
    table, total = _of(memory, memory, BLOCKS), 0.0
    ints, numbers = _of(memory, memory, BLOCK_INTS), _of(memory, floats, BLOCK_FLOATS)
    for b in range(len(table) // BLOCK_WIDTH):
        row = table[BLOCK_WIDTH * b : BLOCK_WIDTH * (b + 1)]
        left, right = (
            d[row[LEFT] : row[LEFT] + row[N_LEFT]],
            d[row[RIGHT] : row[RIGHT] + row[N_RIGHT]],
        )
        by_left = by_d[row[LEFT] : row[LEFT] + row[N_LEFT]]
        by_right = by_d[row[RIGHT] : row[RIGHT] + row[N_RIGHT]]
        own_ints, own = ints[row[AT_INTS] :], numbers[row[AT_FLOATS] :]
        if row[HOW] == SHARED_ROWS:
            total += _shared_rows(own_ints, own, row[N_PATTERNS], left, right, by_left, by_right)
        else:
            total += _non_zeros(own_ints, own, left, right, by_left, by_right)
    return total


@_jit
def _shared_rows(pattern, rows, n_patterns, left, right, by_left, by_right):  # type: ignore[no-untyped-def]
    """Contribution of a block whose row for element i is ``rows[pattern[i]]``."""
    n, sums, products, total = len(right), np.zeros(n_patterns), np.empty(n_patterns), 0.0
    for i in range(len(left)):
        sums[pattern[i]] += left[i]
    for p in range(n_patterns):
        row, product, twice = rows[p * n : p * n + n], 0.0, 2 * sums[p]
        for j in range(n):
            product += row[j] * right[j]
            by_right[j] += twice * row[j]
        products[p] = 2 * product
        total += products[p] * sums[p]
    for i in range(len(left)):
        by_left[i] += products[pattern[i]]
    return total


@_jit
def _non_zeros(places, values, left, right, by_left, by_right):  # type: ignore[no-untyped-def]
    """Contribution of a block of which only the non-zeros are stored, row by row."""
    first, total = len(left) + 1, 0.0
    for i in range(len(left)):
        product, twice = 0.0, 2 * left[i]
        for e in range(places[i], places[i + 1]):
            j = places[first + e]
            product += values[e] * right[j]
            by_right[j] += values[e] * twice
        by_left[i] += 2 * product
        total += product * twice
    return total


@_jit
def _by_what_is_sampled(memory, floats, value, effect, powers, by_effect, gradient):  # type: ignore[no-untyped-def]
    """Compute the gradient by the sampled values from that by the effects, fine before coarse."""
    parents, level = _of(memory, memory, PARENTS), _of(memory, memory, LEVEL)
    levels, table = _of(memory, floats, LEVELS), _of(memory, memory, POPULATIONS)
    n = len(table) // POPULATION_WIDTH
    for q in range(n):
        row = table[POPULATION_WIDTH * (n - 1 - q) : POPULATION_WIDTH * (n - q)]
        start, size, first = row[START], row[SIZE], row[FIRST_LEVEL]
        kind, parent = row[KIND], row[PARENT]
        common = value[row[MEAN]] if kind == AROUND_SCALAR else 0.0
        by_log_s, by_common = 0.0, 0.0
        for i in range(size):
            k = first + level[start + i]
            c, m = levels[k], common
            if kind == AROUND_EFFECT:
                m = effect[parents[parent + i]]
            apart = (effect[start + i] - m) * powers[k, 3]
            z, by_x = apart * powers[k, 2], by_effect[start + i]
            by_log_s += by_x * powers[k, 1] * (1 - c) * apart + c * (z * z - 1)
            by_m = by_x * (1 - c * powers[k, 1]) + c * z * powers[k, 2]
            by_common += by_m
            if kind == AROUND_EFFECT:
                by_effect[parents[parent + i]] += by_m
            by_effect[start + i] = by_x * powers[k, 1] - z * powers[k, 2]
        if row[SUMS_TO_ZERO] == 1:
            by_log_s += levels[first]
        gradient[row[SD]] += by_log_s / value[row[SD]]
        if kind == AROUND_SCALAR:
            gradient[row[MEAN]] += by_common
        _elements_to_free(
            by_effect[start : start + size], row[FREE], size, row[SUMS_TO_ZERO], gradient
        )


@_jit
def log_density(x, memory, floats, gradient):  # type: ignore[no-untyped-def]
    """Return the log density at ``x``, up to a constant, and fill ``gradient``."""
    n_scalars, n_effects = _length(memory, SCALARS), _length(memory, LEVEL)
    n_levels, noise = _length(memory, LEVELS), _of(memory, memory, NOISE)[0]
    value, effect = np.empty(n_scalars), np.empty(n_effects)
    powers, by_effect = np.empty((n_levels, 4)), np.zeros(n_effects)
    gradient[:n_scalars] = 0.0
    _scalar_values(x, memory, value)
    log_p = _effects(x, memory, floats, value, effect, powers)
    log_likelihood, by_sigma = _likelihood(memory, floats, effect, value[noise], by_effect)
    gradient[noise] += by_sigma
    _by_what_is_sampled(memory, floats, value, effect, powers, by_effect, gradient)
    return log_p + log_likelihood + _scalar_density(x, memory, floats, value, gradient)


@_jit
def expand(x, memory, floats, values):  # type: ignore[no-untyped-def]
    """Fill ``values`` with all parameters and the elements of all effects at ``x``."""
    n_scalars, n_levels = _length(memory, SCALARS), _length(memory, LEVELS)
    powers = np.empty((n_levels, 4))
    _scalar_values(x, memory, values)
    _effects(x, memory, floats, values, values[n_scalars:], powers)


@_jit
def expand_draws(points, memory, floats, draws):  # type: ignore[no-untyped-def]
    """Fill each row of ``draws`` with the values at a row of ``points``."""
    values = np.empty(draws.shape[1])
    for i in range(len(points)):
        expand(points[i], memory, floats, values)
        draws[i] = values


_double, _size = nb.types.CPointer(nb.types.double), nb.types.uint64


@nb.cfunc(nb.types.int64(_size, _double, _double, _double, nb.types.voidptr), cache=True)
def log_density_by_address(n, x, gradient, log_p, memory):  # type: ignore[no-untyped-def]
    """Function that nutpie calls. It returns 0, or another number if the density is not finite."""
    head = nb.carray(memory, HEADER, np.int64)
    total = head[2 + 2 * (N_ARRAYS - 1)] + head[3 + 2 * (N_ARRAYS - 1)]
    ints, floats = nb.carray(memory, total, np.int64), nb.carray(memory, total, np.float64)
    found = log_density(nb.carray(x, n), ints, floats, nb.carray(gradient, n))
    log_p[0] = found
    if not np.isfinite(found):
        return NO_DENSITY
    return 0 if np.all(np.isfinite(nb.carray(gradient, n))) else NO_GRADIENT


@nb.cfunc(nb.types.int64(_size, _size, _double, _double, nb.types.voidptr), cache=True)
def nothing_by_address(n, n_values, x, values, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """Function that nutpie calls to turn a point into named values. It returns none."""
    nb.carray(values, n_values)[:] = 0.0
    return 0
