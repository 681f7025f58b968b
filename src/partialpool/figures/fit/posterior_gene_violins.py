"""How uncertain is the effect of each gene?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, zero_line
from partialpool.figures.parts.densities import density
from partialpool.figures.parts.draws import SAMPLE_DIMS
from partialpool.figures.parts.estimates import forest_table
from partialpool.figures.parts.rows import Rows
from partialpool.figures.parts.words import percent, which
from partialpool.models import effect_named

if TYPE_CHECKING:
    import xarray as xr


def tables(posterior: Any, effects: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """The posterior density of the effect of each gene, and its interval."""
    table, rows = forest_table(effects, "gene_effect", style.MANY_GENES)
    violins = violin_table(posterior["posterior"]["gene_effect"], rows)
    return {"violins": violins, "table": table, "rows": rows, "hdi_prob": hdi_prob}


def violin_table(draws: xr.DataArray, rows: Rows, width: float = 0.42) -> pd.DataFrame:
    """Compute the outlines of the posterior densities of the shown elements.

    Parameters
    ----------
    draws
        Draws as (chain, draw, element).
    rows
        The elements to show.
    width
        Half of the height of a violin, in rows.

    Returns
    -------
    pd.DataFrame
        ``label``, ``value``, ``height`` (row plus density on one side, row minus density on the
        other), in the order of the outline. All violins are scaled to the same height.
    """
    dim = next(str(d) for d in draws.dims if d not in SAMPLE_DIMS)
    parts = []
    for label in rows.labels:
        grid, curve = density(draws.sel({dim: label}).to_numpy(), grid_size=64)
        half = width * curve / curve.max()
        row = rows.position[label]
        parts.append(
            pd.DataFrame(
                {
                    "label": label,
                    "value": np.concatenate([grid, grid[::-1]]),
                    "height": row + np.concatenate([half, -half[::-1]]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def draw(violins: pd.DataFrame, table: pd.DataFrame, rows: Rows, hdi_prob: float) -> p9.ggplot:
    """Draw the posterior density of the effect of every gene, with its interval.

    Parameters
    ----------
    violins
        Outlines: ``label``, ``value``, ``height``.
    table
        ``row``, ``mean``, ``hdi_lower``, ``hdi_upper``.
    rows
        The elements shown, from top to bottom.
    hdi_prob
        The probability of the intervals.
    """
    caption = (
        "Shape: posterior density of the effect of a gene, scaled to the same height. Dot: mean. "
        f"Line: {percent(hdi_prob)} highest-density interval. {effect_named('gene_effect').reading}"
    )
    return (
        p9.ggplot(table, p9.aes(y="row"))
        + zero_line()
        + p9.geom_polygon(
            p9.aes(x="value", y="height", group="label"),
            violins,
            fill=style.COLOURS["posterior"],
            alpha=0.45,
        )
        + p9.geom_segment(
            p9.aes(x="hdi_lower", xend="hdi_upper", yend="row"),
            color=style.COLOURS["measured"],
            size=0.9,
        )
        + p9.geom_point(p9.aes(x="mean"), size=1.3, color=style.COLOURS["estimate"])
        + by_row(
            rows,
            x=effect_named("gene_effect").axis,
            title=f"Posterior of the gene effects: {which(rows, 'genes')}",
            caption=caption,
        )
    )


FIGURE = Figure(
    title="Posterior distribution of each gene effect",
    how_to_read="The shape is thick at plausible values and thin at implausible ones.",
    group="effects",
    place=40,
    tables=tables,
    draw=draw,
    drawn="on request",
    effect="gene_effect",
)
