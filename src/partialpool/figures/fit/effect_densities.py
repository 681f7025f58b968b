"""Do the chains agree on each effect?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._paths import ordered
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top, one_path
from partialpool.figures.parts.densities import density, evenly
from partialpool.figures.parts.draws import by_chain, element
from partialpool.figures.parts.words import sentence, unit
from partialpool.models import effect_named

if TYPE_CHECKING:
    import xarray as xr


def tables(posterior: Any, effects: pd.DataFrame, options: FigureOptions) -> dict[str, Any]:
    """The density of each effect in each chain."""
    n = options.density_elements
    return {"curves": element_densities(posterior["posterior"], effects, n)}


def element_densities(posterior: xr.Dataset, effects: pd.DataFrame, n: int) -> pd.DataFrame:
    """Compute the density of effects in each chain, scaled to the same height.

    Parameters
    ----------
    posterior
        Draws by name, with dims ``chain`` and ``draw``.
    effects
        ``effect``, ``parameter``, ``mean``.
    n
        The maximum number of elements of an effect. If there are more, ``n`` are chosen, evenly
        spread over the order of their means.

    Returns
    -------
    pd.DataFrame
        ``effect`` (ordered categorical), ``element`` (its place by mean, from 0), ``chain`` (from
        1), ``value``, ``height`` (0 to 1), ``n_shown``, ``n_all``.
    """
    parts = []
    for effect, table in effects.groupby("effect", sort=False):
        shown = table.sort_values("mean").iloc[evenly(len(table), n)]
        counts = {"effect": effect, "n_shown": len(shown), "n_all": len(table)}
        for i, parameter in enumerate(shown["parameter"]):
            curves = [density(x, 64) for x in by_chain(element(posterior, parameter))]
            top = max(float(curve.max()) for _, curve in curves)
            parts += [
                pd.DataFrame({"value": grid, "height": curve / top}).assign(
                    element=i, chain=chain + 1, **counts
                )
                for chain, (grid, curve) in enumerate(curves)
            ]
    return ordered(pd.concat(parts, ignore_index=True), "effect")


def draw(curves: pd.DataFrame) -> p9.ggplot:
    """Draw the densities of effects in each chain, on top of each other.

    Parameters
    ----------
    curves
        ``effect`` (ordered), ``element``, ``chain``, ``value``, ``height`` (0 to 1),
        ``n_shown``, ``n_all``.
    """
    counts = curves.drop_duplicates("effect").set_index("effect")
    names = {
        name: f"{sentence(effect.title)}: {_some(shown, n)} {effect.elements}"
        for name, shown, n in counts[["n_shown", "n_all"]].itertuples()
        for effect in [effect_named(name)]
    }
    to_name: Any = names.get
    n, n_chains = len(names), curves["chain"].nunique()
    caption = (
        "A line per effect and chain, and a colour per chain. All effects are scaled to the same "
        "height. The shown effects are evenly spread from the lowest to the highest. If chains "
        "found the same distributions, their lines overlap. If colours are apart, they did not."
    )
    return (
        p9.ggplot(
            one_path(curves, ["chain", "effect", "element"], "height"),
            p9.aes(x="value", y="height", color="factor(chain)", group="chain"),
        )
        + p9.geom_path(size=0.25, alpha=0.7, na_rm=True)
        + p9.facet_wrap("effect", ncol=1, scales="free_x", labeller=to_name)
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_y_continuous(breaks=[])
        + style.theme(8.0, 1.5 + 1.8 * n)
        + legend_on_top()
        + p9.labs(
            x=unit(curves["effect"].cat.categories.str.replace("_effect", "").map("mu_{}".format)),
            y="density, scaled to one height",
            color="chain",
            title="Densities of the effects, by chain",
            caption=style.wrap(caption, 8.0),
        )
    )


def _some(shown: int, n: int) -> str:
    return f"{n:,}" if shown == n else f"{shown:,} of {n:,}"


FIGURE = Figure(
    title="Effects in each chain",
    how_to_read="The curves of an effect should have the same place and shape in all colours.",
    group="sampler",
    place=30,
    tables=tables,
    draw=draw,
    drawn="failed",
)
