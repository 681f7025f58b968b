"""Does the sampler move freely through the posterior?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top
from partialpool.figures.parts.densities import Floats, density
from partialpool.figures.parts.draws import by_chain

if TYPE_CHECKING:
    import xarray as xr

CURVES = {"marginal": "energy minus its mean", "transition": "change of energy between draws"}


def tables(posterior: Any, min_e_bfmi: float) -> dict[str, Any]:
    """Densities of the energy and its changes, and E-BFMI with its threshold."""
    stats = posterior["sample_stats"]
    return {"curves": energy_table(stats), "e_bfmi": e_bfmi(stats), "threshold": min_e_bfmi}


def energy_table(sample_stats: xr.Dataset) -> pd.DataFrame:
    """Compute the densities of the energy and of its changes between draws, by chain.

    Returns
    -------
    pd.DataFrame
        ``kind`` (``marginal``: energy minus its chain's mean; ``transition``: change of energy
        between draws), ``chain`` (from 1), ``energy``, ``density``.
    """
    parts = []
    for i, energy in enumerate(by_chain(sample_stats["energy"])):
        for kind, x in {"marginal": energy - energy.mean(), "transition": np.diff(energy)}.items():
            grid, curve = density(x)
            parts.append(
                pd.DataFrame({"kind": kind, "chain": i + 1, "energy": grid, "density": curve})
            )
    return pd.concat(parts, ignore_index=True)


def e_bfmi(sample_stats: xr.Dataset) -> Floats:
    """Compute the energy Bayesian fraction of missing information of each chain.

    Betancourt (arXiv 1604.00695): mean squared change of the energy, divided by its variance.
    """
    energy = by_chain(sample_stats["energy"])
    return np.asarray(np.square(np.diff(energy)).mean(axis=1) / energy.var(axis=1))


def draw(curves: pd.DataFrame, e_bfmi: Floats, threshold: float) -> p9.ggplot:
    """Draw the densities of the energy and of its changes between draws.

    Parameters
    ----------
    curves
        The result of ``energy_table``.
    e_bfmi
        The E-BFMI of each chain.
    threshold
        The lowest E-BFMI that passes.
    """
    kinds = pd.Categorical(curves["kind"].map(CURVES), list(CURVES.values()))
    lines = curves.assign(curve=kinds, line=curves["kind"] + curves["chain"].astype(str))
    worst = float(e_bfmi.min())
    values = ", ".join(f"{value:.2f}" for value in e_bfmi)
    caption = (
        "A line per chain. If the changes are as wide as the energy, the sampler moves freely. If "
        "they are much narrower, it explores slowly. E-BFMI compares the two. E-BFMI by chain: "
        f"{values}. The energy is minus the log of the joint density that NUTS samples."
    )
    return (
        p9.ggplot(lines, p9.aes(x="energy", y="density", color="curve", group="line"))
        + p9.geom_line(size=0.6, alpha=0.8)
        + p9.scale_color_manual([style.COLOURS["measured"], style.COLOURS["predicted"]])
        + style.theme(7.0, 4.2)
        + legend_on_top()
        + p9.labs(
            x="energy (natural logarithm)",
            y="density",
            color="",
            title=f"Energy: E-BFMI at least {worst:.2f} "
            f"({'passes' if worst >= threshold else 'fails'} at {threshold:g})",
            caption=style.wrap(caption),
        )
    )


FIGURE = Figure(
    title="Energy of the sampler",
    how_to_read="The two curves should be about equally wide.",
    group="sampler",
    place=40,
    tables=tables,
    draw=draw,
    drawn="failed",
)
