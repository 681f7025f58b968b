"""The node of a hierarchical model, and the one that enforces its verdict.

PyMC and ArviZ are imported when a node runs, so that the command line starts fast.
"""

import logging
from typing import Any

import pandas as pd

from partialpool.inference import convergence, prediction
from partialpool.inference.effects import effect_table
from partialpool.inference.settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.screen import Screen

logger = logging.getLogger(__name__)


def fit(
    table: pd.DataFrame,
    settings: FitSettings,
    keep: PredictionSettings,
    thresholds: ConvergenceSettings,
    *,
    name: str,
) -> tuple[Any, Any, pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Fit a model: its posterior, prior draws, convergence table, verdict and effects."""
    from partialpool.inference import sampling

    screen = Screen.from_table(table, settings.spec.covariates)
    posterior = sampling.fit(screen, settings, name)
    prior = prediction.prior_draws(screen, settings, keep.prior_draws, keep.replicates)
    summary = convergence.convergence_table(posterior, thresholds.hdi_prob)
    verdict = convergence.verdict(posterior, summary, thresholds)
    effects = effect_table(summary, posterior["posterior"], screen)
    return posterior, prior, summary, verdict, effects


def enforce_verdict(record: dict[str, Any], settings: ConvergenceSettings) -> None:
    """Log the verdict; stop the run if it failed and the settings say so."""
    line = convergence.describe(record)
    if record["passed"]:
        logger.info(line)
    elif settings.on_failure == "warn":
        logger.warning(line)
    else:
        raise convergence.ConvergenceError(line)
