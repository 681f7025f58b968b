r"""Effects of genes in single cell lines, for screens that also vary in quality.

If they are planted, the log fold change of guide s in replicate r of line c is

$$
lfc_{sr} = \beta_c + \lambda_c\,(\mu_{sc} + \delta_{gc} + t_{gc}) + \eta_{sc} + \sigma_r\,
           \epsilon_{sr}
$$

with the predictor mu of `partialpool.simulation.depmap_screen` without beta. lambda is how strongly
depletion shows in a line (mean 1), delta the deviation of the gene in the line, t the toxicity of
cutting many copies, eta noise that the replicates of a line share, and sigma_r the noise of a
replicate.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from pydantic import model_validator

from partialpool.parameters import Parameters
from partialpool.simulation.quantities import Fraction, Real, Spread


class SelectiveGene(Parameters):
    """A gene with an effect in some lines only, which are given in one way.

    Attributes
    ----------
    gene
        Symbol. If the screen does not have it, nothing is planted.
    effect
        Effect in these lines, in LFC units.
    mutated, wild_type
        Symbol of a gene that is mutated, or not mutated, in these lines.
    lineage
        Lineage of these lines.
    fraction
        Fraction of random lines.
    """

    gene: str
    effect: Real
    mutated: str | None = None
    wild_type: str | None = None
    lineage: str | None = None
    fraction: Fraction | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ("mutated", "wild_type", "lineage", "fraction")
        given = [name for name in ways if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"expected one of {', '.join(ways)} for selective gene {self.gene}, "
                f"got {' and '.join(given) or 'none'}"
            )
        return self


class DeviationSettings(Parameters):
    """Effects of genes in single lines, and the quality of lines and replicates.

    Attributes
    ----------
    planted
        Whether any of this is planted.
    selective
        Genes with an effect in some lines.
    sigma
        Spread of the deviations of all genes in all lines, in LFC units.
    sd_log_strength
        Spread of the logarithm of lambda.
    sd_log_noise
        Spread of the logarithm of the noise of replicates, around that of the screen.
    sigma_sgrna_in_line
        Spread of the noise that the replicates of a line share, in LFC units.
    toxicity
        Effect of each doubling of the copies above diploid, in LFC units.
    """

    planted: bool
    selective: tuple[SelectiveGene, ...]
    sigma: Spread
    sd_log_strength: Spread
    sd_log_noise: Spread
    sigma_sgrna_in_line: Spread
    toxicity: Real


class Deviations(NamedTuple):
    """What was drawn for G genes, S guides, C lines and R replicates.

    Attributes
    ----------
    effect
        (G, C) deviations, in LFC units.
    toxicity
        (G, C) effects of many copies, in LFC units.
    strength
        (C,) lambda.
    of_sgrna
        (S, C) noise that the replicates of a line share, in LFC units.
    noise
        (R,) factor of the noise of each replicate.
    """

    effect: np.ndarray
    toxicity: np.ndarray
    strength: np.ndarray
    of_sgrna: np.ndarray
    noise: np.ndarray


def draw_deviations(
    genes: list[str],
    cell_lines: pd.DataFrame,
    is_mutated: np.ndarray,
    relative_copy_number: np.ndarray,
    n_sgrnas: int,
    n_replicates: int,
    settings: DeviationSettings,
    rng: np.random.Generator,
) -> Deviations:
    """Draw deviations and quality.

    Parameters
    ----------
    genes
        Symbols.
    cell_lines
        Result of ``draw_cell_lines``.
    is_mutated
        (G, C) whether the gene is mutated in the line.
    relative_copy_number
        (G, C) copy numbers, 1 = diploid.
    n_sgrnas, n_replicates
        Numbers of guides and replicates.
    settings
        Spreads and selective genes.
    rng
        Random number generator.

    Returns
    -------
    Deviations
        What was drawn.
    """
    n_lines = len(cell_lines)
    effect = rng.normal(0, settings.sigma, is_mutated.shape)
    for planted in settings.selective:
        lines = _lines_of(planted, genes, cell_lines, is_mutated, rng)
        if planted.gene in genes:
            effect[genes.index(planted.gene)] += planted.effect * lines
    strength = np.exp(rng.normal(0, settings.sd_log_strength, n_lines))
    doublings = np.log2(np.maximum(relative_copy_number, 1))
    return Deviations(
        effect,
        settings.toxicity * doublings,
        strength / strength.mean(),
        rng.normal(0, settings.sigma_sgrna_in_line, (n_sgrnas, n_lines)),
        np.exp(rng.normal(0, settings.sd_log_noise, n_replicates)),
    )


def _lines_of(
    planted: SelectiveGene,
    genes: list[str],
    cell_lines: pd.DataFrame,
    is_mutated: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """(C,) whether the gene has its effect in the line."""
    if planted.fraction is not None:
        n_lines = len(cell_lines)
        return rng.permutation(n_lines) < round(planted.fraction * n_lines)
    if planted.lineage is not None:
        return np.asarray(cell_lines["lineage"] == planted.lineage)
    other = planted.mutated or planted.wild_type
    if other not in genes:
        return np.zeros(len(cell_lines), dtype=bool)
    mutated = is_mutated[genes.index(other)]
    return np.asarray(mutated if planted.mutated is not None else ~mutated)
