"""What a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Section:
    """Figures and tables about one thing.

    Attributes
    ----------
    figures : name -> PNG
    tables : name -> table
    """

    figures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelContent:
    """What one fit gave.

    Attributes
    ----------
    name : name of the fit
    about : docstring of the model: its equations and symbols, as reStructuredText
    settings : its parameters: ``model``, ``parametrization``, ``seed``, ``sampler``, ``priors``
    verdict : record of :func:`partialpool.inference.convergence.verdict`
    convergence : summary of every parameter
    effects : effects with their labels and intervals
    graph : picture of the model, SVG
    scores : ``rmse``, ``coverage``, ``elpd_loo``, ...; None if it was not scored
    recovery, coverage : estimates beside planted values; None without such values
    figures : name -> PNG
    screen : name of the screen that it was fitted to; only fits to one screen compare
    """

    name: str
    about: str
    settings: Mapping[str, Any]
    verdict: Mapping[str, Any]
    convergence: pd.DataFrame
    effects: pd.DataFrame
    graph: str = ""
    scores: Mapping[str, Any] | None = None
    recovery: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    figures: Mapping[str, bytes] = field(default_factory=dict)
    screen: str = "screen"


@dataclass(frozen=True)
class ReportContent:
    """Everything that a report shows.

    Attributes
    ----------
    data_quality : what was read, left out and kept
    sections : figures and tables by what they are about: ``data``, ``comparison``, others
    models : every fit, in order
    provenance : what made the report: item -> value
    hdi_prob : probability of the intervals of effects
    is_simulated : whether the screen was made by the project itself
    """

    data_quality: pd.DataFrame
    sections: Mapping[str, Section]
    models: Sequence[ModelContent]
    provenance: Mapping[str, str]
    hdi_prob: float
    is_simulated: bool
