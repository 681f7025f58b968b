"""Axes, legends and lines that several figures share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.parts import style
from partialpool.figures.parts.rows import Rows


def by_row(
    rows: Rows,
    *,
    x: str,
    title: str,
    caption: str,
    width: float = 7.0,
    each: float = 0.2,
    ticks: Mapping[float, str] | None = None,
    top: float = 0.6,
) -> list[Any]:
    """Make the axes, size and labels of a figure with a row per label.

    A dotted line shows where rows were left out.

    Parameters
    ----------
    rows
        The rows of the figure and their labels.
    x, title, caption
        Title of the x axis, title, and caption. The caption is broken into lines.
    width
        Width of the figure, in inches.
    each
        Height of a row, in inches.
    ticks
        Height -> text of the tick. Default: the labels of the rows.
    top
        The upper end of the axis, in rows above the first one.
    """
    ticks = ticks or {height: label for label, height in rows.position.items()}
    lowest = min(rows.position.values()) - 0.6
    has_gap = not rows.is_complete and rows.n_first < len(rows.labels)
    gap = [p9.geom_hline(yintercept=-float(rows.n_first), linetype="dotted", size=0.5)]
    return [
        p9.scale_y_continuous(
            breaks=list(ticks),
            labels=list(ticks.values()),
            limits=(lowest, top),
            expand=(0, 0),
        ),
        *(gap if has_gap else []),
        style.theme(width, 1.7 + each * max(len(rows.labels), 3)),
        p9.labs(x=x, y="", title=title, caption=style.wrap(caption, width)),
    ]


def stripes(rows: Rows) -> Any:
    """Draw grey behind every second row."""
    heights = pd.Series(list(rows.position.values())[1::2], dtype="float64")
    bands = pd.DataFrame({"low": heights - 0.5, "high": heights + 0.5})
    return p9.geom_rect(
        p9.aes(ymin="low", ymax="high"),
        bands,
        xmin=-np.inf,
        xmax=np.inf,
        fill=style.STRIPE,
        color="none",
        inherit_aes=False,
    )


def legend_on_top() -> Any:
    """Place the legend above the panels."""
    return p9.theme(legend_position="top", legend_title=p9.element_text(size=9))


def guide_colours(guides: pd.DataFrame) -> list[Any]:
    """Give the guides of one gene different colours."""
    colours = style.cycle(int(guides["guide"].max()), style.GUIDES)
    return [
        p9.scale_color_manual(colours, guide=None),
        p9.scale_fill_manual(colours, guide=None),
    ]


def one_path(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """Join curves to one path with a gap after each, which is drawn much faster.

    Parameters
    ----------
    table
        A row per point of a curve.
    by
        Columns that identify the curves. The first one gives the colour.
    value
        The column that is empty in the gaps.
    """
    gaps = table.drop_duplicates(by).assign(**{value: float("nan")})
    both = pd.concat([table.assign(is_gap=False), gaps.assign(is_gap=True)])
    return both.sort_values([*by, "is_gap"], kind="stable", ignore_index=True)


def zero_level() -> Any:
    """Draw a horizontal line at 0."""
    return p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)


def zero_line() -> Any:
    """Draw a vertical line at 0."""
    return p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
