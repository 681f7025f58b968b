"""LFC against a covariate, with the trend of all genes together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotnine as p9
from mizani.labels import label_comma

from partialpool.figures.parts import style
from partialpool.figures.parts.axes import zero_level
from partialpool.figures.screen._covariate import (
    MEAN,
    absent,
    axis_title,
    constant,
    dots,
    gene_line_means,
)
from partialpool.figures.screen._least_squares import linear_trends, t_quantile, trend_lines
from partialpool.screen import COVARIATES

Floats = npt.NDArray[np.float64]

# plotnine accepts this, although mizani's types do not say so.
COUNTS: Any = label_comma()


def trend_tables(screen: pd.DataFrame, covariate: str) -> dict[str, Any] | str:
    """Make the arguments of `draw_trend`, or say why there is no trend along a covariate."""
    if reason := absent(screen, covariate):
        return reason
    means = gene_line_means(screen, covariate)
    if linear_trends(means, by="hugo_symbol").empty:
        return constant(covariate)
    points, unit = dots(screen, covariate, means)
    has_colours = points["hugo_symbol"].nunique() <= style.MANY_COLOURS
    fits = has_colours or len(points) <= style.MANY_POINTS
    fit = linear_trends(means)
    return {
        "covariate": covariate,
        "points": points if fits else points[:0],
        "unit": unit,
        "hexagons": hexagons(points[:0] if fits else points),
        "line": trend_lines(fit),
        "bins": binned_means(means) if unit == MEAN else binned_means(means[:0]),
        "fit": fit.assign(n_measurements=means["n"].sum()),
    }


def binned_means(table: pd.DataFrame, bins: int = 10) -> pd.DataFrame:
    """Average ``lfc`` in bins of ``x`` that hold equally many rows.

    Parameters
    ----------
    table
        ``x`` and ``lfc``. Rows without them are left out.
    bins
        The maximum number of bins. Equal values of ``x`` share a bin.

    Returns
    -------
    pd.DataFrame
        A row per bin: ``x`` and ``y`` (means), ``low`` and ``high`` (confidence interval of the
        mean, if rows are independent), ``n``. Bins of one row are left out.
    """
    rows = table[["x", "lfc"]].dropna()
    if rows.empty:
        return pd.DataFrame(columns=["x", "y", "low", "high", "n"], dtype="float64")
    which = pd.qcut(rows["x"], bins, labels=False, duplicates="drop")
    groups = rows.groupby(which.to_numpy())
    means = groups.agg(x=("x", "mean"), y=("lfc", "mean"), sd=("lfc", "std"), n=("lfc", "size"))
    means = means[means["n"] > 1]
    half = t_quantile(means["n"] - 1) * means["sd"] / np.sqrt(means["n"])
    means = means.assign(low=means["y"] - half, high=means["y"] + half)
    return means[["x", "y", "low", "high", "n"]].reset_index(drop=True)


def hexagons(table: pd.DataFrame, across: int = 45, down: int = 28) -> pd.DataFrame:
    """Count rows in hexagons.

    Parameters
    ----------
    table
        ``x`` and ``lfc``. Rows without them are left out.
    across, down
        The number of hexagons over the range of ``x``, and of their rows over that of ``lfc``.

    Returns
    -------
    pd.DataFrame
        Six rows (the corners) per hexagon that is not empty: ``hexagon`` (number), ``x``, ``y``,
        ``n`` (rows in it).
    """
    rows = table[["x", "lfc"]].dropna().to_numpy("float64")
    if not len(rows):
        return pd.DataFrame(columns=["hexagon", "x", "y", "n"], dtype="float64")
    low = rows.min(axis=0)
    size = np.ptp(rows, axis=0)
    step = np.where(size > 0, size, 1.0) / (across, down)
    centres, counts = _nearest_centres((rows - low) / step)
    corners = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1)]) / (2, 3)
    outline = (centres[:, None, :] + corners[None, :, :]) * step + low
    return pd.DataFrame(
        {
            "hexagon": np.repeat(np.arange(len(centres)), 6),
            "x": outline[:, :, 0].ravel(),
            "y": outline[:, :, 1].ravel(),
            "n": np.repeat(counts, 6),
        }
    )


def _nearest_centres(points: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Count points by the nearest centre of a lattice of hexagons of width 1 and row distance 1.

    Centres are the points (i, 2j) and (i + 1/2, 2j + 1), i and j whole numbers.
    """
    even = np.column_stack([np.rint(points[:, 0]), 2 * np.rint(points[:, 1] / 2)])
    odd = np.column_stack([np.floor(points[:, 0]) + 0.5, 2 * np.floor(points[:, 1] / 2) + 1])
    squash = np.array([1.0, 0.75])  # rows of regular hexagons are sqrt(3) / 2 of a width apart
    nearer = ((points - even) ** 2 @ squash) <= ((points - odd) ** 2 @ squash)
    chosen = np.where(nearer[:, None], even, odd)
    codes = np.rint(chosen * (2, 1)).astype(np.int64)
    width = codes[:, 0].max() - codes[:, 0].min() + 1
    flat = (codes[:, 1] - codes[:, 1].min()) * width + codes[:, 0] - codes[:, 0].min()
    _, first, counts = np.unique(flat, return_index=True, return_counts=True)
    return chosen[first], counts


def draw_trend(
    covariate: str,
    points: pd.DataFrame,
    unit: str,
    hexagons: pd.DataFrame,
    line: pd.DataFrame,
    bins: pd.DataFrame,
    fit: pd.DataFrame,
) -> p9.ggplot:
    """Draw LFC against a covariate with the overall trend.

    Parameters
    ----------
    covariate
        The covariate on the x axis, one of ``COVARIATES``.
    points
        ``hugo_symbol``, ``x``, ``lfc``. Empty if there are too many.
    unit
        A phrase that says what a point is.
    hexagons
        Shown instead of points: ``hexagon``, ``x``, ``y``, ``n``. Empty if there are points.
    line
        ``x``, ``fit``, ``low``, ``high``.
    bins
        Means of bins of the covariate: ``x``, ``y``, ``low``, ``high``; may be empty.
    fit
        One row: ``n``, ``slope``, ``slope_se``, ``n_measurements``.
    """
    return (
        p9.ggplot()
        + _cloud(points, hexagons, unit)
        + zero_level()
        + trend_line(line)
        + _bins(bins)
        + style.theme(8.0, 5.0)
        + p9.labs(
            x=axis_title(covariate),
            y=style.LFC,
            title=f"LFC against {COVARIATES[covariate].noun}: the overall trend",
            caption=style.wrap(_caption(points, unit, bins, fit.iloc[0]), 8.0),
        )
    )


def _caption(points: pd.DataFrame, unit: str, bins: pd.DataFrame, fit: pd.Series) -> str:
    caption = f"Dot: {unit}. " if len(points) else ""
    caption += (
        f"Line: least squares through {int(fit['n']):,} means, one for each gene in each cell "
        f"line, from {int(fit['n_measurements']):,} measurements; "
        f"slope {fit['slope']:.3f} log2 per sd, standard error {fit['slope_se']:.3f}. "
        "Band: 95 % interval, if the means are independent."
    )
    if len(bins):
        caption += f" White dots: means of {len(bins)} equally large bins, with 95 % intervals."
    return caption


def _cloud(points: pd.DataFrame, hexagons: pd.DataFrame, unit: str) -> list[Any]:
    """Draw points if there are few, otherwise hexagons."""
    if len(hexagons):
        low, high = style.SEQUENTIAL
        return [
            p9.geom_polygon(p9.aes(x="x", y="y", group="hexagon", fill="n"), hexagons),
            p9.scale_fill_gradient(
                low=low, high=high, trans="log10", name=f"each a\n{unit}", labels=COUNTS
            ),
        ]
    few = len(points) <= 1_000
    look = {"alpha": 0.8 if few else 0.4, "size": 2.2 if few else 1.0, "stroke": 0}
    n_genes = points["hugo_symbol"].nunique()
    if n_genes > style.MANY_COLOURS:
        return [p9.geom_point(p9.aes("x", "lfc"), points, color=style.COLOURS["measured"], **look)]
    return [
        p9.geom_point(p9.aes("x", "lfc", color="hugo_symbol"), points, **look),
        p9.scale_color_manual(style.gene_colours(n_genes), name="gene"),
        p9.guides(
            color=p9.guide_legend(
                override_aes={"size": 2, "alpha": 1}, ncol=1 if n_genes <= 15 else 2
            )
        ),
    ]


def trend_line(line: pd.DataFrame) -> list[Any]:
    """Draw a line with its interval, in each panel if there are several.

    Parameters
    ----------
    line
        ``x``, ``fit``, ``low``, ``high``. A line without an interval is dashed.
    """
    colour = style.COLOURS["trend"]
    has_interval = line["low"].notna()
    look: dict[str, Any] = {"color": colour, "size": 1.0}
    band, sure, unsure = line[has_interval], line[has_interval], line[~has_interval]
    return [
        p9.geom_ribbon(p9.aes(x="x", ymin="low", ymax="high"), band, fill=colour, alpha=0.35),
        p9.geom_line(p9.aes(x="x", y="fit"), sure, **look),
        *(
            [p9.geom_line(p9.aes(x="x", y="fit"), unsure, linetype="dashed", **look)]
            if len(unsure)
            else []
        ),
    ]


def _bins(bins: pd.DataFrame) -> list[Any]:
    if not len(bins):
        return []
    return [
        p9.geom_linerange(p9.aes(x="x", ymin="low", ymax="high"), bins, color="#000000"),
        p9.geom_point(
            p9.aes(x="x", y="y"), bins, color="#000000", fill="#FFFFFF", size=1.6, stroke=0.5
        ),
    ]
