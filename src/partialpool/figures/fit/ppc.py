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
    """Densities of screens that the fitted model simulates, and of the measured one."""
    screens = replicated_screens(replicates["posterior_predictive"])
    return {"curves": screen_densities(screens, predictions["real_value"], options.screens)}


def draw(curves: pd.DataFrame) -> p9.ggplot:
    """Draw densities of simulated screens and of the measured one.

    Parameters
    ----------
    curves
        As ``screen_densities`` makes them.
    """
    n = int(curves["screen"].max())
    caption = (
        f"Orange: {n} screens that the fitted model simulates (posterior predictive); blue: the "
        "measured screen. Where the blue curve lies off the orange ones, the model misses "
        "something, such as a heavier tail."
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
    title="Simulated screens beside the real one",
    how_to_read="The blue curve, the real screen, should lie among the orange ones. Where it does "
    "not, the model misses something.",
    group="predictions",
    place=20,
    tables=tables,
    draw=draw,
)
