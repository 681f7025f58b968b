"""An x axis with the names of genes."""

from __future__ import annotations

from typing import Any

import plotnine as p9


def figure_width(n_genes: int) -> float:
    """Choose the width of a figure of ``n_genes``, in inches."""
    return min(10.0, 4.0 + 0.16 * n_genes)


def gene_names(n_genes: int) -> Any:
    """Write names below the axis, upright if there are many."""
    return p9.element_text(angle=90 if n_genes > 8 else 0, ha="center", va="top", size=8)


def split_mark(n_genes: int, n_shown: int) -> list[Any]:
    """Draw a dashed line between the lowest and highest genes, if others are left out."""
    if n_shown >= n_genes:
        return []
    return [p9.geom_vline(xintercept=n_shown // 2 + 0.5, linetype="dashed", color="#000000")]
