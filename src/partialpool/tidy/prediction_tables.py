"""Tidy tables of predictions and of made-up screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.tidy.densities import density, evenly, signed_log, span_with
from partialpool.tidy.rows import Rows, choose_ends, choose_top, guide_rows

Floats = npt.NDArray[np.float64]


#: Values that a density or a quantile is made from, at most: more changes no pixel.
MANY_VALUES = 400_000


#: Columns of a quantile table, and of the middle half within it.
QUANTILES = ("lower", "q25", "median", "q75", "upper")


def screen_densities(
    screens: Floats, measured: npt.ArrayLike, n: int, span: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Density of log fold changes in the measured and in some made-up screens.

    Parameters
    ----------
    screens
        (screen, measurement), screens that a model made.
    measured
        (measurement,).
    n
        How many of ``screens`` to show.
    span
        Range of the densities (default: of 99.6 % of the measured values, and a
        tenth beyond).

    Returns
    -------
    pd.DataFrame
        ``kind`` (``measured`` or ``replicated``), ``screen`` (0 for the measured one, others from
        1), ``value``, ``density``.
    """
    observed = np.asarray(measured, dtype="float64")
    low, high = span or _widened(observed)
    shown = screens[evenly(len(screens), n)]
    stride = max(1, shown.size // (20 * MANY_VALUES))
    parts = [
        _curve(values[::stride], (low, high)).assign(kind="replicated", screen=i + 1)
        for i, values in enumerate(shown)
    ]
    parts.append(_curve(observed, (low, high)).assign(kind="measured", screen=0))
    return pd.concat(parts, ignore_index=True)


def prior_densities(screens: Floats, measured: npt.ArrayLike, n: int) -> pd.DataFrame:
    """``screen_densities`` on the ``signed_log`` scale, which holds wide priors and data both.

    The span holds 99 % of each screen that the prior makes and a tenth beyond, so that no curve
    is cut at a height that shows, and all that was measured.
    """
    shown = signed_log(screens[evenly(len(screens), n), :: max(1, screens.shape[1] // 20_000)])
    observed = signed_log(measured)
    lows, highs = np.quantile(shown, [0.005, 0.995], axis=1)
    margin = 0.1 * (highs.max() - lows.min())
    low, high = lows.min() - margin, highs.max() + margin
    span = (float(min(low, observed.min())), float(max(high, observed.max())))
    return screen_densities(shown, observed, n, span)


def measured_and_replicated(
    predictions: pd.DataFrame, screens: Floats, rows: Rows
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measured and replicated log fold changes of the genes shown, a row per value.

    Parameters
    ----------
    predictions
        A row per measurement.
    screens
        (screen, measurement), replicated screens in the order of ``predictions``.
    rows
        The genes shown.

    Returns
    -------
    tuple[pd.DataFrame, pd.DataFrame]
        Two tables of ``hugo_symbol``, ``sgrna`` and ``value``. As many replicated screens are used
        as keep the second within ``MANY_VALUES`` rows.
    """
    shown = predictions["hugo_symbol"].isin(rows.labels).to_numpy()
    keys = predictions.loc[shown, ["hugo_symbol", "sgrna"]].reset_index(drop=True)
    keys = keys.astype({"hugo_symbol": "object", "sgrna": "object"}).astype("category")
    chosen = evenly(len(screens), max(1, MANY_VALUES // max(1, len(keys))))
    replicated = screens[chosen][:, shown].ravel().astype("float64")
    repeated = pd.concat([keys] * len(chosen), ignore_index=True)
    measured = predictions.loc[shown, "real_value"].to_numpy()
    return keys.assign(value=measured), repeated.assign(value=replicated)


def quantile_table(table: pd.DataFrame, by: Sequence[str], value: str, prob: float) -> pd.DataFrame:
    """Quantiles of a column by group: what a box shows.

    Parameters
    ----------
    table
        A row per value.
    by
        Columns that make the groups.
    value
        Column to summarise.
    prob
        Share of the values between ``lower`` and ``upper``.

    Returns
    -------
    pd.DataFrame
        ``by``, ``n``, ``mean``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    """
    groups = table.groupby(list(by), sort=False, observed=True)[value]
    probs = ((1 - prob) / 2, 0.25, 0.5, 0.75, (1 + prob) / 2)
    quantiles = {name: groups.quantile(q) for name, q in zip(QUANTILES, probs, strict=True)}
    boxes: pd.DataFrame = groups.agg(n="size", mean="mean").assign(**quantiles).reset_index()
    return boxes.astype(dict.fromkeys(by, "object"))


def mirrored_violins(
    measured: pd.DataFrame, predicted: pd.DataFrame, rows: Rows, width: float = 0.46
) -> pd.DataFrame:
    """Outlines of the densities of ``value`` by gene: measured above its row, predicted below.

    Parameters
    ----------
    measured, predicted
        ``hugo_symbol`` and ``value``.
    rows
        The genes shown.
    width
        Height of the higher of a gene's two densities, in rows.

    Returns
    -------
    pd.DataFrame
        ``label``, ``kind`` (``measured`` or ``predicted``), ``value``, ``height``, in the order of
        the outlines. The two densities of a gene have one scale. The span holds 99.6 % of what was
        measured, and the middle half of each gene.
    """
    kinds = {"measured": measured, "predicted": predicted}
    values = {kind: table["value"].to_numpy() for kind, table in kinds.items()}
    places = {
        kind: table.groupby("hugo_symbol", observed=True).indices for kind, table in kinds.items()
    }
    span = span_with(_widened(values["measured"]), values["measured"], measured["hugo_symbol"])
    parts = []
    for label, row in rows.position.items():
        curves = {kind: density(values[kind][places[kind][label]], 96, span) for kind in kinds}
        scale = width / max(float(curve.max()) for _, curve in curves.values())
        for kind, (grid, curve) in curves.items():
            side = 1 if kind == "measured" else -1
            height = row + side * scale * np.concatenate([[0.0], curve, [0.0]])
            value = np.concatenate([grid[:1], grid, grid[-1:]])
            parts.append(
                pd.DataFrame({"label": label, "kind": kind, "value": value, "height": height})
            )
    return pd.concat(parts, ignore_index=True)


def predicted_points(predictions: pd.DataFrame, rows: Rows, limit: int, seed: int) -> pd.DataFrame:
    """Different predicted means of the genes shown, jittered within their guides' rows.

    Measurements that a model can't tell apart have one prediction, which is shown once. A
    random ``limit`` of more predictions is shown.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna``, ``guide``, ``mean``, ``row``.
    """
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    different = table.drop_duplicates(["sgrna", "mean"])[["hugo_symbol", "sgrna", "mean"]]
    guides = guide_rows(different.drop_duplicates("sgrna")[["hugo_symbol", "sgrna"]], rows)
    rng = np.random.default_rng(seed)
    if len(different) > limit:
        different = different.iloc[np.sort(rng.choice(len(different), limit, replace=False))]
    points = different.astype({"sgrna": "object"}).merge(
        guides[["sgrna", "guide", "row", "half"]].astype({"sgrna": "object"}), on="sgrna"
    )
    jitter = rng.uniform(-1, 1, len(points)) * points["half"]
    return points.assign(row=points["row"] + jitter).drop(columns="half")


def guide_values(table: pd.DataFrame, rows: Rows, prob: float) -> pd.DataFrame:
    """Quantiles of each guide's ``value``, placed within the rows of the genes shown."""
    return guide_rows(quantile_table(table, ["hugo_symbol", "sgrna"], "value", prob), rows)


def panel_table(
    predictions: pd.DataFrame, n_genes: int, n_lines: int
) -> tuple[pd.DataFrame, Rows, Rows]:
    """Measurements and predictions by cell line of the genes that vary most between lines.

    Genes: largest standard deviation of the lines' mean log fold changes. Lines: lowest and
    highest mean difference from the genes' means, over all genes.

    Returns
    -------
    tuple[pd.DataFrame, Rows, Rows]
        ``predictions`` of the genes and lines shown, with ``hugo_symbol`` as ordered categorical,
        ``x`` (from 1, the place of the line, the guides of a gene side by side about it); the
        genes; the lines.
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
    """The different predictions in a panel: their means, and the intervals of a measurement."""
    columns = ["hugo_symbol", "depmap_id", "x", "mean", "hdi_lower", "hdi_upper"]
    return panel[columns].drop_duplicates()


def score_table(scores: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """How close every model's predictions are to the measurements that it was fitted to.

    Parameters
    ----------
    scores
        Fit -> record, as ``inference.scores.fit_scores`` makes it, with ``passed``.

    Returns
    -------
    pd.DataFrame
        ``model``, ``n`` (measurements), ``rmse`` (log2 fold change), ``share_inside`` (of the
        measurements inside the interval of a new measurement), ``passed`` (the sampler converged).
    """
    table = pd.DataFrame([{"model": name, **record} for name, record in scores.items()])
    names = {"n_measurements": "n", "coverage": "share_inside"}
    return table.rename(columns=names)[["model", "n", "rmse", "share_inside", "passed"]]


def comparable(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a `score_table`: fits to as many rows as most of them, and the others.

    Of two such groups the one to more rows comes first.
    """
    fits = table["n"].value_counts()
    is_most = table["n"] == fits[fits == fits.max()].index.max()
    return table[is_most], table[~is_most]


def _widened(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.002, 0.998])
    margin = 0.1 * (high - low)
    return float(low - margin), float(high + margin)


def _curve(values: Floats, span: tuple[float, float]) -> pd.DataFrame:
    grid, curve = density(values, grid_size=200, span=span)
    return pd.DataFrame({"value": grid, "density": curve})
