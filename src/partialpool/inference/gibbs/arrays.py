"""Data of the compiled sampler: plain records of arrays, without labels.

Genes, guides, lines and replicates are numbered. Guides are sorted by gene and replicates by line.
In shapes, there are G genes, S guides, C lines, R replicates and J copy-number segments.
"""

from typing import NamedTuple

from partialpool.screen import Floats, Ints

#: Positions in ``State.scalars``.
(
    MU,
    SIGMA_GENE,
    GUIDE_MEAN,
    GUIDE_SD,
    TAU_MEAN,
    TAU_SD,
    LAMBDA_SD,
    SIGMA_MEAN,
    SIGMA_SD,
    OMEGA_MEAN,
    OMEGA_SD,
    NOISE_SD,
    SLOPE_SD,
    SHARE,
    DEPTH,
    SIGMA_AFFECTED,
    EXCESS,
) = range(17)
SCALAR_NAMES = (
    "mu",
    "sigma_gene",
    "mean_log_sigma_sgrna",
    "sd_log_sigma_sgrna",
    "mean_log_tau",
    "sd_log_tau",
    "sd_log_lambda",
    "mean_log_sigma",
    "sd_log_sigma",
    "mean_log_omega",
    "sd_log_omega",
    "sd_log_gene_noise",
    "sigma_copy_number",
    "share_affected",
    "depth",
    "sigma_affected",
    "excess_log_sigma_sgrna",
)


class Measured(NamedTuple):
    """The measurements of a screen.

    Attributes
    ----------
    observed
        (S, R) log2 fold changes, NaN if not measured.
    lfc
        (S, R) the same without the noise of counting, which each chain draws. Without such noise,
        the same array.
    count_variance
        (S, R) variance that counting adds; (0, 0) without such noise.
    gene_start
        (G + 1,) first guide of each gene.
    line_start
        (C + 1,) first replicate of each line.
    pattern
        (S, C) replicates of the line that measured the guide, as a row of ``members``; -1 if none.
    pattern_start
        (C + 1,) first row of ``members`` of each line.
    members
        (P, max replicates of a line) 1 if the replicate belongs to the pattern.
    pattern_size
        (P,) number of replicates of each pattern.
    segments
        (G, C, J) log2 copies, split into segments.
    copies
        (G, C) log2 copies minus their mean over the lines, for the gene's own slope; (0, 0)
        without copy numbers.
    """

    observed: Floats
    lfc: Floats
    count_variance: Floats
    gene_start: Ints
    line_start: Ints
    pattern: Ints
    pattern_start: Ints
    members: Floats
    pattern_size: Floats
    segments: Floats
    copies: Floats


class Numbers(NamedTuple):
    """Numbers of the priors. For a scale, ``..._sd`` is the sd of its half-normal prior."""

    level_sd: float
    mu_mean: float
    mu_sd: float
    sigma_gene_mean: float
    sigma_gene_sd: float
    depth_sd: float
    sigma_affected_mean: float
    sigma_affected_sd: float
    affected_df: float
    guide_mean: float
    guide_mean_sd: float
    guide_sd_sd: float
    excess_mean: float
    excess_sd: float
    tau_mean: float
    tau_mean_sd: float
    tau_sd_sd: float
    lambda_sd_sd: float
    sigma_mean: float
    sigma_mean_sd: float
    sigma_sd_sd: float
    omega_mean: float
    omega_mean_sd: float
    omega_sd_sd: float
    noise_sd_sd: float
    segment_sd: float
    slope_sd_sd: float
    delta_df: float
    noise_df: float


class State(NamedTuple):
    """One point of the posterior. Arrays are changed in place.

    Attributes
    ----------
    level, log_sigma
        (R,) levels and log noise of the replicates.
    lam, log_omega
        (C,) parameters of the lines.
    theta
        (S,) effects of the guides.
    mu, log_guide_sd, log_tau, log_noise, slope
        (G,) parameters of the genes.
    affected
        (G,) 1 if the gene is one of those with an effect, otherwise 0.
    mu_weight
        (G,) weights of the scale mixture of mu of genes with an effect.
    delta
        (G, C) deviations that copy number does not explain.
    delta_weight
        (G, C) weights of the scale mixture of delta.
    noise_weight
        (S, C) weights of the scale mixture of the noise.
    toxicity
        (J,) effects of copy number that all genes share.
    scalars
        Parameters of the populations, in the order of ``SCALAR_NAMES``.
    """

    level: Floats
    log_sigma: Floats
    lam: Floats
    log_omega: Floats
    theta: Floats
    mu: Floats
    affected: Floats
    mu_weight: Floats
    log_guide_sd: Floats
    log_tau: Floats
    log_noise: Floats
    slope: Floats
    delta: Floats
    delta_weight: Floats
    noise_weight: Floats
    toxicity: Floats
    scalars: Floats


class Cells(NamedTuple):
    """Summaries of the replicates of a line by guide and by gene, updated in every sweep.

    Attributes
    ----------
    mean
        (S, C) precision-weighted mean over the replicates of lfc - level.
    precision
        (S, C) precision of that mean, including eta, before weights; 0 if not measured.
    within
        (S, C) weighted sum of squares of the replicates around their mean.
    total
        (S, C) precision times the weights of the noise and of the gene.
    gene_precision
        (G, C) sum of ``total`` over the guides.
    gene_sum
        (G, C) sum over the guides of ``total`` x (mean - lam theta).
    explained
        (G, C) deviation that copy number explains.
    """

    mean: Floats
    precision: Floats
    within: Floats
    total: Floats
    gene_precision: Floats
    gene_sum: Floats
    explained: Floats
