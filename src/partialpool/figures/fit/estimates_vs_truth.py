"""Does the fit recover the planted values?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.words import percent, sentence
from partialpool.models import EFFECTS

#: Effect -> title of its panel.
PANELS: Mapping[str, str] = MappingProxyType(
    {name: sentence(effect.title) for name, effect in EFFECTS.items()}
    | {"population": "Population parameters"}
)


def tables(recovery: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """Estimates and planted values, a panel per effect."""
    n_inside = int(recovery["is_inside"].sum())
    return {
        "table": recovery_panels(recovery, PANELS),
        "n_inside": n_inside,
        "hdi_prob": hdi_prob,
    }


def recovery_panels(recovery: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Add ``panel`` to each estimate: the effect, and how many intervals contain the truth.

    Parameters
    ----------
    recovery
        Estimates and planted values, one row per value.
    names
        Effect -> its title, in the order of the panels.

    Returns
    -------
    pd.DataFrame
        ``recovery`` with ``panel`` (ordered categorical): a title such as ``Gene effects``, and in
        the next line ``23 of 26 inside``.
    """
    counts = recovery.groupby("effect", sort=False)["is_inside"].agg(["sum", "size"])
    order = [name for name in names if name in counts.index]
    order += [str(name) for name in counts.index if name not in names]
    share = counts["sum"].astype(str) + " of " + counts["size"].astype(str) + " inside"
    titles = {effect: f"{names.get(effect, effect)}\n{share[effect]!s}" for effect in order}
    panel = pd.Categorical(recovery["effect"].map(titles), list(titles.values()), ordered=True)
    return recovery.assign(panel=panel)


def draw(table: pd.DataFrame, n_inside: int, hdi_prob: float) -> p9.ggplot:
    """Draw posterior means against planted values, a panel per effect.

    Parameters
    ----------
    table
        ``panel`` (ordered), ``true_value``, ``mean``, ``hdi_lower``, ``hdi_upper``,
        ``is_inside``.
    n_inside
        The number of intervals that contain the truth.
    hdi_prob
        The probability of the intervals.
    """
    inside, outside = "inside the interval", "outside"
    colours = {inside: style.COLOURS["posterior"], outside: style.COLOURS["failed"]}
    table = table.assign(truth=table["is_inside"].map({True: inside, False: outside}))
    n = len(table)
    n_panels = table["panel"].nunique()
    n_columns = 2 if n_panels == 4 else min(n_panels, 3)
    caption = (
        f"Dot: posterior mean. Bar: {percent(hdi_prob)} highest-density interval. Dashed line: "
        f"estimate = truth. Intervals are right if about {percent(hdi_prob)} of them contain the "
        "truth. The planted truth is the value that the model would estimate from infinitely many "
        "replicates of this screen. Unit: log2 fold change (for effects of RNA and copy number, "
        "per sd within the gene)."
    )
    width = 1.6 + 2.6 * n_columns
    return (
        p9.ggplot(table, p9.aes(x="true_value", color="truth"))
        + p9.geom_abline(intercept=0, slope=1, linetype="dashed", color=style.COLOURS["reference"])
        + p9.geom_linerange(p9.aes(ymin="hdi_lower", ymax="hdi_upper"), size=0.6, alpha=0.7)
        + p9.geom_point(p9.aes(y="mean"), size=1.0)
        + p9.facet_wrap("panel", ncol=n_columns, scales="free")
        + p9.scale_color_manual(colours)
        + style.theme(width, 1.6 + 2.5 * -(-n_panels // n_columns))
        + p9.theme(legend_position="top", panel_spacing=0.05)
        + p9.labs(
            x="planted truth",
            y="estimate",
            color="truth is",
            title=f"Estimates and truth: {n_inside:,} of {n:,} inside "
            f"({percent(round(n_inside / n, 3))})",
            caption=style.wrap(caption, width),
        )
    )


FIGURE = Figure(
    title="Estimates and planted values",
    how_to_read="Dots on the diagonal are exactly right. About the stated share of the bars should "
    "cross the diagonal.",
    group="effects",
    place=100,
    tables=tables,
    draw=draw,
    drawn="always",
    needs=("recovery",),
)
