"""Quantiles by group, for boxes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from partialpool.figures.parts.rows import Rows, guide_rows

#: The quantiles of a box: ends of the whiskers, ends of the middle half, and the median.
QUANTILES = ("lower", "q25", "median", "q75", "upper")


def quantile_table(table: pd.DataFrame, by: Sequence[str], value: str, prob: float) -> pd.DataFrame:
    """Compute the quantiles of a column by group.

    Parameters
    ----------
    table
        Values in long form.
    by
        The columns that define the groups.
    value
        The column to summarise.
    prob
        The share of the values between ``lower`` and ``upper``.

    Returns
    -------
    pd.DataFrame
        ``by``, ``n``, ``mean``, ``lower``, ``q25``, ``median``, ``q75``, ``upper``.
    """
    groups = table.groupby(list(by), sort=False, observed=True)[value]
    probs = ((1 - prob) / 2, 0.25, 0.5, 0.75, (1 + prob) / 2)
    quantiles = {name: groups.quantile(q) for name, q in zip(QUANTILES, probs, strict=True)}
    boxes = groups.agg(n="size", mean="mean").assign(**quantiles).reset_index()
    return boxes.astype(dict.fromkeys(by, "object"))


def guide_quantiles(table: pd.DataFrame, rows: Rows, value: str, prob: float) -> pd.DataFrame:
    """Compute the quantiles of a column by guide, placed within the rows of the shown genes.

    Parameters
    ----------
    table
        A row per value, with ``hugo_symbol`` and ``sgrna``.
    rows
        The genes to show.
    value, prob
        See `quantile_table`.

    Returns
    -------
    pd.DataFrame
        A quantile table with the columns that `guide_rows` adds.
    """
    shown = table[table["hugo_symbol"].isin(rows.labels)]
    return guide_rows(quantile_table(shown, ["hugo_symbol", "sgrna"], value, prob), rows)
