"""Box plots of log fold changes, from quantiles."""

from __future__ import annotations

import pandas as pd

#: The quantiles of a box plot: whiskers, box, median.
BOX_QUANTILES = {"low": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "high": 0.99}
#: The caption of a box.
BOX = "Box: middle half of the measurements. Line: median. Whiskers: 1st to 99th percentile"


def boxes(table: pd.DataFrame, by: str, value: str = "lfc") -> pd.DataFrame:
    """Summarise ``value`` by group.

    Parameters
    ----------
    table
        A row per measurement.
    by
        Column with the groups, such as ``hugo_symbol``.
    value
        Numeric column; missing values are left out.

    Returns
    -------
    pd.DataFrame
        A row per group, lowest median first: ``by``, ``n``, and the quantiles of
        ``BOX_QUANTILES``: ``low`` (1 %), ``q25``, ``median``, ``q75``, ``high`` (99 %).
    """
    groups = table.dropna(subset=[by, value]).groupby(by, observed=True, sort=False)[value]
    quantiles = {name: groups.quantile(probability) for name, probability in BOX_QUANTILES.items()}
    summary = pd.DataFrame({"n": groups.size(), **quantiles})
    summary = summary.sort_values("median", kind="stable").reset_index()
    return summary.assign(**{by: summary[by].astype(str)})


def in_order(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Keep the order of the labels of a column on an axis."""
    return table.assign(**{column: pd.Categorical(table[column], list(table[column]))})
