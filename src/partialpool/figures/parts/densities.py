"""Kernel densities of many values, a signed logarithmic scale, and thinning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

Floats = npt.NDArray[np.float64]


#: The number of bins of the histogram that is smoothed to a kernel density.
_FINE_BINS = 512


def density(
    values: npt.ArrayLike, grid_size: int = 128, span: tuple[float, float] | None = None
) -> tuple[Floats, Floats]:
    """Compute a Gaussian kernel density on a regular grid, from binned values.

    Parameters
    ----------
    values
        Finite numbers.
    grid_size
        The number of points of the grid.
    span
        The ends of the grid. Default: the range of the values and three bandwidths beyond. It is
        widened if it is narrower than two bandwidths.

    Returns
    -------
    tuple[Floats, Floats]
        The grid, and the density at its points, per unit of ``values``. The bandwidth is
        Silverman's (0.9 min(sd, IQR / 1.34) n^-1/5), but at least a step of the grid, because a
        narrower peak could be between two points.
    """
    x = np.asarray(values, dtype="float64").ravel()
    width = _bandwidth(x)
    low, high = span or (float(x.min()) - 3 * width, float(x.max()) + 3 * width)
    low, high = _at_least(low, high, 2 * width)
    width = max(width, (high - low) / grid_size)
    step = (high - low) / _FINE_BINS
    counts = np.histogram(x, bins=_FINE_BINS, range=(low, high))[0]
    smooth = ndimage.gaussian_filter1d(counts / (len(x) * step), width / step, mode="constant")
    grid = np.linspace(low, high, grid_size)
    return grid, np.interp(grid, low + step * (np.arange(_FINE_BINS) + 0.5), smooth)


def signed_log(values: npt.ArrayLike) -> Floats:
    """Transform values with asinh(x / 2) / ln 10: linear near 0, logarithmic far from it.

    10 becomes 1.00, 100 becomes 2.00, -10 becomes -1.00, 1 becomes 0.21.
    """
    return np.asarray(np.arcsinh(np.asarray(values, dtype="float64") / 2) / np.log(10))


def evenly(n: int, wanted: int) -> npt.NDArray[np.intp]:
    """Choose at most ``wanted`` of 0 ... n - 1, evenly spread, including both ends."""
    return np.unique(np.linspace(0, n - 1, min(wanted, n)).round().astype(np.intp))


def _at_least(low: float, high: float, width: float) -> tuple[float, float]:
    """Widen a span to at least ``width``, around the same middle."""
    missing = max(0.0, width - (high - low)) / 2
    return low - missing, high + missing


def span_of_most(values: npt.ArrayLike) -> tuple[float, float]:
    """Find a span that contains 99.6 % of the values, and a tenth more at each end."""
    low, high = np.quantile(np.asarray(values, dtype="float64"), [0.002, 0.998])
    margin = 0.1 * (high - low)
    return float(low - margin), float(high + margin)


def span_with(
    span: tuple[float, float], values: npt.ArrayLike, by: npt.ArrayLike
) -> tuple[float, float]:
    """Widen a span to contain the middle half of the values of each group, and a tenth more.

    Parameters
    ----------
    span
        Ends of a span that contains most values.
    values, by
        Numbers, and the group of each number.
    """
    groups = pd.Series(np.asarray(values, dtype="float64")).groupby(np.asarray(by))
    middles = groups.quantile(np.array([0.25, 0.75]))
    low, high = float(middles.min()), float(middles.max())
    margin = 0.1 * (high - low)
    return min(span[0], low - margin), max(span[1], high + margin)


def _bandwidth(x: Floats) -> float:
    q25, q75 = np.quantile(x, [0.25, 0.75])
    size = max(abs(float(x[0])), 1.0)
    # Rounding can give equal numbers a small spread.
    spreads = [s for s in (float(x.std()), float(q75 - q25) / 1.34) if s > 1e-9 * size]
    scale = min(spreads) if spreads else 1e-3 * size
    return float(0.9 * scale * len(x) ** -0.2)
