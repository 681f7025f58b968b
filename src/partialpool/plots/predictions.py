"""Figures of what a model predicts, before and after it has seen the measurements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.plots import style
from partialpool.plots.rows import (
    by_row,
    guide_colours,
    legend_on_top,
    one_path,
    stripes,
    zero_line,
)
from partialpool.plots.words import percent, which
from partialpool.tidy.densities import signed_log
from partialpool.tidy.rows import Rows

#: Where the signed logarithmic axis may have a tick, log2 fold change.
DECADES = (-1000, -100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100, 1000)
#: The fill of boxes of what is predicted.
PALE_ORANGE = "#F7D9BF"
#: Keys of a legend: measurements are dots, predicted means are dashes.
_DOT_AND_DASH = {"shape": ["o", "_"], "size": [2, 4], "stroke": [0, 1]}
GENE_ORDER = "Genes by their effect, lowest first."


def prior_predictive(curves: pd.DataFrame) -> Any:
    """Draw densities of screens that the prior would make, and of the measured one.

    Parameters
    ----------
    curves
        ``kind``, ``screen``, ``value`` (on the ``signed_log`` scale), ``density``.
    """
    low, high = curves["value"].min(), curves["value"].max()
    ticks = [tick for tick in DECADES if low <= signed_log(tick) <= high]
    n = int(curves["screen"].max())
    caption = (
        f"Grey: {n} screens, each made from one draw of all parameters from the prior; blue: the "
        "measured screen. A prior should allow what was measured, and not much beyond what is "
        "possible. The axis is linear near 0 and logarithmic far from it, and holds at least 99 % "
        "of every screen."
    )
    return (
        _overlay(curves, "prior", f"{n} screens made by the prior")
        + p9.scale_x_continuous(
            breaks=[float(signed_log(tick)) for tick in ticks],
            labels=[f"{tick:g}" for tick in ticks],
            expand=(0.01, 0),
        )
        + p9.labs(
            x=f"{style.LFC} (signed logarithmic axis)",
            y="density (on this axis)",
            color="",
            title="What the prior expects, and what was measured",
            caption=style.wrap(caption),
        )
    )


def posterior_predictive(curves: pd.DataFrame) -> Any:
    """Draw densities of replicated screens and of the measured one.

    Parameters
    ----------
    curves
        ``kind``, ``screen``, ``value``, ``density``.
    """
    n = int(curves["screen"].max())
    caption = (
        f"Orange: {n} screens as the fitted model would make them (posterior predictive); blue: "
        "the measured screen. Where the blue line leaves the orange ones, the model misses "
        "something, such as a heavier tail."
    )
    return (
        _overlay(curves, "predicted", f"{n} screens made by the model")
        + p9.scale_x_continuous(expand=(0.01, 0))
        + p9.labs(
            x=style.LFC,
            y="density (per log2 fold change)",
            color="",
            title="Posterior predictive check",
            caption=style.wrap(caption),
        )
    )


def by_gene(points: pd.DataFrame, spread: pd.DataFrame, rows: Rows, prob: float) -> Any:
    """Draw what is predicted for each gene, without the measurements.

    Parameters
    ----------
    points
        Predicted means: ``mean``, ``row``, ``guide``.
    spread
        Quantiles of new measurements by gene: ``row``, ``lower``, ``upper``.
    rows
        The rows of the figure and their labels.
    prob
        Share of the values between ``lower`` and ``upper``.
    """
    caption = (
        "Dots: means predicted for the gene's measurements, those of one guide in one line and "
        "colour (measurements that the model can't tell apart share a dot). Grey bar: "
        f"{percent(prob)} of new measurements are predicted to lie in it. {GENE_ORDER}"
    )
    return (
        p9.ggplot(points, p9.aes(y="row"))
        + zero_line()
        + p9.geom_segment(
            p9.aes(x="lower", xend="upper", yend="row"), spread, color="#DDDDDD", size=3
        )
        + p9.geom_point(
            p9.aes(x="mean", color="factor(guide)"),
            size=_size(len(points)),
            alpha=_alpha(len(points)),
            stroke=0,
        )
        + guide_colours(points)
        + by_row(
            rows,
            x=f"predicted {style.LFC}",
            title=f"Predictions: {which(rows, 'genes')}",
            caption=caption,
            each=0.22,
        )
    )


def with_data_by_gene(violins: pd.DataFrame, rows: Rows) -> Any:
    """Draw what was measured for each gene above what the model predicts for it.

    Parameters
    ----------
    violins
        Outlines of densities: ``label``, ``kind`` (``measured`` or ``predicted``),
        ``value``, ``height``.
    rows
        The rows of the figure and their labels.
    """
    kinds = ("measured", "predicted")
    caption = (
        "Upper half, blue: density of the measurements; lower half, orange: density of the "
        "measurements that the fitted model predicts. The better the model, the more a shape "
        f"looks like its mirror image. The axis holds 99.6 % of the measurements. {GENE_ORDER}"
    )
    return (
        p9.ggplot(
            violins.assign(line=violins["label"] + violins["kind"]),
            p9.aes(x="value", y="height", group="line", fill="kind"),
        )
        + p9.geom_polygon(alpha=0.75)
        + zero_line()
        + p9.scale_fill_manual({kind: style.COLOURS[kind] for kind in kinds})
        + by_row(
            rows,
            x=style.LFC,
            title=f"Measured and predicted: {which(rows, 'genes')}",
            caption=caption,
            each=0.3,
        )
        + legend_on_top()
        + p9.labs(fill="")
    )


def boxes_by_guide(
    predicted: pd.DataFrame, measured: pd.DataFrame, effects: pd.DataFrame, rows: Rows, prob: float
) -> Any:
    """Draw predicted and measured quantiles of every guide, about the effect of its gene.

    Parameters
    ----------
    predicted, measured
        ``row``, ``half``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    effects
        ``row``, ``mean`` of the genes.
    rows
        The rows of the figure and their labels.
    prob
        Share of the values between ``lower`` and ``upper``.
    """
    dashes = effects.assign(top=effects["row"] + 0.4, bottom=effects["row"] - 0.4)
    caption = (
        "Orange, a box per guide: middle half of the measurements that the model predicts, bar: "
        f"their median, whiskers: {percent(prob)} of them. Blue: median (dot) and middle half "
        "(line) of what was measured. Black dashes: posterior mean of the gene's effect. "
        f"{GENE_ORDER}"
    )
    orange, blue = style.COLOURS["predicted"], style.COLOURS["measured"]
    return (
        p9.ggplot(predicted, p9.aes(y="row"))
        + stripes(rows)
        + zero_line()
        + p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row"), size=0.4, color=orange)
        + p9.geom_rect(
            p9.aes(xmin="q25", xmax="q75", ymin="row - half", ymax="row + half"), fill=PALE_ORANGE
        )
        + p9.geom_segment(
            p9.aes(x="median", xend="median", y="row - half", yend="row + half"),
            size=1.0,
            color=orange,
        )
        + p9.geom_segment(p9.aes(x="q25", xend="q75", yend="row"), measured, size=0.5, color=blue)
        + p9.geom_point(p9.aes(x="median"), measured, size=1.0, color=blue)
        + p9.geom_segment(
            p9.aes(x="mean", xend="mean", y="bottom", yend="top"),
            dashes,
            linetype="dashed",
            size=0.6,
        )
        + by_row(
            rows,
            x=style.LFC,
            title=f"Predictions by guide: {which(rows, 'genes')}",
            caption=caption,
            width=7.5,
            each=0.45,
        )
    )


def panel(
    measured: pd.DataFrame, predicted: pd.DataFrame, genes: Rows, lines: Rows, prob: float
) -> Any:
    """Draw measurements by cell line on what is predicted for them, a panel per gene.

    Parameters
    ----------
    measured
        ``hugo_symbol`` (ordered), ``x`` (place of the guide at its line), ``real_value``.
    predicted
        ``hugo_symbol``, ``x``, ``mean``, ``hdi_lower``, ``hdi_upper``.
    genes
        The genes shown, one panel each.
    lines
        The cell lines shown.
    prob
        Probability of the intervals.
    """
    colours = {kind: style.COLOURS[kind] for kind in ("measured", "predicted")}
    dots, bars = measured.assign(kind="measured"), predicted.assign(kind="predicted")
    n, n_lines = len(genes.labels), len(lines.labels)
    width = min(10.0, 3.0 + 0.32 * n_lines)
    caption = (
        "At each line the guides of the gene side by side. Blue: measurements; orange: what is "
        f"predicted for them, its mean (dash) and its {percent(prob)} highest-density interval "
        f"(bar), which should hold about {percent(prob)} of a screen's measurements. Genes by how "
        "much their measurements vary between lines, most first, so more of theirs than of others "
        "lie off the bars. Lines from the lowest to the highest mean "
        "difference from the genes' means. "
        f"Shown: {which(genes, 'genes')}; {which(lines, 'cell lines')}."
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
        + p9.guides(color=p9.guide_legend(override_aes=_DOT_AND_DASH))
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


def quantile_boxes(colour: str) -> list[Any]:
    """Horizontal boxes and whiskers from ``row``, ``half`` and quantiles; quick for many."""
    return [
        p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row", color=colour), size=0.4),
        p9.geom_rect(
            p9.aes(xmin="q25", xmax="q75", ymin="row - half", ymax="row + half", color=colour),
            fill="#FFFFFF",
            size=0.4,
        ),
        p9.geom_segment(
            p9.aes(x="median", xend="median", y="row - half", yend="row + half", color=colour),
            size=0.8,
        ),
    ]


def _overlay(curves: pd.DataFrame, colour: str, made: str) -> Any:
    """Densities of made-up screens under the measured one."""
    names = {"replicated": made, "measured": "the measured screen"}
    table = curves.assign(kind=curves["kind"].map(names))
    replicated = table[table["screen"] > 0]
    return (
        p9.ggplot(table, p9.aes(x="value", y="density", color="kind"))
        + p9.geom_path(
            data=one_path(replicated, ["screen"], "density"), size=0.3, alpha=0.6, na_rm=True
        )
        + p9.geom_line(data=table[table["screen"] == 0], size=1.1)
        + p9.scale_color_manual(
            {made: style.COLOURS[colour], names["measured"]: style.COLOURS["measured"]}
        )
        + style.theme(7.0, 4.4)
        + legend_on_top()
    )


def _line_gap(lines: Rows) -> list[Any]:
    if lines.is_complete:
        return []
    return [p9.geom_vline(xintercept=1.0 + lines.n_first, linetype="dotted", size=0.5)]


def _size(n: int) -> float:
    return 2.4 if n <= 500 else 1.3


def _alpha(n: int) -> float:
    return float(np.clip(400 / max(n, 1), 0.35, 0.9))
