"""Which genes slow cells down when they are lost?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import zero_level
from partialpool.figures.parts.words import counted
from partialpool.figures.screen._boxes import BOX, boxes, in_order
from partialpool.figures.screen._gene_axis import figure_width, gene_names, split_mark


def tables(screen: pd.DataFrame) -> dict[str, Any]:
    """A box per gene, and the measurements beyond the whiskers."""
    summary = boxes(screen, "hugo_symbol")
    shown = lowest_and_highest(summary, "median", style.MANY_GENES)
    beyond = beyond_whiskers(screen, shown, "hugo_symbol", at_most=style.MANY_POINTS)
    return {"boxes": shown, "beyond": beyond, "n_genes": len(summary)}


def lowest_and_highest(summary: pd.DataFrame, by: str, at_most: int) -> pd.DataFrame:
    """Keep the ``at_most`` rows with the most extreme values, lowest first.

    Parameters
    ----------
    summary
        A row per gene or cell line.
    by
        The numeric column to rank by. Rows without it are left out.
    at_most
        The number of rows to keep: half of them the lowest, half the highest.

    Returns
    -------
    pd.DataFrame
        The rows, sorted by ``by``.
    """
    ranked = summary.dropna(subset=[by]).sort_values(by, kind="stable")
    if len(ranked) > at_most:
        low = at_most // 2
        ranked = pd.concat([ranked.iloc[:low], ranked.iloc[len(ranked) - (at_most - low) :]])
    return ranked.reset_index(drop=True)


def beyond_whiskers(
    table: pd.DataFrame, summary: pd.DataFrame, by: str, value: str = "lfc", at_most: int = 5_000
) -> pd.DataFrame:
    """Find the measurements outside the whiskers of ``summary``.

    Parameters
    ----------
    table
        A row per measurement.
    summary
        The result of `boxes`, or some of its rows.
    by, value
        See `boxes`.
    at_most
        If there are more, only those farthest beyond their whisker are kept.

    Returns
    -------
    pd.DataFrame
        Columns ``by`` and ``value``, a row per measurement.
    """
    limits = summary.set_index(by)[["low", "high"]]
    rows = table.loc[table[by].isin(limits.index), [by, value]]
    labels = rows[by].astype(str)
    below = labels.map(limits["low"]).astype("float64") - rows[value]
    above = rows[value] - labels.map(limits["high"]).astype("float64")
    distance = below.where(below > above, above)
    farthest = distance[distance > 0].nlargest(at_most).sort_index().index
    return pd.DataFrame({by: labels[farthest], value: rows.loc[farthest, value]}).reset_index(
        drop=True
    )


def draw(boxes: pd.DataFrame, beyond: pd.DataFrame, n_genes: int) -> p9.ggplot:
    """Draw a box per gene, the lowest median first.

    Parameters
    ----------
    boxes
        ``hugo_symbol``, ``low``, ``q25``, ``median``, ``q75``, ``high``; in order.
    beyond
        Measurements outside the whiskers: ``hugo_symbol``, ``lfc``.
    n_genes
        The number of genes of the screen. ``boxes`` may contain only the most extreme ones.
    """
    n_shown, colour = len(boxes), style.COLOURS["measured"]
    width = figure_width(n_shown)
    caption = (
        f"{BOX}. Dots: measurements beyond the whiskers. Genes are ordered by their median. "
        "Below 0, cells without the gene grew worse."
    )
    return (
        p9.ggplot(in_order(boxes, "hugo_symbol"), p9.aes(x="hugo_symbol"))
        + zero_level()
        + p9.geom_point(p9.aes(y="lfc"), beyond, color=colour, alpha=0.3, size=0.4)
        + p9.geom_linerange(p9.aes(ymin="low", ymax="high"), color=colour)
        + p9.geom_crossbar(
            p9.aes(y="median", ymin="q25", ymax="q75"),
            color=colour,
            fill="#FFFFFF",
            width=0.7,
            fatten=2.5,
        )
        + split_mark(n_genes, n_shown)
        + style.theme(width, 4.5)
        + p9.theme(axis_text_x=gene_names(n_shown), panel_grid_major_x=p9.element_blank())
        + p9.labs(
            x="",
            y=style.LFC,
            title=f"LFC by gene: {_which(n_shown, n_genes)}",
            caption=style.wrap(caption, width),
        )
    )


def _which(n_shown: int, n_genes: int) -> str:
    if n_shown >= n_genes:
        return counted(n_genes, "gene")
    n_low = n_shown // 2
    return f"the {n_low} lowest and {n_shown - n_low} highest of {n_genes:,} genes"


FIGURE = Figure(
    title="Log fold change by gene",
    how_to_read="If the box of a gene lies below 0, its loss slowed down most cell lines.",
    group="screen",
    place=10,
    tables=tables,
    draw=draw,
)
