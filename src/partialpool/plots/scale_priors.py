"""The figure of the priors of standard deviations."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.parts import style


def prior_scales(curves: pd.DataFrame, priors: pd.DataFrame, spread: float) -> Any:
    """Draw the densities of the priors of standard deviations.

    Parameters
    ----------
    curves
        ``prior``, ``value``, ``density``.
    priors
        ``prior``, ``q95`` (its 95th percentile), ``used_for`` (names of parameters).
    spread
        Standard deviation of the screen's measurements (log2 fold change).
    """
    used = {
        prior: "\n".join([prior, *textwrap.wrap(f"for {parameters}", 30)])
        for prior, parameters in zip(priors["prior"], priors["used_for"], strict=True)
    }
    curves, priors = (
        table.assign(prior=pd.Categorical(table["prior"].map(used), list(used.values())))
        for table in (curves, priors)
    )
    colours = style.cycle(len(used))
    caption = (
        "|N(0, s)|: half-normal with scale s. Exp(r): exponential with rate r, mean 1 / r. "
        "Dashed: 95 % of the prior lies to the left. Densities are exact, not sampled. "
        f"Black, dotted: the standard deviation of all measurements, {spread:.2f}; spreads of "
        "genes, guides, lines and noise hardly exceed it."
    )
    return (
        p9.ggplot(curves, p9.aes(x="value", color="prior"))
        + p9.geom_area(p9.aes(y="density", fill="prior"), alpha=0.15, size=0.9, position="identity")
        + p9.geom_vline(
            p9.aes(xintercept="q95", color="prior"), priors, linetype="dashed", show_legend=False
        )
        + p9.geom_vline(xintercept=spread, linetype="dotted", size=0.8)
        + p9.scale_color_manual(colours)
        + p9.scale_fill_manual(colours)
        + style.theme(8.0, 4.5)
        + p9.theme(legend_key_spacing_y=8, legend_text=p9.element_text(ma="left", ha="left"))
        + p9.labs(
            x="standard deviation (log2 fold change)",
            y="density (per log2 fold change)",
            color="prior",
            fill="prior",
            title="What the scale priors allow",
            caption=style.wrap(caption, 8.0),
        )
    )
