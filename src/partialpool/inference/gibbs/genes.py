"""Conditional distributions of the parameters of genes and guides, given the lines."""

import numpy as np

from partialpool.inference.gibbs.arrays import (
    DEPTH,
    MU,
    SIGMA_AFFECTED,
    SIGMA_GENE,
    SLOPE_SD,
    TAU_MEAN,
    TAU_SD,
)
from partialpool.inference.gibbs.primitives import draw_normal_vector, jit, steps_out


@jit
def summarise_cells(measured, state, cells):  # type: ignore[no-untyped-def]
    """Combine the replicates of each line, with eta integrated out."""
    lfc, level, line_start = measured.lfc, state.level, measured.line_start
    mean, within, precision = cells.mean, cells.within, cells.precision
    n_guides, n_lines = mean.shape
    weight = np.exp(-2 * state.log_sigma)
    omega2 = np.exp(2 * state.log_omega)
    for s in range(n_guides):
        for c in range(n_lines):
            total, first, second = 0.0, 0.0, 0.0
            for r in range(line_start[c], line_start[c + 1]):
                y = lfc[s, r]
                if not np.isnan(y):
                    d = y - level[r]
                    total += weight[r]
                    first += weight[r] * d
                    second += weight[r] * d * d
            if total > 0:
                mean[s, c] = first / total
                within[s, c] = second - first * first / total
                precision[s, c] = 1 / (omega2[c] + 1 / total)
            else:
                precision[s, c] = 0.0


@jit
def weigh_cells(measured, state, cells, noise_varies):  # type: ignore[no-untyped-def]
    """Compute the precision of each cell, with the weights of its noise and of its gene."""
    gene_start, weight = measured.gene_start, state.noise_weight
    total, precision = cells.total, cells.precision
    n_lines = total.shape[1]
    for g in range(len(gene_start) - 1):
        gene = np.exp(-2 * state.log_noise[g])
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                u = weight[s, c] if noise_varies else 1.0
                total[s, c] = precision[s, c] * gene * u


@jit
def explain(measured, state, cells):  # type: ignore[no-untyped-def]
    """Compute the deviations that copy number explains, from its coefficients."""
    explained = cells.explained
    explained[:] = 0.0
    add_toxicity(measured, state, explained, 1.0)
    if len(measured.copies) > 0:
        for g in range(len(explained)):
            explained[g] += state.slope[g] * measured.copies[g]


@jit
def add_toxicity(measured, state, out, sign):  # type: ignore[no-untyped-def]
    """Add the effect of cutting that all genes share, given the copy number; (G, C)."""
    for j in range(len(state.toxicity)):
        b = sign * state.toxicity[j]
        for g in range(len(out)):
            for c in range(out.shape[1]):
                out[g, c] += b * measured.segments[g, c, j]


@jit
def expect_mean(scalars, affected, weight):  # type: ignore[no-untyped-def]
    """Expected mean of the guides of a gene, and the sd around it."""
    if affected > 0:
        return scalars[MU] - scalars[DEPTH], scalars[SIGMA_AFFECTED] / np.sqrt(weight)
    return scalars[MU], scalars[SIGMA_GENE]


@jit
def draw_guides(rng, measured, state, cells):  # type: ignore[no-untyped-def]
    """Draw the guides and the slope of each gene, with mu and delta integrated out.

    The covariance of the gene's guides in a line is V = diag(1 / total) + lam^2 var(delta) 11', so
    V^-1 = diag(total) - f total total' with f = lam^2 var / (1 + lam^2 var sum(total)).
    """
    gene_start, lam, theta, v = measured.gene_start, state.lam, state.theta, state.scalars
    totals, means, delta_weight = cells.total, cells.mean, state.delta_weight
    gene_precision, gene_sum = cells.gene_precision, cells.gene_sum
    copies = measured.copies
    n_lines = len(lam)
    has_slope = len(copies) > 0
    size = np.max(np.diff(gene_start)) + has_slope
    precision, linear = np.empty((size, size)), np.empty(size)
    weight = np.empty(size)
    offset = cells.explained
    offset[:] = 0.0
    add_toxicity(measured, state, offset, 1.0)
    for g in range(len(gene_start) - 1):
        first = gene_start[g]
        n = gene_start[g + 1] - first
        expected, sd = expect_mean(v, state.affected[g], state.mu_weight[g])
        prior = np.exp(-2 * state.log_guide_sd[g])
        pooled = prior / (n * prior * sd**2 + 1)
        precision[:], linear[:] = 0.0, 0.0
        for i in range(n):
            for j in range(i):
                precision[i, j] = -pooled * prior * sd**2
            precision[i, i] = prior - pooled * prior * sd**2
            linear[i] = pooled * expected
        if has_slope:
            precision[n, n] = 1 / v[SLOPE_SD] ** 2
        tau2 = np.exp(2 * state.log_tau[g])
        for c in range(n_lines):
            scale = lam[c]
            squared, shift = scale * scale, scale * offset[g, c]
            total, weighted = 0.0, 0.0
            for i in range(n):
                t = totals[first + i, c]
                weight[i] = t
                total += t
                weighted += t * (means[first + i, c] - shift)
            variance = squared * tau2 / delta_weight[g, c]
            f = variance / (1 + variance * total)
            for i in range(n):
                t = weight[i]
                precision[i, i] += squared * t
                linear[i] += scale * t * (means[first + i, c] - shift - f * weighted)
                for j in range(i + 1):
                    precision[i, j] -= squared * f * t * weight[j]
            if has_slope:
                left = 1 - f * total
                x = scale * copies[g, c]
                linear[n] += x * left * weighted
                precision[n, n] += x * x * left * total
                for i in range(n):
                    precision[n, i] += x * scale * left * weight[i]
        draw_normal_vector(rng, precision, linear, n + has_slope)
        for i in range(n):
            theta[first + i] = linear[i]
        if has_slope:
            state.slope[g] = linear[n]
        for c in range(n_lines):
            total, weighted = 0.0, 0.0
            for i in range(first, first + n):
                total += totals[i, c]
                weighted += totals[i, c] * (means[i, c] - lam[c] * theta[i])
            gene_precision[g, c] = total
            gene_sum[g, c] = weighted
    explain(measured, state, cells)


@jit
def draw_toxicity(rng, measured, state, cells, prior_sd):  # type: ignore[no-untyped-def]
    """Draw the effect of copy number that all genes share, with delta integrated out."""
    gene_precision, gene_sum = cells.gene_precision, cells.gene_sum
    segments, delta_weight, other = measured.segments, state.delta_weight, cells.explained
    add_toxicity(measured, state, other, -1.0)
    n_genes, n_lines = gene_sum.shape
    n_segments = len(state.toxicity)
    precision, linear = np.zeros((n_segments, n_segments)), np.zeros(n_segments)
    for j in range(n_segments):
        precision[j, j] = 1 / prior_sd**2
    for g in range(n_genes):
        tau2 = np.exp(2 * state.log_tau[g])
        for c in range(n_lines):
            scale, total = state.lam[c], gene_precision[g, c]
            left = 1 / (1 + scale * scale * tau2 / delta_weight[g, c] * total)
            rest = left * (gene_sum[g, c] - scale * other[g, c] * total)
            for j in range(n_segments):
                x = scale * segments[g, c, j]
                linear[j] += x * rest
                for k in range(j + 1):
                    precision[j, k] += x * scale * segments[g, c, k] * left * total
    draw_normal_vector(rng, precision, linear, n_segments)
    state.toxicity[:] = linear
    add_toxicity(measured, state, other, 1.0)


@jit
def _log_tau_density(x, spread, evidence, mean, sd):  # type: ignore[no-untyped-def]
    """Log density of x = log tau of one gene, with delta integrated out.

    ``spread`` is lam^2 precision / weight in each line, and ``evidence`` is the square of lam times
    the sum of residuals, divided by the weight. One logarithm is computed for many lines.
    """
    tau2 = np.exp(2 * x)
    total = 0.0
    n = len(spread)
    for start in range(0, n, 16):
        product = 1.0
        for c in range(start, min(start + 16, n)):
            q = 1 + tau2 * spread[c]
            product *= q
            total += tau2 * evidence[c] / q
        total -= np.log(product)
    return 0.5 * total - 0.5 * ((x - mean) / sd) ** 2


@jit
def draw_deviations(rng, state, cells, delta_df):  # type: ignore[no-untyped-def]
    """Draw tau with delta integrated out (slice step), then delta, then tau and weights."""
    gene_precision, gene_sum, explained = cells.gene_precision, cells.gene_sum, cells.explained
    lam, delta, delta_weight = state.lam, state.delta, state.delta_weight
    n_genes, n_lines = gene_sum.shape
    spread, evidence, linear = np.empty(n_lines), np.empty(n_lines), np.empty(n_lines)
    mean, sd = state.scalars[TAU_MEAN], state.scalars[TAU_SD]
    for g in range(n_genes):
        for c in range(n_lines):
            scale, weight = lam[c], delta_weight[g, c]
            total = gene_precision[g, c]
            rest = gene_sum[g, c] - scale * explained[g, c] * total
            spread[c] = scale * scale * total / weight
            linear[c] = scale * rest
            evidence[c] = linear[c] * linear[c] / weight
        x = state.log_tau[g]
        height = _log_tau_density(x, spread, evidence, mean, sd) - rng.standard_exponential()
        width = 0.7
        low = x - width * rng.random()
        high = low + width
        left, right = steps_out(rng)
        while left > 0 and _log_tau_density(low, spread, evidence, mean, sd) > height:
            low -= width
            left -= 1
        while right > 0 and _log_tau_density(high, spread, evidence, mean, sd) > height:
            high += width
            right -= 1
        while True:
            new = low + (high - low) * rng.random()
            if _log_tau_density(new, spread, evidence, mean, sd) > height or high - low < 1e-14:
                break
            if new < x:
                low = new
            else:
                high = new
        state.log_tau[g] = new
        inverse = np.exp(-2 * new)
        for c in range(n_lines):
            weight = delta_weight[g, c]
            p = weight * (inverse + spread[c])
            delta[g, c] = linear[c] / p + rng.standard_normal() / np.sqrt(p)
        if delta_df > 0:
            draw_weights(rng, state, g, delta_df)


@jit
def _student_density(x, squares, df, mean, sd):  # type: ignore[no-untyped-def]
    """Log density of x = log tau given the squares of Student-t deviations."""
    inverse = np.exp(-2 * x) / df
    total = 0.0
    n = len(squares)
    for start in range(0, n, 16):
        product = 1.0
        for c in range(start, min(start + 16, n)):
            product *= 1 + squares[c] * inverse
        total += np.log(product)
    return -n * x - 0.5 * (df + 1) * total - 0.5 * ((x - mean) / sd) ** 2


@jit
def draw_weights(rng, state, g, df):  # type: ignore[no-untyped-def]
    """Draw tau given delta, with weights integrated out (slice step), then the weights.

    If a deviation is large, tau and its weight can trade off. This step moves in that direction.
    """
    delta, delta_weight = state.delta, state.delta_weight
    mean, sd = state.scalars[TAU_MEAN], state.scalars[TAU_SD]
    squares = delta[g] ** 2
    x, width = state.log_tau[g], 0.7
    height = _student_density(x, squares, df, mean, sd) - rng.standard_exponential()
    low = x - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    while left > 0 and _student_density(low, squares, df, mean, sd) > height:
        low -= width
        left -= 1
    while right > 0 and _student_density(high, squares, df, mean, sd) > height:
        high += width
        right -= 1
    while True:
        new = low + (high - low) * rng.random()
        if _student_density(new, squares, df, mean, sd) > height or high - low < 1e-14:
            break
        if new < x:
            low = new
        else:
            high = new
    state.log_tau[g] = new
    inverse = np.exp(-2 * new)
    for c in range(len(squares)):
        rate = 0.5 * (df + squares[c] * inverse)
        delta_weight[g, c] = rng.standard_gamma(0.5 * (df + 1)) / rate
