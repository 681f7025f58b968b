"""Options of the figures and the report; they change no estimate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt

from partialpool.figures.figure import Group
from partialpool.parameters import Parameters, words


class FigureOptions(Parameters):
    """Options of the figures and the report.

    Attributes
    ----------
    figures
        Groups of figures to draw besides those that are always drawn; ``all`` draws every figure.
    cores
        Processes that draw figures.
    strong_effect
        Effects at least this far from 0 are called strong, log2 fold change.
    seed
        Seed of jitter, and of the sample that is drawn where points are too many.
    max_trace_draws
        Draws of each chain that a trace shows.
    worst_elements
        Effects with the worst R-hat or ESS that traces and ranks show too.
    density_elements
        Most elements of an effect whose densities are overlaid.
    rank_bins, rank_level
        Bins of rank histograms, and the probability of their band.
    error_bins
        Bins that the errors of a gene are counted in.
    screens
        Simulated screens in predictive checks.
    named_effects
        Elements at either end of a ranking that are named.
    disagreeing_genes
        Genes whose guides are shown; if none, the ``n_disagreeing_genes`` genes whose guides
        disagree most.
    mutated_genes
        Genes whose mutation status is shown; if none, the ``n_mutated_genes`` genes with most
        mutated measurements.
    panel_genes, panel_cell_lines
        Most genes and lines in the posterior predictive panel.
    """

    figures: Annotated[tuple[Group | Literal["all"], ...], BeforeValidator(words)]
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
