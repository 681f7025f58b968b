"""Conditional distributions of the weights of the noise, and of each gene's noise."""

import numpy as np

from partialpool.inference.gibbs.arrays import NOISE_SD
from partialpool.inference.gibbs.primitives import draw_log_scale, jit, steps_out


@jit
def draw_count_noise(rng, measured, state, cells, noise_varies):  # type: ignore[no-untyped-def]
    """Draw the noise of counting of each measurement, and subtract it from what was observed.

    It is drawn jointly with eta, which is not stored.
    """
    gene_start, line_start = measured.gene_start, measured.line_start
    observed, lfc, added = measured.observed, measured.lfc, measured.count_variance
    sigma2, omega2 = np.exp(2 * state.log_sigma), np.exp(2 * state.log_omega)
    for g in range(len(gene_start) - 1):
        gene = np.exp(2 * state.log_noise[g])
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(len(omega2)):
                scale = gene / state.noise_weight[s, c] if noise_varies else gene
                deviation = cells.explained[g, c] + state.delta[g, c]
                fitted = state.lam[c] * (state.theta[s] + deviation)
                precision, linear = 1 / (scale * omega2[c]), 0.0
                for r in range(line_start[c], line_start[c + 1]):
                    if not np.isnan(observed[s, r]):
                        p = 1 / (scale * sigma2[r] + added[s, r])
                        precision += p
                        linear += p * (observed[s, r] - state.level[r] - fitted)
                eta = linear / precision + rng.standard_normal() / np.sqrt(precision)
                for r in range(line_start[c], line_start[c + 1]):
                    variance = scale * sigma2[r]
                    share = added[s, r] / (added[s, r] + variance)
                    rest = observed[s, r] - state.level[r] - fitted - eta
                    noise = share * rest + np.sqrt(share * variance) * rng.standard_normal()
                    lfc[s, r] = observed[s, r] - noise


@jit
def draw_noise(rng, measured, state, cells, noise_df):  # type: ignore[no-untyped-def]
    """Draw the weight of each cell's noise and the noise of each gene, and update the cells."""
    gene_start, pattern, size = measured.gene_start, measured.pattern, measured.pattern_size
    mean, precision, within, total = cells.mean, cells.precision, cells.within, cells.total
    lam, theta, delta, explained = state.lam, state.theta, state.delta, cells.explained
    noise_weight = state.noise_weight
    n_lines = len(lam)
    for g in range(len(gene_start) - 1):
        gene = np.exp(-2 * state.log_noise[g])
        n, squares = 0.0, 0.0
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                if pattern[s, c] >= 0:
                    d = mean[s, c] - lam[c] * (theta[s] + explained[g, c] + delta[g, c])
                    distance = d * d * precision[s, c] + within[s, c]
                    if noise_df > 0:
                        shape = 0.5 * (noise_df + size[pattern[s, c]])
                        rate = 0.5 * (noise_df + distance * gene)
                        noise_weight[s, c] = rng.standard_gamma(shape) / rate
                        distance *= noise_weight[s, c]
                    n += size[pattern[s, c]]
                    squares += distance
        sd = state.scalars[NOISE_SD]
        state.log_noise[g] = draw_log_scale(rng, state.log_noise[g], n, squares, 0.0, sd)
        gene = np.exp(-2 * state.log_noise[g])
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                u = noise_weight[s, c] if noise_df > 0 else 1.0
                total[s, c] = precision[s, c] * gene * u


@jit
def _deviation_density(x, scale, df, inverse, noise_df, n, residual, within, precision, sizes):  # type: ignore[no-untyped-def]
    """Log density of a deviation ``x``, given ``n`` guides, with all weights integrated out."""
    density = -0.5 * (df + 1) * np.log(1 + x * x * inverse / df)
    for i in range(n):
        d = residual[i] - scale * x
        distance = within[i] + precision[i] * d * d
        density -= 0.5 * (noise_df + sizes[i]) * np.log(1 + distance / noise_df)
    return density


@jit
def refine(rng, measured, state, cells, which, widths, df, noise_df):  # type: ignore[no-untyped-def]
    """Draw some deviations again with their weights integrated out (slice), then the weights.

    If guides disagree, Student-t noise and deviations have two modes: either some guides are
    outliers, or the others are. Given the weights, a chain rarely moves from one mode to the other.
    ``which`` is (n, 2): gene and line.
    """
    gene_start, pattern, size = measured.gene_start, measured.pattern, measured.pattern_size
    widest = np.max(np.diff(gene_start))
    residual, within = np.empty(widest), np.empty(widest)
    precision, sizes = np.empty(widest), np.empty(widest)
    for k in range(len(which)):
        g, c = which[k]
        scale, gene = state.lam[c], np.exp(-2 * state.log_noise[g])
        inverse = np.exp(-2 * state.log_tau[g])
        n = 0
        for s in range(gene_start[g], gene_start[g + 1]):
            if pattern[s, c] >= 0:
                fitted = scale * (state.theta[s] + cells.explained[g, c])
                residual[n] = cells.mean[s, c] - fitted
                within[n] = cells.within[s, c] * gene
                precision[n] = cells.precision[s, c] * gene
                sizes[n] = size[pattern[s, c]]
                n += 1
        known = (scale, df, inverse, noise_df, n, residual, within, precision, sizes)
        x = state.delta[g, c]
        height = _deviation_density(x, *known) - rng.standard_exponential()
        low = x - widths[k] * rng.random()
        high = low + widths[k]
        left, right = steps_out(rng)
        while left > 0 and _deviation_density(low, *known) > height:
            low -= widths[k]
            left -= 1
        while right > 0 and _deviation_density(high, *known) > height:
            high += widths[k]
            right -= 1
        while True:
            new = low + (high - low) * rng.random()
            if _deviation_density(new, *known) > height or high - low < 1e-14:
                break
            if new < x:
                low = new
            else:
                high = new
        state.delta[g, c] = new
        rate = 0.5 * (df + new * new * inverse)
        state.delta_weight[g, c] = rng.standard_gamma(0.5 * (df + 1)) / rate
        n = 0
        for s in range(gene_start[g], gene_start[g + 1]):
            if pattern[s, c] >= 0:
                distance = within[n] + precision[n] * (residual[n] - scale * new) ** 2
                u = rng.standard_gamma(0.5 * (noise_df + sizes[n])) / (0.5 * (noise_df + distance))
                state.noise_weight[s, c] = u
                cells.total[s, c] = precision[n] * u
                n += 1
