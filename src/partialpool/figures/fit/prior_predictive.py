"""Which screens does the model expect before it sees the measurements?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._screens import overlay, screen_densities
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.densities import Floats, evenly, signed_log
from partialpool.figures.parts.draws import replicated_screens

#: Possible ticks of the signed logarithmic axis, in log2 fold change.
TICKS = (-1000, -100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100, 1000)
#: The maximum number of measurements for the density of a screen. More change no pixel.
MANY_MEASUREMENTS = 20_000


def tables(prior: Any, predictions: pd.DataFrame, options: FigureOptions) -> dict[str, Any]:
    """Densities of screens simulated from the prior, and of the measured screen."""
    screens = replicated_screens(prior["prior_predictive"])
    return {"curves": prior_densities(screens, predictions["real_value"], options.screens)}


def prior_densities(screens: Floats, measured: npt.ArrayLike, n: int) -> pd.DataFrame:
    """Compute ``screen_densities`` on the ``signed_log`` scale, which suits wide priors and data.

    The span contains all measurements, and 99 % of each simulated screen with a tenth more. So no
    curve is cut where it is visibly above 0.
    """
    stride = max(1, screens.shape[1] // MANY_MEASUREMENTS)
    shown = signed_log(screens[evenly(len(screens), n), ::stride])
    observed = signed_log(measured)
    lows, highs = np.quantile(shown, [0.005, 0.995], axis=1)
    margin = 0.1 * (highs.max() - lows.min())
    low, high = lows.min() - margin, highs.max() + margin
    span = (float(min(low, observed.min())), float(max(high, observed.max())))
    return screen_densities(shown, observed, n, span)


def draw(curves: pd.DataFrame) -> p9.ggplot:
    """Draw densities of screens simulated from the prior, and of the measured screen.

    Parameters
    ----------
    curves
        The result of ``prior_densities``.
    """
    low, high = curves["value"].min(), curves["value"].max()
    ticks = [tick for tick in TICKS if low <= signed_log(tick) <= high]
    n = int(curves["screen"].max())
    caption = (
        f"Grey: {n} simulated screens, each from one draw of all parameters from the prior. Blue: "
        "the measured screen. A prior should allow the measured values, and only few impossible "
        "ones. The axis is linear near 0 and logarithmic far from it. It contains at least 99 % of "
        "every screen."
    )
    return (
        overlay(curves, "prior", f"{n} screens simulated from the prior")
        + p9.scale_x_continuous(
            breaks=[float(signed_log(tick)) for tick in ticks],
            labels=[f"{tick:g}" for tick in ticks],
            expand=(0.01, 0),
        )
        + p9.labs(
            x=f"{style.LFC} (signed logarithmic axis)",
            y="density (on this axis)",
            color="",
            title="Screens simulated from the prior, and the measured one",
            caption=style.wrap(caption),
        )
    )


FIGURE = Figure(
    title="What the model expects before it sees data",
    how_to_read="The grey curves should be wider than the blue one, but not extremely wide.",
    group="priors",
    place=10,
    tables=tables,
    draw=draw,
    drawn="on request",
)
