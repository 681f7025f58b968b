"""Does the model predict the measurements of each guide?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._replicates import GENE_ORDER, measured_values, simulated_values
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, stripes, zero_line
from partialpool.figures.parts.draws import replicated_screens
from partialpool.figures.parts.estimates import forest_table
from partialpool.figures.parts.quantiles import guide_quantiles
from partialpool.figures.parts.rows import Rows
from partialpool.figures.parts.words import percent, which

#: The fill of boxes of predictions.
PALE_ORANGE = "#F7D9BF"


def tables(
    predictions: pd.DataFrame, replicates: Any, effects: pd.DataFrame, prediction_prob: float
) -> dict[str, Any]:
    """Quantiles of predicted and of measured values, by guide."""
    genes, rows = forest_table(effects, "gene_effect", style.MANY_GENES)
    screens = replicated_screens(replicates["posterior_predictive"])
    predicted = simulated_values(predictions, screens, rows)
    measured = measured_values(predictions, rows)
    return {
        "predicted": guide_quantiles(predicted, rows, "value", prediction_prob),
        "measured": guide_quantiles(measured, rows, "value", prediction_prob),
        "effects": genes,
        "rows": rows,
        "prob": prediction_prob,
    }


def draw(
    predicted: pd.DataFrame, measured: pd.DataFrame, effects: pd.DataFrame, rows: Rows, prob: float
) -> p9.ggplot:
    """Draw predicted and measured quantiles of every guide, and the effect of its gene.

    Parameters
    ----------
    predicted, measured
        ``row``, ``half``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    effects
        ``row``, ``mean`` of the genes.
    rows
        The genes to show.
    prob
        The share of the predicted measurements between ``lower`` and ``upper``.
    """
    dashes = effects.assign(top=effects["row"] + 0.4, bottom=effects["row"] - 0.4)
    caption = (
        "Orange box: middle half of the measurements that the model predicts for a guide. Orange "
        f"bar: their median. Whiskers: {percent(prob)} of them. Blue dot and line: median and "
        "middle half of the measurements. Black dashes: posterior mean of the effect of the gene. "
        f"{GENE_ORDER}"
    )
    orange, blue = style.COLOURS["predicted"], style.COLOURS["measured"]
    return (
        p9.ggplot(predicted, p9.aes(y="row"))
        + stripes(rows)
        + zero_line()
        + p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row"), size=0.4, color=orange)
        + p9.geom_rect(
            p9.aes(xmin="q25", xmax="q75", ymin="row - half", ymax="row + half"), fill=PALE_ORANGE
        )
        + p9.geom_segment(
            p9.aes(x="median", xend="median", y="row - half", yend="row + half"),
            size=1.0,
            color=orange,
        )
        + p9.geom_segment(p9.aes(x="q25", xend="q75", yend="row"), measured, size=0.5, color=blue)
        + p9.geom_point(p9.aes(x="median"), measured, size=1.0, color=blue)
        + p9.geom_segment(
            p9.aes(x="mean", xend="mean", y="bottom", yend="top"),
            dashes,
            linetype="dashed",
            size=0.6,
        )
        + by_row(
            rows,
            x=style.LFC,
            title=f"Predictions by guide: {which(rows, 'genes')}",
            caption=caption,
            width=7.5,
            each=0.36,
        )
    )


FIGURE = Figure(
    title="Predictions and measurements of each guide",
    how_to_read="The blue line (measured) of each guide should be on its orange box (predicted).",
    group="predictions",
    place=50,
    tables=tables,
    draw=draw,
    drawn="on request",
)
