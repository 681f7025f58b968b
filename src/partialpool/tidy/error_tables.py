"""Tidy tables of prediction errors: by gene, by guide, by mutation status."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.tidy.densities import density, span_with
from partialpool.tidy.prediction_tables import quantile_table
from partialpool.tidy.rows import Rows, guide_rows

Floats = npt.NDArray[np.float64]


def gene_errors(predictions: pd.DataFrame, prob: float) -> pd.DataFrame:
    """Errors of each gene: their quantiles and ``rmse``, the root of their mean square."""
    table = quantile_table(predictions, ["hugo_symbol"], "error", prob)
    square = predictions["error"].pow(2).groupby(predictions["hugo_symbol"], observed=True).mean()
    return table.assign(rmse=np.sqrt(table["hugo_symbol"].map(square).astype("float64")))


def error_points(predictions: pd.DataFrame, rows: Rows, seed: int) -> pd.DataFrame:
    """Errors of the genes shown, jittered in their rows: ``label``, ``error``, ``row``."""
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
    """Count the errors of each gene shown in bins of one width.

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


def guide_errors(predictions: pd.DataFrame, rows: Rows, prob: float) -> pd.DataFrame:
    """Quantiles of each guide's errors, placed within the rows of the genes shown."""
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    return guide_rows(quantile_table(table, ["hugo_symbol", "sgrna"], "error", prob), rows)


def error_densities(predictions: pd.DataFrame, rows: Rows, height: float = 0.95) -> pd.DataFrame:
    """Densities of errors of the genes shown, over all guides and by guide.

    Parameters
    ----------
    predictions
        A row per measurement.
    rows
        The genes shown.
    height
        Of the highest density of all, in rows.

    Returns
    -------
    pd.DataFrame
        ``label``, ``guide`` (0: all guides; else the number of the guide within its gene),
        ``error``, ``base`` (height of the gene's row), ``top`` (base plus density; one scale for
        all, so that areas compare). Each curve starts and ends on its base. The span holds 99.8 %
        of the errors, and the middle half of each gene's.
    """
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    keys = table[["hugo_symbol", "sgrna"]].drop_duplicates()
    guides = guide_rows(keys.astype("object"), rows)
    errors = table["error"].to_numpy()
    low, high = np.quantile(errors, [0.001, 0.999])
    span = span_with((float(low), float(high)), errors, table["hugo_symbol"])
    by_gene = table.groupby("hugo_symbol", observed=True).indices
    by_guide = table.groupby("sgrna", observed=True).indices
    parts = [
        _error_curve(errors[by_gene[label]], span).assign(label=label, guide=0)
        for label in rows.labels
    ]
    parts += [
        _error_curve(errors[by_guide[sgrna]], span).assign(label=gene, guide=number)
        for gene, sgrna, number in zip(
            guides["hugo_symbol"], guides["sgrna"], guides["guide"], strict=True
        )
    ]
    curves = pd.concat(parts, ignore_index=True)
    base = rows.place(curves["label"])
    return curves.assign(base=base, top=base + height * curves["density"] / curves["density"].max())


def guide_disagreement(predictions: pd.DataFrame) -> pd.Series:
    """How much the guides of each gene disagree, whatever the model.

    Returns
    -------
    pd.Series
        Gene -> standard deviation (ddof = 1) of its guides' mean measured log2 fold changes.
        Genes of one guide are left out.
    """
    keys = [predictions["hugo_symbol"].astype(str), predictions["sgrna"].astype(str)]
    means = predictions["real_value"].groupby(keys).mean()
    return means.groupby("hugo_symbol").std().dropna()


def with_mutation_status(predictions: pd.DataFrame, screen: pd.DataFrame) -> pd.DataFrame:
    """Predictions with ``is_mutated``: the gene is mutated in the cell line.

    Rows whose status is not known are left out; without a column ``is_mutated`` in ``screen``
    all are.
    """
    if "is_mutated" not in screen.columns:
        return predictions.head(0).assign(is_mutated=pd.Series(dtype=bool))
    status = screen[["hugo_symbol", "depmap_id", "is_mutated"]].dropna()
    keys = ["hugo_symbol", "depmap_id"]
    status = status.astype(dict.fromkeys(keys, "object")).drop_duplicates(keys)
    table = predictions.astype(dict.fromkeys(keys, "object")).merge(status, on=keys, how="inner")
    return table.astype({"is_mutated": bool})


def mutated_measurements(predictions: pd.DataFrame) -> pd.Series:
    """Measurements of each gene where it is mutated; only genes that have some of either."""
    n = predictions.groupby("hugo_symbol", observed=True)["is_mutated"].agg(["sum", "size"])
    return n.loc[(n["sum"] > 0) & (n["sum"] < n["size"]), "sum"]


def mutation_errors(predictions: pd.DataFrame, rows: Rows, prob: float) -> pd.DataFrame:
    """Quantiles of errors by guide and mutation status of the genes shown.

    Returns
    -------
    pd.DataFrame
        A quantile table of ``hugo_symbol`` (ordered categorical, as in ``rows``), ``sgrna``,
        ``guide``, ``is_mutated`` with ``status`` (mutated or wild type) and ``x``: the number of
        the guide, mutated measurements to its right and the others to its left.
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
    """Errors where the gene is mutated, jittered about their boxes; a random ``limit`` of more.

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


def _error_curve(errors: Floats, span: tuple[float, float]) -> pd.DataFrame:
    grid, curve = density(errors, grid_size=100, span=span)
    ends = {"error": np.concatenate([grid[:1], grid, grid[-1:]])}
    return pd.DataFrame(ends | {"density": np.concatenate([[0.0], curve, [0.0]])})
