"""Gathers the results of a run for the report."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pandas as pd

from partialpool.calls.call_settings import CallSettings
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts.screen_summary import lineages
from partialpool.figures.pictures import Picture
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.models import dependency
from partialpool.report.content import (
    DATA,
    MAIN_SCREEN,
    SIMULATED,
    DependencyContent,
    ModelContent,
    ReportContent,
    Section,
)
from partialpool.report.lines import lines_behind
from partialpool.report.seen import counts, seen
from partialpool.screen import Screen

#: The report's name for a screen other than the main one.
OTHER_SCREEN = "its own"
#: The item of the provenance that identifies the screen.
SCREEN = "screen (SHA-256 of its measurements)"
#: The page shows so many rows of the screen.
FIRST_ROWS = 5
#: Packages whose versions can change numbers.
PACKAGES = ("partialpool", "pymc", "nutpie", "arviz", "numpy", "pandas", "kedro")


def fit_content(
    settings: FitSettings,
    table: pd.DataFrame,
    results: Mapping[str, Any],
    figures: Mapping[str, Picture],
) -> ModelContent:
    """Gather everything that the report shows of one fit.

    Parameters
    ----------
    settings
        The settings of the fit.
    table
        The modelling table that was fitted.
    results
        ``verdict``, ``convergence``, ``effects``, ``scores``, ``adequacy``, ``graph`` and, for a
        simulated screen, ``recovery`` and ``coverage``.
    figures
        Figure -> picture with its caption.
    """
    spec = settings.spec
    return ModelContent(
        name=results["verdict"]["model"],
        about=spec.page,
        settings=settings.model_dump(),
        priors=_priors(settings),
        figures=figures,
        lineages=lineages(table),
        lines=_lines(settings, table),
        seen=seen(table, spec),
        screen=Screen.from_table(table).content_hash,
        **results,
    )


def dependency_content(
    table: pd.DataFrame, probability: float, calls: CallSettings, results: Mapping[str, Any]
) -> DependencyContent:
    """Gather what the report shows of model ``dependency``.

    Parameters
    ----------
    table
        The modelling table.
    probability
        The probability of the intervals.
    calls
        What a dependency is.
    results
        ``verdict``, ``effects``, ``genes``, ``differential``, ``qc``, ``trust``, ``left_out``,
        ``figures``.
    """
    return DependencyContent(
        about=str(dependency.__doc__),
        delta=calls.delta,
        fdr=calls.fdr,
        probability=probability,
        lineages=lineages(table),
        **results,
    )


def report_content(
    fits: Sequence[ModelContent],
    sections: Mapping[str, Section],
    screen: pd.DataFrame,
    data_quality: pd.DataFrame,
    source: str | None,
    intervals: ConvergenceSettings,
    prediction: PredictionSettings,
    options: FigureOptions,
    of_dependency: DependencyContent | None = None,
) -> ReportContent:
    """Gather everything that the report shows.

    Parameters
    ----------
    fits
        The fits, in order.
    sections
        Other sections: name -> figures and tables.
    screen
        The modelling table.
    data_quality
        Counts of rows that were read, kept and left out.
    source
        The path of the user's own table; None if the screen was simulated.
    intervals
        Settings with the probability of the intervals.
    prediction
        Settings with the probability of the predictive intervals.
    options
        Options of the figures and the report.
    of_dependency
        Model ``dependency`` and its calls, if it was fitted.
    """
    made_from = provenance(screen, source, [fit.settings["seed"] for fit in fits])
    own = made_from[SCREEN]
    return ReportContent(
        data_quality=data_quality,
        sections=_with_first_rows(sections, screen),
        models=[
            replace(fit, screen=MAIN_SCREEN if fit.screen == own else OTHER_SCREEN) for fit in fits
        ],
        provenance=made_from,
        hdi_prob=intervals.hdi_prob,
        prediction=prediction,
        strong_effect=options.strong_effect,
        screened=counts(screen),
        dependency=of_dependency,
    )


def provenance(screen: pd.DataFrame, source: str | None, seeds: Sequence[int]) -> dict[str, str]:
    """Describe how the results were made: screen, seeds and versions of packages.

    The report is given to others, so it shows only the file name of the table, not its path.
    """
    return {
        "input": source.rstrip("/").rpartition("/")[2] if source else SIMULATED,
        "report made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        SCREEN: Screen.from_table(screen).content_hash,
        "seed" if len(set(seeds)) == 1 else "seeds": ", ".join(map(str, dict.fromkeys(seeds))),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        **{package: version(package) for package in PACKAGES},
    }


def _with_first_rows(sections: Mapping[str, Section], screen: pd.DataFrame) -> dict[str, Section]:
    """Add the first rows of the screen to the tables of the data."""
    data = sections.get(DATA, Section())
    tables = {"first_rows": screen.head(FIRST_ROWS), **data.tables}
    return {**sections, DATA: replace(data, tables=tables)}


def _lines(settings: FitSettings, table: pd.DataFrame) -> dict[str, dict[str, str]]:
    """The cell lines behind each slope of genes."""
    along = {t.effect: t.covariate for t in settings.spec.terms if t.dims == ("gene",)}
    return {effect: lines_behind(table, name) for effect, name in along.items() if name}


def _priors(settings: FitSettings) -> dict[str, str]:
    """Describe each prior by its family and numbers, such as ``Normal, mu 0, sigma 5``."""
    words = {}
    for prior in settings.spec.scalars(settings.parametrization):
        numbers = (f"{name} {value:g}" for name, value in getattr(settings.priors, prior.name))
        words[prior.name] = ", ".join([type(prior).__name__, *numbers])
    return words
