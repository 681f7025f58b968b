"""Which genes look more harmful in lines with more copies of them?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, informed_forest


def tables(effects: pd.DataFrame, hdi_prob: float) -> dict[str, Any] | str:
    """The copy-number effects of the genes whose copy number varies."""
    return informed_forest(effects, "copy_number_effect", hdi_prob)


FIGURE = Figure(
    title="What more copies of the gene add",
    how_to_read="If a bar is left of 0, losing the gene harms lines with more copies of it more.",
    group="effects",
    place=80,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="copy_number_effect",
)
