"""Errors of genes and guides, for several figures of errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.parts import style
from partialpool.figures.parts.axes import guide_colours, stripes, zero_line
from partialpool.figures.parts.quantiles import quantile_table
from partialpool.figures.parts.rows import Rows, choose_top
from partialpool.figures.parts.words import percent

#: The genes that a figure shows if there are too many, and their order.
LARGEST = "with the largest errors"
ERROR_ORDER = "Genes are ordered by root mean square error, largest first."


def gene_errors(predictions: pd.DataFrame, prob: float) -> pd.DataFrame:
    """Compute the quantiles of the errors of each gene, and their root mean square ``rmse``."""
    table = quantile_table(predictions, ["hugo_symbol"], "error", prob)
    rmse = root_mean_square(predictions)
    return table.assign(rmse=table["hugo_symbol"].map(rmse).astype("float64"))


def genes_by_error(predictions: pd.DataFrame) -> Rows:
    """Order genes by their errors, largest first; if there are too many, keep the largest."""
    return choose_top(root_mean_square(predictions), style.MANY_GENES)


def root_mean_square(predictions: pd.DataFrame) -> pd.Series:
    """Compute the root mean square error of each gene."""
    genes = predictions["hugo_symbol"].astype("object")
    return np.sqrt(predictions["error"].pow(2).groupby(genes).mean())


def guide_boxes(boxes: pd.DataFrame, rows: Rows) -> p9.ggplot:
    """Draw the errors of guides as boxes within the rows of their genes.

    Parameters
    ----------
    boxes
        ``row``, ``half``, ``guide``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    rows
        The genes to show.
    """
    return (
        p9.ggplot(boxes, p9.aes(y="row", color="factor(guide)"))
        + stripes(rows)
        + zero_line()
        + p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row"), size=0.4)
        + p9.geom_rect(
            p9.aes(xmin="q25", xmax="q75", ymin="row - half", ymax="row + half"),
            fill="#FFFFFF",
            size=0.4,
        )
        + p9.geom_segment(
            p9.aes(x="median", xend="median", y="row - half", yend="row + half"), size=0.8
        )
        + guide_colours(boxes)
    )


def guide_boxes_explained(prob: float) -> str:
    """Explain the boxes of ``guide_boxes``."""
    return (
        "A box per guide. Colours distinguish the guides of one gene. Box: middle half of the "
        f"errors of the guide. Line: their median. Whiskers: {percent(prob)} of them."
    )
