"""Was each sequence read deeply enough?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9
from mizani.labels import label_comma, label_percent

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.screen._sequences import NO_COUNTS, names, points, scatter

# plotnine accepts these, although mizani's types do not say so.
COUNTS: Any = label_comma()
SHARES: Any = label_percent(accuracy=1)


def tables(sequence_qc: pd.DataFrame) -> dict[str, Any] | str:
    """Reads per guide, and the share of guides without a read, of each sequence."""
    rows = sequence_qc[sequence_qc["reads_per_guide"] > 0]
    sequences = points(rows, "reads_per_guide", "zero_share")
    return {"sequences": sequences} if len(sequences) else NO_COUNTS


def draw(sequences: pd.DataFrame) -> p9.ggplot:
    """Draw a point for each sequence.

    Parameters
    ----------
    sequences
        ``x`` (reads per guide), ``y`` (share of guides without a read), ``verdict``, ``kind``,
        ``name``.
    """
    caption = (
        f"{names(sequences)}Guides that the pDNA hardly contains do not count. The limits are "
        "parameters (counts.qc); reasons are in sequence_qc.csv."
    )
    return (
        p9.ggplot()
        + scatter(sequences)
        + p9.scale_x_log10(labels=COUNTS)
        + p9.scale_y_continuous(labels=SHARES)
        + p9.labs(
            x="mean number of reads per guide (log scale)",
            y="guides without a read (share)",
            title="Depth of each sequence",
            caption=style.wrap(caption, 7.5),
        )
    )


FIGURE = Figure(
    title="Depth of each sequence",
    how_to_read="A sequence with few reads per guide is noisy. If many guides of a deep sequence "
    "have no read, few cells survived a step of the experiment.",
    group="screen",
    place=4,
    tables=tables,
    draw=draw,
    needs=("sequence_qc",),
)
