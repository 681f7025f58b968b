"""Conditional distributions of the noise's weights and of each gene's noise."""

import numpy as np

from partialpool.inference.gibbs.arrays import NOISE_SD
from partialpool.inference.gibbs.primitives import jit


@jit
def draw_noise(rng, measured, state, cells, noise_df):  # type: ignore[no-untyped-def]
    """Draw the weight of each cell's noise and the noise of each gene, and weigh the cells anew."""
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
        _draw_gene_noise(rng, state, g, n, squares)
        gene = np.exp(-2 * state.log_noise[g])
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                u = noise_weight[s, c] if noise_df > 0 else 1.0
                total[s, c] = precision[s, c] * gene * u


@jit
def _gene_noise_density(x, n, squares, sd):  # type: ignore[no-untyped-def]
    """Log density of x = log of a gene's noise: ``n`` normals, and its population."""
    return -n * x - 0.5 * squares * np.exp(-2 * x) - 0.5 * (x / sd) ** 2


@jit
def _draw_gene_noise(rng, state, g, n, squares):  # type: ignore[no-untyped-def]
    x, sd = state.log_noise[g], state.scalars[NOISE_SD]
    width = 2 / np.sqrt(2 * n + 1 / sd**2)
    height = _gene_noise_density(x, n, squares, sd) - rng.standard_exponential()
    low = x - width * rng.random()
    high = low + width
    while _gene_noise_density(low, n, squares, sd) > height:
        low -= width
    while _gene_noise_density(high, n, squares, sd) > height:
        high += width
    while True:
        new = low + (high - low) * rng.random()
        if _gene_noise_density(new, n, squares, sd) > height or high - low < 1e-14:
            break
        if new < x:
            low = new
        else:
            high = new
    state.log_noise[g] = new
