"""What a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from partialpool.figures.pictures import Picture
from partialpool.inference.fit_settings import PredictionSettings
from partialpool.report.seen import Seen
from partialpool.tidy.export_tables import FittedEffects

#: Name of the screen that the report is about.
MAIN_SCREEN = "main"
#: Sections that every page has.
DATA, COMPARISON = "data", "comparison"


@dataclass(frozen=True)
class Section:
    """Figures and tables about one thing.

    Attributes
    ----------
    figures
        Name -> picture with its caption.
    tables
        Name -> table.
    """

    figures: Mapping[str, Picture] = field(default_factory=dict)
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
    adequacy
        How many measurements lie inside their intervals, by gene, cell line and replicate, as
        ``partialpool.inference.adequacy.adequacy_table`` gives it; empty if it was not scored.
    recovery, coverage
        Estimates beside planted values; None without such values.
    figures
        Name -> picture with its caption.
    lineages
        Cell line -> its lineage, where it is known.
    seen
        How much of its screen it saw; None if nobody counted.
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
    adequacy: pd.DataFrame = field(default_factory=pd.DataFrame)
    recovery: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    figures: Mapping[str, Picture] = field(default_factory=dict)
    lineages: Mapping[str, str] = field(default_factory=dict)
    seen: Seen | None = None
    screen: str = MAIN_SCREEN

    @property
    def passed(self) -> bool:
        """Whether it passed its verdict."""
        return bool(self.verdict["passed"])

    @property
    def found(self) -> FittedEffects:
        """Its effects, for the export tables."""
        return FittedEffects(self.name, self.passed, self.effects, self.lineages)


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
    hdi_prob
        Probability of the intervals of effects.
    prediction
        What predictions were made and checked with: the probability of their intervals, tolerances.
    strong_effect
        From where an effect is called strong, log2 fold change.
    screened
        How many measurements, genes, guides, cell lines and replicates the screen has.
    """

    data_quality: pd.DataFrame
    sections: Mapping[str, Section]
    models: Sequence[ModelContent]
    provenance: Mapping[str, str]
    hdi_prob: float
    prediction: PredictionSettings
    strong_effect: float
    screened: Mapping[str, int]

    @property
    def percent(self) -> str:
        """The probability of the intervals of effects, as text."""
        return f"{100 * self.hdi_prob:g}\u00a0%"

    @property
    def is_simulated(self) -> bool:
        """Whether the project made the screen itself: its truth is known."""
        return any(m.recovery is not None for m in self.models if m.screen == MAIN_SCREEN)
