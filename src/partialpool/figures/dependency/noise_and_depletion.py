"""Which lines show depletion weakly, and which replicates are noisy?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top
from partialpool.figures.parts.labels import labelled
from partialpool.figures.parts.words import percent

#: The maximum number of named replicates.
NAMED = 8
#: A replicate is noisy if its noise is this many times the median.
NOISY = 1.5
COLOURS = {
    "pass": style.COLOURS["passed"],
    "fail": style.COLOURS["failed"],
    "no control genes": style.COLOURS["reference"],
}
#: Width and height of the inside of the figure, in inches.
PANEL = 6.2, 3.6


def tables(
    qc: pd.DataFrame, qc_limits: Mapping[str, Any], probability: float
) -> dict[str, Any] | str:
    """Strength of depletion (lambda) and noise (sigma) of each replicate of the fit."""
    fitted = qc.dropna(subset=["lambda", "sigma"])
    if fitted.empty:
        return "The fit used none of these replicates."
    noise = fitted["sigma"] / fitted["sigma"].median()
    is_far = (fitted["lambda_upper"] < qc_limits["min_lambda"]) | (noise > NOISY)
    worst = (noise - fitted["lambda"]).where(is_far, -np.inf)
    fitted = fitted.loc[worst.sort_values(ascending=False, kind="stable").index]
    names = fitted["replicate_id"].astype(str).where(is_far.loc[fitted.index], "")
    low, high = min(0.0, fitted["lambda_lower"].min()), fitted["lambda_upper"].max()
    labels, sides = labelled(
        fitted["lambda"].tolist(),
        fitted["sigma"].tolist(),
        names.tolist(),
        (low, high, 0.0, 1.05 * fitted["sigma"].max()),
        PANEL,
        NAMED,
    )
    columns = ["replicate_id", "lambda", "lambda_lower", "lambda_upper", "sigma"]
    points = fitted[columns].assign(
        verdict=pd.Categorical(
            fitted["verdict"], [verdict for verdict in COLOURS if verdict in set(fitted["verdict"])]
        ),
        label=labels,
        side=sides,
    )
    return {
        "points": points.reset_index(drop=True),
        "limit": float(qc_limits["min_lambda"]),
        "probability": probability,
    }


def draw(points: pd.DataFrame, limit: float, probability: float) -> p9.ggplot:
    """Draw a dot for each replicate.

    Parameters
    ----------
    points
        ``lambda`` with its interval, ``sigma``, ``verdict``, ``label``, ``side``.
    limit
        Without control genes, replicates fail if lambda is certainly less.
    probability
        The probability of the intervals.
    """
    caption = (
        f"Dot: a replicate. Bar: {percent(probability)} interval of lambda of its line; the mean "
        f"line has 1. Dashed line: {limit:g}. Replicates whose interval is left of it and those "
        f"with more than {NOISY:g} times the median noise are named where there is room."
    )
    gap = 0.012 * float(points["lambda_upper"].max())
    aside = np.where(points["side"] == "left", gap, -gap)
    named = points.assign(at=points["lambda"] + aside)[points["label"] != ""]
    plot = (
        p9.ggplot(points, p9.aes(x="lambda", y="sigma", color="verdict"))
        + p9.geom_vline(xintercept=limit, linetype="dashed", color=style.COLOURS["reference"])
        + p9.geom_segment(
            p9.aes(x="lambda_lower", xend="lambda_upper", yend="sigma"), size=0.5, alpha=0.35
        )
        + p9.geom_point(size=1.4, alpha=0.8)
        + p9.scale_color_manual(COLOURS)
        + p9.expand_limits(x=0)
        + p9.scale_y_continuous(limits=(0, 1.05 * points["sigma"].max()))
        + style.theme(7.5, 5.0)
        + p9.labs(
            x="strength of depletion in the line (lambda)",
            y=f"noise of the replicate (sigma, {style.LFC})",
            color="",
            title=f"Depletion and noise of {len(points):,} replicates",
            caption=style.wrap(caption, 7.5),
        )
        + legend_on_top()
    )
    for side in ("left", "right"):
        some = named[named["side"] == side]
        if len(some):
            plot += p9.geom_text(
                p9.aes(x="at", label="label"), some, ha=side, size=7, color="#333333"
            )
    return plot


FIGURE = Figure(
    title="Depletion and noise, from the fit",
    how_to_read="Replicates at the upper left say little: depletion is weak in their line, and "
    "their measurements are noisy. Intervals of effects are wide there.",
    group="quality",
    place=30,
    tables=tables,
    draw=draw,
)
