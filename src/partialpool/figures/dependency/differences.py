"""On which genes do groups of lines depend differently?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top
from partialpool.figures.parts.dependencies import NOT_MEASURED, unit
from partialpool.figures.parts.labels import labelled
from partialpool.figures.parts.words import readable

#: The maximum number of panels, and of named genes in each.
PANELS, NAMED = 6, 10
COLOURS = {
    "stronger in group": style.COLOURS["predicted"],
    "weaker in group": style.COLOURS["measured"],
    "not called": "#AAAAAA",
}
#: Width and height of the inside of a panel, in inches.
PANEL = 3.6, 2.6


def tables(
    differential: Mapping[str, pd.DataFrame],
    effects: pd.DataFrame,
    verdict: Mapping[str, Any],
    fdr: float,
) -> dict[str, Any] | str:
    """The differences of all contrasts or, of many, of those with the most called genes."""
    if not differential:
        return "No groups of lines were compared. The parameter compare names columns with groups."
    measured = {name: table[table["call"] != NOT_MEASURED] for name, table in differential.items()}
    measured = {name: table for name, table in measured.items() if len(table)}
    if not measured:
        return "No gene was measured in two lines or more of both groups."
    counts = {name: int((t["call"] != "not called").sum()) for name, t in measured.items()}
    chosen = sorted(counts, key=lambda name: -counts[name])[:PANELS]
    floor = 1 / (verdict["chains"] * verdict["draws"])
    parts = [_panel(name, measured[name], floor) for name in measured if name in chosen]
    points = pd.concat(parts, ignore_index=True)
    order = points["panel"].drop_duplicates().tolist()
    return {
        "points": points.assign(
            panel=pd.Categorical(points["panel"], order),
            call=pd.Categorical(points["call"], list(COLOURS)),
        ),
        "n_all": len(measured),
        "fdr": fdr,
        "unit": unit(effects),
    }


def _panel(name: str, table: pd.DataFrame, floor: float) -> pd.DataFrame:
    """Points of a contrast, the largest called differences named."""
    height = -np.log10(table["lfsr"].clip(lower=floor))
    called = table["call"] != "not called"
    order = table["difference"].abs().where(called, -1.0).sort_values(ascending=False).index
    table, height = table.loc[order], height.loc[order]
    span = float(table["difference"].abs().max()) * 1.15 or 1.0
    limits = (-span, span, 0.0, -np.log10(floor) * 1.05)
    hits = table[called.loc[order]]
    labels, sides = labelled(
        hits["difference"].tolist(),
        height.loc[hits.index].tolist(),
        hits["hugo_symbol"].astype(str).tolist(),
        limits,
        PANEL,
        NAMED,
    )
    rest = len(table) - len(hits)
    n_group, n_against = table["n_group"].max(), table["n_against"].max()
    return pd.DataFrame(
        {
            "panel": f"{readable(name)} ({n_group:.0f} and {n_against:.0f} lines)",
            "gene": table["hugo_symbol"].astype(str),
            "difference": table["difference"],
            "height": height,
            "call": table["call"],
            "label": labels + [""] * rest,
            "side": sides + ["left"] * rest,
        }
    )


def draw(points: pd.DataFrame, n_all: int, fdr: float, unit: str) -> p9.ggplot:
    """Draw a panel for each contrast.

    Parameters
    ----------
    points
        ``panel``, ``gene``, ``difference``, ``height``, ``call``, ``label``, ``side``.
    n_all
        The number of contrasts.
    fdr
        The expected share of wrong signs among called differences.
    unit
        The unit of the effects.
    """
    n = points["panel"].nunique()
    across = min(n, 2)
    width = 4.2 * across + (0.4 if across > 1 else 2.4)
    some = f"{n} of {n_all} contrasts, those with the most calls" if n < n_all else ""
    caption = (
        "Dot: a gene. Left of 0: the first group depends on it more. Higher: the sign is more "
        f"certain. Coloured: called at an expected share of wrong signs of {fdr:g}. The largest "
        "called differences are named where there is room. Dots at the top: hardly any draw has "
        "the other sign. It is about these lines, however few they are."
    )
    widest = points["difference"].abs().groupby(points["panel"], observed=True).transform("max")
    towards = np.where(points["side"] == "left", 1, -1)
    named = points.assign(at=points["difference"] + 0.03 * widest * towards)
    named = named[named["label"] != ""]
    texts = [
        p9.geom_text(p9.aes(x="at", label="label"), named[named["side"] == side], ha=side, size=7.5)
        for side in ("left", "right")
        if (named["side"] == side).any()
    ]
    edge = points.groupby("panel", observed=True)["difference"].agg(lambda x: 1.15 * x.abs().max())
    ends = pd.concat(
        [edge.rename("difference").reset_index(), (-edge).rename("difference").reset_index()]
    ).assign(height=0.0)
    plot = (
        p9.ggplot(points, p9.aes("difference", "height"))
        + p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_blank(data=ends)
        + p9.geom_point(p9.aes(color="call"), size=1.1, alpha=0.8)
        + p9.scale_color_manual(COLOURS, drop=False)
        + p9.facet_wrap("panel", ncol=across, scales="free_x")
        + style.theme(width, 1.9 + 3.0 * -(-n // across))
        + p9.theme(panel_spacing_y=0.05)
        + p9.labs(
            x=f"difference of the mean effects of both groups ({unit})",
            y="-log10 of the probability of the other sign",
            color="",
            title=f"Differences between groups of lines{f': {some}' if some else ''}",
            caption=style.wrap(caption, width),
        )
        + legend_on_top()
    )
    for text in texts:
        plot += text
    return plot


FIGURE = Figure(
    title="Differences between groups of lines",
    how_to_read="Genes at the upper left are needed more by the lines of the group, genes at the "
    "upper right less. A certain difference may be small: look at both axes.",
    group="dependencies",
    place=40,
    tables=tables,
    draw=draw,
)
