"""Conditional distributions of the parameters of populations, and a move of the whole level."""

import numpy as np

from partialpool.inference.gibbs import arrays as at
from partialpool.inference.gibbs.primitives import (
    draw_log_scale,
    draw_mean,
    draw_scale,
    jit,
    sum_of_squares,
)


@jit
def draw_populations(rng, measured, state, numbers):  # type: ignore[no-untyped-def]
    """Draw the mean and sd of each population, given its members."""
    v = state.scalars
    v[at.MU] = draw_mean(rng, state.mu, v[at.SIGMA_GENE], numbers.mu_mean, numbers.mu_sd)
    squares = sum_of_squares(state.mu, v[at.MU])
    v[at.SIGMA_GENE] = draw_scale(
        rng, v[at.SIGMA_GENE], len(state.mu), squares, numbers.sigma_gene_sd
    )
    _draw_population(
        rng,
        state.log_guide_sd,
        v,
        at.GUIDE_MEAN,
        numbers.guide_mean,
        numbers.guide_mean_sd,
        numbers.guide_sd_sd,
    )
    _draw_population(
        rng, state.log_tau, v, at.TAU_MEAN, numbers.tau_mean, numbers.tau_mean_sd, numbers.tau_sd_sd
    )
    _draw_population(
        rng,
        state.log_sigma,
        v,
        at.SIGMA_MEAN,
        numbers.sigma_mean,
        numbers.sigma_mean_sd,
        numbers.sigma_sd_sd,
    )
    _draw_population(
        rng,
        state.log_omega,
        v,
        at.OMEGA_MEAN,
        numbers.omega_mean,
        numbers.omega_mean_sd,
        numbers.omega_sd_sd,
    )
    squares = sum_of_squares(state.log_noise, 0.0)
    v[at.NOISE_SD] = draw_scale(
        rng, v[at.NOISE_SD], len(state.log_noise), squares, numbers.noise_sd_sd
    )
    n_lines = len(state.lam)
    if n_lines > 1:  # logarithms that sum to zero have one degree of freedom less
        squares = sum_of_squares(np.log(state.lam), 0.0)
        v[at.LAMBDA_SD] = draw_scale(
            rng, v[at.LAMBDA_SD], n_lines - 1, squares, numbers.lambda_sd_sd
        )
    if len(measured.copies) > 0:
        squares = sum_of_squares(state.slope, 0.0)
        v[at.SLOPE_SD] = draw_scale(
            rng, v[at.SLOPE_SD], len(state.slope), squares, numbers.slope_sd_sd
        )


@jit
def _draw_population(rng, values, scalars, mean_at, prior_mean, prior_mean_sd, prior_sd_sd):  # type: ignore[no-untyped-def]
    """Draw a mean and the sd that follows it in ``scalars``."""
    scalars[mean_at] = draw_mean(rng, values, scalars[mean_at + 1], prior_mean, prior_mean_sd)
    squares = sum_of_squares(values, scalars[mean_at])
    scalars[mean_at + 1] = draw_scale(rng, scalars[mean_at + 1], len(values), squares, prior_sd_sd)


@jit
def draw_gene_means(rng, measured, state):  # type: ignore[no-untyped-def]
    """Draw the mean and spread of the guides of each gene, given the guides."""
    scalars, gene_start = state.scalars, measured.gene_start
    prior = scalars[at.SIGMA_GENE] ** -2
    expected, sd = scalars[at.GUIDE_MEAN], scalars[at.GUIDE_SD]
    for g in range(len(state.mu)):
        own = state.theta[gene_start[g] : gene_start[g + 1]]
        weight = np.exp(-2 * state.log_guide_sd[g])
        precision = prior + len(own) * weight
        centre = (prior * scalars[at.MU] + weight * own.sum()) / precision
        state.mu[g] = centre + rng.standard_normal() / np.sqrt(precision)
        squares = sum_of_squares(own, state.mu[g])
        state.log_guide_sd[g] = draw_log_scale(
            rng, state.log_guide_sd[g], len(own), squares, expected, sd
        )


@jit
def shift_level(rng, measured, state, numbers):  # type: ignore[no-untyped-def]
    """Draw t, which lowers theta and mu by t and raises levels by lam t.

    The data do not determine t, so steps of single levels and effects hardly move in this
    direction.
    """
    precision = numbers.mu_sd**-2
    linear = precision * (state.scalars[at.MU] - numbers.mu_mean)
    for c in range(len(state.lam)):
        for r in range(measured.line_start[c], measured.line_start[c + 1]):
            precision += (state.lam[c] / numbers.level_sd) ** 2
            linear -= state.lam[c] * state.level[r] / numbers.level_sd**2
    t = linear / precision + rng.standard_normal() / np.sqrt(precision)
    state.scalars[at.MU] -= t
    state.mu[:] -= t
    state.theta[:] -= t
    for c in range(len(state.lam)):
        for r in range(measured.line_start[c], measured.line_start[c + 1]):
            state.level[r] += state.lam[c] * t


@jit
def shift_noise(rng, state, numbers):  # type: ignore[no-untyped-def]
    """Draw t, which raises the log noise of all genes by t and lowers log sigma and log omega.

    The data do not determine t. If noise hardly differs between replicates or genes, steps of
    single parameters hardly move in this direction.
    """
    v = state.scalars
    sd = v[at.NOISE_SD]
    precision = len(state.log_noise) / sd**2 + numbers.sigma_mean_sd**-2 + numbers.omega_mean_sd**-2
    linear = (
        -state.log_noise.sum() / sd**2
        + (v[at.SIGMA_MEAN] - numbers.sigma_mean) / numbers.sigma_mean_sd**2
        + (v[at.OMEGA_MEAN] - numbers.omega_mean) / numbers.omega_mean_sd**2
    )
    t = linear / precision + rng.standard_normal() / np.sqrt(precision)
    state.log_noise[:] += t
    state.log_sigma[:] -= t
    state.log_omega[:] -= t
    v[at.SIGMA_MEAN] -= t
    v[at.OMEGA_MEAN] -= t
