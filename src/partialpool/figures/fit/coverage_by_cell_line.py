"""In which cell lines are the intervals of predictions too narrow or too wide?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, legend_on_top
from partialpool.figures.parts.rows import Rows, choose_ends
from partialpool.figures.parts.words import percent, which

COLOURS = {
    "too few inside": style.COLOURS["failed"],
    "ok": style.COLOURS["estimate"],
    "too many inside": style.COLOURS["measured"],
}


def tables(adequacy: pd.DataFrame, prediction_prob: float) -> dict[str, Any] | str:
    """The share of the measurements of each cell line inside their intervals, and its range."""
    lines = adequacy[adequacy["level"] == "cell_line"].set_index("label")
    if lines.empty:
        return "The coverage of cell lines was not checked."
    rows = choose_ends(lines["value"], style.MANY_LINES, style.MANY_GENES)
    shown = lines.loc[list(rows.labels)].rename_axis("cell_line").reset_index()
    shares = shown.assign(
        status=pd.Categorical(shown["status"], list(COLOURS)), row=rows.place(shown["cell_line"])
    )
    return {"shares": shares, "rows": rows, "prob": prediction_prob}


def draw(shares: pd.DataFrame, rows: Rows, prob: float) -> p9.ggplot:
    """Draw a dot for each cell line, and the range where it is expected.

    Parameters
    ----------
    shares
        ``value``, ``expected_low``, ``expected_high``, ``status`` and ``row`` of each cell line.
    rows
        The cell lines to show.
    prob
        The probability of the intervals.
    """
    caption = (
        f"Dot: share of the measurements of a cell line inside their {percent(prob)} intervals. "
        f"Dashed line: {percent(prob)}. Grey bar: the range that chance or the settings allow. "
        "Coloured dots are outside their bar. Lines are ordered by their share, lowest first."
    )
    return (
        p9.ggplot(shares, p9.aes(y="row"))
        + p9.geom_segment(
            p9.aes(x="expected_low", xend="expected_high", yend="row"), color="#DDDDDD", size=2.5
        )
        + p9.geom_vline(
            xintercept=prob, color=style.COLOURS["reference"], linetype="dashed", size=0.4
        )
        + p9.geom_point(p9.aes(x="value", color="status"), size=2)
        + p9.scale_color_manual(COLOURS)
        + p9.scale_x_continuous(labels=lambda breaks: [percent(round(float(x), 4)) for x in breaks])
        + by_row(
            rows,
            x="share of measured log2 fold changes inside their intervals",
            title=f"Coverage by cell line: {which(rows, 'cell lines')}",
            caption=caption,
        )
        + p9.labs(color="")
        + legend_on_top()
    )


FIGURE = Figure(
    title="Measurements of each cell line inside their intervals",
    how_to_read="The dots should be within their grey bars. If the dot of a line is far to the "
    "left, its measurements are noisier than the model describes.",
    group="predictions",
    place=25,
    tables=tables,
    draw=draw,
    drawn="answer",
)
