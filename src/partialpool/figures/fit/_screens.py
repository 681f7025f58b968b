"""Densities of simulated screens and of the measured one, for several figures."""

from __future__ import annotations

import numpy.typing as npt
import pandas as pd
import plotnine as p9

from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top, one_path
from partialpool.figures.parts.densities import Floats, density, evenly, span_of_most

#: The maximum number of simulated values for densities. More change no pixel.
MANY_VALUES = 8_000_000


def screen_densities(
    screens: Floats, measured: npt.ArrayLike, n: int, span: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Compute the densities of log fold changes in the measured and in simulated screens.

    Parameters
    ----------
    screens
        Simulated screens as (screen, measurement).
    measured
        Measured values as (measurement,).
    n
        The number of simulated screens to show.
    span
        The range of the densities. Default: 99.6 % of the measured values, and a tenth more.

    Returns
    -------
    pd.DataFrame
        ``kind`` (``measured`` or ``simulated``), ``screen`` (0 for the measured one, others from
        1), ``value``, ``density``.
    """
    span = span or span_of_most(measured)
    shown = screens[evenly(len(screens), n)]
    stride = max(1, shown.size // MANY_VALUES)
    parts = [
        _curve(values[::stride], span).assign(kind="simulated", screen=i + 1)
        for i, values in enumerate(shown)
    ]
    parts.append(_curve(measured, span).assign(kind="measured", screen=0))
    return pd.concat(parts, ignore_index=True)


def overlay(curves: pd.DataFrame, colour: str, simulated: str) -> p9.ggplot:
    """Draw densities of simulated screens, and of the measured one on top.

    Parameters
    ----------
    curves
        The result of ``screen_densities``.
    colour
        The style's name of the colour of simulated screens.
    simulated
        The name of the simulated screens in the legend.
    """
    names = {"simulated": simulated, "measured": "the measured screen"}
    table = curves.assign(kind=curves["kind"].map(names))
    others = table[table["screen"] > 0]
    return (
        p9.ggplot(table, p9.aes(x="value", y="density", color="kind"))
        + p9.geom_path(
            data=one_path(others, ["screen"], "density"), size=0.3, alpha=0.6, na_rm=True
        )
        + p9.geom_line(data=table[table["screen"] == 0], size=1.1)
        + p9.scale_color_manual(
            {simulated: style.COLOURS[colour], names["measured"]: style.COLOURS["measured"]}
        )
        + style.theme(7.0, 4.4)
        + legend_on_top()
    )


def _curve(values: npt.ArrayLike, span: tuple[float, float]) -> pd.DataFrame:
    grid, curve = density(values, grid_size=200, span=span)
    return pd.DataFrame({"value": grid, "density": curve})
