r"""A DepMap-like subsample of a pooled CRISPR screen with planted truth.

Every guide s of gene g is measured in every replicate of every cell line c:

$$
lfc &= \alpha_s + \beta_c + \kappa_g\, cn^z_{gc} + \delta_g\, m_{gc} + \rho_g\, rna^z_{gc}
       + \epsilon, \quad \epsilon \sim N(0, \sigma) \\
\alpha_s &\sim N(\gamma_{g(s)}, \sigma_{\alpha}), \quad
\gamma_g \sim N(\mu_\gamma, \sigma_\gamma), \quad \beta_c \sim N(0, \sigma_\beta) \\
\kappa_g &\sim N(\mu_\kappa, \sigma_\kappa), \quad \rho_g \sim N(\mu_\rho, \sigma_\rho)
$$

| symbol | name in the truth | key | unit, meaning |
| --- | --- | --- | --- |
| gamma_g | ``gene_effect`` | hugo_symbol | LFC; hyperparameters ``mu_gene``, ``sigma_gene`` |
| alpha_s | ``sgrna_effect`` | sgrna | LFC; ``sigma_sgrna`` |
| beta_c | ``cell_line_effect`` | depmap_id | LFC; ``sigma_cell_line`` |
| kappa_g | `copy_number_effect` | hugo_symbol | LFC per sd; `mu_copy_number`, `sigma_copy_number` |
| delta_g | ``mutation_effect`` | hugo_symbol | LFC; fixed by the settings, most are 0 |
| rho_g | ``rna_effect`` | hugo_symbol | LFC per sd; ``mu_rna``, ``sigma_rna`` |
| sigma | ``sigma`` | | LFC; sd of the noise |

The covariates are m, which is 1 if the gene is mutated in the line (`n_muts` > 0), and `gene_cn`
(clipped above at `cn_max`) and `rna_expr`, each z-scaled within the gene over all its rows with
ddof = 0 (0 if it does not vary).

For the 26 genes whose mean LFC the notebook ``hierarchical-model-subsample`` published (Model 1),
gene and guide effects are drawn given that mean. The published mean averages over mutated lines
too. So the planted mean of the gene's guide effects is the published mean minus delta_g times the
fraction of the gene's rows in mutated lines.

On request (`deviations.planted`), genes have effects in single lines, and lines and replicates
differ in quality; see `partialpool.simulation.depmap_deviations`. The truth then also has, for
each gene in each line, ``dependency`` (LFC in a line with lambda = 1: the gene's effect, its
deviation, and what its mutation and RNA explain), ``deviation``, and ``copies_effect`` (what its
copy number explains), and for each line ``line_strength`` (lambda).

Screens of other sizes are made in the same way. Their first 8 genes are those that the notebook
names, the first 26 have real names and loci, and the rest are GENE0027, GENE0028, ... without a
published mean.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from partialpool.simulation.depmap_annotations import (
    Mutations,
    MutationSettings,
    annotation_table,
    draw_mutations,
    draw_relative_copy_number,
    draw_rna_expression,
)
from partialpool.simulation.depmap_cell_lines import draw_cell_lines, draw_replicates
from partialpool.simulation.depmap_deviations import Deviations, draw_deviations
from partialpool.simulation.depmap_effects import (
    EffectSettings,
    draw_gene_and_guide_effects,
    zscale_within_gene,
)
from partialpool.simulation.depmap_genes import draw_guides, gene_loci, gene_symbols
from partialpool.simulation.depmap_settings import DepmapScreenSettings
from partialpool.simulation.truth import planted_effect, truth_table

RAW_COLUMNS = (
    "sgrna",
    "replicate_id",
    "lfc",
    "pdna_batch",
    "passes_qc",
    "depmap_id",
    "primary_or_metastasis",
    "lineage",
    "lineage_subtype",
    "kras_mutation",
    "genome_alignment",
    "n_alignments",
    "hugo_symbol",
    "chromosome",
    "chrom_pos",
    "segment_mean",
    "segment_cn",
    "log2_gene_cn_p1",
    "gene_cn",
    "n_muts",
    "any_deleterious",
    "variant_classification",
    "is_deleterious",
    "is_tcga_hotspot",
    "is_cosmic_hotspot",
    "mutated_at_guide_location",
    "rna_expr",
)


def simulate_depmap_screen(settings: DepmapScreenSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate a raw DepMap-like table, and return it with the planted values.

    Parameters
    ----------
    settings
        Sizes, distributions, planted effects and seed.

    Returns
    -------
    table : pandas.DataFrame, shape (n_sgrnas x n_replicates, 27)
        The raw table with the columns `RAW_COLUMNS`: `lfc` in log2 fold change, `rna_expr` in
        log2(TPM + 1), `chrom_pos` in bp (GRCh38). Rows are sorted by `replicate_id` and then
        `sgrna`. Booleans are booleans and missing values NaN;
        `partialpool.simulation.as_r_table` writes them as R does.
    truth : pandas.DataFrame
        The planted values, with columns `parameter, hugo_symbol, sgrna, depmap_id, value`.
    """
    rng = np.random.default_rng(settings.seed)
    genes = gene_symbols(settings.n_genes)
    loci = gene_loci(genes, settings.rna.max_generic_expression, rng)
    guides = draw_guides(loci, settings.n_sgrnas, rng)
    cell_lines = draw_cell_lines(
        settings.n_cell_lines,
        settings.mutations.mutated_fraction_by_gene.get(
            "KRAS", settings.mutations.mutated_fraction
        ),
        settings.pdna_batch_fractions,
        rng,
    )
    replicates = draw_replicates(cell_lines, settings.n_replicates, rng)

    shape = settings.n_genes, settings.n_cell_lines
    relative_copy_number = draw_relative_copy_number(shape, settings.copy_number, rng)
    mutations = draw_mutations(genes, cell_lines["kras_mutation"], settings.mutations, rng)
    rna_expression = draw_rna_expression(
        loci["typical_expression"].to_numpy(), settings.n_cell_lines, settings.rna, rng
    )
    annotations = annotation_table(relative_copy_number, mutations, rna_expression)

    planted, truth = _plant_effects(
        annotations, guides, cell_lines, replicates, settings.effects, rng
    )
    expected = planted.expected
    is_cut_site_mutated = _draw_cut_site_mutations(mutations, guides, settings.mutations, rng)
    replicate, guide = _file_order(guides, replicates)
    cell_line = replicates["cell_line"].to_numpy()[replicate]
    gene = guides["gene"].to_numpy()[guide]
    noise = rng.normal(0, settings.effects.sigma, len(guide))
    if settings.deviations.planted:
        # Random numbers of their own, so that all else is as in the screen without deviations.
        deviations = draw_deviations(
            genes,
            cell_lines,
            mutations.n_muts > 0,
            relative_copy_number,
            len(guides),
            len(replicates),
            settings.deviations,
            np.random.default_rng([settings.seed, 1]),
        )
        expected = _deviating(planted, deviations, guides["gene"].to_numpy())
        noise *= deviations.noise[replicate]
        truth = pd.concat(
            [truth, _truth_of_lines(planted, deviations, genes, cell_lines)], ignore_index=True
        )

    table = pd.concat(
        [
            _take(guides.drop(columns="gene"), guide),
            _take(replicates.drop(columns="cell_line"), replicate),
            _take(cell_lines.drop(columns="name"), cell_line),
            _take(annotations, gene * settings.n_cell_lines + cell_line),
        ],
        axis=1,
    ).assign(
        lfc=expected[guide, cell_line] + noise,
        passes_qc=True,
        mutated_at_guide_location=is_cut_site_mutated[guide, cell_line],
    )
    n_missing = round(settings.copy_number.fraction_without_segment * len(table))
    missing = _rows_without_segment(guide, cell_line, n_missing, rng)
    table.loc[missing, ["segment_mean", "segment_cn"]] = np.nan
    return table[list(RAW_COLUMNS)], truth


def _take(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    return frame.take(rows).reset_index(drop=True)


class _Planted(NamedTuple):
    """Expected LFC of guides in lines, (S, C), and its parts.

    ``cell_line`` is (C,), ``gene`` (G,), and ``of_copies`` and ``of_others``, what copy number and
    the other covariates explain, are (G, C).
    """

    expected: np.ndarray
    cell_line: np.ndarray
    gene: np.ndarray
    of_copies: np.ndarray
    of_others: np.ndarray


def _deviating(planted: _Planted, drawn: Deviations, gene: np.ndarray) -> np.ndarray:
    """Expected LFC with deviations; (S, C)."""
    at_strength_1 = planted.expected - planted.cell_line + (drawn.effect + drawn.toxicity)[gene]
    return np.asarray(planted.cell_line + drawn.strength * at_strength_1 + drawn.of_sgrna)


def _truth_of_lines(
    planted: _Planted, drawn: Deviations, genes: list[str], cell_lines: pd.DataFrame
) -> pd.DataFrame:
    """Rows of the truth about genes in lines, and about lines."""
    lines = cell_lines["depmap_id"]
    keys = {
        "hugo_symbol": np.repeat(genes, len(lines)).tolist(),
        "depmap_id": lines.tolist() * len(genes),
    }
    by_gene_and_line = {
        "dependency": planted.gene[:, np.newaxis] + planted.of_others + drawn.effect,
        "deviation": drawn.effect,
        "copies_effect": planted.of_copies + drawn.toxicity,
    }
    effects = [planted_effect(name, v.ravel(), **keys) for name, v in by_gene_and_line.items()]
    strength = planted_effect("line_strength", drawn.strength, depmap_id=lines)
    return truth_table([*effects, strength], {})


def _plant_effects(
    annotations: pd.DataFrame,
    guides: pd.DataFrame,
    cell_lines: pd.DataFrame,
    replicates: pd.DataFrame,
    settings: EffectSettings,
    rng: np.random.Generator,
) -> tuple[_Planted, pd.DataFrame]:
    """Return the expected LFC with its parts, and the truth table."""
    gene = guides["gene"].to_numpy()
    genes = guides.drop_duplicates("gene")["hugo_symbol"]
    n_genes, n_cell_lines = len(genes), len(cell_lines)
    n_replicates = np.bincount(replicates["cell_line"], minlength=n_cell_lines)

    def by_gene_and_line(column: str) -> np.ndarray:
        return annotations[column].to_numpy().reshape(n_genes, n_cell_lines)

    is_mutated = by_gene_and_line("n_muts") > 0
    gene_cn_z = zscale_within_gene(
        np.minimum(by_gene_and_line("gene_cn"), settings.cn_max), n_replicates
    )
    rna_z = zscale_within_gene(by_gene_and_line("rna_expr"), n_replicates)

    mutation_effect = np.array([settings.mutation_effect.get(symbol, 0.0) for symbol in genes])
    published_mean = np.array(
        [settings.published_gene_means.get(symbol, np.nan) for symbol in genes]
    )
    mutated_fraction = np.average(is_mutated, axis=1, weights=n_replicates)
    gene_and_guide = draw_gene_and_guide_effects(
        published_mean - mutation_effect * mutated_fraction, gene, settings, rng
    )
    cell_line_effect = rng.normal(0, settings.sigma_cell_line, n_cell_lines)
    copy_number_effect = rng.normal(settings.mu_copy_number, settings.sigma_copy_number, n_genes)
    rna_effect = rng.normal(settings.mu_rna, settings.sigma_rna, n_genes)

    of_copies = copy_number_effect[:, np.newaxis] * gene_cn_z
    of_mutations = mutation_effect[:, np.newaxis] * is_mutated
    of_rna = rna_effect[:, np.newaxis] * rna_z
    of_covariates = of_copies + of_mutations + of_rna
    expected = gene_and_guide.sgrna[:, np.newaxis] + cell_line_effect + of_covariates[gene]
    truth = truth_table(
        [
            planted_effect("gene_effect", gene_and_guide.gene, hugo_symbol=genes),
            planted_effect(
                "sgrna_effect",
                gene_and_guide.sgrna,
                hugo_symbol=guides["hugo_symbol"],
                sgrna=guides["sgrna"],
            ),
            planted_effect("cell_line_effect", cell_line_effect, depmap_id=cell_lines["depmap_id"]),
            planted_effect("copy_number_effect", copy_number_effect, hugo_symbol=genes),
            planted_effect("mutation_effect", mutation_effect, hugo_symbol=genes),
            planted_effect("rna_effect", rna_effect, hugo_symbol=genes),
        ],
        settings.model_dump(exclude={"cn_max", "published_gene_means", "mutation_effect"}),
    )
    planted = _Planted(
        expected, cell_line_effect, gene_and_guide.gene, of_copies, of_mutations + of_rna
    )
    return planted, truth


def _draw_cut_site_mutations(
    mutations: Mutations,
    guides: pd.DataFrame,
    settings: MutationSettings,
    rng: np.random.Generator,
) -> np.ndarray:
    is_mutated = mutations.n_muts[guides["gene"]] > 0
    return is_mutated & (rng.random(is_mutated.shape) < settings.at_guide_fraction)


def _file_order(guides: pd.DataFrame, replicates: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Find the replicate and guide of each row, sorted by replicate and then by sequence."""
    by_sequence = np.argsort(guides["sgrna"].to_numpy(dtype=str))
    replicate = np.repeat(np.arange(len(replicates)), len(guides))
    return replicate, np.tile(by_sequence, len(replicates))


def _rows_without_segment(
    guide: np.ndarray, cell_line: np.ndarray, n_missing: int, rng: np.random.Generator
) -> np.ndarray:
    """Choose the rows without a segment, as whole cell lines if the number allows it.

    The first line is the one whose number of rows is nearest to `n_missing`. In the published
    subsample 206 rows (103 guides x 2 replicates) have no segment.
    """
    n_rows = np.bincount(cell_line)
    shuffled = rng.permutation(len(n_rows))
    line_order = shuffled[np.argsort(np.abs(n_rows - n_missing)[shuffled], kind="stable")]
    n_affected = np.searchsorted(np.cumsum(n_rows[line_order]), n_missing) + 1
    affected = line_order[:n_affected]
    rank = np.full(len(n_rows), len(n_rows))
    rank[affected] = np.arange(len(affected))
    rows = np.flatnonzero(rank[cell_line] < len(n_rows))
    return rows[np.lexsort((guide[rows], rank[cell_line[rows]]))][:n_missing]
