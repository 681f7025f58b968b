"""Nodes that compare fits with the measurements, with the planted truth and with each other."""

import logging
from typing import Any

import pandas as pd

from partialpool.inference import adequacy, prediction, recovery, scores
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.inference.scores import ScoreSettings

logger = logging.getLogger(__name__)


def evaluate(
    table: pd.DataFrame,
    posterior: Any,
    settings: FitSettings,
    keep: PredictionSettings,
    how: ScoreSettings,
) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Predict every measurement: predictions, scores, LOO, adequacy.

    The scores contain the identifiers of the fit and of its data.
    """
    draws, terms, noise = posterior.posterior, settings.spec.terms, settings.noise
    screen = settings.spec.view(table)
    predicted = prediction.prediction_table(screen, draws, terms, keep, noise)
    loo = scores.loo_table(screen, draws, terms, how, noise)
    about = {"fit_id": posterior.attrs["fit_id"], "data_hash": screen.content_hash}
    checked = adequacy.adequacy_table(predicted, keep, noise)
    return predicted, about | scores.fit_scores(predicted, loo), loo, checked


def evaluate_with_truth(
    table: pd.DataFrame,
    posterior: Any,
    settings: FitSettings,
    keep: PredictionSettings,
    how: ScoreSettings,
    summary: pd.DataFrame,
    truth: pd.DataFrame,
    intervals: ConvergenceSettings,
    *,
    name: str,
) -> tuple[Any, ...]:
    """Like ``evaluate``, plus a comparison of estimates and intervals with the planted truth."""
    found = recovery.recovery_table(
        summary, truth, table, settings.spec, settings.parametrization, settings.noise
    )
    shares = recovery.coverage(found, intervals.hdi_prob)
    total = shares.iloc[-1]
    logger.info(
        "%s: %d of %d planted values inside their intervals (%.0f %%)",
        name,
        total["n_inside"],
        total["n"],
        100 * total["share_inside"],
    )
    return *evaluate(table, posterior, settings, keep, how), found, shares


def replicate(
    table: pd.DataFrame, posterior: Any, settings: FitSettings, keep: PredictionSettings
) -> Any:
    """Simulate screens from the fitted model."""
    screen, terms = settings.spec.view(table), settings.spec.terms
    return prediction.replicated_screens(
        screen, posterior.posterior, terms, keep.replicates, keep.seed, settings.noise
    )


def compare_models(**loos: pd.DataFrame) -> pd.DataFrame:
    """Rank the models of one screen by leave-one-out prediction."""
    return scores.rank(loos)
