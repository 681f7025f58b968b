"""Are the predicted measurements of each gene distributed like the real ones?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._replicates import GENE_ORDER, measured_values, simulated_values
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, legend_on_top, zero_line
from partialpool.figures.parts.densities import density, span_of_most, span_with
from partialpool.figures.parts.draws import replicated_screens
from partialpool.figures.parts.estimates import forest_table
from partialpool.figures.parts.rows import Rows
from partialpool.figures.parts.words import which

KINDS = ("measured", "predicted")


def tables(predictions: pd.DataFrame, replicates: Any, effects: pd.DataFrame) -> dict[str, Any]:
    """Outlines of the densities of measured and predicted values of each gene."""
    _, rows = forest_table(effects, "gene_effect", style.MANY_GENES)
    screens = replicated_screens(replicates["posterior_predictive"])
    measured = measured_values(predictions, rows)
    predicted = simulated_values(predictions, screens, rows)
    return {"violins": mirrored_violins(measured, predicted, rows), "rows": rows}


def mirrored_violins(
    measured: pd.DataFrame, predicted: pd.DataFrame, rows: Rows, width: float = 0.46
) -> pd.DataFrame:
    """Compute outlines of densities by gene: measured above its row, predicted below.

    Parameters
    ----------
    measured, predicted
        ``hugo_symbol`` and ``value``.
    rows
        The genes to show.
    width
        The height of the higher of the two densities of a gene, in rows.

    Returns
    -------
    pd.DataFrame
        ``label``, ``kind`` (``measured`` or ``predicted``), ``value``, ``height``, in the order of
        the outlines. The two densities of a gene have the same scale. The span contains 99.6 % of
        the measurements, and the middle half of each gene.
    """
    kinds = dict(zip(KINDS, (measured, predicted), strict=True))
    values = {kind: table["value"].to_numpy() for kind, table in kinds.items()}
    places = {
        kind: table.groupby("hugo_symbol", observed=True).indices for kind, table in kinds.items()
    }
    span = span_with(span_of_most(values["measured"]), values["measured"], measured["hugo_symbol"])
    parts = []
    for label, row in rows.position.items():
        curves = {kind: density(values[kind][places[kind][label]], 96, span) for kind in kinds}
        scale = width / max(float(curve.max()) for _, curve in curves.values())
        for kind, (grid, curve) in curves.items():
            side = 1 if kind == "measured" else -1
            height = row + side * scale * np.concatenate([[0.0], curve, [0.0]])
            value = np.concatenate([grid[:1], grid, grid[-1:]])
            parts.append(
                pd.DataFrame({"label": label, "kind": kind, "value": value, "height": height})
            )
    return pd.concat(parts, ignore_index=True)


def draw(violins: pd.DataFrame, rows: Rows) -> p9.ggplot:
    """Draw the density of the measurements of each gene above that of its predictions.

    Parameters
    ----------
    violins
        The result of ``mirrored_violins``.
    rows
        The genes to show.
    """
    caption = (
        "Upper half, blue: density of the measurements. Lower half, orange: density of the "
        "measurements that the fitted model predicts. For a good model, the two halves look alike. "
        f"The axis contains 99.6 % of the measurements. {GENE_ORDER}"
    )
    return (
        p9.ggplot(
            violins.assign(line=violins["label"] + violins["kind"]),
            p9.aes(x="value", y="height", group="line", fill="kind"),
        )
        + p9.geom_polygon(alpha=0.75)
        + zero_line()
        + p9.scale_fill_manual({kind: style.COLOURS[kind] for kind in KINDS})
        + by_row(
            rows,
            x=style.LFC,
            title=f"Measured and predicted: {which(rows, 'genes')}",
            caption=caption,
            each=0.3,
        )
        + legend_on_top()
        + p9.labs(fill="")
    )


FIGURE = Figure(
    title="Predictions and measurements of each gene",
    how_to_read="The two halves of a violin should mirror each other.",
    group="predictions",
    place=30,
    tables=tables,
    draw=draw,
    drawn="answer",
)
