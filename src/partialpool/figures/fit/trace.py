"""Did the chains explore the same distribution?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotnine as p9

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
from partialpool.figures.parts.densities import density, evenly
from partialpool.figures.parts.draws import by_chain
from partialpool.figures.parts.words import POPULATION, unit

if TYPE_CHECKING:
    import xarray as xr


#: The width of the densities, as a share of the width of the traces.
BESIDE = 0.22


def tables(posterior: Any, convergence: pd.DataFrame, options: FigureOptions) -> dict[str, Any]:
    """Thinned draws of each chain, and their densities."""
    draws, worst = with_worst_elements(posterior["posterior"], convergence, options.worst_elements)
    return {
        "draws": trace_table(draws, options.max_trace_draws),
        "densities": chain_density_table(draws),
        "worst": worst,
    }


def trace_table(posterior: xr.Dataset, max_draws: int) -> pd.DataFrame:
    """Get the draws of the population parameters, thinned evenly to ``max_draws`` of each chain.

    Returns
    -------
    pd.DataFrame
        ``parameter`` (ordered categorical), ``chain`` (from 1), ``draw`` (from 1), ``value``.
    """
    kept = evenly(posterior.sizes["draw"], max_draws)
    parts = [
        pd.DataFrame({"parameter": name, "chain": chain + 1, "draw": kept + 1, "value": x[kept]})
        for name in population_parameters(posterior)
        for chain, x in enumerate(by_chain(posterior[name]))
    ]
    return ordered(pd.concat(parts, ignore_index=True), "parameter")


def chain_density_table(posterior: xr.Dataset) -> pd.DataFrame:
    """Compute the density of each population parameter in each chain.

    Returns
    -------
    pd.DataFrame
        ``parameter``, ``chain`` (from 1), ``value``, ``height`` (density, divided by the highest
        density of the parameter).
    """
    parts = []
    for name in population_parameters(posterior):
        chains = by_chain(posterior[name])
        curves = [density(x) for x in chains]
        top = max(float(curve.max()) for _, curve in curves)
        parts += [
            pd.DataFrame({"parameter": name, "chain": i + 1, "value": grid, "height": curve / top})
            for i, (grid, curve) in enumerate(curves)
        ]
    return ordered(pd.concat(parts, ignore_index=True), "parameter")


def draw(
    draws: pd.DataFrame, densities: pd.DataFrame, worst: Mapping[str, str] = NONE
) -> p9.ggplot:
    """Draw the draws of each chain, and their densities on the right.

    Parameters
    ----------
    draws
        ``parameter``, ``chain``, ``draw``, ``value``. They may be thinned.
    densities
        ``parameter``, ``chain``, ``value``, ``height`` (0 to 1).
    worst
        The parameters that are effects -> their diagnostics in words.
    """
    last = int(draws["draw"].max())
    start = last * 1.03
    curves = densities.assign(draw=start + last * BESIDE * densities["height"])
    n, n_chains = draws["parameter"].nunique(), draws["chain"].nunique()
    caption = (
        "A colour per chain. Left: draws in order. Right: their density, turned on its side. If "
        "chains found the same distribution, they overlap, without trend or steps. "
        f"{WORST if worst else ''}{POPULATION}"
    )
    return (
        p9.ggplot(segments(draws, "draw", "value"), SEGMENT)
        + p9.geom_segment(size=0.25, alpha=0.6)
        + p9.geom_segment(data=segments(curves, "draw", "value"), size=0.7)
        + p9.facet_wrap("parameter", ncol=2, scales="free_y", labeller=labels(worst))
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_x_continuous(breaks=_ticks(last), expand=(0.01, 0))
        + style.theme(8.0, 1.7 + 1.3 * ((n + 1) // 2) + 0.15 * ((len(worst) + 1) // 2))
        + legend_on_top()
        + p9.labs(
            x="draw",
            y="\n(".join(unit(draws["parameter"].unique()).split(" (", 1)),
            color="chain",
            title=f"Traces of {shown_parameters(worst)}",
            caption=style.wrap(caption, 8.0),
        )
    )


def _ticks(last: int) -> list[int]:
    """Choose about three round numbers up to the last draw."""
    step = max(1, int(float(f"{last / 3:.1g}")))
    return list(range(0, last + 1, step))[:4]


FIGURE = Figure(
    title="Path of each chain",
    how_to_read="The chains and their densities should overlap, without trend or steps.",
    group="sampler",
    place=10,
    tables=tables,
    draw=draw,
    drawn="failed",
)
