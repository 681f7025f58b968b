"""The figures of one fit: from what it gave to what is drawn.

A function makes the tables of a figure, or of some that share them, and gives what draws it. Its
parameters name what it takes of a fit, see ``drawings``. Plotnine is imported when a function
runs, so that the command line starts fast.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from partialpool.figures.pictures import Drawing
from partialpool.inference.settings import ConvergenceSettings, PredictionSettings
from partialpool.models import effect_named
from partialpool.plots.style import MANY_BOXED_GENES, MANY_GENES, MANY_LINES, MANY_POINTS
from partialpool.tidy import (
    error_tables,
    posterior_tables,
    prediction_tables,
    sampler_tables,
    screen_tables,
)
from partialpool.tidy.choices import FigureSettings
from partialpool.tidy.rows import Rows, choose_genes, choose_top

#: Mutated measurements that a figure shows; of more it shows a sample.
MUTATED_POINTS = 1_000


def prior_predictive(prior: Any, predictions: pd.DataFrame, choices: FigureSettings) -> Drawing:
    """Draw what the prior expects."""
    from partialpool.plots import predictions as plots

    screens = _screens(prior["prior_predictive"])
    return partial(
        plots.prior_predictive,
        prediction_tables.prior_densities(screens, predictions["real_value"], choices.screens),
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
    from partialpool.plots.words import with_lineages

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


def predictions_of_genes(
    predictions: pd.DataFrame,
    replicates: Any,
    effects: pd.DataFrame,
    prediction: PredictionSettings,
    choices: FigureSettings,
) -> tuple[Drawing, Drawing, Drawing]:
    """Draw predictions by gene, without and with the data, and by guide."""
    from partialpool.plots import predictions as plots

    screens, prob = _screens(replicates["posterior_predictive"]), prediction.hdi_prob
    _, rows = posterior_tables.forest_table(effects, "gene_effect", MANY_GENES)
    genes, boxed = posterior_tables.forest_table(effects, "gene_effect", MANY_BOXED_GENES)
    both = prediction_tables.measured_and_replicated(predictions, screens, rows)
    few = prediction_tables.measured_and_replicated(predictions, screens, boxed)
    by_gene = _predicted(predictions, both[1], rows, prob, choices)
    with_data = partial(
        plots.with_data_by_gene, prediction_tables.mirrored_violins(*both, rows), rows
    )
    return by_gene, with_data, _boxes_by_guide(few, genes, boxed, prob)


def ppc(predictions: pd.DataFrame, replicates: Any, choices: FigureSettings) -> Drawing:
    """Draw replicated screens and the measured one."""
    from partialpool.plots import predictions as plots

    screens = _screens(replicates["posterior_predictive"])
    return partial(
        plots.posterior_predictive,
        prediction_tables.screen_densities(screens, predictions["real_value"], choices.screens),
    )


def posterior_predictive_panel(
    predictions: pd.DataFrame, prediction: PredictionSettings, choices: FigureSettings
) -> Drawing:
    """Draw measurements and predictions by cell line."""
    from partialpool.plots import predictions as plots

    shown, genes, lines = prediction_tables.panel_table(
        predictions, choices.panel_genes, choices.panel_cell_lines
    )
    predicted = prediction_tables.distinct_predictions(shown)
    return partial(plots.panel, shown, predicted, genes, lines, prediction.hdi_prob)


def errors_of_genes(
    predictions: pd.DataFrame, prediction: PredictionSettings, choices: FigureSettings
) -> tuple[Drawing, Drawing, Drawing]:
    """Draw errors by gene and by guide, and their densities."""
    from partialpool.plots import errors as plots

    prob = prediction.hdi_prob
    errors, rows = _genes_by_error(predictions, prob)
    points = error_tables.error_points(predictions, rows, choices.seed)
    points = points if len(predictions) <= MANY_POINTS else points[:0]
    bins = error_tables.error_bins(predictions, rows, choices.error_bins)
    by_gene = partial(plots.by_gene, errors, points, bins, rows, prob)
    by_guide = partial(
        plots.by_guide, error_tables.guide_errors(predictions, rows, prob), rows, prob
    )
    densities = error_tables.error_densities(predictions, rows)
    return by_gene, by_guide, partial(plots.densities_by_gene, densities, rows)


def genes_with_disagreeing_guides(
    predictions: pd.DataFrame, prediction: PredictionSettings, choices: FigureSettings
) -> Drawing:
    """Draw the errors of the genes whose guides disagree most."""
    from partialpool.plots import blank, errors

    values = error_tables.guide_disagreement(predictions)
    if values.empty:
        return partial(blank.says, "No gene of this screen has more than one guide.")
    rows = choose_genes(choices.disagreeing_genes, values, choices.n_disagreeing_genes)
    boxes = error_tables.guide_errors(predictions, rows, prediction.hdi_prob)
    return partial(errors.disagreeing_guides, boxes, rows, values, prediction.hdi_prob)


def error_by_mutation_status(
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    prediction: PredictionSettings,
    choices: FigureSettings,
) -> Drawing:
    """Draw the errors of mutated genes by mutation status."""
    from partialpool.plots import blank, errors

    table = error_tables.with_mutation_status(predictions, screen)
    n = error_tables.mutated_measurements(table)
    if n.empty:
        return partial(
            blank.says, "No gene of this screen is mutated in some of its cell lines (n_muts)."
        )
    rows = choose_genes(choices.mutated_genes, n, choices.n_mutated_genes)
    boxes = error_tables.mutation_errors(table, rows, prediction.hdi_prob)
    points = error_tables.mutated_points(table, boxes, MUTATED_POINTS, choices.seed)
    return partial(errors.by_mutation_status, boxes, points, n, rows, prediction.hdi_prob)


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
    _one(prior_predictive),
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
    FitFigures(
        predictions_of_genes,
        ("predictions_by_gene", "predictions_and_data_by_gene", "prediction_boxes_by_sgrna"),
    ),
    _one(ppc),
    _one(posterior_predictive_panel, "cell_line_effect"),
    FitFigures(errors_of_genes, ("error_by_gene", "error_by_sgrna", "error_density_by_gene")),
    _one(genes_with_disagreeing_guides),
    _one(error_by_mutation_status, "annotations"),
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


def _predicted(
    predictions: pd.DataFrame,
    replicated: pd.DataFrame,
    rows: Rows,
    prob: float,
    choices: FigureSettings,
) -> Drawing:
    from partialpool.plots import predictions as plots

    spread = prediction_tables.quantile_table(replicated, ["hugo_symbol"], "value", prob)
    spread = spread.assign(row=rows.place(spread["hugo_symbol"]))
    points = prediction_tables.predicted_points(predictions, rows, MANY_POINTS, choices.seed)
    return partial(plots.by_gene, points, spread, rows, prob)


def _boxes_by_guide(
    values: tuple[pd.DataFrame, pd.DataFrame], genes: pd.DataFrame, rows: Rows, prob: float
) -> Drawing:
    from partialpool.plots import predictions as plots

    measured, predicted = (prediction_tables.guide_values(one, rows, prob) for one in values)
    return partial(plots.boxes_by_guide, predicted, measured, genes, rows, prob)


def _genes_by_error(predictions: pd.DataFrame, prob: float) -> tuple[pd.DataFrame, Rows]:
    errors = error_tables.gene_errors(predictions, prob)
    rows = choose_top(errors.set_index("hugo_symbol")["rmse"], MANY_GENES)
    shown = errors[errors["hugo_symbol"].isin(rows.labels)]
    return shown.assign(row=rows.place(shown["hugo_symbol"])), rows


def _screens(group: Any) -> np.ndarray:
    """Log fold changes as (screen, measurement)."""
    lfc: np.ndarray = group["lfc"].transpose("chain", "draw", ...).to_numpy()
    return lfc.reshape(-1, lfc.shape[-1])
