"""Do guides look more harmful if they cut more copies of a gene?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.figures.figure import Figure
from partialpool.figures.screen._overall_trend import draw_trend, trend_tables


def tables(screen: pd.DataFrame) -> dict[str, Any] | str:
    """Points, the overall trend line and its interval."""
    return trend_tables(screen, "gene_cn_z")


FIGURE = Figure(
    title="Log fold change and copy number",
    how_to_read="If the line falls to the right, guides look more harmful in amplified genes, "
    "because cutting many copies is toxic by itself.",
    group="screen",
    place=40,
    tables=tables,
    draw=draw_trend,
)
