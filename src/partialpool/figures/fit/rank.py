"""Do the draws of all chains have similar ranks?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotnine as p9
from scipy import stats

from partialpool.figures.figure import Figure
from partialpool.figures.fit._paths import (
    NONE,
    SEGMENT,
    WORST,
    labels,
    ordered,
    population_parameters,
    segments,
    shown_parameters,
    with_worst_elements,
)
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top
from partialpool.figures.parts.draws import by_chain
from partialpool.figures.parts.words import POPULATION, percent

if TYPE_CHECKING:
    import xarray as xr


def tables(posterior: Any, convergence: pd.DataFrame, options: FigureOptions) -> dict[str, Any]:
    """Histograms of the ranks of each chain among the draws of all chains."""
    draws, worst = with_worst_elements(posterior["posterior"], convergence, options.worst_elements)
    table = rank_table(draws, options.rank_bins, options.rank_level)
    return {"table": table, "level": options.rank_level, "worst": worst}


def rank_table(posterior: xr.Dataset, n_bins: int, level: float) -> pd.DataFrame:
    """Compute histograms of the ranks of each chain among the draws of all chains.

    Parameters
    ----------
    posterior
        Draws by name, with dims ``chain`` and ``draw``.
    n_bins
        The number of bins.
    level
        The probability of the band, for each count separately.

    Returns
    -------
    pd.DataFrame
        ``parameter``, ``chain`` (from 1), ``bin`` (from 0), ``share_lower`` and ``share_upper``
        (ends of the bin as shares of all ranks), ``n`` (draws), ``expected``, and
        ``lower`` and ``upper``: the range of n with probability ``level`` if the draws of all
        chains are independent draws from one distribution (hypergeometric).
    """
    parts = []
    for name in population_parameters(posterior):
        chains = by_chain(posterior[name])
        ranks = stats.rankdata(chains, method="ordinal", axis=None).reshape(chains.shape) - 1
        bins = ranks * n_bins // chains.size
        for i, chain in enumerate(bins):
            n = np.bincount(chain, minlength=n_bins)
            parts.append(
                pd.DataFrame({"parameter": name, "chain": i + 1, "bin": range(n_bins), "n": n})
            )
    table = ordered(pd.concat(parts, ignore_index=True), "parameter")
    n_draws, n_all = posterior.sizes["draw"], posterior.sizes["draw"] * posterior.sizes["chain"]
    counts = stats.hypergeom(n_all, round(n_all / n_bins), n_draws)
    lower, upper = counts.interval(level)
    return table.assign(
        share_lower=table["bin"] / n_bins,
        share_upper=(table["bin"] + 1) / n_bins,
        expected=n_draws / n_bins,
        lower=float(lower),
        upper=float(upper),
    )


def draw(table: pd.DataFrame, level: float, worst: Mapping[str, str] = NONE) -> p9.ggplot:
    """Draw the ranks of each chain among the draws of all chains.

    Parameters
    ----------
    table
        ``parameter``, ``chain``, ``share_lower``, ``share_upper``, ``n``, ``expected``,
        ``lower``, ``upper``.
    level
        The probability of the band from ``lower`` to ``upper``.
    worst
        The parameters that are effects -> their diagnostics in words.
    """
    n, n_chains = table["parameter"].nunique(), table["chain"].nunique()
    band = table.drop_duplicates("parameter")
    caption = (
        "Ranks of the draws of each chain among the draws of all chains, counted in bins. If "
        "chains explore the same distribution, their lines stay near the grey line. If a chain is "
        f"too high, too low or too wide, its line tilts or bends. Band: contains {percent(level)} "
        "of the counts if draws are independent. They are not quite, so a few more can be outside. "
        f"{WORST if worst else ''}{POPULATION}"
    )
    return (
        p9.ggplot(segments(_steps(table), "share", "n"), SEGMENT)
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
        + p9.facet_wrap("parameter", ncol=2, labeller=labels(worst))
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_x_continuous(
            breaks=[0, 0.5, 1], labels=["0 %", "50 %", "100 %"], expand=(0.06, 0)
        )
        + style.theme(8.0, 1.7 + 1.05 * ((n + 1) // 2) + 0.15 * ((len(worst) + 1) // 2))
        + legend_on_top()
        + p9.labs(
            x="rank among the draws of all chains (0 %: the lowest)",
            y="draws per bin",
            color="chain",
            title=f"Ranks of {shown_parameters(worst)}",
            caption=style.wrap(caption, 8.0),
        )
    )


def _steps(table: pd.DataFrame) -> pd.DataFrame:
    """Get both ends of the top of each bin, in order."""
    ends = [table.assign(share=table[side], end=side) for side in ("share_lower", "share_upper")]
    return pd.concat(ends).sort_values(["parameter", "chain", "bin", "end"])


FIGURE = Figure(
    title="Ranks of each chain",
    how_to_read="If all lines are flat and within the band, the chains agree.",
    group="sampler",
    place=20,
    tables=tables,
    draw=draw,
    drawn="failed",
)
