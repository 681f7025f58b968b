"""The content of a report."""

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
#: Sections of every page.
DATA, COMPARISON = "data", "comparison"
#: The input of a run without a table of the user.
SIMULATED = "simulated"


@dataclass(frozen=True)
class Section:
    """Figures and tables about one subject.

    Attributes
    ----------
    figures
        Figure -> picture with its caption.
    tables
        Table -> data frame.
    """

    figures: Mapping[str, Picture] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelContent:
    """The results of one fit.

    Attributes
    ----------
    name
        The name of the fit.
    about
        The docstring of the model, with its equations and symbols, as Markdown.
    settings
        The settings: ``model``, ``parametrization``, ``likelihood``, ``seed``, ``sampler``.
    verdict
        The record that ``partialpool.inference.convergence.verdict`` makes.
    convergence
        The summary of every parameter.
    effects
        Effects with their labels and intervals.
    priors
        Parameter -> its prior, in words.
    graph
        A picture of the model, as SVG.
    scores
        ``rmse``, ``coverage``, ``elpd_loo``, ...; None if the fit was not scored.
    adequacy
        Shares of measurements inside their intervals, by gene, cell line and replicate, as
        ``partialpool.inference.adequacy.adequacy_table`` makes them. Empty if the fit was not
        scored.
    recovery, coverage
        Estimates beside planted values; None if there are no planted values.
    figures
        Figure -> picture with its caption.
    lineages
        Cell line -> its lineage, where it is known.
    lines
        Slope of genes -> gene -> the cell lines that it depends on, in words.
    seen
        How much of its screen the fit saw; None if this was not counted.
    screen
        The screen that was fitted: the hash of its measurements or, in a ``ReportContent``, its
        name. Only fits to the same screen can be compared.
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
    lines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seen: Seen | None = None
    screen: str = MAIN_SCREEN

    @property
    def passed(self) -> bool:
        """Whether the fit passed its convergence check."""
        return bool(self.verdict["passed"])

    @property
    def found(self) -> FittedEffects:
        """The effects of the fit, for the export tables."""
        return FittedEffects(self.name, self.passed, self.effects, self.lineages)


@dataclass(frozen=True)
class DependencyContent:
    """The results of model ``dependency``, and what was called from it.

    Attributes
    ----------
    about
        The docstring of the model, with its equations, as Markdown.
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
    delta
        An effect below ``-delta`` is a dependency.
    fdr
        The expected share of false calls.
    probability
        The probability of the intervals.
    left_out
        Replicates that were left out of the fit.
    figures
        Figure -> picture with its caption.
    lineages
        Cell line -> its lineage, where it is known.
    """

    about: str
    verdict: Mapping[str, Any]
    effects: pd.DataFrame
    genes: pd.DataFrame
    differential: Mapping[str, pd.DataFrame]
    qc: pd.DataFrame
    trust: pd.DataFrame
    delta: float
    fdr: float
    probability: float
    left_out: Sequence[str] = ()
    figures: Mapping[str, Picture] = field(default_factory=dict)
    lineages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportContent:
    """Everything that a report shows.

    Attributes
    ----------
    data_quality
        Counts of rows that were read, left out and kept.
    sections
        Figures and tables by section: ``data``, ``comparison`` and others.
    models
        All fits, in order.
    provenance
        How the report was made: item -> value.
    hdi_prob
        The probability of the intervals of effects.
    prediction
        Settings of predictions and their check: the probability of intervals, and tolerances.
    strong_effect
        The size from which an effect is called strong, in log2 fold change.
    screened
        The numbers of measurements, genes, guides, cell lines and replicates of the screen.
    dependency
        Model ``dependency`` and its calls; None if it was not fitted.
    """

    data_quality: pd.DataFrame
    sections: Mapping[str, Section]
    models: Sequence[ModelContent]
    provenance: Mapping[str, str]
    hdi_prob: float
    prediction: PredictionSettings
    strong_effect: float
    screened: Mapping[str, int]
    dependency: DependencyContent | None = None

    @property
    def percent(self) -> str:
        """The probability of the intervals of effects, in per cent."""
        return f"{100 * self.hdi_prob:g}\u00a0%"

    @property
    def is_simulated(self) -> bool:
        """Whether the screen is simulated, so that the true values are known."""
        has_truth = any(m.recovery is not None for m in self.models if m.screen == MAIN_SCREEN)
        return has_truth or self.provenance.get("input") == SIMULATED
