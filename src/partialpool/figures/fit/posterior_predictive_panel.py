"""Are the measurements of each cell line where the model predicts them?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.rows import Rows, choose_ends, choose_top, guide_rows
from partialpool.figures.parts.words import percent, which

#: Keys of the legend: measurements are dots, predicted means are dashes.
DOT_AND_DASH = {"shape": ["o", "_"], "size": [2, 4], "stroke": [0, 1]}


def tables(
    predictions: pd.DataFrame, prediction_prob: float, options: FigureOptions
) -> dict[str, Any]:
    """Measurements and predictions of the genes that vary most between cell lines."""
    shown, genes, lines = panel_table(predictions, options.panel_genes, options.panel_cell_lines)
    return {
        "measured": shown,
        "predicted": distinct_predictions(shown),
        "genes": genes,
        "lines": lines,
        "prob": prediction_prob,
    }


def panel_table(
    predictions: pd.DataFrame, n_genes: int, n_lines: int
) -> tuple[pd.DataFrame, Rows, Rows]:
    """Choose the genes that vary most between cell lines, and the most extreme cell lines.

    The chosen genes have the largest standard deviation of the mean log fold changes of lines. The
    chosen lines have the lowest and highest mean difference from the means of genes.

    Returns
    -------
    tuple[pd.DataFrame, Rows, Rows]
        ``predictions`` of the shown genes and lines, with ``hugo_symbol`` as ordered categorical
        and ``x`` (place of the line, from 1, with the guides side by side); the genes; the lines.
    """
    names = ["hugo_symbol", "depmap_id"]
    keys = [predictions[name].astype(str) for name in names]
    means = predictions.astype(dict.fromkeys(names, str)).pivot_table(
        values="real_value", index="hugo_symbol", columns="depmap_id", aggfunc="mean"
    )
    genes = choose_top(means.std(axis=1).fillna(0.0), n_genes)
    lines = choose_ends(means.sub(means.mean(axis=1), axis=0).mean(axis=0), n_lines)
    shown = keys[0].isin(genes.labels) & keys[1].isin(lines.labels)
    table = predictions[shown]
    guides = guide_rows(table[["hugo_symbol", "sgrna"]].drop_duplicates().astype("object"), genes)
    aside = genes.place(guides["hugo_symbol"]) - guides["row"]
    offset = table["sgrna"].astype("object").map(dict(zip(guides["sgrna"], aside, strict=True)))
    return (
        table.assign(
            hugo_symbol=pd.Categorical(keys[0][shown], list(genes.labels), ordered=True),
            x=1 - lines.place(table["depmap_id"]) + offset.astype("float64"),
        ),
        genes,
        lines,
    )


def distinct_predictions(panel: pd.DataFrame) -> pd.DataFrame:
    """Get the different predictions: means, and intervals of a measurement."""
    columns = ["hugo_symbol", "depmap_id", "x", "mean", "hdi_lower", "hdi_upper"]
    return panel[columns].drop_duplicates()


def draw(
    measured: pd.DataFrame, predicted: pd.DataFrame, genes: Rows, lines: Rows, prob: float
) -> p9.ggplot:
    """Draw measurements and predictions by cell line, a panel per gene.

    Parameters
    ----------
    measured
        ``hugo_symbol`` (ordered), ``x`` (place of the guide at its line), ``real_value``.
    predicted
        ``hugo_symbol``, ``x``, ``mean``, ``hdi_lower``, ``hdi_upper``.
    genes, lines
        The genes and cell lines to show.
    prob
        The probability of the intervals.
    """
    colours = {kind: style.COLOURS[kind] for kind in ("measured", "predicted")}
    dots, bars = measured.assign(kind="measured"), predicted.assign(kind="predicted")
    n, n_lines = len(genes.labels), len(lines.labels)
    width = min(10.0, 3.0 + 0.32 * n_lines)
    caption = (
        "At each cell line, the guides of the gene are side by side. Blue dot: measurement. Orange "
        f"dash: predicted mean. Orange bar: predicted {percent(prob)} highest-density interval. "
        f"Over all genes, the bars should contain about {percent(prob)} of the measurements. Here "
        "they can contain fewer, because these genes vary most between cell lines. The gene that "
        "varies most comes first. Cell lines are ordered by their mean difference from the means "
        f"of genes, lowest first. Shown: {which(genes, 'genes')}; {which(lines, 'cell lines')}."
    )
    return (
        p9.ggplot(dots, p9.aes(x="x", color="kind"))
        + p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)
        + _line_gap(lines)
        + p9.geom_linerange(
            p9.aes(ymin="hdi_lower", ymax="hdi_upper"), bars, size=1.4, alpha=0.4, show_legend=False
        )
        + p9.geom_point(p9.aes(y="mean"), bars, shape="_", size=1.4, stroke=0.8, show_legend=False)
        + p9.geom_point(p9.aes(y="real_value"), size=1.2, stroke=0)
        + p9.facet_wrap("hugo_symbol", ncol=1, scales="free_y")
        + p9.scale_color_manual(colours, breaks=list(colours))
        + p9.guides(color=p9.guide_legend(override_aes=DOT_AND_DASH))
        + p9.scale_x_continuous(
            breaks=[1 - height for height in lines.position.values()],
            labels=list(lines.position),
            expand=(0, 0.6),
        )
        + style.theme(width, 2.2 + 1.35 * n)
        + p9.theme(
            axis_text_x=p9.element_text(angle=90, ha="center", va="top", size=8),
            legend_position="top",
            panel_grid_major_x=p9.element_blank(),
        )
        + p9.labs(
            x="cell line",
            y=style.LFC,
            color="",
            title="Measured and predicted by cell line",
            caption=style.wrap(caption, width),
        )
    )


def _line_gap(lines: Rows) -> list[Any]:
    if lines.is_complete:
        return []
    return [p9.geom_vline(xintercept=1.0 + lines.n_first, linetype="dotted", size=0.5)]


FIGURE = Figure(
    title="Measurements and predictions by cell line",
    how_to_read="Most dots should be on their bar. If all dots of a cell line are outside their "
    "bars, the line differs from others in a way that the model does not describe.",
    group="predictions",
    place=10,
    tables=tables,
    draw=draw,
    drawn="answer",
)
