"""Nodes that hold fits to the measurements, to the planted truth and to each other."""

import logging
from typing import Any

import pandas as pd

from partialpool.inference import prediction, recovery, scores
from partialpool.inference.fit_settings import FitSettings, PredictionSettings
from partialpool.inference.scores import ScoreSettings

logger = logging.getLogger(__name__)


def evaluate(
    table: pd.DataFrame,
    posterior: Any,
    settings: FitSettings,
    keep: PredictionSettings,
    how: ScoreSettings,
) -> tuple[pd.DataFrame, Any, dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Predict every measurement: predictions, replicated screens, scores, LOO, scores of genes.

    The scores name their fit and its data.
    """
    draws, terms = posterior.posterior, settings.spec.terms
    screen = settings.spec.view(table)
    predicted = prediction.prediction_table(screen, draws, terms, keep)
    replicates = prediction.replicated_screens(screen, draws, terms, keep.replicates, keep.seed)
    loo = scores.loo_table(screen, draws, terms, how)
    about = {"fit_id": posterior.attrs["fit_id"], "data_hash": screen.content_hash}
    of_genes = scores.gene_scores(predicted, keep.hdi_prob, keep.coverage_tolerance)
    return predicted, replicates, about | scores.fit_scores(predicted, loo), loo, of_genes


def evaluate_with_truth(
    table: pd.DataFrame,
    posterior: Any,
    settings: FitSettings,
    keep: PredictionSettings,
    how: ScoreSettings,
    summary: pd.DataFrame,
    truth: pd.DataFrame,
    *,
    name: str,
) -> tuple[Any, ...]:
    """As ``evaluate``; then estimates beside the planted truth, and how many intervals hold it."""
    found = recovery.recovery_table(summary, truth, table, settings.spec, settings.parametrization)
    shares = recovery.coverage(found)
    total = shares.iloc[-1]
    logger.info(
        "%s: %d of %d planted values inside their intervals (%.0f %%)",
        name,
        total["n_inside"],
        total["n"],
        100 * total["share_inside"],
    )
    return *evaluate(table, posterior, settings, keep, how), found, shares


def compare_models(**loos: pd.DataFrame) -> pd.DataFrame:
    """Rank the models of one screen by leave-one-out prediction."""
    return scores.rank(loos)
