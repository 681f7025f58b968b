"""Settings of the simulated DepMap-like screen."""

import re
from collections.abc import Iterable
from typing import Self

import numpy as np
from pydantic import model_validator

from partialpool.parameters import Parameters
from partialpool.simulation.depmap_annotations import (
    CopyNumberSettings,
    MutationSettings,
    RnaSettings,
)
from partialpool.simulation.depmap_cell_lines import LINEAGE_SUBTYPES
from partialpool.simulation.depmap_deviations import DeviationSettings
from partialpool.simulation.depmap_effects import EffectSettings
from partialpool.simulation.depmap_genes import GENE_LOCI
from partialpool.simulation.quantities import Count, Fraction, Seed


class DepmapScreenSettings(Parameters):
    """Sizes, distributions, planted effects and seed of the simulated DepMap-like screen.

    Every gene needs a guide, and every cell line needs a replicate. `pdna_batch_fractions` is the
    fraction of cell lines in each plasmid-DNA batch.
    """

    seed: Seed
    n_genes: Count
    n_sgrnas: Count
    n_cell_lines: Count
    n_replicates: Count
    pdna_batch_fractions: dict[int, Fraction]
    copy_number: CopyNumberSettings
    mutations: MutationSettings
    rna: RnaSettings
    effects: EffectSettings
    deviations: DeviationSettings

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        if self.n_sgrnas < self.n_genes:
            raise ValueError(
                "expected at least one sgRNA per gene (n_sgrnas >= n_genes), "
                f"got n_sgrnas = {self.n_sgrnas} and n_genes = {self.n_genes}"
            )
        if self.n_replicates < self.n_cell_lines:
            raise ValueError(
                "expected at least one replicate per cell line (n_replicates >= n_cell_lines), "
                f"got n_replicates = {self.n_replicates} and n_cell_lines = {self.n_cell_lines}"
            )
        return self

    @model_validator(mode="after")
    def _check_batch_fractions(self) -> Self:
        total = sum(self.pdna_batch_fractions.values())
        if not np.isclose(total, 1):
            raise ValueError(
                "expected pdna_batch_fractions that sum to 1, "
                f"got {self.pdna_batch_fractions} with the sum {total:g}"
            )
        return self

    @model_validator(mode="after")
    def _check_symbols(self) -> Self:
        _require_known_genes("effects.published_gene_means", self.effects.published_gene_means)
        _require_known_genes("effects.mutation_effect", self.effects.mutation_effect)
        _require_known_genes(
            "mutations.mutated_fraction_by_gene", self.mutations.mutated_fraction_by_gene
        )
        _require_known_genes(
            "mutations.hotspot_fraction_by_gene", self.mutations.hotspot_fraction_by_gene
        )
        selective = self.deviations.selective
        others = [name for p in selective for name in (p.mutated, p.wild_type) if name is not None]
        _require_known_genes("deviations.selective", [*(p.gene for p in selective), *others])
        for planted in selective:
            if planted.lineage is not None and planted.lineage not in LINEAGE_SUBTYPES:
                raise ValueError(
                    "deviations.selective expected a lineage of the simulation "
                    f"({', '.join(LINEAGE_SUBTYPES)}), got {planted.lineage}"
                )
        return self


def _require_known_genes(setting: str, symbols: Iterable[str]) -> None:
    unknown = [
        symbol
        for symbol in symbols
        if symbol not in GENE_LOCI and not re.fullmatch(r"GENE\d{4,}", symbol)
    ]
    if unknown:
        raise ValueError(
            f"{setting} expected symbols of the simulation's genes ({', '.join(GENE_LOCI)}, or "
            f"GENE0027 and on), got {', '.join(unknown)}"
        )
