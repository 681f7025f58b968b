"""Simulated measurements of genes and guides, for several figures of predictions."""

from __future__ import annotations

import pandas as pd

from partialpool.figures.parts.densities import Floats, evenly
from partialpool.figures.parts.rows import Rows

#: The maximum number of simulated values for quantiles and densities. More change no pixel.
MANY_VALUES = 400_000

GENE_ORDER = "Genes are ordered by their effect, lowest first."


def measured_values(predictions: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """Get the measured log fold changes of the shown genes.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna`` and ``value``, a row per measurement.
    """
    shown = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    return _keys(shown).assign(value=shown["real_value"].to_numpy())


def simulated_values(predictions: pd.DataFrame, screens: Floats, rows: Rows) -> pd.DataFrame:
    """Get the simulated log fold changes of the shown genes.

    Parameters
    ----------
    predictions
        A row per measurement.
    screens
        Simulated screens as (screen, measurement), in the order of ``predictions``.
    rows
        The genes to show.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna`` and ``value``, a row per simulated measurement. Only so many
        screens are used that there are at most ``MANY_VALUES`` rows.
    """
    is_shown = predictions["hugo_symbol"].isin(rows.labels).to_numpy()
    keys = _keys(predictions[is_shown])
    chosen = evenly(len(screens), max(1, MANY_VALUES // max(1, len(keys))))
    values = screens[chosen][:, is_shown].ravel().astype("float64")
    return pd.concat([keys] * len(chosen), ignore_index=True).assign(value=values)


def _keys(shown: pd.DataFrame) -> pd.DataFrame:
    """Get the gene and guide of each measurement as categories."""
    keys = shown[["hugo_symbol", "sgrna"]].reset_index(drop=True)
    return keys.astype("object").astype("category")
