"""Where does the model expect new measurements of each gene?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._replicates import GENE_ORDER, simulated_values
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, guide_colours, zero_line
from partialpool.figures.parts.draws import replicated_screens
from partialpool.figures.parts.estimates import forest_table
from partialpool.figures.parts.quantiles import quantile_table
from partialpool.figures.parts.rows import Rows, guide_rows
from partialpool.figures.parts.words import percent, which


def tables(
    predictions: pd.DataFrame,
    replicates: Any,
    effects: pd.DataFrame,
    prediction_prob: float,
    options: FigureOptions,
) -> dict[str, Any]:
    """Predicted means of each gene, and quantiles of its new measurements."""
    _, rows = forest_table(effects, "gene_effect", style.MANY_GENES)
    screens = replicated_screens(replicates["posterior_predictive"])
    simulated = simulated_values(predictions, screens, rows)
    spread = quantile_table(simulated, ["hugo_symbol"], "value", prediction_prob)
    return {
        "points": predicted_points(predictions, rows, style.MANY_POINTS, options.seed),
        "spread": spread.assign(row=rows.place(spread["hugo_symbol"])),
        "rows": rows,
        "prob": prediction_prob,
    }


def predicted_points(predictions: pd.DataFrame, rows: Rows, limit: int, seed: int) -> pd.DataFrame:
    """Get the different predicted means of the shown genes, jittered within the rows of guides.

    Measurements that a model does not distinguish have the same prediction, which is shown once.
    If there are more than ``limit`` predictions, a random sample is shown.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna``, ``guide``, ``mean``, ``row``.
    """
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    different = table.drop_duplicates(["sgrna", "mean"])[["hugo_symbol", "sgrna", "mean"]]
    guides = guide_rows(different.drop_duplicates("sgrna")[["hugo_symbol", "sgrna"]], rows)
    rng = np.random.default_rng(seed)
    if len(different) > limit:
        different = different.iloc[np.sort(rng.choice(len(different), limit, replace=False))]
    points = different.astype({"sgrna": "object"}).merge(
        guides[["sgrna", "guide", "row", "half"]].astype({"sgrna": "object"}), on="sgrna"
    )
    jitter = rng.uniform(-1, 1, len(points)) * points["half"]
    return points.assign(row=points["row"] + jitter).drop(columns="half")


def draw(points: pd.DataFrame, spread: pd.DataFrame, rows: Rows, prob: float) -> p9.ggplot:
    """Draw the predictions of each gene, without the measurements.

    Parameters
    ----------
    points
        Predicted means: ``mean``, ``row``, ``guide``.
    spread
        Quantiles of new measurements by gene: ``row``, ``lower``, ``upper``.
    rows
        The genes to show.
    prob
        The share of new measurements between ``lower`` and ``upper``.
    """
    n = len(points)
    caption = (
        "Dots: predicted means of the measurements of the gene. Each guide has its own line and "
        "colour. Measurements that the model does not distinguish share a dot. Grey bar: predicted "
        f"range of {percent(prob)} of new measurements. {GENE_ORDER}"
    )
    return (
        p9.ggplot(points, p9.aes(y="row"))
        + zero_line()
        + p9.geom_segment(
            p9.aes(x="lower", xend="upper", yend="row"), spread, color="#DDDDDD", size=3
        )
        + p9.geom_point(
            p9.aes(x="mean", color="factor(guide)"),
            size=2.4 if n <= 500 else 1.3,
            alpha=float(np.clip(400 / max(n, 1), 0.35, 0.9)),
            stroke=0,
        )
        + guide_colours(points)
        + by_row(
            rows,
            x=f"predicted {style.LFC}",
            title=f"Predictions: {which(rows, 'genes')}",
            caption=caption,
            each=0.22,
        )
    )


FIGURE = Figure(
    title="Predictions of each gene",
    how_to_read="The model expects a new measurement of a gene within its grey bar.",
    group="predictions",
    place=40,
    tables=tables,
    draw=draw,
    drawn="on request",
)
