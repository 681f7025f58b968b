"""Conditional distributions of the parameters of lines and replicates, given the genes."""

import numpy as np

from partialpool.inference.gibbs.arrays import (
    LAMBDA_SD,
    OMEGA_MEAN,
    OMEGA_SD,
    SIGMA_MEAN,
    SIGMA_SD,
)
from partialpool.inference.gibbs.primitives import draw_normal_vector, jit, steps_out


@jit
def draw_scales(rng, measured, state, cells):  # type: ignore[no-untyped-def]
    """Draw lam twice: given delta, then given lam delta (Yu and Meng, JCGS 2011, 20:531).

    The logarithms sum to zero, so a step t of one of C lines moves the others by -t / (C - 1).
    """
    n_lines = len(state.lam)
    if n_lines < 2:
        return
    n_genes = len(measured.gene_start) - 1
    # Sums over guides of precision x products of k (everything except delta), delta and the data.
    kk, kd, dd = np.zeros(n_lines), np.zeros(n_lines), np.zeros(n_lines)
    ky, dy, prior = np.zeros(n_lines), np.zeros(n_lines), np.zeros(n_lines)
    total, mean, explained = cells.total, cells.mean, cells.explained
    delta, theta, gene_start = state.delta, state.theta, measured.gene_start
    for g in range(n_genes):
        inverse = np.exp(-2 * state.log_tau[g])
        for c in range(n_lines):
            d = delta[g, c]
            prior[c] += d * d * inverse * state.delta_weight[g, c]
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                t, k, d, y = total[s, c], theta[s] + explained[g, c], delta[g, c], mean[s, c]
                kk[c] += t * k * k
                kd[c] += t * k * d
                dd[c] += t * d * d
                ky[c] += t * k * y
                dy[c] += t * d * y
    zero = np.zeros(n_lines)
    _draw_lam(rng, state.lam, kk + 2 * kd + dd, ky + dy, zero, state.scalars[LAMBDA_SD])
    before = state.lam.copy()
    _draw_lam(rng, state.lam, kk, ky - before * kd, before**2 * prior, state.scalars[LAMBDA_SD])
    for g in range(n_genes):
        for c in range(n_lines):
            state.delta[g, c] *= before[c] / state.lam[c]


@jit
def _lam_density(t, c, lam, others, quadratic, linear, inverse, sd):  # type: ignore[no-untyped-def]
    """Log density after a step t of line c.

    The conditional of one line is linear lam - quadratic lam^2 / 2 - inverse / (2 lam^2).
    ``others`` contains the sums of linear lam, quadratic lam^2, inverse / lam^2 and log lam over
    the other lines.
    """
    n = len(lam)
    own, rest = lam[c] * np.exp(t), np.exp(-t / (n - 1))
    x = np.log(lam[c])
    return (
        linear[c] * own
        - 0.5 * quadratic[c] * own**2
        - 0.5 * inverse[c] / own**2
        + others[0] * rest
        - 0.5 * others[1] * rest**2
        - 0.5 * others[2] / rest**2
        - 0.5 * ((x + t) ** 2 - 2 * others[3] * t / (n - 1) + t**2 / (n - 1)) / sd**2
    )


@jit
def _draw_lam(rng, lam, quadratic, linear, inverse, sd):  # type: ignore[no-untyped-def]
    n = len(lam)
    all_lines, others = np.empty(4), np.empty(4)
    all_lines[0] = (linear * lam).sum()
    all_lines[1] = (quadratic * lam**2).sum()
    all_lines[2] = (inverse / lam**2).sum()
    all_lines[3] = np.log(lam).sum()
    for c in range(n):
        others[0] = all_lines[0] - linear[c] * lam[c]
        others[1] = all_lines[1] - quadratic[c] * lam[c] ** 2
        others[2] = all_lines[2] - inverse[c] / lam[c] ** 2
        others[3] = all_lines[3] - np.log(lam[c])
        curvature = quadratic[c] * lam[c] ** 2 + others[1] / (n - 1) ** 2 + 1 / sd**2
        width = 3.0 / np.sqrt(curvature + 2 * inverse[c] / lam[c] ** 2)
        base = _lam_density(0.0, c, lam, others, quadratic, linear, inverse, sd)
        height = base - rng.standard_exponential()
        low = -width * rng.random()
        high = low + width
        left, right = steps_out(rng)
        while (
            left > 0 and _lam_density(low, c, lam, others, quadratic, linear, inverse, sd) > height
        ):
            low -= width
            left -= 1
        while (
            right > 0
            and _lam_density(high, c, lam, others, quadratic, linear, inverse, sd) > height
        ):
            high += width
            right -= 1
        while True:
            t = low + (high - low) * rng.random()
            d = _lam_density(t, c, lam, others, quadratic, linear, inverse, sd)
            if d > height or high - low < 1e-14:
                break
            if t < 0:
                low = t
            else:
                high = t
        own, rest = lam[c] * np.exp(t), np.exp(-t / (n - 1))
        lam *= rest
        lam[c] = own
        all_lines[0] = others[0] * rest + linear[c] * own
        all_lines[1] = others[1] * rest**2 + quadratic[c] * own**2
        all_lines[2] = others[2] / rest**2 + inverse[c] / own**2
        all_lines[3] = others[3] - t + np.log(own)


@jit
def gather_moments(measured, state, cells, noise_varies, moments):  # type: ignore[no-untyped-def]
    """Compute weighted moments of lfc - fitted over the guides of each pattern of replicates.

    ``moments`` is (P, 2 + m + m^2): number of guides, sum of weights, sums, and sums of products of
    the m replicates.
    """
    lfc, pattern, line_start = measured.lfc, measured.pattern, measured.line_start
    lam, theta, delta, explained = state.lam, state.theta, state.delta, cells.explained
    gene_start, noise_weight = measured.gene_start, state.noise_weight
    n_lines = len(lam)
    m = measured.members.shape[1]
    residual = np.empty(m)
    moments[:] = 0.0
    for g in range(len(gene_start) - 1):
        gene = np.exp(-2 * state.log_noise[g])
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                p = pattern[s, c]
                if p < 0:
                    continue
                start, n = line_start[c], line_start[c + 1] - line_start[c]
                weight = gene * (noise_weight[s, c] if noise_varies else 1.0)
                fitted = lam[c] * (theta[s] + explained[g, c] + delta[g, c])
                moments[p, 0] += 1
                moments[p, 1] += weight
                for j in range(n):
                    y = lfc[s, start + j]
                    residual[j] = 0.0 if np.isnan(y) else y - fitted
                    weighted = weight * residual[j]
                    moments[p, 2 + j] += weighted
                    for k in range(j + 1):
                        moments[p, 2 + m + j * m + k] += weighted * residual[k]


@jit
def draw_lines(rng, measured, state, moments, level_sd):  # type: ignore[no-untyped-def]
    """Draw levels, sigma and omega of each line, with eta integrated out."""
    m = measured.members.shape[1]
    precision, linear, x = np.empty((m, m)), np.empty(m), np.empty(m + 1)
    for c in range(len(state.lam)):
        start = measured.line_start[c]
        n = measured.line_start[c + 1] - start
        _draw_levels(rng, measured, state, moments, level_sd, c, precision, linear)
        for j in range(n):
            x[j] = state.log_sigma[start + j]
        x[n] = state.log_omega[c]
        squares = _squares_about_levels(measured, state, moments, c)
        count = 0.0
        for p in range(measured.pattern_start[c], measured.pattern_start[c + 1]):
            count += moments[p, 0]
        for j in range(n + 1):
            _slice_line(rng, measured, state, moments, squares, c, x, j, count)
        if n == 1:
            _draw_split(rng, state, x)
        for j in range(n):
            state.log_sigma[start + j] = x[j]
        state.log_omega[c] = x[n]


@jit
def _draw_levels(rng, measured, state, moments, prior_sd, c, precision, linear):  # type: ignore[no-untyped-def]
    start = measured.line_start[c]
    n = measured.line_start[c + 1] - start
    omega2 = np.exp(2 * state.log_omega[c])
    precision[:], linear[:] = 0.0, 0.0
    for j in range(n):
        precision[j, j] = 1 / prior_sd**2
    weight = np.exp(-2 * state.log_sigma[start : start + n])
    for p in range(measured.pattern_start[c], measured.pattern_start[c + 1]):
        total, first = 0.0, 0.0
        for j in range(n):
            if measured.members[p, j] > 0:
                total += weight[j]
                first += weight[j] * moments[p, 2 + j]
        f = omega2 / (1 + omega2 * total)
        for j in range(n):
            if measured.members[p, j] > 0:
                precision[j, j] += moments[p, 1] * weight[j]
                linear[j] += weight[j] * (moments[p, 2 + j] - f * first)
                for k in range(j + 1):
                    if measured.members[p, k] > 0:
                        precision[j, k] -= moments[p, 1] * f * weight[j] * weight[k]
    draw_normal_vector(rng, precision, linear, n)
    for j in range(n):
        state.level[start + j] = linear[j]


@jit
def _squares_about_levels(measured, state, moments, c):  # type: ignore[no-untyped-def]
    """Sums of products of lfc - fitted - level; (patterns of the line, m, m), symmetric."""
    m = measured.members.shape[1]
    first, last = measured.pattern_start[c], measured.pattern_start[c + 1]
    start = measured.line_start[c]
    n = measured.line_start[c + 1] - start
    out = np.zeros((last - first, m, m))
    for p in range(first, last):
        for j in range(n):
            for k in range(j + 1):
                if measured.members[p, j] > 0 and measured.members[p, k] > 0:
                    a, b = state.level[start + j], state.level[start + k]
                    q = (
                        moments[p, 2 + m + j * m + k]
                        - a * moments[p, 2 + k]
                        - b * moments[p, 2 + j]
                        + a * b * moments[p, 1]
                    )
                    out[p - first, j, k] = q
                    out[p - first, k, j] = q
    return out


@jit
def _line_density(measured, state, moments, squares, c, x, value, at):  # type: ignore[no-untyped-def]
    """Log density of x = (log sigma of each replicate, log omega) of a line with x[at] = value."""
    n = measured.line_start[c + 1] - measured.line_start[c]
    first = measured.pattern_start[c]
    omega = value if at == n else x[n]
    omega2 = np.exp(2 * omega)
    density = -0.5 * ((omega - state.scalars[OMEGA_MEAN]) / state.scalars[OMEGA_SD]) ** 2
    for j in range(n):
        sigma = value if at == j else x[j]
        density -= 0.5 * ((sigma - state.scalars[SIGMA_MEAN]) / state.scalars[SIGMA_SD]) ** 2
    for p in range(first, measured.pattern_start[c + 1]):
        count = moments[p, 0]
        total, crossed, within = 0.0, 0.0, 0.0
        for j in range(n):
            if measured.members[p, j] > 0:
                sigma = value if at == j else x[j]
                w = np.exp(-2 * sigma)
                density -= count * sigma
                total += w
                crossed += w * w * squares[p - first, j, j]
                for k in range(j):
                    if measured.members[p, k] > 0:
                        both = w * np.exp(-2 * (value if at == k else x[k]))
                        product = squares[p - first, j, k]
                        crossed += 2 * both * product
                        each = squares[p - first, j, j] + squares[p - first, k, k]
                        within += both * (each - 2 * product)
        # Sums of squares within guides and of their means. No large numbers are subtracted, which
        # matters if sigma is small.
        q = 1 + omega2 * total
        density -= 0.5 * (count * np.log(q) + (within + crossed / q) / total)
    return density


@jit
def _slice_line(rng, measured, state, moments, squares, c, x, at, count):  # type: ignore[no-untyped-def]
    n = measured.line_start[c + 1] - measured.line_start[c]
    sd = state.scalars[OMEGA_SD] if at == n else state.scalars[SIGMA_SD]
    width = 4 / np.sqrt(2 * count + 1 / sd**2)
    base = _line_density(measured, state, moments, squares, c, x, x[at], at)
    height = base - rng.standard_exponential()
    low = x[at] - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    while left > 0 and _line_density(measured, state, moments, squares, c, x, low, at) > height:
        low -= width
        left -= 1
    while right > 0 and _line_density(measured, state, moments, squares, c, x, high, at) > height:
        high += width
        right -= 1
    while True:
        new = low + (high - low) * rng.random()
        d = _line_density(measured, state, moments, squares, c, x, new, at)
        if d > height or high - low < 1e-14:
            x[at] = new
            return
        if new < x[at]:
            low = new
        else:
            high = new


@jit
def _split_density(logit, total, scalars):  # type: ignore[no-untyped-def]
    """Log prior density of sigma^2 = share x total and omega^2 = the rest, of logit share."""
    # log share and log (1 - share), safe for large |logit|
    less = np.log1p(np.exp(-np.abs(logit)))
    log_share = -less if logit > 0 else logit - less
    log_rest = -less if logit < 0 else -logit - less
    sigma, omega = 0.5 * (total + log_share), 0.5 * (total + log_rest)
    return (
        -0.5 * ((sigma - scalars[SIGMA_MEAN]) / scalars[SIGMA_SD]) ** 2
        - 0.5 * ((omega - scalars[OMEGA_MEAN]) / scalars[OMEGA_SD]) ** 2
    )


@jit
def _draw_split(rng, state, x):  # type: ignore[no-untyped-def]
    """Redraw how the variance of a line with one replicate is divided; data give only the total.

    (log total, logit share) has a constant Jacobian to (log sigma, log omega).
    """
    total = np.logaddexp(2 * x[0], 2 * x[1])
    now = 2 * (x[0] - x[1])
    height = _split_density(now, total, state.scalars) - rng.standard_exponential()
    width = 3.0
    low = now - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    while left > 0 and _split_density(low, total, state.scalars) > height:
        low -= width
        left -= 1
    while right > 0 and _split_density(high, total, state.scalars) > height:
        high += width
        right -= 1
    while True:
        new = low + (high - low) * rng.random()
        if _split_density(new, total, state.scalars) > height or high - low < 1e-14:
            break
        if new < now:
            low = new
        else:
            high = new
    x[0] = 0.5 * (total - np.log1p(np.exp(-new)))
    x[1] = 0.5 * (total - np.log1p(np.exp(new)))
