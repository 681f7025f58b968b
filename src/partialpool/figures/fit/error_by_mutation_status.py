"""Do the errors of a gene differ between lines with and without a mutation of it?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.quantiles import quantile_table
from partialpool.figures.parts.rows import Rows, choose_genes, guide_rows
from partialpool.figures.parts.words import percent, which

#: The maximum number of mutated measurements. If there are more, the figure shows a sample.
MANY_MUTATED = 1_000


def tables(
    predictions: pd.DataFrame,
    screen: pd.DataFrame,
    prediction_prob: float,
    options: FigureOptions,
) -> dict[str, Any] | str:
    """Errors by mutation status, of the genes that are mutated most often."""
    if "is_mutated" not in screen:
        return "The screen does not say which genes are mutated: it has no column n_muts."
    table = with_mutation_status(predictions, screen)
    n = mutated_measurements(table)
    if n.empty:
        return "No gene is mutated in some of the cell lines and not in others (column n_muts)."
    rows = choose_genes(options.mutated_genes, n, options.n_mutated_genes)
    boxes = mutation_errors(table, rows, prediction_prob)
    return {
        "boxes": boxes,
        "points": mutated_points(table, boxes, MANY_MUTATED, options.seed),
        "n": n,
        "rows": rows,
        "prob": prediction_prob,
    }


def with_mutation_status(predictions: pd.DataFrame, screen: pd.DataFrame) -> pd.DataFrame:
    """Add to predictions ``is_mutated``: whether the gene is mutated in the cell line.

    Rows whose status is not known are left out.
    """
    keys = ["hugo_symbol", "depmap_id"]
    status = screen[[*keys, "is_mutated"]].dropna()
    status = status.astype(dict.fromkeys(keys, "object")).drop_duplicates(keys)
    table = predictions.astype(dict.fromkeys(keys, "object")).merge(status, on=keys, how="inner")
    return table.astype({"is_mutated": bool})


def mutated_measurements(predictions: pd.DataFrame) -> pd.Series:
    """Count the mutated measurements of each gene that has both mutated and other ones."""
    n = predictions.groupby("hugo_symbol", observed=True)["is_mutated"].agg(["sum", "size"])
    return n.loc[(n["sum"] > 0) & (n["sum"] < n["size"]), "sum"]


def mutation_errors(predictions: pd.DataFrame, rows: Rows, prob: float) -> pd.DataFrame:
    """Compute the quantiles of errors by guide and mutation status, of the shown genes.

    Returns
    -------
    pd.DataFrame
        A quantile table of ``hugo_symbol`` (ordered categorical, as in ``rows``), ``sgrna``,
        ``guide``, ``is_mutated`` with ``status`` (mutated or wild type) and ``x``: the number of
        the guide, shifted to the right for mutated measurements and to the left for others.
    """
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    by = ["hugo_symbol", "sgrna", "is_mutated"]
    boxes = quantile_table(table, by, "error", prob)
    guides = guide_rows(boxes.drop_duplicates("sgrna")[["hugo_symbol", "sgrna"]], rows)
    boxes = boxes.merge(guides[["sgrna", "guide"]], on="sgrna")
    mutated = boxes["is_mutated"].astype(bool)
    return boxes.assign(
        hugo_symbol=pd.Categorical(boxes["hugo_symbol"], list(rows.labels), ordered=True),
        status=np.where(mutated, "mutated", "wild type"),
        x=boxes["guide"] + np.where(mutated, 0.2, -0.2),
    )


def mutated_points(
    predictions: pd.DataFrame, boxes: pd.DataFrame, limit: int, seed: int
) -> pd.DataFrame:
    """Get the errors of mutated measurements, jittered on their boxes; at most ``limit``.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol`` (as in ``boxes``), ``x``, ``error``, ``status``.
    """
    places = boxes.loc[boxes["status"] == "mutated", ["hugo_symbol", "sgrna", "x", "status"]]
    table = predictions.loc[predictions["is_mutated"], ["sgrna", "error"]]
    points = table.astype({"sgrna": "object"}).merge(places, on="sgrna")
    rng = np.random.default_rng(seed)
    if len(points) > limit:
        points = points.iloc[np.sort(rng.choice(len(points), limit, replace=False))]
    return points.assign(x=points["x"] + rng.uniform(-0.12, 0.12, len(points)))


def draw(
    boxes: pd.DataFrame, points: pd.DataFrame, n: pd.Series, rows: Rows, prob: float
) -> p9.ggplot:
    """Draw the errors of every guide where its gene is mutated and where it is not.

    Parameters
    ----------
    boxes
        The result of ``mutation_errors``.
    points
        The result of ``mutated_points``.
    n
        Gene -> number of its mutated measurements.
    rows
        The genes to show.
    prob
        Share of the errors between ``lower`` and ``upper``.
    """
    colours = {"wild type": style.COLOURS["wild_type"], "mutated": style.COLOURS["mutated"]}
    counts = ", ".join(f"{gene} {n[gene]:,}" for gene in rows.labels)
    all_shown = len(points) == sum(n[gene] for gene in rows.labels)
    dots = "measurements" if all_shown else "a sample of the measurements"
    most = "" if rows.is_complete else " of the genes with most of them"
    caption = (
        "Box: middle half of the errors of a guide. Line: their median. Whiskers: "
        f"{percent(prob)} of them. Dots: {dots} where the gene is mutated. Mutated "
        f"measurements{most}: {counts}. If the two boxes of a guide have different heights, the "
        "mutation changes the effect of losing the gene in a way that the model does not describe."
    )
    boxes = boxes.assign(left=boxes["x"] - 0.16, right=boxes["x"] + 0.16)
    return (
        p9.ggplot(boxes, p9.aes(x="x", color="status"))
        + p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_linerange(p9.aes(ymin="lower", ymax="upper"), size=0.5)
        + p9.geom_rect(
            p9.aes(xmin="left", xmax="right", ymin="q25", ymax="q75"), fill="#FFFFFF", size=0.5
        )
        + p9.geom_segment(p9.aes(x="left", xend="right", y="median", yend="median"), size=1)
        + p9.geom_point(p9.aes(y="error"), points, size=0.5, alpha=0.4)
        + p9.facet_wrap("hugo_symbol", ncol=2, scales="free_y")
        + p9.scale_color_manual(colours)
        + p9.scale_x_continuous(breaks=list(range(1, int(boxes["guide"].max()) + 1)))
        + style.theme(7.5, 1.8 + 1.9 * ((len(rows.labels) + 1) // 2))
        + p9.theme(legend_position="top", panel_grid_major_x=p9.element_blank())
        + p9.labs(
            x="guide of the gene (number)",
            y=style.ERROR.replace(" (", "\n("),
            color="gene is",
            title=f"Errors by mutation status: {which(rows, 'mutated genes')}",
            caption=style.wrap(caption, 7.5),
        )
    )


FIGURE = Figure(
    title="Errors in mutated and other cell lines",
    how_to_read="If the two boxes of a guide have different heights, the mutation changes the "
    "effect of losing the gene in a way that the model does not describe.",
    group="errors",
    place=30,
    tables=tables,
    draw=draw,
    drawn="answer",
)
