"""The x axis with a name per gene."""

from __future__ import annotations

from typing import Any

import plotnine as p9


def figure_width(n_genes: int) -> float:
    """Width of a figure of so many genes, inches."""
    return min(10.0, 4.0 + 0.16 * n_genes)


def gene_names(n_genes: int) -> Any:
    """Names below the axis, upright if they are many."""
    return p9.element_text(angle=90 if n_genes > 8 else 0, ha="center", va="top", size=8)


def split_mark(n_genes: int, n_shown: int) -> list[Any]:
    """A dashed line between the two halves of the genes shown, if others are left out."""
    if n_shown >= n_genes:
        return []
    return [p9.geom_vline(xintercept=n_shown // 2 + 0.5, linetype="dashed", color="#000000")]
