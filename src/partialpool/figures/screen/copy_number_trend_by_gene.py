"""For which genes does copy number matter most?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import zero_level
from partialpool.figures.parts.words import counted
from partialpool.figures.screen._covariate import (
    absent,
    axis_title,
    constant,
    dots,
    gene_line_means,
)
from partialpool.figures.screen._least_squares import linear_trends, signed, steepest, trend_lines
from partialpool.screen import COVARIATES

COPY_NUMBER = "gene_cn_z"
OVERALL = "all genes"


def tables(screen: pd.DataFrame) -> dict[str, Any] | str:
    """Trend lines of each gene and of all genes, and points if there are few genes."""
    if reason := absent(screen, COPY_NUMBER):
        return reason
    means = gene_line_means(screen, COPY_NUMBER)
    trends = linear_trends(means, by="hugo_symbol")
    if trends["rests_on_one"].all():
        return constant(COPY_NUMBER)
    shown = trends[~trends["rests_on_one"]]
    is_few = len(shown) <= style.MANY_COLOURS
    points, unit = dots(screen, COPY_NUMBER, means[means["hugo_symbol"].isin(shown["hugo_symbol"])])
    return {
        "segments": trend_segments(shown),
        "points": points if is_few else points[:0],
        "unit": unit,
        "overall": trend_lines(linear_trends(means)),
        "coloured": list((shown if is_few else steepest(shown, len(style.GENES)))["hugo_symbol"]),
        "n_genes": screen["hugo_symbol"].nunique(),
    }


def trend_segments(trends: pd.DataFrame) -> pd.DataFrame:
    """Find the ends of lines, over the range of the data of each group.

    Parameters
    ----------
    trends
        The result of `linear_trends`, or some of its rows.

    Returns
    -------
    pd.DataFrame
        A row per line: its group (``hugo_symbol`` or ``group``), ``slope``, ``x``, ``y`` (left
        end), ``xend``, ``yend`` (right end).
    """
    left, right = (
        trends["y_mean"] + trends["slope"] * (trends[end] - trends["x_mean"])
        for end in ("x_min", "x_max")
    )
    ends = trends[[trends.columns[0], "slope"]]
    return ends.assign(x=trends["x_min"], y=left, xend=trends["x_max"], yend=right)


def draw(
    segments: pd.DataFrame,
    points: pd.DataFrame,
    unit: str,
    overall: pd.DataFrame,
    coloured: list[str],
    n_genes: int,
) -> p9.ggplot:
    """Draw the line of every gene, and the line of all genes on top.

    Parameters
    ----------
    segments
        A line per gene: ``hugo_symbol``, ``slope``, ``x``, ``y``, ``xend``, ``yend``.
    points
        ``hugo_symbol``, ``x``, ``lfc``. Empty if there are too many genes.
    unit
        A phrase that says what a point is.
    overall
        ``x``, ``fit``, ``low``, ``high``.
    coloured
        The genes with a colour and an entry in the legend, in order. The others are grey.
    n_genes
        The number of genes of the screen. ``segments`` may contain fewer.
    """
    slopes = segments.set_index("hugo_symbol")["slope"]
    labels = {gene: f"{gene} ({signed(slopes[gene])})" for gene in coloured}
    keys = [*labels.values(), OVERALL]
    colours = [*style.gene_colours(len(labels)), style.COLOURS["trend"]]
    is_all = len(coloured) == len(segments)
    n_lines = len(segments)
    shown = f"{n_lines} of {n_genes:,} genes" if n_lines < n_genes else counted(n_genes, "gene")
    return (
        p9.ggplot()
        + _dots(points, labels, keys)
        + zero_level()
        + _lines(segments, labels, keys)
        + _overall(overall.assign(gene=pd.Categorical([OVERALL] * len(overall), keys)))
        + p9.scale_color_manual(colours, limits=keys)
        + p9.guides(color=p9.guide_legend(ncol=1 if len(keys) <= 15 else 2))
        + style.theme(9.0, 5.5)
        + p9.labs(
            x=axis_title(COPY_NUMBER),
            y=style.LFC,
            color="gene (slope)" if is_all else "steepest genes (slope)",
            title=f"LFC against copy number: a trend per gene, {shown}",
            caption=style.wrap(_caption(unit if len(points) else "", is_all, n_genes - n_lines), 9),
        )
    )


def _caption(unit: str, is_all: bool, n_not_shown: int) -> str:
    caption = f"Dot: {unit}. " if unit else ""
    caption += (
        "Thin line: least squares through the means of a gene in the cell lines, over the range of "
        "its data. In brackets: slope, log2 per sd. Wide line: all genes together, with a 95 % "
        "interval, if the means are independent."
    )
    if not is_all:
        caption += " The steepest lines have a colour; all others are grey."
    if n_not_shown:
        noun = COVARIATES[COPY_NUMBER].noun
        caption += (
            f" Not shown: {counted(n_not_shown, 'gene')} whose {noun} is not known, or differs "
            "from the others in at most one cell line."
        )
    return caption


def _dots(points: pd.DataFrame, labels: dict[str, str], keys: list[str]) -> list[Any]:
    if not len(points):
        return []
    few = len(points) <= 1_000
    named = points.assign(gene=pd.Categorical(points["hugo_symbol"].map(labels), keys))
    return [
        p9.geom_point(
            p9.aes(x="x", y="lfc", color="gene"),
            named,
            size=1.5 if few else 0.8,
            alpha=0.6 if few else 0.45,
            stroke=0,
            show_legend=False,
        )
    ]


def _lines(segments: pd.DataFrame, labels: dict[str, str], keys: list[str]) -> list[Any]:
    """Draw the lines of genes, in grey if they have no colour."""
    ends = {"x": "x", "y": "y", "xend": "xend", "yend": "yend"}
    has_colour = segments["hugo_symbol"].isin(list(labels))
    named = segments[has_colour]
    named = named.assign(gene=pd.Categorical(named["hugo_symbol"].map(labels), keys))
    few = len(segments) <= style.MANY_GENES
    grey = p9.geom_segment(
        p9.aes(**ends),
        segments[~has_colour],
        color=style.COLOURS["reference"],
        size=0.4 if few else 0.3,
        alpha=0.7 if few else 0.2,
    )
    return [
        *([] if has_colour.all() else [grey]),
        p9.geom_segment(p9.aes(**ends, color="gene"), named, size=0.9),
    ]


def _overall(line: pd.DataFrame) -> list[Any]:
    """Draw the line of all genes, with an entry in the legend."""
    return [
        p9.geom_ribbon(
            p9.aes(x="x", ymin="low", ymax="high"), line, fill=style.COLOURS["trend"], alpha=0.35
        ),
        p9.geom_line(p9.aes(x="x", y="fit"), line, color="#FFFFFF", size=2.6),
        p9.geom_line(p9.aes(x="x", y="fit", color="gene"), line, size=1.8),
    ]


FIGURE = Figure(
    title="Copy-number trend of each gene",
    how_to_read="If the lines have different slopes, copy number matters more for some genes.",
    group="screen",
    place=50,
    tables=tables,
    draw=draw,
)
