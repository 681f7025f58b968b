"""Straight lines by least squares, with intervals of the mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.figures.parts.leverage import rests_on_one

Floats = npt.NDArray[np.float64]

#: The group of every row if a table is not split.
ALL = "all"
#: The probability of every interval of a line or a mean.
PROBABILITY = 0.95


def linear_trends(table: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Fit ``lfc`` along ``x`` by least squares, to all rows or to each group.

    Parameters
    ----------
    table
        ``x`` and ``lfc``, a row per independent unit. Rows without them are left out.
    by
        The column with the groups, such as ``hugo_symbol``. Without it, one line for all rows.

    Returns
    -------
    pd.DataFrame
        A row per group whose ``x`` varies, most negative slope first: ``by`` (or ``group``, which
        is ``all``), ``n``, ``slope`` (lfc per unit of x), ``slope_se`` (its standard error, if
        rows are independent), ``x_mean``, ``y_mean``, ``x_min``, ``x_max``, ``residual_sd``
        (n - 2 degrees of freedom), ``sxx`` (sum of squares of x about its mean), ``rests_on_one``
        (without the row farthest from the mean, x would hardly vary, so the line has no
        interval; ``slope_se`` and ``residual_sd`` are missing).
    """
    name = by or "group"
    rows = table.dropna(subset=[*([by] if by else []), "x", "lfc"])
    frame = pd.DataFrame(
        {
            name: rows[by].astype(str) if by else ALL,
            "x": rows["x"].to_numpy("float64"),
            "y": rows["lfc"].to_numpy("float64"),
        },
        index=rows.index,
    )
    groups = frame.groupby(name, sort=False)
    dx, dy = (frame[axis] - groups[axis].transform("mean") for axis in ("x", "y"))
    squares = pd.DataFrame({name: frame[name], "sxx": dx * dx, "sxy": dx * dy, "syy": dy * dy})
    of_groups = squares.groupby(name, sort=False)
    fits = groups.agg(
        n=("x", "size"),
        x_mean=("x", "mean"),
        y_mean=("y", "mean"),
        x_min=("x", "min"),
        x_max=("x", "max"),
    ).join(of_groups.sum())
    fits["farthest"] = of_groups["sxx"].max()
    fits = fits[fits["sxx"] > 1e-12 * fits["n"] * np.maximum(1.0, fits["x_mean"] ** 2)].copy()
    fits["slope"] = fits["sxy"] / fits["sxx"]
    fits["rests_on_one"] = rests_on_one(fits["farthest"], fits["sxx"], fits["n"])
    degrees = (fits["n"] - 2).mask(fits["rests_on_one"])
    residual = np.maximum(fits["syy"] - fits["slope"] * fits["sxy"], 0.0)
    fits["residual_sd"] = np.sqrt(residual / degrees)
    fits["slope_se"] = fits["residual_sd"] / np.sqrt(fits["sxx"])
    columns = ["n", "slope", "slope_se", "x_mean", "y_mean", "x_min", "x_max", "residual_sd", "sxx"]
    ordered = fits.sort_values("slope", kind="stable").reset_index()
    return ordered[[name, *columns, "rests_on_one"]]


def trend_lines(trends: pd.DataFrame, points: int = 30) -> pd.DataFrame:
    """Compute points of lines and of their confidence intervals, over the range of the data.

    Parameters
    ----------
    trends
        The result of `linear_trends`, or some of its rows.
    points
        The number of points of each line.

    Returns
    -------
    pd.DataFrame
        ``points`` rows per line: its group (``hugo_symbol`` or ``group``), ``x``, ``fit``,
        ``low``, ``high``; the last two are missing where a slope rests on one row.
    """
    name = trends.columns[0]
    steps = np.linspace(0.0, 1.0, points)
    lines = trends.loc[trends.index.repeat(points)].reset_index(drop=True)
    along = np.tile(steps, len(trends))
    x = lines["x_min"] + along * (lines["x_max"] - lines["x_min"])
    from_mean = x - lines["x_mean"]
    fit = lines["y_mean"] + lines["slope"] * from_mean
    at_x = lines["residual_sd"] * np.sqrt(1 / lines["n"] + from_mean**2 / lines["sxx"])
    half = t_quantile(lines["n"] - 2) * at_x
    return pd.DataFrame(
        {name: lines[name], "x": x, "fit": fit, "low": fit - half, "high": fit + half}
    )


def t_quantile(degrees: pd.Series) -> Floats:
    """Find the half-width of an interval of Student's t, in standard errors."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(degrees.to_numpy("float64"), (1 + PROBABILITY) / 2))


def steepest(trends: pd.DataFrame, at_most: int) -> pd.DataFrame:
    """Keep the ``at_most`` lines with the steepest slopes, most negative first.

    Lines that depend on one row are kept only if there is room for them.
    """
    by_steepness = trends.assign(steepness=trends["slope"].abs()).sort_values(
        ["rests_on_one", "steepness"], ascending=[True, False], kind="stable"
    )
    kept = trends.loc[by_steepness.index[:at_most]]
    return kept.sort_values("slope", kind="stable").reset_index(drop=True)


def signed(slope: float) -> str:
    """Write a slope with its sign and two decimals."""
    written = f"{slope:+z.2f}"
    return written if float(written) else "0.00"
