"""Figures of estimates beside the planted truth."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.models import EFFECTS
from partialpool.plots import style
from partialpool.plots.words import percent, sentence

#: Effect -> what a panel calls it.
PANELS: Mapping[str, str] = MappingProxyType(
    {name: sentence(effect.title) for name, effect in EFFECTS.items()}
    | {"population": "Population parameters"}
)


def estimates_vs_truth(table: pd.DataFrame, n_inside: int, hdi_prob: float) -> Any:
    """Draw posterior means against planted values, a panel per effect.

    Parameters
    ----------
    table
        ``panel`` (ordered), ``true_value``, ``mean``, ``hdi_lower``, ``hdi_upper``,
        ``is_inside``.
    n_inside
        How many intervals hold the truth.
    hdi_prob
        Probability of the intervals.
    """
    inside, outside = "inside the interval", "outside"
    colours = {inside: style.COLOURS["posterior"], outside: style.COLOURS["failed"]}
    table = table.assign(truth=table["is_inside"].map({True: inside, False: outside}))
    n = len(table)
    n_panels = table["panel"].nunique()
    n_columns = 2 if n_panels == 4 else min(n_panels, 3)
    caption = (
        f"Dot: posterior mean, bar: {percent(hdi_prob)} highest-density interval; dashed line: "
        "estimate = truth. Intervals are right if about "
        f"{percent(hdi_prob)} of them hold the truth. The planted truth is what the model would "
        "find in endless replicates of this screen. Unit: log2 fold change (effects of RNA and "
        "of copy number: per sd of these within the gene)."
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
