"""Nodes that make the report and the tables to hand on.

What a run gave comes by name, such as ``cell_line__verdict`` and ``cell_line__figures__trace``.
"""

from typing import Any

import pandas as pd

from partialpool.inference.settings import ConvergenceSettings, plain


def make_report(
    modeling: dict[str, Any],
    convergence: ConvergenceSettings,
    screen: pd.DataFrame,
    data_quality: pd.DataFrame,
    **results: Any,
) -> str:
    """Make the page."""
    from partialpool.report import assemble, render

    prob = convergence.hdi_prob
    return render(assemble.report_content(results, plain(modeling), screen, data_quality, prob))


def hand_on(
    modeling: dict[str, Any], **results: Any
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Table the effects of genes, guides and cell lines across fits."""
    from partialpool.report.assemble import fitted_effects
    from partialpool.tidy import handon

    fits = fitted_effects(results, plain(modeling))
    return handon.gene_effects(fits), handon.sgrna_effects(fits), handon.cell_line_effects(fits)
