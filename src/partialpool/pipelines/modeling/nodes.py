"""Nodes that fit one model to a screen and judge the fit.

PyMC and ArviZ are imported when a node runs, so that the command line starts fast.
"""

import logging
from typing import Any

import pandas as pd

from partialpool.inference import convergence, prediction, recovery
from partialpool.inference.effects import effect_table
from partialpool.inference.scores import ScoreSettings, fit_scores, gene_scores, loo_table
from partialpool.inference.settings import (
    ConvergenceSettings,
    FitSettings,
    PredictionSettings,
)
from partialpool.models.graph import model_svg
from partialpool.screen import Screen

logger = logging.getLogger(__name__)


def draw_graph(table: pd.DataFrame, settings: FitSettings) -> str:
    """Draw the model as SVG."""
    screen = Screen.from_table(table, settings.spec.covariates)
    return model_svg(settings.spec, screen, settings.priors, settings.parametrization)


def sample_prior(table: pd.DataFrame, settings: FitSettings, keep: PredictionSettings) -> Any:
    """Draw parameters and screens from the prior."""
    screen = Screen.from_table(table, settings.spec.covariates)
    return prediction.prior_draws(screen, settings, keep.prior_draws, keep.replicates)


def fit(table: pd.DataFrame, settings: FitSettings, *, name: str) -> Any:
    """Sample the posterior."""
    from partialpool.inference import sampling

    return sampling.fit(Screen.from_table(table, settings.spec.covariates), settings, name)


def check_convergence(
    posterior: Any, settings: ConvergenceSettings
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Summarise every parameter and judge the fit."""
    table = convergence.convergence_table(posterior, settings.hdi_prob)
    return table, convergence.verdict(posterior, table, settings)


def enforce_verdict(record: dict[str, Any], settings: ConvergenceSettings) -> None:
    """Report the verdict; stop the run if it failed and the settings say so."""
    line = convergence.describe(record)
    if record["passed"]:
        logger.info(line)
    elif settings.on_failure == "warn":
        logger.warning(line)
    else:
        raise convergence.ConvergenceError(line)


def predict(
    table: pd.DataFrame, posterior: Any, settings: FitSettings, keep: PredictionSettings
) -> tuple[pd.DataFrame, Any]:
    """Predict every measurement, and keep some replicated screens."""
    terms, draws = settings.spec.terms, posterior.posterior
    screen = Screen.from_table(table, settings.spec.covariates)
    return (
        prediction.prediction_table(screen, draws, terms, keep),
        prediction.replicated_screens(screen, draws, terms, keep.replicates, keep.seed),
    )


def score(
    table: pd.DataFrame,
    posterior: Any,
    predictions: pd.DataFrame,
    settings: FitSettings,
    how: ScoreSettings,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Score the fit: error, coverage, and leave-one-out prediction of every measurement.

    The scores tell which fit they are of, and which data it was held to.
    """
    screen = Screen.from_table(table, settings.spec.covariates)
    loo = loo_table(screen, posterior.posterior, settings.spec.terms, how)
    about = {"fit_id": posterior.attrs["fit_id"], "data_hash": screen.content_hash}
    return about | fit_scores(predictions, loo), loo


def score_genes(predictions: pd.DataFrame, intervals: PredictionSettings) -> pd.DataFrame:
    """Score the fit gene by gene."""
    return gene_scores(predictions, intervals.hdi_prob, intervals.coverage_tolerance)


def tabulate_effects(
    table: pd.DataFrame, posterior: Any, summary: pd.DataFrame, settings: FitSettings
) -> pd.DataFrame:
    """Table the effects with their labels and intervals."""
    screen = Screen.from_table(table, settings.spec.covariates)
    return effect_table(summary, posterior.posterior, screen)


def compare_with_truth(
    table: pd.DataFrame,
    summary: pd.DataFrame,
    truth: pd.DataFrame,
    settings: FitSettings,
    *,
    name: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put estimates beside the planted truth, and count how many intervals hold it."""
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
    return found, shares
