"""Trends of LFC along a covariate: straight lines with intervals, binned means, hexagons."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: The group of every row when a table is not split.
ALL = "all"


def linear_trends(
    table: pd.DataFrame, x: str, y: str = "lfc", by: str | None = None
) -> pd.DataFrame:
    """Fit a straight line by least squares, to all rows or to each group.

    Parameters
    ----------
    table
        A row per measurement; rows without ``x`` or ``y`` are left out.
    x, y
        Numeric columns.
    by
        Column with the groups, such as ``hugo_symbol``; without it, one line for all.

    Returns
    -------
    pandas.DataFrame
        A row per group with at least three rows whose ``x`` varies, steepest negative slope
        first: ``by`` (or ``group``, which is ``all``), ``n``, ``slope`` (y per unit of x),
        ``slope_se`` (its standard error, as if rows were independent), ``x_mean``, ``y_mean``,
        ``x_min``, ``x_max``, ``residual_sd`` (n - 2 degrees of freedom), ``sxx`` (sum of squares
        of x about its mean).
    """
    name = by or "group"
    rows = table[[*([by] if by else []), x, y]].dropna()
    frame = pd.DataFrame(
        {
            name: rows[by].astype("category").cat.remove_unused_categories() if by else ALL,
            "x": rows[x].to_numpy("float64"),
            "y": rows[y].to_numpy("float64"),
        },
        index=rows.index,
    )
    groups = frame.groupby(name, observed=True, sort=False)
    dx, dy = (frame[axis] - groups[axis].transform("mean") for axis in ("x", "y"))
    squares = pd.DataFrame({name: frame[name], "sxx": dx * dx, "sxy": dx * dy, "syy": dy * dy})
    sums = squares.groupby(name, observed=True, sort=False).sum()
    fits = groups.agg(
        n=("x", "size"),
        x_mean=("x", "mean"),
        y_mean=("y", "mean"),
        x_min=("x", "min"),
        x_max=("x", "max"),
    ).join(sums)
    spread = fits["sxx"] > 1e-12 * fits["n"] * np.maximum(1.0, fits["x_mean"] ** 2)
    fits = fits[spread & (fits["n"] >= 3)].copy()
    fits["slope"] = fits["sxy"] / fits["sxx"]
    left = np.maximum(fits["syy"] - fits["slope"] * fits["sxy"], 0.0)
    fits["residual_sd"] = np.sqrt(left / (fits["n"] - 2))
    fits["slope_se"] = fits["residual_sd"] / np.sqrt(fits["sxx"])
    ordered = fits.sort_values("slope", kind="stable").reset_index()
    ordered[name] = ordered[name].astype(str)
    columns = ["n", "slope", "slope_se", "x_mean", "y_mean", "x_min", "x_max", "residual_sd", "sxx"]
    return ordered[[name, *columns]]


def trend_lines(trends: pd.DataFrame, points: int = 30, probability: float = 0.95) -> pd.DataFrame:
    """Trace lines and the confidence intervals of their means, from end to end of their data.

    Parameters
    ----------
    trends
        What `linear_trends` gave, or some of its rows.
    points
        How many points along each line.
    probability
        Of the interval.

    Returns
    -------
    pandas.DataFrame
        ``points`` rows per line: its group (``hugo_symbol`` or ``group``), ``x``, ``fit``,
        ``low``, ``high``.
    """
    name = trends.columns[0]
    steps = np.linspace(0.0, 1.0, points)
    lines = trends.loc[trends.index.repeat(points)].reset_index(drop=True)
    along = np.tile(steps, len(trends))
    x = lines["x_min"] + along * (lines["x_max"] - lines["x_min"])
    fit = lines["y_mean"] + lines["slope"] * (x - lines["x_mean"])
    t = _t_quantile(lines["n"] - 2, probability)
    half = (
        t
        * lines["residual_sd"]
        * np.sqrt(1 / lines["n"] + (x - lines["x_mean"]) ** 2 / lines["sxx"])
    )
    return pd.DataFrame(
        {name: lines[name], "x": x, "fit": fit, "low": fit - half, "high": fit + half}
    )


def trend_segments(trends: pd.DataFrame) -> pd.DataFrame:
    """Give the ends of lines: where the data of each group begin and end.

    Parameters
    ----------
    trends
        What `linear_trends` gave, or some of its rows.

    Returns
    -------
    pandas.DataFrame
        A row per line: its group (``hugo_symbol`` or ``group``), ``slope``, ``x``, ``y`` (left
        end), ``xend``, ``yend`` (right end).
    """
    left, right = (
        trends["y_mean"] + trends["slope"] * (trends[end] - trends["x_mean"])
        for end in ("x_min", "x_max")
    )
    ends = trends[[trends.columns[0], "slope"]]
    return ends.assign(x=trends["x_min"], y=left, xend=trends["x_max"], yend=right)


def binned_means(
    table: pd.DataFrame, x: str, y: str = "lfc", bins: int = 10, probability: float = 0.95
) -> pd.DataFrame:
    """Average ``y`` in bins of ``x`` that hold equally many rows.

    Parameters
    ----------
    table
        A row per measurement; rows without ``x`` or ``y`` are left out.
    x, y
        Numeric columns.
    bins
        How many bins at most; equal values of ``x`` share a bin.
    probability
        Of the interval.

    Returns
    -------
    pandas.DataFrame
        A row per bin: ``x`` and ``y`` (means), ``low`` and ``high`` (confidence interval of the
        mean, as if rows were independent), ``n``. Bins of one row are left out.
    """
    rows = table[[x, y]].dropna()
    if rows.empty:
        return pd.DataFrame(columns=["x", "y", "low", "high", "n"], dtype="float64")
    which = pd.qcut(rows[x], bins, labels=False, duplicates="drop")
    groups = rows.groupby(which.to_numpy())
    means = groups.agg(x=(x, "mean"), y=(y, "mean"), sd=(y, "std"), n=(y, "size"))
    means = means[means["n"] > 1]
    half = _t_quantile(means["n"] - 1, probability) * means["sd"] / np.sqrt(means["n"])
    means = means.assign(low=means["y"] - half, high=means["y"] + half)
    return means[["x", "y", "low", "high", "n"]].reset_index(drop=True)


def hexagons(
    table: pd.DataFrame, x: str, y: str = "lfc", across: int = 45, down: int = 28
) -> pd.DataFrame:
    """Count rows in hexagons.

    Parameters
    ----------
    table
        A row per measurement; rows without ``x`` or ``y`` are left out.
    x, y
        Numeric columns.
    across, down
        How many hexagons fit the range of ``x``, how many rows of them that of ``y``.

    Returns
    -------
    pandas.DataFrame
        Six rows, its corners, per hexagon that holds something: ``hexagon`` (number), ``x``,
        ``y``, ``n`` (rows in it).
    """
    rows = table[[x, y]].dropna().to_numpy("float64")
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


def _t_quantile(degrees: pd.Series, probability: float) -> np.ndarray:
    """Give how many standard errors an interval of Student's t reaches to either side."""
    from scipy.special import stdtrit  # here, as start-up of every kedro command would pay for it

    return np.asarray(stdtrit(degrees.to_numpy("float64"), (1 + probability) / 2))


def _nearest_centres(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count points by the nearest centre of a lattice of hexagons one wide, one row apart.

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


def cell_line_means(table: pd.DataFrame, x: str, y: str = "lfc") -> pd.DataFrame:
    """Average a gene's guides and replicates within each cell line.

    Parameters
    ----------
    table
        Modelling table; rows without ``x`` or ``y`` are left out.
    x
        Covariate that each gene has once per cell line.
    y
        Numeric column.

    Returns
    -------
    pandas.DataFrame
        A row per gene and cell line: ``hugo_symbol``, ``depmap_id``, ``x``, ``y`` (means).
    """
    rows = table.dropna(subset=[x, y])
    groups = rows.groupby(["hugo_symbol", "depmap_id"], observed=True, sort=False)
    means = groups[[x, y]].mean().reset_index()
    return means.astype({"hugo_symbol": str, "depmap_id": str})


def shown_range(
    points: pd.DataFrame, lines: pd.DataFrame, share: float = 0.99
) -> tuple[float, float]:
    """Range of an axis for most of the points, and for all of the lines.

    Parameters
    ----------
    points
        ``lfc``.
    lines
        ``low``, ``high``.
    share
        Of the points within the range; all are, if that makes it little wider.
    """
    ends = points["lfc"].quantile(np.array([0.0, (1 - share) / 2, (1 + share) / 2, 1.0]))
    lowest, low, high, highest = ends
    low, high = min(low, lines["low"].min()), max(high, lines["high"].max())
    if highest - lowest <= 1.2 * (high - low):
        return float(min(low, lowest)), float(max(high, highest))
    return float(low), float(high)


def steepest(trends: pd.DataFrame, at_most: int) -> pd.DataFrame:
    """Keep the ``at_most`` lines with the steepest slopes of either sign, most negative first."""
    kept = trends.loc[trends["slope"].abs().nlargest(at_most).index]
    return kept.sort_values("slope", kind="stable").reset_index(drop=True)
