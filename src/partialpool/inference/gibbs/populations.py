"""Conditional distributions of the parameters of populations, and a move of the whole level."""

import numpy as np

from partialpool.inference.gibbs import arrays as at
from partialpool.inference.gibbs.genes import expect_mean
from partialpool.inference.gibbs.primitives import (
    draw_log_scale,
    draw_mean,
    draw_positive_normal,
    draw_scale,
    jit,
    steps_out,
    sum_of_squares,
)


@jit
def draw_populations(rng, measured, state, numbers):  # type: ignore[no-untyped-def]
    """Draw the mean and sd of each population, given its members."""
    v = state.scalars
    draw_spreads(rng, measured, state, numbers)
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
def draw_means(rng, measured, state, numbers):  # type: ignore[no-untyped-def]
    """Draw the share of genes with an effect, and means and sds of both kinds of genes.

    The means of single genes are integrated out. They must be drawn next.
    """
    v, affected, gene_start = state.scalars, state.affected, measured.gene_start
    n_genes = len(affected)
    mean, variance = np.empty(n_genes), np.empty(n_genes)
    precision, linear = numbers.mu_sd**-2, numbers.mu_mean * numbers.mu_sd**-2
    number, total, sums = 0.0, 0.0, 0.0
    for g in range(n_genes):
        own = state.theta[gene_start[g] : gene_start[g + 1]]
        mean[g] = own.sum() / len(own)
        variance[g] = np.exp(2 * state.log_guide_sd[g]) / len(own)
        sd = expect_mean(v, affected[g], state.mu_weight[g])[1]
        p = 1 / (sd**2 + variance[g])
        precision += p
        linear += p * (mean[g] + affected[g] * v[at.DEPTH])
        number += affected[g]
        total += affected[g] * p
        sums += affected[g] * p * mean[g]
    a, b = rng.standard_gamma(1 + number), rng.standard_gamma(1 + n_genes - number)
    v[at.SHARE] = min(max(a / (a + b), 1e-12), 1 - 1e-12)
    v[at.MU] = linear / precision + rng.standard_normal() / np.sqrt(precision)
    precision = total + numbers.depth_sd**-2
    linear = total * v[at.MU] - sums
    v[at.DEPTH] = draw_positive_normal(rng, linear / precision, 1 / np.sqrt(precision))
    for g in range(n_genes):
        mean[g] -= v[at.MU] - affected[g] * v[at.DEPTH]
    v[at.SIGMA_GENE] = _draw_spread_of_means(
        rng,
        v[at.SIGMA_GENE],
        0.0,
        (affected, state.mu_weight, mean, variance),
        numbers.sigma_gene_mean,
        numbers.sigma_gene_sd,
    )
    v[at.SIGMA_AFFECTED] = _draw_spread_of_means(
        rng,
        v[at.SIGMA_AFFECTED],
        1.0,
        (affected, state.mu_weight, mean, variance),
        numbers.sigma_affected_mean,
        numbers.sigma_affected_sd,
    )


@jit
def _spread_of_means_density(x, kind, genes, mean, sd):  # type: ignore[no-untyped-def]
    """Log density of x = log sd of the means of a kind of genes; prior N(mean, sd)."""
    affected, weight, distance, variance = genes
    scale = np.exp(2 * x)
    density = -0.5 * ((x - mean) / sd) ** 2
    for g in range(len(affected)):
        if affected[g] == kind:
            total = (scale / weight[g] if kind > 0 else scale) + variance[g]
            density -= 0.5 * (np.log(total) + distance[g] ** 2 / total)
    return density


@jit
def _draw_spread_of_means(rng, sigma, kind, genes, mean, sd):  # type: ignore[no-untyped-def]
    """Draw the sd of the means of a kind of genes (slice step)."""
    x, width = np.log(sigma), 0.5
    height = _spread_of_means_density(x, kind, genes, mean, sd) - rng.standard_exponential()
    low = x - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    while left > 0 and _spread_of_means_density(low, kind, genes, mean, sd) > height:
        low -= width
        left -= 1
    while right > 0 and _spread_of_means_density(high, kind, genes, mean, sd) > height:
        high += width
        right -= 1
    while True:
        new = low + (high - low) * rng.random()
        if _spread_of_means_density(new, kind, genes, mean, sd) > height or high - low < 1e-14:
            return np.exp(new)
        if new < x:
            low = new
        else:
            high = new


@jit
def draw_genes(rng, measured, state, affected_df):  # type: ignore[no-untyped-def]
    """Draw which genes have an effect, and the mean and spread of each gene's guides.

    The first is drawn with the mean integrated out and the spread relative to that of its kind.
    """
    v, gene_start = state.scalars, measured.gene_start
    sd, excess = v[at.GUIDE_SD], v[at.EXCESS]
    prior = np.log(v[at.SHARE]) - np.log1p(-v[at.SHARE])
    for g in range(len(state.mu)):
        own = state.theta[gene_start[g] : gene_start[g + 1]]
        n, weight = len(own), state.mu_weight[g]
        mean = own.sum() / n
        squares = sum_of_squares(own, mean)
        base = state.log_guide_sd[g] - excess * state.affected[g]
        without = _kind_density(v, 0.0, weight, base, n, mean, squares)
        log_odds = prior + _kind_density(v, 1.0, weight, base + excess, n, mean, squares) - without
        affected = 1.0 if rng.random() * (1 + np.exp(-log_odds)) < 1 else 0.0
        spread = base + excess * affected
        expected, of_mean = expect_mean(v, affected, weight)
        given, prior_precision = n * np.exp(-2 * spread), of_mean**-2
        precision = given + prior_precision
        centre = (given * mean + prior_precision * expected) / precision
        state.mu[g] = centre + rng.standard_normal() / np.sqrt(precision)
        state.affected[g] = affected
        squares += n * (mean - state.mu[g]) ** 2
        state.log_guide_sd[g] = draw_log_scale(
            rng, spread, n, squares, v[at.GUIDE_MEAN] + excess * affected, sd
        )
        if affected_df > 0:
            z = affected * (state.mu[g] - v[at.MU] + v[at.DEPTH]) / v[at.SIGMA_AFFECTED]
            rate = 0.5 * (affected_df + z * z)
            state.mu_weight[g] = rng.standard_gamma(0.5 * (affected_df + affected)) / rate


@jit
def _kind_density(scalars, affected, weight, log_sd, n, mean, squares):  # type: ignore[no-untyped-def]
    """Log density of the ``n`` guides of a gene, with its mean integrated out.

    ``mean`` is that of the guides, and ``squares`` the sum of their squared distances from it.
    """
    expected, sd = expect_mean(scalars, affected, weight)
    variance = np.exp(2 * log_sd)
    of_mean = sd**2 + variance / n
    distance = (mean - expected) ** 2 / of_mean
    return -(n - 1) * log_sd - 0.5 * (squares / variance + np.log(of_mean) + distance)


@jit
def draw_spreads(rng, measured, state, numbers):  # type: ignore[no-untyped-def]
    """Draw the mean log spread of guides of both kinds of genes, and its sd.

    They are drawn twice: given the spreads, and together with all spreads.
    """
    v, affected, spread = state.scalars, state.affected, state.log_guide_sd
    gene_start, n = measured.gene_start, len(spread)
    sd, number = v[at.GUIDE_SD], affected.sum()
    linear = (spread.sum() - v[at.EXCESS] * number) / sd**2
    linear += numbers.guide_mean * numbers.guide_mean_sd**-2
    precision = n / sd**2 + numbers.guide_mean_sd**-2
    v[at.GUIDE_MEAN] = linear / precision + rng.standard_normal() / np.sqrt(precision)
    linear = ((spread * affected).sum() - v[at.GUIDE_MEAN] * number) / sd**2
    linear += numbers.excess_mean * numbers.excess_sd**-2
    precision = number / sd**2 + numbers.excess_sd**-2
    v[at.EXCESS] = linear / precision + rng.standard_normal() / np.sqrt(precision)
    z, counts, squares = np.empty(n), np.empty(n), np.empty(n)
    total = 0.0
    for g in range(n):
        own = state.theta[gene_start[g] : gene_start[g + 1]]
        counts[g], squares[g] = len(own), sum_of_squares(own, state.mu[g])
        z[g] = spread[g] - v[at.GUIDE_MEAN] - v[at.EXCESS] * affected[g]
        total += z[g] ** 2
    v[at.GUIDE_SD] = draw_scale(rng, sd, n, total, numbers.guide_sd_sd)
    sd = v[at.GUIDE_SD]
    z /= sd
    count, within = counts * affected, squares * np.exp(-2 * sd * z)
    v[at.GUIDE_MEAN] = draw_log_scale(
        rng,
        v[at.GUIDE_MEAN],
        counts.sum(),
        (within * np.exp(-2 * v[at.EXCESS] * affected)).sum(),
        numbers.guide_mean,
        numbers.guide_mean_sd,
    )
    v[at.EXCESS] = draw_log_scale(
        rng,
        v[at.EXCESS],
        count.sum(),
        (within * affected).sum() * np.exp(-2 * v[at.GUIDE_MEAN]),
        numbers.excess_mean,
        numbers.excess_sd,
    )
    spread[:] = v[at.GUIDE_MEAN] + v[at.EXCESS] * affected
    squares *= np.exp(-2 * spread)
    v[at.GUIDE_SD] = _draw_sd_of_spreads(
        rng, sd, z, squares, (counts * z).sum(), numbers.guide_sd_sd
    )
    spread += v[at.GUIDE_SD] * z


@jit
def _sd_of_spreads_density(sd, z, squares, slope, prior_sd):  # type: ignore[no-untyped-def]
    """Log density of the sd of log spreads, which are sd z beyond their expectation.

    ``slope`` is the sum of z over the guides.
    """
    density = -sd * slope - 0.5 * (sd / prior_sd) ** 2
    for g in range(len(z)):
        density -= 0.5 * squares[g] * np.exp(-2 * sd * z[g])
    return density


@jit
def _draw_sd_of_spreads(rng, sd, z, squares, slope, prior_sd):  # type: ignore[no-untyped-def]
    """Draw the sd of log spreads, which move with it.

    This is a slice step for the sd itself, because its logarithm has no lower limit.
    """
    width = 0.2
    height = _sd_of_spreads_density(sd, z, squares, slope, prior_sd) - rng.standard_exponential()
    low = sd - width * rng.random()
    high = low + width
    left, right = steps_out(rng)
    known = (z, squares, slope, prior_sd)
    while left > 0 and low > 0 and _sd_of_spreads_density(low, *known) > height:
        low -= width
        left -= 1
    while right > 0 and _sd_of_spreads_density(high, *known) > height:
        high += width
        right -= 1
    low = max(low, 0.0)
    while True:
        new = low + (high - low) * rng.random()
        d = _sd_of_spreads_density(new, z, squares, slope, prior_sd)
        if d > height or high - low < 1e-14:
            return max(new, 1e-9)
        if new < sd:
            low = new
        else:
            high = new


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
