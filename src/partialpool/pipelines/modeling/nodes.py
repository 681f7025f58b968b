"""The node of a hierarchical model, and the one that enforces its verdict.

PyMC and ArviZ are imported when a node runs, so that the command line starts fast.
"""

import logging
from typing import Any

import pandas as pd

from partialpool.inference import convergence, prior
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.inference.fitting import fit_model

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
    fitted = fit_model(table, settings, thresholds, name)
    screen = settings.spec.view(table)
    prior_draws = prior.prior_draws(screen, settings, keep.prior_draws, keep.replicates)
    return fitted.posterior, prior_draws, fitted.convergence, fitted.verdict, fitted.effects


def enforce_verdict(record: dict[str, Any], settings: ConvergenceSettings) -> None:
    """Log the verdict; stop the run if it failed and the settings say so."""
    text = convergence.describe(record)
    if not record["passed"] and settings.on_failure == "raise":
        raise convergence.ConvergenceError(text)
    for line in text.splitlines():
        logger.log(logging.INFO if record["passed"] else logging.WARNING, line)
