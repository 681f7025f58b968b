"""Does each sequence resemble the plasmid pool that it came from?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.screen._sequences import NO_COUNTS, names, points, scatter


def tables(sequence_qc: pd.DataFrame) -> dict[str, Any] | str:
    """Gini coefficient and correlation with the pDNA of each sequence."""
    sequences = points(sequence_qc, "gini", "pdna_correlation")
    return {"sequences": sequences} if len(sequences) else NO_COUNTS


def draw(sequences: pd.DataFrame) -> p9.ggplot:
    """Draw a point for each sequence.

    Parameters
    ----------
    sequences
        ``x`` (Gini coefficient), ``y`` (correlation with the pDNA), ``verdict``, ``kind``,
        ``name``.
    """
    caption = (
        f"{names(sequences)}The only pDNA of a batch is not drawn, because it is compared with "
        "itself. The limits are parameters (counts.qc); reasons are in sequence_qc.csv."
    )
    return (
        p9.ggplot()
        + scatter(sequences)
        + p9.labs(
            x="Gini coefficient of the counts (0: all guides have the same count)",
            y="correlation with the pDNA (log counts)",
            title="Evenness and correlation with the pDNA",
            caption=style.wrap(caption, 7.5),
        )
    )


FIGURE = Figure(
    title="Evenness and correlation with the pDNA",
    how_to_read="Depletion makes counts less even. A sequence far to the right of the others lost "
    "its diversity. One with a correlation near 0 may be of another library or batch.",
    group="screen",
    place=6,
    tables=tables,
    draw=draw,
    needs=("sequence_qc",),
)
