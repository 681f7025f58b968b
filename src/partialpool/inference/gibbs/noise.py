"""Conditional distributions of the noise's weights and of each gene's noise."""

import numpy as np

from partialpool.inference.gibbs.arrays import NOISE_SD
from partialpool.inference.gibbs.primitives import draw_log_scale, jit


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
        sd = state.scalars[NOISE_SD]
        state.log_noise[g] = draw_log_scale(rng, state.log_noise[g], n, squares, 0.0, sd)
        gene = np.exp(-2 * state.log_noise[g])
        for s in range(gene_start[g], gene_start[g + 1]):
            for c in range(n_lines):
                u = noise_weight[s, c] if noise_df > 0 else 1.0
                total[s, c] = precision[s, c] * gene * u
