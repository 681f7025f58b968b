"""Which lines depend on which selective genes?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9
from mizani.bounds import squish

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.dependencies import DEPENDENT, line_names, scored, unit, varying

#: The colour of genes x lines without measurements.
UNMEASURED = "#BDBDBD"


def tables(
    screen: pd.DataFrame, effects: pd.DataFrame, genes: pd.DataFrame
) -> dict[str, Any] | str:
    """Effects of at most 40 genes in all lines; genes and lines with similar effects together."""
    candidates = scored(genes)["hugo_symbol"].tolist()
    varied = varying(effects, genes)
    is_all = len(candidates) <= style.MANY_GENES
    chosen = candidates if is_all else varied[: style.MANY_GENES]
    most = "most " if len(varied) > len(chosen) else ""
    which = f"the {len(chosen)} {most}selective of {len(candidates):,} genes"
    if len(chosen) < 2:
        return "Fewer than two genes are scored, so there is nothing to compare."
    shown = effects[effects["hugo_symbol"].isin(chosen)]
    wide = shown.pivot_table("mean", "hugo_symbol", "depmap_id", observed=True)
    wide.index, wide.columns = wide.index.astype(str), wide.columns.astype(str)
    rows, columns = _clustered(wide), _clustered(wide.T)
    names = line_names(screen)
    cells = pd.DataFrame(
        {
            "row": -shown["hugo_symbol"].astype(str).map(_places(rows)),
            "column": shown["depmap_id"].astype(str).map(_places(columns)),
            "effect": shown["mean"].where(shown["n_measured"] > 0),
            "is_called": shown["call"] == DEPENDENT,
        }
    )
    return {
        "cells": cells,
        "genes": rows,
        "lines": [names.get(line, line) for line in columns],
        "which": f"{len(candidates)} genes" if is_all else which,
        "unit": unit(effects),
    }


def _clustered(wide: pd.DataFrame) -> list[str]:
    """Order rows so that similar ones are neighbours."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(wide) < 3:
        return list(wide.index)
    names = wide.index.tolist()
    return [names[int(i)] for i in leaves_list(linkage(wide.to_numpy(), "average"))]


def _places(labels: Sequence[str]) -> dict[str, float]:
    return {label: float(i) for i, label in enumerate(labels)}


def draw(
    cells: pd.DataFrame, genes: Sequence[str], lines: Sequence[str], which: str, unit: str
) -> p9.ggplot:
    """Draw a coloured cell for each gene and line.

    Parameters
    ----------
    cells
        ``row`` and ``column``, ``effect`` (missing without measurements), ``is_called``.
    genes, lines
        Labels of rows, from the top, and of columns.
    which
        Says which genes are shown.
    unit
        The unit of the effects.
    """
    limit = max(1.0, float(np.nanquantile(cells["effect"].abs(), 0.995)))
    is_far = (cells["effect"].abs() > limit).any()
    named = len(lines) <= style.MANY_LINES
    parts = [
        f"Colour: effect ({unit}).",
        "Larger effects have the last colours of the legend." if is_far else "",
        "Dot: called dependency." if named and cells["is_called"].any() else "",
        "Grey: not measured." if cells["effect"].isna().any() else "",
        "Genes and lines with similar effects are neighbours.",
        "Selective: some lines depend much more on the gene than the average."
        if "selective" in which
        else "",
        "" if named else "Lines are not named.",
    ]
    width = min(3.0 + (0.19 if named else 0.03) * len(lines), 10.0) if named else 9.0
    width = max(width, 7.0)
    labels = max(map(len, lines)) if named else 0
    plot = (
        p9.ggplot(cells, p9.aes("column", "row"))
        + p9.geom_tile(p9.aes(fill="effect"), width=1, height=1)
        + p9.scale_fill_gradient2(
            *style.DIVERGING, midpoint=0, limits=(-limit, limit), na_value=UNMEASURED, oob=squish
        )
        + p9.scale_y_continuous(
            breaks=[-float(i) for i in range(len(genes))], labels=list(genes), expand=(0, 0.5)
        )
        + p9.scale_x_continuous(
            breaks=list(range(len(lines))) if named else [],
            labels=list(lines) if named else [],
            expand=(0, 0.5),
        )
        + style.theme(width, 1.6 + 0.2 * max(len(genes), 6) + 0.07 * labels)
        + p9.theme(
            panel_grid=p9.element_blank(),
            axis_text_x=p9.element_text(angle=90, ha="center", va="top", size=8),
            axis_text_y=p9.element_text(size=8),
        )
        + p9.labs(
            x="" if named else f"{len(lines):,} lines",
            y="",
            fill="effect",
            title=f"Effects of {which} in {len(lines):,} lines",
            caption=style.wrap(" ".join(filter(None, parts)), width),
        )
    )
    called = cells[cells["is_called"]]
    return plot + p9.geom_point(data=called, size=0.6) if named and len(called) else plot


FIGURE = Figure(
    title="Selective genes in all lines",
    how_to_read="A vermilion cell is a gene that the line needs. A block of such cells is a group "
    "of lines that need the same genes.",
    group="dependencies",
    place=10,
    tables=tables,
    draw=draw,
)
