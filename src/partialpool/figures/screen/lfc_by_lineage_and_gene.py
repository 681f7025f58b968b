"""Do cell lines of different lineages depend on different genes?"""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.screen_summary import lineages
from partialpool.figures.parts.words import counted, readable
from partialpool.figures.screen._gene_axis import figure_width, gene_names, split_mark


def tables(screen: pd.DataFrame) -> dict[str, Any] | str:
    """Mean LFC by lineage and gene, of all genes or of some if there are many."""
    known = lineages(screen)
    if not known:
        return "The lineages of this screen are not known (column lineage)."
    genes, means = mean_by_gene(screen), lineage_gene_means(screen)
    shown = lowest_and_most_varied(genes, means, style.MANY_GENES)
    return {
        "means": shown.merge(means, on="hugo_symbol"),
        "n_genes": len(genes),
        "n_lines_without": screen["depmap_id"].nunique() - len(known),
    }


def mean_by_gene(table: pd.DataFrame) -> pd.DataFrame:
    """Average LFC by gene: ``hugo_symbol``, ``lfc`` (mean), ``n``; lowest first."""
    groups = table.groupby("hugo_symbol", observed=True, sort=False)["lfc"]
    means = pd.DataFrame({"lfc": groups.mean(), "n": groups.count()})
    means = means.sort_values("lfc", kind="stable").reset_index()
    return means.assign(hugo_symbol=means["hugo_symbol"].astype(str))


def lineage_gene_means(table: pd.DataFrame) -> pd.DataFrame:
    """Average LFC by lineage and gene.

    Parameters
    ----------
    table
        The modelling table with ``lineage``. Lines without a known lineage are left out.

    Returns
    -------
    pd.DataFrame
        A row per lineage and gene that were measured together: ``lineage``, ``hugo_symbol``,
        ``lfc`` (mean over guides, lines and replicates), ``n`` (measurements), ``n_cell_lines``
        (of the lineage).
    """
    of_line = table["depmap_id"].astype(str).map(lineages(table))
    rows = table.assign(lineage=of_line).dropna(subset=["lineage"])
    groups = rows.groupby(["lineage", "hugo_symbol"], observed=True, sort=False)["lfc"]
    means = groups.agg(lfc="mean", n="count").reset_index()
    lines = rows.groupby("lineage", observed=True)["depmap_id"].nunique()
    means = means.astype({"lineage": str, "hugo_symbol": str})
    return means.assign(n_cell_lines=means["lineage"].map(lines).astype("int64"))


def lowest_and_most_varied(genes: pd.DataFrame, means: pd.DataFrame, at_most: int) -> pd.DataFrame:
    """Keep the genes with the lowest means, and those that differ most between lineages.

    Lineages of one cell line do not count, if there are two others.

    Parameters
    ----------
    genes
        The result of `mean_by_gene`.
    means
        The result of `lineage_gene_means`.
    at_most
        The number of genes to keep: half of them the lowest.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol`` and ``sd`` (standard deviation of the lineages' means, ddof = 1): the
        lowest means first, then the largest sd. If there are no more than ``at_most`` genes, all
        of them, lowest mean first.
    """
    several = means[means["n_cell_lines"] > 1]
    if several["lineage"].nunique() < 2:
        several = means
    sd = several.groupby("hugo_symbol")["lfc"].std()
    table = genes.assign(sd=genes["hugo_symbol"].map(sd))[["hugo_symbol", "sd"]]
    if len(table) <= at_most:
        return table
    lowest, others = table.iloc[: at_most // 2], table.iloc[at_most // 2 :]
    return pd.concat([lowest, others.nlargest(at_most - at_most // 2, "sd")], ignore_index=True)


def draw(means: pd.DataFrame, n_genes: int, n_lines_without: int) -> p9.ggplot:
    """Draw a tile per lineage and gene.

    Parameters
    ----------
    means
        ``lineage``, ``hugo_symbol``, ``lfc`` (mean), ``n_cell_lines`` (of the lineage); genes in
        order of appearance.
    n_genes
        The number of genes of the screen. ``means`` may contain only some of them, see
        `lowest_and_most_varied`.
    n_lines_without
        The number of cell lines without a known lineage, which are not in ``means``.
    """
    shown = list(dict.fromkeys(means["hugo_symbol"]))
    tiles = means.assign(
        hugo_symbol=pd.Categorical(means["hugo_symbol"], shown),
        lineage=_lineage_axis(means),
    )
    limit = float(means["lfc"].abs().max()) or 1.0
    low, middle, high = style.DIVERGING
    width = figure_width(len(shown)) + 1.5
    is_some = len(shown) < n_genes
    which = f"{len(shown)} of {n_genes:,} genes" if is_some else counted(n_genes, "gene")
    return (
        p9.ggplot(tiles, p9.aes(x="hugo_symbol", y="lineage", fill="lfc"))
        + p9.geom_tile(color="#FFFFFF", size=0.3)
        + split_mark(n_genes, len(shown))
        + p9.scale_fill_gradient2(low=low, mid=middle, high=high, limits=(-limit, limit))
        + p9.scale_x_discrete(expand=(0, 0))
        + p9.scale_y_discrete(expand=(0, 0))
        + style.theme(width, max(3.2, 1.6 + 0.24 * means["lineage"].nunique()))
        + p9.theme(
            axis_text_x=gene_names(len(shown)),
            axis_text_y=p9.element_text(ma="right", size=8),
            panel_grid=p9.element_blank(),
            panel_background=p9.element_rect(fill="#DDDDDD", color="none"),
        )
        + p9.labs(
            x="",
            y="",
            fill="mean LFC\n(log2)",
            title=f"Mean LFC by lineage and gene: {which}",
            caption=style.wrap(_caption(len(shown), n_genes, n_lines_without), width),
        )
    )


def _caption(n_shown: int, n_genes: int, n_lines_without: int) -> str:
    caption = (
        "Colour: mean LFC over guides, lines and replicates; white is 0. In brackets: number of "
        "cell lines of the lineage. Grey: no measurement."
    )
    if n_lines_without:
        caption += f" Not shown: {counted(n_lines_without, 'cell line')} without a known lineage."
    if n_shown < n_genes:
        n_lowest = n_shown // 2
        caption += (
            f" Left: the {n_lowest} genes with the lowest means. Right: the {n_shown - n_lowest} "
            "other genes whose means vary most between lineages of at least 2 lines."
        )
    return caption


def _lineage_axis(means: pd.DataFrame) -> Any:
    """Make labels of lineages, in alphabetical order from top to bottom."""
    lines = means.drop_duplicates("lineage").set_index("lineage")["n_cell_lines"]
    labels = {
        name: textwrap.fill(f"{readable(name)} ({lines[name]})", 34)
        for name in sorted(lines.index, key=str.casefold, reverse=True)
    }
    return pd.Categorical(means["lineage"].map(labels), list(dict.fromkeys(labels.values())))


FIGURE = Figure(
    title="Log fold change by lineage and gene",
    how_to_read="Orange: cells of this lineage grew worse without the gene. If a column has one "
    "colour, the lineages do not differ.",
    group="screen",
    place=20,
    tables=tables,
    draw=draw,
)
