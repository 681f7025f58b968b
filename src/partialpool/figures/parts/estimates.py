"""Tidy tables of estimates: a row per element of an effect."""

from __future__ import annotations

import pandas as pd

from partialpool.figures.parts.rows import Rows, choose_ends

#: Columns of an effects table that label its elements; the finest that is present names it.
LABEL_COLUMNS = ("sgrna", "depmap_id", "hugo_symbol")


def effect_rows(effects: pd.DataFrame, effect: str) -> pd.DataFrame:
    """Estimates of one effect, with the ``label`` of each element and whether 0 is outside.

    Returns
    -------
    pd.DataFrame
        The rows of ``effect`` with ``label`` (guide, cell line or gene) and ``excludes_zero``
        (measurements inform the effect, and its interval lies on one side of 0).
    """
    table = effects[effects["effect"] == effect]
    column = next(name for name in LABEL_COLUMNS if table[name].notna().any())
    outside = (table["hdi_lower"] > 0) | (table["hdi_upper"] < 0)
    return table.assign(label=table[column].astype(str), excludes_zero=outside & table["informed"])


def genes_with(covariate: str, screen: pd.DataFrame, predictions: pd.DataFrame) -> list[str]:
    """Genes whose measurements inform the effect of a covariate: it varies among them.

    The effects of all other genes are what the population of genes makes them.

    Parameters
    ----------
    covariate
        Column of ``screen``.
    screen
        The modelling table.
    predictions
        A row per measurement that was fitted.
    """
    keys = ["hugo_symbol", "depmap_id"]
    values = screen[[*keys, covariate]].astype(dict.fromkeys(keys, str)).drop_duplicates()
    fitted = predictions[keys].drop_duplicates().astype(str).merge(values, on=keys)
    n_values = fitted.groupby("hugo_symbol", sort=False)[covariate].nunique()
    return list(n_values.index[n_values > 1])


def forest_table(
    effects: pd.DataFrame, effect: str, limit: int, n_shown: int | None = None
) -> tuple[pd.DataFrame, Rows]:
    """Estimates of one effect ordered by their mean, the extremes of more than ``limit``.

    Parameters
    ----------
    effects
        Effects table of the fit.
    effect
        Name of the effect.
    limit, n_shown
        As in ``choose_ends``.

    Returns
    -------
    tuple[pd.DataFrame, Rows]
        ``effect_rows`` of the elements shown with ``row`` (height in the figure), and the rows.
    """
    table = effect_rows(effects, effect)
    rows = choose_ends(table.set_index("label")["mean"], limit, n_shown)
    shown = table[table["label"].isin(rows.labels)]
    return shown.assign(row=rows.place(shown["label"])).sort_values("row", ascending=False), rows
