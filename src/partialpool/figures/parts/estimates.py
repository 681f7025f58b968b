"""Tables of estimates: a row per element of an effect."""

from __future__ import annotations

import pandas as pd

from partialpool.figures.parts.rows import Rows, choose_ends

#: Columns of an effects table that can label its elements, the finest first.
LABEL_COLUMNS = ("sgrna", "depmap_id", "hugo_symbol")


def effect_rows(effects: pd.DataFrame, effect: str) -> pd.DataFrame:
    """Get the estimates of one effect, with the label of each element.

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


def forest_table(
    effects: pd.DataFrame, effect: str, limit: int, n_shown: int | None = None
) -> tuple[pd.DataFrame, Rows]:
    """Order the estimates of one effect by mean; of more than ``limit``, keep the extremes.

    Parameters
    ----------
    effects
        The effects table of the fit.
    effect
        The name of the effect.
    limit, n_shown
        See ``choose_ends``.

    Returns
    -------
    tuple[pd.DataFrame, Rows]
        ``effect_rows`` of the shown elements with ``row`` (height in the figure), and the rows.
    """
    table = effect_rows(effects, effect)
    rows = choose_ends(table.set_index("label")["mean"], limit, n_shown)
    shown = table[table["label"].isin(rows.labels)]
    return shown.assign(row=rows.place(shown["label"])).sort_values("row", ascending=False), rows
