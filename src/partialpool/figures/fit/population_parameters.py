"""How much do genes, guides and cell lines differ?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._forest import interval
from partialpool.figures.parts import style
from partialpool.figures.parts.words import POPULATION, percent, unit


def tables(convergence: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """Estimates of the means and standard deviations of populations."""
    return {"table": population_table(convergence), "hdi_prob": hdi_prob}


def population_table(convergence: pd.DataFrame) -> pd.DataFrame:
    """List the population parameters with ``label``, ``kind`` (mean or sd) and ``row``."""
    single = ~convergence["parameter"].str.contains("[", regex=False)
    table = convergence[single].rename(columns={"parameter": "label"})
    is_mean = table["label"].str.startswith("mu")
    table = table.assign(kind=np.where(is_mean, "means", "standard deviations"))
    table = table.sort_values(["kind", "label"], ignore_index=True)
    return table.assign(row=-np.arange(len(table), dtype="float64"))


def draw(table: pd.DataFrame, hdi_prob: float) -> p9.ggplot:
    """Draw the estimates of the population parameters, means beside standard deviations.

    Parameters
    ----------
    table
        ``label``, ``kind``, ``row``, ``mean``, ``sd``, ``hdi_lower``, ``hdi_upper``.
    hdi_prob
        The probability of the intervals.
    """
    caption = (
        f"Dot: posterior mean. Thick line: mean +/- 1 sd. Thin line: {percent(hdi_prob)} "
        f"highest-density interval. {POPULATION}"
    )
    labels = dict(zip(table["row"], table["label"], strict=True))
    return (
        p9.ggplot(table, p9.aes(y="row"))
        + p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
        + interval("hdi_lower", "hdi_upper", 0.8, "population")
        + interval("mean - sd", "mean + sd", 2.2, "population")
        + p9.geom_point(p9.aes(x="mean"), size=2)
        + p9.facet_wrap("kind", scales="free")
        + p9.scale_y_continuous(breaks=list(labels), labels=list(labels.values()), expand=(0, 0.6))
        + style.theme(7.5, 1.7 + 0.3 * len(table) / 2)
        + p9.theme(panel_grid_major_y=p9.element_blank())
        + p9.labs(
            x=unit(table["label"]),
            y="",
            title="Population parameters",
            caption=style.wrap(caption, 7.5),
        )
    )


FIGURE = Figure(
    title="Means and standard deviations of all genes, guides and cell lines",
    how_to_read="Names with mu are means, names with sigma are standard deviations. If an interval "
    "is wide, the data say little about the parameter.",
    group="effects",
    place=90,
    tables=tables,
    draw=draw,
    drawn="always",
)
