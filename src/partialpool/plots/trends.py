"""Figures of LFC along a covariate: copy number or RNA expression, for all genes and by gene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended
from mizani.labels import label_comma

from partialpool.figures.parts import style

FIT = "least-squares line with its 95 % interval (measurements taken as independent)"


OVERALL = "all genes"


@dataclass(frozen=True)
class Covariate:
    """How a covariate is called in figures.

    Attributes
    ----------
    title
        In titles, such as ``copy number``.
    axis
        Axis title with the unit.
    """

    title: str
    axis: str


COPY_NUMBER = Covariate("copy number", "gene copy number (z-score within gene)")
RNA = Covariate("RNA expression", "RNA expression (z-score within gene)")
# What plotnine takes, though mizani's types do not say so.
BREAKS: Any = breaks_extended(n=4)
COUNTS: Any = label_comma()


def trend(
    covariate: Covariate,
    points: pd.DataFrame,
    hexagons: pd.DataFrame,
    line: pd.DataFrame,
    means: pd.DataFrame,
    fit: pd.DataFrame,
) -> Any:
    """Draw LFC against a covariate with the overall trend.

    Parameters
    ----------
    covariate
        What is on the x axis.
    points
        Measurements: ``x``, ``lfc``, ``hugo_symbol``; empty if they are too many.
    hexagons
        In place of points: ``hexagon``, ``x``, ``y``, ``n``; empty if there are points.
    line
        ``x``, ``fit``, ``low``, ``high``.
    means
        Of bins of the covariate: ``x``, ``y``, ``low``, ``high``; may be empty.
    fit
        One row: ``n``, ``slope``, ``slope_se``.
    """
    found = fit.iloc[0]
    caption = (
        f"Line: {FIT}; slope {found['slope']:.3f} log2 per sd, standard error "
        f"{found['slope_se']:.3f}, {int(found['n']):,} measurements."
    )
    if len(means):
        caption += f" Dots: means of {len(means)} equally large bins with 95 % intervals."
    return (
        p9.ggplot()
        + _cloud(points, hexagons)
        + _zero_line()
        + _line(line)
        + _means(means)
        + style.theme(8.0, 5.0)
        + p9.labs(
            x=covariate.axis,
            y=style.LFC,
            title=f"LFC against {covariate.title}: the overall trend",
            caption=style.wrap(caption, 8.0),
        )
    )


def trend_by_gene(
    covariate: Covariate,
    segments: pd.DataFrame,
    overall: pd.DataFrame,
    steepest: list[str],
    n_genes: int,
) -> Any:
    """Draw every gene's trend as a thin line, name the steepest, and put the overall one on top.

    Parameters
    ----------
    covariate
        What is on the x axis.
    segments
        A line per gene: ``hugo_symbol``, ``slope``, ``x``, ``y``, ``xend``, ``yend``.
    overall
        ``x``, ``fit``, ``low``, ``high``.
    steepest
        Genes to name, no more than ``style.GENES``, in the legend's order.
    n_genes
        How many genes the screen has; those without a line do not vary along the covariate.
    """
    slopes = segments.set_index("hugo_symbol")["slope"]
    labels = {gene: _with_slope(gene, slopes[gene]) for gene in steepest}
    named = segments[segments["hugo_symbol"].isin(steepest)]
    colours = dict(zip(labels.values(), style.GENES, strict=False))
    colours[OVERALL] = style.COLOURS["trend"]
    named = named.assign(gene=pd.Categorical(named["hugo_symbol"].map(labels), list(colours)))
    n_without = n_genes - len(segments)
    shown = f"{len(segments)} of {n_genes} genes" if n_without else f"{n_genes} genes"
    ends = {"x": "x", "y": "y", "xend": "xend", "yend": "yend"}
    few = len(segments) <= style.MANY_GENES
    caption = (
        "Thin lines: one gene each, least squares, over the range of its data. Coloured: the "
        "steepest, with their slopes (log2 per sd), and all genes together, with 95 % interval."
    )
    if n_without:
        caption += f" Not shown: genes without {covariate.title} that varies ({n_without})."
    return (
        p9.ggplot()
        + _zero_line()
        + p9.geom_segment(
            p9.aes(**ends),
            segments,
            color=style.COLOURS["reference"],
            size=0.4 if few else 0.3,
            alpha=0.7 if few else 0.2,
        )
        + p9.geom_segment(p9.aes(**ends, color="gene"), named, size=0.9)
        + _overall(overall.assign(gene=pd.Categorical([OVERALL] * len(overall), list(colours))))
        + p9.scale_color_manual(colours)
        + style.theme(8.0, 5.0)
        + p9.labs(
            x=covariate.axis,
            y=style.LFC,
            color="steepest genes",
            title=f"LFC against {covariate.title}: a trend per gene, {shown}",
            caption=style.wrap(caption, 8.0),
        )
    )


def trend_panels(
    covariate: Covariate,
    points: pd.DataFrame,
    lines: pd.DataFrame,
    fits: pd.DataFrame,
    n_genes: int,
    what: str,
    shown: tuple[float, float],
) -> Any:
    """Draw a panel per gene: its points, its line and its interval.

    Parameters
    ----------
    covariate
        What is on the x axis.
    points
        ``hugo_symbol``, ``x``, ``lfc``.
    lines
        ``hugo_symbol``, ``x``, ``fit``, ``low``, ``high``.
    fits
        Genes to show, in order: ``hugo_symbol``, ``slope``.
    n_genes
        How many genes have the covariate; ``fits`` may hold the steepest only.
    what
        What a point is, such as ``mean of a cell line``.
    shown
        Lowest and highest log fold change that the axis holds.
    """
    genes = zip(fits["hugo_symbol"], fits["slope"], strict=True)
    names = {gene: _with_slope(gene, slope) for gene, slope in genes}
    panels = list(names.values())
    points, lines = (
        table.assign(panel=pd.Categorical(table["hugo_symbol"].map(names), panels))
        for table in (points, lines)
    )
    columns = min(6, max(2, -(-len(panels) // 2)))
    rows = -(-len(panels) // columns)
    chosen = (
        f"{n_genes} genes" if len(panels) == n_genes else f"the {len(panels)} steepest of {n_genes}"
    )
    width = max(5.5, 1.2 + 1.55 * columns)
    caption = (
        f"Dot: {what}. Line: {FIT}. In brackets: the slope (log2 per sd), the most negative first."
    )
    n_beyond = len(points) - int(points["lfc"].between(*shown).sum())
    if n_beyond:
        caption += f" {n_beyond:,} of {len(points):,} dots lie beyond the axis and are not shown."
    return (
        p9.ggplot(points, p9.aes(x="x"))
        + p9.facet_wrap("panel", ncol=columns)
        + _zero_line()
        + p9.geom_point(
            p9.aes(y="lfc"),
            color=style.COLOURS["measured"],
            **_dots(len(points) / len(panels)),
        )
        + _line(lines)
        + p9.scale_x_continuous(breaks=BREAKS)
        + p9.coord_cartesian(ylim=shown)
        + style.theme(width, 1.3 + 1.5 * rows)
        + p9.theme(panel_spacing_x=0.02)
        + p9.labs(
            x=covariate.axis,
            y=style.LFC,
            title=f"LFC against {covariate.title} by gene: {chosen}",
            caption=style.wrap(caption, width),
        )
    )


def _zero_line() -> Any:
    return p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)


def _with_slope(gene: str, slope: float) -> str:
    written = f"{slope:+z.2f}"
    return f"{gene} ({written if float(written) else '0.00'})"


def _dots(n: float) -> dict[str, Any]:
    """How the dots of a small panel look if it has so many."""
    if n <= 60:
        return {"size": 1.8, "alpha": 0.8, "stroke": 0}
    return {"size": 1.2, "alpha": 0.45, "stroke": 0}


def _cloud(points: pd.DataFrame, hexagons: pd.DataFrame) -> list[Any]:
    """Points if there are few, else hexagons."""
    low, high = style.SEQUENTIAL
    if len(hexagons):
        return [
            p9.geom_polygon(p9.aes(x="x", y="y", group="hexagon", fill="n"), hexagons),
            p9.scale_fill_gradient(
                low=low, high=high, trans="log10", name="measurements", labels=COUNTS
            ),
        ]
    few = len(points) <= 1_000
    look = {"alpha": 0.8 if few else 0.4, "size": 2.2 if few else 1.0, "stroke": 0}
    n_genes = points["hugo_symbol"].nunique()
    if n_genes > len(style.GENES):
        return [p9.geom_point(p9.aes("x", "lfc"), points, color=style.COLOURS["measured"], **look)]
    return [
        p9.geom_point(p9.aes("x", "lfc", color="hugo_symbol"), points, **look),
        p9.scale_color_manual(style.GENES[:n_genes], name="gene"),
        p9.guides(color=p9.guide_legend(override_aes={"size": 2, "alpha": 1})),
    ]


def _line(line: pd.DataFrame) -> Any:
    """Draw a line with its interval, per panel if there are panels."""
    colour = style.COLOURS["trend"]
    return p9.geom_smooth(
        p9.aes(x="x", y="fit", ymin="low", ymax="high"),
        line,
        stat="identity",
        color=colour,
        fill=colour,
        alpha=0.35,
        size=1.0,
    )


def _overall(line: pd.DataFrame) -> list[Any]:
    """The line of all genes, with an entry in the legend."""
    return [
        p9.geom_ribbon(
            p9.aes(x="x", ymin="low", ymax="high"), line, fill=style.COLOURS["trend"], alpha=0.35
        ),
        p9.geom_line(p9.aes(x="x", y="fit", color="gene"), line, size=1.0),
    ]


def _means(means: pd.DataFrame) -> list[Any]:
    if not len(means):
        return []
    return [
        p9.geom_linerange(p9.aes(x="x", ymin="low", ymax="high"), means, color="#000000"),
        p9.geom_point(
            p9.aes(x="x", y="y"), means, color="#000000", fill="#FFFFFF", size=1.6, stroke=0.5
        ),
    ]
