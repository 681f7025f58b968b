"""Which genes have guides that disagree?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._errors import guide_boxes, guide_boxes_explained
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row
from partialpool.figures.parts.quantiles import guide_quantiles
from partialpool.figures.parts.rows import Rows, choose_genes
from partialpool.figures.parts.words import which


def tables(
    predictions: pd.DataFrame, prediction_prob: float, options: FigureOptions
) -> dict[str, Any] | str:
    """Quantiles of the errors of guides, for a few genes."""
    disagreement = guide_disagreement(predictions)
    if disagreement.empty:
        return "No gene of this screen has more than one guide."
    rows = choose_genes(options.disagreeing_genes, disagreement, options.n_disagreeing_genes)
    return {
        "boxes": guide_quantiles(predictions, rows, "error", prediction_prob),
        "rows": rows,
        "disagreement": disagreement,
        "prob": prediction_prob,
    }


def guide_disagreement(predictions: pd.DataFrame) -> pd.Series:
    """Measure how much the guides of each gene disagree, without a model.

    Returns
    -------
    pd.Series
        Gene -> standard deviation (ddof = 1) of the mean measured log2 fold changes of its guides.
        Genes with one guide are left out.
    """
    keys = [predictions["hugo_symbol"].astype(str), predictions["sgrna"].astype(str)]
    means = predictions["real_value"].groupby(keys).mean()
    return means.groupby("hugo_symbol").std().dropna()


def draw(boxes: pd.DataFrame, rows: Rows, disagreement: pd.Series, prob: float) -> p9.ggplot:
    """Draw the errors of the guides of a few genes.

    Parameters
    ----------
    boxes
        ``hugo_symbol``, ``sgrna``, ``row``, ``half``, ``guide``, ``n_guides``, ``lower``, ``q25``,
        ``median``, ``q75``, ``upper``.
    rows
        The genes to show.
    disagreement
        Gene -> standard deviation of the mean measured LFC of its guides.
    prob
        Share of the errors between ``lower`` and ``upper``.
    """
    sds = ", ".join(f"{gene} {disagreement[gene]:.2f}" for gene in rows.labels)
    chosen = which(rows, "genes", "whose guides disagree most")
    caption = (
        f"{guide_boxes_explained(prob)} Disagreement (standard deviation of the mean measured "
        f"{style.LFC} of the guides): {sds}. In a model with guide effects, every box is near 0."
    )
    names = boxes["hugo_symbol"] + "  " + boxes["sgrna"]
    return guide_boxes(boxes, rows) + by_row(
        rows,
        x=style.ERROR,
        title=f"Errors by guide: {chosen}",
        caption=caption,
        width=8.0,
        each=max(0.75, 0.22 * int(boxes["n_guides"].max())),
        ticks=dict(zip(boxes["row"], names, strict=True)),
    )


FIGURE = Figure(
    title="Genes whose guides disagree most",
    how_to_read="If the boxes of a gene are far apart, check its guides before you trust the "
    "effect of the gene.",
    group="errors",
    place=20,
    tables=tables,
    draw=draw,
    drawn="answer",
)
