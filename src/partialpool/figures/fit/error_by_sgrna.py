"""Which guides does the model predict badly?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._errors import (
    ERROR_ORDER,
    LARGEST,
    genes_by_error,
    guide_boxes,
    guide_boxes_explained,
)
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row
from partialpool.figures.parts.quantiles import guide_quantiles
from partialpool.figures.parts.rows import Rows
from partialpool.figures.parts.words import which


def tables(predictions: pd.DataFrame, prediction_prob: float) -> dict[str, Any]:
    """Quantiles of the errors of each guide, for the genes with the largest errors."""
    rows = genes_by_error(predictions)
    boxes = guide_quantiles(predictions, rows, "error", prediction_prob)
    return {"boxes": boxes, "rows": rows, "prob": prediction_prob}


def draw(boxes: pd.DataFrame, rows: Rows, prob: float) -> p9.ggplot:
    """Draw the errors of each guide as boxes within its gene.

    Parameters
    ----------
    boxes
        ``row``, ``half``, ``guide``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    rows
        The genes to show.
    prob
        Share of the errors between ``lower`` and ``upper``.
    """
    return guide_boxes(boxes, rows) + by_row(
        rows,
        x=style.ERROR,
        title=f"Errors by guide: {which(rows, 'genes', LARGEST)}",
        caption=f"{guide_boxes_explained(prob)} {ERROR_ORDER}",
        width=7.5,
        each=0.36,
    )


FIGURE = Figure(
    title="Errors of each guide",
    how_to_read="If the boxes of a gene are far apart, its guides differ in a way that the model "
    "does not describe.",
    group="errors",
    place=40,
    tables=tables,
    draw=draw,
    drawn="on request",
)
