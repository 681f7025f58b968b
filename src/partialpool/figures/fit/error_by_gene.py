"""Which genes does the model predict badly?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._errors import ERROR_ORDER, LARGEST, gene_errors, genes_by_error
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, zero_line
from partialpool.figures.parts.rows import Rows
from partialpool.figures.parts.words import percent, which


def tables(
    predictions: pd.DataFrame, prediction_prob: float, options: FigureOptions
) -> dict[str, Any]:
    """Quantiles of the errors of each gene, and the errors or their counts in bins."""
    rows = genes_by_error(predictions)
    errors = gene_errors(predictions, prediction_prob)
    errors = errors[errors["hugo_symbol"].isin(rows.labels)]
    few = len(predictions) <= style.MANY_POINTS
    return {
        "errors": errors.assign(row=rows.place(errors["hugo_symbol"])),
        "points": error_points(predictions, rows, options.seed) if few else None,
        "bins": None if few else error_bins(predictions, rows, options.error_bins),
        "rows": rows,
        "prob": prediction_prob,
    }


def error_points(predictions: pd.DataFrame, rows: Rows, seed: int) -> pd.DataFrame:
    """Get the errors of the shown genes, jittered in their rows: ``label``, ``error``, ``row``."""
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    jitter = np.random.default_rng(seed).uniform(-0.35, 0.35, len(table))
    return pd.DataFrame(
        {
            "label": table["hugo_symbol"].astype(str).to_numpy(),
            "error": table["error"].to_numpy(),
            "row": rows.place(table["hugo_symbol"]) + jitter,
        }
    )


def error_bins(predictions: pd.DataFrame, rows: Rows, n_bins: int) -> pd.DataFrame:
    """Count the errors of each shown gene in bins of equal width.

    Returns
    -------
    pd.DataFrame
        ``label``, ``row``, ``error`` (middle of the bin), ``width``, ``n``; bins without any error
        are left out.
    """
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    errors = table["error"].to_numpy()
    edges = np.linspace(errors.min(), errors.max(), n_bins + 1)
    parts = [
        pd.DataFrame(
            {
                "label": str(label),
                "error": (edges[1:] + edges[:-1]) / 2,
                "width": edges[1] - edges[0],
                "n": np.histogram(errors[index], edges)[0],
            }
        )
        for label, index in table.groupby("hugo_symbol", observed=True).indices.items()
    ]
    bins = pd.concat(parts, ignore_index=True)
    bins = bins[bins["n"] > 0]
    return bins.assign(row=rows.place(bins["label"]))


def draw(
    errors: pd.DataFrame,
    points: pd.DataFrame | None,
    bins: pd.DataFrame | None,
    rows: Rows,
    prob: float,
) -> p9.ggplot:
    """Draw the errors of each gene: coloured points, or counts in bins if there are many.

    Parameters
    ----------
    errors
        Quantiles by gene: ``row``, ``median``, ``lower``, ``upper``.
    points
        The result of ``error_points``, if there are few.
    bins
        The result of ``error_bins``, if there are many.
    rows
        The genes to show.
    prob
        Share of the errors between ``lower`` and ``upper``.
    """
    marks, marked = _points(points) if points is not None else _bins(bins)
    caption = (
        f"{marked} Black dot: median error. Black line: {percent(prob)} of the errors. "
        f"{ERROR_ORDER}"
    )
    return (
        p9.ggplot(errors, p9.aes(y="row"))
        + marks
        + zero_line()
        + p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row"), size=0.5)
        + p9.geom_point(p9.aes(x="median"), size=1.3)
        + by_row(
            rows,
            x=style.ERROR,
            title=f"Errors by gene: {which(rows, 'genes', LARGEST)}",
            caption=caption,
            width=7.5,
            each=0.22,
        )
    )


def _points(points: pd.DataFrame) -> tuple[list[Any], str]:
    low, high = style.SEQUENTIAL
    marks = [
        p9.geom_point(p9.aes(x="error", color="abs(error)"), points, size=0.9, alpha=0.7),
        p9.scale_color_gradient(low=low, high=high, name="size of\nthe error\n(log2 FC)"),
    ]
    return marks, "Dots: measurements, coloured by the size of the error."


def _bins(bins: pd.DataFrame | None) -> tuple[list[Any], str]:
    low, high = style.SEQUENTIAL
    marks = [
        p9.geom_tile(p9.aes(x="error", width="width", fill="n"), bins, height=0.8),
        p9.scale_fill_gradient(low=low, high=high, trans="log10", name="number of\nmeasurements"),
    ]
    return marks, "Colour: number of measurements in a bin (logarithmic scale)."


FIGURE = Figure(
    title="Errors of each gene",
    how_to_read="The errors of each gene should be around 0. If they are not, the model does not "
    "describe this gene well.",
    group="errors",
    place=10,
    tables=tables,
    draw=draw,
    drawn="answer",
)
