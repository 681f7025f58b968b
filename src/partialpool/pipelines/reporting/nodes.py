"""Nodes that draw the figures of sections, and make the report and the export tables.

A section is a ``ModelContent`` of a fit, the ``DependencyContent``, or another ``Section``. Modules
that import plotnine or PyMC are imported when a node runs, so that the command line starts fast.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from partialpool.calls.call_settings import CallSettings, QcSettings, TrustSettings
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts.screen_summary import describe
from partialpool.inference.answer import best_fit
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.tidy.published import estimates_vs_published


def draw_data(
    screen: pd.DataFrame,
    options: FigureOptions,
    sequence_qc: pd.DataFrame | None = None,
    **fits: Any,
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Draw and describe the screen, and list the priors of standard deviations in ``fits``."""
    from partialpool.figures import screen as of_screen
    from partialpool.figures.drawing import draw_figures
    from partialpool.figures.given import OfScreen
    from partialpool.figures.registry import figures_in, requested
    from partialpool.figures.screen.prior_scales import scale_priors

    given = OfScreen(screen, options, fits, sequence_qc)
    chosen = requested(figures_in(of_screen), options.figures, given.results)
    pictures = draw_figures(chosen, given, options.cores)
    return pictures, describe(screen), scale_priors(fits)


def draw_expression_data(
    screen: pd.DataFrame, options: FigureOptions, fits: Mapping[str, Any], *, name: str
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Draw and describe the expression notebook's screen; compare fit ``name`` with its numbers."""
    from partialpool.figures.drawing import draw_figures
    from partialpool.figures.given import OfScreen
    from partialpool.figures.screen import lfc_by_cell_line, rna_trend, rna_trend_by_gene

    chosen = [module.FIGURE for module in (lfc_by_cell_line, rna_trend, rna_trend_by_gene)]
    pictures = draw_figures(chosen, OfScreen(screen, options, {}), options.cores)
    published = estimates_vs_published(screen, fits[name].convergence)
    return pictures, describe(screen), published


def choose_answer(*records: dict[str, Any]) -> dict[str, str | None]:
    """Name the fit that the report takes its answer from, given all verdicts, then all scores."""
    n = len(records) // 2
    verdicts = {verdict["model"]: verdict for verdict in records[:n]}
    return {"fit": best_fit(verdicts, dict(zip(verdicts, records[n:], strict=True)))}


def draw_fit(
    settings: FitSettings,
    options: FigureOptions,
    thresholds: ConvergenceSettings,
    prediction: PredictionSettings,
    answer: Mapping[str, str | None],
    *,
    name: str,
    **fit: Any,
) -> tuple[dict[str, Any], str]:
    """Draw the figures of a fit, and the graph of its model."""
    from partialpool.figures import fit as of_fit
    from partialpool.figures.drawing import draw_figures
    from partialpool.figures.given import OfFit
    from partialpool.figures.registry import figures_in, requested_of_fit
    from partialpool.models.graph import model_svg

    given = OfFit(
        settings=settings,
        options=options,
        prediction=prediction,
        hdi_prob=thresholds.hdi_prob,
        min_e_bfmi=thresholds.min_e_bfmi,
        **fit,
    )
    chosen = requested_of_fit(figures_in(of_fit), given, is_answer=answer["fit"] == name)
    failed = not given.verdict["passed"]
    pictures = draw_figures(chosen, given, options.cores, failed=failed)
    graph = model_svg(
        settings.spec, given.view, settings.priors, settings.parametrization, settings.noise
    )
    return pictures, graph


def draw_dependency(
    options: FigureOptions,
    fit: DependencySettings,
    calls: CallSettings,
    qc_settings: QcSettings,
    trust_settings: TrustSettings,
    verdict: Mapping[str, Any],
    **tables: Any,
) -> dict[str, Any]:
    """Draw the figures of model ``dependency`` and its calls."""
    from partialpool.figures import dependency
    from partialpool.figures.drawing import draw_figures
    from partialpool.figures.given import OfDependency
    from partialpool.figures.registry import figures_in, requested

    given = OfDependency(
        options=options,
        verdict=verdict,
        delta=calls.delta,
        fdr=calls.fdr,
        probability=fit.probability,
        qc_limits=qc_settings.model_dump(),
        trust_limits=trust_settings.model_dump(),
        **tables,
    )
    chosen = requested(figures_in(dependency), options.figures)
    return draw_figures(chosen, given, options.cores, failed=not verdict["passed"])


def gather_dependency(
    fit: DependencySettings, calls: CallSettings, screen: pd.DataFrame, **results: Any
) -> Any:
    """Gather what the report shows of model ``dependency`` and its calls."""
    from partialpool.report.assemble import dependency_content

    return dependency_content(screen, fit.probability, calls, results)


def draw_comparison(
    fits: Mapping[str, Any], prediction: PredictionSettings, options: FigureOptions
) -> dict[str, Any]:
    """Draw the figures that compare all fits."""
    from partialpool.figures import comparison as of_fits
    from partialpool.figures.drawing import draw_figures
    from partialpool.figures.given import OfFits
    from partialpool.figures.registry import figures_in, requested

    verdicts = {name: fit.verdict for name, fit in fits.items()}
    scores = {name: fit.scores for name, fit in fits.items()}
    given = OfFits(verdicts, scores, prediction.hdi_prob)
    chosen = requested(figures_in(of_fits), options.figures)
    return draw_figures(chosen, given, options.cores)


def gather_fit(
    settings: FitSettings,
    screen: pd.DataFrame,
    figures: Mapping[str, Any],
    **results: Any,
) -> Any:
    """Gather the results and figures of one fit."""
    from partialpool.report.assemble import fit_content

    return fit_content(settings, screen, results, figures)


def gather_fits(**sections: Any) -> dict[str, Any]:
    """Combine the sections of all fits in one dictionary."""
    return sections


def gather_sections(**parts: Any) -> dict[str, Any]:
    """Combine figures and tables by section: ``data.figures``, ``data.tables.describe`` etc."""
    from partialpool.report import Section

    sections: dict[str, Section] = {}
    for part, value in parts.items():
        name, kind, *table = part.split(".")
        known = sections.get(name, Section())
        figures = value if kind == "figures" else known.figures
        sections[name] = Section(figures, {**known.tables, **dict.fromkeys(table, value)})
    return sections


def make_report(
    options: FigureOptions,
    intervals: ConvergenceSettings,
    prediction: PredictionSettings,
    source: str | None,
    screen: pd.DataFrame,
    data_quality: pd.DataFrame,
    fits: Mapping[str, Any],
    sections: Mapping[str, Any],
    dependency: Any = None,
) -> str:
    """Make the HTML page."""
    from partialpool.report import assemble, render

    content = assemble.report_content(
        list(fits.values()),
        sections,
        screen,
        data_quality,
        source,
        intervals,
        prediction,
        options,
        dependency,
    )
    return render(content)


def tabulate_effects(
    fits: Mapping[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make the export tables: effects of genes, guides and cell lines in all fits."""
    from partialpool.tidy.export_tables import cell_line_effects, gene_effects, sgrna_effects

    found = [fit.found for fit in fits.values()]
    return gene_effects(found), sgrna_effects(found), cell_line_effects(found)
