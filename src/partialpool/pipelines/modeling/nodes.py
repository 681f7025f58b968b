"""The node that fits a hierarchical model, and the node that enforces its verdict.

PyMC and ArviZ are imported only when a node runs, so that the command line starts fast.
"""

from typing import Any

import pandas as pd

from partialpool.inference import convergence, prior
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.inference.fitting import fit_model


def fit(
    table: pd.DataFrame,
    settings: FitSettings,
    thresholds: ConvergenceSettings,
    *,
    name: str,
) -> tuple[Any, pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Fit a model: its posterior, convergence table, verdict and effects."""
    fitted = fit_model(table, settings, thresholds, name)
    return fitted.posterior, fitted.convergence, fitted.verdict, fitted.effects


def draw_prior(table: pd.DataFrame, settings: FitSettings, keep: PredictionSettings) -> Any:
    """Draw parameters from the prior, and some screens that it would make."""
    screen = settings.spec.view(table)
    return prior.prior_draws(screen, settings, keep.prior_draws, keep.replicates)


def enforce_verdict(record: dict[str, Any], settings: ConvergenceSettings) -> None:
    """Log the verdict; stop the run if it failed and the settings say so."""
    text = convergence.describe(record)
    convergence.enforce(text, settings.on_failure, passed=record["passed"])
