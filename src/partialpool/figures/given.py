"""The data that figures are drawn from. Their names are possible parameters of ``tables``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from partialpool.figures.options import FigureOptions
from partialpool.inference.fit_settings import FitSettings, PredictionSettings
from partialpool.screen import Screen


@dataclass(frozen=True)
class OfScreen:
    """The data that figures of a screen are drawn from.

    Attributes
    ----------
    screen
        The modelling table.
    options
        Options of the figures.
    fits
        Fit of the run -> its settings.
    sequence_qc
        The quality of sequences, if the screen was made from counts.
    """

    screen: pd.DataFrame
    options: FigureOptions
    fits: Mapping[str, FitSettings]
    sequence_qc: pd.DataFrame | None = None

    @property
    def results(self) -> frozenset[str]:
        """Names of the optional results that this screen has."""
        return frozenset({"sequence_qc"} if self.sequence_qc is not None else ())


@dataclass(frozen=True)
class OfFit:
    """The data that figures of a fit are drawn from.

    Attributes
    ----------
    settings
        The settings of the fit.
    screen
        The modelling table that was fitted.
    options
        Options of the figures.
    prediction
        Settings of predictions.
    hdi_prob
        The probability of the intervals of parameters.
    min_e_bfmi
        The lowest E-BFMI that passes.
    posterior, verdict, convergence, effects, predictions, scores, adequacy
        Results of the fit, as they are saved.
    recovery
        Estimates beside the planted values, if the screen was simulated.
    """

    settings: FitSettings
    screen: pd.DataFrame
    options: FigureOptions
    prediction: PredictionSettings
    hdi_prob: float
    min_e_bfmi: float
    posterior: Any
    verdict: Mapping[str, Any]
    convergence: pd.DataFrame
    effects: pd.DataFrame
    predictions: pd.DataFrame
    scores: Mapping[str, Any]
    adequacy: pd.DataFrame
    recovery: pd.DataFrame | None = None

    @property
    def prediction_prob(self) -> float:
        """The probability of the intervals of a measurement."""
        return self.prediction.hdi_prob

    @cached_property
    def view(self) -> Screen:
        """The screen as the model sees it."""
        return self.settings.spec.view(self.screen)

    @cached_property
    def replicates(self) -> Any:
        """Screens that the fitted model simulates, in group ``posterior_predictive``."""
        from partialpool.inference.prediction import replicated_screens

        terms, keep, noise = self.settings.spec.terms, self.prediction, self.settings.noise
        draws = self.posterior.posterior
        return replicated_screens(self.view, draws, terms, keep.replicates, keep.seed, noise)

    @cached_property
    def prior(self) -> Any:
        """Draws from the prior, and screens simulated from them in group ``prior_predictive``."""
        from partialpool.inference.prior import prior_draws

        n = self.prediction.replicates
        return prior_draws(self.view, self.settings, n, n)

    @property
    def results(self) -> frozenset[str]:
        """Names of the optional results that this fit has."""
        return frozenset({"recovery"} if self.recovery is not None else ())


@dataclass(frozen=True)
class OfFits:
    """The data that figures of all fits are drawn from.

    Attributes
    ----------
    verdicts, scores
        Fit -> its verdict, and its scores.
    prediction_prob
        The probability of the intervals of a measurement.
    """

    verdicts: Mapping[str, Mapping[str, Any]]
    scores: Mapping[str, Mapping[str, Any]]
    prediction_prob: float


@dataclass(frozen=True)
class OfDependency:
    """The data that figures of model ``dependency`` and its calls are drawn from.

    Attributes
    ----------
    screen
        The modelling table.
    options
        Options of the figures.
    verdict
        The verdict of the fit.
    effects
        Effects of genes x lines with their calls.
    genes
        Genes with their classes.
    differential
        Contrast -> differences between its groups of lines.
    qc, trust
        What is wrong with replicates, and with genes.
    lines, replicates
        Strength of depletion and noise, as the fit estimates them.
    delta
        An effect below ``-delta`` is a dependency.
    fdr
        The expected share of false calls.
    probability
        The probability of the intervals.
    qc_limits, trust_limits
        The settings of the two checks, by name.
    """

    screen: pd.DataFrame
    options: FigureOptions
    verdict: Mapping[str, Any]
    effects: pd.DataFrame
    genes: pd.DataFrame
    differential: Mapping[str, pd.DataFrame]
    qc: pd.DataFrame
    trust: pd.DataFrame
    lines: pd.DataFrame
    replicates: pd.DataFrame
    delta: float
    fdr: float
    probability: float
    qc_limits: Mapping[str, Any]
    trust_limits: Mapping[str, Any]
