"""Nodes that gather sections, and make the report and the tables to hand on of them.

A section is a :class:`~partialpool.report.ModelContent` of a fit, or a
:class:`~partialpool.report.Section` of something else.
"""

from typing import Any

import pandas as pd

from partialpool.inference.settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.tidy.choices import FigureSettings


def gather_section(**parts: Any) -> Any:
    """Gather figures and tables about one thing."""
    from partialpool.report import Section

    tables = {name: part for name, part in parts.items() if isinstance(part, pd.DataFrame)}
    return Section({name: parts[name] for name in parts if name not in tables}, tables)


def gather_fit(
    settings: FitSettings,
    screen: pd.DataFrame,
    verdict: dict[str, Any],
    convergence: pd.DataFrame,
    effects: pd.DataFrame,
    scores: dict[str, Any],
    gene_scores: pd.DataFrame,
    graph: str,
    recovery: pd.DataFrame | None = None,
    coverage: pd.DataFrame | None = None,
    **figures: bytes,
) -> Any:
    """Gather what one fit gave."""
    from partialpool.report.assemble import fit_content

    results = {"verdict": verdict, "convergence": convergence, "effects": effects}
    results |= {"scores": scores, "gene_scores": gene_scores, "graph": graph}
    results |= {"recovery": recovery, "coverage": coverage}
    return fit_content(settings, screen, results, figures)


def make_report(
    source: str | None,
    intervals: ConvergenceSettings,
    prediction: PredictionSettings,
    choices: FigureSettings,
    screen: pd.DataFrame,
    data_quality: pd.DataFrame,
    **sections: Any,
) -> str:
    """Make the page."""
    from partialpool.report import ModelContent, Section, assemble, render

    fits = [section for section in sections.values() if isinstance(section, ModelContent)]
    others = {name: part for name, part in sections.items() if isinstance(part, Section)}
    content = assemble.report_content(
        fits, others, screen, data_quality, source, intervals, prediction, choices
    )
    return render(content)


def hand_on(*sections: Any) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Table the effects of genes, guides and cell lines across fits."""
    from partialpool.tidy import handon

    fits = [section.found for section in sections]
    return handon.gene_effects(fits), handon.sgrna_effects(fits), handon.cell_line_effects(fits)
