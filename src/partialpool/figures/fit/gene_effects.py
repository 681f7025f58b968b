"""Which genes do the cell lines depend on?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, forest


def tables(effects: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """The effect of each gene, lowest first."""
    return forest(effects, "gene_effect", hdi_prob)


FIGURE = Figure(
    title="Gene effects",
    how_to_read="If the whole bar of a gene is left of 0, the cell lines depend on this gene. A "
    "short bar means that the model is sure.",
    group="effects",
    place=10,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="gene_effect",
)
