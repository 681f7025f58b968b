"""Summaries of the modelling table that figures and the report share."""

from __future__ import annotations

import pandas as pd

from partialpool.screen import has_no_lineage

#: Labels that are numbers in some tables.
NUMBERED = ("pdna_batch",)


def has_values(table: pd.DataFrame, column: str) -> bool:
    """Whether ``table`` has ``column``, with at least one value."""
    return column in table.columns and bool(table[column].notna().any())


def describe(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise the numeric columns, and batches if they are numbers.

    Parameters
    ----------
    table
        Any table. Booleans and text are left out.

    Returns
    -------
    pd.DataFrame
        A row per numeric column: ``column``, ``count`` (values that are not missing), ``mean``,
        ``std`` (ddof = 1), ``min``, ``q25``, ``median``, ``q75``, ``max``, in the column's unit.
    """
    batches = {name: _numbers(table[name]) for name in NUMBERED if name in table}
    known = {name: numbers for name, numbers in batches.items() if numbers is not None}
    numbers = table.assign(**known).select_dtypes("number").astype("float64")
    if numbers.empty and not len(numbers.columns):
        return pd.DataFrame(
            columns=["column", "count", "mean", "std", "min", "q25", "median", "q75", "max"]
        )
    summary = numbers.describe().T.rename(columns={"25%": "q25", "50%": "median", "75%": "q75"})
    summary["count"] = summary["count"].astype("int64")
    return summary.rename_axis("column").reset_index()


def lineages(table: pd.DataFrame) -> dict[str, str]:
    """Look up the lineage of each cell line: the first one in the table.

    Returns
    -------
    dict[str, str]
        Cell line -> lineage. A line is left out if its lineage is missing or ``unknown``.
    """
    if not has_values(table, "lineage"):
        return {}
    pairs = table[["depmap_id", "lineage"]].drop_duplicates()
    known = pairs[~has_no_lineage(pairs["lineage"])].astype(str).drop_duplicates("depmap_id")
    return dict(zip(known["depmap_id"], known["lineage"], strict=True))


def _numbers(labels: pd.Series) -> pd.Series | None:
    """Convert labels to numbers, if all of them are numbers."""
    numbers = pd.to_numeric(labels, errors="coerce")
    return numbers if labels.notna().any() and numbers.notna().equals(labels.notna()) else None
