"""Nodes that draw sections, and make the report and the tables across fits.

A section is a ``ModelContent`` of a fit, or a ``Section`` of something else. What draws and what
fits is imported when a node runs, so that the command line starts fast.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from partialpool.inference.settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.tidy import screen_tables
from partialpool.tidy.choices import FigureSettings
from partialpool.tidy.published import estimates_vs_published


def draw_data(
    screen: pd.DataFrame, choices: FigureSettings, **fits: Any
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Draw and tabulate the screen, and the priors of the spreads of ``fits``."""
    from partialpool.figures import screen as figures
    from partialpool.figures.drawing import draw_all

    prior_scales, priors = figures.prior_scales(screen, fits)
    drawings = {**dict(figures.drawings(screen)), "prior_scales": prior_scales}
    return draw_all(drawings.items(), choices.cores), screen_tables.describe(screen), priors


def draw_expression_data(
    screen: pd.DataFrame, choices: FigureSettings, fits: Mapping[str, Any], *, name: str
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Draw and tabulate the expression notebook's screen; put fit ``name`` beside its numbers."""
    from partialpool.figures import screen as figures
    from partialpool.figures.drawing import draw_all

    drawings = figures.drawings(screen, figures.EXPRESSION_FIGURES)
    published = estimates_vs_published(screen, fits[name].convergence)
    return draw_all(drawings, choices.cores), screen_tables.describe(screen), published


def draw_fit(
    settings: FitSettings,
    choices: FigureSettings,
    intervals: ConvergenceSettings,
    prediction: PredictionSettings,
    *,
    has: frozenset[str],
    **fit: Any,
) -> tuple[dict[str, Any], str]:
    """Draw everything that a fit gave, and the model itself."""
    from partialpool.figures import fit as figures
    from partialpool.figures.drawing import draw_all
    from partialpool.models.graph import model_svg

    given = fit | {"intervals": intervals, "prediction": prediction, "choices": choices}
    pictures = draw_all(figures.drawings(given, has), choices.cores)
    screen = settings.spec.view(fit["screen"])
    return pictures, model_svg(settings.spec, screen, settings.priors, settings.parametrization)


def draw_comparison(
    fits: Mapping[str, Any], prediction: PredictionSettings, choices: FigureSettings
) -> dict[str, Any]:
    """Draw all fits side by side."""
    from partialpool.figures import comparison
    from partialpool.figures.drawing import draw_all

    verdicts = {name: fit.verdict for name, fit in fits.items()}
    scores = {name: fit.scores for name, fit in fits.items()}
    return draw_all(comparison.drawings(verdicts, scores, prediction), choices.cores)


def gather_fit(
    settings: FitSettings,
    screen: pd.DataFrame,
    figures: Mapping[str, Any],
    **results: Any,
) -> Any:
    """Gather what one fit gave, if all of it is of that fit."""
    from partialpool.report.assemble import fit_content

    return fit_content(settings, screen, results, _shown(figures))


def gather_fits(**sections: Any) -> dict[str, Any]:
    """Gather the sections of all fits."""
    return sections


def gather_section(figures: Mapping[str, Any], **tables: pd.DataFrame) -> Any:
    """Gather figures and tables about one thing."""
    from partialpool.report import Section

    return Section(_shown(figures), tables)


def make_report(
    choices: FigureSettings,
    intervals: ConvergenceSettings,
    prediction: PredictionSettings,
    source: str | None,
    screen: pd.DataFrame,
    data_quality: pd.DataFrame,
    fits: Mapping[str, Any],
    **others: Any,
) -> str:
    """Make the page."""
    from partialpool.report import assemble, render

    content = assemble.report_content(
        list(fits.values()), others, screen, data_quality, source, intervals, prediction, choices
    )
    return render(content)


def tabulate_effects(
    fits: Mapping[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Table the effects of genes, guides and cell lines across fits."""
    from partialpool.tidy import handon

    found = [fit.found for fit in fits.values()]
    return handon.gene_effects(found), handon.sgrna_effects(found), handon.cell_line_effects(found)


def _shown(figures: Mapping[str, Any]) -> dict[str, bytes]:
    """What the report shows of figures."""
    return {name: picture.webp for name, picture in figures.items()}
