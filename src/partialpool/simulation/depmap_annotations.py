"""Copy number, mutations and RNA expression per gene and cell line of the simulated screen.

Everything here has shape (n_genes, n_cell_lines).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from partialpool.parameters import Parameters
from partialpool.simulation.depmap_cell_lines import WILD_TYPE
from partialpool.simulation.quantities import (
    Count,
    Fraction,
    Positive,
    PositiveFraction,
    Real,
    Spread,
)

VARIANT_WEIGHTS = {
    "Missense_Mutation": 0.66,
    "Nonsense_Mutation": 0.11,
    "Frame_Shift_Del": 0.09,
    "Frame_Shift_Ins": 0.05,
    "Splice_Site": 0.06,
    "In_Frame_Del": 0.03,
}
MISSENSE = "Missense_Mutation"
DELETERIOUS_VARIANTS = ("Nonsense_Mutation", "Frame_Shift_Del", "Frame_Shift_Ins", "Splice_Site")


class CopyNumberSettings(Parameters):
    """Distribution of the copy number relative to a diploid genome.

    Most values are log-normal (`median`, `log_sd`). A fraction is amplified by a log-normal
    factor (`amplification_log_mean`, `amplification_log_sd`). Another fraction is deleted: log10
    of the factor is uniform between `deletion_log10_floor` and 0. No value exceeds `maximum`.
    A fraction `fraction_without_segment` of the rows has no `segment_mean`.
    """

    median: Positive
    log_sd: Spread
    amplified_fraction: Fraction
    amplification_log_mean: Real
    amplification_log_sd: Spread
    deleted_fraction: Fraction
    deletion_log10_floor: Real
    maximum: Positive
    fraction_without_segment: Fraction


class MutationSettings(Parameters):
    """Frequencies of mutations.

    A gene is mutated in `mutated_fraction` of the lines, or in the fraction that
    `mutated_fraction_by_gene` gives for it. In a mutated line the number of its mutations is
    geometric with `single_mutation_probability`, and at most `max_n_muts`. Missense mutations are
    hotspots with probability `hotspot_fraction`, or with the probability that
    `hotspot_fraction_by_gene` gives for the gene. With probability `at_guide_fraction`, the
    mutation is at the place where a guide cuts.
    """

    mutated_fraction: Fraction
    mutated_fraction_by_gene: dict[str, Fraction]
    single_mutation_probability: PositiveFraction
    max_n_muts: Count
    hotspot_fraction: Fraction
    hotspot_fraction_by_gene: dict[str, Fraction]
    at_guide_fraction: Fraction


class RnaSettings(Parameters):
    """RNA expression in log2(TPM + 1).

    It is normal around the typical expression of each gene with `sd_between_cell_lines`, and never
    below 0. For genes without a real locus, the typical expression is uniform between 0 and
    `max_generic_expression`.
    """

    sd_between_cell_lines: Spread
    max_generic_expression: Positive


class Mutations(NamedTuple):
    """Mutation calls, each of shape (n_genes, n_cell_lines).

    If a line has several mutations of a gene, the variant and the flags describe the first one. If
    `n_muts` is 0, they have no meaning.
    """

    n_muts: np.ndarray
    variant: np.ndarray
    is_deleterious: np.ndarray
    is_tcga_hotspot: np.ndarray
    is_cosmic_hotspot: np.ndarray


def draw_relative_copy_number(
    shape: tuple[int, int], settings: CopyNumberSettings, rng: np.random.Generator
) -> np.ndarray:
    """Draw copy numbers relative to a diploid genome (1 = diploid).

    Parameters
    ----------
    shape
        (n_genes, n_cell_lines).
    settings
        Distribution of the copy numbers.
    rng
        Random number generator.

    Returns
    -------
    np.ndarray
        (n_genes, n_cell_lines) copy numbers.
    """
    relative = settings.median * np.exp(rng.normal(0, settings.log_sd, shape))
    event = rng.random(shape)
    gain = rng.lognormal(settings.amplification_log_mean, settings.amplification_log_sd, shape)
    loss = 10 ** (settings.deletion_log10_floor * rng.random(shape))
    is_amplified = event < settings.amplified_fraction
    is_deleted = event >= 1 - settings.deleted_fraction
    factor = np.where(is_amplified, gain, np.where(is_deleted, loss, 1.0))
    return np.minimum(relative * factor, settings.maximum)


def draw_mutations(
    genes: list[str],
    kras_mutation: pd.Series,
    settings: MutationSettings,
    rng: np.random.Generator,
) -> Mutations:
    """Draw the mutation calls. KRAS is mutated in the lines whose allele is not wild type.

    Parameters
    ----------
    genes
        Symbols of the genes.
    kras_mutation
        KRAS allele of each line, or "WT". All alleles are missense hotspots.
    settings
        Frequencies of mutations.
    rng
        Random number generator.

    Returns
    -------
    Mutations
        Mutation calls of every gene in every line.
    """
    shape = len(genes), len(kras_mutation)
    is_mutated = rng.random(shape) < _by_gene(
        genes, settings.mutated_fraction_by_gene, settings.mutated_fraction
    )
    is_kras = np.array([[gene == "KRAS"] for gene in genes])
    has_kras_allele = (kras_mutation != WILD_TYPE).to_numpy(dtype=bool)
    is_mutated = np.where(is_kras, has_kras_allele, is_mutated)
    count = rng.geometric(settings.single_mutation_probability, shape)
    n_muts = np.where(is_mutated, np.minimum(count, settings.max_n_muts), 0)

    variant = rng.choice(list(VARIANT_WEIGHTS), shape, p=list(VARIANT_WEIGHTS.values()))
    variant = np.where(is_kras, MISSENSE, variant)
    is_missense = variant == MISSENSE
    hotspot_fraction = _by_gene(genes, settings.hotspot_fraction_by_gene, settings.hotspot_fraction)
    is_tcga_hotspot = is_missense & (is_kras | (rng.random(shape) < hotspot_fraction))
    is_cosmic_hotspot = is_tcga_hotspot | (
        is_missense & (rng.random(shape) < settings.hotspot_fraction)
    )
    return Mutations(
        n_muts,
        variant,
        np.isin(variant, DELETERIOUS_VARIANTS),
        is_tcga_hotspot,
        is_cosmic_hotspot,
    )


def _by_gene(genes: list[str], by_gene: dict[str, float], otherwise: float) -> np.ndarray:
    return np.array([[by_gene.get(gene, otherwise)] for gene in genes])


def draw_rna_expression(
    typical_expression: np.ndarray,
    n_cell_lines: int,
    settings: RnaSettings,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw RNA expression, log2(TPM + 1).

    Parameters
    ----------
    typical_expression
        (n_genes,) typical log2(TPM + 1) of each gene.
    n_cell_lines
        Number of cell lines.
    settings
        Distribution of the expression.
    rng
        Random number generator.

    Returns
    -------
    np.ndarray
        (n_genes, n_cell_lines) expression, not below 0.
    """
    shape = len(typical_expression), n_cell_lines
    deviation = rng.normal(0, settings.sd_between_cell_lines, shape)
    return np.maximum(typical_expression[:, np.newaxis] + deviation, 0)


def annotation_table(
    relative_copy_number: np.ndarray, mutations: Mutations, rna_expression: np.ndarray
) -> pd.DataFrame:
    """Make the columns of the screen that depend on the gene and the cell line.

    Parameters
    ----------
    relative_copy_number
        (n_genes, n_cell_lines) copy numbers, 1 = diploid.
    mutations
        Mutation calls.
    rna_expression
        (n_genes, n_cell_lines) expression, log2(TPM + 1).

    Returns
    -------
    pd.DataFrame
        A table of n_genes x n_cell_lines rows, gene by gene, with the columns `segment_mean` (the
        relative copy number), `segment_cn` = 2^`segment_mean`, `log2_gene_cn_p1` = log2(relative
        copy number + 1) and `gene_cn` = exp(`log2_gene_cn_p1`) - 1, as in the published table, the
        columns of mutations (NaN if the gene is not mutated), and `rna_expr`.
    """
    segment_mean = relative_copy_number.ravel()
    log2_gene_cn_p1 = np.log2(segment_mean + 1)
    n_muts = mutations.n_muts.ravel()
    is_mutated = n_muts > 0

    def where_mutated(values: np.ndarray) -> pd.Series:
        return pd.Series(values.ravel(), dtype="object").where(is_mutated, np.nan)

    return pd.DataFrame(
        {
            "segment_mean": segment_mean,
            "segment_cn": np.exp2(segment_mean),
            "log2_gene_cn_p1": log2_gene_cn_p1,
            "gene_cn": np.expm1(log2_gene_cn_p1),
            "n_muts": n_muts,
            "any_deleterious": is_mutated & mutations.is_deleterious.ravel(),
            "variant_classification": where_mutated(mutations.variant).astype("str"),
            "is_deleterious": where_mutated(mutations.is_deleterious),
            "is_tcga_hotspot": where_mutated(mutations.is_tcga_hotspot),
            "is_cosmic_hotspot": where_mutated(mutations.is_cosmic_hotspot),
            "rna_expr": rna_expression.ravel(),
        }
    )
