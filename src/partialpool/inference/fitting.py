"""One fit: sample a model, summarise the draws, and check convergence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from partialpool.inference.convergence import convergence_table, verdict
from partialpool.inference.effects import effect_table
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings

if TYPE_CHECKING:
    import arviz as az


class FittedModel(NamedTuple):
    """Results of a fit.

    Attributes
    ----------
    posterior
        Draws and statistics of the sampler.
    convergence
        Table with one row per parameter, from ``convergence_table``.
    verdict
        Record that says whether the fit can be used, from ``verdict``.
    effects
        Table with one row per element of an effect, from ``effect_table``.
    """

    posterior: az.InferenceData
    convergence: pd.DataFrame
    verdict: dict[str, Any]
    effects: pd.DataFrame


def fit_model(
    table: pd.DataFrame, settings: FitSettings, thresholds: ConvergenceSettings, label: str
) -> FittedModel:
    """Fit a model to a modelling table.

    Parameters
    ----------
    table
        Modelling table, from ``prepare``.
    settings
        The model, its priors and the settings of the sampler.
    thresholds
        Limits that the fit must reach.
    label
        Name of the fit in progress bars and the log.
    """
    from partialpool.inference import sampling

    screen = settings.spec.view(table)
    posterior = sampling.fit(screen, settings, label)
    summary = convergence_table(posterior, thresholds.hdi_prob)
    judged = verdict(posterior, summary, thresholds)
    populations = settings.spec.populations(settings.parametrization)
    effects = effect_table(summary, posterior["posterior"], screen, populations)
    return FittedModel(posterior, summary, judged, effects)
