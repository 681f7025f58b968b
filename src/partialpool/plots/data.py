"""Figures of the screen itself: LFC by gene, by lineage and by cell line."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.parts import style
from partialpool.figures.parts.words import readable, with_lineages

BOX = "Box: middle half of the measurements, line: median, whiskers: 1st to 99th percentile"


def lfc_by_gene(boxes: pd.DataFrame, beyond: pd.DataFrame, n_genes: int) -> Any:
    """Draw a box per gene, the lowest median first.

    Parameters
    ----------
    boxes
        ``hugo_symbol``, ``low``, ``q25``, ``median``, ``q75``, ``high``; in order.
    beyond
        Measurements outside the whiskers: ``hugo_symbol``, ``lfc``.
    n_genes
        How many genes the screen has; ``boxes`` may hold the most extreme ones only.
    """
    width = _width(len(boxes))
    caption = f"{BOX}, dots: beyond. Genes by median LFC; below 0 cells without the gene grew worse"
    return (
        p9.ggplot(_in_order(boxes, "hugo_symbol"), p9.aes(x="hugo_symbol"))
        + _zero_line()
        + _dots(beyond, "hugo_symbol")
        + _boxes(style.COLOURS["measured"])
        + _split_mark(n_genes, len(boxes))
        + style.theme(width, 4.5)
        + p9.theme(axis_text_x=_gene_names(len(boxes)), panel_grid_major_x=p9.element_blank())
        + p9.labs(
            x="",
            y=style.LFC,
            title=f"LFC by gene: {_which(len(boxes), n_genes)}",
            caption=style.wrap(caption + ".", width),
        )
    )


def lfc_by_lineage_and_gene(means: pd.DataFrame, n_genes: int) -> Any:
    """Draw a tile per lineage and gene.

    Parameters
    ----------
    means
        ``lineage``, ``hugo_symbol``, ``lfc`` (mean), ``n_cell_lines`` (of the lineage);
        genes in order of appearance.
    n_genes
        How many genes the screen has; ``means`` may hold the lowest and, after them, as many
        that vary most between lineages.
    """
    shown = list(dict.fromkeys(means["hugo_symbol"]))
    tiles = means.assign(
        hugo_symbol=pd.Categorical(means["hugo_symbol"], shown),
        lineage=_lineage_axis(means),
    )
    limit = float(means["lfc"].abs().max()) or 1.0
    low, middle, high = style.DIVERGING
    n_lineages = len(tiles["lineage"].cat.categories)
    width = _width(len(shown)) + 1.5
    caption = (
        "Colour: mean LFC over guides, lines and replicates, white at 0. "
        "In brackets: cell lines of the lineage. Grey: not measured together."
    )
    which = _counted(n_genes, "gene")
    if len(shown) < n_genes:
        half = len(shown) // 2
        which = f"{len(shown)} of {n_genes} genes"
        caption += (
            f" Left: the {half} genes of lowest mean; right: of the others the "
            f"{len(shown) - half} whose means vary most between lineages of at least 2 lines."
        )
    return (
        p9.ggplot(tiles, p9.aes(x="hugo_symbol", y="lineage", fill="lfc"))
        + p9.geom_tile(color="#FFFFFF", size=0.3)
        + _split_mark(n_genes, len(shown))
        + p9.scale_fill_gradient2(low=low, mid=middle, high=high, limits=(-limit, limit))
        + p9.scale_x_discrete(expand=(0, 0))
        + p9.scale_y_discrete(expand=(0, 0))
        + style.theme(width, max(3.2, 1.6 + 0.24 * n_lineages))
        + p9.theme(
            axis_text_x=_gene_names(len(shown)),
            axis_text_y=p9.element_text(ma="right", size=8),
            panel_grid=p9.element_blank(),
            panel_background=p9.element_rect(fill="#DDDDDD", color="none"),
        )
        + p9.labs(
            x="",
            y="",
            fill="mean LFC\n(log2)",
            title=f"Mean LFC by lineage and gene: {which}",
            caption=style.wrap(caption, width),
        )
    )


def lfc_by_cell_line(boxes: pd.DataFrame, points: pd.DataFrame) -> Any:
    """Draw LFC by cell line: a box per line, or ranked medians of more than ``MANY_LINES``.

    Parameters
    ----------
    boxes
        ``depmap_id``, ``low``, ``q25``, ``median``, ``q75``, ``high``, ``lineage`` (may be
        empty), ``rank``; in order.
    points
        Measurements to show on the boxes: ``depmap_id``, ``hugo_symbol``, ``lfc``; empty
        if they are too many.
    """
    if len(boxes) > style.MANY_LINES:
        return _ranked_lines(boxes)
    names = _names(boxes)
    named = boxes.assign(depmap_id=boxes["depmap_id"].map(names))
    named = _in_order(named.iloc[::-1], "depmap_id")  # a y axis runs upwards
    points = points.assign(depmap_id=points["depmap_id"].map(names))
    caption = f"{BOX}. Lines by median LFC, lowest first."
    if len(points):
        caption += " Dots: measurements, a colour per gene."
    return (
        p9.ggplot(named, p9.aes(y="depmap_id"))
        + p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
        + _lying_boxes(style.COLOURS["reference" if len(points) else "measured"])
        + _jittered(points)
        + style.theme(8.0, 1.5 + 0.19 * len(boxes))
        + p9.theme(panel_grid_major_y=p9.element_blank())
        + p9.labs(
            x=style.LFC,
            y="",
            color="gene",
            title=f"LFC by cell line: {_counted(len(boxes), 'line')}",
            caption=style.wrap(caption, 8.0),
        )
    )


def _ranked_lines(boxes: pd.DataFrame) -> Any:
    names = list(_names(boxes).values())
    lowest, highest = ", ".join(names[:3]), ", ".join(names[:-4:-1])
    caption = (
        "Dot: median of a line over all its measurements, bar: middle half. "
        f"Lowest: {lowest}. Highest: {highest}."
    )
    return (
        p9.ggplot(boxes, p9.aes(x="rank", y="median"))
        + p9.geom_linerange(
            p9.aes(ymin="q25", ymax="q75"), color=style.COLOURS["measured"], alpha=0.35
        )
        + _zero_line()
        + p9.geom_point(size=0.9, color=style.COLOURS["measured"])
        + style.theme(8.0, 4.0)
        + p9.labs(
            x="cell line, by rank of its median LFC",
            y=style.LFC,
            title=f"LFC by cell line: {_counted(len(boxes), 'line')}",
            caption=style.wrap(caption, 8.0),
        )
    )


def _boxes(colour: str) -> list[Any]:
    """Whiskers and boxes from given quantiles."""
    return [
        p9.geom_linerange(p9.aes(ymin="low", ymax="high"), color=colour),
        p9.geom_crossbar(
            p9.aes(y="median", ymin="q25", ymax="q75"),
            color=colour,
            fill="#FFFFFF",
            width=0.7,
            fatten=2.5,
        ),
    ]


def _lying_boxes(colour: str) -> list[Any]:
    """The same along the x axis. Not by coord_flip: that swaps titles at every drawing."""
    return [
        p9.geom_segment(p9.aes(x="low", xend="high", yend="depmap_id"), color=colour),
        p9.geom_tile(
            p9.aes(x="(q25 + q75) / 2", width="q75 - q25"),
            height=0.7,
            size=0.5,
            color=colour,
            fill="#FFFFFF",
        ),
        p9.geom_point(p9.aes(x="median"), shape="|", size=3.5, stroke=1.0, color=colour),
    ]


def _dots(table: pd.DataFrame, x: str) -> Any:
    return p9.geom_point(
        p9.aes(x=x, y="lfc"), table, color=style.COLOURS["measured"], alpha=0.3, size=0.4
    )


def _jittered(points: pd.DataFrame) -> list[Any]:
    if not len(points):
        return []
    # Any seed but 0, which plotnine takes for none.
    jitter = p9.position_jitter(width=0, height=0.2, random_state=1)
    genes = points["hugo_symbol"].nunique()
    return [
        p9.geom_point(
            p9.aes(x="lfc", color="hugo_symbol"), points, position=jitter, size=1.2, alpha=0.8
        ),
        p9.scale_color_manual(style.GENES[:genes]),
    ]


def _zero_line() -> Any:
    return p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)


def _split_mark(n_genes: int, shown: int) -> list[Any]:
    """A dashed line between the lowest and the highest genes, if those between are left out."""
    if shown >= n_genes:
        return []
    return [p9.geom_vline(xintercept=shown // 2 + 0.5, linetype="dashed", color="#000000")]


def _which(shown: int, n_genes: int) -> str:
    if shown >= n_genes:
        return _counted(n_genes, "gene")
    return f"the {shown // 2} lowest and {shown - shown // 2} highest of {n_genes} genes"


def _counted(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"


def _width(n: int) -> float:
    return min(10.0, 4.0 + 0.16 * n)


def _gene_names(n: int) -> Any:
    """Names under the axis, upright if they are many."""
    return p9.element_text(angle=90 if n > 8 else 0, ha="center", va="top", size=8)


def _in_order(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.assign(**{column: pd.Categorical(table[column], list(table[column]))})


def _names(boxes: pd.DataFrame) -> dict[str, str]:
    return with_lineages(dict(zip(boxes["depmap_id"], boxes["lineage"], strict=True)))


def _lineage_axis(means: pd.DataFrame) -> Any:
    """Lineages as labels, in alphabetical order from top to bottom."""
    lines = means.drop_duplicates("lineage").set_index("lineage")["n_cell_lines"]
    labels = {
        name: textwrap.fill(f"{readable(name)} ({lines[name]})", 34)
        for name in sorted(lines.index, key=str.casefold, reverse=True)
    }
    return pd.Categorical(means["lineage"].map(labels), list(dict.fromkeys(labels.values())))
