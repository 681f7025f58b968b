"""Which genes matter more in lines that express them more?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, informed_forest


def tables(effects: pd.DataFrame, hdi_prob: float) -> dict[str, Any] | str:
    """The RNA effects of the genes whose expression varies."""
    return informed_forest(effects, "rna_effect", hdi_prob)


FIGURE = Figure(
    title="What higher expression of the gene adds",
    how_to_read="If a bar is left of 0, lines that express the gene more depend on it more.",
    group="effects",
    place=70,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="rna_effect",
)
