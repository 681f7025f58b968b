"""Do some cell lines lose more cells than others, for all genes?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import zero_level, zero_line
from partialpool.figures.parts.screen_summary import lineages
from partialpool.figures.parts.words import counted, with_lineages
from partialpool.figures.screen._boxes import BOX, boxes, in_order

#: Measurements are shown up to this number.
MANY_MEASUREMENTS = 1_200


def tables(screen: pd.DataFrame) -> dict[str, Any]:
    """A box per cell line, and the measurements if there are few."""
    is_small = len(screen) <= MANY_MEASUREMENTS
    is_small = is_small and screen["hugo_symbol"].nunique() <= len(style.GENES)
    points = screen[["depmap_id", "hugo_symbol", "lfc"]].dropna()
    points = points.astype({"depmap_id": str, "hugo_symbol": str})
    return {"boxes": cell_line_boxes(screen), "points": points if is_small else points[:0]}


def cell_line_boxes(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise LFC by cell line with `boxes`, and add the ``lineage`` and ``rank`` of each line.

    ``rank`` 1 is the line with the lowest median. ``lineage`` is empty if it is unknown.
    """
    summary = boxes(table, "depmap_id")
    known = lineages(table)
    return summary.assign(
        lineage=[known.get(line, "") for line in summary["depmap_id"]],
        rank=np.arange(1, len(summary) + 1),
    )


def draw(boxes: pd.DataFrame, points: pd.DataFrame) -> p9.ggplot:
    """Draw a box per cell line, or ranked medians if there are more than ``MANY_LINES``.

    Parameters
    ----------
    boxes
        ``depmap_id``, ``low``, ``q25``, ``median``, ``q75``, ``high``, ``lineage`` (may be
        empty), ``rank``; in order.
    points
        Measurements on the boxes: ``depmap_id``, ``hugo_symbol``, ``lfc``. Empty if there are too
        many.
    """
    if len(boxes) > style.MANY_LINES:
        return _ranked_lines(boxes)
    names = _names(boxes)
    named = boxes.assign(depmap_id=boxes["depmap_id"].map(names))
    named = in_order(named.iloc[::-1], "depmap_id")  # a y axis runs upwards
    points = points.assign(depmap_id=points["depmap_id"].map(names))
    caption = f"{BOX}. Lines are in order of their median, lowest first."
    if len(points):
        caption += " Dots: measurements, in a colour per gene."
    return (
        p9.ggplot(named, p9.aes(y="depmap_id"))
        + zero_line()
        + _lying_boxes(style.COLOURS["reference" if len(points) else "measured"])
        + _jittered(points)
        + style.theme(8.0, 1.5 + 0.19 * len(boxes))
        + p9.theme(panel_grid_major_y=p9.element_blank())
        + p9.labs(
            x=style.LFC,
            y="",
            color="gene",
            title=f"LFC by cell line: {counted(len(boxes), 'line')}",
            caption=style.wrap(caption, 8.0),
        )
    )


def _ranked_lines(boxes: pd.DataFrame) -> p9.ggplot:
    names = list(_names(boxes).values())
    lowest, highest = ", ".join(names[:3]), ", ".join(names[:-4:-1])
    caption = (
        "Dot: median of all measurements of a line. Bar: their middle half. "
        f"Lowest: {lowest}. Highest: {highest}."
    )
    colour = style.COLOURS["measured"]
    return (
        p9.ggplot(boxes, p9.aes(x="rank", y="median"))
        + p9.geom_linerange(p9.aes(ymin="q25", ymax="q75"), color=colour, alpha=0.35)
        + zero_level()
        + p9.geom_point(size=0.9, color=colour)
        + style.theme(8.0, 4.0)
        + p9.labs(
            x="cell line, by rank of its median LFC",
            y=style.LFC,
            title=f"LFC by cell line: {counted(len(boxes), 'line')}",
            caption=style.wrap(caption, 8.0),
        )
    )


def _lying_boxes(colour: str) -> list[Any]:
    """Draw boxes along the x axis. coord_flip would swap the titles at every drawing."""
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


def _jittered(points: pd.DataFrame) -> list[Any]:
    if not len(points):
        return []
    # Any seed except 0, which plotnine treats as no seed.
    jitter = p9.position_jitter(width=0, height=0.2, random_state=1)
    return [
        p9.geom_point(
            p9.aes(x="lfc", color="hugo_symbol"), points, position=jitter, size=1.2, alpha=0.8
        ),
        p9.scale_color_manual(style.gene_colours(points["hugo_symbol"].nunique())),
    ]


def _names(boxes: pd.DataFrame) -> dict[str, str]:
    return with_lineages(dict(zip(boxes["depmap_id"], boxes["lineage"], strict=True)))


FIGURE = Figure(
    title="Log fold change by cell line",
    how_to_read="If a line is far from the others, the log fold changes of all its genes are "
    "higher or lower.",
    group="screen",
    place=30,
    tables=tables,
    draw=draw,
)
