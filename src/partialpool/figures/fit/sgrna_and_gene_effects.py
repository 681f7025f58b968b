"""Do the guides of each gene agree?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, guide_colours, stripes, zero_line
from partialpool.figures.parts.estimates import forest_table
from partialpool.figures.parts.rows import Rows, guide_rows
from partialpool.figures.parts.words import percent, which


def tables(effects: pd.DataFrame, convergence: pd.DataFrame, hdi_prob: float) -> dict[str, Any]:
    """Effects of guides and of their genes, and the mean of all genes."""
    genes, rows = forest_table(effects, "gene_effect", style.MANY_GENES)
    mean = convergence[convergence["parameter"] == "mu_gene"].iloc[0]
    return {
        "guides": guide_effect_table(effects, rows),
        "genes": genes,
        "mean": mean,
        "rows": rows,
        "hdi_prob": hdi_prob,
    }


def guide_effect_table(effects: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """Get the estimates of the guides, placed within the rows of the shown genes."""
    return guide_rows(effects[effects["effect"] == "sgrna_effect"], rows)


def draw(
    guides: pd.DataFrame, genes: pd.DataFrame, mean: pd.Series, rows: Rows, hdi_prob: float
) -> p9.ggplot:
    """Draw the effects of genes and of their guides, with the population mean.

    Parameters
    ----------
    guides
        ``row``, ``guide`` (number within its gene), ``mean``, ``hdi_lower``, ``hdi_upper``.
    genes
        ``row``, ``mean``.
    mean
        ``mean``, ``hdi_lower``, ``hdi_upper`` of the population of genes.
    rows
        The genes to show, from top to bottom.
    hdi_prob
        The probability of the intervals.
    """
    share = percent(hdi_prob)
    caption = (
        f"Coloured dot and line: posterior mean and {share} highest-density interval of a guide. "
        "Colours distinguish the guides of one gene. Black cross: posterior mean of the gene. "
        f"Green line and band: mean of all genes (mu_gene) and its {share} interval. Each gene is "
        "between its guides, pulled towards the mean of all genes."
    )
    return (
        p9.ggplot(guides, p9.aes(y="row"))
        + stripes(rows)
        + p9.annotate(
            "rect",
            xmin=mean["hdi_lower"],
            xmax=mean["hdi_upper"],
            ymin=min(rows.position.values()) - 0.6,
            ymax=0.6,
            fill=style.COLOURS["population"],
            alpha=0.2,
        )
        + p9.geom_vline(xintercept=mean["mean"], color=style.COLOURS["population"], size=0.7)
        + zero_line()
        + p9.geom_segment(
            p9.aes(x="hdi_lower", xend="hdi_upper", yend="row", color="factor(guide)"), size=0.8
        )
        + p9.geom_point(p9.aes(x="mean", color="factor(guide)"), size=1.2)
        + p9.geom_point(p9.aes(x="mean"), genes, shape="x", size=2.2, stroke=0.8)
        + guide_colours(guides)
        + by_row(
            rows,
            x=f"guide or gene effect ({style.LFC})",
            title=f"Guides around their genes: {which(rows, 'genes')}",
            caption=caption,
            width=7.5,
            each=0.26,
        )
    )


FIGURE = Figure(
    title="Guides around their genes",
    how_to_read="If the dots of a gene are far apart, its guides disagree. Each cross is pulled "
    "towards the green line, which is the mean of all genes.",
    group="effects",
    place=30,
    tables=tables,
    draw=draw,
    drawn="own",
    effect="sgrna_effect",
)
