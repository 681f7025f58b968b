"""Do screens that the fitted model simulates look like the measured one?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._screens import overlay, screen_densities
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.draws import replicated_screens


def tables(predictions: pd.DataFrame, replicates: Any, options: FigureOptions) -> dict[str, Any]:
    """Densities of screens that the fitted model simulates, and of the measured screen."""
    screens = replicated_screens(replicates["posterior_predictive"])
    return {"curves": screen_densities(screens, predictions["real_value"], options.screens)}


def draw(curves: pd.DataFrame) -> p9.ggplot:
    """Draw densities of simulated screens and of the measured one.

    Parameters
    ----------
    curves
        The result of ``screen_densities``.
    """
    n = int(curves["screen"].max())
    caption = (
        f"Orange: {n} screens that the fitted model simulates (posterior predictive). Blue: the "
        "measured screen. If the blue curve differs from the orange ones, the model does not "
        "describe something, such as a heavy tail."
    )
    return (
        overlay(curves, "predicted", f"{n} screens simulated by the model")
        + p9.scale_x_continuous(expand=(0.01, 0))
        + p9.labs(
            x=style.LFC,
            y="density (per log2 fold change)",
            color="",
            title="Posterior predictive check",
            caption=style.wrap(caption),
        )
    )


FIGURE = Figure(
    title="Simulated screens and the measured one",
    how_to_read="The blue curve of the measured screen should be among the orange ones. If it is "
    "not, the model does not describe something.",
    group="predictions",
    place=20,
    tables=tables,
    draw=draw,
)
