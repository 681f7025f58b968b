"""The figures of one fit: from what it gave to what is drawn.

A function makes the tables of a figure, or of some that share them, and gives what draws it. Its
parameters name what it takes of a fit, see :func:`drawings`. Plotnine is imported when a function
runs, so that the command line starts fast.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import Any

import pandas as pd

from partialpool.figures.pictures import Drawing
from partialpool.inference.settings import ConvergenceSettings
from partialpool.models import effect_named
from partialpool.plots.style import MANY_GENES, MANY_LINES
from partialpool.tidy import (
    posterior_tables,
    sampler_tables,
    screen_tables,
)


def paths(
    posterior: Any, estimates: pd.DataFrame, choices: FigureSettings
) -> tuple[Drawing, Drawing]:
    """Draw traces and ranks."""
    from partialpool.plots import diagnostics

    draws, worst = sampler_tables.with_worst_elements(
        posterior["posterior"], estimates, choices.worst_elements
    )
    thinned = sampler_tables.trace_table(draws, choices.max_trace_draws)
    ranks = sampler_tables.rank_table(draws, choices.rank_bins, choices.rank_level)
    return (
        partial(diagnostics.trace, thinned, sampler_tables.chain_density_table(draws), worst),
        partial(diagnostics.rank, ranks, choices.rank_level, worst),
    )


def effect_densities(posterior: Any, effects: pd.DataFrame, choices: FigureSettings) -> Drawing:
    """Draw the densities of the effects, by chain."""
    from partialpool.plots import diagnostics

    draws, n = posterior["posterior"], choices.density_elements
    return partial(diagnostics.effects, sampler_tables.element_densities(draws, effects, n))


def energy(posterior: Any, intervals: ConvergenceSettings) -> Drawing:
    """Draw the sampler's energy."""
    from partialpool.plots import diagnostics

    stats = posterior["sample_stats"]
    e_bfmi = sampler_tables.e_bfmi(stats)
    table, worst = sampler_tables.energy_table(stats), float(e_bfmi.min())
    return partial(diagnostics.energy, table, e_bfmi, worst, intervals.min_e_bfmi)


def population_parameters(estimates: pd.DataFrame, intervals: ConvergenceSettings) -> Drawing:
    """Draw the population parameters."""
    from partialpool.plots import posterior as plots

    table = posterior_tables.population_table(estimates)
    return partial(plots.population, table, intervals.hdi_prob)


def gene_effects_by_rank(
    effects: pd.DataFrame, intervals: ConvergenceSettings, choices: FigureSettings
) -> Drawing:
    """Draw every gene's effect by rank."""
    from partialpool.plots import posterior as plots

    table = posterior_tables.ranked_effects(effects, "gene_effect", choices.named_effects)
    return partial(plots.effects_by_rank, table, "gene_effect", intervals.hdi_prob)


def gene_effects(effects: pd.DataFrame, intervals: ConvergenceSettings) -> Drawing:
    """Draw the gene effects."""
    return _forest(effects, "gene_effect", intervals)


def cell_line_effects(
    effects: pd.DataFrame, screen: pd.DataFrame, intervals: ConvergenceSettings
) -> Drawing:
    """Draw the cell-line effects."""
    from partialpool.figures.parts.words import with_lineages

    names = with_lineages(screen_tables.lineages(screen))
    return _forest(effects, "cell_line_effect", intervals, MANY_LINES, names=names)


def mutation_effects(
    effects: pd.DataFrame,
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    intervals: ConvergenceSettings,
) -> Drawing:
    """Draw the mutation effects of genes that have mutated measurements."""
    informed = posterior_tables.genes_with("is_mutated", screen, predictions)
    return _informed_forest(effects, "mutation_effect", informed, intervals)


def rna_effects(
    effects: pd.DataFrame,
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    intervals: ConvergenceSettings,
) -> Drawing:
    """Draw the RNA effects of genes whose RNA varies."""
    informed = posterior_tables.genes_with("rna_expr_z", screen, predictions)
    return _informed_forest(effects, "rna_effect", informed, intervals)


def copy_number_effects(
    effects: pd.DataFrame,
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    intervals: ConvergenceSettings,
) -> Drawing:
    """Draw the copy-number effects of genes whose copy number varies."""
    informed = posterior_tables.genes_with("gene_cn_z", screen, predictions)
    return _informed_forest(effects, "copy_number_effect", informed, intervals)


def posterior_gene_violins(
    posterior: Any, effects: pd.DataFrame, intervals: ConvergenceSettings
) -> Drawing:
    """Draw the posterior densities of the gene effects."""
    from partialpool.plots import posterior as plots

    table, rows = posterior_tables.forest_table(effects, "gene_effect", MANY_GENES)
    violins = posterior_tables.violin_table(posterior["posterior"]["gene_effect"], rows)
    return partial(plots.gene_violins, violins, table, rows, intervals.hdi_prob)


def sgrna_and_gene_effects(
    effects: pd.DataFrame, estimates: pd.DataFrame, intervals: ConvergenceSettings
) -> Drawing:
    """Draw guides around their genes."""
    from partialpool.plots import posterior as plots

    genes, rows = posterior_tables.forest_table(effects, "gene_effect", MANY_GENES)
    guides = posterior_tables.guide_effect_table(effects, rows)
    mean = estimates[estimates["parameter"] == "mu_gene"].iloc[0]
    return partial(plots.guides_and_genes, guides, genes, mean, rows, intervals.hdi_prob)


def estimates_vs_truth(recovery: pd.DataFrame, intervals: ConvergenceSettings) -> Drawing:
    """Draw estimates beside the planted truth."""
    from partialpool.plots import recovery as plots

    table = posterior_tables.recovery_panels(recovery, plots.PANELS)
    n_inside = int(recovery["is_inside"].sum())
    return partial(plots.estimates_vs_truth, table, n_inside, intervals.hdi_prob)


@dataclass(frozen=True)
class FitFigures:
    """Figures of a fit that are made of the same tables.

    Attributes
    ----------
    make
        Gives what draws them.
    names
        What they are called, in the order in which ``make`` gives them.
    needs
        What a fit must have: effects, ``annotations``, ``truth``.
    """

    make: Callable[..., Drawing | tuple[Drawing, ...]]
    names: tuple[str, ...]
    needs: tuple[str, ...] = ()


def _one(make: Callable[..., Drawing], *needs: str) -> FitFigures:
    """The figure that is called as its function."""
    return FitFigures(make, (make.__name__,), needs)


#: Every figure of a fit.
FIGURES = (
    FitFigures(paths, ("trace", "rank")),
    _one(effect_densities),
    _one(energy),
    _one(population_parameters),
    _one(gene_effects_by_rank),
    _one(gene_effects),
    _one(cell_line_effects, "cell_line_effect"),
    _one(mutation_effects, "mutation_effect"),
    _one(rna_effects, "rna_effect"),
    _one(copy_number_effects, "copy_number_effect"),
    _one(posterior_gene_violins),
    _one(sgrna_and_gene_effects, "sgrna_effect"),
    _one(estimates_vs_truth, "truth"),
)


def drawings(given: Mapping[str, Any], has: frozenset[str]) -> Iterator[tuple[str, Drawing]]:
    """Make the tables of every figure that a fit has, and give what draws it.

    Parameters
    ----------
    given
        What the fit gave and the settings, by the names of the functions' parameters; with
        ``verdict``, as the figures of a fit that failed it are marked.
    has
        Effects of the model, ``annotations`` if its screen tells of mutations, ``truth`` if its
        screen was simulated.

    Yields
    ------
    Iterator[tuple[str, Drawing]]
        Name of a figure, and what draws it.
    """
    from partialpool.plots import marks

    for figures in FIGURES:
        if has.issuperset(figures.needs):
            made = figures.make(
                **{name: given[name] for name in signature(figures.make).parameters}
            )
            each = made if isinstance(made, tuple) else (made,)
            for name, drawing in zip(figures.names, each, strict=True):
                yield (
                    name,
                    drawing if given["verdict"]["passed"] else partial(marks.failed, drawing),
                )


def _forest(
    effects: pd.DataFrame,
    effect: str,
    intervals: ConvergenceSettings,
    limit: int = MANY_GENES,
    **words: Any,
) -> Drawing:
    from partialpool.plots import posterior as plots

    table, rows = posterior_tables.forest_table(effects, effect, limit, MANY_GENES)
    return partial(plots.forest, table, rows, effect, intervals.hdi_prob, **words)


def _informed_forest(
    effects: pd.DataFrame, effect: str, genes: list[str], intervals: ConvergenceSettings
) -> Drawing:
    """Effects of the genes whose measurements tell of them."""
    from partialpool.plots import blank

    of_all = effects[effects["effect"] == effect]
    shown = of_all[of_all["hugo_symbol"].isin(genes)]
    if shown.empty:
        about = effect_named(effect)
        return partial(
            blank.says, f"None of the {len(of_all)} {about.elements} has {about.informed}."
        )
    return _forest(shown, effect, intervals, n_all=len(of_all))
