"""Simulated measurements of genes and guides, shared by three figures of predictions."""

from __future__ import annotations

import pandas as pd

from partialpool.figures.parts.densities import Floats, evenly
from partialpool.figures.parts.rows import Rows

#: Simulated values that quantiles and densities are made from, at most: more change no pixel.
MANY_VALUES = 400_000

GENE_ORDER = "Genes are ordered by their effect, lowest first."


def measured_values(predictions: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """Measured log fold changes of the genes shown.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna`` and ``value``, a row per measurement.
    """
    shown = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    return _keys(shown).assign(value=shown["real_value"].to_numpy())


def simulated_values(predictions: pd.DataFrame, screens: Floats, rows: Rows) -> pd.DataFrame:
    """Simulated log fold changes of the genes shown.

    Parameters
    ----------
    predictions
        A row per measurement.
    screens
        (screen, measurement), simulated screens in the order of ``predictions``.
    rows
        Genes to show.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna`` and ``value``, a row per simulated measurement. As many screens
        are used as keep it within ``MANY_VALUES`` rows.
    """
    is_shown = predictions["hugo_symbol"].isin(rows.labels).to_numpy()
    keys = _keys(predictions[is_shown])
    chosen = evenly(len(screens), max(1, MANY_VALUES // max(1, len(keys))))
    values = screens[chosen][:, is_shown].ravel().astype("float64")
    return pd.concat([keys] * len(chosen), ignore_index=True).assign(value=values)


def _keys(shown: pd.DataFrame) -> pd.DataFrame:
    """Gene and guide of each measurement, as categories of those that are shown."""
    keys = shown[["hugo_symbol", "sgrna"]].reset_index(drop=True)
    return keys.astype("object").astype("category")
