"""Do cells depend more on genes that they express more?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.screen._overall_trend import draw_trend, trend_tables


def tables(screen: pd.DataFrame) -> dict[str, Any] | str:
    """Points, the overall trend line and its interval."""
    return trend_tables(screen, "rna_expr_z")


FIGURE = Figure(
    title="Log fold change and RNA expression",
    how_to_read="If the line falls to the right, cells depend more on genes that they express "
    "more.",
    group="screen",
    place=60,
    tables=tables,
    draw=draw_trend,
)
