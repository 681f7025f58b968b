"""For which genes does a mutation change the effect of losing the gene?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, informed_forest


def tables(effects: pd.DataFrame, hdi_prob: float) -> dict[str, Any] | str:
    """The mutation effects of the genes that are mutated in some lines."""
    return informed_forest(effects, "mutation_effect", hdi_prob)


FIGURE = Figure(
    title="What a mutation of the gene adds",
    how_to_read="If a bar is left of 0, lines with a mutation of the gene depend on it more than "
    "other lines.",
    group="effects",
    place=60,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="mutation_effect",
)
