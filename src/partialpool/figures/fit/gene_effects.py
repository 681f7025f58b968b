"""Which genes do the cell lines depend on?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, forest


def tables(effects: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """Effect of each gene, lowest first."""
    return forest(effects, "gene_effect", hdi_prob)


FIGURE = Figure(
    title="Gene effects",
    how_to_read="A gene whose whole bar lies left of 0 is one that the cell lines depend on. "
    "A short bar means that the model is sure.",
    group="effects",
    place=10,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="gene_effect",
)
