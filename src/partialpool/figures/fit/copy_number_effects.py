"""Which genes look more harmful where they have more copies?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import draw, informed_forest


def tables(
    effects: pd.DataFrame, screen: pd.DataFrame, predictions: pd.DataFrame, hdi_prob: float
) -> dict[str, Any] | str:
    """Copy-number effects of the genes whose copy number varies."""
    return informed_forest(effects, "copy_number_effect", screen, predictions, hdi_prob)


FIGURE = Figure(
    title="What more copies add",
    how_to_read="A bar left of 0: the more copies of the gene a line has, the more its loss hurts.",
    group="effects",
    place=80,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="copy_number_effect",
)
