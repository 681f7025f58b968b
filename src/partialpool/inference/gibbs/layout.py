"""Arrays of the compiled sampler from a screen with labels, and a starting point."""

from __future__ import annotations

import numpy as np

from partialpool.inference.gibbs import arrays as at
from partialpool.inference.gibbs.arrays import Cells, Measured, Numbers, State
from partialpool.models.dependency import DependencyPriors, copy_segments
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.screen import Floats, Ints


def lay_out(matrix: GuideMatrix) -> Measured:
    """Make the arrays of a screen."""
    n_genes, _, n_lines, _ = matrix.shape
    line_start = _starts(matrix.cell_line_of_replicate, n_lines)
    pattern, pattern_start, members = _patterns(~np.isnan(matrix.lfc), line_start)
    copies = np.zeros((0, 0))
    segments = np.zeros((n_genes, n_lines, 0))
    if matrix.copies is not None:
        copies = matrix.copies - matrix.copies.mean(axis=1, keepdims=True)
        segments = copy_segments(matrix.copies)
    observed = np.ascontiguousarray(matrix.lfc)
    noise = np.zeros((0, 0)) if matrix.count_sd is None else matrix.count_sd
    return Measured(
        observed=observed,
        lfc=observed,
        count_variance=np.ascontiguousarray(noise**2),
        gene_start=_starts(matrix.gene_of_sgrna, n_genes),
        line_start=line_start,
        pattern=pattern,
        pattern_start=pattern_start,
        members=members,
        pattern_size=members.sum(axis=1),
        segments=np.ascontiguousarray(segments),
        copies=np.ascontiguousarray(copies),
    )


def _starts(owner: Ints, n: int) -> Ints:
    return np.searchsorted(owner, np.arange(n + 1)).astype(np.intp)


def _patterns(measured: np.ndarray, line_start: Ints) -> tuple[Ints, Ints, Floats]:
    """Find the sets of a line's replicates that measured each guide; see ``Measured``."""
    n_guides, n_lines = len(measured), len(line_start) - 1
    widest = int(np.max(np.diff(line_start)))
    pattern = np.full((n_guides, n_lines), -1, dtype=np.intp)
    members: list[Floats] = []
    starts = [0]
    for line in range(n_lines):
        own = measured[:, line_start[line] : line_start[line + 1]]
        sets, which = np.unique(own, axis=0, return_inverse=True)
        for number, held in enumerate(sets):
            if held.any():
                pattern[which.ravel() == number, line] = len(members)
                members.append(np.pad(held.astype(float), (0, widest - len(held))))
        starts.append(len(members))
    return pattern, np.array(starts, dtype=np.intp), np.array(members)


def as_numbers(priors: DependencyPriors) -> Numbers:
    """Convert the priors to the form that the compiled code reads."""
    p = priors
    return Numbers(
        level_sd=p.level.sigma,
        mu_mean=p.mu.mu,
        mu_sd=p.mu.sigma,
        sigma_gene_mean=p.log_sigma_gene.mu,
        sigma_gene_sd=p.log_sigma_gene.sigma,
        depth_sd=p.depth.sigma,
        sigma_affected_mean=p.log_sigma_affected.mu,
        sigma_affected_sd=p.log_sigma_affected.sigma,
        affected_df=p.affected_df or 0.0,
        guide_mean=p.mean_log_sigma_sgrna.mu,
        guide_mean_sd=p.mean_log_sigma_sgrna.sigma,
        guide_sd_sd=p.sd_log_sigma_sgrna.sigma,
        excess_mean=p.excess_log_sigma_sgrna.mu,
        excess_sd=p.excess_log_sigma_sgrna.sigma,
        tau_mean=p.mean_log_tau.mu,
        tau_mean_sd=p.mean_log_tau.sigma,
        tau_sd_sd=p.sd_log_tau.sigma,
        lambda_sd_sd=p.sd_log_lambda.sigma,
        sigma_mean=p.mean_log_sigma.mu,
        sigma_mean_sd=p.mean_log_sigma.sigma,
        sigma_sd_sd=p.sd_log_sigma.sigma,
        omega_mean=p.mean_log_omega.mu,
        omega_mean_sd=p.mean_log_omega.sigma,
        omega_sd_sd=p.sd_log_omega.sigma,
        noise_sd_sd=p.sd_log_gene_noise.sigma,
        segment_sd=p.copy_number.sigma,
        slope_sd_sd=p.sd_copy_number.sigma,
        delta_df=p.delta_df or 0.0,
        noise_df=p.noise_df or 0.0,
    )


def start(measured: Measured, priors: DependencyPriors, rng: np.random.Generator) -> State:
    """Choose a dispersed starting point: means of the data and of the priors, plus noise."""
    n_guides, n_replicates = measured.lfc.shape
    n_genes, n_lines = len(measured.gene_start) - 1, len(measured.line_start) - 1
    scalars = np.zeros(len(at.SCALAR_NAMES))
    for which, value in {
        at.GUIDE_MEAN: priors.mean_log_sigma_sgrna.mu,
        at.TAU_MEAN: priors.mean_log_tau.mu,
        at.SIGMA_MEAN: priors.mean_log_sigma.mu,
        at.OMEGA_MEAN: priors.mean_log_omega.mu,
        at.EXCESS: priors.excess_log_sigma_sgrna.mu,
    }.items():
        scalars[which] = value + 0.3 * rng.standard_normal()
    for which, sd in {
        at.SHARE: 1.0,
        at.DEPTH: priors.depth.sigma,
        at.GUIDE_SD: priors.sd_log_sigma_sgrna.sigma,
        at.TAU_SD: priors.sd_log_tau.sigma,
        at.LAMBDA_SD: priors.sd_log_lambda.sigma,
        at.SIGMA_SD: priors.sd_log_sigma.sigma,
        at.OMEGA_SD: priors.sd_log_omega.sigma,
        at.NOISE_SD: priors.sd_log_gene_noise.sigma,
        at.SLOPE_SD: priors.sd_copy_number.sigma,
    }.items():
        scalars[which] = sd * (0.3 + 0.4 * rng.random())
    seen = ~np.isnan(measured.lfc)
    mean = np.where(seen, measured.lfc, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    theta = mean + 0.1 * rng.standard_normal(n_guides)
    mu = np.add.reduceat(theta, measured.gene_start[:-1]) / np.diff(measured.gene_start)
    # Most genes are assumed to have no effect, so those above the median show their spread.
    middle = np.median(mu)
    spread = max(np.sqrt(np.mean((mu[mu >= middle] - middle) ** 2)), 0.05)
    affected = (np.abs(mu - middle) > 2 * spread).astype(float)
    scalars[at.MU], scalars[at.SIGMA_GENE] = middle, spread * (0.7 + 0.6 * rng.random())
    scalars[at.SIGMA_AFFECTED] = np.exp(priors.log_sigma_affected.mu)
    log_lam = 0.2 * rng.standard_normal(n_lines)
    return State(
        level=rng.normal(0, np.full(n_replicates, 0.05)),
        log_sigma=scalars[at.SIGMA_MEAN] + 0.2 * rng.standard_normal(n_replicates),
        lam=np.exp(log_lam - log_lam.mean()),
        log_omega=scalars[at.OMEGA_MEAN] + 0.2 * rng.standard_normal(n_lines),
        theta=theta,
        mu=mu,
        affected=affected,
        mu_weight=np.ones(n_genes),
        log_guide_sd=scalars[at.GUIDE_MEAN] + 0.2 * rng.standard_normal(n_genes),
        log_tau=scalars[at.TAU_MEAN] + 0.2 * rng.standard_normal(n_genes),
        log_noise=0.05 * rng.standard_normal(n_genes),
        slope=np.zeros(n_genes),
        delta=np.zeros((n_genes, n_lines)),
        delta_weight=np.ones((n_genes, n_lines)),
        noise_weight=np.ones((n_guides, n_lines)),
        toxicity=np.zeros(measured.segments.shape[2]),
        scalars=scalars,
    )


def room(measured: Measured) -> tuple[Cells, Floats]:
    """Allocate work arrays: ``Cells`` and moments."""
    n_guides = len(measured.lfc)
    n_genes, n_lines = len(measured.gene_start) - 1, len(measured.line_start) - 1
    widest = measured.members.shape[1]
    cells = Cells(
        *(np.zeros((n_guides, n_lines)) for _ in range(4)),
        *(np.zeros((n_genes, n_lines)) for _ in range(3)),
    )
    return cells, np.zeros((len(measured.members), 2 + widest + widest**2))
