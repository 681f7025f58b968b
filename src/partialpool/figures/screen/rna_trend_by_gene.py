"""Which genes do cell lines depend on more if they express them more?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended

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
from partialpool.figures.screen._overall_trend import trend_line

RNA = "rna_expr_z"
# plotnine accepts this, although mizani's types do not say so.
BREAKS: Any = breaks_extended(n=4)


def tables(screen: pd.DataFrame) -> dict[str, Any] | str:
    """Points and a trend line for each gene, with an interval unless one cell line decides."""
    if reason := absent(screen, RNA):
        return reason
    means = gene_line_means(screen, RNA)
    trends = linear_trends(means, by="hugo_symbol")
    if trends.empty:
        return constant(RNA)
    shown = steepest(trends, style.MANY_PANELS)
    points, unit = dots(screen, RNA, means[means["hugo_symbol"].isin(shown["hugo_symbol"])])
    lines = trend_lines(shown)
    return {
        "points": points,
        "unit": unit,
        "lines": lines,
        "fits": shown,
        "n_genes": len(trends),
        "y_range": shown_range(points, lines),
    }


def shown_range(
    points: pd.DataFrame, lines: pd.DataFrame, share: float = 0.99
) -> tuple[float, float]:
    """Find the range of an axis for most of the points and all of the lines.

    Parameters
    ----------
    points
        ``lfc``.
    lines
        ``fit``, ``low``, ``high``.
    share
        The share of the points within the range. All points are, if the range is hardly wider.
    """
    ends = points["lfc"].quantile([0.0, (1 - share) / 2, (1 + share) / 2, 1.0])
    lowest, low, high, highest = (float(end) for end in ends)
    of_lines = lines[["fit", "low", "high"]]
    low, high = min(low, float(of_lines.min().min())), max(high, float(of_lines.max().max()))
    if highest - lowest <= 1.2 * (high - low):
        return min(low, lowest), max(high, highest)
    return low, high


def draw(
    points: pd.DataFrame,
    unit: str,
    lines: pd.DataFrame,
    fits: pd.DataFrame,
    n_genes: int,
    y_range: tuple[float, float],
) -> p9.ggplot:
    """Draw a panel per gene: its points, its line and its interval.

    Parameters
    ----------
    points
        ``hugo_symbol``, ``x``, ``lfc``.
    unit
        A phrase that says what a point is.
    lines
        ``hugo_symbol``, ``x``, ``fit``, ``low``, ``high``.
    fits
        Genes to show, in order: ``hugo_symbol``, ``slope``, ``rests_on_one``.
    n_genes
        The number of genes with a trend. ``fits`` may contain only the steepest.
    y_range
        The lowest and highest log fold change of the axis.
    """
    slopes = zip(fits["hugo_symbol"], fits["slope"], strict=True)
    names = {gene: f"{gene} ({signed(slope)})" for gene, slope in slopes}
    panels = list(names.values())
    points, lines = (
        table.assign(panel=pd.Categorical(table["hugo_symbol"].map(names), panels))
        for table in (points, lines)
    )
    columns = min(6, max(2, -(-len(panels) // 2)))
    width = max(5.5, 1.2 + 1.55 * columns)
    is_all = len(panels) == n_genes
    which = counted(n_genes, "gene") if is_all else f"{len(panels)} of {n_genes:,} genes"
    n_beyond = len(points) - int(points["lfc"].between(*y_range).sum())
    caption = _caption(unit, int(fits["rests_on_one"].sum()), is_all)
    if n_beyond:
        caption += f" {n_beyond:,} of {len(points):,} dots lie beyond the axis and are not shown."
    return (
        p9.ggplot(points, p9.aes(x="x"))
        + p9.facet_wrap("panel", ncol=columns)
        + zero_level()
        + p9.geom_point(
            p9.aes(y="lfc"), color=style.COLOURS["measured"], **_look(len(points) / len(panels))
        )
        + trend_line(lines)
        + p9.scale_x_continuous(breaks=BREAKS)
        + p9.coord_cartesian(ylim=y_range)
        + style.theme(width, 1.3 + 1.5 * -(-len(panels) // columns))
        + p9.theme(panel_spacing_x=0.02)
        + p9.labs(
            x=axis_title(RNA),
            y=style.LFC,
            title=f"LFC against RNA expression by gene: {which}",
            caption=style.wrap(caption, width),
        )
    )


def _caption(unit: str, n_on_one: int, is_all: bool) -> str:
    caption = (
        f"Dot: {unit}. Line: least squares through the means of the gene in the cell lines. Band: "
        "95 % interval, if cell lines are independent. In brackets: slope, log2 per sd. The most "
        "negative slope comes first."
    )
    if not is_all:
        caption += " Genes with the steepest slopes are shown."
    if n_on_one:
        caption += (
            f" Dashed, without an interval: the slope depends on one cell line "
            f"({counted(n_on_one, 'gene')})."
        )
    return caption


def _look(n: float) -> dict[str, Any]:
    """Choose the look of the dots of a small panel by their number."""
    if n <= 60:
        return {"size": 1.8, "alpha": 0.8, "stroke": 0}
    return {"size": 1.2, "alpha": 0.45, "stroke": 0}


FIGURE = Figure(
    title="RNA trend of each gene",
    how_to_read="If the line of a gene falls to the right, cell lines that express the gene more "
    "depend on it more.",
    group="screen",
    place=70,
    tables=tables,
    draw=draw,
)
