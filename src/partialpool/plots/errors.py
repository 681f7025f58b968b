"""Figures of prediction errors: by gene, by guide, by mutation status."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.plots import style
from partialpool.plots.predictions import quantile_boxes
from partialpool.plots.rows import by_row, guide_colours, one_path, stripes, zero_line
from partialpool.plots.words import percent, which
from partialpool.tidy.rows import Rows

ERROR_ORDER = "Genes by root mean square error, largest first."
#: At most this many genes stand in one column of densities.
ONE_COLUMN = 8
LARGEST = "with the largest errors"


def by_gene(
    errors: pd.DataFrame, points: pd.DataFrame, bins: pd.DataFrame, rows: Rows, prob: float
) -> Any:
    """Draw the errors of each gene: points coloured by size, or counts in bins of many.

    Parameters
    ----------
    errors
        Quantiles by gene: ``row``, ``median``, ``lower``, ``upper``.
    points
        ``error``, ``row``; empty if there are too many.
    bins
        ``error``, ``width``, ``row``, ``n``; used without points.
    rows
        The rows of the figure and their labels.
    prob
        Share of the values between ``lower`` and ``upper``.
    """
    marks, marked = _error_points(points) if len(points) else _error_bins(bins)
    caption = (
        f"{marked} Black: median error (dot) and {percent(prob)} of the errors (line). "
        f"{ERROR_ORDER}"
    )
    return (
        p9.ggplot(errors, p9.aes(y="row"))
        + marks
        + zero_line()
        + p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row"), size=0.5)
        + p9.geom_point(p9.aes(x="median"), size=1.3)
        + by_row(
            rows,
            x=style.ERROR,
            title=f"Errors by gene: {which(rows, 'genes', LARGEST)}",
            caption=caption,
            width=7.5,
            each=0.22,
        )
    )


def by_guide(boxes: pd.DataFrame, rows: Rows, prob: float) -> Any:
    """Draw the errors of each guide as boxes within its gene.

    Parameters
    ----------
    boxes
        ``row``, ``half``, ``guide``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    rows
        The rows of the figure and their labels.
    prob
        Share of the values between ``lower`` and ``upper``.
    """
    return _guide_boxes(boxes, rows) + by_row(
        rows,
        x=style.ERROR,
        title=f"Errors by guide: {which(rows, 'genes', LARGEST)}",
        caption=f"{_box_caption(prob)} {ERROR_ORDER}",
        width=7.5,
        each=0.36,
    )


def disagreeing_guides(
    boxes: pd.DataFrame, rows: Rows, disagreement: pd.Series, prob: float
) -> Any:
    """Draw the errors of the guides of a few genes.

    Parameters
    ----------
    boxes
        As in ``by_guide``.
    rows
        The rows of the figure and their labels.
    disagreement
        Gene -> standard deviation of its guides' mean measured LFC.
    prob
        Share of the values between ``lower`` and ``upper``.
    """
    sds = ", ".join(f"{gene} {disagreement[gene]:.2f}" for gene in rows.labels)
    chosen = which(rows, "genes", "whose guides disagree most")
    caption = (
        f"{_box_caption(prob)} Disagreement, the standard deviation of the guides' mean measured "
        f"{style.LFC}: {sds}. A model that knows guides centres every box on 0."
    )
    names = boxes["hugo_symbol"] + "  " + boxes["sgrna"]
    return _guide_boxes(boxes, rows) + by_row(
        rows,
        x=style.ERROR,
        title=f"Errors by guide: {chosen}",
        caption=caption,
        width=8.0,
        each=max(0.75, 0.22 * int(boxes["n_guides"].max())),
        ticks=dict(zip(boxes["row"], names, strict=True)),
    )


def densities_by_gene(curves: pd.DataFrame, rows: Rows) -> Any:
    """Draw the density of each gene's errors, and of each of its guides'.

    Parameters
    ----------
    curves
        ``label``, ``guide`` (0: all), ``error``, ``base``, ``top``.
    rows
        The rows of the figure and their labels.
    """
    column = (-curves["base"] >= _per_column(rows)).astype(int)
    table = curves.assign(column=column)
    overall, guides = table[table["guide"] == 0], table[table["guide"] > 0]
    caption = (
        "Grey: all the gene's errors; coloured lines: those of each guide (colours tell the "
        "guides of one gene apart). All densities have one scale, so areas compare. Guides that "
        f"the model does not tell apart peak in different places. {ERROR_ORDER}"
    )
    return (
        p9.ggplot(table, p9.aes(x="error", y="top"))
        + p9.geom_polygon(p9.aes(group="label"), overall, fill="#BBBBBB", alpha=0.7)
        + zero_line()
        + p9.geom_path(
            p9.aes(color="factor(guide)", group="guide"),
            one_path(guides, ["guide", "label"], "top"),
            size=0.4,
            na_rm=True,
        )
        + guide_colours(guides)
        + p9.facet_wrap("column", scales="free_y")
        + p9.scale_y_continuous(
            breaks=list(rows.position.values()), labels=list(rows.position), expand=(0, 0.1)
        )
        + style.theme(9.0, 1.7 + 0.42 * min(len(rows.labels), _per_column(rows)))
        + p9.theme(strip_text=p9.element_blank(), axis_text_y=p9.element_text(va="bottom"))
        + p9.labs(
            x=style.ERROR,
            y="",
            title=f"Error densities: {which(rows, 'genes', LARGEST)}",
            caption=style.wrap(caption, 9.0),
        )
    )


def by_mutation_status(
    boxes: pd.DataFrame, points: pd.DataFrame, n: pd.Series, rows: Rows, prob: float
) -> Any:
    """Draw the errors of every guide where its gene is mutated and where it is not.

    Parameters
    ----------
    boxes
        Quantiles: ``hugo_symbol`` (ordered), ``guide``, ``x``, ``status``, ``n``.
    points
        Errors where the gene is mutated: ``hugo_symbol``, ``x``, ``error``, ``status``.
    n
        Gene -> its mutated measurements.
    rows
        The rows of the figure and their labels.
    prob
        Share of the values between ``lower`` and ``upper``.
    """
    colours = {"wild type": style.COLOURS["wild_type"], "mutated": style.COLOURS["mutated"]}
    counts = ", ".join(f"{gene} {n[gene]:,}" for gene in rows.labels)
    all_shown = len(points) == sum(n[gene] for gene in rows.labels)
    dots = "measurements" if all_shown else "a sample of the measurements"
    caption = (
        "Box: middle half of the errors of a guide, line: median, whiskers: "
        f"{percent(prob)} of them; dots: {dots} where the gene is mutated. Mutated "
        f"measurements: {counts}. If the boxes of a pair lie at different heights, the mutation "
        "changes what losing the gene does in a way that the model does not know."
    )
    chosen = which(rows, "genes", "most often mutated")
    boxes = boxes.assign(left=boxes["x"] - 0.16, right=boxes["x"] + 0.16)
    return (
        p9.ggplot(boxes, p9.aes(x="x", color="status"))
        + p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_linerange(p9.aes(ymin="lower", ymax="upper"), size=0.5)
        + p9.geom_rect(
            p9.aes(xmin="left", xmax="right", ymin="q25", ymax="q75"), fill="#FFFFFF", size=0.5
        )
        + p9.geom_segment(p9.aes(x="left", xend="right", y="median", yend="median"), size=1)
        + p9.geom_point(p9.aes(y="error"), points, size=0.5, alpha=0.4)
        + p9.facet_wrap("hugo_symbol", ncol=2, scales="free_y")
        + p9.scale_color_manual(colours)
        + p9.scale_x_continuous(breaks=list(range(1, int(boxes["guide"].max()) + 1)))
        + style.theme(7.5, 1.8 + 1.9 * ((len(rows.labels) + 1) // 2))
        + p9.theme(legend_position="top", panel_grid_major_x=p9.element_blank())
        + p9.labs(
            x="guide of the gene (number)",
            y="error: predicted - measured\n(log2 fold change)",
            color="gene is",
            title=f"Errors by mutation status: {chosen}",
            caption=style.wrap(caption, 7.5),
        )
    )


def _guide_boxes(boxes: pd.DataFrame, rows: Rows) -> Any:
    return (
        p9.ggplot(boxes, p9.aes(y="row"))
        + stripes(rows)
        + zero_line()
        + quantile_boxes("factor(guide)")
        + guide_colours(boxes)
    )


def _box_caption(prob: float) -> str:
    return (
        "A box per guide (colours tell the guides of one gene apart): middle half of its errors, "
        f"line: median, whiskers: {percent(prob)} of them."
    )


def _error_points(points: pd.DataFrame) -> tuple[list[Any], str]:
    low, high = style.SEQUENTIAL
    marks = [
        p9.geom_point(p9.aes(x="error", color="abs(error)"), points, size=0.9, alpha=0.7),
        p9.scale_color_gradient(low=low, high=high, name="size of\nthe error\n(log2 FC)"),
    ]
    return marks, "Dots: measurements, coloured by the size of the error."


def _error_bins(bins: pd.DataFrame) -> tuple[list[Any], str]:
    low, high = style.SEQUENTIAL
    marks = [
        p9.geom_tile(p9.aes(x="error", width="width", fill="n"), bins, height=0.8),
        p9.scale_fill_gradient(low=low, high=high, trans="log10", name="number of\nmeasurements"),
    ]
    return marks, "Colour: number of measurements in a bin (logarithmic scale)."


def _per_column(rows: Rows) -> int:
    n = len(rows.labels)
    return n if n <= ONE_COLUMN else (n + 1) // 2
