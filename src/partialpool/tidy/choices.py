"""Settings of the figures and the report; they change no estimate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from partialpool.parameters import Parameters


class FigureSettings(Parameters):
    """Choices of the figures and the report.

    Attributes
    ----------
    cores
        Processes that draw figures.
    strong_effect
        Effects this far from 0 are called strong, log2 fold change.
    seed
        Of jitter, and of which points stand for too many.
    max_trace_draws
        Draws of each chain that a trace shows.
    worst_elements
        Effects with the worst R-hat or ESS that traces and ranks show too.
    density_elements
        Most elements of an effect whose densities are overlaid.
    rank_bins, rank_level
        Bins of rank histograms, probability of their band.
    error_bins
        Bins of the errors of a gene.
    screens
        made-up screens in predictive checks.
    named_effects
        Elements at either end of a ranking that are named.
    disagreeing_genes
        Show the guides of these genes; none: of the ``n_disagreeing_genes``
        whose guides disagree most.
    mutated_genes
        Show the mutation status of these genes; none: of the ``n_mutated_genes``
        with most mutated measurements.
    panel_genes, panel_cell_lines
        Most genes and lines in the posterior-predictive panel.
    """

    cores: PositiveInt
    strong_effect: PositiveFloat
    seed: NonNegativeInt
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
