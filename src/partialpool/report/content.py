"""What a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from partialpool.tidy.handon import LABELS, FittedEffects

#: Name of the screen that the report is about.
MAIN_SCREEN = "main"


@dataclass(frozen=True)
class Section:
    """Figures and tables about one thing.

    Attributes
    ----------
    figures
        Name -> picture, WebP or PNG.
    tables
        Name -> table.
    """

    figures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelContent:
    """What one fit gave.

    Attributes
    ----------
    name
        Name of the fit.
    about
        Docstring of the model: its equations and symbols, as Markdown.
    settings
        Its parameters: ``model``, ``parametrization``, ``likelihood``, ``seed``, ``sampler``.
    verdict
        Record of ``partialpool.inference.convergence.verdict``.
    convergence
        Summary of every parameter.
    effects
        Effects with their labels and intervals.
    priors
        Parameter -> its prior, in words.
    graph
        Picture of the model, SVG.
    scores
        ``rmse``, ``coverage``, ``elpd_loo``, ...; None if it was not scored.
    gene_scores
        How well it describes each gene, as
        ``partialpool.inference.scores.gene_scores`` gives it; empty if it was not scored.
    recovery, coverage
        Estimates beside planted values; None without such values.
    figures
        Name -> picture, WebP or PNG.
    measurements
        The rows of its table that it saw, as
        ``partialpool.tidy.handon.measurements`` gives them.
    screen
        The screen that it was fitted to, by the hash of its measurements, or by name in a
        ``ReportContent``; only fits to one screen compare.
    """

    name: str
    about: str
    settings: Mapping[str, Any]
    verdict: Mapping[str, Any]
    convergence: pd.DataFrame
    effects: pd.DataFrame
    priors: Mapping[str, str] = field(default_factory=dict)
    graph: str = ""
    scores: Mapping[str, Any] | None = None
    gene_scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    recovery: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    figures: Mapping[str, bytes] = field(default_factory=dict)
    measurements: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(LABELS)))
    screen: str = MAIN_SCREEN

    @property
    def passed(self) -> bool:
        """Whether it passed its verdict."""
        return bool(self.verdict["passed"])

    @property
    def found(self) -> FittedEffects:
        """Its effects, for the tables to hand on."""
        return FittedEffects(self.name, self.passed, self.effects, self.measurements)


@dataclass(frozen=True)
class ReportContent:
    """Everything that a report shows.

    Attributes
    ----------
    data_quality
        What was read, left out and kept.
    sections
        Figures and tables by what they are about: ``data``, ``comparison``, others.
    models
        Every fit, in order.
    provenance
        What made the report: item -> value.
    hdi_prob, prediction_prob
        Probability of the intervals of effects, and of measurements.
    strong_effect
        From where an effect is called strong, log2 fold change.
    """

    data_quality: pd.DataFrame
    sections: Mapping[str, Section]
    models: Sequence[ModelContent]
    provenance: Mapping[str, str]
    hdi_prob: float
    prediction_prob: float
    strong_effect: float

    @property
    def percent(self) -> str:
        """The probability of the intervals of effects, as text."""
        return f"{100 * self.hdi_prob:g}\u00a0%"

    @property
    def is_simulated(self) -> bool:
        """Whether the project made the screen itself: its truth is known."""
        return any(m.recovery is not None for m in self.models if m.screen == MAIN_SCREEN)
