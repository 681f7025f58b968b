"""Figures that tell whether the sampler converged: traces, ranks, energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.plots import style
from partialpool.plots.rows import legend_on_top
from partialpool.plots.words import POPULATION, percent, unit

#: Share of the width of a trace that the densities beside it take.
BESIDE = 0.22
_SEGMENT = p9.aes(x="x", y="y", xend="xend", yend="yend", color="factor(chain)")


def trace(draws: pd.DataFrame, densities: pd.DataFrame) -> Any:
    """Draw every chain's draws of the population parameters, with their densities beside.

    Parameters
    ----------
    draws : ``parameter``, ``chain``, ``draw``, ``value``; may be thinned
    densities : ``parameter``, ``chain``, ``value``, ``height`` (0 to 1)
    """
    last = int(draws["draw"].max())
    start = last * 1.03
    curves = densities.assign(draw=start + last * BESIDE * densities["height"])
    n, n_chains = draws["parameter"].nunique(), draws["chain"].nunique()
    caption = (
        "A colour per chain. Left: draws in their order; right: their density, turned on its "
        "side. Chains that found the same distribution overlap, without trend or steps. "
        f"{POPULATION}"
    )
    return (
        p9.ggplot(_segments(draws, "draw", "value"), _SEGMENT)
        + p9.geom_segment(size=0.25, alpha=0.6)
        + p9.geom_segment(data=_segments(curves, "draw", "value"), size=0.7)
        + p9.facet_wrap("parameter", ncol=2, scales="free_y")
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_x_continuous(breaks=_ticks(last), expand=(0.01, 0))
        + style.theme(8.0, 1.7 + 1.3 * ((n + 1) // 2))
        + legend_on_top()
        + p9.labs(
            x="draw",
            y="\n(".join(unit(draws["parameter"].unique()).split(" (", 1)),
            color="chain",
            title="Traces of the population parameters",
            caption=style.wrap(caption, 8.0),
        )
    )


def rank(table: pd.DataFrame, level: float) -> Any:
    """Draw how every chain's draws rank among those of all chains.

    Parameters
    ----------
    table : ``parameter``, ``chain``, ``share_lower``, ``share_upper``, ``n``, ``expected``,
        ``lower``, ``upper``
    level : probability of the band from ``lower`` to ``upper``
    """
    n, n_chains = table["parameter"].nunique(), table["chain"].nunique()
    band = table.drop_duplicates("parameter")
    caption = (
        "Ranks of each chain's draws among the draws of all chains, counted in bins. Chains that "
        "explore the same distribution stay near the grey line; a chain that is too high, too "
        f"low or too wide tilts or bends. Band: holds {percent(level)} of the counts if draws "
        f"were independent; they are not quite, so a little more may stray. {POPULATION}"
    )
    return (
        p9.ggplot(_segments(_steps(table), "share", "n"), _SEGMENT)
        + p9.geom_rect(
            p9.aes(ymin="lower", ymax="upper"),
            band,
            xmin=0,
            xmax=1,
            fill=style.COLOURS["prior"],
            alpha=0.25,
            color="none",
            inherit_aes=False,
        )
        + p9.geom_hline(p9.aes(yintercept="expected"), band, color=style.COLOURS["reference"])
        + p9.geom_segment(size=0.6)
        + p9.facet_wrap("parameter", ncol=2)
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_x_continuous(
            breaks=[0, 0.5, 1], labels=["0 %", "50 %", "100 %"], expand=(0.06, 0)
        )
        + style.theme(8.0, 1.7 + 1.05 * ((n + 1) // 2))
        + legend_on_top()
        + p9.labs(
            x="rank among the draws of all chains (0 %: the lowest)",
            y="draws per bin",
            color="chain",
            title="Ranks of the population parameters",
            caption=style.wrap(caption, 8.0),
        )
    )


def energy(table: pd.DataFrame, e_bfmi: Any, threshold: float) -> Any:
    """Draw the distribution of the energy and of its changes from draw to draw.

    Parameters
    ----------
    table : ``kind`` (``marginal`` or ``transition``), ``chain``, ``energy``, ``density``
    e_bfmi : E-BFMI of each chain
    threshold : the lowest E-BFMI that passes
    """
    names = {
        "marginal": "energy, less its mean",
        "transition": "change of energy between draws",
    }
    curves = table.assign(
        curve=pd.Categorical(table["kind"].map(names), list(names.values())),
        line=table["kind"] + table["chain"].astype(str),
    )
    colours = [style.COLOURS["measured"], style.COLOURS["predicted"]]
    worst = float(np.min(e_bfmi))
    values = ", ".join(f"{value:.2f}" for value in e_bfmi)
    caption = (
        "A line per chain. Where the changes are as wide as the energy itself, the sampler moves "
        "freely; much narrower changes mean that it explores slowly. E-BFMI compares the two; "
        f"by chain: {values}. Energy is minus the log of the joint density that NUTS samples."
    )
    return (
        p9.ggplot(curves, p9.aes(x="energy", y="density", color="curve", group="line"))
        + p9.geom_line(size=0.6, alpha=0.8)
        + p9.scale_color_manual(colours)
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


def _ticks(last: int) -> list[int]:
    """Three round draw numbers up to the last."""
    step = max(1, int(float(f"{last / 3:.1g}")))
    return list(range(0, last + 1, step))[:4]


def _steps(table: pd.DataFrame) -> pd.DataFrame:
    """Both ends of the top of each bin, in order."""
    ends = [table.assign(share=table[side], end=side) for side in ("share_lower", "share_upper")]
    return pd.concat(ends).sort_values(["parameter", "chain", "bin", "end"])


def _segments(table: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Lines of each parameter and chain as segments, which are drawn all at once."""
    lines = table.groupby(["parameter", "chain"], observed=True, sort=False)
    ends = table.assign(x=table[x], y=table[y], xend=lines[x].shift(-1), yend=lines[y].shift(-1))
    return ends.dropna(subset=["xend"])[["parameter", "chain", "x", "y", "xend", "yend"]]
