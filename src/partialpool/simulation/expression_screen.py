r"""The gene x cell-line screen with an RNA covariate, as the notebook simulated it.

For gene g, cell line c and repeated measurement k (which stands for one sgRNA of the gene),

$$
lfc_{gck} &\sim N(\alpha_g + \gamma_c + \beta_g\, rna_{gc},\ \sigma) \\
\alpha_g &\sim N(\mu_\alpha, \sigma_\alpha), \quad
\gamma_c \sim N(\mu_\gamma, \sigma_\gamma), \quad
\beta_g \sim N(\mu_\beta, \sigma_\beta), \quad rna_{gc} \sim N(0, 1)
$$

| symbol | name in the truth | key |
| --- | --- | --- |
| alpha_g | ``gene_effect`` | hugo_symbol |
| gamma_c | ``cell_line_effect`` | depmap_id |
| beta_g | ``rna_effect`` | hugo_symbol |
| means | ``mu_gene``, ``mu_cell_line``, ``mu_rna`` | |
| spreads | ``sigma_gene``, ``sigma_cell_line``, ``sigma_rna``, ``sigma`` (noise) | |

RNA expression is measured once per gene and cell line, the LFC `n_repeats` times. With seed 103
and the sizes and values of the notebook ``model-experimentation-m4``, the table has exactly the
numbers of the notebook, because the draws are made by the legacy `numpy.random.RandomState` in the
order of the notebook (alpha, gamma, beta, rna, then the noise row by row).
"""

import numpy as np
import pandas as pd

from partialpool.parameters import Parameters
from partialpool.simulation.labels import letter_label
from partialpool.simulation.quantities import Count, Real, Seed, Spread
from partialpool.simulation.truth import planted_effect, truth_table


class ExpressionScreenSettings(Parameters):
    """Sizes, hyperparameters and seed of the simulated gene x cell-line screen.

    Units are LFC, and LFC per standard deviation of RNA for `mu_rna` and `sigma_rna`.
    """

    seed: Seed
    n_genes: Count
    n_cell_lines: Count
    n_repeats: Count
    mu_gene: Real
    sigma_gene: Spread
    mu_cell_line: Real
    sigma_cell_line: Spread
    mu_rna: Real
    sigma_rna: Spread
    sigma: Spread


def simulate_expression_screen(
    settings: ExpressionScreenSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the gene x cell-line screen of the notebook ``model-experimentation-m4``.

    Parameters
    ----------
    settings
        Sizes, hyperparameters and seed.

    Returns
    -------
    screen : pandas.DataFrame
        A modelling table with n_repeats x n_genes x n_cell_lines rows, sorted by repeat and then
        by gene. `hugo_symbol` (geneA, ...), `depmap_id` (cellA, ...) and `sgrna` (geneA_1, ...)
        are ordered categoricals. The other columns are `replicate_id` (one replicate per cell
        line), `lfc` (log2 fold change) and `rna_expr_z` (scaled by gene). Each guide is measured
        once in every replicate.
    truth : pandas.DataFrame
        The planted values, with columns `parameter, hugo_symbol, sgrna, depmap_id, value`.
    """
    n_genes, n_cell_lines = settings.n_genes, settings.n_cell_lines
    genes = [f"gene{letter_label(index)}" for index in range(n_genes)]
    cell_lines = [f"cell{letter_label(index)}" for index in range(n_cell_lines)]

    rng = np.random.RandomState(settings.seed)
    gene_effect = rng.normal(settings.mu_gene, settings.sigma_gene, n_genes)
    cell_line_effect = rng.normal(settings.mu_cell_line, settings.sigma_cell_line, n_cell_lines)
    rna_effect = rng.normal(settings.mu_rna, settings.sigma_rna, n_genes)
    rna = rng.normal(0, 1, (n_genes, n_cell_lines))

    repeat, gene, cell_line = (
        index.ravel() for index in np.indices((settings.n_repeats, n_genes, n_cell_lines))
    )
    mean = gene_effect[gene] + cell_line_effect[cell_line] + rna_effect[gene] * rna[gene, cell_line]
    screen = pd.DataFrame(
        {
            "hugo_symbol": _ordered(gene, genes),
            "depmap_id": _ordered(cell_line, cell_lines),
            "sgrna": _ordered(
                gene * settings.n_repeats + repeat,
                [f"{name}_{number + 1}" for name in genes for number in range(settings.n_repeats)],
            ),
            "replicate_id": pd.array([f"{name}_1" for name in cell_lines], dtype="str").take(
                cell_line
            ),
            "lfc": rng.normal(mean, settings.sigma),
            "rna_expr_z": rna[gene, cell_line],
        }
    )
    truth = truth_table(
        [
            planted_effect("gene_effect", gene_effect, hugo_symbol=genes),
            planted_effect("cell_line_effect", cell_line_effect, depmap_id=cell_lines),
            planted_effect("rna_effect", rna_effect, hugo_symbol=genes),
        ],
        settings.model_dump(exclude={"seed", "n_genes", "n_cell_lines", "n_repeats"}),
    )
    return screen, truth


def _ordered(codes: np.ndarray, labels: list[str]) -> pd.Series:
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(labels), ordered=True))
