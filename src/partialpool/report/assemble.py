"""From the results of a run to what the report shows."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pandas as pd

from partialpool.figures.options import FigureOptions
from partialpool.figures.parts.screen_summary import lineages
from partialpool.figures.pictures import Picture
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.report.content import DATA, MAIN_SCREEN, ModelContent, ReportContent, Section
from partialpool.report.seen import counts, seen
from partialpool.screen import Screen

#: What the report calls a screen that only some of its fits were made on.
OTHER_SCREEN = "its own"
#: The item of the provenance that identifies the screen.
SCREEN = "screen (SHA-256 of its measurements)"
#: How many rows of the screen the page shows.
FIRST_ROWS = 5
#: Packages whose versions can change numbers.
PACKAGES = ("partialpool", "pymc", "nutpie", "arviz", "numpy", "pandas", "kedro")


def fit_content(
    settings: FitSettings,
    table: pd.DataFrame,
    results: Mapping[str, Any],
    figures: Mapping[str, Picture],
) -> ModelContent:
    """Gather what the report shows of one fit.

    Parameters
    ----------
    settings
        What it was made with.
    table
        The modelling table that it was made on.
    results
        ``verdict``, ``convergence``, ``effects``, ``scores``, ``adequacy``, ``graph`` and,
        of a simulated screen, ``recovery`` and ``coverage``.
    figures
        Name -> picture with its caption.
    """
    spec = settings.spec
    return ModelContent(
        name=results["verdict"]["model"],
        about=spec.page,
        settings=settings.model_dump(),
        priors=_priors(settings),
        figures=figures,
        lineages=lineages(table),
        seen=seen(table, spec),
        screen=Screen.from_table(table).content_hash,
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
) -> ReportContent:
    """Gather what the report shows: fits in order, and sections besides them.

    Parameters
    ----------
    fits
        What each fit gave.
    sections
        Name -> figures and tables of no fit.
    screen
        The modelling table.
    data_quality
        Counts of what was read, kept and left out.
    source
        Path of the user's own table; None if the screen was simulated.
    intervals
        Settings with the probability of the intervals.
    prediction
        Settings with the probability of predictive intervals.
    options
        Settings of the figures.
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
    )


def provenance(screen: pd.DataFrame, source: str | None, seeds: Sequence[int]) -> dict[str, str]:
    """What made the results: the screen, the seeds, and the versions of what computed them.

    Of the path of a table only its name is told, since a report is passed on.
    """
    return {
        "input": source.rstrip("/").rpartition("/")[2] if source else "simulated",
        "report made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        SCREEN: Screen.from_table(screen).content_hash,
        "seed" if len(set(seeds)) == 1 else "seeds": ", ".join(map(str, dict.fromkeys(seeds))),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        **{package: version(package) for package in PACKAGES},
    }


def _with_first_rows(sections: Mapping[str, Section], screen: pd.DataFrame) -> dict[str, Section]:
    """With the first rows of the screen among the tables of the data."""
    data = sections.get(DATA, Section())
    tables = {"first_rows": screen.head(FIRST_ROWS), **data.tables}
    return {**sections, DATA: replace(data, tables=tables)}


def _priors(settings: FitSettings) -> dict[str, str]:
    """The priors in use, each as its family and numbers, such as ``Normal, mu 0, sigma 5``."""
    words = {}
    for prior in settings.spec.scalars(settings.parametrization):
        numbers = (f"{name} {value:g}" for name, value in getattr(settings.priors, prior.name))
        words[prior.name] = ", ".join([type(prior).__name__, *numbers])
    return words
