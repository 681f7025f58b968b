"""One fit: sample a model on a modelling table, summarise it, judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from partialpool.inference.convergence import convergence_table, verdict
from partialpool.inference.effects import effect_table
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings

if TYPE_CHECKING:
    import arviz as az


class FittedModel(NamedTuple):
    """What a fit gives.

    Attributes
    ----------
    posterior
        Draws and the sampler's statistics.
    convergence
        A row per parameter, as ``convergence_table`` makes it.
    verdict
        Whether the fit can be used, as ``verdict`` makes it.
    effects
        A row per element of an effect, as ``effect_table`` makes it.
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
        As ``prepare`` makes it.
    settings
        The model, its priors and how it is sampled.
    thresholds
        What the fit must reach.
    label
        What progress and log lines call the fit.
    """
    from partialpool.inference import sampling

    screen = settings.spec.view(table)
    posterior = sampling.fit(screen, settings, label)
    summary = convergence_table(posterior, thresholds.hdi_prob)
    judged = verdict(posterior, summary, thresholds)
    effects = effect_table(summary, posterior["posterior"], screen)
    return FittedModel(posterior, summary, judged, effects)
