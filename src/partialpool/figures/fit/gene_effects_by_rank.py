"""How do all genes rank?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.estimates import effect_rows
from partialpool.figures.parts.words import explained, percent, sentence
from partialpool.models import effect_named


def tables(effects: pd.DataFrame, hdi_prob: float, options: FigureOptions) -> dict[str, Any]:
    """The rank of each gene, and the names of the lowest and highest."""
    table = ranked_effects(effects, "gene_effect", options.named_effects)
    return {"table": table, "effect": "gene_effect", "hdi_prob": hdi_prob}


def ranked_effects(effects: pd.DataFrame, effect: str, n_named: int) -> pd.DataFrame:
    """Add ``rank`` (1 has the lowest mean) and ``name`` to the elements of an effect.

    ``name`` is the label of the ``n_named`` lowest and highest elements. It is empty for others.
    """
    table = effect_rows(effects, effect).sort_values("mean", kind="stable", ignore_index=True)
    rank = np.arange(1, len(table) + 1)
    named = (rank <= n_named) | (rank > len(table) - n_named)
    return table.assign(rank=rank, name=table["label"].where(named, ""))


def draw(table: pd.DataFrame, effect: str, hdi_prob: float) -> p9.ggplot:
    """Draw every element of an effect by rank, with the names of the lowest and highest.

    Parameters
    ----------
    table
        ``rank``, ``label``, ``mean``, ``hdi_lower``, ``hdi_upper``; ``name`` (may be
        empty), which is used with more than ``style.MANY_GENES`` elements.
    effect
        The name of the effect.
    hdi_prob
        The probability of the intervals.
    """
    about = effect_named(effect)
    n = len(table)
    many = n > style.MANY_GENES
    caption = (
        f"Dot: posterior mean. Bar: {percent(hdi_prob)} highest-density interval."
        f"{f' Text: the {about.elements} at both ends, with their means.' if many else ''} "
        f"{explained(about).replace('Left of', 'Below')}"
    )
    return (
        p9.ggplot(table, p9.aes(x="rank"))
        + p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_linerange(
            p9.aes(ymin="hdi_lower", ymax="hdi_upper"),
            color=style.COLOURS["posterior"],
            alpha=0.6,
            size=0.6 if many else 1.4,
        )
        + p9.geom_point(p9.aes(y="mean"), size=0.25 if many else 1.0, stroke=0.25)
        + style.theme(7.0, 4.8)
        + (_names_at_the_ends(table) if many else _names_below(table))
        + p9.labs(
            x=f"rank of the {about.elements[:-1]}, from the lowest effect",
            y=about.axis,
            title=f"{sentence(about.title)} by rank: {n:,} {about.elements}",
            caption=style.wrap(caption),
        )
    )


def _names_at_the_ends(table: pd.DataFrame) -> list[Any]:
    """Write names in the two corners that a rising curve leaves empty."""
    named = table[table["name"] != ""]
    low = named["rank"] <= len(table) / 2
    lowest, highest = named[low], named[~low].iloc[::-1]
    corners = (
        ("lowest", lowest, len(table), table["hdi_lower"].min(), "right", "bottom"),
        ("highest", highest, 1, table["hdi_upper"].max(), "left", "top"),
    )
    return [
        p9.annotate(
            "label",
            x=x,
            y=y,
            label=_listed(end, some),
            ha=ha,
            va=va,
            size=8,
            fill="#FFFFFF",
            label_size=0,
        )
        for end, some, x, y, ha, va in corners
    ]


def _listed(end: str, named: pd.DataFrame) -> str:
    lines = [f"{name}  {mean:.2f}" for name, mean in zip(named["name"], named["mean"], strict=True)]
    return "\n".join([f"{end}:", *lines])


def _names_below(table: pd.DataFrame) -> list[Any]:
    upright = p9.element_text(angle=90, ha="center", va="top", size=8)
    return [
        p9.scale_x_continuous(breaks=list(table["rank"]), labels=list(table["label"])),
        p9.theme(axis_text_x=upright, panel_grid_major_x=p9.element_blank()),
    ]


FIGURE = Figure(
    title="All genes by rank of their effect",
    how_to_read="The genes at the left end are the strongest dependencies.",
    group="effects",
    place=20,
    tables=tables,
    draw=draw,
    drawn="answer",
    effect="gene_effect",
)
