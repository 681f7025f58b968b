"""The planted effects of the simulated DepMap-like screen."""

from typing import NamedTuple

import numpy as np

from partialpool.parameters import Parameters
from partialpool.simulation.quantities import Positive, Real, Spread


class EffectSettings(Parameters):
    """Hyperparameters of the planted effects, in LFC units.

    Slopes are per standard deviation of their covariate within a gene. `cn_max` is where `gene_cn`
    is clipped. `published_gene_means` (mean LFC of a gene) and `mutation_effect` are by gene
    symbol; a gene without a mean has its guides drawn from the hierarchy, a gene without a
    mutation effect has 0.
    """

    mu_gene: Real
    sigma_gene: Spread
    sigma_sgrna: Spread
    sigma_cell_line: Spread
    mu_copy_number: Real
    sigma_copy_number: Spread
    mu_rna: Real
    sigma_rna: Spread
    sigma: Spread
    cn_max: Positive
    published_gene_means: dict[str, Real]
    mutation_effect: dict[str, Real]


class GeneAndGuideEffects(NamedTuple):
    """Effects of the genes, shape (n_genes,), and of their guides, shape (n_sgrnas,)."""

    gene: np.ndarray
    sgrna: np.ndarray


def draw_gene_and_guide_effects(
    guide_mean_by_gene: np.ndarray,
    gene_of_guide: np.ndarray,
    settings: EffectSettings,
    rng: np.random.Generator,
) -> GeneAndGuideEffects:
    """Draw from the hierarchy, conditionally on the mean over a gene's guides where it is known.

    The mean m of n guides given the gene's effect is N(gene, sigma_sgrna / sqrt(n)), and the gene's
    effect is N(mu_gene, sigma_gene), so that the effect given m is normal with mean
    mu_gene + k (m - mu_gene) and sd sigma_gene sqrt(1 - k), where
    k = sigma_gene^2 / (sigma_gene^2 + sigma_sgrna^2 / n). Given m the guides scatter around it
    with deviations that sum to zero.

    Parameters
    ----------
    guide_mean_by_gene
        (n_genes,) mean effect of each gene's guides in LFC units; NaN where nothing is known.
    gene_of_guide
        (n_sgrnas,) row of each guide's gene.
    settings
        Means and spreads of the effects.
    rng
        Source of all that is random.

    Returns
    -------
    GeneAndGuideEffects
        The effects of genes and of guides.
    """
    n_guides = np.bincount(gene_of_guide, minlength=len(guide_mean_by_gene))
    is_known = ~np.isnan(guide_mean_by_gene)
    variance_of_mean = settings.sigma_sgrna**2 / n_guides
    total_variance = settings.sigma_gene**2 + variance_of_mean
    weight = np.divide(
        settings.sigma_gene**2,
        total_variance,
        out=np.ones(len(n_guides)),
        where=total_variance > 0,
    )
    known_mean = np.where(is_known, guide_mean_by_gene, settings.mu_gene)
    expected = settings.mu_gene + weight * (known_mean - settings.mu_gene)
    sd = settings.sigma_gene * np.sqrt(np.where(is_known, 1 - weight, 1.0))
    gene_effect = rng.normal(expected, sd)

    deviation = rng.normal(0, settings.sigma_sgrna, len(gene_of_guide))
    mean_deviation = np.bincount(gene_of_guide, deviation, len(n_guides)) / n_guides
    center = np.where(is_known, known_mean - mean_deviation, gene_effect)
    return GeneAndGuideEffects(gene_effect, center[gene_of_guide] + deviation)


def zscale_within_gene(values: np.ndarray, n_replicates: np.ndarray) -> np.ndarray:
    """Scale to z-scores over the rows of each gene, with the population sd (ddof 0).

    Parameters
    ----------
    values
        (n_genes, n_cell_lines) array.
    n_replicates
        (n_cell_lines,) how often each line appears among the rows of every guide.

    Returns
    -------
    np.ndarray
        (n_genes, n_cell_lines) array; 0 for a gene whose values do not vary.
    """
    center = np.average(values, axis=1, weights=n_replicates)[:, np.newaxis]
    variance = np.average((values - center) ** 2, axis=1, weights=n_replicates)[:, np.newaxis]
    varies = np.ptp(values, axis=1, keepdims=True) > 0
    return np.where(varies, values - center, 0.0) / np.sqrt(np.where(varies, variance, 1.0))
