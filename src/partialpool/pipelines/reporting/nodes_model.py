"""Nodes that draw one fit, and all fits side by side.

Plotnine is imported when a node runs, so that the command line starts fast.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from partialpool.inference.settings import ConvergenceSettings, PredictionSettings
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


def marked(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Let a node take the verdict too, as the last input, and mark the figures of a failed fit.

    The last, as Kedro reads the types of parameters off the places of ``draw``'s own inputs.
    """

    @wraps(draw)
    def draw_marked(*inputs: Any) -> Any:
        from partialpool.plots import marks

        *own, verdict = inputs
        made = draw(*own)
        if verdict["passed"]:
            return made
        return tuple(map(marks.failed, made)) if isinstance(made, tuple) else marks.failed(made)

    return draw_marked


def prior_predictive(prior: Any, predictions: pd.DataFrame, choices: FigureSettings) -> Any:
    """Draw what the prior expects."""
    from partialpool.plots import predictions as plots

    screens = _screens(prior["prior_predictive"])
    return plots.prior_predictive(
        prediction_tables.prior_densities(screens, predictions["real_value"], choices.screens)
    )


def paths(posterior: Any, estimates: pd.DataFrame, choices: FigureSettings) -> tuple[Any, Any]:
    """Draw traces and ranks."""
    from partialpool.plots import diagnostics

    draws, worst = sampler_tables.with_worst_elements(
        posterior["posterior"], estimates, choices.worst_elements
    )
    thinned = sampler_tables.trace_table(draws, choices.max_trace_draws)
    ranks = sampler_tables.rank_table(draws, choices.rank_bins, choices.rank_level)
    return (
        diagnostics.trace(thinned, sampler_tables.chain_density_table(draws), worst),
        diagnostics.rank(ranks, choices.rank_level, worst),
    )


def effect_densities(posterior: Any, effects: pd.DataFrame, choices: FigureSettings) -> Any:
    """Draw the densities of the effects, by chain."""
    from partialpool.plots import diagnostics

    draws, n = posterior["posterior"], choices.density_elements
    return diagnostics.effects(sampler_tables.element_densities(draws, effects, n))


def energy(posterior: Any, convergence: ConvergenceSettings) -> Any:
    """Draw the sampler's energy."""
    from partialpool.plots import diagnostics

    stats = posterior["sample_stats"]
    e_bfmi = sampler_tables.e_bfmi(stats)
    table, worst = sampler_tables.energy_table(stats), float(e_bfmi.min())
    return diagnostics.energy(table, e_bfmi, worst, convergence.min_e_bfmi)


def population_parameters(estimates: pd.DataFrame, convergence: ConvergenceSettings) -> Any:
    """Draw the population parameters."""
    from partialpool.plots import posterior as plots

    table = posterior_tables.population_table(estimates)
    return plots.population(table, convergence.hdi_prob)


def gene_effects_by_rank(
    effects: pd.DataFrame, convergence: ConvergenceSettings, choices: FigureSettings
) -> Any:
    """Draw every gene's effect by rank."""
    from partialpool.plots import posterior as plots

    table = posterior_tables.ranked_effects(effects, "gene_effect", choices.named_effects)
    return plots.effects_by_rank(table, "gene_effect", convergence.hdi_prob)


def gene_effects(effects: pd.DataFrame, convergence: ConvergenceSettings) -> Any:
    """Draw the gene effects."""
    return _forest(effects, "gene_effect", convergence)


def cell_line_effects(
    effects: pd.DataFrame, screen: pd.DataFrame, convergence: ConvergenceSettings
) -> Any:
    """Draw the cell-line effects."""
    from partialpool.plots.words import with_lineages

    names = with_lineages(screen_tables.lineages(screen))
    return _forest(effects, "cell_line_effect", convergence, MANY_LINES, names=names)


def mutation_effects(
    effects: pd.DataFrame,
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    convergence: ConvergenceSettings,
) -> Any:
    """Draw the mutation effects of genes that have mutated measurements."""
    informed = posterior_tables.genes_with("is_mutated", screen, predictions)
    return _informed_forest(effects, "mutation_effect", informed, convergence)


def rna_effects(
    effects: pd.DataFrame,
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    convergence: ConvergenceSettings,
) -> Any:
    """Draw the RNA effects of genes whose RNA varies."""
    informed = posterior_tables.genes_with("rna_expr_z", screen, predictions)
    return _informed_forest(effects, "rna_effect", informed, convergence)


def copy_number_effects(
    effects: pd.DataFrame,
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    convergence: ConvergenceSettings,
) -> Any:
    """Draw the copy-number effects of genes whose copy number varies."""
    informed = posterior_tables.genes_with("gene_cn_z", screen, predictions)
    return _informed_forest(effects, "copy_number_effect", informed, convergence)


def posterior_gene_violins(
    posterior: Any, effects: pd.DataFrame, convergence: ConvergenceSettings
) -> Any:
    """Draw the posterior densities of the gene effects."""
    from partialpool.plots import posterior as plots

    table, rows = posterior_tables.forest_table(effects, "gene_effect", MANY_GENES)
    violins = posterior_tables.violin_table(posterior["posterior"]["gene_effect"], rows)
    return plots.gene_violins(violins, table, rows, convergence.hdi_prob)


def sgrna_and_gene_effects(
    effects: pd.DataFrame, estimates: pd.DataFrame, convergence: ConvergenceSettings
) -> Any:
    """Draw guides around their genes."""
    from partialpool.plots import posterior as plots

    genes, rows = posterior_tables.forest_table(effects, "gene_effect", MANY_GENES)
    guides = posterior_tables.guide_effect_table(effects, rows)
    mean = estimates[estimates["parameter"] == "mu_gene"].iloc[0]
    return plots.guides_and_genes(guides, genes, mean, rows, convergence.hdi_prob)


def predictions_of_genes(
    predictions: pd.DataFrame,
    replicates: Any,
    effects: pd.DataFrame,
    prediction: PredictionSettings,
    choices: FigureSettings,
) -> tuple[Any, Any, Any]:
    """Draw predictions by gene, without and with the data, and by guide."""
    from partialpool.plots import predictions as plots

    screens, prob = _screens(replicates["posterior_predictive"]), prediction.hdi_prob
    _, rows = posterior_tables.forest_table(effects, "gene_effect", MANY_GENES)
    genes, boxed = posterior_tables.forest_table(effects, "gene_effect", MANY_BOXED_GENES)
    both = prediction_tables.measured_and_replicated(predictions, screens, rows)
    few = prediction_tables.measured_and_replicated(predictions, screens, boxed)
    by_gene = _predicted(predictions, both[1], rows, prob, choices)
    with_data = plots.with_data_by_gene(prediction_tables.mirrored_violins(*both, rows), rows)
    return by_gene, with_data, _boxes_by_guide(few, genes, boxed, prob)


def ppc(predictions: pd.DataFrame, replicates: Any, choices: FigureSettings) -> Any:
    """Draw replicated screens and the measured one."""
    from partialpool.plots import predictions as plots

    screens = _screens(replicates["posterior_predictive"])
    return plots.posterior_predictive(
        prediction_tables.screen_densities(screens, predictions["real_value"], choices.screens)
    )


def posterior_predictive_panel(
    predictions: pd.DataFrame, prediction: PredictionSettings, choices: FigureSettings
) -> Any:
    """Draw measurements and predictions by cell line."""
    from partialpool.plots import predictions as plots

    shown, genes, lines = prediction_tables.panel_table(
        predictions, choices.panel_genes, choices.panel_cell_lines
    )
    predicted = prediction_tables.distinct_predictions(shown)
    return plots.panel(shown, predicted, genes, lines, prediction.hdi_prob)


def errors_of_genes(
    predictions: pd.DataFrame, prediction: PredictionSettings, choices: FigureSettings
) -> tuple[Any, Any, Any]:
    """Draw errors by gene and by guide, and their densities."""
    from partialpool.plots import errors as plots

    prob = prediction.hdi_prob
    errors, rows = _genes_by_error(predictions, prob)
    points = error_tables.error_points(predictions, rows, choices.seed)
    points = points if len(predictions) <= MANY_POINTS else points[:0]
    bins = error_tables.error_bins(predictions, rows, choices.error_bins)
    by_gene = plots.by_gene(errors, points, bins, rows, prob)
    by_guide = plots.by_guide(error_tables.guide_errors(predictions, rows, prob), rows, prob)
    densities = error_tables.error_densities(predictions, rows)
    return by_gene, by_guide, plots.densities_by_gene(densities, rows)


def genes_with_disagreeing_guides(
    predictions: pd.DataFrame, prediction: PredictionSettings, choices: FigureSettings
) -> Any:
    """Draw the errors of the genes whose guides disagree most."""
    from partialpool.plots import blank, errors

    values = error_tables.guide_disagreement(predictions)
    if values.empty:
        return blank.says("No gene of this screen has more than one guide.")
    rows = choose_genes(choices.disagreeing_genes, values, choices.n_disagreeing_genes)
    boxes = error_tables.guide_errors(predictions, rows, prediction.hdi_prob)
    return errors.disagreeing_guides(boxes, rows, values, prediction.hdi_prob)


def error_by_mutation_status(
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    prediction: PredictionSettings,
    choices: FigureSettings,
) -> Any:
    """Draw the errors of mutated genes by mutation status."""
    from partialpool.plots import blank, errors

    table = error_tables.with_mutation_status(predictions, screen)
    n = error_tables.mutated_measurements(table)
    if n.empty:
        return blank.says("No gene of this screen is mutated in some of its cell lines (n_muts).")
    rows = choose_genes(choices.mutated_genes, n, choices.n_mutated_genes)
    boxes = error_tables.mutation_errors(table, rows, prediction.hdi_prob)
    points = error_tables.mutated_points(table, boxes, MUTATED_POINTS, choices.seed)
    return errors.by_mutation_status(boxes, points, n, rows, prediction.hdi_prob)


def estimates_vs_truth(recovery: pd.DataFrame, convergence: ConvergenceSettings) -> Any:
    """Draw estimates beside the planted truth."""
    from partialpool.plots import recovery as plots

    table = posterior_tables.recovery_panels(recovery, plots.PANELS)
    n_inside = int(recovery["is_inside"].sum())
    return plots.estimates_vs_truth(table, n_inside, convergence.hdi_prob)


def verdicts_by_model(**fits: Any) -> Any:
    """Draw every fit's diagnostics."""
    from partialpool.plots import comparison

    verdicts = {name: fit.verdict for name, fit in fits.items()}
    n_passed = sum(bool(verdict["passed"]) for verdict in verdicts.values())
    return comparison.verdicts_by_model(sampler_tables.verdict_table(verdicts), n_passed)


def rmse_by_model(prediction: PredictionSettings, **fits: Any) -> Any:
    """Draw every model's errors."""
    from partialpool.plots import comparison

    passed = {name: bool(fit.verdict["passed"]) for name, fit in fits.items()}
    scores = {name: fit.scores | {"passed": passed[name]} for name, fit in fits.items()}
    table, others = prediction_tables.comparable(prediction_tables.score_table(scores))
    return comparison.rmse_by_model(table, others, prediction.hdi_prob)


def rank_models(**loos: pd.DataFrame) -> pd.DataFrame:
    """Rank the models of one screen by leave-one-out prediction."""
    from partialpool.inference.scores import rank

    return rank(loos)


def _forest(
    effects: pd.DataFrame,
    effect: str,
    convergence: ConvergenceSettings,
    limit: int = MANY_GENES,
    **words: Any,
) -> Any:
    from partialpool.plots import posterior as plots

    table, rows = posterior_tables.forest_table(effects, effect, limit, MANY_GENES)
    return plots.forest(table, rows, effect, convergence.hdi_prob, **words)


def _informed_forest(
    effects: pd.DataFrame, effect: str, genes: list[str], convergence: ConvergenceSettings
) -> Any:
    """Effects of the genes whose measurements tell of them."""
    from partialpool.plots import blank, words

    of_all = effects[effects["effect"] == effect]
    shown = of_all[of_all["hugo_symbol"].isin(genes)]
    if shown.empty:
        about = words.describe(effect)
        return blank.says(f"None of the {len(of_all)} {about.elements} has {about.informed}.")
    return _forest(shown, effect, convergence, n_all=len(of_all))


def _predicted(
    predictions: pd.DataFrame,
    replicated: pd.DataFrame,
    rows: Rows,
    prob: float,
    choices: FigureSettings,
) -> Any:
    from partialpool.plots import predictions as plots

    spread = prediction_tables.quantile_table(replicated, ["hugo_symbol"], "value", prob)
    spread = spread.assign(row=rows.place(spread["hugo_symbol"]))
    points = prediction_tables.predicted_points(predictions, rows, MANY_POINTS, choices.seed)
    return plots.by_gene(points, spread, rows, prob)


def _boxes_by_guide(
    values: tuple[pd.DataFrame, pd.DataFrame], genes: pd.DataFrame, rows: Rows, prob: float
) -> Any:
    from partialpool.plots import predictions as plots

    measured, predicted = (prediction_tables.guide_values(one, rows, prob) for one in values)
    return plots.boxes_by_guide(predicted, measured, genes, rows, prob)


def _genes_by_error(predictions: pd.DataFrame, prob: float) -> tuple[pd.DataFrame, Rows]:
    errors = error_tables.gene_errors(predictions, prob)
    rows = choose_top(errors.set_index("hugo_symbol")["rmse"], MANY_GENES)
    shown = errors[errors["hugo_symbol"].isin(rows.labels)]
    return shown.assign(row=rows.place(shown["hugo_symbol"])), rows


def _screens(group: Any) -> np.ndarray:
    """Log fold changes as (screen, measurement)."""
    lfc = group["lfc"].transpose("chain", "draw", ...).to_numpy()
    return lfc.reshape(-1, lfc.shape[-1])
