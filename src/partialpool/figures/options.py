"""Options of the figures and the report. They do not change estimates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt

from partialpool.figures.figure import Group
from partialpool.parameters import Parameters, Seed, words


class FigureOptions(Parameters):
    """Options of the figures and the report.

    Attributes
    ----------
    figures
        Groups of figures to draw besides those that are always drawn; ``all`` draws every figure.
    cores
        The number of processes that draw figures.
    strong_effect
        Effects at least this far from 0 are called strong, in log2 fold change.
    seed
        The seed of jitter, and of the sample that is shown if there are too many points.
    max_trace_draws
        The number of draws of each chain that a trace shows.
    worst_elements
        The number of effects with the worst R-hat or ESS that traces and ranks show.
    density_elements
        The maximum number of elements of an effect whose densities are overlaid.
    rank_bins, rank_level
        The number of bins of rank histograms, and the probability of their band.
    error_bins
        The number of bins for the errors of a gene.
    screens
        The number of simulated screens in predictive checks.
    named_effects
        The number of elements that are named at each end of a ranking.
    disagreeing_genes
        Genes whose guides are shown. If empty, the ``n_disagreeing_genes`` genes whose guides
        disagree most.
    mutated_genes
        Genes whose errors are shown by mutation status. If empty, the ``n_mutated_genes`` genes
        with the most mutated measurements.
    panel_genes, panel_cell_lines
        The maximum numbers of genes and cell lines in the posterior predictive panel.
    dependency_genes
        Genes whose effects are shown in every line. If empty, the ``n_dependency_genes`` genes on
        which some lines depend much more than others.
    dependency_cell_lines
        Lines whose strongest effects are shown. If empty, the ``n_dependency_cell_lines`` lines
        with the most dependencies on selective genes.
    """

    figures: Annotated[tuple[Group | Literal["all"], ...], BeforeValidator(words)]
    cores: PositiveInt
    strong_effect: PositiveFloat
    seed: Seed
    max_trace_draws: PositiveInt
    worst_elements: NonNegativeInt
    density_elements: PositiveInt
    rank_bins: PositiveInt
    rank_level: Annotated[float, Field(gt=0, lt=1)]
    error_bins: PositiveInt
    screens: PositiveInt
    named_effects: PositiveInt
    disagreeing_genes: tuple[str, ...]
    n_disagreeing_genes: PositiveInt
    mutated_genes: tuple[str, ...]
    n_mutated_genes: PositiveInt
    panel_genes: PositiveInt
    panel_cell_lines: PositiveInt
    dependency_genes: tuple[str, ...]
    n_dependency_genes: PositiveInt
    dependency_cell_lines: tuple[str, ...]
    n_dependency_cell_lines: PositiveInt
