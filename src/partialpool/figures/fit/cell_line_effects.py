"""Which cell lines lose more cells than others, for all genes?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, forest
from partialpool.figures.parts.screen_summary import lineages
from partialpool.figures.parts.style import MANY_LINES
from partialpool.figures.parts.words import with_lineages


def tables(effects: pd.DataFrame, screen: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """The effect of each cell line, with its lineage."""
    return forest(
        effects, "cell_line_effect", hdi_prob, MANY_LINES, names=with_lineages(lineages(screen))
    )


FIGURE = Figure(
    title="Cell-line effects",
    how_to_read="Right of 0, a line lost fewer cells than others, averaged over its genes. Left of "
    "0, it lost more.",
    group="effects",
    place=50,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="cell_line_effect",
)
